//! Counts the outcomes of an ingest.

use std::time::{Duration, Instant};

use super::facts::counted;
use crate::footnote::{Ingested, Outcome};

/// How many documents had which outcome, and how long it took.
#[derive(Debug)]
pub(crate) struct Tally {
    added: usize,
    updated: usize,
    unchanged: usize,
    removed: usize,
    skipped: usize,
    failed: usize,
    passages: usize,
    since: Instant,
}

impl Tally {
    /// No documents yet. The clock starts.
    pub(crate) fn new() -> Self {
        let since = Instant::now();
        Self { added: 0, updated: 0, unchanged: 0, removed: 0, skipped: 0, failed: 0, passages: 0, since }
    }

    /// Counts one document.
    pub(crate) fn count(&mut self, document: &Ingested) {
        let counter = match &document.outcome {
            Outcome::Added(_) => &mut self.added,
            Outcome::Updated(_) => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Removed => &mut self.removed,
            Outcome::Skipped(_) => &mut self.skipped,
            Outcome::Failed(_) => &mut self.failed,
        };
        *counter += 1;
        if let Outcome::Added(passages) | Outcome::Updated(passages) = document.outcome {
            self.passages += passages;
        }
    }

    /// Whether a document failed.
    pub(crate) fn has_failures(&self) -> bool {
        self.failed > 0
    }

    /// `8 documents: 8 added · 95 passages · 12.3 s`.
    pub(crate) fn summary(&self) -> String {
        self.summary_after(self.since.elapsed())
    }

    fn summary_after(&self, elapsed: Duration) -> String {
        let outcomes = [
            (self.added, "added"),
            (self.updated, "updated"),
            (self.unchanged, "unchanged"),
            (self.removed, "removed"),
            (self.skipped, "skipped"),
            (self.failed, "failed"),
        ];
        let all = outcomes.iter().map(|(count, _)| count).sum();
        let parts: Vec<String> =
            outcomes.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
        let separator = if parts.is_empty() { "" } else { ": " };
        format!(
            "{}{separator}{} · {} · {:.1} s",
            counted(all, "document"),
            parts.join(", "),
            counted(self.passages, "passage"),
            elapsed.as_secs_f64()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn the_summary_counts_each_outcome_that_there_was() {
        let document = |outcome| Ingested::new("news/1".into(), "降息".into(), outcome);
        let failed = Outcome::Failed(Error::Busy);
        let mut tally = Tally::new();
        assert_eq!(tally.summary_after(Duration::ZERO), "0 documents · 0 passages · 0.0 s");
        for outcome in [Outcome::Added(5), Outcome::Added(4), Outcome::Unchanged, failed] {
            tally.count(&document(outcome));
        }
        let summary = tally.summary_after(Duration::from_millis(12_340));
        assert_eq!(summary, "4 documents: 2 added, 1 unchanged, 1 failed · 9 passages · 12.3 s");
    }
}
