//! From a question to cited sentences: embed, retrieve, rank, cite, answer.

mod answer;
mod asked;
mod calibration;
mod cite;
mod compare;
mod condense;
mod conditions;
mod confidence;
mod content;
mod copies;
mod correct;
mod differences;
mod extreme;
mod facets;
mod fuse;
mod given;
mod in_time;
mod kind;
mod leaning;
mod listing;
mod names;
mod nearness;
mod parts;
mod periods;
mod quote;
mod ranking;
mod reading;
mod repeats;
mod retrieve;
mod sentences;
mod subjects;
mod superlative;
mod support;
mod times;
mod versions;
mod words;

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Instant;

use jiff::civil::Date;

use crate::config::AskConfig;
use crate::error::Result;
use crate::index::Snapshots;
use crate::lexicon::{Lexicon, Synonyms};
use crate::passage::{Answer, Citation, FoundPassage, Mode, Notice, Reason, TimeOutcome};
use crate::terms::{ChineseScript, language, terms};
use ranking::{milliseconds_since, search_once};

pub(crate) use answer::SUPPORTED_FROM;
pub use answer::joined;
pub use calibration::{Calibration, FittedFeature};
pub(crate) use compare::{MOST_ITEMS, compared, items_first};
pub use condense::{FollowUp, condense_question, condense_searched, is_unspaced};
pub(crate) use conditions::{exactly_limited, may_have};
pub use confidence::{ConfidenceModels, Features, HALVING};
pub use content::{Content, content};
pub(crate) use correct::corrected;
pub(crate) use facets::facets_of_listed;
pub use fuse::Ranked;
pub use given::{GivenPassage, relevance};
pub(crate) use listing::newest;
pub(crate) use parts::{Part, Parts, Plan, counted};
pub use quote::QuoteChoice;
pub(crate) use ranking::UNNAMED;
pub use ranking::{
    Context, EmbeddedQuestion, MAX_QUESTION_CHARS, MAX_REACHED, Question, Ranking, SearchResults, lexical_query, rank,
};
pub use repeats::{Topic, elsewhere, on_topic};
pub use support::SupportFeatures;
pub(crate) use times::part_in_time;

/// Embeds a question. `main_script` gives the script of most Chinese documents, and is asked only for a Chinese question.
///
/// `today` is the day from which times are counted. `has_dates` says whether any document has a date, and is only asked for a
/// question that asks for documents of a time.
pub fn embed(
    context: Context<'_>,
    question: &Question,
    today: Date,
    has_dates: impl FnOnce() -> Result<bool>,
    main_script: impl FnOnce() -> Result<Option<ChineseScript>>,
) -> Result<EmbeddedQuestion> {
    let text = question.check()?;
    let text = if context.config.interpret { content::without_small_talk(text) } else { text };
    let started = Instant::now();
    context.cancel.check()?;
    let time = context.config.interpret.then(|| times::asked(text, today)).flatten();
    let has_dates = time.is_some() && has_dates()?;
    let text = time.as_ref().filter(|_| has_dates).map_or_else(|| text.to_owned(), |time| time.text.clone());
    let vectors = context.embedder.embed_question(&in_main_script(&text, main_script)?, context.cancel)?;
    Ok(EmbeddedQuestion { text, time, has_dates, vectors, took_ms: milliseconds_since(started) })
}

/// Finds the passages that answer a question best, from documents of the time that it asks for, and counts what the question
/// wants counted among the documents.
pub fn search(
    context: Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
    embedded: &EmbeddedQuestion,
) -> Result<SearchResults> {
    let limited = ranking::limited(context, index, question, embedded)?;
    let (mut found, of_time) = match &embedded.time {
        Some(time) if embedded.has_dates => in_time::search(context, index, question, embedded, time, &limited)?,
        time => {
            let found = search_once(context, index, question, embedded, &limited)?;
            (SearchResults { time: time.as_ref().and_then(in_time::undated), ..found }, None)
        }
    };
    if !question.facets.is_empty() {
        let limited = of_time.as_ref().unwrap_or(&limited);
        found.facets = Some(facets::facets(context, index, question, embedded, limited)?);
    }
    Ok(found)
}

