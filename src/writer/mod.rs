//! A language model that the user runs or rents, behind `OpenAI`'s chat completions: it writes answers from quotes and
//! translates quotes. What it writes is checked by others; nothing here trusts it.

mod client;
mod completion;
mod connect;
mod draft;
mod failure;
mod prompt;

#[cfg(feature = "server")]
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use crate::cancel::Cancel;
use crate::config::{Config, WriterConfig};
use crate::error::{Error, Result};
#[cfg(feature = "server")]
use crate::terms::fold;
use client::{Ended, Outgoing, exchange};
use completion::{Completion, Finish};
use connect::Endpoint;
use draft::{Cutter, Draft};
pub(crate) use failure::Failure;
pub(crate) use prompt::Quoted;

/// Sentences that are taken from one answer, at most, unsupported ones included.
const MAX_SENTENCES: usize = 24;
/// A model that says the same so often repeats itself for ever.
const MAX_REPEATS: usize = 3;
/// Longest question that is made of a conversation, in bytes.
#[cfg(feature = "server")]
const MAX_QUESTION_BYTES: usize = 1_000;
/// Time for making it: the search waits for it.
#[cfg(feature = "server")]
const CONDENSE: Duration = Duration::from_secs(10);
/// Time for a server to list its models.
#[cfg(feature = "cli")]
const LIST: Duration = Duration::from_secs(10);
const COMPLETIONS: &str = "/chat/completions";

/// The configured language model.
pub(crate) struct Writer {
    config: WriterConfig,
    endpoint: Endpoint,
    running: AtomicUsize,
    /// Answers that are written at once, at most. Each occupies the place of a question.
    max_running: usize,
}

/// A place among the answers that are being written.
pub(crate) struct Permit<'w>(&'w AtomicUsize);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When an answer must be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

/// How a model ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It wrote an answer.
    Complete,
    /// It says that the quotes do not answer the question.
    Declined,
    /// It wrote none, or broke off.
    Failed(Failure),
}

