//! Answers and passages as text for people. Pure: the same data and [`Style`] give the same text.

use crate::notices::Notices;
use crate::passage::{
    Answer, Citation, FacetValue, Facets, FoundPassage, Location, Mode, Notice, Reason, Writing, WritingState,
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::link::DocumentLinks;
use super::marked::Marked;
use super::statements;
pub(super) use super::statements::{date, verdict};
use super::term::{Role, Style};
use super::wrap::{Segment, wrap};
use crate::display::one_line;

/// Columns before the text of a footnote.
const INDENT: usize = 4;
/// Columns of the name of a facet.
const FACET_COLUMNS: usize = 10;

/// Which footnotes of an answer are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Footnotes {
    /// Those that a sentence of the answer cites.
    Cited,
    /// Also those of passages that are near, but that no sentence cites.
    All,
}

/// An answer: each sentence on its own line with its marks, the confidence, then the footnotes that it cites. Passages
/// that are near but not cited come last, or are only counted.
pub(crate) fn answer(answer: &Answer, footnotes: Footnotes, links: &DocumentLinks, style: Style) -> String {
    let mut text = statements::sentences(answer, style) + &statements::differences(answer, style);
    let note = |text: String| wrap(&[Segment::new(Role::Context, one_line(&text))], 0, 0, style);
    if let Some(line) = written(answer) {
        text.push_str(&note(line));
    }
    if let Some(line) = confidence(answer) {
        text.push_str(&note(line));
    }
    for said in &answer.notes {
        text.push_str(&note(said.text.clone()));
    }
    let is_cited = |citation: &&Citation| {
        let differs = || answer.differences.iter().flat_map(|difference| &difference.values);
        answer.sentences.is_empty()
            || answer.sentences.iter().any(|sentence| sentence.citations.contains(&citation.id))
            || differs().any(|value| value.citation == citation.id)
    };
    let (cited, near): (Vec<&Citation>, Vec<&Citation>) = answer.citations.iter().partition(is_cited);
    let footnote = |citation: &Citation| {
        let passage = &citation.passage;
        let around = (Marked::new(&passage.before, &[]), Marked::new(&passage.after, &[]));
        let gaps = (gap(&passage.before, &passage.quote.text), gap(&passage.quote.text, &passage.after));
        let quote = in_context(&around.0, &Marked::quote(passage), &around.1, gaps, style);
        heading(&format!("[{}]", citation.id), passage, "", links, style)
            + &place(passage, &passage.quote.location, style)
            + &copies(passage, style)
            + &indented(&quote, style)
    };
    let mut add = |block: String| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&block);
    };
    cited.into_iter().map(footnote).for_each(&mut add);
    match (near.len(), footnotes) {
        (0, _) => {}
        (_, Footnotes::All) => {
            add(note("Near, but not cited:".into()));
            near.into_iter().map(footnote).for_each(&mut add);
        }
        (1, Footnotes::Cited) => add(note("1 more passage is near, but not cited; --all shows it.".into())),
        (count, Footnotes::Cited) => {
            add(note(format!("{count} more passages are near, but not cited; --all shows them.")));
        }
    }
    text
}

/// What the language model did, or why the quotes stand in its place.
pub(super) fn written(answer: &Answer) -> Option<String> {
    let writing = answer.writing.as_ref()?;
    if let Some(notice) = answer.notice.as_ref().filter(|notice| !notice.reason.is_unanswered()) {
        return Some(notice.text.clone());
    }
    let did = match answer.mode {
        _ if writing.state != WritingState::Written => return None,
        Mode::Translate => "Translated",
        _ => "Written",
    };
    let model = one_line(&writing.model);
    let checked = format!("{did} by {model}; every sentence was checked against the documents.");
    Some(match (writing.dropped, answer.mode) {
        (0, _) => checked,
        (count, Mode::Translate) => format!("{checked} {count} left as quoted: a translation did not hold."),
        (1, _) => format!("{checked} One was left out: they do not support it."),
        (count, _) => format!("{checked} {count} were left out: they do not support them."),
    })
}

