//! The server at `[server] listen`, used in place of this process if it would do the same.
//!
//! It has the model loaded, so its answers come at once; and while it holds the index for writing, documents can only be
//! added through it. It is used only if it proves, by a hash that no other user can compute and that is new each time,
//! that it serves the same index with the same settings at this address. All requests go over the connection on which it
//! has proved that. A question that it fails to answer is answered in this process.

mod connection;
mod health;
mod writes;

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use serde::Deserialize;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::footnote::{Question, SearchResults, writer};
use crate::handoff::PROOF_HEADER;
use crate::identity::{self, Identity};
use crate::library::AskedOf;
use crate::model::ModelIdentity;
use crate::passage::Answer;
use crate::wire;
use connection::{Connection, Failure, Reply};
pub(super) use health::ServerInfo;

/// Time for a server to identify itself. A slower server is of no use, even on a busy machine.
const PROBE: Duration = Duration::from_secs(2);
/// Loading the model here takes a second or two; a server that takes this long is overloaded.
const ANSWER: Duration = Duration::from_secs(10);
const READY: &str = "/readyz";
const ALIVE: &str = "/healthz";

/// What is at an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No program listens there.
    Nothing,
    /// A program that is not a Footnote server, or one that does not answer.
    Other,
    /// A Footnote server.
    Footnote(ServerInfo),
}

/// A server that would do what this process would do.
pub(super) struct Server {
    connection: Connection,
    collection: String,
    /// Time for an answer.
    patience: Duration,
    /// What it has proved, and this process can prove to it.
    identity: Identity,
}

impl Server {
    /// The one at `[server] listen`, if it can answer questions from the same index with the same settings.
    pub(super) fn find(config: &Config) -> Option<Self> {
        Self::find_at(READY, config)
    }

    /// The one at `[server] listen`, if it holds the same index with the same settings. It may still be loading its
    /// model.
    pub(super) fn find_for_writing(config: &Config) -> Option<Self> {
        Self::find_at(ALIVE, config)
    }

    /// The Footnote server at `[server] listen`, whatever its settings. It proves nothing: whoever hands work to it has to look
    /// whether it was done.
    pub(super) fn find_holder(config: &Config) -> Option<Self> {
        addresses(&config.server.listen).into_iter().find_map(|address| {
            let mut connection = Connection::open(address).ok()?;
            let request = connection.request("GET", ALIVE).body(connection::whole("")).ok()?;
            let (status, body): Reply = connection.send(request, PROBE).ok()?;
            let identity = health::holder(&body, config).filter(|_| status == 200)?;
            Some(Self { connection, collection: config.index.collection.clone(), patience: ANSWER, identity })
        })
    }

    fn find_at(path: &str, config: &Config) -> Option<Self> {
        let listen = &config.server.listen;
        let collection = &config.index.collection;
        let found = look(path, config);
        let why_not = match found.as_ref().map(|(_, found)| found) {
            None | Some(Found::Nothing) => format!("no server answers at {listen}"),
            Some(Found::Other) => format!("the program at {listen} is not a Footnote server, or is not ready"),
            Some(Found::Footnote(ServerInfo { identity: None, .. })) => {
                format!("the server at {listen} serves another index, or has other settings, another build or user")
            }
            // A question about a collection would make the server open it.
            Some(Found::Footnote(_)) if !matches!(writer(config), Ok(Some(_))) => {
                format!("the server at {listen} does not hold {collection}")
            }
            Some(Found::Footnote(_)) => {
                tracing::info!("asking the server at {listen}, which serves this index");
                let (connection, found) = found?;
                let Found::Footnote(ServerInfo { identity: Some(identity), .. }) = found else { return None };
                // A language model takes its time.
                let writing = Duration::from_secs(config.writer.timeout_seconds as u64);
                let patience = if config.writer.is_configured() { ANSWER + writing } else { ANSWER };
                return Some(Self { connection: connection?, collection: collection.clone(), patience, identity });
            }
        };
        tracing::info!("{why_not}: doing it here");
        None
    }

    /// Its answer; `None` if it gives none, and the question has to be answered here.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the question itself is refused.
    pub(super) fn ask(&mut self, question: &Question, asked: &AskedOf) -> Result<Option<(Answer, ModelIdentity)>> {
        self.post("/v1/ask", question, asked, wire::read_answer)
    }

