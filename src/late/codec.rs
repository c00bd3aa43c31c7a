//! Token vectors in few bytes: fewer of them, and two bits a dimension.

use half::f16;
use kodama::{Method, linkage};
use ndarray::ArrayView2;

use super::dot;
use super::rotation::Rotation;

/// The best four levels for a normal distribution of variance 1 (Max 1960), which the dimensions of a rotated vector
/// come close to.
const LEVELS: [f32; 4] = [-1.510_4, -0.452_8, 0.452_8, 1.510_4];
/// Half way between the outer and the inner level.
const THRESHOLD: f32 = 0.981_6;
/// Dimensions in a byte.
const PER_BYTE: usize = 4;
/// Bytes of a vector's scale, an f16 in little-endian.
const SCALE_BYTES: usize = 2;

/// Compresses token vectors of one length, and compares questions with them.
#[derive(Debug, Clone)]
pub struct Codec {
    dimensions: usize,
    rotation: Rotation,
}

/// A question's token vectors, made ready for comparing.
#[derive(Debug, Clone)]
pub struct QuestionTokens {
    dimensions: usize,
    /// As the model gave them, each of L2 norm 1, one after the other.
    plain: Vec<f32>,
    /// The same, rotated.
    rotated: Vec<f32>,
}

impl Codec {
    /// For vectors of `dimensions` values.
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions, rotation: Rotation::new(dimensions) }
    }

    /// Bytes that one compressed vector takes.
    pub fn bytes_per_vector(&self) -> usize {
        SCALE_BYTES + self.dimensions.div_ceil(PER_BYTE)
    }

    /// Compresses the token vectors of a sentence, each of L2 norm 1, given the sentence's own vector.
    ///
    /// Alike tokens are merged by Ward's method until half of them are left; of those the difference from `sentence` is
    /// rotated and rounded to four levels, with the scale that fits best.
    pub fn compress(&self, sentence: &[f32], tokens: &[Vec<f32>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for token in merged(tokens, tokens.len().div_ceil(2)) {
            let difference: Vec<f32> = token.iter().zip(sentence).map(|(token, base)| token - base).collect();
            self.quantise(&self.rotation.apply(&difference), &mut bytes);
        }
        bytes
    }

    fn quantise(&self, vector: &[f32], bytes: &mut Vec<u8>) {
        let deviation = (dot(vector, vector) / self.dimensions as f32).sqrt();
        let threshold = THRESHOLD * deviation;
        let level = |&value: &f32| {
            let places = [-threshold, 0.0, threshold];
            places.iter().filter(|&&place| value >= place).count() as u8
        };
        let codes: Vec<u8> = vector.iter().map(level).collect();
        let (mut along, mut square) = (0.0_f32, 0.0_f32);
        for (value, &code) in vector.iter().zip(&codes) {
            let level = LEVELS[usize::from(code)];
            along += value * level;
            square += level * level;
        }
        let scale = f16::from_f32(along / square.max(f32::MIN_POSITIVE));
        bytes.extend(scale.to_le_bytes());
        let packed = codes.chunks(PER_BYTE).map(|codes| codes.iter().rev().fold(0, |byte, code| byte << 2 | code));
        bytes.extend(packed);
    }

    /// Makes a question's token vectors ready; those of another length than [`Codec::new`] was told are left out.
    pub fn question(&self, tokens: &[Vec<f32>]) -> QuestionTokens {
        let tokens = || tokens.iter().filter(|token| token.len() == self.dimensions);
        QuestionTokens {
            dimensions: self.dimensions,
            plain: tokens().flatten().copied().collect(),
            rotated: tokens().flat_map(|token| self.rotation.apply(token)).collect(),
        }
    }

    /// For each of a passage's sentences (its vector and its compressed tokens), and in it for each token of the question,
    /// the cosine of the nearest of the sentence's tokens; -1 where it has none.
    ///
    /// The passage is decoded and multiplied as a whole: one product of matrices is far cheaper than its rows by themselves.
    pub fn nearest<'s>(
        &self,
        question: &QuestionTokens,
        sentences: impl Iterator<Item = (&'s [f32], &'s [u8])> + Clone,
    ) -> Vec<Vec<f32>> {
        let tokens = sentences.clone().map(|(_, compressed)| compressed.len() / self.bytes_per_vector()).sum::<usize>();
        let mut scales = Vec::with_capacity(tokens);
        let mut decoded = Vec::with_capacity(tokens * self.dimensions + PER_BYTE);
        for bytes in sentences.clone().flat_map(|(_, compressed)| compressed.chunks_exact(self.bytes_per_vector())) {
            let (scale, codes) = bytes.split_at(SCALE_BYTES);
            scales.push(f16::from_le_bytes([scale[0], scale[1]]).to_f32());
            codes.iter().for_each(|&byte| decoded.extend_from_slice(&DECODED[usize::from(byte)]));
            decoded.truncate(scales.len() * self.dimensions);
        }
        let similarities = product(&decoded, &question.rotated, self.dimensions);
        let mut rows = scales.iter().zip(similarities.chunks(question.len().max(1)));
        let of_sentence = |(sentence, compressed): (&[f32], &[u8])| {
            let mut nearest = vec![f32::NEG_INFINITY; question.len()];
            for (scale, row) in rows.by_ref().take(compressed.len() / self.bytes_per_vector()) {
                nearest
                    .iter_mut()
                    .zip(row)
                    .for_each(|(nearest, &similarity)| *nearest = nearest.max(scale * similarity));
            }
            for (nearest, token) in nearest.iter_mut().zip(question.plain.chunks_exact(self.dimensions)) {
                *nearest = if nearest.is_finite() { *nearest + dot(token, sentence) } else { -1.0 };
            }
            nearest
        };
        sentences.map(of_sentence).collect()
    }
}

