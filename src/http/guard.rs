//! Who may talk to a server that asks for no key: programs on this machine, and no web page from elsewhere.
//!
//! A web page can make its visitor's browser send requests to loopback. If its own name resolves to 127.0.0.1 (DNS
//! rebinding) it can even read the answers; then the Host header has that name. If not, it can still write; then the
//! Origin header has its origin. Both are refused, and no CORS header is ever sent.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Lets a request pass if it is addressed to this machine and no foreign page sent it.
pub(super) async fn check(request: Request, next: Next) -> Response {
    let target = request.uri().authority().map(Authority::as_str);
    match check_host(request.headers(), target).and_then(|()| check_origin(request.headers())) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// `target` is the authority of a request line in absolute form, which counts like the header.
fn check_host(headers: &HeaderMap, target: Option<&str>) -> Result<(), Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Problem::bad_request(
            "the request has no Host header, or several",
            "send one Host header, such as `localhost`",
        ));
    };
    for authority in [Some(text_of(host)), target].into_iter().flatten() {
        if !is_loopback(authority) {
            return Err(Problem::misdirected(authority));
        }
    }
    Ok(())
}

fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let local = |origin: &HeaderValue| {
        let authority = text_of(origin).split_once("://").map(|(_scheme, authority)| authority);
        authority.is_some_and(is_loopback)
    };
    if headers.get_all(ORIGIN).iter().all(local) { Ok(()) } else { Err(Problem::foreign_origin()) }
}

/// A header's value; what is not visible ASCII is no authority and stands for none.
fn text_of(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// Whether `authority` (a host, perhaps with a port) is `localhost` or a loopback address.
fn is_loopback(authority: &str) -> bool {
    // User information before an `@` has no place in either header, and could make one host look like another.
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
        assert!(check_host(&headers(&[("host", "localhost")]), None).is_ok());
        assert!(check_host(&headers(&[]), None).is_err());
        let mut two = headers(&[("host", "localhost")]);
        two.append(HOST, HeaderValue::from_static("example.com"));
        assert!(check_host(&two, None).is_err());
    }

    #[test]
    fn an_absolute_request_line_counts_like_the_host_header() {
        let local = headers(&[("host", "localhost")]);
        assert!(check_host(&local, Some("127.0.0.1:80")).is_ok());
        assert!(check_host(&local, Some("example.com")).is_err());
    }

    #[test]
    fn only_pages_of_this_machine_may_send_requests() {
        assert!(check_origin(&headers(&[])).is_ok());
        assert!(check_origin(&headers(&[("origin", "http://localhost:3000")])).is_ok());
        assert!(check_origin(&headers(&[("origin", "http://[::1]:3000")])).is_ok());
        for origin in ["https://example.com", "null", "", "localhost", "http://localhost.example.com"] {
            assert!(check_origin(&headers(&[("origin", origin)])).is_err(), "{origin}");
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

    /// What an authority that is made to deceive may be made of.
    const PARTS: &[&str] =
        &["localhost", "127.0.0.1", "[::1]", "::1", "example.com", ".", ":", ":80", "@", "/", "#", "%", "[", "]", "1"];
}
