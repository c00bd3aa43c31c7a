//! Pages whose text is recognised from their picture: pictures of text, and pages whose fonts do not name their characters.

mod line;
mod order;
mod sizes;

use pdfium_render::prelude::{PdfDocument, PdfPage, PdfRenderConfig};

pub(super) use sizes::even_out;

use super::Result;
use super::page::{ReadPage, Recognition};
use crate::formats::{MAX_PIXELS, MAX_SIDE, Pixels, Recognise, RecognisedLine, Scan};

/// Pixels for each inch of a page. More make recognition slower and not better.
const DOTS_PER_INCH: f32 = 200.0;
/// The most pages of a file whose text is recognised, which takes seconds for each.
pub(super) const MAX_PAGES: usize = 1_000;
/// Lines that are less sure than this are most often no text.
const MIN_CONFIDENCE: f32 = 0.6;

/// Recognises the text of the pages that have none.
pub(super) fn recognise(document: &PdfDocument, pages: &mut [ReadPage], recognise: &mut Recognise<'_>) -> Result<()> {
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    for page in pages.iter_mut().filter(|page| page.lacks_text()).take(MAX_PAGES) {
        let index = i32::try_from(page.number).ok().and_then(|number| number.checked_sub(1));
        let Some(pixels) = index
            .and_then(|index| document.pages().get(index).ok())
            .and_then(|of_document| pixels(&of_document, page.width, page.height))
        else {
            // It was read, so only its picture is damaged.
            page.is_broken = true;
            continue;
        };
        let scale = page.width / pixels.width() as f32;
        let found = recognise(&Scan { page: page.number, pages: count, pixels })?;
        let (sure, unsure): (Vec<_>, Vec<_>) =
            found.into_iter().filter(RecognisedLine::is_sound).partition(|line| line.confidence >= MIN_CONFIDENCE);
        page.recognised = Some(Recognition { left_out: unsure.len() });
        page.lines = line::lines(&sure, page, scale);
    }
    Ok(())
}

/// A page as it is shown.
fn pixels(page: &PdfPage, width: f32, height: f32) -> Option<Pixels> {
    let (width, height) = (width.max(1.0), height.max(1.0));
    let largest = (MAX_PIXELS as f32 * 0.98 / (width * height)).sqrt().min(MAX_SIDE as f32 * 0.98 / width.max(height));
    let scale = (DOTS_PER_INCH / 72.0).min(largest);
    let config = PdfRenderConfig::new().scale_page_by_factor(scale);
    let bitmap = page.render_with_config(&config).ok()?;
    let (width, height) = (usize::try_from(bitmap.width()).ok()?, usize::try_from(bitmap.height()).ok()?);
    let rgba = bitmap.as_rgba_bytes();
    drop(bitmap);
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    rgba.chunks_exact(4).for_each(|pixel| rgb.extend_from_slice(pixel.get(..3).unwrap_or_default()));
    Pixels::new(width, height, rgb)
}

/// How the text of a scan can be had.
pub(super) fn hint() -> &'static str {
    "set [reader] ocr = \"scans\" in config.toml to have its text recognised, or add a text layer with another program, such \
     as ocrmypdf"
}

#[cfg(test)]
mod tests;
