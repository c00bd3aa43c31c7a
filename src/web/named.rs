//! Addresses as people write them.

use url::Url;

use crate::error::{Error, Result};

/// Whether somebody who wrote this means an address of the web, and not a file.
#[cfg(feature = "cli")]
pub(crate) fn is_address(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|t| t.eq_ignore_ascii_case(scheme)))
}

/// The address that somebody wrote, without its fragment.
///
/// # Errors
///
/// [`Error::Input`] for one that cannot be fetched.
pub(crate) fn parse(text: &str) -> Result<Url> {
    let refused = |reason: String, hint: &str| Err(Error::Input { reason, hint: hint.into() });
    if text.len() > MAX_ADDRESS_BYTES {
        return refused(format!("the address is longer than {MAX_ADDRESS_BYTES} bytes"), EXAMPLE);
    }
    // What may be a password is not shown.
    let shown = if text.contains('@') { "the address".to_owned() } else { format!("`{text}`") };
    let mut url = match Url::parse(text.trim()) {
        Ok(url) => url,
        Err(error) => return refused(format!("{shown} is not one of a page: {error}"), EXAMPLE),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refused(format!("{shown} is not one of the web"), EXAMPLE);
    }
    if !url.username().is_empty() || url.password().is_some() {
        // It would be stored with the documents, and shown with every citation.
        return refused(
            "the address has a name or a password in it".into(),
            "leave them out; pages that need a login are not read",
        );
    }
    url.set_fragment(None);
    Ok(url)
}

/// No server takes a longer one.
pub(super) const MAX_ADDRESS_BYTES: usize = 8 * 1024;
const EXAMPLE: &str = "give one such as https://example.org/page";

/// Whether two addresses are of one site: of one host, with or without `www.`.
pub(crate) fn same_site(one: &Url, other: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
    host(one).is_some() && host(one) == host(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_the_web_without_a_password_and_loses_its_fragment() {
        assert_eq!(parse(" HTTPS://Example.org:443/a/../b?c#d ").unwrap().as_str(), "https://example.org/b?c");
        assert_eq!(parse("http://bücher.example").unwrap().as_str(), "http://xn--bcher-kva.example/");
        for wrong in [
            "example.org",
            "ftp://example.org/a",
            "file:///etc/passwd",
            "https://",
            "https://me:secret@example.org/",
            "https://me:secret@h:99999/",
            "ftp://me:secret@h/",
        ] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    #[cfg(feature = "cli")]
    fn a_path_is_told_from_an_address() {
        assert!(is_address("https://a") && is_address("HTTP://a"));
        assert!(!is_address("http:/a") && !is_address("a/http://b") && !is_address("") && !is_address("檔案檔案檔案"));
    }

    #[test]
    fn a_site_is_a_host_with_or_without_www() {
        let same = |one: &str, other: &str| same_site(&parse(one).unwrap(), &parse(other).unwrap());
        assert!(same("https://example.org/a", "http://www.example.org/b"));
        assert!(!same("https://example.org/", "https://blog.example.org/"));
        assert!(!same("https://example.org/", "https://example.org.evil.example/"));
    }
}
