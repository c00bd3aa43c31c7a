//! Conditions on passages: phrases that they have word for word, and words that they lack.
//!
//! The terms of the phrases narrow the passages by the index, and the words of each decide. If too many passages are left to be
//! read, only those are that the question, or the words of the phrases, rank first.

use crate::cancel::Cancel;
use crate::error::Result;
use crate::filter::{Filter, PassageFilter};
use crate::index::store::Wording;
use crate::index::{Allowed, IndexSnapshot, Snapshots};
use crate::passage::LastPassages;
use crate::terms::{Concept, LexicalQuery, Phrase, comparable};

/// Passages whose words are compared for one question, at most.
const MOST_COMPARED: usize = 2_000;
/// If there are more: those by the vectors, and as many by the words of the question.
const OF_QUESTION: usize = 500;
/// As many again are looked at, up to a number, until so many lack the words that a question excludes.
const ENOUGH: usize = 200;
const MOST_OF_QUESTION: usize = 8_000;
/// Ways in which the terms of all phrases can be combined, at most.
const MOST_WAYS: usize = 16;

/// The passages to which a question is limited.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Limited {
    /// Of each collection; `None` if all are meant.
    pub(crate) allowed: Vec<Option<Allowed>>,
    /// How many passages were compared, if there were too many to compare all.
    pub(crate) compared: Option<usize>,
}

/// Phrases in the form in which they are compared.
struct Conditions {
    phrases: Vec<Phrase>,
    without: Vec<Phrase>,
}

/// Finds the passages whose documents meet `filter` and that meet `passages`. `asked` gives the vector and the terms of the
/// question, and is only called if there are too many to compare all.
pub(super) fn limited<'v>(
    index: &Snapshots<'_>,
    filter: &Filter,
    passages: &PassageFilter,
    cancel: &Cancel,
    asked: impl FnOnce() -> Result<(&'v [f32], LexicalQuery)>,
) -> Result<Limited> {
    let exactly = index.each(|snapshot| exactly_limited_one(snapshot, filter, passages, cancel))?;
    if exactly.iter().all(|exactly| !matches!(exactly, Exactly::TooMany)) {
        return Ok(Limited { allowed: exactly.into_iter().filter_map(Exactly::allowed).collect(), compared: None });
    }
    let (vector, query) = asked()?;
    let asked = (vector, &query);
    let mut limited = Limited::default();
    for (member, (snapshot, exactly)) in index.iter().zip(exactly).enumerate() {
        if let Some(allowed) = exactly.allowed() {
            limited.allowed.push(allowed);
            continue;
        }
        let (keys, compared) = index.blame(member, nearly_limited(snapshot, filter, passages, asked, cancel))?;
        limited.allowed.push(Some(Allowed::Passages(keys)));
        // Without phrases, enough were compared to find what fits best.
        if !passages.phrases.is_empty() {
            limited.compared = Some(limited.compared.unwrap_or_default() + compared);
        }
    }
    Ok(limited)
}

/// The same; `None` if there are too many to compare all.
pub(crate) fn exactly_limited(
    index: &Snapshots<'_>,
    filter: &Filter,
    passages: &PassageFilter,
    cancel: &Cancel,
) -> Result<Option<Limited>> {
    let of_each = index.each(|snapshot| exactly_limited_one(snapshot, filter, passages, cancel))?;
    let allowed: Option<Vec<Option<Allowed>>> = of_each.into_iter().map(Exactly::allowed).collect();
    Ok(allowed.map(|allowed| Limited { allowed, compared: None }))
}

/// The passages of one collection that meet the conditions.
enum Exactly {
    All,
    Some(Allowed),
    /// There are too many to compare all.
    TooMany,
}

impl Exactly {
    /// `None` if there are too many.
    #[expect(clippy::option_option, reason = "within, `None` allows all passages, as everywhere")]
    fn allowed(self) -> Option<Option<Allowed>> {
        match self {
            Self::All => Some(None),
            Self::Some(allowed) => Some(Some(allowed)),
            Self::TooMany => None,
        }
    }
}

fn exactly_limited_one(
    index: &IndexSnapshot<'_>,
    filter: &Filter,
    passages: &PassageFilter,
    cancel: &Cancel,
) -> Result<Exactly> {
    cancel.check()?;
    let allowed = index.allowed(filter)?;
    if passages.is_empty() {
        return Ok(allowed.map_or(Exactly::All, Exactly::Some));
    }
    let conditions = Conditions::new(passages);
    let Some(keys) = conditions.candidates(index, allowed)? else { return Ok(Exactly::TooMany) };
    let (_, keys) = conditions.met(index, keys, cancel)?;
    Ok(Exactly::Some(Allowed::Passages(keys)))
}

