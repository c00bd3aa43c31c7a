//! What became of a question's operators, and where its corrected words stand.

use crate::passage::{Correction, Operator, OperatorKind, OperatorOutcome, Span};
use crate::terms::language::is_unspaced;

/// A phrase that is no condition, because no passage has it.
pub(super) fn not_found(phrase: &str) -> Operator {
    Operator {
        written: format!("\"{phrase}\""),
        kind: OperatorKind::Phrase,
        value: phrase.to_owned(),
        excludes: false,
        outcome: OperatorOutcome::NotFound,
    }
}

/// The operators of a question with what became of their phrases in the search.
pub(super) fn with_outcomes(mut operators: Vec<Operator>, searched: &[Operator]) -> Vec<Operator> {
    for operator in operators.iter_mut().filter(|operator| operator.kind == OperatorKind::Phrase && !operator.excludes)
    {
        if let Some(found) = searched.iter().find(|found| found.value == operator.value) {
            operator.outcome = found.outcome;
        }
    }
    operators
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

#[cfg(test)]
mod tests {
    use super::*;

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
