//! Where documents are written: a server that holds the index, or this process.

use super::Session;
use super::server::Server;
use crate::footnote::{self, Footnote};

/// What changes the configured collection.
pub(super) enum Writer {
    /// This process.
    Here(Box<Footnote>),
    /// A server of the same user that holds the collection for writing.
    There(Box<Server>),
}

impl Writer {
    /// The server that holds the collection if there is one, and both `use_server` and the settings allow it; else this
    /// process, which creates the collection if it does not exist.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`](crate::Error::Locked) if another process holds the collection.
    pub(super) fn find(session: &Session, use_server: bool) -> crate::Result<Self> {
        let use_server = use_server && session.config.ask.use_server;
        if use_server
            && footnote::writer(&session.config)?.is_some()
            && let Some(server) = Server::find_for_writing(&session.config)
        {
            return Ok(Self::There(Box::new(server)));
        }
        session.open_to_write().map(Box::new).map(Self::Here)
    }
}
