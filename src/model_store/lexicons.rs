//! The dictionaries of the manifest: which are installed, and reading them.

use super::folder::Folder;
use super::names;
use super::word_lists;
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
    /// Its author or publisher.
    pub source: String,
    /// The languages of its words, as BCP 47 tags.
    pub languages: Vec<String>,
    /// The size of the download.
    pub download_bytes: u64,
    /// Its size on disk; `None` if it is not installed completely.
    pub size_bytes: Option<u64>,
}

/// The dictionaries of the manifest, in its order, and its word lists.
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
    let manifest = Manifest::bundled()?;
    let mut all: Vec<LexiconStatus> = manifest.lexicons.iter().map(status).collect::<Result<_>>()?;
    all.push(word_lists_status(config, &manifest.word_lists)?);
    Ok(all)
}

/// The word lists, as one dictionary.
fn word_lists_status(config: &ModelConfig, lists: &manifest::WordLists) -> Result<LexiconStatus> {
    let record = Folder::of_word_lists(lists).installed(&config.dir)?;
    Ok(LexiconStatus {
        name: lists.name.clone(),
        licence: lists.licence.clone(),
        source: lists.source.clone(),
        languages: lists.lists.iter().map(|list| list.language.clone()).collect(),
        download_bytes: lists.lists.first().map_or(0, |list| list.words.wheel_bytes),
        size_bytes: record.map(|record| record.files.values().map(|file| file.size_bytes).sum()),
    })
}

/// The lexicon that the settings describe: the glossary, the user's dictionaries, Footnote's own list, and the
/// dictionaries that are installed.
///
/// A dictionary that was never installed is left out with a warning: questions are answered without it.
///
/// # Errors
///
/// [`Error::Model`] if an installed dictionary is damaged: without it, answers would change in silence. Errors of reading a
/// user's dictionary name its file.
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
    lexicon = lexicon.with_bundled();
    for known in &Manifest::bundled()?.lexicons {
        if let Some(dictionary) = read(&config.model, known)? {
            lexicon = lexicon.with_dictionary(dictionary);
        } else {
            tracing::warn!(
                "the dictionary {} is not installed, so words are not looked up in other languages; run `footnote models \
                 pull`, or set [lexicon] dictionaries = false",
                known.name
            );
        }
    }
    Ok(lexicon.with_word_lists(word_lists::read(&config.model)?))
}

/// An installed dictionary; `None` if it was never installed.
fn read(config: &ModelConfig, lexicon: &manifest::Lexicon) -> Result<Option<Dictionary>> {
    let folder = Folder::of_lexicon(lexicon);
    let place = config.dir.join(&folder.name);
    // A folder is renamed into place whole, so one that is not whole was altered.
    if !place.try_exists().map_err(Error::io("read", &place))? {
        return Ok(None);
    }
    let damaged = |reason: String, command: &str| Error::Model {
        model: lexicon.name.clone(),
        reason,
        hint: format!("run `{command}`, or set [lexicon] dictionaries = false"),
    };
    let Some(record) = folder.installed(&config.dir)? else {
        let reason = format!("the dictionary in {} is damaged, or of another version of Footnote", place.display());
        return Err(damaged(reason, "footnote models pull"));
    };
    let path = place.join(names::LEXICON);
    let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
    let hash = blake3::hash(&bytes).to_hex();
    let altered = || {
        let reason = format!("{} was altered or damaged since it was installed", path.display());
        damaged(reason, "footnote models pull --force")
    };
    if record.files.get(names::LEXICON).is_none_or(|file| file.blake3 != hash.as_str()) {
        return Err(altered());
    }
    Dictionary::from_bytes(bytes).map(Some).map_err(|_| altered())
}

#[cfg(test)]
mod tests {
    use super::super::record::{self, Record};
    use super::*;
    use crate::lexicon::compile;

    /// A models directory in which the dictionary of the manifest is installed, and the settings that name it.
    fn installed() -> (tempfile::TempDir, Config, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.model.dir = dir.path().to_owned();
        let folder = Folder::of_lexicon(&Manifest::bundled().unwrap().lexicons[0]);
        let place = dir.path().join(&folder.name);
        std::fs::create_dir(&place).unwrap();
        let table = compile("rates\t利率\n".as_bytes(), SourceFormat::Tsv).unwrap();
        std::fs::write(place.join(names::LEXICON), table).unwrap();
        Record::write(&place, &folder.recipe, None).unwrap();
        (dir, config, place)
    }

    #[test]
    fn a_dictionary_that_was_never_installed_is_left_out() {
        let (_dir, config, place) = installed();
        assert_eq!(lexicon(&config).unwrap().entries(), 2);
        std::fs::remove_dir_all(place).unwrap();
        assert_eq!(lexicon(&config).unwrap().entries(), 0);
    }

    #[test]
    fn damage_to_any_byte_of_an_installed_dictionary_is_an_error_that_says_what_to_do() {
        let (_dir, config, place) = installed();
        for name in [names::LEXICON, record::FILE] {
            let path = place.join(name);
            let whole = std::fs::read(&path).unwrap();
            let mut damages: Vec<Vec<u8>> = (0..whole.len())
                .map(|at| {
                    let mut bytes = whole.clone();
                    bytes[at] ^= 1;
                    bytes
                })
                .collect();
            damages.extend([whole[..whole.len() / 2].to_vec(), Vec::new()]);
            for bytes in damages {
                std::fs::write(&path, &bytes).unwrap();
                // White space of the record is not damage: it says the same.
                let Err(error) = lexicon(&config) else {
                    assert!(name == record::FILE && Record::read(&place).unwrap().is_some(), "{name}");
                    continue;
                };
                assert!(matches!(error, Error::Model { .. }), "{error}");
                assert!(error.hint().unwrap().contains("footnote models pull"), "{error}");
            }
            std::fs::remove_file(&path).unwrap();
            assert!(lexicon(&config).is_err(), "{name} is gone");
            std::fs::write(&path, whole).unwrap();
            lexicon(&config).unwrap();
        }
    }
}
