//! Operators of a question, such as `source:Reuters` or `"an exact phrase"`, and what became of each.

/// An operator that a question has, or seems to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// As the question writes it.
    pub written: String,
    /// What it is about.
    pub kind: OperatorKind,
    /// Its value, without quotation marks; a date as filters compare it.
    pub value: String,
    /// Whether what meets it is left out.
    pub excludes: bool,
    /// What became of it.
    pub outcome: OperatorOutcome,
}

/// What an [`Operator`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperatorKind {
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

impl OperatorKind {
    /// Its name in a question; empty for words and phrases, which need none.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phrase | Self::Word => "",
            Self::Source => "source",
            Self::Tag => "tag",
            Self::Title => "title",
            Self::Language => "lang",
            Self::Format => "format",
            Self::Before => "before",
            Self::Since => "since",
            Self::Until => "until",
        }
    }
}

/// What became of an [`Operator`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperatorOutcome {
    /// All that was found meets it.
    Applied,
    /// No passage has the phrase word for word, so its words were searched for like others.
    NotFound,
    /// It is nearly an operator, or one without a valid value: it was searched for as words.
    AsWords,
}
