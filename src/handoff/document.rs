//! Documents on their way to a server, with the files that they were read from.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::passage::{Format, Layout, NewDocument, Original, OriginalBytes};

/// A [`NewDocument`] with the file that it was read from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedDocument {
    id: Option<String>,
    title: Option<String>,
    text: String,
    source: Option<String>,
    uri: Option<String>,
    published: Option<String>,
    language: Option<String>,
    tags: Vec<String>,
    metadata: serde_json::Map<String, serde_json::Value>,
    format: Format,
    /// As it is stored, in Base64; empty if there is none.
    layout: String,
    origin: Option<String>,
    original: Option<HandedOriginal>,
}

/// An [`Original`]. If a copy of it is kept, it is at `origin`, or comes with it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedOriginal {
    name: String,
    hash: [u8; 32],
    size_bytes: u64,
    format: Format,
    is_kept: bool,
    /// Its bytes in Base64, if it is no file that the server could read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
}

impl HandedDocument {
    /// The file that it was read from.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }
}

impl From<NewDocument> for HandedDocument {
    fn from(document: NewDocument) -> Self {
        // Written out, so that a new field is not forgotten.
        let NewDocument {
            id,
            title,
            text,
            source,
            uri,
            published,
            language,
            tags,
            metadata,
            format,
            layout,
            origin,
            original,
        } = document;
        let layout = if layout.is_empty() { String::new() } else { BASE64_STANDARD.encode(layout.to_bytes()) };
        let original = original.as_deref().map(HandedOriginal::from);
        Self { id, title, text, source, uri, published, language, tags, metadata, format, layout, origin, original }
    }
}

impl From<HandedDocument> for NewDocument {
    fn from(document: HandedDocument) -> Self {
        let HandedDocument {
            id,
            title,
            text,
            source,
            uri,
            published,
            language,
            tags,
            metadata,
            format,
            layout,
            origin,
            original,
        } = document;
        let original = original.map(|original| Arc::new(original.at(origin.as_deref())));
        let layout =
            BASE64_STANDARD.decode(layout).ok().and_then(|bytes| Layout::from_bytes(&bytes, &text)).unwrap_or_default();
        Self { id, title, text, source, uri, published, language, tags, metadata, format, layout, origin, original }
    }
}

impl From<&Original> for HandedOriginal {
    fn from(original: &Original) -> Self {
        let Original { name, hash, size_bytes, format, copy } = original.clone();
        let bytes = match &copy {
            Some(OriginalBytes::Held(bytes)) => Some(BASE64_STANDARD.encode(bytes)),
            Some(OriginalBytes::InFile(_)) | None => None,
        };
        Self { name, hash, size_bytes, format, is_kept: copy.is_some(), bytes }
    }
}

impl HandedOriginal {
    /// The original of a document that was read from this file.
    fn at(self, origin: Option<&str>) -> Original {
        let Self { name, hash, size_bytes, format, is_kept, bytes } = self;
        let copy = match bytes {
            Some(bytes) => BASE64_STANDARD.decode(bytes).ok().map(OriginalBytes::Held),
            None => origin.filter(|_| is_kept).map(|origin| OriginalBytes::InFile(origin.into())),
        };
        Original { name, hash, size_bytes, format, copy }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Item, line};
    use super::*;
    use crate::ingest;

    #[test]
    fn a_document_arrives_with_all_that_is_known_of_it() {
        let document = NewDocument {
            id: Some("a".into()),
            title: Some("T".into()),
            text: "降息\r\n\u{1b}".into(),
            source: Some("Desk".into()),
            uri: Some("file:///a".into()),
            published: Some("2026-01-31".into()),
            language: Some("zh-Hant".into()),
            tags: vec!["t".into()],
            metadata: serde_json::from_str(r#"{"n": 3}"#).unwrap(),
            format: Format::Markdown,
            layout: Layout { reader: "test 1".into(), ..Layout::default() },
            origin: Some("/a".into()),
            original: Some(Arc::new(Original {
                name: "a.pdf".into(),
                hash: [7; 32],
                size_bytes: 9,
                format: Format::Pdf,
                copy: Some(OriginalBytes::InFile("/a".into())),
            })),
        };
        let sent = Item::from(ingest::Item::Document(Box::new(document.clone())));
        let ingest::Item::Document(arrived) = serde_json::from_slice::<Item>(&line(&sent)).unwrap().into() else {
            panic!("it is a document")
        };
        assert_eq!(*arrived, document);
    }
}