/// A warning for whoever runs the language model; `None` if it did its work.
pub(super) fn writing_warning(writing: &Writing) -> Option<String> {
    let what = match writing.state {
        WritingState::Written | WritingState::NotNeeded => return None,
        WritingState::CutShort => "broke off",
        WritingState::Unsupported => "wrote nothing that the documents support",
        WritingState::Declined => "says that the quotes do not answer the question",
        WritingState::Unreachable => "cannot be reached",
        WritingState::Refused => "refused",
        WritingState::TimedOut => "took too long",
        WritingState::Garbled => "sent something that cannot be read",
        WritingState::Busy => "is busy",
    };
    let model = one_line(&writing.model);
    Some(match writing.detail.as_str() {
        "" => format!("the language model {model} {what}"),
        detail => format!("the language model {model} {what}: {}", one_line(detail)),
    })
}

/// How likely it is that the documents answer the question, in the same words as the web page; `None` for passages alone.
fn confidence(answer: &Answer) -> Option<String> {
    let confidence = answer.confidence;
    if let Some(notice) = answer.notice.as_ref().filter(|notice| notice.reason.is_unanswered()) {
        return notice_line(notice, answer);
    }
    if answer.sentences.is_empty() {
        return None;
    }
    let words = match confidence {
        0.8.. => "Very likely answered",
        0.5.. => "Likely answered",
        _ => "Perhaps answered",
    };
    Some(format!("{words} (confidence {confidence:.2})"))
}

/// Why there is no answer, above the nearest passages. `None` if there are none: a note says that nothing was found.
pub(super) fn notice_line(notice: &Notice, answer: &Answer) -> Option<String> {
    match notice.reason {
        Reason::NoQuestion | Reason::Order | Reason::NotWritten | Reason::CutShort | Reason::OutsideTime => {
            Some(notice.text.clone())
        }
        Reason::Unanswered if answer.citations.is_empty() => None,
        Reason::Unanswered => {
            let said = notice.with_detail(&format!("confidence {:.2}", answer.confidence));
            Some(said + notice.space() + &Notices::in_language(&notice.language).nearest)
        }
    }
}

/// Passages in order behind those that were `skipped`, each in full with its best sentence marked.
pub(crate) fn search(passages: &[FoundPassage], skipped: usize, links: &DocumentLinks, style: Style) -> String {
    let mut text = String::new();
    for (n, passage) in passages.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        let score = format!("score {:.3}", passage.scores.fused);
        text.push_str(&heading(&format!("{}.", skipped + n + 1), passage, &score, links, style));
        text.push_str(&place(passage, &passage.location, style));
        text.push_str(&copies(passage, style));
        let (before, quote, after) = around_quote(passage);
        let (start, end) = (before.len(), before.len() + quote.len());
        let part = |start, end| Marked::part(passage, start, end);
        let all = (part(0, start), part(start, end), part(end, end + after.len()));
        let gaps = (gap(before, quote), gap(quote, after));
        text.push_str(&indented(&in_context(&all.0, &all.1, &all.2, gaps, style), style));
    }
    text
}

/// `source  Macro Desk 3 · Harbour Post 1`, a line for each facet that has values.
pub(crate) fn facets(facets: &Facets, style: Style) -> String {
    let counted = format!("Counted over {} of the documents found:", facets.documents);
    let mut text = String::from("\n") + &wrap(&[Segment::new(Role::Context, counted)], 0, 0, style);
    for (facet, values) in facets.values.iter().filter(|(_, values)| !values.is_empty()) {
        let name = format!("{:<width$}", facet.name(), width = FACET_COLUMNS);
        let mut segments = vec![Segment::new(Role::Title, name)];
        for (n, FacetValue { value, count }) in values.iter().enumerate() {
            segments.push(Segment::new(Role::Context, if n == 0 { "" } else { " · " }));
            segments.push(Segment::new(Role::Plain, format!("{} ", one_line(value))));
            segments.push(Segment::new(Role::Mark, count.to_string()));
        }
        text.push_str(&wrap(&segments, 0, FACET_COLUMNS, style));
    }
    text
}

