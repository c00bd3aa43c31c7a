//! A Qdrant server on this machine, made from the client's own protocol, which can be told to fail.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ::qdrant_client::qdrant::collections_server::{self, CollectionsServer};
use ::qdrant_client::qdrant::points_server::{self, PointsServer};
use ::qdrant_client::qdrant::qdrant_server::{self, QdrantServer};
use ::qdrant_client::qdrant::*;
use tokio::runtime::Runtime;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use super::points::{Collections, Stored};

/// Longer than any call may take.
const HANG: Duration = Duration::from_mins(5);

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is refused, and nothing is done.
    Refused,
    /// It is done, but the answer is an error.
    Done,
    /// Half of it is done, and the answer is an error.
    Half,
    /// It is not done, and there is no answer.
    Hang,
}

/// What all services of a server share.
#[derive(Default)]
struct Shared {
    collections: Mutex<Collections>,
    calls: AtomicUsize,
    /// The number of the call that goes wrong, and how.
    fault: Mutex<Option<(usize, Fault)>>,
    is_down: AtomicBool,
    key: Mutex<Option<String>>,
    version: Mutex<String>,
    names: Mutex<Vec<&'static str>>,
}

/// A server. It ends when it is dropped.
pub(crate) struct Cluster {
    shared: Arc<Shared>,
    pub(crate) url: String,
    _runtime: Runtime,
}

#[derive(Clone)]
struct Service(Arc<Shared>);

impl Cluster {
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        *shared.version.lock().unwrap() = "1.20.0".into();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let incoming = {
            let _inside = runtime.enter();
            TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap()
        };
        let url = format!("http://{}", incoming.local_addr().unwrap());
        let service = Service(Arc::clone(&shared));
        let server = Server::builder()
            .add_service(PointsServer::new(service.clone()).max_decoding_message_size(1 << 26))
            .add_service(CollectionsServer::new(service.clone()))
            .add_service(QdrantServer::new(service));
        runtime.spawn(server.serve_with_incoming(incoming));
        Self { shared, url, _runtime: runtime }
    }

    fn collections(&self) -> MutexGuard<'_, Collections> {
        self.shared.collections.lock().unwrap()
    }

    /// The names of its collections.
    pub(crate) fn names(&self) -> Vec<String> {
        self.collections().0.keys().cloned().collect()
    }

    /// The ids of the points of a collection, without the one that describes it.
    pub(crate) fn keys(&self, name: &str) -> Vec<u64> {
        self.collections().0[name].points.keys().copied().filter(|key| *key > 0).collect()
    }

    /// The request with which a collection was created.
    pub(crate) fn created(&self, name: &str) -> CreateCollection {
        self.collections().0[name].created.clone()
    }

    /// Removes a collection behind Footnote's back.
    pub(crate) fn lose(&self, name: &str) {
        self.collections().0.remove(name).unwrap();
    }

    /// Removes a point behind Footnote's back.
    pub(crate) fn lose_point(&self, name: &str) {
        let mut collections = self.collections();
        let points = &mut collections.0.get_mut(name).unwrap().points;
        points.pop_last().unwrap();
    }

    /// Lets call `number` from now on go wrong, the first being 1.
    pub(crate) fn fail(&self, number: usize, fault: Fault) {
        let calls = self.shared.calls.load(Ordering::SeqCst);
        *self.shared.fault.lock().unwrap() = Some((calls + number, fault));
    }

    /// Whether the fault happened; there is none from then on.
    pub(crate) fn has_failed(&self) -> bool {
        self.shared.fault.lock().unwrap().take().is_none()
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.shared.names.lock().unwrap().clone()
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.shared.is_down.store(is_down, Ordering::SeqCst);
    }

    pub(crate) fn set_key(&self, key: &str) {
        *self.shared.key.lock().unwrap() = Some(key.to_owned());
    }

    pub(crate) fn set_version(&self, version: &str) {
        version.clone_into(&mut self.shared.version.lock().unwrap());
    }
}

impl Service {
    /// Does a call, or what a fault makes of it. `work` is told whether only half is to be done.
    async fn answer<I, O>(
        &self,
        name: &'static str,
        request: Request<I>,
        work: impl FnOnce(&mut Collections, I, bool) -> Result<O, Status>,
    ) -> Result<Response<O>, Status> {
        let number = self.0.calls.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.names.lock().unwrap().push(name);
        if self.0.is_down.load(Ordering::SeqCst) {
            return Err(Status::unavailable("the server is going away"));
        }
        let key = self.0.key.lock().unwrap().clone();
        let sent = request.metadata().get("api-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
        if key.is_some() && key != sent {
            return Err(Status::unauthenticated("Invalid API key or JWT"));
        }
        let fault = {
            let mut fault = self.0.fault.lock().unwrap();
            let due = fault.filter(|(due, _)| *due == number);
            if due.is_some() {
                *fault = None;
            }
            due.map(|(_, fault)| fault)
        };
        let broken = || Err(Status::aborted("broken on purpose"));
        match fault {
            Some(Fault::Refused) => return broken(),
            Some(Fault::Hang) => tokio::time::sleep(HANG).await,
            _ => {}
        }
        let done = work(&mut self.0.collections.lock().unwrap(), request.into_inner(), fault == Some(Fault::Half))?;
        if fault.is_some() { broken() } else { Ok(Response::new(done)) }
    }
}

/// Implements a service: calls that are done, and calls that nobody should make.
macro_rules! service {
    ($service:path { $($name:ident: $request:ty => $reply:ty = $work:expr;)* } refused { $($other:ident: $asked:ty => $told:ty;)* }) => {
        #[tonic::async_trait]
        impl $service for Service {
            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$reply>, Status> {
                self.answer(stringify!($name), request, $work).await
            })*
            $(async fn $other(&self, _: Request<$asked>) -> Result<Response<$told>, Status> {
                Err(Status::unimplemented(stringify!($other)))
            })*
        }
    };
}

