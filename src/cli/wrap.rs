//! Breaking styled text into lines of a terminal's width.
//!
//! Lines break after spaces, and anywhere between wide characters save where Chinese and Japanese typography forbids
//! it: no line starts with a closing mark, none ends with an opening one (the basic rules of JIS X 4051).

use unicode_width::UnicodeWidthChar;

use super::link;
use super::term::{Role, Style};

/// However deep the indent and narrow the terminal, lines hold this many columns.
const LEAST_COLUMNS: usize = 8;
const NEVER_FIRST: &str = "。，、．！？；：」』）】》〉〕］｝”’…—～％,.!?;:)]}%»";
const NEVER_LAST: &str = "「『（【《〈〔［｛“‘([{«";
const NO_BREAK_SPACE: char = '\u{a0}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// A piece of text with one look. It holds no line break and no control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Which look.
    pub(crate) role: Role,
    /// The text.
    pub(crate) text: String,
    /// Where it leads, if it is a link: a safe address.
    link: Option<String>,
}

impl Segment {
    /// A piece of `text` that looks as `role` says.
    pub(crate) fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), link: None }
    }

    /// The same as a link to `address`, which [`link::DocumentLinks`] has checked.
    pub(crate) fn linked(self, address: Option<String>) -> Self {
        Self { link: address, ..self }
    }
}

type Styled<'s> = (char, &'s Segment);

/// `segments` as lines, each ended by a newline: the first after `first` columns that are taken already, the others
/// behind an indent of `indent` spaces. Without a width they are one line.
pub(crate) fn wrap(segments: &[Segment], first: usize, indent: usize, style: Style) -> String {
    let chars: Vec<Styled> = segments.iter().flat_map(|s| s.text.chars().map(move |c| (c, s))).collect();
    let mut text = String::new();
    for (number, line) in lines(&chars, first, indent, style.width).into_iter().enumerate() {
        if number > 0 {
            text.extend(std::iter::repeat_n(' ', indent));
        }
        for run in line.chunk_by(|(_, a), (_, b)| (a.role, &a.link) == (b.role, &b.link)) {
            let (_, segment) = run[0];
            let plain: String = run.iter().map(|(c, _)| c).collect();
            let painted = style.paint(segment.role, &plain);
            match segment.link.as_deref().filter(|_| style.links) {
                Some(address) => text.push_str(&link::escape(address, &painted)),
                None => text.push_str(&painted),
            }
        }
        text.push('\n');
    }
    text
}

/// Greedy line breaking: a line takes what fits, and breaks at the last place where it may.
fn lines<'c, 's>(chars: &'c [Styled<'s>], first: usize, indent: usize, width: Option<usize>) -> Vec<&'c [Styled<'s>]> {
    let Some(width) = width else { return vec![chars] };
    let room = |taken: usize| width.saturating_sub(taken).max(LEAST_COLUMNS);
    let mut lines = Vec::new();
    let mut limit = room(first);
    let (mut start, mut column, mut break_at) = (0, 0, None);
    let mut at = 0;
    while at < chars.len() {
        if at > start && may_break(chars[at - 1], chars[at]) {
            break_at = Some(at);
        }
        // Spaces may hang over the edge: they are cut off where the line ends.
        let fits = chars[at].0 == ' ' || column + columns(chars[at]) <= limit;
        if fits || at == start {
            column += columns(chars[at]);
            at += 1;
            continue;
        }
        let next = break_at.take().unwrap_or(at);
        lines.push(without_trailing_spaces(&chars[start..next]));
        limit = room(indent);
        start = next;
        column = chars[start..at].iter().copied().map(columns).sum();
    }
    lines.push(without_trailing_spaces(&chars[start..]));
    lines
}

fn columns((c, _): Styled<'_>) -> usize {
    c.width().unwrap_or(0)
}

fn may_break(before: Styled<'_>, after: Styled<'_>) -> bool {
    if before.0 == ' ' {
        return after.0 != ' ';
    }
    let glued = [before.0, after.0].contains(&NO_BREAK_SPACE) || before.0 == ZERO_WIDTH_JOINER;
    // A footnote mark stays with the sentence it belongs to; a combining character with what it combines with.
    let glued = glued || (after.1.role == Role::Mark && before.1.role != Role::Mark) || columns(after) == 0;
    let wide = columns(before) == 2 || columns(after) == 2;
    wide && !glued && after.0 != ' ' && !NEVER_FIRST.contains(after.0) && !NEVER_LAST.contains(before.0)
}

