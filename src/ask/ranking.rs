//! Ranks a question's candidates and cites the best of them: one search, from documents of any time.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::Instant;

use super::asked::Asked;
use super::conditions::{self, Limited};
use super::confidence::{self, Features, QuestionFacts};
use super::content::{Content, content};
use super::copies::Documents;
use super::fuse::{self, Ranked};
use super::reading::Read;
use super::retrieve::{self, MAX_COMPARED};
use super::support::{self, SupportFeatures};
use super::times::AskedTime;
use super::{cite, names, periods, reading};
use crate::cancel::Cancel;
use crate::config::AskConfig;
use crate::embed::{Embedder, QuestionVectors, Reranker};
use crate::error::{Error, Result};
use crate::filter::{Filter, PassageFilter};
use crate::index::store::Candidate;
use crate::index::{Allowed, PassageKey, Snapshots};
use crate::keys::Holder;
use crate::lexicon::{Lexicon, Synonyms};
use crate::passage::{Correction, Facet, Facets, FoundPassage, LastPassages, Mode, Note, Operator, TimeUsed, Timings};
use crate::terms::{LexicalQuery, Matcher, same_script};

/// The highest confidence if no passage has a name of the question under any of its names. Of such questions about one in ten is
/// answered all the same.
pub(crate) const UNNAMED: f32 = 0.1;

/// Passages that a search reaches, on all its pages: so many are compared token by token for a page.
pub const MAX_REACHED: usize = 200;
/// Characters of a malformed day that are shown.
const MAX_SHOWN: usize = 40;
/// A question with more characters is refused before it is tokenized.
pub const MAX_QUESTION_CHARS: usize = 8_192;

/// The inputs of an answer other than the question and the documents.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The model that made the collection's vectors.
    pub embedder: &'a dyn Embedder,
    /// Translations and synonyms.
    pub lexicon: &'a Lexicon,
    /// Whether the names that documents give in parentheses are used.
    pub use_aliases: bool,
    /// A cross-encoder, and how many of the best passages it reranks.
    pub reranker: Option<(&'a Reranker, usize)>,
    /// Numbers and weights.
    pub config: &'a AskConfig,
    /// Checked between steps.
    pub cancel: &'a Cancel,
}

/// A question, and how to answer it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Question {
    /// The question, in any language.
    pub text: String,
    /// Passages to find and cite, at most. The configured number if `None`.
    pub top_k: Option<usize>,
    /// Sentences of context on either side of a quote. The configured number if `None`.
    pub context_sentences: Option<usize>,
    /// The kind of answer. The configured one if `None`.
    pub mode: Option<Mode>,
    /// Only documents that meet it are searched.
    pub filter: Filter,
    /// Only passages that meet it are searched.
    pub passages: PassageFilter,
    /// Whether operators in the text, such as `source:Reuters` or `"an exact phrase"`, are understood.
    pub operators: bool,
    /// Passages to leave out at the start of a search.
    pub skip: usize,
    /// What is counted among the documents that a search finds.
    pub facets: Vec<Facet>,
    /// Passages that were stored after the one with this key are left out, so that the pages of a search do not change while
    /// documents are added.
    pub last_passages: Option<LastPassages>,
    /// The BCP 47 tag of the language in which a [notice](crate::passage::Notice) is written. Told from the text if `None`.
    pub language: Option<String>,
    /// The day from which times such as "last week" are counted. Today if `None`.
    pub now: Option<jiff::civil::Date>,
    /// Misspelt words that are corrected in the text already. `None` if they are still to be looked for.
    pub corrections: Option<Vec<Correction>>,
    /// The name of the API key that it is asked with, for the log of questions; `None` for the user of the index.
    pub asker: Option<Holder>,
}

/// A question as the model reads it.
pub struct EmbeddedQuestion {
    /// What is searched for: the question without the time of the documents that it asks for.
    pub(super) text: String,
    pub(super) time: Option<AskedTime>,
    /// Whether any document has a date. It is only known for a question that asks for a time.
    pub(super) has_dates: bool,
    pub(super) vectors: QuestionVectors,
    pub(super) took_ms: f64,
}

impl EmbeddedQuestion {
    /// Its vectors.
    pub(crate) fn vectors(&self) -> &QuestionVectors {
        &self.vectors
    }
}

