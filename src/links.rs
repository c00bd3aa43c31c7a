//! Where a document is to be found by people: at its own address, or at a server's page for it.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::passage::{DocumentInfo, Span};

/// All but the unreserved characters of RFC 3986, so that what is escaped is one segment of a path, or one value.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Links to the pages of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links {
    /// Scheme, authority and perhaps a path, without a slash at the end.
    base: String,
}

impl Links {
    /// To pages below `base`: `http://localhost:8642`.
    pub(crate) fn below(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// The page that shows the document, at the place of `quote` if one is meant.
    pub(crate) fn page(&self, collection: &str, id: &str, quote: Option<Span>) -> String {
        let part = quote.map(|quote| format!("#bytes={}-{}", quote.start, quote.end)).unwrap_or_default();
        format!("{}/documents/{}?collection={}{part}", self.base, segment(id), segment(collection))
    }

    /// The document's own address, if it has one that a browser opens; else [`Links::page`].
    pub(crate) fn document(&self, collection: &str, document: &DocumentInfo, quote: Option<Span>) -> String {
        web_address(document).map_or_else(|| self.page(collection, &document.id, quote), str::to_owned)
    }
}

/// `text` as a segment of a path.
pub(crate) fn segment(text: &str) -> impl Display {
    utf8_percent_encode(text, SEGMENT)
}

/// The document's own address, if it is an absolute HTTP address and nothing that only looks like one.
pub(crate) fn web_address(document: &DocumentInfo) -> Option<&str> {
    document.uri.as_deref().filter(|uri| is_web_address(uri))
}

fn is_web_address(uri: &str) -> bool {
    let scheme = uri.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let plain = !uri.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '\\'));
    matches!(scheme.as_deref(), Some("http" | "https")) && plain
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
