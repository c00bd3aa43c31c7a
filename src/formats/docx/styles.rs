//! The styles of a Word file, as far as they say what text is: a heading, hidden, an entry of a table of contents.

use std::collections::HashMap;

use super::super::Result;
use super::super::xml::{Element, Node, Part, Visit, Xml, is_on};

/// How many styles a style may rest on.
const MAX_CHAIN: usize = 32;

/// Paragraph properties, of a style or of a paragraph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Properties {
    pub(super) style: Option<String>,
    /// From 0; 9 is body text.
    pub(super) outline: Option<u32>,
    /// The list it belongs to; `0` is none.
    pub(super) list: Option<String>,
    pub(super) list_level: Option<usize>,
    pub(super) hidden: Option<bool>,
    /// Its end was deleted: the next paragraph continues it.
    pub(super) joined: bool,
}

/// The styles by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    default: Option<String>,
    /// The language of East Asian text by default.
    pub(super) east_asian: Option<String>,
}

#[derive(Debug, Default)]
struct Style {
    /// In lower case; ids are translated, names of built-in styles are not.
    name: String,
    based_on: Option<String>,
    properties: Properties,
}

/// What a paragraph is by its style.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Role {
    /// 1 to 9.
    pub(super) heading: Option<usize>,
    /// An entry of a table of contents.
    pub(super) contents: bool,
    /// The document's title.
    pub(super) title: bool,
}

impl Styles {
    /// Reads the part `styles.xml`.
    pub(super) fn read(part: &Part) -> Result<Self> {
        let mut xml = part.xml();
        let mut styles = Self::default();
        while let Some(node) = xml.next()? {
            let Node::Start(element) = node else { continue };
            match element.name() {
                "docDefaults" => styles.east_asian = default_language(&mut xml)?,
                "style" => {
                    let id = element.attribute("styleId").unwrap_or_default();
                    if element.flag("default") && element.attribute("type").as_deref() == Some("paragraph") {
                        styles.default = Some(id.clone());
                    }
                    let style = style(&mut xml)?;
                    styles.styles.insert(id, style);
                }
                _ => {}
            }
        }
        Ok(styles)
    }

    /// A style and those it rests on.
    fn chain<'a>(&'a self, style: Option<&'a str>) -> impl Iterator<Item = &'a Style> {
        let mut next = style.or(self.default.as_deref());
        std::iter::from_fn(move || {
            let style = self.styles.get(next?)?;
            next = style.based_on.as_deref();
            Some(style)
        })
        .take(MAX_CHAIN)
    }

    /// What a paragraph is.
    pub(super) fn role(&self, properties: &Properties) -> Role {
        let style = properties.style.as_deref();
        let name = self.chain(style).next().map_or("", |style| style.name.as_str());
        let by_name = self.chain(style).find_map(|style| style.name.strip_prefix("heading ")?.parse::<usize>().ok());
        let outline = properties.outline.or_else(|| self.chain(style).find_map(|style| style.properties.outline));
        let by_outline = outline.map(|outline| if outline < 9 { Some(outline as usize + 1) } else { None });
        let title = name == "title";
        Role {
            heading: match by_outline {
                Some(level) => level,
                None if title => Some(1),
                None => by_name.filter(|level| (1..=9).contains(level)),
            },
            contents: name.strip_prefix("toc ").is_some_and(|level| level.parse::<u8>().is_ok()),
            title,
        }
    }

    /// The list of a paragraph and its level, if it is an item.
    pub(super) fn list<'a>(&'a self, properties: &'a Properties) -> Option<(&'a str, usize)> {
        let style = properties.style.as_deref();
        let list = properties.list.as_deref();
        let list = list.or_else(|| self.chain(style).find_map(|style| style.properties.list.as_deref()))?;
        let level = properties.list_level.or_else(|| self.chain(style).find_map(|style| style.properties.list_level));
        (list != "0").then_some((list, level.unwrap_or_default()))
    }

    /// Whether text of a style is hidden.
    pub(super) fn hides(&self, style: Option<&str>) -> bool {
        self.chain(style).find_map(|style| style.properties.hidden).unwrap_or_default()
    }
}

