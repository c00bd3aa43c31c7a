//! Pages of made-up characters, for fuzzing the steps after PDFium.

use super::assemble::assemble;
use super::headings::Outline;
use super::lines::{Glyph, Mark, lines};
use super::page::ReadPage;
use crate::formats::Options;
use crate::passage::Layout;

/// Bytes for one mark.
const MARK_BYTES: usize = 8;
/// Marks of a page at most.
const PAGE_MARKS: usize = 400;

/// The text of pages whose characters, sizes and positions the bytes say.
pub(in crate::formats) fn made_up(bytes: &[u8], options: &Options) -> (String, Layout) {
    let marks: Vec<Mark> = bytes.as_chunks::<MARK_BYTES>().0.iter().copied().map(mark).collect();
    let pages = marks.chunks(PAGE_MARKS).enumerate().map(|(n, marks)| {
        let number = u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        ReadPage { number, width: 595.0, height: 842.0, lines: lines(marks, number), ..ReadPage::default() }
    });
    let mut outline = Outline::default();
    outline.add(1, "1 Introduction", 1);
    assemble(pages.collect(), &outline, options).map(|made| (made.text, made.layout)).unwrap_or_default()
}

/// Four bytes are a position, one a size, three a character.
fn mark([kind, x, y, fraction, width, size, c, plane]: [u8; MARK_BYTES]) -> Mark {
    match kind {
        0..16 => return Mark::Gap,
        16..32 => return Mark::End,
        _ => {}
    }
    let far = if kind == 255 { 1e4 } else { 1.0 };
    let (x, y) = (f32::from(x) * 3.0 * far - 50.0, f32::from(y) * 4.0 - 50.0 + f32::from(fraction) / 64.0);
    let (width, size) = (f32::from(width) / 8.0, f32::from(size) / 4.0);
    let plane = u32::from(plane % 96);
    let c = char::from_u32(plane << 8 | u32::from(c)).unwrap_or('x');
    Mark::Glyph(Glyph {
        c,
        x0: x,
        y0: y,
        x1: x + width,
        y1: y + size,
        base: y + size,
        size,
        is_bold: kind.is_multiple_of(5),
    })
}
