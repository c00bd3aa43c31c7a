//! Checks a collection on disk against the promises that are made of it.

use std::path::Path;

use super::collection::Collection;
use super::feed::follow;
use super::loaded::is_newer;
use super::model::{self, Model};
use super::originals::Originals;
use super::passages::{self, Checkpoint, Found, NamedSegment, Slot, Slots};
use super::store::{Candidate, Snapshot, StoredPassage};
use super::successor::Unfinished;
use crate::error::{Error, Result};
use crate::late::Codec;
use crate::passage::{Document, Span};

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// Documents checked.
    pub documents: usize,
    /// Passages checked.
    pub passages: usize,
    /// Sentences checked.
    pub sentences: usize,
    /// What repairs itself when the collection is next written, one sentence each.
    pub notes: Vec<String>,
    /// What is wrong, one sentence each; empty when all is well.
    pub problems: Vec<String>,
}

/// Documents read at a time.
const PAGE: usize = 256;

impl Collection {
    /// The segments that are not what was written, and why. They are made again from the store when next needed.
    pub fn damaged_files(&self) -> Vec<String> {
        match Checkpoint::read(self.dir()) {
            Found::Current(checkpoint) => {
                let sound = |segment| open_sound(self.dir(), segment);
                checkpoint.segments.iter().filter_map(|segment| sound(segment).err()).map(|e| e.to_string()).collect()
            }
            Found::Corrupt(reason) => vec![reason],
            Found::Earlier(_) | Found::Missing => Vec::new(),
        }
    }

    /// Checks that everything in the store matches its checksums; that passages tile their documents and sentences lie in
    /// them, on character boundaries; that every vector has the model's length; that no passage was longer than
    /// `max_tokens`, if that is known; that every file of the index is what was written, and that the index holds exactly the
    /// store's passages.
    pub fn verify(&self, max_tokens: Option<usize>) -> Result<Verification> {
        let mut found = Verification::default();
        let Some(store) = self.store() else { return Ok(found) };
        let snapshot = store.snapshot()?;
        found.problems = snapshot.integrity_problems()?;
        let dimensions = snapshot.get(model::DIMENSIONS)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        let readable = snapshot.has_readable_vectors()?;
        if !readable {
            found
                .problems
                .push("another version of Footnote stored the vectors; `footnote reindex` makes them again".into());
        }
        match snapshot.damaged_files()? {
            0 => {}
            damaged => found.problems.push(format!(
                "what is recorded of {damaged} ingested files does not match its checksum; ingest them again"
            )),
        }
        let (mut keys, mut after, originals) = (Vec::new(), 0, self.originals());
        loop {
            let page = snapshot.document_keys(after, PAGE)?;
            let Some(&(last, _)) = page.last() else { break };
            after = last;
            for (document, id) in page {
                found.documents += 1;
                match check(
                    &snapshot,
                    document,
                    &id,
                    max_tokens,
                    readable.then_some(dimensions),
                    &originals,
                    &mut found,
                ) {
                    Ok(own) => keys.extend(own),
                    Err(reason) => {
                        found
                            .problems
                            .push(format!("document {id} is damaged: {reason}; ingest its file again with --reread"));
                        keys.extend(snapshot.keys_of(document)?);
                    }
                }
            }
        }
        match Unfinished::find(self.dir(), store) {
            Ok(_) => {}
            Err(error) => found.notes.push(format!(
                "what was embedded for a reindex cannot be used: {error}; `footnote reindex` begins again"
            )),
        }
        if dimensions > 0
            && readable
            && found.problems.is_empty()
            && let Some(model) = Model::read(&snapshot)?
        {
            keys.sort_unstable();
            check_index(self.dir(), &snapshot, &model, &keys, &mut found)?;
            found.problems.extend(self.cluster_problems());
        }
        Ok(found)
    }
}

/// Opens a segment on disk, all of whose files are what was written.
fn open_sound(dir: &Path, segment: &NamedSegment) -> Result<Slot> {
    let slot = passages::open(dir, segment)?;
    slot.check_all().map(|()| slot)
}

