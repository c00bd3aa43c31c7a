//! The HTTP API: routes over the library, apart from the socket that they are served on.
//!
//! A request passes, from the outside in: the `envelope` (log line, common headers, bodies of errors), the `guard` (who
//! sent it, and whether they may, by the table in `access`), the `deadline`, the panic catcher, and its handler, which receives the body (`receive`) and waits for its
//! turn (`admission`). Each family of routes is a file. Response shapes that the command line shares are in `wire`; the
//! parts of the API's description that routes refer to are in `schema`.

mod access;
mod admission;
mod ask;
mod attributes;
mod body;
mod caller;
mod check;
mod collections;
mod connection;
mod cursors;
mod deadline;
mod dialect;
mod dify;
mod documents;
mod envelope;
mod feedback;
mod fetch;
mod guard;
mod handoff;
mod health;
mod ingest;
mod jobs;
mod json_object;
mod jwt;
mod librechat;
mod limits;
mod links;
#[cfg(feature = "mcp")]
mod mcp;
mod metrics;
mod ollama;
mod openai;
mod openapi;
mod originals;
mod origins;
mod pace;
mod page;
mod prefer;
mod privacy;
mod problem;
mod prompt;
mod questions;
mod receive;
mod request_id;
mod schema;
mod search;
mod serve;
mod sheets;
mod stream;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::config::Config;
use crate::error::Result;
use crate::handoff::{INGEST_PATH, REINDEX_PATH, REMOVE_PATH};
use crate::jobs::Jobs;
use crate::library::Library;
use crate::web::Web;
use crate::wire::Mode;

use admission::Admission;
use guard::Guard;
use limits::Limits;
use metrics::Metrics;
use openai::{chat, embeddings, models, rerank, responses, stores, vector_stores};
use receive::{BodyMemory, BodyRules};
pub use serve::{addresses, bind, serve, shutdown_signal};

/// How long a browser may reuse the answer to a preflight request.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_hours(1);

/// What handlers share.
struct App {
    library: Arc<Library>,
    /// Writes in the background.
    jobs: Arc<Jobs>,
    /// Whether clients may have pages fetched, and how many at most.
    fetches: bool,
    max_pages: usize,
    admission: Admission,
    /// The name of the embedding model.
    model: String,
    /// The start of links; empty for the address that the request used.
    public_url: String,
    /// When the server started, in seconds since 1970.
    started: i64,
    /// Largest request body.
    max_body_bytes: usize,
    limits: Arc<Limits>,
    /// Largest line that the command line hands over.
    max_line_bytes: usize,
    health: health::HealthInfo,
    metrics: Arc<Metrics>,
    /// Where searches go on.
    cursors: Arc<cursors::Cursors>,
    /// How questions can be answered, the default first.
    modes: Vec<Mode>,
}

impl App {
    fn new(library: Arc<Library>, config: &Config, limits: Limits) -> Self {
        let web = config.server.allow_fetch.then(|| Arc::new(Web::new(config)));
        Self {
            jobs: Arc::new(Jobs::open(Arc::clone(&library), web.clone())),
            fetches: web.is_some(),
            max_pages: config.web.max_pages,
            cursors: Arc::default(),
            metrics: Arc::new(Metrics::new(library.meter(), &config.model.label())),
            library,
            admission: Admission::new(&config.server, &limits),
            model: config.model.label(),
            public_url: config.server.public_url.clone(),
            max_line_bytes: crate::handoff::max_line_bytes(&config.ingest),
            health: health::HealthInfo::of(config),
            modes: crate::footnote::modes(config).into_iter().map(Into::into).collect(),
            max_body_bytes: config.server.max_body_bytes,
            limits: Arc::new(limits),
            started: jiff::Timestamp::now().as_second(),
        }
    }
}

/// All routes over the collections of `library`, with the limits in `config.server`. [`serve`] puts them on a socket.
///
/// The model need not be loaded yet: `GET /readyz` answers 503 until it is.
///
/// # Errors
///
/// [`Error::Input`](crate::Error::Input) if the entry of a key is malformed, and errors of the file of keys.
pub fn router(library: Arc<Library>, config: &Config) -> Result<Router> {
    let app = Arc::new(App::new(library, config, Limits::default()));
    let metrics = Arc::clone(&app.metrics);
    protect(routes(app), metrics, config)
}

