//! What all collections of a process share: the model, the lexicon and the reranker, each loaded when first needed.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::config::Config;
use crate::embed::{OnnxEmbedder, Reranker};
use crate::error::{Error, Result};
use crate::lexicon::Lexicon;
use crate::model_store::{self, PullEvent};

/// Hears of a model being fetched.
pub type OnPull = Box<dyn FnMut(PullEvent) + Send>;

pub(crate) struct Engine {
    config: Config,
    embedder: OnceLock<OnnxEmbedder>,
    lexicon: OnceLock<Lexicon>,
    reranker: OnceLock<Reranker>,
    /// Its lock also keeps two threads from loading something twice.
    on_pull: Mutex<OnPull>,
}

impl Engine {
    pub(crate) fn new(config: &Config, on_pull: OnPull) -> Self {
        Self {
            config: config.clone(),
            embedder: OnceLock::new(),
            lexicon: OnceLock::new(),
            reranker: OnceLock::new(),
            on_pull: Mutex::new(on_pull),
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Whether the model is loaded.
    pub(crate) fn is_ready(&self) -> bool {
        self.embedder.get().is_some_and(OnnxEmbedder::is_loaded)
    }

    /// The model, fetched first if it is not there.
    pub(crate) fn embedder(&self) -> Result<&OnnxEmbedder> {
        self.load(&self.embedder, |on_pull| {
            let files = model_store::ensure(&self.config.model, on_pull)?;
            OnnxEmbedder::start(files, &self.config.model, self.config.ingest.batch_tokens)
        })
    }

    /// What words are also called. The dictionaries are fetched with the model, so they are read after it.
    pub(crate) fn lexicon(&self) -> Result<&Lexicon> {
        self.load(&self.lexicon, |_| model_store::lexicon(&self.config))
    }

    /// The configured reranker, if there is one.
    pub(crate) fn reranker(&self) -> Result<Option<&Reranker>> {
        if self.config.reranker.path.as_os_str().is_empty() {
            return Ok(None);
        }
        let reranker = self.load(&self.reranker, |on_pull| {
            let files = model_store::ensure(&self.config.model, on_pull)?;
            Reranker::start(&self.config.reranker, files.runtime, self.config.model.threads)
        });
        reranker.map(Some)
    }

    fn load<'s, T>(&'s self, slot: &'s OnceLock<T>, load: impl FnOnce(&mut OnPull) -> Result<T>) -> Result<&'s T> {
        if let Some(loaded) = slot.get() {
            return Ok(loaded);
        }
        let mut on_pull = self.on_pull.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.get().is_none() {
            let loaded = load(&mut on_pull)?;
            let _ = slot.set(loaded);
        }
        slot.get().ok_or(Error::Busy)
    }
}
