//! Counts sources, years, tags, languages and formats among the documents that a search finds.
//!
//! Nearly every passage is a little like every question. So the documents that are found are those of the passages that either
//! retriever ranks among its first.

use std::collections::HashMap;

use super::conditions::Limited;
use super::listing::newest_keys;
use super::ranking::{Context, EmbeddedQuestion, Question, lexical_query};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::index::Snapshots;
use crate::index::store::CountedFacts;
use crate::passage::{Facet, FacetValue, Facets};

/// The first passages of each retriever whose documents are counted.
const COUNTED_PASSAGES: usize = 1_000;
/// Documents that are counted for a search without a question, at most.
const MOST_DOCUMENTS: usize = 10_000;
/// Values of a facet, at most.
const MOST_VALUES: usize = 50;

/// The facets that a question asks for, of the documents to which it is `limited`.
pub(super) fn facets(
    context: Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
    embedded: &EmbeddedQuestion,
    limited: &Limited,
) -> Result<Facets> {
    let query = lexical_query(context.lexicon, context.use_aliases, index, &embedded.text)?;
    let mut facts = Vec::new();
    for (member, (snapshot, allowed)) in index.iter().zip(&limited.allowed).enumerate() {
        context.cancel.check()?;
        let of_one = || {
            let mut hits = snapshot.nearest(&embedded.vectors.question, COUNTED_PASSAGES, allowed.as_ref())?;
            hits.extend(snapshot.lexical(&query)?.best(COUNTED_PASSAGES, allowed.as_ref())?);
            let mut keys: Vec<u64> = hits.into_iter().map(|(key, _)| key).collect();
            keys.retain(|key| question.is_about(index.name(member), *key));
            keys.sort_unstable();
            keys.dedup();
            snapshot.store().counted_facts(&snapshot.store().owners_of(&keys)?)
        };
        facts.extend(index.blame(member, of_one())?);
    }
    Ok(of_facts(question, &facts))
}

/// The same for a question that has only conditions: of all documents that meet them, up to a number.
pub(crate) fn facets_of_listed(index: &Snapshots<'_>, question: &Question, cancel: &Cancel) -> Result<Facets> {
    let mut facts = Vec::new();
    for (member, snapshot) in index.iter().enumerate() {
        let of_one = || {
            cancel.check()?;
            let documents = if question.passages.is_empty() && question.last_passages.is_none() {
                snapshot.store().some_where(&question.filter, MOST_DOCUMENTS)?
            } else {
                let keys = newest_keys(snapshot, index.name(member), question, MOST_DOCUMENTS, cancel)?;
                snapshot.store().owners_of(&keys)?
            };
            snapshot.store().counted_facts(&documents)
        };
        facts.extend(index.blame(member, of_one())?);
    }
    Ok(of_facts(question, &facts))
}

fn of_facts(question: &Question, facts: &[CountedFacts]) -> Facets {
    let values = question.facets.iter().map(|facet| (*facet, counted(*facet, facts))).collect();
    Facets { documents: facts.len(), values }
}

/// The values of one facet.
fn counted(facet: Facet, facts: &[CountedFacts]) -> Vec<FacetValue> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for document in facts {
        let mut values: Vec<&str> = match facet {
            Facet::Source => document.source.as_deref().into_iter().collect(),
            Facet::Year => document.published.as_deref().and_then(|day| day.get(..4)).into_iter().collect(),
            Facet::Tag => document.tags.iter().map(String::as_str).collect(),
            Facet::Language => document.language.as_deref().into_iter().collect(),
            Facet::Format => vec![document.format.as_str()],
        };
        values.sort_unstable();
        values.dedup();
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counted: Vec<FacetValue> =
        counts.into_iter().map(|(value, count)| FacetValue { value: value.to_owned(), count }).collect();
    counted.sort_by(|a, b| match facet {
        Facet::Year => b.value.cmp(&a.value),
        _ => b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)),
    });
    counted.truncate(MOST_VALUES);
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(source: &str, published: &str, tags: &[&str]) -> CountedFacts {
        CountedFacts {
            source: Some(source.to_owned()),
            published: Some(published.to_owned()),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            language: None,
            format: "pdf".into(),
        }
    }

    #[test]
    fn each_document_counts_once_for_each_of_its_values() {
        let facts = [
            document("b", "2025-01-01", &["x", "x", "y"]),
            document("a", "2026-01", &["x"]),
            document("a", "2026-02-01", &[]),
            document("", "", &[""]),
        ];
        let values = |facet| {
            let values = counted(facet, &facts).into_iter();
            values.map(|FacetValue { value, count }| (value, count)).collect::<Vec<_>>()
        };
        let of = |values: &[(&str, usize)]| {
            values.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect::<Vec<_>>()
        };
        assert_eq!(values(Facet::Source), of(&[("a", 2), ("b", 1)]));
        assert_eq!(values(Facet::Year), of(&[("2026", 2), ("2025", 1)]));
        assert_eq!(values(Facet::Tag), of(&[("x", 2), ("y", 1)]));
        assert_eq!(values(Facet::Language), of(&[]));
        assert_eq!(values(Facet::Format), of(&[("pdf", 4)]));
    }
}
