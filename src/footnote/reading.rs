//! What all steps of one question read: the collections as of one moment, and the model that made their vectors.
//!
//! Operators are understood, misspelt words corrected, parts of a question searched and documents counted in the same
//! snapshots, so that no answer mixes what was stored before a write with what was stored after it.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Collections, Footnote};
use crate::ask::{self, EmbeddedQuestion, Question};
use crate::cancel::Cancel;
use crate::embed::{Embedder as _, OnnxEmbedder};
use crate::error::Result;
use crate::index::{self, Snapshots};

/// How often snapshots are taken because a collection has got another model meanwhile.
const MAX_ATTEMPTS: usize = 3;

/// The moment of one question. It is dropped before a language model writes: while it lasts, the stores' logs cannot be
/// emptied.
pub(super) struct Reading<'r> {
    collections: &'r Collections<'r>,
    /// `None` if nothing was ever ingested.
    index: Option<Snapshots<'r>>,
    /// Loaded before the snapshots are taken, if it is known that it is needed.
    embedder: OnceCell<Arc<OnnxEmbedder>>,
    today: Date,
    /// Whether the question is still wanted.
    pub(super) cancel: &'r Cancel,
}

impl<'f> Collections<'f> {
    /// The collections as of now, for a question that is searched for. Its model is loaded first.
    pub(super) fn reading<'r>(&'r self, cancel: &'r Cancel) -> Result<Reading<'r>>
    where
        'f: 'r,
    {
        self.reading_at(cancel, true)
    }

    /// The collections as of now; `is_searched` says whether the model will be needed.
    pub(super) fn reading_at<'r>(&'r self, cancel: &'r Cancel, is_searched: bool) -> Result<Reading<'r>>
    where
        'f: 'r,
    {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let embedder = OnceCell::new();
            // Nothing to search, so no model is loaded.
            if is_searched && !self.is_new()? {
                let _ = embedder.set(self.embedder()?);
            }
            let index = self.snapshots()?;
            if let (Some(index), Some(embedder)) = (&index, embedder.get()) {
                // A reindex may have ended since, or another process may have embedded a collection with another model.
                let own = &embedder.identity().fingerprint;
                if attempts < MAX_ATTEMPTS && index.models().any(|(_, model)| model.fingerprint != *own) {
                    continue;
                }
                self.check_models(index, embedder)?;
            }
            return Ok(Reading { collections: self, index, embedder, today: jiff::Zoned::now().date(), cancel });
        }
    }

    /// Refuses a collection whose vectors another model made.
    fn check_models(&self, index: &Snapshots<'_>, embedder: &OnnxEmbedder) -> Result<()> {
        for (member, model) in index.models() {
            let is_meant = |found: &&Footnote| self.told(found).as_deref() == member;
            let dir = self.members().find(is_meant).unwrap_or(self.first).dir();
            let checked = index::check_model(dir, model, embedder.identity());
            checked.map_err(|error| error.of_collection(member))?;
        }
        Ok(())
    }
}

impl<'r> Reading<'r> {
    /// The snapshots; `None` if nothing was ever ingested.
    pub(super) fn index(&self) -> Option<&Snapshots<'r>> {
        self.index.as_ref()
    }

    /// The day from which a question counts times.
    pub(super) fn today(&self, question: &Question) -> Date {
        question.now.unwrap_or(self.today)
    }

    /// What a search of the snapshots `index` needs besides them.
    pub(super) fn context(&self, index: &Snapshots<'_>) -> Result<ask::Context<'_>> {
        let collections = self.collections;
        let embedder = if let Some(embedder) = self.embedder.get() {
            embedder
        } else {
            let embedder = collections.embedder()?;
            collections.check_models(index, &embedder)?;
            self.embedder.get_or_init(|| embedder)
        };
        let (engine, config) = (collections.engine(), collections.config());
        let reranker = engine.reranker()?.map(|reranker| (reranker, config.reranker.candidates));
        let (lexicon, use_aliases) = (engine.lexicon()?, config.lexicon.aliases);
        Ok(ask::Context {
            embedder: &**embedder,
            lexicon,
            use_aliases,
            reranker,
            config: &config.ask,
            cancel: self.cancel,
        })
    }

    /// Finds something for a question, which is embedded first.
    pub(super) fn find<T: Default>(
        &self,
        question: &Question,
        find: impl FnOnce(ask::Context<'_>, &Snapshots<'_>, &Question, &EmbeddedQuestion) -> Result<T>,
    ) -> Result<T> {
        question.check()?;
        let Some(index) = self.index() else { return Ok(T::default()) };
        let context = self.context(index)?;
        let today = self.today(question);
        let embedded = ask::embed(context, question, today, || index.have_dates(), || index.chinese_script())?;
        find(context, index, question, &embedded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::index::store::samples;
    use crate::model::ModelIdentity;
    use crate::passage::{Facet, OperatorOutcome};

    fn with_documents(dir: &std::path::Path, passages: &[(&str, &str)]) -> Footnote {
        let mut config = Config::default();
        config.index.dir = dir.to_owned();
        let footnote = Footnote::open(&config).unwrap();
        let model = ModelIdentity { name: "m".into(), fingerprint: "f".into() };
        footnote.collection.adopt_model(&model, samples::DIMENSIONS).unwrap();
        passages.iter().for_each(|(id, text)| put(&footnote, id, text));
        footnote
    }

    fn put(footnote: &Footnote, id: &str, text: &str) {
        let mut document = samples::document(id, &[text]);
        document.info.source = Some("paper".into());
        footnote.collection.put(&document).unwrap();
    }

    fn asked(text: &str) -> Question {
        Question { text: text.into(), operators: true, facets: vec![Facet::Source], ..Question::default() }
    }

    #[test]
    fn what_is_stored_between_the_steps_of_a_question_is_in_none_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let footnote = with_documents(dir.path(), &[("early", "The ferry pier closes.")]);
        let (alone, cancel) = (footnote.alone(), Cancel::default());
        let reading = alone.reading_to_search(&asked("source:paper"), &cancel).unwrap();
        put(&footnote, "late", "A whale was seen from the pier.");
        let question = asked("where was it \"whale was seen\"");
        let understood = alone.understood(&question, &reading).unwrap();
        assert_eq!(understood.operators[0].outcome, OperatorOutcome::NotFound);
        let found = alone.search_in(&asked("source:paper"), &reading).unwrap();
        assert_eq!((found.passages.len(), found.facets.unwrap().documents), (1, 1));
        drop(reading);
        let found = alone.search(&asked("source:paper")).unwrap();
        assert_eq!((found.passages.len(), found.facets.unwrap().documents), (2, 2));
    }

    #[test]
    fn what_is_stored_after_the_moment_of_a_cursor_is_neither_listed_nor_counted() {
        let dir = tempfile::tempdir().unwrap();
        let footnote = with_documents(dir.path(), &[("early", "The ferry pier closes.")]);
        let moment = footnote.search(&asked("source:paper")).unwrap().last_passages;
        put(&footnote, "late", "A whale was seen from the pier.");
        for text in ["source:paper", "source:paper -ferryman"] {
            let found = footnote.search(&Question { last_passages: Some(moment.clone()), ..asked(text) }).unwrap();
            assert_eq!((found.passages.len(), found.facets.unwrap().documents), (1, 1), "{text}");
        }
    }
}
