//! Identifies the index, program and settings that answers depend on, and proves that identity without disclosing it.
//!
//! The proof shows the command line that a server belongs to the same user and gives the same answers. It shows a server
//! the same about a command line that hands documents to it.

use std::fs::Metadata;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use blake3::Hash;

use crate::config::{AskConfig, Config, LexiconConfig, ModelConfig, RerankerConfig};
use crate::index;

/// Hexadecimal digits of a nonce, at most.
pub(crate) const MAX_NONCE_DIGITS: usize = 64;

/// Three hashes over the directory of the collections, the process that holds the configured one for writing and its
/// secret, the program, and settings. Only the user of that process can compute them. They are never sent, only
/// [proved](Identity::proof).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Over no settings.
    holder: Hash,
    /// Over the settings that determine an answer.
    answers: Hash,
    /// Over those and the settings that determine how documents are ingested.
    writes: Hash,
}

impl Identity {
    /// The proof with which a server at `address` answers `nonce`. The address is part of it, so a program
    /// that listens elsewhere cannot pass the proof on as its own.
    pub(crate) fn proof(&self, nonce: &str, address: SocketAddr) -> Hash {
        blake3::keyed_hash(self.answers.as_bytes(), format!("{nonce} {address}").as_bytes())
    }

    /// The proof that a command line sends with its `nonce` and any other request for `target`, at `address`.
    pub(crate) fn request_proof(&self, target: &str, nonce: &str, address: SocketAddr) -> Hash {
        // A nonce has no spaces, so this is no proof of a server.
        blake3::keyed_hash(self.answers.as_bytes(), format!("{nonce} {address} {target}").as_bytes())
    }

    /// The proof that a command line sends with its `nonce` and a request for `target`, at `address`, that does not depend on
    /// settings.
    pub(crate) fn holder_proof(&self, target: &str, nonce: &str, address: SocketAddr) -> Hash {
        blake3::keyed_hash(self.holder.as_bytes(), format!("{nonce} {address} {target}").as_bytes())
    }

    /// The proof that a command line sends with its `nonce` and a write to `target`, a path with its query, at `address`.
    pub(crate) fn write_proof(&self, target: &str, nonce: &str, address: SocketAddr) -> Hash {
        blake3::keyed_hash(self.writes.as_bytes(), format!("{nonce} {address} {target}").as_bytes())
    }
}

