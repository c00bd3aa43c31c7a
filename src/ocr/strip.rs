//! Cuts lines out of a picture, as the networks take them: upright and of one height, each channel for itself, from -1 to 1.

use super::boxes::TextBox;
use crate::formats::Pixels;

/// The height of a strip in pixels.
pub(super) const HEIGHT: usize = 48;
/// The widest strip; longer lines are squeezed. At this width a line has a hundred ideographs.
const MAX_WIDTH: usize = 4_800;
/// The reader wants some room.
const MIN_WIDTH: usize = 64;
/// Widths are multiples of this, the step of the reader.
const STEP: usize = 8;

/// Numbers with the shape `[1, 3, height, width]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Input {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) values: Vec<f32>,
}

/// How the text of a box is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// From left to right.
    Right,
    /// Turned to the right, from top to bottom.
    Down,
    /// Upside down, from right to left.
    Left,
    /// Turned to the left, from bottom to top.
    Up,
}

impl Turn {
    /// The turn after a further half.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Right => Self::Left,
            Self::Left => Self::Right,
            Self::Down => Self::Up,
            Self::Up => Self::Down,
        }
    }

    /// How much longer a strip is than its line. The characters of a column lie on their sides in a strip, and the reader
    /// tells them better, punctuation above all, where they have more room.
    fn stretch(self) -> f32 {
        match self {
            Self::Right | Self::Left => 1.0,
            Self::Down | Self::Up => 1.7,
        }
    }

    /// In radians.
    pub(super) fn angle(self) -> f32 {
        use std::f32::consts::{FRAC_PI_2, PI};
        match self {
            Self::Right => 0.0,
            Self::Down => FRAC_PI_2,
            Self::Left => PI,
            Self::Up => -FRAC_PI_2,
        }
    }
}

/// A line as its reader takes it.
pub(super) struct Strip {
    pub(super) input: Input,
    /// How many pixels of the picture a pixel of the strip is long.
    pub(super) scale: f32,
}

/// The strip of a box whose text runs as `turn` says.
pub(super) fn strip(pixels: &Pixels, of: &TextBox, turn: Turn) -> Strip {
    let (length, thickness) = match turn {
        Turn::Right | Turn::Left => (of.width, of.height),
        Turn::Down | Turn::Up => (of.height, of.width),
    };
    let angle = of.angle + turn.angle();
    let wanted = (length / thickness.max(1.0) * HEIGHT as f32 * turn.stretch()).round() as usize;
    let width = wanted.clamp(MIN_WIDTH / 2, MAX_WIDTH);
    let scale = length / width as f32;
    let padded = width.next_multiple_of(STEP).max(MIN_WIDTH);
    let mut input = Input { height: HEIGHT, width: padded, values: vec![0.0; 3 * HEIGHT * padded] };
    let sampler = Sampler { pixels, center: of.center, angle, x_scale: scale, y_scale: thickness / HEIGHT as f32 };
    for y in 0..HEIGHT {
        for x in 0..width {
            let across = y as f32 + 0.5 - HEIGHT as f32 / 2.0;
            let along = x as f32 + 0.5 - width as f32 / 2.0;
            set(&mut input, x, y, sampler.at(along, across));
        }
    }
    Strip { input, scale }
}

/// Sets a pixel of all three channels.
pub(super) fn set(input: &mut Input, x: usize, y: usize, color: [f32; 3]) {
    let area = input.height * input.width;
    // Blue, green, red, as the networks learnt it.
    for (channel, value) in color.into_iter().rev().enumerate() {
        if let Some(place) = input.values.get_mut(channel * area + y * input.width + x) {
            *place = value / 127.5 - 1.0;
        }
    }
}

/// Reads colours of a turned picture.
pub(super) struct Sampler<'a> {
    pub(super) pixels: &'a Pixels,
    pub(super) center: (f32, f32),
    pub(super) angle: f32,
    pub(super) x_scale: f32,
    pub(super) y_scale: f32,
}

impl Sampler<'_> {
    /// The colour at a distance from the middle, the mean of all that a pixel there covers.
    pub(super) fn at(&self, along: f32, across: f32) -> [f32; 3] {
        // Enough samples that no pixel between them is missed.
        let (nx, ny) = ((self.x_scale / 1.5).ceil().clamp(1.0, 8.0), (self.y_scale / 1.5).ceil().clamp(1.0, 8.0));
        let (sin, cos) = self.angle.sin_cos();
        let mut sum = [0.0; 3];
        for j in 0..ny as usize {
            for i in 0..nx as usize {
                let u = (along + (i as f32 + 0.5) / nx - 0.5) * self.x_scale;
                let v = (across + (j as f32 + 0.5) / ny - 0.5) * self.y_scale;
                let x = self.center.0 + u * cos - v * sin;
                let y = self.center.1 + u * sin + v * cos;
                for (sum, value) in sum.iter_mut().zip(self.bilinear(x - 0.5, y - 0.5)) {
                    *sum += value;
                }
            }
        }
        sum.map(|value| value / (nx * ny))
    }

    fn bilinear(&self, x: f32, y: f32) -> [f32; 3] {
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let row = |y: isize| {
            let (from, to) = (self.pixels.at(left, y).map(f32::from), self.pixels.at(left + 1, y).map(f32::from));
            std::array::from_fn::<f32, 3, _>(|n| from[n] + (to[n] - from[n]) * fx)
        };
        let (upper, lower) = (row(top), row(top + 1));
        std::array::from_fn(|n| upper[n] + (lower[n] - upper[n]) * fy)
    }
}
