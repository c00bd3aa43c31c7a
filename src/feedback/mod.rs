//! What is kept of questions and of what people say about answers: a log of questions, if the settings ask for one, and
//! feedback.
//!
//! ```text
//! COLLECTION/feedback/questions.jsonl           the log of questions, a JSON object a line, oldest first
//!                    /questions.before.jsonl    what was in it before it grew too large
//!                    /feedback.jsonl            feedback, likewise
//!                    /*.lock                    taken by whoever changes one of them
//! ```
//!
//! These files are apart from the store, and their locks apart from the writer's, so a question waits for neither.
//! They hold no text of a document: feedback has a place in a text, and a hash of what stands there.

mod folder;
mod groups;
mod quote;
mod record;

use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::path::Path;

use crate::error::{Error, Result};
use folder::{Folder, Locked};
pub use groups::{QuestionGroup, grouped};
pub use quote::PlacedQuote;
pub use record::{Feedback, Judgement, LoggedQuestion, NewFeedback, since};

const LOG: &str = "questions.jsonl";
const EARLIER_LOG: &str = "questions.before.jsonl";
const FEEDBACK: &str = "feedback.jsonl";
/// From this size on, the log of questions takes the place of the earlier one, and a new one is begun.
const MAX_LOG_BYTES: u64 = 2 * 1024 * 1024;
/// Of more feedback a tenth goes: the oldest of the key that has most.
const MAX_FEEDBACK: usize = 10_000;
const MAX_FEEDBACK_BYTES: usize = 16 * 1024 * 1024;
/// No record of feedback is shorter.
const LEAST_FEEDBACK_BYTES: usize = 90;

/// The records of one collection.
#[derive(Debug, Clone)]
pub struct Records {
    folder: Folder,
}

impl Records {
    /// Those of the collection in this directory. Nothing is read or created.
    pub fn of(collection: &Path) -> Self {
        Self { folder: Folder::of(collection) }
    }

    /// Adds a question to the log. It waits for no more than a few milliseconds: while others rewrite the log, the question
    /// is left out.
    ///
    /// # Errors
    ///
    /// Those of the disk.
    pub fn log(&self, question: &LoggedQuestion) -> std::io::Result<()> {
        if !self.folder.create()? {
            return Ok(());
        }
        let Some(shared) = self.folder.share(LOG)? else { return Ok(()) };
        let (_, size) = self.folder.append(LOG, &line(question))?;
        drop(shared);
        if size >= MAX_LOG_BYTES {
            self.folder.rotate(LOG, EARLIER_LOG, MAX_LOG_BYTES)?;
        }
        Ok(())
    }

    /// The questions in the log, oldest first.
    pub fn questions(&self) -> Result<Vec<LoggedQuestion>> {
        let _shared = self.folder.share_to_read(LOG);
        let mut questions = read(&self.folder.lines(EARLIER_LOG)?);
        questions.extend(read(&self.folder.lines(LOG)?));
        Ok(questions)
    }

    /// Removes the questions of which this is true from the log, and returns how many they were.
    pub fn remove_questions(&self, is_to_go: &mut dyn FnMut(&LoggedQuestion) -> bool) -> Result<usize> {
        if !self.folder.exists() {
            return Ok(0);
        }
        let locked = self.folder.lock(LOG)?;
        let mut removed = 0;
        for name in [EARLIER_LOG, LOG] {
            removed += remove(&self.folder, &locked, name, is_to_go)?;
        }
        Ok(removed)
    }

    /// Removes all of the log, also what cannot be read, and returns how many questions there were.
    pub fn clear_questions(&self) -> Result<usize> {
        self.clear(LOG, &[EARLIER_LOG, LOG])
    }

    /// Removes all feedback, also what cannot be read, and returns how much there was.
    pub fn clear_feedback(&self) -> Result<usize> {
        self.clear(FEEDBACK, &[FEEDBACK])
    }

    /// Removes files, which have one lock.
    fn clear(&self, lock: &str, names: &[&str]) -> Result<usize> {
        if !self.folder.exists() {
            return Ok(0);
        }
        let locked = self.folder.lock(lock)?;
        let mut removed = 0;
        for name in names {
            removed +=
                read::<serde_json::Map<String, serde_json::Value>>(&self.folder.lines(name).unwrap_or_default()).len();
            self.folder.remove(&locked, name)?;
        }
        Ok(removed)
    }

    /// Keeps feedback. If there is too much, the oldest of the key that has most leaves, so that nobody can drive out what
    /// others have given.
    pub fn add(&self, feedback: &Feedback) -> Result<()> {
        self.folder.create().map_err(Error::io("create", self.folder.path()))?;
        let locked = self.folder.lock(FEEDBACK)?;
        if self.folder.size(FEEDBACK) >= (MAX_FEEDBACK * LEAST_FEEDBACK_BYTES) as u64 {
            self.make_room(&locked)?;
        }
        let write = Error::io("write", self.folder.file(FEEDBACK));
        let added = self.folder.append(FEEDBACK, &line(feedback));
        // The next need not wait for the disk.
        drop(locked);
        added.and_then(|(file, _)| file.sync_all()).map_err(write)
    }

    fn make_room(&self, locked: &Locked) -> Result<()> {
        let lines = self.folder.lines(FEEDBACK)?;
        let bytes: usize = lines.iter().map(String::len).sum();
        let kept = if bytes >= MAX_FEEDBACK_BYTES {
            shortened(&lines, String::len, MAX_FEEDBACK_BYTES / 10 * 9)
        } else if lines.len() >= MAX_FEEDBACK {
            shortened(&lines, |_| 1, MAX_FEEDBACK / 10 * 9)
        } else {
            return Ok(());
        };
        self.folder.replace(locked, FEEDBACK, &kept)
    }

