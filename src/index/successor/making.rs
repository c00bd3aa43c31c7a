//! A successor while it is made: how, what it has, and what it lacks.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::collection::Collection;
use super::super::lock::holder;
use super::super::passages::{SUCCESSOR, sync_directory};
use super::super::store::{PreparedDocument, Snapshot, Store, Version};
use super::folder::{DIR, is_taken_over, remove};
use crate::error::{Error, Result};
use crate::model::{ModelChoice, ModelIdentity};

/// The setting of its store that says how it is made, as JSON.
const PLAN: &str = "successor_plan";
/// Documents that are compared at a time.
const PAGE: usize = 4_096;

/// How a successor is made. One that was begun in another way cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The model's name.
    pub model: String,
    /// The model's fingerprint.
    pub fingerprint: String,
    /// The settings that choose the model.
    pub choice: ModelChoice,
    /// Values in each vector.
    pub dimensions: usize,
    /// `[ingest] passage_tokens`.
    pub passage_tokens: usize,
    /// The version of Footnote, whose rules split documents.
    pub version: String,
}

impl Plan {
    /// The model.
    pub fn identity(&self) -> ModelIdentity {
        ModelIdentity { name: self.model.clone(), fingerprint: self.fingerprint.clone() }
    }

    /// Checks that this process, of version `own`, may end a successor that was begun for the collection in `dir`: the rest would
    /// be split by other rules.
    ///
    /// # Errors
    ///
    /// [`Error::Incompatible`] if another version began it.
    pub fn check_version(&self, dir: &Path, own: &str) -> Result<()> {
        if self.version == own {
            return Ok(());
        }
        Err(Error::Incompatible {
            path: dir.to_owned(),
            reason: format!(
                "version {} of Footnote began this reindex, so version {own}, which holds the index, cannot end it",
                self.version
            ),
            hint: format!(
                "stop the server and run `footnote reindex` again, which keeps what was embedded; or run a server of \
                 version {}",
                self.version
            ),
        })
    }
}

/// A successor that does not have all documents yet, or that no collection took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// How it is made.
    pub plan: Plan,
    /// Documents that it has.
    pub documents: usize,
    /// Passages that it has.
    pub passages: usize,
    /// The process that works on it; `None` if none does.
    pub holder: Option<String>,
}

/// A successor, held by this process.
pub struct Successor {
    /// The folder of the collection.
    pub(super) dir: PathBuf,
    pub(super) next: Collection,
    plan: Plan,
}

/// How a successor differs from its collection.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Keys of the documents that the successor lacks, or has in another version.
    pub lacking: Vec<i64>,
    /// Ids of the documents that only the successor has.
    pub extra: Vec<String>,
}

impl Unfinished {
    /// The successor of the collection in `dir`, whose store is `store`; `None` if there is none. It is only read.
    ///
    /// # Errors
    ///
    /// Those of opening it, if it is damaged.
    pub fn find(dir: &Path, store: &Store) -> Result<Option<Self>> {
        let next = dir.join(DIR);
        if !Collection::exists(&next) {
            return Ok(None);
        }
        let opened = Collection::open_read_only(&next)?;
        let Some(successor) = opened.store() else { return Ok(None) };
        let snapshot = successor.snapshot()?;
        if is_taken_over(&store.snapshot()?, &snapshot)? {
            return Ok(None);
        }
        // It may have been created just now.
        let Some(plan) = plan_of(&snapshot)? else { return Ok(None) };
        let counts = successor.counts()?;
        Ok(Some(Self { plan, documents: counts.documents, passages: counts.passages, holder: holder(&next)? }))
    }
}

impl Successor {
    /// The successor of the collection in `dir`, whose store is `store`, made by `plan`: the one that was begun, or a new one.
    /// One that is damaged, or that another version of Footnote began, is begun anew, which `notice` is told.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process works on it; [`Error::Input`] if it was begun with another model or other settings.
    pub fn open(dir: &Path, store: &Store, plan: &Plan, notice: &mut dyn FnMut(String)) -> Result<Self> {
        let next = dir.join(DIR);
        if next.exists() {
            match Self::resume(dir, store, notice)? {
                Some(begun) if begun.plan == *plan => return Ok(begun),
                Some(begun) if begun.plan.version != plan.version => {
                    notice(format!(
                        "version {} of Footnote had begun to reindex; it is begun again",
                        begun.plan.version
                    ));
                    begun.remove()?;
                }
                Some(begun) => return Err(begun.differs(plan)),
                None => {}
            }
        }
        Self::create(dir, store, plan)
    }

