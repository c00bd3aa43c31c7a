//! Brings the passages of an index to the cluster: what is in memory, and segments on disk that are not there yet.
//!
//! Points are written before a segment lists them here, and a segment before a checkpoint names it. So whatever ends the process,
//! each passage is either in the cluster and listed, or found again among the changes of the store.

use std::path::Path;

use super::cluster::{Cluster, Ledger, Meta, RemoteCollection, random};
use super::derived::DerivedIndexes;
use super::feed::{PAGE, entries};
use super::maintenance::Maintenance;
use super::model::Model;
use super::passages::{Among, Checkpoint, NewSegment, Point, RemotePart, Slot, Slots, rules};
use super::store::Store;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::late::Codec;
use std::sync::Arc;

/// Removed passages that wait to be deleted in the cluster. With more, all are deleted at once: every search names them.
const MANY_GONE: usize = 8_192;

/// The index as it was when its push began.
struct Begun {
    slots: Slots,
    /// The last change of the store that it holds.
    sequence: u64,
    model: Arc<Model>,
}

impl Maintenance {
    /// Writes what is in memory, and segments on disk that are not in the cluster yet, to the cluster and makes checkpoints.
    pub(super) fn push(&self, cluster: &Cluster, cancel: &Cancel) -> Result<()> {
        let _one = self.saving();
        let begun = {
            let mut guard = self.index().lock();
            let Some(loaded) = guard.as_mut() else { return Ok(()) };
            loaded.frozen = loaded.slots.iter().filter(|slot| slot.is_in_memory()).cloned().collect();
            Begun { slots: loaded.slots.clone(), sequence: loaded.sequence, model: Arc::clone(&loaded.model) }
        };
        let pushed = self.push_all(cluster, &begun, cancel);
        if let Some(loaded) = self.index().lock().as_mut() {
            loaded.frozen.clear();
        }
        if !matches!(pushed, Ok(true)) {
            self.forget_checked();
        }
        match pushed {
            Err(error) if begun.slots.remote().is_some_and(|part| part.remote.is_lost()) => {
                tracing::warn!("{error}; the index is made again from the store and pushed into a new collection");
                self.index().unload();
                Ok(())
            }
            pushed => pushed.map(drop),
        }
    }

    /// `false` if not everything was put in its place, since the index was loaded again meanwhile.
    fn push_all(&self, cluster: &Cluster, begun: &Begun, cancel: &Cancel) -> Result<bool> {
        let dir = self.index().dir().to_owned();
        let runs = begun.slots.local_runs();
        if runs.is_empty() && begun.slots.remote().is_none_or(|part| part.gone().is_empty()) {
            self.note_flushed(begun.sequence)?;
            self.clear_away(cluster, begun.slots.remote())?;
            return Ok(true);
        }
        let (mut part, collection) = match begun.slots.remote() {
            Some(part) => {
                let collection = cluster.collection(part.remote.name(), part.remote.average_length());
                self.claim(cluster, &collection, part, &begun.slots, &begun.model)?;
                (part.clone(), collection)
            }
            None => self.create(cluster, &begun.model, &begun.slots)?,
        };
        let deleted = deletable(&dir, &part);
        collection.delete(&deleted)?;
        part.written(0, &deleted);
        let store = Store::open_read_only(&dir.join(Store::FILE))?;
        let Some(store) = store else { return Ok(false) };
        let codec = Codec::new(begun.model.dimensions);
        let is_new = begun.slots.remote().is_none();
        if runs.is_empty() && !self.publish_push((None, is_new), &part, &deleted, begun.sequence)? {
            return Ok(false);
        }
        for (number, run) in runs.iter().enumerate() {
            write_points(&collection, run, &store, &codec, cancel)?;
            let new = NewSegment::write_remote(run.clone(), &dir)?;
            let last = run.iter().map(Slot::last_key).max().unwrap_or_default();
            part.written(last, &[]);
            // The changes are in the cluster once the last run is.
            let sequence = if number + 1 == runs.len() { begun.sequence } else { 0 };
            if !self.publish_push((Some(new), is_new), &part, &deleted, sequence)? {
                return Ok(false);
            }
        }
        self.clear_away(cluster, Some(&part))?;
        Ok(true)
    }

