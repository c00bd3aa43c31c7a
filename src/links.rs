//! Links to documents for people: a document's own web address, or the server's page for it.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::display::has_hidden;
use crate::passage::{CitedPlace, DocumentInfo, Format, FoundPassage, Span};

/// Everything except the unreserved characters of RFC 3986, so that the result is one path segment or one value.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A longer quote is named by its first and last words, in characters.
const MAX_WHOLE_QUOTE: usize = 40;
/// How many words of each end name a quote.
const QUOTE_END_WORDS: usize = 5;
/// How many characters of each end do, in scripts without spaces.
const QUOTE_END_CHARS: usize = 10;

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

    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "MCP has addresses of its own"))]
    /// The document's own web address at the passage's quote, if it has one; else [`Links::page`]. `collection` was asked; a
    /// passage that names its own is from that.
    pub(crate) fn passage(&self, collection: &str, passage: &FoundPassage) -> String {
        let own = web_address(&passage.document).map(|address| at_quote(address, passage));
        own.unwrap_or_else(|| {
            self.page(passage.collection_or(collection), &passage.document.id, Some(passage.quote.location.bytes))
        })
    }
}

/// `text` as a segment of a path.
pub(crate) fn segment(text: &str) -> impl Display {
    utf8_percent_encode(text, SEGMENT)
}

/// `address`, which is that of the passage's document, with the fragment that shows its quote: the page of a PDF (RFC 8118),
/// the time of a recording (W3C Media Fragments), the words of a web page (WICG Text Fragments). An address that has a
/// fragment already keeps it.
pub(crate) fn at_quote(address: &str, passage: &FoundPassage) -> String {
    let of_place = passage.place.as_ref().and_then(CitedPlace::fragment);
    let fragment = of_place.or_else(|| match passage.document.format {
        Format::Html => text_fragment(&passage.quote.text),
        _ => None,
    });
    match fragment {
        Some(fragment) if !address.contains('#') => format!("{address}#{fragment}"),
        _ => address.to_owned(),
    }
}

/// `:~:text=…`, by which browsers find the words and mark them: all of a short quote, else its first and last words.
fn text_fragment(quote: &str) -> Option<String> {
    let words: Vec<&str> = quote.split_whitespace().collect();
    let encoded = |text: &str| utf8_percent_encode(text, SEGMENT).to_string().replace('-', "%2D");
    let whole = words.join(" ");
    if whole.is_empty() {
        return None;
    }
    if whole.chars().count() <= MAX_WHOLE_QUOTE {
        return Some(format!(":~:text={}", encoded(&whole)));
    }
    let (first, last) = if words.len() >= 2 * QUOTE_END_WORDS {
        (words[..QUOTE_END_WORDS].join(" "), words[words.len() - QUOTE_END_WORDS..].join(" "))
    } else {
        // Few spaces: a script without them.
        let chars: Vec<char> = whole.chars().collect();
        let end = QUOTE_END_CHARS.min(chars.len() / 2);
        let text = |chars: &[char]| chars.iter().collect::<String>().trim().to_owned();
        (text(&chars[..end]), text(&chars[chars.len() - end..]))
    };
    Some(format!(":~:text={},{}", encoded(&first), encoded(&last)))
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
    fn the_words_of_a_web_page_are_named_by_its_ends_if_they_are_many() {
        let fragment = |quote: &str| text_fragment(quote).unwrap();
        assert_eq!(fragment("A well-known, rate"), ":~:text=A%20well%2Dknown%2C%20rate");
        assert_eq!(
            fragment("One two three four five six seven eight nine\nten eleven"),
            ":~:text=One%20two%20three%20four%20five,seven%20eight%20nine%20ten%20eleven"
        );
        let cjk = fragment(&"一二三四五六七八九十".repeat(5));
        let (first, last) = cjk.strip_prefix(":~:text=").unwrap().split_once(',').unwrap();
        assert_eq!((first, first.len()), (last, 10 * 9));
        assert_eq!(text_fragment(" \n"), None);
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
