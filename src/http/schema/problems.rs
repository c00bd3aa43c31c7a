//! The errors of each family of routes, by status, in the format of the API that the route belongs to.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder};

use super::super::problem::PROBLEM_JSON;

/// Errors of every route.
const COMMON: [(&str, &str); 7] = [
    ("401", "The key is missing or unknown"),
    (
        "403",
        "The key does not have the scope that the route requires, or a web page of another origin sent the request",
    ),
    ("421", "The Host header names another machine"),
    ("429", "The key has sent too many requests; see Retry-After"),
    ("500", "The server failed"),
    ("503", "The server is overloaded, not ready or stopping, or the request took too long; see Retry-After"),
    ("507", "The server's disk is full"),
];
const JSON: &str = "application/json";

/// Defines families of errors: name, media type, schema, and the errors besides the common ones.
macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident, $media:expr, $schema:literal: $($status:literal $description:literal),+;)+) => {$(
        $(#[$meta])*
        pub(in crate::http) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let all = COMMON.into_iter().chain([$(($status, $description)),+]);
                all.map(|(status, meaning)| (status.to_owned(), response($media, $schema, meaning).into())).collect()
            }
        }
    )+};
}

fn response(media_type: &str, schema: &str, description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(description).content(media_type, content).build()
}

problems! {
    /// Errors of questions and searches.
    QuestionProblems, PROBLEM_JSON, "Problem":
        "400" "The body is not a valid question",
        "404" "The collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of searches.
    SearchProblems, PROBLEM_JSON, "Problem":
        "400" "The body is not a valid question, or the cursor belongs to another search",
        "404" "The collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "410" "The cursor has expired, is not one of this key, or its collection was deleted: search again",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of giving feedback.
    FeedbackProblems, PROBLEM_JSON, "Problem":
        "400" "The body is not valid feedback, or contradicts itself, or its bytes are not in the document",
        "404" "The document or collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of listing and removing feedback and logged questions.
    RecordProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid",
        "404" "The feedback, page or collection does not exist";
    /// Errors of adding documents.
    WriteProblems, PROBLEM_JSON, "Problem":
        "400" "The body is invalid or contains no document",
        "404" "The collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is neither JSON nor a multipart form",
        "422" "The documents cannot be added, or the only file";
    /// Errors of having pages fetched.
    FetchProblems, PROBLEM_JSON, "Problem":
        "400" "The body is invalid, or the address is not one of the web",
        "403" "The server does not fetch pages, the key does not have the scope `write`, or a web page of another origin sent the request",
        "404" "The collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of lookups.
    LookupProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid",
        "404" "The document or collection does not exist";
    /// Errors of listing collections.
    CollectionProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid";
    /// Errors of creating a collection.
    NewCollectionProblems, PROBLEM_JSON, "Problem":
        "400" "The name is not a valid collection name",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of deleting a collection.
    RemoveCollectionProblems, PROBLEM_JSON, "Problem":
        "400" "The name is not a valid collection name",
        "404" "The collection does not exist",
        "409" "The configured collection cannot be deleted";
    /// Errors of listing jobs.
    JobsProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid";
    /// Errors of a job.
    JobProblems, PROBLEM_JSON, "Problem":
        "400" "The id is not valid",
        "404" "The job does not exist";
    /// Errors of drawing a page.
    PictureProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid",
        "404" "The document or page does not exist, the document is not a PDF, or its file is no longer there",
        "422" "The page cannot be drawn";
    /// Errors of reading a sheet.
    SheetProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid",
        "404" "The document or the sheet does not exist, or the document is not a spreadsheet",
        "416" "The range is outside the text or splits a character";
    /// Errors of reading a text.
    RangeProblems, PROBLEM_JSON, "Problem":
        "400" "The range is not of the form `a-b`",
        "404" "The document does not exist",
        "416" "The range is outside the text or splits a character";
    /// Errors of the liveness check.
    LivenessProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid";
    /// Errors of the readiness check.
    ReadinessProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter is invalid",
        "503" "The model is not loaded yet; see Retry-After";
    /// Errors of reading the metrics.
    MetricsProblems, PROBLEM_JSON, "Problem":
        "400" "A header is invalid";
    /// Errors of requests for models.
    OpenAiProblems, JSON, "OpenAiError":
        "400" "A parameter is invalid",
        "404" "The model does not exist";
    /// Errors of requests in `OpenAI`'s format.
    OpenAiQuestionProblems, JSON, "OpenAiError":
        "400" "The body is invalid",
        "404" "The model or collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of lookups of Ollama's clients.
    OllamaLookupProblems, JSON, "OllamaError":
        "400" "A parameter is invalid";
    /// Errors of requests from Ollama's clients.
    OllamaProblems, JSON, "OllamaError":
        "400" "The body is invalid",
        "404" "The model or collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of requests from Dify.
    DifyProblems, JSON, "DifyError":
        "400" "The body is invalid",
        "404" "The collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
    /// Errors of lookups of `LibreChat`.
    LibreChatLookupProblems, JSON, "LibreChatError":
        "400" "A parameter is invalid",
        "404" "A file does not exist";
    /// Errors of writes of `LibreChat`.
    LibreChatWriteProblems, JSON, "LibreChatError":
        "400" "The body is invalid",
        "404" "A file does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not of the route's type",
        "422" "The file cannot be read or has no text";
    /// Errors of requests from `LibreChat`.
    LibreChatProblems, JSON, "LibreChatError":
        "400" "The body is invalid",
        "404" "The collection does not exist",
        "408" "The body stopped arriving or arrived too slowly",
        "413" "The body is larger than the route's limit",
        "415" "The body is not JSON";
}
