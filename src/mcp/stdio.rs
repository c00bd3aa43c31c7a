//! JSON-RPC over standard input and output: one message a line, and an answer for every line that is not a message.

use std::io;
use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::ClientJsonRpcMessage;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Mutex, mpsc};

/// Longest message. The longest that makes sense is a question with a filter.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Messages that are read ahead of the one being handled.
const MAX_READ_AHEAD: usize = 16;

/// Codes of JSON-RPC 2.0.
pub(crate) const PARSE_ERROR: i32 = -32700;
pub(crate) const INVALID_REQUEST: i32 = -32600;

type Output = Arc<Mutex<Box<dyn AsyncWrite + Send + Unpin>>>;

/// The transport. A task of its own reads, so that receiving can be interrupted without losing part of a line.
pub(super) struct StdioTransport {
    messages: mpsc::Receiver<ClientJsonRpcMessage>,
    output: Output,
}

/// What a line is.
enum Line {
    Message(Box<ClientJsonRpcMessage>),
    /// Nothing to answer: an empty line, or a notification or response that means nothing here.
    Ignored,
    /// No message. The answer says why.
    Refused(Value),
}

impl StdioTransport {
    pub(super) fn start(
        input: impl AsyncBufRead + Send + Unpin + 'static,
        output: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        let (sender, messages) = mpsc::channel(MAX_READ_AHEAD);
        let output: Output = Arc::new(Mutex::new(Box::new(output)));
        tokio::spawn(read_lines(input, sender, Arc::clone(&output)));
        Self { messages, output }
    }
}

impl Transport<RoleServer> for StdioTransport {
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let output = Arc::clone(&self.output);
        async move { write_line(&output, serde_json::to_vec(&message)?).await }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        self.messages.recv().await
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.messages.close();
        self.output.lock().await.flush().await
    }
}

async fn read_lines(mut input: impl AsyncBufRead + Unpin, sender: mpsc::Sender<ClientJsonRpcMessage>, output: Output) {
    let mut line = Vec::new();
    let mut has_begun = false;
    loop {
        line.clear();
        let read = match read_line(&mut input, &mut line).await {
            Ok(None) => return,
            Ok(Some(true)) => read(&line),
            Ok(Some(false)) => {
                let why = format!("the message is longer than {MAX_MESSAGE_BYTES} bytes");
                Line::Refused(refusal(&Value::Null, INVALID_REQUEST, &why))
            }
            Err(error) => {
                tracing::error!("cannot read standard input: {error}");
                return;
            }
        };
        let written = match read {
            // The client has to ask for something first: a notification or response means nothing before that.
            Line::Message(message) if has_begun || matches!(*message, ClientJsonRpcMessage::Request(_)) => {
                has_begun = true;
                if sender.send(*message).await.is_err() {
                    return;
                }
                Ok(())
            }
            Line::Message(_) | Line::Ignored => Ok(()),
            Line::Refused(answer) => write_line(&output, answer.to_string().into_bytes()).await,
        };
        if let Err(error) = written {
            tracing::debug!("cannot write to standard output: {error}");
            return;
        }
    }
}

/// Reads up to the next newline: whether the line is no longer than a message may be; `None` at the end of input.
async fn read_line(input: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    let mut fits = true;
    let mut has_read = false;
    loop {
        let available = input.fill_buf().await?;
        if available.is_empty() {
            return Ok(has_read.then_some(fits));
        }
        has_read = true;
        let newline = available.iter().position(|byte| *byte == b'\n');
        let taken = newline.unwrap_or(available.len());
        fits = fits && line.len() + taken <= MAX_MESSAGE_BYTES;
        if fits {
            line.extend_from_slice(&available[..taken]);
        } else {
            line.clear();
        }
        input.consume(newline.map_or(taken, |at| at + 1));
        if newline.is_some() {
            return Ok(Some(fits));
        }
    }
}

