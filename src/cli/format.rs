//! Output formats, and JSON lines.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

/// The output formats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text: coloured and wrapped on a terminal, plain elsewhere
    #[default]
    Cli,
    /// One JSON object, as in the HTTP API
    Json,
    /// One JSON object per line, each with its `type`
    Ndjson,
    /// Markdown to paste into notes; text from documents is escaped
    Md,
}

/// The options for the output format.
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// Output format [default: cli]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Print one JSON object, like --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl FormatArgs {
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format.unwrap_or_default() }
    }
}

/// The object `value` with a `type`.
pub(crate) fn typed(kind: &str, value: Value) -> Value {
    let mut fields = match value {
        Value::Object(fields) => fields,
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    fields.insert("type".to_owned(), Value::from(kind));
    Value::Object(fields)
}

/// `whole` without its field `list`, and the items of that list, each with the type `kind`.
pub(crate) fn split(mut whole: Value, list: &str, kind: &str) -> (Value, Vec<Value>) {
    let items = whole.as_object_mut().and_then(|fields| fields.remove(list));
    let items = match items {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    (whole, items.into_iter().map(|item| typed(kind, item)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_short_for_a_form_and_people_are_the_default() {
        let args = |format, json| FormatArgs { format, json }.format();
        assert_eq!(args(None, false), Format::Cli);
        assert_eq!(args(None, true), Format::Json);
        assert_eq!(args(Some(Format::Md), false), Format::Md);
    }

    #[test]
    fn a_list_becomes_a_line_for_each_item_and_the_rest_stays() {
        let (rest, items) = split(json!({"a": 1, "list": [{"id": 1}, {"id": 2}]}), "list", "item");
        assert_eq!(rest, json!({"a": 1}));
        assert_eq!(items, [json!({"id": 1, "type": "item"}), json!({"id": 2, "type": "item"})]);
        assert_eq!(split(json!({"a": 1}), "list", "item").1, Vec::<Value>::new());
    }
}
