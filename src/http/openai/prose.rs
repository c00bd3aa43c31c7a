//! An answer as a chat message: Markdown with footnote marks and a list of the sources.
//!
//! Text from documents stays text: see [`inert`](super::inert).

use std::fmt::Write as _;

use serde::Serialize;
use utoipa::ToSchema;

use super::inert::{at_line_start, destination, inert, title};
use crate::display::one_line;
use crate::links::Links;
use crate::notices::{Notices, Remarks};
use crate::passage::{Answer, AnswerSentence, Citation, Disagreement, Mode, Notice, Reason, Span, Verdict};

/// A footnote mark in a message, and the document that it cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in super::super) struct Annotation {
    #[schema(example = "url_citation")]
    r#type: &'static str,
    pub(super) url_citation: UrlCitation,
    /// The number in the mark.
    #[serde(skip)]
    pub(super) citation: usize,
}

/// A cited document, and where the message cites it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in super::super) struct UrlCitation {
    /// The first character of the footnote mark in the message.
    pub(super) start_index: usize,
    /// One past the last character of the footnote mark.
    end_index: usize,
    /// The document's title.
    title: String,
    /// The document's own web address, or its page on this server at the quote.
    url: String,
}

/// A message in pieces.
#[derive(Debug, Default)]
pub(in super::super) struct Prose {
    /// Joined, they are the message.
    pub(in super::super) pieces: Vec<String>,
    pub(super) annotations: Vec<Annotation>,
    chars: usize,
    /// What the last sentence was; `None` before the first.
    last: Option<Last>,
}

/// What a sentence stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Row,
    /// A translation, with its original in a paragraph of its own.
    Translation,
    Other,
}

impl Prose {
    /// The message of an answer.
    #[cfg(test)]
    pub(super) fn of(answer: &Answer, links: &Links, collection: &str) -> Self {
        let mut prose = Self::default();
        for (place, sentence) in answer.sentences.iter().enumerate() {
            if let Some(part) = answer.parts.iter().find(|part| part.sentences.0 == place && part.sentences.1 > place) {
                prose.part(&part.label);
            }
            prose.sentence(sentence, &answer.citations, links, collection);
        }
        prose.end(answer, Some("en"), links, collection);
        prose
    }

    /// Begins the part of an answer with this label.
    pub(super) fn part(&mut self, label: &str) {
        let gap = if self.last.is_some() { "\n\n" } else { "" };
        self.say(format!("{gap}**{}**\n\n", inert(label)));
        self.last = None;
    }

    /// Adds a sentence of an answer with these citations.
    pub(super) fn sentence(
        &mut self,
        sentence: &AnswerSentence,
        citations: &[Citation],
        links: &Links,
        collection: &str,
    ) {
        let (space, words) = match self.last {
            None => ("", at_line_start(&sentence.text)),
            Some(Last::Translation) => ("\n\n", at_line_start(&sentence.text)),
            // Two spaces make Markdown keep the line break.
            Some(Last::Row) if sentence.is_row => ("  \n", at_line_start(&sentence.text)),
            Some(_) => (" ", inert(&sentence.text)),
        };
        self.say(format!("{space}{words}"));
        for citation in sentence.citations.iter().filter_map(|id| citations.get(id - 1)) {
            self.mark(citation, &links.passage(collection, &citation.passage));
        }
        if let Some(verdict) = sentence.verdict.filter(|verdict| *verdict != Verdict::Supported) {
            self.say(format!(" (⚠ {})", verdict.as_str()));
        }
        self.last = Some(match &sentence.original {
            Some(original) => {
                self.say(format!("\n\n> {}", at_line_start(original)));
                Last::Translation
            }
            None if sentence.is_row => Last::Row,
            None => Last::Other,
        });
    }

