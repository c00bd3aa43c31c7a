//! Values separated by commas, semicolons or tabs (CSV, TSV).

use std::ops::Range;

use super::builder::Builder;
use super::grid::{Grid, is_numeric};
use super::text::encoding::{self, Hint};
use super::{Contents, Extracted, Failure, Options, Result, versions};
use crate::passage::{At, Format};

/// How many records are read to find the separator.
const SAMPLE: usize = 50;

/// More line breaks in one value than people write: a quotation mark was not closed.
const MAX_LINES_OF_VALUE: usize = 200;

/// Reads a file of one of these formats.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    let decoded = encoding::decode(bytes, Hint::default())?;
    let mut notes = decoded.notes();
    let (text, first_line, declared) = without_separator_line(&decoded.text);
    let separator = declared.unwrap_or_else(|| separator(text, format));
    let mut table = match Table::read(text, separator, true)? {
        Some(table) => table,
        None => Table::read(text, separator, false)?.unwrap_or_default(),
    };
    if table.grid.cells_left_out > 0 {
        notes.push(format!("has rows that are too wide: {} values were left out", table.grid.cells_left_out));
    }
    let mut builder = Builder::new(versions::CSV, options.max_text_bytes);
    table.grid.header_expected = true;
    let line = |row: u32| first_line + table.lines.get(row as usize).copied().unwrap_or_default();
    table.grid.write(&mut builder, |row, _| At::Row(line(row)))?;
    let (text, layout) = builder.finish();
    Ok(Contents::one(Extracted { format, text, layout, notes, ..Extracted::default() }))
}

/// The text below a line `sep=;`, which tells Excel the separator; the number of its first line; and the separator.
fn without_separator_line(text: &str) -> (&str, u32, Option<u8>) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    match line.trim_end().trim_matches('"').strip_prefix("sep=").map(str::as_bytes) {
        Some(&[separator]) => (rest, 2, Some(separator)),
        _ => (text, 1, None),
    }
}

/// The separator that splits the first records into the same number of values, more than one.
fn separator(text: &str, format: Format) -> u8 {
    let candidates: &[u8] = if format == Format::Tsv { b"\t,;|" } else { b",;\t|" };
    let score = |separator: u8| {
        let mut counts: Vec<usize> =
            records(text, separator, true).records().take(SAMPLE).flatten().map(|record| record.len()).collect();
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or_default();
        let same = counts.iter().filter(|&&count| count == usual).count();
        if usual < 2 { (0, 0) } else { (same * 100 / counts.len().max(1), usual) }
    };
    // The first of equals is the more usual one.
    let mut best = (candidates[0], (0, 0));
    for &candidate in candidates {
        let score = score(candidate);
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

fn records(text: &str, separator: u8, quotes: bool) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .quoting(quotes)
        .from_reader(text.as_bytes())
}

/// A table with the lines of its rows in the file.
#[derive(Default)]
struct Table {
    grid: Grid,
    /// The line of each row, from 0.
    lines: Vec<u32>,
}

impl Table {
    /// `None` if a quotation mark is not closed.
    fn read(text: &str, separator: u8, quotes: bool) -> Result<Option<Self>> {
        let mut table = Self { grid: Grid::default(), lines: vec![0] };
        let mut reader = records(text, separator, quotes);
        let mut record = csv::StringRecord::new();
        let (mut line, mut counted) = (0, 0);
        let broken =
            |error: csv::Error| Failure::new(format!("cannot be split into values ({error})"), "check its format");
        while reader.read_record(&mut record).map_err(broken)? {
            // The reader passes over blank lines, so the record may start further below.
            let start = record.position().map_or(counted, |position| position.byte() as usize);
            let bytes = text.as_bytes();
            let content = start + bytes[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            line += line_ends(bytes, counted..content);
            counted = content;
            // It ends a record at `\r`, before the `\n` that belongs to it.
            let start = start + usize::from(bytes[..start].ends_with(b"\r") && bytes[start..].starts_with(b"\n"));
            if line_ends(bytes, start..content) > 0 && table.lines.len() > 1 {
                table.lines.push(line);
            }
            let row = table.lines.len() as u32;
            table.lines.push(line);
            for (column, value) in (1..).zip(&record) {
                if quotes && value.bytes().filter(|&byte| byte == b'\n').nth(MAX_LINES_OF_VALUE).is_some() {
                    return Ok(None);
                }
                table.grid.add(row, column, value, is_numeric(value));
            }
        }
        Ok(Some(table))
    }
}

/// How many line ends a range of a text has: `\n`, `\r\n` (at its `\n`) or `\r`.
fn line_ends(bytes: &[u8], range: Range<usize>) -> u32 {
    let is_end = |&at: &usize| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    range.filter(is_end).count() as u32
}

#[cfg(test)]
mod tests;
