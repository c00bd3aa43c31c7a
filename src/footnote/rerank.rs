//! Ranking texts that the caller gives.

use super::Footnote;
use crate::ask::{self, GivenPassage, Question};
use crate::cancel::Cancel;
use crate::embed::{Embedder as _, PassageInput};
use crate::error::{Error, Result};
use crate::ingest;
use crate::passage::{Chunk, DocumentInfo};
use crate::terms::is_blank;

/// Passages of all texts of a call: about half a minute's work of two cores.
const MAX_PASSAGES: usize = 1_000;
/// Passages that are embedded between two checks of `cancel`.
const PASSAGES_AT_ONCE: usize = 32;

/// Texts ranked for a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reranked {
    /// The relevance of each text in the order given, 0 to 1.
    pub(crate) relevances: Vec<f32>,
    /// Tokens of the question and of all texts.
    pub(crate) tokens: usize,
}

impl Footnote {
    /// Ranks texts for a question by late interaction. A long text is split into passages, of which the best one counts.
    /// Nothing is stored.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a question that is blank or too long, or for more text than one call may have.
    pub(crate) fn rerank(&self, question: &str, texts: &[String], cancel: &Cancel) -> Result<Reranked> {
        let question = Question { text: question.to_owned(), ..Question::default() };
        let text = question.check()?;
        let config = self.config();
        let embedder = self.engine.embedder()?;
        let mut split: Vec<(usize, Chunk)> = Vec::new();
        let mut inputs: Vec<PassageInput> = Vec::new();
        let mut tokens = embedder.token_counter(text)?(text)?;
        for (document, text) in texts.iter().enumerate() {
            cancel.check()?;
            if is_blank(text) {
                continue;
            }
            let info = given(document, text);
            let (chunks, of_text) = ingest::passages(&info, text, &[], &[], &*embedder, &config.ingest)?;
            if inputs.len() + of_text.len() > MAX_PASSAGES {
                return Err(Error::Input {
                    reason: format!("the texts have more than {MAX_PASSAGES} passages"),
                    hint: "send fewer or shorter texts".into(),
                });
            }
            tokens += embedder.token_counter(text)?(text)?;
            split.extend(chunks.into_iter().map(|chunk| (document, chunk)));
            inputs.extend(of_text);
        }
        let question = embedder.embed_question(text, cancel)?;
        let mut vectors = Vec::with_capacity(inputs.len());
        for inputs in inputs.chunks(PASSAGES_AT_ONCE) {
            cancel.check()?;
            vectors.extend(embedder.embed_passages(inputs)?);
        }
        let passage = |((document, chunk), vectors)| GivenPassage { document, chunk, vectors };
        let passages = split.into_iter().zip(vectors).map(passage).collect();
        Ok(Reranked { relevances: ask::relevance(text, &question, texts, passages, &config.ask), tokens })
    }
}

/// A text as a document without a title, which is not stored.
fn given(place: usize, text: &str) -> DocumentInfo {
    DocumentInfo { id: format!("text {}", place + 1), size_bytes: text.len(), ..DocumentInfo::default() }
}
