//! Reads the words of the first candidates, once their vectors have ranked them: which sentences to quote, and which of the
//! question's names no passage has.

use std::collections::HashMap;

use super::answer::SUPPORTED_FROM;
use super::asked::Asked;
use super::copies::Documents;
use super::extreme::{Extreme, extreme};
use super::fuse::Ranked;
use super::names::{Name, Origin};
use super::quote::{Tabled, quoted};
use super::words::{Neighbourhood, Words};
use crate::error::Result;
use crate::index::PassageKey;
use crate::late::Window;
use crate::passage::{Row, Span};

/// Candidates that are read at least, however few are wanted.
const READ: usize = 6;
/// A passage is about the same as the best one if it has this share of what that has of the question's other concepts.
const ABOUT_FROM: f32 = 0.8;
/// Passages at the top of which one may be of a table.
const NEAR_TABLE: usize = 3;
/// The support of a row that is not the one that is wanted, at most.
const BELOW_SUPPORTED: f32 = SUPPORTED_FROM / 2.0;
/// Characters of a name that is told to a person.
const NAME_CHARS: usize = 60;

/// What reading found besides the quotes.
pub(super) struct Read {
    /// The names that a passage would have if it were about them and that none has, as the question writes them.
    pub(super) missing: Vec<String>,
    /// The row that the question wants of a table that one of the first passages is of.
    pub(super) extreme: Option<Extreme>,
}

/// Reads the first passages of a ranking, `count` of them or a few more, and chooses their quotes.
pub(super) fn read(
    documents: &mut Documents<'_, '_>,
    passages: &mut [Ranked],
    headings: &HashMap<PassageKey, Vec<String>>,
    asked: &Asked,
    count: usize,
) -> Result<Read> {
    let (mut wanted, mut is_settled) = (None, false);
    let mut absent: Vec<Absence<'_>> = asked.names.iter().map(Absence::of).collect();
    let (mut read, mut of_best) = (0, None);
    for passage in passages.iter_mut().take(count.max(READ)) {
        let Some(document) = documents.get(passage.document)? else { continue };
        let text = document.text.as_str();
        let above = headings.get(&passage.key).map(Vec::as_slice).unwrap_or_default();
        let words = Words::of(document, above, &passage.sentences);
        let has_kind = |span: &Span| asked.kind.is_in(text.get(span.range()).unwrap_or_default());
        let kinds: Vec<Option<bool>> = passage.sentences.iter().map(has_kind).collect();
        let tabled = Tabled::of(text, &document.layout.rows, &passage.sentences);
        let chosen = passage.choice.best(&tabled, &passage.sentences, asked, &words, &kinds);
        let quote = chosen.and_then(|window| quoted_text(text, &passage.sentences, window, asked)).unwrap_or_default();
        let quoted_row = chosen.and_then(|window| tabled.row_of(window.first));
        let header = |row: Row| row.header.map_or(quote, |header| text.get(header.range()).unwrap_or_default());
        let loss = if chosen.is_some() { asked.kind.loss(quote, quoted_row.map(header)) } else { 0.0 };
        if let Some(superlative) = asked.superlative.as_ref().filter(|_| read < NEAR_TABLE && !is_settled) {
            // "The Quick programme uses the least water." needs no table.
            let is_said = quoted_row.is_none() && superlative.is_said_in(quote);
            let row = quoted_row.or_else(|| tabled.first_row()).filter(|_| !is_said);
            let marked = &document.layout.rows;
            wanted = row.and_then(|row| extreme(superlative, asked, (passage.document, text), marked, row));
            is_settled = is_said || wanted.is_some();
        }
        passage.choice.choose(chosen, loss, asked.asks_whether);
        read += 1;
        if absent.is_empty() {
            continue;
        }
        let around = Neighbourhood::of(document, &words, passage.span);
        let language = document.info.language.as_deref().unwrap_or_default();
        let share = asked.share_of_others(&words);
        let of_best = *of_best.get_or_insert(share);
        for absence in &mut absent {
            // A passage about something else says nothing of the period, even if it names it.
            let is_about_it = absence.name.origin != Origin::Period || share >= ABOUT_FROM * of_best;
            absence.look(&around, is_about_it, language, asked.language.as_deref());
        }
    }
    absent.retain(|absence| absence.is_certain(read));
    Ok(Read { missing: absent.into_iter().map(|absence| shown(&absence.name.text)).collect(), extreme: wanted })
}

fn quoted_text<'t>(text: &'t str, sentences: &[Span], window: Window, asked: &Asked) -> Option<&'t str> {
    quoted(text, sentences, window, asked.asks_whether).and_then(|span| text.get(span.range()))
}

/// Puts the passage first that has the row which the question wants. Of the other rows of its table none is part of the answer.
pub(super) fn put_first(extreme: Extreme, passages: &mut Vec<Ranked>) {
    let document = extreme.document;
    let Some(support) = passages.first().map(|best| best.support) else { return };
    let has_row = |passage: &Ranked| passage.document == document && passage.span.range().contains(&extreme.row.start);
    let Some(place) = passages.iter().position(has_row) else { return };
    for other in passages.iter_mut().filter(|other| other.document == document) {
        if extreme.table.start <= other.span.start && other.span.end <= extreme.table.end {
            other.support = other.support.min(BELOW_SUPPORTED);
        }
    }
    let mut passage = passages.remove(place);
    if let Some(at) = passage.sentences.iter().position(|sentence| sentence.start == extreme.row.start) {
        passage.choice.choose_sentence(at);
    }
    passage.support = support;
    passages.insert(0, passage);
}

/// The logits that the confidence loses, since the question asks for a number and none of the quotes that may be the answer has
/// one: that of the best passage, and those that probably hold evidence.
pub(super) fn loss(passages: &[Ranked]) -> f32 {
    let mut quoted =
        passages.iter().enumerate().take(READ).filter(|(at, passage)| *at == 0 || passage.support >= SUPPORTED_FROM);
    let first = quoted.next().map_or(0.0, |(_, best)| best.choice.loss());
    quoted.fold(first, |least, (_, passage)| least.min(passage.choice.loss()))
}

/// Where a name was looked for in vain.
struct Absence<'a> {
    name: &'a Name,
    /// Whether a passage has the name.
    is_found: bool,
    /// Whether the best passage would have the name, if it were about it.
    is_certain_in_best: Option<bool>,
    /// Passages of which that is certain.
    certain: usize,
}

impl<'a> Absence<'a> {
    fn of(name: &'a Name) -> Self {
        Self { name, is_found: false, is_certain_in_best: None, certain: 0 }
    }

    /// Looks for it around a passage in the language `of_passage`.
    fn look(&mut self, around: &Neighbourhood<'_>, is_about_it: bool, of_passage: &str, of_question: Option<&str>) {
        let is_certain =
            self.name.is_certain_in(of_passage, of_question) || self.name.has_rival_in(around.undated_terms());
        self.is_certain_in_best.get_or_insert(is_certain);
        self.certain += usize::from(is_certain || !is_about_it);
        self.is_found = self.is_found || (is_about_it && around.has(self.name));
    }

    /// Whether the best and most of the `read` passages would have the name, and none has.
    fn is_certain(&self, read: usize) -> bool {
        !self.is_found && self.is_certain_in_best == Some(true) && 2 * self.certain > read
    }
}

/// A name as a person reads it: on one line and not long.
fn shown(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect()
}
