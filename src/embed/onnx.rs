//! The model itself: fastembed's user-defined model on ONNX Runtime. With `rerank.rs` the only file that
//! names fastembed and ort.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use fastembed::{InitOptionsUserDefined, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel};
use tokenizers::models::wordlevel::WordLevel;

use super::queue::{ModelThread, receive};
use super::tokenizer::{Scope, TextTokenizer, TokenIds};
use super::{Embedder, PassageInput, PassageVectors, QuestionVectors, TokenCounter};
use crate::config::{ModelConfig, Pooling};
use crate::error::{Error, Result};
use crate::late::Codec;
use crate::model::{ModelFiles, ModelIdentity};
use crate::passage::Span;

/// The default model, or any that lies in a directory, on ONNX Runtime.
pub struct OnnxEmbedder {
    identity: ModelIdentity,
    dimensions: OnceLock<usize>,
    max_tokens: usize,
    batch_tokens: usize,
    query_prefix: String,
    passage_prefix: String,
    tokenizer: TextTokenizer,
    thread: ModelThread<Batch, Vec<RowOutput>>,
}

/// Texts for one forward pass.
struct Batch(Vec<BatchRow>);

struct BatchRow {
    ids: Vec<u32>,
    /// Parts of the text that want outputs of their own: for each the places of its tokens in `ids`.
    parts: Vec<Vec<usize>>,
}

/// What the model makes of a text.
struct RowOutput {
    /// The pooled output, L2 norm 1.
    pooled: Vec<f32>,
    parts: Vec<PartOutput>,
    /// How many tokens it read.
    tokens: usize,
}

/// What the model makes of a part of a text.
struct PartOutput {
    /// The mean of its token outputs, L2 norm 1; of the whole text where it has no tokens.
    mean: Vec<f32>,
    /// Its token outputs, each of L2 norm 1.
    tokens: Vec<Vec<f32>>,
}

impl RowOutput {
    fn into_passage(self, codec: &Codec) -> PassageVectors {
        let parts = self.parts.iter().map(|part| (part.mean.as_slice(), part.tokens.as_slice()));
        let compressed = codec.compress_sentences(&self.pooled, parts);
        let sentences = self.parts.into_iter().map(|part| part.mean).collect();
        PassageVectors { passage: self.pooled, sentences, compressed, tokens: self.tokens }
    }
}

impl OnnxEmbedder {
    /// Starts loading the model and returns before that is done.
    ///
    /// A forward pass holds at most `batch_tokens` tokens, padding counted, or one text.
    pub fn start(files: ModelFiles, config: &ModelConfig, batch_tokens: usize) -> Result<Self> {
        let files = Arc::new(files);
        let threads = config.threads;
        let thread = {
            let files = Arc::clone(&files);
            ModelThread::start(move || Session::load(&files, threads), Session::run)?
        };
        let tokenizer = match &files.compiled_tokenizer {
            Some(path) => TextTokenizer::from_compiled(files.read(path)?)?,
            None => TextTokenizer::from_json(&files.read(&files.tokenizer)?)?,
        };
        let dimensions = OnceLock::new();
        if let Some(known) = files.dimensions {
            let _ = dimensions.set(known);
        }
        let embedder = Self {
            identity: files.identity.clone(),
            dimensions,
            max_tokens: files.max_tokens,
            batch_tokens,
            query_prefix: files.query_prefix.clone(),
            passage_prefix: files.passage_prefix.clone(),
            tokenizer,
            thread,
        };
        if embedder.dimensions.get().is_none() {
            let length = embedder.embed_question("?")?.question.len();
            let _ = embedder.dimensions.set(length);
        }
        Ok(embedder)
    }

    /// Whether the model is loaded, so that a question need not wait for that.
    pub fn is_loaded(&self) -> bool {
        self.thread.is_loaded()
    }

