//! The façade: everything that a face (command line, HTTP, another program) may do, and nothing else.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::ask;
use crate::cancel::Cancel;
use crate::config::Config;
use crate::embed::{self, Embedder, OnnxEmbedder};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::index::store::Store;
use crate::index::{self, Collection};
use crate::ingest;
use crate::model::ModelIdentity;
use crate::model_store;
use crate::passage::{Answer, Document, DocumentInfo, NewDocument, Span};
use crate::terms::LexicalQuery;

pub(crate) use crate::ask::{MAX_QUESTION_CHARS, Ranking, standalone};
pub use crate::ask::{Question, SearchResults};
pub use crate::embed::{Embeddings, Role};
pub use crate::engine::OnPull;
pub use crate::index::Verification;
pub(crate) use crate::ingest::sentences::sentences;
pub use crate::ingest::{Ingested, Outcome, Progress};
pub(crate) use crate::terms::language::detect as detect_language;

/// An open collection. Its methods may be called from many threads at once; each blocks until it is done.
///
/// The model is loaded when a method first needs it, and fetched if it is not there.
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
/// footnote.ingest(vec![NewDocument { id: Some("bridge".into()), text, ..Default::default() }], &mut |_| {})?;
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
    /// One ingest at a time: two would only share the model, and could each undo what the other did to a document.
    ingest: Mutex<()>,
}

/// What questions' words are looked up in, so that they find passages of another language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexiconUse {
    /// Names of the dictionaries that are installed and in use.
    pub dictionaries: Vec<String>,
    /// Names of those that are known and not installed.
    pub missing: Vec<String>,
    /// Dictionaries of the user.
    pub files: usize,
    /// Terms of the glossary.
    pub glossary: usize,
}

/// What an index holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The collection's name.
    pub collection: String,
    /// Its directory.
    pub dir: PathBuf,
    /// Documents in it.
    pub documents: usize,
    /// Passages in it.
    pub passages: usize,
    /// Documents by language tag, most first.
    pub languages: Vec<(String, usize)>,
    /// The model it was made with; `None` before the first document.
    pub model: Option<ModelIdentity>,
    /// Bytes of the store on disk.
    pub store_bytes: u64,
    /// Bytes of the vector index on disk.
    pub vector_bytes: u64,
    /// Bytes of the lexical index on disk.
    pub lexical_bytes: u64,
    /// Changes that the derived indexes on disk lack; they are caught up when it is opened.
    pub behind: u64,
    /// What questions' words are looked up in.
    pub lexicon: LexiconUse,
}

impl Footnote {
    /// Opens (and creates, if need be) the configured collection for reading and writing. One process at a time may
    /// hold it so; a second one gets [`Error::Locked`] at once.
    pub fn open(config: &Config) -> Result<Self> {
        Self::open_with(config, Box::new(|_| {}))
    }

    /// As [`Footnote::open`]; `on_pull` hears of a model being fetched.
    pub fn open_with(config: &Config, on_pull: OnPull) -> Result<Self> {
        Ok(Self::new(config, Collection::open(&config.index.collection_dir())?, on_pull))
    }

    /// Opens the configured collection for reading, whoever else reads or writes it. One that is not there is empty.
    pub fn open_read_only(config: &Config) -> Result<Self> {
        Self::open_read_only_with(config, Box::new(|_| {}))
    }

    /// As [`Footnote::open_read_only`]; `on_pull` hears of a model being fetched.
    pub fn open_read_only_with(config: &Config, on_pull: OnPull) -> Result<Self> {
        Ok(Self::new(config, Collection::open_read_only(&config.index.collection_dir())?, on_pull))
    }

    fn new(config: &Config, collection: Collection, on_pull: OnPull) -> Self {
        Self::over(Arc::new(Engine::new(config, on_pull)), &config.index.collection, collection)
    }

    /// A collection over what others share.
    pub(crate) fn over(engine: Arc<Engine>, name: &str, collection: Collection) -> Self {
        Self { engine, name: name.to_owned(), collection, ingest: Mutex::new(()) }
    }

    /// The collection's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The collection's directory.
    pub fn dir(&self) -> &Path {
        self.collection.dir()
    }

    /// Closes it without putting anything on disk, since its directory is to be removed.
    pub(crate) fn discard(self) {
        self.collection.discard();
    }

    fn config(&self) -> &Config {
        self.engine.config()
    }

