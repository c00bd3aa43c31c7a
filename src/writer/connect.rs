//! A connection to the server of a language model, with TLS where its address says `https`.

use std::net::SocketAddr;
use std::time::Duration;

use http::Uri;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::failure::Failure;
use crate::tls::{self, Stream};

/// Time for each address of the server to accept a connection, and for TLS.
const CONNECT: Duration = Duration::from_secs(5);

/// The base of a server's API.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    is_secure: bool,
    host: String,
    port: u16,
    /// With the port, if that is not the scheme's.
    authority: String,
    /// Without a slash at its end.
    path: String,
}

impl Endpoint {
    /// The endpoint at `url`, of the form that the settings allow; `None` for another.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let is_secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let path = uri.path().trim_end_matches('/');
        let path = path.strip_suffix("/chat/completions").unwrap_or(path);
        Some(Self {
            is_secure,
            host: uri.host()?.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 }),
            authority: uri.authority()?.to_string(),
            // What servers that are named without a path have there.
            path: if path.is_empty() { "/v1".into() } else { path.into() },
        })
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// The target of a request below the base.
    pub(super) fn target(&self, path: &str) -> String {
        format!("{}{path}", self.path)
    }

    /// Connects to the first of its addresses that accepts.
    pub(super) async fn connect(&self) -> Result<Stream, Failure> {
        let unreachable =
            |reason: &dyn std::fmt::Display| Failure::unreachable(&format!("{}: {reason}", self.authority));
        let late = || Failure::unreachable(&format!("{} does not answer", self.authority));
        let found = timeout(CONNECT, lookup_host((self.host.as_str(), self.port))).await.map_err(|_| late())?;
        let addresses: Vec<SocketAddr> = found.map_err(|error| unreachable(&error))?.collect();
        let mut failure = Failure::unreachable(&format!("{} has no address", self.authority));
        for address in addresses {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    return if self.is_secure { self.secured(stream).await } else { Ok(Stream::Plain(stream)) };
                }
                Ok(Err(error)) => failure = unreachable(&error),
                Err(_) => failure = late(),
            }
        }
        Err(failure)
    }

    async fn secured(&self, stream: TcpStream) -> Result<Stream, Failure> {
        let unreachable =
            |reason: &dyn std::fmt::Display| Failure::unreachable(&format!("{}: {reason}", self.authority));
        let connected = timeout(CONNECT, tls::secured(&self.host, stream)).await;
        connected.map_err(|_| unreachable(&"TLS takes too long"))?.map_err(|error| unreachable(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_base_of_an_api() {
        let target = |url: &str| {
            let endpoint = Endpoint::parse(url).unwrap();
            (endpoint.authority().to_owned(), endpoint.port, endpoint.target("/chat/completions"))
        };
        let of = |authority: &str, port: u16, target: &str| (authority.to_owned(), port, target.to_owned());
        assert_eq!(target("http://localhost:11434/v1"), of("localhost:11434", 11434, "/v1/chat/completions"));
        assert_eq!(target("http://localhost:11434"), of("localhost:11434", 11434, "/v1/chat/completions"));
        assert_eq!(target("https://a.example/"), of("a.example", 443, "/v1/chat/completions"));
        assert_eq!(target("https://a.example/api/v3/"), of("a.example", 443, "/api/v3/chat/completions"));
        assert_eq!(target("http://[::1]/v1/chat/completions"), of("[::1]", 80, "/v1/chat/completions"));
        assert!(Endpoint::parse("ftp://a").is_none() && Endpoint::parse("/v1").is_none());
    }
}
