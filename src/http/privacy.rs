//! What callers see of where documents lie on the server: by default neither a program elsewhere nor a person behind it
//! learns the paths of the server's files.
//!
//! The adapters for other services, and MCP over HTTP, never show or compare the address of a file; their clients follow
//! links.

use crate::filter::is_of_file;
use crate::footnote::{Listed, SearchResults};
use crate::passage::{Answer, Checked, CheckedSentence, Citation, DocumentInfo, FoundPassage};

/// Something with addresses of documents in it.
pub(super) trait Addresses {
    /// Removes the addresses of files.
    fn hide_files(&mut self);
}

impl Addresses for Option<String> {
    fn hide_files(&mut self) {
        if self.as_deref().is_some_and(is_of_file) {
            *self = None;
        }
    }
}

impl Addresses for DocumentInfo {
    fn hide_files(&mut self) {
        self.uri.hide_files();
    }
}

impl Addresses for FoundPassage {
    fn hide_files(&mut self) {
        self.document.hide_files();
        self.copies.iter_mut().for_each(|copy| copy.uri.hide_files());
    }
}

impl Addresses for SearchResults {
    fn hide_files(&mut self) {
        self.passages.iter_mut().for_each(Addresses::hide_files);
    }
}

impl Addresses for Citation {
    fn hide_files(&mut self) {
        self.passage.hide_files();
    }
}

impl Addresses for Answer {
    fn hide_files(&mut self) {
        self.citations.iter_mut().for_each(Addresses::hide_files);
    }
}

impl Addresses for CheckedSentence {
    fn hide_files(&mut self) {
        self.support.iter_mut().for_each(|support| support.document.hide_files());
    }
}

impl Addresses for Checked {
    fn hide_files(&mut self) {
        self.sentences.iter_mut().for_each(Addresses::hide_files);
    }
}

impl Addresses for Listed {
    fn hide_files(&mut self) {
        self.documents.iter_mut().for_each(Addresses::hide_files);
    }
}
