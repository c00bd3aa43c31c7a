//! Links to documents for people: a document's own web address, or the server's page for it.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::display::has_hidden;
use crate::passage::{DocumentInfo, Span};

/// Everything except the unreserved characters of RFC 3986, so that the result is one path segment or one value.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Links to the pages of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links {
    /// Scheme, authority and perhaps a path, without a slash at the end.
    base: String,
}

impl Links {
    #[cfg(any(test, feature = "server"))]
    /// To pages below `base`: `http://localhost:8642`.
    pub(crate) fn below(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// The page that shows the document, at `quote` if given.
    pub(crate) fn page(&self, collection: &str, id: &str, quote: Option<Span>) -> String {
        let part = quote.map(|quote| format!("#bytes={}-{}", quote.start, quote.end)).unwrap_or_default();
        format!("{}/documents/{}?collection={}{part}", self.base, segment(id), segment(collection))
    }

    /// The document's own web address, if it has one; else [`Links::page`].
    pub(crate) fn document(&self, collection: &str, document: &DocumentInfo, quote: Option<Span>) -> String {
        web_address(document).map_or_else(|| self.page(collection, &document.id, quote), str::to_owned)
    }
}

/// `text` as a segment of a path.
pub(crate) fn segment(text: &str) -> impl Display {
    utf8_percent_encode(text, SEGMENT)
}

/// The document's own address, if it is an absolute HTTP address that shows a person where it leads.
pub(crate) fn web_address(document: &DocumentInfo) -> Option<&str> {
    document.uri.as_deref().filter(|uri| is_web_address(uri))
}

fn is_web_address(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else { return false };
    let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What stands before an `@` passes for the host: `http://127.0.0.1@evil.example/`.
    let has_plain_host = !authority.is_empty() && !authority.contains('@');
    is_web && has_plain_host && !has_hidden(uri) && !uri.contains(['<', '>', '"', '`', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_which_document_of_which_collection_and_where_in_it() {
        let links = Links::below("https://b.example/x/");
        let page = "https://b.example/x/documents/%E7%94%B2%2Fb%3F?collection=news";
        assert_eq!(links.page("news", "甲/b?", Some(Span::new(3, 9))), format!("{page}#bytes=3-9"));
        assert_eq!(links.page("news", "甲/b?", None), page);
    }

    #[test]
    fn only_a_plain_web_address_is_a_documents_own_link() {
        for uri in
            ["https://example.com/a?b#c", "HTTP://example.com", "https://example.com/@a", "https://例.example/降"]
        {
            assert!(is_web_address(uri), "{uri}");
        }
        for uri in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "a://b",
            "example.com",
            "https://a b",
            "https://a\"b",
            "https://",
            "https:///a",
            "http://127.0.0.1@evil.example/",
            "https://user:key@example.com",
            "https://example.com/\u{202e}gpj.a",
            "https://example.com/\u{200b}",
            "https://example.com/\u{e0041}",
            "https://example.com/\u{7}",
        ] {
            assert!(!is_web_address(uri), "{uri}");
        }
    }
}
