//! Embedding a collection anew beside the old index, and putting the result in its place.
//!
//! Two steps. [`Reindex::embed`] needs no lock of the collection, so any process can write to it meanwhile. [`Reindex::finish`]
//! is for the process that holds the collection: it embeds what has come since, and swaps.

use std::sync::Arc;

use super::Footnote;
use crate::config::IngestConfig;
use crate::embed::{Embedder as _, OnnxEmbedder};
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::index::store::Store;
use crate::index::successor::{self, Plan, Successor};
use crate::ingest::{Progress, reindex};
use crate::model::{ModelChoice, ModelIdentity};
#[cfg(feature = "cli")]
use crate::model_store;

pub use crate::index::successor::Unfinished;
pub(crate) use crate::ingest::reindex::Lacking;

/// A reindex that was begun.
pub(crate) struct Reindex<'f> {
    footnote: &'f Footnote,
    successor: Successor,
    embedder: Arc<OnnxEmbedder>,
    ingest: IngestConfig,
}

/// What a reindex needs on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the command line embeds again"))]
pub(crate) struct Room {
    /// What it is expected to write besides what it has, in bytes.
    pub(crate) needed_bytes: u64,
    /// What is free; `None` if the system does not say.
    pub(crate) free_bytes: Option<u64>,
}

