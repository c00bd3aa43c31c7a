//! Documents that go to the server that holds the index.

use std::net::SocketAddr;

use tokio::sync::mpsc::channel;
use tokio_stream::wrappers::ReceiverStream;

use super::{Refusal, Server};
use super::{connection, health};
use crate::config::IngestConfig;
use crate::error::{Error, Result};
use crate::footnote::{Ingested, Progress};
use crate::handoff::{self, Event, INGEST_PATH, Item, PROOF_HEADER, REINDEX_PATH, REMOVE_PATH, Removal};
use crate::identity::Identity;
use crate::ingest;
use crate::links::segment;

/// Documents that are read ahead of the server.
const READ_AHEAD: usize = 4;

impl Server {
    /// Sends documents to be ingested, in order, with the reports of files that gave none. Each is sent when the server is
    /// ready for it.
    ///
    /// # Errors
    ///
    /// The error that ended the work on the server, or [`Error::Server`] if the connection ends before the work does.
    /// Documents that `progress` got are stored.
    pub(in super::super) fn ingest(
        mut self,
        items: impl FnOnce(&mut dyn FnMut(ingest::Item) -> bool) + Send + 'static,
        config: &IngestConfig,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<()> {
        let (sender, lines) = channel(READ_AHEAD);
        // Files are read beside the connection, which goes on receiving while none is found.
        let reader = std::thread::spawn(move || {
            items(&mut |item| sender.blocking_send(handoff::line(&Item::from(item))).is_ok());
        });
        let max_line = handoff::max_line_bytes(config);
        let done = self.hand_over(INGEST_PATH, "", connection::lines(ReceiverStream::new(lines)), max_line, progress);
        drop(self);
        // The connection is gone, and with it the other end of the reader's channel.
        let _ = reader.join();
        done.map(drop)
    }

    /// Removes documents by their ids; with `erase`, so that nothing of them is left. Returns the ids of jobs that may
    /// still hold them.
    ///
    /// # Errors
    ///
    /// As [`Server::ingest`].
    pub(in super::super) fn remove(
        mut self,
        ids: Vec<String>,
        erase: bool,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<String>> {
        let lines = ids.into_iter().map(|id| handoff::line(&Removal { id }));
        let body = connection::lines(tokio_stream::iter(lines));
        let options = if erase { "&erase=true" } else { "" };
        self.hand_over(REMOVE_PATH, options, body, handoff::MAX_EVENT_BYTES, progress)
    }

    /// Ends a reindex that was embedded, so that the server answers with the new model.
    ///
    /// # Errors
    ///
    /// As [`Server::ingest`].
    pub(in super::super) fn finish_reindex(mut self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<()> {
        let (body, max_line) = (connection::whole(""), handoff::MAX_EVENT_BYTES);
        self.hand_over_as(Identity::holder_proof, REINDEX_PATH, "", body, max_line, progress).map(drop)
    }

    fn hand_over(
        &mut self,
        path: &str,
        options: &str,
        body: connection::Body,
        max_line_bytes: usize,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<String>> {
        self.hand_over_as(Identity::write_proof, path, options, body, max_line_bytes, progress)
    }

    fn hand_over_as(
        &mut self,
        proof: impl Fn(&Identity, &str, &str, SocketAddr) -> blake3::Hash,
        path: &str,
        options: &str,
        body: connection::Body,
        max_line_bytes: usize,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<String>> {
        let address = self.connection.address();
        let target = format!("{path}?collection={}{options}", segment(&self.collection));
        let nonce = health::nonce()?;
        let proof = proof(&self.identity, &target, &nonce, address).to_hex();
        let request = self.connection.request("POST", &target).header(PROOF_HEADER, format!("{nonce} {proof}"));
        let request = request.body(body).map_err(|error| broken(&error.to_string()))?;
        let (mut end, mut open) = (None, Vec::new());
        let replied =
            self.connection.stream(request, max_line_bytes, &mut |line| match serde_json::from_slice::<Event>(&line) {
                Ok(Event::Planned { passages }) => progress(Progress::Planned { passages }),
                Ok(Event::Read { file, bytes, passages }) => progress(Progress::Read { file: &file, bytes, passages }),
                Ok(Event::Embedded { passages, tokens }) => progress(Progress::Embedded { passages, tokens }),
                Ok(Event::Done(outcome)) => progress(Progress::Done(&Ingested::from(outcome))),
                Ok(Event::Erased { open_jobs }) => open = open_jobs,
                Ok(Event::End(failure)) => end = Some(failure),
                Err(error) => tracing::debug!(%error, "a line of the server cannot be read"),
            });
        match (replied, end) {
            (_, Some(None)) => Ok(open),
            (_, Some(Some(failure))) => Err(failure.into()),
            (Ok(Some((_, body))), _) => match serde_json::from_slice::<Refusal>(&body) {
                Ok(Refusal { detail, hint }) => Err(Error::Server { reason: detail, hint: hint.unwrap_or_default() }),
                Err(error) => Err(broken(&error.to_string())),
            },
            (Ok(None), None) => Err(broken("it ended the connection")),
            (Err(error), _) => Err(broken(&error.to_string())),
        }
    }
}

fn broken(why: &str) -> Error {
    Error::Server {
        reason: format!("the server that holds the index did not finish: {why}"),
        hint: "run the same command again; what was reported is stored".into(),
    }
}
