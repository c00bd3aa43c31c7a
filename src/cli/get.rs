//! `footnote get`: shows a document.

use std::fmt::Write;

use crate::Error;
use crate::passage::Document;
use crate::wire;
use clap::Args;
use serde_json::Value;

use super::facts::known;
use super::format::{Format, FormatArgs, typed};
use super::link::DocumentLinks;
use super::term::{Role, Style};
use super::{Exit, Session, markdown};
use crate::display::{clean, one_line};

const AFTER_HELP: &str = "\
Examples:
  footnote get news-7
  footnote get news-7 --text > news-7.txt     the stored text, byte for byte
  footnote get news-7 --json | jq .title      includes the text
  footnote get news-7 --format md >> notes.md

Byte offsets of citations refer to the output of --text. On a terminal, control characters are shown as U+FFFD. The exit \
status is 1 if the document does not exist.";

/// Show a document with its metadata and text
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct GetArgs {
    /// An id as `footnote ls` shows it, a uri, or the file that the document was read from
    id: String,
    /// Print only the stored text
    #[arg(long, conflicts_with_all = ["json", "format"])]
    text: bool,
    #[command(flatten)]
    format: FormatArgs,
}

pub(crate) fn run(args: &GetArgs, session: &Session) -> anyhow::Result<Exit> {
    let footnote = session.open_to_read()?;
    let ids = footnote.resolve(&args.id)?;
    let [id] = ids.as_slice() else {
        return Err(Error::Input {
            reason: format!("`{}` holds {} documents", args.id, ids.len()),
            hint: format!("choose one by its id: {}", ids.join(", ")),
        }
        .into());
    };
    let document = footnote.document(id)?;
    if args.text {
        match session.style.width {
            Some(_) => session.print(&clean(&document.text))?,
            None => session.print_bytes(document.text.as_bytes())?,
        }
        return Ok(Exit::Done);
    }
    match args.format.format() {
        Format::Cli => session.print(&render(&document, session.style))?,
        Format::Md => {
            let links = DocumentLinks::to(std::iter::once(&document.info), |info| footnote.is_own_file(info));
            session.print(&markdown::document(&document, &links))?;
        }
        Format::Json => session.print_json(&json(document))?,
        Format::Ndjson => session.print_lines([&typed("document", json(document))])?,
    }
    Ok(Exit::Done)
}

/// The document's metadata and text.
fn json(document: Document) -> Value {
    let mut value = wire::document(document.info);
    if let Value::Object(fields) = &mut value {
        fields.insert("text".into(), Value::String(document.text));
    }
    value
}

/// The document's metadata, a line each, an empty line, and its text.
fn render(document: &Document, style: Style) -> String {
    let mut text = String::new();
    for (name, value) in known(&document.info) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {}", style.paint(Role::Context, &format!("{name:<9}")), one_line(&value));
    }
    text.push('\n');
    text.push_str(&clean(&document.text));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::passage::{DocumentInfo, Format, Layout};

    use super::*;

    fn document() -> Document {
        let info = DocumentInfo {
            id: "n7".into(),
            title: "降息\u{1b}[2J".into(),
            source: Some("Desk".into()),
            uri: None,
            published: None,
            language: Some("zh-Hant".into()),
            tags: vec!["fed".into(), "rates".into()],
            metadata: serde_json::from_str(r#"{"page": 3}"#).unwrap(),
            format: Format::Plain,
            size_bytes: 9,
            passages: 1,
            ingested: "2026-01-31T00:00:00Z".into(),
        };
        Document { info, text: "預期\u{7}".into(), layout: Layout::default() }
    }

    #[test]
    fn a_document_is_what_is_known_of_it_and_its_text() {
        let text = render(&document(), Style::PLAIN);
        let expected = "\
id         n7
title      降息\u{fffd}[2J
source     Desk
language   zh-Hant
tags       fed, rates
metadata   page: 3
format     plain
size       9 bytes, 1 passage
ingested   2026-01-31T00:00:00Z

預期\u{fffd}
";
        assert_eq!(text, expected);
    }
}
