//! Who may use the server: programs with a key or, if no keys are configured, programs on this machine; and web pages of
//! allowed origins only. `LibreChat`'s routes also take its tokens, if a secret is set, and then no request without either.
//!
//! A web page can make its visitor's browser send requests to this machine:
//! - If the page's own host name resolves to 127.0.0.1 (DNS rebinding), it could even read the answers. The Host header
//!   then has that name.
//! - Scripts and forms send the page's origin in the Origin header.
//! - Images, frames and links send no Origin. The Sec-Fetch-Site header, which a page cannot set, says that they come
//!   from another site. Only a visit to one of Footnote's own pages may.
//!
//! All others are refused. A server with keys accepts any Host, since such a page has no key.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::dialect::Dialect;
use super::jwt::Secret;
use super::problem::Problem;
use crate::config::ServerConfig;
use crate::error::{Error, Result as CoreResult};
use crate::handoff::{INGEST_PATH, REMOVE_PATH};
use crate::keys::Keys;

/// Says where a request comes from, relative to the server. Browsers set it; pages cannot.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Who may use the server.
#[derive(Debug)]
pub(super) struct Access {
    keys: Keys,
    origins: Vec<String>,
    /// The secret of `LibreChat`'s tokens.
    secret: Option<Secret>,
}

/// The user for whom `LibreChat` sends a request, if its token names one.
#[derive(Debug, Clone, Default)]
pub(super) struct User(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

impl Access {
    /// The access that these settings allow.
    pub(super) fn new(server: &ServerConfig) -> CoreResult<Self> {
        let keys = Keys::parse(&server.keys)?;
        Ok(Self { keys, origins: server.allowed_origins.clone(), secret: secret(&server.librechat_secret_env)? })
    }

    /// The user, if the request names one.
    fn check(&self, request: &Request) -> Result<User, Problem> {
        let headers = request.headers();
        let host = only_host(headers)?;
        let target = request.uri().authority().map(Authority::as_str);
        if self.keys.is_empty() {
            check_host(host, target)?;
        }
        self.check_origin(headers, host)?;
        check_site(request)?;
        let path = request.uri().path();
        if is_open(path) {
            return Ok(User::default());
        }
        match &self.secret {
            Some(secret) if Dialect::of(path) == Dialect::LibreChat => self.check_token(secret, headers),
            _ if self.keys.is_empty() => Ok(User::default()),
            _ => self.check_key(headers).map(|()| User::default()),
        }
    }

    /// Accepts a token or a key.
    fn check_token(&self, secret: &Secret, headers: &HeaderMap) -> Result<User, Problem> {
        let token = bearer(headers)?;
        if self.keys.holder(token).is_some() {
            return Ok(User::default());
        }
        secret.user(token, jiff::Timestamp::now().as_second()).map(User).map_err(Problem::bad_token)
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
        self.keys.holder(bearer(headers)?).map(drop).ok_or_else(Problem::unknown_key)
    }
}

/// What the Authorization header has behind `Bearer`.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Err(Problem::no_key()) };
    let key = text_of(value).split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    key.map(|(_, key)| key.trim()).ok_or_else(Problem::no_bearer_key)
}

/// The secret in the environment variable of this name; `None` for no name.
fn secret(variable: &str) -> CoreResult<Option<Secret>> {
    if variable.is_empty() {
        return Ok(None);
    }
    match std::env::var(variable) {
        Ok(secret) if !secret.is_empty() => Ok(Some(Secret::new(&secret))),
        _ => Err(Error::Input {
            reason: format!("[server] librechat_secret_env names the variable {variable}, which is not set"),
            hint: format!("set {variable} to LibreChat's JWT_SECRET, or remove the setting"),
        }),
    }
}

/// Whether a route needs no key: health, the API's description, the web page, which asks for the key itself, and the
/// routes of the command line, which require a proof.
fn is_open(path: &str) -> bool {
    let is_handoff = matches!(path, INGEST_PATH | REMOVE_PATH);
    is_handoff
        || is_page(path)
        || path.starts_with("/page/")
        || matches!(path, "/healthz" | "/readyz" | "/openapi.json" | "/health")
}

/// The addresses of the web page.
fn is_page(path: &str) -> bool {
    // An id in a path is percent-encoded, so what is behind a slash is another route.
    let is_document = path.strip_prefix("/documents/").is_some_and(|id| !id.contains('/'));
    path == "/" || path == "/docs" || is_document
}

/// Refuses a request that may not pass.
pub(super) async fn check(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    match access.check(&request) {
        Ok(user) => {
            request.extensions_mut().insert(user);
            next.run(request).await
        }
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
        for closed in [
            "/v1/documents/x",
            "/mcp",
            "/retrieval",
            "/query",
            "/pages",
            "/v1/models",
            "/documents",
            "/documents/x/context",
            "/documents/x%2Fy/context",
            "/embed",
            "/ids",
            "/api/tags",
        ] {
            assert!(access.check(&request(closed, &[host])).is_err(), "{closed}");
        }
        let own = [host, ("origin", "https://footnote.example.com")];
        assert!(access.check(&request("/", &own)).is_ok(), "its own page");
    }

    #[test]
    fn where_librechat_s_secret_is_set_its_routes_take_its_tokens_and_keys_and_no_other_route_does() {
        let key = crate::keys::NewKey::generate("laptop").unwrap();
        let (ours, theirs) = (Secret::new("ours"), Secret::new("theirs"));
        let host = ("host", "localhost");
        let sign = |secret: &Secret| secret.sign(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"id":"u1","exp":99999999999}"#);
        for keys in [vec![key.entry.clone()], Vec::new()] {
            let has_keys = !keys.is_empty();
            let mut access = access(&ServerConfig { keys, ..crate::Config::default().server });
            access.secret = Some(ours.clone());
            let with = |path: &str, token: &str| {
                let authorization = format!("Bearer {token}");
                access.check(&request(path, &[host, ("authorization", &authorization)])).map(|User(user)| user)
            };
            for path in ["/query", "/embed", "/documents", "/documents/x/context", "/text", "/ids"] {
                assert_eq!(with(path, &sign(&ours)), Ok(Some("u1".into())), "{path}");
                assert!(with(path, &sign(&theirs)).is_err() && with(path, "").is_err(), "{path}");
                assert!(access.check(&request(path, &[host])).is_err(), "{path}");
                assert_eq!(with(path, &key.key).is_ok(), has_keys, "{path}");
            }
            assert!(access.check(&request("/health", &[host])).is_ok());
            assert_eq!(with("/v1/ask", &sign(&ours)).is_ok(), !has_keys, "without keys this machine needs none");
        }
        assert!(secret("FOOTNOTE_TESTS_NO_SUCH_VARIABLE").is_err());
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
