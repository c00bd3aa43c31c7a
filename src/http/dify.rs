//! `POST /retrieval`: the face that Dify asks as an external knowledge base.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::admission::Read;
use super::ask::MAX_TOP_K;
use super::body::Json;
use super::openai::vector_stores::{attributes, field};
use super::openapi::DifyProblems;
use super::problem::Problem;
use crate::error::{Error, Result as CoreResult};
use crate::filter::{Comparison, Field, Filter};
use crate::footnote::Question;
use crate::links::Links;
use crate::passage::FoundPassage;

const MOST_CONDITIONS: usize = 500;
const OPERATORS: &str = "contains, not contains, start with, end with, is, is not, in, not in, empty, not empty, =, ≠, >, \
                         <, ≥, ≤, before, after";

/// What Dify asks. Fields that are not listed are let through and mean nothing here.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RetrievalRequest {
    /// The collection's name.
    #[schema(example = "default")]
    knowledge_id: String,
    query: String,
    retrieval_setting: RetrievalSetting,
    metadata_condition: Option<MetadataCondition>,
}

/// How much is wanted, and how good.
#[derive(Debug, Deserialize, ToSchema)]
struct RetrievalSetting {
    /// More than 100 are not given.
    #[schema(minimum = 1, example = 5)]
    top_k: usize,
    /// Records whose score is below are left out.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.3)]
    score_threshold: Option<f32>,
}

/// Which documents.
#[derive(Debug, Deserialize, ToSchema)]
struct MetadataCondition {
    /// `and`, if not given, or `or`.
    #[serde(alias = "logic")]
    logical_operator: Option<String>,
    conditions: Option<Vec<Condition>>,
}

/// A comparison.
#[derive(Debug, Deserialize, ToSchema)]
struct Condition {
    name: Names,
    /// `contains`, `not contains`, `start with`, `end with`, `is`, `is not`, `in`, `not in`, `empty`, `not empty`, `=`,
    /// `≠`, `>`, `<`, `≥`, `≤`, `before` or `after`.
    #[schema(example = "is")]
    comparison_operator: String,
    #[schema(value_type = Option<Object>)]
    value: Option<Value>,
}

/// The field that is compared; of several one is enough.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum Names {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// Passages, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Records {
    records: Vec<Record>,
}

/// A passage.
#[derive(Debug, Serialize, ToSchema)]
struct Record {
    content: String,
    /// How likely it is that it answers the question, between 0 and 1.
    score: f32,
    /// The document's title.
    title: String,
    /// What is known of the document, its address, and the passage's best quote.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, Value>,
}

/// An error as Dify writes it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DifyError {
    /// 1001: no usable Authorization header; 1002: an unknown key; 2001: no such collection; else the HTTP status.
    #[schema(example = 2001)]
    error_code: u16,
    /// What went wrong, and what to do about it.
    error_msg: String,
}

/// Retrieve for Dify
///
/// Passages of a collection for Dify, as an external knowledge base with this server's address.
#[utoipa::path(
    post,
    path = "/retrieval",
    operation_id = "dify_retrieve",
    tag = "others",
    request_body(content = RetrievalRequest, example = json!({
        "knowledge_id": "default", "query": "who expects a cut?",
        "retrieval_setting": {"top_k": 3, "score_threshold": 0.3}
    })),
    responses((status = 200, description = "The passages; none is an empty list", body = Records), DifyProblems)
)]
pub(super) async fn retrieve(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    Json(request): Json<RetrievalRequest>,
) -> Result<axum::Json<Records>, Problem> {
    let top_k = request.retrieval_setting.top_k;
    if top_k == 0 {
        return Err(Problem::bad_request("`retrieval_setting.top_k` is 0", "ask for one record or more"));
    }
    let filter = request.metadata_condition.as_ref().map_or(Ok(Filter::default()), read_filter)?;
    let threshold = request.retrieval_setting.score_threshold.unwrap_or(0.0);
    let question = Question { text: request.query, top_k: Some(top_k.min(MAX_TOP_K)), filter, ..Question::default() };
    let collection = Some(request.knowledge_id);
    let records = slot
        .run_cancellable(&app, collection, move |footnote, cancel| {
            let passages = footnote.search_with(&question, cancel)?.passages.into_iter();
            let good = passages.filter(|passage| passage.relevance >= threshold);
            Ok(good.map(|passage| record(passage, &links, footnote.name())).collect())
        })
        .await?;
    Ok(axum::Json(Records { records }))
}

fn record(passage: FoundPassage, links: &Links, collection: &str) -> Record {
    let quote = passage.quote.location.bytes;
    let url = links.document(collection, &passage.document, Some(quote));
    let mut metadata: serde_json::Map<String, Value> = attributes(&passage.document).into_iter().collect();
    metadata.insert("document_id".into(), passage.document.id.into());
    metadata.insert("url".into(), url.into());
    metadata.insert("quote".into(), passage.quote.text.into());
    metadata.insert("quote_bytes".into(), format!("{}-{}", quote.start, quote.end).into());
    Record { content: passage.text, score: passage.relevance, title: passage.document.title, metadata }
}

