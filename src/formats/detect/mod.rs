//! Tells the format of a file by its first bytes and its name.

mod content;
mod names;
mod package;

use super::{Failure, Result};
use crate::passage::Format;

/// The format of a file that a folder is walked for, by its name. Generated files, configuration and what is not a document
/// have none.
pub(crate) fn by_name(name: &str) -> Option<Format> {
    if names::is_generated(name) {
        return None;
    }
    names::of_documents(name)
}

/// The format of a file without a name, if its content shows that it is more than text.
#[cfg(feature = "cli")]
pub(crate) fn by_content(bytes: &[u8]) -> Option<Format> {
    content::kind(bytes, None).ok().flatten().filter(|format| !matches!(format, Format::Plain | Format::Markdown))
}

/// The format of a file that is to be read, by its content where that is unmistakable, else by its name.
///
/// # Errors
/// If nobody reads such files: the failure says what the file is and what to do.
pub(crate) fn of(name: &str, bytes: &[u8]) -> Result<Format> {
    let named = names::of_documents(name).or_else(|| names::of_other_texts(name));
    if let Some(found) = content::kind(bytes, named)? {
        return Ok(found);
    }
    if let Some(format) = named {
        // Nothing in it is of that format.
        let is_misnamed = names::is_binary(format) && !bytes.is_empty() && is_text(bytes);
        return Ok(if is_misnamed { Format::Plain } else { format });
    }
    if let Some(failure) = names::unreadable(name) {
        return Err(failure);
    }
    match names::extension(name) {
        Some(extension) => Err(Failure::new(
            format!("has an extension that is not known (.{extension})"),
            format!("if it is text, rename it to {name}.txt; {READABLE}"),
        )),
        None if is_text(bytes) => Ok(Format::Plain),
        None => Err(Failure::new("has no extension and is not UTF-8 text", format!("add its extension; {READABLE}"))),
    }
}

/// Why a file of this name cannot be read, if that is known before it is opened.
pub(crate) fn unreadable(name: &str) -> Option<Failure> {
    names::unreadable(name)
}

/// What a message says of the formats that can be read.
pub(crate) const READABLE: &str = "these can be read: PDF, Word, PowerPoint, Excel, OpenDocument, RTF, EPUB, HTML, mail \
                                   (.eml, .mbox, .msg), CSV, JSON, subtitles, text in many markups, source code, ZIP";

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests;
