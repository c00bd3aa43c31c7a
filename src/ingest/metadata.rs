//! Metadata that come from outside a document: from the command line, and from the rules for folders.

use std::path::Path;

use serde_json::{Map, Number, Value};

use super::dates::document_date;
use super::split::take_field;
use crate::config::IngestConfig;
use crate::error::{Error, Result};
use crate::passage::NewDocument;

/// Metadata for all documents of some files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    title: Option<String>,
    source: Option<String>,
    published: Option<String>,
    language: Option<String>,
    tags: Vec<String>,
    other: Map<String, Value>,
}

impl Metadata {
    /// Reads `key=value` pairs. The keys `title`, `source`, `published`, `language` and `tags`, and the other names that
    /// front matter has for them, are fields of a document; every other key is metadata. Tags are separated by commas. A
    /// value that is a number, `true` or `false` is kept as such, as in front matter.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a pair that cannot be read, a key that is given twice, and the id or address, which cannot be
    /// the same for several documents.
    pub fn parse(pairs: &[String]) -> Result<Self> {
        let refused = |reason: String, hint: &str| Err(Error::Input { reason, hint: hint.into() });
        let mut fields = NewDocument::default();
        let mut other = Map::new();
        for pair in pairs {
            let (key, value) = pair.split_once('=').map_or((pair.as_str(), ""), |(key, value)| (key, value.trim()));
            let key = key.trim();
            if key.is_empty() || value.is_empty() {
                return refused(
                    format!("`{pair}` is not a key and a value"),
                    "write it as key=value, such as source=Reuters",
                );
            }
            if matches!(key.to_lowercase().as_str(), "id" | "uri" | "url" | "link" | "text" | "format") {
                return refused(
                    format!("`{key}` cannot be the same for several documents"),
                    "give it in the front matter of each file, or ingest one document with `footnote ingest - --id ID`",
                );
            }
            if let Some(unused) = take_field(&mut fields, key, Value::String(value.to_owned())) {
                if matches!(key.to_lowercase().as_str(), "date" | "published") && document_date(value).is_none() {
                    return refused(
                        format!("the date `{value}` cannot be read as one date"),
                        "give a date such as 2026-01-31, or an RFC 3339 time",
                    );
                }
                let is_field = take_field(&mut NewDocument::default(), key, unused).is_none();
                if is_field || other.insert(key.to_owned(), typed(value)).is_some() {
                    return refused(format!("`{key}` is given twice"), "give each key once; `tags` can be repeated");
                }
            }
        }
        let NewDocument { title, source, published, language, tags, .. } = fields;
        Ok(Self { title, source, published, language, tags, other })
    }

    /// What the rules give the documents of the file at `path`. A later rule replaces fields of an earlier one.
    pub(super) fn of_rules(config: &IngestConfig, path: &Path) -> Self {
        let mut metadata = Self::default();
        for rule in config.rules.iter().filter(|rule| rule.matches(path)) {
            metadata.source = rule.source.clone().or(metadata.source);
            metadata.language = rule.language.clone().or(metadata.language);
            add_tags(&mut metadata.tags, &rule.tags);
            metadata.other.extend(rule.metadata.clone());
        }
        metadata
    }

    /// Adds what a document does not say itself.
    pub(super) fn complete(&self, document: &mut NewDocument) {
        let slots = [
            (&mut document.title, &self.title),
            (&mut document.source, &self.source),
            (&mut document.published, &self.published),
            (&mut document.language, &self.language),
        ];
        for (slot, value) in slots {
            if slot.is_none() {
                slot.clone_from(value);
            }
        }
        add_tags(&mut document.tags, &self.tags);
        for (key, value) in &self.other {
            document.metadata.entry(key).or_insert_with(|| value.clone());
        }
    }

    /// Replaces what a document says itself. Tags are added to its own.
    pub(crate) fn replace(&self, document: &mut NewDocument) {
        let slots = [
            (&mut document.title, &self.title),
            (&mut document.source, &self.source),
            (&mut document.published, &self.published),
            (&mut document.language, &self.language),
        ];
        for (slot, value) in slots {
            if value.is_some() {
                slot.clone_from(value);
            }
        }
        add_tags(&mut document.tags, &self.tags);
        document.metadata.extend(self.other.clone());
    }

