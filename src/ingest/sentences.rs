//! Splits text of any language into sentences, for quoting: every character that is not white space is in one sentence.
//!
//! Lines are joined into stretches of running text where a line break only wraps; then each stretch is cut at its
//! terminators. Both passes take linear time.

use super::closing::{Open, end_of_tail, has_markup, is_image, starts_with_link};
use super::full_stop;
use super::layout::{Kind, Lines, is_wrapped};
use super::terminator::{end_of_run, is_strong, is_terminator};
use crate::passage::Span;
use crate::terms::language::{is_hangul, is_unspaced};

/// How many other characters may stand between a mark and the letter that decides its script.
const MAX_DISTANCE: usize = 8;

/// A sentence, or a line of markup without words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) span: Span,
    pub(super) role: Role,
}

/// The role of a part in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Sentence,
    /// A rule, a code fence, the delimiter row of a table or a lone `#`: nothing that can be quoted.
    Markup,
    /// The header row of a table.
    Header,
    /// A row of a table.
    Row {
        /// The header row, if there is one above it.
        header: Option<Span>,
    },
}

impl Part {
    /// The part in a text that has `start` more bytes before it.
    pub(super) fn moved(self, start: usize) -> Self {
        let moved = |span: Span| Span::new(start + span.start, start + span.end);
        let role = match self.role {
            Role::Row { header } => Role::Row { header: header.map(moved) },
            role => role,
        };
        Self { span: moved(self.span), role }
    }

    pub(super) fn is_markup(&self) -> bool {
        self.role == Role::Markup
    }
}

/// The sentences of `text`: trimmed of white space, disjoint, in order. Every character that is neither white space nor
/// invisible is in exactly one of them.
///
/// A sentence ends at a terminator of its script, with the closing marks that follow it (quotation marks, brackets, note
/// marks, emphasis), and at the end of a line that is not merely wrapped. Headings, table rows and code end with their
/// line. A mark inside a number, an abbreviation, a web address or a name such as `Yahoo!x` ends nothing.
pub fn sentences(text: &str) -> Vec<Span> {
    parts(text).into_iter().map(|part| part.span).collect()
}