/// The passages that a search found.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct SearchResults {
    /// Best first.
    pub passages: Vec<FoundPassage>,
    /// The probability that they answer the question.
    pub confidence: f32,
    /// Names in the question that none of them has under any of their names.
    pub missing: Vec<String>,
    /// The time of the documents that the question asks for; `None` if it asks for none or that made no difference.
    pub time: Option<TimeUsed>,
    /// Misspelt words of the question, in order, and what was searched for instead.
    pub corrections: Vec<Correction>,
    /// What the question wants counted among the documents that were found; `None` if it wants nothing.
    pub facets: Option<Facets>,
    /// What was stored last at the moment of the search.
    pub last_passages: LastPassages,
    /// How many passages were compared with the phrases of the question, if too many had their words to compare all.
    pub compared: Option<usize>,
    /// The operators of the question, in order.
    pub operators: Vec<Operator>,
    /// What a person should know of how the question was understood.
    pub notes: Vec<Note>,
    /// Time taken by each step.
    pub took: Timings,
}

/// A question's candidates in order with all their scores, before any is cited.
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    /// The terms that were searched.
    pub query: LexicalQuery,
    /// The names of the collections, by the numbers that keys have; empty if one was asked by itself.
    pub collections: Vec<String>,
    /// Best first: the `[ask] candidates`, then those that a larger `top_k` asks for.
    pub passages: Vec<Ranked>,
    /// The headings above each passage, by its key.
    pub headings: HashMap<PassageKey, Vec<String>>,
    /// Keys of the passages that the vector search found, best first.
    pub dense: Vec<PassageKey>,
    /// Keys of the passages that the lexical search found, best first.
    pub lexical: Vec<PassageKey>,
    /// The features from which the confidence is estimated.
    pub features: Features,
    /// The probability that the best of them answer the question.
    pub confidence: f32,
    /// Names in the question that none of the passages has under any of their names.
    pub missing: Vec<String>,
    /// Time taken by the steps so far.
    pub took: Timings,
}

impl Question {
    /// Whether a passage was there at the moment that the question is about; without such a moment, it is about all.
    pub(super) fn is_about(&self, collection: Option<&str>, key: u64) -> bool {
        self.last_passages.as_ref().is_none_or(|last| last.have(collection, key))
    }

    /// The day of [`Question::now`] as a person or a program writes it: `2026-01-31`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if it is no such day.
    pub fn day(now: &str) -> Result<jiff::civil::Date> {
        let day = now.parse::<jiff::civil::Date>().ok();
        // Other forms of ISO 8601 are read, too.
        day.filter(|day| day.to_string() == now).ok_or_else(|| Error::Input {
            reason: format!("`now` is `{}`", crate::display::one_line(now).chars().take(MAX_SHOWN).collect::<String>()),
            hint: "give a day such as 2026-01-31".into(),
        })
    }

    /// The text without surrounding white space.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the text is blank or longer than [`MAX_QUESTION_CHARS`], or the filter is malformed.
    pub fn check(&self) -> Result<&str> {
        let text = self.text.trim();
        if text.is_empty() {
            return Err(Error::Input {
                reason: "the question is empty".into(),
                hint: "ask something, in any language".into(),
            });
        }
        let chars = text.chars().count();
        if chars > MAX_QUESTION_CHARS {
            return Err(Error::Input {
                reason: format!("the question has {chars} characters; at most {MAX_QUESTION_CHARS} are read"),
                hint: "ask a shorter question".into(),
            });
        }
        self.filter.check()?;
        Ok(text)
    }
}

