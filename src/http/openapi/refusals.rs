//! How requests may be refused, by status, for the families of routes: each in the shape of its face.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder};

use super::super::problem::PROBLEM_JSON;

/// Any route may fail or be refused so; what is special to a family comes with it.
const COMMON: [(&str, &str); 5] = [
    ("401", "A key is needed, and none that is known was sent"),
    ("403", "A web page of another origin sent it"),
    ("421", "The Host header is not of this machine"),
    ("500", "The server failed; its log says why"),
    ("503", "Overloaded, not ready, or not done in time; see Retry-After"),
];
const JSON: &str = "application/json";

/// A family's name, the media type and the schema of its errors, and what is special to it.
macro_rules! refusals {
    ($($(#[$meta:meta])* $name:ident, $media:expr, $schema:literal: $($status:literal $description:literal),+;)+) => {$(
        $(#[$meta])*
        pub(in super::super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let all = COMMON.into_iter().chain([$(($status, $description)),+]);
                all.map(|(status, told)| (status.to_owned(), refusal($media, $schema, told).into())).collect()
            }
        }
    )+};
}

fn refusal(media_type: &str, schema: &str, description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(description).content(media_type, content).build()
}

refusals! {
    /// What a question may be refused with.
    QuestionProblems, PROBLEM_JSON, "Problem":
        "400" "The body is not a question",
        "404" "The server does not have the collection",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is not JSON";
    /// What new documents may be refused with.
    WriteProblems, PROBLEM_JSON, "Problem":
        "400" "The body is not what is taken, or holds no document",
        "404" "The server does not have the collection",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is neither JSON nor a form",
        "422" "The documents cannot be taken in";
    /// What a lookup may be refused with.
    LookupProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter makes no sense",
        "404" "There is no such document or collection";
    /// What a list of collections may be refused with.
    CollectionProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter makes no sense";
    /// What a new collection may be refused with.
    NewCollectionProblems, PROBLEM_JSON, "Problem":
        "400" "The name cannot be one",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is not JSON";
    /// What the removal of a collection may be refused with.
    RemoveCollectionProblems, PROBLEM_JSON, "Problem":
        "400" "The name cannot be one",
        "404" "There is no such collection",
        "409" "It is the configured collection, which stays";
    /// What a part of a text may be refused with.
    RangeProblems, PROBLEM_JSON, "Problem":
        "400" "The range is not of the form `a-b`",
        "404" "There is no such document",
        "416" "The text has no such part on character boundaries";
    /// What a look whether the server is alive may be refused with.
    LivenessProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter makes no sense";
    /// What tells that the server is not ready.
    ReadinessProblems, PROBLEM_JSON, "Problem":
        "400" "A parameter makes no sense",
        "503" "The model is not loaded yet; see Retry-After";
    /// What a request for the models may be refused with.
    OpenAiProblems, JSON, "OpenAiError":
        "400" "A parameter makes no sense",
        "404" "There is no such model";
    /// What a request in `OpenAI`'s form may be refused with.
    OpenAiQuestionProblems, JSON, "OpenAiError":
        "400" "The body is not what is taken",
        "404" "There is no such model or collection",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is not JSON";
    /// What Dify may be refused with.
    DifyProblems, JSON, "DifyError":
        "400" "The body is not what is taken",
        "404" "There is no such collection",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is not JSON";
    /// What `LibreChat` may be refused with.
    LibreChatProblems, JSON, "LibreChatError":
        "400" "The body is not what is taken",
        "404" "The server does not have the collection",
        "408" "The body did not arrive in time",
        "413" "The body is too large",
        "415" "The body is not JSON";
}
