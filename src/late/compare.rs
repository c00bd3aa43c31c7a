//! Compares a question with compressed passages.

use super::codec::Codec;
use super::dot;
use super::table::{LANES, Lanes, MAX_GROUPS, Table};

/// A question's vectors, prepared for comparing.
#[derive(Debug, Clone)]
pub struct CodecQuestion {
    /// Its own vector, then those of its tokens, each of L2 norm 1.
    plain: Vec<Vec<f32>>,
    /// The same, rotated.
    rotated: Vec<Vec<f32>>,
}

/// A passage to compare with a question.
#[derive(Debug, Clone)]
pub struct CompressedPassage<'p> {
    /// Its vector, decoded.
    pub vector: &'p [f32],
    /// Its sentences, as [`Codec::compress_sentences`] gives them.
    pub sentences: Vec<&'p [u8]>,
}

/// A question compared with one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct SentenceMatch {
    /// The cosine of the question's and the sentence's vectors.
    pub cosine: f32,
    /// For each token of the question the largest cosine with a token of the sentence; -1 if the sentence has none.
    pub nearest: Vec<f32>,
}

/// The blocks of a passage.
struct Blocks<'p> {
    scales: Vec<f32>,
    codes: Vec<&'p [u8]>,
}

impl Codec {
    /// Prepares a question. Token vectors of another length than the codec's are left out.
    pub fn question(&self, question: &[f32], tokens: &[Vec<f32>]) -> CodecQuestion {
        let mut own = question.to_vec();
        own.resize(self.dimensions(), 0.0);
        let tokens = tokens.iter().filter(|token| token.len() == self.dimensions()).cloned();
        let plain: Vec<Vec<f32>> = std::iter::once(own).chain(tokens).collect();
        let rotated = plain.iter().map(|vector| self.rotate(vector)).collect();
        CodecQuestion { plain, rotated }
    }

    /// Compares a question with passages; for each a match for each of its sentences.
    pub fn compare(&self, question: &CodecQuestion, passages: &[CompressedPassage<'_>]) -> Vec<Vec<SentenceMatch>> {
        let blocks: Vec<Blocks<'_>> = passages.iter().map(|passage| self.blocks(passage)).collect();
        let tokens = question.plain.len() - 1;
        let mut matches: Vec<Vec<SentenceMatch>> = Vec::with_capacity(passages.len());
        for passage in passages {
            let nothing = |_: &&[u8]| SentenceMatch { cosine: 0.0, nearest: Vec::with_capacity(tokens) };
            matches.push(passage.sentences.iter().map(nothing).collect());
        }
        // A strip has tables of its own, so a long question takes no more memory for them than a short one.
        let strips = question.plain.chunks(MAX_GROUPS * LANES).zip(question.rotated.chunks(MAX_GROUPS * LANES));
        for (number, (plain, rotated)) in strips.enumerate() {
            let strip = Strip { plain, rotated, has_own: number == 0 };
            match plain.len().div_ceil(LANES) {
                1 => self.compare_strip::<1>(&strip, passages, &blocks, &mut matches),
                2 => self.compare_strip::<2>(&strip, passages, &blocks, &mut matches),
                3 => self.compare_strip::<3>(&strip, passages, &blocks, &mut matches),
                _ => self.compare_strip::<MAX_GROUPS>(&strip, passages, &blocks, &mut matches),
            }
        }
        matches
    }

    fn blocks<'p>(&self, passage: &CompressedPassage<'p>) -> Blocks<'p> {
        let blocks = || passage.sentences.iter().flat_map(|sentence| sentence.chunks_exact(self.block_bytes()));
        let scale = |block| Some(Self::scale_of(block)).filter(|scale| scale.is_finite()).unwrap_or_default();
        Blocks { scales: blocks().map(scale).collect(), codes: blocks().map(Self::codes_of).collect() }
    }

    /// Compares a strip of the question's vectors, at most `GROUPS · LANES`, and adds what it finds to `matches`.
    fn compare_strip<const GROUPS: usize>(
        &self,
        strip: &Strip<'_>,
        passages: &[CompressedPassage<'_>],
        blocks: &[Blocks<'_>],
        matches: &mut [Vec<SentenceMatch>],
    ) {
        let table = Table::<GROUPS>::new(self.dimensions(), strip.rotated.iter().map(Vec::as_slice));
        let mut products = Vec::new();
        for ((passage, blocks), matches) in passages.iter().zip(blocks).zip(matches) {
            table.products(&blocks.codes, &mut products);
            let mut rows = blocks.scales.iter().copied().zip(&products);
            let mut with_passage = [Lanes::default(); GROUPS];
            for (lane, vector) in strip.plain.iter().enumerate() {
                with_passage[lane / LANES].0[lane % LANES] = dot(vector, passage.vector);
            }
            for (sentence, found) in passage.sentences.iter().zip(matches) {
                let mut rows = rows.by_ref().take(sentence.len() / self.block_bytes());
                let mut base = with_passage;
                if let Some((scale, row)) = rows.next() {
                    each_lane(&mut base, row, |base, product| base + scale * product);
                }
                let mut nearest = [Lanes([f32::NEG_INFINITY; LANES]); GROUPS];
                for (scale, row) in rows {
                    let larger = |nearest: f32, product: f32| {
                        let similarity = scale * product;
                        if similarity > nearest { similarity } else { nearest }
                    };
                    each_lane(&mut nearest, row, larger);
                }
                strip.add(&base, &nearest, found);
            }
        }
    }
}

/// Some of a question's vectors.
struct Strip<'q> {
    plain: &'q [Vec<f32>],
    rotated: &'q [Vec<f32>],
    /// Whether the first of them is the question's own.
    has_own: bool,
}

impl Strip<'_> {
    /// Adds to a sentence's match: `base` is the cosines with the sentence's vector, `nearest` what the nearest tokens add.
    fn add<const GROUPS: usize>(&self, base: &[Lanes; GROUPS], nearest: &[Lanes; GROUPS], found: &mut SentenceMatch) {
        let base = base.iter().flat_map(|lanes| lanes.0);
        let nearest = nearest.iter().flat_map(|lanes| lanes.0);
        let mut cosines = base.zip(nearest).take(self.plain.len());
        if self.has_own {
            found.cosine = cosines.next().map_or(0.0, |(base, _)| base);
        }
        found.nearest.extend(cosines.map(|(base, added)| if added.is_finite() { base + added } else { -1.0 }));
    }
}

/// Replaces each value by a function of it and its counterpart.
fn each_lane<const GROUPS: usize>(
    values: &mut [Lanes; GROUPS],
    others: &[Lanes; GROUPS],
    function: impl Fn(f32, f32) -> f32,
) {
    for (values, others) in values.iter_mut().zip(others) {
        for (value, other) in values.0.iter_mut().zip(others.0) {
            *value = function(*value, other);
        }
    }
}
