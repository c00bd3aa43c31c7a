//! One page, over its redirects.

use std::time::Duration;

use http::{HeaderMap, header};
use url::Url;

use super::Web;
use super::header::{Conditions, Wishes, charset, fresh_for, media_type};
use super::named::MAX_ADDRESS_BYTES;
use super::trouble::Trouble;
use crate::cancel::Cancel;
use crate::formats;

const MAX_REDIRECTS: usize = 10;

/// A page as it was received.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// Where it was found, after redirects.
    pub(crate) url: Url,
    /// In lower case.
    pub(crate) media_type: Option<String>,
    /// The encoding that its server names.
    pub(crate) charset: Option<String>,
    /// What its server says that it wishes of robots.
    pub(crate) wishes: Wishes,
    pub(crate) conditions: Conditions,
    /// How long its server says that it stays as it is.
    pub(super) fresh: Duration,
    pub(crate) bytes: Vec<u8>,
}

impl Fetched {
    /// Whether the page itself asks not to be indexed.
    pub(crate) fn says_noindex(&self) -> bool {
        let mut wishes = Wishes::default();
        let outline = formats::outline(&self.bytes, self.charset.as_deref());
        outline.robots.iter().for_each(|(_, list)| wishes.add(list));
        wishes.noindex
    }
}

/// What was found at an address.
#[derive(Debug)]
pub(super) enum Found {
    Page(Box<Fetched>),
    /// A page that is the same as when it had these validators.
    Same {
        url: Url,
        conditions: Conditions,
        fresh: Duration,
    },
    /// A redirect that was not followed.
    Left(Url, Turn),
}

/// Whether a redirect is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Follow,
    /// The page is read anyway.
    Seen,
    /// It leads to another site.
    Elsewhere,
}

impl Web {
    /// Asks for a page. `conditions` gives what is known of an address, `turn` decides on redirects.
    pub(super) fn follow(
        &self,
        start: &Url,
        conditions: &dyn Fn(&Url) -> Conditions,
        turn: &dyn Fn(&Url) -> Turn,
        cancel: &Cancel,
    ) -> Result<Found, Trouble> {
        let mut chain = vec![start.clone()];
        let mut url = start.clone();
        loop {
            self.check_robots(&url, cancel)?;
            let known = conditions(&url);
            let response = self.send(&url, &known, None, cancel)?;
            let headers = &response.headers;
            match response.status {
                200 => {
                    return Ok(Found::Page(Box::new(Fetched {
                        media_type: media_type(headers),
                        charset: charset(headers),
                        wishes: Wishes::of(headers),
                        conditions: Conditions::of(headers),
                        fresh: fresh_for(headers),
                        bytes: response.body,
                        url,
                    })));
                }
                304 if known != Conditions::default() => {
                    let conditions = Conditions::of(headers).or(&known);
                    return Ok(Found::Same { url, conditions, fresh: fresh_for(headers) });
                }
                301 | 302 | 303 | 307 | 308 => {
                    let target = redirected(&url, headers, &chain)?;
                    let turn = turn(&target);
                    if turn != Turn::Follow {
                        return Ok(Found::Left(target, turn));
                    }
                    chain.push(target.clone());
                    url = target;
                }
                status => return Err(refused(status)),
            }
        }
    }
}

/// Where a redirect leads, without a fragment.
pub(super) fn location(url: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(header::LOCATION).filter(|location| location.len() <= MAX_ADDRESS_BYTES)?;
    let mut target = url.join(&String::from_utf8_lossy(location.as_bytes())).ok()?;
    target.set_fragment(None);
    let is_plain = target.username().is_empty() && target.password().is_none();
    (matches!(target.scheme(), "http" | "https") && is_plain).then_some(target)
}

fn redirected(url: &Url, headers: &HeaderMap, chain: &[Url]) -> Result<Url, Trouble> {
    let check = "open it in a browser, and give the address that is shown there";
    let Some(target) = location(url, headers) else {
        return Err(Trouble::failed("redirects to something that is not an address of the web", check));
    };
    if chain.contains(&target) {
        return Err(Trouble::failed(format!("redirects in a loop: {target} comes again"), check));
    }
    if chain.len() > MAX_REDIRECTS {
        return Err(Trouble::failed(format!("redirects more than {MAX_REDIRECTS} times"), check));
    }
    if url.scheme() == "https" && target.scheme() == "http" {
        let hint = "if its content may come unprotected, name that address itself";
        return Err(Trouble::failed(format!("redirects from https to {target}, which is not protected"), hint));
    }
    Ok(target)
}

fn refused(status: u16) -> Trouble {
    let failed = |reason: &str, hint: &str| Trouble::failed(format!("{reason} (status {status})"), hint);
    match status {
        404 | 410 => Trouble::gone(format!("does not exist (status {status})"), "check the address"),
        401 | 402 | 403 | 407 | 451 => {
            failed("is not given to everybody", "save it in a browser and ingest the file, if you may read it")
        }
        400..=499 => failed("is refused by its server", "check the address"),
        500.. => failed("cannot be fetched: its server failed", "try again later"),
        _ => failed("comes without a content", "open it in a browser"),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn to(from: &str, location: &'static str, chain: &[&str]) -> Result<String, String> {
        let headers = HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_static(location))]);
        let chain: Vec<Url> = chain.iter().map(|url| Url::parse(url).unwrap()).collect();
        let target = redirected(&Url::parse(from).unwrap(), &headers, &chain);
        target.map(|url| url.to_string()).map_err(|trouble| trouble.reason)
    }

    #[test]
    fn a_redirect_is_relative_to_its_page_and_loses_its_fragment() {
        assert_eq!(to("https://a.example/b/c", "../d?e#f", &[]).unwrap(), "https://a.example/d?e");
        assert_eq!(
            to("http://a.example/", "https://a.example/", &["http://a.example/"]).unwrap(),
            "https://a.example/"
        );
    }

    #[test]
    fn redirects_that_lead_nowhere_or_down_are_refused() {
        let reason = |from, location, chain: &[&str]| to(from, location, chain).unwrap_err();
        assert!(reason("https://a.example/b", "/b", &["https://a.example/b"]).contains("loop"));
        assert!(reason("https://a.example/b", "http://a.example/b", &[]).contains("not protected"));
        for location in ["file:///etc/passwd", "javascript:alert(1)", "https://me:secret@a.example/", "http://[x"] {
            assert!(reason("https://a.example/b", location, &[]).contains("not an address"), "{location}");
        }
        let chain: Vec<String> = (0..11).map(|number| format!("https://a.example/{number}")).collect();
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        assert!(reason("https://a.example/10", "/11", &chain).contains("more than 10 times"));
    }

    #[test]
    fn what_does_not_exist_is_told_from_what_only_fails() {
        use super::super::trouble::Kind;
        assert_eq!((refused(404).kind, refused(410).kind), (Kind::Gone, Kind::Gone));
        for status in [204, 206, 304, 400, 403, 418, 500, 502] {
            let trouble = refused(status);
            assert_eq!(trouble.kind, Kind::Failed);
            assert!(trouble.reason.contains(&status.to_string()) && !trouble.hint.is_empty());
        }
    }
}