    /// The successor that was begun; `None` if there is none, or it was damaged.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process works on it.
    pub fn resume(dir: &Path, store: &Store, notice: &mut dyn FnMut(String)) -> Result<Option<Self>> {
        let next = dir.join(DIR);
        if !next.exists() {
            return Ok(None);
        }
        let opened = Collection::open(&next).and_then(|next| {
            let plan = match next.store() {
                Some(store) => plan_of(&store.snapshot()?)?,
                None => None,
            };
            Ok((next, plan))
        });
        match opened {
            Ok((next, Some(plan))) => {
                let begun = Self { dir: dir.to_owned(), next, plan };
                let is_taken_over = match begun.next.store() {
                    Some(successor) => is_taken_over(&store.snapshot()?, &successor.snapshot()?)?,
                    None => false,
                };
                if !is_taken_over {
                    return Ok(Some(begun));
                }
                begun.remove()?;
            }
            // It was killed before it had recorded anything.
            Ok((next, None)) => {
                next.abandon();
                drop(next);
                remove(dir)?;
            }
            Err(error @ (Error::Corrupt { .. } | Error::Damaged { .. } | Error::Incompatible { .. })) => {
                notice(format!("{error}; what was embedded for the reindex is dropped, and it is begun again"));
                remove(dir)?;
            }
            Err(error) => return Err(error),
        }
        Ok(None)
    }

    fn create(dir: &Path, store: &Store, plan: &Plan) -> Result<Self> {
        let next = Collection::open(&dir.join(DIR))?;
        // The document keys are those of the collection; passage keys are of the next generation.
        let successor = &next.writer()?.store;
        successor.begin_keys_after(store.snapshot()?.last_of_generation()?)?;
        successor.set(SUCCESSOR, &random_number())?;
        next.adopt_chosen_model(&plan.identity(), plan.dimensions, Some(&plan.choice))?;
        let json = serde_json::to_string(plan)
            .map_err(|error| Error::Corrupt { path: dir.join(DIR), reason: error.to_string() })?;
        // Last, since it makes the others count.
        successor.set(PLAN, &json)?;
        sync_directory(dir)?;
        Ok(Self { dir: dir.to_owned(), next, plan: plan.clone() })
    }

    fn differs(&self, plan: &Plan) -> Error {
        let begun = &self.plan;
        let model = begun.identity();
        let how = if begun.fingerprint == plan.fingerprint {
            format!("with [ingest] passage_tokens = {}, now it is {}", begun.passage_tokens, plan.passage_tokens)
        } else {
            format!("to {model}, not to {}", plan.identity())
        };
        Error::Input {
            reason: format!("a reindex was begun {how}"),
            hint: format!(
                "`footnote reindex` without --model and with passage_tokens = {} goes on with it; `footnote reindex \
                 --abandon` drops it",
                begun.passage_tokens
            ),
        }
    }

