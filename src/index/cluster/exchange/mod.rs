//! The calls of a Qdrant cluster. No other module names the client.
//!
//! Questions run on threads that may wait; the client is asynchronous. So it has a small runtime of its own, and each call
//! waits for what that sends back. The client itself tries a call again once when its connection broke.

mod request;

use std::future::Future;
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use qdrant_client::qdrant::{
    CountPoints, CreateFieldIndexCollection, DeletePoints, GetPoints, PointsOperationResponse, PointsSelector,
    QuantizationSearchParams, QueryPoints, ScrollPoints, SearchParams, UpdateStatus, UpsertPoints, VectorsSelector,
    WithVectorsSelector, vector_input, with_vectors_selector,
};
use qdrant_client::{Qdrant, QdrantError};
use tokio::runtime::Runtime;

use super::failure::Failure;
use super::meta::Meta;
use crate::config::QdrantConfig;
use crate::index::passages::{Alternative, Among, Only, Point, Values};

/// The version of the server that has all that is used; the youngest is the form in which the protocol has vectors since then.
const NEEDED: (u64, u64, &str) = (1, 16, "1.16.0");
/// A call that writes may take so many times as long as one that reads.
const PATIENCE: u32 = 6;
/// Nodes of a graph that a search keeps at hand, at least.
const WIDTH: u64 = 256;
/// How many times more vectors than are wanted are compared exactly after the search of the rounded ones.
const OVERSAMPLING: f64 = 3.0;

type Answer<T> = Result<T, Failure>;

/// The connection to a cluster.
pub(super) struct Connection {
    reading: Qdrant,
    writing: Qdrant,
    timeout: Duration,
    version: OnceLock<String>,
}

impl Connection {
    /// Prepares the connection; nothing is sent yet.
    pub(super) fn open(config: &QdrantConfig, key: Option<&str>) -> Answer<Self> {
        let timeout = Duration::from_millis(config.timeout_ms as u64);
        let client = |timeout: Duration| {
            let mut builder = Qdrant::from_url(&config.url).timeout(timeout).connect_timeout(timeout);
            if let Some(key) = key {
                builder = builder.api_key(key);
            }
            // It prints to standard output; the version is checked here instead.
            builder.skip_compatibility_check().build().map_err(|error| failure_of(error, timeout))
        };
        let (reading, writing) = (client(timeout)?, client(timeout * PATIENCE)?);
        Ok(Self { reading, writing, timeout, version: OnceLock::new() })
    }

