//! The stretches of Chinese and Japanese in a question.

use std::ops::Range;

use super::{is_unspaced, quoted};

/// A stretch of characters without anything between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch<'t> {
    pub(super) text: &'t str,
    /// Where it starts in the question, in bytes.
    pub(super) start: usize,
}

/// The stretches that are not quoted, in order.
pub(super) fn runs<'t>(question: &'t str, spans: &[Range<usize>]) -> Vec<Stretch<'t>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (at, c) in question.char_indices().chain([(question.len(), ' ')]) {
        let belongs = is_unspaced(c) && !quoted::is_quoted(spans, at);
        match (belongs, start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                runs.push(Stretch { text: &question[first..at], start: first });
                start = None;
            }
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_quotation_marks_separate_stretches() {
        let question = "聯準會Fed降息「江息」嗎?";
        let texts: Vec<&str> = runs(question, &quoted::spans(question)).iter().map(|run| run.text).collect();
        assert_eq!(texts, ["聯準會", "降息", "嗎"]);
    }
}
