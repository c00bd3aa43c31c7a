//! `POST /v1/vector_stores/{id}/search`: passages of a collection in the format of `OpenAI`'s vector stores.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::super::App;
use super::super::admission::Read;
use super::super::attributes::{field, marked};
use super::super::body::{DocumentId, Json};
use super::super::json_object::JsonObject;
use super::super::problem::Problem;
use super::super::schema::OpenAiQuestionProblems;
use super::super::schema::filters::StoreFilter;
use super::one_or_more_texts;
use crate::display::{clean, one_line};
use crate::error::{Error, Result as CoreResult};
use crate::filter::{Comparison, Filter};
use crate::footnote::{MAX_QUESTION_CHARS, Question};
use crate::json::{in_range, whole};
use crate::library::AskedOf;
use crate::passage::FoundPassage;

const DEFAULT_RESULTS: usize = 10;
pub(super) const MAX_RESULTS: usize = 50;
const MAX_QUERIES: usize = 16;
/// Depth of filters within filters.
const MAX_DEPTH: usize = 16;

/// A search. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct StoreSearchRequest {
    /// One question, or several whose results are merged.
    #[schema(schema_with = queries_schema)]
    query: Queries,
    #[schema(value_type = Option<StoreFilter>)]
    filters: Option<Value>,
    /// Default: 10.
    #[schema(minimum = 1, maximum = 50)]
    #[serde(default, deserialize_with = "whole")]
    max_num_results: Option<usize>,
    #[schema(value_type = Option<RankingOptions>)]
    ranking_options: Option<JsonObject<RankingOptions>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Queries {
    One(String),
    Several(Vec<String>),
}

fn queries_schema() -> RefOr<Schema> {
    one_or_more_texts(MAX_QUERIES, Some(MAX_QUESTION_CHARS))
}

/// The least score of a result.
#[derive(Debug, Deserialize, ToSchema)]
struct RankingOptions {
    /// Leaves out results with a lower score.
    score_threshold: Option<f32>,
}

/// The passages found.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct StoreSearchPage {
    #[schema(example = "vector_store.search_results.page")]
    object: &'static str,
    search_query: Vec<String>,
    /// Best first.
    data: Vec<StoreSearchResult>,
    has_more: bool,
    #[schema(required)]
    next_page: Option<String>,
}

/// A passage.
#[derive(Debug, Serialize, ToSchema)]
struct StoreSearchResult {
    /// The document's id.
    file_id: String,
    /// The document's title.
    filename: String,
    /// Estimated probability that it answers the question, 0 to 1.
    score: f32,
    /// The document's fields and metadata, and the passage's best quote.
    #[schema(value_type = Object)]
    attributes: BTreeMap<String, Value>,
    content: Vec<StoreContent>,
}

/// The text of a passage.
#[derive(Debug, Serialize, ToSchema)]
struct StoreContent {
    #[schema(example = "text")]
    r#type: &'static str,
    text: String,
}

/// Search a vector store
///
/// Searches a collection. Its name is the vector store's id.
#[utoipa::path(
    post,
    path = "/v1/vector_stores/{id}/search",
    operation_id = "openai_search_vector_store",
    tag = "openai",
    params(("id" = String, Path, description = "The collection's name; `a+b` for several together, `*` for all", example = "default")),
    request_body(content = StoreSearchRequest, example = json!({"query": "who expects a cut?", "max_num_results": 3})),
    responses((status = 200, description = "Passages, best first", body = StoreSearchPage), OpenAiQuestionProblems)
)]
pub(in super::super) async fn search(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(collection): DocumentId,
    Json(request, _reserved): Json<StoreSearchRequest>,
) -> Result<axum::Json<StoreSearchPage>, Problem> {
    let queries = match request.query {
        Queries::One(query) => vec![query],
        Queries::Several(queries) => queries,
    };
    if queries.is_empty() || queries.len() > MAX_QUERIES {
        return Err(Problem::bad_request(
            format!("`query` has {} questions", queries.len()),
            format!("send 1 to {MAX_QUERIES}"),
        ));
    }
    let max_results = in_range("max_num_results", request.max_num_results, 1, MAX_RESULTS)?.unwrap_or(DEFAULT_RESULTS);
    let threshold = request.ranking_options.and_then(|JsonObject(options)| options.score_threshold).unwrap_or(0.0);
    let filter = request.filters.as_ref().map_or(Ok(Filter::default()), |filters| read_filter(filters, 0))?;
    let filter = filter.without_files();
    let asked_of = AskedOf::parse(&collection)?;
    let asked = queries.clone();
    let found = slot
        .run_together(&app, asked_of, move |collections, cancel| {
            let mut best: Vec<(FoundPassage, BTreeMap<String, Value>)> = Vec::new();
            for text in asked {
                let question =
                    Question { text, top_k: Some(max_results), filter: filter.clone(), ..Question::default() };
                for found in marked(collections, &question, collections.search_with(&question, cancel)?)? {
                    match best.iter_mut().find(|(known, _)| known.is_same(&found.0)) {
                        Some((known, _)) if known.relevance >= found.0.relevance => {}
                        Some(known) => *known = found,
                        None => best.push(found),
                    }
                }
            }
            Ok(best)
        })
        .await?;
    let mut found: Vec<_> = found.into_iter().filter(|(passage, _)| passage.relevance >= threshold).collect();
    // The sort is stable: equally relevant passages of one question keep their rank.
    found.sort_by(|(a, _), (b, _)| b.relevance.total_cmp(&a.relevance));
    found.truncate(max_results);
    Ok(axum::Json(StoreSearchPage {
        object: "vector_store.search_results.page",
        search_query: queries,
        data: found.into_iter().map(result).collect(),
        has_more: false,
        next_page: None,
    }))
}

