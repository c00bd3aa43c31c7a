//! Answers and passages as text for people. Pure: the same data and [`Style`] give the same text.

use std::fmt::Write;

use crate::passage::{Answer, DocumentInfo, FoundPassage, Location};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::term::{Role, Style, one_line};
use super::wrap::{Segment, wrap};

/// What a footnote's lines stand in from its mark.
const INDENT: usize = 4;

/// An answer: its sentences, each on a line of its own with its marks, then the footnotes.
pub(crate) fn answer(answer: &Answer, style: Style) -> String {
    let mut text = String::new();
    for sentence in &answer.sentences {
        let mut marks = String::new();
        for id in &sentence.citations {
            // Writing to a string cannot fail.
            let _ = write!(marks, "[{id}]");
        }
        let segments = [Segment::new(Role::Plain, one_line(&sentence.text)), Segment::new(Role::Mark, marks)];
        text.push_str(&wrap(&segments, 0, 0, style));
    }
    if !answer.answerable && !answer.citations.is_empty() {
        let confidence = answer.confidence;
        let line = format!("The documents do not seem to answer this (confidence {confidence:.2}). What is nearest:");
        text.push_str(&wrap(&[Segment::new(Role::Context, line)], 0, 0, style));
    }
    for citation in &answer.citations {
        if !text.is_empty() {
            text.push('\n');
        }
        let passage = &citation.passage;
        text.push_str(&heading(&format!("[{}]", citation.id), &passage.document, "", style));
        text.push_str(&place(&passage.document, &passage.quote.location, style));
        let quote = in_context(&passage.before, &passage.quote.text, &passage.after, style);
        text.push_str(&indented(&quote, style));
    }
    text
}

/// Passages in order, each whole, with its best sentence marked.
pub(crate) fn search(passages: &[FoundPassage], style: Style) -> String {
    let mut text = String::new();
    for (n, passage) in passages.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        let score = format!("score {:.3}", passage.scores.fused);
        text.push_str(&heading(&format!("{}.", n + 1), &passage.document, &score, style));
        text.push_str(&place(&passage.document, &passage.location, style));
        let (before, quote, after) = around_quote(passage);
        text.push_str(&indented(&in_context(before, quote, after, style), style));
    }
    text
}

/// `[1] title — source, date · score`.
pub(super) fn heading(mark: &str, document: &DocumentInfo, score: &str, style: Style) -> String {
    let source = document.source.as_deref().map(one_line);
    let origin: Vec<String> = source.into_iter().chain(document.published.as_deref().map(date)).collect();
    let title = Segment::new(Role::Title, one_line(&document.title));
    let mut segments = vec![title.linked(document.uri.as_deref())];
    if !origin.is_empty() {
        segments.push(Segment::new(Role::Plain, format!(" — {}", origin.join(", "))));
    }
    if !score.is_empty() {
        segments.push(Segment::new(Role::Context, format!(" · {score}")));
    }
    let mark = format!("{mark:<width$} ", width = INDENT - 1);
    style.paint(Role::Mark, mark.trim_end())
        + &" ".repeat(mark.len() - mark.trim_end().len())
        + &wrap(&segments, mark.width(), INDENT, style)
}

/// `line 5, bytes 312-389 · where the document is to be found`.
pub(super) fn place(document: &DocumentInfo, location: &Location, style: Style) -> String {
    let (first, last) = location.lines;
    let whence = one_line(document.uri.as_deref().unwrap_or(&document.id));
    let lines = if first == last { format!("line {first}") } else { format!("lines {first}-{last}") };
    let text = format!("{lines}, bytes {}-{} · {whence}", location.bytes.start, location.bytes.end);
    indented(&[Segment::new(Role::Context, text)], style)
}

fn indented(segments: &[Segment], style: Style) -> String {
    " ".repeat(INDENT) + &wrap(segments, INDENT, INDENT, style)
}

/// The day of an ISO 8601 date or time.
pub(super) fn date(published: &str) -> String {
    one_line(published.split_once('T').map_or(published, |(day, _)| day))
}

/// A quote between what stands before and after it. Where colour cannot set it apart, marks do.
fn in_context(before: &str, quote: &str, after: &str, style: Style) -> Vec<Segment> {
    let (open, close) = if style.colour { ("", "") } else { ("»", "«") };
    let (before_line, quote_line, after_line) = (one_line(before), one_line(quote), one_line(after));
    let mut segments = Vec::new();
    if !before_line.is_empty() {
        let gap = gap(before, quote);
        segments.push(Segment::new(Role::Context, before_line + gap));
    }
    segments.push(Segment::new(Role::Quote, format!("{open}{quote_line}{close}")));
    if !after_line.is_empty() {
        let gap = gap(quote, after);
        segments.push(Segment::new(Role::Context, gap.to_owned() + &after_line));
    }
    segments
}

/// What stands between two neighbours when each is on one line: a space, unless both belong to a script that has none.
pub(super) fn gap(left: &str, right: &str) -> &'static str {
    let is_wide = |c: Option<char>| c.and_then(UnicodeWidthChar::width) == Some(2);
    let left_end = left.chars().next_back();
    let right_start = right.chars().next();
    if is_wide(left_end) && is_wide(right_start) { "" } else { " " }
}

/// A passage's text cut at its quote. A quote that does not lie in the passage leaves the passage unmarked.
pub(super) fn around_quote(passage: &FoundPassage) -> (&str, &str, &str) {
    let text = passage.text.as_str();
    let (outer, inner) = (passage.location.bytes, passage.quote.location.bytes);
    let cut = || {
        let start = inner.start.checked_sub(outer.start)?;
        let end = inner.end.checked_sub(outer.start)?;
        Some((text.get(..start)?, text.get(start..end)?, text.get(end..)?))
    };
    cut().unwrap_or((text, "", ""))
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
