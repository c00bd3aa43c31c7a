//! Why a language model gave no answer, or not all of it.

use crate::display::one_line;
use crate::passage::WritingState;

/// Longest detail, in characters.
const MAX_CHARS: usize = 300;

/// Why there is no answer, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Its kind.
    pub(crate) state: WritingState,
    /// What went wrong: one line, without a key.
    pub(crate) detail: String,
}

impl Failure {
    pub(super) fn new(state: WritingState, detail: &str) -> Self {
        let detail = one_line(detail);
        let end = detail.char_indices().nth(MAX_CHARS).map(|(end, _)| end);
        Self { state, detail: end.map_or(detail.clone(), |end| format!("{} …", &detail[..end])) }
    }

    pub(super) fn unreachable(detail: &str) -> Self {
        Self::new(WritingState::Unreachable, detail)
    }

    pub(super) fn refused(detail: &str) -> Self {
        Self::new(WritingState::Refused, detail)
    }

    pub(super) fn garbled(detail: &str) -> Self {
        Self::new(WritingState::Garbled, detail)
    }

    pub(super) fn timed_out(detail: &str) -> Self {
        Self::new(WritingState::TimedOut, detail)
    }

    pub(super) fn cut_short(detail: &str) -> Self {
        Self::new(WritingState::CutShort, detail)
    }

    /// The same without `secret`.
    pub(super) fn without(mut self, secret: Option<&str>) -> Self {
        if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
            self.detail = self.detail.replace(secret, "…");
        }
        self
    }
}
