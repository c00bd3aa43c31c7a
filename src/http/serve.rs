//! The socket: where to listen, and how to stop.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

use crate::config::ServerConfig;
use crate::error::{Error, Result};
use crate::identity;

/// Where programs on this machine reach the server, for its handlers to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReachedAt(pub(super) SocketAddr);

/// A connection that has not sent the head of a request by then is closed.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// Connections at once. More wait in the system's queue, so that descriptors are left for the index.
const MOST_CONNECTIONS: usize = 512;
/// A client that takes nothing of a response for so long is not waited for.
const WRITTEN_WITHIN: Duration = Duration::from_mins(1);
/// After a failure to accept, which may last, a moment without trying.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Listens on `[server] listen`, an address or `localhost` with a port; port 0 takes a free one.
///
/// # Errors
///
/// [`Error::Config`] if it is no address, or one that other machines reach while no key is set: whoever reaches it could
/// then read and write. [`Error::Io`] if the address is taken.
pub async fn bind(server: &ServerConfig) -> Result<TcpListener> {
    let addresses = addresses(server).await?;
    TcpListener::bind(addresses.as_slice()).await.map_err(Error::io("listen on", &server.listen))
}

/// The addresses of `[server] listen`, all of which may be listened on.
///
/// # Errors
///
/// [`Error::Config`], as for [`bind`].
pub async fn addresses(server: &ServerConfig) -> Result<Vec<SocketAddr>> {
    let listen = &server.listen;
    let resolved = tokio::net::lookup_host(listen).await.map_err(|error| Error::Config {
        reason: format!("[server] listen is `{listen}`: {error}; give an address and a port, such as 127.0.0.1:8642"),
    })?;
    let addresses: Vec<_> = resolved.collect();
    if let Some(open) = addresses.iter().find(|address| server.keys.is_empty() && !address.ip().is_loopback()) {
        return Err(Error::Config {
            reason: format!(
                "[server] listen is `{listen}`, and {} is reached by other machines; listen on 127.0.0.1, [::1] or \
                 localhost, or make a key with `footnote keys new NAME` and put its entry into [server] keys",
                open.ip()
            ),
        });
    }
    Ok(addresses)
}

/// Serves `router` on `listener` until `shutdown` is done, then lets requests under way end within `grace`.
///
/// What is not done by then is abandoned: its task ends with the runtime, so stop that with
/// [`shutdown_background`](tokio::runtime::Runtime::shutdown_background) or a timeout. An abandoned write was never
/// acknowledged, and the store takes each document wholly or not at all.
///
/// A connection that sends no request is closed after half a minute, one that takes nothing of a response after a minute,
/// and no more than 512 are served at once.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>, grace: Duration) {
    serve_within(HEAD_WITHIN, listener, router, shutdown, grace).await;
}

async fn serve_within(
    head_within: Duration,
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
) {
    let router = match listener.local_addr() {
        Ok(address) => router.layer(Extension(ReachedAt(identity::reached(address)))),
        Err(_) => router,
    };
    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    tokio::pin!(shutdown);
    loop {
        let accepted = async {
            // The semaphore is never closed; without room the system holds who comes.
            let permit = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, permit)
        };
        tokio::select! {
            () = &mut shutdown => break,
            (accepted, permit) = accepted => match accepted {
                Ok((stream, _)) => {
                    let connection = connections.watch(connection(stream, router.clone(), head_within));
                    tokio::spawn(async move {
                        if let Err(error) = connection.await {
                            tracing::debug!("a connection ended early: {error}");
                        }
                        drop(permit);
                    });
                }
                // A client that is gone already, or no descriptor left: others may come.
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            },
        }
    }
    tracing::info!("stopping: no new requests are taken");
    drop(listener);
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way {} s after the stop; they are abandoned", grace.as_secs());
    }
}

/// A connection that ends when nothing of a response is taken for too long.
type Timed = Pin<Box<TimeoutStream<TcpStream>>>;

/// Serves one connection: HTTP/1.1, as long as its client sends requests.
fn connection(
    stream: TcpStream,
    router: Router,
    head_within: Duration,
) -> http1::Connection<TokioIo<Timed>, TowerToHyperService<Router>> {
    // Responses are small; waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("cannot set TCP_NODELAY: {error}");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITTEN_WITHIN));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(head_within);
    server.serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router))
}

/// Done when the process is told to stop: SIGINT (Ctrl-C) or, on Unix, SIGTERM.
///
/// A signal that cannot be listened for is logged and never comes.
pub async fn shutdown_signal() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!("cannot listen for Ctrl-C: {error}");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(error) => {
            tracing::warn!("cannot listen for SIGTERM: {error}");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::NewKey;

    async fn bind(listen: &str) -> Result<TcpListener> {
        super::bind(&ServerConfig { listen: listen.to_owned(), ..crate::Config::default().server }).await
    }

    #[tokio::test]
    async fn loopback_is_bound_by_address_and_by_name() {
        for listen in ["127.0.0.1:0", "localhost:0"] {
            let listener = bind(listen).await.unwrap();
            assert!(listener.local_addr().unwrap().ip().is_loopback());
        }
    }

    #[tokio::test]
    async fn an_address_that_others_reach_is_refused_before_it_is_bound() {
        for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let error = bind(listen).await.unwrap_err();
            assert!(matches!(&error, Error::Config { reason } if reason.contains(listen)), "{error}");
        }
    }

    #[tokio::test]
    async fn what_is_no_address_is_refused_with_an_example_of_one() {
        for listen in ["", "localhost", "127.0.0.1:port"] {
            let error = bind(listen).await.unwrap_err();
            assert!(error.to_string().contains("127.0.0.1:8642"), "{error}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_taken_is_an_error_that_names_it() {
        let taken = bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let error = bind(&address).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("cannot listen on {address}")), "{error}");
    }

    #[tokio::test]
    async fn an_address_that_others_reach_may_be_listened_on_where_a_key_is_needed() {
        let keys = vec![NewKey::generate("proxy").unwrap().entry];
        let server = ServerConfig { listen: "0.0.0.0:0".into(), keys, ..crate::Config::default().server };
        assert!(addresses(&server).await.unwrap()[0].ip().is_unspecified());
    }

    #[tokio::test]
    async fn a_connection_that_asks_for_nothing_is_closed() {
        let listener = bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving =
            serve_within(Duration::from_millis(50), listener, Router::new(), std::future::pending(), Duration::ZERO);
        let idle = async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut Vec::new()).await
        };
        tokio::select! {
            () = serving => panic!("it goes on serving"),
            closed = idle => assert!(closed.is_ok()),
        }
    }
}