    /// Adds what follows the sentences of an answer: its notice, where the sources differ, and the list of them. `language`
    /// is that of the person who asks.
    pub(super) fn end(&mut self, answer: &Answer, language: Option<&str>, links: &Links, collection: &str) {
        let prose = self;
        let (remarks, _) = Remarks::in_language(language);
        let url = |citation: &Citation| links.passage(collection, &citation.passage);
        let cited: Vec<(&Citation, String)> =
            answer.citations.iter().map(|citation| (citation, url(citation))).collect();
        let speaks = !answer.sentences.is_empty();
        let is_told = |notice: &&Notice| answer.mode != Mode::Passages || notice.reason != Reason::Unanswered;
        if let Some(notice) = answer.notice.as_ref().filter(is_told) {
            // It may quote names of the question.
            prose.say(format!("{}{}", if speaks { "\n\n" } else { "" }, inert(&notice.text)));
            if notice.reason == Reason::Unanswered && !cited.is_empty() {
                let nearest = &Notices::in_language(&notice.language).nearest;
                prose.say(format!("{}{nearest}", notice.space()));
            }
        }
        for Disagreement { values, .. } in &answer.differences {
            prose.say(format!("\n\n{}\n", remarks.differ));
            for value in values {
                let older = if value.is_older { format!(" ({})", remarks.older) } else { String::new() };
                prose.say(format!("\n- {}", at_line_start(&value.value)));
                let cited = value.citation.checked_sub(1).and_then(|at| cited.get(at));
                if let Some((citation, url)) = cited {
                    prose.mark(citation, url);
                    prose.say(origin(citation));
                }
                prose.say(older);
            }
        }
        for note in &answer.notes {
            prose.say(format!("\n\n{}", inert(&note.text)));
        }
        let differs = || answer.differences.iter().flat_map(|difference| &difference.values);
        let used = |citation: &Citation| {
            !speaks
                || answer.sentences.iter().any(|sentence| sentence.citations.contains(&citation.id))
                || differs().any(|value| value.citation == citation.id)
        };
        for (place, (citation, url)) in cited.iter().filter(|(citation, _)| used(citation)).enumerate() {
            prose.say(
                if place > 0 {
                    "\n"
                } else if prose.chars > 0 {
                    "\n\n"
                } else {
                    ""
                }
                .to_owned()
                    + "- ",
            );
            prose.mark(citation, url);
            let quote = if speaks { String::new() } else { format!(" {}", inert(&citation.passage.quote.text)) };
            prose.say(format!("{quote} {}", reference(citation, url)));
        }
    }

    /// A message that cites nothing.
    pub(super) fn plain(text: String) -> Self {
        let chars = text.chars().count();
        Self { pieces: vec![text], annotations: Vec::new(), chars, last: None }
    }

    /// The message.
    pub(in super::super) fn text(&self) -> String {
        self.pieces.concat()
    }

    /// Cuts it to so many characters.
    pub(super) fn truncate(&mut self, chars: usize) {
        let mut left = chars;
        for piece in &mut self.pieces {
            let end = piece.char_indices().nth(left).map_or(piece.len(), |(end, _)| end);
            piece.truncate(end);
            left -= piece.chars().count();
        }
        self.pieces.retain(|piece| !piece.is_empty());
        self.annotations.retain(|annotation| annotation.url_citation.end_index <= chars);
        self.chars = self.chars.min(chars);
    }

    fn say(&mut self, piece: String) {
        self.chars += piece.chars().count();
        self.pieces.push(piece);
    }

    /// Adds a footnote mark to the last piece, and its annotation.
    fn mark(&mut self, citation: &Citation, url: &str) {
        let mark = format!("[{}]", citation.id);
        let span = Span::new(self.chars, self.chars + mark.len());
        self.chars = span.end;
        match self.pieces.last_mut() {
            Some(piece) => piece.push_str(&mark),
            None => self.pieces.push(mark),
        }
        self.annotations.push(Annotation {
            r#type: "url_citation",
            url_citation: UrlCitation {
                start_index: span.start,
                end_index: span.end,
                title: one_line(&citation.passage.document.title),
                url: url.to_owned(),
            },
            citation: citation.id,
        });
    }
}

/// The source and the date of a document, behind a value.
fn origin(citation: &Citation) -> String {
    let document = &citation.passage.document;
    let known: Vec<String> =
        [&document.source, &document.published].into_iter().flatten().map(|one| inert(one)).collect();
    if known.is_empty() { String::new() } else { format!(" — {}", known.join(", ")) }
}

/// A document as a footnote names it: its title as a link, the place of the quote, its source and its date.
fn reference(citation: &Citation, url: &str) -> String {
    let document = &citation.passage.document;
    let mut reference = format!("[{}]({})", title(&document.title), destination(url));
    let place = citation.passage.place_label();
    for more in [&place, &document.source, &document.published].into_iter().flatten() {
        // Writing to a string cannot fail.
        let _ = write!(reference, ", {}", inert(more));
    }
    if let Some(copies) = citation.passage.copies_label() {
        let _ = write!(reference, " ({})", inert(&copies));
    }
    reference
}

