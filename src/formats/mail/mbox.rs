//! Mailboxes: messages one after the other, each behind a line that starts with `From `.

use std::borrow::Cow;
use std::collections::HashMap;

use super::message;
use crate::formats::{Contents, Failure, Options, Result};
use crate::passage::Format;

/// Reads a mailbox: each message is a document, identified by its Message-ID or its number.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    if !bytes.starts_with(b"From ") {
        return Err(Failure::new(
            "is not a mailbox (its first line does not start with \"From \")",
            "if it is a single message, name it .eml",
        ));
    }
    let mut all = Contents::default();
    let mut unreadable = 0;
    let mut parts: HashMap<String, usize> = HashMap::new();
    for (number, raw) in (1_usize..).zip(messages(bytes)) {
        let Ok(contents) = message::read(Format::Mbox, &unescape(raw), options) else {
            unreadable += 1;
            continue;
        };
        let (mut documents, mut files) = (contents.documents, contents.files);
        let id = documents.first().and_then(|document| document.metadata.get("message_id"));
        let mut part = id.and_then(|id| id.as_str()).map_or_else(|| number.to_string(), str::to_owned);
        let times = parts.entry(part.clone()).or_default();
        *times += 1;
        if *times > 1 {
            part = format!("{part} ({times})");
        }
        files.iter_mut().for_each(|file| file.name = format!("{part}/{}", file.name));
        documents.iter_mut().for_each(|document| document.part.clone_from(&part));
        all.documents.append(&mut documents);
        all.files.append(&mut files);
    }
    match all.documents.first_mut() {
        None => Err(Failure::new("has no message that can be read", "check that it is a mailbox in mbox format")),
        Some(first) => {
            if unreadable > 0 {
                first.incomplete = true;
                first.notes.push(format!("is of a mailbox in which {unreadable} messages could not be read"));
            }
            Ok(all)
        }
    }
}

/// The messages of a mailbox, without the lines that separate them.
fn messages(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = line_length(rest);
        let mut end = start;
        let mut is_after_blank = false;
        while let Some(line) = rest.get(end..end + line_length(rest.get(end..).unwrap_or_default())) {
            if line.is_empty() || (is_after_blank && is_separator(line)) {
                break;
            }
            is_after_blank = line.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
            end += line.len();
        }
        let message = rest.get(start..end).unwrap_or_default();
        rest = rest.get(end..).unwrap_or_default();
        Some(message)
    })
}

/// The length of the first line with its end.
fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
}

/// Whether a line starts a message: `From `, a sender and a date. A sentence may start with "From", too.
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let rest = String::from_utf8_lossy(rest.get(..200).unwrap_or(rest));
    let has_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let has_time = |word: &str| word.contains(':') && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    rest.split_whitespace().any(has_year) && rest.split_whitespace().any(has_time)
}

/// Takes the mark off lines of a message that would look like the start of one.
fn unescape(message: &[u8]) -> Cow<'_, [u8]> {
    let is_escaped = |line: &[u8]| {
        line.first() == Some(&b'>')
            && line
                .iter()
                .position(|byte| *byte != b'>')
                .and_then(|at| line.get(at..))
                .is_some_and(|rest| rest.starts_with(b"From "))
    };
    if !message.windows(6).any(|window| window == b">From ") {
        return Cow::Borrowed(message);
    }
    let lines = message.split_inclusive(|byte| *byte == b'\n');
    Cow::Owned(lines.flat_map(|line| line.get(usize::from(is_escaped(line))..).unwrap_or_default()).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_with_a_date_starts_a_message() {
        let mailbox = b"From a@b Thu Nov 26 06:49:29 2026\nA: 1\n\nFrom here on\n\n>From x\n>>From y\n\nFrom - Thu Nov 26 06:49:29 2026\nB: 2\n";
        let all: Vec<_> =
            messages(mailbox).map(|message| String::from_utf8(unescape(message).into()).unwrap()).collect();
        assert_eq!(all, ["A: 1\n\nFrom here on\n\nFrom x\n>From y\n\n", "B: 2\n"]);
    }
}
