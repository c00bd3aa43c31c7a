//! Tells text that no reader sees: invisible, white on white, tiny, off the page.

use std::cell::OnceCell;

use pdfium_render::prelude::{
    PdfPage, PdfPageObject, PdfPageObjectCommon, PdfPageObjectsCommon, PdfPageTextChar, PdfPageTextRenderMode,
    PdfPathFillMode,
};

use super::frame::Frame;
use super::lines::Glyph;

/// More objects than this are not looked at.
const MAX_OBJECTS: usize = 20_000;
/// More areas than this are not kept.
const MAX_AREAS: usize = 500;

/// What lies behind the text of a page.
pub(super) struct Background<'a> {
    page: &'a PdfPage<'a>,
    frame: &'a Frame,
    /// The part of the page that pictures cover, at most 1.
    pictures: f32,
    areas: OnceCell<Vec<(f32, f32, f32, f32)>>,
}

impl<'a> Background<'a> {
    pub(super) fn new(page: &'a PdfPage<'a>, frame: &'a Frame) -> Self {
        let page_area = (frame.width() * frame.height()).max(1.0);
        let mut covered = 0.0;
        for object in page.objects().iter().take(MAX_OBJECTS) {
            if holds_picture(&object)
                && let Some((x0, y0, x1, y1)) = area(&object, frame)
            {
                let width = x1.min(frame.width()) - x0.max(0.0);
                let height = y1.min(frame.height()) - y0.max(0.0);
                covered += width.max(0.0) * height.max(0.0);
            }
        }
        Self { page, frame, pictures: (covered / page_area).min(1.0), areas: OnceCell::new() }
    }

    /// Whether the page is a picture, such as a scan.
    pub(super) fn is_picture(&self) -> bool {
        self.pictures > 0.5
    }

    /// Whether no reader sees the character.
    pub(super) fn hides(&self, char: &PdfPageTextChar, glyph: &Glyph) -> bool {
        let is_off_page =
            glyph.x1 < 0.0 || glyph.y1 < 0.0 || glyph.x0 > self.frame.width() || glyph.y0 > self.frame.height();
        if is_off_page || glyph.size.max(glyph.y1 - glyph.y0) < 1.0 {
            return true;
        }
        match char.render_mode() {
            // Invisible text over a scan is what a text recogniser read.
            Ok(PdfPageTextRenderMode::Invisible | PdfPageTextRenderMode::InvisibleClipping) => {
                return !self.is_picture();
            }
            Ok(PdfPageTextRenderMode::StrokedUnfilled | PdfPageTextRenderMode::StrokedUnfilledClipping) => {
                return false;
            }
            _ => {}
        }
        let Ok(color) = char.fill_color() else { return false };
        let is_white = color.red() >= 250 && color.green() >= 250 && color.blue() >= 250;
        color.alpha() == 0 || (is_white && !self.is_behind(glyph))
    }

    /// Whether something that is not white lies behind the glyph.
    fn is_behind(&self, glyph: &Glyph) -> bool {
        let areas = self.areas.get_or_init(|| {
            let objects = self.page.objects();
            let colored = objects.iter().take(MAX_OBJECTS).filter(is_colored);
            colored.filter_map(|object| area(&object, self.frame)).take(MAX_AREAS).collect()
        });
        let (x, y) = (f32::midpoint(glyph.x0, glyph.x1), f32::midpoint(glyph.y0, glyph.y1));
        areas.iter().any(|&(x0, y0, x1, y1)| x0 <= x && x <= x1 && y0 <= y && y <= y1)
    }
}

fn area(object: &PdfPageObject, frame: &Frame) -> Option<(f32, f32, f32, f32)> {
    object.bounds().ok().map(|bounds| frame.shown(&bounds.to_rect()))
}

fn holds_picture(object: &PdfPageObject) -> bool {
    match object {
        PdfPageObject::Image(_) => true,
        PdfPageObject::XObjectForm(form) => form.iter().take(100).any(|inner| matches!(inner, PdfPageObject::Image(_))),
        _ => false,
    }
}

fn is_colored(object: &PdfPageObject) -> bool {
    match object {
        PdfPageObject::Image(_) | PdfPageObject::Shading(_) | PdfPageObject::XObjectForm(_) => true,
        PdfPageObject::Path(path) => {
            path.fill_mode().is_ok_and(|mode| !matches!(mode, PdfPathFillMode::None))
                && object.fill_color().is_ok_and(|color| {
                    color.alpha() > 0 && (color.red() < 250 || color.green() < 250 || color.blue() < 250)
                })
        }
        _ => false,
    }
}
