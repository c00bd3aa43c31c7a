//! `GET /api/version`, `/api/tags` and `/api/ps`, `POST /api/show`: what Ollama's clients ask about models.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::super::App;
use super::super::admission::{Read, Slot};
use super::super::body::Json;
use super::super::openai::models::{ChatModel, embedding_role, names};
use super::super::problem::Problem;
use super::super::schema::{OllamaLookupProblems, OllamaProblems};
use super::{LATEST, no_model, without_tag};

/// The version of Ollama whose API this is. Clients compare it with what they need.
const VERSION: &str = "0.12.0";

/// A version.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OllamaVersion {
    /// The version of Ollama whose API the server speaks.
    #[schema(example = "0.12.0")]
    version: &'static str,
}

/// All models that answer.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OllamaModels {
    models: Vec<OllamaModel>,
}

/// A model.
#[derive(Debug, Serialize, ToSchema)]
struct OllamaModel {
    #[schema(example = "footnote:latest")]
    name: String,
    #[schema(example = "footnote:latest")]
    model: String,
    /// When the server started, RFC 3339.
    modified_at: String,
    /// Always 0.
    size: u64,
    /// A hash of the name.
    digest: String,
    details: OllamaDetails,
}

/// What kind of model it is.
#[derive(Debug, Serialize, ToSchema)]
struct OllamaDetails {
    parent_model: &'static str,
    format: &'static str,
    #[schema(example = "footnote")]
    family: &'static str,
    families: [&'static str; 1],
    parameter_size: &'static str,
    quantization_level: &'static str,
}

/// Names a model.
#[derive(Debug, Deserialize, ToSchema)]
pub(in super::super) struct ShowRequest {
    /// Its name.
    #[serde(alias = "name")]
    #[schema(example = "footnote")]
    model: String,
}

/// A model in detail.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OllamaModelInfo {
    modelfile: String,
    parameters: &'static str,
    template: &'static str,
    details: OllamaDetails,
    #[schema(value_type = Object)]
    model_info: Map<String, Value>,
    /// `completion` or `embedding`.
    capabilities: [&'static str; 1],
    /// When the server started, RFC 3339.
    modified_at: String,
}

const DETAILS: OllamaDetails = OllamaDetails {
    parent_model: "",
    format: "footnote",
    family: "footnote",
    families: ["footnote"],
    parameter_size: "",
    quantization_level: "",
};

/// Tell the version
#[utoipa::path(
    get,
    path = "/api/version",
    operation_id = "ollama_version",
    tag = "others",
    responses((status = 200, description = "The version of the API", body = OllamaVersion), OllamaLookupProblems)
)]
pub(in super::super) async fn version() -> axum::Json<OllamaVersion> {
    axum::Json(OllamaVersion { version: VERSION })
}

/// List models for an Ollama client
///
/// Lists a chat model for each collection and mode. Clients offer them for conversations, so the embedding model is left
/// out.
#[utoipa::path(
    get,
    path = "/api/tags",
    operation_id = "ollama_list_models",
    tag = "others",
    responses((status = 200, description = "All models that answer", body = OllamaModels), OllamaLookupProblems)
)]
pub(in super::super) async fn tags(
    State(app): State<Arc<App>>,
    Read(slot): Read,
) -> Result<axum::Json<OllamaModels>, Problem> {
    Ok(axum::Json(OllamaModels { models: all(&app, slot).await? }))
}

/// List running models for an Ollama client
///
/// The same list: none of them has to be loaded first.
#[utoipa::path(
    get,
    path = "/api/ps",
    operation_id = "ollama_list_running_models",
    tag = "others",
    responses((status = 200, description = "All models that answer", body = OllamaModels), OllamaLookupProblems)
)]
pub(in super::super) async fn running(
    State(app): State<Arc<App>>,
    Read(slot): Read,
) -> Result<axum::Json<OllamaModels>, Problem> {
    Ok(axum::Json(OllamaModels { models: all(&app, slot).await? }))
}

/// Show a model to an Ollama client
#[utoipa::path(
    post,
    path = "/api/show",
    operation_id = "ollama_show_model",
    tag = "others",
    request_body(content = ShowRequest, example = json!({"model": "footnote"})),
    responses((status = 200, description = "The model", body = OllamaModelInfo), OllamaProblems)
)]
pub(in super::super) async fn show(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    Json(ShowRequest { model }, _reserved): Json<ShowRequest>,
) -> Result<axum::Json<OllamaModelInfo>, Problem> {
    let name = without_tag(&model);
    let capability = if embedding_role(name, &app.model).is_some() {
        "embedding"
    } else if ChatModel::parse(name).is_some() && names(&app, slot).await?.iter().any(|known| known == name) {
        "completion"
    } else {
        return Err(no_model(&model));
    };
    Ok(axum::Json(OllamaModelInfo {
        modelfile: format!("FROM {name}\n"),
        parameters: "",
        template: "",
        details: DETAILS,
        model_info: Map::from_iter([("general.architecture".to_owned(), "footnote".into())]),
        capabilities: [capability],
        modified_at: started(&app),
    }))
}

async fn all(app: &App, slot: Slot) -> Result<Vec<OllamaModel>, Problem> {
    let names = names(app, slot).await?;
    Ok(names.into_iter().map(|name| model(app, name)).collect())
}

fn model(app: &App, name: String) -> OllamaModel {
    let name = if name.contains(':') { name } else { name + LATEST };
    OllamaModel {
        modified_at: started(app),
        size: 0,
        digest: blake3::hash(name.as_bytes()).to_hex().to_string(),
        details: DETAILS,
        model: name.clone(),
        name,
    }
}

fn started(app: &App) -> String {
    jiff::Timestamp::from_second(app.started).unwrap_or_default().to_string()
}
