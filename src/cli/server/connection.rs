//! One HTTP connection to a server on this machine.
//!
//! It never reconnects. So a request reaches the process that has proved its identity on this very connection, and not
//! another one that has taken its address since.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use http::Request;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt as _};

use crate::handoff::Lines;

/// On this machine a connection is accepted at once or not at all.
const CONNECT: Duration = Duration::from_millis(200);
/// More than a hundred passages with their text take.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// A server that is at work on documents sends a line at least every few seconds.
const MAX_SILENCE: Duration = Duration::from_mins(2);

/// The body of a request.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no program listens there")]
    Refused,
    #[error("it did not answer in time")]
    TimedOut,
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("{0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
}

/// The status of a response, and its body.
pub(super) type Reply = (u16, Vec<u8>);

/// A connection. Its methods block.
pub(super) struct Connection {
    address: SocketAddr,
    requests: SendRequest<Body>,
    /// Drives the connection while a method waits.
    runtime: Runtime,
}

impl Connection {
    /// Connects to `address`.
    pub(super) fn open(address: SocketAddr) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let requests = runtime.block_on(async {
            let connected = timeout(CONNECT, TcpStream::connect(address)).await.map_err(|_| Failure::TimedOut)?;
            let stream = connected.map_err(|error| match error.kind() {
                std::io::ErrorKind::ConnectionRefused => Failure::Refused,
                _ => Failure::Io(error),
            })?;
            stream.set_nodelay(true)?;
            let (requests, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "the connection to the server ended");
                }
            });
            Ok::<_, Failure>(requests)
        })?;
        Ok(Self { address, requests, runtime })
    }

    /// The other end.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request on this connection, to be completed with a body.
    pub(super) fn request(&self, method: &str, target: &str) -> http::request::Builder {
        Request::builder().method(method).uri(target).header(http::header::HOST, self.address.to_string())
    }

    /// Sends a request and reads the whole response, all of it `within` a time.
    pub(super) fn send(&mut self, request: Request<Body>, within: Duration) -> Result<Reply, Failure> {
        let requests = &mut self.requests;
        self.runtime.block_on(async {
            let exchange = async {
                let response = requests.send_request(request).await?;
                let status = response.status().as_u16();
                let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await.map_err(Failure::Body)?;
                Ok((status, body.to_bytes().to_vec()))
            };
            timeout(within, exchange).await.map_err(|_| Failure::TimedOut)?
        })
    }

    /// Sends a request whose body can be long, and passes the lines of the response to `on_line` as they come. A
    /// response that is not a success is returned instead.
    pub(super) fn stream(
        &mut self,
        request: Request<Body>,
        max_line_bytes: usize,
        on_line: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<Reply>, Failure> {
        let requests = &mut self.requests;
        self.runtime.block_on(async {
            let response = timeout(MAX_SILENCE, requests.send_request(request)).await;
            let response = response.map_err(|_| Failure::TimedOut)??;
            let status = response.status().as_u16();
            let mut body = response.into_body();
            if status != 200 {
                let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(Failure::Body)?;
                return Ok(Some((status, body.to_bytes().to_vec())));
            }
            let mut lines = Lines::new(max_line_bytes);
            while let Some(piece) = next(&mut body).await? {
                let found = lines.push(&piece).map_err(|_| Failure::Body("a line of it is too long".into()))?;
                found.into_iter().for_each(&mut *on_line);
            }
            Ok(None)
        })
    }
}

/// The next piece of a body; `None` at its end.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Failure> {
    loop {
        match timeout(MAX_SILENCE, body.frame()).await.map_err(|_| Failure::TimedOut)? {
            None => return Ok(None),
            Some(frame) => {
                if let Ok(data) = frame?.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// A body of these bytes.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

/// A body of `lines`, each taken from the stream when there is room to send it.
pub(super) fn lines(lines: impl Stream<Item = Vec<u8>> + Send + 'static) -> Body {
    let frames = lines.map(|line| Ok::<_, Infallible>(Frame::data(Bytes::from(line))));
    StreamBody::new(frames).boxed_unsync()
}
