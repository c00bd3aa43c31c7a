//! `footnote serve`: the HTTP interface, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use footnote::{Error, Library, http};

use super::{Exit, Session};

/// A warm-up that is still under way must not hold up the end of the process.
const BACKGROUND_GRACE: Duration = Duration::from_millis(100);

const AFTER_HELP: &str = "\
Examples:
  footnote serve
  footnote serve --listen 127.0.0.1:0         on a free port; the first line printed tells which

The first line on standard output is `listening on http://ADDR:PORT`. SIGINT or SIGTERM stops it once the requests \
under way are answered.";

/// Answer questions over HTTP until SIGINT or SIGTERM
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArgs {
    /// Listen here instead of at the configured address; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
}

pub(crate) fn run(args: &ServeArgs, session: &Session) -> anyhow::Result<Exit> {
    let library = Arc::new(Library::open(&session.config, session.screen.on_pull())?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listen = args.listen.as_deref().unwrap_or(&session.config.server.listen);
    let served = runtime.block_on(serve(&library, listen, session));
    runtime.shutdown_timeout(BACKGROUND_GRACE);
    // What was stored is saved even if serving failed, which is then the error to tell.
    let saved = library.checkpoint();
    served?;
    saved?;
    Ok(Exit::Done)
}

async fn serve(library: &Arc<Library>, listen: &str, session: &Session) -> anyhow::Result<()> {
    let listener = http::bind(listen).await?;
    let address = listener.local_addr().map_err(|error| Error::Config {
        reason: format!("[server] listen is `{listen}`, whose address cannot be told: {error}"),
    })?;
    session.print(&format!("listening on http://{address}\n"))?;
    warm_up(Arc::clone(library));
    let router = http::router(Arc::clone(library), &session.config);
    let grace = Duration::from_secs(session.config.server.shutdown_seconds);
    http::serve(listener, router, http::shutdown_signal(), grace).await?;
    Ok(())
}

/// Loads the model before the first question needs it. Until then the server is alive, but not ready.
fn warm_up(library: Arc<Library>) {
    tokio::task::spawn_blocking(move || match library.collection(None).and_then(|footnote| footnote.warm_up()) {
        Ok(()) => tracing::info!("the model is loaded"),
        // It is tried again, and told to the caller, at the first request that needs it.
        Err(error) => tracing::error!(%error, hint = error.hint(), "the model cannot be loaded"),
    });
}
