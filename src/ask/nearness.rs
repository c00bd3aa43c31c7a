//! How near passages are to a question when they are in several languages.
//!
//! Late interaction scores a passage in another script about 0.08 lower than its translation, and one in another language of the
//! same script about 0.04: the same distances as between the thresholds of the check.

use crate::passage::FoundPassage;
use crate::terms::{language_of_question, same_script};

const OTHER_SCRIPT: f32 = 0.08;
const OTHER_LANGUAGE: f32 = 0.04;
/// A passage that is this much further than the nearest one does not answer as well.
const NEAR: f32 = 0.065;
const NEAREST: f32 = 0.05;

/// Compares passages in several languages for one question.
pub(super) struct Nearness<'q> {
    question: &'q str,
    language: Option<String>,
    /// Of the nearest passage.
    best: f32,
}

impl<'q> Nearness<'q> {
    pub(super) fn new(question: &'q str, passages: &[FoundPassage]) -> Self {
        let mut nearness = Self { question, language: language_of_question(question), best: 0.0 };
        nearness.best = passages.first().map_or(0.0, |passage| nearness.of(passage));
        nearness
    }

    fn of(&self, passage: &FoundPassage) -> f32 {
        let Some(language) = passage.document.language.as_deref() else { return passage.scores.late };
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
        let allowance = match &self.language {
            _ if same_script(self.question, language) == Some(false) => OTHER_SCRIPT,
            // So are the two scripts of Chinese.
            Some(own) if primary(own) != primary(language) || own.contains("-Han") && own != language => OTHER_LANGUAGE,
            _ => 0.0,
        };
        passage.scores.late + allowance
    }

    /// Whether a passage is about as near as the best one.
    pub(super) fn is_near(&self, passage: &FoundPassage) -> bool {
        self.best - self.of(passage) <= NEAR
    }

    /// Whether it is nearly as near: an item of a list must be no further.
    pub(super) fn is_nearest(&self, passage: &FoundPassage) -> bool {
        self.best - self.of(passage) <= NEAREST
    }
}
