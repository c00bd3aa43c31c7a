//! `footnote collections`: lists collections.

use crate::{Footnote, library};
use clap::Args;

use super::table::{numbers, table, words};
use super::{Exit, Session};

const AFTER_HELP: &str = "\
Examples:
  footnote collections
  footnote --collection news ingest ~/news       the first ingest creates a collection
  footnote --collection news ask who expects a cut

A collection is a set of documents with its own index, in a folder of the index directory.";

/// List the collections under the index directory
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CollectionsArgs {}

pub(crate) fn run(_args: &CollectionsArgs, session: &Session) -> anyhow::Result<Exit> {
    let mut rows = Vec::new();
    for name in library::names(&session.config.index.dir)? {
        let mut config = session.config.clone();
        config.index.collection.clone_from(&name);
        match Footnote::open_read_only(&config).and_then(|footnote| footnote.status()) {
            Ok(status) => rows.push(vec![name, status.documents.to_string(), status.passages.to_string()]),
            // A damaged collection does not hide the others.
            Err(error) => session.warn(&format!("footnote: collection {name}: {error}")),
        }
    }
    session.print(&table(&[words("NAME"), numbers("DOCUMENTS"), numbers("PASSAGES")], &rows, session.style))?;
    Ok(Exit::Done)
}
