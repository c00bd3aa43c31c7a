//! `footnote ls`: lists documents.

use crate::passage::DocumentInfo;
use crate::wire;
use clap::Args;
use serde_json::json;

use super::format::{Format, FormatArgs, typed};
use super::table::{numbers, table, words};
use super::{Exit, Session, documents, markdown};

const AFTER_HELP: &str = "\
Examples:
  footnote ls
  footnote ls | cut -f 1                      the ids alone
  footnote ls --json | jq '.documents[].title'
  footnote ls --format ndjson | jq -r .title  one JSON object per document and line

On a terminal it prints a table. Elsewhere it prints one line per document without a header: id, language, passages, \
date, source and title, separated by tabs. Unknown values are empty.";

/// List the documents in the order they were first ingested
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    format: FormatArgs,
}

pub(crate) fn run(args: &LsArgs, session: &Session) -> anyhow::Result<Exit> {
    let footnote = session.open_to_read()?;
    let documents = documents::all(&footnote)?;
    let format = args.format.format();
    if documents.is_empty() && matches!(format, Format::Cli | Format::Md) {
        session.is_empty(&footnote)?;
        return Ok(Exit::Done);
    }
    let columns = [words("ID"), words("LANGUAGE"), numbers("PASSAGES"), words("DATE"), words("SOURCE"), words("TITLE")];
    let rows = |documents: &[DocumentInfo]| documents.iter().map(row).collect::<Vec<_>>();
    match format {
        Format::Cli => session.print(&table(&columns, &rows(&documents), session.style))?,
        Format::Md => session.print(&markdown::table(&columns.map(|column| column.header), &rows(&documents)))?,
        Format::Json => {
            let documents: Vec<_> = documents.into_iter().map(wire::document).collect();
            session.print_json(&json!({ "documents": documents, "next": null }))?;
        }
        Format::Ndjson => {
            let lines: Vec<_> = documents.into_iter().map(|info| typed("document", wire::document(info))).collect();
            session.print_lines(&lines)?;
        }
    }
    Ok(Exit::Done)
}

fn row(document: &DocumentInfo) -> Vec<String> {
    let or_nothing = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        document.id.clone(),
        or_nothing(&document.language),
        document.passages.to_string(),
        or_nothing(&document.published),
        or_nothing(&document.source),
        document.title.clone(),
    ]
}
