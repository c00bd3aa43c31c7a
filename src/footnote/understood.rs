//! Operators in a question: what they limit, and what is told of them.

use std::borrow::Cow;

use super::Collections;
use super::reading::Reading;
use crate::ask::{self, Question};
use crate::cancel::Cancel;
use crate::display::one_line;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::index::Allowed;
use crate::notices::{Remarks, filled, is_unspaced};
use crate::operators::{example, parse};
use crate::passage::{Note, NoteAbout, Operator, OperatorKind, OperatorOutcome};

/// Characters of an operator that a note shows.
const SHOWN_CHARS: usize = 60;

/// A question without its operators.
pub(super) struct Understood<'q> {
    pub(super) question: Cow<'q, Question>,
    pub(super) operators: Vec<Operator>,
    /// What to tell of them.
    pub(super) notes: Vec<Note>,
}

impl Understood<'_> {
    /// Whether the question has conditions and nothing to search for.
    pub(super) fn is_only_conditions(&self) -> bool {
        !self.operators.is_empty() && self.question.text.trim().is_empty()
    }

    /// The question, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if there are only conditions.
    pub(super) fn asked(&self) -> Result<&Question> {
        if self.is_only_conditions() {
            return Err(Error::Input {
                reason: "the question has only conditions, such as `source:` or `-word`".into(),
                hint: "add what you want to know, or search: a search lists what meets the conditions".into(),
            });
        }
        Ok(&self.question)
    }
}

impl<'f> Collections<'f> {
    /// The moment of a question that is answered. The model is loaded first, if the message asks something.
    pub(super) fn reading_to_answer<'r>(&'r self, question: &Question, cancel: &'r Cancel) -> Result<Reading<'r>>
    where
        'f: 'r,
    {
        let asks = !matches!(ask::content(question.check()?), ask::Content::Nothing(_) | ask::Content::Order);
        self.reading_at(cancel, asks && !self.has_only_conditions(question))
    }

    /// The moment of a search. A list of what meets conditions needs no model.
    pub(super) fn reading_to_search<'r>(&'r self, question: &Question, cancel: &'r Cancel) -> Result<Reading<'r>>
    where
        'f: 'r,
    {
        question.check()?;
        self.reading_at(cancel, !self.has_only_conditions(question))
    }

    /// Whether a question has operators and nothing else.
    fn has_only_conditions(&self, question: &Question) -> bool {
        let parsed = (question.operators && self.config().ask.interpret).then(|| parse(&question.text));
        parsed.is_some_and(|parsed| !parsed.operators.is_empty() && parsed.text.trim().is_empty())
    }
}

impl Collections<'_> {
    /// Takes the operators out of a question, if they are to be understood. A phrase that no passage has is no condition.
    pub(super) fn understood<'q>(&self, question: &'q Question, reading: &Reading<'_>) -> Result<Understood<'q>> {
        let as_it_is =
            |question| Understood { question: Cow::Borrowed(question), operators: Vec::new(), notes: Vec::new() };
        if !question.operators || !self.config().ask.interpret {
            return Ok(as_it_is(question));
        }
        question.check()?;
        let parsed = parse(&question.text);
        if parsed.operators.is_empty() {
            return Ok(as_it_is(question));
        }
        let mut operators = parsed.operators;
        let filter = match (question.filter.is_empty(), parsed.filter.is_empty()) {
            (_, true) => question.filter.clone(),
            (true, false) => parsed.filter,
            (false, false) => Filter::All(vec![question.filter.clone(), parsed.filter]),
        };
        let mut passages = parsed.passages;
        let mut is_empty = false;
        if let Some(index) = reading.index() {
            let at = question.last_passages.as_ref();
            let was_there = |member, key: &u64| at.is_none_or(|at| at.have(index.name(member), *key));
            is_empty = index.allowed(&filter)?.iter().enumerate().all(|(member, allowed)| match allowed {
                None => false,
                Some(Allowed::Passages(keys)) => !keys.iter().any(|key| was_there(member, key)),
                Some(Allowed::Documents(documents)) => documents.is_empty(),
            });
            for operator in operators.iter_mut().filter(|operator| operator.kind == OperatorKind::Phrase) {
                if operator.excludes || is_empty || ask::may_have(index, &filter, &operator.value, at, reading.cancel)?
                {
                    continue;
                }
                operator.outcome = OperatorOutcome::NotFound;
                passages.phrases.retain(|phrase| *phrase != operator.value);
            }
        }
        let question = Question { text: parsed.text, filter, passages, operators: false, ..question.clone() };
        let notes = self.operator_notes(&question, &operators, is_empty)?;
        Ok(Understood { question: Cow::Owned(question), operators, notes })
    }

    /// What to tell of the operators of `question`, which it is without.
    fn operator_notes(&self, question: &Question, operators: &[Operator], is_empty: bool) -> Result<Vec<Note>> {
        let told = self.language_for(question)?;
        let (remarks, language) = Remarks::in_language(told.as_deref());
        let is_unspaced = is_unspaced(language);
        let note = |text| Note { about: NoteAbout::Operators, language: language.to_owned(), text };
        let joined = |operators: Vec<&Operator>| {
            let written: Vec<String> = operators.iter().map(|operator| shown(&operator.written)).collect();
            written.join(if is_unspaced { "、" } else { ", " })
        };
        let with = |outcome| operators.iter().filter(move |operator| operator.outcome == outcome);
        let mut notes = Vec::new();
        let is_about_documents =
            |operator: &&Operator| !matches!(operator.kind, OperatorKind::Phrase | OperatorKind::Word);
        let limiting: Vec<&Operator> = match is_empty {
            true => with(OperatorOutcome::Applied).filter(is_about_documents).collect(),
            false => with(OperatorOutcome::Applied).collect(),
        };
        if !limiting.is_empty() {
            let text = if is_empty { &remarks.operators_none } else { &remarks.operators };
            notes.push(note(filled(text, &[("operators", &joined(limiting))])));
        }
        let absent: Vec<&Operator> = with(OperatorOutcome::NotFound).collect();
        if !absent.is_empty() {
            notes.push(note(filled(&remarks.phrase_absent, &[("operators", &joined(absent))])));
        }
        for operator in with(OperatorOutcome::AsWords) {
            let values = [("operator", shown(&operator.written)), ("example", example(operator.kind).to_owned())];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            notes.push(note(filled(&remarks.operator_as_words, &values)));
        }
        Ok(notes)
    }

    /// Says that no passage has all phrases of a question, or that not all passages could be compared with them.
    pub(super) fn phrase_note(&self, question: &Question, compared: Option<usize>) -> Result<Note> {
        self.remark(question, NoteAbout::Operators, |remarks, is_unspaced| {
            let phrases: Vec<String> =
                question.passages.phrases.iter().map(|phrase| shown(&format!("\"{phrase}\""))).collect();
            let phrases = phrases.join(if is_unspaced { "、" } else { ", " });
            match compared {
                None => filled(&remarks.phrase_absent, &[("operators", &phrases)]),
                Some(count) => {
                    filled(&remarks.phrase_bounded, &[("operators", &phrases), ("count", &count.to_string())])
                }
            }
        })
    }
}

/// An operator as a note shows it.
fn shown(written: &str) -> String {
    let line = one_line(written);
    match line.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
