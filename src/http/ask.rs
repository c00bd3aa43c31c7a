//! `POST /v1/ask`: answers a question with citations.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::admission::Read;
use super::body::Json;
use super::caller::Caller;
use super::problem::Problem;
use super::prompt::PromptFormat;
use super::schema::{QuestionProblems, examples, filters};
use super::stream::{self, ServerSentEvent};
use crate::filter::{Filter, PassageFilter};
use crate::footnote::{MAX_QUESTION_CHARS, MAX_REACHED, Question};
use crate::json::{in_range, whole};
use crate::library::AskedOf;
use crate::passage;
use crate::wire::{AskResponse, Facet, Mode};

/// Largest body of a question: its text with each character escaped, and the other fields.
pub(super) const MAX_BODY_BYTES: usize = 128 * 1024;

pub(super) const MAX_TOP_K: usize = 100;
const MAX_CONTEXT_SENTENCES: usize = 10;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionRequest {
    /// The question, in any language. It must not be blank. It may have operators: `"an exact phrase"`, `-without`,
    /// `source:"Goldman Sachs"`, `tag:`, `title:`, `lang:`, `format:`, `before:2026-01`, `since:`, `until:`.
    #[schema(min_length = 1, max_length = 8192, pattern = "[^\\s\\u0085]")]
    question: String,
    /// The collection to ask. Default: the configured collection.
    collection: Option<String>,
    /// Collections to ask together, instead of `collection`: one ranking, and each passage names its collection. `["*"]`
    /// stands for all that the key may read.
    #[schema(min_items = 1, max_items = 32, example = json!(["news", "reports"]))]
    collections: Option<Vec<String>>,
    /// `write` and `translate` need a language model in the settings. Default: the configured mode, `extract` unless it is
    /// changed.
    #[schema(inline)]
    mode: Option<Mode>,
    /// Passages to find and cite, at most. Default: the configured number.
    #[schema(minimum = 1, maximum = 100)]
    #[serde(default, deserialize_with = "whole")]
    top_k: Option<usize>,
    /// Sentences of context before and after a quote. Default: the configured number.
    #[schema(minimum = 0, maximum = 10)]
    #[serde(default, deserialize_with = "whole")]
    context_sentences: Option<usize>,
    #[schema(schema_with = filters::own)]
    filter: Option<serde_json::Map<String, serde_json::Value>>,
    /// Whether operators in the question are understood. If not, they are searched for as words. Default: true.
    operators: Option<bool>,
    /// The day from which times in the question such as "last week" are counted. Default: today, by the server's clock.
    #[schema(format = Date, example = "2026-01-31")]
    now: Option<String>,
    /// Returns the passages in another assistant's format. Ignored by `POST /v1/ask`.
    #[schema(inline)]
    pub(super) format: Option<PromptFormat>,
    /// Passages to leave out at the start; with `top_k` at most 200. `cursor` is better for page after page. Ignored by `POST
    /// /v1/ask`.
    #[schema(minimum = 0, maximum = 199)]
    #[serde(default, deserialize_with = "whole")]
    skip: Option<usize>,
    /// The `next` of a response, for the passages behind it: send the request of that response again, with this field. `top_k`
    /// and `context_sentences` may differ. Ignored by `POST /v1/ask`.
    pub(super) cursor: Option<String>,
    /// What to count among the documents that are found: true for all, or a list. Ignored by `POST /v1/ask`.
    #[schema(inline)]
    facets: Option<FacetsWanted>,
    /// Whether to stream the answer as server-sent events. Ignored by `POST /v1/search`.
    stream: Option<bool>,
}

/// Which facets are counted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum FacetsWanted {
    /// All or none.
    All(bool),
    /// These.
    Some(#[schema(inline)] Vec<Facet>),
}

