//! Who may use the server: programs with a key or, if there are no keys, programs on this machine; and web pages of allowed
//! origins only. A key must have the scope that the [route requires](super::access), and may send so many requests a
//! minute. `LibreChat`'s routes also take its tokens, if a secret is set, and then no request without either.
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

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::{Need, Required, required};
use super::caller::Caller;
use super::dialect::Dialect;
use super::jwt::Secret;
use super::librechat;
use super::pace::Pace;
use super::problem::{self, Problem};
use super::serve::ReachedAt;
use crate::config::Config;
use crate::error::{Error, Result as CoreResult};
use crate::handoff::PROOF_HEADER;
use crate::identity::{self, Identity};
use crate::keys::{KeyRing, Scope};
use crate::library::Reach;

/// Says where a request comes from, relative to the server. Browsers set it; pages cannot.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Who may use the server.
pub(super) struct Guard {
    keys: KeyRing,
    origins: Vec<String>,
    /// The secret of `LibreChat`'s tokens.
    secret: Option<Secret>,
    /// The configured collection, which `LibreChat`'s users may ask.
    configured: String,
    /// How the server's own user proves to be that.
    identity: Option<Identity>,
    pace: Pace,
    /// Whether keys see the paths of files.
    shows_paths: bool,
    /// Whether metrics need no key.
    opens_metrics: bool,
}

impl Guard {
    /// The access that these settings allow.
    pub(super) fn new(config: &Config) -> CoreResult<Self> {
        let server = &config.server;
        Ok(Self {
            keys: KeyRing::open(&server.keys, &config.index.dir)?,
            origins: server.allowed_origins.clone(),
            secret: secret(&server.librechat_secret_env)?,
            configured: config.index.collection.clone(),
            identity: identity::of(config),
            pace: Pace::new(server.requests_per_minute),
            shows_paths: server.show_paths,
            opens_metrics: server.open_metrics,
        })
    }

    /// Who sent the request, if it may pass. `route` is the path of its route as the router has it.
    fn check(&self, request: &Request, route: Option<&str>) -> Result<Caller, Refused> {
        let headers = request.headers();
        let host = only_host(headers)?;
        let target = request.uri().authority().map(Authority::as_str);
        let are_keys_required = self.keys.is_required();
        if !are_keys_required {
            check_host(host, target)?;
        }
        self.check_origin(headers, host)?;
        check_site(request)?;
        let needed = match route {
            Some(path) => required(request.method().as_str(), path),
            // There is no such route, which only a caller that may ask is told.
            None => Required::Of(Need::Scope(Scope::Ask)),
        };
        let scope = match needed {
            Required::Of(Need::Open) => return Ok(Caller::local()),
            Required::Of(Need::Metrics) if self.opens_metrics => return Ok(Caller::local()),
            Required::Of(Need::Metrics) => Some(Scope::Admin),
            Required::Of(Need::Proof) => {
                return self.owner(request, Identity::write_proof).ok_or_else(|| Problem::not_proved().into());
            }
            Required::Of(Need::HolderProof) => {
                return self.owner(request, Identity::holder_proof).ok_or_else(|| Problem::not_holder().into());
            }
            Required::Of(Need::Scope(scope)) => Some(scope),
            Required::NoMethod(_) => None,
            Required::Unknown => {
                tracing::error!("a route is not in the table of what routes require; this is a bug in footnote");
                return Err(Problem::internal().into());
            }
        };
        let is_of_all = matches!(needed, Required::Of(Need::Metrics));
        let caller = self.caller(request, are_keys_required)?;
        // Requests that are refused for what they ask count as well.
        if let Some(name) = caller.name() {
            tracing::Span::current().record("key", &*name);
            self.pace.check(&name).map_err(Problem::too_many_requests)?;
        }
        if let Required::NoMethod(allowed) = needed {
            return Err(Refused::Method(allowed));
        }
        if let Some(scope) = scope.filter(|scope| !caller.may(*scope)) {
            return Err(Problem::no_scope(scope.name()).into());
        }
        if is_of_all && *caller.reach() != Reach::All {
            return Err(Problem::not_for_all().into());
        }
        Ok(caller)
    }

    /// Who sent a request for a route that is not open.
    fn caller(&self, request: &Request, are_keys_required: bool) -> Result<Caller, Problem> {
        let headers = request.headers();
        if let Some(owner) = self.owner(request, Identity::request_proof) {
            return Ok(owner);
        }
        match &self.secret {
            Some(secret) if Dialect::of(request.uri().path()) == Dialect::LibreChat => {
                self.check_token(secret, headers)
            }
            _ if !are_keys_required => Ok(Caller::local()),
            _ => self.check_key(headers),
        }
    }

