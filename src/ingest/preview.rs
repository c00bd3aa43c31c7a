//! What an ingest would do. Nothing is embedded or stored.

use std::collections::HashSet;

use super::pipeline::Item;
use super::plan::{self, Plan};
use super::split::is_incomplete;
use super::used_ids::UsedIds;
use super::{Ingested, Outcome};
use crate::config::IngestConfig;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::Collection;
use crate::index::store::Store;

/// Goes through `items` as an ingest would, and gives what each would come to. Files are read, texts are split into
/// passages, so the number of passages is right.
///
/// # Errors
///
/// Errors that concern all documents.
pub(super) fn preview(
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
    items: impl Iterator<Item = Item>,
    report: &mut dyn FnMut(Ingested),
) -> Result<()> {
    let store = collection.store();
    let mut used = UsedIds::default();
    let mut origin = Origin::default();
    for (number, item) in items.enumerate() {
        match item {
            Item::Report(ingested) | Item::Unread(_, _, ingested) => report(ingested),
            Item::Touched(..) | Item::Mount(..) | Item::Page(..) => {}
            Item::Unchanged(document, _) => {
                report(Ingested::new(document.id, document.title, Outcome::Unchanged));
            }
            Item::End(name, _) => std::mem::take(&mut origin).end(store, &name, report)?,
            Item::Document(document) | Item::Imported(document) => {
                let mut document = *document;
                let plan = plan::claim(&mut document, &mut used, number + 1).map_or_else(
                    || plan::plan(document, collection, embedder, config),
                    |failed| Ok(Plan::Fail(failed)),
                )?;
                match plan {
                    Plan::Fail(ingested) => {
                        origin.has_failed = true;
                        report(ingested);
                    }
                    // Removed with its file, or never stored.
                    Plan::Remove(ingested) => origin.blank.push(ingested),
                    Plan::Confirm(confirmed) => {
                        origin.has_failed |= is_incomplete(&confirmed.document.metadata);
                        origin.kept.insert(confirmed.id.clone());
                        report(Ingested::new(confirmed.id, confirmed.title, Outcome::Unchanged));
                    }
                    Plan::Embed(planned) => {
                        let passages = planned.inputs.len();
                        origin.has_failed |= planned.is_incomplete();
                        let (id, title) = planned.id_and_title();
                        let is_stored = store.map(|store| store.has_document(&id)).transpose()?.unwrap_or(false);
                        origin.kept.insert(id.clone());
                        let outcome = if is_stored { Outcome::Updated(passages) } else { Outcome::Added(passages) };
                        report(Ingested { notes: planned.notes.clone(), ..Ingested::new(id, title, outcome) });
                    }
                }
            }
        }
    }
    Ok(())
}

/// The documents of the current file.
#[derive(Default)]
struct Origin {
    kept: HashSet<String>,
    blank: Vec<Ingested>,
    has_failed: bool,
}

impl Origin {
    fn end(self, store: Option<&Store>, origin: &str, report: &mut dyn FnMut(Ingested)) -> Result<()> {
        let earlier = store.map(|store| store.ids_read_from(origin)).transpose()?.unwrap_or_default();
        let gone: HashSet<String> = match self.has_failed {
            true => HashSet::new(),
            false => earlier.into_iter().filter(|id| !self.kept.contains(id)).collect(),
        };
        for ingested in self.blank.into_iter().filter(|ingested| !gone.contains(&ingested.id)) {
            report(ingested);
        }
        for id in gone {
            let stored = store.and_then(|store| store.document(&id).ok().flatten());
            let title = stored.map(|document| document.info.title).unwrap_or_default();
            report(Ingested::new(id, title, Outcome::Removed));
        }
        Ok(())
    }
}
