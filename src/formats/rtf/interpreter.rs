//! Follows the control words of an RTF file.

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::super::flow::Flow;
use super::super::numerals::Numerals;
use super::super::ooxml::property;
use super::super::{Extracted, Failure, Result};
use super::blocks::{Blocks, Role};
use super::charset;
use super::lexer::{Lexer, Token};
use super::state::{Destination, Script, State, character, destination};

const MAX_DEPTH: usize = 1_000;

/// A style of paragraphs.
#[derive(Debug, Default)]
struct Style {
    /// In lower case.
    name: String,
    outline: Option<i32>,
}

/// A text that is being collected; one for the body, one for each note or property that is open.
#[derive(Debug, Default)]
struct Collected {
    text: String,
    label: String,
    /// How many groups were open when it began.
    depth: usize,
}

pub(super) struct Interpreter<'a> {
    blocks: Blocks<'a>,
    state: State,
    stack: Vec<State>,
    collected: Vec<Collected>,
    /// Bytes that are not decoded yet, all in the same encoding.
    bytes: Vec<u8>,
    /// The first half of a character beyond the Basic Multilingual Plane.
    surrogate: Option<u16>,
    /// How many characters that stand in for the last `\u` are still to be passed over.
    to_skip: usize,
    code_page: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    styles: HashMap<i32, Style>,
    style: Style,
    /// `{\*` begins a group that readers may ignore.
    ignorable: bool,
    /// Year, month and day of the date that is being read.
    date: [i32; 3],
    notes: Vec<String>,
    comments: Vec<(String, String)>,
    comment_author: String,
    hidden_characters: usize,
    deleted_characters: usize,
}

impl<'a> Interpreter<'a> {
    pub(super) fn new(flow: &'a mut Flow) -> Self {
        Self {
            blocks: Blocks::new(flow),
            state: State { fallback: 1, ..State::default() },
            stack: Vec::new(),
            collected: vec![Collected::default()],
            bytes: Vec::new(),
            surrogate: None,
            to_skip: 0,
            code_page: encoding_rs::WINDOWS_1252,
            fonts: HashMap::new(),
            styles: HashMap::new(),
            style: Style::default(),
            ignorable: false,
            date: [0; 3],
            notes: Vec::new(),
            comments: Vec::new(),
            comment_author: String::new(),
            hidden_characters: 0,
            deleted_characters: 0,
        }
    }

    /// Reads a whole file.
    pub(super) fn read(mut self, bytes: &[u8], document: &mut Extracted) -> Result<()> {
        let mut lexer = Lexer::new(bytes);
        while let Some(token) = lexer.next() {
            match token {
                Token::Open => self.open()?,
                Token::Close => {
                    self.close(document);
                    if self.stack.is_empty() {
                        break;
                    }
                }
                Token::Byte(_) if self.to_skip > 0 => self.to_skip -= 1,
                Token::Byte(byte) => self.byte(byte),
                Token::Symbol(symbol) => self.symbol(symbol)?,
                Token::Word("bin", count) => lexer.pass_over(count.unwrap_or(0).max(0) as usize),
                Token::Word(word, value) => self.word(word, value)?,
            }
        }
        while !self.stack.is_empty() {
            self.close(document);
        }
        self.end_paragraph()?;
        self.blocks.end_table()?;
        for (number, text) in (1..).zip(&self.notes) {
            self.blocks.note(&Numerals::Decimal.write(number), text)?;
        }
        for (author, text) in &self.comments {
            let mark = if author.is_empty() { "comment".to_owned() } else { format!("comment by {author}") };
            self.blocks.note(&mark, text)?;
        }
        let counts = [
            (self.hidden_characters, "hidden text, which was left out", " characters"),
            (self.deleted_characters, "tracked changes: deleted text was left out", " characters"),
            (self.blocks.contents_entries, "a table of contents, which was left out", " entries"),
            (self.comments.len(), "comments, which stand at the end of its text", ""),
        ];
        for (count, what, unit) in counts.into_iter().filter(|(count, _, _)| *count > 0) {
            document.notes.push(format!("has {what} ({count}{unit})"));
        }
        Ok(())
    }

    fn open(&mut self) -> Result<()> {
        self.flush();
        self.to_skip = 0;
        if self.stack.len() >= MAX_DEPTH {
            return Err(Failure::new(
                format!("is damaged: it is nested deeper than {MAX_DEPTH} groups"),
                "open it in the program that wrote it, and save it again",
            ));
        }
        self.stack.push(self.state.clone());
        Ok(())
    }

