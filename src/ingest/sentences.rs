//! Sentence boundaries in any language, made for quoting: every character that is not white space is in one sentence.
//!
//! First lines are joined to stretches of running text, by whether a line break is only a wrapped line; then each
//! stretch is cut at its terminators. Both passes are linear, whatever the text.

use super::full_stop;
use super::lines::{Kind, Lines, is_unspaced, is_wrapped};
use crate::passage::Span;
use crate::terms::language::is_hangul;

/// How many characters that are no letters may stand between a mark and the letter that tells its script.
const NEAR: usize = 8;

/// The sentences of `text`: trimmed of white space, disjoint, in order. Every character that is not white space is in
/// exactly one of them.
///
/// A sentence ends at a terminator of its script, with the closing quotes and brackets that follow it, and at the end
/// of a line that is not merely wrapped. Headings, table rows and code each end with their line. A mark inside a
/// number, an abbreviation, a web address or a name such as `Yahoo!x` ends nothing.
pub fn sentences(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut lines = Lines::new(text).peekable();
    let mut start = None;
    while let Some(line) = lines.next() {
        if line.kind == Kind::Blank {
            continue;
        }
        let from = *start.get_or_insert(line.start);
        if lines.peek().is_some_and(|next| is_wrapped(text, &line, next)) {
            continue;
        }
        start = None;
        if line.kind == Kind::Whole {
            found.extend(trimmed(text, from, line.end));
        } else {
            cut(text, from, line.end, &mut found);
        }
    }
    found
}

fn trimmed(text: &str, start: usize, end: usize) -> Option<Span> {
    let slice = &text[start..end];
    let content = slice.trim_start();
    let start = end - content.len();
    let content = content.trim_end();
    (!content.is_empty()).then(|| Span::new(start, start + content.len()))
}

/// Cuts a stretch of running text at its terminators.
fn cut(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    let stretch = &text[start..end];
    let mut begin = None;
    let mut state = State::default();
    let mut resume = 0;
    for (at, c) in stretch.char_indices() {
        if at < resume {
            continue;
        }
        let from = match begin {
            Some(from) => from,
            None if c.is_whitespace() => continue,
            None => {
                state = State::default();
                *begin.insert(at)
            }
        };
        if !is_terminator(c) {
            state.pass(stretch, at, c);
            continue;
        }
        let run_end = end_of_run(stretch, at);
        let tail_end = end_of_tail(stretch, run_end, &state);
        resume = tail_end;
        if ends(stretch, from, at..run_end, tail_end, &state) {
            found.extend(trimmed(text, start + from, start + tail_end));
            begin = None;
        } else {
            for (offset, c) in stretch[at..tail_end].char_indices() {
                state.pass(stretch, at + offset, c);
            }
        }
    }
    if let Some(from) = begin {
        found.extend(trimmed(text, start + from, end));
    }
}

/// What is open at a place in a sentence.
#[derive(Default)]
struct State {
    /// A straight double quote.
    quote: bool,
    /// A German `„`, which makes `“` the closing one.
    low_quote: bool,
    /// A web address.
    address: bool,
}

impl State {
    fn pass(&mut self, stretch: &str, at: usize, c: char) {
        match c {
            '"' => self.quote = !self.quote,
            '„' => self.low_quote = true,
            '“' => self.low_quote = false,
            ':' if stretch[at..].starts_with("://") => self.address = true,
            _ => {}
        }
        if c.is_whitespace() || matches!(c, '"' | '<' | '>' | '”' | '」' | '』' | '，' | '。' | '、' | '）' | '》')
        {
            self.address = false;
        }
    }
}

/// Terminators that need nothing else to end a sentence.
fn is_strong(c: char) -> bool {
    matches!(
        c,
        '。' | '！'
            | '？'
            | '；'
            | '｡'
            | '．'
            | '।'
            | '॥'
            | '؟'
            | '۔'
            | '։'
            | '።'
            | '፧'
            | '។'
            | '៕'
            | '။'
            | '\u{37E}'
            | '‼'
            | '⁇'
            | '⁈'
            | '⁉'
    )
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | ';' | '…') || is_strong(c)
}

