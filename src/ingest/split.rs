//! One file in, its documents out: a digest of articles, a plain text, or Markdown with front matter.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::extract::{self, BrokenFrontMatter};
use super::read::SourceFile;
use crate::error::{Error, Result};
use crate::passage::{Format, NewDocument};

/// A longer first line, in characters, is no title.
const LONGEST_TITLE: usize = 200;

/// A longer parenthesis at the end of an article, in characters, does not name its publisher.
const LONGEST_PUBLISHER: usize = 60;

/// A longer line that begins with `#`, in characters, is no tag of a digest.
const LONGEST_TAG: usize = 80;

/// What is not left as it is in the path of a file URI (RFC 3986, `pchar` and `/`).
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

/// The documents of a file, each with its file as [`NewDocument::origin`] and a [`NewDocument::uri`] of its own.
///
/// A plain text is a digest of articles where every line fits: `#tag` lines, then for each article a line that is its
/// title and a line that is its text and ends in its publisher, in parentheses. Otherwise it is one document, as
/// Markdown is.
///
/// Broken front matter is an [`Error::Document`] that names the file and the line.
pub fn split(file: &SourceFile) -> Result<Vec<NewDocument>> {
    match file.format {
        Format::Plain => Ok(digest(file).unwrap_or_else(|| vec![plain(file)])),
        Format::Markdown => markdown(file).map(|document| vec![document]),
    }
}

/// The documents of a file that was sent. Their identity is the file's name, with the mark of the article where it is
/// a digest, unless the file gives an id itself.
pub fn split_upload(file: &SourceFile) -> Result<Vec<NewDocument>> {
    let name = file.path.display().to_string();
    let place = file_uri(&file.path);
    let named = |mut document: NewDocument| {
        document.origin = None;
        if let Some(mark) = document.uri.as_deref().and_then(|uri| uri.strip_prefix(&place)) {
            let id = format!("{name}{}", mark.replacen('#', "-", 1));
            document.id.get_or_insert(id);
            document.uri = None;
        }
        document
    };
    Ok(split(file)?.into_iter().map(named).collect())
}

struct Article<'a> {
    tag: Option<&'a str>,
    title: &'a str,
    text: &'a str,
    publisher: &'a str,
}

/// The articles of a digest; `None` if the file is not one.
fn digest(file: &SourceFile) -> Option<Vec<NewDocument>> {
    let articles = articles(&file.text)?;
    let uri = file_uri(&file.path);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let document = |article: Article<'_>, occurrence: usize| {
        // The title, not the place, so that an article put before it does not make it another document.
        let mut uri = format!("{uri}#{}", &blake3::hash(article.title.as_bytes()).to_hex()[..8]);
        if occurrence > 1 {
            write!(uri, "-{occurrence}").ok();
        }
        NewDocument {
            title: Some(article.title.to_owned()),
            text: article.text.to_owned(),
            source: Some(article.publisher.to_owned()),
            tags: article.tag.map(str::to_owned).into_iter().collect(),
            uri: Some(uri),
            ..blank(file)
        }
    };
    Some(
        articles
            .into_iter()
            .map(|article| {
                let occurrence = seen.entry(article.title).or_default();
                *occurrence += 1;
                document(article, *occurrence)
            })
            .collect(),
    )
}

fn articles(text: &str) -> Option<Vec<Article<'_>>> {
    let mut found = Vec::new();
    let mut tag = None;
    let mut title = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match title.take() {
            Some(title) => found.push(article(tag, title, line)?),
            None => match line.trim().strip_prefix('#') {
                Some(label) => tag = Some(tag_of(label)?),
                None if line.trim().chars().nth(LONGEST_TITLE).is_some() => return None,
                None => title = Some(line.trim()),
            },
        }
    }
    let is_digest = title.is_none() && (found.len() > 1 || found.iter().any(|article| article.tag.is_some()));
    is_digest.then_some(found)
}

fn tag_of(label: &str) -> Option<&str> {
    let label = label.trim();
    (!label.is_empty() && !label.starts_with('#') && label.chars().count() <= LONGEST_TAG).then_some(label)
}

fn article<'a>(tag: Option<&'a str>, title: &'a str, line: &'a str) -> Option<Article<'a>> {
    let (text, publisher) = signed(line)?;
    (text.trim().chars().count() > title.chars().count()).then_some(Article { tag, title, text, publisher })
}

