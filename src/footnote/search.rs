//! Searching: passages for a question, those of the newest documents for conditions alone, and what is counted beside them.

use std::borrow::Cow;

use super::understood::{not_found, with_outcomes};
use super::{Collections, MAX_REACHED};
use crate::ask::{self, Question, SearchResults};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::index::Snapshots;
use crate::passage::{Correction, Operator, Span};
use crate::terms::language::is_unspaced;

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
        if self.config().log.questions {
            tracing::info!(collection = self.names().join(","), question = question.text, "question");
        }
        let understood = self.understood(question)?;
        let is_only_conditions = understood.is_only_conditions();
        let mut asked = understood.question;
        let skip = asked.skip;
        if skip > 0 {
            let wanted = (skip + asked.top_k.unwrap_or(self.config().ask.top_k)).min(MAX_REACHED);
            asked = Cow::Owned(Question { top_k: Some(wanted), skip: 0, ..asked.into_owned() });
        }
        let mut found = match is_only_conditions {
            true => self.listed_newest(&asked)?,
            false => self.search_limited(&asked, cancel)?,
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
    fn search_limited(&self, question: &Question, cancel: &Cancel) -> Result<SearchResults> {
        let question = &self.corrected(question)?;
        let mut found = self.find(question, cancel, counted)?;
        found.corrections = question.corrections.clone().unwrap_or_default();
        if found.passages.is_empty() && !question.passages.phrases.is_empty() {
            let mut wide = question.clone();
            wide.passages.phrases.clear();
            let mut found = self.find(&wide, cancel, counted)?;
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
    fn listed_newest(&self, question: &Question) -> Result<SearchResults> {
        question.filter.check()?;
        let Some(index) = self.snapshots()? else { return Ok(SearchResults::default()) };
        let mut found = ask::newest(&index, question, &self.config().ask)?;
        if !question.facets.is_empty() {
            found.facets = Some(ask::facets_of_listed(&index, question)?);
        }
        Ok(found)
    }
}

/// Puts the places of corrected words, which were found in the question without its `operators`, into the whole question.
pub(super) fn in_the_whole(question: &str, operators: &[Operator], corrections: &mut [Correction]) {
    let mut at = 0;
    let of_operators: Vec<Span> = operators
        .iter()
        .filter_map(|operator| {
            let start = at + question.get(at..)?.find(&operator.written)?;
            at = start + operator.written.len();
            Some(Span::new(start, at))
        })
        .collect();
    let mut from = 0;
    for correction in corrections {
        let places = question.match_indices(&correction.from).map(|(at, word)| Span::new(at, at + word.len()));
        let is_meant = |place: &Span| {
            let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c));
            let begins = !is_part(question[..place.start].chars().next_back());
            let ends = !is_part(question[place.end..].chars().next());
            let is_free = of_operators.iter().all(|other| place.end <= other.start || other.end <= place.start);
            place.start >= from && begins && ends && is_free
        };
        if let Some(place) = places.into_iter().find(is_meant) {
            from = place.end;
            correction.span = place;
        }
    }
}

/// Finds passages, and counts what the question wants counted.
fn counted(
    context: ask::Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
    embedded: &ask::EmbeddedQuestion,
) -> Result<SearchResults> {
    let mut found = ask::search(context, index, question, embedded)?;
    if !question.facets.is_empty() {
        found.facets = Some(ask::facets(context, index, question, embedded, &found)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{OperatorKind, OperatorOutcome};

    #[test]
    fn a_corrected_word_is_found_outside_the_operators_of_the_whole_question() {
        let operator = |written: &str| Operator {
            written: written.into(),
            kind: OperatorKind::Source,
            value: String::new(),
            excludes: false,
            outcome: OperatorOutcome::Applied,
        };
        let places = |question: &str, operators: &[&str], words: &[&str]| -> Vec<usize> {
            let operators: Vec<Operator> = operators.iter().map(|written| operator(written)).collect();
            let correction = |word: &&str| Correction { from: (*word).into(), to: "x".into(), span: Span::new(0, 0) };
            let mut corrections: Vec<Correction> = words.iter().map(correction).collect();
            in_the_whole(question, &operators, &mut corrections);
            corrections.into_iter().map(|correction| correction.span.start).collect()
        };
        assert_eq!(places("source:rats rats and rats", &["source:rats"], &["rats", "rats"]), [12, 21]);
        assert_eq!(places("-b brats rats", &["-b"], &["rats"]), [9]);
        assert_eq!(places("tag:x 聯準會降吸", &["tag:x"], &["降吸"]), [15]);
        assert_eq!(places("é", &["é"], &["é"]), [0]);
    }
}
