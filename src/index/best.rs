//! The best of many scored passages, in an order that does not depend on the history of the index.

/// The `count` best and all that score as much as the last of them, best first, lower keys first among equals.
///
/// Keys depend on the order in which documents were stored, so a cut between equal scores must not be made by key. The
/// caller orders the equal ones by document and then cuts.
pub(super) fn best_with_ties(mut found: Vec<(u64, f32)>, count: usize) -> Vec<(u64, f32)> {
    if count == 0 {
        return Vec::new();
    }
    if found.len() > count {
        let (_, &mut (_, last), _) = found.select_nth_unstable_by(count - 1, |a, b| b.1.total_cmp(&a.1));
        found.retain(|(_, score)| *score >= last);
    }
    found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found
}

/// The `count` first of `found`, which is in order of scores; equal scores follow the order of `place`.
pub(super) fn break_ties<P: Ord>(found: &[(u64, f32)], count: usize, place: impl Fn(u64) -> P) -> Vec<(u64, f32)> {
    let mut ordered = Vec::with_capacity(count.min(found.len()));
    for equal in found.chunk_by(|a, b| a.1.total_cmp(&b.1).is_eq()) {
        let wanted = count - ordered.len();
        let &[(_, score), _, ..] = equal else {
            ordered.extend(equal.iter().take(wanted));
            continue;
        };
        if wanted == 0 {
            break;
        }
        let mut placed: Vec<(P, u64)> = equal.iter().map(|&(key, _)| (place(key), key)).collect();
        if placed.len() > wanted {
            // Many passages with the same few words have the same score, so only those that are kept are sorted.
            placed.select_nth_unstable(wanted - 1);
            placed.truncate(wanted);
        }
        placed.sort_unstable();
        ordered.extend(placed.into_iter().map(|(_, key)| (key, score)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_do_not_depend_on_the_keys_that_passages_happen_to_have(
            scores in proptest::collection::vec(0_u8..5, 0..40), order: Vec<prop::sample::Index>, count in 0_usize..12
        ) {
            // The passage at `place` has the score `scores[place]`, whatever its key is.
            let ranked = |keys: &[u64]| {
                let place = |key: u64| keys.iter().position(|other| *other == key).unwrap();
                let found = (0..).zip(&scores).map(|(place, score): (usize, _)| (keys[place], f32::from(*score))).collect();
                let best = break_ties(&best_with_ties(found, count), count, place);
                best.into_iter().map(|(key, score)| (place(key), score)).collect::<Vec<_>>()
            };
            let straight: Vec<u64> = (0..scores.len() as u64).collect();
            let mut shuffled = straight.clone();
            for (at, other) in order.iter().take(shuffled.len()).enumerate() {
                let other = other.index(shuffled.len());
                shuffled.swap(at, other);
            }
            prop_assert_eq!(ranked(&straight), ranked(&shuffled));
            prop_assert_eq!(ranked(&straight).len(), count.min(scores.len()));
        }
    }
}
