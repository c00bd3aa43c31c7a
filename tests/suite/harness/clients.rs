//! The Python that has the official clients in tests/clients/requirements.txt.

use std::path::PathBuf;

/// The Python that `FOOTNOTE_CLIENTS_PYTHON` names; without one a line says that the test is skipped.
pub(crate) fn client_python() -> Option<PathBuf> {
    let python = std::env::var_os("FOOTNOTE_CLIENTS_PYTHON").map(PathBuf::from);
    if python.is_none() {
        println!("skipped: FOOTNOTE_CLIENTS_PYTHON names no Python that has tests/clients/requirements.txt");
    }
    python
}