/// Finds the passages that answer a question best among those to which it is `limited`.
pub(super) fn search_once(
    context: Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
    embedded: &EmbeddedQuestion,
    limited: &Limited,
) -> Result<SearchResults> {
    let started = Instant::now();
    let count = question.top_k.unwrap_or(context.config.top_k);
    let around = question.context_sentences.unwrap_or(context.config.context_sentences);
    let mut compared = count.max(context.config.candidates);
    let mut documents = Documents::new(index);
    let allowed = limited.allowed.as_slice();
    let mut ranking = rank_some(context, index, allowed, embedded, count, &mut documents)?;
    let is_meant = |passage: &Ranked| question.is_about(index.name(passage.key.member), passage.key.key);
    let mut ranked = ranking.passages.len();
    ranking.passages.retain(is_meant);
    let mut citing = Instant::now();
    let mut passages = cite::cite(index, &mut documents, &ranking.passages, &ranking.headings, count, around)?;
    // Copies may have taken the places of all others.
    while passages.len() < count && ranked >= compared && compared < MAX_COMPARED {
        compared = compared.saturating_mul(4).min(MAX_COMPARED);
        ranking = rank_some(context, index, allowed, embedded, compared, &mut documents)?;
        ranked = ranking.passages.len();
        ranking.passages.retain(is_meant);
        citing = Instant::now();
        passages = cite::cite(index, &mut documents, &ranking.passages, &ranking.headings, count, around)?;
    }
    context.cancel.check()?;
    let Ranking { query, confidence, missing, mut took, .. } = ranking;
    let mut passages = confidence::with_relevance(passages, confidence);
    let matcher = Matcher::new(&embedded.text, &query);
    for passage in &mut passages {
        passage.matches = matcher.find(&passage.text);
        passage.quote_matches = matcher.find(&passage.quote.text);
    }
    took.cite_ms = milliseconds_since(citing);
    took.total_ms = embedded.took_ms + milliseconds_since(started);
    let last_passages = index.last_passages()?;
    let compared = limited.compared;
    Ok(SearchResults { passages, confidence, missing, last_passages, compared, took, ..SearchResults::default() })
}

/// The passages to which a question is limited.
pub(super) fn limited(
    context: Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
    embedded: &EmbeddedQuestion,
) -> Result<Limited> {
    conditions::limited(index, &question.filter, &question.passages, context.cancel, || {
        context.cancel.check()?;
        let query = lexical_query(context.lexicon, context.use_aliases, index, &embedded.text)?;
        Ok((&embedded.vectors.question, query))
    })
}

/// Ranks a question's candidates.
pub fn rank(
    context: Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
    embedded: &EmbeddedQuestion,
) -> Result<Ranking> {
    let count = question.top_k.unwrap_or(context.config.top_k);
    let limited = limited(context, index, question, embedded)?;
    rank_some(context, index, &limited.allowed, embedded, count, &mut Documents::new(index))
}

/// Ranks a question's candidates among the allowed passages, or `count` passages if that is more.
fn rank_some(
    context: Context<'_>,
    index: &Snapshots<'_>,
    allowed: &[Option<Allowed>],
    embedded: &EmbeddedQuestion,
    count: usize,
    documents: &mut Documents<'_, '_>,
) -> Result<Ranking> {
    let Context { config, cancel, .. } = context;
    let EmbeddedQuestion { text, vectors, took_ms: embed_ms, .. } = embedded;
    cancel.check()?;

    let searching = Instant::now();
    let aliases = aliases_of(context.lexicon, context.use_aliases, index, text)?;
    let query = context.lexicon.query(text, &aliases);
    let found = retrieve::retrieve(index, &vectors.question, &query, allowed, config.candidates, count)?;
    cancel.check()?;
    let mut candidates = index.candidates(&found.candidates)?;
    let mut further = index.candidates(&found.further)?;
    let compared = candidates.len();
    let both = candidates.iter_mut().chain(&mut further);
    let above = |(member, candidate): &mut (usize, Candidate)| {
        (PassageKey { member: *member, key: candidate.key }, std::mem::take(&mut candidate.headings))
    };
    let headings: HashMap<PassageKey, Vec<String>> = both.map(above).collect();
    let mut names = names::names(text, context.lexicon, &aliases);
    names.extend(periods::periods(text));
    let asked = Asked::new(text, &query, &found.weights, names).interpreted(config.interpret);
    let mut passages = fuse::fuse(vectors, &found.hits, candidates, further, config);
    let Read { missing, extreme } = reading::read(documents, &mut passages, &headings, &asked, count)?;
    // The calibration was fitted to this order of these candidates. So the confidence depends neither on how many
    // passages are wanted nor on a reranker.
    let language = passages.first().map(|best| index.language_of(best.document)).transpose()?.flatten();
    let same_script = language.and_then(|language| same_script(text, &language));
    let facts = QuestionFacts { known: found.known, same_script };
    let features = Features::of(&counting(&passages[..compared], &found.hits.beyond), facts);
    let is_asked = match content(text) {
        Content::Question => true,
        Content::Word => !found.hits.lexical.is_empty() || confidence::is_related(&passages[..compared]),
        Content::IfKnown => !found.hits.lexical.is_empty(),
        Content::Order | Content::Nothing(_) => false,
    };
    let confidence = if is_asked { confidence::confidence(&features) } else { 0.0 };
    let confidence = if missing.is_empty() { confidence } else { confidence.min(UNNAMED) };
    if let Some(best) = passages.first().cloned() {
        for passage in &mut passages {
            passage.support = support::support(&SupportFeatures::of(passage, &best, features));
        }
    }
    let confidence = confidence::less(confidence, reading::loss(&passages));
    if let Some((reranker, count)) = context.reranker {
        cancel.check()?;
        rerank(index, reranker, text, count, &mut passages, cancel)?;
    }
    if let Some(extreme) = extreme {
        reading::put_first(extreme, &mut passages);
    }
    let took = Timings { embed_ms: *embed_ms, search_ms: milliseconds_since(searching), ..Timings::default() };
    let fuse::Hits { dense, lexical, .. } = found.hits;
    let keys = |hits: Vec<(PassageKey, f32)>| hits.into_iter().map(|(key, _)| key).collect();
    let (dense, lexical) = (keys(dense), keys(lexical));
    let collections = (0..index.count()).filter_map(|member| index.name(member).map(str::to_owned)).collect();
    Ok(Ranking { query, collections, passages, headings, dense, lexical, features, confidence, missing, took })
}

