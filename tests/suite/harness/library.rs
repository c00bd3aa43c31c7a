//! The library under test: one loaded model, and collections that several tests read and none changes.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use footnote::Footnote;
use footnote::config::Config;
use footnote::internals::embed::OnnxEmbedder;
use footnote::internals::model_store;
use footnote::passage::NewDocument;
use footnote::{Ingested, Outcome, Progress};
use serde_json::Value;

use super::needs::{Resource, needs};

/// The project's folder.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the project keeps its models.
pub(crate) fn model_dir() -> PathBuf {
    project().join("models")
}

/// A file or folder of the larger question sets, which are not part of the project; `None` if it is not there.
pub(crate) fn optional_data(name: &str) -> Option<PathBuf> {
    let path = project().join("../shared").join(name);
    let found = if path.exists() { Ok(path) } else { Err(format!("{} is not there", path.display())) };
    needs(Resource::Data, found)
}

/// A file of the question sets that ship with the project; tests/data/README.md says where each comes from.
pub(crate) fn data(name: &str) -> PathBuf {
    project().join("tests/data").join(name)
}

/// Whether what reads scans is installed, fetched first if need be.
pub(crate) fn scans_can_be_read() -> Option<()> {
    static PULLED: OnceLock<bool> = OnceLock::new();
    let installed = ["pdfium-8149", "pp-ocrv6-small"].iter().all(|folder| model_dir().join(folder).is_dir());
    let pull = || super::Workspace::new().run_with(&["models", "pull"], &[("FOOTNOTE_READER_OCR", "scans")]).code == 0;
    let can = installed || *PULLED.get_or_init(pull);
    let found = if can { Ok(()) } else { Err("what reads scans is not installed and cannot be fetched".to_owned()) };
    needs(Resource::Network, found)
}

/// Default settings with the project's models and an index in `dir`.
pub(crate) fn config(dir: &Path) -> Config {
    let mut config = Config::default();
    dir.clone_into(&mut config.index.dir);
    config.model.dir = model_dir();
    config
}

/// The model, loaded once for all tests.
pub(crate) fn embedder() -> &'static OnnxEmbedder {
    static EMBEDDER: OnceLock<OnnxEmbedder> = OnceLock::new();
    EMBEDDER.get_or_init(|| {
        let config = config(Path::new("unused"));
        let files = model_store::ensure(&config.model, &mut |_| {}).unwrap();
        OnnxEmbedder::start(files, &config.model, config.ingest.batch_tokens).unwrap()
    })
}

/// An empty collection in a temporary folder that outlives the test.
pub(crate) fn temporary(change: impl FnOnce(&mut Config)) -> Footnote {
    let mut config = config(&tempfile::tempdir().unwrap().keep());
    change(&mut config);
    Footnote::open(&config).unwrap()
}

/// The documents in `path` in a collection that several tests share, and that can therefore only be read.
fn shared(path: &Path) -> Footnote {
    Footnote::open_read_only(&ingested(path)).unwrap()
}

/// The settings with which the documents in `path` can be read, ingested in a temporary folder.
fn ingested(path: &Path) -> Config {
    let config = config(&tempfile::tempdir().unwrap().keep());
    let footnote = Footnote::open(&config).unwrap();
    let mut on_progress = |progress: Progress<'_>| {
        if let Progress::Done(Ingested { id, outcome, .. }) = progress {
            assert!(matches!(outcome, Outcome::Added(_)), "{id}: {outcome:?}");
        }
    };
    footnote.ingest_paths(&[path.to_owned()], &mut on_progress).unwrap();
    drop(footnote);
    config
}

/// The settings with which the project's example corpus, ingested, can be read.
fn example_settings() -> &'static Config {
    static SETTINGS: OnceLock<Config> = OnceLock::new();
    SETTINGS.get_or_init(|| ingested(&project().join("examples/corpus")))
}

/// The project's example corpus, ingested.
pub(crate) fn examples() -> &'static Footnote {
    static EXAMPLES: OnceLock<Footnote> = OnceLock::new();
    EXAMPLES.get_or_init(|| Footnote::open_read_only(example_settings()).unwrap())
}

/// The same with other settings.
pub(crate) fn examples_with(change: impl FnOnce(&mut Config)) -> Footnote {
    let mut config = example_settings().clone();
    change(&mut config);
    Footnote::open_read_only(&config).unwrap()
}

/// The questions about [`examples`].
pub(crate) fn example_questions() -> Vec<Value> {
    lines(&project().join("examples/questions.jsonl"))
}

/// The press articles of the larger test data, ingested, with questions about them.
pub(crate) fn seed() -> Option<(&'static Footnote, Vec<Value>)> {
    static SEED: OnceLock<Footnote> = OnceLock::new();
    let (corpus, questions) = (optional_data("corpus")?, optional_data("eval/seed-questions/questions.jsonl")?);
    let footnote = SEED.get_or_init(|| shared(&corpus));
    Some((footnote, lines(&questions)))
}

/// Documents of a question set in a collection of their own, and questions about them.
pub(crate) struct EvalSet {
    pub(crate) footnote: Footnote,
    pub(crate) questions: Vec<String>,
}

impl EvalSet {
    /// Ingests the first documents of `corpus`, and takes the first questions of `queries`.
    pub(crate) fn open(corpus: &Path, documents: usize, queries: &Path, questions: usize) -> Self {
        let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
        let footnote = temporary(|_| {});
        let documents = lines(corpus).into_iter().take(documents).map(|line| NewDocument {
            id: Some(text(&line, "id")),
            title: Some(text(&line, "title")).filter(|title| !title.is_empty()),
            text: text(&line, "text"),
            ..NewDocument::default()
        });
        footnote.ingest(documents.collect(), &mut |_| {}).unwrap();
        let questions = lines(queries).iter().take(questions).map(|line| text(line, "text")).collect();
        Self { footnote, questions }
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
