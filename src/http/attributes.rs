//! What other services call attributes or metadata: a document's own and what is known of every document, under one roof.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::filter::Field;
use crate::passage::DocumentInfo;

/// What is known of a document, as far as it is texts, numbers and truths.
pub(super) fn attributes(document: &DocumentInfo) -> BTreeMap<String, Value> {
    let scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let own = document.metadata.iter().filter(|(_, value)| scalar(value));
    let mut attributes: BTreeMap<String, Value> = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    let known = [
        ("source", &document.source),
        ("uri", &document.uri),
        ("published", &document.published),
        ("language", &document.language),
    ];
    attributes.extend(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into()))));
    if !document.tags.is_empty() {
        attributes.insert("tags".into(), document.tags.join(", ").into());
    }
    attributes
}

/// A field of the documents by its name, or what their metadata have under it.
pub(super) fn field(name: &str) -> Field {
    Field::parse(name).unwrap_or_else(|_| Field::Metadata(name.to_owned()))
}
