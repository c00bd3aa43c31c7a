//! Splits a file into its documents: the articles of a digest, a plain text, or Markdown with front matter.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::dates::document_date;
use super::digest::{self, Article};
use super::extract::{self, BrokenFrontMatter};
use super::read::SourceFile;
use super::title::{MAX_TITLE_CHARS, UPLOAD, is_title, stem};
use crate::error::{Error, Result};
use crate::lines::contents;
use crate::passage::{Format, NewDocument};

/// Characters that are percent-encoded in the path of a file URI (all but `pchar` and `/` of RFC 3986).
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The documents of a file, each with the file as [`NewDocument::origin`] and a [`NewDocument::uri`] of its own. A
/// document without text stays in the list, so that an earlier version of it is removed.
///
/// A plain text that is a digest gives a document for each article: a line with the title, then the text, which ends with
/// the publisher in parentheses; lines with `#tag` label the articles below them. An article without a publisher has no
/// source.
///
/// # Errors
///
/// [`Error::Document`] for front matter that cannot be parsed; it names the file and the line.
pub fn split(file: &SourceFile) -> Result<Vec<NewDocument>> {
    match file.format {
        Format::Markdown => markdown(file).map(|document| vec![document]),
        _ => Ok(digest(file).unwrap_or_else(|| vec![plain(file)])),
    }
}

/// The documents of an uploaded file. Their id is the file's name, for a digest with the mark of the article, unless the
/// file gives an id itself. Uploading a file of the same name again replaces them all.
///
/// # Errors
///
/// Those of [`split`].
pub fn split_upload(file: &SourceFile) -> Result<Vec<NewDocument>> {
    let name = file.path.display().to_string();
    let place = file_uri(&file.path);
    let named = |mut document: NewDocument| {
        document.origin = Some(format!("{UPLOAD}{name}"));
        if let Some(mark) = document.uri.as_deref().and_then(|uri| uri.strip_prefix(&place)) {
            let id = format!("{name}{}", mark.replacen('#', "-", 1));
            document.id.get_or_insert(id);
            document.uri = None;
        }
        document
    };
    Ok(split(file)?.into_iter().map(named).collect())
}

/// The documents of a digest; `None` if the file is not one.
fn digest(file: &SourceFile) -> Option<Vec<NewDocument>> {
    let uri = file_uri(&file.path);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let document = |article: Article<'_>, name: &str, occurrence: usize| {
        // The title identifies the article, not its position, so that an article inserted before it changes nothing.
        let mut uri = format!("{uri}#{}", &blake3::hash(name.as_bytes()).to_hex()[..8]);
        if occurrence > 1 {
            write!(uri, "-{occurrence}").ok();
        }
        NewDocument {
            title: article.title.map(str::to_owned),
            text: article.text.to_owned(),
            source: article.publisher.map(str::to_owned),
            tags: article.tag.map(str::to_owned).into_iter().collect(),
            uri: Some(uri),
            ..blank(file)
        }
    };
    let mut documents = Vec::new();
    for article in digest::articles(&file.text)? {
        let name = article.title.unwrap_or_else(|| &article.text[..article.text.floor_char_boundary(MAX_TITLE_CHARS)]);
        let occurrence = seen.entry(name).or_default();
        *occurrence += 1;
        documents.push(document(article, name, *occurrence));
    }
    Some(documents)
}

fn plain(file: &SourceFile) -> NewDocument {
    let mut lines = contents(&file.text).map(str::trim).filter(|line| !line.is_empty());
    let title = match (lines.next(), lines.next()) {
        (Some(first), next) if is_title(first, next) => Some(first.to_owned()),
        _ => stem(&file.path),
    };
    NewDocument { title, text: file.text.clone(), uri: Some(file_uri(&file.path)), ..blank(file) }
}