fn without_trailing_spaces<'c, 's>(line: &'c [Styled<'s>]) -> &'c [Styled<'s>] {
    let kept = line.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1);
    &line[..kept]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(width: usize) -> Style {
        Style { width: Some(width), ..Style::PLAIN }
    }

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        wrap(&[Segment::new(Role::Plain, text)], 0, 0, plain(width)).lines().map(str::to_owned).collect()
    }

    #[test]
    fn latin_text_breaks_at_spaces() {
        assert_eq!(wrapped("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrapped("the quick  brown", 9), ["the quick", "brown"]);
    }

    #[test]
    fn chinese_text_breaks_between_any_two_characters() {
        assert_eq!(wrapped("聯準會預期降息", 8), ["聯準會預", "期降息"]);
        assert_eq!(wrapped("預期2026年降息", 9), ["預期2026", "年降息"]);
    }

    #[test]
    fn no_line_starts_with_a_closing_mark_nor_ends_with_an_opening_one() {
        assert_eq!(wrapped("聯準會預，降息", 8), ["聯準會", "預，降息"]);
        assert_eq!(wrapped("聯準會「預期」", 8), ["聯準會", "「預期」"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut() {
        assert_eq!(wrapped("see https://example.org/x", 10), ["see", "https://ex", "ample.org/", "x"]);
    }

    #[test]
    fn a_footnote_mark_stays_with_its_sentence() {
        let segments = [Segment::new(Role::Plain, "聯準會預期降息"), Segment::new(Role::Mark, "[1]")];
        let text = wrap(&segments, 0, 0, plain(14));
        assert_eq!(text, "聯準會預期降\n息[1]\n");
    }

    #[test]
    fn later_lines_are_indented_and_the_first_minds_what_stands_before_it() {
        let text = wrap(&[Segment::new(Role::Plain, "aaaa bbbb cccc")], 4, 2, plain(13));
        assert_eq!(text, "aaaa bbbb\n  cccc\n");
    }

    #[test]
    fn without_a_width_there_is_one_line() {
        let style = Style::PLAIN;
        let long = "word ".repeat(100);
        assert_eq!(wrap(&[Segment::new(Role::Plain, long.trim_end())], 0, 4, style).lines().count(), 1);
    }

    #[test]
    fn colour_is_closed_at_the_end_of_a_line_and_opened_again_on_the_next() {
        let text = wrap(
            &[Segment::new(Role::Mark, "aaaaaaaa bb")],
            0,
            2,
            Style { colour: true, width: Some(8), ..Style::PLAIN },
        );
        assert_eq!(text, "\u{1b}[36maaaaaaaa\u{1b}[0m\n  \u{1b}[36mbb\u{1b}[0m\n");
    }

    #[test]
    fn a_link_is_closed_at_the_end_of_a_line_and_opened_again_on_the_next() {
        let segments = [Segment::new(Role::Plain, "aaaaaaaa bb").linked(Some("https://e.org".into()))];
        let style = Style { links: true, ..plain(8) };
        let link = |text: &str| format!("\u{1b}]8;;https://e.org\u{1b}\\{text}\u{1b}]8;;\u{1b}\\");
        assert_eq!(wrap(&segments, 0, 0, style), format!("{}\n{}\n", link("aaaaaaaa"), link("bb")));
        assert_eq!(wrap(&segments, 0, 0, plain(8)), "aaaaaaaa\nbb\n");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(text in "[a-z 聯準會。，「」é\u{301}👩\u{200d}]{0,80}", width in 8_usize..40) {
            for line in wrapped(&text, width) {
                prop_assert!(line.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>() <= width, "{line:?}");
            }
        }

        #[test]
        fn nothing_but_spaces_is_lost(text in any::<String>(), width in 0_usize..40) {
            let text = crate::display::one_line(&text);
            let dense = |s: &str| s.chars().filter(|c| *c != ' ' && *c != '\n').collect::<String>();
            prop_assert_eq!(dense(&wrapped(&text, width).concat()), dense(&text));
        }

        #[test]
        fn colour_changes_nothing_but_the_look(text in "[a-z 聯準會。]{0,60}", width in 8_usize..30) {
            let segments = [Segment::new(Role::Quote, text.clone()), Segment::new(Role::Context, text)];
            let coloured = wrap(&segments, 0, 2, Style { colour: true, width: Some(width), ..Style::PLAIN });
            let bare = coloured.replace("\u{1b}[1;32m", "").replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
            prop_assert_eq!(bare, wrap(&segments, 0, 2, plain(width)));
        }
    }
}
