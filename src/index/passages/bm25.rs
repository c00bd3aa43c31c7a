//! BM25: what a concept adds to the score of a passage.

/// BM25's usual parameters (Robertson and Zaragoza 2009).
pub(super) const K1: f32 = 1.2;
const B: f32 = 0.75;

/// What a concept adds to the score of a passage of this length.
pub(super) fn bm25(weight: f32, frequency: u32, length: u32, average_length: f32) -> f32 {
    let (frequency, length) = (frequency as f32, length as f32);
    weight * (K1 + 1.0) * frequency / (frequency + K1 * (1.0 - B + B * length / average_length))
}

/// The frequency that gives this score with a weight of 1: the inverse of [`bm25`].
pub(super) fn frequency_of(score: f32, length: u32, average_length: f32) -> u32 {
    let saturation = f64::from(K1 * (1.0 - B + B * length as f32 / average_length));
    let score = f64::from(score);
    (score * saturation / (f64::from(K1 + 1.0) - score)).round().max(0.0) as u32
}

/// The weight of a concept that occurs in `frequency` of `passages`: ln(1 + (N - n + 0.5) / (n + 0.5)).
pub(super) fn idf(passages: usize, frequency: usize) -> f32 {
    let (passages, frequency) = (passages as f32, frequency as f32);
    (1.0 + (passages - frequency + 0.5) / (frequency + 0.5)).ln()
}
