//! Single reads, each in a snapshot of its own, for callers that need no more than one.

use super::{Candidate, Change, Counts, DocumentQuery, Listed, PassageText, Store, StoredPassage};
use crate::error::Result;
use crate::filter::Filter;
use crate::index::passages::Allowed;
use crate::passage::{Document, DocumentInfo, Span};

impl Store {
    /// See [`Snapshot::each_text`](super::Snapshot::each_text).
    pub fn each_text(&self, keys: &[u64], each: impl FnMut(u64, PassageText<'_>) -> Result<()>) -> Result<()> {
        self.snapshot()?.each_text(keys, each)
    }

    /// See [`Snapshot::candidates`](super::Snapshot::candidates).
    pub fn candidates(&self, keys: &[u64]) -> Result<Vec<Candidate>> {
        self.snapshot()?.candidates(keys)
    }

    /// See [`Snapshot::documents_of`](super::Snapshot::documents_of).
    pub fn documents_of(&self, keys: &[u64]) -> Result<Vec<(u64, String)>> {
        self.snapshot()?.documents_of(keys)
    }

    /// See [`Snapshot::places_of`](super::Snapshot::places_of).
    pub fn places_of(&self, keys: &[u64]) -> Result<Vec<(u64, (String, i64))>> {
        self.snapshot()?.places_of(keys)
    }

    /// See [`Snapshot::passage_span`](super::Snapshot::passage_span).
    pub fn passage_span(&self, key: u64) -> Result<Option<Span>> {
        self.snapshot()?.passage_span(key)
    }

    /// See [`Snapshot::aliases_of`](super::Snapshot::aliases_of).
    pub fn aliases_of(&self, names: &[String]) -> Result<Vec<(String, String)>> {
        self.snapshot()?.aliases_of(names)
    }

    /// See [`Snapshot::sentences_around`](super::Snapshot::sentences_around).
    pub fn sentences_around(&self, passage: u64, back: usize, ahead: usize) -> Result<Vec<Span>> {
        self.snapshot()?.sentences_around(passage, back, ahead)
    }

    /// See [`Snapshot::last_sequence`](super::Snapshot::last_sequence).
    pub fn last_sequence(&self) -> Result<u64> {
        self.snapshot()?.last_sequence()
    }

    /// See [`Snapshot::changes_after`](super::Snapshot::changes_after).
    pub fn changes_after(&self, sequence: u64) -> Result<Option<(Vec<Change>, u64)>> {
        self.snapshot()?.changes_after(sequence)
    }

    /// See [`Snapshot::passage_keys`](super::Snapshot::passage_keys).
    pub fn passage_keys(&self, after: u64, limit: usize) -> Result<Vec<u64>> {
        self.snapshot()?.passage_keys(after, limit)
    }

    /// See [`Snapshot::document`](super::Snapshot::document).
    pub fn document(&self, id: &str) -> Result<Option<Document>> {
        self.snapshot()?.document(id)
    }

    /// See [`Snapshot::hash_of`](super::Snapshot::hash_of).
    pub fn hash_of(&self, id: &str) -> Result<Option<[u8; 32]>> {
        self.snapshot()?.hash_of(id)
    }

    /// See [`Snapshot::has_document`](super::Snapshot::has_document).
    pub fn has_document(&self, id: &str) -> Result<bool> {
        self.snapshot()?.has_document(id)
    }

    /// See [`Snapshot::document_by_key`](super::Snapshot::document_by_key).
    pub fn document_by_key(&self, document: i64) -> Result<Option<Document>> {
        self.snapshot()?.document_by_key(document)
    }

    /// See [`Snapshot::documents`](super::Snapshot::documents).
    pub fn documents(&self, after: Option<&str>, limit: usize) -> Result<Vec<DocumentInfo>> {
        self.snapshot()?.documents(after, limit)
    }

    /// See [`Snapshot::list`](super::Snapshot::list).
    pub fn list(&self, query: &DocumentQuery, after: Option<&str>, limit: usize) -> Result<Listed> {
        self.snapshot()?.list(query, after, limit)
    }

    /// See [`Snapshot::ids_from`](super::Snapshot::ids_from).
    pub fn ids_from(&self, origin: &str) -> Result<Vec<String>> {
        self.snapshot()?.ids_from(origin)
    }

    /// See [`Snapshot::ids_with_uri`](super::Snapshot::ids_with_uri).
    pub fn ids_with_uri(&self, uri: &str) -> Result<Vec<String>> {
        self.snapshot()?.ids_with_uri(uri)
    }

    /// See [`Snapshot::ids_read_from`](super::Snapshot::ids_read_from).
    pub fn ids_read_from(&self, origin: &str) -> Result<Vec<String>> {
        self.snapshot()?.ids_read_from(origin)
    }

    /// See [`Snapshot::origin_of`](super::Snapshot::origin_of).
    pub fn origin_of(&self, id: &str) -> Result<Option<String>> {
        self.snapshot()?.origin_of(id)
    }

    /// See [`Snapshot::passages`](super::Snapshot::passages).
    pub fn passages(&self, id: &str) -> Result<Vec<StoredPassage>> {
        self.snapshot()?.passages(id)
    }

    /// See [`Snapshot::counts`](super::Snapshot::counts).
    pub fn counts(&self) -> Result<Counts> {
        self.snapshot()?.counts()
    }

    /// See [`Snapshot::chinese_documents`](super::Snapshot::chinese_documents).
    pub fn chinese_documents(&self) -> Result<(usize, usize)> {
        self.snapshot()?.chinese_documents()
    }

    /// See [`Snapshot::get`](super::Snapshot::get).
    pub fn get(&self, name: &str) -> Result<Option<String>> {
        self.snapshot()?.get(name)
    }

    /// See [`Snapshot::passages_where`](super::Snapshot::passages_where).
    pub fn passages_where(&self, filter: &Filter) -> Result<Allowed> {
        self.snapshot()?.passages_where(filter)
    }
}
