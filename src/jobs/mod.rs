//! Jobs: writes that outlive their request. What was sent is put on disk before it is acknowledged; jobs then run one
//! after the other, and go on after a restart.
//!
//! They are kept in the configured collection's folder, whichever collection they write to: the server holds that folder's
//! lock as long as it runs, so no other process runs the same jobs.

mod erase;
mod folder;
mod list;
mod outcomes;
mod pages;
mod run;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::keys::Holder;
use crate::library::Library;
use crate::timestamp;
use crate::web::Web;
use crate::wire::{Job, JobState, JobWithItems};
#[cfg(feature = "cli")]
pub(crate) use erase::{LeftInJobs, forget_documents};
use folder::Folder;
use list::{Entry, List};
pub(crate) use outcomes::Lines;
pub(crate) use pages::PagesRequest;
use run::Standing;

/// Jobs that run at once, each on a collection of its own: a short one need not wait for a long one in another collection.
/// Those of one collection run in the order in which they were accepted, since the last version of a document must win.
const MAX_RUNNING: usize = 2;
/// How long a stop waits for running jobs, which end after the batch that the model is at.
const STOP_WITHIN: Duration = Duration::from_secs(5);
const FOLDER: &str = "jobs";

/// The jobs of a server. Dropping it ends those that run; they go on at the next start.
pub(crate) struct Jobs {
    shared: Arc<Shared>,
}

/// A part of what was sent: a file, a document as JSON, or the address of pages.
pub(crate) struct Part {
    name: String,
    kind: PartKind,
    bytes: Vec<u8>,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartKind {
    File,
    Document,
    /// What is to be fetched, as JSON.
    Pages,
}

struct Shared {
    library: Arc<Library>,
    /// With what pages are fetched, if the settings allow that.
    web: Option<Arc<Web>>,
    list: Mutex<List>,
    /// Notified when a job has ended.
    ended: Condvar,
}

impl Jobs {
    /// The jobs of an earlier run, which go on now, and no others.
    pub(crate) fn open(library: Arc<Library>, web: Option<Arc<Web>>) -> Self {
        // A library that is open for reading only has none.
        let found = library.held_dir().map_or(Ok(Vec::new()), |dir| Folder::all(&dir.join(FOLDER)));
        let found = found.unwrap_or_else(|error| {
            tracing::error!("the jobs of the last run cannot be read: {error}");
            Vec::new()
        });
        let shared = Arc::new(Shared { library, web, list: Mutex::new(List::of(found)), ended: Condvar::new() });
        shared.start_due();
        Self { shared }
    }

    /// Accepts a job that writes to the collection of this name, sent with the key of that holder: returns once it is safe on
    /// disk.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if too many jobs wait, and errors of the disk.
    pub(crate) fn accept(
        &self,
        collection: String,
        key: Option<Holder>,
        parts: Vec<Part>,
    ) -> Result<watch::Receiver<Job>> {
        let dir = self.shared.library.held_dir()?;
        let (key, key_id) = key.map(|Holder { name, id }| (name, id)).unzip();
        let job = Job { key, key_id, ..Job::queued(list::new_id()?, collection, timestamp::now(), parts.len()) };
        self.shared.lock().reserve()?;
        let created = Folder::create(&dir.join(FOLDER), &job, parts);
        let mut list = self.shared.lock();
        list.release();
        let job = list.push(Entry::new(created?, job));
        drop(list);
        self.shared.start_due();
        Ok(job)
    }

    /// All jobs, in the order in which they were accepted.
    pub(crate) fn all(&self) -> Vec<Job> {
        let mut list = self.shared.lock();
        list.forget_old();
        list.jobs()
    }

    /// A job as it is now.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none with this id.
    pub(crate) fn get(&self, id: &str) -> Result<Job> {
        self.shared.lock().get(id).map(|entry| entry.job.borrow().clone())
    }

    /// A job with its items.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none with this id.
    pub(crate) fn with_items(&self, id: &str) -> Result<JobWithItems> {
        let (folder, job) = self.shared.lock().get(id).map(|entry| (entry.folder.clone(), entry.job.clone()))?;
        // Before the items, so that a job that has ended has all of them.
        let job = job.borrow().clone();
        let items = folder.items(job.state.is_end())?;
        Ok(JobWithItems { job, items })
    }

