//! How the candidates of one question are ranked.

use super::asked::{self, Judge};
use super::{EvalEvent, EvalOptions, each_set};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::footnote::Ranking;

/// A question of the sets and the ranking of its candidates.
#[derive(Debug)]
pub struct Explained {
    /// The question.
    pub text: String,
    /// Its candidates, in order.
    pub ranking: Ranking,
    /// Whether each of them is relevant.
    pub relevant: Vec<bool>,
}

/// Ranks the question with this id in every chosen set that has it.
pub fn explain(
    config: &Config,
    options: &EvalOptions,
    id: &str,
    events: &mut dyn FnMut(EvalEvent<'_>),
) -> Result<Vec<Explained>> {
    let mut explained = Vec::new();
    each_set(config, options, events, &mut |collections, set, _, _| {
        if let Some(question) = set.questions.iter().find(|question| question.id == id) {
            let mut judge = Judge::new(collections, question);
            let ranking = collections.rank(&asked::question(question))?;
            let relevant = ranking.passages.iter().map(|p| judge.is_relevant(p.key, &p.document_id));
            let relevant = relevant.collect::<Result<_>>()?;
            explained.push(Explained { text: question.text.clone(), ranking, relevant });
        }
        Ok(())
    })?;
    if explained.is_empty() {
        return Err(Error::NotFound { kind: "question", id: id.to_owned() });
    }
    Ok(explained)
}
