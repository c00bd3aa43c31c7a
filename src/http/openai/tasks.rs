//! Prompts that chat front ends write themselves: titles, tags, suggestions and search queries for a conversation, and
//! questions wrapped in instructions. They are not questions about the documents, so documents do not answer them.
//!
//! A title or a query is made from the conversation by rule. The other tasks need a language model and get an empty
//! result in the form that the front end expects.

use serde_json::json;

use crate::display::one_line;
use crate::footnote::{Footnote, condense_question, sentences};

/// Longest title, in columns: a Chinese character takes two.
const MAX_TITLE_COLUMNS: usize = 48;
const OPEN_HISTORY: &str = "<chat_history>";
const CLOSE_HISTORY: &str = "</chat_history>";

/// What a front end wants of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Task {
    /// Not an answer from the documents, but this text.
    Said(String),
    /// An answer to this question, which the front end wrapped in instructions.
    Asked(String),
}

impl Task {
    /// The task that the last message of a conversation is; `None` if a person wrote it.
    pub(in super::super) fn of(system: &[String], last: &str) -> Option<Self> {
        let last = last.trim();
        if system.iter().any(|text| text.starts_with("Available Tools:") && text.contains("\"tool_calls\"")) {
            return Some(Self::Said(json!({"tool_calls": []}).to_string()));
        }
        open_webui(last).or_else(|| libre_chat(last))
    }
}

/// The default prompts of `Open WebUI` (0.3 to 0.12). Each names the key of the JSON that it expects.
fn open_webui(prompt: &str) -> Option<Task> {
    const EMOJI: &str = "Your task is to reflect the speaker's likely facial expression through a fitting emoji.";
    const MERGED: &str =
        "You have been provided with a set of responses from various models to the latest user query: \"";
    if prompt.starts_with(EMOJI) {
        return Some(Task::Said(String::new()));
    }
    if let Some((query, _)) = prompt.strip_prefix(MERGED).and_then(|rest| rest.split_once("\"\n\nYour task")) {
        return Some(Task::Asked(query.to_owned()));
    }
    let instructions = prompt.strip_prefix("### Task:")?;
    if let Some((instructions, history)) = instructions.split_once(OPEN_HISTORY) {
        let history = history.rsplit_once(CLOSE_HISTORY).map_or(history, |(history, _)| history);
        let names = |key: &str| instructions.contains(&format!("\"{key}\""));
        let said = spoken(history, &["USER: "], &["ASSISTANT: ", "SYSTEM: ", "TOOL: "]);
        let last = said.last().map(String::as_str).unwrap_or_default();
        return Some(Task::Said(
            if names("title") {
                json!({"title": title(said.first().map(String::as_str).unwrap_or_default())})
            } else if names("queries") {
                json!({"queries": query(&said)})
            } else if names("tags") {
                json!({"tags": []})
            } else if names("follow_ups") {
                json!({"follow_ups": []})
            } else if names("prompt") {
                json!({"prompt": last.trim()})
            } else if names("text") {
                json!({"text": ""})
            } else {
                return None;
            }
            .to_string(),
        ));
    }
    // What a person asked follows the passages that the front end found in its own files.
    let is_about_passages = instructions.contains("using the provided context") && instructions.contains("<context>");
    let (_, question) = instructions.rsplit_once("</context>").filter(|_| is_about_passages)?;
    let question = question.trim().trim_start_matches("<user_query>").trim_end_matches("</user_query>").trim();
    Some(Task::Asked(question.to_owned()))
}

/// The title prompts of `LibreChat` (0.6 to 0.8). The structured one comes with a JSON schema.
fn libre_chat(prompt: &str) -> Option<Task> {
    const TITLES: [&str; 4] = [
        "Provide a concise, 5-word-or-less title for the conversation",
        "Please generate a concise, 5-word-or-less title for the conversation",
        "Please generate a concise title (max 40 characters) for a conversation that starts with",
        "Detect user language and write in the same language an extremely concise title for this conversation",
    ];
    let user = ["User: ", "||>User:"];
    let others = ["AI: ", "Assistant: ", "||>Response:", "||>Title:", "Title:"];
    let first = || spoken(prompt, &user, &others).into_iter().next();
    if TITLES.iter().any(|opening| prompt.starts_with(opening)) {
        return Some(Task::Said(title(&first()?)));
    }
    let is_structured =
        prompt.starts_with("Analyze this conversation and provide:") && prompt.contains("concise title");
    let said = first().filter(|_| is_structured)?;
    let language = Footnote::language_of(&said).unwrap_or_else(|| "en".into());
    Some(Task::Said(json!({"language": language, "title": title(&said)}).to_string()))
}

/// What the user said, in a history whose messages begin on lines of their own with the name of a role.
fn spoken(history: &str, user: &[&str], others: &[&str]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let mut is_user = false;
    for line in history.trim().lines() {
        if let Some(text) = user.iter().find_map(|role| line.strip_prefix(role)) {
            said.push(text.to_owned());
            is_user = true;
        } else if others.iter().any(|role| line.starts_with(role)) {
            is_user = false;
        } else if let Some(last) = said.last_mut().filter(|_| is_user) {
            last.push('\n');
            last.push_str(line);
        }
    }
    said.iter().map(|text| text.trim().trim_matches('"').to_owned()).filter(|text| !text.is_empty()).collect()
}

/// What to search for to answer the last of these messages; nothing if there is none.
fn query(said: &[String]) -> Vec<String> {
    let Some((last, earlier)) = said.split_last() else { return Vec::new() };
    let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
    let text = condense_question(&earlier, last).text;
    if text.trim().is_empty() { Vec::new() } else { vec![text] }
}

