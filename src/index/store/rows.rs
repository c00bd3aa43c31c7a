//! The rows of documents and passages with their checksums, as they are read and written.

use rusqlite::Row;
use rusqlite::types::{Type, ValueRef};

use super::checksum::{self, Checksum};
use super::failure::{Failure, is_unreadable_value};
use crate::late::Codec;
use crate::passage::{DocumentInfo, Format, Span};

/// The columns that [`DocumentRow::read`] takes, of a table named `d`.
pub(super) const DOCUMENT: &str = "d.key, d.id, d.title, d.source, d.uri, d.published, d.language, d.tags, d.metadata,
    d.format, d.origin, d.size_bytes, d.passages, d.hash, d.ingested, d.text_checksum, d.aliases_checksum,
    d.passages_checksum, d.checksum";
/// How many of them the checksum covers: all but itself.
const COVERED: usize = 18;
/// The place of `origin` among them.
const ORIGIN: usize = 10;
/// The places of what is made of its passages and aliases.
const PASSAGES: usize = 12;
const ALIASES_CHECKSUM: usize = 16;
const PASSAGES_CHECKSUM: usize = 17;

/// The columns that [`PassageRow::read`] takes, of a table named `p`.
pub(super) const PASSAGE: &str = "p.key, p.document, p.ordinal, p.span_start, p.span_end, p.tokens, p.headings,
    p.sentences, p.vector, p.compressed, p.checksum";

/// A row of `documents` whose checksum is right.
pub(super) struct DocumentRow {
    pub(super) key: i64,
    pub(super) info: DocumentInfo,
    pub(super) text_checksum: Checksum,
    pub(super) aliases_checksum: Checksum,
    pub(super) passages_checksum: Checksum,
}

impl DocumentRow {
    /// Reads the columns [`DOCUMENT`]; the reason if they are not what was stored.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Result<Self, String>> {
        if !is_sound::<COVERED>(row)? {
            return Ok(Err("its title, tags or other fields do not match their checksum".into()));
        }
        readable(Self::read_checked(row))
    }

    fn read_checked(row: &Row<'_>) -> rusqlite::Result<Self> {
        let format = row.get_ref(9)?.as_str()?;
        let format =
            Format::from_name(format).ok_or_else(|| unreadable(9, Type::Text, format!("unknown format `{format}`")))?;
        Ok(Self {
            key: row.get(0)?,
            info: DocumentInfo {
                id: row.get(1)?,
                title: row.get(2)?,
                source: row.get(3)?,
                uri: row.get(4)?,
                published: row.get(5)?,
                language: row.get(6)?,
                tags: json(row, 7)?,
                metadata: json(row, 8)?,
                format,
                size_bytes: size(row, 11)?,
                passages: size(row, 12)?,
                ingested: row.get(14)?,
            },
            text_checksum: row.get(15)?,
            aliases_checksum: row.get(16)?,
            passages_checksum: row.get(17)?,
        })
    }
}

/// A row of `passages` whose checksum is right.
pub(super) struct PassageRow {
    pub(super) key: u64,
    pub(super) document: i64,
    pub(super) ordinal: i64,
    pub(super) span: Span,
    pub(super) tokens: usize,
    /// As JSON.
    headings: String,
    pub(super) sentences: Vec<Span>,
    pub(super) vector: Vec<u8>,
    /// One for each of `sentences`.
    pub(super) compressed: Vec<Vec<u8>>,
    pub(super) checksum: Checksum,
}

