//! A book's table of contents, in its present form (nav) or the older one (NCX).

use super::opf::Book;
use super::{Titles, optional};
use crate::formats::html;
use crate::formats::package::{Package, resolve};
use crate::formats::xml::Node;

/// The titles of a book's chapters by their files. Without a table of contents there are none.
pub(super) fn titles(package: &mut Package, book: &Book) -> Titles {
    let mut titles = Titles::new();
    if let Some(nav) = &book.nav
        && let Ok(Some(bytes)) = package.bytes(nav)
        && let Ok(decoded) = html::decode(&bytes, None)
        && let Ok(links) = html::links_in_contents(&decoded.text)
    {
        links.into_iter().for_each(|(href, title)| add(&mut titles, resolve(nav, &href), &title));
    }
    if let Some(ncx) = book.ncx.as_ref().filter(|_| titles.is_empty())
        && let Some(part) = optional(package, ncx)
    {
        let mut xml = part.xml().with_document_type();
        let mut label = String::new();
        while let Ok(Some(node)) = xml.next() {
            let Node::Start(element) = node else { continue };
            match element.name() {
                "navLabel" => label = xml.text().unwrap_or_default(),
                "content" => {
                    if let Some(href) = element.attribute("src") {
                        add(&mut titles, resolve(ncx, &href), &label);
                    }
                }
                "pageList" => break,
                _ => {}
            }
        }
    }
    titles
}

/// Adds a title: of a file with several entries the first, for the others are sections in it.
fn add(titles: &mut Titles, href: String, title: &str) {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    // LibreOffice numbers the files of a book without headings.
    let is_number = title.strip_prefix("Section ").is_some_and(|number| number.bytes().all(|it| it.is_ascii_digit()));
    if !title.is_empty() && !is_number {
        titles.entry(href).or_insert(title);
    }
}
