//! Who may use the server: programs with a key or, if no keys are configured, programs on this machine; and web pages of
//! allowed origins only.
//!
//! A web page can make its visitor's browser send requests to this machine:
//! - If the page's own host name resolves to 127.0.0.1 (DNS rebinding), it could even read the answers. The Host header
//!   then has that name.
//! - Scripts and forms send the page's origin in the Origin header.
//! - Images, frames and links send no Origin. The Sec-Fetch-Site header, which a page cannot set, says that they come
//!   from another site. Only a visit to one of Footnote's own pages may.
//!
//! All others are refused. A server with keys accepts any Host, since such a page has no key.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::config::ServerConfig;
use crate::error::Result as CoreResult;
use crate::handoff::{INGEST_PATH, REMOVE_PATH};
use crate::keys::Keys;

/// Says where a request comes from, relative to the server. Browsers set it; pages cannot.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Who may use the server.
#[derive(Debug)]
pub(super) struct Access {
    keys: Keys,
    origins: Vec<String>,
}

impl Access {
    /// The access that these settings allow.
    pub(super) fn new(server: &ServerConfig) -> CoreResult<Self> {
        Ok(Self { keys: Keys::parse(&server.keys)?, origins: server.allowed_origins.clone() })
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let headers = request.headers();
        let host = only_host(headers)?;
        let target = request.uri().authority().map(Authority::as_str);
        if self.keys.is_empty() {
            check_host(host, target)?;
        }
        self.check_origin(headers, host)?;
        check_site(request)?;
        if self.keys.is_empty() || is_open(request.uri().path()) { Ok(()) } else { self.check_key(headers) }
    }

    /// Accepts the server's own page, pages of this machine, and allowed origins.
    fn check_origin(&self, headers: &HeaderMap, host: &str) -> Result<(), Problem> {
        let allowed = |origin: &HeaderValue| {
            let origin = text_of(origin);
            let authority = origin.split_once("://").map(|(_scheme, authority)| authority);
            let own = authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host) || is_loopback(authority));
            own || self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
        };
        if headers.get_all(ORIGIN).iter().all(allowed) { Ok(()) } else { Err(Problem::foreign_origin()) }
    }

    fn check_key(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(value) = headers.get(AUTHORIZATION) else { return Err(Problem::no_key()) };
        let key = text_of(value).split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, key)) = key else { return Err(Problem::no_bearer_key()) };
        self.keys.holder(key.trim()).map(drop).ok_or_else(Problem::unknown_key)
    }
}

/// Whether a route needs no key: health, the API's description, the web page, which asks for the key itself, and the
/// routes of the command line, which require a proof.
fn is_open(path: &str) -> bool {
    let is_handoff = matches!(path, INGEST_PATH | REMOVE_PATH);
    is_handoff
        || is_page(path)
        || path.starts_with("/page/")
        || matches!(path, "/healthz" | "/readyz" | "/openapi.json")
}

/// The addresses of the web page.
fn is_page(path: &str) -> bool {
    path == "/" || path == "/docs" || path.starts_with("/documents/")
}

/// Refuses a request that may not pass.
pub(super) async fn check(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    match access.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Refuses what a page of another site makes a browser send without an Origin header, which [`Access::check_origin`] has
/// checked.
fn check_site(request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let is = |name: &str, value: &str| headers.get_all(name).iter().any(|found| text_of(found) == value);
    let from_elsewhere =
        headers.get_all(SEC_FETCH_SITE).iter().any(|site| !matches!(text_of(site), "same-origin" | "none"));
    if !from_elsewhere || headers.contains_key(ORIGIN) {
        return Ok(());
    }
    let is_visit = is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document");
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_visit && is_read && is_page(request.uri().path()) { Ok(()) } else { Err(Problem::foreign_site()) }
}

fn only_host(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Problem::bad_request(
            "the request has no Host header, or several",
            "send one Host header, such as `localhost`",
        ));
    };
    Ok(text_of(host))
}

/// `target` is the authority of a request line in absolute form. It counts like the Host header.
fn check_host(host: &str, target: Option<&str>) -> Result<(), Problem> {
    match [Some(host), target].into_iter().flatten().find(|authority| !is_loopback(authority)) {
        Some(other) => Err(Problem::misdirected(other)),
        None => Ok(()),
    }
}

