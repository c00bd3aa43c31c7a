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
        /// The label of the part of the answer that begins with it, if the question asks several things.
        part: Option<&'a str>,
    },
}

/// Passes on the sentences of an answer.
pub(super) fn tell(answer: &Answer, on_event: &mut dyn FnMut(AnswerEvent<'_>)) {
    let citations = &answer.citations;
    for (place, (piece, sentence)) in answer.pieces().into_iter().zip(&answer.sentences).enumerate() {
        let begun = answer.parts.iter().find(|part| part.sentences.0 == place && part.sentences.1 > place);
        let part = begun.map(|part| part.label.as_str());
        on_event(AnswerEvent::Sentence { piece, sentence, citations, part });
    }
}
