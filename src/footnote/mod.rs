//! The public API of one collection: what the command line, HTTP, MCP and other programs use.

mod check;
mod collections;
mod corrections;
mod counted;
mod documents;
mod erase;
mod event;
mod feedback;
mod folders;
mod follow_up;
mod metered;
mod mode;
mod notes;
mod notices;
mod originals;
mod outcomes;
mod pictures;
mod planned;
mod reading;
mod reindex;
#[cfg(feature = "server")]
mod rerank;
mod search;
mod status;
mod understood;
#[cfg(feature = "server")]
mod uploads;
#[cfg(feature = "writer")]
mod writing;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::cancel::Cancel;
use crate::config::{Config, IndexEngine};
use crate::embed::{self, Embedder, OnnxEmbedder};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::index::store::Store;
use crate::index::{self, Collection};
use crate::ingest;
use crate::model::ModelIdentity;
use crate::model_store;
use crate::passage::{Answer, NewDocument, Span};

pub use self::check::CheckRequest;
pub use self::collections::Collections;
pub(crate) use self::documents::path_of;
pub use self::event::AnswerEvent;
use self::event::tell;
pub(crate) use crate::ask::MAX_REACHED;
pub(crate) use crate::ask::Ranking;
#[cfg(feature = "mcp")]
pub(crate) use crate::ask::joined;
#[cfg(feature = "server")]
pub(crate) use crate::ask::{MAX_QUESTION_CHARS, condense_question};
pub use crate::ask::{Question, SearchResults};
pub use crate::embed::{Embeddings, Role};
pub use crate::engine::OnPull;
#[cfg(feature = "cli")]
pub(crate) use crate::index::free_bytes;
pub use crate::index::store::{DocumentQuery, Listed, SortBy};
pub use crate::index::{IndexPlace, Verification};
#[cfg(feature = "server")]
pub(crate) use crate::ingest::sentences::sentences;
pub use crate::ingest::{IngestOptions, Ingested, Metadata, Outcome, Progress, Summary};
#[cfg(feature = "server")]
pub(crate) use mode::modes;
pub use reindex::Unfinished;
#[cfg(feature = "cli")]
pub(crate) use reindex::{Lacking, Reindex};
pub use status::{LexiconUse, Status};

/// An open collection. Its methods block, and may be called from many threads at once.
///
/// The model is loaded when a method first needs it, and fetched first if it is not installed.
///
/// ```
/// use footnote::passage::NewDocument;
/// use footnote::{Config, Footnote, Question};
///
/// let dir = tempfile::tempdir().unwrap();
/// let mut config = Config::default();
/// config.index.dir = dir.path().to_owned();
/// let footnote = Footnote::open(&config)?;
///
/// let text = "The bridge opened in 1931. It was painted red.".to_owned();
/// footnote.ingest_quiet(vec![NewDocument { id: Some("bridge".into()), text, ..Default::default() }])?;
///
/// let answer = footnote.ask(&Question { text: "哪一年通車?".into(), ..Default::default() })?;
/// let quote = &answer.citations[0].passage.quote;
/// let document = footnote.document("bridge")?;
/// assert_eq!(document.text[quote.location.bytes.range()], quote.text);
/// # Ok::<(), footnote::Error>(())
/// ```
pub struct Footnote {
    engine: Arc<Engine>,
    /// The collection's name.
    name: String,
    collection: Collection,
    /// One ingest at a time: two would share the model and gain nothing, and one could undo what the other did.
    ingest: Mutex<()>,
    /// Held while waiting for `ingest`, so that one that has just had it does not overtake who waits.
    next_ingest: Mutex<()>,
    pictures: pictures::Pictures,
    /// Whether a question could not be logged, which is reported once.
    cannot_log: AtomicBool,
}

impl Footnote {
    /// Opens the configured collection for reading and writing, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] at once if another process holds it for writing.
    pub fn open(config: &Config) -> Result<Self> {
        Self::open_with(config, Box::new(|_| {}))
    }

    /// As [`Footnote::open`]; `on_pull` receives the progress of fetching the model.
    pub fn open_with(config: &Config, on_pull: OnPull) -> Result<Self> {
        Ok(Self::new(config, Collection::open(&config.index.collection_dir())?, on_pull))
    }

    /// Opens the configured collection for reading, even while other processes read or write it. A collection that does
    /// not exist is empty.
    pub fn open_read_only(config: &Config) -> Result<Self> {
        Self::open_read_only_with(config, Box::new(|_| {}))
    }

    /// As [`Footnote::open_read_only`]; `on_pull` receives the progress of fetching the model.
    pub fn open_read_only_with(config: &Config, on_pull: OnPull) -> Result<Self> {
        Ok(Self::new(config, Collection::open_read_only(&config.index.collection_dir())?, on_pull))
    }

    fn new(config: &Config, collection: Collection, on_pull: OnPull) -> Self {
        Self::over(Arc::new(Engine::new(config, on_pull)), &config.index.collection, collection)
    }

