//! The jobs of a server in the order in which they were accepted: which of them runs next, and which are forgotten.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::folder::{Folder, Found};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::timestamp;
use crate::wire::{DocumentProblem, Job, JobState};

/// Jobs that may wait or run.
const MAX_OPEN: usize = 256;
/// Jobs that have ended are kept, so that their results can be fetched: the last ones, for a week.
const MAX_ENDED: usize = 100;
const KEEP_ENDED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A job that is kept.
pub(super) struct Entry {
    pub(super) folder: Folder,
    pub(super) job: watch::Sender<Job>,
    /// Ends its run.
    pub(super) cancel: Cancel,
    /// Whether that is what a client asked for.
    pub(super) is_cancelled: bool,
}

/// The jobs that are kept.
#[derive(Default)]
pub(super) struct List {
    entries: Vec<Entry>,
    /// Jobs that are being put on disk.
    reserved: usize,
    is_stopping: bool,
}

impl Entry {
    pub(super) fn new(folder: Folder, job: Job) -> Self {
        Self { folder, job: watch::Sender::new(job), cancel: Cancel::default(), is_cancelled: false }
    }

    fn state(&self) -> JobState {
        self.job.borrow().state
    }

    /// Notes that it runs, and returns what its run needs.
    pub(super) fn start(&mut self) -> (Folder, Job, Cancel) {
        self.job.send_modify(|job| {
            job.state = JobState::Running;
            job.started.get_or_insert_with(timestamp::now);
        });
        (self.folder.clone(), self.job.borrow().clone(), self.cancel.clone())
    }

    /// Notes that it waits again, for the next start of the server.
    pub(super) fn put_off(&mut self) {
        self.job.send_modify(|job| job.state = JobState::Queued);
    }

    /// Notes its end, on disk first.
    pub(super) fn end(&mut self, state: JobState, error: Option<&Error>) {
        let mut job = self.job.borrow().clone();
        job.state = state;
        job.finished = Some(timestamp::now());
        job.error = error.map(DocumentProblem::from);
        if let Err(error) = self.folder.end(&job) {
            tracing::error!("the end of a job cannot be noted; it will run again at the next start: {error}");
        }
        self.job.send_replace(job);
    }
}

impl List {
    /// The jobs of an earlier run.
    pub(super) fn of(found: Vec<(Folder, Found)>) -> Self {
        let mut list = Self::default();
        for (folder, found) in found {
            let mut entry = match found {
                Found::Ended(job) => Entry::new(folder, job),
                Found::Open(job, is_cancelled) => Entry { is_cancelled, ..Entry::new(folder, job) },
            };
            if entry.is_cancelled {
                entry.end(JobState::Cancelled, None);
            }
            list.entries.push(entry);
        }
        list.forget_old();
        list
    }

    /// Reserves a place for a job.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if too many jobs wait.
    pub(super) fn reserve(&mut self) -> Result<()> {
        let open = self.entries.iter().filter(|entry| !entry.state().is_end()).count();
        if open + self.reserved >= MAX_OPEN {
            return Err(Error::Busy);
        }
        self.reserved += 1;
        Ok(())
    }

    /// Gives up a reserved place.
    pub(super) fn release(&mut self) {
        self.reserved -= 1;
    }

    pub(super) fn push(&mut self, entry: Entry) -> watch::Receiver<Job> {
        let job = entry.job.subscribe();
        self.entries.push(entry);
        job
    }

    pub(super) fn jobs(&self) -> Vec<Job> {
        self.entries.iter().map(|entry| entry.job.borrow().clone()).collect()
    }

