//! What answers depend on beside the question, and the proof of it: by that the command line sees that a server would
//! answer as it would itself, and that it is the user's own.

use std::fs::Metadata;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use blake3::Hash;

use crate::config::{AskConfig, Config, LexiconConfig, ModelConfig, RerankerConfig};
use crate::index;

/// Hexadecimal digits of a nonce, at most.
pub(crate) const LONGEST_NONCE: usize = 64;

/// A hash of the directory of the collections, of the process that holds the configured one for writing and its secret, of
/// the program and of the settings that shape an answer. Only the user of that process can compute it, and it is never
/// told, only [proved](Identity::proof).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity(Hash);

impl Identity {
    /// What a server at `address` answers to `nonce`. Since the address is in it, a program at another address has no use
    /// for the answer.
    pub(crate) fn proof(&self, nonce: &str, address: SocketAddr) -> Hash {
        blake3::keyed_hash(self.0.as_bytes(), format!("{nonce} {address}").as_bytes())
    }
}

/// Whether `nonce` can be one.
pub(crate) fn is_nonce(nonce: &str) -> bool {
    (1..=LONGEST_NONCE).contains(&nonce.len()) && nonce.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where what listens at `address` is reached on this machine.
pub(crate) fn reached(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The identity of whoever answers with these settings. `None` if nobody has ever held the configured collection, or its
/// holder is another user's.
pub(crate) fn of(config: &Config) -> Option<Identity> {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    part(env!("CARGO_PKG_VERSION").as_bytes());
    let (length, modified) = (*BUILD)?;
    part(&length.to_le_bytes());
    part(&modified.to_le_bytes());
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
        let (length, modified) = version(&file)?;
        part(&length.to_le_bytes());
        part(&modified.to_le_bytes());
    }
    Some(Identity(hasher.finalize()))
}

/// The program's file when it was first asked for, which tells builds of one version apart; later there may be another.
static BUILD: LazyLock<Option<(u64, u128)>> =
    LazyLock::new(|| version(&std::env::current_exe().ok()?.metadata().ok()?));

/// By what a file is told from an earlier one: its length, and when it was modified.
fn version(file: &Metadata) -> Option<(u64, u128)> {
    Some((file.len(), file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos()))
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

    #[test]
    fn a_proof_is_of_one_identity_for_one_nonce_at_one_address() {
        let (own, other) = (Identity(blake3::hash(b"own")), Identity(blake3::hash(b"other")));
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
        assert!(is_nonce("0") && is_nonce(&"f".repeat(LONGEST_NONCE)));
        for none in ["", "g", "A", "0 1", &"f".repeat(LONGEST_NONCE + 1)] {
            assert!(!is_nonce(none), "{none}");
        }
    }
}