    /// The passages that it finds, like [`Server::ask`].
    pub(super) fn search(
        &mut self,
        question: &Question,
        asked: &AskedOf,
    ) -> Result<Option<(SearchResults, ModelIdentity)>> {
        self.post("/v1/search", question, asked, wire::read_search)
    }

    fn post<T>(
        &mut self,
        path: &str,
        question: &Question,
        asked: &AskedOf,
        read: impl FnOnce(&[u8]) -> serde_json::Result<T>,
    ) -> Result<Option<T>> {
        let Some(body) = wire::question(question, asked) else { return Ok(None) };
        let unusable = |why: &dyn std::fmt::Display| {
            tracing::info!("the server did not answer ({why}): doing it here");
            Ok(None)
        };
        // It stands in for a key, and the server hides nothing from its own user.
        let nonce = health::nonce()?;
        let proof = self.identity.request_proof(path, &nonce, self.connection.address()).to_hex();
        let request = self.connection.request("POST", path).header(http::header::CONTENT_TYPE, "application/json");
        let request = request.header(PROOF_HEADER, format!("{nonce} {proof}"));
        let request = match request.body(connection::whole(body.to_string())) {
            Ok(request) => request,
            Err(error) => return unusable(&error),
        };
        match self.connection.send(request, self.patience) {
            Ok((200, body)) => read(&body).map(Some).or_else(|error| unusable(&error)),
            Ok((400, body)) => match serde_json::from_slice::<Refusal>(&body) {
                Ok(refusal) => Err(refusal.into()),
                Err(error) => unusable(&error),
            },
            Ok((status, _)) => unusable(&status),
            Err(error) => unusable(&error),
        }
    }
}

/// What is read of a problem.
#[derive(Deserialize)]
struct Refusal {
    detail: String,
    hint: Option<String>,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Input { reason: refusal.detail, hint: refusal.hint.unwrap_or_default() }
    }
}

/// What is at `[server] listen`.
pub(super) fn probe(config: &Config) -> Found {
    look(ALIVE, config).map_or(Found::Nothing, |(_, found)| found)
}

/// What is at the first of the addresses of `[server] listen` where something is, with the connection to it; `None` if
/// there is no address.
fn look(path: &str, config: &Config) -> Option<(Option<Connection>, Found)> {
    let mut last = None;
    for address in addresses(&config.server.listen) {
        let looked = look_at(address, path, config);
        let is_nothing = looked.1 == Found::Nothing;
        last = Some(looked);
        if !is_nothing {
            break;
        }
    }
    last
}

fn look_at(address: SocketAddr, path: &str, config: &Config) -> (Option<Connection>, Found) {
    let mut connection = match Connection::open(address) {
        Ok(connection) => connection,
        Err(Failure::Refused) => return (None, Found::Nothing),
        Err(error) => {
            tracing::debug!(%error, "{address}");
            return (None, Found::Other);
        }
    };
    let found = prove(&mut connection, path, config).unwrap_or_else(|error| {
        tracing::debug!(%error, "{address}{path}");
        Found::Other
    });
    (Some(connection), found)
}

/// Asks the server on `connection` what it is.
fn prove(connection: &mut Connection, path: &str, config: &Config) -> anyhow::Result<Found> {
    let nonce = health::nonce()?;
    let request = connection.request("GET", &format!("{path}?nonce={nonce}")).body(connection::whole(""))?;
    let (status, body): Reply = connection.send(request, PROBE)?;
    if status != 200 {
        return Ok(Found::Other);
    }
    Ok(Found::Footnote(health::read(&body, config, &nonce, connection.address())?))
}

/// The addresses at which a server that listens at `listen` can be reached; none if `listen` is not an address, or its
/// port is not known beforehand. `localhost` has several, and a server proves itself for one.
fn addresses(listen: &str) -> Vec<SocketAddr> {
    let named = |host: &str| host.eq_ignore_ascii_case("localhost");
    let listed = match listen.parse::<SocketAddr>() {
        Ok(address) => vec![identity::reached(address)],
        Err(_) if listen.rsplit_once(':').is_some_and(|(host, _)| named(host)) => {
            let resolved = listen.to_socket_addrs().into_iter().flatten();
            resolved.filter(|address| address.ip().is_loopback()).collect()
        }
        Err(_) => Vec::new(),
    };
    listed.into_iter().filter(|address| address.port() != 0).collect()
}

#[cfg(test)]
mod tests;
