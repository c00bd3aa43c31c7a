//! Late interaction: a question is compared with a passage token by token (`MaxSim`, Khattab and Zaharia 2020), on the
//! token outputs of the same model that makes the vectors.
//!
//! A sentence's token outputs are kept compressed beside its vector: Ward's clustering leaves a part of them, and each
//! is two bits a dimension of what it differs from the sentence's own vector ([`Codec`]). Only the candidates of a
//! question are ever read.

mod codec;
mod rotation;
mod window;

pub use codec::{Codec, QuestionTokens};
pub use window::{Window, best_window, token_weights, union, weighted_mean};

/// The inner product, in a form that compilers turn into vector instructions.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (whole, rest) = a.as_chunks::<LANES>();
    let (other, other_rest) = b.as_chunks::<LANES>();
    for (a, b) in whole.iter().zip(other) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().zip(other_rest).map(|(a, b)| a * b).sum::<f32>()
}
