//! Pages of the web as a part of a job: what was asked for, and its turns, each of one page. A page is fetched before its turn
//! begins, so other writes do not wait for the web.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Part;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::footnote::{Footnote, IngestOptions};
use crate::ingest::Pages;
use crate::web::visit::{Order, Visit};
use crate::web::{Web, parse};

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PagesRequest {
    pub(crate) url: String,
    pub(crate) depth: usize,
    pub(crate) max_pages: usize,
    pub(crate) other_hosts: bool,
    /// Whether documents of pages that are gone are removed.
    pub(crate) prune: bool,
}

impl Part {
    /// Pages that are fetched when the job runs.
    pub(crate) fn pages(request: &PagesRequest) -> Self {
        // Texts and numbers always serialize.
        let bytes = serde_json::to_vec(request).unwrap_or_default();
        Self { name: request.url.clone(), kind: super::PartKind::Pages, bytes }
    }
}

/// The options of documents from the web: as usual, and with pruning.
#[derive(Debug, Default)]
pub(super) struct PageOptions {
    usual: IngestOptions,
    pruning: IngestOptions,
}

impl PageOptions {
    pub(super) fn new() -> Self {
        Self { usual: IngestOptions::default(), pruning: IngestOptions { prune: true, ..IngestOptions::default() } }
    }
}

/// The visit of a part, which `bytes` are.
///
/// # Errors
///
/// [`Error::Document`] if the server fetches nothing any more, or another version accepted the job.
pub(super) fn open<'a>(
    name: &str,
    bytes: &[u8],
    web: Option<&Arc<Web>>,
    footnote: &'a Footnote,
    options: &'a PageOptions,
    cancel: &Cancel,
) -> Result<Pages<'a>> {
    let refused = |reason: String, hint: &str| Error::Document { document: name.to_owned(), reason, hint: hint.into() };
    let Some(web) = web else {
        let hint = "its operator sets [server] allow_fetch = true in config.toml";
        return Err(refused("is not fetched: the server does not fetch pages".into(), hint));
    };
    let request: PagesRequest = serde_json::from_slice(bytes).map_err(|error| {
        refused(format!("cannot be read again ({error})"), "another version of Footnote accepted it; send it again")
    })?;
    let PagesRequest { url, depth, max_pages, other_hosts, prune } = request;
    let order = Order { urls: vec![parse(&url)?], depth, max_pages, other_hosts, ..Order::default() };
    let visit = Visit::new(Arc::clone(web), order, cancel.clone());
    Ok(footnote.pages(visit, if prune { &options.pruning } else { &options.usual }))
}
