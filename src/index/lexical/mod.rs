//! Passages by their terms. The only folder that names tantivy.

mod scores;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tantivy::directory::{Directory, RamDirectory, TerminatingWrite};
use tantivy::indexer::{IndexWriter, IndexWriterOptions};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::store::Compressor;
use tantivy::{DocSet, Index, IndexReader, IndexSettings, ReloadPolicy, Searcher, TERMINATED, TantivyDocument, Term};

use crate::error::{Error, Result};
use crate::terms::LexicalQuery;
use scores::{K1, SegmentScores, idf};

/// Splits at white space, of which no term has any.
const TOKENIZER: &str = "whitespace";
const META: &str = "meta.json";
const LOCK: &str = "lock";
const MANAGED: &str = ".managed.json";

/// An inverted index in memory. Its owner puts it behind a lock and searches a [`LexicalSnapshot`] without one.
pub(super) struct LexicalIndex {
    index: Index,
    /// The same files as `index` has, without its checksums at their ends.
    files: RamDirectory,
    fields: Fields,
    reader: IndexReader,
    /// Made when something is written: it takes two threads.
    writer: Option<IndexWriter>,
    /// Whether there is something that the reader does not see yet.
    dirty: bool,
}

#[derive(Debug, Clone, Copy)]
struct Fields {
    key: Field,
    body: Field,
}

/// The index as it was at one moment.
pub(crate) struct LexicalSnapshot {
    searcher: Searcher,
    fields: Fields,
}

impl LexicalIndex {
    /// An empty index.
    pub(super) fn new() -> Result<Self> {
        let mut schema = Schema::builder();
        schema.add_u64_field("key", INDEXED | FAST);
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(true);
        schema.add_text_field("body", TextOptions::default().set_indexing_options(indexing));
        let settings = IndexSettings { docstore_compression: Compressor::None, ..IndexSettings::default() };
        let files = RamDirectory::create();
        let index = Index::create(files.clone(), schema.build(), settings).map_err(lexical_error)?;
        Self::over(index, files)
    }

    fn over(index: Index, files: RamDirectory) -> Result<Self> {
        let field = |name| index.schema().get_field(name).map_err(lexical_error);
        let fields = Fields { key: field("key")?, body: field("body")? };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(lexical_error)?;
        Ok(Self { index, files, fields, reader, writer: None, dirty: false })
    }

