//! Results as Markdown for notes. Pure: the same data give the same text.

use std::fmt::Write;

use crate::passage::{
    Answer, AnswerPart, AnswerSentence, Citation, Disagreement, Document, Facet, FacetValue, Facets, FoundPassage,
    Location,
};

use super::link::DocumentLinks;
use super::marked::Marked;
use super::render::{around_quote, date, gap, notice_line, verdict, written};
use super::{facts, statements};
use crate::markdown::{line, paragraphs};

/// An answer with its marks, and footnotes with their quotes and sources.
pub(crate) fn answer(answer: &Answer, links: &DocumentLinks) -> String {
    if answer.sentences.is_empty() {
        let notice = answer.notice.as_ref().and_then(|notice| notice_line(notice, answer));
        let behind = if answer.citations.is_empty() { "\n" } else { "\n\n" };
        let opening = notice.map(|notice| notice + behind).unwrap_or_default();
        let notes =
            answer.notes.iter().fold(String::new(), |notes, note| notes + &format!("*{}*\n\n", line(&note.text)));
        let items = answer.citations.iter().map(|citation| {
            let passage = &citation.passage;
            item(citation.id, passage, &passage.quote.location, "", (&passage.before, &passage.after), links)
        });
        return opening + &notes + &items.collect::<Vec<_>>().join("\n");
    }
    let mut text = statements(answer) + &differences(answer);
    if let Some(words) = written(answer) {
        let _ = writeln!(text, "\n*{}*", line(&words));
    }
    for note in &answer.notes {
        let _ = writeln!(text, "\n*{}*", line(&note.text));
    }
    let is_different = |id: usize| {
        answer.differences.iter().flat_map(|difference| &difference.values).any(|value| value.citation == id)
    };
    let is_used =
        |id: usize| is_different(id) || answer.sentences.iter().any(|sentence| sentence.citations.contains(&id));
    // Markdown renderers drop footnotes without a reference.
    let others = marks(answer.citations.iter().map(|citation| citation.id).filter(|id| !is_used(*id)));
    if !others.is_empty() {
        let _ = writeln!(text, "\nSee also{others}");
    }
    for citation in &answer.citations {
        text.push('\n');
        text.push_str(&definition(citation, links));
    }
    text
}

/// The sentences of an answer: one after the other, by part, in a table, or as a list.
fn statements(answer: &Answer) -> String {
    let cell =
        |sentence: &AnswerSentence| format!("{}{}", line(&sentence.text), marks(sentence.citations.iter().copied()));
    if let Some(comparison) = &answer.comparison {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let head = row(comparison.columns.iter().map(|label| line(label)).collect());
        let rule = row(comparison.columns.iter().map(|_| "---".to_owned()).collect());
        let body = comparison.rows.iter().map(|places| {
            let said = |place: &Option<usize>| place.and_then(|place| answer.sentences.get(place)).map(cell);
            row(places.iter().map(|place| said(place).unwrap_or_default()).collect())
        });
        return head + &rule + &body.collect::<String>();
    }
    let one = |sentence: &AnswerSentence| {
        let mut text = cell(sentence);
        if answer.is_list {
            let source = sentence.citations.first().map(|id| statements::origin(answer, *id)).unwrap_or_default();
            let source = if source.is_empty() { source } else { format!(" — {}", line(&source)) };
            text = format!("- {text}{source}");
        }
        if let Some(words) = verdict(sentence) {
            // Writing to a string cannot fail.
            let _ = write!(text, " *({words})*");
        }
        text.push('\n');
        if let Some(original) = &sentence.original {
            let _ = writeln!(text, "> {}\n", line(original));
        }
        text
    };
    if answer.parts.is_empty() {
        return answer.sentences.iter().map(one).collect();
    }
    let part = |part: &AnswerPart| {
        let sentences = answer.sentences.get(part.sentences.0..part.sentences.1).unwrap_or_default();
        let said: String = sentences.iter().map(one).collect();
        let said = if said.is_empty() { "*not answered by the documents*\n".to_owned() } else { said };
        format!("**{}**\n\n{said}", line(&part.label))
    };
    answer.parts.iter().map(part).collect::<Vec<_>>().join("\n")
}

