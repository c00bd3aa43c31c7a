//! The dictionaries of the manifest: which are installed, and reading them.

use super::names;
use super::pull::Folder;
use crate::config::{Config, ModelConfig};
use crate::error::{Error, Result};
use crate::lexicon::{self, Dictionary, Lexicon, SourceFormat};
use crate::model::manifest::{self, Manifest};

/// A dictionary of the manifest, and whether it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconStatus {
    /// Its name.
    pub name: String,
    /// Its licence, as an SPDX identifier.
    pub licence: String,
    /// Whose it is.
    pub source: String,
    /// The languages between which it translates, as BCP 47 tags.
    pub languages: Vec<String>,
    /// What fetching it downloads.
    pub download_bytes: u64,
    /// Its size on disk; `None` if it is not installed whole.
    pub size_bytes: Option<u64>,
}

/// The dictionaries of the manifest, in its order.
pub fn lexicons(config: &ModelConfig) -> Result<Vec<LexiconStatus>> {
    let status = |lexicon: &manifest::Lexicon| {
        let record = Folder::of_lexicon(lexicon).installed(&config.dir)?;
        Ok(LexiconStatus {
            name: lexicon.name.clone(),
            licence: lexicon.licence.clone(),
            source: lexicon.source.clone(),
            languages: lexicon.languages.clone(),
            download_bytes: lexicon.dictionary.wheel_bytes,
            size_bytes: record.map(|record| record.files.values().map(|file| file.size_bytes).sum()),
        })
    };
    Manifest::bundled()?.lexicons.iter().map(status).collect()
}

/// What questions' words are also called, by the settings: the glossary, the user's dictionaries, and those that are
/// installed.
///
/// An installed dictionary that is missing or damaged is left out, the latter with a warning: questions are answered
/// without it.
///
/// # Errors
///
/// Those of reading a user's dictionary, which names it.
pub fn lexicon(config: &Config) -> Result<Lexicon> {
    let mut lexicon = Lexicon::empty().with_glossary(&config.glossary);
    for path in &config.lexicon.files {
        let source = std::fs::read(path).map_err(Error::io("read", path))?;
        let table = lexicon::compile(&source, SourceFormat::Tsv)
            .map_err(|error| Error::Config { reason: format!("[lexicon] files: {}: {error}", path.display()) })?;
        lexicon = lexicon.with_dictionary(Dictionary::from_bytes(table)?);
    }
    if !config.lexicon.dictionaries {
        return Ok(lexicon);
    }
    for known in &Manifest::bundled()?.lexicons {
        match read(&config.model, known) {
            Ok(Some(dictionary)) => lexicon = lexicon.with_dictionary(dictionary),
            Ok(None) => tracing::warn!(
                "the dictionary {} is not here, so words are not looked up in other languages; `footnote models pull` \
                 fetches it, and [lexicon] dictionaries = false does without",
                known.name
            ),
            Err(error) => tracing::warn!("{error}; `footnote models pull --force` makes it again"),
        }
    }
    Ok(lexicon)
}

fn read(config: &ModelConfig, lexicon: &manifest::Lexicon) -> Result<Option<Dictionary>> {
    let folder = Folder::of_lexicon(lexicon);
    let Some(record) = folder.installed(&config.dir)? else { return Ok(None) };
    let path = config.dir.join(&folder.name).join(names::LEXICON);
    let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
    let hash = blake3::hash(&bytes).to_hex();
    if record.files.get(names::LEXICON).is_none_or(|file| file.blake3 != hash.as_str()) {
        return Err(Error::Corrupt { path, reason: "it was altered since it was installed".into() });
    }
    Dictionary::from_bytes(bytes).map(Some)
}