fn result((passage, attributes): (FoundPassage, BTreeMap<String, Value>)) -> StoreSearchResult {
    StoreSearchResult {
        attributes,
        file_id: passage.document.id,
        filename: one_line(&passage.document.title),
        score: passage.relevance,
        content: vec![StoreContent { r#type: "text", text: clean(&passage.text).into_owned() }],
    }
}

pub(super) fn read_filter(value: &Value, depth: usize) -> CoreResult<Filter> {
    let form = "a filter is {\"key\", \"type\", \"value\"} or {\"type\": \"and\" | \"or\", \"filters\": [..]}";
    let (Some(kind), true) = (value.get("type").and_then(Value::as_str), depth < MAX_DEPTH) else {
        return Err(refused("a filter has no `type`, or is nested too deeply".into(), form.into()));
    };
    if let "and" | "or" = kind {
        let Some(filters) = value.get("filters").and_then(Value::as_array) else {
            return Err(refused(format!("a filter of type `{kind}` has no `filters`"), form.into()));
        };
        let filters = filters.iter().map(|filter| read_filter(filter, depth + 1)).collect::<CoreResult<_>>()?;
        return Ok(if kind == "and" { Filter::All(filters) } else { Filter::Any(filters) });
    }
    let (Some(key), Some(value)) = (value.get("key").and_then(Value::as_str), value.get("value")) else {
        return Err(refused("a filter has no `key` or no `value`".into(), form.into()));
    };
    let field = field(key);
    let comparison = match kind {
        "eq" | "ne" => Comparison::Equal,
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        "in" | "nin" => {
            let Some(values) = value.as_array() else {
                return Err(refused(format!("the filter on `{key}` of type `{kind}` has no list"), form.into()));
            };
            let any = Filter::one_of(&field, values.iter().cloned())?;
            return Ok(if kind == "in" { any } else { Filter::Not(Box::new(any)) });
        }
        _ => {
            return Err(refused(
                format!("the filter on `{key}` has the unknown type `{kind}`"),
                "the types are eq, ne, gt, gte, lt, lte, in, nin, and, or".into(),
            ));
        }
    };
    let is = Filter::is(field, comparison, value.clone())?;
    Ok(if kind == "ne" { Filter::Not(Box::new(is)) } else { is })
}

fn refused(reason: String, hint: String) -> Error {
    Error::Input { reason, hint }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::filter::Field;

    #[test]
    fn filters_are_read_as_the_tree_they_are() {
        let filters = json!({"type": "and", "filters": [
            {"key": "language", "type": "eq", "value": "zh"},
            {"type": "or", "filters": [
                {"key": "desk", "type": "in", "value": ["rates", "chips"]},
                {"key": "year", "type": "ne", "value": 2025}
            ]}
        ]});
        let is = |field, value| Filter::Is(field, Comparison::Equal, value);
        let desk = || Field::Metadata("desk".into());
        assert_eq!(
            read_filter(&filters, 0).unwrap(),
            Filter::All(vec![
                is(Field::Language, json!("zh")),
                Filter::Any(vec![
                    Filter::Any(vec![is(desk(), json!("rates")), is(desk(), json!("chips"))]),
                    Filter::Not(Box::new(is(Field::Metadata("year".into()), json!(2025)))),
                ]),
            ])
        );
    }

    #[test]
    fn what_is_no_filter_is_refused_with_what_would_be_one() {
        let mut deep = json!({"key": "a", "type": "eq", "value": 1});
        for _ in 0..100 {
            deep = json!({"type": "and", "filters": [deep]});
        }
        for filters in [
            json!(3),
            json!({}),
            json!({"type": "and"}),
            json!({"type": "eq", "key": "a"}),
            json!({"type": "like", "key": "a", "value": "b"}),
            json!({"type": "in", "key": "a", "value": "b"}),
            deep,
        ] {
            assert!(read_filter(&filters, 0).unwrap_err().hint().is_some(), "{filters}");
        }
    }

    proptest! {
        #[test]
        fn no_filter_makes_it_panic(key: String, kind in "eq|ne|in|nin|and|or|x", value: String) {
            let _ = read_filter(&json!({"key": key, "type": kind, "value": [value], "filters": [{"type": kind}]}), 0);
        }
    }
}
