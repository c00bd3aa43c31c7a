//! Settings: one struct for each section of `config.toml`, read in layers, unknown keys refused.

mod environment;
mod home;
mod ingest;
mod log;
mod origin;
mod qdrant;
mod server;
mod web;
mod writer;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::suggest::did_you_mean;
pub(crate) use home::Home;
pub use ingest::{IngestConfig, IngestRule, JsonConfig};
pub use log::{LogConfig, LogFormat};
use origin::Origin;
pub use qdrant::{IndexEngine, QdrantConfig};
pub use server::ServerConfig;
pub use web::WebConfig;
pub use writer::{Unsupported, WriterConfig, WriterMode};

/// The commented default settings, as they stand in the project's `config.toml`.
pub const DEFAULT_CONFIG: &str = include_str!("../../config.toml");

const ENVIRONMENT_PREFIX: &str = "FOOTNOTE_";
/// The section whose keys are the user's own. In a file it replaces the default section as a whole.
const GLOSSARY: &str = "glossary";
/// Longer inputs than any model's.
const MAX_TOKENS: usize = 1 << 20;
/// Documents and requests are held in memory.
const MAX_BYTES: usize = 1 << 30;
/// A terabyte.
const MAX_MEMORY_MB: usize = 1 << 20;
/// Addresses of a site that are held in memory.
const MAX_PAGES: usize = 1_000_000;
/// A week.
const MAX_SECONDS: usize = 7 * 24 * 60 * 60;
const MAX_COLLECTION_NAME_BYTES: usize = 128;
const CONFIG_VARIABLE: &str = "FOOTNOTE_CONFIG";
/// Variables that are not settings: secrets, and what concerns the terminal alone.
const OTHER_VARIABLES: [&str; 4] = [CONFIG_VARIABLE, "FOOTNOTE_API_KEY", "FOOTNOTE_HISTORY", "FOOTNOTE_WRITER_KEY"];

/// All settings.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Location of the index.
    pub index: IndexConfig,
    /// A cluster in which passage indexes can be.
    pub qdrant: QdrantConfig,
    /// The embedding model and its location.
    pub model: ModelConfig,
    /// How documents are split and embedded.
    pub ingest: IngestConfig,
    /// What reading one file may take.
    pub reader: ReaderConfig,
    /// How pages are fetched from the web.
    pub web: WebConfig,
    /// How questions are answered.
    pub ask: AskConfig,
    /// A language model that writes answers.
    pub writer: WriterConfig,
    /// A cross-encoder that reorders the best passages.
    pub reranker: RerankerConfig,
    /// Dictionaries that add synonyms and translations to a question.
    pub lexicon: LexiconConfig,
    /// The user's own terms with their synonyms and translations.
    pub glossary: BTreeMap<String, Vec<String>>,
    /// The HTTP server.
    pub server: ServerConfig,
    /// The log.
    pub log: LogConfig,
}

/// `[index]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IndexConfig {
    /// Parent of the collections' directories.
    pub dir: PathBuf,
    /// The collection in use.
    pub collection: String,
    /// Where new collections are searched.
    pub engine: IndexEngine,
}

impl IndexConfig {
    /// The directory of the collection in use.
    pub fn collection_dir(&self) -> PathBuf {
        self.dir.join(&self.collection)
    }
}

/// `[model]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// A name in the manifest, or the name of a model of a hub.
    pub name: String,
    /// The commit of the hub's repository; empty for the newest at the first download.
    pub revision: String,
    /// Directory of the models.
    pub dir: PathBuf,
    /// Directory of another model, used instead of `name`; empty for none.
    pub path: PathBuf,
    /// Prefix of a question, for the model at `path`.
    pub query_prefix: String,
    /// Prefix of a passage, for the model at `path`.
    pub passage_prefix: String,
    /// How token outputs become one vector, for the model at `path`.
    pub pooling: Pooling,
    /// Maximum input of the model at `path` in tokens; 0 reads it from the model's files.
    pub max_tokens: usize,
    /// Never download anything.
    pub offline: bool,
    /// Threads that all forward passes share; 0 is one for each core.
    pub threads: usize,
}

