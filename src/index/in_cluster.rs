//! A collection whose passage index is in a cluster: how it gets there and back, what it has there, and whether that is whole.

use super::cluster::{Cluster, Ledger};
use super::collection::Collection;
use super::loaded::{ENGINE, in_cluster};
use super::passages::{self, Among, Checkpoint, NamedCluster};
use super::pushing::clear_away;
use crate::config::IndexEngine;
use crate::error::{Error, Result};

/// Keys that are read of the cluster at a time.
const PAGE: usize = 4_096;

/// Where the passage index of a collection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexPlace {
    /// Its engine.
    pub engine: IndexEngine,
    /// Its collection in the cluster; `None` if nothing was written there yet.
    pub cluster_collection: Option<String>,
    /// Changes that the cluster lacks. They are in segments here, which are searched as well.
    pub waiting: u64,
}

impl Collection {
    /// Where its passage index is.
    pub fn index_place(&self) -> Result<IndexPlace> {
        let engine = match self.is_in_cluster()? {
            true => IndexEngine::Qdrant,
            false => IndexEngine::Embedded,
        };
        let checkpoint = Checkpoint::current(self.dir());
        let held =
            checkpoint.as_ref().filter(|checkpoint| checkpoint.cluster.is_some()).map_or(0, |held| held.sequence);
        let last = self.store().map_or(Ok(0), super::store::Store::last_sequence)?;
        let waiting = if engine == IndexEngine::Qdrant { last.saturating_sub(held) } else { 0 };
        let cluster_collection = checkpoint.and_then(|checkpoint| checkpoint.cluster).map(|named| named.collection);
        Ok(IndexPlace { engine, cluster_collection, waiting })
    }

    fn is_in_cluster(&self) -> Result<bool> {
        self.store().map_or(Ok(false), |store| in_cluster(&store.snapshot()?))
    }

    /// Moves its passage index to this engine; nothing is embedded again. What a cluster has of it and is not whole is made
    /// again from the store. Questions are answered meanwhile, from segments here; writes wait.
    ///
    /// # Errors
    ///
    /// [`Error::Cluster`] if the cluster cannot be reached. The move then goes on when the collection is next written to.
    pub fn move_index(&self, engine: IndexEngine) -> Result<()> {
        let _in_order = self.write_guard();
        let store = &self.writer()?.store;
        self.maintenance.finish();
        match engine {
            IndexEngine::Qdrant => {
                let cluster = self.derived.cluster().filter(|cluster| cluster.is_configured()).ok_or_else(nowhere)?;
                cluster.describe()?;
                store.set(ENGINE, engine.name())?;
                if let Some(named) = self.named_cluster() {
                    let mut problems = Vec::new();
                    self.check_cluster(cluster, &named, &mut problems);
                    if !problems.is_empty() {
                        tracing::warn!("{}; the index is made again from the store", problems.join("; "));
                        cluster.give_up(&named.collection);
                    }
                }
                self.derived.unload();
                self.write_index()
            }
            IndexEngine::Embedded => {
                store.set(ENGINE, engine.name())?;
                self.derived.unload_for(|| match self.named_cluster() {
                    Some(_) => passages::remove_all(self.dir()),
                    None => Ok(()),
                })?;
                self.write_index()?;
                self.leave()
            }
        }
    }

    /// Removes what it has in a cluster, before its folder is removed.
    pub fn leave_cluster(&self) -> Result<()> {
        let _in_order = self.write_guard();
        self.maintenance.finish();
        self.leave()
    }

    /// Removes what it has in a cluster, if its index is no longer there.
    pub(super) fn leave_former(&self) -> Result<()> {
        match self.is_in_cluster()? {
            true => Ok(()),
            false => self.leave(),
        }
    }

    fn leave(&self) -> Result<()> {
        // Before the lock, which others may hold for long.
        if Ledger::read(self.dir()).made.is_empty() {
            return Ok(());
        }
        let _one = self.maintenance.saving();
        match self.derived.cluster() {
            Some(cluster) if cluster.is_configured() => clear_away(&self.derived, cluster, None),
            Some(_) => self.forget_cluster(),
            None => Ok(()),
        }
    }

