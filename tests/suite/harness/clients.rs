//! The Python that has the official clients in tests/clients/requirements.txt, and the folder with those in
//! tests/clients/package.json.

use std::path::PathBuf;

use super::needs::{Resource, needs};

/// The Python that `TESTS_CLIENTS_PYTHON` names; `None` if it names none.
pub(crate) fn client_python() -> Option<PathBuf> {
    let python = std::env::var_os("TESTS_CLIENTS_PYTHON").map(PathBuf::from);
    let missing = "TESTS_CLIENTS_PYTHON names no Python that has tests/clients/requirements.txt";
    needs(Resource::Clients, python.ok_or_else(|| missing.to_owned()))
}

/// The folder `node_modules` that `TESTS_CLIENTS_NODE` names; `None` if it names none.
pub(crate) fn client_modules() -> Option<PathBuf> {
    let modules = std::env::var_os("TESTS_CLIENTS_NODE").map(PathBuf::from);
    let missing = "TESTS_CLIENTS_NODE names no node_modules with the packages of tests/clients/package.json";
    needs(Resource::Node, modules.ok_or_else(|| missing.to_owned()))
}
