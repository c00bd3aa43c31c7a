//! PDF. PDFium gives characters with their boxes; lines, reading order, paragraphs and headings are made of them here.
//!
//! PDFium is not safe for threads: a process reads one PDF at a time, on the thread that called [`bind`].

mod assemble;
mod chars;
mod columns;
mod facts;
mod frame;
mod furniture;
mod headings;
mod hidden;
mod hyphens;
mod library;
mod lines;
mod made_up;
mod notes;
mod page;
mod paragraphs;
mod posture;
mod render;
mod rules;
mod scan;
mod sizes;
mod tables;
#[cfg(test)]
mod tests;

pub(super) use library::bind;
pub(super) use made_up::made_up;
pub(super) use render::render as draw;

use super::{Contents, Extracted, Failure, Options, Recognise, Result};
use crate::passage::Format;

/// Reads a file. [`bind`] must have loaded PDFium.
pub(super) fn read(bytes: &[u8], options: &Options, recognise: &mut Recognise<'_>) -> Result<Contents> {
    library::with_document(bytes, |document| {
        let facts = facts::of(document);
        let mut pages = Vec::new();
        let mut size_bytes = 0_usize;
        for page in page::pages(document) {
            size_bytes += page.lines.iter().map(|line| line.letters.len()).sum::<usize>();
            pages.push(page);
            if size_bytes > options.max_text_bytes {
                return Err(Failure::too_much_text(options.max_text_bytes));
            }
        }
        let outline = headings::outline(document);
        let has_scans = pages.iter().any(page::ReadPage::lacks_text);
        if has_scans && options.recognise {
            scan::recognise(document, &mut pages, recognise)?;
            scan::even_out(&mut pages);
        }
        let notes = notes::of(&pages);
        if let Some(failure) = notes::unreadable(&pages) {
            return Err(failure);
        }
        let assembled = assemble::assemble(pages, &outline, options)?;
        let title = facts.title(assembled.title.as_deref());
        let language = facts.language.filter(|tag| facts::fits_text(tag, &assembled.text));
        Ok(Contents::one(Extracted {
            format: Format::Pdf,
            text: assembled.text,
            layout: assembled.layout,
            title,
            author: facts.author,
            published: facts.published,
            language,
            tags: facts.keywords,
            notes,
            has_scans,
            ..Extracted::default()
        }))
    })
}