impl RerankerConfig {
    /// Whether a cross-encoder is configured.
    pub fn is_set(&self) -> bool {
        !self.name.is_empty() || !self.path.as_os_str().is_empty()
    }
}

impl ModelConfig {
    /// The model's name in the manifest, or the name of its directory.
    pub fn label(&self) -> String {
        let folder = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        folder.unwrap_or_else(|| self.name.clone())
    }
}

/// How a model's token outputs become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// Mean over the attention mask.
    Mean,
    /// The first token's output.
    Cls,
}

/// `[reader]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderConfig {
    /// Maximum time for one file.
    pub timeout_seconds: usize,
    /// Maximum address space of the process that reads files, in MiB.
    pub max_memory_mb: usize,
    /// Of which pages text is recognised.
    pub ocr: Ocr,
}

/// Of which pages text is recognised (optical character recognition).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ocr {
    /// Of none: scans are reported.
    Off,
    /// Of pages of PDFs that have no text of their own.
    Scans,
}

impl ReaderConfig {
    /// Whether text is recognised.
    pub fn recognises(&self) -> bool {
        self.ocr != Ocr::Off
    }
}

/// `[ask]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AskConfig {
    /// Maximum number of passages found.
    pub top_k: usize,
    /// Passages that the vector search and the lexical search each find, and the number of both together that are compared
    /// with the question token by token.
    pub candidates: usize,
    /// Weight of the lexical score relative to the late-interaction score.
    pub lexical_weight: f32,
    /// A question is answered if the confidence is at least this.
    pub answerable_from: f32,
    /// Maximum number of sentences in an answer.
    pub sentences: usize,
    /// Sentences of context before and after a quote.
    pub context_sentences: usize,
    /// Whether times, several things, lists and counts in a question are understood.
    pub interpret: bool,
    /// Whether misspelt words of a question are corrected. Needs `interpret`.
    pub correct_spelling: bool,
    /// Whether commands use a running server that holds the same index.
    pub use_server: bool,
    /// Which questions are kept beside the index.
    pub log_questions: LogQuestions,
}

/// Which questions are kept beside the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogQuestions {
    /// None.
    None,
    /// Those that were not answered, or with a confidence below 0.6.
    Declined,
    /// All.
    All,
}

/// `[reranker]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RerankerConfig {
    /// Name of a cross-encoder of a hub; empty for none.
    pub name: String,
    /// Directory of another cross-encoder, instead of `name`; empty for none.
    pub path: PathBuf,
    /// Passages that it reorders.
    pub candidates: usize,
    /// Maximum input in tokens, question and passage together; the rest is cut off.
    pub max_tokens: usize,
}

/// `[lexicon]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LexiconConfig {
    /// Whether the downloaded dictionaries are used.
    pub dictionaries: bool,
    /// The user's dictionaries: text files with a term, a tab and its meaning on each line.
    pub files: Vec<PathBuf>,
    /// Whether names in parentheses in documents are used as synonyms.
    pub aliases: bool,
}

impl Default for Config {
    fn default() -> Self {
        let table = defaults();
        Self::from_table(table, "the defaults").expect("config.toml, which is compiled in, is valid")
    }
}

/// Each candidate is read and compared token by token, so a question takes time in proportion to them.
const MAX_CANDIDATES: usize = 1_000;

