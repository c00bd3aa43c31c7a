//! Splits a document's text into passages: whole sentences, of similar size, broken where the text itself breaks.

use std::ops::Range;

use text_splitter::{ChunkConfig, TextSplitter, TryChunkSizer};

use super::sentences::{Part, Role, parts};
pub use super::sizer::Sizer;
use super::sizer::{Budget, MAX_BYTES_PER_TOKEN};
use crate::error::{Error, Result};
use crate::lines::{count_breaks, lines};
use crate::passage::{Chunk, Heading, Row, Span};
use crate::tables::Rows;

/// An overlong sentence is cut into windows of this many bytes before it is split at its weakest joints.
const WINDOW_BYTES: usize = 4096;

/// A section smaller than the target divided by this joins its neighbour.
const SMALL_SECTION: usize = 3;

/// The costs of a break elsewhere than before a heading. The cost of a passage's size is the square of its relative
/// deviation from the ideal size: the difference between a sentence's and a paragraph's end is worth 30 % of the size.
const BREAK_AT_PARAGRAPH: f64 = 0.01;
const BREAK_AT_LINE: f64 = 0.05;
const BREAK_AT_SENTENCE: f64 = 0.1;
/// A heading stays with the text below it.
const BREAK_AFTER_HEADING: f64 = 100.0;

/// The passages of `text`, which has these headings. They tile it; white space goes with the passage before it. A text
/// that shows nothing has none.
///
/// No sentence is divided, unless it alone is more than the model reads; then its parts count as sentences. A heading or
/// the header row of a table is a sentence only in a passage without other text, and a line of markup only in a text
/// without any words. A passage
/// from its first to its last sentence or heading and its [context](Sizer::context) are within [`Sizer::max_tokens`]
/// together. The sizes are balanced: a text a little over the target gives two halves, not a passage and a rest.
///
/// # Errors
///
/// Only those of [`Sizer::count`].
pub fn chunk(text: &str, headings: &[Heading], sizer: &Sizer<'_>) -> Result<Vec<Chunk>> {
    chunk_with_rows(text, headings, &[], sizer).map(|(chunks, _)| chunks)
}

