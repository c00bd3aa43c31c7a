//! Walks through the text of a Word file.

use super::super::Result;
use super::super::flow::{Flow, Table, TableCell};
use super::super::xml::{Node, Visit, Xml};
use super::numbering::Numbering;
use super::styles::{self, Properties, Styles};

/// More columns than Word allows in a table.
const MAX_COLUMNS: u32 = 100;

/// A block of text.
#[derive(Debug)]
pub(super) enum Block {
    Heading(usize, String),
    Paragraph(String),
    Item(String),
    Table(Table),
}

impl Block {
    /// Its text as paragraphs.
    pub(super) fn into_paragraphs(self) -> Vec<String> {
        match self {
            Self::Heading(_, text) | Self::Paragraph(text) | Self::Item(text) => vec![text],
            Self::Table(table) => table.into_paragraphs(),
        }
    }

    /// Adds it to a text.
    pub(super) fn write(self, flow: &mut Flow) -> Result<()> {
        match self {
            Self::Heading(level, text) => flow.heading(level, &text),
            Self::Paragraph(text) => flow.paragraph(&text),
            Self::Item(text) => flow.item(&text),
            Self::Table(table) => flow.table(table),
        }
    }
}

/// What was seen and left out.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) hidden_characters: usize,
    pub(super) deleted_characters: usize,
    pub(super) contents_entries: usize,
    /// Ids of relations to whole documents that are embedded.
    pub(super) chunks: Vec<String>,
    /// Ids of footnotes in the order of their marks.
    pub(super) footnotes: Vec<String>,
    pub(super) endnotes: Vec<String>,
    /// The first paragraph of the style Title.
    pub(super) title: Option<String>,
}

/// Reads blocks; one reader serves all parts, so that lists are counted on.
pub(super) struct Body<'a> {
    pub(super) styles: &'a Styles,
    pub(super) numbering: &'a mut Numbering,
    pub(super) seen: Seen,
}

/// A paragraph that is being read.
#[derive(Default)]
struct Paragraph {
    properties: Properties,
    text: String,
    /// What stands in text boxes that are anchored in it.
    boxes: Vec<Block>,
}