/// Compares the index on disk, not the one in memory, with the same snapshot that the rest of the check reads, so that
/// nothing that is written meanwhile looks like damage. `keys` ascend.
fn check_index(dir: &Path, store: &Snapshot<'_>, model: &Model, keys: &[u64], found: &mut Verification) -> Result<()> {
    let checkpoint = match Checkpoint::read(dir) {
        Found::Current(checkpoint) if is_newer(&checkpoint, store)? => {
            found.notes.push(MEANWHILE.into());
            return Ok(());
        }
        Found::Current(checkpoint) if !checkpoint.is_made_by(&model.identity.fingerprint, passages::rules()) => {
            let note = "the index was made with another model or by other rules; it is made again from the store";
            found.notes.push(note.into());
            return Ok(());
        }
        Found::Current(checkpoint) => checkpoint,
        Found::Earlier(_) => {
            found.notes.push("an earlier version of Footnote made the index; it is made again from the store".into());
            return Ok(());
        }
        Found::Missing => {
            found.notes.push("the index is not on disk yet; it is made from the store".into());
            return Ok(());
        }
        Found::Corrupt(reason) => {
            found.notes.push(format!("{reason}; it is not used, but made again from the store"));
            return Ok(());
        }
    };
    let mut slots = Vec::new();
    for segment in &checkpoint.segments {
        match open_sound(dir, segment) {
            Ok(slot) => slots.push(slot),
            Err(_) if Checkpoint::current(dir).as_ref() != Some(&checkpoint) => {
                found.notes.push(MEANWHILE.into());
                return Ok(());
            }
            Err(error) => found.notes.push(format!("{error}; it is not used, but made again from the store")),
        }
    }
    if slots.len() < checkpoint.segments.len() {
        return Ok(());
    }
    let mut slots = Slots::new(slots);
    if checkpoint.through > store.last_sequence()?
        || follow(&mut slots, checkpoint.sequence, store, |_| false)?.is_none()
    {
        let note = "the changes between the index and the store are not known; it is made again from the store";
        found.notes.push(note.into());
        return Ok(());
    }
    let mut held = Vec::new();
    for slot in slots.iter() {
        held.extend(slot.keys()?);
    }
    let lacks = |others: &[u64], key: &u64| others.binary_search(key).is_err();
    let missing = keys.iter().filter(|key| lacks(&held, key)).count();
    if missing > 0 {
        found.problems.push(format!("the index lacks {missing} passages of the store"));
    }
    let extra = held.iter().filter(|key| lacks(keys, key)).count();
    if extra > 0 {
        found.problems.push(format!("the index holds {extra} passages that the store does not have"));
    }
    Ok(())
}

const MEANWHILE: &str = "the collection was written to meanwhile, so the index was not compared; try again";

/// Checks one document; gives the keys of its passages, or what is damaged.
fn check(
    snapshot: &Snapshot<'_>,
    document: i64,
    id: &str,
    max_tokens: Option<usize>,
    dimensions: Option<usize>,
    originals: &Originals,
    found: &mut Verification,
) -> Result<Vec<u64>, String> {
    let reason = |error: Error| match error {
        Error::Damaged { reason, .. } | Error::Corrupt { reason, .. } => reason,
        other => other.to_string(),
    };
    if let Some(problem) = snapshot.problem_of(document).map_err(reason)? {
        return Err(problem);
    }
    let Some(stored) = snapshot.document_by_key(document).map_err(reason)? else { return Ok(Vec::new()) };
    if let Some(original) = snapshot.original(id).map_err(reason)?
        && originals.is_damaged(&original)
    {
        let what = "the copy of its file is not what was stored; ingest the file again with --reread";
        found.problems.push(format!("document {id}: {what}"));
    }
    let passages = snapshot.passages(&stored.info.id).map_err(reason)?;
    check_spans(&stored, &passages, max_tokens, found);
    let keys: Vec<u64> = passages.iter().map(|passage| passage.key).collect();
    if let Some(dimensions) = dimensions {
        for candidate in snapshot.candidates(&keys).map_err(reason)? {
            check_vectors(id, &candidate, dimensions, found);
        }
    }
    Ok(keys)
}

