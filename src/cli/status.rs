//! `footnote status`: the contents and the size of an index.

use std::fmt::Write;

use crate::config::IndexEngine;
use crate::footnote::{IndexPlace, LexiconUse, Status, Unfinished};
use clap::Args;
use indicatif::BinaryBytes;
use serde_json::{Value, json};

use super::format::{Format, FormatArgs, typed};
use super::term::{Role, Style};
use super::{Exit, Session, markdown};
use crate::cli::facts::counted;
use crate::display::one_line;

const AFTER_HELP: &str = "\
Examples:
  footnote status
  footnote status --json | jq .passages
  footnote -c news status --format md

`footnote doctor` checks for problems.";

/// Show what the index holds, its model and its size
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    format: FormatArgs,
}

pub(crate) fn run(args: &StatusArgs, session: &Session) -> anyhow::Result<Exit> {
    let status = session.open_to_read()?.status()?;
    match args.format.format() {
        Format::Cli => session.print(&render(&status, session.style))?,
        Format::Md => {
            let rows: Vec<_> = lines(&status).into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
            session.print(&markdown::table(&["WHAT", "VALUE"], &rows))?;
        }
        Format::Json => session.print_json(&json(&status))?,
        Format::Ndjson => session.print_lines([&typed("status", json(&status))])?,
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
        "lexical_bytes": status.lexical_bytes,
        "behind": status.behind,
        "index": {
            "engine": status.index.engine.name(),
            "cluster_collection": status.index.cluster_collection,
            "waiting": status.index.waiting,
        },
        "lexicon": {
            "dictionaries": status.lexicon.dictionaries,
            "missing": status.lexicon.missing,
            "files": status.lexicon.files,
            "glossary": status.lexicon.glossary,
        },
        "reindex": status.reindex.as_ref().map(|reindex| json!({
            "model": { "name": reindex.plan.model, "fingerprint": reindex.plan.fingerprint },
            "passage_tokens": reindex.plan.passage_tokens,
            "documents": reindex.documents,
            "passages": reindex.passages,
            "process": reindex.holder,
        })),
    })
}

fn render(status: &Status, style: Style) -> String {
    lines(status).iter().fold(String::new(), |mut text, (name, value)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {}", style.paint(Role::Context, &format!("{name:<10}")), one_line(value));
        text
    })
}

/// Each figure with its name.
fn lines(status: &Status) -> Vec<(&'static str, String)> {
    let languages: Vec<_> =
        status.languages.iter().map(|(language, documents)| format!("{language} {documents}")).collect();
    let model = status.model.as_ref().map_or_else(|| "none yet".to_owned(), ToString::to_string);
    let size = |bytes: u64| match bytes.checked_div(status.passages as u64) {
        Some(each) => format!("{}, {each} bytes a passage", BinaryBytes(bytes)),
        None => BinaryBytes(bytes).to_string(),
    };
    let mut lines = vec![
        ("collection", format!("{} in {}", status.collection, status.dir.display())),
        ("documents", status.documents.to_string()),
        ("passages", status.passages.to_string()),
        ("languages", if languages.is_empty() { "none yet".into() } else { languages.join(", ") }),
        ("model", model),
        ("store", size(status.store_bytes)),
        ("vectors", size(status.vector_bytes)),
        ("lexical", size(status.lexical_bytes)),
    ];
    if let Some(place) = place(&status.index) {
        lines.push(("index", place));
    }
    lines.push(("lexicon", lexicon(&status.lexicon)));
    if let Some(unfinished) = &status.reindex {
        lines.push(("reindex", reindex(unfinished, status.documents)));
    }
    if status.behind > 0 {
        lines.push(("behind", format!("{} changes, caught up when the index is next opened", status.behind)));
    }
    lines
}

