//! What each route requires of its caller.
//!
//! The guard looks here before a request reaches its route. It refuses a route that is not in the table, so a new one
//! cannot be reached before somebody has decided who may use it.

use crate::handoff::{INGEST_PATH, REINDEX_PATH, REMOVE_PATH};
use crate::keys::Scope;

/// What a route requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it shows no document and changes none.
    Open,
    /// Proof that the server's own user sent it.
    Proof,
    /// Likewise, whatever the sender's settings.
    HolderProof,
    /// A key with this scope, if there are keys.
    Scope(Scope),
    /// A key with the scope `admin`, if there are keys and the settings do not open it.
    Metrics,
}

const ASK: Need = Need::Scope(Scope::Ask);
const WRITE: Need = Need::Scope(Scope::Write);
const ADMIN: Need = Need::Scope(Scope::Admin);

/// The method and the path of each route, as the router has it, and what it requires. GET stands for HEAD, too.
const ROUTES: &[(&str, &str, Need)] = &[
    ("POST", "/v1/ask", ASK),
    ("POST", "/v1/search", ASK),
    ("POST", "/v1/check", ASK),
    // A key without the scope `admin` sees and deletes only what was sent with it.
    ("GET", "/v1/feedback", ASK),
    ("POST", "/v1/feedback", ASK),
    ("DELETE", "/v1/feedback", ASK),
    ("DELETE", "/v1/feedback/{id}", ASK),
    ("GET", "/v1/questions", ASK),
    ("DELETE", "/v1/questions", ASK),
    ("GET", "/v1/documents", ASK),
    ("POST", "/v1/documents", WRITE),
    ("GET", "/v1/documents/{id}", ASK),
    ("DELETE", "/v1/documents/{id}", WRITE),
    ("GET", "/v1/documents/{id}/text", ASK),
    ("GET", "/v1/documents/{id}/original", ASK),
    ("GET", "/v1/documents/{id}/pages/{page}", ASK),
    ("GET", "/v1/documents/{id}/place", ASK),
    ("GET", "/v1/documents/{id}/sheet", ASK),
    ("POST", "/v1/fetch", WRITE),
    ("GET", "/v1/jobs", WRITE),
    ("GET", "/v1/jobs/{id}", WRITE),
    ("DELETE", "/v1/jobs/{id}", WRITE),
    ("GET", "/v1/jobs/{id}/events", WRITE),
    ("GET", "/v1/collections", ASK),
    ("POST", "/v1/collections", ADMIN),
    ("DELETE", "/v1/collections/{name}", ADMIN),
    ("POST", "/v1/chat/completions", ASK),
    ("POST", "/v1/responses", ASK),
    ("GET", "/v1/models", ASK),
    ("GET", "/v1/models/{model}", ASK),
    ("GET", "/v1/embeddings/models", ASK),
    ("POST", "/v1/embeddings", ASK),
    ("POST", "/v1/rerank", ASK),
    ("POST", "/v2/rerank", ASK),
    ("GET", "/v1/vector_stores", ASK),
    ("GET", "/v1/vector_stores/{id}", ASK),
    ("GET", "/v1/vector_stores/{id}/files", ASK),
    ("GET", "/v1/vector_stores/{id}/files/{file_id}", ASK),
    ("GET", "/v1/vector_stores/{id}/files/{file_id}/content", ASK),
    ("POST", "/v1/vector_stores/{id}/search", ASK),
    ("GET", "/api/version", ASK),
    ("GET", "/api/tags", ASK),
    ("GET", "/api/ps", ASK),
    ("POST", "/api/show", ASK),
    ("POST", "/api/chat", ASK),
    ("POST", "/api/generate", ASK),
    ("POST", "/api/embed", ASK),
    ("POST", "/api/embeddings", ASK),
    ("POST", "/retrieval", ASK),
    ("GET", "/health", Need::Open),
    ("GET", "/ids", ASK),
    ("POST", "/embed", WRITE),
    ("POST", "/embed-upload", WRITE),
    ("POST", "/text", ASK),
    ("GET", "/documents", ASK),
    ("DELETE", "/documents", WRITE),
    ("GET", "/documents/{id}/context", ASK),
    ("POST", "/query", ASK),
    ("POST", "/query_multiple", ASK),
    // All tools of MCP only read.
    ("POST", "/mcp", ASK),
    ("POST", INGEST_PATH, Need::Proof),
    ("POST", REMOVE_PATH, Need::Proof),
    ("POST", REINDEX_PATH, Need::HolderProof),
    ("GET", "/healthz", Need::Open),
    ("GET", "/readyz", Need::Open),
    ("GET", "/metrics", Need::Metrics),
    ("GET", "/openapi.json", Need::Open),
    // The web page, which asks for the key itself.
    ("GET", "/", Need::Open),
    ("GET", "/documents/{id}", Need::Open),
    ("GET", "/docs", Need::Open),
    ("GET", "/page/{file}", Need::Open),
];

