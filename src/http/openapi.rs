//! `GET /openapi.json`: the routes as OpenAPI 3.1, generated from the handlers, with examples made by the same code
//! that makes responses.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, OpenApi};

use super::problem::{PROBLEM_JSON, ProblemBody};
use super::{ask, collections, documents, health, ingest};

/// Every handler is listed here; a test holds the list against the router.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Footnote",
        description = "Answers with footnotes: every sentence is quoted, to the byte, from your own documents."
    ),
    paths(
        ask::ask,
        ask::search,
        documents::list,
        documents::show,
        documents::remove,
        documents::text,
        ingest::add,
        collections::list,
        collections::create,
        collections::remove,
        health::alive,
        health::ready,
        document
    ),
    components(schemas(ProblemBody<'static>)),
    tags(
        (name = "questions", description = "Answers and passages"),
        (name = "documents", description = "What is asked"),
        (name = "collections", description = "Documents that are asked as one"),
        (name = "health", description = "For whatever watches the server")
    )
)]
struct Api;

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Api::openapi);

/// Describe the API
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "get_description",
    tag = "health",
    responses((status = 200, description = "This description, OpenAPI 3.1", content_type = "application/json"))
)]
pub(super) async fn document() -> axum::Json<&'static utoipa::openapi::OpenApi> {
    axum::Json(&DOCUMENT)
}

/// Problem responses by status, for the families of routes.
macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident: $($status:literal $description:literal),+;)+) => {$(
        $(#[$meta])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                // Any route may fail or be refused so; what is special to a family comes with it.
                let common = [
                    ("403", "A web page of another origin sent it"),
                    ("421", "The Host header is not of this machine"),
                    ("500", "The server failed; its log says why"),
                    ("503", "Overloaded, not ready, or not done in time; see Retry-After"),
                ];
                let all = common.into_iter().chain([$(($status, $description)),+]);
                all.map(|(status, description)| (status.to_owned(), problem(description).into())).collect()
            }
        }
    )+};
}

