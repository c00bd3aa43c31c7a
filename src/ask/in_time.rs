//! Finds passages for a question that asks for documents of a time.
//!
//! The passages of the time are compared with those of all times, so that better evidence is never hidden silently.

use std::cmp::Reverse;

use super::conditions::Limited;
use super::nearness::Nearness;
use super::ranking::{self, Context, EmbeddedQuestion, Question, SearchResults, UNNAMED, search_once};
use super::subjects::Subject;
use super::times::{AskedTime, Reach, Window, names_time};
use super::versions::{shares_words, words_without_quantities};
use crate::error::Result;
use crate::filter::{Field, Filter};
use crate::index::Snapshots;
use crate::passage::{FoundPassage, TimeOutcome, TimeUsed};

/// Passages among which those of the time are looked for.
const COMPARED: usize = 20;
/// The probability of holding evidence from which a passage is put before others for its date.
const EVIDENCE_FROM: f32 = 0.5;
/// It is put first, too, if it holds evidence nearly as probably as the best one: with this part of its probability.
const AS_WELL: f32 = 0.7;

/// Finds passages for `question`, which is `limited` to some and asks for documents of a time. Also returns the passages of the
/// time, if the question is limited to those.
pub(super) fn search(
    context: Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
    embedded: &EmbeddedQuestion,
    time: &AskedTime,
    limited: &Limited,
) -> Result<(SearchResults, Option<Limited>)> {
    let mut of_time = None;
    let count = question.top_k.unwrap_or(context.config.top_k);
    let wide = Question { top_k: Some(count.max(COMPARED)), ..question.clone() };
    let mut found = search_once(context, index, &wide, embedded, limited)?;
    let used = |outcome| used(time, outcome);
    let answers = |found: &SearchResults| {
        !found.passages.is_empty() && found.missing.is_empty() && found.confidence >= context.config.answerable_from
    };
    match time.reach {
        Reach::Newest => {
            let newest = |passage: &FoundPassage| passage.document.published.clone().map(Reverse);
            let is_ordered = put_first(&question.text, &mut found.passages, newest);
            found.time = is_ordered.then(|| used(TimeOutcome::Applied));
        }
        Reach::Preferred => {
            put_first(&question.text, &mut found.passages, |passage| is_of(passage, &time.window).then_some(()));
            let is_first = found.passages.first().is_some_and(|passage| is_of(passage, &time.window));
            // Without a document of "this month", the answer is from another time, and says so, if it has a date. A year is
            // named for many reasons.
            let is_dated = found.passages.first().is_some_and(|passage| passage.document.published.is_some());
            let is_told = is_first || time.is_phrase && is_dated && answers(&found);
            found.time = is_told.then(|| used(if is_first { TimeOutcome::Preferred } else { TimeOutcome::Elsewhere }));
        }
        Reach::Required => {
            let dated = Filter::All(vec![question.filter.clone(), time.window.filter()]);
            let dated = Question { filter: dated, ..question.clone() };
            let dated_limited = ranking::limited(context, index, &dated, embedded)?;
            let mut within = search_once(context, index, &dated, embedded, &dated_limited)?;
            let nearness = Nearness::new(&question.text, &found.passages);
            let is_near = |passage: &FoundPassage| nearness.is_near(passage);
            let is_answered = answers(&within) && within.passages.first().is_some_and(is_near);
            let undated = Filter::Not(Box::new(Filter::Has(Field::Published)));
            let undated = index.documents(&Filter::All(vec![question.filter.clone(), undated]))?.into_iter().sum();
            // A document of a later time can name this one: "revenue in the third quarter". It tells of that time, more
            // surely than one of that time does.
            let is_named = |passage: &&FoundPassage| passage.support >= EVIDENCE_FROM && names(passage, &time.window);
            let named: Vec<FoundPassage> = found.passages.iter().filter(is_named).cloned().collect();
            let names_it = answers(&found) && named.first().is_some_and(is_near);
            if !is_answered {
                within.passages = if names_it { named } else { Vec::new() };
            } else if names_it && time.window.until.is_some() {
                let is_new = |passage: &FoundPassage| !named.iter().any(|other| other.is_same(passage));
                within.passages.retain(is_new);
                within.passages.splice(0..0, named);
            }
            if within.passages.is_empty() {
                found.confidence = found.confidence.min(UNNAMED);
                found.time = Some(TimeUsed { undated, ..used(TimeOutcome::Outside) });
            } else {
                of_time = Some(dated_limited);
                let confidence = if is_answered { within.confidence } else { found.confidence };
                let mut used = TimeUsed { undated, ..used(TimeOutcome::Applied) };
                let first = within.passages.first().map_or(0.0, score);
                if let Some(best) = found.passages.first().filter(|best| {
                    let is_other = !within.passages.iter().any(|passage| passage.is_of_same_document(best));
                    let is_better = score(best) > first && best.support >= EVIDENCE_FROM;
                    answers(&found) && !is_of(best, &time.window) && is_better && is_other
                }) {
                    used.better_outside = Some(best.document.id.clone());
                    used.better_outside_collection.clone_from(&best.collection);
                    // It is named in any case, and shown if there is room beside an answer.
                    if count > 1 {
                        within.passages.truncate(count - 1);
                        within.passages.push(best.clone());
                    }
                }
                found = SearchResults {
                    confidence,
                    missing: Vec::new(),
                    time: Some(used),
                    compared: found.compared,
                    last_passages: found.last_passages,
                    ..SearchResults { passages: within.passages, took: found.took, ..SearchResults::default() }
                };
            }
        }
    }
    in_falling_relevance(&mut found.passages);
    found.passages.truncate(count);
    Ok((found, of_time))
}

