//! Marks that close a sentence behind its terminator: quotation marks, brackets, note marks, emphasis and HTML tags.

use super::terminator::is_strong;
use crate::terms::is_invisible;

/// A longer note mark or HTML tag is not recognised, in bytes.
const MAX_MARK_BYTES: usize = 64;

/// A longer text of a link is not recognised, in bytes.
const MAX_LABEL_BYTES: usize = 256;

/// A longer link destination is not recognised, in bytes.
const MAX_DESTINATION_BYTES: usize = 512;

/// A mark that opens and closes.
#[derive(Debug, Clone, Copy)]
enum Mark {
    /// A straight double quotation mark.
    Quote,
    /// A German `„`, which `“` closes.
    LowQuote,
    /// A German `»`, which `«` closes.
    ReversedGuillemet,
    /// `*`
    Star,
    /// `**`
    Stars,
    /// `_`
    Underscore,
    /// `__`
    Underscores,
    /// `~~`
    Strike,
    /// A backtick.
    Code,
}

/// The marks that are open at a position of a paragraph.
#[derive(Debug, Clone, Default)]
pub(super) struct Open {
    /// For each [`Mark`], whether it is open.
    marks: [bool; 9],
    /// Whether the position is in a web address.
    pub(super) address: bool,
}

impl std::ops::Index<Mark> for Open {
    type Output = bool;

    fn index(&self, mark: Mark) -> &bool {
        &self.marks[mark as usize]
    }
}

impl std::ops::IndexMut<Mark> for Open {
    fn index_mut(&mut self, mark: Mark) -> &mut bool {
        &mut self.marks[mark as usize]
    }
}

impl Open {
    /// Takes note of the character at `at`.
    pub(super) fn pass(&mut self, stretch: &str, at: usize, c: char) {
        let before = stretch[..at].chars().next_back();
        match c {
            '"' => self[Mark::Quote] = !self[Mark::Quote],
            '„' => self[Mark::LowQuote] = true,
            '“' => self[Mark::LowQuote] = false,
            '»' => self[Mark::ReversedGuillemet] = before.is_none_or(char::is_whitespace),
            '«' => self[Mark::ReversedGuillemet] = false,
            '*' | '_' | '~' | '`' if before != Some(c) => {
                let run = run_of(&stretch[at..], c);
                let after = stretch[at + run..].chars().next();
                self.toggle(c, run, before, after);
            }
            ':' if stretch[at..].starts_with("://") => self.address = true,
            _ => {}
        }
        if c.is_whitespace() || matches!(c, '"' | '<' | '>' | '”' | '」' | '』' | '，' | '。' | '、' | '）' | '》')
        {
            self.address = false;
        }
    }

    /// Takes note of the marks that closed a sentence.
    pub(super) fn pass_tail(&mut self, stretch: &str, tail: std::ops::Range<usize>) {
        for (offset, c) in stretch[tail.clone()].char_indices() {
            self.pass(stretch, tail.start + offset, c);
            // What stands behind a terminator closes, even if nothing was seen to open.
            self[Mark::Quote] &= c != '"';
        }
    }

    fn toggle(&mut self, c: char, run: usize, before: Option<char>, after: Option<char>) {
        let can_open = after.is_some_and(|c| !c.is_whitespace());
        let can_close = before.is_some_and(|c| !c.is_whitespace());
        let flip = |is_open: &mut bool| *is_open = if *is_open { !can_close } else { can_open };
        // `snake_case` is no emphasis.
        let is_inside_word =
            c == '_' && before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        match (c, run) {
            ('`', _) => flip(&mut self[Mark::Code]),
            ('~', 2) => flip(&mut self[Mark::Strike]),
            ('*' | '_', 1..=3) if !is_inside_word => {
                let [single, double] = Self::emphasis_of(c);
                if run != 2 {
                    flip(&mut self[single]);
                }
                if run != 1 {
                    flip(&mut self[double]);
                }
            }
            _ => {}
        }
    }

    /// The single and the double mark of emphasis.
    fn emphasis_of(c: char) -> [Mark; 2] {
        if c == '*' { [Mark::Star, Mark::Stars] } else { [Mark::Underscore, Mark::Underscores] }
    }

