//! The kinds of problems besides those of the library: status, permanent name, and what to do.

use std::time::Duration;

use axum::http::StatusCode;

use super::{Problem, RETRY_AFTER_SECONDS};

impl Problem {
    /// 400: the request is invalid.
    pub(in super::super) fn bad_request(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "Bad request", detail).with_hint(hint)
    }

    /// 401: a key is needed and none was sent.
    pub(in super::super) fn no_key() -> Self {
        Self::unauthorised("no-key", "the request has no key")
    }

    /// 401: the Authorization header has no Bearer key.
    pub(in super::super) fn no_bearer_key() -> Self {
        Self::unauthorised("no-bearer-key", "the Authorization header is not of the form `Bearer KEY`")
    }

    /// 401: the key is unknown.
    pub(in super::super) fn unknown_key() -> Self {
        Self::unauthorised("unknown-key", "this server does not know the key")
    }

    /// 401: `LibreChat`'s token is not accepted.
    pub(in super::super) fn bad_token(why: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "bad-token", "Unauthorised", format!("the token {why}")).with_hint(
            "the variable that [server] librechat_secret_env names must hold LibreChat's JWT_SECRET, and both clocks must \
             be right",
        )
    }

    fn unauthorised(slug: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, slug, "Unauthorised", detail).with_hint(
            "send the header `Authorization: Bearer KEY`; the server's operator makes keys with `footnote keys new NAME`",
        )
    }

    /// 403: the key does not have the scope that the route requires.
    pub(in super::super) fn no_scope(scope: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "no-scope",
            "Forbidden",
            format!("the key does not have the scope `{scope}`, which this request requires"),
        )
        .with_hint(format!(
            "use a key that has it; the server's operator makes one with `footnote keys new NAME --scope {scope}`"
        ))
    }

    /// 403: the settings do not let clients have pages fetched.
    pub(in super::super) fn no_fetching() -> Self {
        Self::new(StatusCode::FORBIDDEN, "no-fetching", "Forbidden", "this server does not fetch pages from the web")
            .with_hint("send the document itself, or ask the server's operator to set [server] allow_fetch = true")
    }

    /// 403: the route is about all collections, and the key is for some.
    pub(in super::super) fn not_for_all() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not-for-all",
            "Forbidden",
            "this request is about all collections, and the key is for some of them",
        )
        .with_hint("use a key with the scope `admin` that was made without --only")
    }

    /// 429: the key has sent too many requests; the next is accepted after `wait`.
    pub(in super::super) fn too_many_requests(wait: Duration) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            "the key has sent more requests than [server] requests_per_minute allows",
        )
        .with_hint("try again after the seconds in the Retry-After header")
        .retry_after(wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1))
    }

    /// 403: the request does not prove that this server's own user sent it.
    pub(in super::super) fn not_proved() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not-proved",
            "Not proved",
            "the request has no valid proof that it comes from this server's user, program and settings",
        )
        .with_hint("give the command the same settings as the server, [ingest] too, or use POST /v1/documents")
    }

    /// 403: nothing proves that this server's user sent it.
    pub(in super::super) fn not_holder() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not-proved",
            "Not proved",
            "the request has no valid proof that it comes from this server's user and program",
        )
        .with_hint(
            "run the command as the server's user, with the same build of the program and the same index directory",
        )
    }

    /// 403: a web page of another origin sent it.
    pub(in super::super) fn foreign_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign-origin",
            "Foreign origin",
            "the Origin header names a web page of another origin",
        )
        .with_hint("web pages of other origins may use this server if [server] allowed_origins lists them")
    }

    /// 403: a web page of another site makes a browser send it.
    pub(in super::super) fn foreign_site() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign-origin",
            "Foreign origin",
            "a web page of another site sent this request (Sec-Fetch-Site)",
        )
        .with_hint(
            "open the address in the browser itself; web pages of other origins may use this server if [server] \
             allowed_origins lists them",
        )
    }

    /// 408: the body did not arrive.
    pub(in super::super) fn slow_body() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "request-timeout",
            "Request timeout",
            "the request's body stopped arriving or arrived too slowly",
        )
        .with_hint("send it again, with a Content-Length header and without pauses")
    }

    /// 409: the configured collection cannot be deleted.
    pub(in super::super) fn configured_collection(name: &str) -> Self {
        let detail = format!("`{name}` is the configured collection and cannot be deleted");
        Self::new(StatusCode::CONFLICT, "configured-collection", "Configured collection", detail)
            .with_hint("delete its documents, or configure another with [index] collection")
    }

    /// 410: the cursor of a search cannot be used any more.
    pub(in super::super) fn cursor_gone() -> Self {
        Self::new(StatusCode::GONE, "cursor-gone", "Cursor gone", "the search behind this cursor is no longer kept")
            .with_hint("send the request without `cursor` to search again; a cursor can be used for 15 minutes, by its own key")
    }

    /// 413: the body is larger than `max_bytes`, the route's limit.
    pub(in super::super) fn too_large(max_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            "Body too large",
            format!("the request's body is larger than {max_bytes} bytes, which is this route's limit"),
        )
        .with_hint("send less in one request; documents can be sent in several")
    }

    /// 415: the route does not accept this media type.
    pub(in super::super) fn unsupported_media_type(found: Option<&str>, accepted: &str) -> Self {
        let detail = match found {
            Some(found) => format!("this route does not accept a body of type `{found}`"),
            None => "the request has no Content-Type header".to_owned(),
        };
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type", detail)
            .with_hint(format!("send {accepted}"))
    }

    /// 416: the range is outside the text or splits a character.
    pub(in super::super) fn bad_range(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "bad-range", "Range not satisfiable", detail).with_hint(hint)
    }

    /// 421: the request is for another host.
    pub(in super::super) fn misdirected(host: &str) -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "misdirected-request",
            "Misdirected request",
            format!("this server is not `{host}`"),
        )
        .with_hint("use localhost, 127.0.0.1 or [::1]; a proxy in front of the server must set the Host header to one of these")
    }

    /// 500: a fault of the server. Its log says more.
    pub(in super::super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "Internal error", "the server failed")
            .with_hint("the server's log says why")
    }

    /// 503: too many requests are waiting.
    pub(in super::super) fn overloaded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Overloaded", "too many requests are waiting")
            .with_hint("try again after the seconds in the Retry-After header")
            .retry_after(RETRY_AFTER_SECONDS)
    }

    /// 503: the server is stopping, and has not begun what the request asks for.
    pub(in super::super) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "Stopping", "the server is stopping")
            .with_hint("nothing was changed; send the request again once the server runs")
            .retry_after(RETRY_AFTER_SECONDS)
    }

    /// 503: it took too long.
    pub(in super::super) fn timed_out() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "timeout",
            "Timeout",
            "the request took longer than [server] request_timeout_seconds",
        )
        .with_hint("ask for less at once, or try again when the server is less busy")
        .retry_after(RETRY_AFTER_SECONDS)
    }

    /// 503: the model is not loaded or the index not open yet.
    pub(in super::super) fn not_ready() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready", "the model is not loaded yet")
            .with_hint("try again in a moment; if it stays so, the server's log says why")
            .retry_after(RETRY_AFTER_SECONDS)
    }
}