    /// The server's own user, if the request proves that it comes from them.
    fn owner(
        &self,
        request: &Request,
        proof_of: impl FnOnce(&Identity, &str, &str, std::net::SocketAddr) -> blake3::Hash,
    ) -> Option<Caller> {
        let ReachedAt(address) = *request.extensions().get::<ReachedAt>()?;
        let (nonce, proof) = request.headers().get(PROOF_HEADER)?.to_str().ok()?.split_once(' ')?;
        let proof = blake3::Hash::from_hex(proof).ok()?;
        let identity = self.identity.as_ref().filter(|_| identity::is_nonce(nonce))?;
        let target = request.uri().path_and_query()?.as_str();
        // `Hash` compares in constant time.
        (proof_of(identity, target, nonce, address) == proof).then(Caller::owner)
    }

    /// Accepts a token or a key.
    fn check_token(&self, secret: &Secret, headers: &HeaderMap) -> Result<Caller, Problem> {
        let token = bearer(headers)?;
        if let Some(key) = self.keys.holder(token) {
            return Ok(Caller::of_key(key, self.shows_paths));
        }
        let user = secret.user(token, jiff::Timestamp::now().as_second()).map_err(Problem::bad_token)?;
        Ok(Caller::of_librechat(user, &[&self.configured, librechat::COLLECTION]))
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

    fn check_key(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let key = self.keys.holder(bearer(headers)?).ok_or_else(Problem::unknown_key)?;
        Ok(Caller::of_key(key, self.shows_paths))
    }
}

/// Why a request may not pass.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    Because(Problem),
    /// Its path has only these methods.
    Method(String),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Because(problem)
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

/// The addresses of the web page.
fn is_page(path: &str) -> bool {
    // An id in a path is percent-encoded, so what is behind a slash is another route.
    let is_document = path.strip_prefix("/documents/").is_some_and(|id| !id.contains('/'));
    path == "/" || path == "/docs" || is_document
}

/// Refuses a request that may not pass.
pub(super) async fn check(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    match guard.check(&request, route.as_ref().map(MatchedPath::as_str)) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(Refused::Because(problem)) => problem.into_response(),
        Err(Refused::Method(allowed)) => {
            let (parts, _) = request.into_parts();
            let mut response = problem::wrong_method(parts.method, parts.uri).await.into_response();
            if let Ok(allowed) = HeaderValue::from_str(&allowed) {
                response.headers_mut().insert(ALLOW, allowed);
            }
            response
        }
    }
}