    /// Makes a checkpoint as of a change after which there is nothing to push.
    fn note_flushed(&self, sequence: u64) -> Result<()> {
        let mut guard = self.index().lock();
        let Some(loaded) = guard.as_mut() else { return Ok(()) };
        loaded.flushed = loaded.flushed.max(sequence);
        self.save(guard)
    }

    /// Puts what was pushed in the place of what it was made of and makes a checkpoint; `false` if that is no longer there, or
    /// if the index no longer is in that collection. `is_new` is whether the push made the collection.
    fn publish_push(
        &self,
        (new, is_new): (Option<NewSegment>, bool),
        part: &RemotePart,
        deleted: &[u64],
        sequence: u64,
    ) -> Result<bool> {
        let mut guard = self.index().lock();
        let Some(loaded) = guard.as_mut() else { return Ok(false) };
        let is_there = match loaded.slots.remote() {
            Some(current) => current.remote.name() == part.remote.name(),
            None => is_new && new.is_some(),
        };
        if !is_there {
            return Ok(false);
        }
        let slot = new.as_ref().and_then(NewSegment::slot).cloned();
        if let Some(new) = new
            && !new.take_place(&mut loaded.slots)?
        {
            return Ok(false);
        }
        // Removed while they were pushed: only the new segment says so yet.
        let removed = slot.map_or(Ok(Vec::new()), |slot| loaded.slots.deleted_keys_of(&slot))?;
        let current =
            loaded.slots.remote_mut().get_or_insert_with(|| RemotePart::new(Arc::clone(&part.remote), 0, Vec::new()));
        current.written(part.last, deleted);
        removed.into_iter().for_each(|key| current.remove(key));
        loaded.flushed = loaded.flushed.max(sequence);
        self.index().publish(loaded);
        self.save(guard)?;
        Ok(true)
    }

    /// Makes sure that this folder made the collection, that no other process has written to it since, and that it is whole;
    /// notes in it that this process writes now. What an interrupted push left there is deleted.
    fn claim(
        &self,
        cluster: &Cluster,
        collection: &RemoteCollection,
        part: &RemotePart,
        slots: &Slots,
        model: &Model,
    ) -> Result<()> {
        let (dir, name) = (self.index().dir(), part.remote.name());
        let lost = |reason: &str| {
            cluster.give_up(name);
            Err(Cluster::lost(name, reason))
        };
        let mut ledger = Ledger::read(dir);
        if !ledger.has_made(name) {
            return lost(
                "another folder made it; if this folder is not a copy but was moved, remove the collection by hand",
            );
        }
        let token = random()?;
        ledger.tokens.push(token.clone());
        ledger.save(dir)?;
        let wanted = meta_of(model, token.clone());
        match collection.meta()? {
            Some(found) if !ledger.tokens.contains(&found.token) => {
                // It is the other's now, so it is not removed with what this folder made.
                ledger.made.retain(|made| made != name);
                ledger.save(dir)?;
                return lost("another process has written to it; remove it by hand if no other folder uses it");
            }
            Some(found) if (Meta { token: token.clone(), ..found.clone() }) != wanted => {
                return lost("it was made for another model, or by another version of Footnote");
            }
            Some(_) => {}
            None => return lost("it does not say what it is for"),
        }
        collection.set_meta(&wanted)?;
        ledger.tokens = vec![token];
        ledger.save(dir)?;
        if self.has_checked(name) {
            return Ok(());
        }
        collection.delete_above(part.last)?;
        let listed: usize = slots.iter().filter(|slot| slot.is_remote()).map(Slot::len).sum();
        let found = collection.count(&Among { last: part.last, gone: part.gone(), only: None })?;
        if found < listed {
            return lost(&format!("it has {found} passages instead of {listed}"));
        }
        self.note_checked(name);
        Ok(())
    }

