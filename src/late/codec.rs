//! Vectors in few bytes: 8 bits a dimension for a passage, two bits for what its sentences and tokens differ by.

use half::f16;
use kodama::{Method, linkage};

use super::dot;
use super::rotation::Rotation;

/// The four levels that fit a normal distribution of variance 1 best (Max 1960). The dimensions of a rotated vector
/// come close to that distribution.
pub(super) const LEVELS: [f32; 4] = [-1.510_4, -0.452_8, 0.452_8, 1.510_4];
/// Half way between the outer and the inner level.
const THRESHOLD: f32 = 0.981_6;
/// Dimensions in a byte.
pub(super) const PER_BYTE: usize = 4;
/// Tokens of a sentence for each token vector that is kept.
const TOKENS_PER_VECTOR: usize = 3;
/// Bytes of a scale, an f16 in little-endian.
const SCALE_BYTES: usize = 2;

/// Compresses the vectors of passages, all of one length, and compares questions with them.
///
/// A passage's own vector is rounded to 8 bits a dimension with one scale. A sentence's vector is stored as its
/// difference from that, a token's vector as its difference from its sentence's. Differences are rotated and rounded to
/// four levels with one scale, a *block* each. What is subtracted is the decoded vector, so that errors do not add up.
#[derive(Debug, Clone)]
pub struct Codec {
    dimensions: usize,
    rotation: Rotation,
}

impl Codec {
    /// Names everything that stored bytes depend on besides the length of the vectors: levels, rotation, rounding. What
    /// one codec wrote another cannot read.
    pub const ID: &'static str = "passage 8 bits, sentences and a third of the tokens 2 bits, 1";

