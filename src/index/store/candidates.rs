//! Reads what a question needs: its candidates, their texts, and the aliases of names.

use rusqlite::{Connection, OptionalExtension};

use super::failure::Failure;
use super::read::{checked_text, document_row};
use super::rows::{PASSAGE, PassageRow, damage_of, span};
use super::{CODEC, Snapshot, setting};
use crate::error::{Error, Result};
use crate::late::Codec;
use crate::passage::{Document, DocumentInfo, Layout, Span};
use crate::tables::RowFinder;

/// Names that are taken for one name, at most.
pub const MAX_ALIASES: usize = 8;

/// A passage with the vectors that rank it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its key.
    pub key: u64,
    /// Its document's key.
    pub document: i64,
    /// Its document's id.
    pub document_id: String,
    /// Its span in the document's text.
    pub span: Span,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Its vector, L2 norm 1.
    pub vector: Vec<f32>,
    /// Its sentences in order.
    pub sentences: Vec<CandidateSentence>,
}

/// A sentence with its vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateSentence {
    /// Its span in the document's text.
    pub span: Span,
    /// Its vector and those of its tokens, as [`Codec`] compresses them.
    pub compressed: Vec<u8>,
}

/// The words of a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassageText<'s> {
    /// Its document's key.
    pub document: i64,
    /// Its document's id.
    pub document_id: &'s str,
    /// Its number in the document.
    pub ordinal: i64,
    /// Its vector, as [`Codec::compress_passage`] gives it.
    pub vector: &'s [u8],
    /// Its document's title.
    pub title: &'s str,
    /// The headings above it, outermost first.
    pub headings: &'s [String],
    /// The header of the table that it begins in the middle of.
    pub table_header: Option<&'s str>,
    /// Its own text.
    pub text: &'s str,
}

