//! What all collections of a process share: models, the lexicon and the reranker, each loaded when first needed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::embed::{Embedder as _, OnnxEmbedder, Reranker};
use crate::error::{Error, Result};
use crate::formats::{Failure, Reader, ReaderLimits};
use crate::index::Cluster;
use crate::lexicon::Lexicon;
use crate::meter::Meter;
use crate::model::{ModelChoice, ModelIdentity, RerankerFiles};
use crate::model_store::{self, PullEvent};
use crate::ocr::Recogniser;
#[cfg(feature = "writer")]
use crate::writer::Writer;

/// Receives the events of fetching a model.
pub type OnPull = Box<dyn FnMut(PullEvent) + Send>;

/// After a failure to load, [`Engine::is_ready`] tries again no sooner than this, and twice as late after each further one.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// [`Engine::is_ready`] never pauses for longer.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// Models that stay in memory. A process needs a second one while a collection changes its model, or if its collections have
/// different ones.
const MAX_MODELS: usize = 2;

pub(crate) struct Engine {
    config: Config,
    /// The models that were needed last, the latest behind the others.
    models: Mutex<Vec<Arc<LoadedModel>>>,
    lexicon: Part<Lexicon>,
    reranker: Part<Reranker>,
    reader: Reader,
    meter: Meter,
    cluster: Arc<Cluster>,
    #[cfg(feature = "writer")]
    writer: Option<Writer>,
    /// Locked while something is loaded, so that two threads do not load it twice.
    on_pull: Arc<Mutex<OnPull>>,
    /// Whether the last of these could not be loaded.
    has_failed: AtomicBool,
    retry: Mutex<Retry>,
}

/// A model, by the settings that choose it.
struct LoadedModel {
    choice: ModelChoice,
    part: Part<Arc<OnnxEmbedder>>,
}

/// Something that is loaded once.
struct Part<T> {
    loaded: OnceLock<T>,
    /// When the last attempt to load it failed, and why.
    failure: Mutex<Option<(Instant, Error)>>,
}

impl<T> Part<T> {
    fn new() -> Self {
        Self { loaded: OnceLock::new(), failure: Mutex::new(None) }
    }

    fn get(&self) -> Option<&T> {
        self.loaded.get()
    }

    /// Why an attempt failed that ended after `since`.
    fn failure_since(&self, since: Instant) -> Option<Error> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.as_ref().filter(|(ended, _)| *ended >= since).and_then(|(_, error)| copy(error))
    }

    fn note(&self, error: &Error) {
        let failure = copy(error).map(|error| (Instant::now(), error));
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }
}

/// A copy of an error of loading; `None` for one that loading does not meet.
fn copy(error: &Error) -> Option<Error> {
    Some(match error {
        Error::Model { model, reason, hint } => {
            Error::Model { model: model.clone(), reason: reason.clone(), hint: hint.clone() }
        }
        Error::Config { reason } => Error::Config { reason: reason.clone() },
        Error::Input { reason, hint } => Error::Input { reason: reason.clone(), hint: hint.clone() },
        Error::Corrupt { path, reason } => Error::Corrupt { path: path.clone(), reason: reason.clone() },
        Error::DiskFull { action, path } => Error::DiskFull { action, path: path.clone() },
        Error::Io { action, path, source } => {
            let source = std::io::Error::new(source.kind(), source.to_string());
            Error::Io { action, path: path.clone(), source }
        }
        _ => return None,
    })
}

/// The attempts to load that [`Engine::is_ready`] starts.
struct Retry {
    is_running: bool,
    ended: Option<Instant>,
    /// How long after the end of the last attempt the next may start.
    pause: Duration,
}

/// Notes the end of an attempt when it is dropped, even by a panic.
struct Attempt(Arc<Engine>);

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut retry = self.0.lock_retry();
        let pause = retry.pause.saturating_mul(2).min(MAX_PAUSE);
        *retry = Retry { is_running: false, ended: Some(Instant::now()), pause };
    }
}

impl Engine {
    pub(crate) fn new(config: &Config, on_pull: OnPull) -> Self {
        let on_pull = Arc::new(Mutex::new(on_pull));
        Self {
            config: config.clone(),
            models: Mutex::default(),
            lexicon: Part::new(),
            reranker: Part::new(),
            reader: reader(config, Arc::clone(&on_pull)),
            meter: Meter::default(),
            cluster: Arc::new(Cluster::new(config.index.engine, &config.qdrant)),
            #[cfg(feature = "writer")]
            writer: Writer::new(config),
            on_pull,
            has_failed: AtomicBool::new(false),
            retry: Mutex::new(Retry { is_running: false, ended: None, pause: RETRY_AFTER / 2 }),
        }
    }

