//! Recognises the text of pages that are pictures, with the networks of PP-OCR: one finds the lines, one reads them.
//!
//! - `page` is the path of a picture: find lines, tell how they are turned, read them.
//! - `boxes` makes lines of the detector's map, `strip` cuts them out, `decode` makes text of the reader's output.
//! - `session` runs the networks.
//!
//! The pictures are pixels that a reader process has made, so no parser of a foreign format runs here.

mod boxes;
mod decode;
mod page;
mod session;
mod strip;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use crate::error::Result;
use crate::formats::{Pixels, RecognisedLine};
use crate::model::RecogniserFiles;
use session::Session;

/// The loaded networks. One page is recognised at a time, on all threads of the model.
pub(crate) struct Recogniser {
    session: Mutex<Session>,
}

impl Recogniser {
    /// Loads the networks.
    ///
    /// # Errors
    ///
    /// [`Error::Model`](crate::Error::Model) if a file was altered or cannot be loaded.
    pub(crate) fn load(files: &RecogniserFiles, threads: usize) -> Result<Self> {
        Session::load(files, threads).map(|session| Self { session: Mutex::new(session) })
    }

    /// The lines of text in a picture, in no particular order.
    ///
    /// # Errors
    ///
    /// [`Error::Embedding`](crate::Error::Embedding) if the networks fail.
    pub(crate) fn lines(&self, pixels: &Pixels) -> Result<Vec<RecognisedLine>> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        page::lines(pixels, &mut *session)
    }
}
