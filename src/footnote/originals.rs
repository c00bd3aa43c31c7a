//! The files that documents were read from, and pictures of their pages.

use std::sync::Arc;

use super::{Footnote, no_document};
use crate::error::{Error, Result};
use crate::passage::{Format, OriginalFile, OriginalRecord};

impl Footnote {
    /// The file that a document was read from. For a document that is a text, that text.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such document, or if its file is no longer there or changed since.
    pub fn original(&self, id: &str) -> Result<OriginalFile> {
        let store = self.collection.store().ok_or_else(|| no_document(id))?;
        if let Some(original) = store.original(id)? {
            let bytes = self.collection.original_bytes(&original, store.origin_of(id)?.as_deref());
            let bytes = bytes.ok_or_else(|| no_original(id))?;
            return Ok(OriginalFile { name: original.name, media_type: original.format.media_type(), bytes });
        }
        let document = self.document(id)?;
        let extension = match document.info.format {
            Format::Plain => "txt",
            Format::Markdown => "md",
            _ => return Err(no_original(id)),
        };
        Ok(OriginalFile {
            name: format!("{}.{extension}", document.info.title),
            media_type: document.info.format.media_type(),
            bytes: document.text.into_bytes(),
        })
    }

    /// What is known of the file that a document was read from; `None` if its text is the file's.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] if it is not what was stored.
    pub fn original_record(&self, id: &str) -> Result<Option<OriginalRecord>> {
        self.collection.store().map_or(Ok(None), |store| store.original(id))
    }

    /// A PNG of a page, from 1, of the PDF that a document was read from. At a `scale` of 1 a point is a pixel.
    ///
    /// # Errors
    ///
    /// Those of [`Footnote::original`], [`Error::Document`] if the page cannot be drawn.
    pub fn page_picture(&self, id: &str, page: u32, scale: f32) -> Result<Arc<Vec<u8>>> {
        let pages = self.document(id)?.layout.pages.len();
        let store = self.collection.store().ok_or_else(|| no_document(id))?;
        let original = store.original(id)?.filter(|original| original.format == Format::Pdf);
        let original = original.ok_or_else(|| no_pages(id))?;
        if page == 0 || page as usize > pages {
            return Err(Error::NotFound { kind: "page", id: format!("{page} of {id}") });
        }
        let key = (original.hash, page, (scale * 1000.0) as u32);
        if let Some(picture) = self.pictures.find(&key) {
            return Ok(picture);
        }
        let bytes = self.collection.original_bytes(&original, store.origin_of(id)?.as_deref());
        let bytes = bytes.ok_or_else(|| no_original(id))?;
        let drawn = self.engine.reader().draw(&original.name, &bytes, page, scale);
        let picture = drawn.map_err(|failure| Error::Document {
            document: original.name,
            reason: failure.reason,
            hint: failure.hint,
        })?;
        let picture = Arc::new(picture);
        self.pictures.keep(key, &picture);
        Ok(picture)
    }
}

fn no_original(id: &str) -> Error {
    Error::NotFound { kind: "original of", id: id.to_owned() }
}

fn no_pages(id: &str) -> Error {
    Error::NotFound { kind: "page picture of", id: id.to_owned() }
}
