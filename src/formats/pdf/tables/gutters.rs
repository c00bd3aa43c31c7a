//! Finds the white space between the columns of a table.

use super::super::lines::TextLine;
use super::super::rules::Rules;

/// A table has at least so many rows.
const MIN_ROWS: usize = 3;
/// Rows are at most so many times their size apart.
const FAR: f32 = 4.0;
/// No table has more rows on one page.
const MAX_BANDS: usize = 200;
/// Nor more words beside each other.
const MAX_WORDS: usize = 200;

/// Lines side by side.
pub(super) struct Band {
    pub(super) lines: Vec<usize>,
    base: f32,
    pub(super) bottom: f32,
    top: f32,
    size: f32,
    /// Where words begin and end, from left to right.
    words: Vec<(f32, f32)>,
    /// Whether it stands beside lines at another height.
    is_beside: bool,
}

/// White space from top to bottom of several bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gutter {
    pub(super) from: f32,
    pub(super) to: f32,
}

/// Puts lines side by side together, from top to bottom.
pub(super) fn bands(run: &[usize], lines: &[Option<TextLine>]) -> Vec<Band> {
    let mut run: Vec<(usize, &TextLine)> = run.iter().filter_map(|n| Some((*n, lines[*n].as_ref()?))).collect();
    run.sort_by(|a, b| a.1.base.total_cmp(&b.1.base));
    let mut bands: Vec<Band> = Vec::new();
    for (n, line) in run {
        let words = words(line);
        match bands.last_mut() {
            Some(band) if line.base - band.base < 0.35 * line.size => {
                band.lines.push(n);
                band.words.extend(words);
                (band.top, band.bottom) = (band.top.min(line.top), band.bottom.max(line.bottom));
            }
            _ => {
                let TextLine { base, top, bottom, size, .. } = *line;
                bands.push(Band { lines: vec![n], base, top, bottom, size, words, is_beside: false });
            }
        }
    }
    for band in &mut bands {
        band.words.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    for n in 1..bands.len() {
        if bands[n].top < bands[n - 1].bottom - 0.3 * bands[n].size {
            (bands[n - 1].is_beside, bands[n].is_beside) = (true, true);
        }
    }
    bands
}

fn words(line: &TextLine) -> Vec<(f32, f32)> {
    let mut words = Vec::with_capacity(line.gaps.len() + 1);
    let mut start = line.start;
    for &(from, to) in &line.gaps {
        words.push((start, from));
        start = to;
    }
    words.push((start, line.end));
    words
}

/// The best table among bands: the first and the last of them, and its gutters.
pub(super) fn best(bands: &[Band], rules: &Rules) -> Option<(usize, usize, Vec<Gutter>)> {
    let mut best: Option<(usize, usize, usize, Vec<Gutter>)> = None;
    for first in 0..bands.len() {
        if bands[first].words.len() > MAX_WORDS {
            continue;
        }
        let mut free = open(&bands[first]);
        let (mut count, mut rows, mut score) = (0, 0, 0);
        for last in first + 1..bands.len().min(first + MAX_BANDS) {
            let (above, band) = (&bands[last - 1], &bands[last]);
            if band.base - above.base > FAR * band.size.max(above.size) || band.words.len() > MAX_WORDS {
                break;
            }
            free = meet(&free, &open(band), 0.12 * band.size);
            let Some(inner) = free.len().checked_sub(1).and_then(|end| free.get(1..end)).filter(|all| !all.is_empty())
            else {
                break;
            };
            // While no gutter is lost, the rows before keep their gaps.
            let from = if inner.len() == count { last } else { first };
            if from == first {
                (count, rows, score) = (inner.len(), 0, 0);
            }
            for band in &bands[from..=last] {
                let breaks = breaks(band, inner);
                rows += usize::from(breaks > 0);
                score += breaks;
            }
            if rows >= MIN_ROWS && best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, first, last, inner.to_vec()));
            }
        }
    }
    let (_, mut first, mut last, mut gutters) = best?;
    // Words of prose beside a table can leave its white space free.
    let is_tight = |n: usize| bands[n + 1].base - bands[n].base < 1.5 * bands[n].size;
    let is_in_cell = |n: usize| is_in_one(&bands[n], &gutters);
    while first < last && !is_broken(&bands[first], &gutters) && !(is_in_cell(first) && is_tight(first)) {
        first += 1;
    }
    while first < last && !is_broken(&bands[last], &gutters) && !(is_in_cell(last) && is_tight(last - 1)) {
        last -= 1;
    }
    let table = &bands[first..=last];
    if let Some(free) = free_in(table) {
        gutters = free;
    }
    let gutters = sound(table, gutters, rules);
    let broken = table.iter().filter(|band| is_broken(band, &gutters)).count();
    if broken < MIN_ROWS || broken * 3 < table.len() {
        return None;
    }
    let starts = starts(table, &gutters);
    let is_near = |a: usize, b: usize| bands[b].base - bands[a].base < 2.5 * bands[b].size;
    let mut gutters = gutters;
    while let Some(above) = first.checked_sub(1).filter(|above| is_near(*above, first))
        && let Some(left) = left_free(&bands[above], &gutters, &starts)
    {
        (first, gutters) = (above, left);
    }
    while last + 1 < bands.len()
        && is_near(last, last + 1)
        && let Some(left) = left_free(&bands[last + 1], &gutters, &starts)
    {
        (last, gutters) = (last + 1, left);
    }
    Some((first, last, gutters))
}

