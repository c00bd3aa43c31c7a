//! Corrects misspelt words of a question: a typing error in an English or German word, a wrong Chinese character that sounds like
//! the right one, a wrong kana.
//!
//! A word is left alone if anything knows it. Otherwise the nearest known words compete: the score of each is how common it is,
//! less what its error costs (the noisy channel of Kernighan, Church and Gale 1990). A word is corrected only if the best one is
//! common enough for a word of that length, and clearly better than the next. What is between quotation marks is never corrected.

mod compound;
mod edits;
mod forms;
mod han;
mod kana;
mod letters;
mod quoted;
mod unspaced;

use crate::error::Result;
use crate::passage::{Correction, Span};
use crate::terms::language::{is_han, is_kana};
use crate::terms::language_of_question;

/// What is known of words. Nothing here reads files.
pub(crate) trait Vocabulary {
    /// In how many passages an index term occurs, at most.
    fn passages(&self, term: &str) -> Result<usize>;

    /// Whether words may be offered that only the documents have. They may not to somebody who may not read all of them.
    fn may_offer_words_of_documents(&self) -> bool;

    /// How often people write a word of a language, in lower case; `None` if it is not listed.
    fn frequency(&self, language: &str, word: &str) -> Option<u64>;

    /// Whether the words of a language are listed.
    fn has_words_of(&self, language: &str) -> bool;

    /// Whether a word of an alphabet, in lower case, is in a list of any language or in a dictionary.
    fn knows_word(&self, word: &str) -> bool;

    /// Whether a dictionary has a folded word of Chinese or Japanese.
    fn has_key(&self, key: &str) -> bool;

    /// The logarithm of the frequency of a piece in the vocabulary of the model; `None` if it is none.
    fn piece(&self, piece: &str) -> Option<f64>;
}

/// Words of a question with more characters are not corrected: it is a pasted text.
const MOST_CHARS: usize = 500;
/// Corrections of one question, at most. More errors than that are none: the text is of another kind than the lists know.
const MOST_CORRECTIONS: usize = 3;

/// The question without the misspelt words, and what was corrected; `None` if nothing was.
pub(crate) fn corrected(question: &str, vocabulary: &dyn Vocabulary) -> Result<Option<(String, Vec<Correction>)>> {
    if question.chars().nth(MOST_CHARS).is_some() {
        return Ok(None);
    }
    let Some(language) = language_of_question(question) else { return Ok(None) };
    let quoted = quoted::spans(question);
    let mut corrections = Vec::new();
    if vocabulary.has_words_of(&language) {
        letters::corrections(question, &language, &quoted, vocabulary, &mut corrections)?;
    } else if language == "ja" || language.starts_with("zh") {
        for run in unspaced::runs(question, &quoted) {
            let found = match language.as_str() {
                "ja" => kana::correction(run.text, vocabulary)?,
                _ => han::correction(run.text, vocabulary)?,
            };
            corrections.extend(found.map(|found| found.moved(run.start)));
        }
    }
    if corrections.is_empty() || corrections.len() > MOST_CORRECTIONS {
        return Ok(None);
    }
    let (mut text, mut copied) = (String::with_capacity(question.len()), 0);
    for Correction { to, span, .. } in &corrections {
        text.push_str(&question[copied..span.start]);
        text.push_str(to);
        copied = span.end;
    }
    text.push_str(&question[copied..]);
    Ok(Some((text, corrections)))
}

/// Whether a character is of a script that writes no spaces between words.
fn is_unspaced(c: char) -> bool {
    is_han(c) || is_kana(c)
}

impl Correction {
    /// The same correction in a text that has `start` more bytes before it.
    fn moved(self, start: usize) -> Self {
        Self { span: Span::new(self.span.start + start, self.span.end + start), ..self }
    }
}

#[cfg(test)]
mod tests;
