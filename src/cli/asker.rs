//! Where answers come from: a server that runs over the same index, or this process.

use std::cell::OnceCell;
use std::sync::Arc;

use footnote::footnote::{Question, SearchResults};
use footnote::model::ModelIdentity;
use footnote::passage::Answer;
use footnote::{Footnote, Result};

use super::Session;
use super::server::Server;

/// Asks the configured collection.
pub(super) struct Asker<'s> {
    session: &'s Session,
    use_server: bool,
    local: OnceCell<Arc<Footnote>>,
}

impl<'s> Asker<'s> {
    /// With a server where one is of use and `use_server` allows it.
    pub(super) fn new(session: &'s Session, use_server: bool) -> Self {
        let use_server = use_server && session.config.ask.use_server;
        if !use_server {
            tracing::info!("no server is wanted: answering here");
        }
        Self { session, use_server, local: OnceCell::new() }
    }

    /// Whether a question would go to a server, as things are.
    pub(super) fn has_server(&self) -> bool {
        self.server().is_some()
    }

    /// Looked for anew at each question: at the address of the server that had the last one there may be another by now.
    fn server(&self) -> Option<Server> {
        self.use_server.then(|| Server::find(&self.session.config)).flatten()
    }

    /// The answer; `None` if there is nothing in the collection, which is then said.
    pub(super) fn ask(&self, question: &Question) -> Result<Option<(Answer, ModelIdentity)>> {
        let is_empty = |answer: &Answer| answer.citations.is_empty();
        self.either(|server| server.ask(question), |footnote| footnote.ask(question), is_empty)
    }

    /// The passages found, like [`Asker::ask`].
    pub(super) fn search(&self, question: &Question) -> Result<Option<(SearchResults, ModelIdentity)>> {
        let is_empty = |results: &SearchResults| results.passages.is_empty();
        self.either(|server| server.search(question), |footnote| footnote.search(question), is_empty)
    }

    /// What the server gives or, where it gives nothing to go by, this process.
    fn either<T>(
        &self,
        there: impl FnOnce(&Server) -> Result<Option<(T, ModelIdentity)>>,
        here: impl FnOnce(&Footnote) -> Result<T>,
        is_empty: impl FnOnce(&T) -> bool,
    ) -> Result<Option<(T, ModelIdentity)>> {
        if let Some(server) = self.server()
            && let Some((given, model)) = there(&server)?
        {
            let found = !is_empty(&given) || !self.is_empty_here()?;
            return Ok(found.then_some((given, model)));
        }
        let footnote = self.local()?;
        match self.session.is_empty(&footnote)? {
            true => Ok(None),
            false => Ok(Some((here(&footnote)?, footnote.model()?))),
        }
    }

    /// The collection, opened in this process when that is first needed.
    pub(super) fn local(&self) -> Result<Arc<Footnote>> {
        if let Some(footnote) = self.local.get() {
            return Ok(Arc::clone(footnote));
        }
        let footnote = Arc::new(self.session.open_to_ask()?);
        Ok(Arc::clone(self.local.get_or_init(|| footnote)))
    }

    /// Whether the collection is empty, looked up without the model.
    fn is_empty_here(&self) -> Result<bool> {
        self.session.is_empty(&self.session.open_to_read()?)
    }
}