fn read_filter(condition: &MetadataCondition) -> CoreResult<Filter> {
    let conditions = condition.conditions.as_deref().unwrap_or_default();
    let values: usize = conditions.iter().map(|condition| condition.names().len() * condition.values()).sum();
    if values > MOST_CONDITIONS {
        return Err(refused(
            format!("there are {values} conditions"),
            format!("at most {MOST_CONDITIONS} are taken, the items of lists counted"),
        ));
    }
    let filters = conditions.iter().map(|condition| {
        let any = condition.names().iter().map(|name| condition.on(field(name))).collect::<CoreResult<Vec<_>>>();
        any.map(|mut any| if any.len() == 1 { any.remove(0) } else { Filter::Any(any) })
    });
    let filters = filters.collect::<CoreResult<_>>()?;
    match condition.logical_operator.as_deref() {
        None | Some("and") => Ok(Filter::All(filters)),
        // No condition at all restricts nothing.
        Some("or") if conditions.is_empty() => Ok(Filter::default()),
        Some("or") => Ok(Filter::Any(filters)),
        Some(other) => Err(refused(format!("`logical_operator` is `{other}`"), "it is `and` or `or`".into())),
    }
}

impl Condition {
    fn names(&self) -> &[String] {
        match &self.name {
            Names::One(name) => std::slice::from_ref(name),
            Names::Several(names) => names,
        }
    }

    /// How many comparisons its value makes.
    fn values(&self) -> usize {
        self.value.as_ref().and_then(Value::as_array).map_or(1, Vec::len)
    }

    fn on(&self, field: Field) -> CoreResult<Filter> {
        let not = |filter| Filter::Not(Box::new(filter));
        let is = |comparison| self.compared(&field, comparison);
        Ok(match self.comparison_operator.as_str() {
            "contains" => is(Comparison::Contains)?,
            "not contains" => not(is(Comparison::Contains)?),
            "start with" => is(Comparison::StartsWith)?,
            "end with" => is(Comparison::EndsWith)?,
            "is" | "=" | "in" => is(Comparison::Equal)?,
            "is not" | "≠" | "not in" => not(is(Comparison::Equal)?),
            ">" | "after" => is(Comparison::Greater)?,
            "<" | "before" => is(Comparison::Less)?,
            "≥" => is(Comparison::GreaterOrEqual)?,
            "≤" => is(Comparison::LessOrEqual)?,
            "empty" => not(Filter::Has(field)),
            "not empty" => Filter::Has(field),
            other => {
                return Err(refused(
                    format!("the condition has the unknown operator `{other}`"),
                    format!("the operators are {OPERATORS}"),
                ));
            }
        })
    }

    /// The field compared with the value, or with one of a list. Numbers may be written as texts, and are, by Dify.
    fn compared(&self, field: &Field, comparison: Comparison) -> CoreResult<Filter> {
        let Some(value) = &self.value else {
            return Err(refused(
                format!("the condition `{}` has no value", self.comparison_operator),
                "give one, or ask for `empty` or `not empty`".into(),
            ));
        };
        let alone = std::slice::from_ref(value);
        let mut any = Vec::new();
        for value in value.as_array().map_or(alone, Vec::as_slice) {
            any.push(Filter::is(field.clone(), comparison, value.clone())?);
            let number = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            let of_text = matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith);
            if let (Field::Metadata(_), Some(number @ Value::Number(_)), false) = (field, number, of_text) {
                any.push(Filter::is(field.clone(), comparison, number)?);
            }
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Filter::Any(any) })
    }
}

fn refused(reason: String, hint: String) -> Error {
    Error::Input { reason, hint }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(condition: Value) -> CoreResult<Filter> {
        read_filter(&serde_json::from_value(condition).unwrap())
    }

    #[test]
    fn conditions_are_read_under_either_name_of_their_operator() {
        let source = || Filter::Is(Field::Source, Comparison::Equal, json!("甲報"));
        let desk = Filter::Not(Box::new(Filter::Has(Field::Metadata("desk".into()))));
        let conditions = json!([
            {"name": "source", "comparison_operator": "is", "value": "甲報"},
            {"name": ["desk"], "comparison_operator": "empty"}
        ]);
        for operator in ["logical_operator", "logic"] {
            let filter = read(json!({operator: "or", "conditions": conditions})).unwrap();
            assert_eq!(filter, Filter::Any(vec![source(), desk.clone()]));
        }
        assert_eq!(read(json!({"conditions": conditions})).unwrap(), Filter::All(vec![source(), desk]));
        assert!(read(json!({"logical_operator": "or"})).unwrap().is_empty());
    }

    #[test]
    fn a_number_may_come_as_text() {
        let filter =
            read(json!({"conditions": [{"name": "year", "comparison_operator": "≥", "value": "2026"}]})).unwrap();
        let year = |value| Filter::Is(Field::Metadata("year".into()), Comparison::GreaterOrEqual, value);
        assert_eq!(filter, Filter::All(vec![Filter::Any(vec![year(json!("2026")), year(json!(2026))])]));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_would() {
        for (condition, hint) in [
            (json!({"conditions": [{"name": "a", "comparison_operator": "like", "value": "b"}]}), "start with"),
            (json!({"conditions": [{"name": "a", "comparison_operator": "is"}]}), "not empty"),
            (json!({"logical_operator": "xor", "conditions": []}), "or"),
            (json!({"conditions": [{"name": "a", "comparison_operator": "in", "value": vec![1; 501]}]}), "500"),
            (json!({"conditions": [{"name": "published", "comparison_operator": "after", "value": "May"}]}), "2026"),
        ] {
            let error = read(condition.clone()).unwrap_err();
            assert!(error.hint().unwrap().contains(hint), "{condition}: {error}");
        }
    }
}
