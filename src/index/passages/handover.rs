//! Hands the segments of one index over to another, whose store takes over the same passages in one transaction.
//!
//! The files are linked into the other folder first, and `checkpoint.next.json` lists them as of the change that the
//! transaction will be. Neither counts before the store has taken over the passages. From then on it is the checkpoint, even
//! if the process ends before it has the name of one.
//!
//! If the transaction fails, the file may stay, because a file system refuses to remove it. Other changes then reach its number,
//! and the model may be the same. So it also names the successor, by the random number that a store has which took it over:
//! the transaction writes both, so the file never counts for a store without those passages.

use std::path::Path;

use super::checkpoint::{Checkpoint, FILE, Found, remove_replaced};
use super::rules::rules;
use super::slots::Slots;
use super::{replace, sync_directory};
use crate::error::{Error, Result};

/// The setting of a store with the random number of the successor that it took over; of a successor, with its own.
pub(in crate::index) const SUCCESSOR: &str = "successor";
/// The checkpoint that counts once the store has its change.
const NEXT: &str = "checkpoint.next.json";

/// Links all segments of the checkpoint in `from`, whose store ends at change `last`, into `to`, and lists them there as of
/// the future change `sequence`, by which a store takes over the successor with this `number`. A checkpoint that lacks changes is
/// not handed over: the index is then made from the store.
pub(in crate::index) fn prepare(
    from: &Path,
    to: &Path,
    (last, sequence): (u64, u64),
    model: &str,
    number: &str,
) -> Result<()> {
    let checkpoint = match Checkpoint::current(from) {
        Some(checkpoint) if checkpoint.is_made_by(model, rules()) && checkpoint.sequence == last => checkpoint,
        // Nothing was ever written.
        _ if last == 0 => Checkpoint::of(&Slots::default(), from, (0, 0), model, None)?,
        _ => {
            tracing::warn!("the index in {} is not complete, so it is made from the store", from.display());
            return Ok(());
        }
    };
    for name in checkpoint.files(from)? {
        let (source, target) = (from.join(&name), to.join(&name));
        // Some file systems have no links.
        if std::fs::hard_link(&source, &target).is_err() {
            let copy = || {
                std::fs::copy(&source, &target)?;
                std::fs::File::open(&target)?.sync_all()
            };
            copy().map_err(Error::io("copy", &source))?;
        }
    }
    sync_directory(to)?;
    let checkpoint = checkpoint.of_successor(number, sequence)?;
    let json = serde_json::to_vec_pretty(&checkpoint)
        .map_err(|error| Error::Corrupt { path: to.join(NEXT), reason: error.to_string() })?;
    replace(to, NEXT, &json)
}

/// Copies a checkpoint whose index is in a cluster, with the files of its segments, to the copy of a collection in `to`. If that
/// fails, the copy's index is made from its store.
pub(in crate::index) fn copy_listing(from: &Path, to: &Path) -> Result<()> {
    let Some(checkpoint) = Checkpoint::current(from).filter(|checkpoint| checkpoint.cluster.is_some()) else {
        return Ok(());
    };
    for name in checkpoint.files(from)? {
        if let Err(error) = std::fs::copy(from.join(&name), to.join(&name)) {
            tracing::warn!("{name} cannot be copied: {error}; the index of the copy is made from its store");
            return Ok(());
        }
    }
    checkpoint.save(to, None)
}

/// The checkpoint that was prepared, if its change is among the first `last` of the store, whose model this is and which took
/// over the successor with the number `taken_over`.
pub(in crate::index) fn prepared(dir: &Path, last: u64, model: &str, taken_over: Option<&str>) -> Option<Checkpoint> {
    let Found::Current(checkpoint) = Checkpoint::read_file(dir, NEXT) else { return None };
    let is_taken_over = checkpoint.successor.is_some() && checkpoint.successor.as_deref() == taken_over;
    (is_taken_over && checkpoint.sequence <= last && checkpoint.is_made_by(model, rules())).then_some(checkpoint)
}

/// Makes the prepared checkpoint the one that counts, and removes the segments of the one before.
pub(in crate::index) fn promote(dir: &Path) -> Result<()> {
    let before = Checkpoint::current(dir);
    let path = dir.join(FILE);
    if !dir.join(NEXT).exists() {
        return Ok(());
    }
    std::fs::rename(dir.join(NEXT), &path).map_err(Error::io("write", &path))?;
    sync_directory(dir)?;
    if let (Some(before), Some(now)) = (before, Checkpoint::current(dir)) {
        remove_replaced(dir, &before, &now);
    }
    Ok(())
}

/// Promotes what a writer that was killed had prepared if the store, which ends at change `last` and has this model, took
/// over those passages, by the number of the successor; otherwise removes it. Only the writer may call this, before it writes
/// anything.
pub(in crate::index) fn settle(dir: &Path, last: u64, model: Option<&str>, taken_over: Option<&str>) {
    let is_pending = dir.join(NEXT).exists();
    let outcome = match model.and_then(|model| prepared(dir, last, model, taken_over)) {
        Some(_) => promote(dir),
        None if is_pending => std::fs::remove_file(dir.join(NEXT)).map_err(Error::io("remove", dir.join(NEXT))),
        None => Ok(()),
    };
    if let Err(error) = outcome {
        tracing::warn!("{error}; the index is made again from the store");
    }
}
