//! Turns what was read from a file into documents: the articles of a digest, a plain text, Markdown with front matter, or
//! what a reader made of another format.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::dates::document_date;
use super::digest::{self, Article};
use super::extract::{self, BrokenFrontMatter};
use super::id::id_of_uri;
use super::title::{MAX_TITLE_CHARS, UPLOAD, is_title, stem};
use crate::error::{Error, Result};
use crate::formats::Extracted;
use crate::lines::contents;
use crate::passage::{Format, Layout, NewDocument};

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

/// The key under which the metadata keep what a reader noted: pages without text, hidden text, a guessed encoding.
const NOTES: &str = "reader_notes";
/// The key of a document whose file holds something that could not be read, but may be another time.
const INCOMPLETE: &str = "reader_incomplete";

/// Programs that put their own name where the author's belongs.
const GENERATORS: [&str; 8] = [
    "openpyxl",
    "python-docx",
    "python-pptx",
    "xlsxwriter",
    "microsoft office user",
    "windows user",
    "anonymous",
    "unknown",
];

/// A longer mark of a part is hashed to make an id of it.
const MAX_MARK_BYTES: usize = 100;

/// The file that documents were read from.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractedFile {
    /// Absolute, without symbolic links; for an uploaded file its name.
    pub path: PathBuf,
    /// What its reader found in it.
    pub(crate) documents: Vec<Extracted>,
}

impl ExtractedFile {
    /// Whether it has pages without a text of their own.
    pub(super) fn has_scans(&self) -> bool {
        self.documents.iter().any(|document| document.has_scans)
    }
}

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
pub fn split(file: ExtractedFile) -> Result<Vec<NewDocument>> {
    let with_address = |Split { mut document, place, address }: Split| {
        if let Some(address) = address {
            // Its identity stays that of its file, since several files may name one address.
            document.id.get_or_insert_with(|| id_of_uri(&place));
            document.uri = Some(address);
        } else {
            document.uri.get_or_insert(place);
        }
        document
    };
    Ok(documents(file)?.into_iter().map(with_address).collect())
}

/// The documents of an uploaded file. Their id is the file's name, for one of several with the mark of the document,
/// unless the file gives an id itself. Uploading a file of the same name again replaces them all.
///
/// # Errors
///
/// Those of [`split`].
pub fn split_upload(file: ExtractedFile) -> Result<Vec<NewDocument>> {
    let name = file.path.display().to_string();
    let whole = file_uri(&file.path);
    let named = |Split { mut document, place, address }: Split| {
        document.origin = Some(format!("{UPLOAD}{name}"));
        if document.uri.is_none() {
            let mark = place.strip_prefix(&whole).unwrap_or_default();
            document.id.get_or_insert_with(|| upload_id(&name, mark));
            document.uri = address;
        }
        document
    };
    Ok(documents(file)?.into_iter().map(named).collect())
}

/// The documents of the page that was fetched from `url`, which identifies them. `is_own` says whether an address is of the
/// same site: what a page says of its address counts only then, and what it says of its id never, so that it cannot replace
/// a document of another page.
///
/// # Errors
///
/// Those of [`split`].
#[cfg(feature = "server")]
pub(crate) fn split_page(file: ExtractedFile, url: &str, is_own: &dyn Fn(&str) -> bool) -> Result<Vec<NewDocument>> {
    let whole = file_uri(&file.path);
    let named = |Split { mut document, place, address }: Split| {
        let mark = place.strip_prefix(&whole).unwrap_or_default();
        let place = format!("{url}{mark}");
        document.origin = Some(url.to_owned());
        document.id = Some(id_of_uri(&place));
        let canonical = document.uri.take().or(address).filter(|address| mark.is_empty() && is_own(address));
        document.uri = Some(canonical.unwrap_or(place));
        document
    };
    Ok(documents(file)?.into_iter().map(named).collect())
}

