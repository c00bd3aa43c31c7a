//! Cursors: where the next page of a search goes on.
//!
//! A cursor holds no document: only which passages were shown, and which one was stored last when the search began. The next page
//! ranks again and leaves out what was shown and what was stored later. So documents that were deleted, changed or erased in
//! between are never served from it, and nothing appears twice.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::footnote::Question;
use crate::passage::LastPassages;

/// How long a cursor can be used.
const LIFETIME: Duration = Duration::from_mins(15);
/// Cursors that are kept, and of one key; with more, the oldest are dropped.
const MOST: usize = 2_000;
const MOST_OF_ONE: usize = 500;

/// The cursors of a server.
#[derive(Default)]
pub(super) struct Cursors {
    kept: Mutex<VecDeque<Kept>>,
}

/// Who searches for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search {
    /// The id of the key, if there is one.
    asker: Option<String>,
    /// The names of the collections, in order.
    collections: Vec<String>,
    /// Whether results name the collection of each passage.
    are_named: bool,
    /// A hash of the question and its conditions.
    question: blake3::Hash,
}

/// A passage by its collection, if results name that, and its key.
pub(super) type ShownPassage = (Option<String>, u64);

/// Where a search goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The passages that were shown.
    pub(super) shown: Arc<[ShownPassage]>,
    /// What was stored last when the search began.
    pub(super) last_passages: LastPassages,
}

struct Kept {
    id: String,
    search: Search,
    place: Place,
    since: Instant,
}

/// Why a cursor cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It has expired, was never given to this caller, its collection was deleted or embedded again, or the collections are others.
    Gone,
    /// It belongs to another question of the same caller.
    OfAnother,
}

impl Search {
    /// The search for a question. How many passages are wanted makes no difference.
    pub(super) fn new(asker: Option<String>, collections: &[&str], are_named: bool, question: &Question) -> Self {
        let same = Question {
            top_k: None,
            context_sentences: None,
            mode: None,
            skip: 0,
            facets: Vec::new(),
            asker: None,
            ..question.clone()
        };
        let collections = collections.iter().map(|&name| name.to_owned()).collect();
        Self { asker, collections, are_named, question: blake3::hash(format!("{same:?}").as_bytes()) }
    }
}

impl Cursors {
    /// A new cursor; `None` if the system gives no random numbers.
    pub(super) fn add(&self, search: Search, place: Place) -> Option<String> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).ok()?;
        let id = format!("{:032x}", u128::from_le_bytes(random));
        let mut kept = self.lock();
        let is_own = |other: &Kept| other.search.asker == search.asker;
        if kept.iter().filter(|other| is_own(other)).count() >= MOST_OF_ONE
            && let Some(oldest) = kept.iter().position(is_own)
        {
            kept.remove(oldest);
        }
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back(Kept { id: id.clone(), search, place, since: Instant::now() });
        Some(id)
    }

    /// Where the cursor `id` goes on with a search. It stays, so that a request can be repeated.
    pub(super) fn find(&self, id: &str, search: &Search) -> Result<Place, Unusable> {
        let kept = self.lock();
        let found =
            kept.iter().find(|kept| kept.id == id && kept.search.asker == search.asker).ok_or(Unusable::Gone)?;
        match found.search == *search {
            true => Ok(found.place.clone()),
            // The collections that are there, or that the caller may use, are others now.
            false if found.search.question == search.question => Err(Unusable::Gone),
            false => Err(Unusable::OfAnother),
        }
    }

    /// Drops the cursors of a collection.
    pub(super) fn forget(&self, collection: &str) {
        self.lock().retain(|kept| !kept.search.collections.iter().any(|name| name == collection));
    }

    /// The cursors without those that have expired.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.front().is_some_and(|oldest| oldest.since.elapsed() > LIFETIME) {
            kept.pop_front();
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(asker: &str, collection: &str, question: &str) -> Search {
        let question = Question { text: question.into(), ..Question::default() };
        Search::new(Some(asker.to_owned()), &[collection], false, &question)
    }

    fn place(last: u64) -> Place {
        let last_passages = LastPassages::new([(None, last)]);
        Place { shown: Arc::from([(None, 1), (None, 2)]), last_passages }
    }

    #[test]
    fn a_cursor_goes_on_with_its_own_search_and_is_not_there_for_others() {
        let cursors = Cursors::default();
        let id = cursors.add(search("k", "news", "rates"), place(7)).unwrap();
        assert_eq!(cursors.find(&id, &search("k", "news", "rates")), Ok(place(7)));
        assert_eq!(cursors.find(&id, &search("k", "news", "rates")), Ok(place(7)), "it can be used again");
        assert_eq!(cursors.find(&id, &search("k", "news", "bread")), Err(Unusable::OfAnother));
        assert_eq!(cursors.find(&id, &search("k", "laws", "rates")), Err(Unusable::Gone));
        assert_eq!(cursors.find(&id, &search("other", "news", "rates")), Err(Unusable::Gone));
        assert_eq!(cursors.find("x", &search("k", "news", "rates")), Err(Unusable::Gone));
        cursors.forget("laws");
        assert!(cursors.find(&id, &search("k", "news", "rates")).is_ok());
        cursors.forget("news");
        assert_eq!(cursors.find(&id, &search("k", "news", "rates")), Err(Unusable::Gone));
    }

    #[test]
    fn a_busy_key_loses_its_own_oldest_cursors_only() {
        let cursors = Cursors::default();
        let quiet = cursors.add(search("quiet", "news", "q"), place(0)).unwrap();
        let busy: Vec<String> =
            (0..=MOST_OF_ONE).map(|_| cursors.add(search("busy", "news", "q"), place(0)).unwrap()).collect();
        assert!(cursors.find(&quiet, &search("quiet", "news", "q")).is_ok());
        assert!(cursors.find(&busy[0], &search("busy", "news", "q")).is_err());
        assert!(cursors.find(&busy[1], &search("busy", "news", "q")).is_ok());
    }

    #[test]
    fn how_many_passages_are_wanted_does_not_make_another_search() {
        let question = |top_k| Question { text: "q".into(), top_k, ..Question::default() };
        let search = |top_k| Search::new(None, &["news"], false, &question(top_k));
        assert_eq!(search(None), search(Some(9)));
    }
}
