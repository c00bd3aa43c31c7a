//! Backups: each collection copied as of one moment into a folder, from which it is restored.
//!
//! ```text
//! BACKUP/NAME/store.db      the store, without what deleted documents left
//!            /originals/    copies of the documents' files
//!            /feedback/     feedback on answers, without the log of questions
//!            /backup.json   when it was made, and how much is in it
//! ```
//!
//! Such a folder is an index: `--index BACKUP` asks and verifies it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{names, not_found, remove};
use crate::config::IndexConfig;
use crate::error::{Error, Result};
use crate::index::{Collection, replace, sync_directory};

/// Marks a folder as a backup, which a later backup may replace.
const FACTS: &str = Collection::BACKUP_FACTS;

/// What is in the backup of one collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Backup {
    /// The collection.
    pub collection: String,
    /// When it was made: RFC 3339, UTC.
    pub made: String,
    /// The version of Footnote that made it.
    pub version: String,
    /// Documents in it.
    pub documents: usize,
    /// Passages in it.
    pub passages: usize,
}

/// Copies the collection called `only`, or all of them, into `folder` and checks the copies. A former backup there is
/// replaced once the new one is whole. Others may read and write the collections meanwhile.
///
/// # Errors
///
/// [`Error::Corrupt`] if a collection is damaged; the former backup of it is kept, and the others are copied all the same.
pub fn backup(index: &IndexConfig, folder: &Path, only: Option<&str>) -> Result<Vec<Backup>> {
    check_apart(index, folder)?;
    let (mut made, mut failed) = (Vec::new(), None);
    for name in chosen(&index.dir, only)? {
        let (target, staging) = (folder.join(&name), folder.join(format!(".new-{name}")));
        recover(&target)?;
        let is_backup = target.join(FACTS).is_file();
        if target.exists() && !is_backup {
            return Err(Error::Input {
                reason: format!("{} is there and is no backup", target.display()),
                hint: "choose an empty folder, or one that `footnote backup` made".into(),
            });
        }
        remove(&staging)?;
        let copied = Collection::open_read_only(&index.dir.join(&name))
            .and_then(|source| source.copy_to(&staging, is_backup.then_some(target.as_path())));
        let found = match copied {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(error) => {
                // The others are copied all the same.
                failed.get_or_insert(error);
                continue;
            }
        };
        let facts = Backup {
            collection: name.clone(),
            made: crate::timestamp::now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            documents: found.documents,
            passages: found.passages,
        };
        let json = serde_json::to_vec_pretty(&facts).unwrap_or_default();
        replace(&staging, FACTS, &json)?;
        // First, so that a crash leaves no copy that nobody knows of.
        super::known::note(index, folder)?;
        swap(&staging, &target)?;
        made.push(facts);
    }
    failed.map_or(Ok(made), Err)
}

/// Copies the collection called `only`, or all of a backup, from `folder` into the index. A collection that is there already
/// is left as it is, unless `replace_existing`.
///
/// # Errors
///
/// [`Error::Input`] if a collection is there already, [`Error::Locked`] if it is to be replaced and in use, and
/// [`Error::Corrupt`] if the backup is damaged. Nothing of that collection is changed then.
pub fn restore(index: &IndexConfig, folder: &Path, only: Option<&str>, replace_existing: bool) -> Result<Vec<Backup>> {
    check_apart(index, folder)?;
    let names = chosen(folder, only)?;
    if names.is_empty() {
        return Err(Error::Input {
            reason: format!("there is no backup in {}", folder.display()),
            hint: "name the folder that `footnote backup` was given".into(),
        });
    }
    names.iter().try_for_each(|name| recover(&index.dir.join(name)))?;
    let existing: Vec<&String> = names.iter().filter(|name| !is_new(&index.dir.join(name))).collect();
    if let Some(name) = existing.first()
        && !replace_existing
    {
        return Err(Error::Input {
            reason: format!("the collection `{name}` is there already, in {}", index.dir.display()),
            hint: "`--replace` puts the backup in its place; --index restores into another folder".into(),
        });
    }
    let mut restored = Vec::new();
    for name in names {
        let (source, target) = (folder.join(&name), index.dir.join(&name));
        let staging = index.dir.join(format!(".new-{name}"));
        remove(&staging)?;
        let Some(found) = Collection::open_read_only(&source)?.copy_to(&staging, None)? else { continue };
        // Its store may be damaged, so it is not opened.
        let _held = if Collection::exists(&target) { Some(Collection::hold(&target)?) } else { None };
        swap(&staging, &target)?;
        restored.push(facts_of(&source).unwrap_or_else(|| Backup {
            collection: name,
            made: String::new(),
            version: String::new(),
            documents: found.documents,
            passages: found.passages,
        }));
    }
    Ok(restored)
}

/// The collection called `only`, which must be there, or all of a folder's.
fn chosen(folder: &Path, only: Option<&str>) -> Result<Vec<String>> {
    let names = names(folder)?;
    match only {
        None => Ok(names),
        Some(name) if names.iter().any(|known| known == name) => Ok(vec![name.to_owned()]),
        Some(name) => Err(not_found(name)),
    }
}

fn facts_of(folder: &Path) -> Option<Backup> {
    serde_json::from_slice(&std::fs::read(folder.join(FACTS)).ok()?).ok()
}

/// Whether there is no collection, or one in which nothing was ever stored.
fn is_new(dir: &Path) -> bool {
    !Collection::exists(dir) || Collection::open_read_only(dir).and_then(|found| found.is_new()).unwrap_or(false)
}

/// Puts the folder `new` in the place of `target`. A crash leaves the old one or the new one there, or the old one aside,
/// from where [`recover`] brings it back.
fn swap(new: &Path, target: &Path) -> Result<()> {
    let aside = aside(target);
    if target.exists() {
        remove(&aside)?;
        std::fs::rename(target, &aside).map_err(Error::io("replace", target))?;
    }
    if let Err(error) = std::fs::rename(new, target) {
        recover(target)?;
        return Err(Error::io("write", target)(error));
    }
    target.parent().map_or(Ok(()), sync_directory)?;
    remove(&aside)
}

/// Brings back what a crash left aside.
fn recover(target: &Path) -> Result<()> {
    let aside = aside(target);
    if aside.exists() && !target.exists() {
        std::fs::rename(&aside, target).map_err(Error::io("bring back", target))?;
    }
    Ok(())
}

fn aside(target: &Path) -> PathBuf {
    target.with_file_name(format!(".old-{}", target.file_name().unwrap_or_default().to_string_lossy()))
}

fn check_apart(index: &IndexConfig, folder: &Path) -> Result<()> {
    let place = |path: &Path| -> Option<PathBuf> { path.canonicalize().or_else(|_| std::path::absolute(path)).ok() };
    if place(&index.dir) == place(folder) {
        return Err(Error::Input {
            reason: format!("{} is the index itself", folder.display()),
            hint: "choose another folder, best on another disk".into(),
        });
    }
    Ok(())
}
