//! The exit status, and how an error is printed.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::Error;
use crate::display;

/// An exit status, as documented in `footnote --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Answered, or done.
    Done = 0,
    /// No passage for the question, or no such document; or a checked sentence is not supported.
    NothingFound = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The model is missing or unusable.
    Model = 3,
    /// The index is locked, damaged, or built with another model.
    Index = 4,
    /// Some documents failed; the others were added.
    SomeFailed = 5,
    /// Any other error.
    Other = 10,
    /// Ctrl-C: 128 and the number of the signal, as in shells.
    Interrupted = 130,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// The exit status for an error.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::NotFound { kind: "model", .. } | Error::Model { .. } => Self::Model,
            Error::NotFound { .. } => Self::NothingFound,
            Error::Config { .. } | Error::Input { .. } => Self::Usage,
            Error::ModelMismatch { .. }
            | Error::Incompatible { .. }
            | Error::Locked { .. }
            | Error::Corrupt { .. }
            | Error::Damaged { .. } => Self::Index,
            Error::Document { .. } => Self::SomeFailed,
            Error::Collection { source, .. } => Self::of(source),
            _ => Self::Other,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Prints an error with its hint on standard error, and returns the exit status.
///
/// A closed pipe (`footnote ls | head`) is not an error.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    // Only the command line's own output gives a bare I/O error; the library's errors name their file.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return Exit::Done;
    }
    let known = error.downcast_ref::<Error>();
    let message = match known {
        Some(error) => describe(error),
        None => format!("footnote: {}\n", display::clean(&format!("{error:#}"))),
    };
    // If standard error is closed too, the exit status remains.
    let _ = io::stderr().lock().write_all(message.as_bytes());
    known.map_or(Exit::Other, Exit::of)
}

/// An error as it is printed: the message, then the hint on its own line.
pub(crate) fn describe(error: &Error) -> String {
    let mut text = format!("footnote: {}\n", display::clean(&error.to_string()));
    if let Some(hint) = error.hint() {
        text.push_str("  hint: ");
        text.push_str(&display::clean(&hint));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_found(kind: &'static str) -> Error {
        Error::NotFound { kind, id: "x".into() }
    }

    #[test]
    fn every_kind_of_error_has_the_exit_status_that_the_help_promises() {
        let path = || std::path::PathBuf::from("p");
        let text = || "t".to_owned();
        let cases = [
            (not_found("document"), 1),
            (not_found("model"), 3),
            (Error::Config { reason: text() }, 2),
            (Error::Input { reason: text(), hint: text() }, 2),
            (Error::Model { model: text(), reason: text(), hint: text() }, 3),
            (Error::Locked { dir: path(), holder: text() }, 4),
            (Error::ModelMismatch { dir: path(), index: text(), configured: text() }, 4),
            (Error::Corrupt { path: path(), reason: text() }, 4),
            (Error::Corrupt { path: path(), reason: text() }.of_collection(Some("news")), 4),
            (Error::Document { document: text(), reason: text(), hint: text() }, 5),
            (Error::Busy, 10),
            (Error::Embedding { reason: text() }, 10),
        ];
        for (error, code) in cases {
            assert_eq!(Exit::of(&error).code(), code, "{error}");
        }
    }

    #[test]
    fn an_error_is_a_message_and_a_hint() {
        assert_eq!(
            describe(&not_found("document")),
            "footnote: no document `x`\n  hint: `footnote ls` lists the documents\n"
        );
        assert_eq!(describe(&Error::Config { reason: "bad".into() }), "footnote: configuration: bad\n");
    }

    #[test]
    fn an_error_that_quotes_a_document_cannot_drive_the_terminal() {
        let error = Error::NotFound { kind: "document", id: "\u{1b}]0;owned\u{7}".into() };
        assert!(!describe(&error).contains(['\u{1b}', '\u{7}']));
    }

    #[test]
    fn a_reader_that_has_read_enough_is_no_error() {
        let closed = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(report(&closed), Exit::Done);
    }
}
