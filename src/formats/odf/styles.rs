//! The styles of an OpenDocument file, as far as they say what text is, and how lists are numbered.

use std::collections::HashMap;

use super::super::Result;
use super::super::numerals::Numerals;
use super::super::xml::{Element, Node, Part, Visit, Xml};

const MAX_CHAIN: usize = 32;
const LEVELS: usize = 10;

/// Styles by their names.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    lists: HashMap<String, ListStyle>,
    /// How headings are numbered.
    pub(super) outline: ListStyle,
    /// The language of East Asian text by default.
    pub(super) east_asian: Option<String>,
}

#[derive(Debug, Default)]
struct Style {
    parent: Option<String>,
    list: Option<String>,
    hidden: Option<bool>,
    /// A page of a presentation that is not shown.
    hidden_page: bool,
}

/// How each level of a list is numbered.
#[derive(Debug, Default, Clone)]
pub(super) struct ListStyle([Level; LEVELS]);

#[derive(Debug, Default, Clone)]
struct Level {
    kind: Kind,
    prefix: String,
    suffix: String,
    /// How many levels are shown: `2.1` are two.
    shown: usize,
    start: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    None,
    Bullet,
    Numerals(Numerals),
}

/// How far each level of a list has been counted.
#[derive(Debug, Default, Clone)]
pub(super) struct Counters([Option<u32>; LEVELS]);