/// Where the passage index is; `None` if it is beside the store.
fn place(place: &IndexPlace) -> Option<String> {
    let name = place.cluster_collection.as_deref();
    match (place.engine, name) {
        (IndexEngine::Embedded, _) => None,
        (IndexEngine::Qdrant, None) => Some("to be written to the Qdrant cluster".into()),
        (IndexEngine::Qdrant, Some(name)) => {
            let waiting =
                (place.waiting > 0).then(|| format!(", {} wait for it", counted(place.waiting as usize, "change")));
            Some(format!("{name} in the Qdrant cluster{}", waiting.unwrap_or_default()))
        }
    }
}

/// How far a reindex is and, if no process works on it, what to do about it.
pub(crate) fn reindex(unfinished: &Unfinished, documents: usize) -> String {
    let Unfinished { plan, documents: done, holder, .. } = unfinished;
    let who = holder.as_ref().map_or_else(
        || "interrupted: `footnote reindex` goes on, `footnote reindex --abandon` drops it".to_owned(),
        |holder| format!("{holder} works on it"),
    );
    format!("to {}, {done} of {documents} documents; {who}", plan.identity())
}

/// The dictionaries and terms that questions' words are looked up in or, if there are none, what to do about it.
fn lexicon(used: &LexiconUse) -> String {
    let mut parts = used.dictionaries.clone();
    match used.files {
        0 => {}
        1 => parts.push("1 file".into()),
        files => parts.push(format!("{files} files")),
    }
    if used.glossary > 0 {
        parts.push(counted(used.glossary, "glossary term"));
    }
    if !used.missing.is_empty() {
        parts.push(format!("without {}, which `footnote models pull` fetches", used.missing.join(", ")));
    }
    if parts.is_empty() { "none: words are not looked up in other languages".into() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use crate::model::ModelIdentity;

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
            lexical_bytes: 256,
            behind: 0,
            index: IndexPlace { engine: IndexEngine::Embedded, cluster_collection: None, waiting: 0 },
            lexicon: LexiconUse { dictionaries: vec!["cc-cedict".into()], glossary: 2, ..LexiconUse::default() },
            reindex: None,
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
store       2.00 KiB, 21 bytes a passage
vectors     512 B, 5 bytes a passage
lexical     256 B, 2 bytes a passage
lexicon     cc-cedict, 2 glossary terms
";
        assert_eq!(render(&status(), Style::PLAIN), expected);
    }

    #[test]
    fn an_index_in_a_cluster_names_its_collection_and_what_waits() {
        let held = |cluster_collection, waiting| {
            place(&IndexPlace { engine: IndexEngine::Qdrant, cluster_collection, waiting })
        };
        assert_eq!(held(None, 3).as_deref(), Some("to be written to the Qdrant cluster"));
        let named = held(Some("footnote-news-1".into()), 2);
        assert_eq!(named.as_deref(), Some("footnote-news-1 in the Qdrant cluster, 2 changes wait for it"));
    }

    #[test]
    fn an_empty_index_has_no_model_and_no_language() {
        let empty = Status { languages: vec![], model: None, behind: 3, ..status() };
        let text = render(&empty, Style::PLAIN);
        assert!(text.contains("languages   none yet\nmodel       none yet\n"), "{text}");
        assert!(text.contains("behind      3 changes"), "{text}");
        assert_eq!(json(&empty)["model"], Value::Null);
    }

    #[test]
    fn a_lexicon_that_is_missing_says_how_to_get_it() {
        let missing = LexiconUse { missing: vec!["cc-cedict".into()], files: 1, ..LexiconUse::default() };
        assert_eq!(lexicon(&missing), "1 file, without cc-cedict, which `footnote models pull` fetches");
        assert!(lexicon(&LexiconUse::default()).starts_with("none"));
    }

    #[test]
    fn the_json_keeps_every_figure() {
        let json = json(&status());
        assert_eq!(json["languages"], json!({ "zh-Hant": 8, "en": 1 }));
        assert_eq!((&json["passages"], &json["store_bytes"]), (&json!(95), &json!(2048)));
    }
}
