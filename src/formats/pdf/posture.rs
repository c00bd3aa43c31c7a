//! How recognised text lies on its page, which may lean or lie on its side.

/// Boxes of parts of a leaning line are so short that it rises by less than this part of its size.
const MAX_RISE: f32 = 0.25;

/// What is known of a line that was recognised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Recognised {
    /// From 0 to 1.
    pub(super) confidence: f32,
    pub(super) posture: Posture,
}

/// How the text of a page lies on it. Lines are put in order as if it lay straight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Posture {
    sin: f32,
    cos: f32,
    /// The middle of the page.
    center: (f32, f32),
    /// The middle of the page laid straight.
    straight: (f32, f32),
}

impl Posture {
    pub(super) fn new(angle: f32, width: f32, height: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        let center = (width / 2.0, height / 2.0);
        // Laid straight, a page that lies on its side is as high as it was wide.
        let straight = if sin.abs() > cos.abs() { (center.1, center.0) } else { center };
        Self { sin, cos, center, straight }
    }

    /// In radians.
    pub(super) fn angle(&self) -> f32 {
        self.sin.atan2(self.cos)
    }

    /// A place of the page on the page laid straight.
    pub(super) fn laid_straight(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = (x - self.center.0, y - self.center.1);
        (x * self.cos + y * self.sin + self.straight.0, y * self.cos - x * self.sin + self.straight.1)
    }

    /// The left, top, right and bottom on the page of an area of the page laid straight.
    pub(super) fn on_page(&self, (x0, y0, x1, y1): (f32, f32, f32, f32)) -> (f32, f32, f32, f32) {
        let corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| {
            let (x, y) = (x - self.straight.0, y - self.straight.1);
            (x * self.cos - y * self.sin + self.center.0, x * self.sin + y * self.cos + self.center.1)
        });
        corners.iter().fold((f32::MAX, f32::MAX, f32::MIN, f32::MIN), |area, (x, y)| {
            (area.0.min(*x), area.1.min(*y), area.2.max(*x), area.3.max(*y))
        })
    }

    /// Whether the page is not turned by a quarter or more.
    pub(super) fn is_upright(&self) -> bool {
        self.cos > 0.7
    }

    /// How long a part of a line of type of this size may be for one box.
    pub(super) fn part(&self, size: f32) -> f32 {
        let slope = self.sin.abs().min(self.cos.abs());
        if slope < 1e-4 { f32::MAX } else { (MAX_RISE * size / slope).max(size) }
    }
}
