//! Reads OpenDocument texts (ODT).

use std::collections::HashMap;

use super::super::Result;
use super::super::flow::{Flow, Table, TableCell};
use super::super::xml::{Element, Visit, Xml};
use super::inline::{Inline, Seen};
use super::styles::{Counters, ListStyle, Styles};

/// The most columns that a repeated cell of a text's table stands for.
const MAX_REPEATED: u32 = 100;

/// Reads the body of a text.
pub(super) struct Text<'a> {
    styles: &'a Styles,
    inline: Inline<'a>,
    flow: &'a mut Flow,
    headings: Counters,
    /// How far lists are counted that others may continue.
    lists: HashMap<String, Counters>,
    last_list: Counters,
    /// Entries of indexes, which are left out.
    pub(super) indexes: usize,
    /// The first paragraph of the style Title.
    pub(super) title: Option<String>,
}

/// A list that is being read.
struct List<'s> {
    style: Option<&'s ListStyle>,
    counters: Counters,
    /// From 0.
    level: usize,
}

impl<'a> Text<'a> {
    pub(super) fn new(styles: &'a Styles, flow: &'a mut Flow) -> Self {
        Self {
            styles,
            inline: Inline { styles, seen: Seen::default() },
            flow,
            headings: Counters::default(),
            lists: HashMap::new(),
            last_list: Counters::default(),
            indexes: 0,
            title: None,
        }
    }

    /// Reads the element that started last, then adds the notes. Gives what was seen.
    pub(super) fn read(mut self, xml: &mut Xml) -> Result<(Seen, usize, Option<String>)> {
        self.blocks(xml)?;
        let seen = self.inline.seen;
        for (mark, text) in seen.notes.iter().chain(&seen.endnotes) {
            self.flow.note(mark, text)?;
        }
        for (author, text) in &seen.comments {
            let mark = if author.is_empty() { "comment".to_owned() } else { format!("comment by {author}") };
            self.flow.note(&mark, text)?;
        }
        Ok((seen, self.indexes, self.title))
    }

    fn blocks(&mut self, xml: &mut Xml) -> Result<()> {
        xml.descendants(|element, xml| {
            match element.name() {
                "p" => self.paragraph(element, xml)?,
                "h" => self.heading(element, xml)?,
                "list" => self.list(element, xml, None)?,
                "table" => {
                    let table = self.table(xml)?;
                    self.flow.table(table)?;
                    self.flush_boxes()?;
                }
                "section" if element.attribute("display").is_some_and(|display| display != "true") => {
                    self.inline.seen.hidden_characters += xml.text()?.trim().chars().count();
                }
                "table-of-content" | "alphabetical-index" | "illustration-index" | "table-index" | "object-index" => {
                    self.indexes += 1;
                    return Ok(Visit::Skip);
                }
                "frame" | "custom-shape" => {
                    for text in self.inline.paragraphs(xml)? {
                        self.flow.paragraph(&text)?;
                    }
                }
                "tracked-changes" | "forms" | "sequence-decls" | "variable-decls" | "user-field-decls" => {
                    return Ok(Visit::Skip);
                }
                _ => return Ok(Visit::Inside),
            }
            Ok(Visit::Done)
        })
    }

    fn text(&mut self, element: &Element, xml: &mut Xml) -> Result<String> {
        let hidden = self.styles.hides(element.attribute("style-name").as_deref());
        self.inline.paragraph(xml, hidden)
    }

    fn paragraph(&mut self, element: &Element, xml: &mut Xml) -> Result<()> {
        let text = self.text(element, xml)?;
        let style = element.attribute("style-name");
        if !text.is_empty() && self.title.is_none() && self.styles.rests_on(style.as_deref(), "Title") {
            self.title = Some(text.split_whitespace().collect::<Vec<_>>().join(" "));
            self.flow.heading(1, &text)?;
        } else {
            self.flow.paragraph(&text)?;
        }
        self.flush_boxes()
    }

    fn heading(&mut self, element: &Element, xml: &mut Xml) -> Result<()> {
        let level = element.number("outline-level").unwrap_or(1_usize).max(1);
        let text = self.text(element, xml)?;
        if !text.is_empty() {
            let counted = !element.flag("is-list-header");
            let start = if element.flag("restart-numbering") { element.number("start-value") } else { None };
            let label = match counted {
                true => self.styles.outline.next(level - 1, start, &mut self.headings),
                false => String::new(),
            };
            self.flow.heading(level, &(label + &text))?;
        }
        self.flush_boxes()
    }

