//! The check: whether documents say what a sentence says. It needs no language model.
//!
//! A sentence is compared with passages that were found for it. Its meaning is compared by late interaction, which works
//! across languages but does not know one number from another. So everything that must stand in the passage to the letter
//! is compared by rules: quantities, dates, words in quotation marks, names, negation, and words such as "rose" and "fell".
//! [`judge`] is a function of a sentence and its passages.

mod citations;
mod evidence;
mod judge;
mod names;
mod polarity;
mod quotes;
mod sentences;
#[cfg(test)]
mod tests;

pub(crate) use citations::{Sources, cited_in, definitions};
pub(crate) use evidence::{Evidence, best_of, given};
pub(crate) use judge::{WordsKnown, judge};
pub(crate) use sentences::{Statement, plain, statements};

/// Where the statements of a text stand, for tests; its citations are read, too.
pub fn spans(text: &str) -> Vec<crate::passage::Span> {
    let resolve = |_: &str| Ok(Vec::new());
    let sources = Sources { definitions: definitions(text), numbered: &[], resolve: &resolve };
    let statements = statements(text);
    for statement in &statements {
        // Looking up in nothing cannot fail.
        let _ = cited_in(&text[statement.span.range()], &sources);
    }
    statements.into_iter().map(|statement| statement.span).collect()
}

/// A longer text is refused, in characters.
pub(crate) const MAX_CHECKED_CHARS: usize = 100_000;
/// Statements of a text, at most.
pub(crate) const MAX_STATEMENTS: usize = 1_000;
/// Passages with which a sentence is compared in detail.
pub(crate) const COMPARED: usize = 8;
/// Passages that are named as support.
pub(crate) const NAMED: usize = 3;