fn check_spans(document: &Document, passages: &[StoredPassage], max_tokens: Option<usize>, found: &mut Verification) {
    let (id, text) = (&document.info.id, document.text.as_str());
    let mut problem = |what: String| found.problems.push(format!("document {id}: {what}"));
    let sound = |span: Span| text.get(span.range()).is_some();
    let mut end = 0;
    for passage in passages {
        if passage.span.start != end || !sound(passage.span) {
            problem(format!(
                "the passage at {}..{} does not follow the one before",
                passage.span.start, passage.span.end
            ));
        }
        end = passage.span.end;
        let mut last = passage.span.start;
        for &sentence in &passage.sentences {
            if sentence.start < last || !passage.span.contains(sentence) || sentence.is_empty() || !sound(sentence) {
                problem(format!("the sentence at {}..{} is out of place", sentence.start, sentence.end));
            }
            last = sentence.end;
        }
        if max_tokens.is_some_and(|max| passage.tokens > max) {
            problem(format!("the model cut off a passage of {} tokens", passage.tokens));
        }
    }
    if end != text.len() {
        problem(format!("its passages end at byte {end}, its text at {}", text.len()));
    }
    found.passages += passages.len();
    found.sentences += passages.iter().map(|passage| passage.sentences.len()).sum::<usize>();
}

