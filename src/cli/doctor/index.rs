//! Checks of the index: whether it can be read, its model, and who writes to it.

use crate::config::IndexEngine;
use crate::footnote::{Status, writer};
use crate::library::check_exists;
use crate::{Config, Error, Footnote, Result, model_store};

use super::check::Check;
use crate::cli::facts::counted;

/// All checks of the configured collection. It is only read, and no model is loaded.
pub(super) fn checks(config: &Config) -> Vec<Check> {
    let mut checks = of_index(config);
    checks.extend(open_key(config));
    checks
}

fn of_index(config: &Config) -> Vec<Check> {
    if let Err(error) = check_exists(&config.index) {
        return vec![Check::failed("index", &error)];
    }
    let opened: Result<(Footnote, Status)> = Footnote::open_read_only(config).and_then(|footnote| {
        let status = footnote.status()?;
        Ok((footnote, status))
    });
    let (footnote, status) = match opened {
        Ok(opened) => opened,
        Err(error) => return vec![Check::failed("index", &error), lock(config)],
    };
    let place = format!("{} in {}", status.collection, status.dir.display());
    if status.documents == 0 {
        let told = format!("{place} is empty");
        return vec![
            Check::note("index", told, "`footnote ingest PATH` reads files and folders into it"),
            lock(config),
        ];
    }
    let size = format!("{} and {}", counted(status.documents, "document"), counted(status.passages, "passage"));
    let mut checks = vec![Check::well("index", format!("{place}: {size}; `footnote verify` checks them"))];
    checks.extend(fingerprint(config, &footnote, &status));
    checks.push(derived(&footnote, &status));
    checks.extend(cluster(&footnote, &status));
    checks.extend(reindex(&footnote, &status));
    checks.push(lock(config));
    checks
}

/// Whether the model that the index was built with can be used, which need not be the configured one.
fn fingerprint(config: &Config, footnote: &Footnote, status: &Status) -> Option<Check> {
    let index = status.model.as_ref()?;
    let configured = model_store::installed(&config.model).ok().flatten()?.identity;
    Some(if index.fingerprint == configured.fingerprint {
        Check::well("fingerprint", format!("the index was built with {index}, as configured"))
    } else if footnote.has_model().unwrap_or(false) {
        Check::note(
            "fingerprint",
            format!("the index was built with {index}, which is used; the settings name {configured}"),
            "`footnote reindex` embeds it again with the configured model; or name the index's model in [model]",
        )
    } else {
        let error = crate::Error::ModelMismatch {
            dir: status.dir.clone(),
            index: index.to_string(),
            configured: configured.to_string(),
        };
        Check::failed("fingerprint", &error)
    })
}

/// Whether the cluster answers in which the index is; `None` if it is in none.
fn cluster(footnote: &Footnote, status: &Status) -> Option<Check> {
    if status.index.engine == IndexEngine::Embedded {
        return None;
    }
    let name = status.index.cluster_collection.as_deref().unwrap_or("nothing yet");
    Some(match footnote.describe_cluster() {
        Ok(told) => Check::well("cluster", format!("{told} has {name}; `footnote verify` compares it")),
        Err(error) => Check::failed("cluster", &error),
    })
}

/// A key of the cluster that others in the network can read; `None` if there is none.
fn open_key(config: &Config) -> Option<Check> {
    config.qdrant.sends_key_openly().then(|| {
        Check::note(
            "cluster",
            "the API key of the Qdrant cluster crosses the network unencrypted",
            "use an https address in [qdrant] url",
        )
    })
}

/// Whether the index on disk is intact and up to date.
fn derived(footnote: &Footnote, status: &Status) -> Check {
    let name = "derived";
    match footnote.damaged_files().as_slice() {
        [] if status.behind == 0 => Check::well(name, "the index on disk is intact and up to date"),
        [] => Check::note(
            name,
            format!("the index on disk lacks {}", counted(status.behind as usize, "change")),
            "nothing is lost: they are completed when the index is opened, and saved by the next ingest",
        ),
        damaged => Check::note(
            name,
            damaged.join("; "),
            "nothing is lost: they are rebuilt from the store when the index is opened, which takes time; the next ingest or \
             `footnote reindex` saves them",
        ),
    }
}

/// A reindex that has not ended, or that is damaged.
fn reindex(footnote: &Footnote, status: &Status) -> Option<Check> {
    let name = "reindex";
    match footnote.unfinished_reindex() {
        Ok(None) => None,
        Ok(Some(unfinished)) => {
            let told = crate::cli::status::reindex(&unfinished, status.documents);
            Some(Check::note(name, told, "questions are answered from the old index until it has ended"))
        }
        Err(error) => Some(Check::note(
            name,
            format!("what was embedded for a reindex cannot be used: {error}"),
            "the index itself is not concerned; `footnote reindex` begins again, `footnote reindex --abandon` drops it",
        )),
    }
}

/// The process that holds the collection for writing.
fn lock(config: &Config) -> Check {
    match writer(config) {
        Ok(None) => Check::well("lock", "no process writes to the index"),
        Ok(Some(holder)) => Check::note(
            "lock",
            format!("held by {holder}"),
            "reading works; a server with the same settings takes documents from `footnote ingest`, any other process has to end first",
        ),
        Err(error @ Error::Io { .. }) => {
            Check::note("lock", error.to_string(), "only the owner of an index can see who writes to it")
        }
        Err(error) => Check::failed("lock", &error),
    }
}