/// Of one collection those that meet the conditions among the ones that fit best; and how many were compared.
fn nearly_limited(
    index: &IndexSnapshot<'_>,
    filter: &Filter,
    passages: &PassageFilter,
    (vector, query): (&[f32], &LexicalQuery),
    cancel: &Cancel,
) -> Result<(Vec<u64>, usize)> {
    let allowed = index.allowed(filter)?;
    let conditions = Conditions::new(passages);
    let mut reach = OF_QUESTION;
    loop {
        let mut found = keys(index.nearest(vector, reach, allowed.as_ref())?);
        found.extend(keys(index.lexical(query)?.best(reach, allowed.as_ref())?));
        if let Some(query) = conditions.query() {
            let of_phrases = index.lexical(&query)?.best(MOST_COMPARED - 2 * OF_QUESTION, allowed.as_ref())?;
            found.extend(keys(of_phrases));
        }
        let (compared, keys) = conditions.met(index, found, cancel)?;
        // Most passages about the question may have a word that it excludes: "fed -powell".
        if !passages.phrases.is_empty() || keys.len() >= ENOUGH || reach >= MOST_OF_QUESTION {
            return Ok((keys, compared));
        }
        reach *= 4;
    }
}

/// Whether a passage of the documents that meet `filter` may have a phrase. Only of one that too many passages could have it is
/// not certain. `at` is the moment that the question is about, if it goes on with an earlier one.
pub(crate) fn may_have(
    index: &Snapshots<'_>,
    filter: &Filter,
    phrase: &str,
    at: Option<&LastPassages>,
    cancel: &Cancel,
) -> Result<bool> {
    let conditions = Conditions::new(&PassageFilter { phrases: vec![phrase.to_owned()], ..PassageFilter::default() });
    let has = |member: usize, snapshot: &IndexSnapshot<'_>| {
        let Some(mut keys) = conditions.candidates(snapshot, snapshot.allowed(filter)?)? else { return Ok(true) };
        keys.retain(|key| at.is_none_or(|at| at.have(index.name(member), *key)));
        let mut has = false;
        snapshot.store().each_wording(&keys, |_, wording| {
            cancel.check()?;
            has = conditions.are_met(wording);
            Ok(!has)
        })?;
        Ok(has)
    };
    for (member, snapshot) in index.iter().enumerate() {
        cancel.check()?;
        if index.blame(member, has(member, snapshot))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Those of the passages with these keys that meet a filter, ascending.
pub(super) fn met(
    index: &IndexSnapshot<'_>,
    filter: &PassageFilter,
    keys: Vec<u64>,
    cancel: &Cancel,
) -> Result<Vec<u64>> {
    Conditions::new(filter).met(index, keys, cancel).map(|(_, keys)| keys)
}

impl Conditions {
    fn new(filter: &PassageFilter) -> Self {
        let phrases = |words: &[String]| words.iter().map(|words| Phrase::new(words)).collect();
        Self { phrases: phrases(&filter.phrases), without: phrases(&filter.without) }
    }

    /// The passages that have the terms of all phrases; `None` if these do not tell enough.
    fn candidates(&self, index: &IndexSnapshot<'_>, allowed: Option<Allowed>) -> Result<Option<Vec<u64>>> {
        let found = match (self.query(), allowed) {
            (Some(query), allowed) => keys(index.lexical(&query)?.best(MOST_COMPARED + 1, allowed.as_ref())?),
            (None, Some(Allowed::Passages(keys))) => keys,
            (None, _) => return Ok(None),
        };
        Ok((found.len() <= MOST_COMPARED).then_some(found))
    }

    /// One concept that a passage with all phrases has; `None` if there are no terms.
    fn query(&self) -> Option<LexicalQuery> {
        let concepts: Vec<Concept> = self.phrases.iter().flat_map(|phrase| phrase.query().concepts).collect();
        let mut ways: Vec<Vec<String>> = vec![Vec::new()];
        for concept in concepts {
            if ways.len() * concept.alternatives.len() > MOST_WAYS {
                // Fewer terms narrow less, and lose nothing.
                continue;
            }
            let with = |terms: &Vec<String>, way: &Vec<String>| terms.iter().chain(way).cloned().collect::<Vec<_>>();
            ways = ways.iter().flat_map(|terms| concept.alternatives.iter().map(move |way| with(terms, way))).collect();
        }
        for way in &mut ways {
            way.sort();
            way.dedup();
        }
        let has_terms = ways.iter().all(|way| !way.is_empty());
        has_terms.then(|| LexicalQuery { concepts: vec![Concept { alternatives: ways }] })
    }

    /// How many of these passages were compared, and the keys of those that meet the conditions, ascending.
    fn met(&self, index: &IndexSnapshot<'_>, mut keys: Vec<u64>, cancel: &Cancel) -> Result<(usize, Vec<u64>)> {
        keys.sort_unstable();
        keys.dedup();
        let mut met = Vec::new();
        index.store().each_wording(&keys, |key, wording| {
            cancel.check()?;
            if self.are_met(wording) {
                met.push(key);
            }
            Ok(true)
        })?;
        Ok((keys.len(), met))
    }

    fn are_met(&self, wording: Wording<'_>) -> bool {
        let parts: Vec<String> = std::iter::once(wording.text)
            .chain([wording.title])
            .chain(wording.headings.iter().map(String::as_str))
            .map(comparable)
            .collect();
        let has = |phrase: &Phrase| parts.iter().any(|part| phrase.is_in(part));
        self.phrases.iter().all(has) && !self.without.iter().any(has)
    }
}

fn keys(found: Vec<(u64, f32)>) -> Vec<u64> {
    found.into_iter().map(|(key, _)| key).collect()
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
