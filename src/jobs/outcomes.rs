//! The outcomes of a job: a file to which a line is added for each part that is done, and which is read meanwhile.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::wire::ItemDone;

/// Its name in the folder of a job.
const OUTCOMES: &str = "outcomes.jsonl";

/// The outcomes of a job that is running.
pub(super) struct Outcomes {
    file: File,
    path: PathBuf,
}

impl Outcomes {
    /// The file in the folder of a job. A last line that is not whole is cut off.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(OUTCOMES);
        let mut options = File::options();
        let file = options.create(true).append(true).read(true).open(&path).map_err(Error::io("open", &path))?;
        let whole = whole_lines(BufReader::new(&file)).map(|line| line.len() as u64).sum();
        file.set_len(whole).map_err(Error::io("write", &path))?;
        Ok(Self { file, path })
    }

    /// Adds a line. Readers see it whole or not at all.
    pub(super) fn push(&mut self, done: &ItemDone) -> Result<()> {
        // Strings and numbers always serialize, and JSON has newlines only where it is laid out.
        let mut line = serde_json::to_vec(done).unwrap_or_default();
        line.push(b'\n');
        self.file.write_all(&line).map_err(Error::io("write", &self.path))
    }
}

/// Reads the outcomes of a job one by one, also while lines are added.
pub(crate) struct Lines {
    path: PathBuf,
    /// Where the next line begins.
    offset: u64,
    /// Lines to leave out.
    skip: usize,
    open: Option<BufReader<File>>,
}

impl Lines {
    /// The lines behind the first `skip`.
    pub(super) fn new(folder: &Path, skip: usize) -> Self {
        Self { path: folder.join(OUTCOMES), offset: 0, skip, open: None }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The next line without its end; `None` if there is none yet.
    pub(crate) fn next(&mut self) -> Result<Option<String>> {
        loop {
            let Some(line) = self.read()? else {
                // Opened again, since the reader has seen the end.
                self.open = None;
                return Ok(None);
            };
            if self.skip == 0 {
                return Ok(Some(line));
            }
            self.skip -= 1;
        }
    }

    fn read(&mut self) -> Result<Option<String>> {
        let failed = |error| Error::io("read", &self.path)(error);
        if self.open.is_none() {
            let mut file = match File::open(&self.path) {
                Ok(file) => file,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(failed(error)),
            };
            file.seek(SeekFrom::Start(self.offset)).map_err(failed)?;
            self.open = Some(BufReader::new(file));
        }
        let Some(open) = &mut self.open else { return Ok(None) };
        let mut line = Vec::new();
        let count = open.read_until(b'\n', &mut line).map_err(Error::io("read", &self.path))?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        self.offset += count as u64;
        String::from_utf8(line)
            .map(Some)
            .map_err(|error| Error::Corrupt { path: self.path.clone(), reason: error.to_string() })
    }
}

/// The lines that have an end, each with it.
fn whole_lines(mut reader: impl BufRead) -> impl Iterator<Item = Vec<u8>> {
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).ok()?;
        line.ends_with(b"\n").then_some(line)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::wire::{JobCounts, JobItem, JobProgress};

    /// What becomes of a part that is done.
    pub(in super::super) fn done(name: &str) -> ItemDone {
        let item = JobItem::done(name.into(), Vec::new());
        let progress =
            JobProgress { items_done: 1, passages_planned: 9, passages_embedded: 5, ..JobProgress::default() };
        ItemDone { item, progress, counts: JobCounts::default() }
    }

    #[test]
    fn outcomes_are_read_as_they_come_and_from_any_of_them_on() {
        let dir = tempfile::tempdir().unwrap();
        let (mut all, mut later) = (Lines::new(dir.path(), 0), Lines::new(dir.path(), 1));
        assert_eq!(all.next().unwrap(), None);
        let mut outcomes = Outcomes::open(dir.path()).unwrap();
        outcomes.push(&done("a.txt")).unwrap();
        assert!(all.next().unwrap().unwrap().contains("a.txt"));
        assert_eq!((all.next().unwrap(), later.next().unwrap()), (None, None));
        outcomes.push(&done("b.txt")).unwrap();
        for lines in [&mut all, &mut later] {
            assert!(lines.next().unwrap().unwrap().contains("b.txt"));
            assert_eq!(lines.next().unwrap(), None);
        }
    }
}
