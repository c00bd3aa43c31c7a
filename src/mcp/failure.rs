//! What a client is told when something goes wrong: everything where the mistake is its own, no cause where it is not.

use std::error::Error as _;

use rmcp::ErrorData;

use crate::error::Error;

/// Why a call came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The façade said so.
    Of(Error),
    /// There is a mistake in the program.
    Panicked,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Of(error)
    }
}

impl Failure {
    /// For the model that called: what went wrong and, on a line of its own, what to do about it. Also logs what the
    /// client is not told.
    pub(super) fn told(&self) -> String {
        let (what, hint) = match self {
            Self::Panicked => {
                tracing::error!("work for a request panicked; this is a bug in footnote");
                internal()
            }
            Self::Of(error @ Error::NotFound { kind: "document", .. }) => (
                error.to_string(),
                Some("take an id from `search` or `list_documents`, with its collection".to_owned()),
            ),
            Self::Of(
                error @ (Error::Input { .. }
                | Error::NotFound { .. }
                | Error::Document { .. }
                | Error::Busy
                | Error::Cancelled),
            ) => (error.to_string(), error.hint()),
            Self::Of(error) => {
                tracing::error!(cause = error.source(), "{error}");
                match error {
                    Error::Model { .. } => ("the model cannot be used".to_owned(), internal().1),
                    Error::ModelMismatch { .. } => {
                        ("the index was made with another model than is configured".to_owned(), error.hint())
                    }
                    _ => internal(),
                }
            }
        };
        hint.map_or_else(|| format!("{what}."), |hint| format!("{what}.\nWhat to do: {hint}."))
    }

    /// As the answer to a request for the resource `uri`.
    pub(super) fn of_resource(self, uri: &str) -> ErrorData {
        match self {
            Self::Of(Error::NotFound { .. }) => unknown_resource(uri),
            Self::Of(Error::Input { .. }) => ErrorData::invalid_params(self.told(), None),
            _ => ErrorData::internal_error(self.told(), None),
        }
    }
}

/// There is no such resource.
pub(super) fn unknown_resource(uri: &str) -> ErrorData {
    let hint = "resources are footnote://COLLECTION/ID, both percent-encoded; resources/list has those there are";
    ErrorData::resource_not_found("no such resource", Some(serde_json::json!({"uri": uri, "hint": hint})))
}

fn internal() -> (String, Option<String>) {
    ("the server failed".to_owned(), Some("tell the user that the server's log says why".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_mistake_of_the_caller_is_told_in_full_with_what_to_do() {
        let error = Error::Input { reason: "`top_k` is 0".into(), hint: "it may be from 1 to 50".into() };
        assert_eq!(Failure::Of(error).told(), "`top_k` is 0.\nWhat to do: it may be from 1 to 50.");
        let missing = Error::NotFound { kind: "document", id: "x".into() };
        assert!(Failure::Of(missing).told().contains("list_documents"));
        assert!(Failure::Of(Error::Busy).told().contains("try again"));
    }

    #[test]
    fn a_fault_of_the_server_names_no_file_and_no_cause() {
        let (path, said) = (PathBuf::from("/home/someone/secret.db"), "secret words".to_owned());
        for error in [
            Error::Corrupt { path: path.clone(), reason: said.clone() },
            Error::Locked { dir: path.clone(), holder: said.clone() },
            Error::ModelMismatch { dir: path, index: said.clone(), configured: said.clone() },
            Error::Model { model: said.clone(), reason: said.clone(), hint: said },
        ] {
            let told = Failure::Of(error).told();
            assert!(!told.contains("secret") && told.contains("What to do"), "{told}");
        }
    }
}
