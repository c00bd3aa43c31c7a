//! The lines and areas that a page draws: what rules tables.

use pdfium_render::prelude::{
    PdfPage, PdfPageObject, PdfPageObjectsCommon, PdfPagePathObject, PdfPathFillMode, PdfPathSegmentType,
    PdfPathSegments,
};

use super::frame::Frame;

/// More objects of a page are not looked at.
const MAX_OBJECTS: usize = 20_000;
/// A page with more rules is a drawing.
const MAX_RULES: usize = 4_000;
/// The path of a letter or a map has more points than the borders of a table.
const MAX_POINTS: u32 = 2_000;
/// A rule is at most so thick, in points.
const THICK: f32 = 3.0;
/// A rule is at least so long.
const SHORT: f32 = 4.0;

/// A straight line along the page: at this height or, if it is upright, at this distance from the left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    pub(super) at: f32,
    pub(super) from: f32,
    pub(super) to: f32,
}

/// Left, top, right and bottom.
pub(super) type Area = (f32, f32, f32, f32);

/// What a page draws, in points from the top left of the page as shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rules {
    pub(super) level: Vec<Rule>,
    pub(super) upright: Vec<Rule>,
    /// Areas filled with a colour, smaller than the page.
    pub(super) fills: Vec<Area>,
}

/// Reads the rules of a page.
pub(super) fn of(page: &PdfPage, frame: &Frame) -> Rules {
    let mut rules = Rules::default();
    for object in page.objects().iter().take(MAX_OBJECTS) {
        if let PdfPageObject::Path(path) = &object {
            rules.add(path, frame);
        }
        if rules.level.len() + rules.upright.len() + rules.fills.len() > MAX_RULES {
            return Rules::default();
        }
    }
    rules
}

impl Rules {
    fn add(&mut self, path: &PdfPagePathObject, frame: &Frame) {
        let is_filled = path.fill_mode().is_ok_and(|mode| !matches!(mode, PdfPathFillMode::None));
        let is_stroked = path.is_stroked().unwrap_or(false);
        let Ok(matrix) = path.matrix() else { return };
        let segments = path.segments().transform(matrix);
        if segments.len() > MAX_POINTS || !(is_filled || is_stroked) {
            return;
        }
        let mut part: Vec<(f32, f32)> = Vec::new();
        let mut is_straight = true;
        for segment in segments.iter() {
            let (x, y) = segment.point();
            let point = frame.point(x.value, y.value);
            match segment.segment_type() {
                PdfPathSegmentType::MoveTo => {
                    self.add_part(&part, is_straight, is_filled, is_stroked);
                    part.clear();
                    is_straight = true;
                }
                PdfPathSegmentType::LineTo => {}
                _ => is_straight = false,
            }
            part.push(point);
            if segment.is_close()
                && let Some(first) = part.first().copied()
            {
                part.push(first);
            }
        }
        self.add_part(&part, is_straight, is_filled, is_stroked);
    }

    /// Adds a part of a path whose points are connected.
    fn add_part(&mut self, points: &[(f32, f32)], is_straight: bool, is_filled: bool, is_stroked: bool) {
        if points.len() < 2 || points.iter().any(|(x, y)| !(x.abs() < 1e5 && y.abs() < 1e5)) {
            return;
        }
        let least = |of: fn(&(f32, f32)) -> f32| points.iter().map(of).fold(f32::MAX, f32::min);
        let most = |of: fn(&(f32, f32)) -> f32| points.iter().map(of).fold(f32::MIN, f32::max);
        let (x0, y0, x1, y1) = (least(|p| p.0), least(|p| p.1), most(|p| p.0), most(|p| p.1));
        self.add_area((x0, y0, x1, y1), is_straight, is_filled && points.len() > 2);
        if is_stroked && is_straight && x1 - x0 > THICK && y1 - y0 > THICK {
            for pair in points.windows(2) {
                let [a, b] = pair else { continue };
                let area = (a.0.min(b.0), a.1.min(b.1), a.0.max(b.0), a.1.max(b.1));
                self.add_area(area, true, false);
            }
        }
    }

    /// Adds a rule if the area is thin, else a fill.
    fn add_area(&mut self, (x0, y0, x1, y1): Area, is_straight: bool, is_filled: bool) {
        let (width, height) = (x1 - x0, y1 - y0);
        if height <= THICK && width >= SHORT {
            self.level.push(Rule { at: f32::midpoint(y0, y1), from: x0, to: x1 });
        } else if width <= THICK && height >= SHORT {
            self.upright.push(Rule { at: f32::midpoint(x0, x1), from: y0, to: y1 });
        } else if is_filled && is_straight && width > THICK && height > THICK {
            self.fills.push((x0, y0, x1, y1));
        }
    }
}
