//! Where answers come from: a server that runs over the same index, or this process.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::Result;
use crate::footnote::{Collections, Question, SearchResults};
use crate::library::AskedOf;
use crate::model::ModelIdentity;
use crate::passage::Answer;

use super::Session;
use super::asked::Asked;
use super::server::Server;

/// Answers questions about the collections that are asked.
pub(super) struct AnswerSource<'s> {
    session: &'s Session,
    asked: AskedOf,
    use_server: bool,
    local: OnceCell<Arc<Asked>>,
}

impl<'s> AnswerSource<'s> {
    /// Uses a server only if both `use_server` and the settings allow it.
    pub(super) fn new(session: &'s Session, asked: AskedOf, use_server: bool) -> Self {
        let use_server = use_server && session.config.ask.use_server;
        if !use_server {
            tracing::info!("servers are not used: doing it here");
        }
        Self { session, asked, use_server, local: OnceCell::new() }
    }

    /// Whether a question would go to a server now.
    pub(super) fn has_server(&self) -> bool {
        self.server().is_some()
    }

    /// Looked up for each question, because the server can have changed since the last one.
    fn server(&self) -> Option<Server> {
        self.use_server.then(|| Server::find(&self.session.config)).flatten()
    }

    /// The answer; `None` if the collection is empty, which is then printed.
    pub(super) fn ask(&self, question: &Question) -> Result<Option<(Answer, ModelIdentity)>> {
        let is_empty = |answer: &Answer| answer.citations.is_empty();
        self.either(|server| server.ask(question, &self.asked), |asked| asked.ask(question), is_empty)
    }

    /// The passages found, like [`AnswerSource::ask`].
    pub(super) fn search(&self, question: &Question) -> Result<Option<(SearchResults, ModelIdentity)>> {
        let is_empty = |results: &SearchResults| results.passages.is_empty();
        self.either(|server| server.search(question, &self.asked), |asked| asked.search(question), is_empty)
    }

    /// The server's result or, if it has none, that of this process.
    fn either<T>(
        &self,
        there: impl FnOnce(&mut Server) -> Result<Option<(T, ModelIdentity)>>,
        here: impl FnOnce(&Collections<'_>) -> Result<T>,
        is_empty: impl FnOnce(&T) -> bool,
    ) -> Result<Option<(T, ModelIdentity)>> {
        if let Some(mut server) = self.server()
            && let Some((given, model)) = there(&mut server)?
        {
            let found = !is_empty(&given) || !self.is_empty_here()?;
            return Ok(found.then_some((given, model)));
        }
        let session = self.session;
        self.local()?.with(|collections| match session.are_empty(collections)? {
            true => Ok(None),
            false => Ok(Some((here(collections)?, collections.model()?))),
        })
    }

    /// The collections, opened in this process when they are first needed.
    pub(super) fn local(&self) -> Result<Arc<Asked>> {
        if let Some(asked) = self.local.get() {
            return Ok(Arc::clone(asked));
        }
        let asked = Arc::new(self.session.open_to_ask(&self.asked)?);
        Ok(Arc::clone(self.local.get_or_init(|| asked)))
    }

    /// Whether the collections are empty. Loads no model.
    fn is_empty_here(&self) -> Result<bool> {
        self.session.open_asked(&self.asked)?.with(|collections| self.session.are_empty(collections))
    }
}
