//! Reads a chat completion, streamed as server-sent events or whole, from the pieces in which it arrives.

use serde_json::Value;

use super::failure::Failure;

/// Longest line of a stream.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// How the model ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    /// By itself.
    Stop,
    /// At the limit of its output.
    Length,
    /// The stream ended before it did.
    Broken,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    Events,
    Whole,
}

/// A completion under way.
#[derive(Debug, Default)]
pub(super) struct Completion {
    kind: Kind,
    /// What has not been read: a line, or all of a whole response.
    rest: Vec<u8>,
    finish: Option<Finish>,
    /// Whether the stream said that it is at its end.
    is_done: bool,
    /// Whether anything was a completion.
    is_known: bool,
}

impl Completion {
    /// Reads a piece. Returns the text that it adds.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<String, Failure> {
        self.rest.extend_from_slice(piece);
        if self.kind == Kind::Unknown {
            let start =
                self.rest.iter().position(|byte| !byte.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(byte));
            let Some(start) = start else { return Ok(String::new()) };
            // Servers that do not stream ignore that they were asked to.
            self.kind = if self.rest[start] == b'{' { Kind::Whole } else { Kind::Events };
            self.rest.drain(..start);
        }
        if self.kind == Kind::Whole {
            return Ok(String::new());
        }
        let mut text = String::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.line(&line, &mut text)?;
        }
        if self.rest.len() > MAX_LINE_BYTES {
            return Err(Failure::garbled("a line of the response is longer than 1 MiB"));
        }
        Ok(text)
    }

    /// Whether nothing more is to come.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// The text that is left at the end of the response, and how the model ended.
    pub(super) fn finish(mut self) -> Result<(String, Finish), Failure> {
        let mut text = String::new();
        match self.kind {
            Kind::Unknown => return Err(Failure::garbled("the response is empty")),
            Kind::Events => {
                let line = std::mem::take(&mut self.rest);
                // A line that broke off is not JSON.
                if self.line(&line, &mut text).is_err() && !self.is_known {
                    return Err(Failure::garbled("the response is no stream of chat completion chunks"));
                }
            }
            Kind::Whole => {
                let json = serde_json::from_slice(&self.rest)
                    .map_err(|_| Failure::garbled("the response is neither a chat completion nor a stream of one"))?;
                self.chunk(&json, &mut text)?;
                // It came whole.
                self.finish.get_or_insert(Finish::Stop);
            }
        }
        if !self.is_known {
            return Err(Failure::garbled("the response has no `choices`"));
        }
        let ended = if self.is_done { Finish::Stop } else { Finish::Broken };
        Ok((text, self.finish.unwrap_or(ended)))
    }

    fn line(&mut self, line: &[u8], text: &mut String) -> Result<(), Failure> {
        let line = line.trim_ascii();
        // Comments, and fields other than the data, are passed over; so is the space before the data.
        let Some(data) = line.strip_prefix(b"data:") else {
            return match line.is_empty() || line.contains(&b':') || self.is_known {
                true => Ok(()),
                false => Err(Failure::garbled("the response is no stream of chat completion chunks")),
            };
        };
        let data = data.trim_ascii();
        if self.is_done || data.is_empty() {
            return Ok(());
        }
        if data == b"[DONE]" {
            self.is_done = true;
            return Ok(());
        }
        let json = serde_json::from_slice(data);
        let json = json.map_err(|_| Failure::garbled("a chunk of the response is not JSON in UTF-8"))?;
        self.chunk(&json, text)
    }

    fn chunk(&mut self, json: &Value, text: &mut String) -> Result<(), Failure> {
        let error = &json["error"];
        if !error.is_null() {
            let said = error["message"].as_str().or(error.as_str()).unwrap_or("an error without a message");
            return Err(Failure::refused(said));
        }
        let Some(choices) = json["choices"].as_array() else { return Ok(()) };
        self.is_known = true;
        let Some(choice) = choices.first() else { return Ok(()) };
        for content in [&choice["delta"]["content"], &choice["message"]["content"]] {
            text.push_str(content.as_str().unwrap_or_default());
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.finish = Some(if reason == "length" { Finish::Length } else { Finish::Stop });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::passage::WritingState;

    fn read(pieces: &[&[u8]]) -> Result<(String, Finish), Failure> {
        let mut completion = Completion::default();
        let mut all = String::new();
        for piece in pieces {
            all += &completion.push(piece)?;
        }
        let (rest, finish) = completion.finish()?;
        Ok((all + &rest, finish))
    }

    const STREAM: &str = ": comment\r\n\r\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\r\n\r\n\
        event: x\ndata:{\"choices\":[{\"delta\":{\"content\":\"降息\"}}]}\n\ndata: {\"choices\":[]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"兩次。\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    #[test]
    fn a_stream_is_the_same_however_it_is_cut() {
        for size in 1..STREAM.len() {
            let pieces: Vec<&[u8]> = STREAM.as_bytes().chunks(size).collect();
            assert_eq!(read(&pieces), Ok(("降息兩次。".into(), Finish::Stop)), "{size}");
        }
    }

    #[test]
    fn a_server_that_does_not_stream_is_understood() {
        let whole = br#" {"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}"#;
        assert_eq!(read(&[&whole[..9], &whole[9..]]), Ok(("a".into(), Finish::Length)));
        assert_eq!(read(&[br#"{"choices":[{"message":{"content":"a"}}]}"#]), Ok(("a".into(), Finish::Stop)));
    }

    #[test]
    fn a_stream_that_breaks_off_says_so() {
        let start = &STREAM.as_bytes()[..STREAM.find("data: {\"choices\":[]}").unwrap()];
        assert_eq!(read(&[start]), Ok(("降息".into(), Finish::Broken)));
        assert_eq!(read(&[start, b"data: {\"cho"]), Ok(("降息".into(), Finish::Broken)));
    }

    #[test]
    fn what_is_no_completion_is_refused() {
        for garbage in [
            &b""[..],
            b"   \n",
            b"<html>502 Bad Gateway</html>",
            b"{\"a\":1}",
            b"{\"choices\":",
            b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}\n\n",
            b"data: nonsense\n\n",
            b"\xff\xfe\x00\x00",
            b"data: \n\n",
        ] {
            assert_eq!(read(&[garbage]).unwrap_err().state, WritingState::Garbled, "{garbage:?}");
        }
        let mut completion = Completion::default();
        let huge = vec![b'a'; MAX_LINE_BYTES + 1];
        assert_eq!(completion.push(&huge).unwrap_err().state, WritingState::Garbled);
        let refused = read(&[b"data: {\"error\":{\"message\":\"no memory\"}}\n\n"]).unwrap_err();
        assert_eq!((refused.state, refused.detail.as_str()), (WritingState::Refused, "no memory"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..40) {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            let _ = read(&pieces);
        }
    }
}
