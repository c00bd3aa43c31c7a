//! What a question asks: one thing, several, a list, or how many documents say something.
//!
//! ```text
//! What do the ECB and the BOJ expect?         What do the ECB expect?  What do the BOJ expect?
//! How long is the bridge? When was it built?  How long is the bridge?  When was the bridge built?
//! the 2025 and the 2026 rules, compared       the 2025 rules  the 2026 rules, side by side
//! How many documents mention the Fed?         counted
//! ```
//!
//! When in doubt a question is one: "research and development".

mod clauses;
mod counting;
mod lists;
mod plan;
mod things;
mod words;

use super::names::Name;
use crate::quantities::Characters;

pub(crate) use counting::counted;
pub(super) use lists::may_have_several;
pub(crate) use plan::{MOST_PARTS, Part, Parts, Plan};

/// A longer question is a text: one thing is asked of it.
const MOST_CHARS: usize = 500;

/// What `question` asks. `names` are its names, which are only looked up if words could join them.
pub(super) fn plan(question: &str, names: impl FnOnce() -> Vec<Name>) -> Plan {
    if question.chars().nth(MOST_CHARS).is_some() {
        return Plan::One;
    }
    let text = Characters::new(question);
    if let Some(counted) = counting::pattern(question, &text) {
        return Plan::Count(counted);
    }
    let several = clauses::questions(question)
        .or_else(|| things::compared_or_joined(question, &text, names))
        .or_else(|| clauses::clauses(question, &text));
    match several {
        Some(parts) if (2..=MOST_PARTS).contains(&parts.parts.len()) => Plan::Parts(parts),
        None if lists::asks_for_items(&text) => Plan::List,
        _ => Plan::One,
    }
}

#[cfg(test)]
mod tests;
