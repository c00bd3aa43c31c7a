//! A document's text into passages: whole sentences, near one size, broken where the text itself breaks.

use std::ops::Range;

use text_splitter::{ChunkConfig, TextSplitter, TryChunkSizer};

use super::extract;
use super::sentences::sentences;
pub use super::sizer::Sizer;
use super::sizer::{Budget, MOST_BYTES_PER_TOKEN};
use crate::error::{Error, Result};
use crate::passage::{Chunk, Format, Span};

/// An overlong sentence is cut into windows of this many bytes before it is split by its meaning.
const WINDOW_BYTES: usize = 4096;

/// A section smaller than this part of the budget joins its neighbour.
const SMALL_SECTION: usize = 3;

/// How much it costs to break a text elsewhere than before a heading. The cost of a passage's size is the square of
/// its deviation from the ideal, so a paragraph's end is worth 30 % of the size.
const BREAK_AT_PARAGRAPH: f64 = 0.01;
const BREAK_AT_LINE: f64 = 0.05;
const BREAK_AT_SENTENCE: f64 = 0.1;
/// A heading goes with what follows it.
const BREAK_AFTER_HEADING: f64 = 100.0;

/// The passages of `text`. They tile it; white space goes with the passage before it. A text of nothing but white
/// space has none.
///
/// No sentence is divided, unless it alone is more than the model reads; then its parts count as sentences. A passage
/// without the white space around it, `text[first sentence's start..last sentence's end]`, and its
/// [context](Sizer::context) are within [`Sizer::max_tokens`] together. The sizes are balanced: a little over the
/// target gives two halves, not a passage and a rest.
///
/// # Errors
///
/// Only those of [`Sizer::count`].
pub fn chunk(text: &str, format: Format, sizer: &Sizer<'_>) -> Result<Vec<Chunk>> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for mut section in merge(measure(text, format, sizer)?, sizer)? {
        section.fit(text, sizer)?;
        let budget = section.budget;
        let fits = |range: Range<usize>| fits(text, &section.units[range], budget, sizer);
        for range in pack(text, &section.units, budget) {
            for range in halve_until(range, &fits)? {
                let units = &section.units[range];
                // A heading is context, not a statement: it is quoted only where there is nothing else.
                let only_headings = units.iter().all(|unit| unit.is_heading);
                let stated = units.iter().filter(|unit| only_headings || !unit.is_heading);
                let sentences: Vec<Span> = stated.map(|unit| unit.span).collect();
                let first = units[0].span.start;
                let start = match chunks.last_mut() {
                    None => 0,
                    Some(before) => {
                        before.span.end = first;
                        before.span.end
                    }
                };
                chunks.push(Chunk {
                    span: Span::new(start, text.len()),
                    sentences,
                    headings: section.headings.clone(),
                });
            }
        }
    }
    Ok(chunks)
}

/// A sentence with its size.
struct Unit {
    span: Span,
    tokens: usize,
    is_heading: bool,
}

impl Unit {
    /// A unit counts at least one token: so a passage holds a bounded number of them, and packing stays linear.
    fn new(span: Span, tokens: usize, is_heading: bool) -> Self {
        Self { span, tokens: tokens.max(1), is_heading }
    }
}

/// A stretch of text under one heading path.
struct Section {
    headings: Vec<String>,
    budget: Budget,
    units: Vec<Unit>,
}

impl Section {
    fn tokens(&self) -> usize {
        self.units.iter().map(|unit| unit.tokens).sum()
    }

    /// Divides what was measured against the wider budget of another heading path.
    fn fit(&mut self, text: &str, sizer: &Sizer<'_>) -> Result<()> {
        if self.units.iter().any(|unit| unit.tokens > self.budget.most) {
            let mut units = Vec::with_capacity(self.units.len());
            for unit in &self.units {
                measure_sentence(text, unit.span, unit.is_heading, self.budget, sizer, &mut units)?;
            }
            self.units = units;
        }
        Ok(())
    }

    fn is_only_heading(&self) -> bool {
        self.units.iter().all(|unit| unit.is_heading)
    }
}

