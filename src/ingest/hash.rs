//! What makes two versions of a document the same.

use crate::passage::NewDocument;

/// BLAKE3 of all given fields. Each is hashed with its length, so that different fields cannot give the same bytes.
pub(super) fn hash_of(document: &NewDocument) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut field = |value: Option<&str>| {
        let value = value.unwrap_or("\0absent");
        hasher.update(&(value.len() as u64).to_le_bytes()).update(value.as_bytes());
    };
    field(Some(&document.text));
    field(document.title.as_deref());
    field(document.source.as_deref());
    field(document.uri.as_deref());
    field(document.published.as_deref());
    field(document.language.as_deref());
    field(Some(&serde_json::Value::from(document.tags.clone()).to_string()));
    field(Some(&serde_json::Value::Object(document.metadata.clone()).to_string()));
    field(Some(document.format.as_str()));
    if document.format.has_layout() {
        // The same text may have other places: a time of a subtitle, a row that was inserted, a new version of a reader.
        let layout = document.layout.plain_bytes();
        hasher.update(&(layout.len() as u64).to_le_bytes()).update(&layout);
    }
    *hasher.finalize().as_bytes()
}