/// A header's value; empty if it is not visible ASCII.
fn text_of(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// Whether `authority` (a host, perhaps with a port) is `localhost` or a loopback address.
fn is_loopback(authority: &str) -> bool {
    // User information before an `@` is invalid in both headers and could make one host look like another.
    if authority.contains('@') {
        return false;
    }
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn the_names_of_this_machine_pass_with_any_port() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8642", "127.1.2.3", "[::1]", "[::1]:9"] {
            assert!(is_loopback(host), "{host}");
        }
    }

    #[test]
    fn other_hosts_do_not_pass_however_they_look() {
        let hosts = [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "localhost@example.com",
            "example.com@localhost",
            "0.0.0.0",
            "[::]",
            "192.168.1.1:8642",
            "localhost/",
            "local host",
        ];
        for host in hosts {
            assert!(!is_loopback(host), "{host}");
        }
    }

    fn access(server: &ServerConfig) -> Access {
        Access::new(server).unwrap()
    }

    fn request(path: &str, pairs: &[(&'static str, &str)]) -> Request {
        let mut request = Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
        *request.headers_mut() = headers(pairs);
        request
    }

    #[test]
    fn a_request_names_exactly_one_host() {
        assert_eq!(only_host(&headers(&[("host", "localhost")])).unwrap(), "localhost");
        assert!(only_host(&headers(&[])).is_err());
        let mut two = headers(&[("host", "localhost")]);
        two.append(HOST, HeaderValue::from_static("example.com"));
        assert!(only_host(&two).is_err());
    }

    #[test]
    fn an_absolute_request_line_counts_like_the_host_header() {
        assert!(check_host("localhost", Some("127.0.0.1:80")).is_ok());
        assert!(check_host("localhost", Some("example.com")).is_err());
    }

    #[test]
    fn only_pages_of_this_machine_and_of_allowed_origins_may_send_requests() {
        let access = access(&ServerConfig {
            allowed_origins: vec!["https://chat.example.com".into()],
            ..crate::Config::default().server
        });
        let check = |origin: &str| access.check_origin(&headers(&[("origin", origin)]), "localhost");
        assert!(access.check_origin(&headers(&[]), "localhost").is_ok());
        for origin in ["http://localhost:3000", "http://[::1]:3000", "https://chat.example.com"] {
            assert!(check(origin).is_ok(), "{origin}");
        }
        for origin in
            ["https://example.com", "null", "", "localhost", "http://localhost.example.com", "http://chat.example.com"]
        {
            assert!(check(origin).is_err(), "{origin}");
        }
    }

    #[test]
    fn what_a_page_of_another_site_embeds_is_refused_and_a_link_to_the_page_is_not() {
        let access = access(&ServerConfig {
            allowed_origins: vec!["https://chat.example.com".into()],
            ..crate::Config::default().server
        });
        let host = ("host", "localhost");
        let sent = |path: &str, site: &str, more: &[(&'static str, &str)]| {
            access.check(&request(path, &[&[host, ("sec-fetch-site", site)], more].concat())).is_ok()
        };
        let visit = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        let image = [("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
        let allowed = [("sec-fetch-mode", "cors"), ("origin", "https://chat.example.com")];
        for path in ["/v1/documents?collection=work", "/v1/collections", "/healthz", "/openapi.json", "/page/page.js"] {
            for site in ["cross-site", "same-site", "", "other"] {
                assert!(
                    !sent(path, site, &image) && !sent(path, site, &visit) && !sent(path, site, &[]),
                    "{path} {site}"
                );
                assert!(sent(path, site, &allowed), "{path} {site}");
            }
            for site in ["same-origin", "none"] {
                assert!(sent(path, site, &image) && sent(path, site, &visit), "{path} {site}");
            }
        }
        for path in ["/", "/docs", "/documents/a?collection=b"] {
            assert!(sent(path, "cross-site", &visit), "{path}");
            assert!(!sent(path, "cross-site", &frame) && !sent(path, "cross-site", &image), "{path}");
        }
        let mut post = request("/", &[&[host, ("sec-fetch-site", "cross-site")], &visit[..]].concat());
        *post.method_mut() = Method::POST;
        assert!(access.check(&post).is_err());
    }

    #[test]
    fn where_keys_are_set_only_their_holders_get_in_from_any_host() {
        let key = crate::keys::NewKey::generate("laptop").unwrap();
        let access = access(&ServerConfig { keys: vec![key.entry], ..crate::Config::default().server });
        let host = ("host", "footnote.example.com");
        let with = |authorization: &str| access.check(&request("/v1/ask", &[host, ("authorization", authorization)]));
        assert!(with(&format!("Bearer {}", key.key)).is_ok());
        assert!(with(&format!("bearer  {} ", key.key)).is_ok(), "schemes have no case");
        for wrong in ["", "Bearer", "Bearer ", "Bearer fn-00", &key.key, &format!("Basic {}", key.key)] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
        assert!(access.check(&request("/v1/ask", &[host])).is_err());
        for open in ["/", "/page/page.js", "/healthz", "/openapi.json", "/documents/x"] {
            assert!(access.check(&request(open, &[host])).is_ok(), "{open}");
        }
        for closed in ["/v1/documents/x", "/mcp", "/retrieval", "/query", "/pages", "/v1/models"] {
            assert!(access.check(&request(closed, &[host])).is_err(), "{closed}");
        }
        let own = [host, ("origin", "https://footnote.example.com")];
        assert!(access.check(&request("/", &own)).is_ok(), "its own page");
    }

    proptest! {
        #[test]
        fn what_passes_as_loopback_is_localhost_or_a_loopback_address(
            parts in prop::collection::vec(prop::sample::select(PARTS), 1..5),
        ) {
            let authority = parts.concat();
            if is_loopback(&authority) {
                let host = authority.strip_prefix('[').map_or_else(
                    || authority.split(':').next().unwrap_or_default(),
                    |rest| rest.split(']').next().unwrap_or_default(),
                );
                prop_assert!(host == "localhost" || host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback()));
            }
        }
    }

    /// Parts of deceptive authorities.
    const PARTS: &[&str] =
        &["localhost", "127.0.0.1", "[::1]", "::1", "example.com", ".", ":", ":80", "@", "/", "#", "%", "[", "]", "1"];
}
