//! The socket: where to listen, how connections are served, and how to stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

use super::connection::{Connections, Place, Tracked, Watched};
use super::limits::Limits;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::identity;
use crate::keys::KeyRing;

/// The address at which programs on this machine reach the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReachedAt(pub(super) SocketAddr);

/// Pause after a failure to accept, which may last.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Listens on `[server] listen`: an address or `localhost`, with a port. Port 0 is any free port.
///
/// # Errors
///
/// [`Error::Config`] if it is not an address, or if other machines can reach it and no key is set: they could then read
/// and write. [`Error::Io`] if the address is in use.
pub async fn bind(config: &Config) -> Result<TcpListener> {
    let addresses = addresses(config).await?;
    let listen = &config.server.listen;
    TcpListener::bind(addresses.as_slice()).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Error::Config {
            reason: format!(
                "[server] listen is `{listen}`, where another program listens already; choose another port with --listen \
                 or [server] listen, such as 127.0.0.1:0 for any free one"
            ),
        },
        _ => Error::io("listen on", listen)(error),
    })
}

/// Resolves `[server] listen`.
///
/// # Errors
///
/// [`Error::Config`], as for [`bind`].
pub async fn addresses(config: &Config) -> Result<Vec<SocketAddr>> {
    let listen = &config.server.listen;
    let has_keys = KeyRing::open(&config.server.keys, &config.index.dir)?.is_required();
    let resolved = tokio::net::lookup_host(listen).await.map_err(|error| Error::Config {
        reason: format!("[server] listen is `{listen}`: {error}; give an address and a port, such as 127.0.0.1:8642"),
    })?;
    let addresses: Vec<_> = resolved.collect();
    if let Some(open) = addresses.iter().find(|address| !has_keys && !address.ip().is_loopback()) {
        return Err(Error::Config {
            reason: format!(
                "[server] listen is `{listen}`, and other machines can reach {}; listen on 127.0.0.1, [::1] or localhost, or \
                 make a key with `footnote keys new NAME`",
                open.ip()
            ),
        });
    }
    Ok(addresses)
}

/// Serves `router` on `listener` until `shutdown` is done, then waits up to `grace` for requests under way.
///
/// Idle connections and requests whose body has not arrived do not delay the stop. A request that takes longer than
/// `grace` is abandoned: its task ends with the runtime, so stop that with
/// [`shutdown_background`](tokio::runtime::Runtime::shutdown_background) or a timeout. An abandoned write may
/// still store some of its documents, each wholly or not at all, though its client gets no response.
///
/// At most 2,048 connections are open, fewer if the process may open fewer files. At the limit, the connection that has
/// been idle for longest is closed for a new one.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>, grace: Duration) {
    let max_connections = descriptors_for_connections(Limits::default().max_connections);
    serve_within(Limits { max_connections, ..Limits::default() }, listener, router, shutdown, grace).await;
}

/// [`serve`] with other limits.
pub(super) async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
) {
    let router = match listener.local_addr() {
        Ok(address) => router.layer(Extension(ReachedAt(identity::reached(address)))),
        Err(_) => router,
    };
    let connections = Connections::new(limits.max_connections);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let (stream, _) = listener.accept().await?;
            Ok::<_, std::io::Error>((stream, connections.admit().await))
        };
        tokio::select! {
            () = &mut shutdown => break,
            accepted = accepted => match accepted {
                Ok((stream, place)) => {
                    tokio::spawn(serve_connection(stream, place, router.clone(), limits.clone()));
                }
                // The client is gone already, or no descriptor is left.
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            },
        }
    }
    tracing::info!("stopping: no new requests are accepted");
    drop(listener);
    connections.stop();
    if tokio::time::timeout(grace, connections.closed()).await.is_err() {
        tracing::warn!("requests were still running {} s after the stop; they are abandoned", grace.as_secs());
    }
}

