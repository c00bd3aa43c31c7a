//! The passages that a filter lets through, found by SQL that is made from it. Values are always bound, never spliced.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use super::Snapshot;
use super::failure::Failure;
use crate::error::Result;
use crate::filter::{Comparison, Field, Filter};
use crate::index::passages::Allowed;
use crate::language_tag::Ranges;
use crate::terms::fold;

/// With at most this many passages, of at most this many documents, each is listed.
const MAX_KEYS: usize = 8_192;
const MAX_DOCUMENTS: usize = 1_024;

impl Snapshot<'_> {
    /// The passages of all documents that meet the filter: few by their keys, many by their documents.
    pub fn passages_where(&self, filter: &Filter) -> Result<Allowed> {
        let documents = self.documents_where(filter)?;
        if documents.len() <= MAX_DOCUMENTS
            && let Some(keys) = self.read(|reader| keys_of_all(reader, documents.iter()))?
        {
            return Ok(Allowed::Passages(keys));
        }
        Ok(Allowed::Documents(documents))
    }

    /// How many documents meet a filter.
    pub fn count(&self, filter: &Filter) -> Result<usize> {
        let mut values = Vec::new();
        let condition = condition(filter, &mut values);
        let query = format!("SELECT count(*) FROM documents d WHERE {condition}");
        self.read(|reader| {
            let count = || reader.query_row(&query, rusqlite::params_from_iter(&values), |row| row.get::<_, i64>(0));
            let count = count().map_err(|error: rusqlite::Error| or_malformed_json(reader, error))?;
            Ok::<_, Failure>(usize::try_from(count).unwrap_or_default())
        })
    }
}

/// The keys of the passages of these documents, ascending; `None` if there are too many. Only an index is read.
fn keys_of_all(reader: &Connection, documents: impl Iterator<Item = u64>) -> rusqlite::Result<Option<Vec<u64>>> {
    let mut query = reader.prepare_cached("SELECT key FROM passages WHERE document = ?1 ORDER BY ordinal")?;
    let mut keys = Vec::new();
    for document in documents {
        let found = query.query_map([document.cast_signed()], |row| row.get::<_, i64>(0))?;
        for key in found {
            keys.push(key?.cast_unsigned());
        }
        if keys.len() > MAX_KEYS {
            return Ok(None);
        }
    }
    keys.sort_unstable();
    Ok(Some(keys))
}

/// The error of a query that a filter is part of, which may be that a document's JSON is malformed.
pub(super) fn or_malformed_json(reader: &Connection, error: rusqlite::Error) -> Failure {
    match document_with_malformed_json(reader) {
        Ok(Some(document)) => Failure::Damaged { document, reason: "its tags or metadata are not JSON".into() },
        _ => error.into(),
    }
}

/// The id of the document whose JSON is malformed, if there is one: SQLite ends a query there without naming it.
fn document_with_malformed_json(reader: &Connection) -> rusqlite::Result<Option<String>> {
    let query = "SELECT id FROM documents WHERE NOT (json_valid(tags) AND json_valid(metadata)) LIMIT 1";
    reader.query_row(query, [], |row| row.get(0)).optional()
}

/// The condition as an expression that is 0 or 1, never null; its values in the order of its parameters.
pub(super) fn condition(filter: &Filter, values: &mut Vec<SqlValue>) -> String {
    if let (Some(field), Filter::Any(filters)) = (filter.one_field(), filter)
        && let Some(condition) = equals_one_of(field, filters, values)
    {
        return condition;
    }
    match filter {
        Filter::All(filters) => joined(filters, " AND ", "1", values),
        Filter::Any(filters) => joined(filters, " OR ", "0", values),
        Filter::Not(filter) => format!("NOT {}", condition(filter, values)),
        Filter::Is(field, comparison, value) => comparison_with(field, *comparison, value, values),
        Filter::Has(field) => presence(field, values),
    }
}

fn joined(filters: &[Filter], by: &str, none: &str, values: &mut Vec<SqlValue>) -> String {
    let parts: Vec<String> = filters.iter().map(|filter| condition(filter, values)).collect();
    if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(by)) }
}

/// The condition that a field equals one of several values, as one comparison; `None` where equality is not that of SQL.
fn equals_one_of(field: &Field, filters: &[Filter], values: &mut Vec<SqlValue>) -> Option<String> {
    if !field.is_compared_at_once() {
        return None;
    }
    let given =
        filters.iter().filter_map(|filter| if let Filter::Is(_, _, value) = filter { Some(value) } else { None });
    // In metadata a text, a number and a boolean are never equal.
    let mut by_kind: Vec<(&'static str, Vec<&Value>)> = Vec::new();
    for value in given {
        match by_kind.iter_mut().find(|(kind, _)| *kind == kinds(value)) {
            Some((_, values)) => values.push(value),
            None => by_kind.push((kinds(value), vec![value])),
        }
    }
    let conditions = by_kind.into_iter().map(|(kind, given)| {
        let mut bind = |value: SqlValue| {
            values.push(value);
            format!("?{}", values.len())
        };
        let name = if let Field::Metadata(name) = field { bind(name.clone().into()) } else { String::new() };
        let list = given.into_iter().map(|value| bind(sql(value))).collect::<Vec<_>>().join(", ");
        match field {
            Field::Tags => format!("EXISTS (SELECT 1 FROM json_each(d.tags) t WHERE t.value IN ({list}))"),
            Field::Metadata(_) => in_metadata(&name, kind, &format!("e.value IN ({list})")),
            field => format!("coalesce({} IN ({list}), 0)", column(field)),
        }
    });
    Some(format!("({})", conditions.collect::<Vec<_>>().join(" OR ")))
}

/// The condition that a value of that name and kind meets `test`; a single value is a list of one.
fn in_metadata(name: &str, kind: &str, test: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM json_each(d.metadata) m
         JOIN json_each(CASE m.type WHEN 'array' THEN m.value ELSE json_array(m.value) END) e
         WHERE m.key = {name} AND iif(m.type = 'array', e.type, m.type) IN ({kind}) AND {test})"
    )
}

