//! A cross-encoder that reads question and passage together: slower than comparing vectors, and surer. Optional.

use std::path::PathBuf;

use fastembed::{OnnxSource, RerankInitOptionsUserDefined, TextRerank, TokenizerFiles, UserDefinedRerankingModel};

use super::onnx::load_runtime;
use super::queue::ModelThread;
use crate::config::RerankerConfig;
use crate::error::{Error, Result};

/// What has to be in the directory, as in that of an embedding model.
const FILES: [&str; 5] =
    ["model.onnx", "tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"];
/// Pairs in one forward pass.
const BATCH: usize = 8;

/// Any cross-encoder in ONNX whose output `logits` is one number for each pair, on a thread of its own.
pub struct Reranker {
    thread: ModelThread<Pairs, Vec<f32>>,
}

/// A question and the passages that it is read with.
struct Pairs {
    question: String,
    passages: Vec<String>,
}

impl Reranker {
    /// Starts loading the model in the configured directory on the ONNX Runtime at `runtime`, and returns before that is
    /// done.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if a file is missing.
    pub fn start(config: &RerankerConfig, runtime: PathBuf, threads: usize) -> Result<Self> {
        let missing: Vec<&str> = FILES.into_iter().filter(|name| !config.path.join(name).is_file()).collect();
        if !missing.is_empty() {
            return Err(Error::Model {
                model: config.path.display().to_string(),
                reason: format!("the directory lacks {}", missing.join(", ")),
                hint: format!("[reranker] path must name a directory that holds {}", FILES.join(", ")),
            });
        }
        one_label(config)?;
        let config = config.clone();
        let load = move || load(&config, &runtime, threads);
        let thread = ModelThread::start(load, |model: &mut TextRerank, Pairs { question, passages }| {
            let failed = |error: fastembed::Error| failed(&error);
            let ranked = model.rerank(question, passages.as_slice(), false, Some(BATCH)).map_err(failed)?;
            let mut scores = vec![f32::NEG_INFINITY; passages.len()];
            ranked.into_iter().for_each(|one| scores[one.index] = one.score);
            Ok(scores)
        })?;
        Ok(Self { thread })
    }

    /// How well each passage answers the question: the model's logit, in the order of the passages.
    pub fn score(&self, question: &str, passages: Vec<String>) -> Result<Vec<f32>> {
        self.thread.run_question(Pairs { question: question.to_owned(), passages })
    }
}

/// Refuses a classifier of several labels: which of them means "relevant" is not known.
fn one_label(config: &RerankerConfig) -> Result<()> {
    let path = config.path.join("config.json");
    let text = std::fs::read(&path).map_err(Error::io("read", &path))?;
    let labels = serde_json::from_slice::<serde_json::Value>(&text)
        .ok()
        .and_then(|config| config["id2label"].as_object().map(serde_json::Map::len));
    match labels {
        Some(labels) if labels > 1 => Err(Error::Model {
            model: config.path.display().to_string(),
            reason: format!("it tells {labels} labels apart; a reranker gives one score"),
            hint: "[reranker] path must name a cross-encoder with one output".into(),
        }),
        _ => Ok(()),
    }
}

fn load(config: &RerankerConfig, runtime: &PathBuf, threads: usize) -> Result<TextRerank> {
    load_runtime(runtime)?;
    let read = |name: &str| {
        let path = config.path.join(name);
        std::fs::read(&path).map_err(Error::io("read", &path))
    };
    let tokenizer_files = TokenizerFiles {
        tokenizer_file: read("tokenizer.json")?,
        config_file: read("config.json")?,
        special_tokens_map_file: read("special_tokens_map.json")?,
        tokenizer_config_file: read("tokenizer_config.json")?,
    };
    // From the file, since a large model keeps its weights in another one beside it.
    let model = UserDefinedRerankingModel::new(OnnxSource::File(config.path.join("model.onnx")), tokenizer_files);
    let mut options = RerankInitOptionsUserDefined::new();
    options.max_length = config.max_tokens;
    if threads > 0 {
        options = options.with_intra_threads(threads);
    }
    TextRerank::try_new_from_user_defined(model, options).map_err(|error| failed(&error))
}

fn failed(reason: &fastembed::Error) -> Error {
    Error::Embedding { reason: format!("the reranker: {reason}") }
}
