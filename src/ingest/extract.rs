//! Extracts front matter and headings from Markdown. Pure functions of the text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value};

use crate::lines::{count_breaks, lines};
use crate::passage::{Heading, Span};

/// Longer front matter, in bytes, is taken for text.
const MAX_FRONT_MATTER_BYTES: usize = 64 * 1024;

/// The deepest indentation of a line of YAML. The YAML reader recurses, and would overflow the stack on a hostile file.
const MAX_INDENT: usize = 120;

/// Front matter: the block of fields before the text of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    /// Its keys as written, and its values as JSON; dates are strings.
    pub fields: Map<String, Value>,
    /// The byte at which the text begins, after the line of the closing mark.
    pub text_start: usize,
}

/// Front matter that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenFrontMatter {
    /// `YAML` or `TOML`.
    pub language: &'static str,
    /// The line of the file with the error, 1-based.
    pub line: usize,
    /// The parser's message.
    pub reason: String,
}

/// The front matter of a Markdown text: YAML between `---` lines, or TOML between `+++` lines.
///
/// `None` if there is none. Lines between two rules that have no key, such as prose or a heading, are text.
pub fn front_matter(text: &str) -> Result<Option<FrontMatter>, BrokenFrontMatter> {
    let Some(first) = lines(text).next() else { return Ok(None) };
    let is_yaml = match text[first.start..first.end].trim_end() {
        "---" => true,
        "+++" => false,
        _ => return Ok(None),
    };
    let Some((inner, text_start)) = enclosed(text, is_yaml) else { return Ok(None) };
    // The parsers know only LF as a line break.
    let source: String =
        lines(&text[inner.range()]).flat_map(|line| [&text[inner.range()][line.start..line.end], "\n"]).collect();
    let fields = if is_yaml { yaml(&source)? } else { Some(toml(&source)?) };
    let is_blank = source.trim().is_empty();
    Ok(fields.filter(|fields| !fields.is_empty() || is_blank).map(|fields| FrontMatter { fields, text_start }))
}

/// The span between the line of the opening mark and that of the closing one, and the start of the text.
fn enclosed(text: &str, is_yaml: bool) -> Option<(Span, usize)> {
    let mut inner_start = None;
    for line in lines(text) {
        let content = text[line.start..line.end].trim_end();
        match inner_start {
            None => inner_start = Some(line.next),
            Some(start) if line.start == start && content.is_empty() => return None,
            Some(start) if content == if is_yaml { "---" } else { "+++" } || is_yaml && content == "..." => {
                return Some((Span::new(start, line.start), line.next));
            }
            Some(_) => {}
        }
        if line.next > MAX_FRONT_MATTER_BYTES {
            return None;
        }
    }
    None
}

/// `None` if the YAML is not a mapping, as with prose between two rules.
fn yaml(source: &str) -> Result<Option<Map<String, Value>>, BrokenFrontMatter> {
    let broken = |line, reason: &str| BrokenFrontMatter { language: "YAML", line, reason: reason.to_owned() };
    for (index, line) in source.lines().enumerate() {
        let indent = line.bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'-' | b'?' | b':')).count();
        if indent > MAX_INDENT {
            return Err(broken(index + 2, "it is nested too deeply"));
        }
    }
    let nodes = match Yaml::load_from_str(source) {
        Ok(nodes) => nodes,
        Err(_) if !opens_with_key(source) => return Ok(None),
        // The parser counts lines from 1, and the opening mark is on the line before its first.
        Err(error) => return Err(broken(error.marker().line() + 1, error.info())),
    };
    Ok(match nodes.into_iter().next() {
        None | Some(Yaml::Value(Scalar::Null)) => Some(Map::new()),
        Some(node) => match json_of_yaml(&node) {
            Value::Object(fields) => Some(fields),
            _ => None,
        },
    })
}

/// Whether the first line of YAML that is not a comment looks like `key: value`, so that its author meant a field.
fn opens_with_key(source: &str) -> bool {
    let first = source.lines().map(str::trim_end).find(|line| !line.is_empty() && !line.starts_with('#'));
    first.and_then(|line| line.split_once(':')).is_some_and(|(key, rest)| {
        !key.is_empty() && !key.contains(char::is_whitespace) && (rest.is_empty() || rest.starts_with(' '))
    })
}

fn json_of_yaml(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::Number((*value).into()),
        Yaml::Value(Scalar::FloatingPoint(value)) => float(value.into_inner()),
        Yaml::Value(Scalar::String(value)) | Yaml::Representation(value, ..) => Value::String(value.to_string()),
        Yaml::Sequence(nodes) => nodes.iter().map(json_of_yaml).collect(),
        Yaml::Mapping(nodes) => {
            let key = |node| match json_of_yaml(node) {
                Value::String(key) => key,
                other => other.to_string(),
            };
            Value::Object(nodes.iter().map(|(name, value)| (key(name), json_of_yaml(value))).collect())
        }
        Yaml::Tagged(_, node) => json_of_yaml(node),
        Yaml::Value(Scalar::Null) | Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn toml(source: &str) -> Result<Map<String, Value>, BrokenFrontMatter> {
    let table: toml::Table = toml::from_str(source).map_err(|error| {
        let before = error.span().and_then(|span| source.get(..span.start)).unwrap_or_default();
        let line = count_breaks(before) + 2;
        BrokenFrontMatter { language: "TOML", line, reason: error.message().to_owned() }
    })?;
    Ok(table.into_iter().map(|(key, value)| (key, json_of_toml(value))).collect())
}

fn json_of_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(value) => Value::String(value),
        toml::Value::Integer(value) => Value::Number(value.into()),
        toml::Value::Float(value) => float(value),
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(value) => Value::String(value.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json_of_toml).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, json_of_toml(value))).collect())
        }
    }
}

