//! The documents that filters let through, remembered between questions: a filter reads every document, and most filters are
//! asked again and again.

use std::sync::{MutexGuard, PoisonError};

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, params_from_iter};

use super::failure::Failure;
use super::select::{condition, or_malformed_json};
use super::{Snapshot, forgotten_through};
use crate::error::Result;
use crate::filter::Filter;
use crate::index::passages::DocumentSet;

/// Filters that are remembered. Each takes a bit for each document.
const REMEMBERED: usize = 32;
/// With more changes since, all documents are read again.
const MAX_CHANGES: u64 = 20_000;

/// What filters let through.
#[derive(Default)]
pub(super) struct Filtered {
    /// The most recently used last.
    filters: Vec<Known>,
}

/// What one filter lets through, as of one change. Documents that were removed since they were read may be among them.
#[derive(Clone)]
struct Known {
    filter: Filter,
    sequence: u64,
    documents: DocumentSet,
}

impl Filtered {
    fn of(&self, filter: &Filter) -> Option<Known> {
        self.filters.iter().find(|known| known.filter == *filter).cloned()
    }

    fn put(&mut self, known: Known) {
        self.filters.retain(|other| other.filter != known.filter);
        if self.filters.len() >= REMEMBERED {
            self.filters.remove(0);
        }
        self.filters.push(known);
    }
}

impl Snapshot<'_> {
    /// The documents that meet the filter, and perhaps some that are no longer there.
    pub(super) fn documents_where(&self, filter: &Filter) -> Result<DocumentSet> {
        let last = self.last_sequence()?;
        let known = self.filtered().of(filter).filter(|known| known.sequence <= last);
        let documents = match known {
            Some(known) if known.sequence == last => known.documents,
            Some(known) => self.brought_up(known, last)?,
            None => self.all_where(filter)?,
        };
        self.filtered().put(Known { filter: filter.clone(), sequence: last, documents: documents.clone() });
        Ok(documents)
    }

    fn filtered(&self) -> MutexGuard<'_, Filtered> {
        self.store().filtered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the filter lets through, with the documents that changed since.
    fn brought_up(&self, mut known: Known, last: u64) -> Result<DocumentSet> {
        let forgotten = self.read(|reader| forgotten_through(reader).or_else(all_if_damaged))?;
        if last - known.sequence > MAX_CHANGES || forgotten.cast_unsigned() > known.sequence {
            return self.all_where(&known.filter);
        }
        let mut values = vec![SqlValue::from(known.sequence.cast_signed())];
        let condition = condition(&known.filter, &mut values);
        let query = format!(
            "SELECT d.key, {condition} FROM documents d WHERE d.key IN
             (SELECT p.document FROM changes c JOIN passages p ON p.key = c.passage WHERE c.sequence > ?1)"
        );
        let changed: Vec<(u64, bool)> = self.rows(&query, &values, |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
        for (document, is_let_through) in changed {
            if is_let_through { known.documents.add(document) } else { known.documents.remove(document) }
        }
        Ok(known.documents)
    }

    fn all_where(&self, filter: &Filter) -> Result<DocumentSet> {
        let mut values = Vec::new();
        let condition = condition(filter, &mut values);
        let query = format!("SELECT d.key FROM documents d WHERE {condition}");
        let mut documents = DocumentSet::default();
        for (document, ()) in self.rows(&query, &values, |row| Ok((row.get::<_, i64>(0)?, ())))? {
            documents.add(document);
        }
        Ok(documents)
    }

    fn rows<T>(
        &self,
        query: &str,
        values: &[SqlValue],
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<(i64, T)>,
    ) -> Result<Vec<(u64, T)>> {
        self.read(|reader: &Connection| {
            let find = || {
                let mut query = reader.prepare(query)?;
                let rows = query.query_map(params_from_iter(values), |row| {
                    read(row).map(|(document, value)| (document.cast_unsigned(), value))
                })?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            };
            find().map_err(|error: rusqlite::Error| or_malformed_json(reader, error))
        })
    }
}

/// The number up to which changes were forgotten if it cannot be read: all of them.
fn all_if_damaged(failure: Failure) -> std::result::Result<i64, Failure> {
    if matches!(failure, Failure::DamagedFile(_)) { Ok(i64::MAX) } else { Err(failure) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Comparison, Field};
    use crate::index::passages::Allowed;
    use crate::index::store::Store;
    use crate::index::store::tests::{Folder, document};

    fn tagged(id: &str, word: &str, tag: &str) -> crate::index::store::PreparedDocument {
        let mut document = document(id, word);
        document.info.tags = vec![tag.to_owned()];
        document.hash = *blake3::hash(format!("{id} {word} {tag}").as_bytes()).as_bytes();
        document
    }

    #[test]
    fn a_filter_that_was_asked_before_lets_through_what_one_lets_through_that_was_not() {
        let folder = Folder::new();
        let store = folder.open();
        let filters = [
            Filter::Is(Field::Tags, Comparison::Equal, "red".into()),
            Filter::Not(Box::new(Filter::Is(Field::Tags, Comparison::Equal, "red".into()))),
            Filter::Has(Field::Title),
        ];
        let changes: [&dyn Fn(&Store); 6] = [
            &|store| drop(store.put(&tagged("a", "one", "red")).unwrap()),
            &|store| drop(store.put(&tagged("b", "two", "blue")).unwrap()),
            &|store| drop(store.put(&tagged("a", "one", "blue")).unwrap()),
            &|store| drop(store.put(&tagged("b", "two", "red")).unwrap()),
            &|store| drop(store.delete("b").unwrap()),
            &|store| store.forget_changes_through(store.last_sequence().unwrap()).unwrap(),
        ];
        for change in changes {
            change(&store);
            for filter in &filters {
                let again = store.passages_where(filter).unwrap();
                let anew = folder.open_read_only().passages_where(filter).unwrap();
                assert!(matches!(again, Allowed::Passages(_)));
                assert_eq!(again, anew, "{filter:?}");
            }
        }
    }

    #[test]
    fn a_moment_before_a_change_is_not_filtered_by_what_is_known_of_one_after_it() {
        let folder = Folder::new();
        let store = folder.open();
        store.put(&tagged("a", "one", "red")).unwrap();
        let filter = Filter::Is(Field::Tags, Comparison::Equal, "red".into());
        let before = store.snapshot().unwrap();
        assert_eq!(before.documents_where(&filter).unwrap().len(), 1);
        store.put(&tagged("a", "one", "blue")).unwrap();
        assert_eq!(store.snapshot().unwrap().documents_where(&filter).unwrap().len(), 0);
        assert_eq!(before.documents_where(&filter).unwrap().len(), 1);
    }
}
