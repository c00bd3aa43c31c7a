//! Cuts what a model writes into whole sentences, each with the numbers that it cites, while it is being written.

use crate::ingest::sentences::sentences;
use crate::passage::Span;

/// What a model may write without ending a sentence.
const MAX_OPEN_BYTES: usize = 16 * 1024;
/// A longer bracket is no footnote mark.
const MAX_MARK_BYTES: usize = 48;
/// A range in a mark names so many numbers at most.
const MAX_RANGE: usize = 20;
/// What some models think before they answer, which is no part of the answer.
const THINKING: (&str, &str) = ("<think>", "</think>");

/// A sentence that a model wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    /// Without its footnote marks.
    pub(super) text: String,
    /// The numbers in them, each once.
    pub(super) citations: Vec<usize>,
}

/// Cuts a text that arrives in pieces.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// What is not in a finished sentence.
    open: String,
    thinking: Thinking,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Thinking {
    /// It is not clear yet.
    #[default]
    Unknown,
    Thinks,
    /// It has done, or did not.
    Answers,
}

/// A sentence without end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endless;

impl Cutter {
    /// Adds a piece. Returns the sentences that are finished: something follows them.
    pub(super) fn push(&mut self, piece: &str) -> Result<Vec<Draft>, Endless> {
        self.open.push_str(piece);
        if !self.has_begun() {
            return if self.open.len() > 64 * MAX_OPEN_BYTES { Err(Endless) } else { Ok(Vec::new()) };
        }
        let text = Text::of(whole_marks(&self.open));
        let mut found = text.drafts();
        // What comes may belong to the last one.
        if let Some((_, start)) = found.pop()
            && !found.is_empty()
        {
            self.open.drain(..start);
        }
        if self.open.len() > MAX_OPEN_BYTES {
            return Err(Endless);
        }
        Ok(found.into_iter().map(|(draft, _)| draft).collect())
    }

    /// The sentences that are left. If the model `broke_off`, its last sentence is not whole.
    pub(super) fn finish(mut self, broke_off: bool) -> Vec<Draft> {
        if !self.has_begun() {
            return Vec::new();
        }
        let text = Text::of(&self.open);
        let mut found = text.drafts();
        // A stop after the last number of "3.5" would end a sentence that the model did not.
        if broke_off {
            found.pop();
        }
        found.into_iter().map(|(draft, _)| draft).collect()
    }

    /// Whether the answer has begun. Cuts off what the model thought before.
    fn has_begun(&mut self) -> bool {
        let (opening, closing) = THINKING;
        if self.thinking == Thinking::Unknown {
            let start = self.open.trim_start();
            if start.starts_with(opening) {
                self.thinking = Thinking::Thinks;
            } else if opening.starts_with(start) {
                return false;
            } else {
                self.thinking = Thinking::Answers;
            }
        }
        if self.thinking == Thinking::Thinks {
            let Some(end) = self.open.find(closing) else { return false };
            self.open.drain(..end + closing.len());
            self.thinking = Thinking::Answers;
        }
        true
    }
}

/// `text` up to a bracket at its end that may become a mark.
fn whole_marks(text: &str) -> &str {
    match text.rfind(['[', '【']) {
        Some(start) if text.len() - start <= MAX_MARK_BYTES && !text[start..].contains([']', '】']) => &text[..start],
        _ => text,
    }
}

/// A text without its marks.
struct Text {
    text: String,
    /// For each byte of `text`, and its end, where it was in the text with marks.
    places: Vec<usize>,
    /// Where in `text` a mark was, and its numbers.
    marks: Vec<(usize, Vec<usize>)>,
}

impl Text {
    fn of(marked: &str) -> Self {
        let mut found = Self { text: String::new(), places: Vec::new(), marks: Vec::new() };
        let mut at = 0;
        while let Some(c) = marked[at..].chars().next() {
            if let Some((length, numbers)) = mark(&marked[at..]) {
                // The space before a mark separated nothing.
                let length_before = found.text.trim_end_matches(' ').len();
                found.text.truncate(length_before);
                found.places.truncate(length_before);
                found.marks.push((found.text.len(), numbers));
                at += length;
                continue;
            }
            found.text.push(c);
            found.places.extend(std::iter::repeat_n(at, c.len_utf8()));
            at += c.len_utf8();
        }
        found.places.push(at);
        found
    }