    /// The server's version, which is new enough.
    pub(super) fn version(&self) -> Answer<String> {
        if let Some(version) = self.version.get() {
            return Ok(version.clone());
        }
        let client = self.reading.clone();
        let found = wait(self.timeout, async move { client.health_check().await })?.version;
        let mut numbers = found.trim_start_matches('v').split(['.', '-']).map(|number| number.parse::<u64>().ok());
        let is_new = match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), Some(minor)) => (major, minor) >= (NEEDED.0, NEEDED.1),
            _ => false,
        };
        if !is_new {
            return Err(Failure::Old(found, NEEDED.2));
        }
        Ok(self.version.get_or_init(|| found).clone())
    }

    fn read<T, F>(&self, call: impl FnOnce(Qdrant) -> F) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, QdrantError>> + Send + 'static,
    {
        self.version()?;
        wait(self.timeout, call(self.reading.clone()))
    }

    fn change<T, F>(&self, call: impl FnOnce(Qdrant) -> F) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, QdrantError>> + Send + 'static,
    {
        self.version()?;
        wait(self.timeout * PATIENCE, call(self.writing.clone()))
    }

    /// Creates a collection and the indexes of its fields, before it has points.
    pub(super) fn create(&self, name: &str, dimensions: u64, config: &QdrantConfig) -> Answer<()> {
        let collection = request::collection(name, dimensions, config);
        self.change(|client| async move { client.create_collection(collection).await })?;
        for (field, kind, params) in request::indexed_fields() {
            let index = CreateFieldIndexCollection {
                collection_name: name.to_owned(),
                wait: Some(true),
                field_name: field.to_owned(),
                field_type: Some(kind.into()),
                field_index_params: Some(params),
                ..CreateFieldIndexCollection::default()
            };
            self.change(|client| async move { client.create_field_index(index).await })?;
        }
        Ok(())
    }

    /// Whether a collection exists.
    pub(super) fn exists(&self, name: &str) -> Answer<bool> {
        let name = name.to_owned();
        self.read(|client| async move { client.collection_exists(name).await })
    }

    /// Removes a collection.
    pub(super) fn remove(&self, name: &str) -> Answer<()> {
        let name = name.to_owned();
        self.change(|client| async move { client.delete_collection(name).await }).map(drop)
    }

    pub(super) fn meta(&self, name: &str) -> Answer<Option<Meta>> {
        let wanted = GetPoints {
            collection_name: name.to_owned(),
            ids: vec![request::id(request::META)],
            with_payload: Some(request::payload(true)),
            ..GetPoints::default()
        };
        let found = self.read(|client| async move { client.get_points(wanted).await })?;
        Ok(found.result.first().and_then(|point| request::meta_of(&point.payload)))
    }

    pub(super) fn set_meta(&self, name: &str, meta: &Meta) -> Answer<()> {
        self.upsert(name, vec![request::meta_point(meta)])
    }

    pub(super) fn write(&self, name: &str, points: &[Point]) -> Answer<()> {
        self.upsert(name, points.iter().map(request::point).collect())
    }

    fn upsert(&self, name: &str, points: Vec<qdrant_client::qdrant::PointStruct>) -> Answer<()> {
        let written =
            UpsertPoints { collection_name: name.to_owned(), wait: Some(true), points, ..UpsertPoints::default() };
        is_done(&self.change(|client| async move { client.upsert_points(written).await })?)
    }

    pub(super) fn delete(&self, name: &str, keys: &[u64]) -> Answer<()> {
        let ids = keys.iter().map(|key| request::id(*key)).collect::<Vec<_>>();
        self.delete_points(name, ids.into())
    }

    pub(super) fn delete_above(&self, name: &str, last: u64) -> Answer<()> {
        self.delete_points(name, request::above(last).into())
    }

    fn delete_points(&self, name: &str, points: PointsSelector) -> Answer<()> {
        let deleted = DeletePoints {
            collection_name: name.to_owned(),
            wait: Some(true),
            points: Some(points),
            ..DeletePoints::default()
        };
        is_done(&self.change(|client| async move { client.delete_points(deleted).await })?)
    }

    pub(super) fn count(&self, name: &str, among: &Among<'_>) -> Answer<usize> {
        let counted = request::counted(name, request::among(among));
        let found = self.read(|client| async move { client.count(counted).await })?;
        found.result.map(|result| result.count as usize).ok_or_else(|| incomplete("a count"))
    }

    /// All at once, so that a question waits for the slowest only.
    pub(super) fn counts(&self, name: &str, concepts: &[Vec<Alternative>], among: &Among<'_>) -> Answer<Vec<usize>> {
        let all: Vec<CountPoints> =
            concepts.iter().map(|concept| request::counted(name, request::concept(concept, among))).collect();
        self.read(|client| async move {
            let calls: Vec<_> = all
                .into_iter()
                .map(|counted| {
                    let client = client.clone();
                    tokio::spawn(async move { client.count(counted).await })
                })
                .collect();
            let mut counts = Vec::with_capacity(calls.len());
            for call in calls {
                counts.push(call.await.map_err(|error| QdrantError::ConversionError(error.to_string()))??);
            }
            Ok(counts)
        })?
        .into_iter()
        .map(|found| found.result.map(|result| result.count as usize).ok_or_else(|| incomplete("a count")))
        .collect()
    }

    pub(super) fn keys(&self, name: &str, after: u64, limit: usize) -> Answer<Vec<u64>> {
        let wanted = ScrollPoints {
            collection_name: name.to_owned(),
            offset: Some(request::id(after + 1)),
            limit: Some(limit as u32),
            with_payload: Some(request::payload(false)),
            ..ScrollPoints::default()
        };
        let found = self.read(|client| async move { client.scroll(wanted).await })?;
        Ok(found.result.into_iter().filter_map(|point| request::key(point.id)).collect())
    }

    pub(super) fn nearest(
        &self,
        name: &str,
        vector: &[f32],
        count: usize,
        among: &Among<'_>,
    ) -> Answer<Vec<(u64, f32)>> {
        let variant = vector_input::Variant::Dense(qdrant_client::qdrant::DenseVector { data: vector.to_vec() });
        let params = SearchParams {
            hnsw_ef: Some(WIDTH.max(count as u64)),
            exact: Some(matches!(among.only, Some(Only::Passages(_)))),
            quantization: Some(QuantizationSearchParams {
                ignore: Some(false),
                rescore: Some(true),
                oversampling: Some(OVERSAMPLING),
            }),
            ..SearchParams::default()
        };
        let search =
            QueryPoints { params: Some(params), ..request::query(name, request::VECTOR, variant, count, among) };
        let found = self.read(|client| async move { client.query(search).await })?;
        Ok(found.result.into_iter().filter_map(|hit| Some((request::key(hit.id)?, hit.score))).collect())
    }

    pub(super) fn by_terms(
        &self,
        name: &str,
        weights: &[(u32, f32)],
        count: usize,
        among: &Among<'_>,
    ) -> Answer<Vec<(u64, f32, Values)>> {
        let variant = vector_input::Variant::Sparse(request::sparse(weights));
        // Else each of several shards is asked for its share of a long list only, and the rest may be elsewhere.
        let params = SearchParams { exact: Some(true), ..SearchParams::default() };
        let search = QueryPoints {
            with_vectors: Some(terms()),
            params: Some(params),
            ..request::query(name, request::TERMS, variant, count, among)
        };
        let found = self.read(|client| async move { client.query(search).await })?;
        let hit = |hit: qdrant_client::qdrant::ScoredPoint| {
            Some((request::key(hit.id)?, hit.score, request::terms_of(hit.vectors)))
        };
        Ok(found.result.into_iter().filter_map(hit).collect())
    }

    pub(super) fn terms_of(&self, name: &str, keys: &[u64]) -> Answer<Vec<(u64, Values)>> {
        let wanted = GetPoints {
            collection_name: name.to_owned(),
            ids: keys.iter().map(|key| request::id(*key)).collect(),
            with_payload: Some(request::payload(false)),
            with_vectors: Some(terms()),
            ..GetPoints::default()
        };
        let found = self.read(|client| async move { client.get_points(wanted).await })?;
        let of_point = |point: qdrant_client::qdrant::RetrievedPoint| {
            Some((request::key(point.id)?, request::terms_of(point.vectors)))
        };
        Ok(found.result.into_iter().filter_map(of_point).collect())
    }
}