    /// A collection that shares its model with others.
    pub(crate) fn over(engine: Arc<Engine>, name: &str, collection: Collection) -> Self {
        collection.use_cluster(Arc::clone(engine.cluster()));
        Self {
            engine,
            name: name.to_owned(),
            collection,
            ingest: Mutex::new(()),
            next_ingest: Mutex::new(()),
            pictures: pictures::Pictures::default(),
            cannot_log: AtomicBool::default(),
        }
    }

    /// The collection's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The collection's directory.
    pub fn dir(&self) -> &Path {
        self.collection.dir()
    }

    /// Whether this process holds it for writing.
    #[cfg(test)]
    pub(crate) fn is_held(&self) -> bool {
        self.collection.is_held()
    }

    /// Takes the collection for writing before its directory is removed. From then on no process can write to it, and
    /// nothing more is written to disk. Questions under way are answered.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] while documents are being ingested into it, here or by another process.
    pub(crate) fn discard(&self) -> Result<()> {
        match self.ingest.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let holder = index::holder(self.dir())?.unwrap_or_else(|| "an ingest".into());
                Err(Error::Locked { dir: self.dir().to_owned(), holder })
            }
            Ok(_) | Err(TryLockError::Poisoned(_)) => self.collection.discard(),
        }
    }

    /// Removes what the collection has in a cluster, before its directory is removed. What cannot be removed is logged: it stays
    /// there, and nobody reads it.
    pub(crate) fn leave_cluster(&self) {
        if let Err(error) = self.collection.leave_cluster() {
            tracing::warn!("{error}; what the collection {} has in the cluster must be removed by hand", self.name);
        }
    }

    /// Moves the passage index to this engine. Nothing is embedded again.
    ///
    /// # Errors
    ///
    /// [`Error::Cluster`] if the cluster cannot be reached; the move then goes on when the collection is next written to.
    pub fn move_index(&self, engine: IndexEngine) -> Result<()> {
        self.collection.move_index(engine)
    }

    /// The version and the address of the cluster that the settings name, in words.
    ///
    /// # Errors
    ///
    /// [`Error::Cluster`] if it cannot be used, [`Error::Config`] if none is named.
    pub fn describe_cluster(&self) -> Result<String> {
        self.engine.cluster().describe()
    }

    /// Gives the collection up after its directory was removed or replaced: nothing more is written there.
    pub(crate) fn abandon(&self) {
        self.collection.abandon();
    }

    fn lock_ingest(&self) -> MutexGuard<'_, ()> {
        let _next = self.next_ingest.lock().unwrap_or_else(PoisonError::into_inner);
        self.ingest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This collection by itself, for questions.
    pub(crate) fn alone(&self) -> Collections<'_> {
        Collections::alone(self)
    }

    fn document_count(&self) -> Result<usize> {
        Ok(self.collection.store().map(Store::counts).transpose()?.unwrap_or_default().documents)
    }

    fn config(&self) -> &Config {
        self.engine.config()
    }

    /// Ingests documents. Each is stored completely or not at all, and is safe on disk when it is reported as done.
    ///
    /// # Errors
    ///
    /// What concerns all documents, such as the model or the disk. What concerns one is in its [`Outcome`].
    pub fn ingest(&self, documents: Vec<NewDocument>, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<Ingested>> {
        let _one = self.lock_ingest();
        let progress = &mut self.metered(progress);
        ingest::documents(&self.collection, &*self.embedder()?, &self.config().ingest, documents, progress)
    }

    /// [`Footnote::ingest`] without progress.
    ///
    /// # Errors
    ///
    /// Those of [`Footnote::ingest`].
    pub fn ingest_quiet(&self, documents: Vec<NewDocument>) -> Result<Vec<Ingested>> {
        self.ingest(documents, &mut |_| {})
    }

    /// Answers a question with quoted sentences.
    pub fn ask(&self, question: &Question) -> Result<Answer> {
        self.alone().ask(question)
    }

    /// As [`Footnote::ask`], but can be cancelled between its steps, and while a language model writes. `on_event` receives
    /// the parts of the answer as soon as they are there.
    pub fn ask_with(
        &self,
        question: &Question,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        self.alone().ask_with(question, cancel, on_event)
    }

    /// Finds passages for a question.
    pub fn search(&self, question: &Question) -> Result<SearchResults> {
        self.alone().search(question)
    }

    /// As [`Footnote::search`], but can be cancelled between its steps.
    pub fn search_with(&self, question: &Question, cancel: &Cancel) -> Result<SearchResults> {
        self.alone().search_with(question, cancel)
    }

    /// The vectors of texts by the configured model, and the number of tokens it read. Nothing is stored.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a text that is blank or longer than the model reads; it says which one.
    pub fn embed(&self, texts: &[String], role: Role, cancel: &Cancel) -> Result<Embeddings> {
        embed::texts(&*self.engine.embedder()?, texts, role, cancel)
    }

    /// Ranks a question's candidates without citing them: the inside of a search, for evaluation.
    pub fn rank(&self, question: &Question) -> Result<Ranking> {
        self.alone().rank(question)
    }

    /// These passages with their documents' ids, in the same order.
    fn documents_of(&self, keys: &[u64]) -> Result<Vec<(u64, String)>> {
        self.collection.store().map_or(Ok(Vec::new()), |store| store.documents_of(keys))
    }

    /// Where a passage stands in its document's text.
    fn passage_span(&self, key: u64) -> Result<Option<Span>> {
        self.collection.store().map_or(Ok(None), |store| store.passage_span(key))
    }

    /// Number of tokens of a text, by the configured model's tokenizer.
    pub fn count_tokens(&self, text: &str) -> Result<usize> {
        self.engine.embedder()?.token_counter(text)?(text)
    }

    /// Whether nothing was ever ingested. A question then finds nothing, and loads no model.
    pub fn is_new(&self) -> Result<bool> {
        self.collection.is_new()
    }

    /// Removes the document with this id.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none.
    pub fn delete(&self, id: &str) -> Result<()> {
        if self.collection.delete(id)? { Ok(()) } else { Err(no_document(id)) }
    }

    /// The collection's content and size.
    pub fn status(&self) -> Result<Status> {
        let counts = self.collection.store().map(Store::counts).transpose()?.unwrap_or_default();
        let disk = self.collection.disk_usage()?;
        Ok(Status {
            collection: self.name.clone(),
            dir: self.collection.dir().to_owned(),
            documents: counts.documents,
            passages: counts.passages,
            languages: counts.languages,
            model: self.collection.model()?,
            store_bytes: disk.store_bytes,
            vector_bytes: disk.vector_bytes,
            lexical_bytes: disk.lexical_bytes,
            behind: disk.behind,
            index: self.collection.index_place()?,
            lexicon: self.lexicon_use()?,
            // Damage to it does not concern the collection; whoever goes on with it is told.
            reindex: self.unfinished_reindex().ok().flatten(),
        })
    }

    fn lexicon_use(&self) -> Result<LexiconUse> {
        let mut used = LexiconUse {
            files: self.config().lexicon.files.len(),
            glossary: self.config().glossary.len(),
            ..LexiconUse::default()
        };
        if self.config().lexicon.dictionaries {
            for lexicon in model_store::lexicons(&self.config().model)? {
                let names = if lexicon.size_bytes.is_some() { &mut used.dictionaries } else { &mut used.missing };
                names.push(lexicon.name);
            }
        }
        Ok(used)
    }

    /// The parts of the index on disk that are damaged, each with the reason. They are made again when next needed.
    pub fn damaged_files(&self) -> Vec<String> {
        self.collection.damaged_files()
    }

    /// Checks the store and the passage index, each by itself and against each other.
    pub fn verify(&self) -> Result<Verification> {
        // The limit of a model is known if it is installed.
        let config = &self.config().model;
        let choice = match self.collection.model()? {
            Some(index) => model_store::choice_of(config, &index, self.collection.model_choice()?).ok().flatten(),
            None => None,
        };
        let files = choice.and_then(|choice| model_store::installed(&choice.applied_to(config)).ok().flatten());
        self.collection.verify(files.map(|files| files.max_tokens))
    }

    /// The model that made the collection's vectors. Before the first document it is the configured one, which is loaded.
    pub fn model(&self) -> Result<ModelIdentity> {
        match self.collection.model()? {
            Some(model) => Ok(model),
            None => Ok(self.embedder()?.identity().clone()),
        }
    }

    /// Loads everything that the first question would have to wait for: the model, the dictionaries and the indexes.
    pub fn warm_up(&self) -> Result<()> {
        self.alone().warm_up()
    }

    /// Whether a question would be answered without loading anything first.
    pub fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Writes the passage index to disk, so that the next start has no changes to apply. Dropping does so too.
    pub fn checkpoint(&self) -> Result<()> {
        self.collection.checkpoint()
    }

    /// The model that made the collection's vectors, whatever the settings name; before the first document the configured one.
    fn embedder(&self) -> Result<Arc<OnnxEmbedder>> {
        let Some(index) = self.collection.model()? else { return self.engine.embedder() };
        let found = self.engine.embedder_of(&index, || self.collection.model_choice())?;
        found.ok_or_else(|| {
            let configured = &self.config().model;
            let known = model_store::installed(configured).ok().flatten();
            Error::ModelMismatch {
                dir: self.dir().to_owned(),
                index: index.to_string(),
                configured: known.map_or_else(|| configured.label(), |files| files.identity.to_string()),
            }
        })
    }
}

#[cfg(feature = "cli")]
/// The process that holds the configured collection for writing, in its own words; `None` if none does. Nothing is written.
pub(crate) fn writer(config: &Config) -> Result<Option<String>> {
    index::holder(&config.index.collection_dir())
}

fn no_document(id: &str) -> Error {
    Error::NotFound { kind: "document", id: id.to_owned() }
}
