//! Remembers that a PDF was met while PDFium was not loaded, so that the parent can have the file read with it.

use std::cell::Cell;

thread_local! {
    static PDFIUM: Cell<bool> = const { Cell::new(false) };
}

/// A PDF was met.
pub(in super::super) fn miss_pdfium() {
    PDFIUM.set(true);
}

/// Before a file is read.
pub(super) fn forget_pdfium() {
    PDFIUM.set(false);
}

/// Whether a PDF was met.
pub(super) fn pdfium() -> bool {
    PDFIUM.get()
}
