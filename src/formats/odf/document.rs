//! What OpenDocument files share: the package with its manifest, and document properties.

use super::super::ooxml::property;
use super::super::package::{Package, encrypted};
use super::super::xml::{Node, Part};
use super::super::{Extracted, Result};

/// The content of a file, and its properties in `document`. `format` names what the file is not without content.
pub(in super::super) fn content(package: &mut Package, format: &str, document: &mut Extracted) -> Result<Part> {
    if is_encrypted(package)? {
        return Err(encrypted());
    }
    let content = package.required("content.xml", format)?;
    properties(package, document);
    Ok(content)
}

/// Whether the manifest says that the content is encrypted. Old manifests have a document type.
fn is_encrypted(package: &mut Package) -> Result<bool> {
    let Some(part) = package.part("META-INF/manifest.xml")? else { return Ok(false) };
    let mut xml = part.xml().with_document_type();
    while let Some(node) = xml.next()? {
        if matches!(node, Node::Start(element) if element.name() == "encryption-data") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Fills in title, author and the like, if they can be read.
fn properties(package: &mut Package, document: &mut Extracted) {
    let Ok(Some(part)) = package.part("meta.xml") else { return };
    let mut xml = part.xml();
    while let Ok(Some(node)) = xml.next() {
        let Node::Start(element) = node else { continue };
        let name = match element.name() {
            "title" => "title",
            "initial-creator" => "creator",
            "creator" if document.author.is_none() => "creator",
            "date" => "modified",
            "creation-date" => "created",
            "keyword" => "keywords",
            "subject" => "subject",
            "description" => "description",
            "language" => "language",
            _ => continue,
        };
        let Ok(text) = xml.text() else { return };
        property(document, name, &text);
    }
}