    /// The cluster of the settings.
    pub(crate) fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Counts what it is used for.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Reads files.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    #[cfg(feature = "writer")]
    /// The configured language model, if there is one.
    pub(crate) fn writer(&self) -> Option<&Writer> {
        self.writer.as_ref()
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Whether a question would be answered without loading anything. If something could not be loaded, this tries again
    /// in the background, so that a server whose files were repaired gets ready without being asked a question.
    pub(crate) fn is_ready(self: &Arc<Self>) -> bool {
        let is_ready = self.lock_models().iter().any(|model| model.part.get().is_some_and(|model| model.is_loaded()))
            && self.lexicon.get().is_some()
            && (!self.has_reranker() || self.reranker.get().is_some_and(Reranker::is_loaded));
        if !is_ready && self.has_failed() {
            self.load_in_background();
        }
        is_ready
    }

    fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
            || self.lock_models().iter().any(|model| model.part.get().is_some_and(|model| model.has_failed()))
            || self.reranker.get().is_some_and(Reranker::has_failed)
    }

    fn lock_models(&self) -> MutexGuard<'_, Vec<Arc<LoadedModel>>> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_retry(&self) -> MutexGuard<'_, Retry> {
        self.retry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load_in_background(self: &Arc<Self>) {
        let mut retry = self.lock_retry();
        if retry.is_running || retry.ended.is_some_and(|ended| ended.elapsed() < retry.pause) {
            return;
        }
        let engine = Arc::clone(self);
        let load = move || {
            let attempt = Attempt(engine);
            if let Err(error) = attempt.0.load() {
                tracing::debug!("not ready: {error}");
            }
        };
        // Without a thread now, there may be one at the next call.
        retry.is_running = std::thread::Builder::new().name("loading".into()).spawn(load).is_ok();
    }

    /// Loads everything that a question needs: the model that was needed last or, before that, the configured one.
    pub(crate) fn load(&self) -> Result<()> {
        self.embedder_by(&self.latest())?.wait_loaded()?;
        self.lexicon()?;
        self.reranker()?.map_or(Ok(()), Reranker::wait_loaded)
    }

    /// The choice of the model that was needed last; before that, the configured one.
    fn latest(&self) -> ModelChoice {
        let latest = self.lock_models().last().map(|model| model.choice.clone());
        latest.unwrap_or_else(|| ModelChoice::of(&self.config.model))
    }

    /// The configured model, fetched first if it is missing.
    pub(crate) fn embedder(&self) -> Result<Arc<OnnxEmbedder>> {
        self.embedder_by(&ModelChoice::of(&self.config.model))
    }

    /// The model of this choice, fetched first if it is missing.
    pub(crate) fn embedder_by(&self, choice: &ModelChoice) -> Result<Arc<OnnxEmbedder>> {
        let model = self.model_by(choice);
        let embedder = self.load_into(&model.part, |on_pull| {
            let config = choice.applied_to(&self.config.model);
            let files = model_store::ensure(&config, on_pull)?;
            OnnxEmbedder::start(files, &config, self.config.ingest.batch_tokens).map(Arc::new)
        });
        embedder.cloned()
    }

    /// The model with this fingerprint; `None` if neither the settings nor the manifest nor `recorded` choose it.
    pub(crate) fn embedder_of(
        &self,
        identity: &ModelIdentity,
        recorded: impl FnOnce() -> Result<Option<ModelChoice>>,
    ) -> Result<Option<Arc<OnnxEmbedder>>> {
        if let Some(loaded) = self.loaded(&identity.fingerprint) {
            return Ok(Some(loaded));
        }
        let Some(choice) = model_store::choice_of(&self.config.model, identity, recorded()?)? else { return Ok(None) };
        let embedder = self.embedder_by(&choice)?;
        Ok((embedder.identity().fingerprint == identity.fingerprint).then_some(embedder))
    }

    fn loaded(&self, fingerprint: &str) -> Option<Arc<OnnxEmbedder>> {
        let mut models = self.lock_models();
        let is_it = |model: &Arc<LoadedModel>| {
            model.part.get().is_some_and(|embedder| embedder.identity().fingerprint == fingerprint)
        };
        let at = models.iter().position(is_it)?;
        let model = models.remove(at);
        let embedder = model.part.get().cloned();
        models.push(model);
        embedder
    }

    /// The place of a model, which need not be loaded.
    fn model_by(&self, choice: &ModelChoice) -> Arc<LoadedModel> {
        let mut models = self.lock_models();
        let model = match models.iter().position(|model| model.choice == *choice) {
            Some(at) => models.remove(at),
            None => Arc::new(LoadedModel { choice: choice.clone(), part: Part::new() }),
        };
        models.push(Arc::clone(&model));
        if models.len() > MAX_MODELS {
            // Whoever uses it keeps it until then.
            models.remove(0);
        }
        model
    }

    /// Drops a model that a collection had before. It is loaded again if another one needs it.
    pub(crate) fn release(&self, fingerprint: &str) {
        let is_other = |model: &Arc<LoadedModel>| {
            model.part.get().is_none_or(|embedder| embedder.identity().fingerprint != fingerprint)
        };
        self.lock_models().retain(is_other);
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
            let Config { reranker, model, .. } = &self.config;
            let files = match reranker.name.as_str() {
                "" => RerankerFiles::of_user(&reranker.path)?,
                name => model_store::ensure_reranker(model, name, on_pull)?,
            };
            // For the runtime.
            let embedder = model_store::ensure(&self.latest().applied_to(model), on_pull)?;
            Reranker::start(reranker, files, embedder, model.threads)
        });
        reranker.map(Some)
    }

    fn has_reranker(&self) -> bool {
        self.config.reranker.is_set()
    }

    /// What `part` holds, loaded first if it is empty. A failure leaves it empty, so that the next call tries again. Calls
    /// that wait for an attempt share its failure.
    fn load_into<'s, T>(&'s self, part: &'s Part<T>, load: impl FnOnce(&mut OnPull) -> Result<T>) -> Result<&'s T> {
        part.get().map_or_else(|| self.load_since(part, Instant::now(), load), Ok)
    }

    /// [`Engine::load_into`] for a call that began at `called`.
    fn load_since<'s, T>(
        &'s self,
        part: &'s Part<T>,
        called: Instant,
        load: impl FnOnce(&mut OnPull) -> Result<T>,
    ) -> Result<&'s T> {
        let mut on_pull = self.on_pull.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = part.get() {
            return Ok(loaded);
        }
        if let Some(failure) = part.failure_since(called) {
            return Err(failure);
        }
        let loaded = load(&mut on_pull);
        self.has_failed.store(loaded.is_err(), Ordering::Relaxed);
        match loaded {
            Ok(loaded) => Ok(part.loaded.get_or_init(|| loaded)),
            Err(error) => {
                part.note(&error);
                Err(error)
            }
        }
    }
}

