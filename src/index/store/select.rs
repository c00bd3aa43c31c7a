//! The passages that a filter lets through, found by SQL that is made from it. Values are always bound, never spliced.

use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use super::Store;
use crate::error::Result;
use crate::filter::{Comparison, Field, Filter};

impl Store {
    /// The keys of the passages of all documents that meet the filter, ascending.
    pub fn passages_where(&self, filter: &Filter) -> Result<Vec<u64>> {
        let mut values = Vec::new();
        let condition = condition(filter, &mut values);
        let query = format!(
            "SELECT p.key FROM documents d JOIN passages p ON p.document = d.key WHERE {condition} ORDER BY p.key"
        );
        self.read(|reader| {
            let mut query = reader.prepare(&query)?;
            let keys = query.query_map(rusqlite::params_from_iter(&values), |row| row.get::<_, i64>(0))?;
            keys.map(|key| key.map(|key| key as u64)).collect()
        })
    }
}

/// The condition as an expression that is 0 or 1, never null; its values in the order of its parameters.
fn condition(filter: &Filter, values: &mut Vec<SqlValue>) -> String {
    match filter {
        Filter::All(filters) => joined(filters, " AND ", "1", values),
        Filter::Any(filters) => joined(filters, " OR ", "0", values),
        Filter::Not(filter) => format!("NOT {}", condition(filter, values)),
        Filter::Is(field, comparison, value) => comparison_with(field, *comparison, value, values),
    }
}

fn joined(filters: &[Filter], by: &str, none: &str, values: &mut Vec<SqlValue>) -> String {
    let parts: Vec<String> = filters.iter().map(|filter| condition(filter, values)).collect();
    if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(by)) }
}

fn comparison_with(field: &Field, comparison: Comparison, value: &Value, values: &mut Vec<SqlValue>) -> String {
    let mut bind = |value: SqlValue| {
        values.push(value);
        format!("?{}", values.len())
    };
    let operator = match comparison {
        Comparison::Equal => "=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
    };
    let column = match field {
        Field::Id => "d.id",
        Field::Title => "d.title",
        Field::Source => "d.source",
        Field::Uri => "d.uri",
        Field::Language => {
            let value = bind(sql(value));
            // RFC 4647, basic filtering: a range is a prefix that ends where a subtag does.
            return match comparison {
                Comparison::Equal => format!(
                    "coalesce(lower(d.language) = lower({value})
                     OR substr(lower(d.language), 1, length({value}) + 1) = lower({value}) || '-', 0)"
                ),
                _ => format!("coalesce(d.language {operator} {value}, 0)"),
            };
        }
        Field::Published => {
            let value = bind(sql(value));
            return format!("coalesce(substr(d.published, 1, length({value})) {operator} {value}, 0)");
        }
        Field::Tags => {
            let value = bind(sql(value));
            return format!("EXISTS (SELECT 1 FROM json_each(d.tags) t WHERE t.value {operator} {value})");
        }
        Field::Metadata(name) => {
            let (name, kind) = (bind(name.clone().into()), kinds(value));
            let value = bind(sql(value));
            // A single value is a list of one.
            return format!(
                "EXISTS (SELECT 1 FROM json_each(d.metadata) m
                 JOIN json_each(CASE m.type WHEN 'array' THEN m.value ELSE json_array(m.value) END) e
                 WHERE m.key = {name} AND iif(m.type = 'array', e.type, m.type) IN ({kind}) AND e.value {operator} {value})"
            );
        }
    };
    let value = bind(sql(value));
    format!("coalesce({column} {operator} {value}, 0)")
}

/// SQLite's names for what a JSON value may equal: it would take `true` for 1.
fn kinds(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "'true', 'false'",
        Value::Number(_) => "'integer', 'real'",
        _ => "'text'",
    }
}

fn sql(value: &Value) -> SqlValue {
    match value {
        Value::String(text) => text.clone().into(),
        Value::Bool(truth) => i64::from(*truth).into(),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().unwrap_or_default().into(), SqlValue::from)
        }
        Value::Null | Value::Array(_) | Value::Object(_) => SqlValue::Null,
    }
}