    /// Reads what [`LexicalIndex::serialize`] gave. Check the bytes' hash first.
    pub(super) fn from_trusted_bytes(bytes: &[u8]) -> Result<Self> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(lexical_error)?;
        let files = RamDirectory::create();
        let mut names = Vec::new();
        for place in 0..archive.len() {
            let mut entry = archive.by_index(place).map_err(lexical_error)?;
            let name = entry.name().map_err(lexical_error)?.into_owned();
            let mut file = files.open_write(Path::new(&name)).map_err(lexical_error)?;
            std::io::copy(&mut entry, &mut file).and_then(|_| file.terminate()).map_err(lexical_error)?;
            names.push(name);
        }
        // The files that it may delete once they are merged into others.
        let managed = serde_json::Value::from(names).to_string();
        files.atomic_write(Path::new(MANAGED), managed.as_bytes()).map_err(lexical_error)?;
        let index = Index::open(files.clone()).map_err(lexical_error)?;
        Self::over(index, files)
    }

    /// The index as bytes: a zip archive of its files.
    pub(super) fn serialize(&mut self) -> Result<Vec<u8>> {
        self.refresh()?;
        // A merge in the background would change the files while they are copied.
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads().map_err(lexical_error)?;
            self.reader.reload().map_err(lexical_error)?;
            self.writer()?.garbage_collect_files().wait().map_err(lexical_error)?;
            self.writer = None;
        }
        let names: BTreeSet<PathBuf> = self.index.directory().list_managed_files().into_iter().collect();
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for name in names {
            if name.extension().is_some_and(|extension| extension == LOCK)
                || !self.files.exists(&name).map_err(lexical_error)?
            {
                continue;
            }
            let bytes = if let Some(META) = name.to_str() {
                self.files.atomic_read(&name).map_err(lexical_error)?
            } else {
                let file = self.files.open_read(&name).map_err(lexical_error)?;
                file.read_bytes().map_err(lexical_error)?.as_slice().to_vec()
            };
            archive.start_file(name.to_string_lossy(), stored).map_err(lexical_error)?;
            std::io::Write::write_all(&mut archive, &bytes).map_err(lexical_error)?;
        }
        Ok(archive.finish().map_err(lexical_error)?.into_inner())
    }

    /// Adds a passage, in place of what it had under the same key.
    pub(super) fn add(&mut self, key: u64, terms: &[String]) -> Result<()> {
        self.remove(key)?;
        let mut document = TantivyDocument::default();
        document.add_u64(self.fields.key, key);
        document.add_text(self.fields.body, terms.join(" "));
        self.writer()?.add_document(document).map(drop).map_err(lexical_error)
    }

    /// Removes a passage, if it is there.
    pub(super) fn remove(&mut self, key: u64) -> Result<()> {
        let term = Term::from_field_u64(self.fields.key, key);
        self.writer()?.delete_term(term);
        self.dirty = true;
        Ok(())
    }

    /// The index with all that was added and removed so far.
    pub(super) fn snapshot(&mut self) -> Result<LexicalSnapshot> {
        self.refresh()?;
        Ok(LexicalSnapshot { searcher: self.reader.searcher(), fields: self.fields })
    }

    fn writer(&mut self) -> Result<&mut IndexWriter> {
        let writer = if let Some(writer) = self.writer.take() {
            writer
        } else {
            let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1).build();
            self.index.writer_with_options(options).map_err(lexical_error)?
        };
        Ok(self.writer.insert(writer))
    }

    fn refresh(&mut self) -> Result<()> {
        if self.dirty {
            self.writer()?.commit().map_err(lexical_error)?;
            self.reader.reload().map_err(lexical_error)?;
            self.dirty = false;
        }
        Ok(())
    }
}

impl LexicalSnapshot {
    /// How many passages it holds.
    pub(super) fn len(&self) -> usize {
        self.searcher.num_docs() as usize
    }

    /// Whether it holds this passage.
    pub(super) fn contains(&self, key: u64) -> Result<bool> {
        self.place(key).map(|place| place.is_some())
    }

