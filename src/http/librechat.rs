//! `POST /query` and `/query_multiple`: the API of `LibreChat`'s retrieval service. Its files are documents here.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ArrayItems, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::App;
use super::admission::Read;
use super::ask::MAX_TOP_K;
use super::attributes::attributes_of;
use super::body::Json;
use super::problem::Problem;
use super::schema::LibreChatProblems;
use crate::display::{clean, one_line};
use crate::filter::{Field, Filter};
use crate::footnote::Question;
use crate::json::{in_range, whole};
use crate::links::Links;
use crate::passage::FoundPassage;

const DEFAULT_PASSAGES: usize = 4;
const MAX_FILES: usize = 500;

/// A question about one document. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct FileQuery {
    #[schema(min_length = 1, max_length = 8192, pattern = "[^\\s\\u0085]")]
    query: String,
    /// The document's id.
    file_id: String,
    /// Passages to return, at most. Default: 4.
    #[schema(minimum = 1, maximum = 100)]
    #[serde(default, deserialize_with = "whole")]
    k: Option<usize>,
}

/// A question about several documents.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct FilesQuery {
    #[schema(min_length = 1, max_length = 8192, pattern = "[^\\s\\u0085]")]
    query: String,
    /// The documents' ids.
    #[schema(max_items = 500)]
    file_ids: Vec<String>,
    /// Passages to return, at most. Default: 4.
    #[schema(minimum = 1, maximum = 100)]
    #[serde(default, deserialize_with = "whole")]
    k: Option<usize>,
}

/// A passage and its distance from the question, 0 to 1.
#[derive(Debug, Serialize)]
pub(super) struct Near(PageContent, f32);

impl PartialSchema for Near {
    fn schema() -> RefOr<Schema> {
        let distance = ObjectBuilder::new().schema_type(SchemaType::new(Type::Number));
        let pair = [PageContent::schema(), RefOr::T(distance.build().into())];
        ArrayBuilder::new()
            .description(Some("A passage and its distance from the question, 0 to 1."))
            .items(ArrayItems::False)
            .prefix_items(pair)
            .min_items(Some(2))
            .build()
            .into()
    }
}

impl ToSchema for Near {}

/// A passage.
#[derive(Debug, Serialize, ToSchema)]
struct PageContent {
    page_content: String,
    /// The document's fields and metadata, and the passage's best quote.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, Value>,
    #[schema(example = "Document")]
    r#type: &'static str,
}

/// An error in the format of `LibreChat`'s retrieval service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LibreChatError {
    /// What went wrong, and what to do about it.
    detail: String,
}

/// Query a document
///
/// For `LibreChat`: returns passages of one document of the configured collection, nearest first.
#[utoipa::path(
    post,
    path = "/query",
    operation_id = "librechat_query",
    tag = "others",
    request_body(content = FileQuery, example = json!({"query": "who expects a cut?", "file_id": "fed-2026", "k": 4})),
    responses(
        (status = 200, description = "Pairs of a passage and its distance", body = Vec<Near>),
        LibreChatProblems
    )
)]
pub(super) async fn query(
    app: State<Arc<App>>,
    slot: Read,
    links: Links,
    Json(FileQuery { query, file_id, k }, _reserved): Json<FileQuery>,
) -> Result<axum::Json<Vec<Near>>, Problem> {
    near(app, slot, links, FilesQuery { query, file_ids: vec![file_id], k }).await
}

/// Query documents
///
/// For `LibreChat`: returns passages of several documents of the configured collection, nearest first.
#[utoipa::path(
    post,
    path = "/query_multiple",
    operation_id = "librechat_query_multiple",
    tag = "others",
    request_body(
        content = FilesQuery,
        example = json!({"query": "who expects a cut?", "file_ids": ["fed-2026"], "k": 4})
    ),
    responses(
        (status = 200, description = "Pairs of a passage and its distance", body = Vec<Near>),
        LibreChatProblems
    )
)]
pub(super) async fn query_multiple(
    app: State<Arc<App>>,
    slot: Read,
    links: Links,
    Json(query, _reserved): Json<FilesQuery>,
) -> Result<axum::Json<Vec<Near>>, Problem> {
    near(app, slot, links, query).await
}

async fn near(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    FilesQuery { query, file_ids, k }: FilesQuery,
) -> Result<axum::Json<Vec<Near>>, Problem> {
    if file_ids.len() > MAX_FILES {
        return Err(Problem::bad_request(
            format!("`file_ids` has {} ids", file_ids.len()),
            format!("send at most {MAX_FILES}"),
        ));
    }
    let k = in_range("k", k, 1, MAX_TOP_K)?.unwrap_or(DEFAULT_PASSAGES);
    let filter = Filter::one_of(&Field::Id, file_ids.into_iter().map(Value::from))?;
    let question = Question { text: query, top_k: Some(k), filter, ..Question::default() };
    let found = slot
        .run_cancellable(&app, None, move |footnote, cancel| {
            let passages = footnote.search_with(&question, cancel)?.passages.into_iter();
            Ok(passages.map(|passage| pair(passage, &links, footnote.name())).collect())
        })
        .await?;
    Ok(axum::Json(found))
}

fn pair(passage: FoundPassage, links: &Links, collection: &str) -> Near {
    let url = links.passage(collection, &passage);
    let mut metadata: serde_json::Map<String, Value> = attributes_of(&passage).into_iter().collect();
    // LibreChat's `source` is a file's path, of which it shows the part after the last slash.
    let name = one_line(&passage.document.title).replace('/', "／");
    if let Some(publisher) = metadata.insert("source".into(), name.into()) {
        metadata.insert("publisher".into(), publisher);
    }
    metadata.insert("file_id".into(), passage.document.id.into());
    metadata.insert("url".into(), url.into());
    let page_content = clean(&passage.text).into_owned();
    let content = PageContent { page_content, metadata, r#type: "Document" };
    Near(content, 1.0 - passage.relevance)
}
