//! Pictures of pages.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use pdfium_render::prelude::PdfRenderConfig;

use super::library::with_document;
use super::{Failure, Result};

/// A picture has at most so many pixels, whatever the page's size.
const MAX_PIXELS: f32 = 8_000_000.0;

/// A PNG of the page with this number, from 1. At a `scale` of 1 a point is a pixel.
pub(in crate::formats) fn render(bytes: &[u8], number: u32, scale: f32) -> Result<Vec<u8>> {
    with_document(bytes, |document| {
        let index = i32::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let page = index.and_then(|index| document.pages().get(index).ok());
        let Some(page) = page else {
            return Err(Failure::new(format!("has no page {number}"), "ask for a page that it has"));
        };
        let (width, height) = (page.width().value, page.height().value);
        let largest = (MAX_PIXELS / (width * height).max(1.0)).sqrt();
        let scale = if scale.is_finite() { scale.clamp(0.05, 8.0).min(largest) } else { 1.0_f32.min(largest) };
        let config = PdfRenderConfig::new().scale_page_by_factor(scale);
        let bitmap = page.render_with_config(&config).map_err(|_| {
            Failure::new(
                format!("has a page {number} that cannot be drawn"),
                "open it in a PDF viewer and save it again",
            )
        })?;
        let width = bitmap.width().unsigned_abs();
        let height = bitmap.height().unsigned_abs();
        png(width, height, &bitmap.as_rgba_bytes())
            .ok_or_else(|| Failure::new(format!("has a page {number} that cannot be drawn"), "report this"))
    })
}

/// A PNG without alpha channel of RGBA pixels; `None` if there are fewer than the size says.
fn png(width: u32, height: u32, rgba: &[u8]) -> Option<Vec<u8>> {
    let row_bytes = usize::try_from(width).ok()?.checked_mul(4)?;
    let pixels = rgba.get(..row_bytes.checked_mul(usize::try_from(height).ok()?)?)?;
    let mut data = ZlibEncoder::new(Vec::new(), Compression::new(4));
    let mut line = Vec::with_capacity(row_bytes);
    for row in pixels.chunks_exact(row_bytes.max(1)) {
        line.clear();
        // Each byte as the difference from that of the pixel to the left, PNG's filter 1.
        line.push(1);
        let mut left = [0_u8; 3];
        for pixel in row.chunks_exact(4) {
            let [r, g, b, _] = *pixel else { return None };
            line.extend([r.wrapping_sub(left[0]), g.wrapping_sub(left[1]), b.wrapping_sub(left[2])]);
            left = [r, g, b];
        }
        data.write_all(&line).ok()?;
    }
    let data = data.finish().ok()?;
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::with_capacity(13);
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Eight bits, RGB, and the only methods that there are.
    header.extend([8, 2, 0, 0, 0]);
    for (kind, body) in [(b"IHDR", header.as_slice()), (b"IDAT", &data), (b"IEND", &[])] {
        png.extend(u32::try_from(body.len()).ok()?.to_be_bytes());
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(body);
        png.extend(kind);
        png.extend(body);
        png.extend(crc.sum().to_be_bytes());
    }
    Some(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_png_has_its_chunks_and_its_size() {
        let png = png(2, 1, &[255, 0, 0, 255, 0, 255, 0, 255]).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x01\x08\x02"));
        // The checksum of an empty IEND is known.
        assert!(png.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
    }

    #[test]
    fn too_few_pixels_make_no_picture() {
        assert!(png(2, 2, &[0; 8]).is_none());
        assert!(png(u32::MAX, u32::MAX, &[]).is_none());
    }
}
