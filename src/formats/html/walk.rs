//! Walks over the tokens of a page and divides its text into blocks: headings, paragraphs, items, rows.
//!
//! Elements are matched as a browser does, but without a tree: each step takes constant time on average, however deep or
//! broken the markup is.

use std::ops::Range;

use html5ever::tokenizer::Tag;
use html5ever::{LocalName, local_name};

use super::element::{
    has_class, heading_level, is_block, is_cell, is_formatting, is_frame, is_hidden, is_preformatted, is_quotation,
    is_skipped, is_text_image, is_void, starts_earlier_message,
};
use super::flow::Flow;
use super::nesting::Nesting;
use super::style::{self, HiddenClasses};
use super::table::Table;
use super::token::{Token, attribute};
use super::{Block, Kind};

/// Tables that lie deeper in other tables are read as text.
const MAX_TABLES: usize = 8;
/// Lists that lie deeper are not indented further.
const MAX_INDENT: usize = 8;

/// The text of a page.
#[derive(Debug, Default)]
pub(in crate::formats) struct Walked {
    pub(in crate::formats) blocks: Vec<Block>,
    /// Characters of hidden text, without white space.
    pub(in crate::formats) hidden_chars: usize,
    /// Which blocks are the page's main content, if it says so.
    pub(in crate::formats) main: Option<Range<usize>>,
    /// The classes that are hidden.
    pub(super) hidden_classes: HiddenClasses,
    /// How deep elements are nested.
    pub(in crate::formats) depth: usize,
    /// How many formatting elements are open at most: a tree builder copies them into each block.
    pub(in crate::formats) open_formatting: usize,
}

/// Reads the text of `tokens`, without the frame of the page unless it is `with_frame`. The page may hide more classes than
/// `hidden_classes`.
pub(in crate::formats) fn walk(tokens: &[Token], with_frame: bool, hidden_classes: &HiddenClasses) -> Walked {
    let mut hidden_classes = hidden_classes.clone();
    hidden_classes.extend(style::of_page(tokens));
    let mut walker = Walker { with_frame, hidden_classes, ..Walker::default() };
    for token in tokens {
        match token {
            Token::Start(tag) => walker.start(tag),
            Token::End(name) => walker.end(name),
            Token::Text(text) => walker.text(text),
        }
    }
    walker.close_to(0);
    walker.flush();
    Walked { hidden_classes: walker.hidden_classes, ..walker.walked }
}

/// What is known of an open element.
#[derive(Debug)]
struct Open {
    role: Role,
    is_quotation: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    Skipped,
    Hidden,
    /// Content such as an article, whose header is no header of the page.
    Content,
    Main,
    List,
    Table,
    Superscript,
    Quote,
}

#[derive(Debug, Default)]
struct Walker {
    with_frame: bool,
    hidden_classes: HiddenClasses,
    walked: Walked,
    open: Nesting<Open>,
    flow: Flow,
    tables: Vec<Table>,
    /// The next number of each open list, if its items are numbered.
    lists: Vec<Option<i64>>,
    /// What the next text of an item starts with.
    marker: Option<String>,
    has_list_begun: bool,
    superscript: Option<String>,
    main_start: usize,
    formatting: usize,
    skipped: usize,
    hidden: usize,
    content: usize,
    preformatted: usize,
    quotations: usize,
    is_earlier: bool,
}

impl Walker {
    fn start(&mut self, tag: &Tag) {
        let name = &tag.name;
        if is_void(name) {
            self.void(tag);
            return;
        }
        if let Some(to) = self.open.ended_by_start(name) {
            self.close_to(to);
        }
        if is_block(name) {
            self.flush();
        }
        if is_formatting(name) {
            self.formatting += 1;
            self.walked.open_formatting = self.walked.open_formatting.max(self.formatting);
        }
        let role = self.role(tag);
        let is_shown = !matches!(role, Role::Skipped | Role::Hidden);
        // A hidden cell keeps its column.
        if self.skipped == 0 && self.hidden == 0 && (is_shown || is_cell(name)) {
            self.begin(tag, role);
        }
        match role {
            Role::Skipped => self.skipped += 1,
            Role::Hidden => self.hidden += 1,
            Role::Content | Role::Main => self.content += 1,
            _ => {}
        }
        let is_quotation = is_quotation(tag);
        self.quotations += usize::from(is_quotation);
        self.preformatted += usize::from(is_preformatted(name));
        self.is_earlier |= starts_earlier_message(tag);
        self.open.push(name.clone(), Open { role, is_quotation });
        self.walked.depth = self.walked.depth.max(self.open.len());
    }

