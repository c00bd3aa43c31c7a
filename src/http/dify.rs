//! `POST /retrieval`: Dify's API for external knowledge bases.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use utoipa::ToSchema;

use super::App;
use super::admission::Read;
use super::ask::MAX_TOP_K;
use super::attributes::{field, marked};
use super::body::Json;
use super::json_object::JsonObject;
use super::problem::Problem;
use super::schema::DifyProblems;
use crate::display::{clean, one_line};
use crate::error::{Error, Result as CoreResult};
use crate::filter::{Comparison, Field, Filter};
use crate::footnote::Question;
use crate::json::whole;
use crate::library::AskedOf;
use crate::links::Links;
use crate::passage::FoundPassage;

const MAX_COMPARISONS: usize = 1_000;

/// A request from Dify. Unknown fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RetrievalRequest {
    /// The collection's name; `a+b` for several together, `*` for all.
    #[schema(example = "default")]
    knowledge_id: String,
    #[schema(min_length = 1, max_length = 8192, pattern = "[^\\s\\u0085]")]
    query: String,
    #[schema(value_type = RetrievalSetting)]
    retrieval_setting: JsonObject<RetrievalSetting>,
    #[schema(value_type = Option<MetadataCondition>)]
    metadata_condition: Option<JsonObject<MetadataCondition>>,
}

/// How many records to return, and their least score.
#[derive(Debug, Deserialize, ToSchema)]
struct RetrievalSetting {
    /// Records to return, at most 100.
    #[schema(minimum = 1, example = 5)]
    #[serde(default, deserialize_with = "whole")]
    top_k: Option<usize>,
    /// Leaves out records with a lower score.
    #[schema(example = 0.45)]
    score_threshold: Option<f32>,
}

/// Restricts the documents.
#[derive(Debug, Deserialize, ToSchema)]
struct MetadataCondition {
    /// `and` if not given.
    #[serde(alias = "logic")]
    #[schema(inline)]
    logical_operator: Option<Operator>,
    #[schema(value_type = Option<Vec<Condition>>)]
    conditions: Option<Vec<JsonObject<Condition>>>,
}

/// How conditions are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Operator {
    /// All conditions must hold.
    And,
    /// One condition must hold.
    Or,
}

/// A comparison.
#[derive(Debug, Deserialize, ToSchema)]
struct Condition {
    name: Names,
    #[schema(inline)]
    comparison_operator: Comparing,
    /// Without a value, no document matches.
    #[schema(inline)]
    value: Option<Compared>,
}

/// How a field and a value are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
enum Comparing {
    #[serde(rename = "contains")]
    Contains,
    #[serde(rename = "not contains")]
    NotContains,
    #[serde(rename = "start with")]
    StartWith,
    #[serde(rename = "end with")]
    EndWith,
    #[serde(rename = "is")]
    Is,
    #[serde(rename = "is not")]
    IsNot,
    #[serde(rename = "in")]
    In,
    #[serde(rename = "not in")]
    NotIn,
    #[serde(rename = "empty")]
    Empty,
    #[serde(rename = "not empty")]
    NotEmpty,
    #[serde(rename = "=")]
    Equal,
    #[serde(rename = "≠")]
    NotEqual,
    #[serde(rename = ">")]
    Greater,
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "≥")]
    GreaterOrEqual,
    #[serde(rename = "≤")]
    LessOrEqual,
    #[serde(rename = "before")]
    Before,
    #[serde(rename = "after")]
    After,
}

/// The value that a field is compared with. A list matches if one item does.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum Compared {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Several texts.
    Texts(Vec<String>),
}

/// The field to compare. A list matches if one field does.
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
    /// Estimated probability that it answers the question, 0 to 1.
    score: f32,
    /// The document's title.
    title: String,
    /// The document's fields and metadata, a link to it, and the passage's best quote. `outside_time` is true if the document is
    /// of another time than the question asks for; `older_version`, if a newer document says it differently.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, Value>,
}

/// An error in Dify's format.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DifyError {
    /// 1001: no usable Authorization header; 1002: unknown key; 2001: unknown collection; otherwise the HTTP status.
    #[schema(example = 2001)]
    error_code: u16,
    /// What went wrong, and what to do about it.
    error_msg: String,
}

