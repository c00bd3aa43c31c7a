//! Who may use the server: programs with a key or, if there are no keys, programs on this machine; and web pages of allowed
//! [origins](super::origins) only. A key must have the scope that the [route requires](super::access), and may send so many requests a
//! minute. `LibreChat`'s routes also take its tokens, if a secret is set, and then no request without either.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ALLOW, AUTHORIZATION};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::{Need, Required, required};
use super::caller::Caller;
use super::dialect::Dialect;
use super::jwt::Secret;
use super::librechat;
use super::origins::{check_host, check_origin, check_site, only_host, text_of};
use super::pace::Pace;
use super::problem::{self, Problem};
use super::serve::ReachedAt;
use crate::config::Config;
use crate::error::{Error, Result as CoreResult};
use crate::handoff::PROOF_HEADER;
use crate::identity::{self, Identity};
use crate::keys::{KeyRing, Scope};
use crate::library::Reach;

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
        check_origin(&self.origins, headers, host)?;
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

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::super::access::pattern_of;
    use super::*;
    use crate::config::ServerConfig;
    use crate::keys::{NewKey, Rights};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        pairs.iter().map(pair).collect()
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
}
