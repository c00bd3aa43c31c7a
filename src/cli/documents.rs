//! Reads the documents of a collection, page by page.

use crate::footnote::Footnote;
use crate::passage::DocumentInfo;

/// How many documents are read at a time.
const PAGE: usize = 1000;

/// All documents.
pub(super) fn all(footnote: &Footnote) -> crate::Result<Vec<DocumentInfo>> {
    let mut documents: Vec<DocumentInfo> = Vec::new();
    loop {
        let after = documents.last().map(|document| document.id.clone());
        let page = footnote.documents(after.as_deref(), PAGE)?;
        let is_last = page.len() < PAGE;
        documents.extend(page);
        if is_last {
            return Ok(documents);
        }
    }
}