#[cfg(test)]
mod tests {
    use super::super::super::schema::examples;
    use super::*;

    fn links() -> Links {
        Links::below("http://localhost")
    }

    #[test]
    fn an_answer_is_followed_by_its_sources() {
        let answer = examples::plain_answer();
        let prose = Prose::of(&answer, &links(), "default");
        let text = prose.text();
        let (said, list) = text.split_once("\n\n").unwrap();
        assert!(said.ends_with("[1]") && list.starts_with("- [1] ["), "{text}");
        let chars: Vec<char> = text.chars().collect();
        assert_eq!(prose.annotations.len(), 2, "one in the text, one in the list");
        for annotation in &prose.annotations {
            let UrlCitation { start_index, end_index, url, .. } = &annotation.url_citation;
            assert_eq!(chars[*start_index..*end_index].iter().collect::<String>(), "[1]");
            assert!(url.starts_with("http"), "{url}");
        }
    }

    #[test]
    fn parts_have_labels_and_what_differs_is_told_in_the_language_of_the_question() {
        use crate::passage::{AnswerPart, DisagreeingValue, DisagreementKind};
        let mut answer = examples::plain_answer();
        let part = |label: &str, sentences| AnswerPart {
            label: label.into(),
            question: String::new(),
            answerable: sentences == (0, 1),
            confidence: 0.9,
            missing: Vec::new(),
            sentences,
        };
        answer.parts = vec![part("ECB", (0, 0)), part("B*O*J", (0, 1))];
        let value = |is_older| DisagreeingValue { value: "1 %".into(), text: "1 %".into(), citation: 1, is_older };
        let values = vec![value(false), value(true)];
        answer.differences = vec![Disagreement { kind: DisagreementKind::Number, values }];
        let text = Prose::of(&answer, &links(), "default").text();
        assert!(text.starts_with("**B\\*O\\*J**\n\n"), "{text}");
        assert!(text.contains("\n\nThe sources differ:\n\n- 1 %[1]") && text.contains(" (older)"), "{text}");
        let mut prose = Prose::default();
        prose.end(&answer, Some("zh-Hant"), &links(), "default");
        assert!(prose.text().contains("各來源說法不一：\n") && prose.text().contains(" (較舊)"), "{}", prose.text());
    }

    #[test]
    fn a_notice_introduces_the_nearest_passages_if_there_are_any() {
        let mut answer = examples::plain_answer();
        (answer.text, answer.answerable) = (String::new(), false);
        answer.sentences.clear();
        for (language, said, nearest) in [
            ("en", "No answer.", "No answer. The nearest passages:\n\n- [1] "),
            ("zh-Hant", "沒有答案。", "沒有答案。最接近的段落：\n\n- [1] "),
            ("de", "Keine Antwort.", "Keine Antwort. Die nächstliegenden Textstellen:\n\n- [1] "),
        ] {
            let notice = Notice { reason: Reason::Unanswered, language: language.into(), text: said.into() };
            answer.notice = Some(notice);
            assert!(Prose::of(&answer, &links(), "default").text().starts_with(nearest));
            let alone = Answer { citations: Vec::new(), ..answer.clone() };
            assert_eq!(Prose::of(&alone, &links(), "default").text(), said);
        }
    }

    #[test]
    fn a_message_has_no_control_or_hidden_character_of_a_document() {
        let mut answer = examples::plain_answer();
        let hostile = "a\u{1b}]52;c;x\u{7}b\u{9b}c\u{202e}d\u{e0041}\u{e0042}";
        answer.sentences[0].text = hostile.into();
        let passage = &mut answer.citations[0].passage;
        (passage.document.title, passage.document.source) = (hostile.into(), Some(hostile.into()));
        passage.document.uri = Some("https://e.example/\u{202e}gpj".into());
        let prose = Prose::of(&answer, &links(), "default");
        let text = format!("{} {}", prose.text(), serde_json::to_string(&prose.annotations).unwrap());
        let hidden = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{e0000}'..='\u{e007f}');
        assert!(!text.contains(hidden), "{text:?}");
        assert!(text.contains("](http://localhost/documents/"), "{text}");
    }
}
