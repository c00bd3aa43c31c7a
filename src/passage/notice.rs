//! Why there is no answer, in words for a person.

/// Says to a person why there is no answer, or another one than was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// The reason.
    pub reason: Reason,
    /// The BCP 47 tag of its language: that of the question, or English.
    pub language: String,
    /// One or two sentences.
    pub text: String,
}

impl Notice {
    /// The text with `detail` in parentheses at the end of its sentence.
    pub fn with_detail(&self, detail: &str) -> String {
        let sentence = self.text.trim_end_matches(['.', '。', '।']);
        format!("{sentence} ({detail}){}", &self.text[sentence.len()..])
    }

    /// What separates it from another sentence: nothing in Chinese and Japanese.
    pub fn space(&self) -> &'static str {
        if self.language.starts_with("zh") || self.language == "ja" { "" } else { " " }
    }
}

/// Why a message has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The documents do not answer the question. The citations are the nearest passages.
    Unanswered,
    /// No document of the time that the question asks for answers it. The citations are passages of other times.
    OutsideTime,
    /// The message asks nothing: a greeting, thanks, marks alone. There are no citations.
    NoQuestion,
    /// The message is an order that Footnote does not follow, such as to write a poem. There are no citations.
    Order,
    /// The language model gave no answer that the documents support. The answer consists of quotes.
    NotWritten,
    /// The language model broke off. The answer consists of the sentences before.
    CutShort,
}

impl Reason {
    /// Whether there is no answer for this reason.
    pub fn is_unanswered(self) -> bool {
        matches!(self, Self::Unanswered | Self::OutsideTime | Self::NoQuestion | Self::Order)
    }
}
