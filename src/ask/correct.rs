//! What the collection, the lexicon and the model know of words, by which a question's misspelt words are corrected.

use super::{Context, Question};
use crate::error::Result;
use crate::index::Snapshots;
use crate::passage::{Correction, LastPassages};
use crate::spelling::{self, Vocabulary};

/// The question without its misspelt words, and what was corrected; `None` if nothing was.
pub(crate) fn corrected(
    context: Context<'_>,
    index: &Snapshots<'_>,
    question: &Question,
) -> Result<Option<(String, Vec<Correction>)>> {
    let is_filtered = !question.filter.is_empty();
    let at = question.last_passages.as_ref();
    spelling::corrected(&question.text, &Known { context, index, is_filtered, at })
}

struct Known<'a> {
    context: Context<'a>,
    index: &'a Snapshots<'a>,
    is_filtered: bool,
    /// The moment that the question is about, if it goes on with an earlier one.
    at: Option<&'a LastPassages>,
}

impl Vocabulary for Known<'_> {
    fn passages(&self, term: &str) -> Result<usize> {
        // Every loop over candidates comes through here.
        self.context.cancel.check()?;
        self.index.passages_with(term, self.at)
    }

    fn may_offer_words_of_documents(&self) -> bool {
        !self.is_filtered
    }

    fn frequency(&self, language: &str, word: &str) -> Option<u64> {
        self.context.lexicon.frequency(language, word)
    }

    fn has_words_of(&self, language: &str) -> bool {
        self.context.lexicon.has_words_of(language)
    }

    fn knows_word(&self, word: &str) -> bool {
        self.context.lexicon.knows_word(word)
    }

    fn has_key(&self, key: &str) -> bool {
        self.context.lexicon.has_key(key)
    }

    fn piece(&self, piece: &str) -> Option<f64> {
        self.context.embedder.piece_score(piece)
    }
}
