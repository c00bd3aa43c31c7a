//! Reading stored documents and lists of them.

use std::path::Path;

use super::{Footnote, no_document};
use crate::error::Result;
use crate::filter::{Filter, is_of_file};
use crate::index::store::{DocumentQuery, Listed};
use crate::passage::{Document, DocumentInfo, Span};

/// The path of a file as documents have it, also if the file is gone.
pub(crate) fn path_of(name: &str) -> Option<String> {
    let path = Path::new(name);
    let found = path.canonicalize().ok().or_else(|| {
        let path = std::path::absolute(path).ok()?;
        Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
    });
    Some(found?.to_string_lossy().into_owned())
}

impl Footnote {
    /// Ids of the documents that `name` denotes: the one with that id, or those with that uri or from that file.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if there is none.
    pub fn resolve(&self, name: &str) -> Result<Vec<String>> {
        let Some(store) = self.collection.store() else { return Err(no_document(name)) };
        if store.has_document(name)? {
            return Ok(vec![name.to_owned()]);
        }
        let mut ids = store.ids_from(name)?;
        if ids.is_empty()
            && let Some(path) = path_of(name)
        {
            ids = store.ids_from(&path)?;
        }
        if ids.is_empty() { Err(no_document(name)) } else { Ok(ids) }
    }

    /// As [`Footnote::resolve`], but finds neither paths nor `file:` addresses, so that nobody learns which files were
    /// ingested.
    pub(super) fn resolve_without_files(&self, name: &str) -> Result<Vec<String>> {
        let Some(store) = self.collection.store() else { return Err(no_document(name)) };
        if store.has_document(name)? {
            return Ok(vec![name.to_owned()]);
        }
        let ids = if is_of_file(name) { Vec::new() } else { store.ids_with_uri(name)? };
        if ids.is_empty() { Err(no_document(name)) } else { Ok(ids) }
    }

    /// Up to `limit` documents in the order in which they were first ingested, starting behind the one with the id `after`.
    pub fn documents(&self, after: Option<&str>, limit: usize) -> Result<Vec<DocumentInfo>> {
        self.collection.store().map_or(Ok(Vec::new()), |store| store.documents(after, limit))
    }

    /// Up to `limit` of the documents that `query` finds, starting behind the one with the id `after`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`](crate::Error::Input) for a filter with too many conditions,
    /// [`Error::NotFound`](crate::Error::NotFound) if there is no document `after`.
    pub fn list(&self, query: &DocumentQuery, after: Option<&str>, limit: usize) -> Result<Listed> {
        query.filter.as_ref().map_or(Ok(()), Filter::check)?;
        self.collection.store().map_or(Ok(Listed::default()), |store| store.list(query, after, limit))
    }

    /// The document with this id, with its text.
    pub fn document(&self, id: &str) -> Result<Document> {
        let document = self.collection.store().map(|store| store.document(id)).transpose()?.flatten();
        document.ok_or_else(|| no_document(id))
    }

    #[cfg(feature = "cli")]
    /// Whether the document was read from the file that its uri names. A client of the API can give any uri.
    pub(crate) fn is_own_file(&self, document: &DocumentInfo) -> bool {
        let origin = self.collection.store().and_then(|store| store.origin_of(&document.id).ok().flatten());
        let uri = document.uri.as_deref().map(|uri| uri.split_once('#').map_or(uri, |(file, _)| file));
        origin.is_some_and(|origin| uri == Some(&*crate::ingest::split::file_uri(std::path::Path::new(&origin))))
    }

    /// The spans of a document's passages in its text, in order.
    pub fn passages(&self, id: &str) -> Result<Vec<Span>> {
        let passages = self.collection.store().map_or(Ok(Vec::new()), |store| store.passages(id))?;
        if passages.is_empty() { Err(no_document(id)) } else { Ok(passages.iter().map(|p| p.span).collect()) }
    }
}
