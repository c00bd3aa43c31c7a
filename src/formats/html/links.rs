//! The links of a book's table of contents.

use html5ever::local_name;

use super::token::{Token, attribute};
use super::tokens::tokenize;
use crate::formats::Result;

/// The links in the `nav` element that is the table of contents, with their texts. A book may have others: of landmarks, of
/// pages. Without such an element there are none.
pub(in crate::formats) fn links_in_contents(xhtml: &str) -> Result<Vec<(String, String)>> {
    let mut links = Vec::new();
    let mut is_contents = false;
    let mut open: Option<(String, String)> = None;
    for token in tokenize(xhtml, true)? {
        match token {
            Token::Start(tag) if tag.name == local_name!("nav") => {
                is_contents = attribute(&tag, "epub:type").is_none_or(|kind| kind.split(' ').any(|kind| kind == "toc"));
            }
            Token::End(name) if name == local_name!("nav") => is_contents = false,
            Token::Start(tag) if tag.name == local_name!("a") && is_contents => {
                open = attribute(&tag, "href").map(|href| (href.to_owned(), String::new()));
            }
            Token::End(name) if name == local_name!("a") => links.extend(open.take()),
            Token::Text(text) => {
                if let Some((_, title)) = &mut open {
                    title.push_str(&text);
                }
            }
            _ => {}
        }
    }
    Ok(links)
}
