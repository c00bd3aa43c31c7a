//! The numbers of list items and headings, which a Word file does not hold: it says how to count them.

use std::collections::{HashMap, HashSet};

use super::super::Result;
use super::super::numerals::Numerals;
use super::super::xml::{Element, Node, Part, Visit, Xml, is_on};

const LEVELS: usize = 9;

/// The definitions of lists, and how far each has been counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// The definition of each abstract list.
    lists: HashMap<String, [Level; LEVELS]>,
    numbers: HashMap<String, Number>,
    /// The last number at each level of an abstract list.
    counters: HashMap<String, [Option<u32>; LEVELS]>,
    begun: HashSet<String>,
}

#[derive(Debug, Default, Clone)]
struct Number {
    list: String,
    /// Levels that start anew.
    starts: [Option<u32>; LEVELS],
    levels: [Option<Level>; LEVELS],
}

#[derive(Debug, Clone, Default)]
struct Level {
    start: u32,
    kind: Kind,
    /// `%1.%2`.
    template: String,
    /// Writes the numbers of higher levels in decimal.
    legal: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    None,
    Bullet,
    Numerals(Numerals),
}

impl Numbering {
    /// Reads the part `numbering.xml`.
    pub(super) fn read(part: &Part) -> Result<Self> {
        let mut xml = part.xml();
        let mut numbering = Self::default();
        while let Some(node) = xml.next()? {
            let Node::Start(element) = node else { continue };
            match element.name() {
                "abstractNum" => {
                    let id = element.attribute("abstractNumId").unwrap_or_default();
                    let levels = list(&mut xml)?;
                    numbering.lists.insert(id, levels);
                }
                "num" => {
                    let id = element.attribute("numId").unwrap_or_default();
                    let found = number(&mut xml)?;
                    numbering.numbers.insert(id, found);
                }
                _ => {}
            }
        }
        Ok(numbering)
    }

    /// What stands before the next item of this list at this level: `- `, `2.1 `, `第三條 `.
    pub(super) fn next(&mut self, number: &str, level: usize) -> String {
        let level = level.min(LEVELS - 1);
        let Some(definition) = self.numbers.get(number) else { return String::new() };
        let Some(list) = self.lists.get(&definition.list) else { return "- ".to_owned() };
        let at = |level: usize| definition.levels[level].as_ref().unwrap_or(&list[level]);
        let counters = self.counters.entry(definition.list.clone()).or_default();
        if self.begun.insert(number.to_owned()) {
            for (counter, start) in counters.iter_mut().zip(definition.starts) {
                if let Some(start) = start {
                    *counter = start.checked_sub(1);
                }
            }
        }
        counters[level] = Some(counters[level].map_or(at(level).start, |last| last.saturating_add(1)));
        counters[level + 1..].fill(None);
        let kind = at(level).kind;
        if kind == Kind::Bullet {
            return "- ".to_owned();
        }
        let mut label = String::new();
        let mut template = at(level).template.chars();
        while let Some(character) = template.next() {
            let placeholder =
                if character == '%' { template.clone().next().and_then(|c| c.to_digit(10)) } else { None };
            let Some(wanted) = placeholder.and_then(|digit| (digit as usize).checked_sub(1)).filter(|&l| l < LEVELS)
            else {
                label.push(character);
                continue;
            };
            template.next();
            let value = counters[wanted].unwrap_or(at(wanted).start);
            match at(wanted).kind {
                Kind::Numerals(numerals) if !at(level).legal => label.push_str(&numerals.write(value)),
                Kind::None => {}
                _ => label.push_str(&value.to_string()),
            }
        }
        if label.trim().is_empty() { String::new() } else { format!("{} ", label.trim()) }
    }
}

fn list(xml: &mut Xml) -> Result<[Level; LEVELS]> {
    let mut levels: [Level; LEVELS] = Default::default();
    xml.descendants(|element, xml| {
        if element.name() != "lvl" {
            return Ok(Visit::Inside);
        }
        let (position, found) = level(element, xml)?;
        if let Some(slot) = levels.get_mut(position) {
            *slot = found;
        }
        Ok(Visit::Done)
    })?;
    Ok(levels)
}

