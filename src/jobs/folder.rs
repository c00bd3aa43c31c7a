//! A job on disk: a folder with what was sent, the outcomes so far, and in the end the result.
//!
//! ```text
//! jobs/<id>/
//!   job.json         the job as it was accepted, with the name, size and BLAKE3 hash of each part
//!   input            the parts, one behind the other; removed when the job has ended
//!   outcomes.jsonl   a line for each part that has its outcome
//!   cancelled        there once the job is cancelled
//!   end.json         the job as it ended
//! ```
//!
//! The folder gets its name once all of it is on disk, so after a crash a job is there as a whole or not at all. An
//! outcome that a power cut loses comes out as unchanged when the part is done again.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::outcomes::{Lines, Outcomes};
use super::{Part, PartKind};
use crate::disk::sync_folder;
use crate::error::{Error, Result};
use crate::wire::{ItemDone, Job, JobItem};

const SPEC: &str = "job.json";
const INPUT: &str = "input";
const CANCELLED: &str = "cancelled";
const END: &str = "end.json";
/// The start of the names of folders that are not there yet, or not any more.
const NEW: &str = ".new-";
const GONE: &str = ".gone-";

/// The folder of one job.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// What a job was accepted with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    job: Job,
    pub(super) parts: Vec<PartSpec>,
}

/// A part of a job's input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PartSpec {
    pub(super) name: String,
    /// Whether it is a file; otherwise it is a document or an address of pages as JSON.
    is_file: bool,
    #[serde(default)]
    is_pages: bool,
    pub(super) bytes: usize,
    blake3: String,
}

impl PartSpec {
    pub(super) fn kind(&self) -> PartKind {
        match (self.is_file, self.is_pages) {
            (true, _) => PartKind::File,
            (false, true) => PartKind::Pages,
            (false, false) => PartKind::Document,
        }
    }
}

/// How a job was found after a start.
#[derive(Debug)]
pub(super) enum Found {
    /// It has ended.
    Ended(Job),
    /// It has to go on; with whether it was cancelled.
    Open(Job, bool),
}

/// What is in a folder of jobs.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// In the order in which they were accepted.
    pub(super) jobs: Vec<(Folder, Found)>,
    /// What a crash left of a job that was being accepted or removed.
    pub(super) left: Vec<PathBuf>,
    /// Jobs that cannot be read, each with the reason.
    pub(super) unreadable: Vec<(PathBuf, Error)>,
}

