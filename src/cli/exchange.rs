//! The form of an export: JSON lines, first a head, then a line for each document, last the number of documents.
//!
//! It has what was given and what the readers found: text, metadata and places in the original file. It has no vectors, so
//! that any version with any model can take it in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::passage::{Document, Format, Layout, NewDocument};

/// Names the form.
const FORMAT: &str = "footnote-export";
/// The version of the form. It grows when a line has something without which a reader would lose a part of the document.
const VERSION: u32 = 1;

/// A line of an export.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Head(Head),
    Document(Box<Exported>),
    End(End),
}

/// The first line.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    format: String,
    version: u32,
    /// The collection that was exported.
    pub(super) collection: String,
    /// When: RFC 3339, UTC.
    made: String,
}

/// The last line.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    /// Lines with documents.
    pub(super) documents: usize,
}

/// A document.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Exported {
    id: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
    /// The format of its file.
    format: Format,
    text: String,
    /// Headings, pages, places and rows, with spans in bytes of the text. Left out if the text is the file's.
    #[serde(default, skip_serializing_if = "Layout::is_empty")]
    layout: Layout,
}

impl Line {
    /// The first line of an export of this collection.
    pub(super) fn head(collection: &str) -> Self {
        let made = crate::timestamp::now();
        Self::Head(Head { format: FORMAT.to_owned(), version: VERSION, collection: collection.to_owned(), made })
    }

    /// Reads a line; `number` counts from 1.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] that names the line.
    pub(super) fn read(line: &[u8], number: usize) -> Result<Self> {
        serde_json::from_slice(line).map_err(|_| Error::Input {
            reason: format!("line {number} is not a line of an export"),
            hint: "give a file that `footnote export` wrote; `footnote ingest` reads all others".into(),
        })
    }

    /// As a line of text, with its end.
    pub(super) fn write(&self) -> String {
        // Strings, numbers and lists always serialize.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

impl Head {
    /// Refuses what this version cannot read.
    pub(super) fn check(&self) -> Result<()> {
        if self.format == FORMAT && self.version <= VERSION {
            return Ok(());
        }
        Err(Error::Input {
            reason: format!(
                "it is a `{}` of version {}; this program reads `{FORMAT}` up to {VERSION}",
                self.format, self.version
            ),
            hint: "import it with the version of Footnote that wrote it, or a newer one".into(),
        })
    }
}

impl From<Document> for Exported {
    fn from(document: Document) -> Self {
        let Document { info, text, layout } = document;
        Self {
            id: info.id,
            title: info.title,
            source: info.source,
            uri: info.uri,
            published: info.published,
            language: info.language,
            tags: info.tags,
            metadata: info.metadata,
            format: info.format,
            text,
            layout,
        }
    }
}

impl From<Exported> for NewDocument {
    fn from(exported: Exported) -> Self {
        // Written out, so that a new field is not forgotten.
        let Exported { id, title, source, uri, published, language, tags, metadata, format, text, layout } = exported;
        Self {
            id: Some(id),
            title: Some(title),
            text,
            source,
            uri,
            published,
            language,
            tags,
            metadata,
            format,
            layout,
            origin: None,
            original: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{At, DocumentInfo, Heading, Place, Span};

    fn document() -> Document {
        let layout = Layout {
            reader: "pdf 3".into(),
            headings: vec![Heading { span: Span::new(0, 5), level: 1, text: "Ferry".into() }],
            places: vec![Place { span: Span::new(0, 5), at: At::Row(7) }],
            ..Layout::default()
        };
        let info =
            DocumentInfo { id: "a".into(), title: "Ferry".into(), tags: vec!["t".into()], ..DocumentInfo::default() };
        Document { info, text: "Ferry\nIt leaves at six.".into(), layout }
    }

    #[test]
    fn a_document_that_is_written_and_read_again_is_the_same() {
        let line = Line::Document(Box::new(document().into()));
        assert_eq!(Line::read(line.write().as_bytes(), 1).unwrap(), line);
        let Line::Document(read) = Line::read(line.write().as_bytes(), 1).unwrap() else { panic!("it is a document") };
        let new = NewDocument::from(*read);
        assert_eq!((new.text, new.layout, new.title), (document().text, document().layout, Some("Ferry".into())));
        assert!(
            matches!(Line::read(Line::head("c").write().as_bytes(), 1).unwrap(), Line::Head(head) if head.check().is_ok())
        );
        assert!(matches!(Line::read(b"{\"documents\":3}\n", 1).unwrap(), Line::End(End { documents: 3 })));
    }

    /// An export of version 1, as it was written when that was made. It must be read for good.
    #[test]
    fn the_first_version_is_still_read() {
        let text = include_str!("exchange_1.jsonl");
        let lines: Vec<Line> =
            text.lines().zip(1..).map(|(line, number)| Line::read(line.as_bytes(), number).unwrap()).collect();
        assert!(matches!(&lines[0], Line::Head(head) if head.check().is_ok()));
        let Line::Document(read) = &lines[1] else { panic!("it is a document") };
        assert_eq!(**read, document().into());
        assert!(matches!(lines[2], Line::End(End { documents: 1 })));
    }

    #[test]
    fn other_lines_and_newer_versions_are_refused_by_name() {
        for line in ["", "{}", "[]", "{\"id\": \"a\"}", "text"] {
            assert!(Line::read(line.as_bytes(), 7).unwrap_err().to_string().contains("line 7"), "{line}");
        }
        let newer = Head { format: FORMAT.into(), version: VERSION + 1, collection: "c".into(), made: String::new() };
        assert!(newer.check().unwrap_err().to_string().contains("version 2"));
    }
}
