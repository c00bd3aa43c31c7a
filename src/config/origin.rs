//! Where settings come from: the file that is read, and the folder from which its relative paths are taken.

use std::path::{Path, PathBuf};

use super::home::Home;
use super::{CONFIG_VARIABLE, defaults};
use crate::suggest::nearest;

const FILE: &str = "config.toml";

/// The settings' file and folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// The file to read; `None` where the defaults hold.
    pub(super) file: Option<PathBuf>,
    /// The folder from which relative paths are taken.
    pub(super) base: PathBuf,
}

impl Origin {
    /// The file asked for, or that of `FOOTNOTE_CONFIG`, the current folder's, the user's own, or none.
    pub(super) fn find(asked: Option<&Path>, home: Option<Home>) -> Self {
        let from_environment = std::env::var_os(CONFIG_VARIABLE).map(PathBuf::from);
        Self::choose(asked.map(Path::to_owned).or(from_environment), Path::new(""), home)
    }

    fn choose(named: Option<PathBuf>, current: &Path, home: Option<Home>) -> Self {
        let here = || Some(current.join(FILE)).filter(|path| is_ours(path));
        if let Some(file) = named.or_else(here) {
            let base = file.parent().unwrap_or(Path::new("")).to_owned();
            return Self { file: Some(file), base };
        }
        match home {
            Some(home) => Self { file: Some(home.config_file()).filter(|path| path.is_file()), base: home.data },
            None => Self { file: None, base: current.to_owned() },
        }
    }
}

/// Whether a file of this name that nobody named is for Footnote: many programs have a `config.toml`. It is if it is empty or
/// cannot be read, which is told then, or if it has a section of Footnote's, even a misspelt one.
fn is_ours(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let Some(table) = std::fs::read_to_string(path).ok().and_then(|text| text.parse::<toml::Table>().ok()) else {
        return true;
    };
    let known = defaults();
    let is_known = |section: &String| nearest(section, known.keys().map(String::as_str)).is_some();
    let ours = table.is_empty() || table.keys().any(|section| known.contains_key(section) || is_known(section));
    if !ours {
        tracing::info!("{} has no section of Footnote's and is not read", path.display());
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(folder: &Path) -> Home {
        let of = |name: &str| folder.join(name);
        Home { config: of("config"), data: of("data"), state: of("state") }
    }

    #[test]
    fn a_named_file_comes_first_then_the_folder_s_then_the_user_s() {
        let folder = tempfile::tempdir().unwrap();
        let (current, home) = (folder.path().join("project"), home(folder.path()));
        std::fs::create_dir_all(&current).unwrap();
        std::fs::create_dir_all(&home.config).unwrap();
        let found = |named: Option<&str>| Origin::choose(named.map(PathBuf::from), &current, Some(home.clone()));

        assert_eq!(found(None), Origin { file: None, base: home.data.clone() });
        std::fs::write(home.config_file(), "").unwrap();
        assert_eq!(found(None), Origin { file: Some(home.config_file()), base: home.data.clone() });
        std::fs::write(current.join(FILE), "[ask]\ntop_k = 3").unwrap();
        assert_eq!(found(None), Origin { file: Some(current.join(FILE)), base: current.clone() });
        assert_eq!(found(Some("/etc/f/x.toml")), Origin { file: Some("/etc/f/x.toml".into()), base: "/etc/f".into() });
    }

    #[test]
    fn without_a_home_everything_is_in_the_current_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Origin::choose(None, folder.path(), None), Origin { file: None, base: folder.path().into() });
    }

    #[test]
    fn a_file_of_another_program_is_left_alone_and_a_damaged_or_misspelt_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        for (text, ours) in [
            ("baseURL = \"x\"\n[params]\nx = 1\n", false),
            ("", true),
            ("# nothing yet\n", true),
            ("[serverr]\nlisten = \"x\"\n", true),
            ("[glossary]\nFed = [\"聯準會\"]\n", true),
            ("[ask\n", true),
        ] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(is_ours(&file), ours, "{text}");
        }
        assert!(!is_ours(&folder.path().join("none.toml")));
    }
}
