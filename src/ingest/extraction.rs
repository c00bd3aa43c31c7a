//! From the bytes of a file to the documents in it, by the reader of its format.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::SourceFile;
use super::split::ExtractedFile;
use crate::cancel::Cancel;
use crate::config::{IngestConfig, JsonConfig};
use crate::formats::{Extracted, Failure, JsonFields, Options, Reader};
use crate::passage::{NewDocument, Original, OriginalBytes};

/// What is in a file. Its content decides which reader takes it, and where that is not clear its name.
///
/// # Errors
///
/// Why it cannot be read.
pub(super) fn extract(
    file: &SourceFile,
    reader: &Reader,
    config: &IngestConfig,
    cancel: &Cancel,
) -> std::result::Result<ExtractedFile, Failure> {
    // A link may have a name that says more than that of its target.
    let known = [&file.path, &file.given].into_iter().find(|path| crate::formats::by_name(&last(path)).is_some());
    documents(&last(known.unwrap_or(&file.path)), &file.bytes, file.path.clone(), reader, config, cancel)
}

/// What is in a file that was uploaded under `name`.
///
/// # Errors
///
/// [`Error::Document`](crate::Error::Document) that says why it cannot be read.
#[cfg(feature = "server")]
pub(crate) fn extract_upload(
    name: &str,
    bytes: &[u8],
    reader: &Reader,
    config: &IngestConfig,
    cancel: &Cancel,
) -> crate::error::Result<ExtractedFile> {
    extract_named(name, bytes, reader, config, cancel)
        .map_err(|Failure { reason, hint, .. }| super::read::document_error(name, reason, &hint))
}

/// The same, with the failure of the reader.
///
/// # Errors
///
/// Why it cannot be read.
#[cfg(feature = "server")]
pub(super) fn extract_named(
    name: &str,
    bytes: &[u8],
    reader: &Reader,
    config: &IngestConfig,
    cancel: &Cancel,
) -> std::result::Result<ExtractedFile, Failure> {
    let path = PathBuf::from(name);
    documents(&last(&path), bytes, path.clone(), reader, config, cancel)
}

fn documents(
    name: &str,
    bytes: &[u8],
    path: PathBuf,
    reader: &Reader,
    config: &IngestConfig,
    cancel: &Cancel,
) -> std::result::Result<ExtractedFile, Failure> {
    let options = Options { json: json_fields(&config.json), ..Options::new(config.max_document_bytes) };
    if bytes.is_empty() {
        // Whatever its name says, there is nothing in it.
        return Ok(ExtractedFile { path, documents: vec![Extracted::default()] });
    }
    let documents = reader.read(name, crate::formats::format_of(name, bytes)?, bytes, &options, cancel)?;
    Ok(ExtractedFile { path, documents })
}

fn json_fields(config: &JsonConfig) -> JsonFields {
    let JsonConfig { text, title, id, date, url, author, language, tags } = config.clone();
    JsonFields { text, title, id, date, url, author, language, tags }
}

/// Gives documents the file that they were read from. A text whose file is nothing but it needs none.
pub(super) fn with_original(
    mut documents: Vec<NewDocument>,
    name: &Path,
    bytes: &[u8],
    copy: impl FnOnce() -> OriginalBytes,
    config: &IngestConfig,
) -> Vec<NewDocument> {
    let name = last(name);
    let Ok(format) = crate::formats::format_of(&name, bytes) else { return documents };
    if format.has_layout() {
        let is_kept = bytes.len() <= config.keep_originals_bytes;
        let (hash, size_bytes) = (*blake3::hash(bytes).as_bytes(), bytes.len() as u64);
        let original = Arc::new(Original { name, hash, size_bytes, format, copy: is_kept.then(copy) });
        for document in &mut documents {
            document.original = Some(Arc::clone(&original));
        }
    }
    documents
}

fn last(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