/// Serves HTTP/1.1 on one connection until its client or the server closes it.
async fn serve_connection(stream: TcpStream, place: Place, router: Router, limits: Limits) {
    // Responses are small; waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("cannot set TCP_NODELAY: {error}");
    }
    let connection = &place.connection;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_stall));
    let stream = TokioIo::new(Watched::new(Box::pin(stream), connection.clone()));
    let routes = TowerToHyperService::new(router);
    let service = service_fn(|mut request| {
        let under_way = connection.begin_request();
        hyper::Request::extensions_mut(&mut request).insert(connection.clone());
        let response = routes.call(request);
        async move { Ok::<_, Infallible>(response.await?.map(|body| Tracked { body, _under_way: under_way })) }
    });
    let mut server = http1::Builder::new();
    // hyper counts this from the end of the last response, so it is only the outer bound; `is_expired` is finer.
    server.timer(TokioTimer::new()).header_read_timeout(limits.keep_alive + limits.head);
    let mut serving = pin!(server.serve_connection(stream, service));
    let mut check = tokio::time::interval(limits.first_byte.min(limits.head).min(limits.keep_alive) / 2);
    let mut stopping = false;
    loop {
        tokio::select! {
            served = serving.as_mut() => {
                if let Err(error) = served {
                    tracing::debug!("a connection ended early: {error}");
                }
                return;
            }
            () = connection.evicted() => return,
            _ = check.tick() => if connection.is_expired(&limits) { return },
            () = connection.stopped(), if !stopping => {
                if connection.is_without_request() {
                    return;
                }
                stopping = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Raises the process's limit of open files, if it may, and returns how many of `wanted` connections leave enough of
/// them for the index.
fn descriptors_for_connections(wanted: usize) -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let needed = wanted as u64 + FOR_THE_INDEX;
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let mut allowed = current.unwrap_or(u64::MAX);
        if allowed < needed {
            let raised = maximum.unwrap_or(u64::MAX).min(needed);
            match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
                Ok(()) => allowed = raised,
                Err(error) => tracing::debug!("cannot raise the limit of open files: {error}"),
            }
        }
        // Where very few are allowed, half of them are for connections.
        let spare = allowed.saturating_sub(FOR_THE_INDEX).max(allowed / 2).max(1);
        wanted.min(usize::try_from(spare).unwrap_or(wanted))
    }
    #[cfg(not(unix))]
    wanted
}

/// Files that collections, models and logs may have open.
#[cfg(unix)]
const FOR_THE_INDEX: u64 = 1024;

/// Done when the process receives SIGINT (Ctrl-C) or, on Unix, SIGTERM.
///
/// If a signal cannot be received, that is logged.
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

    /// Settings with an index that does not exist.
    fn config(listen: &str, keys: Vec<String>) -> Config {
        let mut config = Config::default();
        config.index.dir = std::env::temp_dir().join("footnote-no-such-index");
        (config.server.listen, config.server.keys) = (listen.to_owned(), keys);
        config
    }

    async fn bind(listen: &str) -> Result<TcpListener> {
        super::bind(&config(listen, Vec::new())).await
    }

    #[tokio::test]
    async fn loopback_is_bound_by_address_and_by_name() {
        for listen in ["127.0.0.1:0", "localhost:0"] {
            let listener = bind(listen).await.unwrap();
            assert!(listener.local_addr().unwrap().ip().is_loopback());
        }
    }

    #[tokio::test]
    async fn an_address_that_other_machines_reach_is_refused_before_it_is_bound() {
        for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let error = bind(listen).await.unwrap_err();
            assert!(matches!(&error, Error::Config { reason } if reason.contains(listen)), "{error}");
        }
    }

    #[tokio::test]
    async fn an_invalid_address_is_refused_with_an_example() {
        for listen in ["", "localhost", "127.0.0.1:port"] {
            let error = bind(listen).await.unwrap_err();
            assert!(error.to_string().contains("127.0.0.1:8642"), "{error}");
        }
    }

    #[tokio::test]
    async fn an_address_in_use_is_an_error_that_names_it() {
        let taken = bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let error = bind(&address).await.unwrap_err();
        assert!(matches!(&error, Error::Config { reason } if reason.contains(&address)), "{error}");
    }

    #[tokio::test]
    async fn an_address_that_other_machines_reach_is_accepted_with_keys() {
        let keys = vec![NewKey::generate("proxy").unwrap().entry];
        assert!(addresses(&config("0.0.0.0:0", keys)).await.unwrap()[0].ip().is_unspecified());
    }
}
