//! PDFium as a library that is loaded at run time.

use std::cell::OnceCell;
use std::path::Path;

use pdfium_render::prelude::{PdfDocument, Pdfium, PdfiumError, PdfiumInternalError};

use super::{Failure, Result};
use crate::formats::child::miss_pdfium;

thread_local! {
    static PDFIUM: OnceCell<Pdfium> = const { OnceCell::new() };
}

/// Loads PDFium for this process. PDFs are read on the same thread.
pub(in crate::formats) fn bind(path: &Path) -> Result<()> {
    let pdfium = match Pdfium::bind_to_library(path) {
        Ok(bindings) => Pdfium::new(bindings),
        // The library is loaded once a process; a second handle shares it.
        Err(PdfiumError::PdfiumLibraryBindingsAlreadyInitialized) => Pdfium::default(),
        Err(error) => {
            return Err(Failure::passing(
                format!("is a PDF, but PDFium cannot be loaded: {error:?}"),
                "run `footnote models pull --force`",
            ));
        }
    };
    PDFIUM.with(|cell| cell.set(pdfium)).ok();
    Ok(())
}

/// Opens a document and hands it to `f`.
pub(super) fn with_document<T>(bytes: &[u8], f: impl FnOnce(&PdfDocument) -> Result<T>) -> Result<T> {
    // Offsets in a PDF count from this mark, which junk may precede.
    if !bytes[..bytes.len().min(1_024)].windows(5).any(|window| window == b"%PDF-") {
        return Err(Failure::new("is not a PDF (it has no %PDF- header)", "check the file's name and content"));
    }
    PDFIUM.with(|cell| {
        let Some(pdfium) = cell.get() else {
            miss_pdfium();
            return Err(Failure::passing("is a PDF, and PDFium is not installed", "run `footnote models pull`"));
        };
        match pdfium.load_pdf_from_byte_slice(bytes, None) {
            Ok(document) => f(&document),
            Err(PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError)) => {
                Err(Failure::new("is encrypted and needs a password", "save a copy without a password and ingest that"))
            }
            Err(_) => Err(Failure::new(
                "is a damaged or incomplete PDF",
                "open it in a PDF viewer and save it again, or fetch it again",
            )),
        }
    })
}
