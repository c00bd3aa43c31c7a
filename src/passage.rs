//! Documents, passages and citations as plain data: what every other part speaks of, with no backend behind it.
//!
//! All offsets are bytes into a document's stored text, on character boundaries, half-open.

use std::ops::Range;

/// A half-open range of bytes in a document's text, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span runs forward: {start}..{end}");
        Self { start, end }
    }

    /// Its length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether every byte of `other` lies in it.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// For slicing: `&text[span.range()]`.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A document as it is given: what the caller knows of it, before anything is derived.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewDocument {
    /// Identity. Without one, the uri is it; without that, a hash of the content.
    pub id: Option<String>,
    /// Its title; without one, its first line or its id.
    pub title: Option<String>,
    /// The text, which is stored as it is.
    pub text: String,
    /// Who published it.
    pub source: Option<String>,
    /// Where it is to be found.
    pub uri: Option<String>,
    /// When it was published: `2026-01-31`, or an RFC 3339 time.
    pub published: Option<String>,
    /// BCP 47 language tag; detected when absent.
    pub language: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Anything else the caller wants back.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// How the text is marked up.
    pub format: Format,
    /// The file that it was read from. Documents of one file that the file no longer holds are removed when the
    /// file is ingested again.
    pub origin: Option<String>,
}

/// How a document's text is marked up. It is stored with its markup either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// No markup.
    #[default]
    Plain,
    /// `CommonMark`: headings give passages their heading path.
    Markdown,
}

impl Format {
    /// The name it is stored and shown under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Markdown => "markdown",
        }
    }
}

/// What is known of a stored document, without its text.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentInfo {
    /// Identity, as given or derived.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who published it.
    pub source: Option<String>,
    /// Where it is to be found.
    pub uri: Option<String>,
    /// When it was published, ISO 8601.
    pub published: Option<String>,
    /// BCP 47 language tag with script for Chinese: `zh-Hant`, `zh-Hans`, `en`, `ja`.
    pub language: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Anything else the caller gave.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// How the text is marked up.
    pub format: Format,
    /// Length of the text in bytes.
    pub size_bytes: usize,
    /// How many passages it was split into.
    pub passages: usize,
    /// When this version was stored, RFC 3339 in UTC.
    pub ingested: String,
}

/// A document as stored. `text` is valid UTF-8 and never altered after ingest: all offsets point into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// All but the text.
    pub info: DocumentInfo,
    /// The text.
    pub text: String,
}

/// A passage before it is embedded: a span of a document's text and its sentences.
///
/// The passages of a document tile its text: the first starts at 0, each starts where the one before it ends, the
/// last ends with the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it stands in the document's text.
    pub span: Span,
    /// Its sentences in order, trimmed of white space, disjoint, inside `span`.
    pub sentences: Vec<Span>,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
}

/// A span in the three units that callers count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Bytes, half-open.
    pub bytes: Span,
    /// Unicode scalar values, half-open.
    pub chars: Span,
    /// First and last line, 1-based, inclusive. Lines end with `\n`.
    pub lines: (usize, usize),
}

impl Location {
    /// Where `span` stands in `text`.
    ///
    /// # Panics
    ///
    /// If `span` does not lie in `text` on character boundaries.
    pub fn of(text: &str, span: Span) -> Self {
        let before = &text[..span.start];
        let inside = &text[span.range()];
        let first_char = before.chars().count();
        let first_line = before.matches('\n').count() + 1;
        // A line break that ends the span still belongs to its last line.
        let breaks = inside.strip_suffix('\n').unwrap_or(inside).matches('\n').count();
        Self {
            bytes: span,
            chars: Span::new(first_char, first_char + inside.chars().count()),
            lines: (first_line, first_line + breaks),
        }
    }
}

/// A passage that was found for a question.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPassage {
    /// The passage's key: never reused, stable until its document changes.
    pub key: u64,
    /// Its document.
    pub document: DocumentInfo,
    /// Where it stands in the document's text.
    pub location: Location,
    /// `text[location.bytes]`.
    pub text: String,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// The sentence that answers best: `text[quote.bytes]` of the document, inside the passage.
    pub quote: Quote,
    /// The sentences before the quote, in the same document, when context was asked for.
    pub before: String,
    /// The sentences after the quote.
    pub after: String,
    /// What its rank is made of.
    pub scores: Scores,
    /// How likely it is that it answers the question, between 0 and 1: the confidence that the question is answered, halved
    /// for every [`HALVING`](crate::ask::HALVING) that it scores below the best. Falls with the rank.
    pub relevance: f32,
}

/// Verbatim words of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Equal, to the byte, to the document's text at `location.bytes`.
    pub text: String,
    /// Where.
    pub location: Location,
}

