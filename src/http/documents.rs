//! Reading and removing what was ingested: `GET /v1/documents`, `GET|DELETE /v1/documents/{id}`, `GET …/{id}/text`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::admission::{Read, Write};
use super::body::{DocumentId, Parameters};
use super::collections::InCollection;
use super::schema::{LookupProblems, RangeProblems, examples};
use super::problem::Problem;
use crate::error::Result;
use crate::json::in_range;
use crate::wire::{DocumentPage, DocumentResponse};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

/// Which documents to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParameters {
    /// The id to go on behind: `next` of the page before.
    after: Option<String>,
    /// Documents in a page, at most; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The collection's name; the configured one if not given.
    collection: Option<String>,
}

/// Which part of a text.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TextParameters {
    /// `a-b`: bytes from `a` up to, not including, `b`, as in the `span.bytes` of a citation. All if not given.
    #[param(example = "0-34", pattern = "^[0-9]{1,15}-[0-9]{1,15}$")]
    bytes: Option<String>,
    /// The collection's name; the configured one if not given.
    collection: Option<String>,
}

/// List documents
#[utoipa::path(
    get,
    path = "/v1/documents",
    operation_id = "list_documents",
    tag = "documents",
    params(PageParameters),
    responses(
        (status = 200, description = "A page of documents", body = DocumentPage,
            example = json!(examples::document_page())),
        LookupProblems
    )
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    Parameters(PageParameters { after, limit, collection }): Parameters<PageParameters>,
) -> Result<axum::Json<DocumentPage>, Problem> {
    let limit = in_range("limit", limit, 1, MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    // One more than asked for tells whether there is another page.
    let found = slot.run(&app, collection, move |footnote| footnote.documents(after.as_deref(), limit + 1)).await?;
    Ok(axum::Json(DocumentPage::new(found, limit)))
}

/// Show a document
///
/// All that is known of it but the text.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}",
    operation_id = "get_document",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), InCollection),
    responses(
        (status = 200, description = "The document", body = DocumentResponse, example = json!(examples::document())),
        LookupProblems
    )
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
    Parameters(InCollection { collection }): Parameters<InCollection>,
) -> Result<axum::Json<DocumentResponse>, Problem> {
    let document = slot.run(&app, collection, move |footnote| footnote.document(&id)).await?;
    Ok(axum::Json(document.info.into()))
}

/// Remove a document
///
/// Its text and all that was derived from it. Its passages' ids are not used again.
#[utoipa::path(
    delete,
    path = "/v1/documents/{id}",
    operation_id = "delete_document",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), InCollection),
    responses((status = 204, description = "It is removed, and that is safe on disk"), LookupProblems)
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    DocumentId(id): DocumentId,
    Parameters(InCollection { collection }): Parameters<InCollection>,
) -> Result<StatusCode, Problem> {
    slot.run(&app, collection, move |footnote| footnote.delete(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a document's text
///
/// As it is stored, which is what all offsets point into; all of it or the bytes asked for.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}/text",
    operation_id = "get_document_text",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), TextParameters),
    responses(
        (status = 200, description = "The text", body = String, content_type = "text/plain; charset=utf-8",
            headers(("ETag" = String, description = "A hash of the content")), example = json!(examples::TEXT)),
        (status = 304, description = "The text is the one that If-None-Match names"),
        RangeProblems
    )
)]
pub(super) async fn text(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
    Parameters(TextParameters { bytes, collection }): Parameters<TextParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let range = bytes.as_deref().map(parse_range).transpose()?;
    let document = slot.run(&app, collection, move |footnote| footnote.document(&id)).await?;
    let part = match range {
        None => document.text,
        Some((start, end)) => slice(&document.text, start, end)?.to_owned(),
    };
    let tag = format!("\"{}\"", blake3::hash(part.as_bytes()).to_hex());
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|tags| tags.split(',')).any(|known| names(known, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (ETAG, tag)], part).into_response())
}

/// Whether an entry of If-None-Match names the entity tag `tag`, compared weakly as RFC 9110 asks.
fn names(entry: &str, tag: &str) -> bool {
    let entry = entry.trim();
    entry == "*" || entry.strip_prefix("W/").unwrap_or(entry) == tag
}

/// Reads `a-b`.
fn parse_range(range: &str) -> Result<(usize, usize), Problem> {
    // `parse` alone would take a sign.
    let offset = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let ends = range.split_once('-').and_then(|(start, end)| Some((offset(start)?, offset(end)?)));
    ends.ok_or_else(|| {
        Problem::bad_request(
            "`bytes` is not of the form `a-b`",
            "give two byte offsets, the second exclusive, such as bytes=0-36",
        )
    })
}

/// `text[start..end]`, refused if that is not a part of it on character boundaries.
fn slice(text: &str, start: usize, end: usize) -> Result<&str, Problem> {
    if let Some(part) = text.get(start..end) {
        return Ok(part);
    }
    if start > end || end > text.len() {
        return Err(Problem::bad_range(
            format!("bytes {start}-{end} are not a part of the text, which has {} bytes", text.len()),
            "the first offset may not be beyond the second, nor the second beyond the end",
        ));
    }
    Err(Problem::bad_range(
        format!("bytes {start}-{end} begin or end inside a character"),
        format!(
            "the offsets are in bytes of UTF-8; the nearest part is {}-{}",
            text.floor_char_boundary(start),
            text.ceil_char_boundary(end)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_range_is_two_plain_numbers() {
        assert_eq!(parse_range("0-36").unwrap(), (0, 36));
        for range in ["", "-", "1", "1-", "-1", "+1-2", "1-+2", "1-2-3", "a-b", " 1-2", "1-99999999999999999999999"] {
            assert!(parse_range(range).is_err(), "{range}");
        }
    }

    #[test]
    fn a_range_inside_a_character_is_refused_with_the_nearest_that_is_not() {
        assert_eq!(slice("一二三", 3, 6).unwrap(), "二");
        let problem = format!("{:?}", slice("一二三", 4, 5).unwrap_err());
        assert!(problem.contains("nearest part is 3-6"), "{problem}");
    }

    #[test]
    fn entity_tags_are_compared_weakly() {
        assert!(names(" W/\"a\"", "\"a\"") && names("*", "\"a\""));
        assert!(!names("\"b\"", "\"a\"") && !names("a", "\"a\""));
    }

    proptest! {
        #[test]
        fn a_part_is_given_exactly_where_the_text_has_it(text in "\\PC{0,12}", start in 0_usize..40, end in 0_usize..40) {
            prop_assert_eq!(slice(&text, start, end).ok(), text.get(start..end));
        }
    }
}