    /// Takes in documents. Each is wholly in or wholly out, and safe on disk when it is reported done. The error is
    /// only for what concerns all of them (the model, the disk); what concerns one is in its [`Outcome`].
    pub fn ingest(&self, documents: Vec<NewDocument>, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<Ingested>> {
        let _one = self.ingest.lock().unwrap_or_else(PoisonError::into_inner);
        ingest::documents(&self.collection, self.embedder()?, &self.config().ingest, documents, progress)
    }

    /// Takes in files and folders, as [`Footnote::ingest`] does documents. A file that was ingested before is
    /// compared: what is the same is left alone, what it no longer holds is removed.
    pub fn ingest_paths(&self, paths: &[PathBuf], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<Ingested>> {
        let _one = self.ingest.lock().unwrap_or_else(PoisonError::into_inner);
        ingest::paths(&self.collection, self.embedder()?, &self.config().ingest, paths, progress)
    }

    /// Answers a question with quoted sentences.
    pub fn ask(&self, question: &Question) -> Result<Answer> {
        self.ask_with(question, &Cancel::default(), &mut |_| {})
    }

    /// As [`Footnote::ask`], but may be cancelled between its steps; `on_found` hears of the passages as soon as they are
    /// found.
    pub fn ask_with(
        &self,
        question: &Question,
        cancel: &Cancel,
        on_found: &mut dyn FnMut(&SearchResults),
    ) -> Result<Answer> {
        if self.is_new()? {
            on_found(&ask::nothing_to_search(question)?);
            return ask::nothing_to_ask(question);
        }
        ask::ask(self.context(cancel)?, question, on_found)
    }

    /// Finds passages for a question.
    pub fn search(&self, question: &Question) -> Result<SearchResults> {
        self.search_with(question, &Cancel::default())
    }

    /// As [`Footnote::search`], but may be cancelled between its steps.
    pub fn search_with(&self, question: &Question, cancel: &Cancel) -> Result<SearchResults> {
        if self.is_new()? {
            return ask::nothing_to_search(question);
        }
        ask::search(self.context(cancel)?, question)
    }

    /// The vectors of texts, by the configured model, and how many tokens it read. Nothing is stored.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a text that is blank or longer than the model reads, which says which one.
    pub fn embed(&self, texts: &[String], role: Role, cancel: &Cancel) -> Result<Embeddings> {
        embed::texts(self.engine.embedder()?, texts, role, cancel)
    }

    /// Ranks a question's candidates without citing any: what is behind a search, to be looked into.
    pub fn rank(&self, question: &Question) -> Result<Ranking> {
        ask::rank(self.context(&Cancel::default())?, question)
    }

    /// Keys and documents of the passages that BM25 ranks first by the question's own words alone: what to measure
    /// [`Footnote::rank`] against.
    pub(crate) fn literal(&self, question: &str, count: usize) -> Result<Vec<(u64, String)>> {
        let found = self.collection.covering(&LexicalQuery::literal(question), count, &[], None)?;
        let keys: Vec<u64> = found.into_iter().map(|(key, _)| key).collect();
        self.documents_of(&keys)
    }

    /// These passages with their documents' ids, in the same order.
    pub(crate) fn documents_of(&self, keys: &[u64]) -> Result<Vec<(u64, String)>> {
        self.collection.store().map_or(Ok(Vec::new()), |store| store.documents_of(keys))
    }

    /// Where a passage stands in its document's text.
    pub(crate) fn passage_span(&self, key: u64) -> Result<Option<Span>> {
        self.collection.store().map_or(Ok(None), |store| store.passage_span(key))
    }

    /// How many tokens the configured model sees in a text.
    pub fn count_tokens(&self, text: &str) -> Result<usize> {
        self.engine.embedder()?.token_counter(text)?(text)
    }

    /// Whether nothing was ever ingested; a question then finds nothing, and no model is loaded for it.
    pub fn is_new(&self) -> Result<bool> {
        self.collection.is_new()
    }

    /// Up to `limit` documents in the order they were first ingested; `after` is the id to go on behind.
    pub fn documents(&self, after: Option<&str>, limit: usize) -> Result<Vec<DocumentInfo>> {
        self.collection.store().map_or(Ok(Vec::new()), |store| store.documents(after, limit))
    }

    /// One document with its text, by its id.
    pub fn document(&self, id: &str) -> Result<Document> {
        let document = self.collection.store().map(|store| store.document(id)).transpose()?.flatten();
        document.ok_or_else(|| no_document(id))
    }

    /// Where a document's passages stand in its text, in order.
    pub fn passages(&self, id: &str) -> Result<Vec<Span>> {
        let passages = self.collection.store().map_or(Ok(Vec::new()), |store| store.passages(id))?;
        if passages.is_empty() { Err(no_document(id)) } else { Ok(passages.iter().map(|p| p.span).collect()) }
    }

    /// Ids of the documents that `name` stands for: the one with that id, or those with that uri or from that file.
    /// [`Error::NotFound`] if there is none.
    pub fn resolve(&self, name: &str) -> Result<Vec<String>> {
        let Some(store) = self.collection.store() else { return Err(no_document(name)) };
        if store.has_document(name)? {
            return Ok(vec![name.to_owned()]);
        }
        let mut ids = store.ids_from(name)?;
        if ids.is_empty()
            && let Ok(path) = Path::new(name).canonicalize()
        {
            ids = store.ids_from(&path.to_string_lossy())?;
        }
        if ids.is_empty() { Err(no_document(name)) } else { Ok(ids) }
    }

    /// Removes a document, by its id. [`Error::NotFound`] if there is none.
    pub fn delete(&self, id: &str) -> Result<()> {
        if self.collection.delete(id)? { Ok(()) } else { Err(no_document(id)) }
    }

    /// Embeds all stored documents again with the configured model and passage size, in one transaction: until it is
    /// done the index is as it was. Returns how many documents there are.
    pub fn reindex(&self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<usize> {
        let _one = self.ingest.lock().unwrap_or_else(PoisonError::into_inner);
        ingest::reindex(&self.collection, self.engine.embedder()?, &self.config().ingest, progress)
    }

    /// What the index holds.
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

    /// The derived files on disk that are not what was written, and why; each is made again when it is next needed.
    pub fn damaged_files(&self) -> Vec<String> {
        self.collection.damaged_files()
    }

    /// Checks the store and its derived index against each other and against the promises made of them.
    pub fn verify(&self) -> Result<Verification> {
        // Only the configured model's limit is known, and it counts only if the index was made with it.
        let files = model_store::installed(&self.config().model).ok().flatten();
        let same = files.filter(|files| self.collection.check_model(&files.identity).is_ok());
        self.collection.verify(same.map(|files| files.max_tokens))
    }

    /// The model that the index was made with or, before its first document, the configured one, which is then loaded.
    pub fn model(&self) -> Result<ModelIdentity> {
        match self.collection.model()? {
            Some(model) => Ok(model),
            None => Ok(self.embedder()?.identity().clone()),
        }
    }

    /// Loads the model, the indexes and all else that the first question would have to wait for.
    pub fn warm_up(&self) -> Result<()> {
        self.rank(&Question { text: "?".into(), ..Question::default() }).map(drop)
    }

    /// Whether a question would be answered without loading anything first.
    pub fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Writes the vector index to disk, so that the next start has nothing to catch up. Also done on drop.
    pub fn checkpoint(&self) -> Result<()> {
        self.collection.checkpoint()
    }

    /// What questions are answered from.
    fn context<'a>(&'a self, cancel: &'a Cancel) -> Result<ask::Context<'a>> {
        let embedder = self.embedder()?;
        let reranker = self.engine.reranker()?.map(|reranker| (reranker, self.config().reranker.candidates));
        let (lexicon, use_aliases) = (self.engine.lexicon()?, self.config().lexicon.aliases);
        let config = &self.config().ask;
        Ok(ask::Context { collection: &self.collection, embedder, lexicon, use_aliases, reranker, config, cancel })
    }

    /// The model, which must be the one that the index was made with.
    fn embedder(&self) -> Result<&OnnxEmbedder> {
        let embedder = self.engine.embedder()?;
        self.collection.check_model(embedder.identity())?;
        Ok(embedder)
    }
}

/// Reads a file called `name` that was uploaded, and splits it into its documents.
pub(crate) fn read_upload(name: &str, bytes: Vec<u8>) -> Result<Vec<NewDocument>> {
    ingest::split::split_upload(&ingest::read::uploaded(name, bytes)?)
}

/// Who holds the configured collection for writing, as it says itself; `None` if nobody does. Nothing is written.
pub(crate) fn writer(config: &Config) -> Result<Option<String>> {
    index::holder(&config.index.collection_dir())
}

/// The corpus that comes with the project, if it is at hand: what is asked when nothing was ever ingested.
pub(crate) fn starter_corpus() -> Option<PathBuf> {
    Some(PathBuf::from("examples/corpus")).filter(|corpus| corpus.is_dir())
}

fn no_document(id: &str) -> Error {
    Error::NotFound { kind: "document", id: id.to_owned() }
}
