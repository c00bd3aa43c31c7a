//! The embedder: tokenizes texts, packs them into forward passes, and makes vectors of what the model returns.

use std::sync::{Arc, OnceLock};

use super::pool::{LoadFailure, ModelPool};
use super::schedule::Pass;
use super::session::{Batch, BatchRow, RowOutput, Session, embedding_error, normalised_mean, not_finite};
use super::tokenizer::{Scope, TextTokenizer, TokenIds};
use super::{Embedder, PassageInput, PassageVectors, QuestionVectors, TokenCounter, runtime};
use crate::cancel::Cancel;
use crate::config::ModelConfig;
use crate::error::Result;
use crate::late::Codec;
use crate::model::{ModelChoice, ModelFiles, ModelIdentity};
use crate::passage::Span;

/// Sessions of a model at most. Each runs one forward pass at a time.
const MAX_SESSIONS: usize = 8;

/// The default model, one of a hub, or any that lies in a directory, on ONNX Runtime.
pub struct OnnxEmbedder {
    identity: ModelIdentity,
    choice: ModelChoice,
    dimensions: OnceLock<usize>,
    max_tokens: usize,
    batch_tokens: usize,
    query_prefix: String,
    passage_prefix: String,
    tokenizer: TextTokenizer,
    pool: ModelPool<Batch, Vec<RowOutput>>,
}

impl OnnxEmbedder {
    /// Starts loading the model and returns before that is done.
    ///
    /// A forward pass holds at most `batch_tokens` tokens, padding counted, or one text.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if the tokenizer cannot be used. If the model cannot be loaded, each method that needs it tries
    /// again and returns the reason.
    pub fn start(files: ModelFiles, config: &ModelConfig, batch_tokens: usize) -> Result<Self> {
        let files = Arc::new(files);
        let threads = runtime::threads(config.threads);
        // Weights in a file of their own are mapped, so that all sessions share them. Others are copied into each.
        let sessions = if files.external_data.is_empty() { 1 } else { threads.min(MAX_SESSIONS) };
        let failure = |error| LoadFailure::of(&files, error);
        // Read first: a file that is missing or damaged is an error at once. It is parsed while the model loads.
        let file = files.read(files.compiled_tokenizer.as_ref().unwrap_or(&files.tokenizer)).map_err(failure)?;
        let pool = {
            let files = Arc::clone(&files);
            ModelPool::start(sessions, move || Session::load(&files, threads), Session::run)?
        };
        let tokenizer = match &files.compiled_tokenizer {
            Some(_) => TextTokenizer::from_compiled(file),
            None => TextTokenizer::from_json(&file),
        };
        let tokenizer = tokenizer.map_err(failure)?;
        let dimensions = OnceLock::new();
        if let Some(known) = files.dimensions {
            let _ = dimensions.set(known);
        }
        let embedder = Self {
            identity: files.identity.clone(),
            choice: ModelChoice { revision: files.revision.clone(), ..ModelChoice::of(config) },
            dimensions,
            max_tokens: files.max_tokens,
            batch_tokens,
            query_prefix: files.query_prefix.clone(),
            passage_prefix: files.passage_prefix.clone(),
            tokenizer,
            pool,
        };
        if embedder.dimensions.get().is_none() {
            let length = embedder.embed_question("?", &Cancel::default())?.question.len();
            let _ = embedder.dimensions.set(length);
        }
        Ok(embedder)
    }

    /// Whether a question need not wait for the model to be loaded.
    pub fn is_loaded(&self) -> bool {
        self.pool.is_loaded()
    }

    /// Whether the last attempt to load the model failed.
    pub fn has_failed(&self) -> bool {
        self.pool.has_failed()
    }

    /// Waits until the model is loaded.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if it cannot be loaded.
    pub fn wait_loaded(&self) -> Result<()> {
        self.pool.wait_loaded()
    }

    /// Splits a question into parts that the model can read: the whole if it is short enough, else halves of halves.
    fn question_parts(&self, scope: &Scope, text: &str) -> Result<Vec<BatchRow>> {
        let prefixed = format!("{}{text}", self.query_prefix);
        let tokens = scope.encode(&prefixed)?;
        if tokens.ids.len() <= self.max_tokens {
            let whole = [Span::new(0, text.len())];
            return Ok(vec![BatchRow {
                parts: part_tokens(&whole, self.query_prefix.len(), &tokens),
                ids: tokens.ids,
            }]);
        }
        let middle = text.floor_char_boundary(text.len() / 2);
        // At white space if there is some nearby, so that no word is cut.
        let cut = text[..middle].rfind(char::is_whitespace).filter(|space| *space > middle / 2).unwrap_or(middle);
        if cut == 0 {
            let reason = format!("it reads {} tokens at once, which is too few for a question", self.max_tokens);
            return Err(embedding_error(reason));
        }
        let (first, second) = text.split_at(cut);
        let mut parts = self.question_parts(scope, first)?;
        parts.extend(self.question_parts(scope, second)?);
        Ok(parts)
    }

    fn encode_passages(&self, passages: &[PassageInput]) -> Result<Vec<BatchRow>> {
        let texts: Vec<String> =
            passages.iter().map(|passage| format!("{}{}", self.passage_prefix, passage.text)).collect();
        let scope = self.tokenizer.scope(texts.iter().map(String::as_str))?;
        let encode = |(passage, text): (&PassageInput, &String)| {
            let tokens = scope.encode(text)?;
            if tokens.ids.len() > self.max_tokens {
                let reason = format!("a passage has {} tokens; it reads {} at most", tokens.ids.len(), self.max_tokens);
                return Err(embedding_error(reason));
            }
            Ok(BatchRow { parts: part_tokens(&passage.sentences, self.passage_prefix.len(), &tokens), ids: tokens.ids })
        };
        passages.iter().zip(&texts).map(encode).collect()
    }
}

