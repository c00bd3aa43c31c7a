//! Attributes, or metadata, of a document as other services have them: its own metadata and its known fields in one map.
//! All of it is display text, numbers and truth values, which all of these services accept.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::display::{self, one_line};
use crate::error::Result;
use crate::filter::Field;
use crate::filter::is_of_file;
use crate::footnote::{Collections, Question, SearchResults};
use crate::passage::{DocumentInfo, FoundPassage};

/// More copies of a text are counted, but not named.
const MAX_COPIES: usize = 20;

/// The fields and metadata of a document that are texts, numbers or truth values.
pub(super) fn attributes(document: &DocumentInfo) -> BTreeMap<String, Value> {
    let scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let own = document.metadata.iter().filter(|(_, value)| scalar(value));
    let clean = |value: &Value| value.as_str().map_or_else(|| value.clone(), |text| display::clean(text).into());
    let mut attributes: BTreeMap<String, Value> = own.map(|(name, value)| (name.clone(), clean(value))).collect();
    let known = [
        ("source", &document.source),
        ("uri", &document.uri.clone().filter(|uri| !is_of_file(uri))),
        ("published", &document.published),
        ("language", &document.language),
    ];
    attributes.extend(
        known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), one_line(value.as_deref()?).into()))),
    );
    if !document.tags.is_empty() {
        attributes.insert("tags".into(), one_line(&document.tags.join(", ")).into());
    }
    attributes
}

/// The attributes of a passage's document, its quote, where that stands, and which other documents have it, too.
pub(super) fn attributes_of(passage: &FoundPassage) -> BTreeMap<String, Value> {
    let mut attributes = attributes(&passage.document);
    let quote = passage.quote.location.bytes;
    attributes.insert("quote".into(), display::clean(&passage.quote.text).into());
    attributes.insert("quote_bytes".into(), format!("{}-{}", quote.start, quote.end).into());
    if let Some(collection) = &passage.collection {
        attributes.insert("collection".into(), collection.as_str().into());
    }
    if let Some(label) = passage.place_label() {
        attributes.insert("place".into(), one_line(&label).into());
    }
    if let Some((page, _)) = passage.place.as_ref().and_then(|place| place.pages) {
        attributes.insert("page".into(), page.into());
    }
    if !passage.copies.is_empty() {
        let ids: Vec<String> = passage.copies.iter().take(MAX_COPIES).map(|copy| one_line(&copy.id)).collect();
        attributes.insert("copies".into(), passage.copies.len().into());
        attributes.insert("copy_ids".into(), ids.join(", ").into());
    }
    attributes
}

/// Passages with their attributes. Those of another time than the question asks for have `outside_time`, those that say what a
/// newer one says differently `older_version`.
pub(super) fn marked(
    collections: &Collections<'_>,
    question: &Question,
    mut found: SearchResults,
) -> Result<Vec<(FoundPassage, BTreeMap<String, Value>)>> {
    let older = collections.older_versions(question, &found)?;
    let passages = std::mem::take(&mut found.passages);
    let marked = passages.into_iter().enumerate().map(|(place, passage)| {
        let mut attributes = attributes_of(&passage);
        if found.time.as_ref().is_some_and(|time| time.is_outside(&passage)) {
            attributes.insert("outside_time".into(), true.into());
        }
        if older.contains(&place) {
            attributes.insert("older_version".into(), true.into());
        }
        (passage, attributes)
    });
    Ok(marked.collect())
}

/// The field of this name, or else the metadata of this name.
pub(super) fn field(name: &str) -> Field {
    Field::parse(name).unwrap_or_else(|_| Field::Metadata(name.to_owned()))
}