    fn close(&mut self, document: &mut Extracted) {
        self.flush();
        self.to_skip = 0;
        self.ignorable = false;
        let depth = self.stack.len();
        if self.state.destination == Destination::Styles && !self.style.name.is_empty() {
            let mut style = std::mem::take(&mut self.style);
            style.name = style.name.trim_end_matches(';').trim().to_lowercase();
            self.styles.insert(self.state.style, style);
        }
        if let Destination::Date(name) = self.state.destination
            && let [year @ 1..=9999, month @ 1..=12, day @ 1..=31] = std::mem::take(&mut self.date)
        {
            property(document, name, &format!("{year:04}-{month:02}-{day:02}"));
        }
        if self.collected.len() > 1 && self.collected.last().is_some_and(|collected| collected.depth == depth) {
            let text = self.collected.pop().map(|collected| collected.text.trim().to_owned()).unwrap_or_default();
            match self.state.destination {
                Destination::Property(name) => property(document, name, text.trim_end_matches(';')),
                Destination::Note => self.notes.push(text),
                Destination::CommentAuthor => self.comment_author = text,
                Destination::Comment => self.comments.push((std::mem::take(&mut self.comment_author), text)),
                Destination::Label => {
                    if let Some(body) = self.collected.last_mut() {
                        body.label = text;
                    }
                }
                _ => {}
            }
        }
        self.state = self.stack.pop().unwrap_or_default();
    }

    fn symbol(&mut self, symbol: u8) -> Result<()> {
        if matches!(symbol, b'~' | b'_' | b'\t') {
            self.flush();
        }
        match symbol {
            b'*' => self.ignorable = true,
            _ if self.to_skip > 0 => self.to_skip -= 1,
            b'~' => self.text("\u{a0}"),
            b'_' => self.text("-"),
            b'\n' | b'\r' => self.end_paragraph()?,
            b'{' | b'}' | b'\\' => self.byte(symbol),
            b'\t' => self.text("\t"),
            _ => {}
        }
        Ok(())
    }

