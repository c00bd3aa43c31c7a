//! One question: how each ranker ranks what is relevant to it, and whether the quotes are right.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use super::Ranker;
use super::sets::{EvalQuestion, Relevant};
use crate::ask::SupportFeatures;
use crate::error::Result;
use crate::footnote::{Collections, Question, Ranking};
use crate::index::PassageKey;
use crate::passage::Document;

/// The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).
const RANK_FUSION_K: f64 = 60.0;

/// The result of one question.
pub(super) struct Asked {
    pub(super) answerable: bool,
    pub(super) confidence: f32,
    /// For each ranker, whether each of its results is relevant. Results are documents, each once, or passages if
    /// relevance is judged by evidence.
    pub(super) found: BTreeMap<Ranker, Vec<bool>>,
    /// Number of relevant results that exist.
    pub(super) relevant: usize,
    /// For each of the first three quotes whether it is right; `None` where that is not known.
    pub(super) quotes: Option<Vec<bool>>,
    /// How many sentences of the answer hold evidence, and how many it has; `None` where that is not known.
    pub(super) sentences: Option<(usize, usize)>,
    pub(super) took_ms: f64,
}

/// The question in the form that the product takes.
pub(super) fn question(question: &EvalQuestion) -> Question {
    Question { text: question.text.clone(), ..Question::default() }
}

impl Asked {
    /// Asks it. `candidates` is how many passages each ranker finds.
    pub(super) fn of(collections: &Collections<'_>, candidates: usize, asked: &EvalQuestion) -> Result<Self> {
        let started = Instant::now();
        let ranking = collections.rank(&question(asked))?;
        let took_ms = started.elapsed().as_secs_f64() * 1e3;
        let mut judge = Judge::new(collections, asked);
        let mut found = BTreeMap::new();
        let alone = Alone {
            dense: collections.documents_of(&ranking.dense)?,
            lexical: collections.documents_of(&ranking.lexical)?,
            bm25: collections.literal(&asked.text, candidates)?,
        };
        for ranker in Ranker::ALL {
            found.insert(ranker, judge.found(&ordered(&ranking, &alone, ranker))?);
        }
        let (mut quotes, mut sentences) = (None, None);
        if !asked.evidence.is_empty() {
            let first = ranking.passages.iter().take(3);
            quotes = Some(first.map(|passage| judge.quotes_evidence(passage)).collect::<Result<_>>()?);
            let answer = collections.ask(&question(asked))?;
            let mut right = 0;
            for sentence in &answer.sentences {
                let cited = answer.citations.iter().filter(|citation| sentence.citations.contains(&citation.id));
                for citation in cited.take(1) {
                    let passage = &citation.passage;
                    let key = collections.key_of(passage);
                    right += usize::from(
                        judge.holds_evidence(&sentence.text) && judge.is_relevant(key, &passage.document.id)?,
                    );
                }
            }
            sentences = Some((right, answer.sentences.len()));
        }
        let relevant = match &asked.relevant {
            Relevant::Documents(documents) => documents.len(),
            Relevant::WithEvidence => 1,
        };
        Ok(Self {
            answerable: asked.answerable,
            confidence: ranking.confidence,
            found,
            relevant,
            quotes,
            sentences,
            took_ms,
        })
    }
}

/// How many passages' quotes of a question tell whether a quote holds evidence.
const QUOTES: usize = 4;

/// For the quotes of the first passages, their features' values and whether they hold evidence. There are none if that is
/// not known.
pub(super) fn quotes(
    collections: &Collections<'_>,
    asked: &EvalQuestion,
    ranking: &Ranking,
) -> Result<Vec<(Vec<f64>, bool)>> {
    let Some(best) = ranking.passages.first() else { return Ok(Vec::new()) };
    if asked.answerable && asked.evidence.is_empty() {
        return Ok(Vec::new());
    }
    let mut judge = Judge::new(collections, asked);
    let quote = |passage: &crate::ask::Ranked| {
        let features = SupportFeatures::of(passage, best, ranking.features);
        Ok((features.values().to_vec(), asked.answerable && judge.quotes_evidence(passage)?))
    };
    ranking.passages.iter().take(QUOTES).map(quote).collect()
}

/// The results of each retriever by itself: keys and documents, best first.
struct Alone {
    dense: Vec<(PassageKey, String)>,
    lexical: Vec<(PassageKey, String)>,
    bm25: Vec<(PassageKey, String)>,
}

