//! JSON, and JSON in lines (JSONL).
//!
//! Objects that have a field with text become documents. Beside a description the other values are read, too. Where there is no text, the values are read as a table is: one
//! line for each object, each value with its name.

mod fields;
mod records;

use serde_json::Value;

use super::{Contents, Extracted, Failure, Options, Result, builder::Builder, text, versions};
use crate::passage::{At, Format};
use fields::Fields;

/// The most values of a file, by their separators: each takes many times its own bytes of memory.
const MAX_VALUES: usize = 2_000_000;

/// The most broken lines that a note names.
const MAX_NAMED: usize = 5;

/// Members that hold a file's items, if the file is one object.
const CONTAINERS: &[&str] = &[
    "items",
    "articles",
    "documents",
    "docs",
    "posts",
    "entries",
    "pages",
    "messages",
    "records",
    "rows",
    "results",
    "data",
    "hits",
    "features",
];

/// A value that may be a document.
struct Item {
    value: Value,
    /// The line of its file, from 1; 0 if the file is one value.
    line: u32,
    /// Where it stands in its line, as a JSON pointer.
    pointer: String,
    /// From 1.
    number: usize,
}

/// Reads a file of one of these formats.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    let decoded = text::decode(bytes, options)?;
    let mut notes = decoded.notes();
    let separators = decoded.text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{' | b'\n')).count();
    if separators > MAX_VALUES {
        return Err(Failure::new(format!("has more than {MAX_VALUES} values"), "split it"));
    }
    let of_encoding = notes.len();
    let items = match format {
        Format::Jsonl => lines(&decoded.text, &mut notes)?,
        _ => whole(&decoded.text, &mut notes)?,
    };
    let incomplete = notes.len() > of_encoding;
    let mut contents = documents(format, &items, notes, options)?;
    if let Some(first) = contents.documents.first_mut() {
        first.incomplete = incomplete;
    }
    Ok(contents)
}

/// The items of a file that is one value. Files of lines are often named `.json`, too.
fn whole(text: &str, notes: &mut Vec<String>) -> Result<Vec<Item>> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(items(value)),
        Err(error) => lines(text, &mut Vec::new())
            .ok()
            .filter(|items| items.len() > 1)
            .map_or_else(|| Err(not_json(&error)), |_| lines(text, notes)),
    }
}

fn not_json(error: &serde_json::Error) -> Failure {
    Failure::new(format!("is not JSON ({error})"), "correct it, or rename it if it is of another format")
}

/// One item for each line. A broken line never stops the others.
fn lines(text: &str, notes: &mut Vec<String>) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut broken = 0_usize;
    let mut first_error = None;
    // Only LF ends a line here: other line breaks may stand in strings.
    for (index, line) in text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(value) => {
                let number = items.len() + 1;
                items.push(Item { value, line: index as u32 + 1, pointer: String::new(), number });
            }
            Err(error) => {
                broken += 1;
                if broken <= MAX_NAMED {
                    // The error's own line is 1, since it was given one line.
                    let reason = error.to_string().replace(" at line 1 column", " at column");
                    notes.push(format!("has a line that is not JSON: line {} ({reason})", index + 1));
                }
                first_error.get_or_insert(error);
            }
        }
    }
    if broken > MAX_NAMED {
        notes.push(format!("has {} more lines that are not JSON", broken - MAX_NAMED));
    }
    match first_error {
        // A value that is written over several lines.
        Some(error) if items.is_empty() || broken > items.len() => match serde_json::from_str(text) {
            Ok(value) => {
                notes.retain(|note| !note.contains("not JSON"));
                Ok(self::items(value))
            }
            Err(_) if items.is_empty() => Err(not_json(&error)),
            Err(_) => Ok(items),
        },
        _ => Ok(items),
    }
}

/// The items of a value: the elements of a list, also of one inside an object; else the value itself.
fn items(value: Value) -> Vec<Item> {
    let of_list = |list: Vec<Value>, base: &str| {
        let item = |(index, value)| Item { value, line: 0, pointer: format!("{base}/{index}"), number: index + 1 };
        list.into_iter().enumerate().map(item).collect()
    };
    let one = |value| vec![Item { value, line: 0, pointer: String::new(), number: 1 }];
    match value {
        Value::Array(list) => of_list(list, ""),
        Value::Object(mut object) => {
            let is_list = |name: &&&str| matches!(object.get(**name), Some(Value::Array(list)) if is_of_objects(list));
            let Some(&name) = CONTAINERS.iter().find(is_list) else { return one(Value::Object(object)) };
            match object.remove(name) {
                Some(Value::Array(list)) => of_list(list, &format!("/{name}")),
                _ => one(Value::Object(object)),
            }
        }
        other => one(other),
    }
}

fn is_of_objects(list: &[Value]) -> bool {
    !list.is_empty() && list.iter().all(Value::is_object)
}

fn documents(format: Format, items: &[Item], notes: Vec<String>, options: &Options) -> Result<Contents> {
    let fields = Fields::new(&options.json);
    let is_one = items.len() == 1;
    let mut documents = Vec::new();
    let mut without_text = 0_usize;
    for item in items {
        let pieces = fields.text(&item.value);
        if pieces.is_empty() {
            without_text += 1;
            continue;
        }
        let partial = fields.partial(&pieces);
        let mut builder = Builder::new(versions::JSON, options.max_text_bytes);
        for (text, pointer) in pieces {
            let pointer = format!("{}{pointer}", item.pointer);
            builder.paragraph(&text, Some(At::Item { line: item.line, pointer }))?;
        }
        if let Some(description) = partial {
            records::others(&mut builder, item, description)?;
        }
        let (text, layout) = builder.finish();
        let mut document = Extracted { format, text, layout, ..Extracted::default() };
        let id = fields.describe(&item.value, &mut document);
        if !is_one {
            document.part = id.unwrap_or_else(|| item.number_or_line());
        }
        documents.push(document);
    }
    if documents.is_empty() {
        documents.push(records::read(format, items, &fields, options)?);
        without_text = 0;
    }
    if let Some(first) = documents.first_mut() {
        first.notes = notes;
        match without_text {
            0 => {}
            1 => first.notes.push("is in a file with an item without text".to_owned()),
            _ => first.notes.push(format!("is in a file with {without_text} items without text")),
        }
    }
    Ok(Contents { documents, files: Vec::new() })
}

impl Item {
    fn number_or_line(&self) -> String {
        if self.line > 0 { self.line.to_string() } else { self.number.to_string() }
    }
}

#[cfg(test)]
mod tests;