/// Where the run of terminators at `at` ends: `！？`, `...`, `……`.
fn end_of_run(stretch: &str, at: usize) -> usize {
    stretch[at..].find(|c| !is_terminator(c)).map_or(stretch.len(), |length| at + length)
}

/// Where the closing quotes, brackets and note marks (`[1]`) after a terminator end, and terminators among them (`？」。`).
fn end_of_tail(stretch: &str, mut at: usize, state: &State) -> usize {
    let mut quote = state.quote;
    while let Some(c) = stretch[at..].chars().next() {
        let rest = &stretch[at + c.len_utf8()..];
        let before_space = rest.chars().next().is_none_or(|c| c.is_whitespace() || is_closer(c));
        let length = match c {
            '"' if quote || before_space => {
                quote = false;
                1
            }
            '\'' if before_space => 1,
            '“' if state.low_quote => c.len_utf8(),
            '\u{A0}' | '\u{202F}' if rest.starts_with('»') => c.len_utf8() + '»'.len_utf8(),
            '[' => match rest.bytes().take(4).position(|b| !b.is_ascii_digit()) {
                Some(digits @ 1..) if rest[digits..].starts_with(']') => digits + 2,
                _ => break,
            },
            _ if is_closer(c) || is_strong(c) => c.len_utf8(),
            _ => break,
        };
        at += length;
    }
    at
}

fn is_closer(c: char) -> bool {
    matches!(c, '」' | '』' | '”' | '’' | '）' | ')' | ']' | '】' | '》' | '〉' | '»' | '›' | '〕' | '｣' | '﹂' | '﹄')
}

/// Whether the terminators in `run` end the sentence that began at `from`; its closing marks end at `tail_end`.
fn ends(stretch: &str, from: usize, run: std::ops::Range<usize>, tail_end: usize, state: &State) -> bool {
    let marks = &stretch[run.clone()];
    let (sentence, rest) = (&stretch[from..run.start], &stretch[tail_end..]);
    let last = sentence.chars().next_back();
    let Some(next) = rest.chars().next() else { return true };
    if marks == "．" && last.is_some_and(char::is_numeric) && next.is_numeric() {
        return false;
    }
    if stretch[run.start..tail_end].chars().any(is_strong) {
        return true;
    }
    if state.address && (next.is_ascii_alphanumeric() || "=&/%_-~#+".contains(next)) {
        return false;
    }
    let follows_script = last.is_some_and(is_cjk);
    if marks.bytes().all(|b| b == b';') {
        // Between Latin words a semicolon joins clauses; in Chinese typed with half-width marks it ends one.
        return near_script(sentence.chars().rev()) || near_script(rest.chars());
    }
    if !next.is_whitespace() {
        let between = follows_script && !next.is_ascii_alphanumeric() || is_cjk(next);
        return match marks {
            "." => between && (follows_script || full_stop::ends_sentence(sentence, rest)),
            _ if marks.starts_with('.') => between,
            _ => between || follows_script,
        };
    }
    let is_closed = tail_end > run.end;
    let opens_lower = || {
        let next = rest.trim_start().trim_start_matches(|c: char| !c.is_alphanumeric() && !c.is_whitespace());
        next.starts_with(char::is_lowercase)
    };
    match marks {
        "." => full_stop::ends_sentence(sentence, rest),
        // `"Really?" she asked` goes on, and so does `Yahoo! is`; `why? because` in a hurry does not.
        "?" if !is_closed => true,
        _ => !opens_lower(),
    }
}

fn is_cjk(c: char) -> bool {
    is_unspaced(c) || is_hangul(c)
}