fn comparison_with(field: &Field, comparison: Comparison, value: &Value, values: &mut Vec<SqlValue>) -> String {
    let folded = match (comparison, value) {
        (Comparison::Like | Comparison::Same, Value::String(text)) => Some(Value::String(fold(text))),
        _ => None,
    };
    let value = folded.as_ref().unwrap_or(value);
    let mut bind = |value: SqlValue| {
        values.push(value);
        format!("?{}", values.len())
    };
    match field {
        Field::Language => {
            // RFC 4647, basic filtering: a range is a prefix that ends where a subtag does.
            let Some(written) = value.as_str().filter(|_| comparison == Comparison::Equal) else {
                let value = bind(sql(value));
                return format!("coalesce({}, 0)", compared("d.language", comparison, &value));
            };
            let Ranges { prefixes, exactly } = Ranges::of(written);
            let mut ways: Vec<String> = Vec::new();
            for prefix in prefixes {
                let value = bind(SqlValue::Text(prefix));
                ways.push(format!(
                    "lower(d.language) = {value}
                     OR substr(lower(d.language), 1, length({value}) + 1) = {value} || '-'"
                ));
            }
            if let Some(tag) = exactly {
                ways.push(format!("lower(d.language) = {}", bind(SqlValue::Text(tag))));
            }
            format!("coalesce({}, 0)", ways.join(" OR "))
        }
        Field::Published => {
            let value = bind(sql(value));
            let date = format!("substr(d.published, 1, length({value}))");
            let compared = match comparison {
                Comparison::Contains
                | Comparison::StartsWith
                | Comparison::EndsWith
                | Comparison::Like
                | Comparison::Same => compared("d.published", comparison, &value),
                Comparison::Equal => compared(&date, comparison, &value),
                // A month is neither before nor after a day in it.
                _ => compared(&date, comparison, &format!("substr({value}, 1, length(d.published))")),
            };
            format!("coalesce({compared}, 0)")
        }
        Field::Tags => {
            let value = bind(sql(value));
            format!("EXISTS (SELECT 1 FROM json_each(d.tags) t WHERE {})", compared("t.value", comparison, &value))
        }
        Field::Metadata(name) => {
            let (name, kind) = (bind(name.clone().into()), kinds(value));
            let value = bind(sql(value));
            in_metadata(&name, kind, &compared("e.value", comparison, &value))
        }
        field => {
            let value = bind(sql(value));
            format!("coalesce({}, 0)", compared(column(field), comparison, &value))
        }
    }
}

fn compared(subject: &str, comparison: Comparison, value: &str) -> String {
    let operator = match comparison {
        Comparison::Equal => "=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Contains => return format!("instr(lower({subject}), lower({value})) > 0"),
        Comparison::StartsWith => return format!("substr(lower({subject}), 1, length({value})) = lower({value})"),
        Comparison::EndsWith => {
            return format!("substr(lower({subject}), length({subject}) - length({value}) + 1) = lower({value})");
        }
        // The value is folded already.
        Comparison::Like => return format!("instr(folded({subject}), {value}) > 0"),
        Comparison::Same => return format!("folded({subject}) = {value}"),
    };
    format!("{subject} {operator} {value}")
}

/// The column of a field that has one of its own.
fn column(field: &Field) -> &'static str {
    match field {
        Field::Id => "d.id",
        Field::Title => "d.title",
        Field::Source => "d.source",
        Field::Uri => "d.uri",
        Field::Language => "d.language",
        Field::Published => "d.published",
        Field::Format => "d.format",
        Field::Tags => "d.tags",
        Field::Metadata(_) => "d.metadata",
    }
}

fn presence(field: &Field, values: &mut Vec<SqlValue>) -> String {
    match field {
        Field::Tags => "d.tags <> '[]'".to_owned(),
        Field::Metadata(name) => {
            values.push(name.clone().into());
            format!(
                "EXISTS (SELECT 1 FROM json_each(d.metadata) m WHERE m.key = ?{} AND m.type <> 'null'
                 AND m.value NOT IN ('', '[]', '{{}}'))",
                values.len()
            )
        }
        field => format!("coalesce({} <> '', 0)", column(field)),
    }
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
