//! Answers and documents for the tests of rendering.

use crate::passage::{
    Answer, AnswerSentence, Citation, DocumentInfo, Format, FoundPassage, Location, Mode, Quote, Scores, Span,
};

/// A document's metadata.
pub(super) fn document() -> DocumentInfo {
    DocumentInfo {
        id: "news-7".into(),
        title: "聯準會展望".into(),
        source: Some("Macro Desk".into()),
        uri: None,
        published: Some("2025-12-20T08:00:00Z".into()),
        language: Some("zh-Hant".into()),
        tags: vec![],
        metadata: serde_json::Map::new(),
        format: Format::Plain,
        size_bytes: 300,
        passages: 2,
        ingested: "2026-01-01T00:00:00Z".into(),
    }
}

/// A passage that is the whole document `text`, with the quote `quote`.
pub(super) fn passage(text: &str, quote: &str) -> FoundPassage {
    let start = text.find(quote).unwrap();
    let span = Span::new(start, start + quote.len());
    FoundPassage {
        collection: None,
        key: 1,
        document: document(),
        location: Location::of(text, Span::new(0, text.len())),
        text: text.into(),
        headings: vec![],
        quote: Quote { text: quote.into(), location: Location::of(text, span) },
        is_row: false,
        table_header: None,
        place: None,
        before: text[..start].into(),
        after: text[span.end..].into(),
        scores: Scores { fused: 0.8765, ..Scores::default() },
        relevance: 0.9,
        support: 0.8,
        copies: Vec::new(),
        matches: Vec::new(),
        quote_matches: Vec::new(),
    }
}

/// An answer of the passages' quotes or, by its mode, the passages alone.
pub(super) fn answer_of(passages: Vec<FoundPassage>, mode: Mode) -> Answer {
    let quotes: Vec<_> = passages.iter().map(|passage| passage.quote.text.clone()).collect();
    let sentence = |(n, text): (usize, String)| AnswerSentence {
        verdict: None,
        original: None,
        span: Span::new(0, 0),
        text,
        citations: vec![n + 1],
        supported: true,
        is_row: false,
    };
    let sentences = match mode {
        Mode::Extract | Mode::Write | Mode::Translate => quotes.into_iter().enumerate().map(sentence).collect(),
        Mode::Passages => vec![],
    };
    let citations = passages.into_iter().enumerate().map(|(n, passage)| Citation { id: n + 1, passage }).collect();
    Answer {
        text: String::new(),
        mode,
        answerable: true,
        confidence: 0.9,
        missing: Vec::new(),
        sentences,
        citations,
        notice: None,
        ..Answer::default()
    }
}
