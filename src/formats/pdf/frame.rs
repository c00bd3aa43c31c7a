//! The part of a page that is shown.

use pdfium_render::prelude::{PdfPage, PdfPageRenderRotation, PdfRect};

/// The visible part of a page and its rotation: makes of PDF's coordinates those of the page as shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    left: f32,
    bottom: f32,
    right: f32,
    top: f32,
    quarter_turns: u8,
}

impl Frame {
    pub(super) fn of(page: &PdfPage) -> Self {
        let quarter_turns = match page.rotation() {
            Ok(PdfPageRenderRotation::Degrees90) => 1,
            Ok(PdfPageRenderRotation::Degrees180) => 2,
            Ok(PdfPageRenderRotation::Degrees270) => 3,
            _ => 0,
        };
        let bounds = page.boundaries().bounding().map_or_else(|_| page.page_size(), |bounding| bounding.bounds);
        let [left, bottom, right, top] =
            [bounds.left(), bounds.bottom(), bounds.right(), bounds.top()].map(|p| p.value);
        Self { left, bottom, right, top, quarter_turns }
    }

    pub(super) fn width(&self) -> f32 {
        if self.quarter_turns.is_multiple_of(2) { self.right - self.left } else { self.top - self.bottom }
    }

    pub(super) fn height(&self) -> f32 {
        if self.quarter_turns.is_multiple_of(2) { self.top - self.bottom } else { self.right - self.left }
    }

    pub(super) fn point(&self, x: f32, y: f32) -> (f32, f32) {
        match self.quarter_turns {
            1 => (y - self.bottom, x - self.left),
            2 => (self.right - x, y - self.bottom),
            3 => (self.top - y, self.right - x),
            _ => (x - self.left, self.top - y),
        }
    }

    /// Left, top, right and bottom as shown.
    pub(super) fn shown(&self, rect: &PdfRect) -> (f32, f32, f32, f32) {
        let (ax, ay) = self.point(rect.left().value, rect.bottom().value);
        let (bx, by) = self.point(rect.right().value, rect.top().value);
        (ax.min(bx), ay.min(by), ax.max(bx), ay.max(by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_page_is_measured_as_it_is_shown() {
        let frame = |quarter_turns| Frame { left: 10.0, bottom: 20.0, right: 110.0, top: 220.0, quarter_turns };
        // The bottom left corner of the crop box, and a point 5 to the right of it and 7 above.
        let corners: Vec<_> = (0..4).map(|turns| frame(turns).point(10.0, 20.0)).collect();
        assert_eq!(corners, [(0.0, 200.0), (0.0, 0.0), (100.0, 0.0), (200.0, 100.0)]);
        let points: Vec<_> = (0..4).map(|turns| frame(turns).point(15.0, 27.0)).collect();
        assert_eq!(points, [(5.0, 193.0), (7.0, 5.0), (95.0, 7.0), (193.0, 95.0)]);
        assert_eq!((frame(0).width(), frame(1).width()), (100.0, 200.0));
    }
}
