//! The records: a logged question, and feedback on an answer.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::quote::PlacedQuote;
use crate::error::{Error, Result};
use crate::keys::Holder;
use crate::timestamp;

/// A question as the log has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LoggedQuestion {
    /// When it was asked: RFC 3339, UTC.
    pub time: String,
    /// Its text.
    pub question: String,
    /// Whether it was answered.
    pub answered: bool,
    /// The probability that the documents answer it.
    pub confidence: f32,
    /// Names in it that no passage has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The name of the API key that it was asked with; `None` for the user of the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What tells that key from another of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

impl LoggedQuestion {
    /// A question that was asked now.
    pub fn now(question: &str, answered: bool, confidence: f32, missing: &[String], key: Option<&Holder>) -> Self {
        let (key, key_id) = key.cloned().map(|Holder { name, id }| (name, id)).unzip();
        Self {
            time: timestamp::now(),
            question: question.to_owned(),
            answered,
            confidence,
            missing: missing.to_vec(),
            key,
            key_id,
        }
    }
}

/// What somebody says about an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Judgement {
    /// The answer is right. If there was none, there should be none.
    #[default]
    Right,
    /// A sentence of the answer does not answer the question.
    WrongSentence,
    /// The answer is from a document that does not answer the question, or not as well as another.
    WrongDocument,
    /// There was no answer, but the documents have one.
    HasAnswer,
    /// There was an answer, but the documents have none.
    NoAnswer,
}

impl Judgement {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::WrongSentence => "wrong_sentence",
            Self::WrongDocument => "wrong_document",
            Self::HasAnswer => "has_answer",
            Self::NoAnswer => "no_answer",
        }
    }

    /// Whether the answer that it judges was one; `None` if both are possible.
    pub fn of_answered(self) -> Option<bool> {
        match self {
            Self::Right => None,
            Self::WrongSentence | Self::WrongDocument | Self::NoAnswer => Some(true),
            Self::HasAnswer => Some(false),
        }
    }

    /// Whether the documents answer the question, if the answer was one or not.
    pub fn is_answerable(self, answered: bool) -> bool {
        match self {
            Self::Right => answered,
            Self::WrongSentence | Self::WrongDocument | Self::HasAnswer => true,
            Self::NoAnswer => false,
        }
    }
}

/// Feedback on an answer, as it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFeedback {
    /// The question.
    pub question: String,
    /// What is said about its answer.
    pub judgement: Judgement,
    /// Whether it was answered. `None` for what the judgement implies: for [`Judgement::Right`], that it was.
    pub answered: Option<bool>,
    /// The id of the document that answers it, if that is known.
    pub document: Option<String>,
    /// First byte of the passage that answers it in that document's text, and the byte after the last one.
    pub bytes: Option<[usize; 2]>,
    /// A remark.
    pub comment: Option<String>,
    /// The holder of the API key that it is given with; `None` for the user of the index.
    pub key: Option<Holder>,
}

/// Feedback on an answer, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Feedback {
    /// Its identity.
    pub id: String,
    /// When it was given: RFC 3339, UTC.
    pub created: String,
    /// The question.
    pub question: String,
    /// What is said about its answer.
    #[serde(rename = "verdict")]
    pub judgement: Judgement,
    /// Whether it was answered.
    pub answered: bool,
    /// The id of the document that answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The passage that answers it, without its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<PlacedQuote>,
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The name of the API key that it was given with; `None` for the user of the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What tells that key from another of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

impl Feedback {
    /// New feedback, given now, about a passage that has already been found in its document.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for what contradicts itself, [`Error::Io`] if the system gives no random bytes.
    pub fn of(new: NewFeedback, quote: Option<PlacedQuote>) -> Result<Self> {
        let NewFeedback { question, judgement, answered, document, bytes: _, comment, key } = new;
        let verdict = judgement.as_str();
        let answered = match (judgement.of_answered(), answered) {
            (Some(implied), Some(given)) if implied != given => {
                let (was, means) = if given { ("was", "was not") } else { ("was not", "was") };
                return Err(Error::Input {
                    reason: format!(
                        "the verdict `{verdict}` is about a question that {means} answered, but this one {was}"
                    ),
                    hint: "`answerable` is what the answer says; leave it out if it is not known".into(),
                });
            }
            (implied, given) => given.or(implied).unwrap_or(true),
        };
        if document.is_some() && !judgement.is_answerable(answered) {
            return Err(Error::Input {
                reason: format!("the verdict `{verdict}` says that no document answers the question, but one is named"),
                hint: "leave `document` out, or give another verdict".into(),
            });
        }
        let comment = comment.filter(|comment| !comment.trim().is_empty());
        let (key, key_id) = key.map(|Holder { name, id }| (name, id)).unzip();
        let (id, created) = (new_id()?, timestamp::now());
        Ok(Self { id, created, question, judgement, answered, document, quote, comment, key, key_id })
    }
}

/// The present time, as records have it. Such times sort like text.
/// A day (its beginning, in UTC) or an RFC 3339 time, as records have times.
///
/// # Errors
///
/// [`Error::Input`] if it is neither.
pub fn since(text: &str) -> Result<String> {
    let day =
        || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp());
    let time = text.parse::<jiff::Timestamp>().ok().or_else(day);
    time.map(timestamp::written).ok_or_else(|| Error::Input {
        reason: format!("`{text}` is neither a day nor a time"),
        hint: "write a day as 2026-01-31, a time as 2026-01-31T18:30:00Z".into(),
    })
}

fn new_id() -> Result<String> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("read", "the system's random bytes")(std::io::Error::other(error)))?;
    let mut id = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    Ok(id)
}