impl Folder {
    /// Puts a job with its input on disk. When this returns, it survives a crash.
    pub(super) fn create(dir: &Path, job: &Job, parts: Vec<Part>) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let new = tempfile::Builder::new().prefix(NEW).tempdir_in(dir).map_err(Error::io("create a folder in", dir))?;
        let input = new.path().join(INPUT);
        let mut file = File::create(&input).map_err(Error::io("create", &input))?;
        let mut specs = Vec::with_capacity(parts.len());
        for Part { name, kind, bytes } in parts {
            file.write_all(&bytes).map_err(Error::io("write", &input))?;
            let (is_file, is_pages) = (kind == PartKind::File, kind == PartKind::Pages);
            specs.push(PartSpec { name, is_file, is_pages, bytes: bytes.len(), blake3: hash_of(&bytes) });
        }
        file.sync_all().map_err(Error::io("write", &input))?;
        write(&new.path().join(SPEC), &Spec { job: job.clone(), parts: specs })?;
        sync(new.path())?;
        let path = dir.join(&job.id);
        std::fs::rename(new.path(), &path).map_err(Error::io("create", &path))?;
        // It has another name now.
        let _ = new.keep();
        sync(dir)?;
        if let Some(above) = dir.parent() {
            sync(above)?;
        }
        Ok(Self { path })
    }

    /// The jobs in `dir`, in the order in which they were accepted. Those that cannot be read are logged and left alone.
    /// What a crash left of others is removed, so nobody else may accept jobs there.
    pub(super) fn all(dir: &Path) -> Result<Vec<(Self, Found)>> {
        let Listing { jobs, left, unreadable } = Self::list(dir)?;
        for path in left {
            if let Err(error) = std::fs::remove_dir_all(&path) {
                tracing::warn!("cannot remove {}: {error}", path.display());
            }
        }
        for (path, error) in unreadable {
            tracing::error!("the job in {} cannot be read: {error}", path.display());
        }
        Ok(jobs)
    }

    /// All that is in `dir`. Nothing is changed.
    pub(super) fn list(dir: &Path) -> Result<Listing> {
        let mut listing = Listing::default();
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(listing),
            Err(error) => return Err(Error::io("read", dir)(error)),
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(NEW) || name.starts_with(GONE) {
                listing.left.push(path);
                continue;
            }
            let folder = Self { path: path.clone() };
            match folder.found() {
                Ok(found) => listing.jobs.push((folder, found)),
                Err(error) => listing.unreadable.push((path, error)),
            }
        }
        // Ids begin with the time.
        listing.jobs.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        Ok(listing)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn found(&self) -> Result<Found> {
        if let Some(job) = read::<Job>(&self.path.join(END))? {
            // A crash may have come before.
            let _ = std::fs::remove_file(self.path.join(INPUT));
            return Ok(Found::Ended(job));
        }
        let Spec { mut job, .. } = self.spec()?;
        if let Some(ItemDone { progress, counts, .. }) = self.outcomes()?.pop() {
            (job.progress, job.counts) = (progress, counts);
            // What was planned and not stored is planned again.
            job.progress.passages_planned = progress.passages_embedded;
        }
        Ok(Found::Open(job, self.path.join(CANCELLED).exists()))
    }

    pub(super) fn spec(&self) -> Result<Spec> {
        let path = self.path.join(SPEC);
        read(&path)?.ok_or_else(|| Error::Corrupt { path, reason: "it is missing".into() })
    }

    /// One part of the input, of which `offset` bytes are before it.
    pub(super) fn part(&self, part: &PartSpec, offset: u64) -> Result<Vec<u8>> {
        let path = self.path.join(INPUT);
        let mut bytes = Vec::new();
        let mut file = File::open(&path).map_err(Error::io("open", &path))?;
        file.seek(SeekFrom::Start(offset)).map_err(Error::io("read", &path))?;
        file.take(part.bytes as u64).read_to_end(&mut bytes).map_err(Error::io("read", &path))?;
        if hash_of(&bytes) == part.blake3 { Ok(bytes) } else { Err(damaged(&part.name)) }
    }

    /// The file of outcomes, to add lines to.
    pub(super) fn open_outcomes(&self) -> Result<Outcomes> {
        Outcomes::open(&self.path)
    }

    /// The outcomes so far.
    fn outcomes(&self) -> Result<Vec<ItemDone>> {
        let mut lines = Lines::new(&self.path, 0);
        let mut outcomes = Vec::new();
        while let Some(line) = lines.next()? {
            outcomes.push(serde_json::from_str(&line).map_err(|error| corrupt(lines.path(), &error))?);
        }
        Ok(outcomes)
    }

    /// All parts with their outcomes.
    pub(super) fn items(&self, has_ended: bool) -> Result<Vec<JobItem>> {
        let names = self.spec()?.parts.into_iter().map(|part| part.name);
        let mut outcomes = self.outcomes()?.into_iter();
        Ok(names.map(|name| outcomes.next().map_or_else(|| JobItem::open(name, has_ended), |done| done.item)).collect())
    }

    /// Notes durably that the job is cancelled.
    pub(super) fn cancel(&self) -> Result<()> {
        let path = self.path.join(CANCELLED);
        File::create(&path).and_then(|file| file.sync_all()).map_err(Error::io("create", &path))?;
        sync(&self.path)
    }

    /// Notes how the job ended, and gives its input up.
    pub(super) fn end(&self, job: &Job) -> Result<()> {
        let new = self.path.join(format!("{NEW}{END}"));
        write(&new, job)?;
        std::fs::rename(&new, self.path.join(END)).map_err(Error::io("write", self.path.join(END)))?;
        sync(&self.path)?;
        let input = self.path.join(INPUT);
        match std::fs::remove_file(&input) {
            // Whoever read that the job has ended may have been faster.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(Error::io("remove", &input)),
        }
    }

    /// Removes the job.
    pub(super) fn remove(&self) -> Result<()> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let gone = self.path.with_file_name(format!("{GONE}{name}"));
        match std::fs::rename(&self.path, &gone) {
            // An earlier removal broke off behind this, or somebody else has removed it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            renamed => renamed.map_err(Error::io("remove", &self.path))?,
        }
        match std::fs::remove_dir_all(&gone) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(Error::io("remove", &gone)),
        }
    }
}

fn hash_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn damaged(name: &str) -> Error {
    Error::Document {
        document: name.to_owned(),
        reason: "was damaged on the server's disk before it was read".into(),
        hint: "send it again, and check the server's disk".into(),
    }
}

