//! Settings of reading documents: `[ingest]`, `[[ingest.rules]]` and `[ingest.json]`.

use std::path::Path;

use glob::{MatchOptions, Pattern};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// A file may be matched against each rule.
const MAX_RULES: usize = 1_000;

/// `[ingest]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IngestConfig {
    /// Target size of a passage in tokens, headings included.
    pub passage_tokens: usize,
    /// Larger files are refused.
    pub max_file_bytes: usize,
    /// Documents with a longer text are refused.
    pub max_document_bytes: usize,
    /// Copies of files up to this size are kept; 0 keeps none.
    pub keep_originals_bytes: usize,
    /// Tokens per forward pass, padding included.
    pub batch_tokens: usize,
    /// Metadata of documents by the paths of their files.
    pub rules: Vec<IngestRule>,
    /// The fields of JSON objects that make documents.
    pub json: JsonConfig,
}

/// `[ingest.json]`: the fields of a JSON object that make a document. Each is a list of names or, if they begin with `/`,
/// JSON pointers; the first that has a value counts. An empty list stands for the usual names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonConfig {
    /// The text.
    pub text: Vec<String>,
    /// The title.
    pub title: Vec<String>,
    /// The id.
    pub id: Vec<String>,
    /// The date of publication.
    pub date: Vec<String>,
    /// The address.
    pub url: Vec<String>,
    /// The author or publisher.
    pub author: Vec<String>,
    /// The language.
    pub language: Vec<String>,
    /// The tags.
    pub tags: Vec<String>,
}

/// `[[ingest.rules]]`: metadata of the documents of some files, for what the files do not say themselves.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IngestRule {
    /// The files, as a pattern of their paths: `*` and `?` match within a name, `**` any number of folders. A pattern that
    /// is not absolute matches the end of a path.
    pub path: String,
    /// The publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// A BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Tags, which are added to those of the file.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Other metadata: texts, numbers, true or false, or lists of them.
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

impl IngestRule {
    /// Whether the rule is for the file at `path`.
    pub(crate) fn matches(&self, path: &Path) -> bool {
        let options =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };
        self.pattern().is_ok_and(|pattern| pattern.matches_path_with(path, options))
    }

    fn pattern(&self) -> std::result::Result<Pattern, glob::PatternError> {
        let is_absolute = Path::new(&self.path).has_root() || self.path.starts_with("**");
        if is_absolute { Pattern::new(&self.path) } else { Pattern::new(&format!("**/{}", self.path)) }
    }
}

impl IngestConfig {
    /// Refuses rules that cannot work.
    pub(super) fn check_rules(&self) -> Result<()> {
        let refused = |reason: String| Err(Error::Config { reason });
        if self.rules.len() > MAX_RULES {
            return refused(format!("there are {} [[ingest.rules]]; at most {MAX_RULES} are read", self.rules.len()));
        }
        for rule in &self.rules {
            let name = format!("[[ingest.rules]] path = {:?}", rule.path);
            if rule.path.is_empty() {
                return refused(format!("{name}: the path is empty; \"**\" stands for all files"));
            }
            if let Err(error) = rule.pattern() {
                return refused(format!("{name}: the pattern cannot be read: {}", error.msg));
            }
            if let Some((key, _)) = rule.metadata.iter().find(|(_, value)| !is_plain(value)) {
                return refused(format!("{name}: metadata `{key}` is a table or a date; write it as text, in quotes"));
            }
        }
        Ok(())
    }
}

/// Whether a value is a text, a number, true, false, or a list of those.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().all(|value| !matches!(value, Value::Array(_) | Value::Object(_))),
        Value::Object(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn rule(path: &str) -> IngestRule {
        IngestRule { path: path.into(), source: None, language: None, tags: Vec::new(), metadata: Map::new() }
    }

    #[test]
    fn a_pattern_matches_the_end_of_a_path_or_an_absolute_one() {
        for (pattern, path, expected) in [
            ("news/**", "/home/a/news/2026/b.md", true),
            ("news/**", "/home/a/news/b.md", true),
            ("news/**", "news/b.md", true),
            ("news/**", "/home/a/oldnews/b.md", false),
            ("news/*.md", "/home/a/news/2026/b.md", false),
            ("*.eml", "/home/a/b.eml", true),
            ("*.eml", "b.eml", true),
            ("*.eml", "/home/b.eml/c.md", false),
            ("/home/**/*.pdf", "/home/a/b/c.pdf", true),
            ("/home/**/*.pdf", "/srv/home/c.pdf", false),
            ("**", "/home/a.md", true),
            ("新聞/**", "/資料/新聞/a.md", true),
            ("news/202[56]/**", "/news/2026/b.md", true),
        ] {
            assert_eq!(rule(pattern).matches(Path::new(path)), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn rules_that_cannot_work_are_refused() {
        let check = |rule: IngestRule| {
            let mut config = Config::default().ingest;
            config.rules = vec![rule];
            config.check_rules().map_err(|error| error.to_string())
        };
        assert_eq!(check(rule("a/**")), Ok(()));
        assert!(check(rule("a**")).unwrap_err().contains("a**"));
        assert!(check(rule("")).is_err());
        let metadata = Map::from_iter([("since".to_owned(), Value::Object(Map::new()))]);
        assert!(check(IngestRule { metadata, ..rule("a") }).unwrap_err().contains("since"));
    }
}
