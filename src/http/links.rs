//! Where a cited document is to be found: at its own address, or at this server's page for it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::App;
use crate::passage::{DocumentInfo, Span};

/// What stays as it is in a part of a path or a query: the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Makes links as the one who asks can follow them.
#[derive(Debug, Clone)]
pub(super) struct Links {
    /// Scheme, authority and perhaps a path, without a slash at the end.
    base: String,
}

impl Links {
    /// For links below `public_url` or, where that is empty, below the address of the request with these headers.
    fn new(public_url: &str, headers: &HeaderMap) -> Self {
        if !public_url.is_empty() {
            return Self { base: public_url.trim_end_matches('/').to_owned() };
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST.as_str()).unwrap_or("localhost");
        let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
        Self { base: format!("{scheme}://{host}") }
    }

    #[cfg(test)]
    pub(super) fn at(base: &str) -> Self {
        Self { base: base.to_owned() }
    }

    /// The page of this server that shows the document at that place.
    pub(super) fn page(&self, collection: &str, id: &str, quote: Span) -> String {
        let escaped = |text| utf8_percent_encode(text, ESCAPED);
        let (base, id, collection) = (&self.base, escaped(id), escaped(collection));
        format!("{base}/documents/{id}?collection={collection}#bytes={}-{}", quote.start, quote.end)
    }

    /// The document's own address, if it has one that a browser opens; else [`Links::page`].
    pub(super) fn document(&self, collection: &str, document: &DocumentInfo, quote: Span) -> String {
        match document.uri.as_deref().filter(|uri| is_web_address(uri)) {
            Some(uri) => uri.to_owned(),
            None => self.page(collection, &document.id, quote),
        }
    }
}

/// Whether `uri` is an absolute HTTP address and nothing that only looks like one.
fn is_web_address(uri: &str) -> bool {
    let scheme = uri.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let plain = !uri.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '\\'));
    matches!(scheme.as_deref(), Some("http" | "https")) && plain
}

impl FromRequestParts<Arc<App>> for Links {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self::new(&app.public_url, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_link_is_below_the_address_that_was_asked_or_the_public_one() {
        let page = |public: &str, pairs| Links::new(public, &headers(pairs)).page("news", "甲/b", Span::new(3, 9));
        let rest = "/documents/%E7%94%B2%2Fb?collection=news#bytes=3-9";
        assert_eq!(page("", &[("host", "localhost:1")]), format!("http://localhost:1{rest}"));
        let proxied = [("host", "a.example"), ("x-forwarded-proto", "https")];
        assert_eq!(page("", &proxied), format!("https://a.example{rest}"));
        assert_eq!(page("https://b.example/x/", &proxied), format!("https://b.example/x{rest}"));
    }

    #[test]
    fn only_a_web_address_is_a_document_s_own_link() {
        for uri in ["https://example.com/a?b#c", "HTTP://example.com"] {
            assert!(is_web_address(uri), "{uri}");
        }
        for uri in ["javascript:alert(1)", "file:///etc/passwd", "a://b", "example.com", "https://a b", "https://a\"b"]
        {
            assert!(!is_web_address(uri), "{uri}");
        }
    }
}
