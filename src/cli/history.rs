//! The file in which the prompt saves questions. Only its user can read it.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::config::Home;

/// The file's path; blank for none.
const VARIABLE: &str = "FOOTNOTE_HISTORY";

/// The file's path, whether it is there or not; `None` if there is none.
pub(super) fn path() -> Option<PathBuf> {
    path_of(std::env::var_os(VARIABLE), Home::of_user)
}

/// The file, whose folder is created; `None` if there is none.
pub(super) fn file() -> Option<PathBuf> {
    let file = path()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    match create(folder) {
        Ok(()) => Some(file),
        Err(error) => {
            tracing::info!("questions are not saved: cannot create {}: {error}", folder.display());
            None
        }
    }
}

/// The file's path by the environment; `home` is asked if no variable names it.
fn path_of(variable: Option<OsString>, home: impl FnOnce() -> Option<Home>) -> Option<PathBuf> {
    match variable.map(PathBuf::from) {
        Some(path) if path.as_os_str().is_empty() => None,
        Some(path) => std::path::absolute(path).ok(),
        None => Some(home()?.state.join("history")),
    }
}

fn create(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_names_the_file_and_blank_is_none() {
        let home = || Some(Home { config: "/c".into(), data: "/d".into(), state: "/s".into() });
        assert_eq!(path_of(Some("/a/b".into()), home), Some("/a/b".into()));
        assert_eq!(path_of(Some("".into()), home), None);
        assert_eq!(path_of(None, home), Some("/s/history".into()));
        assert_eq!(path_of(None, || None), None);
    }
}
