//! From a question to cited sentences: embed and look up, find candidates, rank them, cite, answer.

mod answer;
mod cite;
mod confidence;
mod fuse;
mod sentences;
mod standalone;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::Instant;

use crate::cancel::Cancel;
use crate::config::AskConfig;
use crate::embed::{Embedder, QuestionVectors, Reranker};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::index::Collection;
use crate::lexicon::Lexicon;
use crate::passage::{Answer, Citation, FoundPassage, Mode, Took};
use crate::terms::{ChineseScript, LexicalQuery, language};

pub use confidence::{Calibration, Features, FittedFeature, HALVING};
pub use fuse::Ranked;
pub use standalone::standalone;

/// A longer question is refused before it is tokenized.
pub const MAX_QUESTION_CHARS: usize = 8_192;

/// What questions are answered from, and how.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The documents.
    pub collection: &'a Collection,
    /// The model that the collection was made with.
    pub embedder: &'a dyn Embedder,
    /// What words are also called.
    pub lexicon: &'a Lexicon,
    /// Whether the names that documents give in parentheses are used.
    pub use_aliases: bool,
    /// A second look at the best passages, and at how many of them.
    pub reranker: Option<(&'a Reranker, usize)>,
    /// How many, and with which weights.
    pub config: &'a AskConfig,
    /// Looked at between steps.
    pub cancel: &'a Cancel,
}

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
    /// Which documents it is about.
    pub filter: Filter,
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

/// A question's candidates in order, with all that their order is made of, before any is cited.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// What was looked for by its terms.
    pub query: LexicalQuery,
    /// Best first.
    pub passages: Vec<Ranked>,
    /// Keys of what the vectors alone found, best first.
    pub dense: Vec<u64>,
    /// Keys of what the terms alone found, best first.
    pub lexical: Vec<u64>,
    /// What the confidence is made of.
    pub features: Features,
    /// How likely it is that the best of them answer the question, between 0 and 1.
    pub confidence: f32,
    started: Instant,
    embedded: Instant,
}

/// Finds the passages that answer a question best.
pub fn search(context: Context<'_>, question: &Question) -> Result<SearchResults> {
    let top_k = question.top_k.unwrap_or(context.config.top_k);
    let Ranking { passages: mut ranked, confidence, started, embedded, .. } = rank(context, question)?;
    ranked.truncate(top_k);
    context.cancel.check()?;
    let found = Instant::now();
    let around = question.context_sentences.unwrap_or(context.config.context_sentences);
    let passages = match context.collection.store() {
        Some(store) => cite::cite(store, &ranked, around)?,
        None => Vec::new(),
    };
    let passages = confidence::with_relevance(passages, confidence);
    Ok(SearchResults { passages, confidence, took: took(started, embedded, found) })
}

/// Ranks the question's candidates by all legs.
pub fn rank(context: Context<'_>, question: &Question) -> Result<Ranking> {
    let text = checked(&question.text)?;
    question.filter.check()?;
    let started = Instant::now();
    context.cancel.check()?;
    let vectors = context.embedder.embed_question(&in_script_of(context.collection, text)?)?;
    let embedded = Instant::now();
    context.cancel.check()?;
    let usual = context.config.candidates;
    let wanted = usual.max(question.top_k.unwrap_or(context.config.top_k));
    let query = lexical_query(context, text)?;
    let Found { keys, dense, coverage } = find(context.collection, &vectors, &query, &question.filter, usual, wanted)?;
    context.cancel.check()?;
    let candidates = context.collection.store().map_or(Ok(Vec::new()), |store| store.candidates(&keys))?;
    // What is told from how candidates stand to one another must not depend on how many the caller wants to see.
    let usual: HashSet<u64> = keys.iter().copied().take(usual).collect();
    let mut passages = fuse::fuse(&vectors, &dense, &coverage, candidates, &usual, context.config);
    let features = Features::of(passages.iter().filter(|passage| usual.contains(&passage.key)));
    let confidence = Calibration::fitted().confidence(&features);
    if let Some((reranker, most)) = context.reranker {
        context.cancel.check()?;
        rerank(context.collection, reranker, text, most, &mut passages)?;
    }
    let lexical = coverage.into_iter().map(|(key, _)| key).collect();
    Ok(Ranking { query, passages, dense, lexical, features, confidence, started, embedded })
}

/// Orders the first `most` passages by what a cross-encoder says of them.
fn rerank(
    collection: &Collection,
    reranker: &Reranker,
    question: &str,
    most: usize,
    passages: &mut [Ranked],
) -> Result<()> {
    let most = most.min(passages.len());
    let passages = &mut passages[..most];
    let Some(store) = collection.store().filter(|_| most > 0) else { return Ok(()) };
    let keys: Vec<u64> = passages.iter().map(|passage| passage.key).collect();
    let mut texts: HashMap<u64, String> = HashMap::with_capacity(most);
    store.each_text(&keys, |key, passage| {
        texts.insert(key, passage.text.trim().to_owned());
        Ok(())
    })?;
    let ordered = keys.iter().map(|key| texts.remove(key).unwrap_or_default()).collect();
    let scores = reranker.score(question, ordered)?;
    passages.iter_mut().zip(scores).for_each(|(passage, score)| passage.scores.rerank = Some(score));
    let score = |passage: &Ranked| passage.scores.rerank.unwrap_or(f32::NEG_INFINITY);
    passages.sort_by(|a, b| score(b).total_cmp(&score(a)));
    Ok(())
}

