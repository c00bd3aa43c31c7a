//! Checks of the model, its runtime and the dictionaries: whether they are installed and intact.

use crate::model::{ModelFiles, RerankerFiles};
use crate::model_store::{self, FileState};
use crate::{Config, Result};

use super::check::Check;
use super::machine::existing;
use crate::cli::Exit;

const PULL: &str = "`footnote models pull` downloads it; so does the first question or ingest";
const PULL_AGAIN: &str = "`footnote models pull --force` downloads it again";

const FORBIDDEN: &str = "[model] offline forbids fetching it";
const GET_OFFLINE: &str =
    "set [model] offline to false, or copy the models directory from a machine that has fetched it";

/// All checks of models.
pub(super) fn checks(config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    let installed = model_store::installed(&config.model);
    let whole = matches!(installed, Ok(Some(_)));
    let missing = missing_dictionaries(config);
    checks.push(folder(config, whole));
    checks.push(model(config, installed));
    checks.extend(dictionaries(config, &missing));
    let is_complete = whole && missing.is_empty();
    if !is_complete && !config.model.offline {
        checks.push(super::machine::fetcher());
    }
    checks.extend(reranker(config));
    checks.extend(recogniser(config));
    checks
}

/// The models that recognise characters, if the settings use them.
fn recogniser(config: &Config) -> Option<Check> {
    if !config.reader.recognises() {
        return None;
    }
    let name = "scans";
    Some(match model_store::recogniser(&config.model) {
        Err(error) => Check::failed(name, &error),
        Ok(found) if found.size_bytes.is_some() => {
            Check::well(name, format!("{} recognises the text of pages that have none", found.name))
        }
        Ok(found) => {
            let told = format!("{} is not in {}", found.name, config.model.dir.display());
            Check::note(name, told, "`footnote models pull` downloads it; so does the first scan")
        }
    })
}

/// Whether the models' folder can be written to.
fn folder(config: &Config, whole: bool) -> Check {
    let dir = &config.model.dir;
    let Some(there) = existing(dir) else {
        return Check::wrong(
            "models",
            Exit::Model,
            format!("{} cannot be created", dir.display()),
            "choose another [model] dir",
        );
    };
    // A temporary file, which leaves nothing behind.
    match tempfile::tempfile_in(&there) {
        Ok(_) => Check::well("models", format!("{} is writable", dir.display())),
        Err(error) if whole => {
            let told = format!("{} is not writable ({error}), but everything needed is installed", dir.display());
            Check::well("models", told)
        }
        Err(error) => {
            let told = format!("{} is not writable ({error}), and something is missing", dir.display());
            Check::wrong("models", Exit::Model, told, "make it writable, or choose another [model] dir")
        }
    }
}

fn model(config: &Config, installed: Result<Option<ModelFiles>>) -> Check {
    let of_user = !config.model.path.as_os_str().is_empty();
    let files = match installed {
        Ok(Some(files)) => files,
        Ok(None) => return not_installed(config, of_user),
        Err(error) => return Check::failed("model", &error),
    };
    if of_user {
        return match files.check(&files.runtime) {
            Ok(()) => Check::well("model", format!("{}, your own in {}", files.identity, config.model.path.display())),
            Err(error) => Check::failed("model", &error),
        };
    }
    match model_store::verify(&config.model, &config.model.name) {
        Err(error) => Check::failed("model", &error),
        Ok(found) => {
            let bad = found.iter().find(|file| file.state != FileState::Intact);
            match bad {
                Some(file) => {
                    let state = if file.state == FileState::Missing { "is missing" } else { "was altered" };
                    Check::wrong("model", Exit::Model, format!("{} {state}", file.path.display()), PULL_AGAIN)
                }
                None => {
                    Check::well("model", format!("{}; {} files are what was installed", files.identity, found.len()))
                }
            }
        }
    }
}

fn not_installed(config: &Config, of_user: bool) -> Check {
    let what = if of_user { "the ONNX Runtime that runs it".to_owned() } else { config.model.name.clone() };
    let told = format!("{what} is not in {}", config.model.dir.display());
    if config.model.offline {
        return Check::wrong("model", Exit::Model, format!("{told}, and {FORBIDDEN}"), GET_OFFLINE);
    }
    Check::note("model", told, PULL)
}

fn missing_dictionaries(config: &Config) -> Vec<String> {
    if !config.lexicon.dictionaries {
        return Vec::new();
    }
    let known = model_store::lexicons(&config.model).unwrap_or_default();
    known.into_iter().filter(|lexicon| lexicon.size_bytes.is_none()).map(|lexicon| lexicon.name).collect()
}

fn dictionaries(config: &Config, missing: &[String]) -> Vec<Check> {
    let name = "dictionaries";
    let mut checks: Vec<Check> = Vec::new();
    if !config.lexicon.dictionaries {
        checks.push(Check::well(name, "none wanted: [lexicon] dictionaries is false"));
    } else if missing.is_empty() {
        checks.push(Check::well(name, "installed"));
    } else {
        let told = format!(
            "{} not installed; words are not looked up in other languages, or not corrected",
            missing.join(", ")
        );
        checks.push(Check::note(name, told, "`footnote models pull` fetches them"));
    }
    for path in config.lexicon.files.iter().filter(|path| !path.is_file()) {
        let told = format!("[lexicon] files: {} is not there", path.display());
        checks.push(Check::wrong(name, Exit::Usage, told, "correct the path, or remove it"));
    }
    checks
}

/// The reranker's files, if a reranker is configured.
fn reranker(config: &Config) -> Option<Check> {
    let name = "reranker";
    let settings = &config.reranker;
    if !settings.is_set() {
        return None;
    }
    if settings.name.is_empty() {
        return Some(match RerankerFiles::of_user(&settings.path) {
            Ok(files) => Check::well(name, files.name),
            Err(error) => Check::failed(name, &error),
        });
    }
    Some(match model_store::installed_reranker(&config.model, &settings.name) {
        Err(error) => Check::failed(name, &error),
        Ok(Some(files)) => match files.check() {
            Ok(()) => Check::well(name, format!("{}; its files are what was installed", files.name)),
            Err(error) => Check::failed(name, &error),
        },
        Ok(None) => {
            let told = format!("{} is not in {}", settings.name, config.model.dir.display());
            if config.model.offline {
                return Some(Check::wrong(name, Exit::Model, format!("{told}, and {FORBIDDEN}"), GET_OFFLINE));
            }
            Check::note(name, told, PULL)
        }
    })
}
