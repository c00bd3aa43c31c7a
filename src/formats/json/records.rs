//! Reads values without text as a table is read: a line for each, with the name of each value.

use serde_json::Value;

use super::super::{Extracted, Options, Result, builder::Builder, versions};
use super::fields::{Fields, is_field, pointer_to, scalar};
use super::{Failure, Item};
use crate::passage::{At, Format};

/// Longer names and pointers are not continued: with many values under a long name they would outgrow the file.
const MAX_NAME_BYTES: usize = 500;

/// One document with all items.
pub(super) fn read(format: Format, items: &[Item], fields: &Fields, options: &Options) -> Result<Extracted> {
    let mut builder = Builder::new(versions::JSON, options.max_text_bytes);
    let mut document = Extracted { format, ..Extracted::default() };
    match items {
        [item] => {
            fields.describe(&item.value, &mut document);
            for_leaves(&item.value, "", &item.pointer, &mut |name, text, pointer| {
                let at = At::Item { line: item.line, pointer: pointer.to_owned() };
                builder.line(&pair(name, text), Some(at)).map(|_| ())
            })?;
        }
        items => {
            for item in items {
                let at = Some(At::Item { line: item.line, pointer: item.pointer.clone() });
                let (line, values) = record(&item.value, options)?;
                let start = builder.text().len();
                builder.line(&line, at)?;
                if values > 1 {
                    builder.row(start, None);
                }
            }
        }
    }
    (document.text, document.layout) = builder.finish();
    if document.text.is_empty() {
        return Err(Failure::new("has no values", "check that it is the right file"));
    }
    Ok(document)
}

/// Adds a line for each value of an item that is no field of its document, and not its `text`.
pub(super) fn others(builder: &mut Builder, item: &Item, text: &str) -> Result<()> {
    let members = item.value.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| *name != text && !is_field(name));
    for (name, value) in members {
        for_leaves(value, name, &pointer_to(&item.pointer, name), &mut |name, text, pointer| {
            let at = At::Item { line: item.line, pointer: pointer.to_owned() };
            builder.line(&pair(name, text), Some(at)).map(|_| ())
        })?;
    }
    Ok(())
}

/// `name: value; name: value`, and how many values there are.
fn record(value: &Value, options: &Options) -> Result<(String, usize)> {
    let (mut line, mut values) = (String::new(), 0);
    for_leaves(value, "", "", &mut |name, text, _| {
        values += 1;
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(&pair(name, text));
        if line.len() > options.max_text_bytes {
            return Err(Failure::too_much_text(options.max_text_bytes));
        }
        Ok(())
    })?;
    Ok((line, values))
}

fn pair(name: &str, text: &str) -> String {
    if name.is_empty() { text.to_owned() } else { format!("{name}: {text}") }
}

/// Calls `add` with the name, text and pointer of each value in a value. Names of nested values are joined with dots.
fn for_leaves(
    value: &Value,
    name: &str,
    pointer: &str,
    add: &mut dyn FnMut(&str, &str, &str) -> Result<()>,
) -> Result<()> {
    match value {
        Value::Null => Ok(()),
        Value::Bool(truth) => add(name, &truth.to_string(), pointer),
        Value::String(_) | Value::Number(_) => scalar(value).map_or(Ok(()), |text| add(name, &text, pointer)),
        Value::Array(list) if list.iter().all(is_scalar) => {
            let texts: Vec<String> = list.iter().filter_map(scalar).collect();
            if texts.is_empty() { Ok(()) } else { add(name, &texts.join(", "), pointer) }
        }
        Value::Array(list) => list.iter().enumerate().try_for_each(|(index, value)| {
            let inner = (joined(name, &(index + 1).to_string()), shorter(pointer, format!("{pointer}/{index}")));
            for_leaves(value, &inner.0, &inner.1, add)
        }),
        Value::Object(object) => object.iter().try_for_each(|(key, value)| {
            let inner = (joined(name, key), shorter(pointer, pointer_to(pointer, key)));
            for_leaves(value, &inner.0, &inner.1, add)
        }),
    }
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

fn joined(outer: &str, name: &str) -> String {
    shorter(outer, if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") })
}

/// The name of an inner value, or that of the outer one if it is too long.
fn shorter(outer: &str, inner: String) -> String {
    if inner.len() > MAX_NAME_BYTES { outer.to_owned() } else { inner }
}
