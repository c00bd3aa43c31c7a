//! Ingesting what was sent: files of a request, documents that the command line has read, and jobs.

use super::Footnote;
use crate::cancel::Cancel;
use crate::embed::{Embedder, PassageInput, PassageVectors, QuestionVectors, TokenCounter};
use crate::error::Result;
use crate::ingest;
use crate::ingest::Progress;
use crate::model::{ModelChoice, ModelIdentity};
use crate::passage::NewDocument;

impl Footnote {
    /// Reads a file called `name` that was uploaded, and splits it into its documents.
    pub(crate) fn read_upload(&self, name: &str, bytes: &[u8]) -> Result<Vec<NewDocument>> {
        ingest::read_upload(name, bytes, self.engine.reader(), &self.config().ingest, &Cancel::default())
    }

    /// Ingests what another process has read, turn by turn, up to an error among it. Each turn has all documents of its
    /// origins. Other ingests run while this waits for the next turn.
    pub(crate) fn ingest_turns<Turn: Iterator<Item = Result<ingest::Item>> + Send>(
        &self,
        turns: impl Iterator<Item = Result<Turn>>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<()> {
        let progress = &mut self.metered(progress);
        let mut used = ingest::UsedIds::default();
        for items in turns {
            let items = items?;
            let _one = self.lock_ingest();
            // A reindex may have changed it since the turn before.
            let embedder = self.embedder()?;
            ingest::items(&self.collection, &*embedder, &self.config().ingest, &mut used, items, progress)?;
        }
        Ok(())
    }

    /// As [`Footnote::read_upload`], as items of an ingest. A file that cannot be read gives a report instead of documents.
    pub(crate) fn uploaded_items(&self, name: &str, bytes: &[u8], cancel: &Cancel) -> Vec<ingest::Item> {
        ingest::upload_items(name, bytes, self.engine.reader(), &self.config().ingest, cancel)
    }

    /// As [`Footnote::ingest_turns`], but ends once it is cancelled, even between the batches of one long document. What is
    /// stored by then stays.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`](crate::Error::Cancelled), or the error that concerns all documents.
    pub(crate) fn ingest_until<Turn: Iterator<Item = Result<ingest::Item>> + Send>(
        &self,
        turns: impl Iterator<Item = Turn>,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<()> {
        let progress = &mut self.metered(progress);
        let mut used = ingest::UsedIds::default();
        for items in turns {
            cancel.check()?;
            let _one = self.lock_ingest();
            // A reindex may have changed it since the turn before.
            let model = self.embedder()?;
            let embedder = UntilCancelled { embedder: &*model, cancel };
            ingest::items(&self.collection, &embedder, &self.config().ingest, &mut used, items, progress)?;
        }
        Ok(())
    }
}

/// A model that embeds no more passages once it is cancelled.
struct UntilCancelled<'a, E> {
    embedder: &'a E,
    cancel: &'a Cancel,
}

impl<E: Embedder> Embedder for UntilCancelled<'_, E> {
    fn identity(&self) -> &ModelIdentity {
        self.embedder.identity()
    }

    fn choice(&self) -> Option<&ModelChoice> {
        self.embedder.choice()
    }

    fn dimensions(&self) -> usize {
        self.embedder.dimensions()
    }

    fn max_passage_tokens(&self) -> usize {
        self.embedder.max_passage_tokens()
    }

    fn token_counter(&self, text: &str) -> Result<TokenCounter> {
        self.embedder.token_counter(text)
    }

    fn embed_question(&self, text: &str, cancel: &Cancel) -> Result<QuestionVectors> {
        self.embedder.embed_question(text, cancel)
    }

    fn embed_passages(&self, passages: &[PassageInput]) -> Result<Vec<PassageVectors>> {
        self.cancel.check()?;
        self.embedder.embed_passages(passages)
    }
}
