//! Operators in a question: `"an exact phrase"`, `-without`, `source:Reuters`, `before:2026-01`. Pure: the same text gives the
//! same operators.
//!
//! A sentence of a person must not become an operator by chance. So an operator starts a word, its value follows without a
//! space, its name is a known one, and a minus sign stands before a letter. Typographic quotation marks (“…”, 「…」) are none.

mod fields;
mod scan;
#[cfg(test)]
mod tests;

use crate::filter::{Filter, PassageFilter};
use crate::passage::{Operator, OperatorKind, OperatorOutcome};
use fields::Conditions;
use scan::{Piece, pieces};

/// Operators of one question; further ones are words.
const MAX_OPERATORS: usize = 32;
/// Characters of a value or phrase; a longer one is words.
const MAX_VALUE_CHARS: usize = 200;

/// A question without its operators, and what they say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// What is left to search for. Phrases stay in it, with their quotation marks; blank if there were only conditions.
    pub text: String,
    /// What the documents meet.
    pub filter: Filter,
    /// What the passages meet.
    pub passages: PassageFilter,
    /// The operators, and what only looks like one, in order.
    pub operators: Vec<Operator>,
}

/// Takes the operators out of a question. A text without operators stays as it is.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut conditions = Conditions::default();
    let mut left = String::with_capacity(text.len());
    let mut copied = 0;
    for piece in pieces(text) {
        if parsed.operators.len() >= MAX_OPERATORS {
            break;
        }
        let Piece { start, end, excludes, name, value, is_quoted } = piece;
        let written = text[start..end].to_owned();
        let operator = |kind, value: String, outcome| Operator { written, kind, value, excludes, outcome };
        let is_long = value.chars().count() > MAX_VALUE_CHARS;
        let is_removed = match name {
            _ if is_long => continue,
            None => {
                let kind = if is_quoted { OperatorKind::Phrase } else { OperatorKind::Word };
                let of = if excludes { &mut parsed.passages.without } else { &mut parsed.passages.phrases };
                if !of.iter().any(|known| known == value) {
                    of.push(value.to_owned());
                }
                parsed.operators.push(operator(kind, value.to_owned(), OperatorOutcome::Applied));
                excludes
            }
            Some(name) => match fields::kind(name) {
                Ok(kind) => {
                    let compared = conditions.add(kind, value, excludes);
                    let outcome = if compared.is_some() { OperatorOutcome::Applied } else { OperatorOutcome::AsWords };
                    let is_applied = compared.is_some();
                    parsed.operators.push(operator(kind, compared.unwrap_or_else(|| value.to_owned()), outcome));
                    is_applied
                }
                Err(Some(meant)) => {
                    parsed.operators.push(operator(meant, value.to_owned(), OperatorOutcome::AsWords));
                    false
                }
                Err(None) => false,
            },
        };
        if is_removed {
            left.push_str(&text[copied..start]);
            copied = end;
            // One of the two spaces around it goes with it.
            if left.ends_with(char::is_whitespace) || left.is_empty() {
                let rest = &text[copied..];
                copied += rest.chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8);
            }
        }
    }
    left.push_str(&text[copied..]);
    Parsed { text: left, filter: conditions.filter(), ..parsed }
}

/// An example of how an operator of this kind is written.
pub fn example(kind: OperatorKind) -> &'static str {
    match kind {
        OperatorKind::Phrase | OperatorKind::Word => "\"exact words\"",
        OperatorKind::Source => "source:\"Goldman Sachs\"",
        OperatorKind::Tag => "tag:rates",
        OperatorKind::Title => "title:outlook",
        OperatorKind::Language => "lang:zh",
        OperatorKind::Format => "format:pdf",
        OperatorKind::Before => "before:2026-01-31",
        OperatorKind::Since => "since:2026-01",
        OperatorKind::Until => "until:2026",
    }
}
