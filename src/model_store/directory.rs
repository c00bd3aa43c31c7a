//! A model in a user's directory: any encoder in ONNX with its tokenizer files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;

use super::names;
use crate::config::{ModelConfig, Pooling};
use crate::error::{Error, Result};
use crate::model::files::hash;
use crate::model::manifest::{fingerprint, pooling_name};
use crate::model::{ModelFiles, ModelIdentity};

/// A larger limit in a tokenizer's file means "no limit".
const LARGEST_MAX_TOKENS: f64 = 1_000_000.0;

/// Fails if the configured directory lacks a file that a model needs.
pub(super) fn check(config: &ModelConfig) -> Result<()> {
    let missing: Vec<_> = names::REQUIRED.into_iter().filter(|name| !config.path.join(name).is_file()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::Model {
        model: label(config),
        reason: format!("the directory lacks {}", missing.join(", ")),
        hint: format!("[model] path must name a directory that holds {}", names::REQUIRED.join(", ")),
    })
}

/// The model in the configured directory, with the settings that apply to it. `checksums` are those of the runtime.
pub(super) fn files(config: &ModelConfig, runtime: PathBuf, checksums: BTreeMap<String, String>) -> Result<ModelFiles> {
    let file = |name: &str| config.path.join(name);
    let max_tokens = match config.max_tokens {
        0 => max_tokens_of(config, &file(names::TOKENIZER_CONFIG))?,
        max_tokens => max_tokens,
    };
    let external_data = external_data(&config.path)?;
    let (graph, tokenizer) = (content_hash(&file(names::ONNX))?, content_hash(&file(names::TOKENIZER))?);
    let weights: Vec<String> = external_data.iter().map(|path| content_hash(path)).collect::<Result<_>>()?;
    let weights: Vec<&str> = weights.iter().map(String::as_str).collect();
    let fingerprint = fingerprint_of(
        &Use {
            pooling: config.pooling,
            query_prefix: &config.query_prefix,
            passage_prefix: &config.passage_prefix,
            max_tokens,
        },
        &graph,
        &tokenizer,
        &weights,
    );
    let name = config.path.file_name().unwrap_or(config.path.as_os_str()).display().to_string();
    Ok(ModelFiles {
        identity: ModelIdentity { name, fingerprint },
        onnx: file(names::ONNX),
        external_data,
        tokenizer: file(names::TOKENIZER),
        compiled_tokenizer: None,
        config: file(names::CONFIG),
        special_tokens_map: file(names::SPECIAL_TOKENS_MAP),
        tokenizer_config: file(names::TOKENIZER_CONFIG),
        runtime,
        query_prefix: config.query_prefix.clone(),
        passage_prefix: config.passage_prefix.clone(),
        pooling: config.pooling,
        max_tokens,
        revision: String::new(),
        dimensions: None,
        checksums,
    })
}

