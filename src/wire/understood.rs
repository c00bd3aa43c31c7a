//! The JSON of how a question was understood: the time of the documents that it asks for, its parts, what it compares or
//! counts, where the sentences that answer it differ, and notes to a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::same::same;
use crate::passage;

/// The time of the documents that a question asks for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TimeUsed {
    /// The words that ask for it, as the question writes them.
    #[schema(example = "last week")]
    words: String,
    /// The first day; absent if the time has no beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-16")]
    since: Option<String>,
    /// The last day; absent if the time has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-22")]
    until: Option<String>,
    /// Whether newer documents come first, as for "latest".
    newest: bool,
    #[schema(inline)]
    outcome: TimeOutcome,
    /// How many documents were left out because they have no date.
    undated: usize,
    /// The id of a document outside the time that matches better than the answer. Absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    better_outside: Option<String>,
    /// The collection of that document. Absent unless the question was asked of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    better_outside_collection: Option<String>,
}

/// What became of the time.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimeOutcome {
    /// The passages are from documents of the time or name it. For "latest": newer documents come first.
    Applied,
    /// Passages of other times come behind those of the time.
    Preferred,
    /// No document of the time answers about as well as the answer, which is from another time.
    Elsewhere,
    /// No document of the time answers. The passages are from others.
    Outside,
    /// No document has a date.
    NoDates,
}

/// A misspelt word of the question, and what was searched for instead.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Correction {
    /// The word as the question writes it.
    #[schema(example = "infaltion")]
    from: String,
    /// The word that was meant.
    #[schema(example = "inflation")]
    to: String,
    /// Offset of its first byte in the question.
    start: usize,
    /// Offset just past its last byte in the question.
    end: usize,
}

/// Says to a person how a question was understood.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Note {
    #[schema(inline)]
    about: NoteAbout,
    /// The BCP 47 tag of its language: that of the question if Footnote has notes in it, otherwise English.
    #[schema(example = "en")]
    language: String,
    /// One or two sentences.
    #[schema(example = "From documents of 2026-11-16 to 2026-11-22 (“last week”).")]
    text: String,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoteAbout {
    /// The time of the documents.
    Time,
    /// What was counted, and how.
    Count,
    /// Parts of the question that are not answered.
    Parts,
    /// Misspelt words that were corrected.
    Spelling,
    /// Operators in the question, such as `source:Reuters`.
    Operators,
}

/// An operator in the question, such as `source:Reuters`, `-word` or `"an exact phrase"`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Operator {
    /// As the question writes it. The question without this text is the question without the operator.
    #[schema(example = "source:\"Goldman Sachs\"")]
    written: String,
    #[schema(inline)]
    kind: OperatorKind,
    /// Its value, without quotation marks; a date as `2026`, `2026-01` or `2026-01-31`.
    #[schema(example = "Goldman Sachs")]
    value: String,
    /// Whether what meets it is left out, as with a minus sign.
    excludes: bool,
    #[schema(inline)]
    outcome: OperatorOutcome,
}

/// What an operator is about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OperatorKind {
    /// Words of the passage that follow one another.
    Phrase,
    /// A word of the passage.
    Word,
    /// Who published the document.
    Source,
    /// A tag of the document.
    Tag,
    /// The document's title.
    Title,
    /// The document's language.
    Language,
    /// The format of its file.
    Format,
    /// The day, month or year before which it was published.
    Before,
    /// The day, month or year in which or after which it was published.
    Since,
    /// The day, month or year until whose end it was published.
    Until,
}

/// What became of an operator.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OperatorOutcome {
    /// All that was found meets it.
    Applied,
    /// No passage has the phrase word for word, so its words were searched for like others.
    NotFound,
    /// It is nearly an operator, or one without a valid value: it was searched for as words.
    AsWords,
}

impl From<passage::Operator> for Operator {
    fn from(operator: passage::Operator) -> Self {
        let passage::Operator { written, kind, value, excludes, outcome } = operator;
        Self { written, kind: kind.into(), value, excludes, outcome: outcome.into() }
    }
}

impl From<Operator> for passage::Operator {
    fn from(operator: Operator) -> Self {
        let Operator { written, kind, value, excludes, outcome } = operator;
        Self { written, kind: kind.into(), value, excludes, outcome: outcome.into() }
    }
}

/// One of the things that a question asks, answered by itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AnswerPart {
    /// What it is about, as the question writes it.
    #[schema(example = "BOJ")]
    label: String,
    /// The part as a question by itself.
    #[schema(example = "What does the BOJ expect?")]
    question: String,
    /// Whether it is answered.
    answerable: bool,
    /// Estimated probability that the documents answer it, 0 to 1.
    confidence: f32,
    /// Names in it that no passage has under any name that Footnote knows for them. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    /// Its sentences in the answer's list: the first, counted from 0, and one past the last.
    #[schema(min_items = 2, max_items = 2)]
    sentences: [usize; 2],
}

/// Statements of the things that a question compares, side by side.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Comparison {
    /// The things.
    #[schema(example = json!(["2025", "2026"]))]
    columns: Vec<String>,
    /// For each column the place of a sentence in the answer's list, counted from 0, or null.
    rows: Vec<Vec<Option<usize>>>,
}

/// Sentences of the answer that say different things of the same.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Disagreement {
    #[schema(inline)]
    kind: DisagreementKind,
    /// What each says, the newest first.
    values: Vec<DisagreeingValue>,
}

/// In what sentences differ.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DisagreementKind {
    /// In a number, an amount or a measure.
    Number,
    /// In a date.
    Date,
    /// In a direction: "rose" and "fell".
    Direction,
}

