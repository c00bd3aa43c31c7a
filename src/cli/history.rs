//! The file in which the prompt saves questions. Only its user can read it.

use std::ffi::OsString;
use std::path::PathBuf;

/// The file's path; blank for none.
const VARIABLE: &str = "FOOTNOTE_HISTORY";

/// The file, whose folder is created; `None` if there is none.
pub(super) fn file() -> Option<PathBuf> {
    let file = path(&|name| std::env::var_os(name))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    match create(folder) {
        Ok(()) => Some(file),
        Err(error) => {
            tracing::info!("questions are not saved: cannot create {}: {error}", folder.display());
            None
        }
    }
}

/// The file's path by the environment.
fn path(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(path) = variable(VARIABLE) {
        let path = PathBuf::from(path);
        return if path.as_os_str().is_empty() { None } else { Some(std::path::absolute(path).ok()?) };
    }
    // Relative paths must be ignored (XDG Base Directory Specification).
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = match std::env::consts::OS {
        "windows" => folder("LOCALAPPDATA")?,
        "macos" => folder("HOME")?.join("Library/Application Support"),
        _ => folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?,
    };
    Some(state.join("footnote").join("history"))
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

    fn of(variables: &[(&str, &str)]) -> Option<PathBuf> {
        path(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn the_variable_names_the_file_and_blank_is_none() {
        assert_eq!(of(&[("FOOTNOTE_HISTORY", "/a/b"), ("HOME", "/h")]), Some("/a/b".into()));
        assert_eq!(of(&[("FOOTNOTE_HISTORY", ""), ("HOME", "/h")]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_it_the_file_is_where_the_platform_keeps_such() {
        assert_eq!(of(&[("HOME", "/h")]), Some("/h/.local/state/footnote/history".into()));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_STATE_HOME", "/s")]), Some("/s/footnote/history".into()));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_STATE_HOME", "s")]), Some("/h/.local/state/footnote/history".into()));
        assert_eq!(of(&[]), None);
    }
}