    /// Adds what stands in the boxes of the last paragraph.
    fn flush_boxes(&mut self) -> Result<()> {
        for text in std::mem::take(&mut self.inline.seen.boxes) {
            self.flow.paragraph(&text)?;
        }
        Ok(())
    }

    /// Reads a list; `outer` is the one it is in.
    fn list(&mut self, element: &Element, xml: &mut Xml, outer: Option<&mut List<'a>>) -> Result<()> {
        let styles = self.styles;
        let named = element.attribute("style-name").and_then(|name| styles.list(&name));
        if let Some(outer) = outer {
            outer.level += 1;
            let before = outer.style;
            outer.style = named.or(before);
            self.items(xml, outer)?;
            outer.style = before;
            outer.level -= 1;
            return Ok(());
        }
        let continued = element.attribute("continue-list").and_then(|id| self.lists.get(&id).cloned());
        let counters = match continued {
            Some(counters) => counters,
            None if element.flag("continue-numbering") => self.last_list.clone(),
            None => Counters::default(),
        };
        let mut list = List { style: named, counters, level: 0 };
        self.items(xml, &mut list)?;
        if let Some(id) = element.attribute("id") {
            self.lists.insert(id, list.counters.clone());
        }
        self.last_list = list.counters;
        Ok(())
    }

    fn items(&mut self, xml: &mut Xml, list: &mut List<'a>) -> Result<()> {
        let mut label = Some((false, None));
        xml.descendants(|element, xml| {
            match element.name() {
                "list-item" => label = Some((true, element.number("start-value"))),
                "list-header" => label = Some((false, None)),
                "list" => {
                    self.list(element, xml, Some(list))?;
                    label = Some((false, None));
                    return Ok(Visit::Done);
                }
                "p" => {
                    let text = self.text(element, xml)?;
                    let style = element.attribute("style-name");
                    let numbering = list.style.or_else(|| self.styles.list_of(style.as_deref()));
                    // Only the first paragraph of an item has a label.
                    let label = match label.replace((false, None)) {
                        Some((true, start)) => numbering
                            .map_or_else(|| "- ".to_owned(), |style| style.next(list.level, start, &mut list.counters)),
                        _ => String::new(),
                    };
                    if !text.is_empty() {
                        self.flow.item(&(label + &text))?;
                    }
                    self.flush_boxes()?;
                    return Ok(Visit::Done);
                }
                "h" => {
                    self.heading(element, xml)?;
                    return Ok(Visit::Done);
                }
                _ => {}
            }
            Ok(Visit::Inside)
        })
    }

    /// Reads a table; those inside its cells become paragraphs of the cells.
    fn table(&mut self, xml: &mut Xml) -> Result<Table> {
        read_table(&mut self.inline, xml)
    }
}

/// Reads the table that started last.
pub(super) fn read_table(inline: &mut Inline, xml: &mut Xml) -> Result<Table> {
    let mut table = Table::default();
    let (mut row, mut column) = (0_u32, 1_u32);
    let mut header_until = 0;
    xml.descendants(|element, xml| {
        match element.name() {
            "table-header-rows" => header_until = 1,
            "table-rows" => header_until = 0,
            "table-row" => {
                row = row.saturating_add(1);
                column = 1;
                table.rows = row;
            }
            "table-cell" | "covered-table-cell" => {
                let repeated = element.number("number-columns-repeated").unwrap_or(1_u32).clamp(1, MAX_REPEATED);
                let span = |name| element.number(name).unwrap_or(1_u32).max(1);
                let (columns, rows) = (span("number-columns-spanned").min(MAX_REPEATED), span("number-rows-spanned"));
                let covered = element.name() == "covered-table-cell";
                let paragraphs = inline.paragraphs(xml)?;
                if !covered && !paragraphs.is_empty() {
                    table.push(TableCell { row, column, columns, rows, paragraphs });
                }
                column = column.saturating_add(repeated);
                return Ok(Visit::Done);
            }
            _ => {}
        }
        if element.name() == "table-row" && header_until > 0 {
            table.header_rows = row.min(1);
        }
        Ok(Visit::Inside)
    })?;
    Ok(table)
}
