//! `footnote backup` and `footnote restore`: copies of collections, and the way back.

use std::path::PathBuf;

use crate::cli::facts::counted;
use crate::library::{self, Backup};
use clap::Args;

use super::{Exit, Session};

const AFTER_BACKUP: &str = "\
Examples:
  footnote backup /mnt/disk/footnote
  footnote -c news backup /mnt/disk/footnote     only this collection
  footnote --index /mnt/disk/footnote verify     a backup is an index, and can be asked, too

It can run while a server or an ingest writes; each collection is copied as of one moment and checked. A
former backup in the folder is replaced once the new one is whole.";

const AFTER_RESTORE: &str = "\
Examples:
  footnote restore /mnt/disk/footnote
  footnote -c news restore --replace /mnt/disk/footnote
  footnote --index /tmp/look restore /mnt/disk/footnote     into another folder

The backup is checked before anything is replaced. Neither the model nor the original files are needed.";

/// Copy all collections, or one, to a folder
#[derive(Debug, Args)]
#[command(after_help = AFTER_BACKUP)]
pub(crate) struct BackupArgs {
    /// The folder for the copies
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Print one JSON object for each collection
    #[arg(long)]
    json: bool,
}

/// Bring collections back from a backup
#[derive(Debug, Args)]
#[command(after_help = AFTER_RESTORE)]
pub(crate) struct RestoreArgs {
    /// The folder that `footnote backup` was given
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Replace collections that are there; no server may be using them
    #[arg(long)]
    replace: bool,
    /// Print one JSON object for each collection
    #[arg(long)]
    json: bool,
}

pub(crate) fn backup(args: &BackupArgs, session: &Session) -> anyhow::Result<Exit> {
    let made = library::backup(&session.config.index, &args.folder, session.collection.as_deref())?;
    if made.is_empty() {
        session.warn(&format!("footnote: there is nothing to copy in {}", session.config.index.dir.display()));
        return Ok(Exit::NothingFound);
    }
    show("copied", &made, args.json, session)
}

pub(crate) fn restore(args: &RestoreArgs, session: &Session) -> anyhow::Result<Exit> {
    let only = session.collection.as_deref();
    let restored = library::restore(&session.config.index, &args.folder, only, args.replace)?;
    show("restored", &restored, args.json, session)
}

fn show(done: &str, collections: &[Backup], json: bool, session: &Session) -> anyhow::Result<Exit> {
    if json {
        let lines = collections.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        session.print_lines(&lines)?;
    } else {
        session.print(&collections.iter().map(|copy| line(done, copy)).collect::<String>())?;
    }
    Ok(Exit::Done)
}

fn line(done: &str, copy: &Backup) -> String {
    let contents = [counted(copy.documents, "document"), counted(copy.passages, "passage")].join(", ");
    let made =
        if done == "restored" && !copy.made.is_empty() { format!(", as of {}", copy.made) } else { String::new() };
    format!("{done} {}: {contents}{made}\n", copy.collection)
}
