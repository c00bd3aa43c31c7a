//! `footnote mcp`: the MCP server on standard input and output.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use crate::{Library, http, mcp};
use clap::Args;

use super::{Exit, Session};

/// How long work in the background, such as loading the model, may take to end. A process that exits while ONNX Runtime
/// loads crashes, because the library's own clean-up runs at the same time.
const BACKGROUND_GRACE: Duration = Duration::from_secs(5);

const AFTER_HELP: &str = "\
Examples:
  footnote mcp
  footnote mcp --config /home/me/notes/config.toml
  footnote mcp --config /home/me/notes/config.toml --collection articles

In the configuration of an MCP client:

  {\"mcpServers\": {\"footnote\": {\"command\": \"footnote\", \"args\": [\"mcp\"]}}}

Clients start it in an unpredictable folder. To use the index of a folder instead of your own, pass
--config with the absolute path of that folder's config.toml.

Standard output carries only the protocol; the log goes to standard error. The server only reads
the index, so it can run at the same time as `footnote serve` and `footnote ingest`. It ends when
the client closes the connection, or on SIGINT or SIGTERM.

`footnote serve` serves the same protocol at http://ADDR:PORT/mcp.";

/// Start an MCP server on standard input and output, for AI assistants
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct McpArgs {}

pub(crate) fn run(_args: &McpArgs, session: &Session) -> anyhow::Result<Exit> {
    super::memory::bound();
    let library = Arc::new(Library::open_read_only(&session.config, session.screen.on_pull())?);
    if io::stdin().is_terminal() {
        session.note("This is an MCP server and waits for a client; `footnote mcp --help` shows how to set one up.");
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

/// Loads the model while the client initializes the connection.
fn warm_up(library: Arc<Library>) {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = library.collection(None).and_then(|footnote| footnote.warm_up()) {
            // The first question tries again and reports the error.
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