    /// How many of the `run` marks `c` close something that is open. They are closed.
    fn close(&mut self, c: char, run: usize) -> usize {
        match c {
            '`' if self[Mark::Code] => {
                self[Mark::Code] = false;
                run
            }
            '~' if self[Mark::Strike] && run >= 2 => {
                self[Mark::Strike] = false;
                2
            }
            '*' | '_' => {
                let [single, double] = Self::emphasis_of(c);
                let mut closed = 0;
                if self[double] && run >= 2 {
                    self[double] = false;
                    closed += 2;
                }
                if self[single] && run - closed == 1 {
                    self[single] = false;
                    closed += 1;
                }
                closed
            }
            _ => 0,
        }
    }
}

/// Where the closing marks after the terminators that end at `at` end, and terminators among them (`？」。`).
pub(super) fn end_of_tail(stretch: &str, mut at: usize, open: &Open) -> usize {
    let mut open = open.clone();
    while let Some(c) = stretch[at..].chars().next() {
        let rest = &stretch[at + c.len_utf8()..];
        let next = rest.chars().next();
        let is_last = next.is_none_or(|c| c.is_whitespace() || is_closer(c));
        let length = match c {
            '"' if open[Mark::Quote] || is_last => {
                open[Mark::Quote] = false;
                1
            }
            '\'' if is_last => 1,
            '“' if open[Mark::LowQuote] => c.len_utf8(),
            '«' | '‹' if open[Mark::ReversedGuillemet] => c.len_utf8(),
            '\u{A0}' | '\u{202F}' if rest.starts_with('»') => c.len_utf8() + '»'.len_utf8(),
            // A footnote mark may stand apart from the sentence that it belongs to.
            ' ' | '\u{A0}' if rest.starts_with("[^") => match note(rest) {
                Some(length) => c.len_utf8() + length,
                None => break,
            },
            '[' | '［' | '〔' | '【' => match note(&stretch[at..]) {
                Some(length) => length,
                None => break,
            },
            ']' => 1 + destination(rest),
            '<' => match tag(&stretch[at..]) {
                Some(length) => length,
                None => break,
            },
            '*' | '_' | '~' | '`' => {
                let run = run_of(&stretch[at..], c);
                let closed = open.close(c, run);
                let is_last = stretch[at + run..].chars().next().is_none_or(|c| c.is_whitespace() || is_closer(c));
                match closed {
                    0 if is_last => run,
                    0 => break,
                    closed => closed,
                }
            }
            // ¹ ² ³ and the other superscript digits
            '\u{B9}' | '\u{B2}' | '\u{B3}' | '\u{2070}'..='\u{2079}' => c.len_utf8(),
            _ if is_closer(c) || is_strong(c) || is_invisible(c) => c.len_utf8(),
            _ => break,
        };
        at += length;
    }
    at
}

/// Whether `tail` has marks of Markdown or HTML, behind which the next sentence may follow without a space.
pub(super) fn has_markup(tail: &str) -> bool {
    tail.contains(['*', '_', '~', '`', '>', ']'])
}

/// Whether the character at `at` is the `!` of an image, `![alt](address)`.
pub(super) fn is_image(stretch: &str, at: usize) -> bool {
    stretch[at..].starts_with("![")
        && !stretch[..at].ends_with(char::is_alphanumeric)
        && note(&stretch[at + 1..]).is_none()
        && starts_with_link(&stretch[at + 1..])
}

/// Whether `text` starts with a link or an image.
pub(super) fn starts_with_link(text: &str) -> bool {
    let text = text.trim_start_matches(['*', '_']);
    if text.starts_with("![") {
        return true;
    }
    let Some(label) = text.strip_prefix('[') else { return false };
    let within = &label[..label.floor_char_boundary(MAX_LABEL_BYTES)];
    within.find(']').is_some_and(|end| end > 0 && within[end + 1..].starts_with(['(', '[']))
}

fn run_of(text: &str, c: char) -> usize {
    text.chars().take_while(|other| *other == c).count() * c.len_utf8()
}