service! {
    points_server::Points {
        upsert: UpsertPoints => PointsOperationResponse = Collections::upsert;
        delete: DeletePoints => PointsOperationResponse = |all, request, _| all.delete(request);
        get: GetPoints => GetResponse = |all, request, _| all.retrieve(request);
        scroll: ScrollPoints => ScrollResponse = |all, request, _| all.scroll(request);
        count: CountPoints => CountResponse = |all, request, _| all.count(&request);
        query: QueryPoints => QueryResponse = |all, request, _| all.query(request);
        create_field_index: CreateFieldIndexCollection => PointsOperationResponse = |all, request, _| {
            all.get(&request.collection_name)?.indexed.push(request.field_name);
            Ok(PointsOperationResponse::default())
        };
    } refused {
        update_vectors: UpdatePointVectors => PointsOperationResponse;
        delete_vectors: DeletePointVectors => PointsOperationResponse;
        set_payload: SetPayloadPoints => PointsOperationResponse;
        overwrite_payload: SetPayloadPoints => PointsOperationResponse;
        delete_payload: DeletePayloadPoints => PointsOperationResponse;
        clear_payload: ClearPayloadPoints => PointsOperationResponse;
        delete_field_index: DeleteFieldIndexCollection => PointsOperationResponse;
        create_vector_name: CreateVectorNameRequest => PointsOperationResponse;
        delete_vector_name: DeleteVectorNameRequest => PointsOperationResponse;
        search: SearchPoints => SearchResponse;
        search_batch: SearchBatchPoints => SearchBatchResponse;
        search_groups: SearchPointGroups => SearchGroupsResponse;
        recommend: RecommendPoints => RecommendResponse;
        recommend_batch: RecommendBatchPoints => RecommendBatchResponse;
        recommend_groups: RecommendPointGroups => RecommendGroupsResponse;
        discover: DiscoverPoints => DiscoverResponse;
        discover_batch: DiscoverBatchPoints => DiscoverBatchResponse;
        update_batch: UpdateBatchPoints => UpdateBatchResponse;
        query_batch: QueryBatchPoints => QueryBatchResponse;
        query_groups: QueryPointGroups => QueryGroupsResponse;
        facet: FacetCounts => FacetResponse;
        search_matrix_pairs: SearchMatrixPoints => SearchMatrixPairsResponse;
        search_matrix_offsets: SearchMatrixPoints => SearchMatrixOffsetsResponse;
    }
}

service! {
    collections_server::Collections {
        create: CreateCollection => CollectionOperationResponse = |all, request, _| {
            if all.0.contains_key(&request.collection_name) {
                return Err(Status::already_exists("Wrong input: Collection already exists!"));
            }
            let stored = Stored { created: request.clone(), indexed: Vec::new(), points: std::collections::BTreeMap::new() };
            all.0.insert(request.collection_name, stored);
            Ok(CollectionOperationResponse { result: true, time: 0.0 })
        };
        collection_exists: CollectionExistsRequest => CollectionExistsResponse = |all, request, _| {
            let exists = all.0.contains_key(&request.collection_name);
            Ok(CollectionExistsResponse { result: Some(CollectionExists { exists }), time: 0.0 })
        };
        delete: DeleteCollection => CollectionOperationResponse = |all, request, _| {
            let result = all.0.remove(&request.collection_name).is_some();
            Ok(CollectionOperationResponse { result, time: 0.0 })
        };
    } refused {
        get: GetCollectionInfoRequest => GetCollectionInfoResponse;
        list: ListCollectionsRequest => ListCollectionsResponse;
        update: UpdateCollection => CollectionOperationResponse;
        update_aliases: ChangeAliases => CollectionOperationResponse;
        list_collection_aliases: ListCollectionAliasesRequest => ListAliasesResponse;
        list_aliases: ListAliasesRequest => ListAliasesResponse;
        collection_cluster_info: CollectionClusterInfoRequest => CollectionClusterInfoResponse;
        update_collection_cluster_setup: UpdateCollectionClusterSetupRequest => UpdateCollectionClusterSetupResponse;
        create_shard_key: CreateShardKeyRequest => CreateShardKeyResponse;
        delete_shard_key: DeleteShardKeyRequest => DeleteShardKeyResponse;
        list_shard_keys: ListShardKeysRequest => ListShardKeysResponse;
    }
}

#[tonic::async_trait]
impl qdrant_server::Qdrant for Service {
    async fn health_check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckReply>, Status> {
        let version = self.0.version.lock().unwrap().clone();
        let reply = HealthCheckReply { title: "qdrant".into(), version, commit: None };
        self.answer("health_check", request, |_, _, _| Ok(reply)).await
    }
}
