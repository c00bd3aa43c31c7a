//! Settings: one struct for each section of `config.toml`, read in layers, unknown keys refused.

mod environment;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::suggest::did_you_mean;
pub use server::ServerConfig;

/// The commented default settings, as they stand in the project's `config.toml`.
pub const DEFAULT_CONFIG: &str = include_str!("../../config.toml");

const ENVIRONMENT_PREFIX: &str = "FOOTNOTE_";
/// A section whose keys are the user's own. A file's replaces the default one as a whole.
const GLOSSARY: &str = "glossary";
const MAX_COLLECTION_NAME_BYTES: usize = 128;
const CONFIG_VARIABLE: &str = "FOOTNOTE_CONFIG";
/// Variables that are no settings: what they hold belongs into no file, or to the terminal alone.
const OTHER_VARIABLES: [&str; 3] = [CONFIG_VARIABLE, "FOOTNOTE_API_KEY", "FOOTNOTE_HISTORY"];

/// All settings.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the index is.
    pub index: IndexConfig,
    /// Which model, and where it is kept.
    pub model: ModelConfig,
    /// How documents are split and embedded.
    pub ingest: IngestConfig,
    /// How questions are answered.
    pub ask: AskConfig,
    /// A second look at the best passages.
    pub reranker: RerankerConfig,
    /// What a question's words are also called.
    pub lexicon: LexiconConfig,
    /// A user's own terms, each with what means the same in any language.
    pub glossary: BTreeMap<String, Vec<String>>,
    /// The HTTP server.
    pub server: ServerConfig,
    /// What is logged.
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
    /// A name in the manifest.
    pub name: String,
    /// Where models are kept.
    pub dir: PathBuf,
    /// A directory that holds any other model; empty for none.
    pub path: PathBuf,
    /// Put before a question, for the model at `path`.
    pub query_prefix: String,
    /// Put before a passage, for the model at `path`.
    pub passage_prefix: String,
    /// How token outputs become one vector, for the model at `path`.
    pub pooling: Pooling,
    /// The most tokens the model at `path` reads; 0 takes what its files say.
    pub max_tokens: usize,
    /// Never fetch anything.
    pub offline: bool,
    /// Threads that all forward passes share; 0 is one for each core.
    pub threads: usize,
}

impl ModelConfig {
    /// What the model is called: its name in the manifest, or the last part of its directory's path.
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

/// `[ingest]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IngestConfig {
    /// Target size of a passage in tokens, headings counted.
    pub passage_tokens: usize,
    /// Larger documents are refused.
    pub max_document_bytes: usize,
    /// Tokens in one forward pass, padding counted.
    pub batch_tokens: usize,
}

/// `[ask]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AskConfig {
    /// Passages found, at most.
    pub top_k: usize,
    /// Passages of the vector search and of the lexical search each that are looked at, and of both together that are
    /// compared token by token.
    pub candidates: usize,
    /// The weight of lexical coverage beside late interaction.
    pub lexical_weight: f32,
    /// Confidence below which a question counts as not answered.
    pub answerable_from: f32,
    /// Sentences in an answer, at most.
    pub sentences: usize,
    /// Sentences of context on either side of a quote.
    pub context_sentences: usize,
    /// Whether the command line asks a server that runs over the same index.
    pub use_server: bool,
}

/// `[reranker]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RerankerConfig {
    /// A directory that holds a cross-encoder; empty for none.
    pub path: PathBuf,
    /// Passages that it looks at.
    pub candidates: usize,
    /// Tokens that it reads of a question and a passage together; the rest is cut off.
    pub max_tokens: usize,
}

