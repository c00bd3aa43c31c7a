//! A fixed random rotation. It makes the variance of all dimensions similar, so that one quantiser fits them all.

/// An orthogonal transform of vectors of one length: two rounds of random signs, a Walsh-Hadamard transform of blocks,
/// and a permutation that mixes the blocks. It depends on the length alone, so stored vectors can be read back.
#[derive(Debug, Clone)]
pub(super) struct Rotation {
    rounds: [Round; 2],
    /// The largest power of two that divides the length.
    block: usize,
}

#[derive(Debug, Clone)]
struct Round {
    signs: Vec<f32>,
    permutation: Vec<usize>,
}

impl Rotation {
    /// The rotation of vectors of `dimensions` values.
    pub(super) fn new(dimensions: usize) -> Self {
        let mut random = SplitMix64(dimensions as u64);
        let mut round = || {
            let signs = (0..dimensions).map(|_| if random.next() >> 63 == 0 { 1.0 } else { -1.0 }).collect();
            let mut permutation: Vec<usize> = (0..dimensions).collect();
            for last in (1..dimensions).rev() {
                permutation.swap(last, (random.next() % (last as u64 + 1)) as usize);
            }
            Round { signs, permutation }
        };
        let rounds = [round(), round()];
        let block = if dimensions == 0 { 1 } else { 1 << dimensions.trailing_zeros() };
        Self { rounds, block }
    }

    /// The rotated vector.
    pub(super) fn apply(&self, vector: &[f32]) -> Vec<f32> {
        let mut vector = vector.to_vec();
        for round in &self.rounds {
            vector.iter_mut().zip(&round.signs).for_each(|(value, sign)| *value *= sign);
            vector.chunks_exact_mut(self.block).for_each(walsh_hadamard);
            vector = round.permutation.iter().map(|&from| vector[from]).collect();
        }
        vector
    }
}

/// In place, scaled to be orthogonal; the length is a power of two.
fn walsh_hadamard(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for pair in values.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let scale = (values.len() as f32).sqrt().recip();
    values.iter_mut().for_each(|value| *value *= scale);
}

/// Steele, Lea and Flood 2014. The sequence is part of the stored format.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::late::dot;

    proptest! {
        #[test]
        fn a_rotation_keeps_every_inner_product(
            (a, b) in (1_usize..400).prop_flat_map(|length| {
                let vector = || proptest::collection::vec(-1.0_f32..1.0, length);
                (vector(), vector())
            })
        ) {
            let rotation = Rotation::new(a.len());
            let turned = dot(&rotation.apply(&a), &rotation.apply(&b));
            prop_assert!((turned - dot(&a, &b)).abs() < 1e-3, "{turned} for {}", dot(&a, &b));
        }
    }

    #[test]
    fn one_loud_dimension_is_spread_over_all() {
        let mut vector = vec![0.0; 384];
        vector[7] = 1.0;
        let loudest = Rotation::new(384).apply(&vector).into_iter().map(f32::abs).fold(0.0, f32::max);
        assert!(loudest < 0.3, "{loudest}");
    }
}