impl Config {
    /// The settings in force: defaults, then the file, then the environment.
    ///
    /// `file` is the one asked for on the command line. Without it `FOOTNOTE_CONFIG` names the file; without that
    /// `./config.toml` is read if it is there and Footnote's, and without that the user's own, which is
    /// `~/.config/footnote/config.toml` on Linux.
    ///
    /// Models that came with the program are used where no setting names a folder for them.
    ///
    /// Relative paths are taken from the file's folder. If it is the user's own, or there is none, they are taken from the
    /// user's data folder, which is `~/.local/share/footnote` on Linux.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let origin = Origin::find(file, Home::of_user());
        let text = match &origin.file {
            Some(path) => std::fs::read_to_string(path).map_err(Error::io("read", path))?,
            None => String::new(),
        };
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?)) //
        });
        let name = origin.file.as_deref().map_or_else(|| "config.toml".into(), |path| path.display().to_string());
        let mut config = Self::layered(&text, &name, variables)?;
        if config.model.dir == Self::default().model.dir
            && let Some(models) = home::packaged_models()
        {
            config.model.dir = models;
        }
        config.resolve(&origin.base);
        config.check()?;
        Ok(config)
    }

    /// The file that [`Config::load`] reads, whether it can be read or not; `None` where the defaults hold.
    pub fn file(asked: Option<&Path>) -> Option<PathBuf> {
        Origin::find(asked, Home::of_user()).file
    }

    /// Defaults, then the text of a file called `name`, then `FOOTNOTE_*` variables.
    fn layered(text: &str, name: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let config_error = |reason: String| Error::Config { reason };
        let file: toml::Table = toml::from_str(text).map_err(|error| config_error(format!("{name}: {error}")))?;
        let mut table = defaults();
        for (section, values) in file {
            let Some(known) = table.get_mut(&section).and_then(toml::Value::as_table_mut) else {
                return Err(config_error(format!(
                    "{name}: unknown section [{section}]; the sections are {}{}",
                    table.keys().cloned().collect::<Vec<_>>().join(", "),
                    did_you_mean(&section, table.keys().map(String::as_str))
                )));
            };
            let toml::Value::Table(values) = values else {
                return Err(config_error(format!("{name}: [{section}] is a section, not a value")));
            };
            if section == GLOSSARY {
                *known = values;
                continue;
            }
            for (key, value) in values {
                if !known.contains_key(&key) {
                    return Err(config_error(format!(
                        "{name}: unknown key `{key}` in [{section}]; the keys are {}{}",
                        known.keys().cloned().collect::<Vec<_>>().join(", "),
                        did_you_mean(&key, known.keys().map(String::as_str))
                    )));
                }
                known.insert(key, value);
            }
        }
        for (variable, value) in variables {
            if variable.starts_with(ENVIRONMENT_PREFIX) && !OTHER_VARIABLES.contains(&variable.as_str()) {
                environment::override_table(&mut table, &variable, &value)?;
            }
        }
        Self::from_table(table, name)
    }

    fn from_table(table: toml::Table, name: &str) -> Result<Self> {
        table
            .try_into()
            .map_err(|error: toml::de::Error| Error::Config { reason: format!("{name}: {}", error.to_string().trim()) })
    }

    fn resolve(&mut self, base: &Path) {
        let files = self.lexicon.files.iter_mut();
        let folders = [&mut self.index.dir, &mut self.model.dir, &mut self.model.path, &mut self.reranker.path];
        for path in folders.into_iter().chain(files) {
            if !path.as_os_str().is_empty() && path.is_relative() {
                *path = base.join(&*path);
            }
        }
    }

    /// Refuses values that parse but cannot work.
    fn check(&self) -> Result<()> {
        let (ingest, ask, reranker, server) = (&self.ingest, &self.ask, &self.reranker, &self.server);
        let timeout = usize::try_from(server.request_timeout_seconds).unwrap_or(usize::MAX);
        for (key, value, range) in [
            ("[ingest] passage_tokens", ingest.passage_tokens, 32..=MAX_TOKENS),
            ("[ingest] max_file_bytes", ingest.max_file_bytes, 1..=MAX_BYTES),
            ("[ingest] max_document_bytes", ingest.max_document_bytes, 1..=MAX_BYTES),
            ("[ingest] keep_originals_bytes", ingest.keep_originals_bytes, 0..=MAX_BYTES),
            ("[ingest] batch_tokens", ingest.batch_tokens, 1..=MAX_TOKENS),
            ("[reader] timeout_seconds", self.reader.timeout_seconds, 1..=MAX_SECONDS),
            ("[reader] max_memory_mb", self.reader.max_memory_mb, 256..=MAX_MEMORY_MB),
            ("[web] pause_seconds", self.web.pause_seconds, 0..=MAX_SECONDS),
            ("[web] max_wait_seconds", self.web.max_wait_seconds, 0..=MAX_SECONDS),
            ("[web] timeout_seconds", self.web.timeout_seconds, 1..=MAX_SECONDS),
            ("[web] max_pages", self.web.max_pages, 1..=MAX_PAGES),
            ("[web] watch_seconds", self.web.watch_seconds, 1..=MAX_SECONDS),
            ("[ask] top_k", ask.top_k, 1..=100),
            ("[ask] candidates", ask.candidates, 1..=MAX_CANDIDATES),
            ("[ask] sentences", ask.sentences, 1..=100),
            ("[ask] context_sentences", ask.context_sentences, 0..=100),
            ("[qdrant] timeout_ms", self.qdrant.timeout_ms, 10..=MAX_SECONDS),
            ("[qdrant] replicas", self.qdrant.replicas, 1..=32),
            ("[qdrant] shards", self.qdrant.shards, 0..=1_024),
            ("[writer] timeout_seconds", self.writer.timeout_seconds, 1..=MAX_SECONDS),
            ("[writer] max_tokens", self.writer.max_tokens, 16..=MAX_TOKENS),
            ("[reranker] candidates", reranker.candidates, 1..=MAX_CANDIDATES),
            ("[reranker] max_tokens", reranker.max_tokens, 16..=MAX_TOKENS),
            ("[server] max_concurrent", server.max_concurrent, 1..=100_000),
            ("[server] max_body_bytes", server.max_body_bytes, 1..=MAX_BYTES),
            ("[server] request_timeout_seconds", timeout, 1..=MAX_SECONDS),
        ] {
            if !range.contains(&value) {
                return Err(out_of_range(key, &value, range.start(), range.end()));
            }
        }
        for (key, value, max) in
            [("[ask] lexical_weight", ask.lexical_weight, 10.0), ("[ask] answerable_from", ask.answerable_from, 1.0)]
        {
            if !(0.0..=max).contains(&value) {
                return Err(out_of_range(key, &value, &0, &max));
            }
        }
        if !reranker.name.is_empty() && !reranker.path.as_os_str().is_empty() {
            let reason = "[reranker] name and [reranker] path are both set; only one of them can choose the reranker";
            return Err(Error::Config { reason: reason.into() });
        }
        let revision = &self.model.revision;
        if !revision.is_empty() && !is_commit(revision) {
            let reason =
                format!("[model] revision is `{revision}`; it must be a commit: 40 hexadecimal digits in lower case");
            return Err(Error::Config { reason });
        }
        self.ingest.check_rules()?;
        self.web.check()?;
        self.server.check()?;
        self.qdrant.check(self.index.engine)?;
        self.writer.check()?;
        check_collection_name(&self.index.collection)
            .map_err(|error| Error::Config { reason: format!("[index] collection: {error}") })?;
        Ok(())
    }
}

