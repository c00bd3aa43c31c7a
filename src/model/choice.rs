//! How a model is named in the settings, apart from where models are kept: what a collection records of its own model, so that
//! it can be loaded whatever the settings name by then.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::{ModelConfig, Pooling};

/// The settings that choose a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelChoice {
    /// A name in the manifest.
    pub name: String,
    /// Directory of another model, used instead of `name`; empty for none.
    pub path: PathBuf,
    /// The settings of the model at `path`.
    pub query_prefix: String,
    /// As above.
    pub passage_prefix: String,
    /// As above.
    pub pooling: Pooling,
    /// As above.
    pub max_tokens: usize,
}

impl ModelChoice {
    /// The choice that these settings make. A path becomes absolute, since it is read from any folder. What does not apply to
    /// the model is left out, so that equal choices are of one model.
    pub fn of(config: &ModelConfig) -> Self {
        let ModelConfig {
            name,
            dir: _,
            path,
            query_prefix,
            passage_prefix,
            pooling,
            max_tokens,
            offline: _,
            threads: _,
        } = config.clone();
        if path.as_os_str().is_empty() {
            return Self::named(&name);
        }
        let path = std::path::absolute(&path).unwrap_or(path);
        Self { name: String::new(), path, query_prefix, passage_prefix, pooling, max_tokens }
    }

    /// The choice of a model of the manifest.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            path: PathBuf::new(),
            query_prefix: String::new(),
            passage_prefix: String::new(),
            pooling: Pooling::Mean,
            max_tokens: 0,
        }
    }

    /// These settings with this choice.
    pub fn applied_to(&self, config: &ModelConfig) -> ModelConfig {
        let Self { name, path, query_prefix, passage_prefix, pooling, max_tokens } = self.clone();
        ModelConfig { name, path, query_prefix, passage_prefix, pooling, max_tokens, ..config.clone() }
    }

    /// Whether it is the model of a directory.
    pub fn is_of_directory(&self) -> bool {
        !self.path.as_os_str().is_empty()
    }
}