/// What reads files. It fetches PDFium when the first PDF comes and, if the settings say so, the recogniser of characters
/// when the first scan comes, and tells `on_pull` of it and of each page that is recognised.
pub(crate) fn reader(config: &Config, on_pull: Arc<Mutex<OnPull>>) -> Reader {
    let limits = ReaderLimits {
        timeout_seconds: config.reader.timeout_seconds as u64,
        max_memory_mb: config.reader.max_memory_mb as u64,
    };
    let model = config.model.clone();
    let on_pull_of_pdfium = Arc::clone(&on_pull);
    let reader = Reader::new(limits, move || {
        let mut on_pull = on_pull_of_pdfium.lock().unwrap_or_else(PoisonError::into_inner);
        model_store::ensure_pdfium(&model, &mut **on_pull).map_err(|error| {
            let hint = error.hint().unwrap_or_default();
            Failure::passing(format!("cannot be read without PDFium: {error}"), hint)
        })
    });
    if !config.reader.recognises() {
        return reader;
    }
    let model = config.model.clone();
    let recogniser: Mutex<Option<Arc<Recogniser>>> = Mutex::new(None);
    reader.with_recogniser(move |scan| {
        let failed = |error: Error| {
            let hint = error.hint().unwrap_or_default();
            Failure::passing(format!("is a scan, whose text cannot be recognised: {error}"), hint)
        };
        let lock_on_pull = || on_pull.lock().unwrap_or_else(PoisonError::into_inner);
        let mut events = lock_on_pull();
        (**events)(PullEvent::Recognising { page: scan.page, pages: scan.pages });
        let mut known = recogniser.lock().unwrap_or_else(PoisonError::into_inner);
        let recogniser = if let Some(recogniser) = known.as_ref() {
            Arc::clone(recogniser)
        } else {
            let files = model_store::ensure_recogniser(&model, &mut **events).map_err(failed)?;
            let loaded = Arc::new(Recogniser::load(&files, model.threads).map_err(failed)?);
            Arc::clone(known.insert(loaded))
        };
        drop((known, events));
        let lines = recogniser.lines(&scan.pixels).map_err(failed);
        (**lock_on_pull())(PullEvent::Recognised);
        lines
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_that_waited_for_an_attempt_share_its_failure_and_the_next_caller_tries_again() {
        let engine = Engine::new(&Config::default(), Box::new(|_| {}));
        let part = Part::<()>::new();
        let called = Instant::now();
        let failure = || Error::Model { model: "m".into(), reason: "missing".into(), hint: "pull it".into() };
        assert!(engine.load_into(&part, |_| Err(failure())).is_err());
        let shared = engine.load_since(&part, called, |_| panic!("it is not tried again")).unwrap_err();
        assert_eq!((shared.to_string(), shared.hint()), (failure().to_string(), failure().hint()));
        engine.load_into(&part, |_| Ok(())).unwrap();
    }

    #[test]
    fn attempts_in_the_background_get_rarer_and_a_panic_in_one_does_not_end_them() {
        let engine = Arc::new(Engine::new(&Config::default(), Box::new(|_| {})));
        let mut pauses = Vec::new();
        for _ in 0..7 {
            engine.lock_retry().is_running = true;
            let attempt = Attempt(Arc::clone(&engine));
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
                let _attempt = attempt;
                panic!("on purpose");
            }));
            assert!(!engine.lock_retry().is_running);
            pauses.push(engine.lock_retry().pause.as_secs());
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60]);
    }
}
