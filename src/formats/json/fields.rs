//! Finds the fields of an object that make a document.

use serde_json::{Map, Value};

use super::super::{Extracted, JsonFields};

/// Objects in which fields may stand, besides the item itself.
const INSIDE: &[&str] = &["meta", "metadata", "_source", "properties"];

/// A longer value is not a fact about a document, in bytes.
const MAX_FACT_BYTES: usize = 300;

/// The most facts of a document.
const MAX_FACTS: usize = 32;

const TEXT: &[&str] = &["body", "content", "text", "article", "message", "description", "abstract", "summary"];
/// Of those, the ones that stand among other values.
const PARTIAL: &[&str] = &["description", "abstract", "summary"];
const TITLE: &[&str] = &["title", "headline", "name", "subject", "heading"];
const ID: &[&str] = &["id", "_id", "uuid", "guid", "key", "slug"];
const DATE: &[&str] = &[
    "published",
    "date",
    "published_at",
    "publishedAt",
    "date_published",
    "datePublished",
    "pub_date",
    "pubDate",
    "created_at",
    "createdAt",
    "created",
    "timestamp",
    "time",
];
const URL: &[&str] = &["url", "uri", "link", "canonical_url", "href"];
const AUTHOR: &[&str] = &["author", "authors", "byline", "creator", "by"];
const LANGUAGE: &[&str] = &["language", "lang", "locale"];
const TAGS: &[&str] = &["tags", "keywords", "categories", "labels"];

/// The fields to look for.
pub(super) struct Fields<'a> {
    settings: &'a JsonFields,
}

impl<'a> Fields<'a> {
    pub(super) fn new(settings: &'a JsonFields) -> Self {
        Self { settings }
    }

    /// The text of an item in paragraphs, each with its JSON pointer in the item.
    pub(super) fn text(&self, item: &Value) -> Vec<(String, String)> {
        let mut pieces = Vec::new();
        for (pointer, value) in candidates(item, &self.settings.text, TEXT) {
            add_pieces(value, pointer, &mut pieces);
            if !pieces.is_empty() {
                break;
            }
        }
        pieces
    }

    /// The member that a text is from, if that is only a part of what the item says: an item of a catalogue has a
    /// description among other values.
    pub(super) fn partial(&self, pieces: &[(String, String)]) -> Option<&'static str> {
        let (_, pointer) = pieces.first().filter(|_| self.settings.text.is_empty())?;
        let member = pointer.split('/').nth(1)?;
        PARTIAL.iter().copied().find(|name| *name == member)
    }

    /// Tells the document what the item says of it, and gives its id.
    pub(super) fn describe(&self, item: &Value, document: &mut Extracted) -> Option<String> {
        let settings = self.settings;
        document.title = first(item, &settings.title, TITLE, scalar);
        document.author = first(item, &settings.author, AUTHOR, names);
        document.published = first(item, &settings.date, DATE, date);
        document.url = first(item, &settings.url, URL, |value| scalar(value).filter(|url| url.contains("://")));
        document.language = first(item, &settings.language, LANGUAGE, language);
        document.tags = first(item, &settings.tags, TAGS, tags).unwrap_or_default();
        document.metadata = facts(item);
        first(item, &settings.id, ID, scalar)
    }
}

/// The values of these fields, with their pointers.
fn candidates<'v>(item: &'v Value, set: &[String], usual: &[&str]) -> Vec<(String, &'v Value)> {
    let mut found: Vec<(String, &Value)> = Vec::new();
    for name in set {
        let pointer = if name.starts_with('/') { name.clone() } else { pointer_to("", name) };
        found.extend(item.pointer(&pointer).map(|value| (pointer, value)));
    }
    let outers = std::iter::once(("", Some(item))).chain(INSIDE.iter().map(|name| (*name, item.get(name))));
    for (outer, object) in outers.filter(|_| set.is_empty()) {
        let Some(object) = object.and_then(Value::as_object) else { continue };
        let base = if outer.is_empty() { String::new() } else { pointer_to("", outer) };
        let known = usual.iter().filter_map(|name| Some((*name, object.get(*name)?)));
        found.extend(known.map(|(name, value)| (pointer_to(&base, name), value)));
    }
    found.retain(|(_, value)| !value.is_null());
    found
}

fn first<T>(item: &Value, set: &[String], usual: &[&str], read: impl Fn(&Value) -> Option<T>) -> Option<T> {
    candidates(item, set, usual).into_iter().find_map(|(_, value)| read(value))
}

/// The pointer to a member of the object at `base`.
pub(super) fn pointer_to(base: &str, name: &str) -> String {
    format!("{base}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Adds the paragraphs in a value: a string, a list, or an object with a text of its own, as editors store blocks.
fn add_pieces(value: &Value, pointer: String, pieces: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if !text.trim().is_empty() => pieces.push((text.clone(), pointer)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| add_pieces(value, format!("{pointer}/{index}"), pieces));
        }
        Value::Object(_) => {
            let known = pieces.len();
            for (inner, value) in candidates(value, &[], TEXT) {
                add_pieces(value, format!("{pointer}{inner}"), pieces);
                if pieces.len() > known {
                    break;
                }
            }
        }
        _ => {}
    }
}

/// A string or a number as text on one line.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            (!line.is_empty()).then_some(line)
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A name, an object with a name, or a list of them.
fn names(value: &Value) -> Option<String> {
    match value {
        Value::Array(list) => {
            let names: Vec<String> = list.iter().filter_map(names).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        Value::Object(object) => object.get("name").and_then(scalar),
        other => scalar(other),
    }
}

/// A date as it is written, or the seconds or milliseconds of Unix as one.
fn date(value: &Value) -> Option<String> {
    let Value::Number(number) = value else { return scalar(value) };
    let time = match number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))? {
        seconds @ 100_000_000..=9_999_999_999 => jiff::Timestamp::from_second(seconds),
        milliseconds @ 100_000_000_000..=9_999_999_999_999 => jiff::Timestamp::from_millisecond(milliseconds),
        year @ 1000..=9999 => return Some(year.to_string()),
        _ => return None,
    };
    time.ok().map(|time| time.to_string())
}

fn language(value: &Value) -> Option<String> {
    let tag = value.as_str()?.trim().replace('_', "-");
    let is_tag = (2..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_tag.then_some(tag)
}

fn tags(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(list) => Some(list.iter().filter_map(names).collect()),
        Value::String(text) => {
            Some(text.split([',', ';', '、']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect())
        }
        _ => None,
    }
}

/// Whether a member of this name tells a field of the document.
pub(super) fn is_field(name: &str) -> bool {
    [TITLE, ID, DATE, URL, AUTHOR, LANGUAGE, TAGS].iter().any(|names| names.contains(&name))
}

/// Short values that are not the document's own fields.
fn facts(item: &Value) -> Map<String, Value> {
    let Value::Object(object) = item else { return Map::new() };
    let own = [TEXT, TITLE, DATE, URL, AUTHOR, LANGUAGE, TAGS];
    let is_fact = |value: &Value| match value {
        Value::String(text) => !text.is_empty() && text.len() <= MAX_FACT_BYTES,
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    let others =
        object.iter().filter(|(name, value)| is_fact(value) && !own.iter().any(|own| own.contains(&name.as_str())));
    others.take(MAX_FACTS).map(|(name, value)| (name.clone(), value.clone())).collect()
}
