//! The public API of one collection: what the command line, HTTP, MCP and other programs use.

mod check;
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
mod pictures;
mod planned;
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

use crate::ask;
use crate::cancel::Cancel;
use crate::config::Config;
use crate::embed::{self, Embedder, OnnxEmbedder};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::index::store::Store;
use crate::index::{self, Collection, IndexSnapshot};
use crate::ingest;
use crate::model::ModelIdentity;
use crate::model_store;
use crate::passage::{Answer, NewDocument, Span};
use crate::terms::LexicalQuery;

pub use self::check::CheckRequest;
pub(crate) use self::documents::path_of;
pub use self::event::AnswerEvent;
use self::event::tell;
use self::understood::with_outcomes;
pub(crate) use crate::ask::MAX_REACHED;
pub(crate) use crate::ask::Ranking;
#[cfg(feature = "mcp")]
pub(crate) use crate::ask::joined;
#[cfg(feature = "server")]
pub(crate) use crate::ask::{MAX_QUESTION_CHARS, condense_question};
pub use crate::ask::{Question, SearchResults};
pub use crate::embed::{Embeddings, Role};
pub use crate::engine::OnPull;
pub use crate::index::Verification;
pub use crate::index::store::{DocumentQuery, Listed, SortBy};
#[cfg(feature = "server")]
pub(crate) use crate::ingest::sentences::sentences;
pub use crate::ingest::{IngestOptions, Ingested, Metadata, Outcome, Progress, Summary};
#[cfg(feature = "server")]
pub(crate) use mode::modes;
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

    /// Gives the collection up after its directory was removed or replaced: nothing more is written there.
    pub(crate) fn abandon(&self) {
        self.collection.abandon();
    }

    fn lock_ingest(&self) -> MutexGuard<'_, ()> {
        let _next = self.next_ingest.lock().unwrap_or_else(PoisonError::into_inner);
        self.ingest.lock().unwrap_or_else(PoisonError::into_inner)
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
        ingest::documents(&self.collection, self.embedder()?, &self.config().ingest, documents, progress)
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
        self.ask_with(question, &Cancel::default(), &mut |_| {})
    }

    /// As [`Footnote::ask`], but can be cancelled between its steps, and while a language model writes. `on_event` receives
    /// the parts of the answer as soon as they are there.
    pub fn ask_with(
        &self,
        question: &Question,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let understood = self.understood(question)?;
        let asked = understood.asked()?;
        let mut quoted = self.quoted(asked, cancel, on_event)?;
        if !understood.operators.is_empty() {
            quoted.operators = with_outcomes(understood.operators.clone(), &quoted.operators);
        }
        quoted.notes.splice(0..0, understood.notes.iter().cloned());
        let answer = self.completed(asked, quoted, cancel, on_event)?;
        self.answered(question, &answer);
        Ok(answer)
    }

    /// The vectors of texts by the configured model, and the number of tokens it read. Nothing is stored.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a text that is blank or longer than the model reads; it says which one.
    pub fn embed(&self, texts: &[String], role: Role, cancel: &Cancel) -> Result<Embeddings> {
        embed::texts(self.engine.embedder()?, texts, role, cancel)
    }

    /// Ranks a question's candidates without citing them: the inside of a search, for evaluation.
    pub fn rank(&self, question: &Question) -> Result<Ranking> {
        let understood = self.understood(question)?;
        self.find(understood.asked()?, &Cancel::default(), ask::rank)
    }

    /// Answers from one moment's snapshot. It begins once the model is loaded and has read the question: while it lasts,
    /// the store's log cannot be emptied.
    fn find<T: Default>(
        &self,
        question: &Question,
        cancel: &Cancel,
        find: impl FnOnce(ask::Context<'_>, &IndexSnapshot<'_>, &Question, &ask::EmbeddedQuestion) -> Result<T>,
    ) -> Result<T> {
        question.check()?;
        if self.collection.is_new()? {
            // Nothing to search, so no model is loaded.
            return Ok(T::default());
        }
        let context = self.context(cancel)?;
        let today = question.now.unwrap_or_else(|| jiff::Zoned::now().date());
        let script = || self.collection.chinese_script();
        let embedded = ask::embed(context, question, today, || self.collection.has_dates(), script)?;
        let Some(index) = self.collection.snapshot()? else { return Ok(T::default()) };
        // Another process may have embedded the collection with another model since.
        index::check_model(self.dir(), index.model(), context.embedder.identity())?;
        find(context, &index, question, &embedded)
    }

    /// Keys and documents of the passages that plain BM25 ranks first by the question's own words: the baseline for
    /// [`Footnote::rank`].
    pub(crate) fn literal(&self, question: &str, count: usize) -> Result<Vec<(u64, String)>> {
        let Some(index) = self.collection.snapshot()? else { return Ok(Vec::new()) };
        let found = index.lexical(&LexicalQuery::literal(question))?.best(count, None)?;
        index.store().documents_of(&found.into_iter().map(|(key, _)| key).collect::<Vec<_>>())
    }

    /// These passages with their documents' ids, in the same order.
    pub(crate) fn documents_of(&self, keys: &[u64]) -> Result<Vec<(u64, String)>> {
        self.collection.store().map_or(Ok(Vec::new()), |store| store.documents_of(keys))
    }

    /// Where a passage stands in its document's text.
    pub(crate) fn passage_span(&self, key: u64) -> Result<Option<Span>> {
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

    /// Embeds all stored documents again with the configured model and passage size, in one transaction: until it
    /// commits, questions see the old vectors. Returns the number of documents.
    pub fn reindex(&self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<usize> {
        let _one = self.lock_ingest();
        ingest::reindex(&self.collection, self.engine.embedder()?, &self.config().ingest, progress)
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
            lexicon: self.lexicon_use()?,
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
        // Only the configured model's limit is known. It applies only if that model made the vectors.
        let files = model_store::installed(&self.config().model).ok().flatten();
        let same = files.filter(|files| self.collection.check_model(&files.identity).is_ok());
        self.collection.verify(same.map(|files| files.max_tokens))
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
        if self.collection.is_new()? {
            return self.engine.load();
        }
        self.rank(&Question { text: "?".into(), ..Question::default() }).map(drop)
    }

    /// Whether a question would be answered without loading anything first.
    pub fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Writes the passage index to disk, so that the next start has no changes to apply. Dropping does so too.
    pub fn checkpoint(&self) -> Result<()> {
        self.collection.checkpoint()
    }

    fn context<'a>(&'a self, cancel: &'a Cancel) -> Result<ask::Context<'a>> {
        let embedder = self.embedder()?;
        let reranker = self.engine.reranker()?.map(|reranker| (reranker, self.config().reranker.candidates));
        let (lexicon, use_aliases) = (self.engine.lexicon()?, self.config().lexicon.aliases);
        Ok(ask::Context { embedder, lexicon, use_aliases, reranker, config: &self.config().ask, cancel })
    }

    /// The configured model, which must be the one that made the collection's vectors.
    fn embedder(&self) -> Result<&OnnxEmbedder> {
        let embedder = self.engine.embedder()?;
        self.collection.check_model(embedder.identity())?;
        Ok(embedder)
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
