//! A document's passages, layout and aliases in the form in which they are stored.

use super::prepared::{EmbeddedPassage, PreparedDocument};
use super::rows::pack_sentences;
use crate::error::{Error, Result};
use crate::late::Codec;
use crate::passage::Chunk;

/// A document's passages and aliases in the form in which they are stored.
pub(super) struct Encoded {
    pub(super) passages: Vec<EncodedPassage>,
    /// If the document's format has one.
    pub(super) layout: Option<Vec<u8>>,
    /// Both ways, each once, in the order of their bytes.
    pub(super) aliases: Vec<(String, String)>,
}

pub(super) struct EncodedPassage {
    pub(super) headings: String,
    pub(super) sentences: Vec<u8>,
    pub(super) vector: Vec<u8>,
    pub(super) compressed: Vec<u8>,
}

impl Encoded {
    pub(super) fn of(document: &PreparedDocument) -> Result<Self> {
        let dimensions = document.passages.first().map_or(0, |passage| passage.vector.len());
        let codec = Codec::new(dimensions);
        let passages = document.passages.iter().map(|passage| EncodedPassage::of(passage, &codec));
        let passages = passages
            .collect::<Result<_, &str>>()
            .map_err(|reason| Error::Embedding { reason: format!("{reason} (document {})", document.info.id) })?;
        let pairs = document.aliases.iter();
        let mut aliases: Vec<(String, String)> =
            pairs.flat_map(|(a, b)| [(a.clone(), b.clone()), (b.clone(), a.clone())]).collect();
        aliases.sort_unstable();
        aliases.dedup();
        let layout = document.info.format.has_layout().then(|| document.layout.to_bytes());
        Ok(Self { passages, layout, aliases })
    }
}

impl EncodedPassage {
    fn of(passage: &EmbeddedPassage, codec: &Codec) -> Result<Self, &'static str> {
        if !passage.vector.iter().all(|value| value.is_finite())
            || !passage.sentences.iter().all(|bytes| codec.is_sentence(bytes))
        {
            return Err("a vector has values that are not finite numbers");
        }
        let vector = codec.compress_passage(&passage.vector);
        if codec.decode_passage(&vector).is_none() {
            return Err("its vectors differ in length");
        }
        let Chunk { span, sentences, headings } = &passage.chunk;
        let sentences = pack_sentences(*span, sentences, &passage.sentences)
            .ok_or("it has not as many sentences as vectors of them, or they lie outside their passage")?;
        let headings = serde_json::Value::from(headings.clone()).to_string();
        Ok(Self { headings, sentences, vector, compressed: passage.sentences.concat() })
    }
}
