//! Links to documents: which addresses become links, and the escape sequence for one (OSC 8).

use std::collections::HashSet;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::display::clean;
use crate::links::at_quote;
use crate::passage::{DocumentInfo, FoundPassage};

/// Terminals have a limit of about this.
const MAX_BYTES: usize = 2_048;
/// Characters that are percent-encoded, because they are invalid in an address or would end it. A percent sign stays,
/// since addresses are encoded already where they have to be.
const NOT_IN_ADDRESS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// Makes links to documents. Addresses of the web become links; an address of a file only if the document was read from
/// that file, because a client of the API can give its documents any address.
#[derive(Debug, Default)]
pub(crate) struct DocumentLinks {
    own_files: HashSet<String>,
}

impl DocumentLinks {
    /// Links to `documents`. `is_own_file` says whether a document was read from the file that its address names; it is
    /// only called for addresses of files.
    pub(crate) fn to<'d>(
        documents: impl Iterator<Item = &'d DocumentInfo>,
        mut is_own_file: impl FnMut(&DocumentInfo) -> bool,
    ) -> Self {
        let own = documents.filter(|document| is_file(document) && is_own_file(document));
        Self { own_files: own.filter_map(|document| document.uri.clone()).collect() }
    }

    /// These and others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.own_files.extend(others.own_files);
        self
    }

    /// The address of the passage's document at its quote, in visible ASCII, if it may be a link.
    pub(crate) fn address_of(&self, passage: &FoundPassage) -> Option<String> {
        // The fragment is ASCII: its words are percent-encoded.
        self.address(&passage.document).map(|address| at_quote(&address, passage))
    }

    /// The address of `document` in visible ASCII, if it may be a link.
    pub(crate) fn address(&self, document: &DocumentInfo) -> Option<String> {
        let uri = document.uri.as_deref()?;
        if is_file(document) && !self.own_files.contains(uri) { None } else { safe(uri) }
    }
}

/// Whether the address of `document` is that of a file.
fn is_file(document: &DocumentInfo) -> bool {
    let scheme = document.uri.as_deref().and_then(|uri| uri.split_once(':')).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("file"))
}

/// `address` in visible ASCII, if it is an address of the web or of a file on this machine.
fn safe(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let of_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let of_file = scheme.eq_ignore_ascii_case("file");
    // `file://host/...` would connect to another machine.
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_whole = if of_file { rest.starts_with('/') && !rest.starts_with("//") } else { of_web && !host.is_empty() };
    let is_plain = clean(address) == address && !address.contains(['\n', '\t']);
    let encoded = utf8_percent_encode(address, NOT_IN_ADDRESS).to_string();
    (is_whole && is_plain && encoded.len() <= MAX_BYTES).then_some(encoded)
}

/// `text` as a link to `address`, which [`DocumentLinks::address`] returned.
pub(super) fn escape(address: &str, text: &str) -> String {
    format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_the_web_and_of_files_are_links() {
        for address in ["https://example.org/a?b=1#c", "HTTP://example.org", "file:///home/a/%E5%88%A9.txt#0a1b"] {
            assert_eq!(safe(address).as_deref(), Some(address));
        }
        assert_eq!(safe("https://例.org/降 息").as_deref(), Some("https://%E4%BE%8B.org/%E9%99%8D%20%E6%81%AF"));
    }

    #[test]
    fn nothing_else_is_one() {
        let long = format!("https://example.org/{}", "a".repeat(MAX_BYTES));
        for address in [
            "",
            "news-7",
            "/home/a",
            "https://",
            "https:///a",
            "javascript://%0aalert(1)",
            "javascript:alert(1)",
            "data:text/html,x",
            "ssh://example.org",
            "mailto:a@example.org",
            "file://other-machine/share",
            "file:////other-machine/share",
            "https://e.org/\u{1b}]8;;evil\u{7}",
            "https://e.org/\u{9c}",
            "https://e.org/\u{202e}",
            "https://e.org/a\nb",
            &long,
        ] {
            assert_eq!(safe(address), None, "{address:?}");
        }
    }

    #[test]
    fn a_file_is_a_link_only_if_the_document_was_read_from_it() {
        let document = |uri: &str| DocumentInfo { uri: Some(uri.into()), ..crate::cli::fixture::document() };
        let documents = [document("file:///own.txt#1"), document("FILE:///etc/passwd"), document("https://e.org")];
        let links =
            DocumentLinks::to(documents.iter(), |document| document.uri.as_deref() == Some("file:///own.txt#1"));
        let addresses = documents.each_ref().map(|document| links.address(document));
        assert_eq!(addresses, [Some("file:///own.txt#1".into()), None, Some("https://e.org".into())]);
    }

    proptest! {
        #[test]
        fn a_safe_address_is_visible_ascii_that_ends_nothing(rest: String, scheme in "https?|file|ftp|x") {
            for address in [rest.clone(), format!("{scheme}://{rest}"), format!("{scheme}:///{rest}")] {
                if let Some(safe) = safe(&address) {
                    prop_assert!(safe.chars().all(|c| c.is_ascii_graphic() && !"<>\\\"`".contains(c)), "{safe:?}");
                    prop_assert!(["http://", "https://", "file:///"].iter().any(|s| safe.to_lowercase().starts_with(s)));
                }
            }
        }
    }
}
