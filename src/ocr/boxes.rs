//! Finds the lines of text in a map of probabilities: Differentiable Binarization (Liao et al., arXiv:1911.08947).

/// A pixel is text from this probability on.
const TEXT_FROM: f32 = 0.3;
/// A region is text if its pixels are so on average.
const REGION_FROM: f32 = 0.6;
/// The detector marks the middle of a line. The line is as much larger as its area times this, divided by its perimeter.
const GROWTH: f32 = 1.6;
/// A region must be so many pixels high and wide.
const MIN_SIDE: f32 = 3.0;
/// No page has more lines.
const MAX_BOXES: usize = 3_000;

/// A rectangle at any angle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextBox {
    pub(super) center: (f32, f32),
    /// Along `angle`.
    pub(super) width: f32,
    /// Across `angle`.
    pub(super) height: f32,
    /// In radians, from an eighth of a turn up to an eighth of a turn down.
    pub(super) angle: f32,
}

impl TextBox {
    /// Scaled from one picture to another.
    pub(super) fn scaled(self, x: f32, y: f32) -> Self {
        // Both scales are nearly the same, so the angle stays.
        Self { center: (self.center.0 * x, self.center.1 * y), width: self.width * x, height: self.height * y, ..self }
    }

    /// Whether it is so much higher than wide that its text runs down or is turned.
    pub(super) fn is_tall(&self) -> bool {
        self.height >= 1.5 * self.width
    }
}

/// The regions of text in a map of `width` times `height` probabilities, from the top.
pub(super) fn boxes(map: &[f32], width: usize, height: usize) -> Vec<TextBox> {
    let mut boxes = Vec::new();
    if width == 0 || map.len() != width * height {
        return boxes;
    }
    let mut seen = vec![false; map.len()];
    let mut open = Vec::new();
    for start in 0..map.len() {
        if seen[start] || map[start] <= TEXT_FROM {
            continue;
        }
        // All pixels that touch, also at their corners.
        let (mut sum, mut count) = (0.0_f64, 0_usize);
        let mut outline = Outline::default();
        seen[start] = true;
        open.push(start);
        while let Some(at) = open.pop() {
            sum += f64::from(map[at]);
            count += 1;
            let (x, y) = (at % width, at / width);
            outline.add(x, y);
            for near_y in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for near_x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let near = near_y * width + near_x;
                    if !seen[near] && map[near] > TEXT_FROM {
                        seen[near] = true;
                        open.push(near);
                    }
                }
            }
        }
        if sum < f64::from(REGION_FROM) * count as f64 {
            continue;
        }
        let Some(found) = outline.smallest_box() else { continue };
        if found.width.min(found.height) < MIN_SIDE {
            continue;
        }
        let grown = GROWTH * found.width * found.height / (found.width + found.height);
        boxes.push(TextBox { width: found.width + grown, height: found.height + grown, ..found });
        if boxes.len() >= MAX_BOXES {
            break;
        }
    }
    boxes
}

/// The leftmost and the rightmost pixel of each row of a region.
#[derive(Default)]
struct Outline {
    rows: std::collections::BTreeMap<usize, (usize, usize)>,
}

impl Outline {
    fn add(&mut self, x: usize, y: usize) {
        let row = self.rows.entry(y).or_insert((x, x));
        *row = (row.0.min(x), row.1.max(x));
    }

    /// The corners of the pixels, then those of them that are outermost (Andrew's monotone chain).
    fn hull(&self) -> Vec<(f32, f32)> {
        let mut points: Vec<(f32, f32)> = Vec::with_capacity(self.rows.len() * 4);
        for (&y, &(left, right)) in &self.rows {
            for y in [y as f32, y as f32 + 1.0] {
                points.push((left as f32, y));
                points.push((right as f32 + 1.0, y));
            }
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        points.dedup();
        let half = |points: &mut dyn Iterator<Item = (f32, f32)>| {
            let mut chain: Vec<(f32, f32)> = Vec::new();
            for point in points {
                while let [.., a, b] = chain.as_slice()
                    && (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) <= 0.0
                {
                    chain.pop();
                }
                chain.push(point);
            }
            chain.pop();
            chain
        };
        let mut hull = half(&mut points.iter().copied());
        hull.extend(half(&mut points.iter().rev().copied()));
        hull
    }

    /// The rectangle of the smallest area around the region: one of its sides lies on a side of the hull.
    fn smallest_box(&self) -> Option<TextBox> {
        let hull = self.hull();
        let mut best: Option<(f32, TextBox)> = None;
        for (n, from) in hull.iter().enumerate() {
            let to = hull[(n + 1) % hull.len()];
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length <= 0.0 {
                continue;
            }
            let (cos, sin) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
            let along = |point: &(f32, f32)| point.0 * cos + point.1 * sin;
            let across = |point: &(f32, f32)| point.1 * cos - point.0 * sin;
            let bounds = |of: &dyn Fn(&(f32, f32)) -> f32| {
                hull.iter().map(of).fold((f32::MAX, f32::MIN), |(low, high), at| (low.min(at), high.max(at)))
            };
            let ((left, right), (top, bottom)) = (bounds(&along), bounds(&across));
            let (width, height) = (right - left, bottom - top);
            let area = width * height;
            if best.is_none_or(|(smallest, _)| area < smallest - 0.5) {
                let (x, y) = (f32::midpoint(left, right), f32::midpoint(top, bottom));
                let center = (x * cos - y * sin, x * sin + y * cos);
                best = Some((area, upright(TextBox { center, width, height, angle: sin.atan2(cos) })));
            }
        }
        best.map(|(_, found)| found)
    }
}

/// The same rectangle with an angle of at most an eighth of a turn.
fn upright(mut found: TextBox) -> TextBox {
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_4};
    while found.angle > FRAC_PI_4 {
        found.angle -= FRAC_PI_2;
        (found.width, found.height) = (found.height, found.width);
    }
    while found.angle <= -FRAC_PI_4 {
        found.angle += FRAC_PI_2;
        (found.width, found.height) = (found.height, found.width);
    }
    found
}