/// The inner products of all vectors of `a` (rows) with all of `b` (columns), both of `dimensions` values and one after
/// the other; row by row.
fn product(a: &[f32], b: &[f32], dimensions: usize) -> Vec<f32> {
    let (Some(a), Some(b)) = (matrix(a, dimensions), matrix(b, dimensions)) else { return Vec::new() };
    let product = a.dot(&b.t());
    // Made by `dot`, it may be in either order; read in rows.
    product.as_standard_layout().iter().copied().collect()
}

/// Rows of `width` values; `None` if they do not come out even.
fn matrix(values: &[f32], width: usize) -> Option<ArrayView2<'_, f32>> {
    ArrayView2::from_shape((values.len() / width.max(1), width), values).ok()
}

impl QuestionTokens {
    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.plain.len() / self.dimensions.max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }
}

/// The four levels in every byte, lowest bits first.
static DECODED: [[f32; PER_BYTE]; 256] = {
    let mut table = [[0.0; PER_BYTE]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut place = 0;
        while place < PER_BYTE {
            table[byte][place] = LEVELS[byte >> (2 * place) & 3];
            place += 1;
        }
        byte += 1;
    }
    table
};

/// The vectors merged by Ward's method until `count` are left, each again of L2 norm 1.
fn merged(vectors: &[Vec<f32>], count: usize) -> Vec<Vec<f32>> {
    let observations = vectors.len();
    if observations <= count || observations < 2 {
        return vectors.to_vec();
    }
    let mut distances = Vec::with_capacity(observations * (observations - 1) / 2);
    for (place, a) in vectors.iter().enumerate() {
        // The vectors are of length 1.
        distances.extend(vectors[place + 1..].iter().map(|b| (2.0 - 2.0 * dot(a, b)).max(0.0).sqrt()));
    }
    let dendrogram = linkage(&mut distances, observations, Method::Ward);
    // A step makes the cluster of the next higher number from two that were there before.
    let mut clusters: Vec<Option<Vec<f32>>> = vectors.iter().cloned().map(Some).collect();
    for step in dendrogram.steps().iter().take(observations - count) {
        let (a, b) = (clusters[step.cluster1].take(), clusters[step.cluster2].take());
        let sum = a.unwrap_or_default().into_iter().zip(b.unwrap_or_default()).map(|(a, b)| a + b);
        clusters.push(Some(sum.collect()));
    }
    clusters.into_iter().flatten().map(normalised).collect()
}

fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = dot(&vector, &vector).sqrt().max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|value| *value /= norm);
    vector
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vectors(count: usize, dimensions: usize, seed: u64) -> Vec<Vec<f32>> {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
        };
        (0..count).map(|_| normalised((0..dimensions).map(|_| random()).collect())).collect()
    }

    /// What a passage of one sentence gets.
    fn alone(codec: &Codec, question: &QuestionTokens, sentence: &[f32], compressed: &[u8]) -> Vec<f32> {
        codec.nearest(question, std::iter::once((sentence, compressed))).remove(0)
    }

    fn mean(vectors: &[Vec<f32>]) -> Vec<f32> {
        let mut sum = vec![0.0; vectors[0].len()];
        vectors.iter().for_each(|vector| sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value));
        normalised(sum)
    }

    #[test]
    fn a_compressed_token_is_still_nearly_as_near() {
        let codec = Codec::new(384);
        let base = mean(&vectors(1, 384, 9));
        // Tokens as models give them: most of what a token says is what its sentence says.
        let tokens: Vec<Vec<f32>> = vectors(1, 384, 3)
            .into_iter()
            .map(|noise| normalised(base.iter().zip(noise).map(|(base, noise)| base + 0.6 * noise).collect()))
            .collect();
        let compressed = codec.compress(&base, &tokens);
        assert_eq!(compressed.len(), codec.bytes_per_vector());
        let question = codec.question(&tokens);
        let near = alone(&codec, &question, &base, &compressed)[0];
        assert!((near - 1.0).abs() < 0.05, "a token against itself: {near}");
    }

    #[test]
    fn half_of_the_tokens_stay_and_twins_are_the_first_to_be_merged() {
        let mut tokens = vectors(3, 64, 1);
        tokens.push(tokens[1].clone());
        tokens.push(tokens[2].clone());
        let left = merged(&tokens, 3);
        assert_eq!(left.len(), 3);
        for token in &tokens[..3] {
            assert!(left.iter().any(|other| dot(token, other) > 0.999));
        }
        assert_eq!(merged(&[], 0), Vec::<Vec<f32>>::new());
    }

    #[test]
    fn a_sentence_without_tokens_is_near_to_nothing() {
        let codec = Codec::new(32);
        let tokens = vectors(3, 32, 5);
        assert_eq!(alone(&codec, &codec.question(&tokens), &tokens[0], &[]), [-1.0; 3]);
    }

    #[test]
    fn sentences_of_a_passage_are_compared_each_with_its_own_tokens() {
        let codec = Codec::new(48);
        let sentences: Vec<(Vec<f32>, Vec<u8>)> = [5, 0, 3, 9]
            .into_iter()
            .map(|count| (vectors(1, 48, count as u64), vectors(count, 48, 20 + count as u64)))
            .map(|(base, tokens)| (base[0].clone(), codec.compress(&base[0], &tokens)))
            .collect();
        let question = codec.question(&vectors(4, 48, 2));
        let together =
            codec.nearest(&question, sentences.iter().map(|(base, bytes)| (base.as_slice(), bytes.as_slice())));
        assert_eq!(together.len(), 4);
        for (near, (base, bytes)) in together.iter().zip(&sentences) {
            let alone = alone(&codec, &question, base, bytes);
            assert!(near.iter().zip(&alone).all(|(a, b)| (a - b).abs() < 1e-5), "{near:?} {alone:?}");
        }
        assert_eq!(together[1], [-1.0; 4]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_every_similarity_is_a_number(
            dimensions in 1_usize..70, bytes in proptest::collection::vec(any::<u8>(), 0..300)
        ) {
            let codec = Codec::new(dimensions);
            let tokens = vectors(2, dimensions, 7);
            let near = alone(&codec, &codec.question(&tokens), &tokens[1], &bytes);
            prop_assert_eq!(near.len(), 2);
            prop_assert!(near.iter().all(|similarity| similarity.is_finite()));
        }

        #[test]
        fn a_question_s_own_tokens_score_above_random_ones(seed in 0_u64..500) {
            let codec = Codec::new(128);
            let tokens = vectors(12, 128, seed);
            let base = mean(&tokens);
            let compressed = codec.compress(&base, &tokens);
            let score = |question: &[Vec<f32>]| {
                alone(&codec, &codec.question(question), &base, &compressed).iter().sum::<f32>()
            };
            prop_assert!(score(&tokens) > score(&vectors(12, 128, seed + 1_000)));
        }
    }
}