    pub(super) fn get(&self, id: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.job.borrow().id == id).ok_or_else(|| no_job(id))
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Result<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.job.borrow().id == id).ok_or_else(|| no_job(id))
    }

    /// The next job to run, if one may: the first whose collection has none that runs.
    pub(super) fn next_due(&mut self, max_running: usize) -> Option<&mut Entry> {
        if self.is_stopping || self.running() >= max_running {
            return None;
        }
        let running = |entry: &&Entry| entry.state() == JobState::Running;
        let taken: Vec<_> =
            self.entries.iter().filter(running).map(|entry| entry.job.borrow().collection.clone()).collect();
        self.entries
            .iter_mut()
            .find(|entry| entry.state() == JobState::Queued && !taken.contains(&entry.job.borrow().collection))
    }

    pub(super) fn running(&self) -> usize {
        self.entries.iter().filter(|entry| entry.state() == JobState::Running).count()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    /// Starts no more jobs, and ends those that run.
    pub(super) fn stop(&mut self) {
        self.is_stopping = true;
        self.entries.iter().for_each(|entry| entry.cancel.cancel());
    }

    /// Removes the jobs that `is_to_go` says.
    pub(super) fn forget_where(&mut self, mut is_to_go: impl FnMut(&Job, &Folder) -> Result<bool>) -> Result<()> {
        let mut kept = Vec::with_capacity(self.entries.len());
        let mut failed = None;
        for entry in std::mem::take(&mut self.entries) {
            let gone = is_to_go(&entry.job.borrow(), &entry.folder)
                .and_then(|goes| if goes { entry.folder.remove().map(|()| true) } else { Ok(false) });
            match gone {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
            kept.push(entry);
        }
        self.entries = kept;
        failed.map_or(Ok(()), Err)
    }

    /// Removes jobs that ended long ago, or that too many have followed.
    pub(super) fn forget_old(&mut self) {
        let too_old = Timestamp::now() - KEEP_ENDED;
        let mut ended = self.entries.iter().filter(|entry| entry.state().is_end()).count();
        self.entries.retain(|entry| {
            let job = entry.job.borrow();
            if !job.state.is_end() {
                return true;
            }
            let is_old =
                job.finished.as_deref().and_then(|at| at.parse::<Timestamp>().ok()).is_none_or(|at| at < too_old);
            if !is_old && ended <= MAX_ENDED {
                return true;
            }
            ended -= 1;
            if let Err(error) = entry.folder.remove() {
                tracing::warn!("a job that ended long ago cannot be removed: {error}");
            }
            false
        });
    }
}

/// Twenty hexadecimal digits: the time, so that ids sort by it, and six random ones.
pub(super) fn new_id() -> Result<String> {
    let mut random = [0; 4];
    let failed = |error: getrandom::Error| {
        Error::io("read", "the system's random numbers")(std::io::Error::other(error.to_string()))
    };
    getrandom::fill(&mut random).map_err(failed)?;
    let micros = Timestamp::now().as_microsecond().unsigned_abs();
    Ok(format!("{micros:014x}{:06x}", u32::from_be_bytes(random) >> 8))
}

fn no_job(id: &str) -> Error {
    Error::NotFound { kind: "job", id: id.to_owned() }
}

#[cfg(test)]
impl List {
    /// Reserves all places.
    pub(super) fn fill(&mut self) {
        while self.reserve().is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str, collection: &str) -> Job {
        Job::queued(id.into(), collection.into(), timestamp::now(), 0)
    }

    fn list(dir: &std::path::Path, jobs: &[(&str, &str)]) -> List {
        let mut list = List::default();
        for (id, collection) in jobs {
            let job = job(id, collection);
            list.push(Entry::new(Folder::create(dir, &job, Vec::new()).unwrap(), job));
        }
        list
    }

    fn start_next(list: &mut List) -> Option<String> {
        list.next_due(2).map(|entry| entry.start().1.id)
    }

    #[test]
    fn jobs_of_one_collection_run_one_after_the_other_and_those_of_others_beside_them() {
        let dir = tempfile::tempdir().unwrap();
        let mut list = list(dir.path(), &[("1", "a"), ("2", "a"), ("3", "b"), ("4", "c")]);
        assert_eq!(start_next(&mut list).as_deref(), Some("1"));
        assert_eq!(start_next(&mut list).as_deref(), Some("3"), "2 waits for 1");
        assert_eq!(start_next(&mut list), None);
        list.get_mut("3").unwrap().end(JobState::Done, None);
        assert_eq!(start_next(&mut list).as_deref(), Some("4"));
        list.get_mut("1").unwrap().put_off();
        assert_eq!(start_next(&mut list).as_deref(), Some("1"), "it goes on before those behind it");
        list.stop();
        list.get_mut("1").unwrap().put_off();
        assert_eq!(start_next(&mut list), None);
        assert!(list.get("1").unwrap().cancel.check().is_err());
    }

    #[test]
    fn so_many_jobs_may_wait_and_no_more() {
        let mut list = List::default();
        for _ in 0..MAX_OPEN {
            list.reserve().unwrap();
        }
        assert!(matches!(list.reserve(), Err(Error::Busy)));
        list.release();
        list.reserve().unwrap();
    }

    #[test]
    fn the_last_jobs_that_ended_are_kept_for_a_while() {
        let dir = tempfile::tempdir().unwrap();
        let ids: Vec<String> = (100..202).map(|id| id.to_string()).collect();
        let jobs: Vec<_> = ids.iter().map(|id| (id.as_str(), "c")).collect();
        let mut list = list(dir.path(), &jobs);
        ids[1..].iter().for_each(|id| list.get_mut(id).unwrap().end(JobState::Done, None));
        list.forget_old();
        let kept: Vec<_> = list.jobs().into_iter().map(|job| job.id).collect();
        assert_eq!((kept.len(), kept[0].as_str(), kept[1].as_str()), (101, "100", "102"), "100 has not ended");
        list.get("150").unwrap().job.send_modify(|job| job.finished = Some("2026-01-01T00:00:00Z".into()));
        list.forget_old();
        assert!(list.get("150").is_err() && !dir.path().join("150").exists() && dir.path().join("151").exists());
        let found = List::of(Folder::all(dir.path()).unwrap());
        assert_eq!(found.jobs(), list.jobs());
    }

    #[test]
    fn ids_sort_by_time() {
        let ids: Vec<_> = (0..10)
            .map(|_| {
                std::thread::sleep(std::time::Duration::from_micros(2));
                new_id().unwrap()
            })
            .collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 20), "{ids:?}");
    }
}