/// The sections of a text with their sentences, each counted once.
fn measure(text: &str, format: Format, sizer: &Sizer<'_>) -> Result<Vec<Section>> {
    let headings = match format {
        Format::Plain => Vec::new(),
        Format::Markdown => extract::headings(text),
    };
    let starts = headings.iter().map(|heading| heading.span.start);
    let ends = starts.clone().chain([text.len()]);
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut sections = Vec::new();
    for (index, (start, end)) in [0].into_iter().chain(starts).zip(ends).enumerate() {
        let heading = index.checked_sub(1).map(|index| &headings[index]);
        if let Some(heading) = heading {
            path.retain(|(level, _)| *level < heading.level);
            path.push((heading.level, heading.text.clone()));
        }
        let names: Vec<String> = path.iter().map(|(_, name)| name.clone()).collect();
        let budget = sizer.budget(&names)?;
        let mut units = Vec::new();
        for sentence in sentences(&text[start..end]) {
            let span = Span::new(start + sentence.start, start + sentence.end);
            let is_heading = heading.is_some_and(|heading| span.start < heading.span.end);
            measure_sentence(text, span, is_heading, budget, sizer, &mut units)?;
        }
        if !units.is_empty() {
            sections.push(Section { headings: names, budget, units });
        }
    }
    Ok(sections)
}

/// Counts a sentence, or its parts if it is more than the model reads.
fn measure_sentence(
    text: &str,
    span: Span,
    is_heading: bool,
    budget: Budget,
    sizer: &Sizer<'_>,
    units: &mut Vec<Unit>,
) -> Result<()> {
    if span.len() <= budget.most.saturating_mul(MOST_BYTES_PER_TOKEN) {
        let tokens = (sizer.count)(&text[span.range()])?;
        if tokens <= budget.most {
            units.push(Unit::new(span, tokens, is_heading));
            return Ok(());
        }
    }
    let splitter = TextSplitter::new(ChunkConfig::new(budget.target).with_sizer(Counter(sizer.count)).with_trim(false));
    let mut start = span.start;
    while start < span.end {
        let end = window_end(text, start, span.end);
        for part in splitter.try_chunk_indices(&text[start..end]) {
            let (at, part) = part?;
            let content = part.trim();
            if !content.is_empty() {
                let from = start + at + (part.len() - part.trim_start().len());
                let span = Span::new(from, from + content.len());
                units.push(Unit::new(span, (sizer.count)(content)?, false));
            }
        }
        start = end;
    }
    Ok(())
}

/// Where a window that begins at `start` ends: after white space if there is some in its second half.
fn window_end(text: &str, start: usize, end: usize) -> usize {
    if end - start <= WINDOW_BYTES {
        return end;
    }
    let widest = text.floor_char_boundary(start + WINDOW_BYTES);
    let half = text.floor_char_boundary(start + WINDOW_BYTES / 2);
    let space = text[half..widest].char_indices().rev().find(|(_, c)| c.is_whitespace());
    space.map_or(widest, |(at, c)| half + at + c.len_utf8())
}

struct Counter<'a>(&'a dyn Fn(&str) -> Result<usize>);

impl TryChunkSizer for Counter<'_> {
    type Error = Error;

    fn try_size(&self, chunk: &str) -> Result<usize> {
        (self.0)(chunk)
    }
}

