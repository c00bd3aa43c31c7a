//! Which segments on disk are due to be merged.

use std::ops::RangeInclusive;

use super::slots::{Slot, Slots};

/// Segments that are merged into one, at least.
const MERGED: usize = 4;
/// How many times larger than the largest of them is the segment that they become, at least and at most.
const GROWTH: RangeInclusive<usize> = 3..=8;
/// Segments up to this size are taken to be of one size.
const SMALL: usize = 1_024;
/// Passages of a merged segment, at most. Its graph is built in memory, which a server must have beside its own.
const MOST: usize = 393_216;
/// A segment of which more than one in so many passages is deleted is written again without them.
const DELETED_SHARE: usize = 4;

/// Segments on disk that follow one another and are due to be merged into one of so many passages, or one that is due to be
/// written without what was deleted of it. Segments that are busy are left alone.
pub(in crate::index) fn due_merge(
    slots: &Slots,
    passages: RangeInclusive<usize>,
    is_busy: impl Fn(&Slot) -> bool,
) -> Option<Vec<Slot>> {
    let is_free = |slot: &Slot| !slot.is_in_memory() && !is_busy(slot);
    // What is in a cluster is not merged with what is not.
    for is_remote in [false, true] {
        let is_wanted = |slot: &Slot| slot.is_remote() == is_remote && is_free(slot);
        let sizes: Vec<Option<usize>> = slots.iter().map(|slot| is_wanted(slot).then(|| slot.len())).collect();
        if let Some(due) = due_of(&sizes, &passages) {
            return Some(due.map(|slot| slots.get(slot).clone()).collect());
        }
    }
    let is_swept = |slot: &&Slot| {
        is_free(slot) && passages.contains(&slot.len()) && slot.deleted.count() * DELETED_SHARE > slot.segment.len()
    };
    slots.iter().find(is_swept).map(|slot| vec![slot.clone()])
}

/// Which segments of these sizes are due; `None` stands for one that is not on disk or is busy. Small ones are first, since merging them
/// takes the least and helps the most.
///
/// The largest of those that are due is no more than a third of them. So a passage is written again only when its segment
/// becomes at least three times as large, or is small beside the others.
fn due_of(sizes: &[Option<usize>], wanted: &RangeInclusive<usize>) -> Option<RangeInclusive<usize>> {
    let mut due: Option<(usize, RangeInclusive<usize>)> = None;
    for first in 0..sizes.len() {
        let (mut passages, mut sum, mut largest) = (0, 0, 0);
        for (last, size) in sizes.iter().enumerate().skip(first).map_while(|(last, size)| Some((last, (*size)?))) {
            passages += size;
            sum += size.max(SMALL);
            largest = largest.max(size.max(SMALL));
            if passages > MOST || sum > GROWTH.end() * largest {
                break;
            }
            let is_better = due
                .as_ref()
                .is_none_or(|(least, range)| largest < *least || (largest == *least && *range.start() == first));
            if wanted.contains(&passages) && last + 1 - first >= MERGED && sum >= GROWTH.start() * largest && is_better
            {
                due = Some((largest, first..=last));
            }
        }
    }
    due.map(|(_, range)| range)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: RangeInclusive<usize> = 0..=usize::MAX;

    /// Adds segments of `added` passages and does all merges each time. Returns the sizes of those that are left, and how many
    /// passages were written in all.
    fn grown(added: impl Iterator<Item = usize>) -> (Vec<usize>, usize) {
        let (mut sizes, mut written) = (Vec::new(), 0);
        for size in added {
            sizes.push(Some(size));
            written += size;
            while let Some(due) = due_of(&sizes, &ANY) {
                let merged: usize = sizes[due.clone()].iter().flatten().sum();
                written += merged;
                sizes.splice(due, [Some(merged)]);
            }
        }
        (sizes.into_iter().flatten().collect(), written)
    }

    #[test]
    fn of_a_million_passages_few_segments_are_left_and_each_passage_is_written_a_few_times() {
        let (sizes, written) = grown(std::iter::repeat_n(1_000, 1_000));
        assert_eq!(sizes.iter().sum::<usize>(), 1_000_000);
        assert!(sizes.len() <= 16, "{sizes:?}");
        assert!(written <= 6_000_000, "{written}");
        assert!(sizes.iter().all(|size| *size <= MOST));
    }

    #[test]
    fn segments_of_any_sizes_become_few_and_each_passage_is_written_a_few_times() {
        let sizes = (0_usize..3_000).map(|number| 1 + number * 7_919 % 1_500 * (number % 3));
        let (left, written) = grown(sizes.clone());
        let all: usize = sizes.sum();
        assert!(left.len() <= 20, "{left:?}");
        assert!(written <= 6 * all, "{written} of {all}");
    }

    #[test]
    fn a_segment_that_is_not_on_disk_is_never_among_those_that_are_due() {
        let small = Some(10);
        assert_eq!(due_of(&[small, small, None, small, small], &ANY), None);
        assert_eq!(due_of(&[small, None, small, small, small, small], &ANY), Some(2..=5));
        assert_eq!(
            due_of(&[Some(90_000), small, small, small], &ANY),
            None,
            "the large one would be written for little"
        );
        assert_eq!(due_of(&[Some(300_000); 8], &ANY), None, "they would become too large");
    }

    #[test]
    fn small_merges_are_found_whether_or_not_a_large_one_is_due() {
        let mut sizes = vec![Some(4_000); 4];
        sizes.extend([Some(1_000); 4]);
        assert_eq!(due_of(&sizes, &ANY), Some(4..=7));
        assert_eq!(due_of(&sizes, &(0..=8_192)), Some(4..=7));
        assert_eq!(due_of(&sizes, &(8_193..=usize::MAX)), Some(0..=7));
    }
}