    fn role(&self, tag: &Tag) -> Role {
        let is_main = || tag.name == local_name!("main") || attribute(tag, "role") == Some("main");
        if is_skipped(tag) || (!self.with_frame && is_frame(tag, self.content > 0)) {
            Role::Skipped
        } else if is_hidden(tag, &self.hidden_classes) {
            Role::Hidden
        } else if self.skipped > 0 || self.hidden > 0 {
            Role::Plain
        } else if is_main() {
            Role::Main
        } else {
            match tag.name {
                local_name!("article") | local_name!("section") => Role::Content,
                local_name!("ul") | local_name!("ol") | local_name!("menu") | local_name!("dir") => Role::List,
                local_name!("table") if self.tables.len() < MAX_TABLES => Role::Table,
                local_name!("sup") if self.superscript.is_none() => Role::Superscript,
                local_name!("q") => Role::Quote,
                _ => Role::Plain,
            }
        }
    }

    /// What an element that is shown starts.
    fn begin(&mut self, tag: &Tag, role: Role) {
        match role {
            Role::Main if self.tables.is_empty() && self.walked.main.is_none() => {
                self.main_start = self.walked.blocks.len();
            }
            Role::List => {
                if self.lists.is_empty() {
                    self.has_list_begun = false;
                }
                let start = || attribute(tag, "start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
                self.lists.push((tag.name == local_name!("ol")).then(start));
            }
            Role::Table => {
                let is_for_layout = attribute(tag, "role").is_some_and(|role| matches!(role, "presentation" | "none"))
                    || has_class(tag, &["highlighttable"]);
                if let Some(outer) = self.tables.last_mut().filter(|outer| outer.is_cell_open) {
                    outer.is_for_layout = true;
                }
                self.tables.push(Table { is_for_layout, ..Table::default() });
            }
            Role::Superscript => self.superscript = Some(String::new()),
            Role::Quote => self.flow.push("“"),
            _ => self.begin_part(tag),
        }
    }

    /// Starts an item of a list or a part of a table.
    fn begin_part(&mut self, tag: &Tag) {
        let number = |name: &str| attribute(tag, name).and_then(|value| value.trim().parse::<i64>().ok());
        if tag.name == local_name!("li") {
            let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(MAX_INDENT));
            self.marker = Some(match self.lists.last_mut() {
                Some(Some(next)) => {
                    let this = number("value").unwrap_or(*next);
                    *next = this.saturating_add(1);
                    format!("{indent}{this}. ")
                }
                _ => format!("{indent}- "),
            });
            return;
        }
        let Some(table) = self.tables.last_mut() else { return };
        match tag.name {
            local_name!("thead") => table.is_in_head = true,
            local_name!("tbody") | local_name!("tfoot") => table.is_in_head = false,
            local_name!("tr") => table.begin_row(),
            local_name!("td") | local_name!("th") => {
                let span = |name| number(name).and_then(|span| usize::try_from(span).ok()).unwrap_or(1);
                table.begin_cell(tag.name == local_name!("th"), span("colspan"), span("rowspan"));
            }
            _ => {}
        }
    }

    fn void(&mut self, tag: &Tag) {
        if self.skipped > 0 || self.hidden > 0 {
            return;
        }
        match tag.name {
            local_name!("br") if self.preformatted > 0 => self.flow.push_verbatim("\n"),
            local_name!("br") if self.flow.ends_line() => self.flush(),
            local_name!("br") => self.flow.line_break(),
            local_name!("hr") => self.flush(),
            local_name!("img") => {
                if let Some(alternative) = attribute(tag, "alt").filter(|alt| is_text_image(tag, alt)) {
                    self.flow.push(alternative);
                }
            }
            _ => {}
        }
        self.is_earlier |= starts_earlier_message(tag);
    }

    fn text(&mut self, text: &str) {
        if self.skipped > 0 {
            return;
        }
        if self.hidden > 0 {
            self.walked.hidden_chars += text.chars().filter(|character| !character.is_whitespace()).count();
        } else if let Some(superscript) = &mut self.superscript {
            superscript.push_str(text);
        } else if self.preformatted > 0 {
            self.flow.push_verbatim(text);
        } else {
            self.flow.push(text);
        }
    }