/// Where the sources say different things, a list for each.
fn differences(answer: &Answer) -> String {
    let mut text = String::new();
    for Disagreement { values, .. } in &answer.differences {
        text.push_str("\nThe sources differ:\n\n");
        for value in values {
            let source = statements::origin(answer, value.citation);
            let source = if source.is_empty() { source } else { format!(" — {}", line(&source)) };
            let older = if value.is_older { " (older)" } else { "" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {}{}{source}{older}", line(&value.value), marks([value.citation].into_iter()));
        }
    }
    text
}

/// Passages in order, each in full with its best sentence marked.
pub(crate) fn search(passages: &[FoundPassage], skipped: usize, links: &DocumentLinks) -> String {
    let item = |(n, passage): (usize, &FoundPassage)| {
        let score = format!(", score {:.3}", passage.scores.fused);
        let (before, _, after) = around_quote(passage);
        item(skipped + n + 1, passage, &passage.location, &score, (before, after), links)
    };
    passages.iter().enumerate().map(item).collect::<Vec<_>>().join("\n")
}

/// A list of the values of each facet.
pub(crate) fn facets(facets: &Facets) -> String {
    let one = |(facet, values): &(Facet, Vec<FacetValue>)| {
        let values: Vec<String> =
            values.iter().map(|FacetValue { value, count }| format!("{} ({count})", line(value))).collect();
        format!("- {}: {}\n", facet.name(), values.join(", "))
    };
    let lists: String = facets.values.iter().filter(|(_, values)| !values.is_empty()).map(one).collect();
    format!("\nCounted over {} of the documents found:\n\n{lists}", facets.documents)
}

/// A table of `rows` under `columns`.
pub(crate) fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let row = |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    let mut text = row(&mut columns.iter().map(|column| line(column)));
    text += &row(&mut columns.iter().map(|_| "---".to_owned()));
    text + &rows.iter().map(|cells| row(&mut cells.iter().map(|cell| line(cell)))).collect::<String>()
}

/// A document: its title, its metadata and its text.
pub(crate) fn document(document: &Document, links: &DocumentLinks) -> String {
    let mut text = format!("# {}\n\n", line(&document.info.title));
    for (name, value) in facts::known(&document.info).into_iter().filter(|(name, _)| *name != "title") {
        let value = match links.address(&document.info).filter(|_| name == "uri") {
            Some(address) => format!("<{address}>"),
            None => line(&value),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "- {name}: {value}");
    }
    // Without the rule the text could be read as part of the list's last item.
    format!("{text}\n---\n\n{}\n", paragraphs(&document.text))
}

/// `[^1]: before »quote« after — title, source, date, place`.
fn definition(citation: &Citation, links: &DocumentLinks) -> String {
    let passage = &citation.passage;
    let quote = in_context(&passage.before, passage, &passage.after);
    let origin = origin(passage, &passage.quote.location, links);
    format!("[^{}]: {quote} — {origin}\n", citation.id)
}

fn item(
    number: usize,
    passage: &FoundPassage,
    location: &Location,
    score: &str,
    (before, after): (&str, &str),
    links: &DocumentLinks,
) -> String {
    let origin = origin(passage, location, links);
    let indent = " ".repeat(number.to_string().len() + 2);
    format!("{number}. {origin}{score}\n\n{indent}> {}\n", in_context(before, passage, after))
}

/// `title, source, date, collection, line 5, bytes 312-389`; the collection if several were asked. The title is a link to the document; without a link its uri or id comes
/// last.
fn origin(passage: &FoundPassage, location: &Location, links: &DocumentLinks) -> String {
    let document = &passage.document;
    let title = line(&document.title);
    let address = links.address_of(passage);
    let whence = if address.is_none() { Some(line(document.uri.as_deref().unwrap_or(&document.id))) } else { None };
    let title = address.map_or(title.clone(), |address| format!("[{title}](<{address}>)"));
    let (first, last) = location.lines;
    let lines = || if first == last { format!("line {first}") } else { format!("lines {first}-{last}") };
    let place = passage.place_label().map_or_else(lines, |label| line(&label));
    let bytes = format!("bytes {}-{}", location.bytes.start, location.bytes.end);
    let copies = passage.copies_label().map(|label| line(&label));
    let known = [document.source.as_deref().map(line), document.published.as_deref().map(|day| line(&date(day)))];
    let parts: Vec<String> = std::iter::once(title)
        .chain(known.into_iter().flatten())
        .chain(passage.collection.as_ref().map(|name| format!("collection {}", line(name))))
        .chain([place, bytes])
        .chain(whence)
        .chain(copies)
        .collect();
    parts.join(", ")
}

/// The quote of a passage with its context, on one line. The words that match the question are bold.
fn in_context(before: &str, passage: &FoundPassage, after: &str) -> String {
    let quote = &passage.quote.text;
    let mut text = line(before);
    if !text.is_empty() {
        text.push_str(gap(before, quote));
    }
    let _ = write!(text, "»{}«", Marked::quote(passage).escaped(line, "**"));
    let after_line = line(after);
    if !after_line.is_empty() {
        text.push_str(gap(quote, after));
        text.push_str(&after_line);
    }
    text
}

fn marks(ids: impl Iterator<Item = usize>) -> String {
    ids.fold(String::new(), |marks, id| marks + &format!("[^{id}]"))
}

#[cfg(test)]
mod tests;