impl PassageRow {
    /// Reads the columns [`PASSAGE`]; the reason if they are not what was stored.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Result<Self, String>> {
        const CHECKSUM: usize = 10;
        let checksum = checksum::of_values(&values::<CHECKSUM>(row)?);
        if row.get_ref(CHECKSUM)? != ValueRef::Blob(&checksum) {
            return Ok(Err("one of its passages does not match its checksum".into()));
        }
        readable(Self::read_checked(row, checksum))
    }

    fn read_checked(row: &Row<'_>, checksum: Checksum) -> rusqlite::Result<Self> {
        let span = span(row, 3)?;
        let (sentences, lengths) = unpack_sentences(span, row.get_ref(7)?.as_blob()?)
            .ok_or_else(|| unreadable(7, Type::Blob, "its sentences cannot be read".into()))?;
        let mut rest = row.get_ref(9)?.as_blob()?;
        let mut compressed = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (sentence, after) = rest
                .split_at_checked(length)
                .ok_or_else(|| unreadable(9, Type::Blob, "vectors of a sentence are missing".into()))?;
            compressed.push(sentence.to_vec());
            rest = after;
        }
        Ok(Self {
            key: row.get::<_, i64>(0)?.cast_unsigned(),
            document: row.get(1)?,
            ordinal: row.get(2)?,
            span,
            tokens: size(row, 5)?,
            headings: row.get(6)?,
            sentences,
            vector: row.get_ref(8)?.as_blob()?.to_vec(),
            compressed,
            checksum,
        })
    }

    /// The headings above it, outermost first.
    pub(super) fn headings(&self) -> Result<Vec<String>, String> {
        serde_json::from_str(&self.headings).map_err(|error| format!("the headings of one of its passages: {error}"))
    }

    /// Its vector as numbers.
    pub(super) fn decoded_vector(&self, codec: &Codec) -> Result<Vec<f32>, String> {
        codec.decode_passage(&self.vector).ok_or_else(|| "the vector of one of its passages has another length".into())
    }
}

/// The checksum that a row of `documents` gets with another origin.
pub(super) fn checksum_with_origin(row: &Row<'_>, origin: &str) -> rusqlite::Result<Checksum> {
    let mut covered = values::<COVERED>(row)?;
    covered[ORIGIN] = ValueRef::Text(origin.as_bytes());
    Ok(checksum::of_values(&covered))
}

/// What changes in a row of `documents` when its passages and aliases are made anew.
pub(super) struct NewPassages {
    pub(super) count: i64,
    pub(super) aliases: Checksum,
    pub(super) passages: Checksum,
}

/// The checksum that a row of `documents` gets with new passages; `None` if the row is not what was stored.
pub(super) fn checksum_with_passages(row: &Row<'_>, new: &NewPassages) -> rusqlite::Result<Option<Checksum>> {
    let mut covered = values::<COVERED>(row)?;
    if row.get_ref(COVERED)? != ValueRef::Blob(&checksum::of_values(&covered)) {
        return Ok(None);
    }
    covered[PASSAGES] = ValueRef::Integer(new.count);
    covered[ALIASES_CHECKSUM] = ValueRef::Blob(&new.aliases);
    covered[PASSAGES_CHECKSUM] = ValueRef::Blob(&new.passages);
    Ok(Some(checksum::of_values(&covered)))
}

/// Whether the first columns of a row match the checksum in the column behind them.
pub(super) fn is_sound<const COUNT: usize>(row: &Row<'_>) -> rusqlite::Result<bool> {
    Ok(row.get_ref(COUNT)? == ValueRef::Blob(&checksum::of_values(&values::<COUNT>(row)?)))
}

/// The first columns of a row as they are stored.
fn values<'r, const COUNT: usize>(row: &'r Row<'_>) -> rusqlite::Result<[ValueRef<'r>; COUNT]> {
    let mut values = [ValueRef::Null; COUNT];
    for (column, value) in values.iter_mut().enumerate() {
        *value = row.get_ref(column)?;
    }
    Ok(values)
}

/// A failure to read a value that the checksum covers is damage as well.
fn readable<T>(outcome: rusqlite::Result<T>) -> rusqlite::Result<Result<T, String>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(error) if is_unreadable_value(&error) => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}

