//! Places in a text: spans, and where they stand in characters and lines.

use std::ops::Range;

/// Bytes between two marks: at most this many are counted to locate an offset. Each mark takes 16 bytes of memory.
const STRIDE: usize = 4_096;
/// Bytes that are counted in a byte, which a vector instruction adds more of than of larger numbers. No more fit in it, and
/// it is a multiple of the length of vectors.
const COUNTED_AT_ONCE: usize = 224;

/// A half-open range of bytes in a document's text, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// A span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span runs forward: {start}..{end}");
        Self { start, end }
    }

    /// Its length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether its length is 0.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether every byte of `other` lies in it.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// For slicing: `&text[span.range()]`.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A span in bytes, characters and lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Bytes, half-open.
    pub bytes: Span,
    /// Unicode scalar values, half-open.
    pub chars: Span,
    /// First and last line, 1-based, inclusive. Lines end with LF, CR LF, CR, U+0085, U+2028 or U+2029.
    pub lines: (usize, usize),
}

impl Location {
    /// The location of `span` in `text`.
    ///
    /// # Panics
    ///
    /// If `span` does not lie in `text` on character boundaries.
    pub fn of(text: &str, span: Span) -> Self {
        LineIndex::new(text).location(text, span)
    }
}

/// Whether a character ends a line: LF, CR, NEL (U+0085), LINE SEPARATOR (U+2028) or PARAGRAPH SEPARATOR (U+2029), as in
/// editors. CR LF is one line end.
pub(crate) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Length of the line end at the start of `text`, 0 if there is none.
pub(crate) fn line_end(text: &str) -> usize {
    match text.chars().next() {
        Some('\r') if text.starts_with("\r\n") => 2,
        Some(c) if is_line_end(c) => c.len_utf8(),
        _ => 0,
    }
}

/// Length of the line end at the end of `text`, 0 if there is none.
fn trailing_line_end(text: &str) -> usize {
    match text.as_bytes() {
        [.., b'\r', b'\n'] | [.., 0xC2, 0x85] => 2,
        [.., b'\n' | b'\r'] => 1,
        [.., 0xE2, 0x80, 0xA8 | 0xA9] => 3,
        _ => 0,
    }
}

/// Counts of characters and lines at regular offsets of one text. To locate any other offset, a few kilobytes of the text
/// are counted. Building the table reads the text once.
#[derive(Debug, Clone)]
pub(crate) struct LineIndex {
    /// One for each multiple of [`STRIDE`] in the text.
    marks: Vec<Mark>,
}

/// What stands before an offset.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    chars: usize,
    line_ends: usize,
}

impl LineIndex {
    /// The table of `text`.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut mark = Mark::default();
        let mut marks = Vec::with_capacity(bytes.len() / STRIDE + 1);
        for start in (0..=bytes.len()).step_by(STRIDE) {
            marks.push(mark);
            mark = mark.after(bytes, start, (start + STRIDE).min(bytes.len()));
        }
        Self { marks }
    }

    /// Where `span` stands in `text`, the one that the table was made of.
    ///
    /// # Panics
    ///
    /// If `span` does not lie in `text` on character boundaries.
    pub(crate) fn location(&self, text: &str, span: Span) -> Location {
        let inside = &text[span.range()];
        let (start, end) = (self.before(text, span.start), self.before(text, span.end));
        // A line end that ends the span still belongs to the span's last line.
        let last = self.before(text, span.end - trailing_line_end(inside));
        Location {
            bytes: span,
            chars: Span::new(start.chars, end.chars),
            lines: (start.line_ends + 1, last.line_ends.max(start.line_ends) + 1),
        }
    }

    fn before(&self, text: &str, offset: usize) -> Mark {
        let mark = offset / STRIDE;
        self.marks[mark].after(text.as_bytes(), mark * STRIDE, offset)
    }
}

impl Mark {
    /// What stands before `end`, where `self` stands before `start`.
    fn after(self, bytes: &[u8], start: usize, end: usize) -> Self {
        let of_chunk = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(byte & 0xC0 != 0x80)).sum::<u8>();
        let chars: usize = bytes[start..end].chunks(COUNTED_AT_ONCE).map(|chunk| usize::from(of_chunk(chunk))).sum();
        Self { chars: self.chars + chars, line_ends: self.line_ends + line_ends(bytes, start, end) }
    }
}

