//! `footnote keys`: makes API keys.

use crate::keys::NewKey;
use clap::{Args, Subcommand};

use super::{Exit, Session};

const AFTER_HELP: &str = "\
Examples:
  footnote keys new laptop
  footnote keys new open-webui > open-webui.key   the key goes only to standard output

Put the entry into config.toml. It holds only a hash of the key:

  [server]
  keys = [\"laptop:6f0c…\"]

To revoke a key, remove its entry and restart the server.";

/// Make API keys for the server
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a key and its entry for config.toml
    #[command(after_help = AFTER_HELP)]
    New {
        /// Name of the key's holder: letters, digits, - _ . and @
        name: String,
    },
}

pub(crate) fn run(args: &KeysArgs, session: &Session) -> anyhow::Result<Exit> {
    let KeysCommand::New { name } = &args.command;
    let NewKey { key, entry } = NewKey::generate(name)?;
    session.print(&format!("{key}\n"))?;
    session.warn(&format!(
        "The key is shown only once. Add its entry to the settings, after the entries of other keys:\n\n[server]\nkeys = [\"{entry}\"]"
    ));
    Ok(Exit::Done)
}