fn terms() -> WithVectorsSelector {
    let names = VectorsSelector { names: vec![request::TERMS.to_owned()] };
    WithVectorsSelector { selector_options: Some(with_vectors_selector::SelectorOptions::Include(names)) }
}

fn incomplete(what: &str) -> Failure {
    Failure::Refused(format!("it answered without {what}"))
}

/// Refuses the answer to a write that the server has not completed, although it was told to wait for that.
fn is_done(written: &PointsOperationResponse) -> Answer<()> {
    let status = written.result.as_ref().map(qdrant_client::qdrant::UpdateResult::status);
    match status {
        Some(UpdateStatus::Completed) => Ok(()),
        Some(other) => Err(Failure::Refused(format!("it did not complete a write: {}", other.as_str_name()))),
        None => Err(incomplete("the state of a write")),
    }
}

/// The threads that drive all connections of the process.
fn runtime() -> Answer<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let built =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("qdrant").enable_all().build();
    let built = built.map_err(|error| Failure::Away(format!("no thread could be started: {error}")))?;
    if let Err(another) = RUNTIME.set(built) {
        // Another thread was faster. Dropping it would wait, which a thread of a runtime must not do.
        another.shutdown_background();
    }
    RUNTIME.get().ok_or_else(|| Failure::Away("no thread could be started".into()))
}