    /// A new collection in the cluster, which is recorded here before it exists there. First what earlier attempts left is
    /// removed: while the cluster is away, that fails before another name is recorded.
    fn create(&self, cluster: &Cluster, model: &Model, slots: &Slots) -> Result<(RemotePart, RemoteCollection)> {
        let dir = self.index().dir();
        cluster.describe()?;
        // Readers of the checkpoint still search the one that it names.
        let named = Checkpoint::current(dir).and_then(|checkpoint| checkpoint.cluster);
        clear_away(self.index(), cluster, named.as_ref().map(|named| named.collection.as_str()))?;
        let collection = dir.file_name().unwrap_or_default().to_string_lossy();
        let (name, token) = (cluster.new_name(&collection)?, random()?);
        let mut ledger = Ledger::read(dir);
        ledger.made.push(name.clone());
        ledger.tokens = vec![token.clone()];
        ledger.save(dir)?;
        cluster.create(&name, &meta_of(model, token))?;
        let average = (slots.tokens() / slots.len().max(1) as u64).max(1) as u32;
        let part = RemotePart::new(Arc::new(cluster.collection(&name, average)), 0, Vec::new());
        Ok((part, cluster.collection(&name, average)))
    }

    /// Removes the collections that this folder made and no longer needs.
    fn clear_away(&self, cluster: &Cluster, current: Option<&RemotePart>) -> Result<()> {
        clear_away(self.index(), cluster, current.map(|part| part.remote.name()))
    }
}

/// Removes the collections of the cluster that the folder of this index made, but for the one with the name `current`.
pub(super) fn clear_away(index: &DerivedIndexes, cluster: &Cluster, current: Option<&str>) -> Result<()> {
    let dir = index.dir();
    let mut ledger = Ledger::read(dir);
    let gone: Vec<String> = ledger.made.iter().filter(|made| Some(made.as_str()) != current).cloned().collect();
    for name in gone {
        cluster.remove(&name)?;
        ledger.made.retain(|made| *made != name);
        ledger.save(dir)?;
    }
    Ok(())
}

fn meta_of(model: &Model, token: String) -> Meta {
    Meta {
        format: super::cluster::FORMAT,
        model: model.identity.fingerprint.clone(),
        dimensions: model.dimensions as u64,
        rules: i64::from(rules()),
        token,
    }
}

/// Keys that can be deleted in the cluster: those that were removed before the last checkpoint. A question that began before
/// them has long been answered; one that began just now may still find what is removed later.
fn deletable(dir: &Path, part: &RemotePart) -> Vec<u64> {
    if part.gone().len() > MANY_GONE {
        return part.gone().to_vec();
    }
    let earlier = Checkpoint::current(dir).and_then(|checkpoint| checkpoint.cluster);
    let earlier = earlier.filter(|named| named.collection == part.remote.name());
    let mut gone = earlier.map(|named| named.gone).unwrap_or_default();
    gone.retain(|key| part.gone().binary_search(key).is_ok());
    gone
}

/// Writes the passages of these segments as points. Those that were removed meanwhile are no longer in the store.
fn write_points(
    collection: &RemoteCollection,
    run: &[Slot],
    store: &Store,
    codec: &Codec,
    cancel: &Cancel,
) -> Result<()> {
    use super::passages::Remote as _;
    for slot in run {
        for keys in slot.keys()?.chunks(PAGE) {
            cancel.check()?;
            let entries = entries(&store.snapshot()?, keys)?;
            let mut points = Vec::with_capacity(entries.len());
            for entry in &entries {
                points.push(Point::of(entry, codec, collection.average_length()).ok_or_else(|| Error::Vector {
                    reason: format!("the stored vector of passage {} cannot be read", entry.key),
                })?);
            }
            collection.write(&points)?;
        }
    }
    Ok(())
}
