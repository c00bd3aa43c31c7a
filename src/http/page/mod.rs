//! The web page: asking, reading a footnote in its document, managing documents, and reading the API's description.
//!
//! The page's files are compiled in. They contain no user data, so they are served without a key; the page gets its data
//! from the API like any other client. A Content-Security-Policy forbids content from other hosts and creating markup
//! from text, so text from a document stays text even if the page has a bug.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::problem::{self, Problem};

/// Allows scripts, styles and requests of this server only, no markup made from text, and no framing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// A file of the page.
struct Part {
    name: &'static str,
    body: &'static str,
}

macro_rules! parts {
    ($($name:literal),+ $(,)?) => { &[$(Part { name: $name, body: include_str!($name) }),+] };
}

const INDEX: Part = Part { name: "index.html", body: include_str!("index.html") };
const DOCS: Part = Part { name: "docs.html", body: include_str!("docs.html") };
const PARTS: &[Part] = parts![
    "address.js",
    "answer.js",
    "api.js",
    "dialogs.js",
    "docs.css",
    "docs.js",
    "en.js",
    "feedback.js",
    "folders.js",
    "formats.js",
    "icon.svg",
    "jobs.js",
    "languages.js",
    "library.js",
    "page.css",
    "page.js",
    "pages.js",
    "panel.js",
    "places.js",
    "reader.js",
    "results.js",
    "schema.js",
    "sheets.js",
    "uploads.js",
    "view.js",
    "zh-Hans.js",
    "zh-Hant.js",
];

/// The page's own routes. They are not part of the API: they need no key and are not in its description.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let index = get(async |headers: HeaderMap| INDEX.response(&headers));
    Router::new()
        .route("/", index.clone())
        // The page reads the document's id from its own address.
        .route("/documents/{id}", index)
        .route("/docs", get(async |headers: HeaderMap| DOCS.response(&headers)))
        .route("/page/{file}", get(part))
}

async fn part(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let name = uri.path().strip_prefix("/page/").unwrap_or_default();
    match PARTS.iter().find(|part| part.name == name) {
        Some(part) => Ok(part.response(&headers)),
        None => Err(problem::no_route(method, uri).await),
    }
}

impl Part {
    /// The file, or 304 if `headers` name its current version. Addresses do not change between versions, so browsers
    /// revalidate each time.
    fn response(&self, headers: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", &blake3::hash(self.body.as_bytes()).to_hex()[..32]);
        let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let unchanged =
            known.flat_map(|tags| tags.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag);
        let common = [
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ];
        if unchanged {
            return (StatusCode::NOT_MODIFIED, common, [(ETAG, tag)]).into_response();
        }
        (common, [(ETAG, tag)], [(CONTENT_TYPE, self.media_type())], self.body).into_response()
    }

    fn media_type(&self) -> &'static str {
        match self.name.rsplit_once('.') {
            Some((_, "html")) => "text/html; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "svg")) => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn body_of(name: &str) -> &'static str {
        PARTS.iter().find(|part| part.name == name).unwrap_or_else(|| panic!("no part {name}")).body
    }

