//! Makes the sizes of recognised type even: a line without tall letters looks smaller than its neighbours.

use super::super::lines::TextLine;
use super::super::page::ReadPage;

/// Sizes that differ by less than this part are of the same type.
const SAME: f32 = 0.14;

/// Gives recognised lines of nearly the same size the same size, that of most of their letters.
pub(in super::super) fn even_out(pages: &mut [ReadPage]) {
    let lines = || pages.iter().flat_map(|page| &page.lines).filter(|line| line.recognised.is_some());
    let mut sizes: Vec<(f32, usize)> = lines().map(|line| (line.size, line.letters.len())).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut groups: Vec<(f32, f32, f32)> = Vec::new();
    while let Some(group) = largest_group(&sizes) {
        sizes.retain(|(size, _)| !(group.0..=group.1).contains(size));
        groups.push(group);
    }
    let even = |line: &mut TextLine| {
        if line.recognised.is_some()
            && let Some((_, _, size)) = groups.iter().find(|(low, high, _)| (*low..=*high).contains(&line.size))
        {
            line.size = *size;
        }
    };
    pages.iter_mut().flat_map(|page| &mut page.lines).for_each(even);
}

/// The sizes around the one that has the most letters near it: the least, the greatest, and their median.
fn largest_group(sizes: &[(f32, usize)]) -> Option<(f32, f32, f32)> {
    // Each size with those up to a fixed ratio above it, by two pointers over the sorted list.
    let ratio = (1.0 + SAME) / (1.0 - SAME);
    let (mut best, mut best_letters) = (0..0, 0);
    let (mut end, mut letters) = (0, 0);
    for (start, (low, own)) in sizes.iter().enumerate() {
        while let Some((size, count)) = sizes.get(end)
            && *size <= low * ratio
        {
            letters += count;
            end += 1;
        }
        if letters > best_letters {
            (best, best_letters) = (start..end, letters);
        }
        letters -= own;
    }
    let group = sizes.get(best)?;
    let (low, high) = (group.first()?.0, group.last()?.0);
    let mut sum = 0;
    let median = group.iter().find(|(_, count)| {
        sum += count;
        sum * 2 >= best_letters
    })?;
    Some((low, high, median.0))
}
