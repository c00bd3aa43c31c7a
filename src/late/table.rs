//! Sums by table: the inner products of two-bit codes with vectors, without decoding the codes.
//!
//! Half a byte of codes stands for two dimensions, so there are only sixteen sums that it can contribute to an inner
//! product (Jégou, Douze and Schmid 2011). They are computed once for each place in a block; a product is then a sum of
//! looked-up values, which takes half as long as multiplying.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, f32x8};

use super::codec::{LEVELS, PER_BYTE};

/// Vectors that are processed as one.
pub(super) const LANES: usize = 8;
/// The largest number of `LANES` in a strip.
pub(super) const MAX_GROUPS: usize = 4;
/// Bytes of a block that are processed at a time, so that their part of the table stays in the first-level cache.
const TILE_BYTES: usize = 8;
/// Values of half a byte.
const HALF_BYTE: usize = 16;
/// Codes in half a byte.
const PER_HALF: usize = PER_BYTE / 2;

/// A value for each of `LANES` vectors.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(super) struct Lanes(pub(super) [f32; LANES]);

/// Tables for `GROUPS · LANES` vectors.
pub(super) struct Table<const GROUPS: usize> {
    /// For each half of each byte of a block, for each value of it, the sums.
    halves: Vec<[[Lanes; GROUPS]; HALF_BYTE]>,
}

impl<const GROUPS: usize> Table<GROUPS> {
    /// The tables of these vectors, as many as fit, each of `dimensions` values.
    pub(super) fn new<'v>(dimensions: usize, vectors: impl Iterator<Item = &'v [f32]>) -> Self {
        let half_bytes = 2 * dimensions.div_ceil(PER_BYTE);
        // By dimension; unused bits of the last byte stand for dimensions of 0.
        let mut values = vec![[Lanes::default(); GROUPS]; PER_HALF * half_bytes];
        for (lane, vector) in vectors.take(GROUPS * LANES).enumerate() {
            for (value, lanes) in vector.iter().zip(&mut values) {
                lanes[lane / LANES].0[lane % LANES] = *value;
            }
        }
        let sums = |[first, second]: &[[Lanes; GROUPS]; PER_HALF], codes: usize| {
            let (a, b) = (LEVELS[codes & 3], LEVELS[codes >> 2]);
            std::array::from_fn(|group| {
                Lanes(std::array::from_fn(|lane| a * first[group].0[lane] + b * second[group].0[lane]))
            })
        };
        let pairs = values.as_chunks::<PER_HALF>().0.iter();
        let halves = pairs.map(|pair| std::array::from_fn(|codes| sums(pair, codes))).collect();
        Self { halves }
    }

    /// For each block of codes its products with all vectors.
    pub(super) fn products(&self, blocks: &[&[u8]], products: &mut Vec<[Lanes; GROUPS]>) {
        products.clear();
        products.resize(blocks.len(), [Lanes::default(); GROUPS]);
        dispatch!(Level::new(), simd => add_all(simd, &self.halves, blocks, products));
    }
}

#[expect(clippy::inline_always, reason = "a function that is not inlined is not compiled for the selected level")]
#[inline(always)]
fn add_all<S: Simd, const GROUPS: usize>(
    simd: S,
    halves: &[[[Lanes; GROUPS]; HALF_BYTE]],
    blocks: &[&[u8]],
    products: &mut [[Lanes; GROUPS]],
) {
    for (tile, halves) in halves.chunks(2 * TILE_BYTES).enumerate() {
        for (block, sums) in blocks.iter().zip(&mut *products) {
            add_tile(simd, halves, block.get(tile * TILE_BYTES..).unwrap_or_default(), sums);
        }
    }
}

/// Adds to `sums` what the bytes of one tile contribute.
#[expect(clippy::inline_always, reason = "a function that is not inlined is not compiled for the selected level")]
#[inline(always)]
fn add_tile<S: Simd, const GROUPS: usize>(
    simd: S,
    halves: &[[[Lanes; GROUPS]; HALF_BYTE]],
    bytes: &[u8],
    sums: &mut [Lanes; GROUPS],
) {
    let load = |lanes: &Lanes| f32x8::from_slice(simd, &lanes.0);
    let mut added: [f32x8<S>; GROUPS] = std::array::from_fn(|group| load(&sums[group]));
    for ([low, high], byte) in halves.as_chunks::<2>().0.iter().zip(bytes) {
        let (low, high) = (&low[usize::from(byte & 15)], &high[usize::from(byte >> 4)]);
        for group in 0..GROUPS {
            added[group] += load(&low[group]) + load(&high[group]);
        }
    }
    for group in 0..GROUPS {
        added[group].store_slice(&mut sums[group].0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_are_those_of_the_decoded_codes(
            (dimensions, vectors, blocks) in (1_usize..70, 1..=2 * LANES, 0_usize..20).prop_flat_map(|(dimensions, count, blocks)| {
                let vector = proptest::collection::vec(-1.0_f32..1.0, dimensions);
                let block = proptest::collection::vec(any::<u8>(), dimensions.div_ceil(PER_BYTE));
                (Just(dimensions), proptest::collection::vec(vector, count), proptest::collection::vec(block, blocks))
            })
        ) {
            let table = Table::<2>::new(dimensions, vectors.iter().map(Vec::as_slice));
            let mut products = vec![[Lanes::default(); 2]; 3];
            table.products(&blocks.iter().map(Vec::as_slice).collect::<Vec<_>>(), &mut products);
            prop_assert_eq!(products.len(), blocks.len());
            for (block, products) in blocks.iter().zip(products) {
                let level = |place: usize| LEVELS[usize::from(block[place / PER_BYTE] >> (2 * (place % PER_BYTE)) & 3)];
                for (lane, vector) in vectors.iter().enumerate() {
                    let expected: f32 = vector.iter().enumerate().map(|(place, value)| level(place) * value).sum();
                    let found = products[lane / LANES].0[lane % LANES];
                    prop_assert!((found - expected).abs() < 1e-4, "{found} for {expected}");
                }
            }
        }
    }
}