    fn all() -> impl Iterator<Item = &'static Part> {
        [&INDEX, &DOCS].into_iter().chain(PARTS)
    }

    /// The text between each `start` in `text` and the next `end`.
    fn between<'a>(text: &'a str, start: &str, end: &str) -> impl Iterator<Item = &'a str> {
        text.split(start).skip(1).filter_map(move |rest| rest.split_once(end).map(|(found, _)| found))
    }

    fn texts(name: &str) -> BTreeMap<String, String> {
        let json = body_of(name).trim().strip_prefix("export default ").unwrap().strip_suffix(';').unwrap();
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The placeholders in `text`, in order of their names.
    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<_> = between(text, "{", "}").collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_language_has_the_same_texts_with_the_same_placeholders() {
        let english = texts("en.js");
        for name in ["zh-Hant.js", "zh-Hans.js"] {
            let other = texts(name);
            assert!(english.keys().eq(other.keys()), "{name} differs in its keys");
            for (key, text) in &other {
                assert!(!text.is_empty(), "{name}: {key}");
                assert_eq!(placeholders(text), placeholders(&english[key]), "{name}: {key}");
            }
        }
    }

    /// The keys of the texts that a part uses, in its markup or in calls of `t`.
    fn used_keys(body: &str) -> impl Iterator<Item = &str> {
        let marked = ["data-t=\"", "data-t-label=\"", "data-t-placeholder=\""].into_iter();
        let marked = marked.flat_map(move |start| between(body, start, "\""));
        let called = body.match_indices("t(\"").filter(|(at, _)| !body[..*at].ends_with(char::is_alphanumeric));
        marked.chain(called.filter_map(|(at, start)| Some(body[at + start.len()..].split_once('"')?.0)))
    }

    #[test]
    fn every_text_that_the_page_uses_exists_and_none_is_unused() {
        let english = texts("en.js");
        for (part, key) in all().flat_map(|part| used_keys(part.body).map(move |key| (part.name, key))) {
            assert!(english.contains_key(key), "{part} uses {key}");
        }
        let is_script = |part: &&Part| !["en.js", "zh-Hant.js", "zh-Hans.js"].contains(&part.name);
        let everything: String = all().filter(is_script).map(|part| part.body).collect();
        let is_composed = |key: &str| {
            ["status.", "mode.", "verdict.", "feedback.", "facet."].iter().any(|start| key.starts_with(start))
        };
        for key in english.keys().filter(|key| !is_composed(key) && *key != "name") {
            assert!(everything.contains(&format!("\"{key}\"")), "nothing uses {key}");
        }
    }

    #[test]
    fn every_file_that_another_refers_to_is_served() {
        for part in all() {
            for name in between(part.body, "\"/page/", "\"").chain(between(part.body, "from \"./", "\"")) {
                body_of(name);
            }
        }
    }

    #[test]
    fn no_file_has_inline_script_or_style_or_makes_markup_from_text() {
        for part in all() {
            let forbidden = [
                "innerHTML",
                "outerHTML",
                "insertAdjacent",
                "document.write",
                "eval(",
                "Function(",
                "<style",
                " style=\"",
                "<script>",
                "DOMParser",
            ];
            for word in forbidden {
                assert!(!part.body.contains(word), "{word} in {}", part.name);
            }
            for address in
                between(part.body, "http", "\"").filter(|rest| rest.starts_with("://") || rest.starts_with("s://"))
            {
                assert_eq!((part.name, address), ("icon.svg", "://www.w3.org/2000/svg"));
            }
        }
    }

    /// Relative luminance of a colour such as `#faf8f3`, as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let digits = colour.strip_prefix('#').unwrap();
        let wide: String =
            if digits.len() == 3 { digits.chars().flat_map(|digit| [digit, digit]).collect() } else { digits.into() };
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
    }

    #[test]
    fn text_has_the_contrast_that_wcag_aa_requires_in_light_and_dark() {
        let (light, dark) = body_of("page.css").split_once("(prefers-color-scheme: dark)").unwrap();
        for scheme in [light, dark] {
            let colour = |name: &str| luminance(between(scheme, &format!("--{name}: "), ";").next().unwrap());
            let pairs = [
                ("ink", "paper"),
                ("ink", "sheet"),
                ("soft", "paper"),
                ("soft", "sheet"),
                ("rubric", "paper"),
                ("rubric", "sheet"),
                ("on-rubric", "rubric"),
                ("ink", "highlight"),
            ];
            for (front, back) in pairs {
                let (front_light, back_light) = (colour(front), colour(back));
                let ratio = (front_light.max(back_light) + 0.05) / (front_light.min(back_light) + 0.05);
                assert!(ratio >= 4.5, "{front} on {back}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn a_file_that_the_browser_has_is_not_sent_again() {
        let first = INDEX.response(&HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
        let second = INDEX.response(&headers);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(second.headers()[CONTENT_SECURITY_POLICY], POLICY);
        assert_eq!(DOCS.response(&headers).status(), StatusCode::OK);
    }
}
