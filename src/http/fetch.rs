//! `POST /v1/fetch`: has pages of the web fetched and added, if the settings allow it.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::caller::Caller;
use super::connection::Connection;
use super::deadline::Deadline;
use super::ingest::{accept, respond};
use super::prefer::Preferences;
use super::problem::Problem;
use super::schema::{FetchProblems, examples};
use crate::jobs::{PagesRequest, Part};
use crate::web::parse;
use crate::wire::{DocumentsResponse, Job};

/// How far links are followed, at most.
const MAX_DEPTH: usize = 100;

/// Pages to fetch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FetchRequest {
    /// The collection to add them to. Default: the configured collection.
    collection: Option<String>,
    /// The address of a page or another document, or of a sitemap or feed with the pages that it lists.
    #[schema(example = "https://example.org/report")]
    url: String,
    /// How many links away from the page others are read, on the same host and below the same folder. Default: 0.
    #[schema(minimum = 0, maximum = 100)]
    depth: Option<usize>,
    /// The most pages that are read. Default, and most: `max_pages` in the server's settings.
    #[schema(minimum = 1)]
    max_pages: Option<usize>,
    /// Whether pages of other hosts are read that the sitemap or feed lists. Default: false.
    other_hosts: Option<bool>,
    /// Whether documents are removed whose pages are gone from the sitemap. Default: false.
    prune: Option<bool>,
}

/// Add pages of the web
///
/// The server fetches them in a job, as robots.txt allows, one after the other for each host. A page that has not changed since
/// it was added is not sent again. Servers do this only if their operator allows it, and never from their own machine or a
/// private network, except from hosts that the operator lists.
#[utoipa::path(
    post,
    path = "/v1/fetch",
    operation_id = "fetch_pages",
    tag = "documents",
    params((
        "Prefer" = Option<String>, Header, example = "wait=10",
        description = "`wait=N`: wait up to N seconds for the job (RFC 7240)"
    )),
    request_body(content((FetchRequest = "application/json", example = json!(examples::fetch())))),
    responses(
        (status = 200, description = "The outcome for each document", body = DocumentsResponse,
            example = json!(examples::outcomes())),
        (status = 202, description = "The job that adds the documents", body = Job,
            headers(("Location" = String, description = "The address of the job")), example = json!(examples::job())),
        FetchProblems
    )
)]
pub(super) async fn fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    preferences: Preferences,
    request: Request,
) -> Result<Response, Problem> {
    if !app.fetches {
        return Err(Problem::no_fetching());
    }
    let deadline = Deadline::of(request.extensions());
    let connection = Connection::of(request.extensions());
    let Json(FetchRequest { collection, url, depth, max_pages, other_hosts, prune }, reserved) =
        Json::from_request(request, &()).await?;
    let url = parse(&url)?.to_string();
    let (depth, max_pages) = (depth.unwrap_or(0), max_pages.unwrap_or(app.max_pages));
    if depth > MAX_DEPTH {
        return Err(Problem::bad_request(format!("`depth` is {depth}"), format!("give at most {MAX_DEPTH}")));
    }
    if !(1..=app.max_pages).contains(&max_pages) {
        let hint = format!("give at least 1 and at most {}", app.max_pages);
        return Err(Problem::bad_request(format!("`max_pages` is {max_pages}"), hint));
    }
    let (other_hosts, prune) = (other_hosts.unwrap_or(false), prune.unwrap_or(false));
    deadline.lift();
    let part = Part::pages(&PagesRequest { url, depth, max_pages, other_hosts, prune });
    let job = accept(&app, &caller, collection, vec![part], reserved).await?;
    respond(&app, job, preferences, connection.as_deref()).await
}
