//! Embedding texts for a caller's own use, rather than for an index.

use super::{Embedder, PassageInput};
use crate::error::{Error, Result};

/// What a text is, which the model is told by a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Something to be found.
    #[default]
    Passage,
    /// Something to find by.
    Question,
}

/// The vectors of texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// One for each text in order, each of L2 norm 1.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens of all texts, without prefixes and special tokens.
    pub tokens: usize,
}

/// Embeds each text by itself, as an index embeds passages and questions.
pub fn texts(embedder: &dyn Embedder, texts: &[String], role: Role) -> Result<Embeddings> {
    let mut tokens = 0;
    let most = embedder.max_passage_tokens();
    for (place, text) in (1..).zip(texts) {
        if text.trim().is_empty() {
            return Err(Error::Input { reason: format!("text {place} is blank"), hint: "leave it out".into() });
        }
        let own = embedder.token_counter(text)?(text)?;
        if own > most {
            return Err(Error::Input {
                reason: format!("text {place} has {own} tokens; the model reads {most}"),
                hint: "split it: nothing is cut off in silence".into(),
            });
        }
        tokens += own;
    }
    let vectors = match role {
        Role::Passage => {
            let input = |text: &String| PassageInput { text: text.clone(), sentences: Vec::new() };
            let inputs: Vec<PassageInput> = texts.iter().map(input).collect();
            embedder.embed_passages(&inputs)?.into_iter().map(|vectors| vectors.passage).collect()
        }
        Role::Question => {
            let embed = |text: &String| Ok(embedder.embed_question(text)?.question);
            texts.iter().map(embed).collect::<Result<_>>()?
        }
    };
    Ok(Embeddings { vectors, tokens })
}