fn routes(app: Arc<App>) -> Router {
    let rules = |max_bytes: usize, memory: &BodyMemory| {
        let max_bytes = max_bytes.min(app.max_body_bytes);
        BodyRules { max_bytes, is_write: false, memory: memory.clone(), limits: Arc::clone(&app.limits) }
    };
    let body = |max_bytes, memory| Extension(rules(max_bytes, memory));
    let admission = &app.admission;
    let question = body(ask::MAX_BODY_BYTES, &admission.read_memory);
    let checked = body(check::MAX_BODY_BYTES, &admission.read_memory);
    let conversation = body(chat::MAX_BODY_BYTES, &admission.read_memory);
    let texts = body(embeddings::MAX_BODY_BYTES, &admission.embed_memory);
    let documents = Extension(BodyRules { is_write: true, ..rules(usize::MAX, &admission.write_memory) });
    let routes = Router::new()
        .route("/v1/ask", post(ask::ask).layer(question.clone()))
        .route("/v1/search", post(search::search).layer(question.clone()))
        .route("/v1/check", post(check::check).layer(checked))
        .route("/v1/feedback", get(feedback::list).post(feedback::give).delete(feedback::clear).layer(question.clone()))
        .route("/v1/feedback/{id}", delete(feedback::remove))
        .route("/v1/questions", get(questions::list).delete(questions::clear))
        .route("/v1/documents", get(documents::list).post(ingest::add).layer(documents.clone()))
        .route("/v1/documents/{id}", get(documents::show).delete(documents::remove))
        .route("/v1/fetch", post(fetch::fetch).layer(question.clone()))
        .route("/v1/documents/{id}/text", get(documents::text))
        .route("/v1/documents/{id}/original", get(originals::file))
        .route("/v1/documents/{id}/pages/{page}", get(originals::page))
        .route("/v1/documents/{id}/place", get(originals::place))
        .route("/v1/documents/{id}/sheet", get(sheets::sheet))
        .route("/v1/jobs", get(jobs::list))
        .route("/v1/jobs/{id}", get(jobs::show).delete(jobs::cancel))
        .route("/v1/jobs/{id}/events", get(jobs::events))
        .route("/v1/collections", get(collections::list).post(collections::create).layer(question.clone()))
        .route("/v1/collections/{name}", delete(collections::remove))
        .route("/v1/chat/completions", post(chat::complete).layer(conversation.clone()))
        .route("/v1/responses", post(responses::respond).layer(conversation.clone()))
        .route("/v1/models", get(models::list))
        .route("/v1/models/{model}", get(models::show))
        .route("/v1/embeddings/models", get(models::list_embedding))
        .route("/v1/embeddings", post(embeddings::embed).layer(texts.clone()))
        // Cohere's clients use one or the other, by their version.
        .route("/v1/rerank", post(rerank::rerank).layer(texts.clone()))
        .route("/v2/rerank", post(rerank::rerank).layer(texts.clone()))
        .route("/v1/vector_stores", get(stores::list))
        .route("/v1/vector_stores/{id}", get(stores::show))
        .route("/v1/vector_stores/{id}/files", get(stores::files))
        .route("/v1/vector_stores/{id}/files/{file_id}", get(stores::file))
        .route("/v1/vector_stores/{id}/files/{file_id}/content", get(stores::content))
        .route("/v1/vector_stores/{id}/search", post(vector_stores::search).layer(question.clone()))
        .route("/api/version", get(ollama::models::version))
        .route("/api/tags", get(ollama::models::tags))
        .route("/api/ps", get(ollama::models::running))
        .route("/api/show", post(ollama::models::show).layer(question.clone()))
        .route("/api/chat", post(ollama::chat::chat).layer(conversation.clone()))
        .route("/api/generate", post(ollama::generate::generate).layer(conversation))
        .route("/api/embed", post(ollama::embed::texts).layer(texts.clone()))
        .route("/api/embeddings", post(ollama::embed::text).layer(texts))
        .route("/retrieval", post(dify::retrieve).layer(question.clone()))
        .route("/health", get(librechat::files::health))
        .route("/ids", get(librechat::files::ids))
        .route("/embed", post(librechat::files::embed).layer(documents.clone()))
        .route("/embed-upload", post(librechat::files::embed).layer(documents.clone()))
        .route("/text", post(librechat::files::text).layer(documents.clone()))
        .route("/documents", get(librechat::files::list).delete(librechat::files::remove).layer(documents))
        .route("/documents/{id}/context", get(librechat::files::context))
        .route("/query", post(librechat::query).layer(question.clone()))
        .route("/query_multiple", post(librechat::query_multiple).layer(question.clone()))
        .route(INGEST_PATH, post(handoff::ingest))
        .route(REMOVE_PATH, post(handoff::remove))
        .route(REINDEX_PATH, post(handoff::reindex))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::scrape))
        .route("/openapi.json", get(openapi::document))
        .merge(page::routes());
    #[cfg(feature = "mcp")]
    let routes = routes.route("/mcp", mcp::route(&app).layer(question));
    routes.fallback(problem::no_route).method_not_allowed_fallback(problem::wrong_method).with_state(app)
}

/// Adds the layers that every route needs. The last layer is the outermost.
fn protect(routes: Router, metrics: Arc<Metrics>, config: &Config) -> Result<Router> {
    let server = &config.server;
    let limit = Duration::from_secs(server.request_timeout_seconds);
    let guard = Arc::new(Guard::new(config)?);
    let routes = routes
        // Bodies have limits of their own, by route.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(limit, deadline::enforce))
        .layer(from_fn_with_state(guard, guard::check))
        .layer(from_fn_with_state(metrics, envelope::wrap));
    // Outermost, since a preflight request has no key.
    Ok(if server.allowed_origins.is_empty() { routes } else { routes.layer(cors(&server.allowed_origins)) })
}

/// Lets web pages of these origins read responses.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([RETRY_AFTER, LOCATION, request_id::HEADER])
        .max_age(PREFLIGHT_MAX_AGE)
}
