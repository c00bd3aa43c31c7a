//! The user's folders for Footnote, where the platform keeps such things: on Linux by the XDG Base Directory Specification.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

const NAME: &str = "footnote";

/// The user's folders. None of them need exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    /// Holds the user's settings: `config.toml`.
    pub(crate) config: PathBuf,
    /// Holds the index and the models.
    pub(crate) data: PathBuf,
    /// Holds the prompt's history.
    pub(crate) state: PathBuf,
}

impl Home {
    /// The folders of the user whose environment this is; `None` if it does not tell them, as in many services.
    pub(crate) fn of_user() -> Option<Self> {
        Self::of(&|name| std::env::var_os(name))
    }

    fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        // Relative paths must be ignored (XDG Base Directory Specification).
        let folder = |name: &str| variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
        let [config, data, state] = match std::env::consts::OS {
            "windows" => [folder("APPDATA")?, folder("LOCALAPPDATA")?, folder("LOCALAPPDATA")?],
            "macos" => {
                let support = folder("HOME")?.join("Library/Application Support");
                [support.clone(), support.clone(), support]
            }
            _ => {
                let xdg = |name: &str, default: &str| folder(name).or_else(|| Some(folder("HOME")?.join(default)));
                [
                    xdg("XDG_CONFIG_HOME", ".config")?,
                    xdg("XDG_DATA_HOME", ".local/share")?,
                    xdg("XDG_STATE_HOME", ".local/state")?,
                ]
            }
        };
        Some(Self { config: config.join(NAME), data: data.join(NAME), state: state.join(NAME) })
    }

    /// The user's settings file.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }
}

/// The models that came with the program, in an archive or a package: `../share/footnote/models` of the folder that the
/// program is in.
pub(super) fn packaged_models() -> Option<PathBuf> {
    models_of(&std::env::current_exe().ok()?)
}

fn models_of(program: &Path) -> Option<PathBuf> {
    let models = program.parent()?.parent()?.join("share").join(NAME).join("models");
    models.is_dir().then_some(models)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn models_that_came_with_the_program_are_found_wherever_that_is() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("bin/footnote");
        assert_eq!(models_of(&program), None);
        let models = dir.path().join("share/footnote/models");
        std::fs::create_dir_all(&models).unwrap();
        assert_eq!(models_of(&program), Some(models));
    }

    fn of(variables: &[(&str, &str)]) -> Option<Home> {
        Home::of(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn the_folders_are_where_the_platform_keeps_such() {
        let home = of(&[("HOME", "/h")]).unwrap();
        assert_eq!(home.config_file(), PathBuf::from("/h/.config/footnote/config.toml"));
        assert_eq!(home.data, PathBuf::from("/h/.local/share/footnote"));
        assert_eq!(home.state, PathBuf::from("/h/.local/state/footnote"));
    }

    #[test]
    fn xdg_variables_move_them_and_relative_ones_are_ignored() {
        let home =
            of(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/c"), ("XDG_DATA_HOME", "d"), ("XDG_STATE_HOME", "/s")]).unwrap();
        assert_eq!(home.config_file(), PathBuf::from("/c/footnote/config.toml"));
        assert_eq!(home.data, PathBuf::from("/h/.local/share/footnote"));
        assert_eq!(home.state, PathBuf::from("/s/footnote"));
    }

    #[test]
    fn without_a_home_there_are_none() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("HOME", "h")]), None);
        assert!(of(&[("XDG_CONFIG_HOME", "/c"), ("XDG_DATA_HOME", "/d"), ("XDG_STATE_HOME", "/s")]).is_some());
    }
}