fn corrupt(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Corrupt { path: path.to_owned(), reason: error.to_string() }
}

fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let bytes = serde_json::to_vec(value).map_err(|error| corrupt(path, &error))?;
    let mut file = File::create(path).map_err(Error::io("create", path))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(Error::io("write", path))
}

/// What a file of JSON holds; `None` if there is no such file.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| corrupt(path, &error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

fn sync(dir: &Path) -> Result<()> {
    sync_folder(dir).map_err(Error::io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::super::outcomes::tests::done;
    use super::*;
    use crate::wire::JobState;

    fn part(name: &str, text: &str) -> Part {
        Part { name: name.into(), kind: PartKind::File, bytes: text.into() }
    }

    fn created(dir: &Path, id: &str) -> Folder {
        let job = Job::queued(id.into(), "default".into(), "2026-01-01T00:00:00Z".into(), 2);
        Folder::create(dir, &job, vec![part("a.txt", "one"), part("b.txt", "")]).unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_job_is_found_again_with_its_input_and_how_far_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let jobs = dir.path().join("jobs");
        assert!(Folder::all(&jobs).unwrap().is_empty());
        let folder = created(&jobs, "0b");
        created(&jobs, "0a");
        folder.open_outcomes().unwrap().push(&done("a.txt")).unwrap();
        let all = Folder::all(&jobs).unwrap();
        let [(_, Found::Open(other, false)), (found, Found::Open(job, false))] = all.as_slice() else { panic!() };
        assert_eq!((other.id.as_str(), job.id.as_str()), ("0a", "0b"));
        assert_eq!((job.progress.items_done, job.progress.passages_planned), (1, 5));
        let spec = found.spec().unwrap();
        assert_eq!(found.part(&spec.parts[0], 0).unwrap(), b"one");
        assert_eq!(found.part(&spec.parts[1], 3).unwrap(), b"");
        let items = found.items(false).unwrap();
        assert_eq!((items[0].clone(), items[1].clone()), (done("a.txt").item, JobItem::open("b.txt".into(), false)));
        found.cancel().unwrap();
        assert!(matches!(Folder::all(&jobs).unwrap()[1].1, Found::Open(_, true)));
    }

    #[test]
    fn a_job_that_has_ended_keeps_its_result_and_not_its_input() {
        let dir = tempfile::tempdir().unwrap();
        let folder = created(dir.path(), "a");
        folder.open_outcomes().unwrap().push(&done("a.txt")).unwrap();
        let ended = Job { state: JobState::Cancelled, ..Job::queued("a".into(), "c".into(), String::new(), 2) };
        folder.end(&ended).unwrap();
        assert_eq!(names(&dir.path().join("a")), ["end.json", "job.json", "outcomes.jsonl"]);
        let all = Folder::all(dir.path()).unwrap();
        assert!(matches!(all.as_slice(), [(_, Found::Ended(job))] if *job == ended));
        assert_eq!(folder.items(true).unwrap()[1], JobItem::open("b.txt".into(), true));
        folder.remove().unwrap();
        assert!(names(dir.path()).is_empty());
    }

    #[test]
    fn what_a_crash_left_behind_is_cleared_away() {
        let dir = tempfile::tempdir().unwrap();
        let folder = created(dir.path(), "a");
        folder.open_outcomes().unwrap().push(&done("a.txt")).unwrap();
        std::fs::create_dir(dir.path().join(".new-x")).unwrap();
        std::fs::create_dir(dir.path().join(".gone-y")).unwrap();
        std::fs::create_dir(dir.path().join("unreadable")).unwrap();
        let path = dir.path().join("a").join("outcomes.jsonl");
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(b"{\"item\": {\"na").unwrap();
        assert_eq!(Folder::all(dir.path()).unwrap().len(), 1);
        assert_eq!(names(dir.path()), ["a", "unreadable"]);
        folder.open_outcomes().unwrap().push(&done("b.txt")).unwrap();
        assert_eq!(folder.outcomes().unwrap(), [done("a.txt"), done("b.txt")]);
    }

    #[test]
    fn an_input_that_the_disk_damaged_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = created(dir.path(), "a");
        std::fs::write(dir.path().join("a").join(INPUT), "two").unwrap();
        let spec = folder.spec().unwrap();
        assert!(matches!(folder.part(&spec.parts[0], 0), Err(Error::Document { .. })));
    }
}
