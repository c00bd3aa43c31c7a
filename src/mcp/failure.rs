//! Errors of calls: text for the model where it can correct its call, otherwise errors of the protocol.

use rmcp::ErrorData;

use crate::display::clean;
use crate::error::Error;
use crate::error_report::ErrorReport;

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The library returned an error.
    Of(Error),
    /// There is a bug in the program.
    Panicked,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Of(error)
    }
}

impl Failure {
    /// For the model that made the call: what went wrong and, on the next line, what to do about it. The cause goes to the
    /// log.
    pub(super) fn text(&self) -> String {
        let (detail, hint) = match self {
            Self::Panicked => {
                tracing::error!("work for a request panicked; this is a bug in footnote");
                ("the server failed".to_owned(), Some("tell the user that the server's log says why".to_owned()))
            }
            Self::Of(error) => {
                let ErrorReport { detail, hint, .. } = ErrorReport::of(error);
                // The hints of the HTTP API name its routes and headers.
                let hint = match error {
                    Error::NotFound { kind: "document", .. } => {
                        Some("use an id that `search` or `list_documents` returned, with its collection".to_owned())
                    }
                    Error::Busy | Error::Cancelled => Some("try again in a moment".to_owned()),
                    _ => hint,
                };
                (detail, hint)
            }
        };
        let text = hint.map_or_else(|| format!("{detail}."), |hint| format!("{detail}.\nWhat to do: {hint}."));
        clean(&text).into_owned()
    }

    /// The answer to a request for the resource `uri`.
    pub(super) fn of_resource(self, uri: &str) -> ErrorData {
        match self {
            Self::Of(Error::NotFound { .. }) => unknown_resource(uri),
            Self::Of(Error::Input { .. }) => ErrorData::invalid_params(self.text(), None),
            _ => ErrorData::internal_error(self.text(), None),
        }
    }
}

/// The error for an unknown resource.
pub(super) fn unknown_resource(uri: &str) -> ErrorData {
    let hint = "resources are footnote://COLLECTION/ID, both percent-encoded; resources/list lists them";
    ErrorData::resource_not_found("no such resource", Some(serde_json::json!({"uri": uri, "hint": hint})))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_mistake_of_the_caller_is_explained_in_full_with_what_to_do() {
        let error = Error::Input { reason: "`top_k` is 0".into(), hint: "it must be between 1 and 50".into() };
        assert_eq!(Failure::Of(error).text(), "`top_k` is 0.\nWhat to do: it must be between 1 and 50.");
        let missing = Error::NotFound { kind: "document", id: "x".into() };
        assert!(Failure::Of(missing).text().contains("list_documents"));
        assert!(Failure::Of(Error::Busy).text().contains("try again"));
    }

    #[test]
    fn a_fault_of_the_server_names_no_file_and_no_cause() {
        let (path, said) = (PathBuf::from("/home/someone/secret.db"), "secret words".to_owned());
        for error in [
            Error::Corrupt { path: path.clone(), reason: said.clone() },
            Error::DiskFull { action: "write", path: path.clone() },
            Error::Locked { dir: path.clone(), holder: said.clone() },
            Error::ModelMismatch { dir: path, index: said.clone(), configured: said.clone() },
            Error::Model { model: said.clone(), reason: said.clone(), hint: said },
        ] {
            let text = Failure::Of(error).text();
            assert!(!text.contains("secret") && text.contains("What to do"), "{text}");
        }
    }
}
