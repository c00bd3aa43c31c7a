//! Messages as lines of JSON, and lines out of bytes that arrive in pieces.

use serde::Serialize;

/// `message` as a line.
pub(crate) fn line(message: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and lists always serialize, and JSON has newlines only where it is laid out.
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Cuts lines out of bytes that arrive in pieces.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The beginning of a line that has not arrived in full.
    pending: Vec<u8>,
    max_bytes: usize,
}

/// A line is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Lines {
    /// Lines of up to `max_bytes`.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { pending: Vec::new(), max_bytes }
    }

    /// The lines that `piece` completes, without those that are blank.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut lines = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            if self.pending.len() + part.len() > self.max_bytes {
                return Err(TooLong);
            }
            self.pending.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.pending);
                if !line.trim_ascii().is_empty() {
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    }

    /// Whether the last piece ended with a whole line.
    pub(crate) fn is_at_end(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_are_the_same_however_they_arrive(text in "[ab\n ]{0,40}", sizes in prop::collection::vec(1..9_usize, 1..9)) {
            let mut lines = Lines::new(100);
            let mut found = Vec::new();
            let mut rest = text.as_bytes();
            for size in sizes.iter().cycle() {
                let (piece, after) = rest.split_at(rest.len().min(*size));
                found.extend(lines.push(piece).unwrap());
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            let whole: Vec<&str> = text.split_inclusive('\n').collect();
            let expected: Vec<_> = whole.iter().filter(|l| l.ends_with('\n') && !l.trim_ascii().is_empty()).collect();
            prop_assert_eq!(found.len(), expected.len());
            prop_assert!(found.iter().zip(expected).all(|(found, expected)| found == expected.as_bytes()));
            prop_assert_eq!(lines.is_at_end(), text.is_empty() || text.ends_with('\n'));
        }
    }

    #[test]
    fn a_line_that_never_ends_is_refused() {
        let mut lines = Lines::new(10);
        assert_eq!(lines.push(b"12345\n67890").unwrap().len(), 1);
        assert_eq!(lines.push(b"1234567"), Err(TooLong));
    }
}
