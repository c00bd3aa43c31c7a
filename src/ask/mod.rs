//! From a question to cited sentences: embed, find candidates, rank them by their sentences, cite, answer.

mod answer;
mod cite;
mod rank;

use std::time::Instant;

use crate::config::AskConfig;
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::passage::{Answer, Citation, FoundPassage, Mode, Ranking, Took};

/// A longer question is refused before it is tokenized.
const MAX_QUESTION_BYTES: usize = 8_192;

/// A question and how it is to be answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Question {
    /// The question, in any language.
    pub text: String,
    /// Passages to find and cite, at most. The configured number when `None`.
    pub top_k: Option<usize>,
    /// Sentences of context on either side of a quote. The configured number when `None`.
    pub context_sentences: Option<usize>,
    /// How the answer is made.
    pub mode: Mode,
    /// How passages are ordered.
    pub ranking: Ranking,
}

/// What a search finds.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResults {
    /// Best first.
    pub passages: Vec<FoundPassage>,
    /// How likely it is that they answer the question, between 0 and 1.
    pub confidence: f32,
    /// What it took.
    pub took: Took,
}

/// Finds the passages that answer a question best.
pub fn search(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &AskConfig,
    question: &Question,
) -> Result<SearchResults> {
    let text = checked(&question.text)?;
    let top_k = question.top_k.unwrap_or(config.top_k);
    let started = Instant::now();
    let vector = embedder.embed_question(text)?.question;
    let embedded = Instant::now();
    let nearest = collection.nearest(&vector, config.candidates.max(top_k))?;
    let Some(store) = collection.store().filter(|_| !nearest.is_empty()) else {
        return Ok(SearchResults { passages: Vec::new(), confidence: 0.0, took: took(started, embedded, embedded) });
    };
    let keys: Vec<u64> = nearest.iter().map(|&(key, _)| key).collect();
    let mut ranked = rank::rank(&vector, store.candidates(&keys)?);
    ranked.truncate(top_k);
    let found = Instant::now();
    let context = question.context_sentences.unwrap_or(config.context_sentences);
    let passages = cite::cite(store, &ranked, context)?;
    Ok(SearchResults { passages, confidence: 0.5, took: took(started, embedded, found) })
}

/// Answers a question with the sentences that answer it, each cited.
pub fn ask(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &AskConfig,
    question: &Question,
) -> Result<Answer> {
    let SearchResults { passages, confidence, took } = search(collection, embedder, config, question)?;
    let sentences = match question.mode {
        Mode::Passages => 0,
        Mode::Extract => config.sentences,
    };
    let (text, sentences) = answer::extract(&passages, sentences);
    let citations = (1..).zip(passages).map(|(id, passage)| Citation { id, passage }).collect::<Vec<_>>();
    Ok(Answer { text, mode: question.mode, answerable: !citations.is_empty(), confidence, sentences, citations, took })
}

/// What a question of an empty collection finds.
pub fn nothing_to_search(question: &Question) -> Result<SearchResults> {
    checked(&question.text)?;
    Ok(SearchResults { passages: Vec::new(), confidence: 0.0, took: Took::default() })
}

/// What a question of an empty collection gets.
pub fn nothing_to_ask(question: &Question) -> Result<Answer> {
    let SearchResults { took, .. } = nothing_to_search(question)?;
    let (text, sentences) = answer::extract(&[], 0);
    Ok(Answer { text, mode: question.mode, answerable: false, confidence: 0.0, sentences, citations: Vec::new(), took })
}

fn checked(question: &str) -> Result<&str> {
    let text = question.trim();
    let refused = |reason: String, hint: &str| Err(Error::Input { reason, hint: hint.into() });
    if text.is_empty() {
        return refused("the question is empty".into(), "ask something, in any language");
    }
    if text.len() > MAX_QUESTION_BYTES {
        return refused(
            format!("the question has {} bytes; {MAX_QUESTION_BYTES} are read", text.len()),
            "ask a shorter question",
        );
    }
    Ok(text)
}

fn took(started: Instant, embedded: Instant, found: Instant) -> Took {
    let now = Instant::now();
    let milliseconds = |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1e3;
    Took {
        embed_ms: milliseconds(started, embedded),
        search_ms: milliseconds(embedded, found),
        cite_ms: milliseconds(found, now),
        total_ms: milliseconds(started, now),
    }
}
