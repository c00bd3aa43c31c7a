//! Lists, reads and deletes documents: `GET /v1/documents`, `GET|DELETE /v1/documents/{id}`, `GET …/{id}/text`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::admission::{Read, Write};
use super::body::{DocumentId, Parameters};
use super::caller::Caller;
use super::collections::InCollection;
use super::problem::Problem;
use super::schema::{LookupProblems, RangeProblems, examples};
use crate::error::{Error, Result};
use crate::filter::{Comparison, Field, Filter};
use crate::footnote::{DocumentQuery, Footnote, SortBy};
use crate::json::in_range;
use crate::wire::{DocumentPage, DocumentResponse};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;
/// The longest search in a list.
const MAX_WORDS_CHARS: usize = 1000;

/// Selects a page of documents.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParameters {
    /// The `next` of the previous page.
    after: Option<String>,
    /// Documents in a page, at most. Default: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Words that must all be in a document's title, source, uri or id. Case, width, accents and Chinese script are ignored.
    #[param(max_length = 1000, example = "rates")]
    q: Option<String>,
    /// Only documents of this source.
    source: Option<String>,
    /// Only documents with this tag.
    tag: Option<String>,
    /// Only documents in this language. `zh` also matches `zh-Hant` and `zh-Hans`.
    #[param(example = "zh")]
    language: Option<String>,
    /// Only documents from files of this format.
    #[param(example = "pdf")]
    format: Option<String>,
    /// Only documents published on this day or later. A month or a year is enough.
    #[param(example = "2026-01", pattern = "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?$")]
    since: Option<String>,
    /// Only documents published on this day or earlier.
    #[param(example = "2026-01-28", pattern = "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?$")]
    until: Option<String>,
    /// Only documents whose file was not read in full or not with certainty: `metadata.reader_notes` says what was left
    /// out or guessed.
    #[serde(default)]
    #[param(default = false)]
    noted: bool,
    /// Default: `added`, the order in which the documents were first added. `-` reverses an order.
    #[param(inline)]
    sort: Option<Sort>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

impl PageParameters {
    /// Which documents it selects, and their order.
    fn query(&self) -> Result<DocumentQuery> {
        let equal = [
            (Field::Source, &self.source),
            (Field::Tags, &self.tag),
            (Field::Language, &self.language),
            (Field::Format, &self.format),
        ];
        let dates = [(Comparison::GreaterOrEqual, &self.since), (Comparison::LessOrEqual, &self.until)];
        let equal = equal.into_iter().map(|(field, value)| (field, Comparison::Equal, value));
        let dates = dates.into_iter().map(|(comparison, date)| (Field::Published, comparison, date));
        let mut all = Vec::new();
        for (field, comparison, value) in equal.chain(dates) {
            if let Some(value) = value {
                all.push(Filter::is(field, comparison, value.as_str().into())?);
            }
        }
        if self.noted {
            all.push(Filter::Has(Field::Metadata("reader_notes".into())));
        }
        let (sort, descending) = self.sort.map(Sort::parts).unwrap_or_default();
        Ok(DocumentQuery {
            words: self.q.clone().unwrap_or_default(),
            filter: (!all.is_empty()).then_some(Filter::All(all)),
            sort,
            descending,
            skips_files: false,
        })
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
enum Sort {
    #[serde(rename = "added")]
    Added,
    #[serde(rename = "-added")]
    AddedLast,
    #[serde(rename = "ingested")]
    Ingested,
    #[serde(rename = "-ingested")]
    IngestedLast,
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-title")]
    TitleLast,
    #[serde(rename = "published")]
    Published,
    #[serde(rename = "-published")]
    PublishedLast,
    #[serde(rename = "size")]
    Size,
    #[serde(rename = "-size")]
    SizeLast,
}

impl Sort {
    /// What it compares, and whether the largest is first.
    fn parts(self) -> (SortBy, bool) {
        match self {
            Self::Added => (SortBy::Added, false),
            Self::AddedLast => (SortBy::Added, true),
            Self::Ingested => (SortBy::Ingested, false),
            Self::IngestedLast => (SortBy::Ingested, true),
            Self::Title => (SortBy::Title, false),
            Self::TitleLast => (SortBy::Title, true),
            Self::Published => (SortBy::Published, false),
            Self::PublishedLast => (SortBy::Published, true),
            Self::Size => (SortBy::Size, false),
            Self::SizeLast => (SortBy::Size, true),
        }
    }
}

/// How to delete a document.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RemoveParameters {
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
    /// Whether to rewrite the files of the index, so that nothing of the document is left in them. A document that is not
    /// there is then no error.
    #[serde(default)]
    #[param(default = false)]
    erase: bool,
}

/// Selects part of a text.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TextParameters {
    /// `a-b`: the bytes from `a` up to but not including `b`, as in a citation's `span.bytes`. Default: the whole text.
    #[param(example = "0-34", pattern = "^[0-9]{1,15}-[0-9]{1,15}$")]
    bytes: Option<String>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

/// List documents
///
/// Searches their titles and addresses, not their texts, and never loads the model.
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
    caller: Caller,
    Parameters(parameters): Parameters<PageParameters>,
) -> Result<axum::Json<DocumentPage>, Problem> {
    let limit = in_range("limit", parameters.limit, 1, MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    if parameters.q.as_ref().is_some_and(|words| words.chars().count() > MAX_WORDS_CHARS) {
        let detail = format!("`q` has more than {MAX_WORDS_CHARS} characters");
        return Err(Problem::bad_request(detail, "look for fewer words"));
    }
    let (mut query, PageParameters { after, collection, .. }) = (parameters.query()?, parameters);
    query.skips_files = !caller.sees_paths();
    // One more than requested, to know whether there is another page.
    let found = slot.run(&app, collection, move |footnote| footnote.list(&query, after.as_deref(), limit + 1)).await?;
    Ok(axum::Json(DocumentPage::new(caller.shown(found), limit)))
}

/// Show a document
///
/// Returns its metadata. Its text has a route of its own.
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
    caller: Caller,
    DocumentId(id): DocumentId,
    Parameters(InCollection { collection }): Parameters<InCollection>,
) -> Result<axum::Json<DocumentResponse>, Problem> {
    let document = slot.run(&app, collection, move |footnote| footnote.document(&id)).await?;
    Ok(axum::Json(caller.shown(document.info).into()))
}