/// The same with the rows of tables, of which a reader marked some. A row is measured as the model reads it, with the names
/// of its columns.
pub(super) fn chunk_with_rows(
    text: &str,
    headings: &[Heading],
    marked: &[Row],
    sizer: &Sizer<'_>,
) -> Result<(Vec<Chunk>, Rows)> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let lines = table_lines(marked);
    let (mut sections, mut rows) = measure(text, headings, &lines, sizer, false)?;
    if sections.is_empty() {
        (sections, rows) = measure(text, headings, &lines, sizer, true)?;
    }
    for mut section in merge(sections, sizer)? {
        section.fit(text, &rows, sizer)?;
        let budget = section.budget;
        let fits = |range: Range<usize>| fits(text, &section.units[range], &rows, budget, sizer);
        for range in pack(text, &section.units, budget) {
            for range in halve_until(range, &fits)? {
                let units = &section.units[range];
                // A heading is context, not a statement: it is quoted only if there is nothing else.
                let has_only_headings = units.iter().all(|unit| unit.role != UnitRole::Statement);
                let statements = units.iter().filter(|unit| has_only_headings || unit.role == UnitRole::Statement);
                let sentences: Vec<Span> = statements.map(|unit| unit.span).collect();
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
    Ok((chunks, rows))
}

/// A sentence or heading with its size in tokens.
struct Unit {
    span: Span,
    tokens: usize,
    role: UnitRole,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum UnitRole {
    Statement,
    Heading,
    /// The header row of a table.
    TableHeader,
}

impl Unit {
    /// A unit counts at least one token, so that a passage holds a bounded number of units and packing stays linear.
    fn new(span: Span, tokens: usize, role: UnitRole) -> Self {
        Self { span, tokens: tokens.max(1), role }
    }
}

/// The text under one heading path.
struct Section {
    headings: Vec<String>,
    budget: Budget,
    units: Vec<Unit>,
}

impl Section {
    fn tokens(&self) -> usize {
        self.units.iter().map(|unit| unit.tokens).sum()
    }

    /// Divides units that exceed the budget. They were measured against the larger budget of another heading path.
    fn fit(&mut self, text: &str, rows: &Rows, sizer: &Sizer<'_>) -> Result<()> {
        if self.units.iter().any(|unit| unit.tokens > self.budget.max) {
            let mut units = Vec::with_capacity(self.units.len());
            for unit in &self.units {
                measure_sentence(text, unit.span, unit.role, rows, self.budget, sizer, &mut units)?;
            }
            self.units = units;
        }
        Ok(())
    }

    fn is_only_heading(&self) -> bool {
        self.units.iter().all(|unit| unit.role == UnitRole::Heading)
    }
}

/// Rows that a reader marked, and their headers, in order.
fn table_lines(marked: &[Row]) -> Vec<Part> {
    let mut lines: Vec<Part> = Vec::with_capacity(marked.len());
    for row in marked {
        if let Some(header) = row.header
            && lines.last().is_none_or(|last| last.span.end <= header.start)
        {
            lines.push(Part { span: header, role: Role::Header });
        }
        lines.push(Part { span: row.span, role: Role::Row { header: row.header } });
    }
    lines
}

/// The sections of a text with their sentences, each counted once; `with_markup` counts lines of markup, too.
fn measure(
    text: &str,
    headings: &[Heading],
    table_lines: &[Part],
    sizer: &Sizer<'_>,
    with_markup: bool,
) -> Result<(Vec<Section>, Rows)> {
    let starts = headings.iter().map(|heading| heading.span.start);
    let ends = starts.clone().chain([text.len()]);
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut sections = Vec::new();
    let mut rows = Rows::default();
    for (index, (start, end)) in [0].into_iter().chain(starts).zip(ends).enumerate() {
        let heading = index.checked_sub(1).map(|index| &headings[index]);
        if let Some(heading) = heading {
            path.retain(|(level, _)| *level < heading.level);
            path.push((heading.level, heading.text.clone()));
        }
        let names: Vec<String> = path.iter().map(|(_, name)| name.clone()).collect();
        let budget = sizer.budget(&names)?;
        let mut units = Vec::new();
        for part in section_parts(text, Span::new(start, end), table_lines, sizer.whole_lines) {
            if part.is_markup() && !with_markup {
                continue;
            }
            let span = part.span;
            let role = match part.role {
                _ if heading.is_some_and(|heading| span.start < heading.span.end) => UnitRole::Heading,
                Role::Header => UnitRole::TableHeader,
                Role::Row { header } => {
                    rows.push(Row { span, header });
                    UnitRole::Statement
                }
                Role::Sentence | Role::Markup => UnitRole::Statement,
            };
            measure_sentence(text, span, role, &rows, budget, sizer, &mut units)?;
        }
        if !units.is_empty() {
            sections.push(Section { headings: names, budget, units });
        }
    }
    Ok((sections, rows))
}

/// The parts of a section: the rows of tables that a reader marked and their headers, and the sentences between them.
fn section_parts(text: &str, section: Span, table_lines: &[Part], whole_lines: bool) -> Vec<Part> {
    let mut found = Vec::new();
    let prose = |from: usize, to: usize, found: &mut Vec<Part>| {
        let stretches = match whole_lines {
            true => lines(&text[from..to]).map(|line| Span::new(from + line.start, from + line.end)).collect(),
            false => vec![Span::new(from, to)],
        };
        for stretch in stretches {
            found.extend(parts(&text[stretch.range()]).into_iter().map(|part| part.moved(stretch.start)));
        }
    };
    let first = table_lines.partition_point(|line| line.span.start < section.start);
    let mut at = section.start;
    for line in table_lines[first..].iter().take_while(|line| line.span.end <= section.end) {
        prose(at, line.span.start, &mut found);
        found.push(*line);
        at = line.span.end;
    }
    prose(at, section.end, &mut found);
    found
}

/// Adds a sentence, or its parts if it is more than the model reads.
fn measure_sentence(
    text: &str,
    span: Span,
    role: UnitRole,
    rows: &Rows,
    budget: Budget,
    sizer: &Sizer<'_>,
    units: &mut Vec<Unit>,
) -> Result<()> {
    let sentence = rows.read(text, span);
    if sentence.len() <= budget.max.saturating_mul(MAX_BYTES_PER_TOKEN) {
        let tokens = (sizer.count)(&sentence)?;
        if tokens <= budget.max {
            units.push(Unit::new(span, tokens, role));
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
                units.push(Unit::new(span, (sizer.count)(content)?, UnitRole::Statement));
            }
        }
        start = end;
    }
    Ok(())
}

/// The end of a window that begins at `start`: after white space if its second half has some.
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

/// Joins sections that are too small to be found by themselves: a heading without text with the section after it, small
/// sections with their small siblings and children.
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

/// Ranges of `units` of about equal size, with the least total cost of sizes and breaks: the optimal line breaking of
/// Knuth and Plass (1981). Takes time linear in the units times those that one passage holds.
fn pack(text: &str, units: &[Unit], budget: Budget) -> Vec<Range<usize>> {
    let total: usize = units.iter().map(|unit| unit.tokens).sum();
    let passages = total.div_ceil(budget.target).max(1);
    let ideal = (total as f64 / passages as f64).max(1.0);
    // best[n]: the least cost of passages that hold the first n units, and the start of the last of them.
    let mut best: Vec<(f64, usize)> = Vec::with_capacity(units.len() + 1);
    best.push((0.0, 0));
    let breaks: Vec<f64> = (0..units.len()).map(|index| break_cost(text, units, index)).collect();
    for end in 1..=units.len() {
        let mut found = (f64::INFINITY, end - 1);
        let mut tokens = 0;
        for start in (0..end).rev() {
            tokens += units[start].tokens;
            let is_first_tried = start + 1 == end;
            if !is_first_tried && (tokens > budget.max || tokens as f64 > 2.0 * ideal) {
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

/// The cost of beginning a passage with this unit.
fn break_cost(text: &str, units: &[Unit], index: usize) -> f64 {
    let Some(before) = index.checked_sub(1).map(|index| &units[index]) else { return 0.0 };
    let unit = &units[index];
    if before.role != UnitRole::Statement {
        return BREAK_AFTER_HEADING;
    }
    if unit.role == UnitRole::Heading {
        return 0.0;
    }
    match count_breaks(&text[before.span.end..unit.span.start]) {
        0 => BREAK_AT_SENTENCE,
        1 => BREAK_AT_LINE,
        _ => BREAK_AT_PARAGRAPH,
    }
}

/// Whether units together are within the maximum. Their sum does not decide: white space and joints count, too.
fn fits(text: &str, units: &[Unit], rows: &Rows, budget: Budget, sizer: &Sizer<'_>) -> Result<bool> {
    let (Some(first), Some(last)) = (units.first(), units.last()) else { return Ok(true) };
    let spans: Vec<Span> = units.iter().map(|unit| unit.span).collect();
    let (read, _) = rows.read_all(text, Span::new(first.span.start, last.span.end), &spans);
    Ok(units.len() == 1
        || read.len() <= budget.max.saturating_mul(MAX_BYTES_PER_TOKEN) && (sizer.count)(&read)? <= budget.max)
}

/// Halves a range until every part fits; a single unit always does.
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
