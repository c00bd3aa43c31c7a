//! What headers of a response say.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, header};
use jiff::fmt::rfc2822::DateTimeParser;

/// A browser keeps no page longer that its server calls fresh.
const MAX_FRESH: Duration = Duration::from_hours(24);
/// Longer validators are not kept.
const MAX_VALIDATOR_BYTES: usize = 1_024;
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
/// The name by which robots.txt and pages address Footnote.
pub(super) const NAME: &str = "footnote";

/// The validators of a page, with which its server is asked whether it has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

impl Conditions {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let value = |name: HeaderName| {
            let value = headers.get(name)?.to_str().ok()?.trim();
            (!value.is_empty() && value.len() <= MAX_VALIDATOR_BYTES).then(|| value.to_owned())
        };
        Self { etag: value(header::ETAG), last_modified: value(header::LAST_MODIFIED) }
    }

    /// Those of a response that says that nothing has changed: what it does not repeat stays.
    pub(super) fn or(self, earlier: &Self) -> Self {
        Self {
            etag: self.etag.or_else(|| earlier.etag.clone()),
            last_modified: self.last_modified.or_else(|| earlier.last_modified.clone()),
        }
    }
}

/// The media type without parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!kind.is_empty()).then_some(kind)
}

/// The encoding that the media type names.
pub(super) fn charset(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

/// How long a page stays as it is, according to its server: `Cache-Control: max-age`, without its age. A page that is not to
/// be kept is never fresh.
pub(super) fn fresh_for(headers: &HeaderMap) -> Duration {
    let mut seconds = 0;
    for value in headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok()) {
        for directive in value.split(',').map(|directive| directive.trim().to_ascii_lowercase()) {
            match directive.split_once('=') {
                None if matches!(directive.as_str(), "no-store" | "no-cache") => return Duration::ZERO,
                Some(("max-age", value)) => seconds = value.trim_matches('"').parse().unwrap_or(0),
                _ => {}
            }
        }
    }
    let age = headers.get(header::AGE).and_then(|age| age.to_str().ok()?.trim().parse().ok()).unwrap_or(0);
    Duration::from_secs(u64::saturating_sub(seconds, age)).min(MAX_FRESH)
}

/// How long a server asks to wait: `Retry-After`, as seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = SystemTime::from(DateTimeParser::new().parse_timestamp(value).ok()?);
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

/// Wishes that have a value: `unavailable_after: 25 Jun 2027 15:00:00 GMT`.
const WITH_VALUE: [&str; 4] = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];

/// What a page asks of robots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// Not to be indexed.
    pub(crate) noindex: bool,
    /// That its links are not followed.
    pub(crate) nofollow: bool,
}

impl Wishes {
    /// Adds a list such as `noindex, nofollow`.
    pub(super) fn add(&mut self, list: &str) {
        for wish in list.split(',').map(|wish| wish.trim().to_ascii_lowercase()) {
            self.noindex |= matches!(wish.as_str(), "noindex" | "none");
            self.nofollow |= matches!(wish.as_str(), "nofollow" | "none");
        }
    }

    /// Those in `X-Robots-Tag`: for all robots, or behind the name of this one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut wishes = Self::default();
        for value in headers.get_all(ROBOTS).iter().filter_map(|value| value.to_str().ok()) {
            let mut is_for_us = true;
            for part in value.split(',') {
                let (name, wish) = part.split_once(':').unwrap_or(("", part));
                let name = name.trim().to_ascii_lowercase();
                if WITH_VALUE.contains(&name.as_str()) {
                    continue;
                }
                // What is behind a name is for the robot of that name.
                is_for_us = if name.is_empty() { is_for_us } else { name == NAME };
                if is_for_us {
                    wishes.add(wish);
                }
            }
        }
        wishes
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        let mut headers = HeaderMap::new();
        list.iter().map(pair).for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    }

    #[test]
    fn a_content_type_has_a_media_type_and_may_name_an_encoding() {
        let read = |value| {
            let headers = headers(&[("content-type", value)]);
            (media_type(&headers), charset(&headers))
        };
        let of = |kind: &str, charset: Option<&str>| (Some(kind.to_owned()), charset.map(str::to_owned));
        assert_eq!(read("Text/HTML; charset=Big5"), of("text/html", Some("Big5")));
        assert_eq!(read("text/html;version=1; CHARSET=\"utf-8\""), of("text/html", Some("utf-8")));
        assert_eq!(read("application/pdf"), of("application/pdf", None));
        assert_eq!(read(""), (None, None));
    }

    #[test]
    fn a_page_is_fresh_for_as_long_as_its_server_says_but_not_for_more_than_a_day() {
        let fresh = |list: &[_]| fresh_for(&headers(list)).as_secs();
        assert_eq!(fresh(&[("cache-control", "public, max-age=600")]), 600);
        assert_eq!(fresh(&[("cache-control", "max-age=600"), ("age", "100")]), 500);
        assert_eq!(fresh(&[("cache-control", "max-age=600, no-cache")]), 0);
        assert_eq!(fresh(&[("cache-control", "max-age=99999999")]), 86_400);
        assert_eq!(fresh(&[("cache-control", "max-age=-1")]), 0);
        assert_eq!(fresh(&[]), 0);
    }

    #[test]
    fn a_server_says_in_seconds_or_by_a_date_when_to_come_again() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_700);
        let wait = |value| retry_after(&headers(&[("retry-after", value)]), now).map(|wait| wait.as_secs());
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(77));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn wishes_of_a_header_count_if_they_are_for_all_or_for_this_robot() {
        let wishes = |value| Wishes::of(&headers(&[("x-robots-tag", value)]));
        let of = |noindex, nofollow| Wishes { noindex, nofollow };
        assert_eq!(wishes("noindex, nofollow"), of(true, true));
        assert_eq!(wishes("None"), of(true, true));
        assert_eq!(wishes("footnote: noindex"), of(true, false));
        assert_eq!(wishes("otherbot: noindex"), of(false, false));
        assert_eq!(wishes("unavailable_after: 25 Jun 2027 15:00:00 GMT"), of(false, false));
        assert_eq!(wishes("all"), of(false, false));
        assert_eq!(wishes("noindex, max-snippet:-1"), of(true, false));
        assert_eq!(
            wishes("max-image-preview:large, noindex, unavailable_after: 25 Jun 2027 15:00:00 GMT"),
            of(true, false)
        );
        assert_eq!(wishes("otherbot: noindex, nofollow"), of(false, false));
        assert_eq!(wishes("otherbot: noindex, footnote: nofollow"), of(false, true));
    }

    #[test]
    fn validators_that_a_304_does_not_repeat_stay() {
        let earlier = Conditions { etag: Some("\"a\"".into()), last_modified: Some("then".into()) };
        let repeated = Conditions::of(&headers(&[("etag", "W/\"b\"")])).or(&earlier);
        assert_eq!(repeated, Conditions { etag: Some("W/\"b\"".into()), last_modified: Some("then".into()) });
    }
}