/// Whether `text` names a commit of a repository in full.
pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn out_of_range(key: &str, value: &dyn Display, min: &dyn Display, max: &dyn Display) -> Error {
    Error::Config { reason: format!("{key} is {value}; it must be between {min} and {max}") }
}

/// Refuses a name that a collection, and its directory, cannot have.
pub fn check_collection_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.len() <= MAX_COLLECTION_NAME_BYTES && name.chars().all(plain) {
        return Ok(());
    }
    Err(Error::Input {
        reason: format!("`{name}` cannot be the name of a collection"),
        hint: format!("use letters, digits, - and _, up to {MAX_COLLECTION_NAME_BYTES} bytes"),
    })
}

fn defaults() -> toml::Table {
    toml::from_str(DEFAULT_CONFIG).expect("config.toml, which is compiled in, is TOML")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layered(text: &str, variables: &[(&str, &str)]) -> Result<Config> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::layered(text, "test.toml", variables)
    }

    #[test]
    fn the_compiled_in_file_gives_every_setting_its_default() {
        let config = Config::default();
        assert_eq!(config.ask.top_k, 5);
        config.check().unwrap();
    }

    #[test]
    fn the_environment_overrides_the_file_which_overrides_the_defaults() {
        let config = layered("[ask]\ntop_k = 7\nsentences = 2", &[("FOOTNOTE_ASK_TOP_K", "9")]).unwrap();
        assert_eq!((config.ask.top_k, config.ask.sentences, config.ask.candidates), (9, 2, 30));
    }

    #[test]
    fn an_unknown_key_is_an_error_that_lists_the_known_ones() {
        let message = layered("[ask]\ntopk = 7", &[]).unwrap_err().to_string();
        assert!(message.contains("unknown key `topk` in [ask]"), "{message}");
        assert!(
            message.contains(
                "answerable_from, candidates, context_sentences, correct_spelling, interpret, lexical_weight, log_questions, sentences, top_k"
            ),
            "{message}"
        );
        let message = layered("[asks]\n", &[]).unwrap_err().to_string();
        assert!(message.contains("unknown section [asks]") && message.contains("server"), "{message}");
    }

    #[test]
    fn an_unknown_or_ill_typed_variable_is_an_error_that_names_it() {
        let message = layered("", &[("FOOTNOTE_ASK_TOPK", "7")]).unwrap_err().to_string();
        assert!(message.contains("FOOTNOTE_ASK_TOPK") && message.contains("FOOTNOTE_ASK_TOP_K"), "{message}");
        let message = layered("", &[("FOOTNOTE_ASK_TOP_K", "many")]).unwrap_err().to_string();
        assert!(message.contains("`many`; it must be a whole number"), "{message}");
    }

    #[test]
    fn an_unknown_variable_gets_a_suggestion_and_no_long_list() {
        let message = layered("", &[("FOOTNOTE_ASK_TOPK", "7")]).unwrap_err().to_string();
        assert_eq!(
            message,
            "configuration: unknown environment variable FOOTNOTE_ASK_TOPK; did you mean `FOOTNOTE_ASK_TOP_K`?"
        );
        let message = layered("", &[("FOOTNOTE_WEATHER", "7")]).unwrap_err().to_string();
        assert!(
            message.contains("`footnote config --default` prints all settings") && message.len() < 250,
            "{message}"
        );
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_range() {
        let refused = |text: &str| layered(text, &[]).unwrap().check().unwrap_err().to_string();
        assert_eq!(
            refused("[ask]\ncandidates = 100000"),
            format!("configuration: [ask] candidates is 100000; it must be between 1 and {MAX_CANDIDATES}")
        );
        assert_eq!(
            refused("[ask]\nanswerable_from = 1.5"),
            "configuration: [ask] answerable_from is 1.5; it must be between 0 and 1"
        );
        assert!(refused("[server]\nmax_body_bytes = 0").contains("between 1 and"));
    }

    #[test]
    fn one_reranker_is_chosen_and_a_revision_is_a_whole_commit() {
        let checked = |text: &str| layered(text, &[]).unwrap().check();
        let both = checked("[reranker]\nname = \"bge-reranker-base\"\npath = \"here\"").unwrap_err().to_string();
        assert!(both.contains("[reranker] name and [reranker] path"), "{both}");
        checked("[reranker]\nname = \"bge-reranker-base\"").unwrap();
        checked(&format!("[model]\nrevision = \"{}\"", "0a".repeat(20))).unwrap();
        for wrong in ["main", "0A", "../x", "0a0a0a0a0a0a"] {
            let error = checked(&format!("[model]\nrevision = \"{wrong}\"")).unwrap_err().to_string();
            assert!(error.contains("40 hexadecimal digits"), "{error}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_names_the_file_and_the_key() {
        let message = layered("[ask]\ntop_k = \"five\"", &[]).unwrap_err().to_string();
        assert!(message.contains("test.toml") && message.contains("top_k"), "{message}");
    }

    #[test]
    fn relative_paths_are_taken_from_the_folder_of_the_file() {
        let mut config = Config::default();
        config.resolve(Path::new("/etc/footnote"));
        assert_eq!(config.index.dir, Path::new("/etc/footnote/index"));
        assert_eq!(config.model.path, Path::new(""), "an empty path stays empty");
    }
}