    /// The question as the model reads it: as a whole or, where that is too long, in halves of halves.
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
        // At white space where there is some, so that no word is torn.
        let cut = text[..middle].rfind(char::is_whitespace).filter(|space| *space > middle / 2).unwrap_or(middle);
        if cut == 0 {
            let reason = format!("the model reads {} tokens, which is too few for a question", self.max_tokens);
            return Err(Error::Embedding { reason });
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
                return Err(Error::Embedding {
                    reason: format!("a passage has {} tokens; it reads {}", tokens.ids.len(), self.max_tokens),
                });
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

    fn dimensions(&self) -> usize {
        self.dimensions.get().copied().unwrap_or_default()
    }

    fn max_passage_tokens(&self) -> usize {
        // The prefix joined to a text can take one token more than alone.
        let overhead = self.tokenizer.scope([self.passage_prefix.as_str()]);
        let overhead = overhead.and_then(|scope| scope.encode(&self.passage_prefix));
        self.max_tokens.saturating_sub(overhead.map_or(8, |tokens| tokens.ids.len() + 1))
    }

    fn token_counter(&self, text: &str) -> Result<TokenCounter> {
        let scope = self.tokenizer.scope([text])?;
        Ok(Box::new(move |part| scope.count(part)))
    }

    fn embed_question(&self, text: &str) -> Result<QuestionVectors> {
        let (mut vectors, mut tokens) = (Vec::new(), Vec::new());
        let scope = self.tokenizer.scope([self.query_prefix.as_str(), text])?;
        // One part, but for a question that is longer than the model reads; each part is a pass of its own, so that other
        // questions can go between them.
        for part in self.question_parts(&scope, text)? {
            let weight = part.ids.len() as f32;
            let output = self.thread.run_question(Batch(vec![part]))?.pop();
            let output = output.ok_or_else(|| embedding_error("it returned no vector"))?;
            vectors.push(output.pooled.iter().map(|value| weight * value).collect::<Vec<f32>>());
            tokens.extend(output.parts.into_iter().flat_map(|part| part.tokens));
        }
        let length = vectors.first().map_or(0, Vec::len);
        Ok(QuestionVectors { question: normalised_mean(vectors.iter().map(Vec::as_slice), length), tokens })
    }

    fn embed_passages(&self, passages: &[PassageInput]) -> Result<Vec<PassageVectors>> {
        let mut rows: Vec<(usize, BatchRow)> = self.encode_passages(passages)?.into_iter().enumerate().collect();
        // Longest first: a batch is padded to its longest text, so alike lengths belong together.
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.ids.len()));
        let mut waiting = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while let Some((place, first)) = rows.next() {
            let most = (self.batch_tokens / first.ids.len()).max(1);
            let (mut places, mut batch) = (vec![place], vec![first]);
            while batch.len() < most
                && let Some((place, row)) = rows.next()
            {
                places.push(place);
                batch.push(row);
            }
            waiting.push((places, self.thread.submit_batch(Batch(batch))));
        }
        // Compressing goes on here while the model is at the next batch.
        let codec = Codec::new(self.dimensions());
        let mut vectors: Vec<Option<PassageVectors>> = vec![None; passages.len()];
        for (places, receiver) in waiting {
            for (place, result) in places.into_iter().zip(receive(&receiver)?) {
                vectors[place] = Some(result.into_passage(&codec));
            }
        }
        vectors.into_iter().collect::<Option<_>>().ok_or_else(|| embedding_error("it returned too few vectors"))
    }
}

/// For each part of a text the places of the tokens that end in it.
fn part_tokens(parts: &[Span], prefix_len: usize, tokens: &TokenIds) -> Vec<Vec<usize>> {
    let ends: Vec<(usize, usize)> = tokens
        .offsets
        .iter()
        .enumerate()
        .filter(|(_, (start, end))| end > start && *end > prefix_len)
        .map(|(place, (_, end))| (end - prefix_len, place))
        .collect();
    let tokens_of = |part: &Span| {
        let first = ends.partition_point(|&(end, _)| end <= part.start);
        let inside = ends[first..].iter().take_while(|&&(end, _)| end <= part.end);
        inside.map(|&(_, place)| place).collect()
    };
    parts.iter().map(tokens_of).collect()
}

/// The loaded model, on its own thread.
struct Session {
    model: TextEmbedding,
    pooling: Pooling,
}

impl Session {
    fn load(files: &ModelFiles, threads: usize) -> Result<Self> {
        files.check(&files.runtime)?;
        load_runtime(&files.runtime)?;
        let tokenizer_files = TokenizerFiles {
            tokenizer_file: CARRIER.to_vec(),
            config_file: files.read(&files.config)?,
            special_tokens_map_file: b"{}".to_vec(),
            tokenizer_config_file: files.read(&files.tokenizer_config)?,
        };
        let model = UserDefinedEmbeddingModel::new(files.read(&files.onnx)?, tokenizer_files);
        let mut options = InitOptionsUserDefined::new().with_max_length(files.max_tokens);
        if threads > 0 {
            options = options.with_intra_threads(threads);
        }
        let model = TextEmbedding::try_new_from_user_defined(model, options).map_err(embedding_error)?;
        Ok(Self { model, pooling: files.pooling })
    }