/// Where the text of each column begins in most bands, if it begins at one place.
fn starts(bands: &[Band], gutters: &[Gutter]) -> Vec<Option<f32>> {
    let start = |n: usize| {
        let mut starts: Vec<f32> = bands.iter().filter_map(|band| first_behind(band, gutters, n)).collect();
        starts.sort_by(f32::total_cmp);
        let middle = *starts.get(starts.len() / 2)?;
        let same = starts.iter().filter(|start| (*start - middle).abs() < 0.6).count();
        (same * 2 > starts.len()).then_some(middle)
    };
    (0..gutters.len()).map(start).collect()
}

/// Where the text of a band begins behind a gutter, before the next one.
fn first_behind(band: &Band, gutters: &[Gutter], n: usize) -> Option<f32> {
    let end = gutters.get(n + 1).map_or(f32::MAX, |next| next.from);
    band.words.iter().map(|word| word.0).find(|start| *start >= gutters[n].to - 0.5 && *start < end)
}

/// What a band beside a table leaves free of its gutters, if it is a row of it: text begins where columns do, though it fills
/// them.
fn left_free(band: &Band, gutters: &[Gutter], starts: &[Option<f32>]) -> Option<Vec<Gutter>> {
    let free = meet(gutters, &open(band), 0.12 * band.size);
    let in_gutter = |gutter: &Gutter| {
        let own = free.iter().filter(|free| gutter.from <= free.from && free.to <= gutter.to);
        own.copied().max_by(|a, b| (a.to - a.from).total_cmp(&(b.to - b.from)))
    };
    let left: Vec<Gutter> = gutters.iter().map(in_gutter).collect::<Option<_>>()?;
    let begins =
        |n: usize| first_behind(band, &left, n).map(|own| starts[n].is_some_and(|usual| (own - usual).abs() < 0.6));
    let found: Vec<bool> = (0..left.len()).filter_map(begins).collect();
    (!found.is_empty() && found.iter().all(|begins| *begins)).then_some(left)
}

/// The white space between the words of all bands.
fn free_in(bands: &[Band]) -> Option<Vec<Gutter>> {
    let mut free = open(bands.first()?);
    for band in &bands[1..] {
        free = meet(&free, &open(band), 0.12 * band.size);
    }
    let inner = free.get(1..free.len().checked_sub(1)?)?.to_vec();
    (!inner.is_empty()).then_some(inner)
}

/// How many of the gaps of a band at the gutters are wider than a space; one if it is a line of one cell beside others. The
/// spaces of justified prose are all of one width.
fn breaks(band: &Band, gutters: &[Gutter]) -> usize {
    let is_at_gutter =
        |from: f32, to: f32| gutters.iter().any(|gutter| from <= gutter.from + 0.01 && gutter.to <= to + 0.01);
    let gaps = || band.words.windows(2).map(|pair| (pair[0].1, pair[1].0));
    let spaces = gaps().filter(|gap| !is_at_gutter(gap.0, gap.1));
    let space = spaces.map(|gap| gap.1 - gap.0).fold(0.0, f32::max);
    let least = (0.7 * band.size).max(1.5 * space);
    let wide = gaps().filter(|gap| gap.1 - gap.0 > least && is_at_gutter(gap.0, gap.1)).count();
    if wide == 0 { usize::from(band.is_beside) } else { wide }
}

/// Whether all words of a band are in one column, not the first: the lines of a cell go on.
fn is_in_one(band: &Band, gutters: &[Gutter]) -> bool {
    let column = |word: &(f32, f32)| gutters.partition_point(|gutter| gutter.from < word.0);
    let first = band.words.first().map_or(0, column);
    first > 0 && band.words.iter().all(|word| column(word) == first)
}

fn is_broken(band: &Band, gutters: &[Gutter]) -> bool {
    breaks(band, gutters) > 0
}

/// The white space of one band, with that at its sides.
fn open(band: &Band) -> Vec<Gutter> {
    let mut free = Vec::with_capacity(band.words.len() + 1);
    let mut from = f32::MIN;
    for (start, end) in &band.words {
        if *start > from {
            free.push(Gutter { from, to: *start });
        }
        from = from.max(*end);
    }
    free.push(Gutter { from, to: f32::MAX });
    free
}

