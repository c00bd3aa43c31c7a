//! Embeds texts for a caller's own use, not for an index.

use super::{Embedder, PassageInput};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// The role of a text, which decides the prefix that the model reads before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// A text that is searched.
    #[default]
    Passage,
    /// A text to search with.
    Question,
}

/// The vectors of texts.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Embeddings {
    /// One for each text in order, each of L2 norm 1.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens of all texts, without prefixes and special tokens.
    pub tokens: usize,
}

/// Tokens of all texts of a call: about a minute's work of two cores.
const MAX_TOKENS: usize = 300_000;
/// Tokens are shorter on average, so a text with more bytes than this allows is refused before it is tokenized.
const MAX_BYTES_PER_TOKEN: usize = 64;
/// Tokens that are embedded between two checks of `cancel`.
const TOKENS_AT_ONCE: usize = 8_192;

/// Embeds each text on its own, with the same vectors as an index has for passages and questions.
pub fn texts(embedder: &dyn Embedder, texts: &[String], role: Role, cancel: &Cancel) -> Result<Embeddings> {
    let counts = count(embedder, texts, cancel)?;
    let mut vectors = Vec::with_capacity(texts.len());
    let mut first = 0;
    while first < texts.len() {
        cancel.check()?;
        let mut together = 0;
        let more = counts[first..].iter().take_while(|tokens| {
            together += **tokens;
            together <= TOKENS_AT_ONCE
        });
        let next = first + more.count().max(1);
        vectors.extend(embed(embedder, &texts[first..next], role, cancel)?);
        first = next;
    }
    Ok(Embeddings { vectors, tokens: counts.iter().sum() })
}

/// The number of tokens of each text.
///
/// # Errors
///
/// [`Error::Input`] if a text is blank or too long, or if all texts together are.
fn count(embedder: &dyn Embedder, texts: &[String], cancel: &Cancel) -> Result<Vec<usize>> {
    let max_tokens = embedder.max_passage_tokens();
    let refused = |reason: String, hint: &str| Error::Input { reason, hint: hint.to_owned() };
    let mut counts = Vec::with_capacity(texts.len());
    let mut left = MAX_TOKENS;
    for (number, text) in (1..).zip(texts) {
        cancel.check()?;
        if text.trim().is_empty() {
            return Err(refused(format!("text {number} is blank"), "leave it out of the request"));
        }
        let long = |length: String| {
            refused(
                format!("text {number} has {length}; the model reads {max_tokens}"),
                "split it; Footnote does not cut texts off",
            )
        };
        // White space has no tokens, however much of it there is.
        if text.split_whitespace().map(str::len).sum::<usize>() > max_tokens * MAX_BYTES_PER_TOKEN {
            return Err(long(format!("{} bytes, which is far more than fits", text.len())));
        }
        let tokens = embedder.token_counter(text)?(text)?;
        if tokens > max_tokens {
            return Err(long(format!("{tokens} tokens")));
        }
        left = left.checked_sub(tokens).ok_or_else(|| {
            refused(format!("the texts have more than {MAX_TOKENS} tokens"), "send them in several requests")
        })?;
        counts.push(tokens);
    }
    Ok(counts)
}

fn embed(embedder: &dyn Embedder, texts: &[String], role: Role, cancel: &Cancel) -> Result<Vec<Vec<f32>>> {
    match role {
        Role::Passage => {
            let input = |text: &String| PassageInput { text: text.clone(), sentences: Vec::new() };
            let inputs: Vec<PassageInput> = texts.iter().map(input).collect();
            Ok(embedder.embed_passages(&inputs)?.into_iter().map(|vectors| vectors.passage).collect())
        }
        Role::Question => texts.iter().map(|text| Ok(embedder.embed_question(text, cancel)?.question)).collect(),
    }
}