    /// For vectors of `dimensions` values.
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions, rotation: Rotation::new(dimensions) }
    }

    /// Bytes of a block.
    pub fn block_bytes(&self) -> usize {
        SCALE_BYTES + self.dimensions.div_ceil(PER_BYTE)
    }

    /// Bytes of a compressed passage vector.
    pub fn passage_bytes(&self) -> usize {
        SCALE_BYTES + self.dimensions
    }

    /// The length of the vector that was compressed to `passage`.
    pub fn dimensions_of(passage: &[u8]) -> usize {
        passage.len().saturating_sub(SCALE_BYTES)
    }

    /// Compresses a passage's vector.
    pub fn compress_passage(&self, vector: &[f32]) -> Vec<u8> {
        let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = f16::from_f32(largest / f32::from(i8::MAX));
        let step = scale.to_f32().max(f32::MIN_POSITIVE);
        let mut bytes = scale.to_le_bytes().to_vec();
        // A float that is cast to an integer saturates.
        bytes.extend(vector.iter().map(|value| ((value / step).round() as i8).cast_unsigned()));
        bytes
    }

    /// The passage's vector; `None` unless `bytes` are what [`Codec::compress_passage`] gives.
    pub fn decode_passage(&self, bytes: &[u8]) -> Option<Vec<f32>> {
        let (scale, steps) = bytes.split_first_chunk::<SCALE_BYTES>()?;
        let scale = f16::from_le_bytes(*scale).to_f32();
        (steps.len() == self.dimensions && scale.is_finite())
            .then(|| steps.iter().map(|step| scale * f32::from(step.cast_signed())).collect())
    }

    /// Compresses the sentences of a passage, each given by its own vector and those of its tokens, all of L2 norm 1: a
    /// block for its own vector, then one for each token that is left when similar tokens were merged by Ward's method.
    pub fn compress_sentences<'v>(
        &self,
        passage: &[f32],
        sentences: impl Iterator<Item = (&'v [f32], &'v [Vec<f32>])>,
    ) -> Vec<Vec<u8>> {
        let passage = self.decode_passage(&self.compress_passage(passage)).unwrap_or_default();
        let passage = self.rotation.apply(&passage);
        let compress = |(vector, tokens): (&[f32], &[Vec<f32>])| {
            let mut bytes = Vec::new();
            let sentence = self.push_block(&passage, vector, &mut bytes);
            for token in merged(tokens, tokens.len().div_ceil(TOKENS_PER_VECTOR)) {
                self.push_block(&sentence, &token, &mut bytes);
            }
            bytes
        };
        sentences.map(compress).collect()
    }

    /// Appends the block of `vector` and returns the vector that it stands for, rotated as `base` is.
    fn push_block(&self, base: &[f32], vector: &[f32], bytes: &mut Vec<u8>) -> Vec<f32> {
        let rotated = self.rotation.apply(vector);
        let difference: Vec<f32> = rotated.iter().zip(base).map(|(value, base)| value - base).collect();
        let threshold = THRESHOLD * (dot(&difference, &difference) / self.dimensions as f32).sqrt();
        let level = |&value: &f32| {
            let bounds = [-threshold, 0.0, threshold];
            bounds.iter().filter(|&&bound| value >= bound).count()
        };
        let codes: Vec<usize> = difference.iter().map(level).collect();
        let (mut along, mut square) = (0.0_f32, 0.0_f32);
        for (value, &code) in difference.iter().zip(&codes) {
            along += value * LEVELS[code];
            square += LEVELS[code] * LEVELS[code];
        }
        // The scale with the least squared error.
        let scale = f16::from_f32(along / square.max(f32::MIN_POSITIVE));
        bytes.extend(scale.to_le_bytes());
        bytes.extend(
            codes.chunks(PER_BYTE).map(|codes| codes.iter().rev().fold(0, |byte, &code| byte << 2 | code as u8)),
        );
        base.iter().zip(&codes).map(|(base, &code)| base + scale.to_f32() * LEVELS[code]).collect()
    }

    /// Whether these bytes are a sentence as [`Codec::compress_sentences`] gives it: whole blocks with finite scales.
    pub fn is_sentence(&self, bytes: &[u8]) -> bool {
        let blocks = bytes.chunks(self.block_bytes());
        !bytes.is_empty()
            && bytes.len().is_multiple_of(self.block_bytes())
            && blocks.into_iter().all(|block| Self::scale_of(block).is_finite())
    }

    pub(super) fn scale_of(block: &[u8]) -> f32 {
        block.first_chunk::<SCALE_BYTES>().map_or(f32::NAN, |scale| f16::from_le_bytes(*scale).to_f32())
    }

    /// What a block has besides its scale.
    pub(super) fn codes_of(block: &[u8]) -> &[u8] {
        block.get(SCALE_BYTES..).unwrap_or_default()
    }

    pub(super) fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub(super) fn rotate(&self, vector: &[f32]) -> Vec<f32> {
        self.rotation.apply(vector)
    }
}

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
    use crate::late::{CodecQuestion, CompressedPassage, SentenceMatch};

    fn vectors(count: usize, dimensions: usize, seed: u64) -> Vec<Vec<f32>> {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
        };
        (0..count).map(|_| normalised((0..dimensions).map(|_| random()).collect())).collect()
    }

    fn mean(vectors: &[Vec<f32>]) -> Vec<f32> {
        let mut sum = vec![0.0; vectors[0].len()];
        vectors.iter().for_each(|vector| sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value));
        normalised(sum)
    }

    /// `count` vectors around `base`, as models give them: most of what a token says is what its passage says.
    fn around(base: &[f32], count: usize, seed: u64) -> Vec<Vec<f32>> {
        let noise = vectors(count, base.len(), seed);
        noise.into_iter().map(|noise| normalised(base.iter().zip(noise).map(|(a, b)| a + 0.6 * b).collect())).collect()
    }

    fn compress_one(codec: &Codec, passage: &[f32], sentence: &[f32], tokens: &[Vec<f32>]) -> Vec<u8> {
        codec.compress_sentences(passage, std::iter::once((sentence, tokens))).remove(0)
    }

    fn compare_one(codec: &Codec, question: &CodecQuestion, passage: &[f32], sentence: &[u8]) -> SentenceMatch {
        let passage = CompressedPassage { vector: passage, sentences: vec![sentence] };
        codec.compare(question, &[passage]).remove(0).remove(0)
    }

    #[test]
    fn eight_bits_keep_the_direction_of_a_passage_vector() {
        let codec = Codec::new(384);
        let vector = vectors(1, 384, 3).remove(0);
        let decoded = codec.decode_passage(&codec.compress_passage(&vector)).unwrap();
        assert!(dot(&vector, &decoded) / dot(&decoded, &decoded).sqrt() > 0.9999);
        assert!((dot(&decoded, &decoded).sqrt() - 1.0).abs() < 0.005);
        assert_eq!(codec.decode_passage(&[0; 10]), None);
    }

    #[test]
    fn cosines_with_compressed_sentences_and_tokens_are_close_to_the_true_ones() {
        let codec = Codec::new(384);
        let passage = vectors(1, 384, 9).remove(0);
        let sentence = around(&passage, 1, 4).remove(0);
        let token = around(&sentence, 1, 5);
        let compressed = compress_one(&codec, &passage, &sentence, &token);
        assert_eq!(compressed.len(), 2 * codec.block_bytes());
        let passage = codec.decode_passage(&codec.compress_passage(&passage)).unwrap();
        let found = compare_one(&codec, &codec.question(&sentence, &token), &passage, &compressed);
        assert!((found.cosine - 1.0).abs() < 0.05, "the sentence with itself: {found:?}");
        assert!((found.nearest[0] - 1.0).abs() < 0.05, "the token with itself: {found:?}");
    }

    #[test]
    fn identical_tokens_are_the_first_to_be_merged() {
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
    fn a_third_of_the_tokens_is_kept_and_one_at_least() {
        let codec = Codec::new(32);
        let base = vectors(1, 32, 2).remove(0);
        for (tokens, kept) in [(0, 0), (1, 1), (3, 1), (4, 2), (30, 10)] {
            let compressed = compress_one(&codec, &base, &base, &vectors(tokens, 32, 8));
            assert_eq!(compressed.len(), (1 + kept) * codec.block_bytes(), "{tokens}");
            assert!(codec.is_sentence(&compressed));
        }
    }

    #[test]
    fn a_sentence_without_tokens_is_near_to_nothing() {
        let codec = Codec::new(32);
        let tokens = vectors(3, 32, 5);
        let compressed = compress_one(&codec, &tokens[0], &tokens[0], &[]);
        let found = compare_one(&codec, &codec.question(&tokens[1], &tokens), &tokens[0], &compressed);
        assert_eq!(found.nearest, [-1.0; 3]);
    }

    #[test]
    fn each_sentence_of_a_passage_is_compared_by_its_own_tokens() {
        let codec = Codec::new(48);
        let passage = vectors(1, 48, 77).remove(0);
        let sentences: Vec<(Vec<f32>, Vec<Vec<f32>>)> = [5, 0, 3, 9]
            .into_iter()
            .map(|count| (vectors(1, 48, count as u64).remove(0), vectors(count, 48, 20 + count as u64)))
            .collect();
        let compressed = codec.compress_sentences(
            &passage,
            sentences.iter().map(|(vector, tokens)| (vector.as_slice(), tokens.as_slice())),
        );
        let question = codec.question(&passage, &vectors(4, 48, 2));
        let sentences = compressed.iter().map(Vec::as_slice).collect();
        let together = codec.compare(&question, &[CompressedPassage { vector: &passage, sentences }]).remove(0);
        assert_eq!(together.len(), 4);
        for (found, bytes) in together.iter().zip(&compressed) {
            let alone = compare_one(&codec, &question, &passage, bytes);
            let pairs = found.nearest.iter().zip(&alone.nearest);
            assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} {alone:?}");
            assert!((found.cosine - alone.cosine).abs() < 1e-5);
        }
        assert_eq!(together[1].nearest, [-1.0; 4]);
    }

    #[test]
    fn each_token_of_a_long_question_is_compared_as_if_it_were_the_only_one() {
        let codec = Codec::new(48);
        let passage = vectors(1, 48, 5).remove(0);
        let compressed = compress_one(&codec, &passage, &passage, &vectors(30, 48, 6));
        for count in [0, 1, 7, 8, 31, 32, 33, 75] {
            let tokens = vectors(count, 48, 90);
            let found = compare_one(&codec, &codec.question(&passage, &tokens), &passage, &compressed);
            assert_eq!(found.nearest.len(), count);
            for (token, nearest) in tokens.iter().zip(&found.nearest) {
                let question = codec.question(&passage, std::slice::from_ref(token));
                let alone = compare_one(&codec, &question, &passage, &compressed);
                assert!((alone.nearest[0] - nearest).abs() < 1e-5 && (alone.cosine - found.cosine).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_whole_blocks_or_have_an_infinite_scale_are_no_sentence() {
        let codec = Codec::new(32);
        let tokens = vectors(3, 32, 5);
        let mut bytes = compress_one(&codec, &tokens[0], &tokens[1], &tokens);
        assert!(codec.is_sentence(&bytes));
        assert!(!codec.is_sentence(&bytes[1..]) && !codec.is_sentence(&[]));
        bytes[..SCALE_BYTES].copy_from_slice(&f16::INFINITY.to_le_bytes());
        assert!(!codec.is_sentence(&bytes));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_every_similarity_is_a_number(
            dimensions in 1_usize..70, bytes in proptest::collection::vec(any::<u8>(), 0..300)
        ) {
            let codec = Codec::new(dimensions);
            let tokens = vectors(2, dimensions, 7);
            let found = compare_one(&codec, &codec.question(&tokens[0], &tokens), &tokens[1], &bytes);
            prop_assert_eq!(found.nearest.len(), 2);
            prop_assert!(found.nearest.iter().chain([&found.cosine]).all(|similarity| similarity.is_finite()));
            let _ = (codec.is_sentence(&bytes), codec.decode_passage(&bytes));
        }

        #[test]
        fn a_question_s_own_tokens_score_above_random_ones(seed in 0_u64..500) {
            let codec = Codec::new(128);
            let tokens = vectors(12, 128, seed);
            let base = mean(&tokens);
            let compressed = compress_one(&codec, &base, &base, &tokens);
            let score = |tokens: &[Vec<f32>]| {
                compare_one(&codec, &codec.question(&base, tokens), &base, &compressed).nearest.iter().sum::<f32>()
            };
            prop_assert!(score(&tokens) > score(&vectors(12, 128, seed + 1_000)));
        }
    }
}