/// `[1] title — source, date · collection · score`. The collection is told if several were asked.
pub(super) fn heading(mark: &str, passage: &FoundPassage, score: &str, links: &DocumentLinks, style: Style) -> String {
    let document = &passage.document;
    let source = document.source.as_deref().map(one_line);
    let origin: Vec<String> = source.into_iter().chain(document.published.as_deref().map(date)).collect();
    let title = Segment::new(Role::Title, one_line(&document.title));
    let mut segments = vec![title.linked(links.address_of(passage))];
    if !origin.is_empty() {
        segments.push(Segment::new(Role::Plain, format!(" — {}", origin.join(", "))));
    }
    let collection = passage.collection.as_ref().map(|name| format!("collection {name}"));
    for known in collection.into_iter().chain((!score.is_empty()).then(|| score.to_owned())) {
        segments.push(Segment::new(Role::Context, format!(" · {known}")));
    }
    let mark = format!("{mark:<width$} ", width = INDENT - 1);
    style.paint(Role::Mark, mark.trim_end())
        + &" ".repeat(mark.len() - mark.trim_end().len())
        + &wrap(&segments, mark.width(), INDENT, style)
}

/// `line 5, bytes 312-389 · uri or id`. A place in the original stands instead of the line.
pub(super) fn place(passage: &FoundPassage, location: &Location, style: Style) -> String {
    let document = &passage.document;
    let (first, last) = location.lines;
    let whence = one_line(document.uri.as_deref().unwrap_or(&document.id));
    let lines = || if first == last { format!("line {first}") } else { format!("lines {first}-{last}") };
    let place = passage.place_label().map_or_else(lines, |label| one_line(&label));
    let text = format!("{place}, bytes {}-{} · {whence}", location.bytes.start, location.bytes.end);
    indented(&[Segment::new(Role::Context, text)], style)
}

/// `also in 3 other documents`, on a line of its own; empty if there are no copies.
fn copies(passage: &FoundPassage, style: Style) -> String {
    let label = passage.copies_label().map(|label| Segment::new(Role::Context, one_line(&label)));
    label.map(|label| indented(&[label], style)).unwrap_or_default()
}

fn indented(segments: &[Segment], style: Style) -> String {
    " ".repeat(INDENT) + &wrap(segments, INDENT, INDENT, style)
}

/// A quote with its context, and what separates it from either side. It is marked by colour or, without colour, by quotation
/// marks; the words that match the question only by colour.
fn in_context(
    before: &Marked,
    quote: &Marked,
    after: &Marked,
    (gap_before, gap_after): (&str, &str),
    style: Style,
) -> Vec<Segment> {
    let context = |text: &Marked| text.segments(Role::Context, Role::ContextMatch);
    let mark = |mark: &str| (!style.colour).then(|| Segment::new(Role::Quote, mark));
    let mut segments = context(before);
    if !segments.is_empty() {
        segments.push(Segment::new(Role::Context, gap_before));
    }
    segments.extend(mark("»"));
    segments.extend(quote.segments(Role::Quote, Role::Match));
    segments.extend(mark("«"));
    let behind = context(after);
    if !behind.is_empty() {
        segments.push(Segment::new(Role::Context, gap_after));
        segments.extend(behind);
    }
    segments
}

/// What separates two neighbours that are put on one line: a space, unless both are in a script without spaces.
pub(super) fn gap(left: &str, right: &str) -> &'static str {
    let is_wide = |c: Option<char>| c.and_then(UnicodeWidthChar::width) == Some(2);
    let left_end = left.chars().next_back();
    let right_start = right.chars().next();
    if is_wide(left_end) && is_wide(right_start) { "" } else { " " }
}

/// A passage's text before, in and after its quote. If the quote is not in the passage, all of the text is before it.
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