/// A Chinese question in the script of most Chinese documents: the model puts texts of one script a little nearer to one
/// another. Lexical search folds both scripts into one anyway.
fn in_main_script(question: &str, main_script: impl FnOnce() -> Result<Option<ChineseScript>>) -> Result<Cow<'_, str>> {
    let other = match language::detect(question).as_deref() {
        Some("zh-Hans") => ChineseScript::Traditional,
        Some("zh-Hant") => ChineseScript::Simplified,
        _ => return Ok(Cow::Borrowed(question)),
    };
    let convert = main_script()? == Some(other);
    Ok(if convert { Cow::Owned(other.convert(question)) } else { Cow::Borrowed(question) })
}

/// What a question asks: one thing, several, a list, or how many documents say something.
pub(crate) fn plan(lexicon: &Lexicon, question: &str) -> Plan {
    parts::plan(question, || names::names(question, lexicon, &Synonyms::default()))
}

/// Whether a passage has a name under one of its names, in its text, its title, its source or its headings.
pub(crate) fn named<'n>(lexicon: &Lexicon, name: &'n str) -> impl Fn(&FoundPassage) -> bool + use<'n> {
    let has_name = names_in(lexicon, name);
    move |passage| {
        let source = passage.document.source.as_deref().unwrap_or_default();
        has_name(&[passage.text.as_str(), &passage.document.title, source, &passage.headings.join("\n")].join("\n"))
    }
}

/// Leaves the passages that do not name one of `others` instead of `own`, if there are such: what holds under the rules of 2026
/// is no rule of 2025.
pub(crate) fn without_rivals(own: &str, others: &[&str], passages: &mut Vec<FoundPassage>) {
    let is_own = |passage: &FoundPassage| {
        let quote = &passage.quote.text;
        quote.contains(own) || !others.iter().any(|other| quote.contains(other))
    };
    if passages.iter().any(is_own) {
        passages.retain(is_own);
    }
}

/// Whether the quote of a passage has a name under one of its names.
pub(crate) fn quoted<'n>(lexicon: &Lexicon, name: &'n str) -> impl Fn(&FoundPassage) -> bool + use<'n> {
    let has_name = names_in(lexicon, name);
    move |passage| has_name(&passage.quote.text)
}

fn names_in<'n>(lexicon: &Lexicon, name: &'n str) -> impl Fn(&str) -> bool + use<'n> {
    let names = names::names(name, lexicon, &Synonyms::default());
    move |text| {
        let found: HashSet<String> = terms(text).into_iter().collect();
        let is_written = terms(name).iter().all(|term| found.contains(term));
        is_written || names.iter().any(|name| name.is_in(&found) || name.abbreviates(text))
    }
}

/// Whether an answer to a question such as 館長是誰? quotes a sentence with somebody, or with what that person is. Other questions
/// tell less surely what a sentence must have.
pub(crate) fn has_who_is_asked_for(question: &str, answer: &Answer) -> bool {
    let folded = crate::terms::fold(question);
    let Some(at) = WHO_IS.iter().find_map(|words| folded.find(words)) else { return true };
    let before = folded[..at].trim_end();
    let role: String = before.chars().skip(before.chars().count().saturating_sub(ROLE)).collect();
    let kind = kind::Kind::of(question);
    let has = |sentence: &str| {
        kind.is_in(sentence) != Some(false) || !is_unspaced(sentence) || crate::terms::fold(sentence).contains(&role)
    };
    answer.sentences.is_empty() || answer.sentences.iter().any(|sentence| has(&sentence.text))
}

/// The houses, offices and people that a question names and that a list has.
fn listed_names(lexicon: &Lexicon, question: &str) -> Vec<names::Name> {
    let mut names = names::names(question, lexicon, &Synonyms::default());
    names.retain(|name| name.origin == names::Origin::Listed);
    names
}

