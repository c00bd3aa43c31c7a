//! Recognises the text of a picture: finds its lines, tells how they are turned, and reads them.

use super::boxes::{self, TextBox};
use super::decode::Decoded;
use super::strip::{Input, Sampler, Turn, set, strip};
use crate::formats::{Pixels, RecognisedLetter, RecognisedLine};

/// The longest side of the picture in which lines are looked for. They are read from the whole picture.
const DETECTION_SIDE: usize = 1_280;
/// Its sides are multiples of this.
const DETECTION_STEP: usize = 32;
/// How many lines are read to tell how a page is turned.
const PROBES: usize = 3;
/// A page whose lines are read as surely as this is turned as it should be.
const SURE: f32 = 0.85;

/// The two networks.
pub(super) trait Networks {
    type Error;

    /// How probably each pixel of the input is in the middle of a line.
    fn detect(&mut self, input: &Input) -> Result<Vec<f32>, Self::Error>;

    /// The text of a strip.
    fn read(&mut self, input: &Input) -> Result<Decoded, Self::Error>;
}

/// The lines of a picture, in no particular order.
pub(super) fn lines<N: Networks>(pixels: &Pixels, networks: &mut N) -> Result<Vec<RecognisedLine>, N::Error> {
    let input = detection_input(pixels);
    let map = networks.detect(&input)?;
    let scale = (pixels.width() as f32 / input.width as f32, pixels.height() as f32 / input.height as f32);
    let found = boxes::boxes(&map, input.width, input.height);
    drop((map, input.values));
    let (tall, wide): (Vec<TextBox>, Vec<TextBox>) =
        found.into_iter().map(|found| found.scaled(scale.0, scale.1)).partition(TextBox::is_tall);
    let mut lines = Vec::new();
    for (boxes, turn) in [(wide, Turn::Right), (tall, Turn::Down)] {
        let turn = turned(pixels, &boxes, turn, networks)?;
        for found in &boxes {
            let decoded = read(pixels, found, turn, networks)?;
            lines.extend(line(found, turn, &decoded));
        }
    }
    Ok(lines)
}

fn detection_input(pixels: &Pixels) -> Input {
    let (width, height) = (pixels.width(), pixels.height());
    let scale = (DETECTION_SIDE as f32 / width.max(height) as f32).min(1.0);
    let side = |length: usize| ((length as f32 * scale) as usize).max(1).next_multiple_of(DETECTION_STEP);
    let (w, h) = (side(width), side(height));
    let mut input = Input { height: h, width: w, values: vec![0.0; 3 * w * h] };
    let center = (width as f32 / 2.0, height as f32 / 2.0);
    let sampler =
        Sampler { pixels, center, angle: 0.0, x_scale: width as f32 / w as f32, y_scale: height as f32 / h as f32 };
    for y in 0..h {
        for x in 0..w {
            let color = sampler.at(x as f32 + 0.5 - w as f32 / 2.0, y as f32 + 0.5 - h as f32 / 2.0);
            set(&mut input, x, y, color);
        }
    }
    input
}

/// The text of a box, its letters in pixels of the picture from the start of the line.
fn read<N: Networks>(pixels: &Pixels, found: &TextBox, turn: Turn, networks: &mut N) -> Result<Decoded, N::Error> {
    let strip = strip(pixels, found, turn);
    let mut decoded = networks.read(&strip.input)?;
    let length = strip.input.width as f32 * strip.scale;
    decoded.letters.iter_mut().for_each(|(_, at)| *at *= length);
    Ok(decoded)
}

/// How lines are turned that may be upside down: as the longest of them are read more surely.
fn turned<N: Networks>(pixels: &Pixels, boxes: &[TextBox], usual: Turn, networks: &mut N) -> Result<Turn, N::Error> {
    let mut longest: Vec<&TextBox> = boxes.iter().collect();
    longest.sort_by(|a, b| b.width.max(b.height).total_cmp(&a.width.max(a.height)));
    longest.truncate(PROBES);
    if longest.is_empty() {
        return Ok(usual);
    }
    let mut sureness = |turn: Turn| {
        let mut sum = 0.0;
        for found in &longest {
            sum += read(pixels, found, turn, networks)?.confidence;
        }
        Ok(sum / longest.len() as f32)
    };
    let usually = sureness(usual)?;
    let other = usual.reversed();
    Ok(if usually < SURE && sureness(other)? > usually { other } else { usual })
}

fn line(found: &TextBox, turn: Turn, decoded: &Decoded) -> Option<RecognisedLine> {
    let (length, thickness) = match turn {
        Turn::Right | Turn::Left => (found.width, found.height),
        Turn::Down | Turn::Up => (found.height, found.width),
    };
    let letters: Vec<RecognisedLetter> =
        decoded.letters.iter().map(|&(c, at)| RecognisedLetter { c, at: at.min(length) }).collect();
    letters.iter().any(|letter| letter.c != ' ').then_some(RecognisedLine {
        center: found.center,
        length,
        thickness,
        angle: found.angle + turn.angle(),
        confidence: decoded.confidence.clamp(0.0, 1.0),
        letters,
    })
}