/// The id of a document at `mark` in the uploaded file `name`: both, or a hash of the mark if that is long.
fn upload_id(name: &str, mark: &str) -> String {
    match mark.strip_prefix('#') {
        None => name.to_owned(),
        // As the file's name itself, without the escapes of an address.
        Some(mark) if mark.len() <= MAX_MARK_BYTES => {
            format!("{name}-{}", percent_decode_str(mark).decode_utf8_lossy())
        }
        Some(mark) => format!("{name}-{}", id_of_uri(mark)),
    }
}

/// A document of a file.
struct Split {
    /// Its uri is what the document itself gives.
    document: NewDocument,
    /// Its address as a part of the file.
    place: String,
    /// Its canonical address on the web, if the format has one.
    address: Option<String>,
}

/// A document as it was read, with the file that it is a part of.
struct Part<'f> {
    path: &'f Path,
    /// The address of the part.
    place: String,
    extracted: Extracted,
}

fn documents(ExtractedFile { path, documents }: ExtractedFile) -> Result<Vec<Split>> {
    let uri = file_uri(&path);
    let mut found = Vec::with_capacity(documents.len());
    for extracted in documents {
        let place = match extracted.part.as_str() {
            "" => uri.clone(),
            part => format!("{uri}#{}", utf8_percent_encode(part, NOT_IN_PATH)),
        };
        let part = Part { path: &path, place, extracted };
        match part.extracted.format {
            Format::Markdown => found.push(markdown(part)?),
            Format::Plain => found.extend(digest(&part).unwrap_or_else(|| vec![plain(part)])),
            _ => found.push(other(part)),
        }
    }
    Ok(found)
}

/// The documents of a digest; `None` if the text is not one.
fn digest(part: &Part<'_>) -> Option<Vec<Split>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let document = |article: Article<'_>, name: &str, occurrence: usize| {
        // The title identifies the article, not its position, so that an article inserted before it changes nothing.
        let joint = if part.place.contains('#') { '-' } else { '#' };
        let mut place = format!("{}{joint}{}", part.place, &blake3::hash(name.as_bytes()).to_hex()[..8]);
        if occurrence > 1 {
            write!(place, "-{occurrence}").ok();
        }
        let document = NewDocument {
            title: article.title.map(str::to_owned),
            text: article.text.to_owned(),
            source: article.publisher.map(str::to_owned),
            tags: article.tag.map(str::to_owned).into_iter().collect(),
            ..blank(part)
        };
        Split { document, place, address: None }
    };
    let text = &part.extracted.text;
    let mut documents = Vec::new();
    for article in digest::articles(text)? {
        let name = article.title.unwrap_or_else(|| &article.text[..article.text.floor_char_boundary(MAX_TITLE_CHARS)]);
        let occurrence = seen.entry(name).or_default();
        *occurrence += 1;
        documents.push(document(article, name, *occurrence));
    }
    Some(documents)
}

fn plain(part: Part<'_>) -> Split {
    let mut lines = contents(&part.extracted.text).map(str::trim).filter(|line| !line.is_empty());
    let is_log = part.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("log"));
    let first_line = match (lines.next(), lines.next()) {
        (Some(first), next) if !is_log && is_title(first, next) => Some(first.to_owned()),
        _ => None,
    };
    drop(lines);
    let title = first_line.or_else(|| part.name());
    let mut document = NewDocument { title, ..blank(&part) };
    document.text = part.extracted.text;
    Split { document, place: part.place, address: None }
}

fn markdown(part: Part<'_>) -> Result<Split> {
    let text = &part.extracted.text;
    let front = extract::front_matter(text).map_err(|broken| front_matter_error(&part, &broken))?.unwrap_or_default();
    let mut document = NewDocument { text: text[front.text_start..].to_owned(), ..blank(&part) };
    for (key, value) in front.fields {
        if let Some(unused) = take_field(&mut document, &key, value) {
            document.metadata.insert(key, unused);
        }
    }
    let mut address = None;
    if !part.extracted.part.is_empty() {
        // What came inside another file, such as an attachment of a stranger's, does not say which document it replaces.
        document.id = None;
        address = document.uri.take();
    }
    Ok(Split { document, place: part.place, address })
}

