//! Facts about documents, as names and values. Pure.

use serde_json::Value;

use crate::passage::DocumentInfo;

/// The metadata of a document that is set, in the order in which it is shown.
pub(super) fn known(info: &DocumentInfo) -> Vec<(&str, String)> {
    let mut known = vec![("id", info.id.clone()), ("title", info.title.clone())];
    let optional =
        [("source", &info.source), ("uri", &info.uri), ("published", &info.published), ("language", &info.language)];
    known.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    if !info.tags.is_empty() {
        known.push(("tags", info.tags.join(", ")));
    }
    known.extend(info.metadata.iter().map(|(name, value)| match value {
        Value::String(value) => ("metadata", format!("{name}: {value}")),
        value => ("metadata", format!("{name}: {value}")),
    }));
    known.push(("format", info.format.as_str().to_owned()));
    known.push(("size", format!("{}, {}", counted(info.size_bytes, "byte"), counted(info.passages, "passage"))));
    known.push(("ingested", info.ingested.clone()));
    known
}

/// `1 passage`, `2 passages`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