impl Styles {
    /// Adds the styles of a part, `styles.xml` or `content.xml`.
    pub(super) fn add(&mut self, part: &Part) -> Result<()> {
        let mut xml = part.xml();
        while let Some(node) = xml.next()? {
            let Node::Start(element) = node else { continue };
            match element.name() {
                "style" => {
                    let name = element.attribute("name").unwrap_or_default();
                    let style = style(&element, &mut xml)?;
                    self.styles.insert(name, style);
                }
                "list-style" => {
                    let name = element.attribute("name").unwrap_or_default();
                    let list = list_style(&mut xml)?;
                    self.lists.insert(name, list);
                }
                "outline-style" => self.outline = list_style(&mut xml)?,
                "default-style" if element.attribute("family").as_deref() == Some("paragraph") => {
                    xml.descendants(|element, _| {
                        if element.name() == "text-properties" {
                            self.east_asian = element.attribute("language-asian").map(|language| {
                                let country = element.attribute("country-asian").filter(|country| country != "none");
                                country.map_or(language.clone(), |country| format!("{language}-{country}"))
                            });
                        }
                        Ok(Visit::Inside)
                    })?;
                }
                "body" => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn chain<'a>(&'a self, name: Option<&'a str>) -> impl Iterator<Item = (&'a str, &'a Style)> {
        let mut next = name;
        std::iter::from_fn(move || {
            let name = next?;
            let style = self.styles.get(name)?;
            next = style.parent.as_deref();
            Some((name, style))
        })
        .take(MAX_CHAIN)
    }

    /// Whether text of a style is hidden.
    pub(super) fn hides(&self, name: Option<&str>) -> bool {
        self.chain(name).find_map(|(_, style)| style.hidden).unwrap_or_default()
    }

    /// Whether a page of this style is not shown.
    pub(super) fn hides_page(&self, name: Option<&str>) -> bool {
        self.chain(name).next().is_some_and(|(_, style)| style.hidden_page)
    }

    /// Whether a style is `wanted` or rests on it.
    pub(super) fn rests_on(&self, name: Option<&str>, wanted: &str) -> bool {
        name == Some(wanted) || self.chain(name).any(|(_, style)| style.parent.as_deref() == Some(wanted))
    }

    /// The numbering of this name.
    pub(super) fn list(&self, name: &str) -> Option<&ListStyle> {
        self.lists.get(name)
    }

    /// The numbering that a paragraph's style brings along.
    pub(super) fn list_of(&self, name: Option<&str>) -> Option<&ListStyle> {
        self.chain(name).find_map(|(_, style)| style.list.as_deref()).and_then(|list| self.list(list))
    }
}

impl ListStyle {
    /// What stands before the next item at a level, from 0: `- `, `2.1 `. `start` makes it start anew.
    pub(super) fn next(&self, level: usize, start: Option<u32>, counters: &mut Counters) -> String {
        let depth = level.min(LEVELS - 1);
        let Some(level) = self.0.get(depth) else { return String::new() };
        let next = counters.0[depth].map_or(level.start, |last| last.saturating_add(1));
        counters.0[depth] = Some(start.unwrap_or(next));
        counters.0[depth + 1..].fill(None);
        match level.kind {
            Kind::None => return String::new(),
            Kind::Bullet => return "- ".to_owned(),
            Kind::Numerals(_) => {}
        }
        let first = (depth + 1).saturating_sub(level.shown.max(1));
        let numbers: Vec<String> = (first..=depth)
            .filter_map(|depth| match self.0[depth].kind {
                Kind::Numerals(numerals) => Some(numerals.write(counters.0[depth].unwrap_or(self.0[depth].start))),
                _ => None,
            })
            .collect();
        let label = format!("{}{}{}", level.prefix, numbers.join("."), level.suffix);
        format!("{} ", label.trim())
    }
}

fn style(element: &Element, xml: &mut Xml) -> Result<Style> {
    let mut style = Style {
        parent: element.attribute("parent-style-name"),
        list: element.attribute("list-style-name").filter(|name| !name.is_empty()),
        ..Style::default()
    };
    xml.descendants(|element, _| {
        match element.name() {
            "text-properties" => style.hidden = element.attribute("text:display").map(|display| display == "none"),
            "drawing-page-properties" => {
                style.hidden_page = element.attribute("visibility").as_deref() == Some("hidden");
            }
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(style)
}

fn list_style(xml: &mut Xml) -> Result<ListStyle> {
    let mut list = ListStyle::default();
    xml.descendants(|element, _| {
        let kind = match element.name() {
            "list-level-style-bullet" => Kind::Bullet,
            "list-level-style-number" | "outline-level-style" => {
                kind(&element.attribute("num-format").unwrap_or_default())
            }
            _ => return Ok(Visit::Inside),
        };
        let position = element.number::<usize>("level").unwrap_or(1).saturating_sub(1);
        if let Some(level) = list.0.get_mut(position) {
            *level = Level {
                kind,
                prefix: element.attribute("num-prefix").unwrap_or_default(),
                suffix: element.attribute("num-suffix").unwrap_or_default(),
                shown: element.number("display-levels").unwrap_or(1),
                start: element.number("start-value").unwrap_or(1),
            };
        }
        Ok(Visit::Inside)
    })?;
    Ok(list)
}

/// The numerals of a format, which is written as its first number or its first three.
fn kind(format: &str) -> Kind {
    Kind::Numerals(match format.chars().next() {
        None => return Kind::None,
        Some('a') => Numerals::LowerLetter,
        Some('A') => Numerals::UpperLetter,
        Some('i') => Numerals::LowerRoman,
        Some('I') => Numerals::UpperRoman,
        Some('一') => Numerals::Han,
        Some('壹' | '壱') => Numerals::HanFormal,
        Some('〇') => Numerals::HanDigits,
        Some('甲') => Numerals::Stems,
        Some('子') => Numerals::Branches,
        Some('가') => Numerals::Ganada,
        Some('ア' | 'ｱ') => Numerals::Aiueo,
        Some('イ' | 'ｲ') => Numerals::Iroha,
        Some('①') => Numerals::Circled,
        Some('１') => Numerals::DecimalFullWidth,
        Some(_) => Numerals::Decimal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_hide_text_and_number_lists() {
        let xml = "<office:document-styles><office:styles>\
            <style:default-style style:family='paragraph'><style:text-properties style:language-asian='zh' style:country-asian='TW'/></style:default-style>\
            <style:style style:name='A'><style:text-properties text:display='none'/></style:style>\
            <style:style style:name='B' style:parent-style-name='A' style:list-style-name='L'/>\
            <style:style style:name='C' style:parent-style-name='C'/>\
            <text:list-style style:name='L'><text:list-level-style-number text:level='1' style:num-format='一, 二, 三, ...' style:num-suffix='、'/>\
            <text:list-level-style-number text:level='2' style:num-format='1' text:display-levels='2' text:start-value='3' style:num-suffix='.'/>\
            <text:list-level-style-bullet text:level='3' text:bullet-char='•'/></text:list-style></office:styles></office:document-styles>";
        let mut styles = Styles::default();
        styles.add(&Part::new("s", xml.as_bytes()).unwrap()).unwrap();
        assert!(styles.hides(Some("B")) && !styles.hides(Some("C")) && !styles.hides(None));
        assert!(styles.rests_on(Some("B"), "A") && styles.rests_on(Some("A"), "A") && !styles.rests_on(Some("C"), "A"));
        assert_eq!(styles.east_asian.as_deref(), Some("zh-TW"));
        let mut counters = Counters::default();
        let list = styles.list_of(Some("B")).unwrap();
        let labels = [(0, None), (1, None), (1, None), (2, None), (0, None), (1, Some(9)), (12, None)]
            .map(|(level, start)| list.next(level, start, &mut counters));
        assert_eq!(labels, ["一、 ", "一.3. ", "一.4. ", "- ", "二、 ", "二.9. ", ""]);
    }
}
