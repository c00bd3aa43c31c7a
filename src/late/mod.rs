//! Late interaction: compares a question with a passage token by token (`MaxSim`, Khattab and Zaharia 2020), on the
//! token outputs of the model that also makes the passage vectors.
//!
//! The store keeps the token outputs of a sentence compressed: Ward's clustering leaves a third of them, and each of
//! those takes two bits a dimension ([`Codec`]). Only those of a question's candidates are ever read.

mod codec;
mod compare;
mod cosine;
mod rotation;
mod table;
mod window;

pub use codec::Codec;
pub use compare::{CodecQuestion, CompressedPassage, SentenceMatch};
pub(crate) use cosine::QuestionCosines;
pub use window::{Window, best_window, token_weights, union, weighted_mean, windows};

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
