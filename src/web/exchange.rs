//! One HTTP exchange, within limits of time and size, with an address that was checked before it was connected to.

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};
use url::{Host, Url};

use super::address::Reach;
use super::header::{Conditions, media_type};
use super::trouble::Trouble;
use crate::cancel::Cancel;
use crate::tls::{self, Stream};

/// Time for each address of a host to accept a connection, for its name to be looked up, and for TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// How often an exchange looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);
/// Media types that no reader takes, as they begin. Their bodies are not even received.
const UNREADABLE: [&str; 7] = ["image/", "audio/", "video/", "font/", "model/", "text/css", "application/wasm"];
const ACCEPT: &str = "text/html,application/xhtml+xml,application/pdf,application/xml;q=0.9,*/*;q=0.8";

/// A request.
pub(super) struct Outgoing<'a> {
    pub(super) url: &'a Url,
    pub(super) conditions: &'a Conditions,
    /// The largest body.
    pub(super) max_bytes: usize,
    /// Whether of a larger one the beginning is taken.
    pub(super) cuts: bool,
    pub(super) timeout: Duration,
}

/// A response. Only that of status 200 has a body.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// How Footnote names itself to servers.
pub(super) fn user_agent() -> String {
    let page = [env!("CARGO_PKG_HOMEPAGE"), env!("CARGO_PKG_REPOSITORY")].into_iter().find(|page| !page.is_empty());
    let name = concat!("footnote/", env!("CARGO_PKG_VERSION"));
    page.map_or_else(|| name.to_owned(), |page| format!("{name} (+{page})"))
}

/// Sends a request and receives the response.
pub(super) fn exchange(outgoing: &Outgoing<'_>, reach: &Reach, cancel: &Cancel) -> Result<Response, Trouble> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::failed(format!("cannot be fetched: {error}"), ""))?;
    let result = runtime.block_on(async {
        tokio::select! {
            biased;
            () = cancelled(cancel) => Err(Trouble::cancelled()),
            result = timeout(outgoing.timeout, run(outgoing, reach)) => {
                result.unwrap_or_else(|_| Err(too_slow(outgoing.timeout)))
            }
        }
    });
    // A look-up of a name that takes long is not waited for.
    runtime.shutdown_background();
    result
}

fn too_slow(limit: Duration) -> Trouble {
    let reason = format!("did not end within {} s", limit.as_secs());
    Trouble::failed(reason, "if it is only slow, raise [web] timeout_seconds in config.toml")
}

async fn cancelled(cancel: &Cancel) {
    while cancel.check().is_ok() {
        sleep(LOOK).await;
    }
}

async fn run(outgoing: &Outgoing<'_>, reach: &Reach) -> Result<Response, Trouble> {
    let stream = connect(outgoing.url, reach).await?;
    let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to a web server ended");
        }
    });
    let response = requests.send_request(request(outgoing)?).await.map_err(|error| broken(&error))?;
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    let body = if status == 200 { received(outgoing, &parts.headers, body).await? } else { Vec::new() };
    Ok(Response { status, headers: parts.headers, body })
}

fn request(outgoing: &Outgoing<'_>) -> Result<Request<Empty<Bytes>>, Trouble> {
    let url = outgoing.url;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut builder = Request::builder()
        .uri(target)
        .header(header::HOST, host)
        .header(header::USER_AGENT, user_agent())
        .header(header::ACCEPT, ACCEPT)
        .header(header::ACCEPT_ENCODING, "gzip")
        .header(header::CONNECTION, "close");
    let Conditions { etag, last_modified } = outgoing.conditions;
    for (name, value) in [(header::IF_NONE_MATCH, etag), (header::IF_MODIFIED_SINCE, last_modified)] {
        if let Some(value) = value {
            builder = builder.header(name, value);
        }
    }
    builder.body(Empty::new()).map_err(|error| Trouble::failed(format!("cannot be requested: {error}"), ""))
}

/// Connects to the first of the host's addresses that accepts, of those that may be connected to.
async fn connect(url: &Url, reach: &Reach) -> Result<Stream, Trouble> {
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(Trouble::failed("has no host", "check the address"));
    };
    let addresses = addresses_of(&host, port).await?;
    let allowed = reach.filter(url, &addresses);
    let Some(first) = addresses.first() else {
        return Err(Trouble::failed(format!("is on {host}, which has no address"), "check the address"));
    };
    if allowed.is_empty() {
        return Err(private(&host, *first));
    }
    let mut trouble = Trouble::failed("is on a host that does not answer", "try again later");
    for address in allowed {
        match timeout(CONNECT, TcpStream::connect(SocketAddr::new(address, port))).await {
            Ok(Ok(stream)) => {
                // An address of this machine's own may be a public one.
                let is_own =
                    stream.peer_addr().ok().map(|peer| peer.ip()) == stream.local_addr().ok().map(|own| own.ip());
                if is_own && !reach.is_allowed(url) {
                    return Err(private(&host, address));
                }
                let _ = stream.set_nodelay(true);
                return if url.scheme() == "https" { secured(url, stream).await } else { Ok(Stream::Plain(stream)) };
            }
            Ok(Err(error)) => {
                trouble = Trouble::failed(
                    format!("cannot be fetched: {host} refuses the connection ({error})"),
                    "check the address, or try again later",
                );
            }
            Err(_) => {}
        }
    }
    Err(trouble)
}

