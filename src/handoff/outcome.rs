//! What became of documents, on its way back from a server: outcomes, and errors with the exit status, message and hint that they
//! had.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::footnote::{Ingested, Outcome};

/// An [`Ingested`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandedOutcome {
    id: String,
    title: String,
    outcome: HandedKind,
    notes: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HandedKind {
    Added(usize),
    Updated(usize),
    Unchanged,
    Removed,
    Skipped(String),
    Failed(Failure),
}

/// An [`Error`], as far as the command line needs it: its exit status, message and hint stay the same.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    Document { document: String, reason: String, hint: String },
    Model { model: String, reason: String, hint: String },
    ModelMismatch { dir: std::path::PathBuf, index: String, configured: String },
    NotFound { kind: String, id: String },
    Config { reason: String },
    Locked { dir: std::path::PathBuf, holder: String },
    Corrupt { path: std::path::PathBuf, reason: String },
    Damaged { path: std::path::PathBuf, document: String, reason: String },
    Incompatible { path: std::path::PathBuf, reason: String, hint: String },
    Input { reason: String, hint: String },
    Other { reason: String, hint: String },
}

impl From<&Ingested> for HandedOutcome {
    fn from(ingested: &Ingested) -> Self {
        let outcome = match &ingested.outcome {
            Outcome::Added(passages) => HandedKind::Added(*passages),
            Outcome::Updated(passages) => HandedKind::Updated(*passages),
            Outcome::Unchanged => HandedKind::Unchanged,
            Outcome::Removed => HandedKind::Removed,
            Outcome::Skipped(reason) => HandedKind::Skipped(reason.clone()),
            Outcome::Failed(error) => HandedKind::Failed(error.into()),
        };
        Self { id: ingested.id.clone(), title: ingested.title.clone(), outcome, notes: ingested.notes.clone() }
    }
}

impl From<HandedOutcome> for Ingested {
    fn from(handed: HandedOutcome) -> Self {
        let outcome = match handed.outcome {
            HandedKind::Added(passages) => Outcome::Added(passages),
            HandedKind::Updated(passages) => Outcome::Updated(passages),
            HandedKind::Unchanged => Outcome::Unchanged,
            HandedKind::Removed => Outcome::Removed,
            HandedKind::Skipped(reason) => Outcome::Skipped(reason),
            HandedKind::Failed(failure) => Outcome::Failed(failure.into()),
        };
        Self { id: handed.id, title: handed.title, outcome, notes: handed.notes }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::Document { document, reason, hint } => {
                Self::Document { document: document.clone(), reason: reason.clone(), hint: hint.clone() }
            }
            Error::Model { model, reason, hint } => {
                Self::Model { model: model.clone(), reason: reason.clone(), hint: hint.clone() }
            }
            Error::ModelMismatch { dir, index, configured } => {
                Self::ModelMismatch { dir: dir.clone(), index: index.clone(), configured: configured.clone() }
            }
            Error::NotFound { kind, id } => Self::NotFound { kind: (*kind).to_owned(), id: id.clone() },
            Error::Input { reason, hint } => Self::Input { reason: reason.clone(), hint: hint.clone() },
            Error::Config { reason } => Self::Config { reason: reason.clone() },
            Error::Locked { dir, holder } => Self::Locked { dir: dir.clone(), holder: holder.clone() },
            Error::Corrupt { path, reason } => Self::Corrupt { path: path.clone(), reason: reason.clone() },
            Error::Damaged { path, document, reason } => {
                Self::Damaged { path: path.clone(), document: document.clone(), reason: reason.clone() }
            }
            Error::Incompatible { path, reason, hint } => {
                Self::Incompatible { path: path.clone(), reason: reason.clone(), hint: hint.clone() }
            }
            other => Self::Other { reason: other.to_string(), hint: other.hint().unwrap_or_default() },
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Document { document, reason, hint } => Self::Document { document, reason, hint },
            Failure::Model { model, reason, hint } => Self::Model { model, reason, hint },
            Failure::ModelMismatch { dir, index, configured } => Self::ModelMismatch { dir, index, configured },
            Failure::NotFound { kind, id } => {
                let kind = ["collection", "model", "passage"].into_iter().find(|known| *known == kind);
                Self::NotFound { kind: kind.unwrap_or("document"), id }
            }
            Failure::Config { reason } => Self::Config { reason },
            Failure::Locked { dir, holder } => Self::Locked { dir, holder },
            Failure::Corrupt { path, reason } => Self::Corrupt { path, reason },
            Failure::Damaged { path, document, reason } => Self::Damaged { path, document, reason },
            Failure::Incompatible { path, reason, hint } => Self::Incompatible { path, reason, hint },
            Failure::Input { reason, hint } => Self::Input { reason, hint },
            Failure::Other { reason, hint } => Self::Server { reason, hint },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;

    #[test]
    fn an_outcome_and_its_error_arrive_as_they_were() {
        let text = || "t".to_owned();
        let errors = [
            Error::Document { document: text(), reason: text(), hint: text() },
            Error::Model { model: text(), reason: text(), hint: text() },
            Error::ModelMismatch { dir: "d".into(), index: text(), configured: text() },
            Error::NotFound { kind: "document", id: text() },
            Error::NotFound { kind: "collection", id: text() },
            Error::Config { reason: text() },
            Error::Locked { dir: "d".into(), holder: text() },
            Error::Corrupt { path: "p".into(), reason: text() },
            Error::Damaged { path: "p".into(), document: text(), reason: text() },
            Error::Incompatible { path: "p".into(), reason: text(), hint: text() },
            Error::Input { reason: text(), hint: text() },
            Error::Busy,
        ];
        for error in errors {
            let (message, hint) = (error.to_string(), error.hint());
            #[cfg(feature = "cli")]
            let exit = crate::cli::Exit::of(&error);
            let ingested = Ingested::new("a".into(), "b".into(), Outcome::Failed(error));
            let arrived = Ingested::from(
                serde_json::from_slice::<HandedOutcome>(&line(&HandedOutcome::from(&ingested))).unwrap(),
            );
            let Outcome::Failed(arrived) = arrived.outcome else { panic!("it failed") };
            assert_eq!((arrived.to_string(), arrived.hint()), (message, hint));
            #[cfg(feature = "cli")]
            assert_eq!(crate::cli::Exit::of(&arrived), exit);
        }
    }
}