fn default_language(xml: &mut Xml) -> Result<Option<String>> {
    let mut found = None;
    xml.descendants(|element, _| {
        if element.name() == "lang" {
            found = element.attribute("eastAsia");
        }
        Ok(Visit::Inside)
    })?;
    Ok(found)
}

fn style(xml: &mut Xml) -> Result<Style> {
    let mut style = Style::default();
    let mut hidden = None;
    xml.descendants(|element, xml| {
        match element.name() {
            "pPr" => {
                style.properties = paragraph(xml)?;
                return Ok(Visit::Done);
            }
            "rPr" => {
                hidden = run(xml)?.hidden;
                return Ok(Visit::Done);
            }
            "name" => style.name = element.attribute("val").unwrap_or_default().to_lowercase(),
            "basedOn" => style.based_on = element.attribute("val"),
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    style.properties.hidden = hidden;
    Ok(style)
}

/// Reads `w:pPr` to its end.
pub(super) fn paragraph(xml: &mut Xml) -> Result<Properties> {
    let mut found = Properties::default();
    xml.descendants(|element, xml| {
        match element.name() {
            "pStyle" => found.style = element.attribute("val"),
            "outlineLvl" => found.outline = element.number("val"),
            "numId" => found.list = element.attribute("val"),
            "ilvl" => found.list_level = element.number("val"),
            // What it was before a tracked change.
            "pPrChange" => return Ok(Visit::Skip),
            "rPr" => {
                found.joined = run(xml)?.deleted;
                return Ok(Visit::Done);
            }
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(found)
}

/// Properties of a run.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) style: Option<String>,
    pub(super) hidden: Option<bool>,
    pub(super) deleted: bool,
}

/// Reads `w:rPr` to its end.
pub(super) fn run(xml: &mut Xml) -> Result<Run> {
    let mut found = Run::default();
    xml.descendants(|element, _| {
        match element.name() {
            "rStyle" => found.style = element.attribute("val"),
            "vanish" => found.hidden = Some(on(element)),
            "del" | "moveFrom" => found.deleted = true,
            "rPrChange" => return Ok(Visit::Skip),
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(found)
}

/// Whether a property that is on or off is on; without a value it is.
pub(super) fn on(element: &Element) -> bool {
    element.attribute("val").is_none_or(|value| is_on(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_by_name_outline_or_the_style_they_rest_on() {
        let xml = "<styles><docDefaults><rPrDefault><rPr><lang val='en-US' eastAsia='zh-TW'/></rPr></rPrDefault></docDefaults>\
            <style type='paragraph' default='1' styleId='a'><name val='Normal'/></style>\
            <style styleId='1'><name val='heading 2'/><pPr><numPr><ilvl val='1'/><numId val='4'/></numPr></pPr></style>\
            <style styleId='b'><name val='Mine'/><basedOn val='1'/><pPr><outlineLvl val='3'/></pPr></style>\
            <style styleId='c'><name val='Other'/><basedOn val='b'/><rPr><vanish/></rPr></style>\
            <style styleId='t'><name val='Title'/></style><style styleId='x'><name val='toc 1'/></style>\
            <style styleId='loop'><name val='L'/><basedOn val='loop'/></style></styles>";
        let styles = Styles::read(&Part::new("s", xml.as_bytes()).unwrap()).unwrap();
        let of = |id: &str| Properties { style: Some(id.to_owned()), ..Properties::default() };
        let level = |id| styles.role(&of(id)).heading;
        assert_eq!(
            [level("a"), level("1"), level("b"), level("c"), level("loop")],
            [None, Some(2), Some(4), Some(4), None]
        );
        assert!(styles.role(&of("t")).title && styles.role(&of("x")).contents);
        assert_eq!(styles.role(&Properties { outline: Some(9), ..of("1") }).heading, None);
        assert_eq!(styles.list(&of("c")), Some(("4", 1)));
        assert_eq!(styles.list(&Properties { list: Some("0".into()), ..of("c") }), None);
        assert!(styles.hides(Some("c")) && !styles.hides(Some("b")) && !styles.hides(None));
        assert_eq!(styles.east_asian.as_deref(), Some("zh-TW"));
    }
}