    /// Its sentences, each with where it starts in the text with marks.
    fn drafts(&self) -> Vec<(Draft, usize)> {
        let spans = sentences(&self.text);
        let mut cited: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
        for (place, numbers) in &self.marks {
            // A mark stands in or behind its sentence.
            let of = spans.partition_point(|span| span.start < *place).saturating_sub(1);
            let Some(citations) = cited.get_mut(of) else { continue };
            for number in numbers {
                if !citations.contains(number) {
                    citations.push(*number);
                }
            }
        }
        let draft = |(span, citations): (&Span, Vec<usize>)| {
            (Draft { text: plain(&self.text[span.range()]), citations }, self.places[span.start])
        };
        spans.iter().zip(cited).map(draft).collect()
    }
}

/// The length of the footnote mark that `text` starts with, and its numbers: `[1]`, `[1, 3]`, `[2-4]`, `[^1]`, `【1】`.
fn mark(text: &str) -> Option<(usize, Vec<usize>)> {
    let inner = text.strip_prefix('[').or_else(|| text.strip_prefix('【'))?;
    let opening = text.len() - inner.len();
    let end = inner.find([']', '】']).filter(|end| *end <= MAX_MARK_BYTES)?;
    let closing = inner[end..].chars().next()?.len_utf8();
    let words = inner[..end].trim().trim_start_matches(['^', '#']).to_lowercase();
    let named = ["quotes", "quote", "sources", "source"].iter().find_map(|name| words.strip_prefix(name));
    let numbers = numbers(named.unwrap_or(&words))?;
    Some((opening + end + closing, numbers))
}

fn numbers(list: &str) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    for part in list.split([',', '，', '、', ';', ' ']).filter(|part| !part.is_empty()) {
        match part.split_once(['-', '–']) {
            Some((first, last)) => {
                let (first, last) = (number(first)?, number(last)?);
                found.extend((first..=last).take(MAX_RANGE));
            }
            None => found.push(number(part)?),
        }
    }
    (!found.is_empty()).then_some(found)
}

