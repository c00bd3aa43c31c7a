//! Text within a paragraph of an OpenDocument file.

use super::super::Result;
use super::super::xml::{Node, Visit, Xml};
use super::styles::Styles;

/// The most spaces that one element may stand for.
const MAX_SPACES: usize = 100;

/// What is anchored in paragraphs, and what was left out.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) hidden_characters: usize,
    /// Footnotes and endnotes with their marks.
    pub(super) notes: Vec<(String, String)>,
    pub(super) endnotes: Vec<(String, String)>,
    /// Comments with their authors.
    pub(super) comments: Vec<(String, String)>,
    /// Text in boxes, of the paragraphs read last.
    pub(super) boxes: Vec<String>,
}

/// Reads paragraphs.
pub(super) struct Inline<'a> {
    pub(super) styles: &'a Styles,
    pub(super) seen: Seen,
}

/// The text of the element that started last, without regard to styles and to what is anchored in it.
pub(in super::super) fn inline_text(xml: &mut Xml) -> Result<String> {
    let styles = Styles::default();
    Inline { styles: &styles, seen: Seen::default() }.paragraph(xml, false)
}

impl Inline<'_> {
    /// The text up to the end of the paragraph that started last.
    pub(super) fn paragraph(&mut self, xml: &mut Xml, hidden: bool) -> Result<String> {
        let mut text = String::new();
        self.inside(xml, &mut text, hidden)?;
        Ok(text.trim_matches([' ', '\n']).to_owned())
    }

    fn inside(&mut self, xml: &mut Xml, text: &mut String, hidden: bool) -> Result<()> {
        xml.content(|node, xml| {
            let element = match node {
                Node::Start(element) => element,
                Node::Text(piece) => {
                    self.push(text, piece, hidden);
                    return Ok(Visit::Inside);
                }
                Node::End => return Ok(Visit::Inside),
            };
            match element.name() {
                "s" => {
                    let count = element.number("c").unwrap_or(1).min(MAX_SPACES);
                    text.extend(std::iter::repeat_n(' ', if hidden { 0 } else { count }));
                }
                "tab" if !hidden => text.push('\t'),
                "line-break" if !hidden => text.push('\n'),
                "span" => {
                    let style = element.attribute("style-name");
                    let hidden = hidden || self.styles.hides(style.as_deref());
                    self.inside(xml, text, hidden)?;
                    return Ok(Visit::Done);
                }
                "note" => {
                    let endnote = element.attribute("note-class").as_deref() == Some("endnote");
                    let note = self.note(xml)?;
                    if endnote { &mut self.seen.endnotes } else { &mut self.seen.notes }.push(note);
                    return Ok(Visit::Done);
                }
                "annotation" => {
                    let comment = self.comment(xml)?;
                    self.seen.comments.push(comment);
                    return Ok(Visit::Done);
                }
                "frame" | "custom-shape" | "rect" | "ellipse" | "g" | "text-box" => {
                    let paragraphs = self.paragraphs(xml)?;
                    self.seen.boxes.extend(paragraphs);
                    return Ok(Visit::Done);
                }
                "hidden-text" | "hidden-paragraph" => {
                    self.inside(xml, text, true)?;
                    return Ok(Visit::Done);
                }
                // The reading of ruby text, names of pictures, formatted numbers that are computed again.
                "ruby-text" | "title" | "desc" | "object" | "script" | "number" | "event-listeners" => {
                    return Ok(Visit::Skip);
                }
                _ => {}
            }
            Ok(Visit::Inside)
        })
    }

    /// Adds text whose white space counts as one space.
    fn push(&mut self, text: &mut String, piece: &str, hidden: bool) {
        if hidden {
            self.seen.hidden_characters += piece.chars().count();
            return;
        }
        for character in piece.chars() {
            if !matches!(character, ' ' | '\t' | '\n' | '\r') {
                text.push(character);
            } else if !text.is_empty() && !text.ends_with([' ', '\t', '\n']) {
                text.push(' ');
            }
        }
    }

    /// The paragraphs inside the element that started last.
    pub(super) fn paragraphs(&mut self, xml: &mut Xml) -> Result<Vec<String>> {
        let mut paragraphs = Vec::new();
        xml.descendants(|element, xml| match element.name() {
            "p" | "h" => {
                let hidden = self.styles.hides(element.attribute("style-name").as_deref());
                let text = self.paragraph(xml, hidden)?;
                paragraphs.extend(Some(text).filter(|text| !text.is_empty()));
                Ok(Visit::Done)
            }
            "title" | "desc" | "object" => Ok(Visit::Skip),
            _ => Ok(Visit::Inside),
        })?;
        Ok(paragraphs)
    }

    /// A footnote or endnote: its mark and its text.
    fn note(&mut self, xml: &mut Xml) -> Result<(String, String)> {
        let mut mark = String::new();
        let mut body = Vec::new();
        xml.descendants(|element, xml| {
            match element.name() {
                "note-citation" => mark = xml.text()?,
                "note-body" => body = self.paragraphs(xml)?,
                _ => return Ok(Visit::Inside),
            }
            Ok(Visit::Done)
        })?;
        Ok((mark.trim().to_owned(), body.join("\n")))
    }

    /// A comment: its author and its text.
    fn comment(&mut self, xml: &mut Xml) -> Result<(String, String)> {
        let mut author = String::new();
        let mut paragraphs = Vec::new();
        xml.descendants(|element, xml| {
            match element.name() {
                "creator" => author = xml.text()?,
                "date" | "date-string" | "creator-initials" => return Ok(Visit::Skip),
                "p" => paragraphs.push(self.paragraph(xml, false)?),
                _ => return Ok(Visit::Inside),
            }
            Ok(Visit::Done)
        })?;
        Ok((author.trim().to_owned(), paragraphs.join("\n")))
    }
}
