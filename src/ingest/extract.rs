//! What Markdown says about itself: front matter and headings. Pure functions of the text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value};

use crate::passage::Span;

/// Front matter longer than this, in bytes, is taken for text.
const LONGEST_FRONT_MATTER: usize = 64 * 1024;

/// Deepest indentation of a line of YAML. The YAML reader recurses, and would overflow the stack on a hostile file.
const DEEPEST_INDENT: usize = 120;

/// Front matter: what a document says of itself before its text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    /// Its keys, as written, and values as JSON; dates are strings.
    pub fields: Map<String, Value>,
    /// The byte that the text begins at, past the closing mark's line.
    pub text_start: usize,
}

/// Front matter that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenFrontMatter {
    /// `YAML` or `TOML`.
    pub language: &'static str,
    /// The line of the text that is wrong, 1-based.
    pub line: usize,
    /// What the reader said of it.
    pub reason: String,
}

/// A heading of a Markdown text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// From the start of its line to the end of its markup.
    pub span: Span,
    /// 1 to 6.
    pub level: usize,
    /// Its text without markup.
    pub text: String,
}

/// The front matter of a Markdown text: YAML between `---` lines, or TOML between `+++` lines. `None` if there is
/// none; a rule (`---`) over prose is not front matter.
pub fn front_matter(text: &str) -> Result<Option<FrontMatter>, BrokenFrontMatter> {
    let Some(first) = text.lines().next() else { return Ok(None) };
    let is_yaml = match first.trim_end() {
        "---" => true,
        "+++" => false,
        _ => return Ok(None),
    };
    let Some((inner, text_start)) = enclosed(text, is_yaml) else { return Ok(None) };
    let fields = if is_yaml { yaml(&text[inner.range()])? } else { Some(toml(&text[inner.range()])?) };
    Ok(fields.map(|fields| FrontMatter { fields, text_start }))
}

/// What stands between the opening mark's line and the closing one, and where the text goes on.
fn enclosed(text: &str, is_yaml: bool) -> Option<(Span, usize)> {
    let mut at = 0;
    let mut inner_start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if at == 0 {
            inner_start = line.len();
        } else if at == inner_start && content.is_empty() {
            return None;
        } else if content == if is_yaml { "---" } else { "+++" } || is_yaml && content == "..." {
            return Some((Span::new(inner_start, at), at + line.len()));
        }
        at += line.len();
        if at > LONGEST_FRONT_MATTER {
            return None;
        }
    }
    None
}

/// `None` where the YAML is no mapping: prose between two rules.
fn yaml(source: &str) -> Result<Option<Map<String, Value>>, BrokenFrontMatter> {
    let broken = |line, reason: &str| BrokenFrontMatter { language: "YAML", line, reason: reason.to_owned() };
    for (index, line) in source.lines().enumerate() {
        let indent = line.bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'-' | b'?' | b':')).count();
        if indent > DEEPEST_INDENT {
            return Err(broken(index + 2, "it is nested too deeply"));
        }
    }
    // The reader counts lines from 1, and the opening mark stands before its first.
    let nodes = Yaml::load_from_str(source).map_err(|error| broken(error.marker().line() + 1, error.info()))?;
    Ok(match nodes.into_iter().next() {
        None | Some(Yaml::Value(Scalar::Null)) => Some(Map::new()),
        Some(node) => match json_of_yaml(&node) {
            Value::Object(fields) => Some(fields),
            _ => None,
        },
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
        let line = before.matches('\n').count() + 2;
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

/// JSON has no infinity and no NaN; their names are kept.
fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number)
}

/// The headings of a Markdown text, in order. A `#` in a code fence is none, nor is one inside a list or a quotation.
pub fn headings(markdown: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<Heading> = None;
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_HEADING_ATTRIBUTES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                // The parser's offset leaves out the indentation.
                let start = markdown[..range.start].rfind('\n').map_or(0, |at| at + 1);
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
    fn a_rule_over_prose_is_not_front_matter() {
        for text in [
            "",
            "---",
            "---\n",
            "---\ntitle: a\n",
            "---\n\nProse.\n\n---\n",
            "---\nProse.\n---\n",
            "--- a\nb: c\n---\n",
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
