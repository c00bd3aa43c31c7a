//! What answers depend on beside the question, as one hash: by it the command line sees that a server would answer as it
//! would itself.

use std::path::{Path, PathBuf};

use crate::config::{AskConfig, Config, LexiconConfig, ModelConfig, RerankerConfig};
use crate::index;

/// A hash of the directory of the collections, of the process that holds the configured one for writing, of the program's
/// version and of the settings that shape an answer. Nothing can be read from it. `None` if nobody has ever held that
/// collection.
pub(crate) fn of(config: &Config) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    part(env!("CARGO_PKG_VERSION").as_bytes());
    part(&index::seal(&config.index.collection_dir())?);
    // Of two index directories one collection may be the same, by a link, and the others not.
    part(canonical(&config.index.dir).as_os_str().as_encoded_bytes());
    part(settings(config)?.as_bytes());
    for path in [&config.model.dir, &config.model.path, &config.reranker.path] {
        part(canonical(path).as_os_str().as_encoded_bytes());
    }
    for path in &config.lexicon.files {
        part(canonical(path).as_os_str().as_encoded_bytes());
        let file = path.metadata().ok()?;
        part(&file.len().to_le_bytes());
        let modified = file.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        part(&modified.as_nanos().to_le_bytes());
    }
    Some(hasher.finalize().to_hex().to_string())
}

/// The settings that shape an answer, as text; paths apart, which may be written in several ways.
fn settings(config: &Config) -> Option<String> {
    // Written out, so that a new section has to be thought of.
    let Config { index: _, model, ingest: _, ask, reranker, lexicon, glossary, server: _, log: _ } = config.clone();
    let blank = Config::default();
    let plain = Config {
        model: ModelConfig {
            dir: blank.model.dir.clone(),
            path: blank.model.path.clone(),
            offline: blank.model.offline,
            threads: blank.model.threads,
            ..model
        },
        ask: AskConfig { use_server: blank.ask.use_server, ..ask },
        reranker: RerankerConfig { path: blank.reranker.path.clone(), ..reranker },
        lexicon: LexiconConfig { files: Vec::new(), ..lexicon },
        glossary,
        ..blank
    };
    toml::to_string(&plain).ok()
}

/// The one name of a path; of one that is not there yet, the name that it will most likely have.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Collection;

    #[test]
    fn it_follows_what_shapes_an_answer_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.index.dir = dir.path().into();
        assert_eq!(of(&config), None, "there is no collection");
        let collection = Collection::open(&config.index.collection_dir()).unwrap();
        let own = of(&config);
        assert!(own.is_some());
        let with = |change: &dyn Fn(&mut Config)| {
            let mut config = config.clone();
            change(&mut config);
            of(&config)
        };
        for same in [
            with(&|config| config.server.listen = "127.0.0.1:1".into()),
            with(&|config| config.ask.use_server = false),
            with(&|config| config.model.offline = true),
            with(&|config| config.log.level = "debug".into()),
            with(&|config| config.index.dir = dir.path().join(".")),
        ] {
            assert_eq!(same, own);
        }
        for other in [
            with(&|config| config.ask.top_k = 3),
            with(&|config| config.ask.answerable_from = 0.5),
            with(&|config| config.lexicon.dictionaries = false),
            with(&|config| config.lexicon.files = vec!["no-such-file.tsv".into()]),
            with(&|config| config.glossary.clear()),
            with(&|config| config.model.path = dir.path().into()),
            with(&|config| config.reranker.path = dir.path().into()),
            with(&|config| config.index.collection = "other".into()),
        ] {
            assert_ne!(other, own);
        }
        drop(collection);
        let _again = Collection::open(&config.index.collection_dir().join("../other")).unwrap();
        assert_ne!(with(&|config| config.index.collection = "other".into()), own, "another collection");
    }
}