/// What one of the sentences says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DisagreeingValue {
    /// Its number, date or word of direction, as it writes it.
    #[schema(example = "412 metres")]
    value: String,
    /// The sentence.
    text: String,
    /// The id of its citation, which has the document with its source and date.
    citation: usize,
    /// Whether its document is older than that of another one.
    older: bool,
}

/// How many documents have something in a passage, counted over the index.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DocumentCount {
    /// What was counted, as the question writes it.
    #[schema(example = "Fed")]
    what: String,
    /// Documents that have it.
    documents: usize,
    /// Documents in all, as far as the filter lets them through.
    of: usize,
    /// Other names under which it was counted, as the index has them. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    also: Vec<String>,
    /// The same for each collection. Absent unless the question was asked of several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by_collection: Vec<CollectionCount>,
}

/// How many documents of one of several collections have something.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct CollectionCount {
    /// Its name.
    collection: String,
    /// Documents of it that have it.
    documents: usize,
    /// Documents of it in all, as far as the filter lets them through.
    of: usize,
}

impl From<passage::AnswerPart> for AnswerPart {
    fn from(part: passage::AnswerPart) -> Self {
        let passage::AnswerPart { label, question, answerable, confidence, missing, sentences: (first, end) } = part;
        Self { label, question, answerable, confidence, missing, sentences: [first, end] }
    }
}

impl From<AnswerPart> for passage::AnswerPart {
    fn from(part: AnswerPart) -> Self {
        let AnswerPart { label, question, answerable, confidence, missing, sentences: [first, end] } = part;
        Self { label, question, answerable, confidence, missing, sentences: (first.min(end), end) }
    }
}

impl From<passage::Comparison> for Comparison {
    fn from(passage::Comparison { columns, rows }: passage::Comparison) -> Self {
        Self { columns, rows }
    }
}

impl From<Comparison> for passage::Comparison {
    fn from(Comparison { columns, rows }: Comparison) -> Self {
        Self { columns, rows }
    }
}

impl From<passage::Disagreement> for Disagreement {
    fn from(found: passage::Disagreement) -> Self {
        let value = |value: passage::DisagreeingValue| DisagreeingValue {
            value: value.value,
            text: value.text,
            citation: value.citation,
            older: value.is_older,
        };
        Self { kind: found.kind.into(), values: found.values.into_iter().map(value).collect() }
    }
}

impl From<Disagreement> for passage::Disagreement {
    fn from(found: Disagreement) -> Self {
        let value = |value: DisagreeingValue| passage::DisagreeingValue {
            value: value.value,
            text: value.text,
            citation: value.citation,
            is_older: value.older,
        };
        Self { kind: found.kind.into(), values: found.values.into_iter().map(value).collect() }
    }
}

impl From<passage::DocumentCount> for DocumentCount {
    fn from(count: passage::DocumentCount) -> Self {
        let passage::DocumentCount { what, documents, of, also, by_collection } = count;
        Self { what, documents, of, also, by_collection: by_collection.into_iter().map(Into::into).collect() }
    }
}

impl From<DocumentCount> for passage::DocumentCount {
    fn from(DocumentCount { what, documents, of, also, by_collection }: DocumentCount) -> Self {
        Self { what, documents, of, also, by_collection: by_collection.into_iter().map(Into::into).collect() }
    }
}

impl From<passage::CollectionCount> for CollectionCount {
    fn from(passage::CollectionCount { collection, documents, of }: passage::CollectionCount) -> Self {
        Self { collection, documents, of }
    }
}

impl From<CollectionCount> for passage::CollectionCount {
    fn from(CollectionCount { collection, documents, of }: CollectionCount) -> Self {
        Self { collection, documents, of }
    }
}

impl From<passage::TimeUsed> for TimeUsed {
    fn from(time: passage::TimeUsed) -> Self {
        let passage::TimeUsed { words, since, until, newest, outcome, undated, .. } = time;
        let (better_outside, better_outside_collection) = (time.better_outside, time.better_outside_collection);
        let outcome = outcome.into();
        Self { words, since, until, newest, outcome, undated, better_outside, better_outside_collection }
    }
}

impl From<TimeUsed> for passage::TimeUsed {
    fn from(time: TimeUsed) -> Self {
        let TimeUsed { words, since, until, newest, outcome, undated, .. } = time;
        let (better_outside, better_outside_collection) = (time.better_outside, time.better_outside_collection);
        let outcome = outcome.into();
        Self { words, since, until, newest, outcome, undated, better_outside, better_outside_collection }
    }
}

impl From<passage::Correction> for Correction {
    fn from(passage::Correction { from, to, span }: passage::Correction) -> Self {
        Self { from, to, start: span.start, end: span.end }
    }
}

impl From<Correction> for passage::Correction {
    fn from(Correction { from, to, start, end }: Correction) -> Self {
        Self { from, to, span: passage::Span::new(start.min(end), end) }
    }
}

impl From<passage::Note> for Note {
    fn from(note: passage::Note) -> Self {
        Self { about: note.about.into(), language: note.language, text: note.text }
    }
}

impl From<Note> for passage::Note {
    fn from(note: Note) -> Self {
        Self { about: note.about.into(), language: note.language, text: note.text }
    }
}

same!(TimeOutcome, TimeOutcome: Applied Preferred Elsewhere Outside NoDates);
same!(NoteAbout, NoteAbout: Time Count Parts Spelling Operators);
same!(OperatorKind, OperatorKind: Phrase Word Source Tag Title Language Format Before Since Until);
same!(OperatorOutcome, OperatorOutcome: Applied NotFound AsWords);
same!(DisagreementKind, DisagreementKind: Number Date Direction);