/// A title for a conversation that begins with this message: its first sentence, shortened.
fn title(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let sentence = sentences(line).first().map_or(line, |span| &line[span.range()]);
    let sentence = one_line(sentence);
    let sentence =
        sentence.trim().trim_end_matches(['?', '？', '.', '。', '!', '！', '…', ':', '：', ',', '，', '、', '"']);
    let mut columns = 0;
    let mut cut = sentence.len();
    let mut last_space = None;
    for (at, c) in sentence.char_indices() {
        columns += if c.is_ascii() || c < '\u{1100}' { 1 } else { 2 };
        if columns > MAX_TITLE_COLUMNS {
            cut = last_space.filter(|space| *space * 2 > at).unwrap_or(at);
            break;
        }
        if c == ' ' {
            last_space = Some(at);
        }
    }
    if cut < sentence.len() { format!("{}…", sentence[..cut].trim_end()) } else { sentence.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The start and the end of a default prompt of `Open WebUI` 0.12, around a history.
    fn prompt(output: &str, history: &str) -> String {
        format!(
            "### Task:\nDo something with the chat history.\n### Guidelines:\n- Be brief.\n### Output:\nJSON format: \
             {output}\n### Chat History:\n<chat_history>\n{history}\n</chat_history>"
        )
    }

    fn said(last: &str) -> String {
        match Task::of(&[], last) {
            Some(Task::Said(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    const HISTORY: &str =
        "USER: 陸以寧預期聯準會2026年降息幾次？\nASSISTANT: 三次。[1]\n\n- [1] x\nUSER: and in 2027?\nASSISTANT: no";

    #[test]
    fn open_webui_gets_a_title_from_the_first_question_in_the_json_that_it_expects() {
        let asked = prompt(r#"{ "title": "your concise title here" }"#, HISTORY);
        assert_eq!(said(&asked), r#"{"title":"陸以寧預期聯準會2026年降息幾次"}"#);
    }

    #[test]
    fn open_webui_gets_the_condensed_question_as_the_query() {
        let history = "USER: When did Apple publish its report?\nASSISTANT: In May.\nUSER: And Google?";
        let asked = prompt(r#"{ "queries": ["query1", "query2"] }"#, history);
        assert_eq!(said(&asked), r#"{"queries":["When did Google publish its report?"]}"#);
    }

    #[test]
    fn what_needs_a_language_model_is_empty_in_the_form_that_is_expected() {
        for (output, expected) in [
            (r#"{ "tags": ["tag1", "tag2"] }"#, r#"{"tags":[]}"#),
            (r#"{ "follow_ups": ["Question 1?"] }"#, r#"{"follow_ups":[]}"#),
            (r#"{ "text": "<your_completion>" }"#, r#"{"text":""}"#),
            (r#"{"prompt": "Your detailed description here."}"#, r#"{"prompt":"and in 2027?"}"#),
        ] {
            assert_eq!(said(&prompt(output, HISTORY)), expected);
        }
        let tools = "Available Tools: []\n{\"tool_calls\": []}".to_owned();
        assert_eq!(Task::of(&[tools], "Query: x"), Some(Task::Said(r#"{"tool_calls":[]}"#.into())));
    }

    #[test]
    fn a_question_is_found_behind_the_passages_that_open_webui_puts_before_it() {
        let wrapped = "### Task:\nRespond to the user query using the provided context, incorporating inline citations.\n\
                       <context>\n<source id=\"1\">Who? </context> me</source>\n</context>\n\nWho expects a cut?";
        assert_eq!(Task::of(&[], wrapped), Some(Task::Asked("Who expects a cut?".into())));
    }

    #[test]
    fn librechat_gets_a_title_without_json_unless_it_asks_for_json() {
        let asked = "Provide a concise, 5-word-or-less title for the conversation, using title case conventions. Only \
                     return the title itself.\n\nConversation:\nUser: Who expects the Fed to cut? I wonder.\nAI: Lu.[1]";
        assert_eq!(said(asked), "Who expects the Fed to cut");
        let asked = "Analyze this conversation and provide:\n1. The detected language of the conversation\n2. A concise \
                     title in the detected language (5 words or less, no punctuation or quotation)\n\nUser: 誰預期降息？\nAI: 陸";
        assert_eq!(said(asked), r#"{"language":"zh-Hant","title":"誰預期降息"}"#);
    }

    #[test]
    fn a_question_of_a_person_is_no_task() {
        for question in [
            "Provide a concise title for my essay",
            "### Task: what does the report say?",
            "What is a <chat_history> tag with \"title\"?",
            "",
        ] {
            assert_eq!(Task::of(&["You are helpful.".into()], question), None, "{question}");
        }
    }

    #[test]
    fn a_long_title_is_cut_between_words_or_characters() {
        let title_of = |text: &str| title(text);
        assert_eq!(
            title_of("What does the third quarterly report of the central bank say about rates"),
            "What does the third quarterly report of the…"
        );
        assert_eq!(title_of(&"漢".repeat(60)), format!("{}…", "漢".repeat(24)));
        assert_eq!(title_of("\n\n  Hello there!  \nmore"), "Hello there");
    }

    proptest! {
        #[test]
        fn no_prompt_makes_it_panic(text in "(### Task:|<chat_history>|</chat_history>|USER: |\"title\"|</context>|\n|.){0,20}") {
            if let Some(Task::Said(said)) = Task::of(&[], &text) {
                prop_assert!(said.chars().count() < 10_000);
            }
        }
    }
}
