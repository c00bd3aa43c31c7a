//! What a page says to a program that fetches it: its links, and what it wishes of robots.

use html5ever::local_name;

use super::token::{Token, attribute};
use super::tokens::{is_xhtml, tokenize};

/// What is read of a page. Its links are found in the process itself, so the memory for it must be small.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The links of a page, and what it wishes of robots.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// As they are written, in order. Links that are not to be followed are left out.
    pub(crate) links: Vec<String>,
    /// What its relative links are relative to, if that is not its own address.
    pub(crate) base: Option<String>,
    /// The names of robots in lower case, with what is said to them; `robots` stands for all.
    pub(crate) robots: Vec<(String, String)>,
}

/// The outline of a page; `charset` is the encoding that its sender names.
pub(crate) fn outline(bytes: &[u8], charset: Option<&str>) -> Outline {
    let mut outline = Outline::default();
    let bytes = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    let Ok(decoded) = super::decode(bytes, charset) else { return outline };
    let Ok(tokens) = tokenize(&decoded.text, is_xhtml(&decoded.text)) else { return outline };
    for token in tokens {
        let Token::Start(tag) = token else { continue };
        match tag.name {
            local_name!("a") | local_name!("area") => {
                let rel = attribute(&tag, "rel").unwrap_or_default().to_ascii_lowercase();
                let follows = !rel.split_ascii_whitespace().any(|word| word == "nofollow");
                outline.links.extend(attribute(&tag, "href").filter(|_| follows).map(|link| link.trim().to_owned()));
            }
            local_name!("base") if outline.base.is_none() => {
                outline.base = attribute(&tag, "href").map(|base| base.trim().to_owned());
            }
            local_name!("meta") => {
                if let (Some(name), Some(content)) = (attribute(&tag, "name"), attribute(&tag, "content")) {
                    let name = name.trim().to_ascii_lowercase();
                    if matches!(name.as_str(), "robots" | "footnote") {
                        outline.robots.push((name, content.to_owned()));
                    }
                }
            }
            _ => {}
        }
    }
    outline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_its_links_its_base_and_its_wishes() {
        let page = "<!DOCTYPE html><base href='/docs/'><base href='/no/'><meta name=Robots content='noindex, nofollow'>\
                    <meta name=googlebot content=none><a href=' a.html '>A</a><a name=x>B</a>\
                    <a rel='external nofollow' href=c>C</a><!-- <a href=d> --><script>\"<a href=e>\"</script>\
                    <map><area href='?f&amp;g'></map>";
        assert_eq!(
            outline(page.as_bytes(), None),
            Outline {
                links: vec!["a.html".into(), "?f&g".into()],
                base: Some("/docs/".into()),
                robots: vec![("robots".into(), "noindex, nofollow".into())],
            }
        );
    }

    #[test]
    fn links_are_read_in_the_encoding_that_the_sender_names() {
        let (bytes, ..) = encoding_rs::BIG5.encode("<a href='/新聞'>新聞</a>");
        assert_eq!(outline(&bytes, Some("big5")).links, ["/新聞"]);
    }
}