fn markdown(file: &SourceFile) -> Result<NewDocument> {
    let front =
        extract::front_matter(&file.text).map_err(|broken| front_matter_error(file, &broken))?.unwrap_or_default();
    let text = &file.text[front.text_start..];
    let mut document = NewDocument { text: text.to_owned(), ..blank(file) };
    for (key, value) in front.fields {
        if let Some(unused) = take_field(&mut document, &key, value) {
            document.metadata.insert(key, unused);
        }
    }
    document.uri.get_or_insert_with(|| file_uri(&file.path));
    Ok(document)
}

/// Sets the field of the document that a key of the front matter stands for. Returns the value if the key stands for no
/// field, the field is set already, or the value cannot be read.
fn take_field(document: &mut NewDocument, key: &str, value: Value) -> Option<Value> {
    let key = key.to_lowercase();
    let slot = match key.as_str() {
        "tags" | "keywords" => {
            let Some(tags) = labels(&value) else { return Some(value) };
            for tag in tags {
                if !document.tags.contains(&tag) {
                    document.tags.push(tag);
                }
            }
            return None;
        }
        "date" | "published" => {
            if let (None, Some(date)) = (&document.published, written_date(&value).as_deref().and_then(document_date)) {
                document.published = Some(date);
                return None;
            }
            return Some(value);
        }
        "title" => &mut document.title,
        "id" => &mut document.id,
        "author" | "authors" | "source" | "publisher" => &mut document.source,
        "lang" | "language" => &mut document.language,
        "url" | "uri" | "link" => &mut document.uri,
        _ => return Some(value),
    };
    let written = match &value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) if key.starts_with("author") => labels(&value).unwrap_or_default().join(", "),
        _ => String::new(),
    };
    if slot.is_some() || written.is_empty() {
        return Some(value);
    }
    *slot = Some(written);
    None
}

/// A note on a date in the metadata of a document without a date, if it cannot be read.
pub(super) fn note_on_date(document: &NewDocument) -> Option<String> {
    let is_date = |key: &str| matches!(key.to_lowercase().as_str(), "date" | "published");
    let (key, value) = document.metadata.iter().find(|(key, value)| is_date(key) && !value.is_null())?;
    let written = written_date(value).unwrap_or_else(|| value.to_string());
    if document.published.is_some() || document_date(&written).is_some() {
        return None;
    }
    Some(format!(
        "its {key} `{written}` cannot be read as one date, so the document has none; write it as in 2026-01-31 (the value \
         is kept in the metadata)"
    ))
}

/// A date as it was written. YAML reads `20260210` and `2026` as numbers.
fn written_date(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// The labels in a list, or in a string with commas. `None` if the value is neither.
fn labels(value: &Value) -> Option<Vec<String>> {
    let label = |value: &Value| match value {
        Value::String(label) => Some(label.trim().to_owned()),
        Value::Number(label) => Some(label.to_string()),
        _ => None,
    };
    let mut labels = match value {
        Value::Array(values) => values.iter().map(label).collect::<Option<Vec<_>>>()?,
        Value::String(list) => list.split([',', '，', '、']).map(|label| label.trim().to_owned()).collect(),
        _ => return None,
    };
    labels.retain(|label| !label.is_empty());
    Some(labels)
}

/// A document of a file, without text.
fn blank(file: &SourceFile) -> NewDocument {
    let origin = Some(file.path.display().to_string());
    NewDocument { format: file.format, origin, ..NewDocument::default() }
}

pub(crate) fn file_uri(path: &Path) -> String {
    format!("file://{}", utf8_percent_encode(&path.to_string_lossy(), NOT_IN_PATH))
}

fn front_matter_error(file: &SourceFile, broken: &BrokenFrontMatter) -> Error {
    Error::Document {
        document: file.path.display().to_string(),
        reason: format!("line {}: the front matter is not valid {}: {}", broken.line, broken.language, broken.reason),
        hint: "correct that line, or remove the front matter and the marks around it".to_owned(),
    }
}

#[cfg(test)]
mod tests;
