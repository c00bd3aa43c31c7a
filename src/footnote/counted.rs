//! "How many documents mention X": counted over the index, in each collection that is asked.

use std::collections::BTreeSet;

use super::Collections;
use super::reading::Reading;
use crate::ask::{self, Question, SearchResults};
use crate::display::one_line;
use crate::error::Result;
use crate::filter::{Field, Filter};
use crate::notices::filled;
use crate::passage::{Answer, Citation, CollectionCount, DocumentCount, FoundPassage, Mode, NoteAbout};
use crate::terms::language::is_han;
use crate::terms::{Concept, LexicalQuery};

/// Other names of what is counted that are told.
const MOST_NAMES: usize = 6;
/// Documents that a count names.
const MOST_COUNTED: usize = 500;

impl Collections<'_> {
    /// How many documents have `what`; `None` if there is nothing to count.
    pub(super) fn counted(
        &self,
        question: &Question,
        mode: Mode,
        what: &str,
        reading: &Reading<'_>,
    ) -> Result<Option<Answer>> {
        let Some(index) = reading.index() else { return Ok(None) };
        let query = ask::lexical_query(self.engine().lexicon()?, self.config().lexicon.aliases, index, what)?;
        if query.concepts.is_empty() {
            return Ok(None);
        }
        let Some(limited) = ask::exactly_limited(index, &question.filter, &question.passages, reading.cancel)? else {
            return Ok(None);
        };
        // By the number of the collection and the id.
        let documents = |query: &LexicalQuery| -> Result<Vec<(usize, String)>> {
            let mut found = Vec::new();
            for (member, (snapshot, allowed)) in index.iter().zip(&limited.allowed).enumerate() {
                let keys = index.blame(member, ask::counted(snapshot, query, allowed.as_ref(), reading.cancel))?;
                let ids = index.blame(member, snapshot.store().documents_of(&keys))?;
                let mut ids: Vec<(usize, String)> = ids.into_iter().map(|(_, id)| (member, id)).collect();
                ids.sort();
                ids.dedup();
                found.extend(ids);
            }
            Ok(found)
        };
        let ids = documents(&query)?;
        // The first way of each concept is that of the question.
        let own = |concept: &Concept| Concept { alternatives: concept.alternatives.iter().take(1).cloned().collect() };
        let as_written = documents(&LexicalQuery { concepts: query.concepts.iter().map(own).collect() })?;
        let confidence = certainty(as_written.len(), ids.len());
        let each_of = index.documents(&question.filter)?;
        let by_collection = each_of.iter().enumerate().filter_map(|(member, &of)| {
            let documents = ids.iter().filter(|(found, _)| *found == member).count();
            Some(CollectionCount { collection: index.name(member)?.to_owned(), documents, of })
        });
        let (of, by_collection) = (each_of.iter().sum(), by_collection.collect());
        let mut also: Vec<String> =
            self.engine().lexicon()?.written_names(what).into_iter().map(str::to_owned).collect();
        if let ([one], true) = (query.concepts.as_slice(), also.is_empty()) {
            // Of a translation that is one term, the index has the word as people write it.
            let is_word = |term: &&String| term.chars().nth(1).is_some() && term.chars().all(is_han);
            let terms = one.alternatives.iter().skip(1).filter(|terms| terms.len() == 1).flatten();
            also = terms.filter(is_word).cloned().collect();
        }
        also.truncate(MOST_NAMES);
        let count = DocumentCount { what: what.to_owned(), documents: ids.len(), of, also, by_collection };
        let mut found = SearchResults::default();
        if !ids.is_empty() {
            let most_of_each = (MOST_COUNTED / index.count()).max(1);
            let named = |of_one: &[(usize, String)]| -> Vec<(Option<String>, String)> {
                let of_one = of_one.iter().take(most_of_each);
                of_one.map(|(member, id)| (index.name(*member).map(str::to_owned), id.clone())).collect()
            };
            let ids: BTreeSet<(Option<String>, String)> =
                ids.chunk_by(|one, other| one.0 == other.0).flat_map(named).collect();
            let within = Filter::one_of(&Field::Id, ids.iter().map(|(_, id)| id.as_str().into()))?;
            let filter = Filter::All(vec![question.filter.clone(), within]);
            let about = Question { text: what.to_owned(), filter, corrections: Some(Vec::new()), ..question.clone() };
            found = self.search_in(&about, reading)?;
            // Another collection may have a document with the same id.
            let is_counted =
                |passage: &FoundPassage| ids.contains(&(passage.collection.clone(), passage.document.id.clone()));
            found.passages.retain(is_counted);
            // The count is what answers; the passages show where it comes from.
            found.passages.dedup_by(|one, other| one.is_of_same_document(other));
        }
        let note = self.remark(question, NoteAbout::Count, |remarks, is_unspaced| {
            let (documents, of) = (count.documents.to_string(), count.of.to_string());
            let values = [("documents", documents.as_str()), ("of", &of), ("what", &one_line(&count.what))];
            let mut text = filled(&remarks.count, &values);
            text.push_str(&named_counts(&count.by_collection, is_unspaced));
            if !count.also.is_empty() {
                let names = count.also.join(if is_unspaced { "、" } else { ", " });
                text.push_str(if is_unspaced { "" } else { " " });
                text.push_str(&filled(&remarks.count_names, &[("names", &one_line(&names))]));
            }
            text
        })?;
        let citations: Vec<Citation> =
            (1..).zip(found.passages).map(|(id, passage)| Citation { id, passage }).collect();
        Ok(Some(Answer {
            mode,
            answerable: true,
            confidence,
            citations,
            count: Some(count),
            notes: vec![note],
            took: found.took,
            ..Answer::default()
        }))
    }
}

/// How certain a count is. That a document has the words of the question is certain; that another name or a translation
/// means the same in it is as likely as not, as far as anything is known.
fn certainty(as_written: usize, all: usize) -> f32 {
    if all == 0 {
        return 1.0;
    }
    let others = all.saturating_sub(as_written);
    ((all - others) as f32 + 0.5 * others as f32) / all as f32
}

/// The count of each collection, in a form that no language has words in.
fn named_counts(counts: &[CollectionCount], is_unspaced: bool) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let of_one = |count: &CollectionCount| format!("{} {}/{}", count.collection, count.documents, count.of);
    let all: Vec<String> = counts.iter().map(of_one).collect();
    if is_unspaced { format!("（{}）", all.join("、")) } else { format!(" ({})", all.join(", ")) }
}