/// Refuses what a page of another site makes a browser send without an Origin header, which [`Guard::check_origin`] has
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

    use super::super::access::pattern_of;
    use super::*;
    use crate::config::ServerConfig;
    use crate::keys::{NewKey, Rights};

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

    fn guard(server: ServerConfig) -> Guard {
        let mut config = Config { server, ..Config::default() };
        config.index.dir = std::env::temp_dir().join("footnote-no-such-index");
        Guard::new(&config).unwrap()
    }

    fn check(guard: &Guard, request: &Request) -> Result<Caller, Refused> {
        guard.check(request, pattern_of(request.uri().path()))
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
        let guard = guard(ServerConfig {
            allowed_origins: vec!["https://chat.example.com".into()],
            ..crate::Config::default().server
        });
        let check = |origin: &str| guard.check_origin(&headers(&[("origin", origin)]), "localhost");
        assert!(guard.check_origin(&headers(&[]), "localhost").is_ok());
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
        let guard = guard(ServerConfig {
            allowed_origins: vec!["https://chat.example.com".into()],
            ..crate::Config::default().server
        });
        let host = ("host", "localhost");
        let sent = |path: &str, site: &str, more: &[(&'static str, &str)]| {
            check(&guard, &request(path, &[&[host, ("sec-fetch-site", site)], more].concat())).is_ok()
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
        assert!(check(&guard, &post).is_err());
    }

    #[test]
    fn where_keys_are_set_only_their_holders_get_in_from_any_host() {
        let key = crate::keys::NewKey::generate("laptop").unwrap();
        let guard = guard(ServerConfig { keys: vec![key.entry], ..crate::Config::default().server });
        let host = ("host", "footnote.example.com");
        let with = |authorization: &str| {
            check(&guard, &request("/v1/documents/x/text", &[host, ("authorization", authorization)]))
        };
        assert!(with(&format!("Bearer {}", key.key)).is_ok());
        assert!(with(&format!("bearer  {} ", key.key)).is_ok(), "schemes have no case");
        for wrong in ["", "Bearer", "Bearer ", "Bearer fn-00", &key.key, &format!("Basic {}", key.key)] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
        assert!(check(&guard, &request("/v1/documents/x/text", &[host])).is_err());
        for open in ["/", "/page/page.js", "/healthz", "/openapi.json", "/documents/x"] {
            assert!(check(&guard, &request(open, &[host])).is_ok(), "{open}");
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
            assert!(check(&guard, &request(closed, &[host])).is_err(), "{closed}");
        }
        let own = [host, ("origin", "https://footnote.example.com")];
        assert!(check(&guard, &request("/", &own)).is_ok(), "its own page");
    }

    #[test]
    fn a_key_gets_where_its_scopes_reach_and_so_often() {
        let rights = Rights::new(vec![Scope::Ask], vec!["news".into()]).unwrap();
        let key = NewKey::with("reader", rights).unwrap();
        let server = crate::Config::default().server;
        let guard = guard(ServerConfig { keys: vec![key.entry], requests_per_minute: 7, ..server });
        let authorization = format!("Bearer {}", key.key);
        let with = |method: Method, path: &str| {
            let mut sent = request(path, &[("host", "localhost"), ("authorization", &authorization)]);
            *sent.method_mut() = method;
            check(&guard, &sent)
        };
        let caller = with(Method::GET, "/v1/documents").unwrap();
        assert!(caller.reach().includes("news") && !caller.reach().includes("default"));
        assert_eq!(caller.name().as_deref(), Some("reader"));
        assert_eq!(with(Method::POST, "/v1/documents"), Err(Problem::no_scope("write").into()));
        assert_eq!(with(Method::DELETE, "/v1/collections/x"), Err(Problem::no_scope("admin").into()));
        assert_eq!(with(Method::GET, "/metrics"), Err(Problem::no_scope("admin").into()));
        assert_eq!(with(Method::PUT, "/v1/documents"), Err(Refused::Method("GET,HEAD,POST".into())));
        assert!(with(Method::GET, "/v1/models").is_ok() && with(Method::GET, "/no/such/route").is_ok());
        let Err(Refused::Because(problem)) = with(Method::GET, "/v1/models") else { panic!("it has sent enough") };
        assert!(problem.to_string().contains("requests_per_minute"), "{problem}");
        assert!(with(Method::GET, "/healthz").is_ok());
    }

    #[test]
    fn metrics_are_of_all_collections_and_for_keys_that_are_too() {
        let with = |collections: Vec<String>, open_metrics: bool| {
            let rights = Rights::new(vec![Scope::Admin], collections).unwrap();
            let key = NewKey::with("operator", rights).unwrap();
            let server = crate::Config::default().server;
            let guard = guard(ServerConfig { keys: vec![key.entry], open_metrics, ..server });
            let authorization = format!("Bearer {}", key.key);
            check(&guard, &request("/metrics", &[("host", "localhost"), ("authorization", &authorization)])).map(drop)
        };
        assert_eq!(with(Vec::new(), false), Ok(()));
        assert_eq!(with(vec!["news".into()], false), Err(Problem::not_for_all().into()));
        assert_eq!(with(vec!["news".into()], true), Ok(()));
    }

    #[test]
    fn where_librechat_s_secret_is_set_its_routes_take_its_tokens_and_keys_and_no_other_route_does() {
        let key = crate::keys::NewKey::generate("laptop").unwrap();
        let (ours, theirs) = (Secret::new("ours"), Secret::new("theirs"));
        let host = ("host", "localhost");
        let sign = |secret: &Secret| secret.sign(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"id":"u1","exp":99999999999}"#);
        for keys in [vec![key.entry.clone()], Vec::new()] {
            let has_keys = !keys.is_empty();
            let mut guard = guard(ServerConfig { keys, ..crate::Config::default().server });
            guard.secret = Some(ours.clone());
            let with = |method: Method, path: &str, token: &str| {
                let mut sent = request(path, &[host, ("authorization", &format!("Bearer {token}"))]);
                *sent.method_mut() = method;
                check(&guard, &sent).map(|caller| caller.user().map(str::to_owned))
            };
            for (method, path) in [
                (Method::POST, "/query"),
                (Method::POST, "/embed"),
                (Method::GET, "/documents"),
                (Method::GET, "/documents/x/context"),
                (Method::POST, "/text"),
                (Method::GET, "/ids"),
            ] {
                let with = |token: &str| with(method.clone(), path, token);
                assert_eq!(with(&sign(&ours)), Ok(Some("u1".into())), "{path}");
                assert!(with(&sign(&theirs)).is_err() && with("").is_err(), "{path}");
                assert_eq!(with(&key.key).is_ok(), has_keys, "{path}");
            }
            assert!(check(&guard, &request("/documents", &[host])).is_err());
            assert!(check(&guard, &request("/health", &[host])).is_ok());
            let asked = with(Method::GET, "/v1/models", &sign(&ours));
            assert_eq!(asked.is_ok(), !has_keys, "without keys this machine needs none");
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
