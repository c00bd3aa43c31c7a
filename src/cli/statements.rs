//! The sentences of an answer as text for people: one after the other, by part, side by side, or as a list; and where they
//! differ. Pure, like all rendering.

use std::fmt::Write;

use super::term::{Role, Style};
use super::wrap::{Segment, wrap};
use crate::display::one_line;
use crate::passage::{Answer, AnswerPart, AnswerSentence, Disagreement, Verdict};

/// Columns before what belongs to a label.
const INDENT: usize = 4;

/// The sentences of an answer, in the order and the form that its question asks for.
pub(super) fn sentences(answer: &Answer, style: Style) -> String {
    if let Some(comparison) = &answer.comparison {
        let mut text = String::new();
        for row in &comparison.rows {
            for (label, cell) in comparison.columns.iter().zip(row) {
                let said = cell.and_then(|place| answer.sentences.get(place));
                text.push_str(&labelled(label, said, style));
            }
        }
        return text;
    }
    if answer.parts.is_empty() {
        return answer.sentences.iter().map(|sentence| sentence_line(answer, sentence, style)).collect();
    }
    answer.parts.iter().map(|part| of_part(answer, part, style)).collect()
}

fn of_part(answer: &Answer, part: &AnswerPart, style: Style) -> String {
    let mut text = wrap(&[Segment::new(Role::Title, one_line(&part.label))], 0, 0, style);
    let sentences = answer.sentences.get(part.sentences.0..part.sentences.1).unwrap_or_default();
    if sentences.is_empty() {
        text.push_str(&indented(&[Segment::new(Role::Context, "not answered by the documents")], style));
    }
    for sentence in sentences {
        text.push_str(&indented(&segments(sentence), style));
    }
    text
}

/// `2025 │ Parking costs £2.00 an hour.[1]`
fn labelled(label: &str, sentence: Option<&AnswerSentence>, style: Style) -> String {
    let mut all = vec![Segment::new(Role::Title, one_line(label)), Segment::new(Role::Context, " │ ")];
    match sentence {
        Some(sentence) => all.extend(segments(sentence)),
        None => all.push(Segment::new(Role::Context, "—")),
    }
    wrap(&all, 0, INDENT, style)
}

fn sentence_line(answer: &Answer, sentence: &AnswerSentence, style: Style) -> String {
    let mut all = segments(sentence);
    if answer.is_list {
        all.insert(0, Segment::new(Role::Context, "• "));
        let source = sentence.citations.first().map(|id| origin(answer, *id)).filter(|source| !source.is_empty());
        all.extend(source.map(|source| Segment::new(Role::Context, format!(" — {source}"))));
    }
    let mut text = wrap(&all, 0, if answer.is_list { 2 } else { 0 }, style);
    if let Some(original) = &sentence.original {
        text.push_str(&indented(&[Segment::new(Role::Context, one_line(original))], style));
    }
    text
}

/// A sentence with its marks.
fn segments(sentence: &AnswerSentence) -> Vec<Segment> {
    let mut marks = String::new();
    for id in &sentence.citations {
        // Writing to a string cannot fail.
        let _ = write!(marks, "[{id}]");
    }
    let mut segments = vec![Segment::new(Role::Plain, one_line(&sentence.text)), Segment::new(Role::Mark, marks)];
    segments.extend(verdict(sentence).map(|words| Segment::new(Role::Context, format!(" ({words})"))));
    segments
}

/// Where the sources say different things, a line for each.
pub(super) fn differences(answer: &Answer, style: Style) -> String {
    let mut text = String::new();
    for Disagreement { values, .. } in &answer.differences {
        text.push_str(&wrap(&[Segment::new(Role::Context, "The sources differ:")], 0, 0, style));
        for value in values {
            let source = origin(answer, value.citation);
            let source = if source.is_empty() { source } else { format!(" — {source}") };
            let older = if value.is_older { " (older)" } else { "" };
            let all = [
                Segment::new(Role::Plain, one_line(&value.value)),
                Segment::new(Role::Mark, format!("[{}]", value.citation)),
                Segment::new(Role::Context, format!("{source}{older}")),
            ];
            text.push_str(&indented(&all, style));
        }
    }
    text
}

/// The source and the date of a citation's document.
pub(super) fn origin(answer: &Answer, id: usize) -> String {
    let Some(citation) = id.checked_sub(1).and_then(|at| answer.citations.get(at)) else { return String::new() };
    let document = &citation.passage.document;
    let source = document.source.as_deref().map(one_line);
    let known: Vec<String> = source.into_iter().chain(document.published.as_deref().map(date)).collect();
    known.join(", ")
}

/// The verdict of a sentence that the documents do not support.
pub(super) fn verdict(sentence: &AnswerSentence) -> Option<&'static str> {
    match sentence.verdict? {
        Verdict::Supported => None,
        Verdict::Partly => Some("only partly in the documents"),
        Verdict::Unsupported => Some("not in the documents"),
        Verdict::Misattributed => Some("not in the document that it cites"),
        Verdict::Contradicted => Some("the document says something else"),
    }
}

/// The day of an ISO 8601 date or time.
pub(super) fn date(published: &str) -> String {
    one_line(published.split_once('T').map_or(published, |(day, _)| day))
}

fn indented(segments: &[Segment], style: Style) -> String {
    " ".repeat(INDENT) + &wrap(segments, INDENT, INDENT, style)
}
