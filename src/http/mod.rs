//! The HTTP face: Footnote's own routes over the façade, apart from the socket they are served on.
//!
//! A request passes, from the outside in: the `envelope` (log line, common headers, errors as problem details), the
//! `guard` (whom the request came from), the `deadline`, the panic catcher, `admission` (how much is under way) and its
//! handler. Each family of routes is a file with its JSON shapes; shapes that families share are in `wire`.

mod admission;
pub(crate) mod ask;
mod body;
mod collections;
mod deadline;
pub(crate) mod documents;
mod envelope;
mod guard;
mod health;
pub(crate) mod ingest;
mod openapi;
mod page;
mod problem;
mod serve;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::config::{Config, ServerConfig};
use crate::library::Library;

use admission::Admission;
pub use serve::{bind, serve, shutdown_signal};

/// What handlers share.
struct App {
    library: Arc<Library>,
    admission: Admission,
}

impl App {
    fn new(library: Arc<Library>, config: &Config) -> Self {
        Self { library, admission: Admission::new(config.server.max_concurrent) }
    }
}

/// All routes over the collections of `library`, limited as `config.server` says; [`serve`] puts them on a socket.
///
/// The model need not be loaded yet: `GET /readyz` answers 503 until it is.
pub fn router(library: Arc<Library>, config: &Config) -> Router {
    protect(routes(Arc::new(App::new(library, config))), &config.server)
}

fn routes(app: Arc<App>) -> Router {
    let small = DefaultBodyLimit::max(ask::MAX_BODY_BYTES);
    Router::new()
        .route("/v1/ask", post(ask::ask).layer(small))
        .route("/v1/search", post(ask::search).layer(small))
        .route("/v1/documents", get(documents::list).post(ingest::add))
        .route("/v1/documents/{id}", get(documents::show).delete(documents::remove))
        .route("/v1/documents/{id}/text", get(documents::text))
        .route("/v1/collections", get(collections::list).post(collections::create))
        .route("/v1/collections/{name}", delete(collections::remove))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .merge(page::routes())
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(app)
}

/// Puts around `routes` what every route needs. The last layer is the outermost.
fn protect(routes: Router, server: &ServerConfig) -> Router {
    let limit = Duration::from_secs(server.request_timeout_seconds);
    routes
        .layer(DefaultBodyLimit::max(server.max_body_bytes))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(limit, deadline::enforce))
        .layer(from_fn(guard::check))
        .layer(from_fn(envelope::wrap))
}