    /// All feedback, oldest first.
    pub fn feedback(&self) -> Result<Vec<Feedback>> {
        let _shared = self.folder.share_to_read(FEEDBACK);
        Ok(read(&self.folder.lines(FEEDBACK)?))
    }

    /// Removes the feedback of which this is true, and returns how much it was.
    pub fn remove_feedback(&self, is_to_go: &mut dyn FnMut(&Feedback) -> bool) -> Result<usize> {
        if !self.folder.exists() {
            return Ok(0);
        }
        let locked = self.folder.lock(FEEDBACK)?;
        remove(&self.folder, &locked, FEEDBACK, is_to_go)
    }

    /// Removes all feedback about documents that are gone, and all comments, which may quote them: a comment on a wrong
    /// answer is about another document than the right one, which the feedback names. Only the comment on a right answer is
    /// about the document that is named.
    pub fn erase(&self, is_there: &mut dyn FnMut(&str) -> Result<bool>) -> Result<()> {
        if !self.folder.exists() {
            return Ok(());
        }
        let locked = self.folder.lock(FEEDBACK)?;
        let mut kept = Vec::new();
        let lines = self.folder.lines(FEEDBACK)?;
        for text in &lines {
            // What cannot be read may be about a document that is gone.
            let Ok(mut feedback) = serde_json::from_str::<Feedback>(text) else { continue };
            if let Some(document) = &feedback.document
                && !is_there(document)?
            {
                continue;
            }
            if feedback.comment.is_none() || (feedback.judgement == Judgement::Right && feedback.document.is_some()) {
                kept.push(text.clone());
            } else {
                feedback.comment = None;
                kept.push(line(&feedback));
            }
        }
        if kept == lines { self.folder.tidy(&locked, FEEDBACK) } else { self.folder.replace(&locked, FEEDBACK, &kept) }
    }

    /// Whether any feedback names one of these documents.
    pub fn names_any(&self, documents: &[String]) -> Result<bool> {
        let names = |feedback: &Feedback| feedback.document.as_ref().is_some_and(|name| documents.contains(name));
        Ok(self.feedback()?.iter().any(names))
    }

    /// Copies the feedback to the collection in another directory, and leaves the log of questions here.
    pub fn copy_feedback_to(&self, collection: &Path) -> Result<()> {
        let mut lines = {
            let _shared = self.folder.share_to_read(FEEDBACK);
            self.folder.lines(FEEDBACK)?
        };
        lines.retain(|text| serde_json::from_str::<Feedback>(text).is_ok());
        if lines.is_empty() {
            return Ok(());
        }
        let copy = Folder::of(collection);
        copy.create().map_err(Error::io("create", copy.path()))?;
        let locked = copy.lock(FEEDBACK)?;
        copy.replace(&locked, FEEDBACK, &lines)
    }
}

fn line(record: &impl serde::Serialize) -> String {
    // Strings, numbers and lists always serialize, and JSON has newlines only where it is laid out.
    serde_json::to_string(record).unwrap_or_default()
}

/// The records of lines. A line that a crash or a newer version of the program left is passed over.
fn read<T: serde::de::DeserializeOwned>(lines: &[String]) -> Vec<T> {
    lines.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
}

/// The lines that stay if the oldest of the key with the heaviest ones go, until they weigh no more than `most`. Lines that
/// cannot be read go first.
fn shortened(lines: &[String], weight: fn(&String) -> usize, most: usize) -> Vec<String> {
    let mut kept: Vec<Option<&String>> = vec![None; lines.len()];
    let mut by_key: HashMap<Option<String>, VecDeque<usize>> = HashMap::new();
    for (place, text) in lines.iter().enumerate() {
        let Ok(feedback) = serde_json::from_str::<Feedback>(text) else { continue };
        kept[place] = Some(text);
        by_key.entry(feedback.key_id).or_default().push_back(place);
    }
    let weigh = |places: &VecDeque<usize>| -> usize { places.iter().map(|place| weight(&lines[*place])).sum() };
    let mut heaviest: BinaryHeap<(usize, Option<String>)> =
        by_key.iter().map(|(key, places)| (weigh(places), key.clone())).collect();
    let mut total: usize = heaviest.iter().map(|(weight, _)| weight).sum();
    while total > most
        && let Some((of_key, key)) = heaviest.pop()
    {
        let Some(oldest) = by_key.get_mut(&key).and_then(VecDeque::pop_front) else { continue };
        let gone = weight(&lines[oldest]);
        kept[oldest] = None;
        total -= gone;
        heaviest.push((of_key - gone, key));
    }
    kept.into_iter().flatten().cloned().collect()
}

fn remove<T: serde::de::DeserializeOwned>(
    folder: &Folder,
    locked: &Locked,
    name: &str,
    is_to_go: &mut dyn FnMut(&T) -> bool,
) -> Result<usize> {
    let lines = folder.lines(name)?;
    let stays = |text: &&String| serde_json::from_str(text).map_or(true, |record| !is_to_go(&record));
    let kept: Vec<String> = lines.iter().filter(stays).cloned().collect();
    if kept.len() < lines.len() {
        folder.replace(locked, name, &kept)?;
    }
    Ok(lines.len() - kept.len())
}

#[cfg(test)]
mod tests;
