//! Links out of documents: which addresses may be followed, and the escape sequence that makes one of a text (OSC 8).

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::term::clean;

/// Longer ones are no links: terminals set a limit of about this.
const MAX_BYTES: usize = 2_048;
/// What has no place in an address as it is, or would end it where it is written: a percent sign stays, since addresses
/// are encoded already where they have to be.
const NOT_IN_ADDRESS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// `address` in visible ASCII alone, if it is one of the web or of a file of this machine and can be nothing else.
pub(crate) fn safe(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let of_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let of_file = scheme.eq_ignore_ascii_case("file");
    // A file is of no other machine: opening it could send there who opens it.
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_whole = if of_file { rest.starts_with('/') && !rest.starts_with("//") } else { of_web && !host.is_empty() };
    let is_plain = clean(address) == address && !address.contains(['\n', '\t']);
    let encoded = utf8_percent_encode(address, NOT_IN_ADDRESS).to_string();
    (is_whole && is_plain && encoded.len() <= MAX_BYTES).then_some(encoded)
}

/// `text` as a link to `address`, which [`safe`] gave.
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