/// The files beside the graph that hold its weights, by name: `model.onnx.data`, `model.onnx_data`, `model.onnx_data_1`.
fn external_data(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::io("read", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let behind = name.strip_prefix(names::ONNX).unwrap_or_default();
        let number = behind.strip_prefix("_data_").is_some_and(|part| part.chars().all(|c| c.is_ascii_digit()));
        if (number || [".data", "_data"].contains(&behind)) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The settings that vectors depend on.
pub(super) struct Use<'a> {
    pub(super) pooling: Pooling,
    pub(super) query_prefix: &'a str,
    pub(super) passage_prefix: &'a str,
    pub(super) max_tokens: usize,
}

/// The fingerprint of a model by the hashes of its files and the settings that it is used with. It is the same whether the files
/// lie in a user's directory or come from a hub.
pub(super) fn fingerprint_of(with: &Use<'_>, graph: &str, tokenizer: &str, weights: &[&str]) -> String {
    let max_tokens = with.max_tokens.to_string();
    let mut parts = vec![
        "directory",
        graph,
        tokenizer,
        pooling_name(with.pooling),
        with.query_prefix,
        with.passage_prefix,
        &max_tokens,
    ];
    parts.extend(weights);
    fingerprint(&parts)
}

/// Its name in errors.
pub(super) fn label(config: &ModelConfig) -> String {
    config.path.display().to_string()
}

fn max_tokens_of(config: &ModelConfig, path: &Path) -> Result<usize> {
    #[derive(Deserialize)]
    struct TokenizerConfig {
        // A float, since "no limit" is written as 1e30.
        model_max_length: Option<f64>,
    }
    let text = std::fs::read(path).map_err(Error::io("read", path))?;
    let error = |reason: String| Error::Model {
        model: label(config),
        reason,
        hint: "set [model] max_tokens to the number of tokens that the model reads".into(),
    };
    let parsed: TokenizerConfig = serde_json::from_slice(&text)
        .map_err(|parse_error| error(format!("{}: {parse_error}", names::TOKENIZER_CONFIG)))?;
    match parsed.model_max_length {
        Some(length) if (1.0..=LARGEST_MAX_TOKENS).contains(&length) => Ok(length as usize),
        _ => Err(error(format!("{} does not say how many tokens it reads", names::TOKENIZER_CONFIG))),
    }
}

/// BLAKE3 of a file. Each version of a file is hashed once per process.
fn content_hash(path: &Path) -> Result<String> {
    /// A file, its length, and when it was modified.
    type Version = (PathBuf, u64, Option<SystemTime>);
    static KNOWN: LazyLock<Mutex<HashMap<Version, String>>> = LazyLock::new(Mutex::default);
    let canonical = path.canonicalize().map_err(Error::io("read", path))?;
    let metadata = canonical.metadata().map_err(Error::io("read", path))?;
    let version = (canonical, metadata.len(), metadata.modified().ok());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(hash) = known.get(&version) {
        return Ok(hash.clone());
    }
    let (content, _) = hash(path)?;
    known.insert(version, content.clone());
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(tokenizer_config: &str) -> (tempfile::TempDir, ModelConfig) {
        let folder = tempfile::tempdir().unwrap();
        for name in names::REQUIRED {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        std::fs::write(folder.path().join(names::TOKENIZER_CONFIG), tokenizer_config).unwrap();
        let config = ModelConfig { path: folder.path().into(), ..crate::Config::default().model };
        (folder, config)
    }

    fn found(config: &ModelConfig) -> Result<ModelFiles> {
        check(config)?;
        files(config, PathBuf::from("libonnxruntime.so"), BTreeMap::new())
    }

    #[test]
    fn missing_files_are_named_all_at_once() {
        let (folder, config) = directory("{}");
        std::fs::remove_file(folder.path().join("model.onnx")).unwrap();
        std::fs::remove_file(folder.path().join("config.json")).unwrap();
        let message = found(&config).unwrap_err().to_string();
        assert!(message.contains("lacks model.onnx, config.json"), "{message}");
    }

    #[test]
    fn the_limit_of_tokens_is_the_settings_else_the_files_else_an_error() {
        let (_folder, mut config) = directory(r#"{"model_max_length": 256, "other": 1}"#);
        assert_eq!(found(&config).unwrap().max_tokens, 256);
        config.max_tokens = 128;
        assert_eq!(found(&config).unwrap().max_tokens, 128);
        for unlimited in ["{}", r#"{"model_max_length": 1000000000000000019884624838656}"#, "["] {
            let (_folder, config) = directory(unlimited);
            assert!(found(&config).unwrap_err().hint().unwrap().contains("max_tokens"), "{unlimited}");
        }
    }

    #[test]
    fn the_fingerprint_follows_the_files_and_the_settings() {
        let (_folder, config) = directory(r#"{"model_max_length": 256}"#);
        let base = found(&config).unwrap().identity.fingerprint;
        let (other, other_config) = directory(r#"{"model_max_length": 256}"#);
        assert_eq!(found(&other_config).unwrap().identity.fingerprint, base, "the place does not matter");
        let prefixed = ModelConfig { query_prefix: "query: ".into(), ..config };
        assert_ne!(found(&prefixed).unwrap().identity.fingerprint, base);
        drop(other);
        let (_weights, weights_config) = directory(r#"{"model_max_length": 256}"#);
        std::fs::write(weights_config.path.join(names::EXTERNAL_DATA), "weights").unwrap();
        let files = found(&weights_config).unwrap();
        assert_ne!(files.identity.fingerprint, base, "weights in a file of their own count");
        std::fs::write(weights_config.path.join(names::EXTERNAL_DATA), "other weights").unwrap();
        assert_ne!(found(&weights_config).unwrap().identity.fingerprint, files.identity.fingerprint);
        let (named, named_config) = directory(r#"{"model_max_length": 256}"#);
        std::fs::write(named.path().join("model.onnx_data"), "weights").unwrap();
        let other_name = found(&named_config).unwrap();
        assert_eq!(other_name.identity.fingerprint, files.identity.fingerprint, "the name of the file does not matter");
        assert_eq!(other_name.external_data, [named.path().join("model.onnx_data")]);
        std::fs::write(named.path().join("model.onnx_data_1"), "more weights").unwrap();
        assert_eq!(found(&named_config).unwrap().external_data.len(), 2);
        let (changed, changed_config) = directory(r#"{"model_max_length": 256}"#);
        std::fs::write(changed.path().join("tokenizer.json"), "another").unwrap();
        assert_ne!(found(&changed_config).unwrap().identity.fingerprint, base);
    }
}