    /// Forgets what it has in a cluster that the settings no longer name, and says what is left there.
    fn forget_cluster(&self) -> Result<()> {
        let mut ledger = Ledger::read(self.dir());
        let left = std::mem::take(&mut ledger.made).join(", ");
        tracing::warn!(
            "[qdrant] url is empty, so these collections must be removed from the Qdrant cluster by hand: {left}"
        );
        ledger.tokens.clear();
        ledger.save(self.dir())
    }

    /// Removes collections of the cluster that it made and no longer needs, if an interruption left any.
    pub(super) fn clear_retired(&self) -> Result<()> {
        let Some(cluster) = self.derived.cluster() else { return Ok(()) };
        // What a push is making is not left over.
        let _one = self.maintenance.saving();
        let current = self.named_cluster().map(|named| named.collection);
        if Ledger::read(self.dir()).made.iter().all(|made| Some(made) == current.as_ref()) {
            return Ok(());
        }
        clear_away(&self.derived, cluster, current.as_deref())
    }

    fn named_cluster(&self) -> Option<NamedCluster> {
        Checkpoint::current(self.dir()).and_then(|checkpoint| checkpoint.cluster)
    }

    /// What is wrong with what it has in the cluster, one sentence each.
    pub(super) fn cluster_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let (Some(cluster), Some(named)) = (self.derived.cluster(), self.named_cluster()) {
            self.check_cluster(cluster, &named, &mut problems);
        }
        problems
    }

    fn check_cluster(&self, cluster: &Cluster, named: &NamedCluster, problems: &mut Vec<String>) {
        let collection = cluster.collection(&named.collection, named.average_length);
        let compared = (|| {
            let name = &named.collection;
            if collection.meta()?.is_none() {
                problems.push(format!("the collection {name} of the Qdrant cluster does not say what it is for"));
                return Ok(());
            }
            let listed = self.listed_in_cluster(named)?;
            let among = Among { last: named.last, gone: &named.gone, only: None };
            let count = collection.count(&among)?;
            let (mut missing, mut after) = (0, 0);
            let mut expected = listed.iter().copied().peekable();
            loop {
                let keys = collection.keys(after, PAGE)?;
                let Some(&last) = keys.last() else { break };
                let mut keys = keys.into_iter().peekable();
                while let Some(wanted) = expected.next_if(|wanted| *wanted <= last) {
                    while keys.next_if(|key| *key < wanted).is_some() {}
                    missing += usize::from(keys.next_if_eq(&wanted).is_none());
                }
                after = last;
            }
            missing += expected.count();
            if missing > 0 {
                problems.push(format!(
                    "the collection {name} of the Qdrant cluster lacks {missing} of {} passages; `footnote index move --to \
                     qdrant` makes it again from the store",
                    listed.len()
                ));
            } else if count > listed.len() {
                problems.push(format!(
                    "the collection {name} of the Qdrant cluster counts {} passages that the index does not list; `footnote \
                     index move --to qdrant` makes it again from the store",
                    count - listed.len()
                ));
            }
            Ok(())
        })();
        if let Err(error) = compared {
            let error: Error = error;
            problems.push(error.to_string());
        }
    }

    /// The keys of the passages that are in the cluster by the checkpoint, ascending.
    fn listed_in_cluster(&self, named: &NamedCluster) -> Result<Vec<u64>> {
        let mut listed = Vec::new();
        let Some(checkpoint) = Checkpoint::current(self.dir()) else { return Ok(listed) };
        for segment in checkpoint.segments.iter().filter(|_| checkpoint.cluster.as_ref() == Some(named)) {
            let slot = passages::open(self.dir(), segment)?;
            if slot.is_remote() {
                listed.extend(slot.keys()?);
            }
        }
        listed.sort_unstable();
        Ok(listed)
    }
}

fn nowhere() -> Error {
    Error::Config { reason: "[qdrant] url is empty; set it to the gRPC address of a Qdrant server".into() }
}