/// Routes that tests add.
const OF_TESTS: &[(&str, &str, Need)] = &[("GET", "/panic", Need::Open), ("GET", "/slow", Need::Open)];

/// What the table says of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Required {
    /// What its route requires.
    Of(Need),
    /// The path has no such method; these it has, as in the header Allow.
    NoMethod(String),
    /// The table does not have the path.
    Unknown,
}

/// What a request with this method for the route at `path` requires.
pub(super) fn required(method: &str, path: &str) -> Required {
    let method = if method == "HEAD" { "GET" } else { method };
    let tests = if cfg!(test) { OF_TESTS } else { &[] };
    let mut methods = Vec::new();
    for (known, _, need) in ROUTES.iter().chain(tests).filter(|(_, known, _)| *known == path) {
        if *known == method {
            return Required::Of(*need);
        }
        methods.push(*known);
        if *known == "GET" {
            methods.push("HEAD");
        }
    }
    if methods.is_empty() { Required::Unknown } else { Required::NoMethod(methods.join(",")) }
}

/// The path of the route that a path belongs to, as the router has it.
#[cfg(test)]
pub(super) fn pattern_of(path: &str) -> Option<&'static str> {
    let fits = |pattern: &&'static str, exactly: bool| {
        let same = |(part, given): (&str, &str)| part == given || (!exactly && part.starts_with('{'));
        pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(same)
    };
    let patterns = || ROUTES.iter().map(|(_, pattern, _)| *pattern);
    patterns().find(|pattern| fits(pattern, true)).or_else(|| patterns().find(|pattern| fits(pattern, false)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_method_that_a_path_does_not_have_is_told_from_a_path_that_is_unknown() {
        assert_eq!(required("HEAD", "/v1/jobs"), Required::Of(WRITE));
        assert_eq!(required("PUT", "/v1/documents/{id}"), Required::NoMethod("GET,HEAD,DELETE".into()));
        assert_eq!(required("GET", "/v1/new"), Required::Unknown);
    }

    #[test]
    fn no_route_is_in_the_table_twice() {
        let routes: BTreeSet<_> = ROUTES.iter().map(|(method, path, _)| (method, path)).collect();
        assert_eq!(routes.len(), ROUTES.len());
    }

    #[test]
    fn only_what_has_no_documents_is_open() {
        let open = ROUTES.iter().filter(|(_, _, need)| *need == Need::Open);
        let open: Vec<_> = open.map(|(_, path, _)| *path).collect();
        let page = ["/", "/documents/{id}", "/docs", "/page/{file}"];
        assert_eq!(open, [&["/health", "/healthz", "/readyz", "/openapi.json"][..], &page].concat());
    }

    /// The paths of the router, read from its `Debug` form, which lists them.
    fn paths_of(router: &axum::Router) -> BTreeSet<String> {
        let shown = format!("{router:?}");
        let quoted = shown.split('"').skip(1).step_by(2);
        // The one without a name of its own is the router's fallback.
        let is_route = |text: &&str| text.starts_with('/') && !text.contains("__private__");
        quoted.filter(is_route).map(str::to_owned).collect()
    }

    #[test]
    fn the_table_has_every_route_of_the_router_and_no_other() {
        let index = tempfile::tempdir().unwrap();
        let mut config = crate::Config::default();
        config.index.dir = index.path().to_owned();
        let library = std::sync::Arc::new(crate::Library::open(&config, Box::new(|_| {})).unwrap());
        let app = crate::http::App::new(library, &config, crate::http::limits::Limits::default());
        let router = crate::http::routes(std::sync::Arc::new(app));
        let known: BTreeSet<String> = ROUTES.iter().map(|(_, path, _)| (*path).to_owned()).collect();
        assert_eq!(paths_of(&router), known);

        // Without the guard, a route answers 405 to the methods that it does not have, and to no other.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        for path in known {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let target = path.replace(['{', '}'], "");
                let request =
                    axum::http::Request::builder().method(method).uri(target).body(axum::body::Body::empty()).unwrap();
                let response = runtime.block_on(tower_service::call(router.clone(), request));
                let has = !matches!(required(method, &path), Required::NoMethod(_));
                assert_eq!(response.status() != axum::http::StatusCode::METHOD_NOT_ALLOWED, has, "{method} {path}");
            }
        }
    }

    /// Sends a request to a router without a socket.
    mod tower_service {
        use axum::Router;
        use axum::extract::Request;
        use axum::response::Response;
        use hyper::service::Service as _;
        use hyper_util::service::TowerToHyperService;

        pub(super) async fn call(router: Router, request: Request) -> Response {
            match TowerToHyperService::new(router).call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    }
}