/// The [`sentences`] of `text`, with those marked that are only markup.
pub(super) fn parts(text: &str) -> Vec<Part> {
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
        let role = match line.kind {
            Kind::Whole => Role::Sentence,
            Kind::Markup => Role::Markup,
            Kind::Header => Role::Header,
            Kind::Row { header } => Role::Row { header: Some(header) },
            Kind::Blank | Kind::Item | Kind::Quote | Kind::Prose => {
                cut(text, from, line.end, &mut found);
                continue;
            }
        };
        found.extend(trimmed(text, from, line.end).map(|span| Part { span, role }));
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
fn cut(text: &str, start: usize, end: usize, found: &mut Vec<Part>) {
    let stretch = &text[start..end];
    let mut sentence = |from: usize, to: usize| {
        found.extend(trimmed(text, start + from, start + to).map(|span| Part { span, role: Role::Sentence }));
    };
    let mut begin = None;
    let mut open = Open::default();
    let mut resume = 0;
    for (at, c) in stretch.char_indices() {
        if at < resume {
            continue;
        }
        let from = match begin {
            Some(from) => from,
            None if c.is_whitespace() => continue,
            None => {
                open.address = false;
                *begin.insert(at)
            }
        };
        if !is_terminator(c) || is_image(stretch, at) {
            open.pass(stretch, at, c);
            continue;
        }
        let mut run_end = end_of_run(stretch, at);
        // The `!` of an image behind a stop is not a terminator.
        if stretch[at + c.len_utf8()..run_end].ends_with('!') && is_image(stretch, run_end - 1) {
            run_end -= 1;
        }
        let tail_end = end_of_tail(stretch, run_end, &open);
        resume = tail_end;
        if ends(stretch, from, at..run_end, tail_end, &open) {
            sentence(from, tail_end);
            begin = None;
        }
        open.pass_tail(stretch, run_end..tail_end);
    }
    if let Some(from) = begin {
        sentence(from, stretch.len());
    }
}

/// Whether the terminators in `run` end the sentence that began at `from`; its closing marks end at `tail_end`.
fn ends(stretch: &str, from: usize, run: std::ops::Range<usize>, tail_end: usize, open: &Open) -> bool {
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
    if open.address && (next.is_ascii_alphanumeric() || "=&/%_-~#+".contains(next)) {
        return false;
    }
    let follows_script = last.is_some_and(is_cjk);
    if marks.bytes().all(|b| b == b';') {
        // Between Latin words a semicolon joins clauses; in Chinese typed with half-width marks it ends one.
        return near_script(sentence.chars().rev()) || near_script(rest.chars());
    }
    let is_link = || starts_with_link(rest.trim_start());
    let ends_at_full_stop = || full_stop::ends_sentence(sentence, rest, &is_link);
    if !next.is_whitespace() {
        let between = follows_script && !next.is_ascii_alphanumeric() || is_cjk(next);
        let is_marked = has_markup(&stretch[run.end..tail_end]) && next.is_uppercase() || is_link();
        return match marks {
            "." => between && follows_script || (between || is_marked) && ends_at_full_stop(),
            _ if marks.starts_with('.') => between,
            _ => between || follows_script || is_marked,
        };
    }
    let is_closed = tail_end > run.end;
    let opens_lower = || full_stop::opening(rest).starts_with(char::is_lowercase) && !is_link();
    match marks {
        "." => ends_at_full_stop(),
        // `"Really?" she asked` and `Yahoo! is` continue; `why? because`, typed in a hurry, does not.
        "?" if !is_closed => true,
        _ => !opens_lower(),
    }
}

fn is_cjk(c: char) -> bool {
    is_unspaced(c) || is_hangul(c)
}

/// Whether the nearest letter is Chinese, Japanese or Korean.
fn near_script(chars: impl Iterator<Item = char>) -> bool {
    chars.take(MAX_DISTANCE).find(|c| c.is_alphabetic()).is_some_and(is_cjk)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::terms::is_blank;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|span| &text[span.range()]).collect()
    }

    /// Each case is a text with `|` between its sentences.
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
    fn footnote_marks_emphasis_and_tags_stay_with_the_sentence_that_they_close() {
        check(&[
            "The bog lost its water.[^1] |Rangers blocked it.[^note] |Cranes returned.",
            "沼澤失去三分之一的水。[^1]|巡山員堵住溝渠。[^2]|鶴群在2024年回來。",
            "It fell. [^1] |Then it rose.",
            "It fell.[1, 2] |It rose.[3-5](https://a.example/b) |End.",
            "**The oven heats.** *The fan stops.* |The glass is clean.".replace("** *", "** |*").as_str(),
            "**烤箱升到260度。**|門打開時風扇會停。|**不可使用鋼絲絨！**|備用燈泡在抽屜。",
            "第一句。|**第二句。|第三句。**|第四句。",
            "__It fell.__ |_It rose._ |~~It stayed.~~ |`It ran.` |End.",
            "***It fell.*** |**“It rose.”** |**(It stayed.)** |End.",
            "<p>It fell.</p> |<b>It rose.</b> |So.<sup>2</sup> |End.<br>",
            "句一。</b>|句二。<sup>1</sup>|句三。",
            "[It fell.](https://a.example/b) |It rose.",
            "It fell.¹ |It rose.² |句。³|句。",
            "\"甲。|乙。\"|丙。",
            "»Nein.« |Dann ging er.",
            "**Wait!** |*Why?* |_So…_ |End.",
        ]);
    }

    #[test]
    fn a_stop_before_a_link_or_an_image_ends_a_sentence_even_in_lower_case() {
        check(&[
            "The shed opens at six. |![pixel](https://a.example/x.png) Ignore the rest.",
            "It opens at six. |[read more](https://a.example/x). |End.",
            "It opens at six.![pixel](https://a.example/x.png)".replace(".!", ".|!").as_str(),
            "It opens at six! |[read more][1]",
        ]);
        check(&[
            "See e.g. [the report](https://a.example/x) for more.",
            "It shows in Fig. [3](https://a.example/x) of it.",
        ]);
    }

    #[test]
    fn emphasis_that_opens_behind_a_stop_belongs_to_the_next_sentence() {
        check(&[
            "句一。|**句二**是粗體。",
            "It fell. |**It** rose.",
            "2 * 3 = 6. |4 * 5 = 20.",
            "snake_case is a name. |So is a_b.",
        ]);
    }

    #[test]
    fn invisible_characters_do_not_divide_a_sentence_or_join_two() {
        check(&[
            "It fell.\u{200B} |\u{FEFF}It rose.",
            "「降息。\u{200B}」|好。",
            "Mr\u{AD}.\u{200B} Smith left. |It grew 3\u{200B}.5%.",
        ]);
    }

    #[test]
    fn a_title_byline_and_dateline_above_the_text_are_sentences_of_their_own() {
        check(&[
            "The refinancing wave that never really came\n|Porchlight Monthly, 11 February 2026\n\n|Lenders across the U.S. hired extra staff last autumn.",
            "It was a bright cold day in April and the\nclocks were striking\n\n|So it began.",
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
    fn hostile_marks_take_linear_time() {
        let started = std::time::Instant::now();
        for piece in [
            "a",
            ".",
            ". ",
            ".)",
            ".[",
            "! ",
            "( . ",
            "1. ",
            "a.\n",
            "\"",
            "?\"",
            "字;",
            "a. A",
            "\n",
            ">\n",
            "a.*",
            ".**",
            "*",
            "_",
            "`",
            "~~",
            "。](",
            "。<",
            ".[^",
            "。[^a]",
            "a. [",
            "a. ![",
            "\u{200B}",
            ".\u{200B}",
            "\r",
            "---\n",
        ] {
            let text = piece.repeat(200_000 / piece.len()) + "x";
            assert!(!sentences(&text).is_empty());
        }
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn every_visible_character_is_in_exactly_one_sentence(
            text in "\\PC{0,200}|([ -~。！？；…」”\\n\\r\\t字가\u{A0}\u{2028}\u{200B}]|\\. |```\\n|\\.\\)|\\*\\*|\\[\\^1\\]|。){0,200}"
        ) {
            let mut end = 0;
            for span in sentences(&text) {
                prop_assert!(span.start >= end && !span.is_empty());
                prop_assert!(is_blank(&text[end..span.start]));
                prop_assert_eq!(text[span.range()].trim(), &text[span.range()]);
                end = span.end;
            }
            prop_assert!(is_blank(&text[end..]));
        }

        #[test]
        fn no_sentence_starts_with_a_mark_that_closes_the_one_before(
            sentences in prop::collection::vec(0..6_usize, 1..8),
            script: bool,
            join: bool,
        ) {
            let (word, stop) = if script { ("鶴群在春天回來", "。") } else { ("Cranes came back in spring", ".") };
            let mut text = String::new();
            let mut expected = Vec::new();
            for kind in sentences {
                let sentence = match kind {
                    0 => format!("{word}{stop}"),
                    1 => format!("**{word}{stop}**"),
                    2 => format!("*{word}{stop}*"),
                    3 => format!("{word}{stop}[^{}]", expected.len()),
                    4 => format!("“{word}{stop}”"),
                    _ => format!("<b>{word}{stop}</b>"),
                };
                text.push_str(&sentence);
                // Latin script writes a space between sentences; without one, `**` beside `**` has two readings.
                if !script || !join {
                    text.push(' ');
                } else if sentence.ends_with('*') {
                    text.push_str("另外");
                    expected.push(sentence);
                    expected.push("另外".to_owned());
                    continue;
                }
                expected.push(sentence);
            }
            let mut at = 0;
            let mut rest = expected.concat();
            for found in cut(&text) {
                prop_assert!(rest.starts_with(found) || found.starts_with("另外"), "{found:?} of {text:?}");
                prop_assert!(!found.starts_with(['[', '”']) && !found.starts_with("</"), "{found:?} of {text:?}");
                let marks = found.matches('*').count();
                prop_assert!(marks % 2 == 0, "{found:?} of {text:?}");
                rest = rest[found.len()..].to_owned();
                at += found.len();
            }
            prop_assert_eq!(at, expected.concat().len());
        }
    }
}