/// The white space that both have, if it is wide enough.
fn meet(one: &[Gutter], other: &[Gutter], least: f32) -> Vec<Gutter> {
    let (mut a, mut b) = (0, 0);
    let mut both = Vec::new();
    while let (Some(x), Some(y)) = (one.get(a), other.get(b)) {
        let (from, to) = (x.from.max(y.from), x.to.min(y.to));
        if to - from > least {
            both.push(Gutter { from, to });
        }
        if x.to < y.to {
            a += 1;
        } else {
            b += 1;
        }
    }
    both
}

/// The gutters that part columns: wider than a space, with aligned text on both sides.
fn sound(bands: &[Band], gutters: Vec<Gutter>, rules: &Rules) -> Vec<Gutter> {
    let size = bands.iter().map(|band| band.size).fold(0.0, f32::max);
    let (top, bottom) = (bands[0].top, bands[bands.len() - 1].bottom);
    let all = gutters.clone();
    let mut gutters: Vec<Gutter> = gutters
        .into_iter()
        .filter(|gutter| is_wide(bands, *gutter, &all, size) || is_ruled(*gutter, rules, (top, bottom)))
        .collect();
    let mut n = 0;
    while n < gutters.len() {
        let left = n.checked_sub(1).map_or(f32::MIN, |n| gutters[n].from);
        let right = gutters.get(n + 1).map_or(f32::MAX, |next| next.from);
        let is_first_aligned = n > 0 || is_aligned(bands, (left, gutters[n].from), size);
        if is_first_aligned && is_aligned(bands, (gutters[n].from, right), size) {
            n += 1;
        } else {
            gutters.remove(n);
        }
    }
    gutters
}

/// Whether it is wider than a space between words, at least beside some of its text.
fn is_wide(bands: &[Band], gutter: Gutter, all: &[Gutter], size: f32) -> bool {
    let mut starts: Vec<f32> = Vec::new();
    let gaps: Vec<f32> = bands
        .iter()
        .filter_map(|band| {
            let next = band.words.partition_point(|(start, _)| *start < gutter.to - 0.01);
            let (before, behind) = (band.words.get(next.checked_sub(1)?)?, band.words.get(next)?);
            // A gap over several gutters is that of an empty cell.
            let is_in = |other: &&Gutter| before.1 <= other.from + 0.01 && other.to <= behind.0 + 0.01;
            let is_own = all.iter().filter(is_in).count() == 1;
            is_own.then(|| {
                starts.push(behind.0);
                behind.0 - before.1
            })
        })
        .collect();
    let least = gaps.iter().copied().fold(f32::MAX, f32::min);
    let most = gaps.iter().copied().fold(f32::MIN, f32::max);
    let is_wide = gaps.len() >= 2 && most > 0.8 * size && (least > 0.9 * size || most - least > 0.3 * size);
    // Behind a space, words begin at the same place only if the words before it are of one width.
    let is_even = starts.iter().all(|start| (start - starts[0]).abs() < 0.05 * size);
    is_wide || (gaps.len() >= 5 && is_even && most - least > 0.1 * size)
}

/// Whether a rule runs down in it, or areas end there.
fn is_ruled(gutter: Gutter, rules: &Rules, (top, bottom): (f32, f32)) -> bool {
    let (from, to) = (gutter.from - 1.0, gutter.to + 1.0);
    let is_in = |x: f32| from <= x && x <= to;
    let is_beside = |y0: f32, y1: f32| y0 < bottom && y1 > top;
    rules.upright.iter().any(|rule| is_in(rule.at) && is_beside(rule.from, rule.to))
        || rules.fills.iter().filter(|fill| is_beside(fill.1, fill.3) && (is_in(fill.0) || is_in(fill.2))).count() > 1
}

/// Whether most text of a column begins, ends or is centred at the same place.
fn is_aligned(bands: &[Band], (left, right): (f32, f32), size: f32) -> bool {
    let mut cells: Vec<(f32, f32)> = Vec::new();
    for band in bands {
        let mut own = band.words.iter().filter(|(start, _)| *start > left && *start < right);
        if let Some(first) = own.next() {
            cells.push((first.0, own.next_back().unwrap_or(first).1));
        }
    }
    let same = |of: fn(&(f32, f32)) -> f32| {
        let mut places: Vec<f32> = cells.iter().map(of).collect();
        places.sort_by(f32::total_cmp);
        let near = |n: usize| places[n..].iter().take_while(|place| **place - places[n] < 0.4 * size).count();
        (0..places.len()).map(near).max().unwrap_or(0)
    };
    let most = same(|cell| cell.0).max(same(|cell| cell.1)).max(same(|cell| f32::midpoint(cell.0, cell.1)));
    cells.len() >= 2 && most * 10 >= cells.len() * 6
}