fn number(digits: &str) -> Option<usize> {
    // `parse` would accept a sign.
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// All that a model wrote after it thought, on one line.
pub(super) fn on_one_line(written: &str) -> String {
    let (opening, closing) = THINKING;
    let start = written.trim_start();
    let answer = match start.strip_prefix(opening) {
        Some(thoughts) => thoughts.split_once(closing).map_or("", |(_, answer)| answer),
        None => start,
    };
    answer.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A sentence without the Markdown that models like to write.
fn plain(sentence: &str) -> String {
    let bare = sentence.replace("**", "").replace("__", "");
    let words = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = words.trim_start_matches(['#', '>', '-', '*', '•', ' ']);
    // A minus sign belongs to its number.
    let is_negative =
        words.starts_with('-') && start.starts_with(|c: char| c.is_ascii_digit()) && !words.starts_with("- ");
    if is_negative { words } else { start.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drafts(pieces: &[&str], broke_off: bool) -> Vec<(String, Vec<usize>)> {
        let mut cutter = Cutter::default();
        let mut found = Vec::new();
        for piece in pieces {
            found.extend(cutter.push(piece).unwrap());
        }
        found.extend(cutter.finish(broke_off));
        found.into_iter().map(|draft| (draft.text, draft.citations)).collect()
    }

    fn cut(text: &str) -> Vec<(String, Vec<usize>)> {
        drafts(&[text], false)
    }

    fn of(sentences: &[(&str, &[usize])]) -> Vec<(String, Vec<usize>)> {
        sentences.iter().map(|(text, citations)| ((*text).to_owned(), citations.to_vec())).collect()
    }

    #[test]
    fn each_sentence_has_the_numbers_in_it_and_behind_it() {
        assert_eq!(
            cut("The Fed cuts twice.[1][3] The ECB [2] waits [2, 4]. Nobody knows. [5]"),
            of(&[("The Fed cuts twice.", &[1, 3]), ("The ECB waits.", &[2, 4]), ("Nobody knows.", &[5])])
        );
        assert_eq!(
            cut("聯準會降息兩次。[1]歐洲央行不動【2】。"),
            of(&[("聯準會降息兩次。", &[1]), ("歐洲央行不動。", &[2])])
        );
        assert_eq!(cut("A grew.[^1] B fell [2-4]."), of(&[("A grew.", &[1]), ("B fell.", &[2, 3, 4])]));
        assert_eq!(cut("[1] A grew."), of(&[("A grew.", &[1])]));
        assert_eq!(
            cut("- **A** grew 3.5 percent [Quote 1]\n- B fell [2]"),
            of(&[("A grew 3.5 percent", &[1]), ("B fell", &[2])])
        );
    }

    #[test]
    fn brackets_that_are_no_marks_stay() {
        assert_eq!(cut("He [Powell] said [sic] so [].[1]"), of(&[("He [Powell] said [sic] so [].", &[1])]));
        assert_eq!(cut("It is [-1] or [1.5] or [+1]."), of(&[("It is [-1] or [1.5] or [+1].", &[])]));
    }

    #[test]
    fn a_sentence_is_given_as_soon_as_something_follows_it() {
        let mut cutter = Cutter::default();
        assert_eq!(cutter.push("The rate is 3.").unwrap(), []);
        assert_eq!(cutter.push("5 percent.[1").unwrap(), []);
        assert_eq!(cutter.push("][2").unwrap(), []);
        assert_eq!(cutter.push("]").unwrap(), []);
        let finished = cutter.push(" The").unwrap();
        assert_eq!(finished, [Draft { text: "The rate is 3.5 percent.".into(), citations: vec![1, 2] }]);
        assert_eq!(cutter.push(" ECB waits").unwrap(), []);
    }

    #[test]
    fn a_model_that_breaks_off_loses_its_last_sentence() {
        assert_eq!(drafts(&["A grew.[1] B fell 3."], true), of(&[("A grew.", &[1])]));
        assert_eq!(drafts(&["A grew"], true), of(&[]));
    }

    #[test]
    fn what_a_model_thinks_first_is_left_out() {
        assert_eq!(drafts(&["<th", "ink>Hm. Well", ".</thi", "nk>\n\nA grew.[1]"], false), of(&[("A grew.", &[1])]));
        assert_eq!(drafts(&["<think>Hm."], false), of(&[]));
        assert_eq!(drafts(&["<", "3 percent.[1]"], false), of(&[("<3 percent.", &[1])]));
    }

    #[test]
    fn a_sentence_without_end_is_given_up() {
        let mut cutter = Cutter::default();
        let ended = (0..10_000).find_map(|_| cutter.push("and so on ").err());
        assert_eq!(ended, Some(Endless));
    }

    proptest! {
        #[test]
        fn sentences_do_not_depend_on_the_pieces(
            parts in prop::collection::vec(
                prop::sample::select(vec!["A grew", "降息", ".", "。", " ", "[1]", "[2, 3]", "【4】", "[", "]", "3.5", "\n", "\n\n", "!", "e.g. "]), 0..24),
            cuts in prop::collection::vec(any::<bool>(), 24),
        ) {
            let whole = parts.concat();
            let mut pieces: Vec<String> = vec![String::new()];
            for (part, cut) in parts.iter().zip(cuts) {
                if cut { pieces.push(String::new()); }
                pieces.last_mut().unwrap().push_str(part);
            }
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let in_pieces: Vec<usize> = drafts(&pieces, false).into_iter().flat_map(|(_, citations)| citations).collect();
            let at_once: Vec<usize> = cut(&whole).into_iter().flat_map(|(_, citations)| citations).collect();
            let distinct = |mut all: Vec<usize>| { all.sort_unstable(); all.dedup(); all };
            prop_assert_eq!(distinct(in_pieces), distinct(at_once), "{:?}", whole);
        }

        #[test]
        fn no_text_makes_it_panic(pieces in prop::collection::vec("[\\PC\\[\\]【】\n]{0,12}", 0..12), broke_off in any::<bool>()) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let _ = drafts(&pieces, broke_off);
        }
    }
}