    /// The metadata as text, which is the same for the same metadata; empty if there are none.
    pub(super) fn fingerprint(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        let Self { title, source, published, language, tags, other } = self;
        let text = serde_json::json!([title, source, published, language, tags, other]).to_string();
        blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
    }
}

fn add_tags(tags: &mut Vec<String>, more: &[String]) {
    for tag in more {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
}

/// A value as YAML has it: a number, true, false, or text. `007` and `1e5` are text.
fn typed(value: &str) -> Value {
    match value {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => {
            let number = value.parse::<Number>().ok().filter(|number| number.to_string() == value);
            number.map_or_else(|| Value::String(value.to_owned()), Value::Number)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{Config, IngestRule};

    fn parse(pairs: &[&str]) -> Result<Metadata> {
        Metadata::parse(&pairs.iter().map(|pair| (*pair).to_owned()).collect::<Vec<_>>())
    }

    fn rule(path: &str, source: &str, tag: &str, metadata: Value) -> IngestRule {
        let Value::Object(metadata) = metadata else { panic!("it is an object") };
        let source = (!source.is_empty()).then(|| source.to_owned());
        IngestRule { path: path.into(), source, language: None, tags: vec![tag.into()], metadata }
    }

    #[test]
    fn pairs_are_fields_or_metadata() {
        let given =
            parse(&["source=Desk", "date=2026年1月31日", "tags=a, b", "tags=c", "year=2026", "code=007", "x=a=b"]);
        let mut document = NewDocument { tags: vec!["b".into()], source: Some("File".into()), ..Default::default() };
        given.unwrap().replace(&mut document);
        assert_eq!(document.source.as_deref(), Some("Desk"));
        assert_eq!(document.published.as_deref(), Some("2026-01-31"));
        assert_eq!(document.tags, ["b", "a", "c"]);
        assert_eq!(Value::Object(document.metadata), json!({"year": 2026, "code": "007", "x": "a=b"}));
    }

    #[test]
    fn pairs_that_cannot_be_meant_are_refused() {
        for (pairs, reason) in [
            (&["source"][..], "`source` is not a key and a value"),
            (&["=a"], "`=a` is not a key and a value"),
            (&["source="], "`source=` is not a key and a value"),
            (&["id=a"], "`id` cannot be the same for several documents"),
            (&["url=https://a.example"], "`url` cannot be the same for several documents"),
            (&["published=03/04/2026"], "the date `03/04/2026` cannot be read as one date"),
            (&["source=a", "author=b"], "`author` is given twice"),
            (&["n=1", "n=2"], "`n` is given twice"),
            (&["published=2026", "published=2025"], "`published` is given twice"),
        ] {
            assert_eq!(parse(pairs).unwrap_err().to_string(), reason, "{pairs:?}");
        }
    }

    #[test]
    fn a_file_wins_over_rules_and_a_later_rule_over_an_earlier_one() {
        let mut config = Config::default().ingest;
        config.rules = vec![
            rule("**", "All", "all", json!({"desk": "none", "n": 1})),
            rule("news/**", "News", "news", json!({"desk": "news"})),
            rule("mail/**", "Mail", "mail", json!({})),
        ];
        let metadata = Metadata::of_rules(&config, Path::new("/home/news/a.md"));
        let mut blank = NewDocument::default();
        metadata.complete(&mut blank);
        assert_eq!((blank.source.as_deref(), blank.tags.join(" ").as_str()), (Some("News"), "all news"));
        assert_eq!(Value::Object(blank.metadata), json!({"desk": "news", "n": 1}));
        let own = json!({"desk": "own"}).as_object().unwrap().clone();
        let mut file = NewDocument { source: Some("File".into()), metadata: own, ..Default::default() };
        metadata.complete(&mut file);
        assert_eq!(file.source.as_deref(), Some("File"));
        assert_eq!(Value::Object(file.metadata), json!({"desk": "own", "n": 1}));
    }

    #[test]
    fn metadata_that_differ_have_fingerprints_that_differ() {
        assert_eq!(Metadata::default().fingerprint(), "");
        let one = parse(&["source=a"]).unwrap().fingerprint();
        assert_eq!(one, parse(&["source=a"]).unwrap().fingerprint());
        assert_ne!(one, parse(&["title=a"]).unwrap().fingerprint());
    }
}