/// Whether the nearest letter is Chinese, Japanese or Korean.
fn near_script(chars: impl Iterator<Item = char>) -> bool {
    chars.take(NEAR).find(|c| c.is_alphabetic()).is_some_and(is_cjk)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|span| &text[span.range()]).collect()
    }

    /// Each case is a text whose sentences are parted by `|`.
    fn check(cases: &[&str]) {
        for case in cases {
            let expected: Vec<&str> = case.split('|').map(str::trim).collect();
            assert_eq!(cut(&case.replace('|', "")), expected);
        }
    }

    #[test]
    fn sentences_end_at_the_terminators_of_every_script() {
        check(&[
            "聯準會降息了。| 市場上漲！| 為什麼？| 因為；| 如此…… |好",
            "半角也行!|對嗎?|是的;|好",
            "全角｡|也行．|好",
            "Rates fell. |Markets rose! |Why? |Because.",
            "दर घटी। |बाज़ार चढ़ा॥ |क्यों?",
            "هل خفض البنك الفائدة؟ |نعم. |لا",
            "금리를 내렸다. |시장이 올랐다.|왜?",
            "利下げした。|なぜ？|景気だ。",
        ]);
    }

    #[test]
    fn closing_marks_and_runs_of_terminators_stay_with_their_sentence() {
        check(&[
            "他說：「真的嗎？！」|她沒有回答。",
            "“不會降息。”|他說。",
            "（見附錄。）|下一句。",
            "「好嗎？」。|好",
            "He said: \"It fell.\" |Then he left. |(It rose.) |So [what?] |Yes.",
            "他說。|\"降息了。\"|她說",
            "Er sagte: „Nein.“ |Dann ging er.",
            "« Vraiment\u{A0}?\u{A0}» |Oui.",
            "It fell.[12] |Then it rose.[3][4] |End.",
            "Wait... |What?! |No……|好",
        ]);
    }

    #[test]
    fn marks_inside_numbers_names_abbreviations_and_addresses_end_nothing() {
        check(&[
            "It rose 3.5% to 4.25 in v1.2.3 of no. 5, said Mr. J. Smith of U.S. Steel Inc. in St. Louis, e.g. today.",
            "Yahoo!x and https://a.example/b?c=d;e!f are names. |See https://a.example/b. |Yes.",
            "Yahoo! is a name; so is this.",
            "\"Really?\" she asked. |Yes.",
            "Well... maybe.",
            "Am 5. Januar, z.B. um 3 Uhr. |Danach nicht.",
            "El Sr. García ganó. |La Sra. López no.",
            "He lives in the U.S. |The rest do not.",
        ]);
    }

    #[test]
    fn a_half_width_semicolon_ends_a_sentence_only_beside_cjk() {
        check(&["增長 5%;|2021 年“公平合理”;|估值", "Rates fell; markets rose."]);
    }

    #[test]
    fn a_wrapped_line_goes_on_and_a_line_of_its_own_does_not() {
        check(&[
            "The central bank, which had kept its rate\nunchanged for a year, cut it on the day that\nMr.\nPowell left. |It rose.",
            "A Title Without a Stop\n|The central bank, which had kept its rate unchanged for a year, cut it today.",
            "第一行\n|第二行\n|第三行",
            "Apples\n|Pears\n|Plums",
            "One paragraph without end\n\n|another one",
        ]);
    }

    #[test]
    fn markdown_markup_ends_with_its_line() {
        check(&[
            "# What? A heading. Yes\n|Prose follows here\n|- an item\n|- another one\n  goes on\n|1. First. |It is.\n|2. Second",
            "Text\n|```rust\n|let a = b. c();\n|```\n|More",
            "> quoted words that go on for quite a while\n> and end here.\n|Prose",
            "Setext\n|======\n|Prose",
        ]);
        assert_eq!(cut("| a. B | c |\n|---|---|\n| d | e |"), ["| a. B | c |", "|---|---|", "| d | e |"]);
    }

    #[test]
    fn megabytes_of_hostile_marks_take_linear_time() {
        let started = std::time::Instant::now();
        for piece in ["a", ".", ". ", ".)", ".[", "! ", "( . ", "1. ", "a.\n", "\"", "?\"", "字;", "a. A", "\n", ">\n"]
        {
            let text = piece.repeat(1_000_000 / piece.len()) + "x";
            assert!(!sentences(&text).is_empty());
        }
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn every_character_but_white_space_is_in_exactly_one_sentence(
            text in "\\PC{0,200}|([ -~。！？；…」”\\n\\r\\t字가\u{A0}\u{2028}]|\\. |```\\n|\\.\\)){0,200}"
        ) {
            let mut end = 0;
            for span in sentences(&text) {
                prop_assert!(span.start >= end && !span.is_empty());
                prop_assert_eq!(text[end..span.start].trim(), "");
                prop_assert_eq!(text[span.range()].trim(), &text[span.range()]);
                end = span.end;
            }
            prop_assert_eq!(text[end..].trim(), "");
        }
    }
}
