//! `footnote status`: what an index holds, and how large it is.

use std::fmt::Write;

use clap::Args;
use footnote::footnote::Status;
use indicatif::BinaryBytes;
use serde_json::{Value, json};

use super::term::{Role, Style, one_line};
use super::{Exit, Session};

const AFTER_HELP: &str = "\
Examples:
  footnote status
  footnote status --json | jq .passages";

/// Show what the index holds, its model and its size
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct StatusArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &StatusArgs, session: &Session) -> anyhow::Result<Exit> {
    let status = session.open_to_read()?.status()?;
    if args.json {
        session.print_json(&json(&status))?;
    } else {
        session.print(&render(&status, session.style))?;
    }
    Ok(Exit::Done)
}

fn json(status: &Status) -> Value {
    let languages: serde_json::Map<_, _> =
        status.languages.iter().map(|(language, documents)| (language.clone(), json!(documents))).collect();
    let model = status.model.as_ref().map(|model| json!({ "name": model.name, "fingerprint": model.fingerprint }));
    json!({
        "collection": status.collection,
        "dir": status.dir.to_string_lossy(),
        "documents": status.documents,
        "passages": status.passages,
        "languages": languages,
        "model": model,
        "store_bytes": status.store_bytes,
        "vector_bytes": status.vector_bytes,
        "vector_behind": status.vector_behind,
    })
}

fn render(status: &Status, style: Style) -> String {
    let languages: Vec<_> =
        status.languages.iter().map(|(language, documents)| format!("{language} {documents}")).collect();
    let model = status.model.as_ref().map_or_else(|| "none yet".to_owned(), ToString::to_string);
    let mut lines = vec![
        ("collection", format!("{} in {}", status.collection, status.dir.display())),
        ("documents", status.documents.to_string()),
        ("passages", status.passages.to_string()),
        ("languages", if languages.is_empty() { "none yet".into() } else { languages.join(", ") }),
        ("model", model),
        ("store", BinaryBytes(status.store_bytes).to_string()),
        ("vectors", BinaryBytes(status.vector_bytes).to_string()),
    ];
    if status.vector_behind > 0 {
        lines.push(("behind", format!("{} passages, caught up when the index is next opened", status.vector_behind)));
    }
    lines.iter().fold(String::new(), |mut text, (name, value)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {}", style.paint(Role::Context, &format!("{name:<10}")), one_line(value));
        text
    })
}

#[cfg(test)]
mod tests {
    use footnote::embed::ModelIdentity;

    use super::*;

    fn status() -> Status {
        Status {
            collection: "default".into(),
            dir: "index/default".into(),
            documents: 9,
            passages: 95,
            languages: vec![("zh-Hant".into(), 8), ("en".into(), 1)],
            model: Some(ModelIdentity { name: "e5".into(), fingerprint: "0123456789abcdef".into() }),
            store_bytes: 2048,
            vector_bytes: 512,
            vector_behind: 0,
        }
    }

    #[test]
    fn a_status_is_a_line_for_each_figure() {
        let expected = "\
collection  default in index/default
documents   9
passages    95
languages   zh-Hant 8, en 1
model       e5 (0123456789ab)
store       2.00 KiB
vectors     512 B
";
        assert_eq!(render(&status(), Style { colour: false, width: None }), expected);
    }

    #[test]
    fn an_empty_index_has_no_model_and_no_language() {
        let empty = Status { languages: vec![], model: None, vector_behind: 3, ..status() };
        let text = render(&empty, Style { colour: false, width: None });
        assert!(text.contains("languages   none yet\nmodel       none yet\n"), "{text}");
        assert!(text.contains("behind      3 passages"), "{text}");
        assert_eq!(json(&empty)["model"], Value::Null);
    }

    #[test]
    fn the_json_keeps_every_figure() {
        let json = json(&status());
        assert_eq!(json["languages"], json!({ "zh-Hant": 8, "en": 1 }));
        assert_eq!((&json["passages"], &json["store_bytes"]), (&json!(95), &json!(2048)));
    }
}
