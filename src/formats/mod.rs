//! Reads files of many formats: each reader turns bytes into text, and knows where each part of the text stands in the
//! file.
//!
//! Readers are functions of bytes. They open no files, and none of them panics on any input; but some rest on libraries
//! that can crash or take too much memory, so those run in a child process.

mod archive;
mod builder;
mod child;
mod code;
mod csv;
mod detect;
mod docx;
mod epub;
mod flow;
mod grid;
mod html;
pub(crate) mod internals;
mod json;
mod language;
mod mail;
mod markup;
mod msg;
mod numerals;
mod odf;
mod ooxml;
mod package;
mod pdf;
mod pixels;
mod pptx;
mod read;
mod rtf;
mod sheet;
mod slide;
mod subtitles;
mod text;
mod versions;
mod xml;

pub(crate) use child::{Reader, ReaderLimits, main as reader_main};
pub(crate) use versions::READERS;

use crate::passage::{Format, Layout};

#[cfg(feature = "cli")]
pub(crate) use detect::by_content;
pub(crate) use detect::{by_name, of as format_of, unreadable};
#[cfg(feature = "server")]
pub(crate) use html::outline;
pub(crate) use pixels::{MAX_PIXELS, MAX_SIDE, Pixels, RecognisedLetter, RecognisedLine, Scan};

#[cfg(feature = "server")]
pub(crate) use xml::{Element as XmlElement, Node, Part as XmlPart, Visit, Xml};

/// A document in a file.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Extracted {
    /// What identifies it within its file: the name of a member of an archive, of an attachment, the number of a message.
    /// Empty for the file itself.
    pub(crate) part: String,
    /// The name of its format, [`Format::as_str`].
    pub(crate) format: Format,
    /// Its text. Lines end with `\n`, paragraphs with an empty line.
    pub(crate) text: String,
    /// Where the text stands in the file.
    pub(crate) layout: Layout,
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    /// As the file writes it; ingest makes a date of it.
    pub(crate) published: Option<String>,
    /// BCP 47 language tag, if the file names one.
    pub(crate) language: Option<String>,
    /// Its canonical address on the web.
    pub(crate) url: Option<String>,
    pub(crate) tags: Vec<String>,
    /// Other facts, such as a message's recipients.
    #[serde(with = "child::json_text")]
    pub(crate) metadata: serde_json::Map<String, serde_json::Value>,
    /// What a user should know: pages without text, hidden text that was left out, a guessed encoding. Whole sentences
    /// without a full stop, which start with a lower-case letter and have the document as their subject: `has 3 pages
    /// without text`.
    pub(crate) notes: Vec<String>,
    /// Whether the file holds something that could not be read, but may be readable another time: then what was read from it
    /// before must not be removed.
    #[serde(default)]
    pub(crate) incomplete: bool,
    /// Whether it has pages without a text of their own, so that what is read of it depends on whether text is recognised.
    #[serde(default)]
    pub(crate) has_scans: bool,
}

impl Extracted {
    /// Whether its headings and places lie in its text. A reader that was taken over could say anything.
    fn is_sound(&self) -> bool {
        self.layout.fits(&self.text)
    }
}

/// What a reader finds in a file.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Its documents. Most files have one.
    pub(crate) documents: Vec<Extracted>,
    /// Files inside it, which are read by their own readers: attachments, members of an archive.
    pub(crate) files: Vec<InnerFile>,
}

/// A file inside a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InnerFile {
    /// Its name, with its folders.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Failure {
    /// Has the file as its subject: `is encrypted`.
    pub(crate) reason: String,
    /// What to do about it: `remove the password and ingest it again`.
    pub(crate) hint: String,
    /// Whether the same file may be readable another time: it is the machine that lacks something.
    pub(crate) is_passing: bool,
}

impl Failure {
    pub(crate) fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into(), is_passing: false }
    }

    /// One that is not of the file.
    pub(crate) fn passing(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { is_passing: true, ..Self::new(reason, hint) }
    }

    /// Its text is longer than the limit.
    pub(crate) fn too_much_text(max_bytes: usize) -> Self {
        let megabytes = max_bytes.div_ceil(1024 * 1024);
        let hint = "split it, or raise [ingest] max_document_bytes in config.toml";
        Self::new(format!("has more than {megabytes} MB of text"), hint)
    }
}

/// The result of reading.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Limits and settings of reading.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Options {
    /// The most bytes of text that a document may have.
    pub(crate) max_text_bytes: usize,
    /// Where JSON has the text, the title and so on.
    pub(crate) json: JsonFields,
    /// Whether the text of pages that have none of their own is recognised.
    pub(crate) recognise: bool,
}

/// Recognises the text of a page. The lines come in no particular order.
pub(crate) type Recognise<'a> = dyn FnMut(&Scan) -> Result<Vec<RecognisedLine>> + 'a;

/// The fields of a JSON object that make a document. Each is a list of names or, if they begin with `/`, JSON pointers; the
/// first that has a value counts. An empty list stands for the usual names.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct JsonFields {
    pub(crate) text: Vec<String>,
    pub(crate) title: Vec<String>,
    pub(crate) id: Vec<String>,
    pub(crate) date: Vec<String>,
    pub(crate) url: Vec<String>,
    pub(crate) author: Vec<String>,
    pub(crate) language: Vec<String>,
    pub(crate) tags: Vec<String>,
}

impl Options {
    /// Options with this limit, the rest as usual.
    pub(crate) const fn new(max_text_bytes: usize) -> Self {
        let json = JsonFields {
            text: Vec::new(),
            title: Vec::new(),
            id: Vec::new(),
            date: Vec::new(),
            url: Vec::new(),
            author: Vec::new(),
            language: Vec::new(),
            tags: Vec::new(),
        };
        Self { max_text_bytes, json, recognise: false }
    }
}

impl Contents {
    /// A file that is one document.
    pub(crate) fn one(document: Extracted) -> Self {
        Self { documents: vec![document], files: Vec::new() }
    }
}
