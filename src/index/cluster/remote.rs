//! One collection of the cluster: what questions ask of it, and what is written to it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::exchange::Connection;
use super::failure::Failure;
use super::{Cluster, Meta};
use crate::error::{Error, Result};
use crate::index::passages::{Alternative, Among, Point, Remote, Values};

/// Keys that are deleted with one call.
const DELETED_AT_ONCE: usize = 1_024;
/// Points that are written with one call.
const WRITTEN_AT_ONCE: usize = 256;

/// A collection of the cluster.
pub(in crate::index) struct RemoteCollection {
    /// Without a connection the settings are wrong, which each call says.
    connection: Result<Arc<Connection>, String>,
    url: String,
    name: String,
    average_length: u32,
    lost: Arc<Mutex<HashSet<String>>>,
}

impl RemoteCollection {
    pub(super) fn new(
        connection: Result<Arc<Connection>>,
        url: String,
        name: String,
        average_length: u32,
        lost: Arc<Mutex<HashSet<String>>>,
    ) -> Self {
        let connection = connection.map_err(|error| match error {
            Error::Config { reason } => reason,
            other => other.to_string(),
        });
        Self { connection, url, name, average_length, lost }
    }

    fn call<T>(&self, call: impl FnOnce(&Connection, &str) -> Result<T, Failure>) -> Result<T> {
        let connection = self.connection.as_ref().map_err(|reason| Error::Config { reason: reason.clone() })?;
        call(connection, &self.name).map_err(|failure| match failure {
            Failure::Missing => self.missing(connection),
            failure => failure.told(&self.url),
        })
    }

    /// The error of a call whose answer was that something is missing. Only if the cluster says once more that it is the
    /// collection, the index is made again.
    fn missing(&self, connection: &Connection) -> Error {
        match connection.exists(&self.name) {
            Ok(false) => {
                self.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name.clone());
                Cluster::lost(&self.name, "it is missing")
            }
            Ok(true) => {
                let said = format!("it did not find the collection {} and then says that it exists", self.name);
                Failure::Refused(said).told(&self.url)
            }
            Err(failure) => failure.told(&self.url),
        }
    }

    /// What it says of itself; `None` if it says nothing that can be read.
    pub(in crate::index) fn meta(&self) -> Result<Option<Meta>> {
        self.call(Connection::meta)
    }

    /// Replaces what it says of itself.
    pub(in crate::index) fn set_meta(&self, meta: &Meta) -> Result<()> {
        self.call(|connection, name| connection.set_meta(name, meta))
    }

    /// Writes points; on return they are safe there. Points with the same keys are replaced.
    pub(in crate::index) fn write(&self, points: &[Point]) -> Result<()> {
        points
            .chunks(WRITTEN_AT_ONCE)
            .try_for_each(|points| self.call(|connection, name| connection.write(name, points)))
    }

    /// Deletes points; on return they are not found any more.
    pub(in crate::index) fn delete(&self, keys: &[u64]) -> Result<()> {
        keys.chunks(DELETED_AT_ONCE).try_for_each(|keys| self.call(|connection, name| connection.delete(name, keys)))
    }

    /// Deletes all points with keys above `last`.
    pub(in crate::index) fn delete_above(&self, last: u64) -> Result<()> {
        self.call(|connection, name| connection.delete_above(name, last))
    }

    /// How many of these passages it has.
    pub(in crate::index) fn count(&self, among: &Among<'_>) -> Result<usize> {
        self.call(|connection, name| connection.count(name, among))
    }

    /// Keys that it has above `after`, ascending, `limit` at most.
    pub(in crate::index) fn keys(&self, after: u64, limit: usize) -> Result<Vec<u64>> {
        self.call(|connection, name| connection.keys(name, after, limit))
    }
}

impl Remote for RemoteCollection {
    fn nearest(&self, vector: &[f32], count: usize, among: &Among<'_>) -> Result<Vec<(u64, f32)>> {
        self.call(|connection, name| connection.nearest(name, vector, count, among))
    }

    fn by_terms(&self, weights: &[(u32, f32)], count: usize, among: &Among<'_>) -> Result<Vec<(u64, f32, Values)>> {
        self.call(|connection, name| connection.by_terms(name, weights, count, among))
    }

    fn terms_of(&self, keys: &[u64]) -> Result<Vec<(u64, Values)>> {
        self.call(|connection, name| connection.terms_of(name, keys))
    }

    fn counts(&self, concepts: &[Vec<Alternative>], among: &Among<'_>) -> Result<Vec<usize>> {
        self.call(|connection, name| connection.counts(name, concepts, among))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn average_length(&self) -> u32 {
        self.average_length
    }

    fn is_lost(&self) -> bool {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).contains(&self.name)
    }
}
