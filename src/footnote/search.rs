//! Searching: passages for a question, those of the newest documents for conditions alone, and what is counted beside them.

use std::borrow::Cow;

use super::outcomes::{in_the_whole, not_found, with_outcomes};
use super::reading::Reading;
use super::{Collections, MAX_REACHED};
use crate::ask::{self, Question, SearchResults};
use crate::cancel::Cancel;
use crate::error::Result;

impl Collections<'_> {
    /// Finds passages of all of them for a question.
    pub fn search(&self, question: &Question) -> Result<SearchResults> {
        self.search_with(question, &Cancel::default())
    }

    /// Passages of a search that does not say how many it wants.
    #[cfg(feature = "server")]
    pub(crate) fn usual_passages(&self) -> usize {
        self.config().ask.top_k
    }

    /// As [`Collections::search`], but can be cancelled between its steps.
    pub fn search_with(&self, question: &Question, cancel: &Cancel) -> Result<SearchResults> {
        let reading = self.reading_to_search(question, cancel)?;
        self.search_in(question, &reading)
    }

    /// Finds passages for a question, or for a part of one.
    pub(super) fn search_in(&self, question: &Question, reading: &Reading<'_>) -> Result<SearchResults> {
        if self.config().log.questions {
            tracing::info!(collection = self.names().join(","), question = question.text, "question");
        }
        let understood = self.understood(question, reading)?;
        let is_only_conditions = understood.is_only_conditions();
        let mut asked = understood.question;
        let skip = asked.skip;
        if skip > 0 {
            let wanted = (skip + asked.top_k.unwrap_or(self.config().ask.top_k)).min(MAX_REACHED);
            asked = Cow::Owned(Question { top_k: Some(wanted), skip: 0, ..asked.into_owned() });
        }
        let mut found = match is_only_conditions {
            true => self.listed_newest(&asked, reading)?,
            false => self.search_limited(&asked, reading)?,
        };
        found.passages.drain(..skip.min(found.passages.len()));
        self.engine().meter().searched(&found.took);
        if !understood.operators.is_empty() {
            found.operators = with_outcomes(understood.operators, &found.operators);
            in_the_whole(&question.text, &found.operators, &mut found.corrections);
        }
        found.notes.splice(0..0, understood.notes);
        Ok(found)
    }

    /// Finds passages for a question without operators. Phrases that no passage has together are no condition.
    fn search_limited(&self, question: &Question, reading: &Reading<'_>) -> Result<SearchResults> {
        let question = &self.corrected(question, reading)?;
        let mut found = reading.find(question, ask::search)?;
        found.corrections = question.corrections.clone().unwrap_or_default();
        if found.passages.is_empty() && !question.passages.phrases.is_empty() {
            let mut wide = question.clone();
            wide.passages.phrases.clear();
            let mut found = reading.find(&wide, ask::search)?;
            found.notes = self.notes(&wide, &found)?;
            found.corrections = wide.corrections.clone().unwrap_or_default();
            if !found.passages.is_empty() {
                found.notes.insert(0, self.phrase_note(question, None)?);
            }
            found.operators = question.passages.phrases.iter().map(|phrase| not_found(phrase)).collect();
            return Ok(found);
        }
        found.notes = self.notes(question, &found)?;
        if let Some(compared) = found.compared {
            found.notes.insert(0, self.phrase_note(question, Some(compared))?);
        }
        Ok(found)
    }

    /// The newest documents that meet the conditions of a question that has nothing else.
    fn listed_newest(&self, question: &Question, reading: &Reading<'_>) -> Result<SearchResults> {
        question.filter.check()?;
        let Some(index) = reading.index() else { return Ok(SearchResults::default()) };
        let mut found = ask::newest(index, question, &self.config().ask, reading.cancel)?;
        if !question.facets.is_empty() {
            found.facets = Some(ask::facets_of_listed(index, question, reading.cancel)?);
        }
        Ok(found)
    }
}