impl Body<'_> {
    /// Reads blocks up to the end of the element that started last.
    pub(super) fn blocks(&mut self, xml: &mut Xml) -> Result<Vec<Block>> {
        let mut blocks = Vec::new();
        let mut joined = String::new();
        xml.descendants(|element, xml| {
            match element.name() {
                "p" => self.paragraph(xml, &mut joined, &mut blocks)?,
                "tbl" => blocks.push(Block::Table(self.table(xml)?)),
                "del" | "moveFrom" => self.deleted(xml)?,
                "altChunk" => {
                    self.seen.chunks.extend(element.attribute("id"));
                    return Ok(Visit::Skip);
                }
                "sdtPr" | "sdtEndPr" | "sectPr" | "Fallback" => return Ok(Visit::Skip),
                _ => return Ok(Visit::Inside),
            }
            Ok(Visit::Done)
        })?;
        if !joined.is_empty() {
            blocks.push(Block::Paragraph(joined));
        }
        Ok(blocks)
    }

    fn paragraph(&mut self, xml: &mut Xml, joined: &mut String, blocks: &mut Vec<Block>) -> Result<()> {
        let mut paragraph = Paragraph { text: std::mem::take(joined), ..Paragraph::default() };
        self.inline(xml, &mut paragraph, None)?;
        let Paragraph { properties, text, boxes } = paragraph;
        if properties.joined {
            *joined = text;
            blocks.extend(boxes);
            return Ok(());
        }
        let role = self.styles.role(&properties);
        let label = match self.styles.list(&properties) {
            Some((list, level)) => self.numbering.next(list, level),
            None => String::new(),
        };
        let text = text.trim();
        if role.contents {
            self.seen.contents_entries += 1;
        } else if !text.is_empty() {
            if role.title && self.seen.title.is_none() {
                self.seen.title = Some(text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            let is_item = !label.is_empty();
            let text = label + text;
            blocks.push(match role.heading {
                Some(level) => Block::Heading(level, text),
                None if is_item => Block::Item(text),
                None => Block::Paragraph(text),
            });
        }
        blocks.extend(boxes);
        Ok(())
    }

    /// Reads what stands in a line, up to the end of the element that started last. `hidden` is whether the run it is in
    /// is hidden, `None` outside of runs.
    fn inline(&mut self, xml: &mut Xml, paragraph: &mut Paragraph, hidden: Option<bool>) -> Result<()> {
        let mut hidden = hidden;
        xml.descendants(|element, xml| {
            match element.name() {
                "pPr" => paragraph.properties = styles::paragraph(xml)?,
                "r" => {
                    let by_style = self.styles.hides(paragraph.properties.style.as_deref());
                    self.inline(xml, paragraph, Some(by_style))?;
                }
                "rPr" => {
                    let run = styles::run(xml)?;
                    let by_style = run.style.is_some() && self.styles.hides(run.style.as_deref());
                    hidden = Some(run.hidden.unwrap_or(by_style || hidden.unwrap_or_default()));
                }
                "t" => {
                    let preserved = element.attribute("space").as_deref() == Some("preserve");
                    let text = xml.text()?;
                    let text = if preserved { &text } else { text.trim_matches([' ', '\t', '\n']) };
                    if hidden == Some(true) {
                        self.seen.hidden_characters += text.chars().count();
                    } else {
                        paragraph.text.push_str(text);
                    }
                }
                "tab" | "ptab" => return Ok(sign(paragraph, "\t", hidden)),
                "br" | "cr" => return Ok(sign(paragraph, "\n", hidden)),
                "noBreakHyphen" => return Ok(sign(paragraph, "-", hidden)),
                "del" | "moveFrom" => self.deleted(xml)?,
                "txbxContent" => {
                    let blocks = self.blocks(xml)?;
                    paragraph.boxes.extend(blocks);
                }
                "footnoteReference" => {
                    self.seen.footnotes.extend(element.attribute("id"));
                    return Ok(Visit::Skip);
                }
                "endnoteReference" => {
                    self.seen.endnotes.extend(element.attribute("id"));
                    return Ok(Visit::Skip);
                }
                // The reading of ruby text, field codes, and settings.
                "rt" | "instrText" | "Fallback" | "sdtPr" | "sdtEndPr" | "ffData" | "deg" | "accPr" | "groupChrPr" => {
                    return Ok(Visit::Skip);
                }
                // Equations in one line: (a+b)/c, x^2.
                "num" => self.operand(xml, paragraph, hidden, "")?,
                "den" => self.operand(xml, paragraph, hidden, "/")?,
                "sup" => self.operand(xml, paragraph, hidden, "^")?,
                "sub" => self.operand(xml, paragraph, hidden, "_")?,
                "rad" => return Ok(sign(paragraph, "√", hidden)),
                "d" => {
                    paragraph.text.push('(');
                    self.inline(xml, paragraph, hidden)?;
                    paragraph.text.push(')');
                }
                "chr" => {
                    paragraph.text.push_str(&element.attribute("val").unwrap_or_default());
                    return Ok(Visit::Skip);
                }
                _ => return Ok(Visit::Inside),
            }
            Ok(Visit::Done)
        })
    }

    /// An operand in an equation behind its operator, in brackets if it has several characters.
    fn operand(&mut self, xml: &mut Xml, paragraph: &mut Paragraph, hidden: Option<bool>, sign: &str) -> Result<()> {
        let start = paragraph.text.len();
        self.inline(xml, paragraph, hidden)?;
        let operand = paragraph.text.split_off(start);
        match operand.chars().count() {
            0 => {}
            1 => paragraph.text.extend([sign, &operand]),
            _ => paragraph.text.extend([sign, "(", &operand, ")"]),
        }
        Ok(())
    }

    fn deleted(&mut self, xml: &mut Xml) -> Result<()> {
        self.seen.deleted_characters += xml.text()?.chars().count();
        Ok(())
    }

    /// Reads `w:tbl` to its end.
    fn table(&mut self, xml: &mut Xml) -> Result<Table> {
        let mut table = Table::default();
        xml.descendants(|element, xml| {
            match element.name() {
                "tr" => self.row(xml, &mut table)?,
                "tblPr" | "tblGrid" | "sdtPr" => return Ok(Visit::Skip),
                _ => return Ok(Visit::Inside),
            }
            Ok(Visit::Done)
        })?;
        Ok(table)
    }

    fn row(&mut self, xml: &mut Xml, table: &mut Table) -> Result<()> {
        let row = table.rows.saturating_add(1);
        let mut column: u32 = 1;
        let mut deleted = false;
        xml.descendants(|element, xml| {
            match element.name() {
                "gridBefore" => column = element.number("val").unwrap_or(0).min(MAX_COLUMNS) + 1,
                "tblHeader" if styles::on(element) && table.header_rows + 1 == row => table.header_rows = row,
                "del" => deleted = true,
                "tc" if deleted => self.deleted(xml)?,
                "tc" => {
                    let (cell, continues) = self.cell(xml, row, column)?;
                    column = column.saturating_add(cell.columns);
                    match if continues { table.cell_above(row, cell.column) } else { None } {
                        Some(above) => above.rows = row - above.row + 1,
                        None => table.push(cell),
                    }
                    return Ok(Visit::Done);
                }
                "sdtPr" => return Ok(Visit::Skip),
                _ => return Ok(Visit::Inside),
            }
            Ok(if element.name() == "tc" { Visit::Done } else { Visit::Inside })
        })?;
        if !deleted {
            table.rows = row;
        }
        Ok(())
    }

    /// A cell, and whether it continues the one above.
    fn cell(&mut self, xml: &mut Xml, row: u32, column: u32) -> Result<(TableCell, bool)> {
        let mut cell = TableCell { row, column, columns: 1, rows: 1, paragraphs: Vec::new() };
        let mut continues = false;
        // The properties come first; the text follows as in the body.
        loop {
            match xml.next()? {
                Some(Node::Start(element)) if element.name() == "tcPr" => {
                    xml.descendants(|element, _| {
                        match element.name() {
                            "gridSpan" => cell.columns = element.number("val").unwrap_or(1).clamp(1, MAX_COLUMNS),
                            "vMerge" => continues = element.attribute("val").as_deref() != Some("restart"),
                            _ => {}
                        }
                        Ok(Visit::Inside)
                    })?;
                    break;
                }
                Some(Node::Text(_)) => {}
                Some(Node::Start(element)) => {
                    let mut joined = String::new();
                    let mut blocks = Vec::new();
                    match element.name() {
                        "p" => self.paragraph(xml, &mut joined, &mut blocks)?,
                        "tbl" => blocks.push(Block::Table(self.table(xml)?)),
                        _ => blocks = self.blocks(xml)?,
                    }
                    cell.paragraphs.extend(blocks.into_iter().flat_map(Block::into_paragraphs));
                    break;
                }
                Some(Node::End) | None => return Ok((cell, continues)),
            }
        }
        let blocks = self.blocks(xml)?;
        cell.paragraphs.extend(blocks.into_iter().flat_map(Block::into_paragraphs));
        Ok((cell, continues))
    }
}

/// Adds a sign for an element, unless it is hidden.
fn sign(paragraph: &mut Paragraph, sign: &str, hidden: Option<bool>) -> Visit {
    if hidden != Some(true) {
        paragraph.text.push_str(sign);
    }
    Visit::Inside
}