fn unreadable(column: usize, kind: Type, reason: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, reason.into())
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn size(row: &Row<'_>, column: usize) -> rusqlite::Result<usize> {
    let value: i64 = row.get(column)?;
    usize::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// The span in two columns.
pub(super) fn span(row: &Row<'_>, start: usize) -> rusqlite::Result<Span> {
    let (from, to) = (size(row, start)?, size(row, start + 1)?);
    if from > to {
        return Err(unreadable(start, Type::Integer, format!("the span {from}..{to} runs backwards")));
    }
    Ok(Span::new(from, to))
}

/// Packs sentences as LEB128 numbers, three each: the distance from the end of the one before (at first from the start
/// of the passage), the length, and the bytes of its vectors. `None` unless they lie in `passage` in order.
pub(super) fn pack_sentences(passage: Span, sentences: &[Span], compressed: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(sentences.len() * 4);
    let mut end = passage.start;
    for (sentence, compressed) in sentences.iter().zip(compressed) {
        for number in [sentence.start.checked_sub(end)?, sentence.len(), compressed.len()] {
            push_number(number, &mut packed);
        }
        end = sentence.end;
    }
    (end <= passage.end && sentences.len() == compressed.len()).then_some(packed)
}

/// The sentences, and for each the bytes of its vectors; `None` unless `packed` is what [`pack_sentences`] gives.
pub(super) fn unpack_sentences(passage: Span, mut packed: &[u8]) -> Option<(Vec<Span>, Vec<usize>)> {
    let (mut sentences, mut lengths) = (Vec::new(), Vec::new());
    let mut end = passage.start;
    while !packed.is_empty() {
        let start = end.checked_add(take_number(&mut packed)?)?;
        end = start.checked_add(take_number(&mut packed)?)?;
        sentences.push(Span::new(start, end));
        lengths.push(take_number(&mut packed)?);
    }
    (end <= passage.end).then_some((sentences, lengths))
}

fn push_number(mut number: usize, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = usize::from(byte & 0x7F);
        let shifted = part << shift;
        if shifted >> shift != part {
            return None;
        }
        number |= shifted;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// For `map_err`: the reason as damage of a document.
pub(super) fn damage_of(document: &str) -> impl FnOnce(String) -> Failure {
    move |reason| Failure::Damaged { document: document.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packed_sentences_unpack_to_themselves(
            start in 0_usize..1 << 30, parts in proptest::collection::vec((0_usize..300, 0_usize..20_000, 0_usize..9_000), 0..20)
        ) {
            let (mut sentences, mut compressed, mut end) = (Vec::new(), Vec::new(), start);
            for (gap, length, bytes) in parts {
                sentences.push(Span::new(end + gap, end + gap + length));
                compressed.push(vec![0; bytes]);
                end += gap + length;
            }
            let passage = Span::new(start, end + 3);
            let packed = pack_sentences(passage, &sentences, &compressed).unwrap();
            let lengths: Vec<usize> = compressed.iter().map(Vec::len).collect();
            prop_assert_eq!(unpack_sentences(passage, &packed), Some((sentences, lengths)));
        }

        #[test]
        fn any_bytes_unpack_to_sentences_in_their_passage_or_to_nothing(
            bytes in proptest::collection::vec(any::<u8>(), 0..60)
        ) {
            let passage = Span::new(10, 1_000);
            if let Some((sentences, _)) = unpack_sentences(passage, &bytes) {
                prop_assert!(sentences.iter().all(|sentence| passage.contains(*sentence)));
            }
        }
    }

    #[test]
    fn sentences_out_of_order_or_out_of_their_passage_are_not_packed() {
        let (passage, none) = (Span::new(10, 20), Vec::new());
        let one = |start, end| pack_sentences(passage, &[Span::new(start, end)], std::slice::from_ref(&none));
        assert!(one(10, 20).is_some() && one(9, 12).is_none() && one(15, 21).is_none());
        let sentences = [Span::new(14, 16), Span::new(12, 14)];
        assert!(pack_sentences(passage, &sentences, &[none.clone(), none]).is_none());
    }
}