    /// Follows a job: its state as it changes, and the outcomes behind the first `skip`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none with this id.
    pub(crate) fn follow(&self, id: &str, skip: usize) -> Result<(watch::Receiver<Job>, Lines)> {
        let list = self.shared.lock();
        let entry = list.get(id)?;
        Ok((entry.job.subscribe(), Lines::new(entry.folder.path(), skip)))
    }

    /// Cancels a job that has not ended. What it has stored stays. One that runs ends shortly after.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none with this id, and errors of the disk.
    pub(crate) fn cancel(&self, id: &str) -> Result<watch::Receiver<Job>> {
        let mut list = self.shared.lock();
        let entry = list.get_mut(id)?;
        let state = entry.job.borrow().state;
        match state {
            JobState::Queued => entry.end(JobState::Cancelled, None),
            JobState::Running => {
                entry.folder.cancel()?;
                entry.is_cancelled = true;
                entry.cancel.cancel();
            }
            JobState::Done | JobState::Failed | JobState::Cancelled => {}
        }
        Ok(entry.job.subscribe())
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        let mut list = self.shared.lock();
        list.stop();
        let (_list, waited) = self
            .shared
            .ended
            .wait_timeout_while(list, STOP_WITHIN, |list| list.running() > 0)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            tracing::warn!("a job was still running {} s after the stop", STOP_WITHIN.as_secs());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the jobs whose turn has come.
    fn start_due(self: &Arc<Self>) {
        let mut list = self.lock();
        while let Some(entry) = list.next_due(MAX_RUNNING) {
            let (folder, job, cancel) = entry.start();
            let (shared, id) = (Arc::clone(self), job.id.clone());
            let work = move || shared.work(&folder, &job, &cancel);
            if let Err(error) = std::thread::Builder::new().name("job".into()).spawn(work) {
                let error = Error::io("start a thread for", "a job")(error);
                if let Ok(entry) = list.get_mut(&id) {
                    entry.end(JobState::Failed, Some(&error));
                }
            }
        }
    }

    /// Runs a job to its end.
    fn work(self: &Arc<Self>, folder: &Folder, job: &Job, cancel: &Cancel) {
        let mut rest = None;
        let tell = &mut |standing: Standing| {
            if let Ok(entry) = self.lock().get(&job.id) {
                entry.job.send_modify(|job| (job.progress, job.counts) = (standing.progress, standing.counts));
            }
        };
        let standing = Standing { progress: job.progress, counts: job.counts };
        let worked = catch_unwind(AssertUnwindSafe(|| {
            let footnote = self.library.collection(Some(&job.collection))?;
            run::run(&footnote, self.web.as_ref(), folder, &job.id, standing, cancel, tell, &mut rest)
        }));
        let worked = worked.unwrap_or_else(|_panic| {
            tracing::error!("a job panicked; this is a bug in footnote");
            Err(Error::Server { reason: "a job panicked".into(), hint: String::new() })
        });
        let mut list = self.lock();
        let is_stopping = list.is_stopping();
        if let Ok(entry) = list.get_mut(&job.id) {
            match worked {
                Err(Error::Cancelled) if is_stopping && !entry.is_cancelled => entry.put_off(),
                Ok(()) => entry.end(JobState::Done, None),
                Err(error) => {
                    if let Some(rest) = rest
                        && let Err(error) = folder.open_outcomes().and_then(|mut outcomes| outcomes.push(&rest))
                    {
                        tracing::warn!("the last outcomes of a job cannot be kept: {error}");
                    }
                    match error {
                        Error::Cancelled => entry.end(JobState::Cancelled, None),
                        error => entry.end(JobState::Failed, Some(&error)),
                    }
                }
            }
        }
        list.forget_old();
        drop(list);
        self.ended.notify_all();
        self.start_due();
    }
}

#[cfg(test)]
impl Jobs {
    /// Lets no further job in.
    pub(crate) fn fill(&self) {
        self.shared.lock().fill();
    }
}
