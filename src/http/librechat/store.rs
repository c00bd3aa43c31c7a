//! `LibreChat`'s files as documents.
//!
//! They are in a collection of their own, since they belong to single users: the other collections' chats must not answer
//! from them. A file may be several documents, such as the articles of a digest or the messages of a mailbox.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::attributes::attributes;
use super::super::caller::Caller;
use super::PUBLIC;
use super::upload::Upload;
use crate::display::{clean, one_line};
use crate::error::{Error, Result};
use crate::filter::{Comparison, Field, Filter};
use crate::footnote::{DocumentQuery, Footnote, Outcome, SortBy};
use crate::library::Library;
pub(in super::super) use crate::library::OF_LIBRECHAT as COLLECTION;
use crate::passage::{CitedPlace, Document, DocumentInfo, Span};

/// The metadata by which a document is known to be of a file.
pub(super) const FILE_ID: &str = "file_id";
/// The metadata that says whose it is.
pub(super) const USER_ID: &str = "user_id";
/// The metadata that says which user sent it, if it is an agent's.
const UPLOADED_BY: &str = "uploaded_by";
/// The metadata with the file's name.
pub(super) const FILENAME: &str = "filename";

/// Documents of one file, at most.
const MAX_DOCUMENTS: usize = 10_000;

/// Whose files a request may see.
#[derive(Debug, Clone)]
pub(super) enum Files {
    /// All: it was sent with a key, or where neither keys nor tokens are needed.
    All,
    /// Those of these users, those that one of them sent for an agent, those of this agent, and documents that have no
    /// owner.
    Of { users: Vec<String>, agent: Option<String> },
}

impl Files {
    /// Those that a caller may see: a token's user has its own files and those of nobody. `LibreChat` names an agent, of
    /// which it has checked that its user may use it. The token does not say so: a user who sends requests without
    /// `LibreChat` can name any agent, but never another user.
    pub(super) fn of(caller: &Caller, agent: Option<String>) -> Self {
        if !caller.is_of_librechat() {
            return Self::All;
        }
        let user = caller.user().map(str::to_owned);
        Self::Of { users: [Some(PUBLIC.to_owned()), user].into_iter().flatten().collect(), agent }
    }

    /// Whether it may see this document.
    pub(super) fn include(&self, document: &DocumentInfo) -> bool {
        let Self::Of { users, agent } = self else { return true };
        let named = |field: &str| document.metadata.get(field).and_then(Value::as_str);
        let Some(owner) = named(USER_ID) else { return true };
        let is_known = |name: &str| users.iter().any(|user| user == name);
        match named(UPLOADED_BY) {
            None => is_known(owner),
            // It was sent for an agent, whatever that is called.
            Some(sender) => is_known(sender) || agent.as_deref() == Some(owner),
        }
    }
}

/// Stands between a file's id and the number of one of its further documents.
const NUMBER: char = '#';

/// Adds a file, and replaces what was added under its id before.
///
/// # Errors
///
/// [`Error::Document`] if it cannot be read or has no text; [`Error::Input`] if its id is that of a file that the caller may
/// not see.
pub(super) fn add(library: &Library, upload: &Upload, caller: &Caller) -> Result<()> {
    // Otherwise it could be the id of a document of another file.
    if upload.file_id.contains(NUMBER) {
        return Err(Error::Input {
            reason: format!("the id `{}` has a `{NUMBER}`", upload.file_id),
            hint: "send the file with an id without it".into(),
        });
    }
    let footnote = library.create(COLLECTION)?;
    let files = Files::of(caller, upload.entity_id.clone());
    if documents_of(&footnote, &upload.file_id)?.iter().any(|document| !files.include(document)) {
        return Err(Error::Input {
            reason: format!("the id `{}` is that of another file", upload.file_id),
            hint: "send the file with an id of its own".into(),
        });
    }
    let user = caller.user().unwrap_or(PUBLIC);
    let owner = upload.entity_id.as_deref().unwrap_or(user);
    let mut documents = footnote.read_upload(&upload.filename, &upload.bytes)?;
    for (number, document) in (1..).zip(&mut documents) {
        document.id =
            Some(if number == 1 { upload.file_id.clone() } else { format!("{}{NUMBER}{number}", upload.file_id) });
        for (name, value) in [(FILE_ID, &*upload.file_id), (USER_ID, owner), (FILENAME, &*upload.filename)] {
            document.metadata.insert(name.to_owned(), value.into());
        }
        if owner != user {
            document.metadata.insert(UPLOADED_BY.into(), user.into());
        }
    }
    let mut stored = Vec::new();
    let mut why_not = None;
    for ingested in footnote.ingest(documents, &mut |_| {})? {
        match ingested.outcome {
            Outcome::Failed(error) => why_not = why_not.or(Some(error)),
            Outcome::Skipped(_) | Outcome::Removed => {}
            _ => stored.push(ingested.id),
        }
    }
    if stored.is_empty() || why_not.is_some() {
        return Err(why_not.unwrap_or_else(|| Error::Document {
            document: upload.filename.clone(),
            reason: "it has no text".into(),
            hint: "send a file with text; pictures of text are not read".into(),
        }));
    }
    for old in documents_of(&footnote, &upload.file_id)? {
        if !stored.contains(&old.id) {
            footnote.delete(&old.id)?;
        }
    }
    Ok(())
}

