//! The run of sentences that answers best: what ranks a passage, and what is quoted from it.

/// What a further sentence must add to be worth its room.
const PER_FURTHER_SENTENCE: f32 = 0.004;
/// The longest run.
const LONGEST: usize = 3;

/// A run of sentences of one passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// The first sentence's place.
    pub first: usize,
    /// How many sentences.
    pub count: usize,
    /// The question's tokens against those of the run: the mean of each one's nearest, less what further sentences cost.
    pub score: f32,
}

/// The best run of up to three sentences. `nearest` holds for each sentence what [`Codec::nearest`](super::Codec::nearest)
/// gives; `None` when there is no sentence or the question has no token.
pub fn best_window(nearest: &[Vec<f32>]) -> Option<Window> {
    let mut best: Option<Window> = None;
    for first in 0..nearest.len() {
        let mut joined = nearest[first].clone();
        for (further, sentence) in nearest[first..].iter().take(LONGEST).enumerate() {
            joined.iter_mut().zip(sentence).for_each(|(best, near)| *best = best.max(*near));
            if joined.is_empty() {
                return None;
            }
            let mean = joined.iter().sum::<f32>() / joined.len() as f32;
            let score = mean - PER_FURTHER_SENTENCE * further as f32;
            if best.is_none_or(|best| score > best.score) {
                best = Some(Window { first, count: further + 1, score });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sentences_that_share_the_answer_are_quoted_together() {
        let window = best_window(&[vec![0.1, 0.1], vec![0.9, 0.2], vec![0.1, 0.9]]).unwrap();
        assert_eq!((window.first, window.count), (1, 2));
        assert!((window.score - 0.896).abs() < 1e-6);
    }

    #[test]
    fn a_sentence_that_adds_next_to_nothing_is_left_out() {
        let window = best_window(&[vec![0.9, 0.8], vec![0.901, 0.8]]).unwrap();
        assert_eq!((window.first, window.count), (1, 1));
    }

    #[test]
    fn nothing_has_no_best_part() {
        assert_eq!(best_window(&[]), None);
        assert_eq!(best_window(&[vec![], vec![]]), None);
    }
}