fn private(host: &Host<&str>, address: IpAddr) -> Trouble {
    let of_host = match host {
        Host::Domain(name) => format!("{name} ({address})"),
        Host::Ipv4(_) | Host::Ipv6(_) => address.to_string(),
    };
    Trouble::failed(
        format!("is not fetched: {of_host} is an address of this machine or of a private network"),
        "if it may be read, add the host to [web] private_hosts in config.toml, or name it on the command line",
    )
}

async fn addresses_of(host: &Host<&str>, port: u16) -> Result<Vec<IpAddr>, Trouble> {
    let name = match host {
        Host::Ipv4(address) => return Ok(vec![(*address).into()]),
        Host::Ipv6(address) => return Ok(vec![(*address).into()]),
        Host::Domain(name) => *name,
    };
    let unknown = |why: &dyn std::fmt::Display| {
        Trouble::failed(format!("is on {name}, which cannot be found: {why}"), "check the address and the network")
    };
    let found =
        timeout(CONNECT, lookup_host((name, port))).await.map_err(|_| unknown(&"the look-up takes too long"))?;
    Ok(found.map_err(|error| unknown(&error))?.map(|address| address.ip()).collect())
}

async fn secured(url: &Url, stream: TcpStream) -> Result<Stream, Trouble> {
    let insecure = |why: &str| {
        let reason = format!("cannot be fetched: no secure connection to its host ({why})");
        Trouble::failed(reason, "check the host's certificate, or the certificates that this machine trusts")
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let secured = timeout(CONNECT, tls::secured(host, stream)).await;
    secured.map_err(|_| insecure("it takes too long"))?.map_err(|error| insecure(&error))
}

fn broken(error: &hyper::Error) -> Trouble {
    Trouble::failed(format!("cannot be fetched: the connection broke ({error})"), "try again later")
}

/// The body of a response.
async fn received(outgoing: &Outgoing<'_>, headers: &HeaderMap, mut body: Incoming) -> Result<Vec<u8>, Trouble> {
    if let Some(kind) = media_type(headers).filter(|kind| UNREADABLE.iter().any(|start| kind.starts_with(start))) {
        return Err(Trouble::unwanted(format!("is of the type {kind}, which is not read"), "leave it out"));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if !outgoing.cuts && announced.is_some_and(|length| length > outgoing.max_bytes as u64) {
        return Err(too_large(outgoing.max_bytes));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        if bytes.len() + piece.len() > outgoing.max_bytes {
            if !outgoing.cuts {
                return Err(too_large(outgoing.max_bytes));
            }
            bytes.extend_from_slice(piece.get(..outgoing.max_bytes - bytes.len()).unwrap_or_default());
            break;
        }
        bytes.extend_from_slice(&piece);
    }
    let encoding = headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.to_str().unwrap_or("unknown"));
    match encoding.map(str::trim).filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity"))
    {
        None => Ok(bytes),
        Some(encoding) if ["gzip", "x-gzip"].iter().any(|known| encoding.eq_ignore_ascii_case(known)) => {
            unpacked(&bytes, outgoing.max_bytes, outgoing.cuts)
        }
        Some(encoding) => Err(Trouble::failed(
            format!("comes in the encoding {encoding}, which was not asked for"),
            "save it in a browser and ingest the file",
        )),
    }
}

fn too_large(max_bytes: usize) -> Trouble {
    let limit = if max_bytes < 1 << 20 { format!("{max_bytes} bytes") } else { format!("{} MB", max_bytes >> 20) };
    Trouble::failed(format!("is larger than {limit}"), "raise [ingest] max_file_bytes in config.toml to read it")
}

/// What was packed with gzip, up to a limit.
pub(super) fn unpacked(bytes: &[u8], max_bytes: usize, cuts: bool) -> Result<Vec<u8>, Trouble> {
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(max_bytes as u64 + 1).read_to_end(&mut unpacked);
    if unpacked.len() > max_bytes {
        if !cuts {
            return Err(too_large(max_bytes));
        }
        unpacked.truncate(max_bytes);
        return Ok(unpacked);
    }
    match read {
        Ok(_) => Ok(unpacked),
        Err(error) => Err(Trouble::failed(format!("is damaged: it cannot be unpacked ({error})"), "try again later")),
    }
}
