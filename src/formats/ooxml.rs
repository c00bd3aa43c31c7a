//! What Word, PowerPoint and Excel files share: relations between parts, and document properties.

use std::collections::HashMap;

use super::package::{Package, resolve};
use super::xml::Node;
use super::{Extracted, Result};

/// A relation from one part to another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Relation {
    /// The last word of its type: `styles`, `slide`.
    kind: String,
    /// The part that it points to; an address if it is external.
    target: String,
    external: bool,
}

/// The relations of a part.
#[derive(Debug, Default)]
pub(super) struct Relations {
    relations: Vec<Relation>,
    /// The position of each by its id.
    ids: HashMap<String, usize>,
}

impl Relations {
    /// The relations of `part`; an empty name stands for the package. None if they are not there.
    pub(super) fn of(package: &mut Package, part: &str) -> Result<Self> {
        let (folder, name) = part.rsplit_once('/').map_or(("", part), |(folder, name)| (folder, name));
        let path = resolve("", &format!("{folder}/_rels/{name}.rels"));
        let Some(xml) = package.part(&path)? else { return Ok(Self::default()) };
        let mut xml = xml.xml();
        let mut found = Self::default();
        while let Some(node) = xml.next()? {
            let Node::Start(element) = node else { continue };
            if element.name() != "Relationship" {
                continue;
            }
            let value = |name| element.attribute(name).unwrap_or_default();
            let external = value("TargetMode").eq_ignore_ascii_case("external");
            let target = value("Target");
            found.ids.entry(value("Id")).or_insert(found.relations.len());
            found.relations.push(Relation {
                kind: value("Type").rsplit('/').next().unwrap_or_default().to_owned(),
                target: if external { target } else { resolve(part, &target) },
                external,
            });
        }
        Ok(found)
    }

    /// The part of this id.
    pub(super) fn by_id(&self, id: &str) -> Option<&str> {
        let relation = self.relations.get(*self.ids.get(id)?)?;
        (!relation.external).then_some(relation.target.as_str())
    }

    /// The first part of this kind.
    pub(super) fn by_kind(&self, kind: &str) -> Option<&str> {
        self.of_kind(kind).next()
    }

    /// The parts of this kind.
    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.relations
            .iter()
            .filter(move |relation| relation.kind == kind && !relation.external)
            .map(|r| r.target.as_str())
    }
}

/// The package's main part, whose name may differ from `usual`.
pub(super) fn main_part(package: &mut Package, usual: &str) -> Result<String> {
    let relations = Relations::of(package, "")?;
    let named = relations.by_kind("officeDocument").filter(|part| package.contains(part));
    Ok(named.unwrap_or(usual).to_owned())
}

/// Fills in title, author and the like from the document's properties, if they can be read.
pub(super) fn properties(package: &mut Package, document: &mut Extracted) {
    let part = Relations::of(package, "")
        .ok()
        .and_then(|relations| relations.by_kind("core-properties").map(str::to_owned))
        .unwrap_or_else(|| "docProps/core.xml".to_owned());
    let Ok(Some(part)) = package.part(&part) else { return };
    let mut xml = part.xml();
    while let Ok(Some(node)) = xml.next() {
        let Node::Start(element) = node else { continue };
        let name = element.name().to_owned();
        if name != "coreProperties" {
            let Ok(text) = xml.text() else { return };
            property(document, &name, &text);
        }
    }
}

/// Takes over one property. Keywords are separated by commas or semicolons.
pub(super) fn property(document: &mut Extracted, name: &str, text: &str) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return;
    }
    match name {
        "title" => document.title = Some(text),
        "creator" => document.author = Some(text),
        "language" => document.language = Some(text),
        // A document is as old as what it says: the day of its last change.
        "modified" => document.published = Some(text),
        "created" if document.published.is_none() => document.published = Some(text),
        "keywords" => {
            let tags = text.split([',', ';', '，', '；', '、']).map(str::trim).filter(|tag| !tag.is_empty());
            document.tags.extend(tags.map(str::to_owned));
        }
        "subject" | "description" | "category" => drop(document.metadata.insert(name.to_owned(), text.into())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::package::tests::packed;
    use super::*;

    #[test]
    fn properties_are_read_from_the_part_that_the_package_names() {
        let bytes = packed(&[
            (
                "_rels/.rels",
                "<Relationships><Relationship Id='r1' Type='http://x/metadata/core-properties' Target='docProps/c.xml'/>\
                 <Relationship Id='r2' Type='http://x/officeDocument' Target='/word/d.xml'/>\
                 <Relationship Id='r3' Type='http://x/hyperlink' TargetMode='External' Target='http://y'/></Relationships>",
            ),
            ("word/d.xml", ""),
            (
                "docProps/c.xml",
                "<cp:coreProperties xmlns:cp='c'><dc:title> A\n title</dc:title><dc:creator>Wang</dc:creator>\
                 <dcterms:created>2025-01-01T00:00:00Z</dcterms:created><dcterms:modified>2026-01-02T00:00:00Z</dcterms:modified>\
                 <cp:keywords>a, b；c</cp:keywords><dc:language>zh-TW</dc:language><dc:subject/></cp:coreProperties>",
            ),
        ]);
        let mut package = Package::open(&bytes).unwrap();
        assert_eq!(main_part(&mut package, "word/document.xml").unwrap(), "word/d.xml");
        assert_eq!(Relations::of(&mut package, "").unwrap().by_id("r3"), None);
        let mut document = Extracted::default();
        properties(&mut package, &mut document);
        assert_eq!(document.title.as_deref(), Some("A title"));
        assert_eq!(document.author.as_deref(), Some("Wang"));
        assert_eq!(document.published.as_deref(), Some("2026-01-02T00:00:00Z"));
        assert_eq!(document.language.as_deref(), Some("zh-TW"));
        assert_eq!(document.tags, ["a", "b", "c"]);
        assert!(document.metadata.is_empty());
    }
}
