//! `footnote keys`: making the keys that clients of the server send.

use crate::keys::NewKey;
use clap::{Args, Subcommand};

use super::{Exit, Session};

const AFTER_HELP: &str = "\
Examples:
  footnote keys new laptop
  footnote keys new open-webui > open-webui.key   the key goes to standard output, and nowhere else

The entry belongs into config.toml, which holds only a hash of the key:

  [server]
  keys = [\"laptop:6f0c…\"]

Take an entry out to lock its holder out, and start the server again.";

/// Make keys for the clients of the server
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a key, and the entry of the settings that lets its holder in
    #[command(after_help = AFTER_HELP)]
    New {
        /// Whose it is: letters, digits, - _ . and @
        name: String,
    },
}

pub(crate) fn run(args: &KeysArgs, session: &Session) -> anyhow::Result<Exit> {
    let KeysCommand::New { name } = &args.command;
    let NewKey { key, entry } = NewKey::generate(name)?;
    session.print(&format!("{key}\n"))?;
    session.warn(&format!(
        "The key is shown this once. Put its entry into the settings, beside those that are there:\n\n[server]\nkeys = [\"{entry}\"]"
    ));
    Ok(Exit::Done)
}