fn number(xml: &mut Xml) -> Result<Number> {
    let mut number = Number::default();
    let mut position = 0;
    xml.descendants(|element, xml| {
        match element.name() {
            "abstractNumId" => number.list = element.attribute("val").unwrap_or_default(),
            "lvlOverride" => position = element.number("ilvl").unwrap_or_default(),
            "startOverride" => {
                if let Some(slot) = number.starts.get_mut(position) {
                    *slot = element.number("val");
                }
            }
            "lvl" => {
                let (position, found) = level(element, xml)?;
                if let Some(slot) = number.levels.get_mut(position) {
                    *slot = Some(found);
                }
                return Ok(Visit::Done);
            }
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok(number)
}

fn level(element: &Element, xml: &mut Xml) -> Result<(usize, Level)> {
    let position = element.number("ilvl").unwrap_or_default();
    let mut level = Level { start: 0, kind: Kind::Numerals(Numerals::Decimal), ..Level::default() };
    xml.descendants(|element, _| {
        let value = || element.attribute("val").unwrap_or_default();
        match element.name() {
            "start" => level.start = element.number("val").unwrap_or(1),
            "numFmt" => level.kind = kind(&value()),
            "lvlText" => level.template = value(),
            "isLgl" => level.legal = element.attribute("val").is_none_or(|value| is_on(&value)),
            _ => {}
        }
        Ok(Visit::Inside)
    })?;
    Ok((position, level))
}

fn kind(format: &str) -> Kind {
    Kind::Numerals(match format {
        "bullet" => return Kind::Bullet,
        "none" => return Kind::None,
        "decimalZero" => Numerals::DecimalZero,
        "decimalFullWidth" | "decimalFullWidth2" => Numerals::DecimalFullWidth,
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => Numerals::Circled,
        "lowerRoman" => Numerals::LowerRoman,
        "upperRoman" => Numerals::UpperRoman,
        "lowerLetter" => Numerals::LowerLetter,
        "upperLetter" => Numerals::UpperLetter,
        "chineseCounting"
        | "chineseCountingThousand"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "japaneseCounting"
        | "koreanCounting" => Numerals::Han,
        "chineseLegalSimplified" | "ideographLegalTraditional" | "japaneseLegal" => Numerals::HanFormal,
        "ideographDigital" | "taiwaneseDigital" | "japaneseDigitalTenThousand" => Numerals::HanDigits,
        "ideographTraditional" => Numerals::Stems,
        "ideographZodiac" => Numerals::Branches,
        "ganada" => Numerals::Ganada,
        "aiueo" | "aiueoFullWidth" => Numerals::Aiueo,
        "iroha" | "irohaFullWidth" => Numerals::Iroha,
        _ => Numerals::Decimal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_counted_as_word_counts_them() {
        let xml = "<numbering><abstractNum w:abstractNumId='0'>\
            <lvl ilvl='0'><start val='1'/><numFmt val='taiwaneseCountingThousand'/><lvlText val='第%1條'/></lvl>\
            <lvl ilvl='1'><start val='1'/><numFmt val='decimal'/><isLgl/><lvlText val='%1.%2'/></lvl>\
            <lvl ilvl='2'><numFmt val='bullet'/><lvlText val='x'/></lvl></abstractNum>\
            <num numId='5'><abstractNumId val='0'/></num>\
            <num numId='6'><abstractNumId val='0'/><lvlOverride ilvl='0'><startOverride val='7'/></lvlOverride></num>\
            </numbering>";
        let mut numbering = Numbering::read(&Part::new("n", xml.as_bytes()).unwrap()).unwrap();
        let labels: Vec<_> = [0, 0, 1, 1, 2, 0, 1].map(|level| numbering.next("5", level)).to_vec();
        assert_eq!(labels, ["第一條 ", "第二條 ", "2.1 ", "2.2 ", "- ", "第三條 ", "3.1 "]);
        assert_eq!(numbering.next("6", 0), "第七條 ");
        assert_eq!(numbering.next("5", 0), "第八條 ");
        assert_eq!(numbering.next("9", 0), "");
        assert_eq!(numbering.next("5", 99), "");
    }
}
