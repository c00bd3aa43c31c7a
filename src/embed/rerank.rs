//! An optional cross-encoder: it reads question and passage together, which is slower than comparing vectors and more
//! accurate.

use fastembed::{OnnxSource, RerankInitOptionsUserDefined, TextRerank, TokenizerFiles, UserDefinedRerankingModel};

use super::pool::{LoadFailure, ModelPool};
use super::runtime;
use super::schedule::Pass;
use crate::cancel::Cancel;
use crate::config::RerankerConfig;
use crate::error::{Error, Result};
use crate::model::{ModelFiles, RerankerFiles};

/// Pairs in one forward pass.
const BATCH: usize = 8;
/// Bytes of text for each token, roughly, to tell how long a pass takes.
const BYTES_PER_TOKEN: usize = 3;

/// Any cross-encoder in ONNX whose output `logits` is one number for each pair. It runs on a thread of its own.
pub struct Reranker {
    max_tokens: usize,
    pool: ModelPool<Pairs, Vec<f32>>,
}

/// A question and the passages that it is read with.
struct Pairs {
    question: String,
    passages: Vec<String>,
}

impl Reranker {
    /// Starts loading a model and returns before that is done. It runs on the ONNX Runtime of `runtime`.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if it is no cross-encoder. If the model cannot be loaded, [`score`](Self::score) tries again and returns
    /// the reason.
    pub fn start(config: &RerankerConfig, files: RerankerFiles, runtime: ModelFiles, threads: usize) -> Result<Self> {
        check_label_count(&files)?;
        let max_tokens = config.max_tokens;
        let load = move || load(&files, max_tokens, &runtime, threads);
        let pool = ModelPool::start(1, load, |model: &mut TextRerank, Pairs { question, passages }| {
            let ranked =
                model.rerank(question, passages.as_slice(), false, Some(BATCH)).map_err(|error| failed(&error))?;
            let mut scores = vec![f32::NEG_INFINITY; passages.len()];
            ranked.into_iter().for_each(|one| scores[one.index] = one.score);
            match scores.iter().any(|score| score.is_nan()) {
                true => Err(Error::Embedding { reason: "the reranker returned a score that is not a number".into() }),
                false => Ok(scores),
            }
        })?;
        Ok(Self { max_tokens, pool })
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

    /// How well each passage answers the question: the model's logit, in the order of the passages.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if the question would have to wait too long, [`Error::Cancelled`] once `cancel` says so.
    pub fn score(&self, question: &str, passages: &[String], cancel: &Cancel) -> Result<Vec<f32>> {
        let pass = |passages: &[String]| {
            let longest = passages.iter().map(|passage| passage.len() + question.len()).max().unwrap_or_default();
            let tokens = passages.len() * (longest / BYTES_PER_TOKEN).clamp(1, self.max_tokens);
            Pass { job: Pairs { question: question.to_owned(), passages: passages.to_vec() }, tokens }
        };
        let passes = passages.chunks(BATCH).map(pass).collect();
        Ok(self.pool.run_question(passes, cancel)?.concat())
    }
}

/// Refuses a classifier of several labels: nothing says which of them means "relevant".
fn check_label_count(files: &RerankerFiles) -> Result<()> {
    let labels = serde_json::from_slice::<serde_json::Value>(&files.read("config.json")?)
        .ok()
        .and_then(|config| config["id2label"].as_object().map(serde_json::Map::len));
    match labels {
        Some(labels) if labels > 1 => Err(Error::Model {
            model: files.name.clone(),
            reason: format!("it is a classifier with {labels} labels; a reranker gives one score"),
            hint: match files.checksums.is_empty() {
                true => "[reranker] path must name a cross-encoder with one output".into(),
                false => {
                    "choose another [reranker] name, or give a cross-encoder with one output as [reranker] path".into()
                }
            },
        }),
        _ => Ok(()),
    }
}

fn load(
    files: &RerankerFiles,
    max_tokens: usize,
    runtime: &ModelFiles,
    threads: usize,
) -> Result<TextRerank, LoadFailure> {
    runtime.check(&runtime.runtime).map_err(|error| LoadFailure::of(runtime, error))?;
    let environment = runtime::environment(&runtime.runtime, runtime::threads(threads))?;
    let unusable = |reason: String| LoadFailure { model: files.name.clone(), reason, hint: files.repair_hint() };
    let refused = |error: Error| match error {
        Error::Model { model, reason, hint } => LoadFailure { model, reason, hint },
        error => unusable(error.to_string()),
    };
    let read = |name: &str| files.read(name).map_err(refused);
    let tokenizer_files = TokenizerFiles {
        tokenizer_file: read("tokenizer.json")?,
        config_file: read("config.json")?,
        special_tokens_map_file: read("special_tokens_map.json")?,
        tokenizer_config_file: read("tokenizer_config.json")?,
    };
    files.check().map_err(refused)?;
    // From the file, since a large model keeps its weights in another one beside it.
    let model = UserDefinedRerankingModel::new(OnnxSource::File(files.folder.join("model.onnx")), tokenizer_files);
    let mut options = RerankInitOptionsUserDefined::new();
    options.max_length = max_tokens;
    // The threads are the environment's.
    let options = options.with_environment(environment).with_intra_threads(1);
    TextRerank::try_new_from_user_defined(model, options)
        .map_err(|error| unusable(format!("it cannot be loaded: {error}")))
}

fn failed(reason: &fastembed::Error) -> Error {
    Error::Embedding { reason: format!("the reranker: {reason}") }
}