fn check_vectors(id: &str, candidate: &Candidate, dimensions: usize, found: &mut Verification) {
    let codec = Codec::new(dimensions);
    let norm = candidate.vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    // NaN is in no range.
    if candidate.vector.len() != dimensions || !(0.99..1.01).contains(&norm) {
        let vector = format!("a vector of {} dimensions and length {norm}", candidate.vector.len());
        found.problems.push(format!("document {id}: {vector}"));
    }
    if !candidate.sentences.iter().all(|sentence| codec.is_sentence(&sentence.compressed)) {
        found.problems.push(format!("document {id}: a sentence without readable vectors"));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::index::store::{EmbeddedPassage, PreparedDocument, Store};
    use crate::model::ModelIdentity;
    use crate::passage::{Chunk, DocumentInfo, Format, Layout};

    const DIMENSIONS: usize = 16;
    const FLIPS: usize = 600;

    /// Steele, Lea and Flood 2014.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        }

        fn below(&mut self, bound: usize) -> usize {
            (self.next() % bound as u64) as usize
        }

        fn unit_vector(&mut self) -> Vec<f32> {
            let vector: Vec<f32> = (0..DIMENSIONS).map(|_| self.below(2_001) as f32 - 1_000.0).collect();
            let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            vector.into_iter().map(|value| value / norm).collect()
        }
    }

    fn document(number: usize, random: &mut Random) -> PreparedDocument {
        let (codec, mut text, mut passages) = (Codec::new(DIMENSIONS), String::new(), Vec::new());
        for _ in 0..4 {
            let start = text.len();
            let mut sentences = Vec::new();
            for sentence in ["The bridge opened in 1931. ", "聯準會今年降息三次。"] {
                sentences.push(Span::new(text.len(), text.len() + sentence.trim_end().len()));
                text.push_str(sentence);
            }
            let vector = random.unit_vector();
            let vectors: Vec<Vec<f32>> = (0..4).map(|_| random.unit_vector()).collect();
            let inputs = sentences.iter().map(|_| (vectors[0].as_slice(), vectors.as_slice()));
            passages.push(EmbeddedPassage {
                sentences: codec.compress_sentences(&vector, inputs),
                chunk: Chunk { span: Span::new(start, text.len()), sentences, headings: vec!["Bridges".into()] },
                tokens: 20,
                vector,
            });
        }
        let id = format!("document-{number}");
        PreparedDocument {
            layout: Layout::default(),
            info: DocumentInfo {
                title: format!("Title {number}"),
                source: Some("A newspaper".into()),
                uri: Some(format!("https://example.org/{number}")),
                published: Some("2026-01-31".into()),
                language: Some("en".into()),
                tags: vec!["bridge".into(), "rates".into()],
                metadata: serde_json::json!({ "page": number }).as_object().unwrap().clone(),
                format: Format::Plain,
                size_bytes: text.len(),
                passages: passages.len(),
                ingested: "2026-02-03T04:05:06Z".into(),
                id,
            },
            hash: *blake3::hash(&number.to_le_bytes()).as_bytes(),
            text,
            origin: Some(format!("/docs/{number}.txt")),
            original: None,
            aliases: vec![("fed".into(), "聯準會".into())],
            passages,
        }
    }

    /// Everything that the store gives to anyone, as text.
    fn content(dir: &Path) -> Result<String> {
        let collection = Collection::open_read_only(dir)?;
        let Some(store) = collection.store() else { return Ok("nothing".into()) };
        let snapshot = store.snapshot()?;
        let mut content =
            format!("{:?} {:?}", collection.model()?, snapshot.aliases_of(&["fed".into(), "聯準會".into()])?);
        for info in snapshot.documents(None, 100)? {
            let passages = snapshot.passages(&info.id)?;
            let keys: Vec<u64> = passages.iter().map(|passage| passage.key).collect();
            let origin = snapshot.origin_of(&info.id)?;
            let (hash, candidates) = (snapshot.hash_of(&info.id)?, snapshot.candidates(&keys)?);
            let document = snapshot.document(&info.id)?;
            write!(content, "{hash:?} {origin:?} {candidates:?} {passages:?} {document:?}").unwrap();
        }
        Ok(content)
    }

    #[test]
    fn an_index_that_was_written_during_a_check_is_not_called_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let mut random = Random(3);
        let writer = Collection::open(dir.path()).unwrap();
        let identity = ModelIdentity { name: "m".into(), fingerprint: "0123456789abcdef".into() };
        writer.adopt_model(&identity, DIMENSIONS).unwrap();
        writer.put(&document(0, &mut random)).unwrap();
        let snapshot = writer.store().unwrap().snapshot().unwrap();
        let keys = snapshot.passage_keys(0, 100).unwrap();
        writer.put(&document(1, &mut random)).unwrap();
        writer.delete("document-0").unwrap();
        writer.checkpoint().unwrap();
        let (mut found, model) = (Verification::default(), Model { identity, dimensions: DIMENSIONS });
        check_index(dir.path(), &snapshot, &model, &keys, &mut found).unwrap();
        assert_eq!((found.problems.len(), found.notes.len()), (0, 1), "{found:?}");
        assert!(found.notes[0].contains("meanwhile"), "{found:?}");
    }

    #[test]
    fn a_flipped_bit_anywhere_in_the_store_is_found_or_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut random = Random(2);
        {
            let collection = Collection::open(dir.path()).unwrap();
            let model = ModelIdentity { name: "m".into(), fingerprint: "0123456789abcdef".into() };
            collection.adopt_model(&model, DIMENSIONS).unwrap();
            for number in 0..6 {
                collection.put(&document(number, &mut random)).unwrap();
            }
            collection.delete("document-3").unwrap();
        }
        let expected = content(dir.path()).unwrap();
        let sound = Collection::open_read_only(dir.path()).unwrap().verify(None).unwrap();
        assert_eq!((sound.problems, sound.documents), (Vec::new(), 5));
        let path = dir.path().join(Store::FILE);
        let whole = std::fs::read(&path).unwrap();
        // Most of a page is unused; what is used is rarely zero.
        let used: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] != 0).collect();
        let (mut found, mut harmless) = (0, 0);
        for _ in 0..FLIPS {
            let (at, bit) = (used[random.below(used.len())], random.below(8));
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            std::fs::write(&path, flipped).unwrap();
            let verified = Collection::open_read_only(dir.path()).and_then(|collection| collection.verify(None));
            if verified.as_ref().is_ok_and(|verified| verified.problems.is_empty()) {
                let content = content(dir.path()).unwrap_or_else(|error| format!("{error:?}"));
                assert!(content == expected, "bit {bit} of byte {at} changes what is read, unseen: {verified:?}");
                harmless += 1;
            } else {
                found += 1;
                // Whatever it is, nothing that was altered is given out.
                let _ = content(dir.path());
            }
        }
        println!("{found} found, {harmless} harmless");
        assert!(found > FLIPS / 2, "{found} found, {harmless} harmless");
    }
}
