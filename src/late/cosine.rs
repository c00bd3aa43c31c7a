//! Cosines of a question with compressed passage vectors, which are not decoded for it.

use half::f16;

/// Values that are added up side by side.
const LANES: usize = 16;
const SCALE_BYTES: usize = 2;
/// Bytes of memory that a processor fetches at once.
const LINE: usize = 64;

/// A question's vector, to be compared with many passages' vectors, each as
/// [`Codec::compress_passage`](super::Codec::compress_passage) gives it.
#[derive(Debug, Clone)]
pub(crate) struct QuestionCosines {
    vector: Vec<f32>,
    /// The vector, rounded to 8 bits a dimension, each in 16.
    steps: Vec<i16>,
    step: f32,
}

impl QuestionCosines {
    /// For a vector of L2 norm 1.
    pub(crate) fn new(vector: &[f32]) -> Self {
        let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let step = (largest / f32::from(i8::MAX)).max(f32::MIN_POSITIVE);
        let steps = vector.iter().map(|value| (value / step).round() as i16).collect();
        Self { vector: vector.to_vec(), steps, step }
    }

    /// The cosine. It depends on nothing but the two vectors.
    pub(crate) fn exact(&self, passage: &[u8]) -> f32 {
        let (scale, codes) = split(passage);
        let mut sums = [0.0_f32; LANES];
        let (whole, rest) = self.vector.as_chunks::<LANES>();
        let (codes, codes_rest) = codes.as_chunks::<LANES>();
        for (values, codes) in whole.iter().zip(codes) {
            for lane in 0..LANES {
                sums[lane] += values[lane] * f32::from(codes[lane].cast_signed());
            }
        }
        let rest: f32 = rest.iter().zip(codes_rest).map(|(value, code)| value * f32::from(code.cast_signed())).sum();
        scale * (sums.iter().sum::<f32>() + rest)
    }

    /// The cosine of the rounded question: nearly the same, for half of the work.
    pub(crate) fn rough(&self, passage: &[u8]) -> f32 {
        let (scale, codes) = split(passage);
        let (whole, rest) = self.steps.as_chunks::<LANES>();
        let (codes, codes_rest) = codes.as_chunks::<LANES>();
        let mut sum = 0_i32;
        for (steps, codes) in whole.iter().zip(codes) {
            // At most 16 · 127², far from the end of 32 bits; in 16-bit factors, which processors multiply in pairs.
            for lane in 0..LANES {
                sum += i32::from(steps[lane]) * i32::from(i16::from(codes[lane].cast_signed()));
            }
        }
        for (step, code) in rest.iter().zip(codes_rest) {
            sum += i32::from(*step) * i32::from(code.cast_signed());
        }
        scale * self.step * sum as f32
    }

    /// [`QuestionCosines::rough`] of several, added to `cosines` in their order.
    ///
    /// All are touched before the first is compared. So the processor fetches them from memory side by side; one by one, it
    /// waits for each.
    pub(crate) fn rough_of_each(&self, passages: &[&[u8]], cosines: &mut Vec<f32>) {
        let lines = passages.iter().flat_map(|passage| passage.iter().step_by(LINE));
        std::hint::black_box(lines.fold(0_u8, |all, byte| all ^ byte));
        cosines.extend(passages.iter().map(|passage| self.rough(passage)));
    }
}

/// The scale of a compressed vector, and its steps.
fn split(passage: &[u8]) -> (f32, &[u8]) {
    match passage.split_first_chunk::<SCALE_BYTES>() {
        Some((scale, codes)) => (f16::from_le_bytes(*scale).to_f32(), codes),
        None => (0.0, &[]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::late::{Codec, dot};

    proptest! {
        #[test]
        fn cosines_are_those_of_the_decoded_vectors(
            (question, passage) in (1_usize..70).prop_flat_map(|dimensions| {
                let vector = || proptest::collection::vec(-1.0_f32..1.0, dimensions);
                (vector(), vector())
            })
        ) {
            let codec = Codec::new(question.len());
            let compressed = codec.compress_passage(&passage);
            let wanted = dot(&question, &codec.decode_passage(&compressed).unwrap());
            let question = QuestionCosines::new(&question);
            prop_assert!((question.exact(&compressed) - wanted).abs() < 1e-4, "{wanted}");
            let off = passage.len() as f32 / 200.0;
            prop_assert!((question.rough(&compressed) - wanted).abs() < off, "{wanted}");
            let mut each = Vec::new();
            question.rough_of_each(&[&compressed, &compressed], &mut each);
            prop_assert_eq!(each, [question.rough(&compressed); 2]);
        }
    }
}
