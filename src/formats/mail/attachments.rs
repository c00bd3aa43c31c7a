//! Files attached to messages, and their names.

use std::collections::HashSet;

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use crate::formats::InnerFile;

/// The most files of a message that are read.
pub(in crate::formats) const MAX_FILES: usize = 100;

/// The files of a message, and how many more there are.
pub(super) fn of(message: &Message, raw: &[u8]) -> (Vec<InnerFile>, usize) {
    let mut files = Vec::new();
    let mut names = HashSet::new();
    let mut left_out = 0;
    let parts = message.attachments.iter().filter_map(|id| message.parts.get(*id as usize));
    for (number, part) in (1_usize..).zip(parts.filter(|part| !is_decoration(part))) {
        let Some(bytes) = bytes(part, raw).filter(|bytes| !bytes.is_empty()) else { continue };
        if files.len() == MAX_FILES {
            left_out += 1;
            continue;
        }
        let name = unique(&mut names, &name(part, number));
        files.push(InnerFile { name, bytes: bytes.to_vec() });
    }
    (files, left_out)
}

fn bytes<'a>(part: &'a MessagePart, raw: &'a [u8]) -> Option<&'a [u8]> {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.as_bytes()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(bytes),
        // The raw message of a message that was encoded is its own; else it is that of the outer one.
        PartType::Message(message) if part.encoding != mail_parser::Encoding::None => Some(&message.raw_message),
        PartType::Message(_) => raw.get(part.offset_body as usize..part.offset_end as usize),
        PartType::Multipart(_) => None,
    }
}

/// An image that the text shows, a logo say.
fn is_decoration(part: &MessagePart) -> bool {
    let is_attached = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
    !is_attached && part.content_id().is_some() && part.content_type().is_some_and(|kind| kind.ctype() == "image")
}

/// The name of an attachment. One without an extension gets that of its type, for its reader is chosen by it.
fn name(part: &MessagePart, number: usize) -> String {
    let given = file_name(part.attachment_name().unwrap_or_default(), String::new);
    if given.contains('.') {
        return given;
    }
    if let PartType::Message(message) = &part.body {
        let subject = file_name(message.subject().unwrap_or_default(), || "message".to_owned());
        return format!("{subject}.eml");
    }
    let subtype = part.content_type().and_then(mail_parser::ContentType::subtype).unwrap_or_default();
    let extension = extension(&subtype.to_ascii_lowercase());
    if given.is_empty() { format!("attachment-{number}{extension}") } else { format!("{given}{extension}") }
}

/// The extension of files of a media type.
fn extension(subtype: &str) -> &'static str {
    match subtype {
        "plain" => ".txt",
        "html" => ".html",
        "pdf" => ".pdf",
        "csv" => ".csv",
        "markdown" => ".md",
        "json" => ".json",
        "rtf" => ".rtf",
        "rfc822" => ".eml",
        "epub+zip" => ".epub",
        "vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "vnd.openxmlformats-officedocument.presentationml.presentation" => ".pptx",
        "vnd.oasis.opendocument.text" => ".odt",
        "vnd.ms-outlook" => ".msg",
        _ => "",
    }
}

/// A name of a file without folders, or another if there is none.
pub(in crate::formats) fn file_name(name: &str, default: impl FnOnce() -> String) -> String {
    let clean = |name: &str| {
        let shown = name.chars().map(|c| if matches!(c, '/' | '\\') { '_' } else { c });
        shown.filter(|c| !c.is_control()).take(150).collect::<String>().trim().to_owned()
    };
    let cleaned = clean(name);
    if cleaned.is_empty() || cleaned == "." || cleaned == ".." { default() } else { cleaned }
}

/// A name that no other file has: `report (2).pdf`.
pub(in crate::formats) fn unique(names: &mut HashSet<String>, name: &str) -> String {
    let mut unique = name.to_owned();
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    let mut number = 2;
    while !names.insert(unique.clone()) {
        unique = format!("{stem} ({number}){extension}");
        number += 1;
    }
    unique
}