impl Footnote {
    /// Embeds all stored documents again with the configured model and passage size, and then puts the result in the place
    /// of the old index, all of it or nothing. Until then questions see the old vectors, and documents can be added and
    /// deleted. If it is interrupted, the next call goes on where it ended. Returns the number of documents.
    ///
    /// # Errors
    ///
    /// Before anything is embedded, [`Error::Damaged`] that names the documents which are damaged, and [`Error::Document`] that
    /// names those which cannot be split with these settings; [`Error::Input`] if a reindex with another passage size was begun.
    pub fn reindex(&self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<usize> {
        let begun = self.begin_reindex(None, &mut |notice| tracing::warn!("{notice}"))?;
        progress(Progress::Planned { passages: begun.survey()?.passages });
        begun.embed(progress)?;
        begun.finish(progress)
    }

    /// The reindex that was begun and has not ended; `None` if there is none. Nothing is written.
    ///
    /// # Errors
    ///
    /// Those of reading it, if it is damaged.
    pub fn unfinished_reindex(&self) -> Result<Option<Unfinished>> {
        self.collection.store().map_or(Ok(None), |store| Unfinished::find(self.dir(), store))
    }

    /// Whether the model that made the collection's vectors is known, so that it can be loaded. Nothing is loaded.
    #[cfg(feature = "cli")]
    pub(crate) fn has_model(&self) -> Result<bool> {
        let Some(index) = self.collection.model()? else { return Ok(true) };
        Ok(model_store::choice_of(&self.config().model, &index, self.collection.model_choice()?)?.is_some())
    }

    /// Drops a reindex that was begun, and what was embedded for it; `false` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if a process works on it.
    pub fn abandon_reindex(&self) -> Result<bool> {
        successor::abandon(self.dir())
    }

    /// Begins a reindex to the model of this name, or goes on with the one that was begun. Without a name it is the model of
    /// the latter or, if none was begun, the configured one. The revision of the settings counts for the model they name. `notice` is told if something that was begun is dropped.
    pub(crate) fn begin_reindex(&self, model: Option<&str>, notice: &mut dyn FnMut(String)) -> Result<Reindex<'_>> {
        let store = self.stored()?;
        let choice = match model {
            Some(name) => ModelChoice::named_with(name, &self.config().model),
            // If it is damaged, it is begun anew below.
            None => match self.unfinished_reindex().ok().flatten() {
                Some(unfinished) => unfinished.plan.choice,
                None => ModelChoice::of(&self.config().model),
            },
        };
        let ingest = self.config().ingest.clone();
        let embedder = self.engine.embedder_by(&choice)?;
        // With the revision of a hub's model.
        let choice = embedder.choice().cloned().unwrap_or(choice);
        let identity = embedder.identity();
        let plan = Plan {
            model: identity.name.clone(),
            fingerprint: identity.fingerprint.clone(),
            choice,
            dimensions: embedder.dimensions(),
            passage_tokens: ingest.passage_tokens,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let successor = Successor::open(self.dir(), store, &plan, notice)?;
        Ok(Reindex { footnote: self, successor, embedder, ingest })
    }

    /// Ends a reindex that another process began and embedded. Returns the number of documents. It is loaded and embedded
    /// with the settings that it was begun with.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if none was begun, [`Error::Incompatible`] if another version of Footnote began it.
    #[cfg(feature = "server")]
    pub(crate) fn finish_reindex(&self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<usize> {
        let begun = Successor::resume(self.dir(), self.stored()?, &mut |notice| tracing::warn!("{notice}"))?;
        let successor = begun.ok_or_else(|| Error::Input {
            reason: format!("no reindex of {} was begun", self.name()),
            hint: "`footnote reindex` begins one".into(),
        })?;
        let plan = successor.plan();
        plan.check_version(self.dir(), env!("CARGO_PKG_VERSION"))?;
        let embedder = self.engine.embedder_by(&plan.choice)?;
        if embedder.identity().fingerprint != plan.fingerprint {
            return Err(Error::ModelMismatch {
                dir: self.dir().to_owned(),
                index: plan.identity().to_string(),
                configured: embedder.identity().to_string(),
            });
        }
        // Questions are answered by the old model while this one is loaded.
        embedder.wait_loaded()?;
        let ingest = IngestConfig { passage_tokens: plan.passage_tokens, ..self.config().ingest.clone() };
        Reindex { footnote: self, successor, embedder, ingest }.finish(progress)
    }

    /// The same collection held for writing, with the same models.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process holds it, [`Error::NotFound`] if it was deleted.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the command line embeds again"))]
    pub(crate) fn held(&self) -> Result<Self> {
        if !Collection::exists(self.dir()) {
            return Err(Error::NotFound { kind: "collection", id: self.name().to_owned() });
        }
        Ok(Self::over(Arc::clone(&self.engine), self.name(), Collection::open(self.dir())?))
    }

    fn stored(&self) -> Result<&Store> {
        self.collection.store().ok_or_else(|| Error::Input {
            reason: format!("there is no index in {}", self.dir().display()),
            hint: "`footnote ingest PATH` makes it".into(),
        })
    }
}

#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the command line embeds again"))]
impl Reindex<'_> {
    /// The model that it embeds with.
    pub(crate) fn model(&self) -> ModelIdentity {
        self.successor.plan().identity()
    }

    /// The settings that choose that model.
    pub(crate) fn choice(&self) -> ModelChoice {
        self.successor.plan().choice.clone()
    }

    /// Documents and passages that are embedded already.
    pub(crate) fn done(&self) -> Result<(usize, usize)> {
        self.successor.counts().map_err(|error| self.of_successor(error))
    }

    /// What is left to embed at present.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] or [`Error::Document`] that names all documents which are damaged, or cannot be split with these
    /// settings.
    pub(crate) fn survey(&self) -> Result<Lacking> {
        reindex::survey(self.footnote.stored()?, &self.successor, &*self.embedder, &self.ingest)
            .map_err(|error| self.of_successor(error))
    }

    /// What it needs on disk, with so many passages left to embed: the new index beside the old one, and at the end the
    /// store's log, which then has all new passages once more.
    pub(crate) fn room(&self, lacking: Lacking) -> Result<Room> {
        let collection = &self.footnote.collection;
        let disk = collection.disk_usage()?;
        let old = self.footnote.stored()?.counts()?.passages as u64;
        let new = (self.done()?.1 + lacking.passages) as u64;
        let dimensions = |dimensions: usize| dimensions.max(1) as f64;
        let wider = match collection.dimensions()? {
            Some(of_old) => dimensions(self.successor.plan().dimensions) / dimensions(of_old),
            None => 1.0,
        };
        let of_new = |bytes: u64| if old == 0 { 0.0 } else { bytes as f64 / old as f64 * new as f64 * wider };
        let store = of_new(disk.store_bytes);
        let index = of_new(disk.vector_bytes + disk.lexical_bytes);
        let beside = (store + index - self.successor.size_bytes()? as f64).max(0.0);
        let growth = (store - disk.store_bytes as f64).max(0.0);
        let free_bytes = crate::index::free_bytes(self.footnote.dir());
        Ok(Room { needed_bytes: (beside + store + growth) as u64, free_bytes })
    }

    /// Embeds what is left, also what comes meanwhile. Each document is safe on disk when `progress` gets it.
    pub(crate) fn embed(&self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<()> {
        reindex::bring_up(self.footnote.stored()?, &self.successor, &*self.embedder, &self.ingest, progress)
            .map_err(|error| self.of_successor(error))
    }

    /// Checks what was embedded, embeds what is damaged or has come since, and puts the result in the place of the old index.
    /// Returns the number of documents. The collection must be open for writing.
    pub(crate) fn finish(self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<usize> {
        let old = self.footnote.collection.model()?;
        match self.successor.drop_damaged() {
            Ok(0) => {}
            Ok(damaged) => tracing::warn!("{damaged} of the embedded documents were damaged; they are embedded again"),
            Err(Error::Corrupt { path, reason }) => {
                self.successor.remove()?;
                return Err(Error::Incompatible {
                    path,
                    reason: format!("what was embedded was damaged and is dropped: {reason}"),
                    hint: "the index is as it was; run `footnote reindex` again".into(),
                });
            }
            Err(error) => return Err(error),
        }
        loop {
            // As long as no write has to wait.
            self.embed(progress)?;
            let _one = self.footnote.lock_ingest();
            self.embed(progress)?;
            if self.footnote.collection.succeed_by(&self.successor).map_err(|error| self.of_successor(error))? {
                break;
            }
        }
        let new = self.model();
        // The collection has all of it.
        if let Err(error) = self.successor.remove() {
            tracing::warn!("{error}; the next process that writes to the index removes it");
        }
        if let Some(old) = old.filter(|old| old.fingerprint != new.fingerprint) {
            self.footnote.engine.release(&old.fingerprint);
        }
        self.footnote.stored()?.counts().map(|counts| counts.documents)
    }

    /// Damage to what is being made does not concern the index.
    fn of_successor(&self, error: Error) -> Error {
        match error {
            Error::Corrupt { path, reason } if self.successor.has_file(&path) => Error::Incompatible {
                path,
                reason: format!("what was embedded is damaged: {reason}"),
                hint: "the index is as it was; `footnote reindex --abandon` drops what was embedded".into(),
            },
            error => error,
        }
    }
}
