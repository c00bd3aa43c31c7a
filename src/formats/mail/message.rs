//! One message: what its header says, its text, its files.

use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MimeHeaders};
use serde_json::{Map, Value};

use super::{READER, attachments, body};
use crate::formats::builder::Builder;
use crate::formats::html::hidden_note;
use crate::formats::text::encoding::{self, Hint};
use crate::formats::{Contents, Extracted, Failure, Options, Result};
use crate::passage::Format;

/// Messages inside messages, one in the other; the parser keeps them as deep as they are.
const MAX_NESTED: usize = 200;
/// The most recipients that are told.
const MAX_RECIPIENTS: usize = 100;

const ENCRYPTED: &str = "is encrypted, so its text is missing";

/// Reads a message as a document of `format` with files.
pub(super) fn read(format: Format, raw: &[u8], options: &Options) -> Result<Contents> {
    if count_nested(raw) > MAX_NESTED {
        return Err(Failure::new(
            format!("has more than {MAX_NESTED} messages inside it"),
            "save the messages one by one",
        ));
    }
    let message = MessageParser::default().parse(raw).filter(is_message).ok_or_else(|| {
        Failure::new("is not an e-mail message (no header)", "check that its extension fits its content")
    })?;
    let mut builder = Builder::new(READER, options.max_text_bytes);
    let mut notes = Vec::new();
    let body = body::add(&mut builder, &message, raw, &mut notes)?;
    let (text, layout) = builder.finish();
    notes.extend(hidden_note(body.hidden_chars));
    let (files, left_out) = attachments::of(&message, raw);
    if left_out > 0 {
        notes.push(format!("has more than {} attachments; {left_out} were not read", attachments::MAX_FILES));
    }
    if text.is_empty() && message.parts.iter().any(is_sealed) {
        notes.push(ENCRYPTED.to_owned());
    }
    let headers = Headers { message: &message, raw, charset: body.charset.as_deref() };
    let from = headers.people(&HeaderName::From, message.from());
    Ok(Contents {
        documents: vec![Extracted {
            format,
            text,
            layout,
            title: headers.text(&HeaderName::Subject, message.subject()),
            author: message.from().and_then(Address::first).and_then(|first| {
                let name = first.name().filter(|name| !name.trim().is_empty());
                let name =
                    name.map(|name| headers.repaired(&HeaderName::From, name).unwrap_or_else(|| name.to_owned()));
                name.or_else(|| first.address().map(str::to_owned))
            }),
            published: message.date().filter(|date| date.is_valid()).map(mail_parser::DateTime::to_rfc3339),
            language: message.root_part().content_language().as_text().map(str::to_owned),
            metadata: headers.metadata(&from),
            notes,
            ..Extracted::default()
        }],
        files,
    })
}

/// Whether its text is missing because it is encrypted.
pub(super) fn is_encrypted(document: &Extracted) -> bool {
    document.notes.iter().any(|note| note == ENCRYPTED)
}

fn is_sealed(part: &mail_parser::MessagePart) -> bool {
    part.is_content_type("multipart", "encrypted")
        || part.is_content_type("application", "pkcs7-mime")
        || part.is_content_type("application", "x-pkcs7-mime")
}

/// Whether its header has a field of a message.
fn is_message(message: &Message) -> bool {
    let is_known = |name: &HeaderName| {
        matches!(
            name,
            HeaderName::From
                | HeaderName::Sender
                | HeaderName::To
                | HeaderName::Subject
                | HeaderName::Date
                | HeaderName::MessageId
                | HeaderName::Received
                | HeaderName::MimeVersion
                | HeaderName::ContentType
        )
    };
    message.headers().iter().any(|header| is_known(&header.name))
}

/// How many parts declare that they are messages.
fn count_nested(raw: &[u8]) -> usize {
    const KIND: &[u8] = b"message/";
    raw.windows(KIND.len()).filter(|window| window.eq_ignore_ascii_case(KIND)).count()
}

/// The header of a message.
struct Headers<'a> {
    message: &'a Message<'a>,
    raw: &'a [u8],
    /// The encoding of its text, which a header without a declaration probably has too.
    charset: Option<&'a str>,
}

impl Headers<'_> {
    fn text(&self, name: &HeaderName, parsed: Option<&str>) -> Option<String> {
        let parsed = parsed.map(str::trim).filter(|text| !text.is_empty())?;
        Some(self.repaired(name, parsed).unwrap_or_else(|| parsed.to_owned()))
    }

    /// The text of a header that is written in an encoding without saying so. Of an address only the name is wanted.
    fn repaired(&self, name: &HeaderName, parsed: &str) -> Option<String> {
        if !parsed.contains('\u{fffd}') {
            return None;
        }
        let header = self.message.headers().iter().rev().find(|header| header.name == *name)?;
        let raw = self.raw.get(header.offset_start as usize..header.offset_end as usize)?;
        let decoded = encoding::decode(raw, Hint::declared(self.charset)).ok()?;
        let text = decoded.text.split('<').next().unwrap_or_default().replace(['"', '\r', '\n'], "");
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn people(&self, name: &HeaderName, address: Option<&Address>) -> Vec<String> {
        let Some(address) = address else { return Vec::new() };
        let write = |one: &mail_parser::Addr| match (one.name().map(str::trim), one.address()) {
            (Some(name), Some(address)) if !name.is_empty() && name != address => Some(format!("{name} <{address}>")),
            (_, Some(address)) => Some(address.to_owned()),
            (Some(name), None) => Some(name.to_owned()),
            (None, None) => None,
        };
        let mut all: Vec<String> = address.iter().take(MAX_RECIPIENTS).filter_map(write).collect();
        if let [only] = all.as_mut_slice()
            && let Some(name) = self.repaired(name, only)
        {
            let address = address.first().and_then(|first| first.address()).unwrap_or_default();
            *only = format!("{name} <{address}>");
        }
        all
    }

    fn metadata(&self, from: &[String]) -> Map<String, Value> {
        let message = self.message;
        let mut all = Map::new();
        if let Some(from) = from.first() {
            all.insert("from".to_owned(), from.clone().into());
        }
        for (name, header, address) in [("to", HeaderName::To, message.to()), ("cc", HeaderName::Cc, message.cc())] {
            let people = self.people(&header, address);
            if !people.is_empty() {
                all.insert(name.to_owned(), people.into());
            }
        }
        let reply = match message.in_reply_to() {
            HeaderValue::TextList(ids) => ids.first().map(|id| &**id),
            value => value.as_text(),
        };
        for (name, id) in [("message_id", message.message_id()), ("in_reply_to", reply)] {
            if let Some(id) = id.map(str::trim).filter(|id| !id.is_empty()) {
                all.insert(name.to_owned(), id.into());
            }
        }
        all
    }
}
