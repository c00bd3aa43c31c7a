//! The Python that has the official clients in tests/clients/requirements.txt.

use std::path::PathBuf;

use super::needs::{Resource, needs};

/// The Python that `TESTS_CLIENTS_PYTHON` names; `None` if it names none.
pub(crate) fn client_python() -> Option<PathBuf> {
    let python = std::env::var_os("TESTS_CLIENTS_PYTHON").map(PathBuf::from);
    let missing = "TESTS_CLIENTS_PYTHON names no Python that has tests/clients/requirements.txt";
    needs(Resource::Clients, python.ok_or_else(|| missing.to_owned()))
}
