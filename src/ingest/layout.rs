//! The layout of a text: which of its lines are markup, and which line breaks only wrap running text.

use super::full_stop;
use crate::lines::{TextLine, line_at, lines};
use crate::passage::Span;
use crate::tables::{TableLine, Tables, is_delimiter_row};
use crate::terms::language::is_unspaced;
use crate::terms::{is_blank, is_invisible};

/// A paragraph whose longest line is shorter than this, in characters, is a list of lines and not wrapped prose.
const MIN_WRAP_WIDTH: usize = 40;

/// A masthead (title, byline, dateline) has at most this many lines.
const MAX_MASTHEAD_LINES: usize = 4;

/// A decorative rule has at least this many characters.
const MIN_RULE_CHARS: usize = 3;

/// Characters that rules are drawn with.
const RULE_CHARS: &str = "-*_=+—–─━═＿＝－＊•·";

/// The role of a line in the division of a text into sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    /// A line without words of its own: a rule, a code fence, the delimiter row of a table, a lone `#`.
    Markup,
    /// A heading or a line of code, which is one sentence.
    Whole,
    /// The header row of a table.
    Header,
    /// A row of a table.
    Row {
        /// The header row.
        header: Span,
    },
    /// The first line of a list item.
    Item,
    /// A line of a block quotation.
    Quote,
    Prose,
}

/// A line with its kind.
pub(super) struct Line {
    pub(super) start: usize,
    /// One past the last byte before the line break.
    pub(super) end: usize,
    pub(super) kind: Kind,
    paragraph: Paragraph,
}

/// Facts about the paragraph that a line belongs to.
#[derive(Debug, Clone, Copy, Default)]
struct Paragraph {
    /// Characters in its longest line.
    width: usize,
    /// Whether it is a title, byline and dateline on lines of their own.
    is_masthead: bool,
}

/// The lines of a text with their kinds, as an iterator.
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    /// Mark and length of the open code fence.
    fence: Option<(u8, usize)>,
    tables: Tables,
    paragraph: Option<Paragraph>,
    is_first_paragraph: bool,
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.at == self.text.len() {
            return None;
        }
        let line = line_at(self.text, self.at);
        self.at = line.next;
        let kind = self.kind(&self.text[line.start..line.end]);
        let kind = self.kind_in_table(line, kind);
        let paragraph = if kind == Kind::Blank {
            self.paragraph = None;
            Paragraph::default()
        } else {
            let is_first = self.is_first_paragraph;
            self.is_first_paragraph = false;
            *self.paragraph.get_or_insert_with(|| paragraph(&self.text[line.start..], is_first))
        };
        Some(Line { start: line.start, end: line.end, kind, paragraph })
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, fence: None, tables: Tables::default(), paragraph: None, is_first_paragraph: true }
    }

    /// The kind of a line that may be part of a table; `kind` is the one that it has by itself.
    fn kind_in_table(&mut self, line: TextLine, kind: Kind) -> Kind {
        let content = &self.text[line.start..line.end];
        if self.fence.is_some() || content.trim_start().starts_with('#') || matches!(kind, Kind::Item | Kind::Quote) {
            self.tables.end();
            return kind;
        }
        let start = line.start + content.len() - content.trim_start().len();
        let content = content.trim();
        let next = (line.next < self.text.len()).then(|| line_at(self.text, line.next));
        let next = next.filter(|_| content.contains('|')).map(|next| trim(&self.text[next.start..next.end]));
        match self.tables.line(content, Span::new(start, start + content.len()), next) {
            Some(TableLine::Header) => Kind::Header,
            Some(TableLine::Delimiter) => Kind::Markup,
            Some(TableLine::Row { header }) => Kind::Row { header },
            None => kind,
        }
    }

    fn kind(&mut self, line: &str) -> Kind {
        let content = trim(line);
        let Some(&first) = content.as_bytes().first() else { return Kind::Blank };
        let run = content.bytes().take_while(|&b| b == first).count();
        if let Some((mark, length)) = self.fence {
            if first == mark && run >= length && run == content.len() {
                self.fence = None;
                return Kind::Markup;
            }
            return Kind::Whole;
        }
        if matches!(first, b'`' | b'~') && run >= 3 && !(first == b'`' && content[run..].contains('`')) {
            self.fence = Some((first, run));
            return Kind::Markup;
        }
        let rest = if first.is_ascii() { &content[run..] } else { content };
        let is_heading = first == b'#' && run <= 6 && (rest.is_empty() || rest.starts_with([' ', '\t']));
        if is_rule(content) || is_delimiter_row(content) || (is_heading && is_blank(rest)) {
            Kind::Markup
        } else if is_heading || first == b'|' {
            Kind::Whole
        } else if first == b'>' {
            Kind::Quote
        } else if is_item(content) {
            Kind::Item
        } else {
            Kind::Prose
        }
    }
}