    fn run(&mut self, Batch(rows): Batch) -> Result<Vec<RowOutput>> {
        let (carrier, texts) = carry(&rows)?;
        self.model.tokenizer.with_model(carrier);
        let output = self.model.transform(&texts, Some(texts.len())).map_err(embedding_error)?.into_raw();
        let output = output.first().ok_or_else(|| embedding_error("it returned no output"))?;
        let names: &[fastembed::OutputKey] = &[
            fastembed::OutputKey::ByName("last_hidden_state"),
            fastembed::OutputKey::ByName("token_embeddings"),
            fastembed::OutputKey::ByOrder(0),
        ];
        let tokens = output.select_output(&names).map_err(embedding_error)?;
        let &[batch, sequence, dimensions] = tokens.shape() else {
            return Err(embedding_error(format!(
                "its output has shape {:?}; [batch, sequence, dimensions] is wanted",
                tokens.shape()
            )));
        };
        let values = tokens.as_slice().ok_or_else(|| embedding_error("its output is not contiguous"))?;
        if batch != rows.len() || rows.iter().any(|row| row.ids.len() > sequence) {
            return Err(embedding_error("its output does not fit its input"));
        }
        let pool = |(row, values): (&BatchRow, &[f32])| {
            let token = |place: usize| &values[place * dimensions..(place + 1) * dimensions];
            let pooled = match self.pooling {
                Pooling::Mean => normalised_mean((0..row.ids.len()).map(token), dimensions),
                Pooling::Cls => normalised_mean(std::iter::once(token(0)), dimensions),
            };
            let part = |places: &Vec<usize>| PartOutput {
                mean: if places.is_empty() {
                    pooled.clone()
                } else {
                    normalised_mean(places.iter().map(|&place| token(place)), dimensions)
                },
                tokens: places
                    .iter()
                    .map(|&place| normalised_mean(std::iter::once(token(place)), dimensions))
                    .collect(),
            };
            let parts = row.parts.iter().map(part).collect();
            RowOutput { pooled, parts, tokens: row.ids.len() }
        };
        Ok(rows.iter().zip(values.chunks_exact(sequence * dimensions)).map(pool).collect())
    }
}

/// The mean of some vectors, scaled to L2 norm 1.
fn normalised_mean<'a>(vectors: impl Iterator<Item = &'a [f32]>, dimensions: usize) -> Vec<f32> {
    let mut mean = vec![0.0_f32; dimensions];
    for vector in vectors {
        mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    let norm = mean.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    mean.iter_mut().for_each(|value| *value /= norm);
    mean
}

/// A tokenizer that reads token ids written as numbers. fastembed takes texts, not ids, and the ids are made elsewhere
/// (on the caller's thread, by [`TextTokenizer`]); the words it knows are set for each batch.
const CARRIER: &[u8] = br#"{
    "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
    "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
    "model": {"type": "WordLevel", "vocab": {"0": 0}, "unk_token": "0"}
}"#;

/// The ids as texts, and the model that reads them back.
fn carry(rows: &[BatchRow]) -> Result<(WordLevel, Vec<String>)> {
    let words = rows.iter().flat_map(|row| &row.ids).map(|&id| (id.to_string(), id));
    let model = WordLevel::builder().vocab(words.collect()).unk_token("0".into()).build().map_err(embedding_error)?;
    let text = |row: &BatchRow| {
        let words: Vec<String> = row.ids.iter().map(u32::to_string).collect();
        words.join(" ")
    };
    Ok((model, rows.iter().map(text).collect()))
}

/// Loads ONNX Runtime from a file, once in a process.
pub(super) fn load_runtime(path: &PathBuf) -> Result<()> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    let load = || ort::init_from(path).map(drop).map_err(|error| error.to_string());
    LOADED.get_or_init(load).clone().map_err(|reason| Error::Model {
        model: path.display().to_string(),
        reason: format!("ONNX Runtime cannot be loaded: {reason}"),
        hint: "run `footnote models pull --force`".into(),
    })
}

fn embedding_error(reason: impl std::fmt::Display) -> Error {
    Error::Embedding { reason: reason.to_string() }
}