/// Retrieve for Dify
///
/// Returns passages of a collection. In Dify, add this server's address as an external knowledge base.
#[utoipa::path(
    post,
    path = "/retrieval",
    operation_id = "dify_retrieve",
    tag = "others",
    request_body(content = RetrievalRequest, example = json!({
        "knowledge_id": "default", "query": "who expects a cut?",
        "retrieval_setting": {"top_k": 3, "score_threshold": 0.45}
    })),
    responses((status = 200, description = "The passages; an empty list if there are none", body = Records), DifyProblems)
)]
pub(super) async fn retrieve(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    Json(request, _reserved): Json<RetrievalRequest>,
) -> Result<axum::Json<Records>, Problem> {
    let JsonObject(RetrievalSetting { top_k, score_threshold }) = request.retrieval_setting;
    if top_k == Some(0) {
        return Err(Problem::bad_request("`retrieval_setting.top_k` is 0", "ask for at least one record"));
    }
    let filter =
        request.metadata_condition.map_or(Ok(Filter::default()), |JsonObject(condition)| read_filter(&condition))?;
    let filter = filter.without_files();
    let threshold = score_threshold.unwrap_or(0.0);
    let top_k = top_k.map(|top_k| top_k.min(MAX_TOP_K));
    let question = Question { text: request.query, top_k, filter, ..Question::default() };
    let asked = AskedOf::parse(&request.knowledge_id)?;
    let records = slot
        .run_together(&app, asked, move |collections, cancel| {
            let found = marked(collections, &question, collections.search_with(&question, cancel)?)?.into_iter();
            let good = found.filter(|(passage, _)| passage.relevance >= threshold);
            Ok(good.map(|(passage, attributes)| record(passage, attributes, &links, collections.name())).collect())
        })
        .await?;
    Ok(axum::Json(Records { records }))
}

fn record(passage: FoundPassage, attributes: BTreeMap<String, Value>, links: &Links, collection: &str) -> Record {
    let url = links.passage(collection, &passage);
    let mut metadata: serde_json::Map<String, Value> = attributes.into_iter().collect();
    metadata.insert("document_id".into(), passage.document.id.into());
    metadata.insert("url".into(), url.into());
    Record {
        content: clean(&passage.text).into_owned(),
        score: passage.relevance,
        title: one_line(&passage.document.title),
        metadata,
    }
}

