//! Ollama's API: chat, generation, embeddings and the list of models, so that its clients can use Footnote.

pub(super) mod chat;
pub(super) mod embed;
pub(super) mod generate;
pub(super) mod models;
mod stream;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::json_object::JsonObject;
use super::openai::ending::{Ending, Stop, stop_schema};
use super::problem::Problem;
use crate::error::Error;

/// An error in Ollama's format.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OllamaError {
    /// What went wrong, and what to do about it.
    error: String,
}

/// Options of an answer. Those that steer how a language model samples have no effect.
#[derive(Debug, Default, Deserialize, ToSchema)]
struct OllamaOptions {
    /// The most tokens of the answer, by the embedding model's tokenizer; less than 0 for no limit. The answer then ends
    /// behind a whole sentence, with the `done_reason` `length`.
    num_predict: Option<f64>,
    #[schema(schema_with = stop_schema)]
    stop: Option<Stop>,
}

/// Parameters that are accepted if they ask for what is given anyway.
#[derive(Debug, Default, Deserialize)]
struct Unsupported {
    format: Option<Value>,
    logprobs: Option<Value>,
    suffix: Option<Value>,
    images: Option<Value>,
}

impl Unsupported {
    fn check(&self) -> Result<(), Problem> {
        let is_set = |value: &Option<Value>| match value {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let refused = [
            ("format", &self.format, "sentences quoted from documents fit no schema; POST /v1/ask answers in JSON"),
            ("logprobs", &self.logprobs, "quoted sentences have no probabilities of tokens"),
            ("suffix", &self.suffix, "Footnote answers questions and completes no text"),
            ("images", &self.images, "only text is read"),
        ];
        match refused.into_iter().find(|(_, value, _)| is_set(value)) {
            Some((name, _, why)) => {
                Err(Problem::bad_request(format!("`{name}` is not supported"), format!("leave `{name}` out: {why}")))
            }
            None => Ok(()),
        }
    }
}

/// How an answer may end early.
fn ending(options: Option<JsonObject<OllamaOptions>>) -> Result<Ending, Problem> {
    let JsonObject(OllamaOptions { num_predict, stop }) = options.unwrap_or_default();
    Ending::new(stop, num_predict.filter(|tokens| *tokens >= 0.0).map(|tokens| tokens as usize))
}

/// A model's name without the tag that Ollama gives to a name without one.
fn without_tag(name: &str) -> &str {
    name.strip_suffix(LATEST).unwrap_or(name)
}

const LATEST: &str = ":latest";

/// The error for an unknown model.
fn no_model(id: &str) -> Problem {
    Problem::from(Error::NotFound { kind: "model", id: id.to_owned() }).with_hint(
        "GET /api/tags lists the models that answer; the embedding model is `[model] name`, footnote-e5-small by default",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_done_is_refused_and_what_asks_for_nothing_is_accepted() {
        let check = |parameters: Value| serde_json::from_value::<Unsupported>(parameters).unwrap().check();
        for fine in [json!({}), json!({"format": "", "images": [], "suffix": null, "logprobs": false})] {
            assert_eq!(check(fine.clone()), Ok(()), "{fine}");
        }
        for (name, value) in [
            ("format", json!("json")),
            ("format", json!({"type": "object"})),
            ("images", json!(["x"])),
            ("suffix", json!("x")),
        ] {
            assert!(check(json!({name: value})).unwrap_err().to_string().contains(name));
        }
    }

    #[test]
    fn a_limit_below_zero_is_none() {
        let options = |value: Value| serde_json::from_value(value).unwrap();
        assert_eq!(ending(options(json!({"num_predict": -1}))).unwrap().max_tokens, None);
        let set = ending(options(json!({"num_predict": 5, "stop": ["a"], "temperature": 0.1}))).unwrap();
        assert_eq!((set.max_tokens, set.stop), (Some(5), vec!["a".to_owned()]));
    }
}
