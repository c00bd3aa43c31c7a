//! Embedding texts for a caller's own use, rather than for an index.

use super::{Embedder, PassageInput};
use crate::cancel::Cancel;
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

/// Texts of one call, in tokens: a minute's work of two cores.
const MOST_TOKENS: usize = 300_000;
/// No token of a text is longer on average, so that one that could not be read is not even tokenized.
const MOST_BYTES_PER_TOKEN: usize = 64;
/// Tokens that are embedded between two looks at `cancel`.
const TOKENS_AT_ONCE: usize = 8_192;

/// Embeds each text by itself, as an index embeds passages and questions.
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
        vectors.extend(embed(embedder, &texts[first..next], role)?);
        first = next;
    }
    Ok(Embeddings { vectors, tokens: counts.iter().sum() })
}

/// The tokens of each text, refused if one cannot be read or all are too many.
fn count(embedder: &dyn Embedder, texts: &[String], cancel: &Cancel) -> Result<Vec<usize>> {
    let most = embedder.max_passage_tokens();
    let refused = |reason: String, hint: &str| Error::Input { reason, hint: hint.to_owned() };
    let mut counts = Vec::with_capacity(texts.len());
    let mut left = MOST_TOKENS;
    for (place, text) in (1..).zip(texts) {
        cancel.check()?;
        if text.trim().is_empty() {
            return Err(refused(format!("text {place} is blank"), "leave it out"));
        }
        let long = |length: String| {
            refused(
                format!("text {place} has {length}; the model reads {most}"),
                "split it: nothing is cut off in silence",
            )
        };
        // White space is no token, however much of it there is.
        if text.split_whitespace().map(str::len).sum::<usize>() > most * MOST_BYTES_PER_TOKEN {
            return Err(long(format!("{} bytes, far more tokens than can be read", text.len())));
        }
        let tokens = embedder.token_counter(text)?(text)?;
        if tokens > most {
            return Err(long(format!("{tokens} tokens")));
        }
        left = left.checked_sub(tokens).ok_or_else(|| {
            refused(format!("the texts have more than {MOST_TOKENS} tokens"), "send them in several requests")
        })?;
        counts.push(tokens);
    }
    Ok(counts)
}

fn embed(embedder: &dyn Embedder, texts: &[String], role: Role) -> Result<Vec<Vec<f32>>> {
    match role {
        Role::Passage => {
            let input = |text: &String| PassageInput { text: text.clone(), sentences: Vec::new() };
            let inputs: Vec<PassageInput> = texts.iter().map(input).collect();
            Ok(embedder.embed_passages(&inputs)?.into_iter().map(|vectors| vectors.passage).collect())
        }
        Role::Question => texts.iter().map(|text| Ok(embedder.embed_question(text)?.question)).collect(),
    }
}
