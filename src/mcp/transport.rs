//! Where an MCP server is reached: standard input and output, or an HTTP route.

use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "server")]
use ::http::request::Parts;
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
#[cfg(feature = "server")]
use rmcp::service::{RequestContext, RoleServer};
#[cfg(feature = "server")]
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
#[cfg(feature = "server")]
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::io::BufReader;

use super::Server;
use super::stdio::StdioTransport;
use crate::error::{Error, Result};
#[cfg(feature = "server")]
use crate::keys::Holder;
use crate::library::Library;
use crate::room::Room;

/// Calls that may wait, for each one that may run.
const WAITING_CALLS: usize = 4;
/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves MCP on standard input and output until the client closes its end or `stop` is done. At most `max_concurrent`
/// calls run at once; others wait for their turn.
///
/// Nothing else may write to standard output meanwhile. Calls under way at the end of input are still answered.
///
/// # Errors
///
/// [`Error::Input`] if the client does not speak MCP.
pub async fn serve_stdio(library: Arc<Library>, max_concurrent: usize, stop: impl Future<Output = ()>) -> Result<()> {
    let room = Room::new(max_concurrent, max_concurrent.saturating_mul(WAITING_CALLS), PATIENCE);
    let transport = StdioTransport::start(BufReader::new(tokio::io::stdin()), tokio::io::stdout());
    let serving = async {
        match Server::new(library, room).serve(transport).await {
            Ok(running) => {
                // It only fails to be waited for if the library's own loop panicked, which is then in the log.
                let _ = running.waiting().await;
                Ok(())
            }
            // The client went away before it asked for anything.
            Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::TransportError { .. }) => Ok(()),
            Err(_) => Err(Error::Input {
                reason: "the client did not begin with `initialize`, as MCP requires".into(),
                hint: "MCP clients start this command: `footnote mcp --help` shows their settings".into(),
            }),
        }
    };
    tokio::select! {
        served = serving => served,
        () = stop => Ok(()),
    }
}

/// The sender of an HTTP request. The HTTP adapter puts it into the request's extensions.
#[cfg(feature = "server")]
#[derive(Clone)]
pub(crate) struct Sender {
    /// The collections that it may use.
    pub(crate) library: Arc<Library>,
    /// The holder of its API key.
    pub(crate) key: Option<Holder>,
}

/// The sender of the HTTP request that a call came with.
#[cfg(feature = "server")]
pub(super) fn sender_of(context: &RequestContext<RoleServer>) -> Option<Sender> {
    context.extensions.get::<Parts>().and_then(|request| request.extensions.get::<Sender>()).cloned()
}

/// The same over HTTP, without sessions: each request is answered on its own.
#[cfg(feature = "server")]
pub(crate) type HttpService = StreamableHttpService<Server, NeverSessionManager>;

/// Answers HTTP requests whose Host and Origin have been checked; the SDK's own checks, which compare with fixed lists,
/// are off. A message may have `max_body_bytes`.
#[cfg(feature = "server")]
pub(crate) fn http_service(server: Server, max_body_bytes: usize) -> HttpService {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(max_body_bytes)
        .disable_allowed_hosts()
        .disable_allowed_origins();
    StreamableHttpService::new(move || Ok(server.clone()), Arc::default(), config)
}