/// What a passage's rank is made of. Higher is better; comparable within one question only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores {
    /// Cosine of the question's and the passage's vector.
    pub dense: f32,
    /// Cosine of the question's vector and that of the passage's best sentence.
    pub sentence: f32,
    /// Lexical coverage: BM25 as a share, from 0 to 1, of the most that the question could score.
    pub lexical: f32,
    /// Late interaction: the question's tokens against those of the best run of sentences.
    pub late: f32,
    /// What the passages are ordered by: late interaction and a part of lexical coverage.
    pub fused: f32,
    /// The reranker's logit, by which the passages that have one are ordered; `None` without a reranker.
    pub rerank: Option<f32>,
    /// Rank by `dense` alone, 1-based; 0 if that leg did not find it.
    pub dense_rank: usize,
    /// Rank by `lexical` alone, 1-based; 0 if that leg did not find it.
    pub lexical_rank: usize,
}

/// A quoted sentence with all that is needed to find it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    /// Its number in the answer, from 1.
    pub id: usize,
    /// The passage it was quoted from, which was retrieved for this question.
    pub passage: FoundPassage,
}

/// One sentence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerSentence {
    /// Its place in [`Answer::text`], bytes.
    pub span: Span,
    /// The sentence, verbatim as in the document that is cited.
    pub text: String,
    /// Ids of the citations that carry it.
    pub citations: Vec<usize>,
}

/// What a question gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The sentences that answer, each followed by its footnote mark. Empty when nothing was found.
    pub text: String,
    /// How it was made.
    pub mode: Mode,
    /// Whether the collection answers the question, as far as `confidence` tells.
    pub answerable: bool,
    /// How likely it is that the question is answered, between 0 and 1, calibrated on questions with and without one.
    pub confidence: f32,
    /// Its sentences.
    pub sentences: Vec<AnswerSentence>,
    /// The footnotes, best first.
    pub citations: Vec<Citation>,
    /// What it took.
    pub took: Took,
}

impl Answer {
    /// The text in pieces, one for each sentence with its footnote marks; joined they are the text.
    pub fn pieces(&self) -> Vec<&str> {
        let ends = self.sentences.iter().skip(1).map(|next| {
            // The space that joins two sentences leads the second.
            self.text[..next.span.start].trim_end().len()
        });
        let mut start = 0;
        let mut pieces = Vec::with_capacity(self.sentences.len());
        for end in ends.chain((!self.text.is_empty()).then_some(self.text.len())) {
            pieces.push(&self.text[start..end]);
            start = end;
        }
        pieces
    }
}

/// How an answer is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The passages found, no answer text.
    Passages,
    /// The sentences that answer, verbatim.
    #[default]
    Extract,
}

impl Mode {
    /// The name it has on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passages => "passages",
            Self::Extract => "extract",
        }
    }
}

/// Wall-clock time of a question's steps, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Took {
    /// Embedding the question.
    pub embed_ms: f64,
    /// Finding passages.
    pub search_ms: f64,
    /// Choosing, locating and rendering quotes.
    pub cite_ms: f64,
    /// All of it.
    pub total_ms: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_counts_bytes_characters_and_lines() {
        let text = "一二\n三四。\nabc";
        let start = text.find('三').unwrap();
        let location = Location::of(text, Span::new(start, start + "三四。".len()));
        assert_eq!(location.bytes, Span::new(7, 16));
        assert_eq!(location.chars, Span::new(3, 6));
        assert_eq!(location.lines, (2, 2));
    }

    #[test]
    fn an_answer_comes_in_pieces_that_end_with_their_marks() {
        let sentence =
            |start, end| AnswerSentence { span: Span::new(start, end), text: String::new(), citations: vec![1] };
        let mut answer = Answer {
            text: "甲。[1] 乙。[2][3]".into(),
            mode: Mode::Extract,
            answerable: true,
            confidence: 1.0,
            sentences: vec![sentence(0, 6), sentence(10, 16)],
            citations: Vec::new(),
            took: Took::default(),
        };
        assert_eq!(answer.pieces(), ["甲。[1]", " 乙。[2][3]"]);
        (answer.text, answer.sentences) = (String::new(), Vec::new());
        assert_eq!(answer.pieces(), Vec::<&str>::new());
    }

    #[test]
    fn a_span_that_ends_with_a_line_break_stays_on_its_line() {
        assert_eq!(Location::of("ab\ncd\n", Span::new(0, 3)).lines, (1, 1));
        assert_eq!(Location::of("ab\ncd\n", Span::new(0, 6)).lines, (1, 2));
    }
}
