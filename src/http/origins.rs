//! From which hosts and web pages requests may come.
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

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method};

use super::problem::Problem;

/// Says where a request comes from, relative to the server. Browsers set it; pages cannot.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Accepts the server's own page, pages of this machine, and `allowed` origins.
pub(super) fn check_origin(allowed: &[String], headers: &HeaderMap, host: &str) -> Result<(), Problem> {
    let is_allowed = |origin: &HeaderValue| {
        let origin = text_of(origin);
        let authority = origin.split_once("://").map(|(_scheme, authority)| authority);
        let own = authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host) || is_loopback(authority));
        own || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    };
    if headers.get_all(ORIGIN).iter().all(is_allowed) { Ok(()) } else { Err(Problem::foreign_origin()) }
}

/// The addresses of the web page.
fn is_page(path: &str) -> bool {
    // An id in a path is percent-encoded, so what is behind a slash is another route.
    let is_document = path.strip_prefix("/documents/").is_some_and(|id| !id.contains('/'));
    path == "/" || path == "/docs" || is_document
}

/// Refuses what a page of another site makes a browser send without an Origin header, which [`check_origin`] has
/// checked.
pub(super) fn check_site(request: &Request) -> Result<(), Problem> {
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

pub(super) fn only_host(headers: &HeaderMap) -> Result<&str, Problem> {
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
pub(super) fn check_host(host: &str, target: Option<&str>) -> Result<(), Problem> {
    match [Some(host), target].into_iter().flatten().find(|authority| !is_loopback(authority)) {
        Some(other) => Err(Problem::misdirected(other)),
        None => Ok(()),
    }
}

/// A header's value; empty if it is not visible ASCII.
pub(super) fn text_of(value: &HeaderValue) -> &str {
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
        let allowed = ["https://chat.example.com".to_owned()];
        let check = |origin: &str| check_origin(&allowed, &headers(&[("origin", origin)]), "localhost");
        assert!(check_origin(&allowed, &headers(&[]), "localhost").is_ok());
        for origin in ["http://localhost:3000", "http://[::1]:3000", "https://chat.example.com"] {
            assert!(check(origin).is_ok(), "{origin}");
        }
        for origin in
            ["https://example.com", "null", "", "localhost", "http://localhost.example.com", "http://chat.example.com"]
        {
            assert!(check(origin).is_err(), "{origin}");
        }
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
