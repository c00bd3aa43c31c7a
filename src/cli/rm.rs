//! `footnote rm`: removes documents.

use crate::Error;
use crate::config::IndexConfig;
use crate::footnote::{Outcome, Progress};
use crate::jobs::{self, LeftInJobs};
use crate::library::{Holding, backups_with, check_exists, left_over};
use clap::Args;

use super::writer::Writer;
use super::{Exit, Session, exit};
use crate::display::one_line;

const AFTER_HELP: &str = "\
Examples:
  footnote rm news-7
  footnote rm --erase news-7                 and leave nothing of it in the files of the index
  footnote ls | grep 2019- | cut -f 1 | xargs footnote rm

The exit status is 1 if a document does not exist; the others are removed.

A removed document stays in free parts of the index's files until they are used again. --erase rewrites them, also for \
documents that were removed before, and removes feedback about it, comments that may quote it, and the server's jobs that \
name it. It lists the backups that still hold it: `footnote backup` into the same folder replaces them. Copies that the \
file system or the disk keeps are out of its reach.

While `footnote serve` holds the index, the server removes them: see `footnote ingest --help`.";

/// Remove documents
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RmArgs {
    /// Ids as `footnote ls` shows them, uris, or files that documents were read from
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Leave nothing of them in the index: rewrite its files. Takes time in proportion to the collection
    #[arg(long)]
    erase: bool,
    /// Write in this process, even if a server for the same index is running
    #[arg(long)]
    no_server: bool,
}

pub(crate) fn run(args: &RmArgs, session: &Session) -> anyhow::Result<Exit> {
    check_exists(&session.config.index)?;
    let mut exit = Exit::Done;
    // Of those that are not there any more, something may be left.
    let (mut ids, mut gone) = (Vec::new(), Vec::new());
    {
        let footnote = session.open_to_read()?;
        for name in &args.ids {
            match footnote.resolve(name) {
                Ok(found) => ids.extend(found),
                Err(error @ Error::NotFound { .. }) => {
                    session.warn(exit::describe(&error).trim_end());
                    exit = Exit::NothingFound;
                    gone.push(name.clone());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    if args.erase {
        ids.extend(gone.iter().cloned());
    }
    if ids.is_empty() {
        return Ok(exit);
    }
    let mut unprinted = None;
    let writer = Writer::find(session, !args.no_server)?;
    let held = remove(writer, &ids, args.erase.then_some(&session.config.index), &mut |id, outcome| match outcome {
        Err(_) if gone.iter().any(|name| name == id) => {}
        Err(error) => {
            session.warn(exit::describe(error).trim_end());
            exit = Exit::NothingFound;
        }
        Ok(()) if session.quiet => {}
        Ok(()) => unprinted = unprinted.take().or(session.print(&format!("removed  {}\n", one_line(id))).err()),
    })?;
    if args.erase {
        ids.extend(args.ids.iter().cloned());
        report(session, &ids, &held);
    }
    match unprinted {
        Some(error) => Err(error.into()),
        None => Ok(exit),
    }
}

/// Says what may still hold the documents.
fn report(session: &Session, names: &[String], LeftInJobs { open, folders }: &LeftInJobs) {
    session.note("Nothing of what was removed is left in the files of this collection.");
    for folder in left_over(&session.config.index) {
        session.warn(&format!(
            "footnote: {0} may still hold it: an interrupted restore or deletion left that\n  hint: delete {0}, unless a \
             restore is running",
            folder.display()
        ));
    }
    for folder in folders {
        session.warn(&format!(
            "footnote: {0} may still hold it: a job that another process keeps, or that cannot be read\n  hint: remove the \
             document again with --erase when no process holds the collection of that folder; if this remains, delete {0}",
            folder.display()
        ));
    }
    for job in open {
        session.warn(&format!(
            "footnote: the job {job} has not ended, and what was sent with it may hold a document\n  hint: remove the \
             document again with --erase when it has ended"
        ));
    }
    for backup in backups_with(&session.config.index, names) {
        session.warn(&match backup {
            Holding::Holds(folder) => format!(
                "footnote: the backup in {0} still holds it\n  hint: `footnote backup {0}` replaces the backup",
                folder.display()
            ),
            Holding::Unknown(folder, why) => format!(
                "footnote: the backup in {} may still hold it: {why}\n  hint: delete it, or make it again when its disk is \
                 there",
                folder.display()
            ),
        });
    }
}

/// Removes documents. `done` gets each id, with an error if the document no longer exists. If they are to be
/// erased from this index, nothing of them is left; returns the jobs that may still hold them.
fn remove(
    writer: Writer,
    ids: &[String],
    erase: Option<&IndexConfig>,
    done: &mut dyn FnMut(&str, std::result::Result<(), &Error>),
) -> crate::Result<LeftInJobs> {
    match writer {
        Writer::Here(footnote) => {
            for id in ids {
                match footnote.delete(id) {
                    Ok(()) => done(id, Ok(())),
                    Err(error @ Error::NotFound { .. }) => done(id, Err(&error)),
                    Err(error) => return Err(error),
                }
            }
            let Some(index) = erase else { return Ok(LeftInJobs::default()) };
            footnote.erase_traces()?;
            jobs::forget_documents(&index.dir, &index.collection, Some(&index.collection), ids)
        }
        Writer::There(server) => {
            let open = server.remove(ids.to_vec(), erase.is_some(), &mut |progress| {
                if let Progress::Done(document) = progress {
                    let outcome = match &document.outcome {
                        Outcome::Failed(error) => Err(error),
                        _ => Ok(()),
                    };
                    done(&document.id, outcome);
                }
            })?;
            let Some(index) = erase else { return Ok(LeftInJobs::default()) };
            // The server has looked through its own jobs; others may be in folders that no process holds.
            let mut still = jobs::forget_documents(&index.dir, &index.collection, None, ids)?;
            still.open.extend(open);
            still.open.sort();
            still.open.dedup();
            Ok(still)
        }
    }
}
