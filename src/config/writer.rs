//! `[writer]`: a language model that writes answers.

use http::Uri;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// `[writer]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WriterConfig {
    /// Base of a server's API that has `OpenAI`'s chat completions; empty for none.
    pub url: String,
    /// The model's name on that server.
    pub model: String,
    /// The environment variable that holds the server's API key; empty for none.
    pub key_env: String,
    /// Maximum time for one answer.
    pub timeout_seconds: usize,
    /// Maximum length of the output in the model's tokens.
    pub max_tokens: usize,
    /// How a question is answered that does not say it.
    pub mode: WriterMode,
    /// What becomes of a sentence that the documents do not support.
    pub unsupported: Unsupported,
}

/// How a question is answered that does not say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WriterMode {
    /// With quotes. The language model is not asked.
    #[default]
    Extract,
    /// By the language model, from the quotes.
    Write,
    /// With quotes, and a translation of each by the language model.
    Translate,
}

/// What becomes of a sentence that the documents do not support.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unsupported {
    /// It is left out.
    #[default]
    Drop,
    /// It is shown with its verdict.
    Mark,
}

impl WriterConfig {
    /// Whether a language model is configured.
    pub fn is_configured(&self) -> bool {
        !self.url.is_empty()
    }

    /// Refuses values that parse but cannot work.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |reason: String| Err(Error::Config { reason: format!("[writer] {reason}") });
        if !self.is_configured() {
            return match self.mode {
                WriterMode::Extract => Ok(()),
                WriterMode::Write | WriterMode::Translate => wrong(
                    "mode needs a language model, and url is empty; set url and model, or mode to \"extract\"".into(),
                ),
            };
        }
        let uri = self.url.parse::<Uri>().ok();
        let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        let Some(uri) = uri.filter(is_web) else {
            // It may contain a secret, so it is not repeated.
            return wrong("url is no address; it must be one such as http://127.0.0.1:11434/v1".into());
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return wrong(
                "url contains a user name or a password; put the key into the variable that key_env names".into(),
            );
        }
        if uri.query().is_some() || self.url.contains('#') {
            return wrong("url must have no query and no fragment".into());
        }
        if self.model.trim().is_empty() {
            return wrong("model is empty; name a model of the server, or leave url empty".into());
        }
        if self.key_env.contains(['=', '\0']) {
            return wrong("key_env cannot be the name of an environment variable".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn checked(change: impl FnOnce(&mut WriterConfig)) -> Result<()> {
        let mut writer = Config::default().writer;
        change(&mut writer);
        writer.check()
    }

    #[test]
    fn a_writer_needs_an_address_and_a_model_and_the_address_holds_no_secret() {
        assert!(checked(|_| ()).is_ok());
        for url in ["http://127.0.0.1:11434/v1", "https://example.org", "http://[::1]:8080/"] {
            assert!(checked(|writer| (writer.url, writer.model) = (url.into(), "m".into())).is_ok(), "{url}");
        }
        let urls = [
            "127.0.0.1:11434",
            "ftp://a/b",
            "http://",
            "https://u:secret@a/v1",
            "http://a/v1?key=secret",
            "http://a/#b",
        ];
        for url in urls {
            let error = checked(|writer| (writer.url, writer.model) = (url.into(), "m".into())).unwrap_err();
            assert!(
                error.to_string().contains("[writer] url") && !error.to_string().contains("secret"),
                "{url}: {error}"
            );
        }
        assert!(
            checked(|writer| writer.url = "http://a/v1".into()).unwrap_err().to_string().contains("model is empty")
        );
        let error = checked(|writer| writer.mode = WriterMode::Write).unwrap_err().to_string();
        assert!(error.contains("url is empty"), "{error}");
    }
}
