//! What passes between readers and character recognition: pictures of pages, and the lines that are found on them.

use serde::{Deserialize, Serialize};

/// The most pixels of a picture: A4 at 270 dpi.
pub(crate) const MAX_PIXELS: usize = 7_000_000;
/// The longest side of a picture.
pub(crate) const MAX_SIDE: usize = 8_192;

/// A picture: its pixels in rows from the top, three bytes each: red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pixels {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Pixels {
    /// A picture of these bytes; `None` if they are not as many as the size says, or it is empty or too large.
    pub(crate) fn new(width: usize, height: usize, rgb: Vec<u8>) -> Option<Self> {
        let fits = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height) && width * height <= MAX_PIXELS;
        (fits && rgb.len() == width * height * 3).then_some(Self { width, height, rgb })
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// Its bytes.
    pub(crate) fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The pixel at a place; outside of the picture that of its nearest edge.
    pub(crate) fn at(&self, x: isize, y: isize) -> [u8; 3] {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        let start = (y * self.width + x) * 3;
        self.rgb.get(start..start + 3).and_then(|pixel| pixel.try_into().ok()).unwrap_or([255; 3])
    }
}

/// A page whose text is to be recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scan {
    /// From 1.
    pub(crate) page: u32,
    /// How many pages its file has.
    pub(crate) pages: u32,
    pub(crate) pixels: Pixels,
}

/// A line of text that was recognised. Lengths are in pixels, from the top left of the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecognisedLine {
    /// Its middle.
    pub(crate) center: (f32, f32),
    /// How long it is in the direction in which it is read.
    pub(crate) length: f32,
    /// How long it is across that direction.
    pub(crate) thickness: f32,
    /// The direction in which it is read, in radians: 0 to the right, a quarter turn down.
    pub(crate) angle: f32,
    /// How sure its characters are on average, from 0 to 1.
    pub(crate) confidence: f32,
    /// Its characters, in the order of reading.
    pub(crate) letters: Vec<RecognisedLetter>,
}

/// A character of a line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecognisedLetter {
    pub(crate) c: char,
    /// Where its middle stands along the line, from the line's start.
    pub(crate) at: f32,
}

impl RecognisedLine {
    /// Whether all its lengths are numbers, its letters in order and its confidence a share.
    pub(crate) fn is_sound(&self) -> bool {
        let lengths = [self.center.0, self.center.1, self.length, self.thickness, self.angle];
        lengths.iter().all(|length| length.is_finite() && length.abs() < 1e6)
            && (0.0..=1.0).contains(&self.confidence)
            && self.letters.iter().all(|letter| letter.at.is_finite())
            && self.letters.is_sorted_by(|a, b| a.at <= b.at)
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.letters.iter().map(|letter| letter.c).collect()
    }
}
