//! The lines of a text: which are markup, and which breaks only wrap running text.

use super::full_stop;
use crate::line_index::line_end;
use crate::terms::language::{is_han, is_kana};

/// A paragraph whose longest line is shorter than this, in characters, is not wrapped prose but lines.
const NARROWEST_WRAP: usize = 40;

/// What a line is, as far as its end is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    /// A heading, a table row, a rule, a line of code: one sentence by itself.
    Whole,
    /// The first line of a list item.
    Item,
    /// A line of a block quote.
    Quote,
    Prose,
}

pub(super) struct Line {
    pub(super) start: usize,
    /// Without the line break.
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// Characters in the longest line of its paragraph.
    width: usize,
}

pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    /// Mark and length of the code fence that is open.
    fence: Option<(u8, usize)>,
    /// Of the paragraph that is being read.
    width: Option<usize>,
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.at == self.text.len() {
            return None;
        }
        let start = self.at;
        let (end, next) = line_at(self.text, start);
        self.at = next;
        let kind = self.kind(&self.text[start..end]);
        let width = if kind == Kind::Blank {
            self.width = None;
            0
        } else {
            *self.width.get_or_insert_with(|| paragraph_width(self.text, start))
        };
        Some(Line { start, end, kind, width })
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, fence: None, width: None }
    }

    fn kind(&mut self, line: &str) -> Kind {
        let content = line.trim();
        let Some(&first) = content.as_bytes().first() else { return Kind::Blank };
        let run = content.bytes().take_while(|&b| b == first).count();
        if let Some((mark, length)) = self.fence {
            if first == mark && run >= length && run == content.len() {
                self.fence = None;
            }
            return Kind::Whole;
        }
        if matches!(first, b'`' | b'~') && run >= 3 && !(first == b'`' && content[run..].contains('`')) {
            self.fence = Some((first, run));
            return Kind::Whole;
        }
        let rest = if first.is_ascii() { &content[run..] } else { content };
        let heading = first == b'#' && run <= 6 && (rest.is_empty() || rest.starts_with([' ', '\t']));
        let rule = matches!(first, b'-' | b'*' | b'_' | b'=')
            && content.bytes().all(|b| b == first || b == b' ')
            && content.bytes().filter(|&b| b == first).count() >= 3;
        if heading || rule || first == b'|' {
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

/// Where the line at `start` ends, without and with its line end.
fn line_at(text: &str, start: usize) -> (usize, usize) {
    let rest = &text[start..];
    // A form feed or a vertical tab ends no line of a citation, but nothing written goes on beyond it.
    let is_break = |(at, c): &(usize, char)| matches!(c, '\u{B}' | '\u{C}') || line_end(&rest[*at..]) > 0;
    let Some((length, _)) = rest.char_indices().find(is_break) else { return (text.len(), text.len()) };
    let end = start + length;
    (end, end + line_end(&text[end..]).max(1))
}

fn paragraph_width(text: &str, mut start: usize) -> usize {
    let mut width = 0;
    while start < text.len() {
        let (end, next) = line_at(text, start);
        let line = text[start..end].trim();
        if line.is_empty() {
            break;
        }
        width = width.max(line.chars().count());
        start = next;
    }
    width
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

/// Whether the break between two neighbouring lines only wraps a sentence that goes on.
pub(super) fn is_wrapped(text: &str, line: &Line, next: &Line) -> bool {
    let (this, other) = (&text[line.start..line.end], &text[next.start..next.end]);
    let goes_on = match (line.kind, next.kind) {
        (Kind::Prose, Kind::Prose) | (Kind::Quote, Kind::Quote) => true,
        (Kind::Item, Kind::Prose) => other.starts_with("  ") || other.starts_with('\t'),
        _ => false,
    };
    let (this, other) = (this.trim(), other.trim().trim_start_matches(['>', ' ']));
    let (Some(last), Some(first)) = (this.chars().next_back(), other.chars().next()) else { return false };
    if !goes_on || is_unspaced(last) || is_unspaced(first) {
        return false;
    }
    if first.is_lowercase() || matches!(last, ',' | '،' | '-') {
        return true;
    }
    if this.strip_suffix('.').is_some_and(full_stop::is_abbreviation) {
        return true;
    }
    // A line that stops well short of the paragraph's width was not broken for want of room.
    line.width >= NARROWEST_WRAP && this.chars().count() * 2 >= line.width
}

/// Characters that are written without spaces between words, so that a line break among them says nothing of wrapping.
pub(super) fn is_unspaced(c: char) -> bool {
    is_han(c) || is_kana(c) || matches!(c, '\u{3001}'..='\u{303F}' | '\u{3105}'..='\u{312F}' | '\u{FF01}'..='\u{FF65}')
}