/// Trims white space and invisible characters.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// Whether a line only draws a rule: `---`, `* * *`, `════`.
fn is_rule(content: &str) -> bool {
    let mut marks = content.chars().filter(|c| !c.is_whitespace());
    let Some(first) = marks.next().filter(|first| RULE_CHARS.contains(*first)) else { return false };
    let mut count = 1;
    marks.all(|mark| {
        count += 1;
        mark == first
    }) && count >= MIN_RULE_CHARS
}

/// Facts about the paragraph at the start of `text`.
fn paragraph(text: &str, is_first: bool) -> Paragraph {
    let mut width = 0;
    let mut count = 0;
    let mut has_stop = false;
    let mut is_followed = false;
    for line in lines(text) {
        let content = trim(&text[line.start..line.end]);
        if content.is_empty() {
            is_followed = !is_blank(&text[line.next..]);
            break;
        }
        count += 1;
        width = width.max(content.chars().count());
        has_stop |= content.ends_with(|c: char| ".。．!！?？;；:：…,，、".contains(c));
    }
    let is_masthead = is_first && is_followed && !has_stop && (2..=MAX_MASTHEAD_LINES).contains(&count);
    Paragraph { width, is_masthead }
}

/// Whether a line opens with `- `, `* `, `+ `, `• `, `1. ` or `1) `.
fn is_item(content: &str) -> bool {
    let after_digits = content.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = content.len() - after_digits.len();
    let after_mark = if digits == 0 {
        content.strip_prefix(['-', '*', '+', '•', '‧', '◦', '▪', '–'])
    } else if digits <= 9 {
        after_digits.strip_prefix(['.', ')'])
    } else {
        None
    };
    after_mark.is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// Whether the break between two neighbouring lines only wraps a sentence that continues.
pub(super) fn is_wrapped(text: &str, line: &Line, next: &Line) -> bool {
    let (this, other) = (&text[line.start..line.end], &text[next.start..next.end]);
    let may_continue = match (line.kind, next.kind) {
        (Kind::Prose, Kind::Prose) | (Kind::Quote, Kind::Quote) => true,
        (Kind::Item, Kind::Prose) => other.starts_with("  ") || other.starts_with('\t'),
        _ => false,
    };
    let (this, other) = (trim(this), trim(other).trim_start_matches(['>', ' ']));
    let (Some(last), Some(first)) = (this.chars().next_back(), other.chars().next()) else { return false };
    if !may_continue || is_unspaced(last) || is_unspaced(first) {
        return false;
    }
    if first.is_lowercase() || matches!(last, ',' | '،' | '-') {
        return true;
    }
    if this.strip_suffix('.').is_some_and(full_stop::is_abbreviation) {
        return true;
    }
    // A line that stops well short of the paragraph's width was not broken for lack of room.
    let Paragraph { width, is_masthead } = line.paragraph;
    !is_masthead && width >= MIN_WRAP_WIDTH && this.chars().count() * 2 >= width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        Lines::new(text).map(|line| line.kind).collect()
    }

    #[test]
    fn lines_without_words_are_markup() {
        for line in [
            "---",
            "* * *",
            "___",
            "=====",
            "————",
            "────",
            "＊＊＊",
            "+++",
            "|---|:-:|",
            "--- | ---",
            "| :--- |",
            "#",
            "###",
            "```",
            "```rust",
            "~~~",
        ] {
            assert_eq!(kinds(line), [Kind::Markup], "{line}");
        }
        for line in ["# A", "| a |", "-- a", "a ---", "…", "👍", "--"] {
            assert!(!kinds(line).contains(&Kind::Markup), "{line}");
        }
        assert_eq!(kinds("```\n---\n```"), [Kind::Markup, Kind::Whole, Kind::Markup], "inside a fence all is code");
    }

    #[test]
    fn the_rows_of_a_table_know_its_header() {
        let text = "Prose\na | b\n--|--\n1 | 2\n| 3 | 4 |\nno row\n| c |\n| d |\n|---|\n```\n| e |\n|---|\n```\n";
        let header = Span::new(6, 11);
        let row = Kind::Row { header };
        let code = [Kind::Markup, Kind::Whole, Kind::Whole, Kind::Markup];
        let table =
            [Kind::Prose, Kind::Header, Kind::Markup, row, row, Kind::Prose, Kind::Whole, Kind::Header, Kind::Markup];
        assert_eq!(kinds(text), [&table[..], &code].concat());
    }

    #[test]
    fn a_line_of_invisible_characters_is_blank() {
        assert_eq!(kinds("\u{FEFF}\u{200B}\na"), [Kind::Blank, Kind::Prose]);
    }
}