impl FacetsWanted {
    fn facets(self) -> Vec<passage::Facet> {
        let mut facets: Vec<passage::Facet> = match self {
            Self::All(true) => passage::Facet::ALL.to_vec(),
            Self::All(false) => Vec::new(),
            Self::Some(facets) => facets.into_iter().map(Into::into).collect(),
        };
        let mut seen = Vec::new();
        facets.retain(|facet| {
            !seen.contains(facet) && {
                seen.push(*facet);
                true
            }
        });
        facets
    }
}

/// Ask
///
/// Answers a question with sentences quoted from the documents. Each has a citation with the exact byte range.
#[utoipa::path(
    post,
    path = "/v1/ask",
    tag = "questions",
    request_body(content = QuestionRequest, example = json!(examples::question())),
    responses(
        (status = 200, description = "The answer and its citations. With `stream`, these events: `passages` (the passages \
            found), `answer.delta` (a sentence of the answer: `text`, by which the answer grows, and `sentence`, as in the response; one \
            that a language model writes is sent when it has been checked), `citation` (a citation of that sentence), `answer.done` (the \
            whole response, as without `stream`), or `error` (a problem)", content(
                (AskResponse = "application/json", example = json!(examples::answer())),
                (ServerSentEvent = "text/event-stream", example = "event: answer.delta\ndata: {\"text\":\"…[1]\"}\n\n")
            )),
        QuestionProblems
    )
)]
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    Json(request, _reserved): Json<QuestionRequest>,
) -> Result<Response, Problem> {
    let streamed = request.stream == Some(true);
    let (asked, mut question) = request.into_question()?;
    question.filter = caller.allowed(question.filter);
    question.asker = caller.holder();
    // They are about searches.
    (question.skip, question.facets) = (0, Vec::new());
    if streamed {
        return stream::answer(slot, app, caller, asked, question).await;
    }
    let (answer, model) = slot
        .run_together(&app, asked, move |collections, cancel| {
            Ok((collections.ask_with(&question, cancel, &mut |_| ())?, collections.model()?))
        })
        .await?;
    Ok(axum::Json(AskResponse::new(caller.shown(answer), model)).into_response())
}