    fn end(&mut self, name: &LocalName) {
        match *name {
            local_name!("body") | local_name!("html") => return,
            local_name!("br") => return self.flow.line_break(),
            local_name!("p") if !self.open.has(name) => return self.flush(),
            _ => {}
        }
        if is_formatting(name) {
            self.formatting = self.formatting.saturating_sub(1);
        }
        if let Some(at) = self.open.ended_by_end(name) {
            self.close_to(at);
        }
    }

    /// Closes the elements from this position on.
    fn close_to(&mut self, at: usize) {
        while self.open.len() > at {
            if self.open.last_name().is_some_and(is_block) {
                self.flush();
            }
            let Some((name, element)) = self.open.pop() else { return };
            self.quotations -= usize::from(element.is_quotation);
            self.preformatted -= usize::from(is_preformatted(&name));
            self.finish(&name, element.role);
        }
    }

    /// What the end of an element ends.
    fn finish(&mut self, name: &LocalName, role: Role) {
        match role {
            Role::Skipped => self.skipped -= 1,
            Role::Hidden => self.hidden -= 1,
            Role::Content => self.content -= 1,
            Role::Main => {
                self.content -= 1;
                if self.tables.is_empty() && self.walked.main.is_none() {
                    self.walked.main = Some(self.main_start..self.walked.blocks.len());
                }
            }
            Role::List => {
                self.lists.pop();
            }
            Role::Table => {
                if let Some(table) = self.tables.pop() {
                    let blocks = table.finish();
                    self.sink().extend(blocks);
                }
            }
            Role::Superscript => {
                let text = self.superscript.take().unwrap_or_default();
                self.flow.push(&superscript(&text, self.flow.last()));
            }
            Role::Quote => self.flow.push("”"),
            Role::Plain if self.skipped > 0 || self.hidden > 0 => {}
            Role::Plain if is_cell(name) || *name == local_name!("tr") => {
                if let Some(table) = self.tables.last_mut() {
                    table.is_cell_open = false;
                }
            }
            Role::Plain if *name == local_name!("thead") => {
                if let Some(table) = self.tables.last_mut() {
                    table.is_in_head = false;
                }
            }
            Role::Plain if *name == local_name!("li") => self.marker = None,
            Role::Plain => {}
        }
    }

    /// Ends the block that is being read.
    fn flush(&mut self) {
        if let Some(text) = self.superscript.take() {
            self.flow.push(&text);
        }
        let raw = self.flow.take();
        let is_pre = self.preformatted > 0;
        let text = if is_pre { raw.trim_start_matches(['\n', '\r']).trim_end() } else { raw.trim() };
        if text.trim().is_empty() {
            return;
        }
        let heading = self.open.names_from_inside().take(8).find_map(heading_level);
        let kind = match (heading, is_pre, self.marker.take()) {
            (Some(level), ..) => Kind::Heading(level),
            (None, true, _) => Kind::Pre,
            (None, false, Some(marker)) => {
                let is_first = !std::mem::replace(&mut self.has_list_begun, true);
                Kind::Item { marker, is_first }
            }
            (None, false, None) => Kind::Paragraph,
        };
        let text = match kind {
            Kind::Heading(_) => text.trim_end_matches(['¶', '🔗', ' ']).to_owned(),
            _ => text.to_owned(),
        };
        let quoted = self.quotations > 0 || self.is_earlier;
        self.sink().push(Block { kind, text, quoted });
    }

    fn sink(&mut self) -> &mut Vec<Block> {
        match self.tables.last_mut() {
            Some(table) => table.blocks(),
            None => &mut self.walked.blocks,
        }
    }
}

/// Numbers that stand raised after a letter or a digit, in characters that show it: `10²` is not `102`.
fn superscript(text: &str, before: Option<char>) -> String {
    let raise = |c: char| "0123456789+-=()n−".chars().zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ⁻".chars()).find(|(from, _)| *from == c);
    let raised: Option<String> = text.trim().chars().map(|c| raise(c).map(|(_, to)| to)).collect();
    match raised {
        Some(raised) if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ')' | ']')) => raised,
        _ => text.to_owned(),
    }
}
