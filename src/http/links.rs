//! Links that the sender of a request can follow.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::request::Parts;

use super::App;
use crate::links::Links;

/// The scheme by which a client reached a proxy.
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Links below `public_url`; if that is empty, below the address that the request with these headers was sent to.
pub(super) fn links(public_url: &str, headers: &HeaderMap) -> Links {
    if !public_url.is_empty() {
        return Links::below(public_url);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // The client sees the first of several proxies.
    let proto = text(FORWARDED_PROTO).and_then(|protos| protos.split(',').next());
    let scheme = if proto.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https")) { "https" } else { "http" };
    Links::below(&format!("{scheme}://{}", text(HOST.as_str()).unwrap_or("localhost")))
}

impl FromRequestParts<Arc<App>> for Links {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(links(&app.public_url, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_address_that_the_client_used() {
        let of = |public: &str, pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            links(public, &pairs.collect())
        };
        let proxied = |proto| [("host", "a.example:1"), (FORWARDED_PROTO, proto)];
        assert_eq!(of("", &[("host", "127.0.0.1:8642")]), Links::below("http://127.0.0.1:8642"));
        assert_eq!(of("", &proxied("https")), Links::below("https://a.example:1"));
        assert_eq!(of("", &proxied("https, http")), Links::below("https://a.example:1"));
        assert_eq!(of("", &proxied("javascript")), Links::below("http://a.example:1"));
        assert_eq!(of("https://b.example/", &proxied("http")), Links::below("https://b.example"));
    }
}