/// The places of the passages, found for a question, that are older versions of what another one says.
#[cfg(feature = "server")]
pub(crate) fn older_versions(lexicon: &Lexicon, question: &str, passages: &[FoundPassage]) -> HashSet<usize> {
    differences::older_versions(question, listed_names(lexicon, question), passages)
}

/// "Who is" behind what that person is, folded, and the characters of that.
const WHO_IS: [&str; 2] = ["是谁", "は谁"];
const ROLE: usize = 2;

/// How the sentences of an answer are chosen.
#[derive(Debug, Clone, Copy)]
pub struct Quoting<'a> {
    /// The names that a list has; not needed if nothing was found.
    pub lexicon: Option<&'a Lexicon>,
    /// Numbers and weights.
    pub config: &'a AskConfig,
    /// So many of the first passages are items of a list, and quoted in any case.
    pub items: usize,
}

/// Makes an answer of the passages that were found for a question: the sentences that answer it, each cited. `notice` is
/// asked for if there is none.
pub fn answer(
    question: &Question,
    mode: Mode,
    found: SearchResults,
    quoting: Quoting<'_>,
    notice: impl FnOnce(Reason, &[String]) -> Result<Notice>,
) -> Result<Answer> {
    let Quoting { lexicon, config, items } = quoting;
    let SearchResults { mut passages, confidence, missing, time, operators, corrections, notes, took, .. } = found;
    let is_order = content(&question.text) == Content::Order;
    let is_asked = !is_order && !content::asks_nothing(&question.text, &passages);
    if !is_asked {
        passages.clear();
    }
    let missing = if is_asked && !passages.is_empty() { missing } else { Vec::new() };
    let is_outside = time.as_ref().is_some_and(|time| time.outcome == TimeOutcome::Outside) && !passages.is_empty();
    // What matches better but is outside the time is cited last, and not quoted as an answer.
    let is_better_outside = |passage: &FoundPassage| time.as_ref().is_some_and(|time| time.is_better_outside(passage));
    passages.sort_by_key(is_better_outside);
    let quotable = passages.iter().filter(|passage| !is_better_outside(passage)).count();
    let answerable = quotable > 0 && missing.is_empty() && !is_outside && confidence >= config.answerable_from;
    let reason = match (is_asked, answerable) {
        (false, _) if is_order => Some(Reason::Order),
        (false, _) => Some(Reason::NoQuestion),
        (true, false) if is_outside => Some(Reason::OutsideTime),
        (true, false) => Some(Reason::Unanswered),
        (true, true) => None,
    };
    let notice = reason.map(|reason| notice(reason, &missing)).transpose()?;
    let sentences = if answerable && mode != Mode::Passages { config.sentences } else { 0 };
    // A list has an order of its own, and its items say different things anyway.
    let compares = sentences > 0 && config.interpret && items == 0;
    let listed = lexicon.filter(|_| compares).map(|lexicon| listed_names(lexicon, &question.text)).unwrap_or_default();
    // Within a time that is asked for, too.
    if compares && time.as_ref().is_none_or(|time| time.outcome == TimeOutcome::Elsewhere) {
        differences::newest_version_first(&question.text, listed.clone(), &mut passages);
    }
    let (text, sentences) = answer::extract(&question.text, &passages[..quotable], sentences, items);
    let citations: Vec<Citation> = (1..).zip(passages).map(|(id, passage)| Citation { id, passage }).collect();
    let differences = if compares {
        // What other times say is no other value of the time that is asked for.
        let is_meant = |passage: &FoundPassage| time.as_ref().is_none_or(|time| in_time::is_meant(passage, time));
        differences::differences(&question.text, listed, &sentences, &citations, is_meant)
    } else {
        Vec::new()
    };
    Ok(Answer {
        text,
        mode,
        answerable,
        confidence,
        missing,
        sentences,
        citations,
        notice,
        time,
        differences,
        corrections,
        operators,
        notes,
        took,
        ..Answer::default()
    })
}