fn is_closer(c: char) -> bool {
    matches!(
        c,
        '」' | '』'
            | '”'
            | '’'
            | '）'
            | ')'
            | ']'
            | '】'
            | '》'
            | '〉'
            | '»'
            | '›'
            | '〕'
            | '｣'
            | '﹂'
            | '﹄'
            | '］'
            | '｝'
            | '}'
            | '〗'
            | '〙'
            | '〛'
            | '〞'
            | '〟'
            | '︶'
            | '︼'
            | '︾'
            | '﹀'
    )
}

/// The length of a note mark at the start of `text`: `[1]`, `[2, 3]`, `[4-6]`, `[^note]`, `〔1〕`, with its link if it
/// has one.
fn note(text: &str) -> Option<usize> {
    let opener = text.chars().next()?;
    let closer = match opener {
        '[' => ']',
        '［' => '］',
        '〔' => '〕',
        '【' => '】',
        _ => return None,
    };
    let inner = &text[opener.len_utf8()..];
    let inner = &inner[..inner.floor_char_boundary(MAX_MARK_BYTES)];
    let length = inner.find(closer)?;
    let label = &inner[..length];
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ',' | '-' | '–' | ' ' | '、');
    let is_numeric = label.starts_with(|c: char| c.is_ascii_digit()) && label.chars().all(is_number);
    let is_footnote = label
        .strip_prefix('^')
        .is_some_and(|name| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '['));
    let end = opener.len_utf8() + length + closer.len_utf8();
    let rest = &text[end..];
    // `[^1]: …` defines the note.
    (is_numeric || is_footnote && !rest.starts_with(':')).then(|| end + destination(rest))
}

/// The length of a link's destination behind its closing bracket: `(https://a.example)` or `[label]`; 0 if there is
/// none.
fn destination(text: &str) -> usize {
    let within = &text[..text.floor_char_boundary(MAX_DESTINATION_BYTES)];
    match within.as_bytes().first() {
        Some(b'(') => {
            let mut depth = 0;
            for (at, c) in within.char_indices() {
                match c {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    '\n' | '\r' => return 0,
                    _ => {}
                }
                if depth == 0 {
                    let inner = &within[1..at];
                    let is_address = inner.contains(['/', '.', '#']) && !inner.starts_with(char::is_whitespace);
                    return if is_address { at + 1 } else { 0 };
                }
            }
            0
        }
        Some(b'[') => match within.find(']') {
            Some(end) if !within[1..end].contains(char::is_whitespace) => end + 1,
            _ => 0,
        },
        _ => 0,
    }
}

/// The length of an HTML tag at the start of `text` that closes something: `</b>`, `<br>`, `<sup>1</sup>`.
fn tag(text: &str) -> Option<usize> {
    let within = &text[..text.floor_char_boundary(MAX_MARK_BYTES)];
    let end = within.find('>')? + 1;
    let name = within[1..end - 1].trim_end_matches(['/', ' ']).to_ascii_lowercase();
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if name.strip_prefix('/').is_some_and(is_name) || name == "br" {
        return Some(end);
    }
    let is_note = name == "sup" || name.starts_with("sup ");
    if is_note { within.find("</sup>").map(|at| at + "</sup>".len()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn note_marks_are_recognised_by_their_form() {
        for mark in
            ["[1]", "[12]", "[2, 3]", "[4-6]", "[^1]", "[^note-a]", "〔1〕", "［2］", "[1](https://a.example/b_(c))"]
        {
            assert_eq!(note(&format!("{mark}a")), Some(mark.len()), "{mark}");
        }
        for other in ["[a]", "[^]", "[^a b]", "[^1]: note", "[", "[^1", "[see 1]"] {
            assert_eq!(note(other), None, "{other}");
        }
    }

    #[test]
    fn tags_that_close_are_recognised_and_tags_that_open_are_not() {
        for mark in ["</b>", "</EM>", "<br>", "<br />", "<sup>1</sup>", "<sup class=\"n\">[2]</sup>"] {
            assert_eq!(tag(&format!("{mark}a")), Some(mark.len()), "{mark}");
        }
        for other in ["<b>", "< b", "<a href='x'>", "<", "<3", "</>", "<sup>1"] {
            assert_eq!(tag(other), None, "{other}");
        }
    }
}
