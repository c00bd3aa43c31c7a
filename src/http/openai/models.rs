//! `GET /v1/models`: a chat model for each collection and mode. `GET /v1/embeddings/models`: the embedding model.
//!
//! Chat front ends offer all of `GET /v1/models` for a conversation, so the embedding model is not in it.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::App;
use super::super::admission::Read;
use super::super::body::DocumentId;
use super::super::problem::Problem;
use super::super::schema::OpenAiProblems;
use crate::error::Error;
use crate::footnote::Role;
use crate::library::{ALL, AskedOf, MAX_ASKED, OF_LIBRECHAT};
use crate::passage::Mode;

/// The model that answers from the configured collection. Others are `footnote/COLLECTION`, `footnote/A+B` for several
/// together, and `footnote/*` for all.
const NAME: &str = "footnote";
/// Suffix of models that return passages without an answer.
const PASSAGES: &str = ":passages";
/// Suffix of the embedding model for queries.
const QUESTIONS: &str = ":query";

/// A model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in super::super) struct OpenAiModel {
    #[schema(example = "footnote")]
    id: String,
    #[schema(example = "model")]
    object: &'static str,
    /// When the server started, in seconds since 1970.
    created: i64,
    #[schema(example = "footnote")]
    owned_by: &'static str,
}

/// All models.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct OpenAiModels {
    #[schema(example = "list")]
    object: &'static str,
    data: Vec<OpenAiModel>,
}

/// What a chat model's name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct ChatModel {
    /// What is asked.
    pub(in super::super) asked: AskedOf,
    /// `None` is the configured mode.
    pub(in super::super) mode: Option<Mode>,
}

impl ChatModel {
    /// Parses a model's name; `None` if it is not a chat model's.
    pub(in super::super) fn parse(id: &str) -> Option<Self> {
        let (name, mode) = match id.strip_suffix(PASSAGES) {
            Some(name) => (name, Some(Mode::Passages)),
            None => (id, None),
        };
        let rest = name.strip_prefix(NAME)?;
        let asked = match rest.strip_prefix('/') {
            Some(collections) => AskedOf::parse(collections).ok()?,
            None if rest.is_empty() => AskedOf::Configured,
            None => return None,
        };
        Some(Self { asked, mode })
    }
}

/// What the embedding model embeds under this name; `None` if it is another model's.
pub(in super::super) fn embedding_role(id: &str, model: &str) -> Option<Role> {
    match id.strip_prefix(model)? {
        "" => Some(Role::Passage),
        QUESTIONS => Some(Role::Question),
        _ => None,
    }
}

/// The error for an unknown model.
pub(in super::super) fn no_model(id: &str) -> Problem {
    Problem::from(Error::NotFound { kind: "model", id: id.to_owned() }).with_hint("GET /v1/models lists the models")
}

/// List models
///
/// Lists a chat model for each collection and mode. Clients offer them for conversations, so the embedding model has a
/// list of its own.
#[utoipa::path(
    get,
    path = "/v1/models",
    operation_id = "openai_list_models",
    tag = "openai",
    responses((status = 200, description = "All models", body = OpenAiModels), OpenAiProblems)
)]
pub(in super::super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
) -> Result<axum::Json<OpenAiModels>, Problem> {
    let data = all(&app, slot).await?;
    Ok(axum::Json(OpenAiModels { object: "list", data }))
}

/// List embedding models
///
/// Lists the embedding model: under its own name for passages, with `:query` for queries.
#[utoipa::path(
    get,
    path = "/v1/embeddings/models",
    operation_id = "openai_list_embedding_models",
    tag = "openai",
    responses((status = 200, description = "The embedding model", body = OpenAiModels), OpenAiProblems)
)]
pub(in super::super) async fn list_embedding(State(app): State<Arc<App>>) -> axum::Json<OpenAiModels> {
    axum::Json(OpenAiModels { object: "list", data: embedding(&app) })
}

/// Show a model
#[utoipa::path(
    get,
    path = "/v1/models/{model}",
    operation_id = "openai_show_model",
    tag = "openai",
    params(("model" = String, Path, description = "Its id, percent-encoded", example = "footnote")),
    responses((status = 200, description = "The model", body = OpenAiModel), OpenAiProblems)
)]
pub(in super::super) async fn show(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
) -> Result<axum::Json<OpenAiModel>, Problem> {
    let found = embedding(&app).into_iter().chain(all(&app, slot).await?).find(|model| model.id == id);
    found.map(axum::Json).ok_or_else(|| no_model(&id))
}

async fn all(app: &App, slot: super::super::admission::Slot) -> Result<Vec<OpenAiModel>, Problem> {
    Ok(names(app, slot).await?.into_iter().map(|id| model(app, id)).collect())
}

/// The names of all chat models.
pub(in super::super) async fn names(app: &App, slot: super::super::admission::Slot) -> Result<Vec<String>, Problem> {
    let (collections, configured) =
        slot.run_on_library(app, |library| Ok((library.names()?, library.configured().to_owned()))).await?;
    let asked = collections.iter().filter(|name| *name != OF_LIBRECHAT).count();
    let asks_all = (2..=MAX_ASKED).contains(&asked);
    let name = |collection: String| if collection == configured { NAME.into() } else { format!("{NAME}/{collection}") };
    let all = asks_all.then(|| format!("{NAME}/{ALL}"));
    let names = collections.into_iter().map(name).chain(all);
    Ok(names.flat_map(|name| [name.clone(), name + PASSAGES]).collect())
}

fn embedding(app: &App) -> Vec<OpenAiModel> {
    [app.model.clone(), format!("{}{QUESTIONS}", app.model)].into_iter().map(|id| model(app, id)).collect()
}

fn model(app: &App, id: String) -> OpenAiModel {
    OpenAiModel { id, object: "model", created: app.started, owned_by: NAME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_s_name_says_collection_and_mode() {
        let parse = |id| ChatModel::parse(id).map(|model| (model.asked, model.mode));
        assert_eq!(parse("footnote"), Some((AskedOf::Configured, None)));
        assert_eq!(parse("footnote:passages"), Some((AskedOf::Configured, Some(Mode::Passages))));
        assert_eq!(parse("footnote/news:passages"), Some((AskedOf::One("news".into()), Some(Mode::Passages))));
        let several = AskedOf::Several(vec!["news".into(), "work".into()]);
        assert_eq!(parse("footnote/news+work"), Some((several, None)));
        assert_eq!(parse("footnote/*"), Some((AskedOf::All, None)));
        for other in ["", "gpt-4o", "footnotes", "footnote:news", "footnote-e5-small"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_embedding_model_embeds_passages_or_questions() {
        assert_eq!(embedding_role("e5", "e5"), Some(Role::Passage));
        assert_eq!(embedding_role("e5:query", "e5"), Some(Role::Question));
        assert_eq!(embedding_role("e5-large", "e5"), None);
    }
}
