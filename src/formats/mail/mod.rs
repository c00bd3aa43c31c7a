//! E-mail: messages and mailboxes (EML, MBOX).

mod attachments;
mod body;
mod mbox;
mod message;
mod plain;
#[cfg(test)]
mod tests;

use super::{Contents, Failure, Options, Result};
use crate::passage::Format;

pub(super) use attachments::{MAX_FILES, file_name, unique};
pub(super) use body::add_html;
pub(super) use plain::add_plain;

/// The reader of messages, whatever file they are in.
pub(super) const READER: &str = super::versions::MAIL;

/// Reads a file of one of these formats.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    if format == Format::Mbox {
        return mbox::read(bytes, options);
    }
    let contents = message::read(Format::Eml, bytes, options)?;
    let is_unreadable = |document: &super::Extracted| document.text.is_empty() && message::is_encrypted(document);
    if contents.files.is_empty() && contents.documents.iter().all(is_unreadable) {
        return Err(Failure::new("is encrypted", "save it from a mail program that has its key, without encryption"));
    }
    Ok(contents)
}