/// The line ends that have their last byte in `start..end`.
#[expect(clippy::needless_bitwise_bool, reason = "branches would keep the loop from becoming vector instructions")]
fn line_ends(bytes: &[u8], start: usize, end: usize) -> usize {
    // Away from the edges as sums without branches, which compilers turn into vector instructions.
    let first = start.max(2).min(end);
    let last = end.min(bytes.len().saturating_sub(1)).max(first);
    let edges = (start..first).chain(last..end).filter(|&at| ends_line(bytes, at)).count();
    if first == last {
        return edges;
    }
    let inside = (first..last).step_by(COUNTED_AT_ONCE).map(|from| {
        let to = last.min(from + COUNTED_AT_ONCE);
        let two_before = bytes[from - 2..to - 2].iter().zip(&bytes[from - 1..to - 1]);
        let onward = bytes[from..to].iter().zip(&bytes[from + 1..=to]);
        let line_ends = two_before.zip(onward).map(|((&second, &before), (&byte, &next))| {
            let plain = (byte == b'\n') | ((byte == b'\r') & (next != b'\n'));
            let nel = (byte == 0x85) & (before == 0xC2);
            let separator = ((byte == 0xA8) | (byte == 0xA9)) & (before == 0x80) & (second == 0xE2);
            u8::from(plain | nel | separator)
        });
        usize::from(line_ends.sum::<u8>())
    });
    edges + inside.sum::<usize>()
}

/// Whether a line end has its last byte at `at`.
fn ends_line(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        0x85 => bytes[..at].ends_with(&[0xC2]),
        0xA8 | 0xA9 => bytes[..at].ends_with(&[0xE2, 0x80]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_location_counts_bytes_characters_and_lines() {
        let text = "一二\n三四。\nabc";
        let start = text.find('三').unwrap();
        let location = Location::of(text, Span::new(start, start + "三四。".len()));
        assert_eq!(location.bytes, Span::new(7, 16));
        assert_eq!(location.chars, Span::new(3, 6));
        assert_eq!(location.lines, (2, 2));
    }

    #[test]
    fn a_span_that_ends_with_a_line_break_stays_on_its_line() {
        assert_eq!(Location::of("ab\ncd\n", Span::new(0, 3)).lines, (1, 1));
        assert_eq!(Location::of("ab\ncd\n", Span::new(0, 6)).lines, (1, 2));
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        for end in ["\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"] {
            let text = format!("一{end}二{end}三");
            let start = text.find('三').unwrap();
            let location = Location::of(&text, Span::new(start, text.len()));
            assert_eq!(location.lines, (3, 3), "{end:?}");
            assert_eq!(line_end(&text["一".len()..]), end.len());
            let first = Span::new(0, "一".len() + end.len());
            assert_eq!(Location::of(&text, first).lines, (1, 1), "{end:?}");
        }
        // Characters that share their last byte with a line end.
        assert_eq!(Location::of("…Ũ后", Span::new(0, 8)).lines, (1, 1));
    }

    proptest! {
        #[test]
        fn a_location_is_what_counting_from_the_start_gives(
            pieces in proptest::collection::vec(
                prop_oneof!["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "…", "Ũ", "[a-z ]{0,9}", "[一-龥]{0,900}"], 0..40
            ),
            a: prop::sample::Index, b: prop::sample::Index
        ) {
            let text = pieces.concat();
            let boundaries: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
            let (a, b) = (*a.get(&boundaries), *b.get(&boundaries));
            let span = Span::new(a.min(b), a.max(b));
            let location = LineIndex::new(&text).location(&text, span);
            let chars = |end: usize| text[..end].chars().count();
            // The line of an offset, by the definition: a CR before an LF ends no line.
            let line = |end: usize| {
                let (mut at, mut line) = (0, 1);
                while at < end {
                    let length = line_end(&text[at..]);
                    line += usize::from(length > 0 && at + length <= end);
                    at += if length > 0 { length } else { text[at..].chars().next().map_or(1, char::len_utf8) };
                }
                line
            };
            prop_assert_eq!(location.chars, Span::new(chars(span.start), chars(span.end)));
            prop_assert_eq!(location.lines.0, line(span.start));
            let last = text[span.range()].char_indices().next_back();
            let on_last_line = last.map_or(span.start, |(at, _)| span.start + at);
            prop_assert_eq!(location.lines.1, line(on_last_line));
        }
    }
}