/// Keys and documents of the passages in a ranker's order.
fn ordered(ranking: &Ranking, alone: &Alone, ranker: Ranker) -> Vec<(PassageKey, String)> {
    let keyed = |passage: &crate::ask::Ranked| (passage.key, passage.document_id.clone());
    match ranker {
        Ranker::Footnote => ranking.passages.iter().map(keyed).collect(),
        Ranker::Late => {
            let mut passages: Vec<_> = ranking.passages.iter().collect();
            passages.sort_by(|a, b| b.scores.late.total_cmp(&a.scores.late).then(a.key.cmp(&b.key)));
            passages.into_iter().map(keyed).collect()
        }
        Ranker::Dense => alone.dense.clone(),
        Ranker::Lexical => alone.lexical.clone(),
        Ranker::Bm25 => alone.bm25.clone(),
        Ranker::RankFusion => rank_fusion(&[&alone.dense, &alone.bm25]),
    }
}

/// Each passage scores the sum of 1 / (60 + its rank) over the lists that have it.
fn rank_fusion(lists: &[&[(PassageKey, String)]]) -> Vec<(PassageKey, String)> {
    let mut scores: HashMap<PassageKey, (f64, String)> = HashMap::new();
    for list in lists {
        for (rank, (key, document)) in (1..).zip(*list) {
            scores.entry(*key).or_insert_with(|| (0.0, document.clone())).0 += 1.0 / (RANK_FUSION_K + f64::from(rank));
        }
    }
    let mut fused: Vec<(PassageKey, (f64, String))> = scores.into_iter().collect();
    fused.sort_by(|(a, (x, _)), (b, (y, _))| y.total_cmp(x).then(a.cmp(b)));
    fused.into_iter().map(|(key, (_, document))| (key, document)).collect()
}

/// Judges which results are relevant to one question.
pub(super) struct Judge<'a> {
    collections: &'a Collections<'a>,
    question: &'a EvalQuestion,
    documents: HashMap<String, Document>,
    by_key: HashMap<PassageKey, bool>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(collections: &'a Collections<'a>, question: &'a EvalQuestion) -> Self {
        Self { collections, question, documents: HashMap::new(), by_key: HashMap::new() }
    }

    fn document(&mut self, key: PassageKey, id: &str) -> Result<&Document> {
        if !self.documents.contains_key(id) {
            self.documents.insert(id.to_owned(), self.collections.document(key, id)?);
        }
        Ok(&self.documents[id])
    }

    fn holds_evidence(&self, text: &str) -> bool {
        self.question.evidence.iter().any(|evidence| text.contains(evidence.as_str()))
    }

    /// Whether a passage is relevant and its quote holds evidence.
    fn quotes_evidence(&mut self, passage: &crate::ask::Ranked) -> Result<bool> {
        let Document { text, layout, .. } = self.document(passage.key, &passage.document_id)?;
        let quote = text.get(passage.quote(text, &layout.rows).range()).unwrap_or_default().to_owned();
        Ok(self.holds_evidence(&quote) && self.is_relevant(passage.key, &passage.document_id)?)
    }

    pub(super) fn is_relevant(&mut self, key: PassageKey, document: &str) -> Result<bool> {
        if let Relevant::Documents(relevant) = &self.question.relevant {
            return Ok(relevant.contains(document));
        }
        if let Some(known) = self.by_key.get(&key) {
            return Ok(*known);
        }
        let span = self.collections.passage_span(key)?;
        let evidence = &self.question.evidence;
        let passage =
            span.and_then(|span| self.document(key, document).ok()?.text.get(span.range())).unwrap_or_default();
        let carries = evidence.iter().any(|evidence| passage.contains(evidence.as_str()));
        self.by_key.insert(key, carries);
        Ok(carries)
    }

    /// Whether each of what a ranker found is relevant. Where documents are judged each counts once, by its best passage.
    fn found(&mut self, ordered: &[(PassageKey, String)]) -> Result<Vec<bool>> {
        let by_document = matches!(self.question.relevant, Relevant::Documents(_));
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let mut evident = false;
        for (key, document) in ordered {
            if by_document && !seen.insert(document.as_str()) {
                continue;
            }
            // One passage with the evidence is enough. Further ones count neither as right nor as wrong.
            let relevant = self.is_relevant(*key, document)?;
            if by_document || !(relevant && evident) {
                found.push(relevant);
            }
            evident |= relevant;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_fusion_favours_what_both_lists_have() {
        let of = |key: u64| PassageKey { member: 0, key };
        let list = |keys: &[u64]| keys.iter().map(|key| (of(*key), key.to_string())).collect::<Vec<_>>();
        let fused = rank_fusion(&[&list(&[1, 2, 3]), &list(&[4, 3])]);
        let keys: Vec<u64> = fused.into_iter().map(|(key, _)| key.key).collect();
        assert_eq!(keys, [3, 1, 4, 2], "of equal scores the lower key comes first");
    }
}
