//! The id of a document that has none of its own.

use crate::passage::NewDocument;

/// The given id, or a hash of the uri, or of the content. A hash is written as sixteen hexadecimal digits, which fit in a
/// URL and on a command line unquoted.
pub(super) fn id_of(document: &NewDocument) -> String {
    if let Some(id) = &document.id {
        return id.clone();
    }
    id_of_uri(document.uri.as_ref().unwrap_or(&document.text))
}

/// The id of a document with this uri and no other id.
pub(crate) fn id_of_uri(uri: &str) -> String {
    blake3::hash(uri.as_bytes()).to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: &str, text: &str) -> NewDocument {
        NewDocument { id: Some(id.to_owned()), text: text.to_owned(), ..NewDocument::default() }
    }

    #[test]
    fn an_id_is_the_given_one_or_comes_from_the_uri_or_from_the_content() {
        assert_eq!(id_of(&named("memo", "text")), "memo");
        let of = |uri: Option<&str>, text: &str| {
            id_of(&NewDocument { uri: uri.map(str::to_owned), text: text.to_owned(), ..NewDocument::default() })
        };
        assert_eq!(of(Some("file:///a.txt"), "one"), of(Some("file:///a.txt"), "two"));
        assert_eq!(of(None, "one"), of(None, "one"));
        assert_ne!(of(None, "one"), of(None, "two"));
        assert!(of(None, "one").len() == 16 && of(None, "one").chars().all(|c| c.is_ascii_hexdigit()));
    }
}