/// Whether `nonce` has the form of one.
pub(crate) fn is_nonce(nonce: &str) -> bool {
    (1..=MAX_NONCE_DIGITS).contains(&nonce.len()) && nonce.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The address at which programs on this machine reach a server that listens at `address`.
pub(crate) fn reached(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The identity of a process with these settings. `None` if no process has ever held the configured collection, or its
/// holder belongs to another user.
pub(crate) fn of(config: &Config) -> Option<Identity> {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    part(env!("CARGO_PKG_VERSION").as_bytes());
    let (length, modified) = (*BUILD)?;
    part(&length.to_le_bytes());
    part(&modified.to_le_bytes());
    part(&index::writer_secret(&config.index.collection_dir())?);
    // Two index directories can share one collection, by a link, and differ in the others.
    part(canonical(&config.index.dir).as_os_str().as_encoded_bytes());
    let holder = hasher.finalize();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    part(settings(config)?.as_bytes());
    for path in [&config.model.dir, &config.model.path, &config.reranker.path] {
        part(canonical(path).as_os_str().as_encoded_bytes());
    }
    for path in &config.lexicon.files {
        part(canonical(path).as_os_str().as_encoded_bytes());
        let file = path.metadata().ok()?;
        let (length, modified) = version(&file)?;
        part(&length.to_le_bytes());
        part(&modified.to_le_bytes());
    }
    let answers = hasher.finalize();
    hasher.update(toml::to_string(&config.ingest).ok()?.as_bytes());
    Some(Identity { holder, answers, writes: hasher.finalize() })
}

/// Length and time of the program's file, read once: they distinguish builds of one version. The file may be replaced
/// while the program runs.
static BUILD: LazyLock<Option<(u64, u128)>> =
    LazyLock::new(|| version(&std::env::current_exe().ok()?.metadata().ok()?));

/// A file's length and the time of its last change, which distinguish it from an earlier version.
fn version(file: &Metadata) -> Option<(u64, u128)> {
    Some((file.len(), file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos()))
}

/// The settings that determine an answer, as text, without paths, which can be written in several ways.
fn settings(config: &Config) -> Option<String> {
    // Written out, so that a new section is not forgotten.
    let Config {
        index: _,
        qdrant: _,
        model,
        ingest: _,
        reader: _,
        web: _,
        ask,
        writer,
        reranker,
        lexicon,
        glossary,
        server: _,
        log: _,
    } = config.clone();
    let blank = Config::default();
    let plain = Config {
        model: ModelConfig {
            dir: blank.model.dir.clone(),
            path: blank.model.path.clone(),
            offline: blank.model.offline,
            threads: blank.model.threads,
            ..model
        },
        writer,
        ask: AskConfig { use_server: blank.ask.use_server, log_questions: blank.ask.log_questions, ..ask },
        reranker: RerankerConfig { path: blank.reranker.path.clone(), ..reranker },
        lexicon: LexiconConfig { files: Vec::new(), ..lexicon },
        glossary,
        ..blank
    };
    toml::to_string(&plain).ok()
}

/// The canonical form of a path, or its absolute form if it does not exist.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogQuestions;
    use crate::index::Collection;

    #[test]
    fn it_depends_on_what_determines_an_answer_and_on_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.index.dir = dir.path().into();
        assert_eq!(of(&config), None, "the collection does not exist");
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
            with(&|config| config.ask.log_questions = LogQuestions::All),
            with(&|config| config.model.offline = true),
            with(&|config| config.log.level = "debug".into()),
            with(&|config| config.index.dir = dir.path().join(".")),
        ] {
            assert_eq!(same, own);
        }
        for other in [
            with(&|config| config.ask.top_k = 3),
            with(&|config| config.ask.answerable_from = 0.25),
            with(&|config| config.lexicon.dictionaries = false),
            with(&|config| config.lexicon.files = vec!["no-such-file.tsv".into()]),
            with(&|config| config.glossary.clear()),
            with(&|config| config.writer.model = "other".into()),
            with(&|config| config.model.path = dir.path().into()),
            with(&|config| config.reranker.path = dir.path().into()),
            with(&|config| config.reranker.name = "bge-reranker-base".into()),
            with(&|config| config.model.revision = "0".repeat(40)),
            with(&|config| config.index.collection = "other".into()),
        ] {
            assert_ne!(other, own);
        }
        drop(collection);
        let _again = Collection::open(&config.index.collection_dir().join("../other")).unwrap();
        assert_ne!(with(&|config| config.index.collection = "other".into()), own, "another collection");
    }

    #[test]
    fn a_write_depends_on_the_settings_of_ingest_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.index.dir = dir.path().into();
        let _collection = Collection::open(&config.index.collection_dir()).unwrap();
        let own = of(&config).unwrap();
        config.ingest.passage_tokens = 99;
        let other = of(&config).unwrap();
        let address = "127.0.0.1:1".parse().unwrap();
        assert_eq!(own.proof("00", address), other.proof("00", address), "answers are the same");
        config.ask.top_k += 1;
        let holder = |identity: &Identity| identity.holder_proof("/a", "00", address);
        assert_eq!(holder(&of(&config).unwrap()), holder(&own), "the holder is the same, whatever the settings");
        assert_ne!(own.write_proof("/a", "00", address), other.write_proof("/a", "00", address));
        assert_ne!(own.write_proof("/a", "00", address), own.write_proof("/b", "00", address));
    }

    #[test]
    fn a_proof_is_of_one_identity_for_one_nonce_at_one_address() {
        let identity = |name: &[u8]| Identity {
            holder: blake3::hash(b"holder"),
            answers: blake3::hash(name),
            writes: blake3::hash(b"writes"),
        };
        let (own, other) = (identity(b"own"), identity(b"other"));
        let at = |address: &str| address.parse::<SocketAddr>().unwrap();
        let proof = own.proof("00", at("127.0.0.1:1"));
        assert_eq!(own.proof("00", reached(at("0.0.0.0:1"))), proof);
        for different in [
            other.proof("00", at("127.0.0.1:1")),
            own.proof("01", at("127.0.0.1:1")),
            own.proof("00", at("127.0.0.1:2")),
            own.proof("00", at("[::1]:1")),
        ] {
            assert_ne!(different, proof);
        }
    }

    #[test]
    fn a_nonce_is_hexadecimal_and_short() {
        assert!(is_nonce("0") && is_nonce(&"f".repeat(MAX_NONCE_DIGITS)));
        for none in ["", "g", "A", "0 1", &"f".repeat(MAX_NONCE_DIGITS + 1)] {
            assert!(!is_nonce(none), "{none}");
        }
    }
}
