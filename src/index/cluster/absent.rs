//! What stands in for the client of a cluster in a build without the feature `qdrant`: a connection that cannot be made.

use super::failure::Failure;
use super::meta::Meta;
use crate::config::QdrantConfig;
use crate::index::passages::{Alternative, Among, Point, Values};

/// No value of it exists.
pub(super) enum Connection {}

type Answer<T> = Result<T, Failure>;

impl Connection {
    pub(super) fn open(_: &QdrantConfig, _: Option<&str>) -> Answer<Self> {
        Err(Failure::Refused("this build of Footnote lacks the feature `qdrant`".into()))
    }

    pub(super) fn version(&self) -> Answer<String> {
        match *self {}
    }

    pub(super) fn create(&self, _: &str, _: u64, _: &QdrantConfig) -> Answer<()> {
        match *self {}
    }

    pub(super) fn exists(&self, _: &str) -> Answer<bool> {
        match *self {}
    }

    pub(super) fn remove(&self, _: &str) -> Answer<()> {
        match *self {}
    }

    pub(super) fn meta(&self, _: &str) -> Answer<Option<Meta>> {
        match *self {}
    }

    pub(super) fn set_meta(&self, _: &str, _: &Meta) -> Answer<()> {
        match *self {}
    }

    pub(super) fn write(&self, _: &str, _: &[Point]) -> Answer<()> {
        match *self {}
    }

    pub(super) fn delete(&self, _: &str, _: &[u64]) -> Answer<()> {
        match *self {}
    }

    pub(super) fn delete_above(&self, _: &str, _: u64) -> Answer<()> {
        match *self {}
    }

    pub(super) fn count(&self, _: &str, _: &Among<'_>) -> Answer<usize> {
        match *self {}
    }

    pub(super) fn keys(&self, _: &str, _: u64, _: usize) -> Answer<Vec<u64>> {
        match *self {}
    }

    pub(super) fn nearest(&self, _: &str, _: &[f32], _: usize, _: &Among<'_>) -> Answer<Vec<(u64, f32)>> {
        match *self {}
    }

    pub(super) fn by_terms(
        &self,
        _: &str,
        _: &[(u32, f32)],
        _: usize,
        _: &Among<'_>,
    ) -> Answer<Vec<(u64, f32, Values)>> {
        match *self {}
    }

    pub(super) fn terms_of(&self, _: &str, _: &[u64]) -> Answer<Vec<(u64, Values)>> {
        match *self {}
    }

    pub(super) fn counts(&self, _: &str, _: &[Vec<Alternative>], _: &Among<'_>) -> Answer<Vec<usize>> {
        match *self {}
    }
}