/// Joins sections that are too small to be found by themselves with a neighbour: a heading with nothing under it with
/// what follows, small ones with their small siblings and children.
fn merge(sections: Vec<Section>, sizer: &Sizer<'_>) -> Result<Vec<Section>> {
    let mut merged: Vec<Section> = Vec::new();
    let mut last_tokens = 0;
    for section in sections {
        let tokens = section.tokens();
        let Some(last) = merged.last_mut() else {
            last_tokens = tokens;
            merged.push(section);
            continue;
        };
        let common = last.headings.iter().zip(&section.headings).take_while(|(a, b)| a == b).count();
        let is_child = common == last.headings.len();
        let is_sibling = common + 1 >= last.headings.len().max(section.headings.len());
        let joins = if last.is_only_heading() {
            is_child
        } else {
            let target = last.budget.target;
            let is_small = last_tokens.min(tokens) * SMALL_SECTION < target;
            is_small && last_tokens + tokens <= target && (is_child || is_sibling) && common > 0
        };
        if joins {
            if last.is_only_heading() {
                (last.headings, last.budget) = (section.headings, section.budget);
            } else if common < last.headings.len() {
                last.headings.truncate(common);
                last.budget = sizer.budget(&last.headings)?;
            }
            last.units.extend(section.units);
            last_tokens += tokens;
        } else {
            last_tokens = tokens;
            merged.push(section);
        }
    }
    Ok(merged)
}

/// Ranges of `units` of about equal size, by the least total cost of sizes and breaks (as Knuth and Plass break a
/// paragraph into lines, 1981). Linear in the units times those that one passage holds.
fn pack(text: &str, units: &[Unit], budget: Budget) -> Vec<Range<usize>> {
    let total: usize = units.iter().map(|unit| unit.tokens).sum();
    let passages = total.div_ceil(budget.target).max(1);
    let ideal = (total as f64 / passages as f64).max(1.0);
    // The least cost of the first n units in whole passages, and where the last of these begins.
    let mut best: Vec<(f64, usize)> = Vec::with_capacity(units.len() + 1);
    best.push((0.0, 0));
    let breaks: Vec<f64> = (0..units.len()).map(|index| break_cost(text, units, index)).collect();
    for end in 1..=units.len() {
        let mut found = (f64::INFINITY, end - 1);
        let mut tokens = 0;
        for start in (0..end).rev() {
            tokens += units[start].tokens;
            let is_first_tried = start + 1 == end;
            if !is_first_tried && (tokens > budget.most || tokens as f64 > 2.0 * ideal) {
                break;
            }
            let deviation = tokens as f64 / ideal - 1.0;
            let cost = best[start].0 + deviation * deviation + breaks[start];
            if cost < found.0 {
                found = (cost, start);
            }
        }
        best.push(found);
    }
    let mut ranges = Vec::new();
    let mut end = units.len();
    while end > 0 {
        let start = best[end].1;
        ranges.push(start..end);
        end = start;
    }
    ranges.reverse();
    ranges
}

/// What it costs to begin a passage with this unit.
fn break_cost(text: &str, units: &[Unit], index: usize) -> f64 {
    let Some(before) = index.checked_sub(1).map(|index| &units[index]) else { return 0.0 };
    let unit = &units[index];
    if before.is_heading {
        return BREAK_AFTER_HEADING;
    }
    if unit.is_heading {
        return 0.0;
    }
    match text[before.span.end..unit.span.start].matches('\n').count() {
        0 => BREAK_AT_SENTENCE,
        1 => BREAK_AT_LINE,
        _ => BREAK_AT_PARAGRAPH,
    }
}

/// Whether units really are within the maximum. Their sum does not tell: white space and the joints count, too.
fn fits(text: &str, units: &[Unit], budget: Budget, sizer: &Sizer<'_>) -> Result<bool> {
    let (Some(first), Some(last)) = (units.first(), units.last()) else { return Ok(true) };
    let length = last.span.end - first.span.start;
    Ok(units.len() == 1
        || length <= budget.most.saturating_mul(MOST_BYTES_PER_TOKEN)
            && (sizer.count)(&text[first.span.start..last.span.end])? <= budget.most)
}

/// Divides a range in two until every part fits; one unit always does.
fn halve_until(range: Range<usize>, fits: &dyn Fn(Range<usize>) -> Result<bool>) -> Result<Vec<Range<usize>>> {
    let mut open = vec![range];
    let mut done = Vec::new();
    while let Some(range) = open.pop() {
        if range.len() < 2 || fits(range.clone())? {
            done.push(range);
        } else {
            let middle = range.start + range.len() / 2;
            open.push(middle..range.end);
            open.push(range.start..middle);
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests;
