//! Where a server is reached: standard input and output, or an HTTP route.

use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::stdio_pipes;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::sync::Semaphore;

use super::Server;
use crate::error::{Error, Result};
use crate::library::Library;

/// A longer message on standard input is dropped. The longest that makes sense is a question with a filter.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// Serves MCP on standard input and output until the client closes its end or `stop` is done. At most `max_concurrent`
/// requests are under way at once; more are refused.
///
/// Nothing else may write to standard output meanwhile. What is under way at the end of input is still answered.
///
/// # Errors
///
/// [`Error::Input`] if the client does not speak MCP.
pub async fn serve_stdio(library: Arc<Library>, max_concurrent: usize, stop: impl Future<Output = ()>) -> Result<()> {
    let room = Arc::new(Semaphore::new(max_concurrent.min(Semaphore::MAX_PERMITS)));
    let (input, output) = stdio_pipes();
    let transport = AsyncRwTransport::new_server(input, output).with_max_line_length(MAX_LINE_BYTES);
    let serving = async {
        match Server::new(library, room).serve(transport).await {
            Ok(running) => {
                // It only fails to be waited for if the library's own loop panicked, which is then in the log.
                let _ = running.waiting().await;
                Ok(())
            }
            // The client went away before it said anything.
            Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::TransportError { .. }) => Ok(()),
            Err(_) => Err(Error::Input {
                reason: "the client did not begin as MCP has it, with `initialize`".into(),
                hint: "this command is for MCP clients to start: `footnote mcp --help` shows their settings".into(),
            }),
        }
    };
    tokio::select! {
        served = serving => served,
        () = stop => Ok(()),
    }
}

/// The same over HTTP, one request at a time and with no session.
pub(crate) type HttpService = StreamableHttpService<Server, NeverSessionManager>;

/// Answers HTTP requests whose Host and Origin have been checked. Its own checks, which know no more than fixed lists of
/// them, are off. A message may have `max_body_bytes`.
pub(crate) fn http_service(server: Server, max_body_bytes: usize) -> HttpService {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(max_body_bytes)
        .disable_allowed_hosts()
        .disable_allowed_origins();
    StreamableHttpService::new(move || Ok(server.clone()), Arc::default(), config)
}
