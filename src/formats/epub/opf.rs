//! What a book's package document says: its title and so on, and its chapters in reading order.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::formats::package::resolve;
use crate::formats::xml::{Node, Part};
use crate::formats::{Failure, Result};

/// No book has more.
const MAX_CHAPTERS: usize = 10_000;
const MAX_SUBJECTS: usize = 20;
const MAX_STYLES: usize = 100;

/// A book without its text.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Option<String>,
    pub(super) language: Option<String>,
    pub(super) subjects: Vec<String>,
    /// Publisher, identifier, when it was changed.
    pub(super) other: Map<String, Value>,
    /// The files of its chapters in reading order.
    pub(super) chapters: Vec<String>,
    pub(super) styles: Vec<String>,
    /// The file of its table of contents.
    pub(super) nav: Option<String>,
    /// The file of its table of contents in the older form.
    pub(super) ncx: Option<String>,
}

#[derive(Debug)]
struct Item {
    href: String,
    is_text: bool,
}

/// Reads the package document `part`, whose name is `name`.
pub(super) fn read(part: &Part, name: &str) -> Result<Book> {
    let mut book = Book::default();
    let mut authors: Vec<String> = Vec::new();
    let mut items: HashMap<String, Item> = HashMap::new();
    let mut is_publication = false;
    let mut is_cover_only = Vec::new();
    let mut xml = part.xml().with_document_type();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "title" if book.title.is_none() => book.title = line(&xml.text()?),
            "creator" => authors.extend(line(&xml.text()?).filter(|_| authors.len() < MAX_SUBJECTS)),
            "language" if book.language.is_none() => book.language = line(&xml.text()?),
            "date" => {
                let event = element.attribute("event");
                let date = line(&xml.text()?);
                match event.as_deref() {
                    Some("modification") => insert(&mut book.other, "modified", date),
                    Some("publication") => (book.published, is_publication) = (date, true),
                    _ if !is_publication => book.published = date.or(book.published),
                    _ => {}
                }
            }
            "subject" => book.subjects.extend(line(&xml.text()?).filter(|_| book.subjects.len() < MAX_SUBJECTS)),
            "publisher" => insert(&mut book.other, "publisher", line(&xml.text()?)),
            "identifier" => insert(&mut book.other, "identifier", line(&xml.text()?)),
            "meta" if element.attribute("property").as_deref() == Some("dcterms:modified") => {
                insert(&mut book.other, "modified", line(&xml.text()?));
            }
            "item" => {
                let (Some(id), Some(href)) = (element.attribute("id"), element.attribute("href")) else { continue };
                let kind = element.attribute("media-type").unwrap_or_default();
                let href = resolve(name, &href);
                if element.attribute("properties").is_some_and(|all| all.split_whitespace().any(|it| it == "nav")) {
                    book.nav = Some(href.clone());
                }
                if kind == "application/x-dtbncx+xml" {
                    book.ncx = Some(href.clone());
                }
                if kind == "text/css" && book.styles.len() < MAX_STYLES {
                    book.styles.push(href.clone());
                }
                let is_text = matches!(kind.as_str(), "application/xhtml+xml" | "text/html" | "text/x-oeb1-document");
                items.insert(id, Item { href, is_text });
            }
            "itemref" => {
                let item = element.attribute("idref").and_then(|id| items.get(&id)).filter(|item| item.is_text);
                let Some(item) = item.filter(|item| book.nav.as_ref() != Some(&item.href)) else { continue };
                if element.attribute("linear").as_deref() == Some("no") {
                    is_cover_only.push(item.href.clone());
                } else if book.chapters.len() < MAX_CHAPTERS {
                    book.chapters.push(item.href.clone());
                }
            }
            _ => {}
        }
    }
    if book.chapters.is_empty() {
        // Some tools mark every chapter as apart from the reading order.
        book.chapters = is_cover_only;
    }
    if book.chapters.is_empty() {
        return Err(Failure::new("is a book without chapters", "check it with a program that reads EPUB"));
    }
    book.author = (!authors.is_empty()).then(|| authors.join(", "));
    Ok(book)
}

/// A text on one line, if there is any.
fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

fn insert(map: &mut Map<String, Value>, name: &str, value: Option<String>) {
    if let Some(value) = value {
        map.entry(name).or_insert_with(|| value.into());
    }
}