    fn word(&mut self, word: &str, value: Option<i32>) -> Result<()> {
        if word == "u" {
            self.unicode(value.unwrap_or(0));
            return Ok(());
        }
        self.flush();
        self.to_skip = 0;
        let ignorable = std::mem::take(&mut self.ignorable);
        // Within a skipped group nothing matters but its end.
        match self.state.destination {
            Destination::Skip => return Ok(()),
            Destination::Alternatives => {
                if word == "ud" {
                    let outside = self.stack.len().checked_sub(2).and_then(|position| self.stack.get(position));
                    self.state.destination = outside.map_or(Destination::Skip, |state| state.destination);
                }
                return Ok(());
            }
            _ => {}
        }
        if let Some(destination) = destination(word) {
            self.begin(destination);
            return Ok(());
        }
        if ignorable {
            self.state.destination = Destination::Skip;
            return Ok(());
        }
        if let Some(text) = character(word) {
            self.text(text);
            return Ok(());
        }
        let number = value.unwrap_or(0);
        let on = value != Some(0);
        match word {
            "par" | "sect" | "page" => self.end_paragraph()?,
            "cell" | "nestcell" | "row" | "nestrow" | "trowd" | "trhdr" | "clvmrg" | "cellx" => {
                self.table_word(word)?;
            }
            "pard" => (self.state.style, self.state.outline, self.state.in_table) = (0, None, false),
            "plain" => (self.state.hidden, self.state.script) = (false, Script::Western),
            "intbl" => self.state.in_table = true,
            "outlinelevel" if self.state.destination == Destination::Styles => self.style.outline = Some(number),
            "outlinelevel" => self.state.outline = Some(number),
            "s" => self.state.style = number,
            "v" => self.state.hidden = on,
            "deleted" => self.state.deleted = on,
            "uc" => self.state.fallback = number.clamp(0, 16) as usize,
            "f" if self.state.destination == Destination::Fonts => self.state.font = number,
            "f" | "deff" => (self.state.font, self.state.script) = (number, Script::Western),
            "dbch" => self.state.script = Script::EastAsian,
            "loch" | "hich" => self.state.script = Script::Western,
            "af" if self.state.script == Script::EastAsian => self.state.east_asian_font = Some(number),
            "fcharset" => {
                if let Some(encoding) = charset::of_font(number) {
                    self.fonts.insert(self.state.font, encoding);
                }
            }
            "ansicpg" => self.code_page = charset::of_code_page(number),
            "mac" => self.code_page = encoding_rs::MACINTOSH,
            "yr" => self.date[0] = number,
            "mo" => self.date[1] = number,
            "dy" => self.date[2] = number,
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, destination: Destination) {
        self.state.destination = destination;
        let collects = !matches!(
            destination,
            Destination::Body
                | Destination::Skip
                | Destination::Alternatives
                | Destination::Fonts
                | Destination::Styles
                | Destination::Date(_)
        );
        if collects {
            self.collected.push(Collected { depth: self.stack.len(), ..Collected::default() });
            self.state.in_table = false;
        }
        if destination == Destination::Styles {
            self.state.style = 0;
        }
    }

    fn table_word(&mut self, word: &str) -> Result<()> {
        if self.state.destination != Destination::Body {
            return Ok(());
        }
        match word {
            "cell" | "nestcell" => {
                self.state.in_table = true;
                self.end_paragraph()?;
                if word == "cell" {
                    self.blocks.end_cell();
                }
            }
            "row" => self.blocks.end_row(),
            "trowd" => self.blocks.begin_definition(),
            "trhdr" => self.blocks.header_row = true,
            // It comes before the `cellx` of its cell.
            "clvmrg" => self.blocks.continue_cell(),
            "cellx" => self.blocks.end_definition(),
            _ => {}
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) {
        if self.state.destination != Destination::Skip {
            self.bytes.push(byte);
        }
    }

    /// A UTF-16 unit, given as a signed number.
    fn unicode(&mut self, number: i32) {
        self.flush_bytes();
        self.ignorable = false;
        self.to_skip = self.state.fallback;
        let unit = (number & 0xFFFF) as u16;
        let first = self.surrogate.take();
        match (first, unit) {
            (_, 0xD800..=0xDBFF) => self.surrogate = Some(unit),
            (Some(first), 0xDC00..=0xDFFF) => {
                let decoded: String = char::decode_utf16([first, unit]).flatten().collect();
                self.text(&decoded);
            }
            _ => {
                let decoded: String = char::from_u32(u32::from(unit)).into_iter().filter(|c| *c != '\0').collect();
                self.text(&decoded);
            }
        }
    }

    fn flush(&mut self) {
        self.surrogate = None;
        self.flush_bytes();
    }

    /// Decodes the bytes so far by the font that they are in.
    fn flush_bytes(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let font = match self.state.east_asian_font {
            Some(font) if self.state.script == Script::EastAsian => font,
            _ => self.state.font,
        };
        let encoding = self.fonts.get(&font).copied().unwrap_or(self.code_page);
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        self.text(&text);
        // The memory is used again.
        self.bytes = bytes;
        self.bytes.clear();
    }

    fn text(&mut self, text: &str) {
        match self.state.destination {
            Destination::Skip | Destination::Alternatives | Destination::Fonts | Destination::Date(_) => {}
            Destination::Styles => self.style.name.push_str(text),
            _ if self.state.hidden => self.hidden_characters += text.chars().count(),
            _ if self.state.deleted => self.deleted_characters += text.chars().count(),
            _ => {
                if let Some(collected) = self.collected.last_mut() {
                    collected.text.push_str(text);
                }
            }
        }
    }

    /// Ends a paragraph of the body; within notes it is a line break.
    fn end_paragraph(&mut self) -> Result<()> {
        self.flush();
        if self.collected.len() > 1 {
            self.text("\n");
            return Ok(());
        }
        let Some(body) = self.collected.last_mut() else { return Ok(()) };
        let (text, label) = (std::mem::take(&mut body.text), std::mem::take(&mut body.label));
        let style = self.styles.get(&self.state.style);
        let by_outline = self.state.outline.or(style.and_then(|style| style.outline));
        let name = style.map_or("", |style| style.name.as_str());
        let by_name = name.strip_prefix("heading ").and_then(|level| level.parse::<usize>().ok());
        let role = Role {
            heading: match by_outline {
                Some(level) => (0..9).contains(&level).then_some(level as usize + 1),
                None if name == "title" => Some(1),
                None => by_name.filter(|level| (1..=9).contains(level)),
            },
            contents: name.strip_prefix("toc ").is_some_and(|level| level.parse::<u8>().is_ok()),
            in_table: self.state.in_table,
        };
        self.blocks.paragraph(&text, &label, &role)
    }
}
