//! `footnote serve`: the HTTP server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::keys::KeyRing;
use crate::{Config, Error, Library, http};
use clap::Args;

use super::{Exit, Session};

/// How long work in the background, such as loading the model, may take to end. A process that exits while ONNX Runtime
/// loads crashes, because the library's own clean-up runs at the same time.
const BACKGROUND_GRACE: Duration = Duration::from_secs(5);

const AFTER_HELP: &str = "\
Examples:
  footnote serve
  footnote serve --listen 127.0.0.1:0         on a free port, which is printed
  footnote serve --check-config               only check the settings

The first line on standard output is `listening on http://ADDR:PORT`. On SIGINT or SIGTERM it finishes the running \
requests and stops.";

/// Start the HTTP server and the web page
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArgs {
    /// Listen at this address instead of the configured one; port 0 takes a free port
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Check the settings, print the address and who has access, and stop
    #[arg(long)]
    check_config: bool,
}

pub(crate) fn run(args: &ServeArgs, session: &Session) -> anyhow::Result<Exit> {
    if !args.check_config {
        super::memory::bound();
    }
    let mut config = session.config.clone();
    if let Some(listen) = &args.listen {
        config.server.listen.clone_from(listen);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if args.check_config {
        let addresses = runtime.block_on(http::addresses(&config))?;
        session.print(&would_serve(&config, &addresses)?)?;
        return Ok(Exit::Done);
    }
    let library = Arc::new(Library::open(&config, session.screen.on_pull())?);
    let served = runtime.block_on(serve(&library, &config, session));
    runtime.shutdown_timeout(BACKGROUND_GRACE);
    // Save the indexes even if serving failed; its error is more important.
    let saved = library.checkpoint();
    served?;
    saved?;
    Ok(Exit::Done)
}

/// What a server with these settings would do.
fn would_serve(config: &Config, addresses: &[SocketAddr]) -> crate::Result<String> {
    let keys = KeyRing::open(&config.server.keys, &config.index.dir)?.all();
    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    let let_in = match names.as_slice() {
        [] => "any program on this machine, without a key".to_owned(),
        names => format!("any program with a key of {}", names.join(", ")),
    };
    let addresses: Vec<String> = addresses.iter().map(|address| format!("http://{address}")).collect();
    let origins = match config.server.allowed_origins.as_slice() {
        [] => "only the page of this server".to_owned(),
        origins => origins.join(", "),
    };
    Ok(format!(
        "the settings are valid\nlisten on: {}\naccess: {let_in}\nweb pages: {origins}\nindex: {}\n",
        addresses.join(", "),
        config.index.dir.display()
    ))
}

async fn serve(library: &Arc<Library>, config: &Config, session: &Session) -> anyhow::Result<()> {
    let listener = http::bind(config).await?;
    let address = listener.local_addr().map_err(|error| Error::Config {
        reason: format!("[server] listen is `{}`, whose address is unknown: {error}", config.server.listen),
    })?;
    session.print(&format!("listening on http://{address}\n"))?;
    warm_up(Arc::clone(library));
    let router = http::router(Arc::clone(library), config)?;
    let grace = Duration::from_secs(config.server.shutdown_seconds);
    http::serve(listener, router, http::shutdown_signal(), grace).await;
    Ok(())
}

/// Loads the model before the first question. Until then the server is alive but not ready.
fn warm_up(library: Arc<Library>) {
    tokio::task::spawn_blocking(move || match library.collection(None).and_then(|footnote| footnote.warm_up()) {
        Ok(()) => tracing::info!("the model is loaded"),
        // The first request that needs it tries again and reports the error.
        Err(error) => tracing::error!(%error, hint = error.hint(), "the model cannot be loaded"),
    });
}