impl Writer {
    /// The configured one, if there is one.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let endpoint = Endpoint::parse(&config.writer.url)?;
        // So that slow answers keep no quick ones out.
        let max_running = config.server.max_concurrent.div_ceil(2);
        Some(Self { config: config.writer.clone(), endpoint, running: AtomicUsize::new(0), max_running })
    }

    /// The model's name.
    pub(crate) fn model(&self) -> &str {
        &self.config.model
    }

    /// A place for an answer; `None` if all are taken.
    pub(crate) fn begin(&self) -> Option<Permit<'_>> {
        let running = self.running.fetch_add(1, Ordering::Relaxed);
        let permit = Permit(&self.running);
        (running < self.max_running).then_some(permit)
    }

    /// When an answer that begins now must be written.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline(Instant::now() + Duration::from_secs(self.config.timeout_seconds as u64))
    }

    /// The body of the request for [`Writer::write`].
    pub(crate) fn request(&self, question: &str, language: Option<&str>, quotes: &[Quoted<'_>]) -> Value {
        prompt::write(&self.config, question, language, quotes)
    }

    /// The body of the request for [`Writer::translate`].
    pub(crate) fn translation_request(&self, text: &str, language: Option<&str>) -> Value {
        prompt::translate(&self.config, text, language)
    }

    /// Has an answer written. `on_sentence` receives each sentence and its numbers as soon as it is whole.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`], and the errors of `on_sentence`.
    pub(crate) fn write(
        &self,
        request: &Value,
        deadline: Deadline,
        cancel: &Cancel,
        on_sentence: &mut dyn FnMut(String, Vec<usize>) -> Result<()>,
    ) -> Result<Outcome> {
        let mut cutter = Cutter::default();
        let mut taken = Taken { said: Vec::new(), repeats: 0, error: None, declined: false, on_sentence };
        let finished = self.complete(request, deadline, cancel, &mut |text| {
            let drafts = cutter.push(text).map_err(|_| Failure::garbled("the model writes a sentence without end"))?;
            Ok(taken.take(drafts))
        });
        let outcome = match finished? {
            Ok(finish) => {
                if taken.is_open() {
                    let _ = taken.take(cutter.finish(finish != Finish::Stop));
                }
                match finish {
                    Finish::Stop => Outcome::Complete,
                    Finish::Length => Outcome::Failed(Failure::cut_short("the model reached [writer] max_tokens")),
                    Finish::Broken => Outcome::Failed(Failure::cut_short("the model's stream broke off")),
                }
            }
            Err(failure) => Outcome::Failed(failure),
        };
        match taken {
            Taken { error: Some(error), .. } => Err(error),
            Taken { declined: true, .. } => Ok(Outcome::Declined),
            Taken { .. } => Ok(outcome),
        }
    }

    /// A translation.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(crate) fn translate(
        &self,
        request: &Value,
        deadline: Deadline,
        cancel: &Cancel,
    ) -> Result<Result<String, Failure>> {
        self.text(request, deadline, cancel)
    }

    /// The last question of a conversation by itself; `None` if the model gives none that consists of the conversation.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    #[cfg(feature = "server")]
    pub(crate) fn condense(&self, earlier: &[&str], question: &str, cancel: &Cancel) -> Result<Option<String>> {
        let request = prompt::condense(&self.config, earlier, question);
        let within = CONDENSE.min(Duration::from_secs(self.config.timeout_seconds as u64));
        let written = match self.text(&request, Deadline(Instant::now() + within), cancel)? {
            Ok(written) => written,
            Err(failure) => {
                tracing::warn!("the language model did not condense the conversation: {}", failure.detail);
                return Ok(None);
            }
        };
        Ok(Some(written).filter(|written| written.len() <= MAX_QUESTION_BYTES && is_known(written, earlier, question)))
    }

    /// The models that its server lists; `None` if it lists none.
    #[cfg(feature = "cli")]
    pub(crate) fn models(&self) -> Result<Option<Vec<String>>, Failure> {
        let key = self.key()?;
        let request = Outgoing { method: Method::GET, path: "/models", key: key.as_deref(), body: String::new() };
        let mut body = Vec::new();
        let ended = exchange(&self.endpoint, request, Instant::now() + LIST, &Cancel::default(), &mut |piece| {
            body.extend_from_slice(piece);
            Ok(ControlFlow::Continue(()))
        })?;
        match ended {
            Ended::Complete | Ended::Cancelled => {}
            Ended::Status(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, _) => return Ok(None),
            Ended::Status(status, message) => return Err(refusal(status, &message).without(key.as_deref())),
        }
        let listed = serde_json::from_slice::<Value>(&body).ok();
        let listed = listed.and_then(|listed| listed["data"].as_array().cloned());
        let id = |model: &Value| model["id"].as_str().map(str::to_owned);
        Ok(listed.map(|models| models.iter().filter_map(id).collect()))
    }

    /// All that a model writes, on one line.
    fn text(&self, request: &Value, deadline: Deadline, cancel: &Cancel) -> Result<Result<String, Failure>> {
        let mut written = String::new();
        let finished = self.complete(request, deadline, cancel, &mut |text| {
            written.push_str(text);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(match finished {
            Ok(Finish::Stop) => Ok(draft::on_one_line(&written)),
            Ok(Finish::Length) => Err(Failure::cut_short("the model reached [writer] max_tokens")),
            Ok(Finish::Broken) => Err(Failure::cut_short("the model's stream broke off")),
            Err(failure) => Err(failure),
        })
    }

    /// Passes a completion's text to `on_text` as it comes.
    fn complete(
        &self,
        request: &Value,
        deadline: Deadline,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<Result<Finish, Failure>> {
        cancel.check()?;
        let key = match self.key() {
            Ok(key) => key,
            Err(failure) => return Ok(Err(failure)),
        };
        let mut send = |body: &Value| -> Result<(Ended, Completion, bool), Failure> {
            let mut completion = Completion::default();
            let mut has_enough = false;
            let path = COMPLETIONS;
            let request = Outgoing { method: Method::POST, path, key: key.as_deref(), body: body.to_string() };
            let ended = exchange(&self.endpoint, request, deadline.0, cancel, &mut |piece| {
                let text = completion.push(piece)?;
                has_enough = !text.is_empty() && on_text(&text)?.is_break();
                let is_over = has_enough || completion.is_done();
                Ok(if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            Ok((ended, completion, has_enough))
        };
        let mut sent = send(request);
        // Some models accept neither a temperature nor this name of the limit.
        if let Ok((Ended::Status(StatusCode::BAD_REQUEST, message), ..)) = &sent
            && (message.contains("max_completion_tokens") || message.contains("temperature"))
        {
            sent = send(&prompt::without_sampling(request));
        }
        let finished = sent.and_then(|(ended, completion, has_enough)| match ended {
            Ended::Cancelled => Ok(None),
            Ended::Status(status, message) => {
                // Before it is cut, so that no part of the key is left.
                let message = key.as_deref().map_or(message.clone(), |key| message.replace(key, "…"));
                Err(refusal(status, &message))
            }
            Ended::Complete if has_enough => Ok(Some(Finish::Stop)),
            Ended::Complete => {
                let (rest, finish) = completion.finish()?;
                let _ = on_text(&rest)?;
                Ok(Some(finish))
            }
        });
        match finished {
            Ok(None) => Err(Error::Cancelled),
            Ok(Some(finish)) => Ok(Ok(finish)),
            Err(failure) => Ok(Err(failure.without(key.as_deref()))),
        }
    }

    /// The key for the server, if it needs one.
    fn key(&self) -> Result<Option<String>, Failure> {
        let variable = &self.config.key_env;
        if variable.is_empty() {
            return Ok(None);
        }
        match std::env::var(variable) {
            Ok(key) if !key.is_empty() => Ok(Some(key)),
            _ => Err(Failure::refused(&format!("the variable {variable} that [writer] key_env names is not set"))),
        }
    }
}

fn refusal(status: StatusCode, message: &str) -> Failure {
    let status = status.as_u16();
    let advice = match status {
        300..=399 => "it redirects; set [writer] url to where it leads",
        // Some servers repeat a part of the key.
        401 | 403 => "it wants another key; [writer] key_env names the variable that holds it",
        _ => message,
    };
    Failure::refused(&if advice.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status}: {advice}") })
}

/// Whether a question that a model made of a conversation consists of that: all of its numbers, and most pairs of letters.
#[cfg(feature = "server")]
fn is_known(written: &str, earlier: &[&str], question: &str) -> bool {
    let conversation = earlier.iter().copied().chain([question]).collect::<Vec<_>>().join("\n");
    let mut numbers = written.split(|c: char| !c.is_numeric()).filter(|number| !number.is_empty());
    let known = pairs(&conversation);
    let asked = pairs(written);
    let shared = asked.intersection(&known).count();
    !asked.is_empty() && shared * 10 >= asked.len() * 7 && numbers.all(|number| conversation.contains(number))
}

/// Neighbouring letters of a text, folded.
#[cfg(feature = "server")]
fn pairs(text: &str) -> HashSet<(char, char)> {
    let letters: Vec<char> = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The sentences that were taken from a model so far.
struct Taken<'a> {
    /// Each once.
    said: Vec<String>,
    repeats: usize,
    error: Option<Error>,
    declined: bool,
    on_sentence: &'a mut dyn FnMut(String, Vec<usize>) -> Result<()>,
}

impl Taken<'_> {
    fn is_open(&self) -> bool {
        self.error.is_none() && !self.declined && self.repeats < MAX_REPEATS && self.said.len() < MAX_SENTENCES
    }

    /// Passes on what is new. Breaks if no more is wanted.
    fn take(&mut self, drafts: Vec<Draft>) -> ControlFlow<()> {
        for Draft { text, citations } in drafts {
            if !self.is_open() {
                break;
            }
            if !text.chars().any(char::is_alphanumeric) {
                continue;
            }
            if self.said.is_empty() && text.trim_end_matches('.') == prompt::NONE {
                self.declined = true;
            } else if self.said.contains(&text) {
                self.repeats += 1;
            } else {
                self.said.push(text.clone());
                self.error = (self.on_sentence)(text, citations).err();
            }
        }
        if self.is_open() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_made_of_a_conversation_consists_of_it() {
        let earlier = ["Who is the captain of the ferry to Keelung?"];
        assert!(is_known("How old is the captain of the ferry to Keelung?", &earlier, "How old is she?"));
        assert!(!is_known("The captain is Lin Ke-wei, who is 42 years old.", &earlier, "How old is she?"));
        assert!(!is_known("Sure! Here is a poem about spring blossoms.", &earlier, "How old is she?"));
        assert!(!is_known("", &earlier, "How old is she?"));
        assert!(is_known("歐洲央行的存款利率何時調整?", &["歐洲央行的存款利率是多少?"], "何時調整?"));
    }

    #[test]
    fn half_of_the_questions_may_be_written_at_once() {
        let mut config = Config::default();
        assert!(Writer::new(&config).is_none());
        config.writer.url = "http://127.0.0.1:9/v1".into();
        config.server.max_concurrent = 3;
        let writer = Writer::new(&config).unwrap();
        let first = writer.begin();
        let second = writer.begin();
        assert!(first.is_some() && second.is_some() && writer.begin().is_none());
        drop(first);
        assert!(writer.begin().is_some());
    }
}