/// Delete a document
///
/// Deletes its text and passages. Passage ids are never reused. With `erase`, nothing of it is left in the files of the
/// index, which takes time in proportion to the collection, nor in feedback, nor in jobs that have ended; comments of other
/// feedback go, too, unless they are on right answers from other documents. This also holds for a document that was deleted
/// before, so the request can be repeated. Backups are left as they are, and so are jobs that have not ended: repeat the
/// request when they have.
#[utoipa::path(
    delete,
    path = "/v1/documents/{id}",
    operation_id = "delete_document",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), RemoveParameters),
    responses((status = 204, description = "The document is deleted"), LookupProblems)
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Write(slot): Write,
    DocumentId(id): DocumentId,
    Parameters(RemoveParameters { collection, erase }): Parameters<RemoveParameters>,
) -> Result<StatusCode, Problem> {
    let jobs = Arc::clone(&app.jobs);
    let remove = move |footnote: &Footnote| {
        match footnote.delete(&id) {
            // Something of it may be left from before, as when an erasure failed halfway.
            Err(Error::NotFound { .. }) if erase => {}
            deleted => deleted?,
        }
        if erase {
            footnote.erase_traces()?;
            jobs.forget_documents(footnote.name(), &[id])?;
        }
        Ok(())
    };
    slot.run(&app, collection, remove).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a document's text
///
/// Returns the stored text or a byte range of it. All offsets refer to this text.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}/text",
    operation_id = "get_document_text",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), TextParameters),
    responses(
        (status = 200, description = "The text", body = String, content_type = "text/plain; charset=utf-8",
            headers(("ETag" = String, description = "A hash of the content")), example = json!(examples::TEXT)),
        (status = 304, description = "The text has the entity tag in If-None-Match"),
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
    if known.flat_map(|tags| tags.split(',')).any(|known| is_known(known, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (ETAG, tag)], part).into_response())
}

/// Whether an entry of If-None-Match names the entity tag `tag` (weak comparison, RFC 9110).
pub(super) fn is_known(entry: &str, tag: &str) -> bool {
    let entry = entry.trim();
    entry == "*" || entry.strip_prefix("W/").unwrap_or(entry) == tag
}

/// Reads `a-b`.
pub(super) fn parse_range(range: &str) -> Result<(usize, usize), Problem> {
    // `parse` alone would accept a sign.
    let offset = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let ends = range.split_once('-').and_then(|(start, end)| Some((offset(start)?, offset(end)?)));
    ends.ok_or_else(|| {
        Problem::bad_request(
            "`bytes` is not of the form `a-b`",
            "send two byte offsets, the second exclusive, such as bytes=0-36",
        )
    })
}

/// `text[start..end]`, if that is within the text and splits no character.
pub(super) fn slice(text: &str, start: usize, end: usize) -> Result<&str, Problem> {
    if let Some(part) = text.get(start..end) {
        return Ok(part);
    }
    if start > end || end > text.len() {
        return Err(Problem::bad_range(
            format!("bytes {start}-{end} are outside the text, which has {} bytes", text.len()),
            "send offsets within the text, the first not larger than the second",
        ));
    }
    Err(Problem::bad_range(
        format!("bytes {start}-{end} begin or end within a character"),
        format!(
            "offsets are UTF-8 bytes; the nearest valid range is {}-{}",
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
        assert!(problem.contains("nearest valid range is 3-6"), "{problem}");
    }

    #[test]
    fn entity_tags_are_compared_weakly() {
        assert!(is_known(" W/\"a\"", "\"a\"") && is_known("*", "\"a\""));
        assert!(!is_known("\"b\"", "\"a\"") && !is_known("a", "\"a\""));
    }

    proptest! {
        #[test]
        fn a_part_is_given_exactly_where_the_text_has_it(text in "\\PC{0,12}", start in 0_usize..40, end in 0_usize..40) {
            prop_assert_eq!(slice(&text, start, end).ok(), text.get(start..end));
        }
    }
}
