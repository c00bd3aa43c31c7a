//! Embeds all stored documents again, for another model or another size of passages.

use super::plan::{self, Planned};
use super::{GROUP_PASSAGES, Progress, embedded};
use crate::config::IngestConfig;
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::index::store::Store;

/// So many of the documents that cannot be split are named.
const MAX_NAMED: usize = 20;

/// Embeds all stored documents again, with this model and these settings, in one transaction. Returns how many there are.
///
/// # Errors
///
/// [`Error::Document`] that names the documents which cannot be split with these settings. Nothing is changed then:
/// all documents are checked before the first is embedded.
pub fn reindex(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<usize> {
    let Some(store) = collection.store() else {
        return collection.rewrite(embedder.identity(), embedder.dimensions(), &mut || Ok(None));
    };
    let passages = check(store, embedder, config)?;
    progress(Progress::Planned { passages });
    let mut stored = Stored { store, after: None };
    collection.rewrite(embedder.identity(), embedder.dimensions(), &mut || {
        let Some(planned) = stored.next(embedder, config)? else { return Ok(None) };
        let mut vectors = Vec::with_capacity(planned.inputs.len());
        for inputs in planned.inputs.chunks(GROUP_PASSAGES) {
            let slice = embedder.embed_passages(inputs)?;
            progress(embedded(&slice));
            vectors.extend(slice);
        }
        Ok(Some(planned.with_vectors(&mut vectors.into_iter())))
    })
}

/// Splits all documents without keeping the result. Returns how many passages they have.
fn check(store: &Store, embedder: &dyn Embedder, config: &IngestConfig) -> Result<usize> {
    let mut stored = Stored { store, after: None };
    let (mut passages, mut failures, mut named) = (0, 0, Vec::new());
    let mut hint = String::new();
    loop {
        match stored.next(embedder, config) {
            Ok(None) => break,
            Ok(Some(planned)) => passages += planned.inputs.len(),
            Err(error @ Error::Document { .. }) => {
                failures += 1;
                if named.len() < MAX_NAMED {
                    hint = error.hint().unwrap_or_default();
                    named.push(error.to_string());
                }
            }
            Err(error) => return Err(error),
        }
    }
    if failures == 0 {
        return Ok(passages);
    }
    let more = if failures > named.len() { format!("; and {} more", failures - named.len()) } else { String::new() };
    Err(Error::Document {
        document: format!("{failures} of the stored documents"),
        reason: format!("cannot be split with these settings, so nothing was changed: {}{more}", named.join("; ")),
        hint,
    })
}

/// The stored documents, one after the other.
struct Stored<'a> {
    store: &'a Store,
    after: Option<String>,
}

impl Stored<'_> {
    fn next(&mut self, embedder: &dyn Embedder, config: &IngestConfig) -> Result<Option<Planned>> {
        let Some(info) = self.store.documents(self.after.as_deref(), 1)?.pop() else { return Ok(None) };
        self.after = Some(info.id.clone());
        let Some(document) = self.store.document(&info.id)? else { return Ok(None) };
        let hash = self.store.hash_of(&info.id)?.unwrap_or_default();
        let origin = self.store.origin_of(&info.id)?;
        let headings = plan::headings_of(&document.text, &document.layout, document.info.format).into_owned();
        plan::chunk(document, origin, hash, &headings, embedder, config).map(Some)
    }
}
