//! The server at the configured address, asked in place of this process if it answers as this process would.
//!
//! It has the model loaded, so its answers are there at once. It is asked only if it proves, by a hash that no other user
//! can compute and that is new each time, that it serves the same index with the same settings at this address; whatever
//! else goes wrong with it, nobody is bothered.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use crate::footnote::{Question, SearchResults, writer};
use crate::model::ModelIdentity;
use crate::passage::Answer;
use crate::wire::{self, ServerInfo};
use crate::{Config, Error, Result};
use serde::Deserialize;
use ureq::http::Response;
use ureq::{Agent, Body};

/// On this machine a connection is there at once, or not at all.
const CONNECT: Duration = Duration::from_millis(200);
/// A server that has not told what it is by then, be the machine ever so busy, is too slow to be of use.
const PROBE: Duration = Duration::from_secs(2);
/// Loading the model here takes a second or two; a server that takes this long is overloaded.
const ANSWER: Duration = Duration::from_secs(10);
const KEY_VARIABLE: &str = "FOOTNOTE_API_KEY";
/// More than a hundred passages with their text take.
const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;

/// What is at an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing listens there.
    Nothing,
    /// Something that is no Footnote server, or none that can be asked.
    Other,
    /// A Footnote server.
    Footnote(ServerInfo),
}

/// A server that answers as this process would.
pub(super) struct Server {
    agent: Agent,
    url: String,
    collection: String,
    key: Option<String>,
}

impl Server {
    /// The one at `[server] listen`, if it is ready and serves the same index in the same way.
    pub(super) fn find(config: &Config) -> Option<Self> {
        let listen = &config.server.listen;
        let agent = agent();
        let (address, found) = look(&agent, "/readyz", config)?;
        match found {
            // To ask it for another would make it take that for itself, and keep others from writing to it.
            Found::Footnote(ServerInfo { answers_alike: true, .. }) if !matches!(writer(config), Ok(Some(_))) => {
                tracing::info!("the server at {listen} does not hold {}: answering here", config.index.collection);
                None
            }
            Found::Footnote(ServerInfo { answers_alike: true, .. }) => {
                tracing::info!("asking the server at {listen}, which serves this index");
                let key = std::env::var(KEY_VARIABLE).ok().filter(|key| !key.is_empty());
                // With the agent goes the connection over which the server has proved itself.
                Some(Self { agent, url: url(address), collection: config.index.collection.clone(), key })
            }
            Found::Footnote(_) => {
                tracing::info!(
                    "the server at {listen} serves another index, or has other settings, another build or user: answering here"
                );
                None
            }
            Found::Other => {
                tracing::info!("what answers at {listen} cannot be asked: answering here");
                None
            }
            Found::Nothing => {
                tracing::info!("no server answers at {listen}: answering here");
                None
            }
        }
    }

    /// Its answer; `None` if it has none to give, and the question has to be answered here.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the question itself is refused.
    pub(super) fn ask(&self, question: &Question) -> Result<Option<(Answer, ModelIdentity)>> {
        self.post("/v1/ask", question, wire::read_answer)
    }

    /// The passages that it finds, like [`Server::ask`].
    pub(super) fn search(&self, question: &Question) -> Result<Option<(SearchResults, ModelIdentity)>> {
        self.post("/v1/search", question, wire::read_search)
    }

    fn post<T>(
        &self,
        path: &str,
        question: &Question,
        read: impl FnOnce(&[u8]) -> serde_json::Result<T>,
    ) -> Result<Option<T>> {
        let Some(request) = wire::question(question, &self.collection) else { return Ok(None) };
        let unusable = |why: &dyn std::fmt::Display| {
            tracing::info!("the server did not answer ({why}): answering here");
            Ok(None)
        };
        let mut post = self.agent.post(format!("{}{path}", self.url)).header("Content-Type", "application/json");
        if let Some(key) = &self.key {
            post = post.header("Authorization", format!("Bearer {key}"));
        }
        let response = match post.send(request.to_string()) {
            Ok(response) => response,
            Err(error) => return unusable(&error),
        };
        match (response.status().as_u16(), bytes(response)) {
            (200, Some(body)) => match read(&body) {
                Ok(answer) => Ok(Some(answer)),
                Err(error) => unusable(&error),
            },
            (400, Some(body)) => match serde_json::from_slice::<Refusal>(&body) {
                Ok(refusal) => Err(Error::Input { reason: refusal.detail, hint: refusal.hint.unwrap_or_default() }),
                Err(error) => unusable(&error),
            },
            (status, _) => unusable(&status),
        }
    }
}

