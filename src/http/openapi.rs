//! `GET /openapi.json`: the description of the API (OpenAPI 3.1), generated from the handlers.

use std::sync::LazyLock;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::openai::{self, OpenAiError};
use super::problem::ProblemBody;
use super::schema::filters;
use super::{
    ask, check, collections, dify, documents, feedback, fetch, health, ingest, jobs, librechat, metrics, ollama,
    originals, questions, search, sheets,
};

/// Lists every handler; a test compares the list with the router.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Footnote",
        description = "Answers questions from your own documents. Every sentence of an answer is quoted verbatim, with its source."
    ),
    paths(
        ask::ask,
        search::search,
        check::check,
        feedback::give,
        feedback::list,
        feedback::clear,
        feedback::remove,
        questions::list,
        questions::clear,
        documents::list,
        documents::show,
        documents::remove,
        documents::text,
        originals::file,
        originals::page,
        originals::place,
        sheets::sheet,
        ingest::add,
        fetch::fetch,
        jobs::list,
        jobs::show,
        jobs::cancel,
        jobs::events,
        collections::list,
        collections::create,
        collections::remove,
        openai::chat::complete,
        openai::responses::respond,
        openai::models::list,
        openai::models::show,
        openai::models::list_embedding,
        openai::embeddings::embed,
        openai::rerank::rerank,
        openai::vector_stores::search,
        openai::stores::list,
        openai::stores::show,
        openai::stores::files,
        openai::stores::file,
        openai::stores::content,
        ollama::models::version,
        ollama::models::tags,
        ollama::models::running,
        ollama::models::show,
        ollama::chat::chat,
        ollama::generate::generate,
        ollama::embed::texts,
        ollama::embed::text,
        dify::retrieve,
        librechat::query,
        librechat::query_multiple,
        librechat::files::health,
        librechat::files::ids,
        librechat::files::embed,
        librechat::files::text,
        librechat::files::list,
        librechat::files::remove,
        librechat::files::context,
        health::alive,
        health::ready,
        metrics::scrape,
        document
    ),
    components(schemas(filters::StoreFilter, openai::chat::Part, openai::responses::Item, ProblemBody<'static>, OpenAiError, ollama::OllamaError, dify::DifyError, librechat::LibreChatError)),
    // The empty alternative is for servers without keys.
    security((), ("key" = [])),
    modifiers(&Keys),
    tags(
        (name = "questions", description = "Ask questions, search, and check texts"),
        (name = "feedback", description = "Say whether answers are right, and see what was asked"),
        (name = "documents", description = "Add, list, read and delete documents"),
        (name = "jobs", description = "Follow and cancel writes in the background"),
        (name = "collections", description = "Manage collections of documents"),
        (name = "openai", description = "For clients of the OpenAI API"),
        (name = "others", description = "For clients of other services"),
        (name = "health", description = "For monitoring")
    )
)]
struct Api;

/// Describes how a key is sent.
struct Keys;

impl Modify for Keys {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key made with `footnote keys new`. Servers without keys need none"));
        if let Some(components) = &mut api.components {
            components.add_security_scheme("key", SecurityScheme::Http(bearer.build()));
        }
    }
}

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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::http::schema::examples;

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
    fn schemas_of_the_same_name_in_two_modules_are_told_apart() {
        let properties = |name: &str| api()["components"]["schemas"][name]["properties"].clone();
        assert!(properties("MessagePart").get("text").is_some() && properties("Part").get("path").is_some());
    }

    #[test]
    fn the_example_requests_are_accepted() {
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
