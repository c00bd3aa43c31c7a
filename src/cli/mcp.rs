//! `footnote mcp`: the documents for whatever runs a language model and starts this program to ask them.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use crate::{Library, http, mcp};
use clap::Args;

use super::{Exit, Session};

/// A warm-up that is still under way must not hold up the end of the process.
const BACKGROUND_GRACE: Duration = Duration::from_millis(100);

const AFTER_HELP: &str = "\
Examples:
  footnote mcp
  footnote mcp --config /home/me/notes/config.toml
  footnote mcp --config /home/me/notes/config.toml --collection articles

A client may start it in any folder, so its settings name a settings file with its whole path; index and models are
then those beside that file, which may be empty:

  {\"mcpServers\": {\"footnote\": {
    \"command\": \"footnote\",
    \"args\": [\"mcp\", \"--config\", \"/home/me/notes/config.toml\"]}}}

Standard output carries the protocol and nothing else; the log goes to standard error. The index is only read, so this
runs beside `footnote serve` and `footnote ingest`. It ends when the client closes its end, or on SIGINT or SIGTERM.
A running `footnote serve` speaks the same protocol at http://ADDR:PORT/mcp.";

/// Let a language model ask the documents: an MCP server on standard input and output
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct McpArgs {}

pub(crate) fn run(_args: &McpArgs, session: &Session) -> anyhow::Result<Exit> {
    super::memory::bound();
    let library = Arc::new(Library::open_read_only(&session.config, session.screen.on_pull())?);
    if io::stdin().is_terminal() {
        session.note("This speaks MCP and waits for a client; `footnote mcp --help` shows how one starts it.");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        warm_up(Arc::clone(&library));
        mcp::serve_stdio(library, session.config.server.max_concurrent, http::shutdown_signal()).await
    });
    runtime.shutdown_timeout(BACKGROUND_GRACE);
    served?;
    Ok(Exit::Done)
}

/// Loads the model while the client still introduces itself.
fn warm_up(library: Arc<Library>) {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = library.collection(None).and_then(|footnote| footnote.warm_up()) {
            // It is tried again, and told to the client, at the first question.
            tracing::error!(%error, hint = error.hint(), "the model cannot be loaded");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_in_the_help_are_json_that_names_this_command() {
        let (from, to) = (AFTER_HELP.find('{').unwrap(), AFTER_HELP.rfind('}').unwrap());
        let settings: serde_json::Value = serde_json::from_str(&AFTER_HELP[from..=to]).unwrap();
        assert_eq!(settings["mcpServers"]["footnote"]["args"][0], "mcp");
    }
}
