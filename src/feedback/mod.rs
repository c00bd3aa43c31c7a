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
/// Of more feedback, the oldest tenth goes.
const MAX_FEEDBACK: usize = 10_000;
const MAX_FEEDBACK_BYTES: usize = 16 * 1024 * 1024;

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
        let size = self.folder.append(LOG, &line(question))?;
        drop(shared);
        if size >= MAX_LOG_BYTES {
            self.folder.rotate(LOG, EARLIER_LOG, MAX_LOG_BYTES)?;
        }
        Ok(())
    }

    /// The questions in the log, oldest first.
    pub fn questions(&self) -> Result<Vec<LoggedQuestion>> {
        // On a medium that cannot be written to nobody changes the files.
        let _shared = self.folder.share(LOG);
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

    /// Keeps feedback. If there is too much, the oldest leaves.
    pub fn add(&self, feedback: &Feedback) -> Result<()> {
        self.folder.create().map_err(Error::io("create", self.folder.path()))?;
        let locked = self.folder.lock(FEEDBACK)?;
        let lines = self.folder.lines(FEEDBACK)?;
        let bytes: usize = lines.iter().map(String::len).sum();
        if lines.len() >= MAX_FEEDBACK || bytes >= MAX_FEEDBACK_BYTES {
            let kept = &lines[lines.len().div_ceil(10)..];
            self.folder.replace(&locked, FEEDBACK, kept)?;
        }
        self.folder.append(FEEDBACK, &line(feedback)).map_err(Error::io("write", self.folder.file(FEEDBACK)))?;
        self.folder.sync(FEEDBACK)
    }

    /// All feedback, oldest first.
    pub fn feedback(&self) -> Result<Vec<Feedback>> {
        let _shared = self.folder.share(FEEDBACK);
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

    /// Removes all feedback about documents that are gone, and the comments of feedback that names no document, since
    /// nobody can tell what they quote.
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
            match &feedback.document {
                Some(document) if !is_there(document)? => {}
                Some(_) => kept.push(text.clone()),
                None => {
                    feedback.comment = None;
                    kept.push(line(&feedback));
                }
            }
        }
        if kept == lines { self.folder.tidy(&locked) } else { self.folder.replace(&locked, FEEDBACK, &kept) }
    }

    /// Whether any feedback names one of these documents.
    pub fn names_any(&self, documents: &[String]) -> Result<bool> {
        let names = |feedback: &Feedback| feedback.document.as_ref().is_some_and(|name| documents.contains(name));
        Ok(self.feedback()?.iter().any(names))
    }

    /// Copies the feedback to the collection in another directory, and leaves the log of questions here.
    pub fn copy_feedback_to(&self, collection: &Path) -> Result<()> {
        let lines = {
            let _shared = self.folder.share(FEEDBACK);
            self.folder.lines(FEEDBACK)?
        };
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
