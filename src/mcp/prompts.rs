//! The prompts: requests that a person picks in a client, such as a slash command, and that use the tools.

use std::fmt::Write as _;

use rmcp::ErrorData;
use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};
use serde_json::Value;

use crate::display::clean;
use crate::suggest::nearest;

/// The longest argument, in characters; as long as a question may be.
const MAX_CHARS: usize = 8_192;

/// A prompt with one argument that is needed, and the collection.
struct Template {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    /// The argument's name and what it is.
    argument: (&'static str, &'static str),
    /// What the model is asked. `{}` stands for the argument.
    text: &'static str,
}

const TEMPLATES: [Template; 2] = [
    Template {
        name: "ask_with_footnotes",
        title: "Ask with footnotes",
        description: "Answers a question from your documents, with a footnote at every statement",
        argument: ("question", "The question, in any language"),
        text: "Answer this question from my documents alone:\n\n{}\n\nCall the tool `ask` with the question in my own \
               words. Write the answer in the language of the question. Put the [n] mark of a citation behind every \
               statement that rests on it, quote names and numbers exactly as they stand there, and add nothing that no \
               citation says. End with a list of the footnotes: number, title and url of each. If `answerable` is false, \
               tell me what `notice` says and name the nearest passages instead of an answer.",
    },
    Template {
        name: "compare_sources",
        title: "Compare what sources say",
        description: "Lists what each of your documents says about a subject, and where they differ",
        argument: ("subject", "The subject, in any language"),
        text: "Compare what my documents say about this subject:\n\n{}\n\nCall the tool `search` with the subject, and \
               `fetch` where a quote is not enough. Give each document that says something about it a line: its title, its \
               date if it has one, its statement as a verbatim quote, and its url. Then say where the documents agree and \
               where they differ, naming both sides. Use nothing but the documents; say so if they say too little.",
    },
];

/// The argument that all prompts take.
const COLLECTION: &str = "collection";

/// All prompts, in the order they are listed.
pub(super) fn all() -> Vec<Prompt> {
    let prompt = |template: &Template| {
        let (name, description) = template.argument;
        let arguments = vec![
            PromptArgument::new(name).with_description(description).with_required(true),
            PromptArgument::new(COLLECTION)
                .with_description("The collection to use. Omit it to use the configured one")
                .with_required(false),
        ];
        Prompt::new(template.name, Some(template.description), Some(arguments)).with_title(template.title)
    };
    TEMPLATES.iter().map(prompt).collect()
}

/// The message of a prompt.
///
/// # Errors
///
/// Invalid parameters: an unknown prompt or argument, one that is missing, blank or too long.
pub(super) fn get(name: &str, arguments: Option<&JsonObject>) -> Result<GetPromptResult, ErrorData> {
    let refused = |message: String| Err(ErrorData::invalid_params(clean(&message).into_owned(), None));
    let Some(template) = TEMPLATES.iter().find(|template| template.name == name) else {
        let known = TEMPLATES.map(|template| template.name);
        let meant = nearest(name, known).map(|meant| format!("; did you mean `{meant}`?"));
        return refused(format!(
            "no prompt `{}`; the prompts are {}{}",
            short(name),
            known.join(", "),
            meant.unwrap_or_default()
        ));
    };
    let (argument, _) = template.argument;
    let mut values = [None, None];
    for (given, value) in arguments.into_iter().flatten() {
        let place = [argument, COLLECTION].iter().position(|known| known == given);
        match (place, value.as_str()) {
            (Some(place), Some(text)) if text.chars().count() <= MAX_CHARS => values[place] = Some(text.trim()),
            (Some(_), Some(_)) => return refused(format!("`{given}` has more than {MAX_CHARS} characters")),
            (Some(_), None) if *value == Value::Null => {}
            (Some(_), None) => return refused(format!("`{given}` is not a text")),
            (None, _) => {
                return refused(format!(
                    "`{name}` has no argument `{}`; its arguments are {argument}, {COLLECTION}",
                    short(given)
                ));
            }
        }
    }
    let [value, collection] = values.map(|value| value.filter(|text| !text.is_empty()));
    let Some(value) = value else { return refused(format!("`{argument}` is missing or blank")) };
    let mut text = template.text.replace("{}", &clean(value));
    if let Some(collection) = collection {
        // Writing to a string cannot fail.
        let _ = write!(text, " Use the collection `{}`.", clean(collection));
    }
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(template.description))
}

fn short(name: &str) -> String {
    name.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(name: &str, arguments: &Value) -> Result<String, String> {
        match get(name, arguments.as_object()) {
            Ok(result) => {
                Ok(serde_json::to_value(&result.messages[0]).unwrap()["content"]["text"].as_str().unwrap().into())
            }
            Err(error) => Err(error.message.into_owned()),
        }
    }

    #[test]
    fn a_prompt_contains_what_was_asked_and_names_a_tool_that_there_is() {
        for template in TEMPLATES {
            let (argument, _) = template.argument;
            let text = message(template.name, &json!({argument: "誰預期降息？ {}", "collection": "news"})).unwrap();
            assert!(text.contains("誰預期降息？ {}") && text.contains("`news`"), "{text}");
            let tools: Vec<&str> = super::super::tools::all().iter().map(|tool| tool.name.as_ref()).collect();
            assert!(tools.iter().any(|tool| text.contains(&format!("the tool `{tool}`"))), "{text}");
        }
    }

    #[test]
    fn what_is_missing_unknown_or_too_long_is_refused_by_name() {
        let long = "x".repeat(MAX_CHARS + 1);
        for (name, arguments, part) in [
            ("ask_with_footnote", json!({}), "did you mean `ask_with_footnotes`"),
            ("ask_with_footnotes", json!({}), "`question` is missing"),
            ("ask_with_footnotes", json!({"question": " "}), "`question` is missing"),
            ("ask_with_footnotes", json!({"question": 3}), "not a text"),
            ("ask_with_footnotes", json!({"question": long}), "more than 8192"),
            ("ask_with_footnotes", json!({"question": "q", "topic": "t"}), "no argument `topic`"),
        ] {
            let refused = message(name, &arguments).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        }
    }
}