    /// The coverage of the best `count` passages and of those in `also`, best first, each greater than 0; of all of
    /// them only those that are `allowed`, if that is given: keys in ascending order.
    ///
    /// Coverage is BM25 as a share of the most that the question could score: the sum over all its concepts, those
    /// that no passage has counted at the highest weight. So a question of another language than the passages scores
    /// near 0 by itself. A concept that can be said in several ways is scored as one term with their frequencies added
    /// and the passages of their union (Pirkola 1998).
    pub(crate) fn search(
        &self,
        query: &LexicalQuery,
        count: usize,
        also: &[u64],
        allowed: Option<&[u64]>,
    ) -> Result<Vec<(u64, f32)>> {
        let segments = self.searcher.segment_readers();
        let passages = self.len();
        if passages == 0 || query.concepts.is_empty() {
            return Ok(Vec::new());
        }
        let mut scoring = Vec::with_capacity(segments.len());
        for segment in segments {
            scoring.push(SegmentScores::new(segment, self.fields)?);
        }
        let tokens: u64 = scoring.iter().map(|segment| segment.inverted.total_num_tokens()).sum();
        let documents: u64 = segments.iter().map(|segment| u64::from(segment.max_doc())).sum();
        let average_length = (tokens as f32 / documents.max(1) as f32).max(1.0);
        let mut most = 0.0;
        for concept in &query.concepts {
            let mut frequency = 0;
            for segment in &mut scoring {
                frequency += segment.count(concept, self.fields)?;
            }
            let idf = idf(passages, frequency);
            most += idf * (K1 + 1.0);
            scoring.iter_mut().for_each(|segment| segment.add(idf, average_length));
        }
        let mut found = Vec::new();
        for (number, segment) in scoring.iter().enumerate() {
            let hits = (0_u32..).zip(&segment.scores).filter(|(_, score)| **score > 0.0);
            found.extend(hits.map(|(doc, &score)| (score, number, doc)));
        }
        let descending =
            |a: &(f32, usize, u32), b: &(f32, usize, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2));
        let is_allowed = |key: u64| allowed.is_none_or(|allowed| allowed.binary_search(&key).is_ok());
        if allowed.is_none() && count > 0 && found.len() > count {
            found.select_nth_unstable_by(count - 1, descending);
            found.truncate(count);
        }
        found.sort_unstable_by(descending);
        let hits = found.into_iter().map(|(score, segment, doc)| (scoring[segment].key(doc), score / most));
        let mut hits: Vec<(u64, f32)> = hits.filter(|(key, _)| is_allowed(*key)).take(count).collect();
        let mut known: std::collections::HashSet<u64> = hits.iter().map(|(key, _)| *key).collect();
        for &key in also.iter().filter(|key| is_allowed(**key)) {
            if known.insert(key)
                && let Some((segment, doc)) = self.place(key)?
            {
                let score = scoring[segment].scores[doc as usize];
                if score > 0.0 {
                    hits.push((key, score / most));
                }
            }
        }
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(hits)
    }

    /// The segment and the number in it of a passage.
    fn place(&self, key: u64) -> Result<Option<(usize, u32)>> {
        let term = Term::from_field_u64(self.fields.key, key);
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let inverted = segment.inverted_index(self.fields.key).map_err(lexical_error)?;
            let postings = inverted.read_postings(&term, IndexRecordOption::Basic).map_err(lexical_error)?;
            let Some(mut postings) = postings else { continue };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if !segment.is_deleted(doc) {
                    return Ok(Some((number, doc)));
                }
                doc = postings.advance();
            }
        }
        Ok(None)
    }
}

