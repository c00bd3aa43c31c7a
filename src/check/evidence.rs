//! Evidence for a sentence: the passages that come nearest to it, each with its nearest window of sentences.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::COMPARED;
use crate::ask::{self, Context, EmbeddedQuestion, Question};
use crate::error::Result;
use crate::index::store::Candidate;
use crate::index::{DocumentKey, PassageKey, Snapshots};
use crate::late::{Codec, CompressedPassage, best_window, windows};
use crate::passage::{Document, DocumentInfo, Location, Span};
use crate::terms::{Concept, LexicalQuery, terms};

/// A passage that may support a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    /// The number of its collection among those that are read.
    pub(crate) member: usize,
    pub(crate) info: DocumentInfo,
    /// The document's text.
    pub(crate) text: Arc<str>,
    /// Where the passage stands in it.
    pub(crate) passage: Span,
    /// Where the sentences stand that come nearest.
    pub(crate) window: Span,
    /// The headings above the passage.
    pub(crate) headings: Vec<String>,
    /// The mean over the sentence's tokens of each one's best similarity in the window.
    pub(crate) score: f32,
    /// The cosine of the vectors of sentence and passage.
    pub(crate) cosine: f32,
    /// Whether the sentence cites the document.
    pub(crate) is_cited: bool,
}

impl Evidence {
    pub(crate) fn passage_text(&self) -> &str {
        self.text.get(self.passage.range()).unwrap_or_default()
    }

    pub(crate) fn window_text(&self) -> &str {
        self.text.get(self.window.range()).unwrap_or_default()
    }

    /// What is known besides the text: title, headings, date.
    pub(crate) fn context(&self) -> String {
        let published = self.info.published.as_deref().and_then(|date| date.get(..10).or(Some(date)));
        [self.info.title.as_str(), published.unwrap_or_default(), &self.headings.join("\n")].join("\n")
    }

    pub(crate) fn with_headings(&self) -> String {
        let parts = [self.info.title.as_str(), self.info.source.as_deref().unwrap_or_default()];
        format!("{}\n{}\n{}", parts.join("\n"), self.headings.join("\n"), self.passage_text())
    }

    /// The share of a sentence's concepts of which a synonym stands in the passage, its title or its headings, from 0
    /// to 1; 1 if the sentence has none.
    pub(crate) fn share_of(&self, sentence: &LexicalQuery) -> f32 {
        if sentence.concepts.is_empty() {
            return 1.0;
        }
        let standing: HashSet<String> = terms(&self.with_headings()).into_iter().collect();
        let stands = |concept: &&Concept| {
            concept.alternatives.iter().any(|synonym| synonym.iter().all(|term| standing.contains(term)))
        };
        sentence.concepts.iter().filter(stands).count() as f32 / sentence.concepts.len() as f32
    }

    pub(crate) fn location(&self) -> Location {
        Location::of(&self.text, self.window)
    }
}

/// A passage with its window that comes nearest to a sentence.
struct Scored<'c> {
    /// The number of its collection.
    member: usize,
    candidate: &'c Candidate,
    span: Span,
    score: f32,
    cosine: f32,
}

/// The passages that come nearest to a sentence, best first, of those that a search for it finds.
pub(crate) fn best_of(
    context: Context<'_>,
    index: &Snapshots<'_>,
    sentence: &Question,
    embedded: &EmbeddedQuestion,
) -> Result<Vec<Evidence>> {
    let ranking = ask::rank(Context { reranker: None, ..context }, index, sentence, embedded)?;
    let keys: Vec<PassageKey> = ranking.passages.iter().take(2 * COMPARED).map(|passage| passage.key).collect();
    given(index, embedded, &keys)
}

/// The passages with these keys as evidence, best first; those that no longer exist are left out.
pub(crate) fn given(index: &Snapshots<'_>, embedded: &EmbeddedQuestion, keys: &[PassageKey]) -> Result<Vec<Evidence>> {
    let candidates = index.candidates(keys)?;
    let vectors = embedded.vectors();
    let codec = Codec::new(vectors.question.len());
    let question = codec.question(&vectors.question, &vectors.tokens);
    let compressed: Vec<CompressedPassage<'_>> =
        candidates.iter().map(|(_, candidate)| compressed(candidate)).collect();
    let even = vec![1.0 / vectors.tokens.len().max(1) as f32; vectors.tokens.len()];
    let mut scored = Vec::with_capacity(candidates.len());
    for ((member, candidate), matches) in candidates.iter().zip(codec.compare(&question, &compressed)) {
        let nearest: Vec<Vec<f32>> = matches.into_iter().map(|found| found.nearest).collect();
        let Some(window) = best_window(&windows(&nearest, &even), |window| window.score) else { continue };
        let sentences = &candidate.sentences[window.first..window.first + window.count];
        let (Some(first), Some(last)) = (sentences.first(), sentences.last()) else { continue };
        let span = Span::new(first.span.start, last.span.end);
        let cosine = vectors.question.iter().zip(&candidate.vector).map(|(one, other)| one * other).sum();
        scored.push(Scored { member: *member, candidate, span, score: window.score, cosine });
    }
    scored.sort_by(|one, other| other.score.total_cmp(&one.score));
    scored.truncate(COMPARED);
    let mut documents: HashMap<DocumentKey, Option<(DocumentInfo, Arc<str>)>> = HashMap::new();
    let mut evidence = Vec::with_capacity(scored.len());
    for Scored { member, candidate, span, score, cosine } in scored {
        let key = DocumentKey { member, key: candidate.document };
        let document = match documents.entry(key) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(unknown) => {
                let document = index.document(key)?;
                unknown.insert(document.map(|Document { info, text, .. }| (info, Arc::from(text))))
            }
        };
        let Some((info, text)) = document else { continue };
        evidence.push(Evidence {
            member,
            info: info.clone(),
            text: Arc::clone(text),
            passage: candidate.span,
            window: span,
            headings: candidate.headings.clone(),
            score,
            cosine,
            is_cited: false,
        });
    }
    Ok(evidence)
}

fn compressed(candidate: &Candidate) -> CompressedPassage<'_> {
    let sentences = candidate.sentences.iter().map(|sentence| sentence.compressed.as_slice());
    CompressedPassage { vector: &candidate.vector, sentences: sentences.collect() }
}