/// JSON has no infinity and no NaN; they become strings.
fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number)
}

/// The headings of a Markdown text, in order. A `#` inside a code fence, a list or a quotation does not make one.
pub fn headings(markdown: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<Heading> = None;
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_HEADING_ATTRIBUTES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                // The parser's offset leaves out the indentation.
                let start = markdown[..range.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
                open = Some(Heading { span: Span::new(start, range.end), level: level as usize, text: String::new() });
            }
            Event::End(TagEnd::Heading(_)) => {
                let heading = open.take().map(|heading| Heading { text: heading.text.trim().to_owned(), ..heading });
                found.extend(heading.filter(|heading| !heading.text.is_empty()));
            }
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => depth = depth.saturating_sub(1),
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut open {
                    heading.text.push_str(&part);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut open {
                    heading.text.push(' ');
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_yaml_between_dashes_or_toml_between_pluses() {
        let yaml = "---\ntitle: \"A: b\"\ndate: 2026-01-31\ntags: [x, 1]\n---\n# Text\n";
        let found = front_matter(yaml).unwrap().unwrap();
        assert_eq!(&yaml[found.text_start..], "# Text\n");
        assert_eq!(
            Value::Object(found.fields),
            serde_json::json!({"title": "A: b", "date": "2026-01-31", "tags": ["x", 1]})
        );
        let toml = "+++\r\ntitle = 'A'\r\ndate = 2026-01-31\r\n+++\r\nText";
        let found = front_matter(toml).unwrap().unwrap();
        assert_eq!(&toml[found.text_start..], "Text");
        assert_eq!(Value::Object(found.fields), serde_json::json!({"title": "A", "date": "2026-01-31"}));
    }

    #[test]
    fn front_matter_is_read_whatever_ends_its_lines() {
        for end in ["\r", "\r\n", "\u{85}", "\u{2028}"] {
            let text = ["---", "title: A", "tags: [x]", "---", "Text"].join(end);
            let found = front_matter(&text).unwrap().unwrap();
            assert_eq!((&text[found.text_start..], found.fields.len()), ("Text", 2), "{end:?}");
            let text = ["+++", "title = 'A'", "b = = 2", "+++", "Text"].join(end);
            assert_eq!(front_matter(&text).unwrap_err().line, 3, "{end:?}");
        }
    }

    #[test]
    fn an_empty_block_is_front_matter() {
        for text in ["---\n---\nText", "+++\n+++\nText"] {
            assert_eq!(&text[front_matter(text).unwrap().unwrap().text_start..], "Text");
        }
    }

    #[test]
    fn lines_between_rules_without_a_key_are_text() {
        for text in [
            "",
            "---",
            "---\n",
            "---\ntitle: a\n",
            "---\n\nProse.\n\n---\n",
            "---\nProse.\n---\n",
            "--- a\nb: c\n---\n",
            "---\n# Harvest plan\n---\n",
            "---\n## Two\nProse one: two: three\n---\n",
            "---\n- one\n- two\n---\n",
            "+++\n# Harvest plan\n+++\n",
        ] {
            assert_eq!(front_matter(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn broken_front_matter_names_its_line() {
        let broken = front_matter("---\ntitle: a\nb: [1, 2\n---\nText").unwrap_err();
        assert!((3..=4).contains(&broken.line) && broken.language == "YAML", "{broken:?}");
        let broken = front_matter("+++\ntitle = 'a'\nb = = 2\n+++\nText").unwrap_err();
        assert_eq!((broken.line, broken.language), (3, "TOML"));
    }

    #[test]
    fn front_matter_nested_without_end_is_refused_instead_of_overflowing_the_stack() {
        let blocks = format!("---\n{}a\n---\n", "- ".repeat(20_000));
        assert!(front_matter(&blocks).unwrap_err().reason.contains("nested"));
        let flow = format!("---\na: {}\n---\n", "[".repeat(20_000));
        assert!(front_matter(&flow).is_err());
        let toml = format!("+++\na = {}\n+++\n", "[".repeat(20_000));
        assert!(front_matter(&toml).is_err());
    }

    #[test]
    fn headings_have_their_level_and_plain_text() {
        let text = "Intro\n\n  # One *two* `three` #\n\nBody\n\nUnder\nlined\n===\n\n### Deep {#id}\n";
        let found: Vec<_> =
            headings(text).into_iter().map(|h| (h.level, h.text, text[h.span.range()].lines().count())).collect();
        assert_eq!(found, [(1, "One two three".into(), 1), (1, "Under lined".into(), 3), (3, "Deep".into(), 1)]);
    }

    #[test]
    fn a_hash_in_code_or_in_a_quotation_is_no_heading() {
        assert_eq!(headings("```\n# no\n```\n\n    # no\n\n> # no\n\n- # no\n\n#no\n\n#\n"), []);
    }
}