/// `[lexicon]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LexiconConfig {
    /// Whether the fetched dictionaries are used.
    pub dictionaries: bool,
    /// Dictionaries of the user: text files of a term, a tab and what it means on each line.
    pub files: Vec<PathBuf>,
    /// Whether names that documents give in parentheses are used.
    pub aliases: bool,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// A level, or a list of `target=level`.
    pub level: String,
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
    /// `./config.toml` is read if it is there. Relative paths are taken from the file's folder, or from the current
    /// one where there is no file.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let found = Self::file(file);
        let text = match &found {
            Some(path) => std::fs::read_to_string(path).map_err(Error::io("read", path))?,
            None => String::new(),
        };
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?)) //
        });
        let name = found.as_deref().map_or_else(|| "config.toml".into(), |path| path.display().to_string());
        let mut config = Self::layered(&text, &name, variables)?;
        let base = found.as_deref().and_then(Path::parent).filter(|parent| !parent.as_os_str().is_empty());
        config.resolve(base.unwrap_or(Path::new(".")));
        config.check()?;
        Ok(config)
    }

    /// The file that [`Config::load`] reads, whether it can be read or not; `None` where the defaults hold.
    pub fn file(asked: Option<&Path>) -> Option<PathBuf> {
        let from_environment = std::env::var_os(CONFIG_VARIABLE).map(PathBuf::from);
        let asked = asked.map(Path::to_owned).or(from_environment);
        asked.or_else(|| Some(PathBuf::from("config.toml")).filter(|path| path.is_file()))
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
            if !path.as_os_str().is_empty() && path.is_relative() && base != Path::new(".") {
                *path = base.join(&*path);
            }
        }
    }

    /// Values that parse but cannot work.
    fn check(&self) -> Result<()> {
        let at_least = |section: &str, key: &str, value: usize, least: usize| {
            if value >= least {
                return Ok(());
            }
            Err(Error::Config { reason: format!("[{section}] {key} is {value}; the least that works is {least}") })
        };
        at_least("ingest", "passage_tokens", self.ingest.passage_tokens, 32)?;
        at_least("ingest", "max_document_bytes", self.ingest.max_document_bytes, 1)?;
        at_least("ingest", "batch_tokens", self.ingest.batch_tokens, 1)?;
        at_least("ask", "top_k", self.ask.top_k, 1)?;
        at_least("ask", "candidates", self.ask.candidates, 1)?;
        if self.ask.candidates > MAX_CANDIDATES {
            let reason =
                format!("[ask] candidates is {}; the most that works is {MAX_CANDIDATES}", self.ask.candidates);
            return Err(Error::Config { reason });
        }
        at_least("ask", "sentences", self.ask.sentences, 1)?;
        at_least("reranker", "candidates", self.reranker.candidates, 1)?;
        at_least("reranker", "max_tokens", self.reranker.max_tokens, 16)?;
        for (key, value, most) in
            [("lexical_weight", self.ask.lexical_weight, 10.0), ("answerable_from", self.ask.answerable_from, 1.0)]
        {
            if !(0.0..=most).contains(&value) {
                return Err(Error::Config { reason: format!("[ask] {key} is {value}; it lies between 0 and {most}") });
            }
        }
        at_least("server", "max_concurrent", self.server.max_concurrent, 1)?;
        at_least("server", "max_body_bytes", self.server.max_body_bytes, 1)?;
        at_least("server", "request_timeout_seconds", self.server.request_timeout_seconds as usize, 1)?;
        self.server.check()?;
        check_collection_name(&self.index.collection)
            .map_err(|error| Error::Config { reason: format!("[index] collection: {error}") })?;
        Ok(())
    }
}

/// Refuses what cannot be the name of a collection and so of its directory.
pub fn check_collection_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.len() <= MAX_COLLECTION_NAME_BYTES && name.chars().all(plain) {
        return Ok(());
    }
    Err(Error::Input {
        reason: format!("`{name}` cannot be the name of a collection"),
        hint: format!("letters, digits, - and _ make a collection's name, up to {MAX_COLLECTION_NAME_BYTES} bytes"),
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
            message.contains("answerable_from, candidates, context_sentences, lexical_weight, sentences, top_k"),
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
        assert!(message.contains("`many`; it takes a integer"), "{message}");
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
