//! `footnote rm`: removes documents.

use crate::Error;
use crate::footnote::{Outcome, Progress};
use crate::library::check_exists;
use clap::Args;

use super::writer::Writer;
use super::{Exit, Session, exit};
use crate::display::one_line;

const AFTER_HELP: &str = "\
Examples:
  footnote rm news-7
  footnote ls | grep 2019- | cut -f 1 | xargs footnote rm

The exit status is 1 if a document does not exist; the others are removed.

While `footnote serve` holds the index, the server removes them: see `footnote ingest --help`.";

/// Remove documents
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RmArgs {
    /// Ids as `footnote ls` shows them, uris, or files that documents were read from
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Write in this process, even if a server for the same index is running
    #[arg(long)]
    no_server: bool,
}

pub(crate) fn run(args: &RmArgs, session: &Session) -> anyhow::Result<Exit> {
    check_exists(&session.config.index)?;
    let mut exit = Exit::Done;
    let mut ids = Vec::new();
    {
        let footnote = session.open_to_read()?;
        for name in &args.ids {
            match footnote.resolve(name) {
                Ok(found) => ids.extend(found),
                Err(error @ Error::NotFound { .. }) => {
                    session.warn(exit::describe(&error).trim_end());
                    exit = Exit::NothingFound;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    if ids.is_empty() {
        return Ok(exit);
    }
    let mut unprinted = None;
    remove(Writer::find(session, !args.no_server)?, ids, &mut |id, outcome| match outcome {
        Err(error) => {
            session.warn(exit::describe(error).trim_end());
            exit = Exit::NothingFound;
        }
        Ok(()) if session.quiet => {}
        Ok(()) => unprinted = unprinted.take().or(session.print(&format!("removed  {}\n", one_line(id))).err()),
    })?;
    match unprinted {
        Some(error) => Err(error.into()),
        None => Ok(exit),
    }
}

/// Removes documents. `done` gets each id, with an error if the document no longer exists.
fn remove(
    writer: Writer,
    ids: Vec<String>,
    done: &mut dyn FnMut(&str, std::result::Result<(), &Error>),
) -> crate::Result<()> {
    match writer {
        Writer::Here(footnote) => ids.iter().try_for_each(|id| match footnote.delete(id) {
            Ok(()) => {
                done(id, Ok(()));
                Ok(())
            }
            Err(error @ Error::NotFound { .. }) => {
                done(id, Err(&error));
                Ok(())
            }
            Err(error) => Err(error),
        }),
        Writer::There(server) => server.remove(ids, &mut |progress| {
            if let Progress::Done(document) = progress {
                let outcome = match &document.outcome {
                    Outcome::Failed(error) => Err(error),
                    _ => Ok(()),
                };
                done(&document.id, outcome);
            }
        }),
    }
}
