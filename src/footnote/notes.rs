//! Notes: what a person should know of how a question was understood, in the language of that person.

use super::Collections;
use crate::ask::{Question, SearchResults};
use crate::error::Result;
use crate::notices::{Remarks, filled, is_unspaced};
use crate::passage::{FoundPassage, Note, NoteAbout, TimeOutcome, TimeUsed};

impl Collections<'_> {
    /// The places of the passages, found for a question, that are older versions of what another one says.
    #[cfg(feature = "server")]
    pub(crate) fn older_versions(
        &self,
        question: &Question,
        found: &SearchResults,
    ) -> Result<std::collections::HashSet<usize>> {
        if !self.config().ask.interpret || found.passages.is_empty() {
            return Ok(std::collections::HashSet::new());
        }
        Ok(crate::ask::older_versions(self.engine().lexicon()?, &question.text, &found.passages))
    }

    /// A note in the language of the question. `text` is told whether that is written without spaces.
    pub(super) fn remark(
        &self,
        question: &Question,
        about: NoteAbout,
        text: impl FnOnce(&Remarks, bool) -> String,
    ) -> Result<Note> {
        let told = self.language_for(question)?;
        let (remarks, language) = Remarks::in_language(told.as_deref());
        let is_unspaced = is_unspaced(language);
        Ok(Note { about, language: language.to_owned(), text: text(remarks, is_unspaced) })
    }

    /// What to tell of what was found for a question.
    pub(super) fn notes(&self, question: &Question, found: &SearchResults) -> Result<Vec<Note>> {
        let mut said: Vec<Note> = self.spelling_note(question)?.into_iter().collect();
        if found.time.is_none() {
            return Ok(said);
        }
        let told = self.language_for(question)?;
        let (remarks, language) = Remarks::in_language(told.as_deref());
        let mut say = |about: NoteAbout, sentences: Vec<String>| {
            let space = if is_unspaced(language) { "" } else { " " };
            if !sentences.is_empty() {
                said.push(Note { about, language: language.to_owned(), text: sentences.join(space) });
            }
        };
        if let Some(time) = &found.time {
            say(NoteAbout::Time, time_sentences(time, &found.passages, remarks));
        }
        Ok(said)
    }
}

fn time_sentences(time: &TimeUsed, passages: &[FoundPassage], remarks: &Remarks) -> Vec<String> {
    let (since, until) = (time.since.as_deref().unwrap_or_default(), time.until.as_deref().unwrap_or_default());
    let text = match (time.outcome, &time.since, &time.until) {
        (TimeOutcome::NoDates, ..) => &remarks.no_dates,
        _ if time.newest => &remarks.newest,
        (TimeOutcome::Elsewhere, ..) => &remarks.elsewhere,
        (TimeOutcome::Preferred, _, None) => &remarks.preferred_since,
        (TimeOutcome::Preferred, ..) => &remarks.preferred,
        (_, _, None) => &remarks.since,
        (_, None, _) => &remarks.until,
        (_, Some(since), Some(until)) if since == until => &remarks.day,
        _ => &remarks.between,
    };
    let mut sentences = Vec::new();
    // The notice says that no document of the time answers.
    if time.outcome != TimeOutcome::Outside {
        sentences.push(filled(text, &[("words", &time.words), ("since", since), ("until", until)]));
    }
    let better = passages.iter().find(|found| time.is_better_outside(found));
    if let Some(better) = better {
        let title = match &better.document.published {
            Some(published) => format!("{} ({published})", better.document.title),
            None => better.document.title.clone(),
        };
        sentences.push(filled(&remarks.better_outside, &[("title", &title)]));
    }
    if time.undated > 0 {
        sentences.push(filled(&remarks.undated, &[("count", &time.undated.to_string())]));
    }
    sentences
}
