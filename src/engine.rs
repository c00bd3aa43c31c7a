//! What all collections of a process share: the model, the lexicon and the reranker, each loaded when first needed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::embed::{OnnxEmbedder, Reranker};
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::model_store::{self, PullEvent};

/// Receives the events of fetching a model.
pub type OnPull = Box<dyn FnMut(PullEvent) + Send>;

/// After a failure to load, [`Engine::is_ready`] tries again no sooner than this.
const RETRY_AFTER: Duration = Duration::from_secs(2);

pub(crate) struct Engine {
    config: Config,
    embedder: OnceLock<OnnxEmbedder>,
    lexicon: OnceLock<Lexicon>,
    reranker: OnceLock<Reranker>,
    /// Locked while something is loaded, so that two threads do not load it twice.
    on_pull: Mutex<OnPull>,
    /// Whether the last of these could not be loaded.
    has_failed: AtomicBool,
    retry: Mutex<Retry>,
}

/// The last attempt to load that [`Engine::is_ready`] started.
#[derive(Default)]
struct Retry {
    is_running: bool,
    ended: Option<Instant>,
}

impl Engine {
    pub(crate) fn new(config: &Config, on_pull: OnPull) -> Self {
        Self {
            config: config.clone(),
            embedder: OnceLock::new(),
            lexicon: OnceLock::new(),
            reranker: OnceLock::new(),
            on_pull: Mutex::new(on_pull),
            has_failed: AtomicBool::new(false),
            retry: Mutex::default(),
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Whether a question would be answered without loading anything. If something could not be loaded, this tries again
    /// in the background, so that a server whose files were repaired gets ready without being asked a question.
    pub(crate) fn is_ready(self: &Arc<Self>) -> bool {
        let is_ready = self.embedder.get().is_some_and(OnnxEmbedder::is_loaded)
            && self.lexicon.get().is_some()
            && (!self.has_reranker() || self.reranker.get().is_some_and(Reranker::is_loaded));
        if !is_ready && self.has_failed() {
            self.load_in_background();
        }
        is_ready
    }

    fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
            || self.embedder.get().is_some_and(OnnxEmbedder::has_failed)
            || self.reranker.get().is_some_and(Reranker::has_failed)
    }

    fn load_in_background(self: &Arc<Self>) {
        let mut retry = self.retry.lock().unwrap_or_else(PoisonError::into_inner);
        if retry.is_running || retry.ended.is_some_and(|ended| ended.elapsed() < RETRY_AFTER) {
            return;
        }
        let engine = Arc::clone(self);
        let load = move || {
            let loaded = engine.load();
            if let Err(error) = loaded {
                tracing::debug!("not ready: {error}");
            }
            *engine.retry.lock().unwrap_or_else(PoisonError::into_inner) =
                Retry { is_running: false, ended: Some(Instant::now()) };
        };
        // Without a thread now, there may be one at the next call.
        retry.is_running = std::thread::Builder::new().name("loading".into()).spawn(load).is_ok();
    }

    /// Loads everything that a question needs.
    pub(crate) fn load(&self) -> Result<()> {
        self.embedder()?.wait_loaded()?;
        self.lexicon()?;
        self.reranker()?.map_or(Ok(()), Reranker::wait_loaded)
    }

    /// The model, fetched first if it is missing.
    pub(crate) fn embedder(&self) -> Result<&OnnxEmbedder> {
        self.load_into(&self.embedder, |on_pull| {
            let files = model_store::ensure(&self.config.model, on_pull)?;
            OnnxEmbedder::start(files, &self.config.model, self.config.ingest.batch_tokens)
        })
    }

    /// The glossary and the dictionaries. The latter are fetched with the model, so they are read after it.
    pub(crate) fn lexicon(&self) -> Result<&Lexicon> {
        self.load_into(&self.lexicon, |_| model_store::lexicon(&self.config))
    }

    /// The configured reranker, if there is one.
    pub(crate) fn reranker(&self) -> Result<Option<&Reranker>> {
        if !self.has_reranker() {
            return Ok(None);
        }
        let reranker = self.load_into(&self.reranker, |on_pull| {
            let files = model_store::ensure(&self.config.model, on_pull)?;
            Reranker::start(&self.config.reranker, files, self.config.model.threads)
        });
        reranker.map(Some)
    }

    fn has_reranker(&self) -> bool {
        !self.config.reranker.path.as_os_str().is_empty()
    }

    /// What `slot` holds, loaded first if it is empty. A failure leaves it empty, so that the next call tries again.
    fn load_into<'s, T>(&'s self, slot: &'s OnceLock<T>, load: impl FnOnce(&mut OnPull) -> Result<T>) -> Result<&'s T> {
        if let Some(loaded) = slot.get() {
            return Ok(loaded);
        }
        let mut on_pull = self.on_pull.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = slot.get() {
            return Ok(loaded);
        }
        let loaded = load(&mut on_pull);
        self.has_failed.store(loaded.is_err(), Ordering::Relaxed);
        let loaded = loaded?;
        Ok(slot.get_or_init(|| loaded))
    }
}