fn read(line: &[u8]) -> Line {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Line::Ignored;
    }
    // Fails for what is nested deeper than 128 levels and for half of a surrogate pair, too.
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => return Line::Refused(refusal(&Value::Null, PARSE_ERROR, &format!("this is not JSON: {error}"))),
    };
    let has = |name: &str| value.get(name).is_some();
    let id = value.get("id").cloned().unwrap_or_default();
    // An answer to an answer could go back and forth for good.
    let is_answered = !(has("result") || has("error") || (has("method") && !has("id")));
    match serde_json::from_value(value) {
        Ok(message) => Line::Message(Box::new(message)),
        Err(_) if is_answered => {
            Line::Refused(refusal(&id, INVALID_REQUEST, "this is not a message of MCP in JSON-RPC 2.0"))
        }
        Err(_) => Line::Ignored,
    }
}

async fn write_line(output: &Output, mut line: Vec<u8>) -> io::Result<()> {
    line.push(b'\n');
    let mut output = output.lock().await;
    output.write_all(&line).await?;
    output.flush().await
}

/// A JSON-RPC error. `id` is that of the request, or null if it is unknown.
pub(crate) fn refusal(id: &Value, code: i32, message: &str) -> Value {
    let id = if id.is_string() || id.is_number() { id } else { &Value::Null };
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The code and the id of the answer to a line; `None` where there is none.
    fn refused(line: &[u8]) -> Option<(i64, Value)> {
        match read(line) {
            Line::Refused(answer) => Some((answer["error"]["code"].as_i64().unwrap(), answer["id"].clone())),
            Line::Message(_) | Line::Ignored => None,
        }
    }

    #[test]
    fn what_is_not_json_is_a_parse_error_without_an_id() {
        let deep = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{}1{}}}",
            "[".repeat(200),
            "]".repeat(200)
        );
        let lines: [&[u8]; 5] = [b"{", b"no json", b"{\"a\": \"\\ud800\"}", b"\xff\xfe", deep.as_bytes()];
        for line in lines {
            assert_eq!(refused(line), Some((i64::from(PARSE_ERROR), Value::Null)), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn json_that_is_not_a_message_is_an_invalid_request() {
        for (line, id) in [
            ("[]", Value::Null),
            ("3", Value::Null),
            ("{}", Value::Null),
            ("{\"id\": 7}", json!(7)),
            ("{\"jsonrpc\": \"2.0\", \"id\": 7, \"method\": 3}", json!(7)),
        ] {
            assert_eq!(refused(line.as_bytes()), Some((i64::from(INVALID_REQUEST), id)), "{line}");
        }
    }

    #[test]
    fn what_expects_no_answer_gets_none() {
        for line in ["", " \r", "\u{feff}", "{\"method\": 3}", "{\"jsonrpc\": \"2.0\", \"id\": null, \"error\": 3}"] {
            assert_eq!(refused(line.as_bytes()), None, "{line}");
        }
        let answer = refusal(&Value::Null, PARSE_ERROR, "x").to_string();
        assert_eq!(refused(answer.as_bytes()), None, "its own answer");
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_skipped_and_the_next_one_read() {
        let mut input = vec![b'x'; MAX_MESSAGE_BYTES + 1];
        input.extend_from_slice(b"\nshort\n");
        let mut input = tokio::io::BufReader::new(input.as_slice());
        let mut line = Vec::new();
        assert_eq!(read_line(&mut input, &mut line).await.unwrap(), Some(false));
        line.clear();
        assert_eq!(read_line(&mut input, &mut line).await.unwrap(), Some(true));
        assert_eq!(line, b"short");
        assert_eq!(read_line(&mut input, &mut line).await.unwrap(), None);
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in prop::collection::vec(any::<u8>(), 0..40), json in "[\\[\\]{}\":,a-z0-9 ]{0,40}") {
            let _ = (read(&line), read(json.as_bytes()));
        }
    }
}