/// The candidates that the confidence is estimated from: the best one, and those that are not `beyond`.
fn counting<'r>(ranked: &'r [Ranked], beyond: &HashSet<PassageKey>) -> Cow<'r, [Ranked]> {
    if beyond.is_empty() {
        return Cow::Borrowed(ranked);
    }
    let counts = |(place, passage): &(usize, &Ranked)| *place == 0 || !beyond.contains(&passage.key);
    Cow::Owned(ranked.iter().enumerate().filter(counts).map(|(_, passage)| passage.clone()).collect())
}

/// Orders the first `count` passages by a cross-encoder's scores.
fn rerank(
    index: &Snapshots<'_>,
    reranker: &Reranker,
    question: &str,
    count: usize,
    passages: &mut [Ranked],
    cancel: &Cancel,
) -> Result<()> {
    let count = count.min(passages.len());
    let passages = &mut passages[..count];
    if passages.is_empty() {
        return Ok(());
    }
    let keys: Vec<PassageKey> = passages.iter().map(|passage| passage.key).collect();
    let mut texts: HashMap<PassageKey, String> = HashMap::with_capacity(count);
    // In the order of storing, each document's text is read once.
    let mut stored = keys.clone();
    stored.sort_unstable();
    index.each_text(&stored, |key, passage| {
        texts.insert(key, passage.text.trim().to_owned());
        Ok(())
    })?;
    let ordered: Vec<String> = keys.iter().map(|key| texts.remove(key).unwrap_or_default()).collect();
    let scores = reranker.score(question, &ordered, cancel)?;
    passages.iter_mut().zip(scores).for_each(|(passage, score)| passage.scores.rerank = Some(score));
    let score = |passage: &Ranked| passage.scores.rerank.unwrap_or(f32::NEG_INFINITY);
    passages.sort_by(|a, b| score(b).total_cmp(&score(a)));
    Ok(())
}

/// The question's concepts, with the names that the lexicon and the documents themselves give for them.
pub fn lexical_query(
    lexicon: &Lexicon,
    use_aliases: bool,
    index: &Snapshots<'_>,
    question: &str,
) -> Result<LexicalQuery> {
    Ok(lexicon.query(question, &aliases_of(lexicon, use_aliases, index, question)?))
}

/// The names that documents give in parentheses for words of the question.
pub(super) fn aliases_of(
    lexicon: &Lexicon,
    use_aliases: bool,
    index: &Snapshots<'_>,
    question: &str,
) -> Result<Synonyms> {
    let aliases = if use_aliases { index.aliases_of(&lexicon.lookups(question))? } else { Vec::new() };
    Ok(aliases.into_iter().collect())
}

pub(super) fn milliseconds_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