fn read_filter(condition: &MetadataCondition) -> CoreResult<Filter> {
    let conditions = condition.conditions.as_deref().unwrap_or_default();
    // Counted before anything is built, since names multiply with values.
    let comparisons = conditions.iter().map(|JsonObject(condition)| condition.comparisons());
    if comparisons.fold(0, usize::saturating_add) > MAX_COMPARISONS {
        return Err(Error::Input {
            reason: format!("the conditions make more than {MAX_COMPARISONS} comparisons"),
            hint: "compare with fewer names or values".into(),
        });
    }
    let filters = conditions.iter().map(|JsonObject(condition)| {
        any_of(condition.names().iter().map(|name| condition.on(field(name))).collect::<CoreResult<Vec<_>>>()?)
    });
    let filters = filters.collect::<CoreResult<Vec<_>>>()?;
    match condition.logical_operator.unwrap_or(Operator::And) {
        // No condition restricts nothing.
        Operator::Or if !filters.is_empty() => Ok(Filter::Any(filters)),
        _ => Ok(Filter::All(filters)),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends a chain of results")]
fn any_of(mut filters: Vec<Filter>) -> CoreResult<Filter> {
    Ok(if filters.len() == 1 { filters.remove(0) } else { Filter::Any(filters) })
}

impl Condition {
    fn names(&self) -> &[String] {
        match &self.name {
            Names::One(name) => std::slice::from_ref(name),
            Names::Several(names) => names,
        }
    }

    /// How many comparisons it makes; at least one.
    fn comparisons(&self) -> usize {
        let values = match &self.value {
            Some(Compared::Texts(texts)) => texts.len(),
            Some(Compared::Text(text)) => 1 + text.matches(',').count(),
            _ => 1,
        };
        self.names().len().max(1).saturating_mul(values.max(1))
    }

    fn on(&self, field: Field) -> CoreResult<Filter> {
        let not = |filter| Filter::Not(Box::new(filter));
        let is = |comparison| self.compared(&field, comparison);
        Ok(match self.comparison_operator {
            Comparing::Contains => is(Comparison::Contains)?,
            Comparing::NotContains => not(is(Comparison::Contains)?),
            Comparing::StartWith => is(Comparison::StartsWith)?,
            Comparing::EndWith => is(Comparison::EndsWith)?,
            Comparing::Is | Comparing::Equal | Comparing::In => is(Comparison::Equal)?,
            Comparing::IsNot | Comparing::NotEqual | Comparing::NotIn => not(is(Comparison::Equal)?),
            Comparing::Greater | Comparing::After => is(Comparison::Greater)?,
            Comparing::Less | Comparing::Before => is(Comparison::Less)?,
            Comparing::GreaterOrEqual => is(Comparison::GreaterOrEqual)?,
            Comparing::LessOrEqual => is(Comparison::LessOrEqual)?,
            Comparing::Empty => not(Filter::Has(field)),
            Comparing::NotEmpty => Filter::Has(field),
        })
    }

    /// The field compared with the value, or with each of a list. Dify writes numbers as text.
    fn compared(&self, field: &Field, comparison: Comparison) -> CoreResult<Filter> {
        let texts: Vec<String> = match &self.value {
            None => Vec::new(),
            // Dify also writes lists with commas.
            Some(Compared::Text(text)) if matches!(self.comparison_operator, Comparing::In | Comparing::NotIn) => {
                text.split(',').map(|item| item.trim().to_owned()).collect()
            }
            Some(Compared::Text(text)) => vec![text.clone()],
            Some(Compared::Number(number)) => vec![number.to_string()],
            Some(Compared::Texts(texts)) => texts.clone(),
        };
        let of_text = matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith);
        let mut any = Vec::new();
        for text in texts {
            let text = if *field == Field::Published { day_of_seconds(&text).unwrap_or(text) } else { text };
            let number = serde_json::from_str::<Number>(&text).ok().filter(|_| !of_text);
            any.push(Filter::is(field.clone(), comparison, Value::from(text))?);
            if let (Field::Metadata(_), Some(number)) = (field, number) {
                any.push(Filter::is(field.clone(), comparison, Value::Number(number))?);
            }
        }
        any_of(any)
    }
}

/// Converts a Unix timestamp from Dify's date picker to a date. Numbers up to 9,999 are years, not timestamps.
fn day_of_seconds(text: &str) -> Option<String> {
    let seconds: i64 = text.parse().ok().filter(|seconds| *seconds > 9_999)?;
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.strftime("%Y-%m-%d").to_string())
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
    fn a_date_may_come_in_seconds_and_a_list_with_commas() {
        let conditions = json!([
            {"name": "published", "comparison_operator": "after", "value": 1_767_225_600},
            {"name": "source", "comparison_operator": "in", "value": "甲報, 乙刊"}
        ]);
        let source = |name| Filter::Is(Field::Source, Comparison::Equal, json!(name));
        let published = Filter::Is(Field::Published, Comparison::Greater, json!("2026-01-01"));
        let sources = Filter::Any(vec![source("甲報"), source("乙刊")]);
        assert_eq!(read(json!({"conditions": conditions})).unwrap(), Filter::All(vec![published, sources]));
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
        let may = json!({"conditions": [{"name": "published", "comparison_operator": "after", "value": "May"}]});
        assert!(read(may).unwrap_err().hint().unwrap().contains("2026"));
        let many = json!({"conditions": [{
            "name": vec![""; 20_000], "comparison_operator": "in", "value": ",".repeat(60_000)
        }]});
        assert!(read(many).unwrap_err().to_string().contains("more than 1000 comparisons"));
        let like = json!({"conditions": [{"name": "a", "comparison_operator": "like", "value": "b"}]});
        let error = serde_json::from_value::<MetadataCondition>(like).unwrap_err().to_string();
        assert!(error.contains("`start with`"), "{error}");
    }

    #[test]
    fn a_comparison_with_nothing_holds_for_no_document() {
        let filter = read(json!({"conditions": [{"name": "a", "comparison_operator": "is"}]})).unwrap();
        assert_eq!(filter, Filter::All(vec![Filter::Any(Vec::new())]));
    }
}
