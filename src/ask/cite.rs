//! Turns ranked passages into citations: the document, the exact words, where they stand, and what is around them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::copies::{Distinct, Documents, distinct};
use super::fuse::Ranked;
use crate::error::{Error, Result};
use crate::index::{DocumentKey, PassageKey, Snapshots};
use crate::passage::{CitedPlace, Document, FoundPassage, LineIndex, Quote, Span};
use crate::tables::RowFinder;

/// Up to `count` passages with their documents and quotes, and the documents with copies of them. Passages whose document
/// the store does not have are left out. `headings` are those above each passage, by its key.
pub(super) fn cite(
    index: &Snapshots<'_>,
    documents: &mut Documents<'_, '_>,
    ranked: &[Ranked],
    headings: &HashMap<PassageKey, Vec<String>>,
    count: usize,
    context_sentences: usize,
) -> Result<Vec<FoundPassage>> {
    let mut lines: HashMap<DocumentKey, LineIndex> = HashMap::new();
    let mut passages = Vec::with_capacity(count);
    for Distinct { passage, copies } in distinct(documents, ranked, headings, count)? {
        let Some(document) = documents.get(passage.document)? else { continue };
        let lines = lines.entry(passage.document).or_insert_with(|| LineIndex::new(&document.text));
        let headings = headings.get(&passage.key).cloned().unwrap_or_default();
        let found = found(index, document, lines, headings, passage, context_sentences)?;
        passages.push(FoundPassage { copies, ..found });
    }
    Ok(passages)
}

/// The sentences from which the context of a quote is taken: those of its passage and, where these are too few, of the
/// passages around it.
fn sentences_around<'r>(
    index: &Snapshots<'_>,
    passage: &'r Ranked,
    quote: Span,
    text: &str,
    count: usize,
) -> Result<Cow<'r, [Span]>> {
    // A passage has several sentences, so a few passages on either side are more than enough.
    let reach = 1 + count / 2;
    let before = passage.sentences.iter().filter(|sentence| sentence.end <= quote.start).count();
    let after = passage.sentences.iter().filter(|sentence| sentence.start >= quote.end).count();
    let back = if before < count && passage.span.start > 0 { reach } else { 0 };
    let ahead = if after < count && passage.span.end < text.len() { reach } else { 0 };
    if back + ahead == 0 {
        return Ok(Cow::Borrowed(&passage.sentences));
    }
    index.sentences_around(passage.key, back, ahead).map(Cow::Owned)
}

fn found(
    index: &Snapshots<'_>,
    document: &Document,
    lines: &LineIndex,
    headings: Vec<String>,
    passage: &Ranked,
    context_sentences: usize,
) -> Result<FoundPassage> {
    let text = document.text.as_str();
    let slice = |span: Span| {
        text.get(span.range()).ok_or_else(|| Error::Corrupt {
            path: index.path(passage.key.member).to_owned(),
            reason: format!("document {} has no text at {}..{}", document.info.id, span.start, span.end),
        })
    };
    let rows = &document.layout.rows;
    let quote = passage.quote(text, rows);
    let around = sentences_around(index, passage, quote, text, context_sentences)?;
    let (before, after) = context(quote, &around, context_sentences);
    let place = CitedPlace::of(&document.layout, text, quote);
    let row = RowFinder::default().row(text, rows, quote);
    let quoted =
        |span| -> Result<Quote> { Ok(Quote { text: slice(span)?.to_owned(), location: lines.location(text, span) }) };
    Ok(FoundPassage {
        place,
        key: passage.key.key,
        collection: index.name(passage.key.member).map(str::to_owned),
        document: document.info.clone(),
        text: slice(passage.span)?.to_owned(),
        // Each span has been sliced, so it lies in the text on character boundaries.
        location: lines.location(text, passage.span),
        headings,
        quote: quoted(quote)?,
        is_row: row.is_some(),
        table_header: row.and_then(|row| row.header).map(quoted).transpose()?,
        before: slice(before)?.to_owned(),
        after: slice(after)?.to_owned(),
        scores: passage.scores,
        relevance: 0.0,
        support: passage.support,
        copies: Vec::new(),
        matches: Vec::new(),
        quote_matches: Vec::new(),
    })
}

/// The text between the start of the `count`-th sentence before the quote and the quote, and likewise after it.
fn context(quote: Span, sentences: &[Span], count: usize) -> (Span, Span) {
    let first = sentences.iter().rev().filter(|sentence| sentence.end <= quote.start).take(count).last();
    let last = sentences.iter().filter(|sentence| sentence.start >= quote.end).take(count).last();
    let before = Span::new(first.map_or(quote.start, |sentence| sentence.start), quote.start);
    let after = Span::new(quote.end, last.map_or(quote.end, |sentence| sentence.end));
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_has_the_requested_number_of_sentences_or_all_there_are() {
        let sentences = [Span::new(0, 10), Span::new(11, 20), Span::new(20, 30), Span::new(31, 40)];
        let quote = sentences[2];
        assert_eq!(context(quote, &sentences, 1), (Span::new(11, 20), Span::new(30, 40)));
        assert_eq!(context(quote, &sentences, 9), (Span::new(0, 20), Span::new(30, 40)));
        assert_eq!(context(quote, &[], 2), (Span::new(20, 20), Span::new(30, 30)));
    }
}