problems! {
    /// What a question may be refused with.
    QuestionProblems:
        "400" "The body is not a question",
        "404" "The server does not have the collection",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is not JSON";
    /// What new documents may be refused with.
    WriteProblems:
        "400" "The body is not what is taken, or holds no document",
        "404" "The server does not have the collection",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is neither JSON nor a form",
        "422" "The documents cannot be taken in";
    /// What a lookup may be refused with.
    LookupProblems:
        "400" "A parameter makes no sense",
        "404" "There is no such document or collection";
    /// What a list of collections may be refused with.
    CollectionProblems:
        "400" "A parameter makes no sense";
    /// What a new collection may be refused with.
    NewCollectionProblems:
        "400" "The name cannot be one",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is not JSON";
    /// What a part of a text may be refused with.
    RangeProblems:
        "400" "The range is not of the form `a-b`",
        "404" "There is no such document",
        "416" "The text has no such part on character boundaries";
    /// What tells that the server is not ready.
    ReadinessProblems:
        "503" "The model is not loaded yet; see Retry-After";
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

/// Examples for the description. Responses are built from plain data by the code that builds real ones, so that
/// every offset in them is right.
pub(super) mod examples {
    use serde_json::{Value, json};

    use crate::embed::ModelIdentity;
    use crate::footnote::{Ingested, Outcome, SearchResults};
    use crate::http::{ask, documents, ingest};
    use crate::passage::{
        Answer, AnswerSentence, Citation, DocumentInfo, Format, FoundPassage, Location, Mode, Quote, Scores, Span, Took,
    };

    /// A document's text.
    pub(in crate::http) const TEXT: &str = "市場展望\n通膨持續降溫。聯準會可能在2026年降息兩次。美元因此走弱。\n";

    const QUOTE: &str = "聯準會可能在2026年降息兩次。";

    pub(in crate::http) fn question() -> Value {
        json!({"question": "who expects the Fed to cut in 2026", "mode": "extract", "top_k": 5, "context_sentences": 1,
            "filter": {"language": "zh", "published": {"gte": "2025-12"}}})
    }

    pub(in crate::http) fn new_documents() -> Value {
        json!({"documents": [{
            "id": "outlook-2026",
            "title": "市場展望",
            "text": TEXT,
            "source": "研究部",
            "published": "2025-12-31",
            "tags": ["outlook"]
        }]})
    }

    pub(in crate::http) fn info() -> DocumentInfo {
        DocumentInfo {
            id: "outlook-2026".into(),
            title: "市場展望".into(),
            source: Some("研究部".into()),
            uri: None,
            published: Some("2025-12-31".into()),
            language: Some("zh-Hant".into()),
            tags: vec!["outlook".into()],
            metadata: serde_json::Map::new(),
            format: Format::Plain,
            size_bytes: TEXT.len(),
            passages: 1,
            ingested: "2026-01-02T03:04:05Z".into(),
        }
    }

    fn found() -> FoundPassage {
        let start = TEXT.find(QUOTE).unwrap_or_default();
        let quote = Span::new(start, start + QUOTE.len());
        FoundPassage {
            key: 1,
            document: info(),
            location: Location::of(TEXT, Span::new(0, TEXT.len())),
            text: TEXT.into(),
            headings: Vec::new(),
            quote: Quote { text: TEXT[quote.range()].into(), location: Location::of(TEXT, quote) },
            before: "通膨持續降溫。".into(),
            after: "美元因此走弱。".into(),
            scores: Scores {
                dense: 0.859_375,
                sentence: 0.890_625,
                lexical: 0.25,
                late: 0.8125,
                fused: 0.85,
                rerank: None,
                dense_rank: 1,
                lexical_rank: 4,
            },
            relevance: 0.94,
        }
    }

    fn model() -> ModelIdentity {
        let fingerprint = blake3::hash(b"an example").to_hex().to_string();
        ModelIdentity { name: "multilingual-e5-small".into(), fingerprint }
    }

    const TOOK: Took = Took { embed_ms: 6.1, search_ms: 0.4, cite_ms: 0.2, total_ms: 6.7 };

    pub(in crate::http) fn answer() -> ask::AskResponse {
        let answer = Answer {
            text: format!("{QUOTE}[1]"),
            mode: Mode::Extract,
            answerable: true,
            confidence: 0.875,
            sentences: vec![AnswerSentence { span: Span::new(0, QUOTE.len()), text: QUOTE.into(), citations: vec![1] }],
            citations: vec![Citation { id: 1, passage: found() }],
            took: TOOK,
        };
        ask::AskResponse::new(answer, model())
    }

    pub(in crate::http) fn search_results() -> ask::SearchResponse {
        ask::SearchResponse::new(SearchResults { passages: vec![found()], confidence: 0.875, took: TOOK }, model())
    }

    pub(in crate::http) fn document() -> documents::DocumentResponse {
        info().into()
    }

    pub(in crate::http) fn document_page() -> documents::DocumentPage {
        documents::DocumentPage::new(vec![info()], 100)
    }

    pub(in crate::http) fn outcomes() -> ingest::DocumentsResponse {
        let outcome = Outcome::Added(1);
        ingest::DocumentsResponse::new(&[Ingested { id: info().id, title: info().title, outcome }])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn api() -> Value {
        serde_json::to_value(Api::openapi()).unwrap()
    }

    /// Every `$ref` anywhere in `value`.
    fn references(value: &Value) -> Vec<&str> {
        match value {
            Value::Object(members) => {
                let own = members.get("$ref").and_then(Value::as_str);
                own.into_iter().chain(members.values().flat_map(references)).collect()
            }
            Value::Array(items) => items.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn the_description_is_openapi_3_1_and_every_reference_in_it_resolves() {
        let api = api();
        assert_eq!(api["openapi"], "3.1.0");
        let references = references(&api);
        assert!(references.contains(&"#/components/schemas/Problem"));
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(api.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn an_unknown_field_is_refused_by_the_schema_too() {
        let api = api();
        for name in ["QuestionRequest", "DocumentsRequest", "DocumentRequest"] {
            assert_eq!(api["components"]["schemas"][name]["additionalProperties"], false, "{name}");
        }
    }

    #[test]
    fn the_example_requests_are_requests_that_are_taken() {
        serde_json::from_value::<ask::QuestionRequest>(examples::question()).unwrap();
        serde_json::from_value::<ingest::DocumentsRequest>(examples::new_documents()).unwrap();
    }

    #[test]
    fn the_example_answer_quotes_the_example_text_to_the_byte() {
        let api = api();
        let example = api.pointer("/paths/~1v1~1ask/post/responses/200/content/application~1json/example").unwrap();
        let citation = &example["citations"][0];
        let offset = |at: usize| citation["span"]["bytes"][at].as_u64().unwrap() as usize;
        assert_eq!(citation["quote"], examples::TEXT[offset(0)..offset(1)]);
        let sentence = &example["answer"]["sentences"][0];
        let end = sentence["end"].as_u64().unwrap() as usize;
        assert_eq!(sentence["text"], example["answer"]["text"].as_str().unwrap()[..end]);
    }
}