impl Snapshot<'_> {
    /// Calls `each` with the words of these passages; passages that no longer exist are left out.
    pub fn each_text(&self, keys: &[u64], mut each: impl FnMut(u64, PassageText<'_>) -> Result<()>) -> Result<()> {
        self.read(|reader| {
            self.check_codec(reader)?;
            // Passages of one document follow one another, so its text is read once.
            let mut at_hand: Option<(i64, DocumentInfo, (String, Layout), RowFinder)> = None;
            for &key in keys {
                let Some(passage) = Self::passage(reader, key)? else { continue };
                if at_hand.as_ref().is_none_or(|(owner, ..)| *owner != passage.document) {
                    let Some(row) =
                        document_row(reader, "d.key = ?1", [passage.document], || id_of(reader, passage.document))?
                    else {
                        continue;
                    };
                    let checked = checked_text(self, reader, &row)?;
                    at_hand = Some((passage.document, row.info, checked, RowFinder::default()));
                }
                let Some((_, info, (text, layout), finder)) = &mut at_hand else { continue };
                let headings = passage.headings().map_err(|reason| damaged(reader, &passage, reason))?;
                let row = passage.sentences.first().and_then(|first| finder.row(text, &layout.rows, *first));
                let header = row.and_then(|row| row.header);
                let table_header = header.filter(|header| header.start < passage.span.start);
                let table_header = table_header.and_then(|header| text.get(header.range()));
                let text = text
                    .get(passage.span.range())
                    .ok_or_else(|| damaged(reader, &passage, "a passage lies outside its text".into()))?;
                let passage = PassageText {
                    document: passage.document,
                    document_id: &info.id,
                    ordinal: passage.ordinal,
                    vector: &passage.vector,
                    title: &info.title,
                    headings: &headings,
                    table_header,
                    text,
                };
                each(key, passage)?;
            }
            Ok::<_, Failure>(())
        })
    }

    /// The language of the document with this key; `None` if it is not known or there is no such document.
    pub fn language_of(&self, document: i64) -> Result<Option<String>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached("SELECT language FROM documents WHERE key = ?1")?;
            let language: Option<Option<String>> = statement.query_row([document], |row| row.get(0)).optional()?;
            Ok::<_, Failure>(language.flatten())
        })
    }

    /// The passages with these keys; passages that no longer exist are left out.
    pub fn candidates(&self, keys: &[u64]) -> Result<Vec<Candidate>> {
        self.read(|reader| {
            self.check_codec(reader)?;
            let mut found = Vec::with_capacity(keys.len());
            let mut codec = None;
            for &key in keys {
                let Some(passage) = Self::passage(reader, key)? else { continue };
                let codec = codec_for(&mut codec, &passage);
                let vector = passage.decoded_vector(codec).map_err(|reason| damaged(reader, &passage, reason))?;
                let headings = passage.headings().map_err(|reason| damaged(reader, &passage, reason))?;
                let sentences = passage.sentences.into_iter().zip(passage.compressed);
                found.push(Candidate {
                    key,
                    document: passage.document,
                    document_id: id_of(reader, passage.document),
                    span: passage.span,
                    headings,
                    vector,
                    sentences: sentences.map(|(span, compressed)| CandidateSentence { span, compressed }).collect(),
                });
            }
            Ok::<_, Failure>(found)
        })
    }

    /// A passage, checked; `None` if it no longer exists.
    fn passage(reader: &Connection, key: u64) -> Result<Option<PassageRow>, Failure> {
        let query = format!("SELECT {PASSAGE} FROM passages p WHERE p.key = ?1");
        let read = |row: &rusqlite::Row<'_>| {
            let owner = row.get_ref(1)?.as_i64().unwrap_or_default();
            Ok((owner, PassageRow::read(row)?))
        };
        match reader.prepare_cached(&query)?.query_row([key.cast_signed()], read).optional()? {
            None => Ok(None),
            Some((_, Ok(passage))) => Ok(Some(passage)),
            Some((owner, Err(reason))) => Err(damage_of(&id_of(reader, owner))(reason)),
        }
    }

    /// Refuses vectors that another codec wrote.
    fn check_codec(&self, reader: &Connection) -> Result<(), Failure> {
        match setting(reader, CODEC)? {
            Some(codec) if codec == Codec::ID => Ok(()),
            _ => Err(Failure::Refused(other_codec(self.path()))),
        }
    }

    /// These passages with their documents' ids, in the same order; passages that no longer exist are left out.
    pub fn documents_of(&self, keys: &[u64]) -> Result<Vec<(u64, String)>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached(
                "SELECT d.id FROM passages p JOIN documents d ON d.key = p.document WHERE p.key = ?1",
            )?;
            let mut documents = Vec::with_capacity(keys.len());
            for &key in keys {
                documents
                    .extend(query.query_row([key.cast_signed()], |row| row.get(0)).optional()?.map(|id| (key, id)));
            }
            Ok::<_, Failure>(documents)
        })
    }

    /// The places of these passages, in the same order; those that do not exist are left out. A place is the document's id
    /// and the passage's number in it.
    pub fn places_of(&self, keys: &[u64]) -> Result<Vec<(u64, (String, i64))>> {
        self.read(|reader| {
            let mut query = reader.prepare_cached(
                "SELECT d.id, p.ordinal FROM passages p JOIN documents d ON d.key = p.document WHERE p.key = ?1",
            )?;
            let mut places = Vec::with_capacity(keys.len());
            for &key in keys {
                let place = query.query_row([key.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                places.extend(place.map(|place| (key, place)));
            }
            Ok::<_, rusqlite::Error>(places)
        })
    }

    /// The span of a passage in its document's text; `None` if it no longer exists.
    pub fn passage_span(&self, key: u64) -> Result<Option<Span>> {
        let query = "SELECT span_start, span_end FROM passages WHERE key = ?1";
        self.read(|reader| reader.prepare_cached(query)?.query_row([key.cast_signed()], |row| span(row, 0)).optional())
    }

    /// Other names that the documents themselves give for these, all in the form that
    /// [`lexicon::key`](crate::lexicon::key) gives: pairs of a name and another for it, those that most documents give
    /// first.
    pub fn aliases_of(&self, names: &[String]) -> Result<Vec<(String, String)>> {
        self.read(|reader| {
            if reader.query_row("SELECT NOT EXISTS (SELECT 1 FROM aliases)", [], |row| row.get(0))? {
                return Ok(Vec::new());
            }
            // One statement for all: a question has up to thousands of names, and most of them have no alias. CROSS JOIN
            // makes SQLite look up each name, rather than read all aliases.
            let mut query = reader.prepare_cached(
                "SELECT a.name, a.other FROM json_each(?1) n CROSS JOIN aliases a ON a.name = n.value
                 GROUP BY a.name, a.other ORDER BY a.name, count(*) DESC, a.other",
            )?;
            let mut rows = query.query([serde_json::Value::from(names).to_string()])?;
            let mut aliases: Vec<(String, String)> = Vec::new();
            let mut of_name = 0;
            while let Some(row) = rows.next()? {
                let (name, other): (String, String) = (row.get(0)?, row.get(1)?);
                of_name = if aliases.last().is_some_and(|(last, _)| *last == name) { of_name + 1 } else { 1 };
                if of_name <= MAX_ALIASES {
                    aliases.push((name, other));
                }
            }
            Ok::<_, rusqlite::Error>(aliases)
        })
    }

    /// The document with this key, its text checked; `None` if it no longer exists.
    pub fn document_by_key(&self, document: i64) -> Result<Option<Document>> {
        self.read(|reader| {
            let Some(row) = document_row(reader, "d.key = ?1", [document], || id_of(reader, document))? else {
                return Ok(None);
            };
            let (text, layout) = checked_text(self, reader, &row)?;
            Ok::<_, Failure>(Some(Document { info: row.info, text, layout }))
        })
    }

    /// The sentences of a passage and of the passages up to `back` before and `ahead` after it in its document, in order.
    pub fn sentences_around(&self, passage: u64, back: usize, ahead: usize) -> Result<Vec<Span>> {
        self.read(|reader| {
            let query = format!(
                "SELECT {PASSAGE} FROM passages q
                 JOIN passages p ON p.document = q.document AND p.ordinal BETWEEN q.ordinal - ?2 AND q.ordinal + ?3
                 WHERE q.key = ?1 ORDER BY p.ordinal"
            );
            let mut query = reader.prepare_cached(&query)?;
            let mut rows = query.query((passage.cast_signed(), back as i64, ahead as i64))?;
            let mut sentences = Vec::new();
            while let Some(row) = rows.next()? {
                let owner = row.get_ref(1)?.as_i64().unwrap_or_default();
                let passage = PassageRow::read(row)?.map_err(|reason| damage_of(&id_of(reader, owner))(reason))?;
                sentences.extend(passage.sentences);
            }
            Ok::<_, Failure>(sentences)
        })
    }
}

/// The error for an index at `path` whose vectors another codec wrote.
pub(super) fn other_codec(path: &std::path::Path) -> Error {
    Error::Incompatible {
        path: path.to_owned(),
        reason: "another version of Footnote stored the vectors, in a form that this version cannot read".into(),
        hint: "run `footnote reindex` to embed the stored documents again".into(),
    }
}

/// The codec for vectors as long as the passage's; made once, since the rotation takes a while.
fn codec_for<'c>(codec: &'c mut Option<Codec>, passage: &PassageRow) -> &'c Codec {
    codec.get_or_insert_with(|| Codec::new(Codec::dimensions_of(&passage.vector)))
}

/// The error for a damaged `passage`; it names the document.
fn damaged(reader: &Connection, passage: &PassageRow, reason: String) -> Failure {
    damage_of(&id_of(reader, passage.document))(reason)
}

/// The id of a document, for its name in an error or beside a candidate.
fn id_of(reader: &Connection, document: i64) -> String {
    let read =
        || reader.prepare_cached("SELECT id FROM documents WHERE key = ?1")?.query_row([document], |row| row.get(0));
    read().unwrap_or_else(|_| format!("number {document}"))
}
