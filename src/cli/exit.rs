//! How the process ends: the exit status that stands for an outcome, and an error put before people.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::Error;
use crate::display;

/// An exit status, as documented in `footnote --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Answered, or done.
    Done = 0,
    /// No passage for the question, or no such document.
    NothingFound = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The model is not to be had, or its files are not what they should be.
    Model = 3,
    /// The index is locked, of another model, or damaged.
    Index = 4,
    /// Some documents failed at ingest; the rest are in.
    SomeFailed = 5,
    /// Anything else.
    Other = 10,
    /// Stopped by Ctrl-C: 128 and the number of the signal, as shells have it.
    Interrupted = 130,
}

impl Exit {
    /// The number the system is given.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// What an error of the library ends the process with.
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
            _ => Self::Other,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Says on standard error what went wrong and what to do next, and gives the exit status for it.
///
/// A reader that has read enough (`footnote ls | head`) is no error: that ends quietly.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    // Only what the command line wrote itself is a bare I/O error; the library's name their file.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return Exit::Done;
    }
    let known = error.downcast_ref::<Error>();
    let message = match known {
        Some(error) => describe(error),
        None => format!("footnote: {}\n", display::clean(&format!("{error:#}"))),
    };
    // Standard error is the last resort: when it is closed too, the exit status still tells.
    let _ = io::stderr().lock().write_all(message.as_bytes());
    known.map_or(Exit::Other, Exit::of)
}

/// An error as it is shown: the message, then the hint on a line of its own.
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
