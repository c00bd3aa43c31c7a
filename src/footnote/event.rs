//! The parts of an answer, as they come.

use crate::ask::SearchResults;
use crate::passage::{Answer, AnswerSentence, Citation};

/// A part of an answer under way.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum AnswerEvent<'a> {
    /// The passages that were found.
    Found(&'a SearchResults),
    /// The answer's next sentence. A sentence that a language model wrote has been checked.
    Sentence {
        /// What the answer's text grows by: the space before the sentence, the sentence and its footnote marks.
        piece: &'a str,
        /// The sentence.
        sentence: &'a AnswerSentence,
        /// The citations that its numbers refer to.
        citations: &'a [Citation],
    },
}

/// Passes on the sentences of an answer.
pub(super) fn tell(answer: &Answer, on_event: &mut dyn FnMut(AnswerEvent<'_>)) {
    let citations = &answer.citations;
    for (piece, sentence) in answer.pieces().into_iter().zip(&answer.sentences) {
        on_event(AnswerEvent::Sentence { piece, sentence, citations });
    }
}
