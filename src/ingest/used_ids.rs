//! The ids of a run: no document replaces another of the same run.

use std::collections::HashMap;

use super::hash::hash_of;
use super::title::file_of;
use crate::error::{Error, Result};
use crate::passage::NewDocument;

/// The ids that a run has used: a document may not replace another one of the same run.
#[derive(Default)]
pub(crate) struct UsedIds {
    ids: HashMap<[u8; 16], Use>,
    /// Items that the run has taken.
    pub(super) items: usize,
}

struct Use {
    /// A prefix of the content's hash.
    content: [u8; 8],
    /// The file or the number of the document. Not kept for ids that come from a file's path, which cannot clash by
    /// themselves, so that a large folder takes little memory.
    by: Option<Box<str>>,
}

impl UsedIds {
    /// Notes that a document of the run has this id. An error says who had it before; `Ok(false)` if that had the same
    /// content. `by` is the file or the number of the document, if it has to be kept, `name` the same for an error.
    pub(super) fn claim(
        &mut self,
        id: &str,
        content: &[u8; 32],
        by: impl FnOnce() -> Option<Box<str>>,
        name: impl FnOnce() -> String,
    ) -> Result<bool> {
        let hash = |bytes: &[u8]| -> [u8; 16] { std::array::from_fn(|at| bytes[at]) };
        let content: [u8; 8] = std::array::from_fn(|at| content[at]);
        match self.ids.entry(hash(blake3::hash(id.as_bytes()).as_bytes())) {
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(Use { content, by: by() });
                Ok(true)
            }
            std::collections::hash_map::Entry::Occupied(used) if used.get().content == content => Ok(false),
            std::collections::hash_map::Entry::Occupied(used) => Err(Error::Document {
                document: name(),
                reason: format!(
                    "the id `{id}` was already used by {} in this run",
                    used.get().by.as_deref().unwrap_or("another file")
                ),
                hint: "give each document an id of its own; nothing was replaced".to_owned(),
            }),
        }
    }

    /// [`claim`](Self::claim) for a document that is the `number`th item of the run.
    pub(super) fn claim_for(&mut self, document: &NewDocument, id: &str, number: usize) -> Result<bool> {
        let is_from_path = document.id.is_none() && document.uri.as_ref().is_some_and(|uri| uri.starts_with("file://"));
        let name = || match &document.origin {
            Some(origin) => file_of(origin).to_owned(),
            None => format!("document {number}"),
        };
        let by = || if is_from_path { None } else { Some(name().into()) };
        self.claim(id, &hash_of(document), by, name)
    }
}
