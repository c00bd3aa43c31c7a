//! Lists documents for a search that has conditions and nothing to search for: the newest first.

use std::collections::HashMap;

use super::cite;
use super::conditions::met;
use super::copies::Documents;
use super::fuse::Ranked;
use super::quote::QuoteChoice;
use super::ranking::{Question, SearchResults};
use crate::cancel::Cancel;
use crate::config::AskConfig;
use crate::error::Result;
use crate::index::store::Candidate;
use crate::index::{DocumentKey, IndexSnapshot, PassageKey, Snapshots};
use crate::late::Window;
use crate::passage::Scores;

/// Documents that are looked at, at most, where their passages must lack words, and at least, where later ones are left out.
const MOST_COMPARED: usize = 2_000;

/// The first passages of the newest documents that a question is limited to. Nothing is embedded, so nothing has a score.
pub(crate) fn newest(
    index: &Snapshots<'_>,
    question: &Question,
    config: &AskConfig,
    cancel: &Cancel,
) -> Result<SearchResults> {
    let count = question.top_k.unwrap_or(config.top_k);
    let around = question.context_sentences.unwrap_or(config.context_sentences);
    let mut keys = Vec::new();
    for (member, snapshot) in index.iter().enumerate() {
        let newest = index.blame(member, newest_keys(snapshot, index.name(member), question, count, cancel))?;
        keys.extend(newest.into_iter().map(|key| PassageKey { member, key }));
    }
    let mut headings = HashMap::new();
    let ranked = |(member, candidate): (usize, Candidate)| {
        let key = PassageKey { member, key: candidate.key };
        headings.insert(key, candidate.headings);
        Ranked {
            key,
            document: DocumentKey { member, key: candidate.document },
            document_id: candidate.document_id,
            span: candidate.span,
            sentences: candidate.sentences.iter().map(|sentence| sentence.span).collect(),
            // Documents are listed, so copies are no reason to leave one out.
            vector: Vec::new(),
            window: Window { first: 0, count: 1, score: 0.0, matched: 0.0 },
            nearest: Vec::new(),
            scores: Scores::default(),
            support: 0.0,
            choice: QuoteChoice::default(),
        }
    };
    let passages: Vec<Ranked> = index.candidates(&keys)?.into_iter().map(ranked).collect();
    let mut documents = Documents::new(index);
    let all = passages.len();
    let mut passages = cite::cite(index, &mut documents, &passages, &headings, all, around)?;
    if index.count() > 1 {
        passages.sort_by(|a, b| b.document.published.cmp(&a.document.published));
    }
    passages.truncate(count);
    Ok(SearchResults { passages, last_passages: index.last_passages()?, ..SearchResults::default() })
}

/// The keys of up to `count` of them, of the collection that results call `name`.
pub(super) fn newest_keys(
    index: &IndexSnapshot<'_>,
    name: Option<&str>,
    question: &Question,
    count: usize,
    cancel: &Cancel,
) -> Result<Vec<u64>> {
    cancel.check()?;
    let reach = match (question.passages.is_empty(), &question.last_passages) {
        (true, None) => count,
        (true, Some(_)) => count.max(MOST_COMPARED),
        (false, _) => MOST_COMPARED,
    };
    let mut keys = index.store().newest(&question.filter, reach)?;
    if !question.passages.is_empty() {
        let met = met(index, &question.passages, keys.clone(), cancel)?;
        keys.retain(|key| met.binary_search(key).is_ok());
    }
    keys.retain(|key| question.is_about(name, *key));
    keys.truncate(count);
    Ok(keys)
}
