//! What a language model did for an answer.

/// What the language model did for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Writing {
    /// How it ended.
    pub state: WritingState,
    /// The model's name.
    pub model: String,
    /// What went wrong, for whoever runs the model; empty if nothing did. It contains no key and nothing that the model wrote.
    pub detail: String,
    /// Sentences that were left out because the documents do not support them.
    pub dropped: usize,
}

/// How writing an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WritingState {
    /// The answer is the model's, as far as the documents support it.
    Written,
    /// The model broke off. The answer consists of the sentences before, or is quoted if there are none.
    CutShort,
    /// It wrote nothing that the documents support. The answer is quoted.
    Unsupported,
    /// It says that the quotes do not answer the question. The answer is quoted.
    Declined,
    /// There was nothing for it to do: no answer, or no sentence in another language.
    NotNeeded,
    /// It cannot be reached. The answer is quoted.
    Unreachable,
    /// Its server refused the request. The answer is quoted.
    Refused,
    /// It took too long. The answer is quoted.
    TimedOut,
    /// Its server sent something that cannot be read. The answer is quoted.
    Garbled,
    /// As many answers as it may write at once are being written. The answer is quoted.
    Busy,
}

impl WritingState {
    /// Its name in every API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::CutShort => "cut_short",
            Self::Unsupported => "unsupported",
            Self::Declined => "declined",
            Self::NotNeeded => "not_needed",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Garbled => "garbled",
            Self::Busy => "busy",
        }
    }
}
