//! Passages by their terms. The only folder that names tantivy.

mod scores;
mod snapshot;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use tantivy::directory::{Directory, RamDirectory, TerminatingWrite};
use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriter, IndexWriterOptions};
use tantivy::schema::{FAST, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::store::Compressor;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, SegmentReader, TantivyDocument, Term};

use crate::error::Result;
use snapshot::{Fields, lexical_error};

pub(crate) use scores::LexicalScores;
pub(crate) use snapshot::LexicalSnapshot;

/// Splits at white space, which no term contains.
const TOKENIZER: &str = "whitespace";
const META: &str = "meta.json";
const LOCK: &str = "lock";
const MANAGED: &str = ".managed.json";

/// An inverted index in memory. A writer changes it behind a lock; questions search a [`LexicalSnapshot`] without one.
pub(super) struct LexicalIndex {
    index: Index,
    /// The files of `index`, read without the checksums that tantivy appends to them.
    files: RamDirectory,
    fields: Fields,
    reader: IndexReader,
    /// Created by the first change, since it starts two threads.
    writer: Option<IndexWriter>,
    /// Whether there are changes that the reader does not see yet.
    dirty: bool,
    lengths: Lengths,
}

/// Tokens of the live passages of each segment, with the number of deleted ones for which it was counted.
type Lengths = HashMap<SegmentId, (u32, u64)>;

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
        Ok(Self { index, files, fields, reader, writer: None, dirty: false, lengths: Lengths::new() })
    }

    /// Reads what [`LexicalIndex::serialize`] returned. Check the bytes' hash first.
    pub(super) fn from_trusted_bytes(bytes: &[u8]) -> Result<Self> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(lexical_error)?;
        let files = RamDirectory::create();
        let mut names = Vec::new();
        for number in 0..archive.len() {
            let mut entry = archive.by_index(number).map_err(lexical_error)?;
            let name = entry.name().map_err(lexical_error)?.into_owned();
            let mut file = files.open_write(Path::new(&name)).map_err(lexical_error)?;
            std::io::copy(&mut entry, &mut file).and_then(|_| file.terminate()).map_err(lexical_error)?;
            names.push(name);
        }
        // The list of the files that tantivy may delete once it has merged them into others.
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

    /// Adds a passage, in place of an earlier one with the same key.
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

    /// The index with every change so far.
    pub(super) fn snapshot(&mut self) -> Result<LexicalSnapshot> {
        self.refresh()?;
        let searcher = self.reader.searcher();
        let mut lengths = Lengths::new();
        for segment in searcher.segment_readers() {
            let (id, deleted) = (segment.segment_id(), segment.num_deleted_docs());
            let counted = match self.lengths.get(&id) {
                Some(&(then, tokens)) if then == deleted => (deleted, tokens),
                _ => (deleted, live_tokens(segment, self.fields)?),
            };
            lengths.insert(id, counted);
        }
        self.lengths = lengths;
        let tokens: u64 = self.lengths.values().map(|(_, tokens)| tokens).sum();
        let average_length = (tokens as f32 / searcher.num_docs().max(1) as f32).max(1.0);
        Ok(LexicalSnapshot { searcher, fields: self.fields, average_length })
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

/// The lengths of a segment's live passages, added up; each as BM25 sees it, rounded by tantivy to one of 256 values.
fn live_tokens(segment: &SegmentReader, fields: Fields) -> Result<u64> {
    let lengths = segment.get_fieldnorms_reader(fields.body).map_err(lexical_error)?;
    Ok(segment.doc_ids_alive().map(|doc| u64::from(lengths.fieldnorm(doc))).sum())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::terms::{Concept, LexicalQuery, terms};

    fn filled(passages: &[(u64, &str)]) -> LexicalIndex {
        let mut index = LexicalIndex::new().unwrap();
        passages.iter().for_each(|(key, text)| index.add(*key, &terms(text)).unwrap());
        index
    }

    fn scores(index: &mut LexicalIndex, query: &LexicalQuery) -> LexicalScores {
        LexicalScores::new(index.snapshot().unwrap(), query).unwrap()
    }

    fn search(index: &mut LexicalIndex, question: &str, count: usize) -> Vec<(u64, f32)> {
        scores(index, &LexicalQuery::literal(question)).best(count, None)
    }

    #[test]
    fn a_score_is_the_share_of_what_the_question_could_score() {
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
        assert!(found.iter().all(|(_, score)| *score < 0.1), "{found:?}");
        let found = search(&mut index, "联准会会降息吗", 10);
        assert!(found[0].0 == 1 && found[0].1 > 0.15, "{found:?}");
    }

    #[test]
    fn the_ways_of_saying_a_concept_count_as_one_term() {
        let mut index = filled(&[(1, "alpha beta gamma"), (2, "alpha delta"), (3, "beta epsilon zeta"), (4, "eta")]);
        let concept = Concept { alternatives: vec![vec!["alpha".into(), "beta".into()], vec!["delta".into()]] };
        let query = LexicalQuery { concepts: vec![concept] };
        let found = scores(&mut index, &query).best(10, None);
        let keys: Vec<u64> = found.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, [2, 1], "all terms of one way, or all of another; the shorter passage first");
    }

    #[test]
    fn only_allowed_passages_are_found_and_any_passage_can_be_scored() {
        let mut index =
            filled(&[(1, "rate rate"), (2, "rate cut now"), (3, "rate of tax on income and more"), (4, "none")]);
        let scores = scores(&mut index, &LexicalQuery::literal("rate"));
        let keys = |hits: Vec<(u64, f32)>| hits.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys(scores.best(1, None)), [1]);
        assert_eq!(keys(scores.best(1, Some(&[2, 3]))), [2]);
        assert_eq!(keys(scores.of_passages(&[3, 4, 9, 1]).unwrap()), [3, 1]);
    }

    #[test]
    fn passages_that_score_the_same_are_all_found_however_few_are_wanted() {
        let mut index = filled(&[(7, "rate cut"), (3, "rate cut"), (5, "rate rise and more of it")]);
        let keys: Vec<u64> = search(&mut index, "cut", 1).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [3, 7]);
    }

    #[test]
    fn scores_do_not_depend_on_what_was_added_deleted_and_merged_before() {
        let lasting =
            [(1, "rates fall in spring"), (2, "rates rise"), (3, "banks expect that rates fall twice in all")];
        let mut straight = filled(&lasting);
        let mut eventful = LexicalIndex::new().unwrap();
        for round in 0..30 {
            for key in 0..4 {
                let text = format!("rates fall {}", "and fall again ".repeat(round + key as usize));
                eventful.add(100 + key, &terms(&text)).unwrap();
            }
            lasting.iter().for_each(|(key, text)| eventful.add(*key, &terms(text)).unwrap());
            eventful.snapshot().unwrap();
        }
        (0..4).for_each(|key| eventful.remove(100 + key).unwrap());
        let mut again = LexicalIndex::from_trusted_bytes(&eventful.serialize().unwrap()).unwrap();
        for question in ["rates", "do rates fall twice", "banks"] {
            let wanted = search(&mut straight, question, 10);
            assert!(!wanted.is_empty());
            assert_eq!(search(&mut eventful, question, 10), wanted);
            assert_eq!(search(&mut again, question, 10), wanted);
        }
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
        fn an_index_gives_the_same_answers_after_any_history_and_after_it_is_written_down(
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
                    scores(index, &query).best(100, None).into_iter().map(|(key, _)| key).collect();
                found.sort_unstable();
                let having = |terms: &&Vec<String>| terms.iter().any(|term| term == "apple" || term == "fig");
                let wanted: Vec<u64> =
                    expected.iter().filter(|(_, terms)| having(terms)).map(|(key, _)| *key).collect();
                prop_assert_eq!(found, wanted);
            }
        }
    }
}
