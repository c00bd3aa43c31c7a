//! How a model is named in the settings, apart from where models are kept: what a collection records of its own model, so that
//! it can be loaded whatever the settings name by then.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::hub;
use crate::config::{ModelConfig, Pooling};

/// The settings that choose a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelChoice {
    /// A name in the manifest, or the short name of a model of a hub.
    pub name: String,
    /// The commit of the hub's repository; empty for a model of the manifest or a directory, and if none is chosen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revision: String,
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
            revision,
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
            let named = Self::named(&name);
            let revision = if hub::embedder(&named.name).is_some() { revision } else { String::new() };
            return Self { revision, ..named };
        }
        let path = std::path::absolute(&path).unwrap_or(path);
        Self { name: String::new(), revision: String::new(), path, query_prefix, passage_prefix, pooling, max_tokens }
    }

    /// The choice of a model of the manifest or of a hub.
    pub fn named(name: &str) -> Self {
        Self {
            name: hub::canonical(name).to_owned(),
            revision: String::new(),
            path: PathBuf::new(),
            query_prefix: String::new(),
            passage_prefix: String::new(),
            pooling: Pooling::Mean,
            max_tokens: 0,
        }
    }

    /// The same with the revision that these settings name, if they name this model.
    pub fn named_with(name: &str, config: &ModelConfig) -> Self {
        let named = Self::named(name);
        let configured = Self::of(&ModelConfig { path: PathBuf::new(), ..config.clone() });
        if configured.name == named.name { configured } else { named }
    }

    /// These settings with this choice.
    pub fn applied_to(&self, config: &ModelConfig) -> ModelConfig {
        let Self { name, revision, path, query_prefix, passage_prefix, pooling, max_tokens } = self.clone();
        ModelConfig { name, revision, path, query_prefix, passage_prefix, pooling, max_tokens, ..config.clone() }
    }

    /// Whether these settings choose the same: they may leave the revision open.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the command line embeds again"))]
    pub fn is_chosen_by(&self, config: &ModelConfig) -> bool {
        let configured = Self::of(config);
        let revision = if configured.revision.is_empty() { String::new() } else { self.revision.clone() };
        configured == Self { revision, ..self.clone() }
    }

    /// Whether it is a model that a hub has.
    pub fn is_of_hub(&self) -> bool {
        !self.is_of_directory() && hub::embedder(&self.name).is_some()
    }

    /// Whether it is the model of a directory.
    pub fn is_of_directory(&self) -> bool {
        !self.path.as_os_str().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_without_a_revision_choose_any_and_those_with_one_only_that() {
        let config = |name: &str, revision: &str| ModelConfig {
            name: name.into(),
            revision: revision.into(),
            ..crate::Config::default().model
        };
        let recorded = ModelChoice { revision: "a".repeat(40), ..ModelChoice::named("bge-m3") };
        assert!(recorded.is_chosen_by(&config("BAAI/bge-m3", "")));
        assert!(recorded.is_chosen_by(&config("bge-m3", &"a".repeat(40))));
        assert!(!recorded.is_chosen_by(&config("bge-m3", &"b".repeat(40))));
        assert!(!recorded.is_chosen_by(&config("multilingual-e5-base", "")));
        let own = ModelChoice::of(&config("footnote-e5-small", &"a".repeat(40)));
        assert_eq!(own, ModelChoice::named("footnote-e5-small"), "only models of a hub have revisions");
    }

    #[test]
    fn the_revision_of_the_settings_is_that_of_their_model_alone() {
        let settings =
            ModelConfig { name: "BAAI/bge-m3".into(), revision: "a".repeat(40), ..crate::Config::default().model };
        for config in [settings.clone(), ModelConfig { path: "own".into(), ..settings }] {
            let chosen = ModelChoice::named_with("bge-m3", &config);
            assert_eq!((chosen.name.as_str(), chosen.revision), ("bge-m3", "a".repeat(40)));
            for other in ["multilingual-e5-base", "footnote-e5-small"] {
                assert_eq!(ModelChoice::named_with(other, &config), ModelChoice::named(other));
            }
        }
    }

    #[test]
    fn a_choice_that_an_earlier_version_recorded_is_read() {
        let json = serde_json::to_string(&ModelChoice::named("m")).unwrap();
        assert!(!json.contains("revision"), "{json}");
        assert_eq!(serde_json::from_str::<ModelChoice>(&json).unwrap(), ModelChoice::named("m"));
    }
}
