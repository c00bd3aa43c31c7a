//! The snapshots that one question reads: one of each collection that it is asked of.
//!
//! Keys of passages and documents are those of one store. Here each has the number of its collection beside it, and what is
//! known of one collection alone, such as how rare a word is, is known of all together. With one collection everything is as
//! its snapshot has it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::passages::{Allowed, Counts, Weighing};
use super::snapshot::{IndexSnapshot, LexicalMatches};
use super::store::{self, Candidate, MAX_ALIASES, PassageText};
use crate::error::Result;
use crate::filter::Filter;
use crate::model::ModelIdentity;
use crate::passage::{Document, LastPassages, Span};
use crate::terms::{ChineseScript, LexicalQuery};

/// A passage of one of several collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PassageKey {
    /// The number of its collection among those that are read, from 0.
    pub member: usize,
    /// Its key there.
    pub key: u64,
}

/// A document of one of several collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentKey {
    /// The number of its collection among those that are read, from 0.
    pub member: usize,
    /// Its key there.
    pub key: i64,
}

/// The collections that a question reads. Each is as of one moment, one shortly after the other.
pub struct Snapshots<'c>(Vec<Member<'c>>);

struct Member<'c> {
    /// The collection's name, where results tell it.
    name: Option<String>,
    snapshot: IndexSnapshot<'c>,
}

impl<'c> Snapshots<'c> {
    /// Those of these collections, with their names where results tell them.
    pub fn new(members: Vec<(Option<String>, IndexSnapshot<'c>)>) -> Self {
        Self(members.into_iter().map(|(name, snapshot)| Member { name, snapshot }).collect())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The snapshots, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &IndexSnapshot<'c>> {
        self.0.iter().map(|member| &member.snapshot)
    }

    /// The name of the collection with this number, if results tell it.
    pub fn name(&self, member: usize) -> Option<&str> {
        self.0.get(member)?.name.as_deref()
    }

    /// The model that made the vectors of each, with its name if results tell it.
    pub fn models(&self) -> impl Iterator<Item = (Option<&str>, &ModelIdentity)> {
        self.0.iter().map(|member| (member.name.as_deref(), member.snapshot.model()))
    }

    /// What went wrong in the collection with this number, naming it if results tell its name.
    pub fn blame<T>(&self, member: usize, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.of_collection(self.name(member)))
    }

    /// What each collection gives, in the order of their numbers.
    pub fn each<'s, T>(&'s self, of: impl Fn(&'s IndexSnapshot<'c>) -> Result<T>) -> Result<Vec<T>> {
        self.iter().enumerate().map(|(member, snapshot)| self.blame(member, of(snapshot))).collect()
    }

    /// The store of the collection with this number.
    fn store(&self, member: usize) -> Option<&store::Snapshot<'c>> {
        Some(self.0.get(member)?.snapshot.store())
    }

    /// The passage with this key of the collection of this name, as results tell it; `None` if that is not read.
    pub fn key_of(&self, collection: Option<&str>, key: u64) -> Option<PassageKey> {
        let member = self.0.iter().position(|member| member.name.as_deref() == collection)?;
        Some(PassageKey { member, key })
    }

    /// For each collection the passages whose documents meet the filter; `None` if all do.
    pub fn allowed(&self, filter: &Filter) -> Result<Vec<Option<Allowed>>> {
        self.each(|snapshot| snapshot.allowed(filter))
    }

    /// What was stored last in each of them.
    pub fn last_passages(&self) -> Result<LastPassages> {
        let keys = self.each(|snapshot| snapshot.store().last_passage())?;
        Ok(LastPassages::new(self.0.iter().map(|member| member.name.clone()).zip(keys)))
    }

    /// Whether any document has a date.
    pub fn have_dates(&self) -> Result<bool> {
        Ok(self.each(|snapshot| snapshot.store().has_dates())?.contains(&true))
    }

    /// The script of most of their Chinese documents; `None` if there are as many in either.
    pub fn chinese_script(&self) -> Result<Option<ChineseScript>> {
        let of_each = self.each(IndexSnapshot::chinese_documents)?;
        let (traditional, simplified) = of_each.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        Ok(match traditional.cmp(&simplified) {
            std::cmp::Ordering::Greater => Some(ChineseScript::Traditional),
            std::cmp::Ordering::Less => Some(ChineseScript::Simplified),
            std::cmp::Ordering::Equal => None,
        })
    }

    /// How many documents of each collection meet the filter.
    pub fn documents(&self, filter: &Filter) -> Result<Vec<usize>> {
        self.each(|snapshot| snapshot.store().count(filter))
    }

    /// For each collection the lexical scores of its passages. A word weighs the same in all: as in one collection of all
    /// their passages.
    pub fn lexical(&self, query: &LexicalQuery) -> Result<Vec<LexicalMatches<'_>>> {
        let found = self.each(|snapshot| snapshot.lexical(query))?;
        if found.len() < 2 {
            return Ok(found);
        }
        let mut counts = Counts::default();
        found.iter().for_each(|matches| counts.add(matches.counts()));
        let weighing = Arc::new(Weighing::of(&counts));
        Ok(found.into_iter().map(|matches| matches.weighed(&weighing)).collect())
    }

    /// In how many passages of all of them a term occurs, at most; 0 if none of them exists at the moment `at`, or now
    /// without one.
    pub fn passages_with(&self, term: &str, at: Option<&LastPassages>) -> Result<usize> {
        let mut passages = 0;
        for (member, snapshot) in self.iter().enumerate() {
            let last = match at.map(|at| at.last(self.name(member))) {
                None => u64::MAX,
                Some(Some(last)) => last,
                Some(None) => continue,
            };
            passages += self.blame(member, snapshot.passages_with(term, last))?;
        }
        Ok(passages)
    }

    /// The passages with these keys, each with the number of its collection; passages that no longer exist are left out.
    pub fn candidates(&self, keys: &[PassageKey]) -> Result<Vec<(usize, Candidate)>> {
        let mut found = Vec::with_capacity(keys.len());
        for (member, keys) in by_member(keys) {
            let Some(store) = self.store(member) else { continue };
            let candidates = self.blame(member, store.candidates(&keys))?;
            found.extend(candidates.into_iter().map(|candidate| (member, candidate)));
        }
        Ok(found)
    }

    /// Calls `each` with the words of these passages; passages that no longer exist are left out.
    pub fn each_text(
        &self,
        keys: &[PassageKey],
        mut each: impl FnMut(PassageKey, PassageText<'_>) -> Result<()>,
    ) -> Result<()> {
        for (member, keys) in by_member(keys) {
            let Some(store) = self.store(member) else { continue };
            self.blame(member, store.each_text(&keys, |key, text| each(PassageKey { member, key }, text)))?;
        }
        Ok(())
    }

    /// A document, its text checked; `None` if it no longer exists.
    pub fn document(&self, document: DocumentKey) -> Result<Option<Document>> {
        let Some(store) = self.store(document.member) else { return Ok(None) };
        self.blame(document.member, store.document_by_key(document.key))
    }

    /// The language of a document; `None` if it is not known or there is no such document.
    pub fn language_of(&self, document: DocumentKey) -> Result<Option<String>> {
        let Some(store) = self.store(document.member) else { return Ok(None) };
        self.blame(document.member, store.language_of(document.key))
    }

    /// The sentences of a passage and of the passages up to `back` before and `ahead` after it in its document, in order.
    pub fn sentences_around(&self, passage: PassageKey, back: usize, ahead: usize) -> Result<Vec<Span>> {
        let Some(store) = self.store(passage.member) else { return Ok(Vec::new()) };
        self.blame(passage.member, store.sentences_around(passage.key, back, ahead))
    }

    /// Other names that the documents themselves give for these: pairs of a name and another for it. Of each name, those that
    /// most documents of their collection give come first.
    pub fn aliases_of(&self, names: &[String]) -> Result<Vec<(String, String)>> {
        let mut found = self.each(|snapshot| snapshot.store().aliases_of(names))?;
        if found.len() < 2 {
            return Ok(found.pop().unwrap_or_default());
        }
        Ok(merged(found))
    }

    /// The file of the collection with this number.
    pub fn path(&self, member: usize) -> &Path {
        self.store(member).map_or(Path::new(""), store::Snapshot::path)
    }
}

