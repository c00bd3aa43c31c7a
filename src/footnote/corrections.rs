//! Questions without their misspelt words.

use super::Collections;
use super::reading::Reading;
use crate::ask::{self, Question};
use crate::display::one_line;
use crate::error::Result;
use crate::notices::filled;
use crate::passage::{Answer, Correction, Note, NoteAbout};

impl Collections<'_> {
    /// The question with its misspelt words corrected, unless that was done before or is turned off.
    pub(super) fn corrected(&self, question: &Question, reading: &Reading<'_>) -> Result<Question> {
        let as_it_is = || Question { corrections: Some(Vec::new()), ..question.clone() };
        if question.corrections.is_some() {
            return Ok(question.clone());
        }
        let config = &self.config().ask;
        let Some(index) = reading.index().filter(|_| config.interpret && config.correct_spelling) else {
            return Ok(as_it_is());
        };
        Ok(match ask::corrected(reading.context(index)?, index, question)? {
            Some((text, corrections)) => Question { text, corrections: Some(corrections), ..question.clone() },
            None => as_it_is(),
        })
    }

    /// Says in the answer what was corrected in the question.
    pub(super) fn with_corrections(&self, question: &Question, answer: Answer) -> Result<Answer> {
        let Some(note) = self.spelling_note(question)? else { return Ok(answer) };
        let Answer { mut notes, .. } = answer;
        notes.retain(|other| other.about != NoteAbout::Spelling);
        notes.insert(0, note);
        Ok(Answer { notes, corrections: question.corrections.clone().unwrap_or_default(), ..answer })
    }

    /// What to tell of the corrected words; `None` if there are none.
    pub(super) fn spelling_note(&self, question: &Question) -> Result<Option<Note>> {
        let corrections = question.corrections.as_deref().unwrap_or_default();
        if corrections.is_empty() {
            return Ok(None);
        }
        let note = self.remark(question, NoteAbout::Spelling, |remarks, is_unspaced| {
            let sentence = |Correction { from, to, .. }: &Correction| {
                filled(&remarks.spelling, &[("to", &one_line(to)), ("from", &one_line(from))])
            };
            let sentences: Vec<String> = corrections.iter().map(sentence).collect();
            sentences.join(if is_unspaced { "" } else { " " })
        })?;
        Ok(Some(note))
    }
}
