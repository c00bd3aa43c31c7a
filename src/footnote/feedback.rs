//! The log of questions, and feedback on answers.

use std::sync::atomic::Ordering;

use super::{Collections, Footnote, Question, no_document};
use crate::config::LogQuestions;
use crate::error::{Error, Result};
use crate::feedback::{Feedback, LoggedQuestion, NewFeedback, PlacedQuote, Records};
use crate::passage::{Answer, Reason};

/// Below this confidence an answer counts as doubtful. A calibrated confidence of 0.6 means that four in ten are wrong.
const DOUBTFUL_BELOW: f32 = 0.6;
const MAX_COMMENT_CHARS: usize = 2_000;
/// More than any sentence, or row of a table, has.
const MAX_QUOTE_BYTES: usize = 4_096;

impl Footnote {
    /// Keeps feedback on an answer beside the index. The answer itself need not be known.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if it contradicts itself, its texts are too long, or its bytes are not in the document's text;
    /// [`Error::NotFound`] if there is no such document; errors of the disk.
    pub fn give_feedback(&self, feedback: NewFeedback) -> Result<Feedback> {
        Question { text: feedback.question.clone(), ..Question::default() }.check()?;
        let comment = feedback.comment.as_deref().unwrap_or_default();
        if comment.chars().count() > MAX_COMMENT_CHARS {
            return Err(Error::Input {
                reason: format!("`comment` has more than {MAX_COMMENT_CHARS} characters"),
                hint: "write a shorter one".into(),
            });
        }
        let quote = match (&feedback.document, feedback.bytes) {
            (None, None) => None,
            (None, Some(_)) => {
                return Err(Error::Input {
                    reason: "`bytes` are given without `document`".into(),
                    hint: "name the document that they are in".into(),
                });
            }
            (Some(id), None) => self.document(id).map(|_| None)?,
            (Some(id), Some(bytes)) => Some(placed(id, &self.document(id)?.text, bytes)?),
        };
        let feedback = Feedback::of(feedback, quote)?;
        self.records().add(&feedback)?;
        // An erasure meanwhile would not have found it.
        if let Some(id) = &feedback.document
            && !self.has_document(id)?
        {
            self.remove_feedback(&mut |other| other.id == feedback.id)?;
            return Err(no_document(id));
        }
        Ok(feedback)
    }

    /// All feedback, oldest first.
    pub fn feedback(&self) -> Result<Vec<Feedback>> {
        self.records().feedback()
    }

    /// Removes the feedback of which this is true, and returns how much it was.
    pub fn remove_feedback(&self, is_to_go: &mut dyn FnMut(&Feedback) -> bool) -> Result<usize> {
        self.records().remove_feedback(is_to_go)
    }

    /// The passage that feedback says is right: its bytes and its words. `None` if it names none, or if the document has
    /// changed and does not have the words any more.
    pub fn words_of(&self, feedback: &Feedback) -> Result<Option<([usize; 2], String)>> {
        let (Some(id), Some(quote)) = (&feedback.document, &feedback.quote) else { return Ok(None) };
        match self.document(id) {
            Ok(document) => Ok(quote.find(&document.text).map(|(bytes, words)| (bytes, words.to_owned()))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The questions that `[ask] log_questions` has kept, oldest first.
    pub fn logged_questions(&self) -> Result<Vec<LoggedQuestion>> {
        self.records().questions()
    }

    /// Removes the logged questions of which this is true, and returns how many they were.
    pub fn remove_questions(&self, is_to_go: &mut dyn FnMut(&LoggedQuestion) -> bool) -> Result<usize> {
        self.records().remove_questions(is_to_go)
    }

    /// Removes all of the log, also what cannot be read, and returns how many questions there were.
    pub fn clear_questions(&self) -> Result<usize> {
        self.records().clear_questions()
    }

    /// Removes all feedback, also what cannot be read, and returns how much there was.
    pub fn clear_feedback(&self) -> Result<usize> {
        self.records().clear_feedback()
    }

    /// Removes what feedback has of documents that are gone.
    pub(super) fn erase_feedback(&self) -> Result<()> {
        self.records().erase(&mut |id| self.has_document(id))
    }

    fn has_document(&self, id: &str) -> Result<bool> {
        self.collection.store().map_or(Ok(false), |store| store.has_document(id))
    }

    fn records(&self) -> Records {
        Records::of(self.dir())
    }
}

impl Collections<'_> {
    /// Counts an answer and, if the settings say so, logs its question once: in the first collection that has documents and
    /// is in no backup. That never fails the question.
    pub(super) fn answered(&self, question: &Question, answer: &Answer) {
        self.engine().meter().asked(answer.answerable);
        let is_wanted = match self.config().ask.log_questions {
            LogQuestions::None => false,
            LogQuestions::Declined => !answer.answerable || answer.confidence < DOUBTFUL_BELOW,
            LogQuestions::All => true,
        };
        let asks_nothing =
            answer.notice.as_ref().is_some_and(|notice| matches!(notice.reason, Reason::NoQuestion | Reason::Order));
        if !is_wanted || asks_nothing {
            return;
        }
        let is_kept = |member: &Footnote| !member.collection.is_backup() && !member.is_new().unwrap_or(true);
        let Some(member) = self.members().find(|member| is_kept(member)) else { return };
        let Answer { answerable, confidence, missing, .. } = answer;
        let logged = LoggedQuestion::now(&question.text, *answerable, *confidence, missing, question.asker.as_ref());
        if let Err(error) = member.records().log(&logged)
            && !member.cannot_log.swap(true, Ordering::Relaxed)
        {
            tracing::warn!("questions about {} are not logged: {error}", member.name());
        }
    }
}

/// What stands at `bytes` in a document's text.
fn placed(id: &str, text: &str, bytes: [usize; 2]) -> Result<PlacedQuote> {
    let refused = |reason: String, hint: String| Error::Input { reason, hint };
    let [start, end] = bytes;
    if end.saturating_sub(start) > MAX_QUOTE_BYTES {
        return Err(refused(
            format!("`bytes` are {} bytes", end - start),
            format!("name the sentence that answers the question, of at most {MAX_QUOTE_BYTES} bytes"),
        ));
    }
    PlacedQuote::of(text, bytes).ok_or_else(|| {
        refused(
            format!("`bytes` [{start}, {end}] are no words of `{id}`, which has {} bytes", text.len()),
            "send the `span.bytes` of a citation: offsets in UTF-8 of the first byte, and of the one after the last"
                .into(),
        )
    })
}