/// A text and the publisher in the parentheses that it ends in.
fn signed(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end();
    let inside = line.strip_suffix([')', '）'])?;
    let mut depth = 1;
    for (at, c) in inside.char_indices().rev().take(LONGEST_PUBLISHER + 1) {
        match c {
            ')' | '）' => depth += 1,
            '(' | '（' => depth -= 1,
            // A whole sentence in parentheses belongs to the text.
            '。' | '！' | '？' => return None,
            _ => {}
        }
        if depth == 0 {
            let publisher = inside[at + c.len_utf8()..].trim();
            return (!publisher.is_empty()).then(|| (line[..at].trim_end(), publisher));
        }
    }
    None
}

fn plain(file: &SourceFile) -> NewDocument {
    let mut lines = file.text.lines().map(str::trim).filter(|line| !line.is_empty());
    let title = match (lines.next(), lines.next()) {
        (Some(first), next) if is_title(first, next) => Some(first.to_owned()),
        _ => stem(&file.path),
    };
    NewDocument { title, text: file.text.clone(), uri: Some(file_uri(&file.path)), ..blank(file) }
}

/// Whether the first line is a title: short, without a sentence's end, and not running on into the next line.
fn is_title(first: &str, next: Option<&str>) -> bool {
    let ends_like_a_sentence = first.ends_with(|c: char| ".。．!！?？;；…,，、:：".contains(c));
    let runs_on = next.is_some_and(|next| next.starts_with(char::is_lowercase));
    first.chars().nth(LONGEST_TITLE).is_none() && !ends_like_a_sentence && !runs_on
}

fn markdown(file: &SourceFile) -> Result<NewDocument> {
    let front = extract::front_matter(&file.text).map_err(|broken| refusal(file, &broken))?.unwrap_or_default();
    let text = &file.text[front.text_start..];
    let mut document = NewDocument { text: text.to_owned(), ..blank(file) };
    for (key, value) in front.fields {
        if let Some(unused) = take_field(&mut document, &key, value) {
            document.metadata.insert(key, unused);
        }
    }
    document.uri.get_or_insert_with(|| file_uri(&file.path));
    if document.title.is_none() {
        document.title =
            extract::headings(text).into_iter().next().map(|heading| heading.text).or_else(|| stem(&file.path));
    }
    Ok(document)
}

/// Puts a field of the front matter where it belongs; gives it back where it belongs nowhere, or there is one already.
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
            if let (None, Some(date)) = (&document.published, value.as_str().and_then(iso_date)) {
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
    let said = match &value {
        Value::String(said) => said.trim().to_owned(),
        Value::Number(said) => said.to_string(),
        Value::Array(_) if key.starts_with("author") => labels(&value).unwrap_or_default().join(", "),
        _ => String::new(),
    };
    if slot.is_some() || said.is_empty() {
        return Some(value);
    }
    *slot = Some(said);
    None
}

/// A list of labels, or one string with commas between them. `None` if it is neither.
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

/// An ISO date, or an RFC 3339 time, for a date written as one of these or as `2026/1/31` or `2026年1月31日`.
pub(super) fn iso_date(said: &str) -> Option<String> {
    let said = said.trim();
    if said.parse::<jiff::Timestamp>().is_ok() {
        return Some(said.to_owned());
    }
    let said = said.strip_suffix('日').unwrap_or(said);
    let mut parts = said.split(['-', '/', '年', '月']);
    let mut part = || parts.next().filter(|part| (1..=4).contains(&part.len()))?.parse::<i16>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    if parts.next().is_some() || year < 1000 {
        return None;
    }
    let date = jiff::civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some(date.to_string())
}

/// What all documents of a file have in common.
fn blank(file: &SourceFile) -> NewDocument {
    let origin = Some(file.path.display().to_string());
    NewDocument { format: file.format, origin, ..NewDocument::default() }
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.display().to_string())
}

pub(crate) fn file_uri(path: &Path) -> String {
    format!("file://{}", utf8_percent_encode(&path.to_string_lossy(), NOT_IN_PATH))
}

fn refusal(file: &SourceFile, broken: &BrokenFrontMatter) -> Error {
    Error::Document {
        document: file.path.display().to_string(),
        reason: format!("line {}: the front matter is no {}: {}", broken.line, broken.language, broken.reason),
        hint: "mend that line, or remove the front matter with the marks around it".to_owned(),
    }
}

#[cfg(test)]
mod tests;
