//! `footnote index move`: moves the passage index of a collection to another engine.

use std::time::Instant;

use clap::{Args, Subcommand, ValueEnum};

use super::{Exit, Session};
use crate::cli::facts::counted;
use crate::config::IndexEngine;

const AFTER_HELP: &str = "\
Examples:
  footnote index move --to qdrant              into the cluster that [qdrant] url names
  footnote index move --to embedded            back into files beside the store
  footnote -c news index move --to qdrant      of another collection

Documents stay in the store, and nothing is embedded again. If it is interrupted, run it again. A move to the engine that the \
collection has already checks what is there and makes again what is not whole.";

/// Move the passage index between files and a Qdrant cluster
#[derive(Debug, Args)]
pub(crate) struct IndexArgs {
    #[command(subcommand)]
    command: IndexCommand,
}

#[derive(Debug, Subcommand)]
enum IndexCommand {
    /// Move the passage index to another engine
    #[command(after_help = AFTER_HELP)]
    Move {
        /// Where it is to be searched
        #[arg(long, value_enum)]
        to: To,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    /// Files beside the store
    Embedded,
    /// The Qdrant cluster that [qdrant] url names
    Qdrant,
}

pub(crate) fn run(args: &IndexArgs, session: &Session) -> anyhow::Result<Exit> {
    let IndexCommand::Move { to } = &args.command;
    let since = Instant::now();
    let footnote = session.open_to_change()?;
    let (engine, place) = match to {
        To::Embedded => (IndexEngine::Embedded, "files beside the store"),
        To::Qdrant => (IndexEngine::Qdrant, "the Qdrant cluster"),
    };
    footnote.move_index(engine)?;
    let passages = counted(footnote.status()?.passages, "passage");
    session.print(&format!("{passages} are searched in {place} · {:.1} s\n", since.elapsed().as_secs_f64()))?;
    Ok(Exit::Done)
}