    /// How it is made.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn store(&self) -> Result<&Store> {
        self.next.store().ok_or_else(|| Error::Corrupt { path: self.dir.join(DIR), reason: "it has no store".into() })
    }

    /// Documents and passages that it has.
    pub fn counts(&self) -> Result<(usize, usize)> {
        self.store()?.counts().map(|counts| (counts.documents, counts.passages))
    }

    /// Whether this is one of its files.
    pub fn has_file(&self, path: &Path) -> bool {
        path.starts_with(self.next.dir())
    }

    /// Bytes that it takes on disk.
    pub fn size_bytes(&self) -> Result<u64> {
        let disk = self.next.disk_usage()?;
        Ok(disk.store_bytes + disk.vector_bytes + disk.lexical_bytes)
    }

    /// How it differs from this state of its collection.
    pub fn differences(&self, collection: &Snapshot<'_>) -> Result<Differences> {
        let successor = self.store()?.snapshot()?;
        let (mut old, mut new) = (Versions::of(collection), Versions::of(&successor));
        let (mut ours, mut its) = (old.next()?, new.next()?);
        let mut found = Differences::default();
        loop {
            match (&ours, &its) {
                (Some(one), Some(other)) if one.key == other.key => {
                    if one != other {
                        found.lacking.push(one.key);
                    }
                    if one.id != other.id {
                        found.extra.push(other.id.clone());
                    }
                    (ours, its) = (old.next()?, new.next()?);
                }
                (Some(one), other) if other.as_ref().is_none_or(|other| one.key < other.key) => {
                    found.lacking.push(one.key);
                    ours = old.next()?;
                }
                (_, Some(other)) => {
                    found.extra.push(other.id.clone());
                    its = new.next()?;
                }
                // A document that only the collection has is above.
                (_, None) => return Ok(found),
            }
        }
    }

    /// Stores a document under the key that it has in the collection. It is safe on disk when this returns.
    pub fn put(&self, document: &PreparedDocument, key: i64) -> Result<()> {
        self.next.put_as(document, Some(key)).map(drop)
    }

    /// Removes a document.
    pub fn delete(&self, id: &str) -> Result<()> {
        self.next.delete(id).map(drop)
    }

    /// Removes the documents that are not what was stored, so that they are made again. Returns how many. Everything is read.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if more than documents is damaged.
    pub fn drop_damaged(&self) -> Result<usize> {
        let snapshot = self.store()?.snapshot()?;
        let mut damaged = Vec::new();
        let mut versions = Versions::of(&snapshot);
        while let Some(version) = versions.next()? {
            if snapshot.problem_of(version.key)?.is_some() {
                damaged.push(version.id);
            }
        }
        for id in &damaged {
            self.delete(id)?;
        }
        if damaged.is_empty()
            && let Some(problem) = snapshot.integrity_problems()?.first()
        {
            return Err(Error::Corrupt { path: snapshot.path().to_owned(), reason: problem.clone() });
        }
        Ok(damaged.len())
    }

    /// Writes its passages to segments on disk, and ends the work on them.
    pub fn flush(&self) -> Result<()> {
        self.next.checkpoint()?;
        self.next.maintenance.finish();
        Ok(())
    }

    /// Removes it with all it has.
    pub fn remove(self) -> Result<()> {
        self.next.abandon();
        let dir = self.dir;
        let next = self.next;
        let removed = remove(&dir);
        drop(next);
        removed
    }

    /// The random number that a collection has which took it over.
    pub(super) fn number(&self) -> Result<String> {
        Ok(self.store()?.snapshot()?.get(SUCCESSOR)?.unwrap_or_default())
    }
}

fn plan_of(successor: &Snapshot<'_>) -> Result<Option<Plan>> {
    let json = successor.get(PLAN)?;
    json.map(|json| serde_json::from_str(&json)).transpose().map_err(|error| Error::Incompatible {
        path: successor.path().to_owned(),
        reason: format!("another version of Footnote made it ({error})"),
        hint: "`footnote reindex --abandon` drops it".into(),
    })
}

fn random_number() -> String {
    let mut random = [0; 16];
    // Without it, the moment distinguishes one successor from another.
    if getrandom::fill(&mut random).is_err() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        random = now.as_nanos().to_le_bytes();
    }
    format!("{:032x}", u128::from_le_bytes(random))
}

/// The documents of a store in the order of their keys.
struct Versions<'s> {
    snapshot: &'s Snapshot<'s>,
    page: std::vec::IntoIter<Version>,
    after: i64,
}

impl<'s> Versions<'s> {
    fn of(snapshot: &'s Snapshot<'s>) -> Self {
        Self { snapshot, page: Vec::new().into_iter(), after: 0 }
    }

    fn next(&mut self) -> Result<Option<Version>> {
        if let Some(version) = self.page.next() {
            return Ok(Some(version));
        }
        self.page = self.snapshot.versions(self.after, PAGE)?.into_iter();
        if let Some(last) = self.page.as_slice().last() {
            self.after = last.key;
        }
        Ok(self.page.next())
    }
}
