//! The reader of files, which fetches `PDFium` when the first PDF comes.

use super::ensure_pdfium;
use crate::config::Config;
use crate::formats::{Failure, Reader, ReaderLimits};

/// A reader of files with these settings.
pub(crate) fn reader(config: &Config) -> Reader {
    let limits = ReaderLimits {
        timeout_seconds: config.reader.timeout_seconds as u64,
        max_memory_mb: config.reader.max_memory_mb as u64,
    };
    let model = config.model.clone();
    Reader::new(limits, move || {
        ensure_pdfium(&model, &mut |event| tracing::debug!(?event, "fetching PDFium")).map_err(|error| {
            let hint = error.hint().unwrap_or_default();
            Failure::new(format!("is a PDF, which cannot be read without PDFium: {error}"), hint)
        })
    })
}