/// Deletes files; whether all of them were there.
pub(super) fn remove(library: &Library, ids: &[String], seen: &Files) -> Result<bool> {
    let Some(footnote) = files(library)? else { return Ok(ids.is_empty()) };
    let mut were_there = true;
    for id in ids {
        let mut documents = documents_of(&footnote, id)?;
        documents.retain(|document| seen.include(document));
        were_there &= !documents.is_empty();
        for document in documents {
            match footnote.delete(&document.id) {
                // Somebody else was faster.
                Err(Error::NotFound { .. }) => {}
                deleted => deleted?,
            }
        }
    }
    Ok(were_there)
}

/// The collection of the files; `None` while there is none.
pub(super) fn files(library: &Library) -> Result<Option<std::sync::Arc<Footnote>>> {
    match library.collection(Some(COLLECTION)) {
        Err(Error::NotFound { .. }) => Ok(None),
        found => found.map(Some),
    }
}

/// The documents of a file, in their order.
fn documents_of(footnote: &Footnote, file_id: &str) -> Result<Vec<DocumentInfo>> {
    let filter = Filter::is(Field::Metadata(FILE_ID.into()), Comparison::Equal, file_id.into())?;
    let query = DocumentQuery { filter: Some(filter), sort: SortBy::Added, ..DocumentQuery::default() };
    Ok(footnote.list(&query, None, MAX_DOCUMENTS)?.documents)
}

/// The documents of a file, or the document with this id in the configured collection, with their texts.
pub(super) fn read(library: &Library, id: &str, seen: &Files) -> Result<Vec<(Document, Vec<Span>)>> {
    let with_text = |footnote: &Footnote, id: &str| Ok((footnote.document(id)?, footnote.passages(id)?));
    if let Some(files) = files(library)? {
        let mut documents = documents_of(&files, id)?;
        documents.retain(|document| seen.include(document));
        if !documents.is_empty() {
            return documents.iter().map(|document| with_text(&files, &document.id)).collect();
        }
    }
    let document = with_text(&*library.collection(None)?, id)?;
    match seen.include(&document.0.info) {
        true => Ok(vec![document]),
        false => Err(Error::NotFound { kind: "document", id: id.to_owned() }),
    }
}

/// The ids of all files, and of all documents of the configured collection.
pub(super) fn ids(library: &Library, seen: &Files) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    let configured = Some(library.collection(None)?);
    for footnote in files(library)?.into_iter().chain(configured) {
        let mut after = None;
        loop {
            let page = footnote.documents(after.as_deref(), 1_000)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            ids.extend(page.iter().filter(|document| seen.include(document)).map(file_of));
        }
    }
    ids.dedup();
    Ok(ids)
}

/// The id of a document's file, or else its own.
fn file_of(document: &DocumentInfo) -> String {
    document.metadata.get(FILE_ID).and_then(Value::as_str).unwrap_or(&document.id).to_owned()
}

/// What `LibreChat` shows as a document's name. It takes the part after the last slash of `source` for it.
pub(super) fn name_of(document: &DocumentInfo) -> String {
    let name = document.metadata.get(FILENAME).and_then(Value::as_str).unwrap_or(&document.title);
    one_line(name).replace('/', "／")
}

/// A document's metadata in `LibreChat`'s form.
pub(super) fn metadata_of(
    document: &DocumentInfo,
    mut metadata: serde_json::Map<String, Value>,
) -> serde_json::Map<String, Value> {
    if let Some(publisher) = metadata.insert("source".into(), name_of(document).into()) {
        metadata.insert("publisher".into(), publisher);
    }
    metadata.insert(FILE_ID.into(), file_of(document).into());
    metadata
}

/// The passages of a document: the page of each, if known, its text, and its metadata.
pub(super) fn passages(
    document: &Document,
    spans: &[Span],
) -> Vec<(Option<u32>, String, serde_json::Map<String, Value>)> {
    let passage = |span: &Span| {
        let place = CitedPlace::of(&document.layout, &document.text, *span);
        let page = place.and_then(|place| place.pages).map(|(first, _)| first);
        let mut metadata: serde_json::Map<String, Value> = attributes(&document.info).into_iter().collect();
        metadata.extend(page.map(|page| ("page".to_owned(), page.into())));
        (page, clean(&document.text[span.range()]).into_owned(), metadata_of(&document.info, metadata))
    };
    spans.iter().map(passage).collect()
}

/// A file's text under its name, with a line before each page: what a language model is given of a file in full.
pub(super) fn context(documents: &[(Document, Vec<Span>)]) -> String {
    let mut text = documents.first().map(|(document, _)| name_of(&document.info)).unwrap_or_default() + "\n";
    for (document, spans) in documents {
        let mut last_page = None;
        for (page, passage, _) in passages(document, spans) {
            if let Some(page) = page.filter(|page| last_page != Some(*page)) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n# PAGE {page}\n\n");
                last_page = Some(page);
            }
            text.push_str(&passage);
        }
    }
    text.trim().to_owned()
}
