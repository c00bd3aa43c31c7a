//! The API of `LibreChat`'s retrieval service, `rag_api`: `POST /query` and `/query_multiple` here, its files in [`files`].

pub(super) mod files;
mod store;
mod upload;

use std::collections::BTreeMap;
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
use super::attributes::marked;
use super::body::Json;
use super::caller::Caller;
use super::problem::Problem;
use super::schema::LibreChatProblems;
use crate::cancel::Cancel;
use crate::display::clean;
use crate::filter::{Field, Filter};
use crate::footnote::Question;
use crate::json::{in_range, whole};
use crate::links::Links;
use crate::passage::FoundPassage;

pub(super) use store::COLLECTION;
use store::Files;

const DEFAULT_PASSAGES: usize = 4;
const MAX_FILES: usize = 500;
/// The owner of a file that was sent without a token.
const PUBLIC: &str = "public";

/// A question about one document. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct FileQuery {
    #[schema(min_length = 1, max_length = 8192, pattern = "[^\\s\\u0085]")]
    query: String,
    /// The file's or document's id.
    file_id: String,
    /// An agent that owns the file instead of the user.
    entity_id: Option<String>,
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
    /// The files' or documents' ids.
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
pub(super) struct PageContent {
    page_content: String,
    /// The document's fields and metadata, and the passage's best quote. `outside_time` is true if the document is of another time
    /// than the question asks for; `older_version`, if a newer document says it differently.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, Value>,
    #[schema(example = "Document")]
    r#type: &'static str,
}

impl PageContent {
    fn new(page_content: String, metadata: serde_json::Map<String, Value>) -> Self {
        Self { page_content, metadata, r#type: "Document" }
    }
}

/// An error in the format of `LibreChat`'s retrieval service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LibreChatError {
    /// What went wrong, and what to do about it.
    detail: String,
}

/// Query a file
///
/// For `LibreChat`: returns passages of one of its files, or of a document of the configured collection, nearest first. A
/// file of another user has none.
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
    caller: Caller,
    Json(FileQuery { query, file_id, entity_id, k }, _reserved): Json<FileQuery>,
) -> Result<axum::Json<Vec<Near>>, Problem> {
    let seen = Files::of(&caller, entity_id);
    near(app, slot, links, FilesQuery { query, file_ids: vec![file_id], k }, seen).await
}

/// Query files
///
/// For `LibreChat`: returns passages of several of its files, or of documents of the configured collection, nearest first.
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
    caller: Caller,
    Json(query, _reserved): Json<FilesQuery>,
) -> Result<axum::Json<Vec<Near>>, Problem> {
    near(app, slot, links, query, Files::of(&caller, None)).await
}

/// What is found in the files that may be seen.
async fn near(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    FilesQuery { query, file_ids, k }: FilesQuery,
    seen: Files,
) -> Result<axum::Json<Vec<Near>>, Problem> {
    if file_ids.len() > MAX_FILES {
        return Err(Problem::bad_request(
            format!("`file_ids` has {} ids", file_ids.len()),
            format!("send at most {MAX_FILES}"),
        ));
    }
    let k = in_range("k", k, 1, MAX_TOP_K)?.unwrap_or(DEFAULT_PASSAGES);
    let ids = || file_ids.iter().map(|id| Value::from(id.as_str()));
    let of_files = Filter::one_of(&Field::Metadata(store::FILE_ID.into()), ids())?;
    let of_documents = Filter::one_of(&Field::Id, ids())?;
    let cancel = Cancel::default();
    let _waiting = cancel.on_drop();
    let work = move |library: &crate::Library| {
        let question = |filter| Question { text: query.clone(), top_k: Some(k), filter, ..Question::default() };
        let configured = library.collection(None)?;
        let files = store::files(library)?.map(|files| (files, of_files));
        let mut found: Vec<(f32, Near)> = Vec::new();
        for (footnote, filter) in files.into_iter().chain([(configured, of_documents)]) {
            let question = question(filter);
            let passages = marked(&footnote.alone(), &question, footnote.search_with(&question, &cancel)?)?.into_iter();
            let own = passages.filter(|(passage, _)| seen.include(&passage.document));
            found.extend(
                own.map(|(passage, attributes)| {
                    (passage.relevance, pair(&passage, attributes, &links, footnote.name()))
                }),
            );
        }
        // The sort is stable: equally relevant passages of one collection keep their rank.
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(found.into_iter().map(|(_, near)| near).take(k).collect())
    };
    Ok(axum::Json(slot.run_on_library(&app, work).await?))
}

fn pair(passage: &FoundPassage, attributes: BTreeMap<String, Value>, links: &Links, collection: &str) -> Near {
    let url = links.passage(collection, passage);
    let mut metadata = store::metadata_of(&passage.document, attributes.into_iter().collect());
    metadata.insert("url".into(), url.into());
    let content = PageContent::new(clean(&passage.text).into_owned(), metadata);
    Near(content, 1.0 - passage.relevance)
}
