//! The files that documents were read from: `GET /v1/documents/{id}/original`, `…/pages/{page}` and `…/place`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::admission::Read;
use super::body::{DocumentId, Parameters};
use super::collections::InCollection;
use super::documents::{is_known, parse_range, slice};
use super::problem::Problem;
use super::schema::{LookupProblems, PictureProblems, RangeProblems};
use crate::passage::{self, Document, OriginalRecord, Span};
use crate::wire::CitedPlace;

/// A file may be a hostile web page. Nothing of it runs or is loaded, wherever it is opened.
const POLICY: &str = "sandbox; default-src 'none'";
const DEFAULT_SCALE: f32 = 1.5;
/// Smallest and largest scale, in tenths.
const SCALES: std::ops::RangeInclusive<f32> = 0.1..=4.0;

/// Selects a part of a text.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PlaceParameters {
    /// `a-b`: the bytes from `a` up to but not including `b`, as in a citation's `span.bytes`. Default: none.
    #[param(example = "0-34", pattern = "^[0-9]{1,15}-[0-9]{1,15}$")]
    bytes: Option<String>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

/// Selects how a page is drawn.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PictureParameters {
    /// Pixels for each point of the page. A very large page is drawn smaller. Default: 1.5.
    #[param(minimum = 0.1, maximum = 4.0)]
    scale: Option<f32>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

/// The file that a document was read from, and where a part of its text stands in it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaceResponse {
    /// Null if nothing is known of it, as in a plain text, or if no part was given.
    #[schema(required)]
    place: Option<CitedPlace>,
    /// How many pages the document has; 0 if its format has none.
    pages: usize,
    /// Its file; null if that is the text itself.
    #[schema(required)]
    original: Option<OriginalResponse>,
}

/// A file that a document was read from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OriginalResponse {
    /// Without folders.
    #[schema(example = "outlook.pdf")]
    name: String,
    #[schema(example = "application/pdf")]
    media_type: &'static str,
    size_bytes: u64,
}

impl From<OriginalRecord> for OriginalResponse {
    fn from(original: OriginalRecord) -> Self {
        let OriginalRecord { name, size_bytes, format, .. } = original;
        Self { name, media_type: format.media_type(), size_bytes }
    }
}

/// Get a document's file
///
/// Returns the file that the document was read from, as it was. If a file holds several documents, each has the whole file.
/// For a document that is a text, it is the text. Files over `[ingest] keep_originals_bytes` are read from their place, and
/// only while they are there and unchanged.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}/original",
    operation_id = "get_document_original",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), InCollection),
    responses(
        (status = 200, description = "The file, with its media type", content_type = "*/*",
            headers(("Content-Disposition" = String, description = "Its name"), ("ETag" = String, description = "A hash of it"))),
        (status = 304, description = "The file has the entity tag in If-None-Match"),
        LookupProblems
    )
)]
pub(super) async fn file(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
    Parameters(InCollection { collection }): Parameters<InCollection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let original = slot.run(&app, collection, move |footnote| footnote.original(&id)).await?;
    let name = utf8_percent_encode(&original.name, NON_ALPHANUMERIC);
    let about = [
        (CONTENT_TYPE, original.media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    Ok(tagged(&headers, about, original.bytes))
}

/// Draw a page
///
/// Returns a picture of a page of the PDF that the document was read from. A citation's `place.boxes` are in points from
/// the page's top left corner; times `scale` they are pixels of the picture.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}/pages/{page}",
    operation_id = "get_document_page",
    tag = "documents",
    params(
        ("id" = String, Path, description = "The document's id, percent-encoded"),
        ("page" = String, Path, description = "The page's number, from 1, and `.png`", example = "3.png",
            pattern = "^[1-9][0-9]{0,5}\\.png$"),
        PictureParameters
    ),
    responses(
        (status = 200, description = "A picture of the page", content_type = "image/png",
            headers(("ETag" = String, description = "A hash of it"))),
        (status = 304, description = "The picture has the entity tag in If-None-Match"),
        PictureProblems
    )
)]
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    Path((id, page)): Path<(String, String)>,
    Parameters(PictureParameters { scale, collection }): Parameters<PictureParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let page = number(&page)?;
    let scale = scale.unwrap_or(DEFAULT_SCALE);
    if !SCALES.contains(&scale) {
        return Err(Problem::bad_request(
            format!("`scale` is {scale}"),
            "`scale` must be between 0.1 and 4; omit it for the default",
        ));
    }
    let picture = slot.run(&app, collection, move |footnote| footnote.page_picture(&id, page, scale)).await?;
    Ok(tagged(&headers, [(CONTENT_TYPE, "image/png".to_owned())], picture.to_vec()))
}

/// Find a place
///
/// Says which file a document was read from, and where a part of its text stands in it, as a citation's `place` does for
/// its quote.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}/place",
    operation_id = "get_document_place",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), PlaceParameters),
    responses((status = 200, description = "The place", body = PlaceResponse), RangeProblems)
)]
pub(super) async fn place(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
    Parameters(PlaceParameters { bytes, collection }): Parameters<PlaceParameters>,
) -> Result<axum::Json<PlaceResponse>, Problem> {
    let range = bytes.as_deref().map(parse_range).transpose()?;
    let read =
        slot.run(&app, collection, move |footnote| Ok((footnote.document(&id)?, footnote.original_record(&id)?)));
    let (Document { text, layout, .. }, original) = read.await?;
    let place = match range {
        None => None,
        Some((start, end)) => {
            slice(&text, start, end)?;
            passage::CitedPlace::of(&layout, &text, Span::new(start, end))
        }
    };
    let (pages, original) = (layout.pages.len(), original.map(Into::into));
    Ok(axum::Json(PlaceResponse { place: place.map(Into::into), pages, original }))
}

/// Reads `3.png`.
fn number(page: &str) -> Result<u32, Problem> {
    let digits = page.strip_suffix(".png").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
        Problem::bad_request(format!("`{page}` is no page"), "send a page's number, from 1, and .png, such as 3.png")
    })
}

/// A body with its hash as entity tag, or 304 if the client has it. Nothing of it runs in a browser.
fn tagged<const N: usize>(headers: &HeaderMap, about: [(HeaderName, String); N], body: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", blake3::hash(&body).to_hex());
    let common = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "private, no-cache"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|tags| tags.split(',')).any(|known| is_known(known, &tag)) {
        return (StatusCode::NOT_MODIFIED, common, [(ETAG, tag)]).into_response();
    }
    (common, [(ETAG, tag)], about, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_number_with_the_name_of_its_format() {
        assert_eq!(number("3.png").unwrap(), 3);
        for page in ["3", "png", ".png", "+3.png", "-1.png", "3.jpg", "99999999999.png"] {
            assert!(number(page).is_err(), "{page}");
        }
    }
}
