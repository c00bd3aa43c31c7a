//! Parameters that would change an answer in a way that Footnote cannot do: refused, so that no client takes them for
//! honoured. Parameters that only steer how a language model samples have nothing to steer here, and are accepted.

use serde::Deserialize;
use serde_json::Value;

use super::super::problem::Problem;

/// Parameters of a request for an answer. Each is accepted if it asks for what is given anyway.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Unsupported {
    response_format: Option<Value>,
    tool_choice: Option<Value>,
    function_call: Option<Value>,
    logprobs: Option<Value>,
    top_logprobs: Option<Value>,
    modalities: Option<Value>,
    audio: Option<Value>,
    web_search_options: Option<Value>,
}

impl Unsupported {
    /// # Errors
    ///
    /// A [`Problem`] that names the first parameter that asks for something else.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let Self { response_format, tool_choice, function_call, .. } = self;
        let Self { logprobs, top_logprobs, modalities, audio, web_search_options, .. } = self;
        check_format("response_format", response_format.as_ref())?;
        check_tool_choice("tool_choice", tool_choice.as_ref())?;
        check_tool_choice("function_call", function_call.as_ref())?;
        if is_set(logprobs.as_ref()) || is_set(top_logprobs.as_ref()) {
            return Err(no_logprobs());
        }
        let is_text = |kind: &Value| kind == "text";
        let speaks = modalities.as_ref().and_then(Value::as_array).is_some_and(|kinds| !kinds.iter().all(is_text));
        if speaks || is_set(audio.as_ref()) {
            return Err(Problem::bad_request(
                "`modalities` or `audio` asks for speech",
                "leave them out; answers are text",
            ));
        }
        if web_search_options.is_some() {
            return Err(Problem::bad_request(
                "`web_search_options` asks for a search of the web",
                "leave it out; answers come from the documents in Footnote",
            ));
        }
        Ok(())
    }
}

/// Refuses any form of an answer but text. `format` is `{"type": …}`.
pub(super) fn check_format(name: &str, format: Option<&Value>) -> Result<(), Problem> {
    let Some(format) = format else { return Ok(()) };
    let kind = format.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind == "text" {
        return Ok(());
    }
    Err(Problem::bad_request(
        format!("`{name}` is `{kind}`, and answers are text: sentences quoted from documents fit no schema"),
        format!("leave `{name}` out; POST /v1/ask answers in JSON, with each quote and its document"),
    ))
}

/// Accepts the choice to call no tool, or to leave that to the model, which never calls one.
pub(super) fn check_tool_choice(name: &str, choice: Option<&Value>) -> Result<(), Problem> {
    match choice {
        None => Ok(()),
        Some(choice) if choice == "none" || choice == "auto" => Ok(()),
        Some(choice) => Err(Problem::bad_request(
            format!("`{name}` demands the call of a tool ({}), and Footnote calls none", short(choice)),
            format!("leave `{name}` out, or set it to `auto` or `none`: then the answer comes from the documents"),
        )),
    }
}

pub(super) fn no_logprobs() -> Problem {
    Problem::bad_request(
        "`logprobs` asks for the probabilities of tokens, and quoted sentences have none",
        "leave it out; POST /v1/ask gives the confidence of an answer",
    )
}

/// Refuses a part of a message that is no text.
pub(super) fn not_text(kind: &str) -> Problem {
    Problem::bad_request(
        format!("a message has a part of the type `{kind}`, and only text is read"),
        "send the question as text; documents are added with `footnote ingest` or POST /v1/documents",
    )
}

/// Whether a parameter asks for something: it is neither null, false nor 0.
pub(super) fn is_set(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !(value.is_null() || *value == false || *value == 0))
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(parameters: Value) -> Result<(), String> {
        serde_json::from_value::<Unsupported>(parameters).unwrap().check().map_err(|problem| problem.to_string())
    }

    #[test]
    fn what_asks_for_what_is_given_anyway_is_accepted() {
        for parameters in [
            json!({}),
            json!({"response_format": {"type": "text"}, "tool_choice": "auto", "function_call": "none"}),
            json!({"logprobs": false, "top_logprobs": 0, "modalities": ["text"], "audio": null, "tool_choice": null}),
        ] {
            assert_eq!(check(parameters.clone()), Ok(()), "{parameters}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name_with_what_to_do() {
        for (name, value) in [
            ("response_format", json!({"type": "json_object"})),
            ("response_format", json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {}}})),
            ("response_format", json!("json")),
            ("tool_choice", json!("required")),
            ("tool_choice", json!({"type": "function", "function": {"name": "f"}})),
            ("function_call", json!({"name": "f"})),
            ("logprobs", json!(true)),
            ("top_logprobs", json!(3)),
            ("modalities", json!(["text", "audio"])),
            ("audio", json!({"voice": "alloy"})),
            ("web_search_options", json!({})),
        ] {
            let refused = check(json!({name: value})).unwrap_err();
            let known = refused.contains(name) || (name == "top_logprobs" && refused.contains("logprobs"));
            assert!(known && refused.contains("; "), "{name}: {refused}");
        }
    }
}