/// Waits for a call. The thread may be one of another runtime, so it waits for a message instead of driving the call.
fn wait<T, F>(timeout: Duration, call: F) -> Answer<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, QdrantError>> + Send + 'static,
{
    // The client connects, and tries once more on a new connection.
    let most = timeout * 4;
    let (sender, receiver) = mpsc::channel();
    runtime()?.spawn(async move {
        let ended = tokio::time::timeout(most, call).await;
        // Nobody waits for it any more if this fails.
        let _ = sender.send(ended);
    });
    match receiver.recv() {
        Ok(Ok(Ok(found))) => Ok(found),
        Ok(Ok(Err(error))) => Err(failure_of(error, timeout)),
        Ok(Err(_)) => Err(late(timeout)),
        Err(_) => Err(Failure::Away("the call was broken off".into())),
    }
}

fn late(timeout: Duration) -> Failure {
    Failure::Away(format!("no answer within {} ms", timeout.as_millis()))
}

/// The codes of gRPC, by their numbers.
mod code {
    pub(super) const CANCELLED: i32 = 1;
    pub(super) const UNKNOWN: i32 = 2;
    pub(super) const INVALID_ARGUMENT: i32 = 3;
    pub(super) const DEADLINE_EXCEEDED: i32 = 4;
    pub(super) const NOT_FOUND: i32 = 5;
    pub(super) const PERMISSION_DENIED: i32 = 7;
    pub(super) const INTERNAL: i32 = 13;
    pub(super) const UNAVAILABLE: i32 = 14;
    pub(super) const UNAUTHENTICATED: i32 = 16;
}

fn failure_of(error: QdrantError, timeout: Duration) -> Failure {
    let status = match error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => status,
        other => return Failure::Refused(other.to_string()),
    };
    let said = status.message().to_owned();
    match status.code() as i32 {
        code::NOT_FOUND => Failure::Missing,
        code::PERMISSION_DENIED | code::UNAUTHENTICATED => Failure::Key,
        // The client repeats the key behind it.
        code::INVALID_ARGUMENT if said.starts_with("Malformed API key") => Failure::Key,
        code::DEADLINE_EXCEEDED | code::CANCELLED => late(timeout),
        // What the client says when it cannot connect repeats the address.
        code::INTERNAL if said.starts_with("Failed to connect") => Failure::Away("no connection".into()),
        code::UNAVAILABLE | code::UNKNOWN => Failure::Away(said),
        _ => Failure::Refused(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qdrant_client::qdrant::UpdateResult;

    fn failure(code: i32, message: &str) -> Failure {
        let status = tonic::Status::new(tonic::Code::from_i32(code), message);
        failure_of(QdrantError::ResponseError { status }, Duration::from_secs(1))
    }

    #[test]
    fn a_key_that_the_client_repeats_is_not_told() {
        let failure = failure(code::INVALID_ARGUMENT, "Malformed API key or token: s3cret");
        assert_eq!(failure, Failure::Key);
        assert!(!failure.told("http://cluster:6334").to_string().contains("s3cret"));
    }

    #[test]
    fn only_a_completed_write_counts() {
        let answered = |status: UpdateStatus| {
            let result = UpdateResult { operation_id: None, status: status.into() };
            is_done(&PointsOperationResponse { result: Some(result), ..PointsOperationResponse::default() })
        };
        assert_eq!(answered(UpdateStatus::Completed), Ok(()));
        assert!(answered(UpdateStatus::Acknowledged).is_err());
        assert!(answered(UpdateStatus::WaitTimeout).is_err());
        assert!(is_done(&PointsOperationResponse::default()).is_err());
    }
}