fn lexical_error(reason: impl std::fmt::Display) -> Error {
    Error::Lexical { reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::terms::Concept;
    use crate::terms::terms;

    fn filled(passages: &[(u64, &str)]) -> LexicalIndex {
        let mut index = LexicalIndex::new().unwrap();
        passages.iter().for_each(|(key, text)| index.add(*key, &terms(text)).unwrap());
        index
    }

    fn search(index: &mut LexicalIndex, question: &str, count: usize) -> Vec<(u64, f32)> {
        index.snapshot().unwrap().search(&LexicalQuery::literal(question), count, &[], None).unwrap()
    }

    #[test]
    fn coverage_is_the_share_of_what_the_question_could_score() {
        let mut index = filled(&[(1, "apple pear"), (2, "apple plum")]);
        let found = search(&mut index, "pear grape", 10);
        // Both passages are of average length, so one occurrence scores idf x 2.2 / (1 + 1.2) = idf.
        let (pear, grape) = ((1.0_f32 + 1.5 / 1.5).ln(), (1.0_f32 + 2.5 / 0.5).ln());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 1);
        assert!((found[0].1 - pear / (2.2 * (pear + grape))).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_question_in_a_language_that_the_passages_are_not_in_scores_next_to_nothing() {
        let mut index = filled(&[(1, "聯準會2026年可能降息兩次"), (2, "台積電上調2026年資本支出")]);
        let found = search(&mut index, "who expects the federal reserve to lower rates twice in 2026", 10);
        assert!(found.iter().all(|(_, coverage)| *coverage < 0.1), "{found:?}");
        let found = search(&mut index, "联准会会降息吗", 10);
        assert!(found[0].0 == 1 && found[0].1 > 0.15, "{found:?}");
    }

    #[test]
    fn the_ways_of_saying_a_concept_count_as_one_term() {
        let mut index = filled(&[(1, "alpha beta gamma"), (2, "alpha delta"), (3, "beta epsilon zeta"), (4, "eta")]);
        let concept = Concept { alternatives: vec![vec!["alpha".into(), "beta".into()], vec!["delta".into()]] };
        let query = LexicalQuery { concepts: vec![concept] };
        let found = index.snapshot().unwrap().search(&query, 10, &[], None).unwrap();
        let keys: Vec<u64> = found.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, [2, 1], "all terms of one way, or all of another; the shorter passage first");
    }

    #[test]
    fn only_what_is_allowed_is_found_and_what_is_asked_for_is_scored_beyond_the_best() {
        let mut index =
            filled(&[(1, "rate rate"), (2, "rate cut now"), (3, "rate of tax on income and more"), (4, "none")]);
        let snapshot = index.snapshot().unwrap();
        let query = LexicalQuery::literal("rate");
        let keys = |hits: Vec<(u64, f32)>| hits.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys(snapshot.search(&query, 1, &[], None).unwrap()), [1]);
        assert_eq!(keys(snapshot.search(&query, 1, &[3, 4, 9], None).unwrap()), [1, 3]);
        assert_eq!(keys(snapshot.search(&query, 1, &[3], Some(&[2])).unwrap()), [2]);
    }

    #[test]
    fn an_index_that_is_being_merged_is_written_down_whole() {
        let mut index = LexicalIndex::new().unwrap();
        for key in 0..120 {
            index.add(key, &terms(&format!("apple pear {key}"))).unwrap();
            index.snapshot().unwrap();
            if key % 8 == 7 {
                let mut again = LexicalIndex::from_trusted_bytes(&index.serialize().unwrap()).unwrap();
                assert_eq!(search(&mut again, "apple", 200).len(), key as usize + 1);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn an_index_answers_alike_after_any_history_and_after_being_written_down(
            changes in proptest::collection::vec((0_u64..12, proptest::collection::vec(0_usize..8, 0..6), any::<bool>()), 1..40)
        ) {
            const WORDS: [&str; 8] = ["apple", "pear", "plum", "fig", "date", "lime", "kiwi", "quince"];
            let mut index = LexicalIndex::new().unwrap();
            let mut expected: BTreeMap<u64, Vec<String>> = BTreeMap::new();
            for (number, (key, words, add)) in changes.into_iter().enumerate() {
                if add {
                    let terms: Vec<String> = words.into_iter().map(|word| WORDS[word].to_owned()).collect();
                    index.add(key, &terms).unwrap();
                    expected.insert(key, terms);
                } else {
                    index.remove(key).unwrap();
                    expected.remove(&key);
                }
                if number % 7 == 0 {
                    index.snapshot().unwrap();
                }
            }
            let mut again = LexicalIndex::from_trusted_bytes(&index.serialize().unwrap()).unwrap();
            again.remove(99).unwrap();
            let query = LexicalQuery { concepts: vec![Concept::term("apple".into()), Concept::term("fig".into())] };
            for index in [&mut index, &mut again] {
                let snapshot = index.snapshot().unwrap();
                prop_assert_eq!(snapshot.len(), expected.len());
                for key in 0..12 {
                    prop_assert_eq!(snapshot.contains(key).unwrap(), expected.contains_key(&key));
                }
                let mut found: Vec<u64> =
                    snapshot.search(&query, 100, &[], None).unwrap().into_iter().map(|(key, _)| key).collect();
                found.sort_unstable();
                let having = |terms: &&Vec<String>| terms.iter().any(|term| term == "apple" || term == "fig");
                let wanted: Vec<u64> =
                    expected.iter().filter(|(_, terms)| having(terms)).map(|(key, _)| *key).collect();
                prop_assert_eq!(found, wanted);
            }
        }
    }
}