/// A document whose reader has made a text of it.
fn other(part: Part<'_>) -> Split {
    let mut document = blank(&part);
    let Extracted { text, layout, title, author, published, language, url, tags, metadata, .. } =
        part.extracted.clone();
    document.text = text;
    document.title = title.or_else(|| first_heading(document.format, &layout)).or_else(|| part.title());
    document.layout = layout;
    document.source = author.filter(|author| !GENERATORS.contains(&author.to_lowercase().as_str()));
    document.language = language;
    document.tags = tags;
    // The notes are there already.
    document.metadata.extend(metadata);
    if let Some(published) = published {
        document.published = document_date(&published);
        if document.published.is_none() {
            document.metadata.entry("published").or_insert(Value::String(published));
        }
    }
    let address = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    Split { document, place: part.place, address }
}

/// The heading that is the title of a document of this format. The first heading of a workbook is only that of a sheet.
fn first_heading(format: Format, layout: &Layout) -> Option<String> {
    let is_workbook = matches!(format, Format::Xlsx | Format::Xls | Format::Xlsb | Format::Ods);
    layout.headings.first().filter(|_| !is_workbook).map(|heading| heading.text.clone())
}

impl Part<'_> {
    /// The name of its file; of an item that has only a number, that of the file around it as well.
    fn title(&self) -> Option<String> {
        let part = self.extracted.part.as_str();
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match stem(self.path) {
            Some(file) if is_number => Some(format!("{file} {part}")),
            _ => self.name(),
        }
    }

    /// The name of its file without the extension.
    fn name(&self) -> Option<String> {
        match self.extracted.part.as_str() {
            "" => stem(self.path),
            part => stem(Path::new(part)),
        }
    }
}

/// Sets the field of the document that a key of the front matter stands for. Returns the value if the key stands for no
/// field, the field is set already, or the value cannot be read.
pub(super) fn take_field(document: &mut NewDocument, key: &str, value: Value) -> Option<Value> {
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
fn blank(part: &Part<'_>) -> NewDocument {
    let mut metadata = serde_json::Map::new();
    if !part.extracted.notes.is_empty() {
        metadata.insert(NOTES.to_owned(), part.extracted.notes.clone().into());
    }
    if part.extracted.incomplete {
        metadata.insert(INCOMPLETE.to_owned(), true.into());
    }
    let origin = Some(part.path.display().to_string());
    NewDocument { format: part.extracted.format, origin, metadata, ..NewDocument::default() }
}

/// Whether a document's file holds something that could not be read this time.
pub(super) fn is_incomplete(metadata: &serde_json::Map<String, Value>) -> bool {
    metadata.get(INCOMPLETE).is_some_and(|value| value == true)
}

/// The notes of a document's reader, from its metadata.
pub(super) fn reader_notes(document: &NewDocument) -> Vec<String> {
    let notes = document.metadata.get(NOTES).and_then(Value::as_array);
    notes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn file_uri(path: &Path) -> String {
    format!("file://{}", utf8_percent_encode(&path.to_string_lossy(), NOT_IN_PATH))
}

fn front_matter_error(part: &Part<'_>, broken: &BrokenFrontMatter) -> Error {
    let inside = if part.extracted.part.is_empty() { String::new() } else { format!(", {}", part.extracted.part) };
    Error::Document {
        document: format!("{}{inside}", part.path.display()),
        reason: format!("line {}: the front matter is not valid {}: {}", broken.line, broken.language, broken.reason),
        hint: "correct that line, or remove the front matter and the marks around it".to_owned(),
    }
}

#[cfg(test)]
mod tests;