/// The keys as they follow one another, each run in one collection.
fn by_member(keys: &[PassageKey]) -> impl Iterator<Item = (usize, Vec<u64>)> {
    let runs = keys.chunk_by(|one, other| one.member == other.member);
    runs.map(|run| (run[0].member, run.iter().map(|key| key.key).collect()))
}

/// Aliases of several collections: no pair twice, and of each name no more than one collection gives.
fn merged(found: Vec<Vec<(String, String)>>) -> Vec<(String, String)> {
    let mut ranked: Vec<(String, usize, String)> = Vec::new();
    for aliases in found {
        let mut of_name: HashMap<String, usize> = HashMap::new();
        for (name, other) in aliases {
            let rank = of_name.entry(name.clone()).or_default();
            ranked.push((name, *rank, other));
            *rank += 1;
        }
    }
    ranked.sort_by(|(name, rank, _), (other, other_rank, _)| name.cmp(other).then(rank.cmp(other_rank)));
    let mut merged: Vec<(String, String)> = Vec::new();
    let mut of_name = 0;
    for (name, _, other) in ranked {
        let start = merged.len() - of_name;
        if merged.last().is_none_or(|(last, _)| *last != name) {
            of_name = 0;
        } else if merged[start..].iter().any(|(_, known)| *known == other) || of_name == MAX_ALIASES {
            continue;
        }
        merged.push((name, other));
        of_name += 1;
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(name, other)| ((*name).to_owned(), (*other).to_owned())).collect()
    }

    #[test]
    fn the_first_aliases_of_each_collection_come_first_and_none_twice() {
        let one = pairs(&[("fed", "聯準會"), ("fed", "federal reserve"), ("imf", "基金")]);
        let other = pairs(&[("ecb", "央行"), ("fed", "美联储"), ("fed", "聯準會")]);
        let expected =
            [("ecb", "央行"), ("fed", "聯準會"), ("fed", "美联储"), ("fed", "federal reserve"), ("imf", "基金")];
        assert_eq!(merged(vec![one, other]), pairs(&expected));
        let many: Vec<(String, String)> = (0..MAX_ALIASES).map(|n| ("fed".to_owned(), n.to_string())).collect();
        let more: Vec<(String, String)> = (0..MAX_ALIASES).map(|n| ("fed".to_owned(), format!("b{n}"))).collect();
        let merged = merged(vec![many, more]);
        assert_eq!(merged.len(), MAX_ALIASES);
        assert_eq!((merged[0].1.as_str(), merged[1].1.as_str()), ("0", "b0"));
    }

    #[test]
    fn keys_are_read_in_runs_of_one_collection() {
        let key = |member, key| PassageKey { member, key };
        let runs: Vec<(usize, Vec<u64>)> = by_member(&[key(0, 3), key(0, 1), key(2, 7), key(0, 4)]).collect();
        assert_eq!(runs, [(0, vec![3, 1]), (2, vec![7]), (0, vec![4])]);
    }
}