impl Embedder for OnnxEmbedder {
    fn identity(&self) -> &ModelIdentity {
        &self.identity
    }

    fn choice(&self) -> Option<&ModelChoice> {
        Some(&self.choice)
    }

    fn dimensions(&self) -> usize {
        self.dimensions.get().copied().unwrap_or_default()
    }

    fn piece_score(&self, piece: &str) -> Option<f64> {
        self.tokenizer.piece_score(piece)
    }

    fn max_passage_tokens(&self) -> usize {
        // Joined to a text, the prefix can take one token more than alone.
        let overhead = self.tokenizer.scope([self.passage_prefix.as_str()]);
        let overhead = overhead.and_then(|scope| scope.encode(&self.passage_prefix));
        self.max_tokens.saturating_sub(overhead.map_or(8, |tokens| tokens.ids.len() + 1))
    }

    fn token_counter(&self, text: &str) -> Result<TokenCounter> {
        let scope = self.tokenizer.scope([text])?;
        Ok(Box::new(move |part| scope.count(part)))
    }

    fn embed_question(&self, text: &str, cancel: &Cancel) -> Result<QuestionVectors> {
        let scope = self.tokenizer.scope([self.query_prefix.as_str(), text])?;
        // Each part is a pass of its own, so that short questions are answered between the parts of a long one.
        let parts = self.question_parts(&scope, text)?;
        let weights: Vec<f32> = parts.iter().map(|part| part.ids.len() as f32).collect();
        let passes = parts.into_iter().map(|part| pass(vec![part])).collect();
        let (mut vectors, mut tokens) = (Vec::new(), Vec::new());
        for (weight, output) in weights.into_iter().zip(self.pool.run_question(passes, cancel)?) {
            let output = output.into_iter().next().ok_or_else(|| embedding_error("it returned no vector"))?;
            vectors.push(output.pooled.iter().map(|value| weight * value).collect::<Vec<f32>>());
            tokens.extend(output.parts.into_iter().flat_map(|part| part.tokens));
        }
        let length = vectors.first().map_or(0, Vec::len);
        let question = normalised_mean(vectors.iter().map(Vec::as_slice), length);
        Ok(QuestionVectors { question: question.ok_or_else(|| not_finite(&self.identity.name))?, tokens })
    }

    fn embed_passages(&self, passages: &[PassageInput]) -> Result<Vec<PassageVectors>> {
        let mut rows: Vec<(usize, BatchRow)> = self.encode_passages(passages)?.into_iter().enumerate().collect();
        // Longest first: a batch is padded to its longest text, so texts of similar length belong together.
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.ids.len()));
        let mut waiting = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while let Some((position, first)) = rows.next() {
            let max_rows = (self.batch_tokens / first.ids.len()).max(1);
            let (mut positions, mut batch) = (vec![position], vec![first]);
            while batch.len() < max_rows
                && let Some((position, row)) = rows.next()
            {
                positions.push(position);
                batch.push(row);
            }
            waiting.push((positions, self.pool.submit_batch(pass(batch))?));
        }
        // The codec compresses here while the model runs the next batch.
        let codec = Codec::new(self.dimensions());
        let mut vectors: Vec<Option<PassageVectors>> = vec![None; passages.len()];
        for (positions, pending) in waiting {
            for (position, output) in positions.into_iter().zip(pending.wait()?.into_iter().flatten()) {
                vectors[position] = Some(passage_vectors(output, &codec));
            }
        }
        vectors.into_iter().collect::<Option<_>>().ok_or_else(|| embedding_error("it returned too few vectors"))
    }
}

/// A forward pass over these texts. Its cost counts the padding.
fn pass(rows: Vec<BatchRow>) -> Pass<Batch> {
    let longest = rows.iter().map(|row| row.ids.len()).max().unwrap_or_default();
    Pass { tokens: longest * rows.len(), job: Batch(rows) }
}

fn passage_vectors(output: RowOutput, codec: &Codec) -> PassageVectors {
    let parts = output.parts.iter().map(|part| (part.mean.as_slice(), part.tokens.as_slice()));
    let compressed = codec.compress_sentences(&output.pooled, parts);
    let sentences = output.parts.into_iter().map(|part| part.mean).collect();
    PassageVectors { passage: output.pooled, sentences, compressed, tokens: output.tokens }
}

/// For each part of a text, the positions of the tokens that end in it.
fn part_tokens(parts: &[Span], prefix_len: usize, tokens: &TokenIds) -> Vec<Vec<usize>> {
    let ends: Vec<(usize, usize)> = tokens
        .offsets
        .iter()
        .enumerate()
        .filter(|(_, (start, end))| end > start && *end > prefix_len)
        .map(|(position, (_, end))| (end - prefix_len, position))
        .collect();
    let tokens_of = |part: &Span| {
        let first = ends.partition_point(|&(end, _)| end <= part.start);
        let inside = ends[first..].iter().take_while(|&&(end, _)| end <= part.end);
        inside.map(|&(_, position)| position).collect()
    };
    parts.iter().map(tokens_of).collect()
}