/// What became of a time if no document has a date; `None` if nothing depended on it.
pub(super) fn undated(time: &AskedTime) -> Option<TimeUsed> {
    (time.reach == Reach::Required).then(|| used(time, TimeOutcome::NoDates))
}

/// The score of the retriever: that of a reranker has another scale, and only the first passages have it.
fn score(passage: &FoundPassage) -> f32 {
    passage.scores.fused
}

/// Whether a passage is from a document of the time or names it.
fn is_of(passage: &FoundPassage, window: &Window) -> bool {
    let published = passage.document.published.as_deref();
    published.is_some_and(|published| window.has(published)) || names(passage, window)
}

/// Whether the quote of a passage names a time.
fn names(passage: &FoundPassage, window: &Window) -> bool {
    let document = &passage.document;
    names_time(&passage.quote.text, document.language.as_deref(), document.published.as_deref(), window)
}

/// Whether a passage is of the time that was used. Of "latest" all are, and without dates none is told from another.
pub(super) fn is_meant(passage: &FoundPassage, time: &TimeUsed) -> bool {
    let day = |day: &Option<String>| day.as_ref().and_then(|day| day.parse().ok());
    let window = Window { since: day(&time.since), until: day(&time.until) };
    time.newest || matches!(time.outcome, TimeOutcome::NoDates | TimeOutcome::Elsewhere) || is_of(passage, &window)
}

/// Puts the passages that hold evidence as the best one does, or are versions of it, and have a place first, in the order of
/// their places.
/// Returns whether there are such.
fn put_first<K: Ord>(
    question: &str,
    passages: &mut Vec<FoundPassage>,
    place: impl Fn(&FoundPassage) -> Option<K>,
) -> bool {
    let Some(best) = passages.first().cloned() else { return false };
    let nearness = Nearness::new(question, passages);
    let (subject, words) = (Subject::of(&best.quote.text), words_without_quantities(&best.quote.text));
    let evidence_from = EVIDENCE_FROM.min(AS_WELL * best.support);
    let is_evidence = |passage: &FoundPassage| {
        let quote = &passage.quote.text;
        let is_version = || shares_words(&words, &words_without_quantities(quote));
        let is_of_one = || is_version() && subject.is_same(&Subject::of(quote));
        (passage.support >= evidence_from && nearness.is_near(passage)) || is_of_one()
    };
    let (mut first, rest): (Vec<_>, Vec<_>) =
        passages.drain(..).partition(|passage| is_evidence(passage) && place(passage).is_some());
    let is_any = !first.is_empty();
    first.sort_by_key(|passage| place(passage));
    first.extend(rest);
    *passages = first;
    is_any
}

/// A passage that was put first is shown as relevant as the one that stood there.
fn in_falling_relevance(passages: &mut [FoundPassage]) {
    let mut relevances: Vec<f32> = passages.iter().map(|passage| passage.relevance).collect();
    relevances.sort_by(|a, b| b.total_cmp(a));
    passages.iter_mut().zip(relevances).for_each(|(passage, relevance)| passage.relevance = relevance);
}

fn used(time: &AskedTime, outcome: TimeOutcome) -> TimeUsed {
    TimeUsed {
        words: time.words.clone(),
        since: time.window.since.map(|date| date.to_string()),
        until: time.window.until.map(|date| date.to_string()),
        newest: time.reach == Reach::Newest,
        outcome,
        undated: 0,
        better_outside: None,
        better_outside_collection: None,
    }
}