/// What is read of a problem.
#[derive(Deserialize)]
struct Refusal {
    detail: String,
    hint: Option<String>,
}

/// What is at `[server] listen`.
pub(super) fn probe(config: &Config) -> Found {
    look(&agent(), "/healthz", config).map_or(Found::Nothing, |(_, found)| found)
}

/// The first of the addresses of `[server] listen` where something is, and what; `None` if there is no address.
fn look(agent: &Agent, path: &str, config: &Config) -> Option<(SocketAddr, Found)> {
    let looked = addresses(&config.server.listen).into_iter().map(|at| (at, look_at(agent, at, path, config)));
    let mut last = None;
    for (address, found) in looked {
        let nothing = found == Found::Nothing;
        last = Some((address, found));
        if !nothing {
            break;
        }
    }
    last
}

fn look_at(agent: &Agent, address: SocketAddr, path: &str, config: &Config) -> Found {
    let Ok(nonce) = wire::nonce() else { return Found::Other };
    let url = format!("{}{path}?nonce={nonce}", url(address));
    match agent.get(&url).config().timeout_global(Some(PROBE)).build().call() {
        Ok(response) if response.status() == 200 => {
            let told = bytes(response).and_then(|body| wire::read_health(&body, config, &nonce, address).ok());
            told.map_or(Found::Other, Found::Footnote)
        }
        Ok(_) => Found::Other,
        Err(ureq::Error::ConnectionFailed | ureq::Error::HostNotFound) => Found::Nothing,
        Err(ureq::Error::Io(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => Found::Nothing,
        Err(error) => {
            tracing::debug!(%error, "{address}{path}");
            Found::Other
        }
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(ANSWER))
        .timeout_connect(Some(CONNECT))
        .http_status_as_error(false)
        // The question goes to this machine and to nobody else.
        .proxy(None)
        .max_redirects(0)
        .build()
        .new_agent()
}

fn bytes(mut response: Response<Body>) -> Option<Vec<u8>> {
    response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec().ok()
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Where a server that listens at `listen` may be reached; empty for what is no address, or none that is known beforehand.
/// `localhost` has several, and a server proves itself for one.
fn addresses(listen: &str) -> Vec<SocketAddr> {
    let named = |host: &str| host.eq_ignore_ascii_case("localhost");
    let listed = match listen.parse::<SocketAddr>() {
        Ok(address) => vec![wire::reached(address)],
        Err(_) if listen.rsplit_once(':').is_some_and(|(host, _)| named(host)) => {
            let resolved = listen.to_socket_addrs().into_iter().flatten();
            resolved.filter(|address| address.ip().is_loopback()).collect()
        }
        Err(_) => Vec::new(),
    };
    listed.into_iter().filter(|address| address.port() != 0).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn serving(replies: Vec<String>) -> Config {
        listening(replies).0
    }

    /// A server that gives `replies`, one to each connection, and what it was sent.
    fn listening(replies: Vec<String>) -> (Config, Receiver<String>) {
        let (told, requests) = channel();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = Config::default();
        config.server.listen = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for reply in replies {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap();
                let _ = told.send(String::from_utf8_lossy(&request[..length]).to_lowercase());
                stream.write_all(reply.as_bytes()).unwrap();
            }
        });
        (config, requests)
    }

    fn reply(status: u16, body: &str) -> String {
        format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    fn server(config: &Config) -> Server {
        Server {
            agent: agent(),
            url: url(config.server.listen.parse().unwrap()),
            collection: "default".into(),
            key: None,
        }
    }

    #[test]
    fn an_address_is_reached_on_this_machine_if_it_is_known() {
        let urls = |listen: &str| addresses(listen).into_iter().map(url).collect::<Vec<_>>();
        assert_eq!(urls("127.0.0.1:8642"), ["http://127.0.0.1:8642"]);
        assert_eq!(urls("0.0.0.0:1"), ["http://127.0.0.1:1"]);
        assert_eq!(urls("[::]:1"), ["http://[::1]:1"]);
        let local = urls("localhost:1");
        assert!(local.iter().any(|url| ["http://127.0.0.1:1", "http://[::1]:1"].contains(&url.as_str())), "{local:?}");
        for none in ["127.0.0.1:0", "localhost:0", "", "localhost", "example.org:80", "127.0.0.1"] {
            assert!(urls(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn nothing_another_program_and_another_index_are_told_apart() {
        let mut config = serving(vec![]);
        config.server.listen = "127.0.0.1:1".into();
        assert_eq!(probe(&config), Found::Nothing);
        for other in [reply(200, "hello"), reply(200, "{\"status\": \"ok\"}"), reply(404, ""), "nonsense".into()] {
            assert_eq!(probe(&serving(vec![other])), Found::Other);
        }
        let forged =
            format!(r#"{{"status": "ok", "version": "9", "collection": "default", "proof": "{}"}}"#, "0".repeat(64));
        let config = serving(vec![reply(200, &forged), reply(200, &forged)]);
        assert_eq!(probe(&config), Found::Footnote(ServerInfo { version: "9".into(), answers_alike: false }));
        assert!(Server::find(&config).is_none());
    }

    #[test]
    fn whatever_a_server_says_wrong_the_question_is_answered_here() {
        let question = Question { text: "why".into(), ..Question::default() };
        let wrong = [
            reply(401, "{}"),
            reply(404, "{}"),
            reply(500, "{}"),
            reply(503, "{}"),
            reply(302, ""),
            reply(400, "no problem details"),
            reply(200, "{}"),
            reply(200, "{\"answer\": 3}"),
            "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nshort".into(),
            String::new(),
        ];
        for wrong in wrong {
            let config = serving(vec![wrong.clone(), wrong.clone()]);
            assert!(server(&config).ask(&question).unwrap().is_none(), "{wrong}");
            assert!(server(&config).search(&question).unwrap().is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_server_that_takes_its_time_to_tell_what_it_is_is_heard_all_the_same() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut config = Config::default();
        config.server.listen = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            std::thread::sleep(CONNECT * 2);
            let health = r#"{"status": "ok", "version": "9", "collection": "default"}"#;
            let _ = stream.write_all(reply(200, health).as_bytes());
        });
        assert!(matches!(probe(&config), Found::Footnote(_)));
    }

    #[test]
    fn a_key_is_sent_with_a_question_and_not_before_the_server_has_proved_itself() {
        let (config, requests) = listening(vec![reply(200, "{}"), reply(200, "{}")]);
        probe(&config);
        let asked = Server { key: Some("k3y".into()), ..server(&config) };
        asked.ask(&Question { text: "why".into(), ..Question::default() }).unwrap();
        let sent: Vec<String> = requests.iter().take(2).collect();
        assert!(sent[0].starts_with("get /healthz") && !sent[0].contains("k3y"), "{}", sent[0]);
        assert!(sent[1].starts_with("post /v1/ask") && sent[1].contains("authorization: bearer k3y"), "{}", sent[1]);
    }

    #[test]
    fn a_question_that_is_refused_is_refused_here_too() {
        let config = serving(vec![reply(400, r#"{"detail": "too long", "hint": "ask in fewer words"}"#)]);
        let error = server(&config).ask(&Question::default()).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.hint().as_deref()), ("too long", Some("ask in fewer words")));
    }
}