/// The question as the model is to read it: Chinese in the script that most documents of the collection are in, which it
/// is a little nearer to. Lexical search folds both scripts into one and needs no such help.
fn in_script_of<'q>(collection: &Collection, question: &'q str) -> Result<Cow<'q, str>> {
    let script = match language::detect(question).as_deref() {
        Some("zh-Hans") => ChineseScript::Traditional,
        Some("zh-Hant") => ChineseScript::Simplified,
        _ => return Ok(Cow::Borrowed(question)),
    };
    let other = collection.chinese_script()? == Some(script);
    Ok(if other { Cow::Owned(script.convert(question)) } else { Cow::Borrowed(question) })
}

/// The question's concepts, with what the lexicon and the documents themselves call them.
fn lexical_query(context: Context<'_>, question: &str) -> Result<LexicalQuery> {
    let aliases = match context.collection.store().filter(|_| context.use_aliases) {
        Some(store) => store.aliases_of(&context.lexicon.lookups(question))?,
        None => Vec::new(),
    };
    Ok(context.lexicon.query(question, &aliases.into_iter().collect()))
}

/// What the vector search and the lexical search find.
struct Found {
    /// The keys of the candidates, each once: the usual ones, then what is wanted beyond them.
    keys: Vec<u64>,
    /// Those that the vector search found, best first.
    dense: Vec<u64>,
    /// The lexical coverage of those that have any, best first.
    coverage: Vec<(u64, f32)>,
}

/// Up to `wanted` passages by each of the two. The `usual` first of them are those of a search for no more.
fn find(
    collection: &Collection,
    vectors: &QuestionVectors,
    query: &LexicalQuery,
    filter: &Filter,
    usual: usize,
    wanted: usize,
) -> Result<Found> {
    let allowed = collection.allowed(filter)?;
    let nearest = collection.nearest(&vectors.question, wanted, allowed.as_ref())?;
    let dense: Vec<u64> = nearest.iter().map(|(key, _)| *key).collect();
    let coverage = collection.covering(query, wanted, &dense, allowed.as_ref())?;
    let known: HashSet<u64> = dense.iter().copied().collect();
    let by_words: Vec<u64> = coverage.iter().map(|(key, _)| *key).filter(|key| !known.contains(key)).collect();
    let mut cosines = nearest;
    cosines.extend(collection.cosines(&vectors.question, &by_words)?);
    let first = dense.iter().copied().take(usual).chain(coverage.iter().map(|(key, _)| *key).take(usual));
    let first: HashSet<u64> = first.collect();
    let near: Vec<(u64, f32)> = cosines.iter().filter(|(key, _)| first.contains(key)).copied().collect();
    let mut keys = fuse::first_stage(&near, &coverage, usual);
    if wanted > usual {
        let known: HashSet<u64> = keys.iter().copied().collect();
        let beyond = fuse::first_stage(&cosines, &coverage, wanted).into_iter().filter(|key| !known.contains(key));
        keys.extend(beyond);
        keys.truncate(wanted);
    }
    Ok(Found { keys, dense, coverage })
}

/// Answers a question with the sentences that answer it, each cited. `on_found` hears of the passages as soon as they are
/// there.
pub fn ask(context: Context<'_>, question: &Question, on_found: &mut dyn FnMut(&SearchResults)) -> Result<Answer> {
    let found = search(context, question)?;
    on_found(&found);
    context.cancel.check()?;
    let SearchResults { passages, confidence, took } = found;
    let answerable = !passages.is_empty() && confidence >= context.config.answerable_from;
    let sentences = match question.mode {
        Mode::Extract if answerable => context.config.sentences,
        Mode::Extract | Mode::Passages => 0,
    };
    let (text, sentences) = answer::extract(&question.text, &passages, sentences);
    let citations = (1..).zip(passages).map(|(id, passage)| Citation { id, passage }).collect();
    Ok(Answer { text, mode: question.mode, answerable, confidence, sentences, citations, took })
}

/// What a question of an empty collection finds.
pub fn nothing_to_search(question: &Question) -> Result<SearchResults> {
    checked(&question.text)?;
    Ok(SearchResults { passages: Vec::new(), confidence: 0.0, took: Took::default() })
}

/// What a question of an empty collection gets.
pub fn nothing_to_ask(question: &Question) -> Result<Answer> {
    let SearchResults { took, .. } = nothing_to_search(question)?;
    let (text, sentences) = answer::extract("", &[], 0);
    Ok(Answer { text, mode: question.mode, answerable: false, confidence: 0.0, sentences, citations: Vec::new(), took })
}

fn checked(question: &str) -> Result<&str> {
    let text = question.trim();
    let refused = |reason: String, hint: &str| Err(Error::Input { reason, hint: hint.into() });
    if text.is_empty() {
        return refused("the question is empty".into(), "ask something, in any language");
    }
    let chars = text.chars().count();
    if chars > MAX_QUESTION_CHARS {
        return refused(
            format!("the question has {chars} characters; {MAX_QUESTION_CHARS} are read"),
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
