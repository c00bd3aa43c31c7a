//! The text of a message, from the parts that hold it.

use std::collections::HashMap;

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{Encoding, Message, MessagePart, MessagePartId, MimeHeaders, PartType};

use super::plain::{Flowed, add_plain, introduces, is_earlier_header};
use crate::formats::Result;
use crate::formats::builder::Builder;
use crate::formats::html;
use crate::formats::text::encoding::{self, Hint};
use crate::passage::At;

/// Parts that lie deeper have the number of the part that they lie in.
const MAX_PATH_DEPTH: usize = 32;
/// A plain text that is shorter, in characters, may only say that there is HTML.
const SHORT_CHARS: usize = 300;

/// What is known of a text besides the text.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) hidden_chars: usize,
    /// The encoding that its first part declares.
    pub(super) charset: Option<String>,
}

/// Adds the text of `message` to `builder`.
pub(super) fn add(builder: &mut Builder, message: &Message, raw: &[u8], notes: &mut Vec<String>) -> Result<Body> {
    let paths = paths(message);
    let mut body = Body::default();
    let parts = if is_plain_enough(message) { &message.text_body } else { &message.html_body };
    for id in parts {
        let Some(part) = message.parts.get(*id as usize) else { continue };
        let path = paths.get(id).map_or("1", String::as_str);
        let charset = attribute(part, "charset");
        match &part.body {
            PartType::Text(text) => {
                let text = decoded(part, text, raw, charset, notes);
                let format = attribute(part, "format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
                let del_sp = attribute(part, "delsp").is_some_and(|value| value.eq_ignore_ascii_case("yes"));
                add_plain(builder, &text, path, format.then_some(Flowed { del_sp }))?;
            }
            PartType::Html(text) => {
                body.hidden_chars += add_html(builder, &decoded(part, text, raw, charset, notes), path)?;
            }
            _ => {}
        }
        body.charset = body.charset.or_else(|| charset.map(str::to_owned));
    }
    Ok(body)
}

/// Adds HTML to a text. Returns the number of hidden characters, which are left out.
pub(in crate::formats) fn add_html(builder: &mut Builder, text: &str, path: &str) -> Result<usize> {
    let walked = html::walk(&html::tokenize(text, html::is_xhtml(text))?, true, &html::HiddenClasses::new());
    let mut is_earlier = false;
    for (at, block) in walked.blocks.iter().enumerate() {
        let is_before_quotation = || walked.blocks.get(at + 1).is_some_and(|next| next.quoted);
        is_earlier |= is_earlier_header(&block.text);
        let quoted = is_earlier || block.quoted || (introduces(&block.text) && is_before_quotation());
        html::add(builder, block, || At::Part { path: path.to_owned(), quoted })?;
    }
    Ok(walked.hidden_chars)
}

/// Whether the plain text is the message, not just a word about the HTML.
fn is_plain_enough(message: &Message) -> bool {
    let text = |ids: &[MessagePartId]| {
        let parts = ids.iter().filter_map(|id| message.parts.get(*id as usize));
        let text = |part: &MessagePart| match &part.body {
            PartType::Text(text) | PartType::Html(text) => (text.trim().to_owned(), part.is_text_html()),
            _ => Default::default(),
        };
        parts.map(text).collect::<Vec<_>>()
    };
    let (plain, html) = (text(&message.text_body), text(&message.html_body));
    let chars: usize = plain.iter().map(|(text, _)| text.chars().count()).sum();
    let has_html = html.iter().any(|(text, is_html)| *is_html && !text.is_empty());
    let speaks_of_html = || plain.iter().any(|(text, _)| text.to_ascii_lowercase().contains("html"));
    !has_html || chars >= SHORT_CHARS || (chars > 0 && !speaks_of_html())
}

fn attribute<'a>(part: &'a MessagePart, name: &str) -> Option<&'a str> {
    part.content_type().and_then(|kind| kind.attribute(name))
}

/// The text of a part. The parser decodes what is declared; the rest is decoded by what it looks like.
fn decoded(part: &MessagePart, parsed: &str, raw: &[u8], charset: Option<&str>, notes: &mut Vec<String>) -> String {
    let is_declared = charset.is_some_and(|charset| {
        !matches!(
            charset.to_ascii_lowercase().as_str(),
            "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "default"
        )
    });
    if parsed.is_ascii() || (is_declared && !parsed.contains('\u{fffd}')) {
        return parsed.to_owned();
    }
    let Some(bytes) = raw.get(part.offset_body as usize..part.offset_end as usize) else { return parsed.to_owned() };
    let bytes = match part.encoding {
        Encoding::None => Some(bytes.to_vec()),
        Encoding::Base64 => base64_decode(bytes),
        Encoding::QuotedPrintable => quoted_printable_decode(bytes),
    };
    let label = charset.filter(|_| is_declared);
    let decode = |bytes: Vec<u8>| match part.body {
        PartType::Html(_) => html::decode(&bytes, label).ok(),
        _ => encoding::decode(&bytes, Hint::declared(label)).ok(),
    };
    match bytes.and_then(decode) {
        Some(decoded) => {
            notes.extend(decoded.notes());
            decoded.text
        }
        None => parsed.to_owned(),
    }
}

/// The numbers of the parts of a message, as IMAP counts them.
fn paths(message: &Message) -> HashMap<MessagePartId, String> {
    let mut paths = HashMap::new();
    let mut waiting = vec![(0, String::new(), 0)];
    while let Some((id, path, depth)) = waiting.pop() {
        let Some(part) = message.parts.get(id as usize) else { continue };
        let PartType::Multipart(children) = &part.body else {
            paths.entry(id).or_insert(if path.is_empty() { "1".to_owned() } else { path });
            continue;
        };
        for (number, child) in (1..).zip(children) {
            // A part comes after the one that holds it, so this ends.
            if *child > id {
                let path = match (depth, path.is_empty()) {
                    (MAX_PATH_DEPTH.., _) => path.clone(),
                    (_, true) => format!("{number}"),
                    (_, false) => format!("{path}.{number}"),
                };
                waiting.push((*child, path, depth + 1));
            }
        }
    }
    paths
}