impl QuestionRequest {
    /// The collections that are asked, and the question.
    pub(super) fn into_question(self) -> Result<(AskedOf, Question), Problem> {
        if self.question.trim().is_empty() {
            return Err(Problem::bad_request("`question` is blank", "send a question"));
        }
        if self.question.chars().count() > MAX_QUESTION_CHARS {
            return Err(Problem::bad_request(
                format!("`question` has more than {MAX_QUESTION_CHARS} characters"),
                "ask a shorter question",
            ));
        }
        let question = Question {
            text: self.question,
            top_k: in_range("top_k", self.top_k, 1, MAX_TOP_K)?,
            context_sentences: in_range("context_sentences", self.context_sentences, 0, MAX_CONTEXT_SENTENCES)?,
            mode: self.mode.map(Into::into),
            filter: self.filter.map_or(Ok(Filter::default()), |fields| Filter::from_json(&fields))?,
            passages: PassageFilter::default(),
            operators: self.operators.unwrap_or(true),
            skip: in_range("skip", self.skip, 0, MAX_REACHED - 1)?.unwrap_or(0),
            facets: self.facets.map_or_else(Vec::new, FacetsWanted::facets),
            last_passages: None,
            language: None,
            now: self.now.as_deref().map(Question::day).transpose()?,
            corrections: None,
            asker: None,
        };
        Ok((AskedOf::of(self.collection, self.collections)?, question))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::filter::{Comparison, Field};
    use crate::wire::SearchResponse;

    fn question(value: serde_json::Value) -> Result<Question, Problem> {
        serde_json::from_value::<QuestionRequest>(value).unwrap().into_question().map(|(_, question)| question)
    }

    #[test]
    fn a_question_alone_leaves_the_rest_to_the_settings() {
        let question = question(json!({"question": "who expects a cut?"})).unwrap();
        assert_eq!(question, Question { text: "who expects a cut?".into(), operators: true, ..Question::default() });
    }

    #[test]
    fn the_command_lines_request_is_read_as_the_same_question() {
        let filter = json!({"tags": {"in": ["x"]}, "published": {"gte": "2026"}});
        let asked = Question {
            text: "誰?".into(),
            top_k: Some(7),
            context_sentences: Some(0),
            mode: Some(passage::Mode::Passages),
            filter: Filter::from_json(filter.as_object().unwrap()).unwrap(),
            passages: PassageFilter::default(),
            operators: false,
            skip: 0,
            facets: Vec::new(),
            last_passages: None,
            language: None,
            now: Some(jiff::civil::Date::constant(2026, 1, 31)),
            corrections: None,
            asker: None,
        };
        let several = AskedOf::Several(vec!["news".into(), "reports".into()]);
        let plain = Question { text: "who".into(), operators: true, ..Question::default() };
        for (asked_of, asked) in [(AskedOf::One("news".into()), asked), (several, plain.clone()), (AskedOf::All, plain)]
        {
            let sent = crate::wire::question(&asked, &asked_of).unwrap();
            let read = serde_json::from_value::<QuestionRequest>(sent).unwrap().into_question().unwrap();
            assert_eq!(read, (asked_of, asked));
        }
    }

    #[test]
    fn a_response_that_is_read_and_written_again_stays_the_same() {
        let answer = serde_json::to_vec(&examples::answer()).unwrap();
        let (read, model) = crate::wire::read_answer(&answer).unwrap();
        assert_eq!(read.citations[0].passage.quote.text, "聯準會可能在2026年降息兩次。");
        assert_eq!(serde_json::to_vec(&AskResponse::new(read, model)).unwrap(), answer);
        let results = serde_json::to_vec(&examples::search_results()).unwrap();
        let (read, model) = crate::wire::read_search(&results).unwrap();
        assert_eq!(serde_json::to_vec(&SearchResponse::new(read, model)).unwrap(), results);
    }

    #[test]
    fn every_field_of_a_question_is_used() {
        let asked = json!({"question": "誰?", "mode": "passages", "top_k": 100, "context_sentences": 0,
            "filter": {"tags": ["x"]}, "now": "2026-01-31", "operators": false, "skip": 9, "facets": ["year"]});
        let expected = Question {
            text: "誰?".into(),
            top_k: Some(100),
            context_sentences: Some(0),
            mode: Some(passage::Mode::Passages),
            filter: Filter::All(vec![Filter::Any(vec![Filter::Is(Field::Tags, Comparison::Equal, json!("x"))])]),
            passages: PassageFilter::default(),
            operators: false,
            skip: 9,
            facets: vec![passage::Facet::Year],
            last_passages: None,
            language: None,
            now: Some(jiff::civil::Date::constant(2026, 1, 31)),
            corrections: None,
            asker: None,
        };
        assert_eq!(question(asked).unwrap(), expected);
    }

    #[test]
    fn a_question_that_is_blank_or_too_long_is_refused() {
        for text in ["", " \n\u{3000}", &"字".repeat(8193)] {
            assert!(question(json!({"question": text})).is_err(), "{text:?}");
        }
        assert!(question(json!({"question": "字".repeat(8192)})).is_ok());
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_known_ones() {
        let asked = json!({"question": "q", "topk": 3});
        let message = serde_json::from_value::<QuestionRequest>(asked).unwrap_err().to_string();
        for word in ["topk", "question", "collection", "mode", "top_k", "context_sentences"] {
            assert!(message.contains(word), "{message}");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_accepted_exactly_within_their_ranges(top_k in 0_usize..300, context in 0_usize..30) {
            let is_accepted = question(json!({"question": "q", "top_k": top_k, "context_sentences": context})).is_ok();
            prop_assert_eq!(is_accepted, (1..=100).contains(&top_k) && context <= 10);
        }
    }
}
