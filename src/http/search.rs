//! `POST /v1/search`: finds passages for a question.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::admission::Read;
use super::ask::QuestionRequest;
use super::body::Json;
use super::caller::Caller;
use super::cursors::{Place, Search, ShownPassage, Unusable};
use super::problem::Problem;
use super::prompt::{PromptDocuments, PromptFormat, SearchResultBlocks};
use super::schema::{SearchProblems, examples};
use crate::cancel::Cancel;
use crate::error::Result as CoreResult;
use crate::footnote::{Collections, MAX_REACHED, Question, SearchResults};
use crate::links::Links;
use crate::passage::FoundPassage;
use crate::wire::SearchResponse;

/// The passages, in the requested format.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum SearchBody {
    /// The default format.
    Own(Box<SearchResponse>),
    /// For `anthropic`.
    Anthropic(SearchResultBlocks),
    /// For `cohere`.
    Cohere(PromptDocuments),
}

/// Search
///
/// Finds passages for a question and the best sentence of each. `mode` and `stream` are ignored. With `next` of the response as
/// `cursor` the same request gets the passages behind it, 200 in all at most: of the documents as they were at the first request,
/// without those that were deleted or changed since. A cursor can be used for 15 minutes.
#[utoipa::path(
    post,
    path = "/v1/search",
    tag = "questions",
    request_body(content = QuestionRequest, example = json!(examples::question())),
    responses(
        (status = 200, description = "The passages, best first", body = SearchBody,
            example = json!(examples::search_results())),
        SearchProblems
    )
)]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    links: Links,
    caller: Caller,
    Json(request, _reserved): Json<QuestionRequest>,
) -> Result<axum::Json<SearchBody>, Problem> {
    let (format, cursor) = (request.format, request.cursor.clone());
    let (asked, mut question) = request.into_question()?;
    if cursor.is_some() && question.skip > 0 {
        return Err(Problem::bad_request("`skip` and `cursor` are both given", "give one of them"));
    }
    question.filter = caller.allowed(question.filter);
    let cursors = Arc::clone(&app.cursors);
    let body = slot.run_together(&app, asked, move |collections, cancel| {
        let asker = caller.holder().map(|holder| holder.id);
        let search = Search::new(asker, &collections.names(), collections.are_named(), &question);
        let place = match cursor.map(|id| cursors.find(&id, &search)).transpose() {
            Ok(place) => place,
            Err(unusable) => return Ok(Err(Problem::from(unusable))),
        };
        let (results, next) = page(collections, &question, place.as_ref(), cancel)?;
        if place.is_some_and(|place| !results.last_passages.go_on(&place.last_passages)) {
            return Ok(Err(Problem::from(Unusable::Gone)));
        }
        let next = next.filter(|_| format.is_none()).and_then(|next| cursors.add(search, next));
        let results = caller.shown(results);
        Ok(Ok(match format {
            None => SearchBody::Own(Box::new(SearchResponse::new(results, collections.model()?).with_next(next))),
            Some(PromptFormat::Anthropic) => {
                SearchBody::Anthropic(SearchResultBlocks::new(results.passages, &links, collections.name()))
            }
            Some(PromptFormat::Cohere) => {
                SearchBody::Cohere(PromptDocuments::new(results.passages, &links, collections.name()))
            }
        }))
    });
    Ok(axum::Json(body.await??))
}

/// A page of a search: the first, or the one at `place`. Returns where the next page goes on, if there may be one.
fn page(
    collections: &Collections<'_>,
    question: &Question,
    place: Option<&Place>,
    cancel: &Cancel,
) -> CoreResult<(SearchResults, Option<Place>)> {
    let count = question.top_k.unwrap_or_else(|| collections.usual_passages());
    let skip = question.skip;
    let of = |passage: &FoundPassage| (passage.collection.clone(), passage.key);
    let (mut results, shown, last_passages) = match place {
        None => {
            let count = count.min(MAX_REACHED.saturating_sub(skip));
            let results = collections.search_with(&Question { top_k: Some(count), ..question.clone() }, cancel)?;
            let last_passages = results.last_passages.clone();
            (results, Vec::new(), last_passages)
        }
        Some(place) => {
            // The same reach for every page, so that all are parts of one ranking.
            let last_passages = Some(place.last_passages.clone());
            let whole = Question { top_k: Some(MAX_REACHED), last_passages, ..question.clone() };
            let mut results = collections.search_with(&whole, cancel)?;
            let left = MAX_REACHED.saturating_sub(place.shown.len());
            results.passages.retain(|passage| !place.shown.contains(&of(passage)));
            results.passages.truncate(left);
            (results, place.shown.to_vec(), place.last_passages.clone())
        }
    };
    let has_more = match place {
        None => results.passages.len() >= count,
        Some(_) => results.passages.len() > count,
    };
    results.passages.truncate(count);
    let shown: Vec<ShownPassage> = shown.into_iter().chain(results.passages.iter().map(of)).collect();
    let has_more = has_more && skip == 0 && shown.len() < MAX_REACHED && !results.passages.is_empty();
    Ok((results, has_more.then(|| Place { shown: shown.into(), last_passages })))
}

impl From<Unusable> for Problem {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Gone => Self::cursor_gone(),
            Unusable::OfAnother => Self::bad_request(
                "`cursor` belongs to another search",
                "send the request again whose response has it as `next`, with the same question, collection and conditions",
            ),
        }
    }
}
