//! Counts what questions and ingests take. `GET /metrics` shows it; without the server nothing is counted.

use crate::passage::Timings;

#[cfg(feature = "server")]
use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};

/// The names and values of a metric's labels.
#[cfg(feature = "server")]
pub(crate) type Labels = Vec<(&'static str, String)>;

/// Upper bounds of the ranges that durations are counted in, in seconds: from one vector comparison to a long answer.
#[cfg(feature = "server")]
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// The counters of one process.
#[derive(Default)]
pub(crate) struct Meter {
    /// Duration of the stages of a search.
    #[cfg(feature = "server")]
    pub(crate) stages: Stages,
    /// Questions by whether they were answered.
    #[cfg(feature = "server")]
    pub(crate) questions: Family<Labels, Counter>,
    /// Tokens that the model embedded for documents.
    #[cfg(feature = "server")]
    pub(crate) tokens: Counter,
}

/// Durations by stage.
#[cfg(feature = "server")]
pub(crate) struct Stages(pub(crate) Family<Labels, Histogram>);

#[cfg(feature = "server")]
impl Default for Stages {
    fn default() -> Self {
        Self(Family::new_with_constructor(durations))
    }
}

/// A histogram of durations in seconds.
#[cfg(feature = "server")]
pub(crate) fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

impl Meter {
    /// Counts a search.
    pub(crate) fn searched(&self, took: &Timings) {
        #[cfg(feature = "server")]
        for (stage, ms) in [("embed", took.embed_ms), ("search", took.search_ms), ("cite", took.cite_ms)] {
            self.stages.0.get_or_create(&vec![("stage", stage.to_owned())]).observe(ms / 1e3);
        }
        #[cfg(not(feature = "server"))]
        let _ = (self, took);
    }

    /// Counts a question that was answered or not.
    pub(crate) fn asked(&self, is_answered: bool) {
        #[cfg(feature = "server")]
        self.questions.get_or_create(&vec![("answered", if is_answered { "yes" } else { "no" }.to_owned())]).inc();
        #[cfg(not(feature = "server"))]
        let _ = (self, is_answered);
    }

    /// Counts tokens that were embedded.
    pub(crate) fn embedded(&self, tokens: usize) {
        #[cfg(feature = "server")]
        self.tokens.inc_by(tokens as u64);
        #[cfg(not(feature = "server"))]
        let _ = (self, tokens);
    }
}
