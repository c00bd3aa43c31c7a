//! Text to token ids, with a form of large Unigram tokenizers that loads in milliseconds.
//!
//! `tokenizer.json` of a multilingual model holds a quarter of a million pieces; reading it and building the library's
//! search tree takes most of a second and a quarter of a gigabyte. Segmentation only ever looks at pieces that occur in
//! the text, so a tokenizer made of *those* pieces segments that text exactly as the whole one does. The compiled form
//! is a sorted table in which they are found by binary search; normalisation and segmentation stay the library's.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use tokenizers::models::unigram::Unigram;
use tokenizers::{
    AddedToken, Encoding, NormalizedString, Normalizer, NormalizerWrapper, OffsetReferential, OffsetType,
    PostProcessor, PostProcessorWrapper, PreTokenizedString, PreTokenizer, PreTokenizerWrapper, Tokenizer,
};

use crate::error::{Error, Result};

const MAGIC: &[u8; 8] = b"FNTOK\0\0\x01";

/// Stands for a space, and before the first word of a text (`SentencePiece`).
const WORD_START: &str = "\u{2581}";

/// A tokenizer of either kind.
pub enum TextTokenizer {
    /// Any tokenizer that the library supports.
    Library(Arc<Tokenizer>),
    /// A Unigram tokenizer in its compiled form.
    Compiled(Arc<CompiledTokenizer>),
}

/// The ids that the model reads for one text, special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIds {
    /// One for each token.
    pub ids: Vec<u32>,
    /// The bytes of the text that each token stands for; empty for special tokens.
    pub offsets: Vec<(usize, usize)>,
}

impl TextTokenizer {
    /// Reads a `tokenizer.json`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        if let Some(compiled) = compile(json)? {
            return Self::from_compiled(compiled);
        }
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(embedding_error)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(embedding_error)?;
        Ok(Self::Library(Arc::new(tokenizer)))
    }

    /// Reads what [`compile`] wrote.
    pub fn from_compiled(bytes: Vec<u8>) -> Result<Self> {
        Ok(Self::Compiled(Arc::new(CompiledTokenizer::parse(bytes)?)))
    }

    /// The logarithm of the frequency of a piece; `None` if the vocabulary does not have it, or has no frequencies.
    pub fn piece_score(&self, piece: &str) -> Option<f64> {
        match self {
            Self::Library(_) => None,
            Self::Compiled(compiled) => {
                compiled.pieces.find(piece.as_bytes()).map(|index| compiled.pieces.score(index))
            }
        }
    }

    /// A tokenizer that handles these texts and any part of them.
    pub fn scope<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Result<Scope> {
        match self {
            Self::Library(tokenizer) => Ok(Scope::Library(Arc::clone(tokenizer))),
            Self::Compiled(compiled) => compiled.scope(texts),
        }
    }
}

/// A tokenizer that handles certain texts and their parts; see [`TextTokenizer::scope`].
pub enum Scope {
    /// The whole tokenizer.
    Library(Arc<Tokenizer>),
    /// A tokenizer whose vocabulary is the pieces of those texts.
    Compiled {
        /// The complete tokenizer.
        whole: Arc<CompiledTokenizer>,
        /// Its ids are indices into `ids`.
        tokenizer: Box<Tokenizer>,
        /// The ids that the model uses.
        ids: Vec<u32>,
    },
}

impl Scope {
    /// How many tokens `text` has, special tokens not counted.
    pub fn count(&self, text: &str) -> Result<usize> {
        let tokenizer = match self {
            Self::Library(tokenizer) => tokenizer.as_ref(),
            Self::Compiled { tokenizer, .. } => tokenizer.as_ref(),
        };
        Ok(tokenizer.encode_fast(text, false).map_err(embedding_error)?.len())
    }

    /// The ids of `text` with special tokens.
    pub fn encode(&self, text: &str) -> Result<TokenIds> {
        let encoding = match self {
            Self::Library(tokenizer) => tokenizer.encode(text, true).map_err(embedding_error)?,
            Self::Compiled { whole, tokenizer, ids } => {
                let local = tokenizer.encode(text, false).map_err(embedding_error)?;
                whole.finish(&local, ids)?
            }
        };
        let special = encoding.get_special_tokens_mask();
        let offsets = encoding.get_offsets().iter().zip(special);
        let offsets = offsets.map(|(&offsets, &special)| if special == 1 { (0, 0) } else { offsets }).collect();
        Ok(TokenIds { ids: encoding.get_ids().to_vec(), offsets })
    }
}

/// `tokenizer.json` without the vocabulary.
#[derive(Deserialize)]
struct Shell {
    added_tokens: Vec<AddedToken>,
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: Option<PreTokenizerWrapper>,
    post_processor: Option<PostProcessorWrapper>,
    unk_id: Option<usize>,
}

/// A Unigram tokenizer as a sorted table of its pieces.
pub struct CompiledTokenizer {
    shell: Shell,
    pieces: Pieces,
    /// The pieces that start with each byte.
    by_byte: Vec<Range<usize>>,
    /// The pieces that start with [`WORD_START`] and then each byte.
    words_by_byte: Vec<Range<usize>>,
    /// Pieces that every scope holds: the unknown piece first, then the special tokens.
    always: Vec<usize>,
    lowest_score: f64,
}

impl CompiledTokenizer {
    fn parse(bytes: Vec<u8>) -> Result<Self> {
        let damaged = || embedding_error("tokenizer.bin is damaged");
        let mut at = Reader { bytes: &bytes, at: 0 };
        if at.take(MAGIC.len()) != Some(MAGIC) {
            return Err(damaged());
        }
        let shell_len = at.u32().ok_or_else(damaged)?;
        let shell = at.take(shell_len).ok_or_else(damaged)?;
        let shell: Shell = serde_json::from_slice(shell).map_err(embedding_error)?;
        let count = at.u32().ok_or_else(damaged)?;
        let table = at.at;
        let text = count
            .checked_mul(PIECE_RECORD)
            .and_then(|len| at.take(len))
            .and_then(|_| at.u32())
            .and_then(|len| {
                let start = at.at;
                at.take(len).map(|_| start)
            })
            .ok_or_else(damaged)?;
        let pieces = Pieces { bytes, count, table, text };
        pieces.check().ok_or_else(damaged)?;
        let unknown = shell.unk_id.and_then(|id| (0..count).find(|&index| pieces.record(index).0 == id));
        let special = shell.added_tokens.iter().filter_map(|token| pieces.find(token.content.as_bytes()));
        let always = unknown.into_iter().chain(special.filter(|&index| Some(index) != unknown)).collect();
        let lowest_score = (0..count).map(|index| pieces.score(index)).fold(f64::INFINITY, f64::min);
        let by_byte = pieces.by_byte(&pieces.all(), 0);
        let words_by_byte = pieces.by_byte(&pieces.narrow(&pieces.all(), WORD_START.as_bytes()), WORD_START.len());
        Ok(Self { shell, pieces, by_byte, words_by_byte, always, lowest_score })
    }

    fn scope<'a>(self: &Arc<Self>, texts: impl IntoIterator<Item = &'a str>) -> Result<Scope> {
        let mut found = Vec::new();
        for text in texts {
            self.find_pieces(text, &mut found)?;
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|index| !self.always.contains(index));
        let known = self.always.iter().chain(&found).map(|&index| self.pieces.get(index));
        let (mut vocabulary, mut ids) = (Vec::new(), Vec::new());
        for piece in known {
            vocabulary.push((piece.text.to_owned(), piece.score));
            ids.push(piece.id as u32);
        }
        // The score of an unknown character is derived from the lowest score of the vocabulary.
        vocabulary.push((String::new(), self.lowest_score));
        let unknown = self.shell.unk_id.map(|_| 0);
        let model = Unigram::from(vocabulary, unknown, false).map_err(embedding_error)?;
        let mut tokenizer = Tokenizer::new(model);
        tokenizer.with_normalizer(self.shell.normalizer.clone()).map_err(embedding_error)?;
        tokenizer.with_pre_tokenizer(self.shell.pre_tokenizer.clone());
        tokenizer.add_special_tokens(self.shell.added_tokens.clone()).map_err(embedding_error)?;
        Ok(Scope::Compiled { whole: Arc::clone(self), tokenizer: Box::new(tokenizer), ids })
    }

    /// Adds every piece that can occur in `text` or in a part of it, where each character may begin a word.
    fn find_pieces(&self, text: &str, found: &mut Vec<usize>) -> Result<()> {
        let mut normalized = NormalizedString::from(text);
        if let Some(normalizer) = &self.shell.normalizer {
            normalizer.normalize(&mut normalized).map_err(embedding_error)?;
        }
        let mut pretokenized = PreTokenizedString::from(normalized);
        if let Some(pre_tokenizer) = &self.shell.pre_tokenizer {
            pre_tokenizer.pre_tokenize(&mut pretokenized).map_err(embedding_error)?;
        }
        self.pieces.prefixes(&self.by_byte, 0, WORD_START.as_bytes(), found);
        for (split, _, _) in pretokenized.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
            for (start, _) in split.char_indices() {
                let rest = &split.as_bytes()[start..];
                self.pieces.prefixes(&self.by_byte, 0, rest, found);
                self.pieces.prefixes(&self.words_by_byte, WORD_START.len(), rest, found);
            }
        }
        Ok(())
    }

    /// Gives tokens the model's ids and adds the special tokens.
    fn finish(&self, local: &Encoding, ids: &[u32]) -> Result<Encoding> {
        let unknown = ids.first().copied().unwrap_or_default();
        let ids = local.get_ids().iter().map(|&id| ids.get(id as usize).copied().unwrap_or(unknown)).collect();
        let encoding = Encoding::new(
            ids,
            local.get_type_ids().to_vec(),
            local.get_tokens().to_vec(),
            local.get_word_ids().to_vec(),
            local.get_offsets().to_vec(),
            local.get_special_tokens_mask().to_vec(),
            local.get_attention_mask().to_vec(),
            Vec::new(),
            std::iter::empty().collect(),
        );
        match &self.shell.post_processor {
            Some(processor) => processor.process(encoding, None, true).map_err(embedding_error),
            None => Ok(encoding),
        }
    }
}

/// Compiles a `tokenizer.json`; `None` if its model is of another kind than Unigram, or it has features that the
/// compiled form does not carry.
pub fn compile(tokenizer_json: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut parsed: serde_json::Value = serde_json::from_slice(tokenizer_json).map_err(embedding_error)?;
    let mut model = parsed["model"].take();
    if model["type"] != "Unigram" || model["byte_fallback"] == true {
        return Ok(None);
    }
    let vocabulary: Vec<(String, f64)> = serde_json::from_value(model["vocab"].take()).map_err(embedding_error)?;
    let added = parsed["added_tokens"].as_array().cloned().unwrap_or_default();
    let in_vocabulary = |token: &serde_json::Value| {
        let id = token["id"].as_u64().and_then(|id| vocabulary.get(usize::try_from(id).ok()?));
        id.is_some_and(|(text, _)| token["content"] == **text)
    };
    if !added.iter().all(in_vocabulary) {
        return Ok(None);
    }
    let shell = serde_json::json!({
        "added_tokens": added,
        "normalizer": parsed["normalizer"],
        "pre_tokenizer": parsed["pre_tokenizer"],
        "post_processor": parsed["post_processor"],
        "unk_id": model["unk_id"],
    });
    let shell = serde_json::to_vec(&shell).map_err(embedding_error)?;

    let mut sorted: Vec<usize> = (0..vocabulary.len()).collect();
    sorted.sort_by(|&a, &b| vocabulary[a].0.as_bytes().cmp(vocabulary[b].0.as_bytes()));
    let mut out = MAGIC.to_vec();
    let number = |out: &mut Vec<u8>, value: usize| out.extend((value as u32).to_le_bytes());
    number(&mut out, shell.len());
    out.extend(&shell);
    number(&mut out, sorted.len());
    let mut offset = 0;
    for &id in &sorted {
        number(&mut out, id);
        number(&mut out, offset);
        number(&mut out, vocabulary[id].0.len());
        out.extend(vocabulary[id].1.to_le_bytes());
        offset += vocabulary[id].0.len();
    }
    number(&mut out, offset);
    sorted.iter().for_each(|&id| out.extend(vocabulary[id].0.as_bytes()));
    Ok(Some(out))
}

/// Bytes of a record: id, offset and length of the text (u32 each), score (f64), little-endian.
const PIECE_RECORD: usize = 20;

/// The vocabulary, sorted by the bytes of its pieces.
struct Pieces {
    bytes: Vec<u8>,
    count: usize,
    table: usize,
    text: usize,
}

struct Piece<'a> {
    id: usize,
    text: &'a str,
    score: f64,
}

impl Pieces {
    /// Whether every record is inside the file and its text is UTF-8.
    fn check(&self) -> Option<()> {
        for index in 0..self.count {
            let (id, start, len) = self.record(index);
            std::str::from_utf8(self.bytes.get(start..start.checked_add(len)?)?).ok()?;
            (id < self.count).then_some(())?;
        }
        Some(())
    }

    fn u32_at(&self, at: usize) -> usize {
        let bytes = &self.bytes[at..at + 4];
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize
    }

    /// Id, start and length of the text.
    fn record(&self, index: usize) -> (usize, usize, usize) {
        let at = self.table + index * PIECE_RECORD;
        (self.u32_at(at), self.text + self.u32_at(at + 4), self.u32_at(at + 8))
    }

    fn text_of(&self, index: usize) -> &[u8] {
        let (_, start, len) = self.record(index);
        &self.bytes[start..start + len]
    }

    fn score(&self, index: usize) -> f64 {
        let at = self.table + index * PIECE_RECORD + 12;
        let mut score = [0; 8];
        score.copy_from_slice(&self.bytes[at..at + 8]);
        f64::from_le_bytes(score)
    }

    fn get(&self, index: usize) -> Piece<'_> {
        let (id, start, len) = self.record(index);
        let text = std::str::from_utf8(&self.bytes[start..start + len]).unwrap_or_default();
        Piece { id, text, score: self.score(index) }
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        let index = self.partition(self.all(), |piece| piece < text);
        (index < self.count && self.text_of(index) == text).then_some(index)
    }

    fn all(&self) -> Range<usize> {
        0..self.count
    }

    fn partition(&self, range: Range<usize>, before: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(self.text_of(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The pieces in `range` that start with `prefix`.
    fn narrow(&self, range: &Range<usize>, prefix: &[u8]) -> Range<usize> {
        let low = self.partition(range.clone(), |piece| piece < prefix);
        low..self.partition(low..range.end, |piece| piece.starts_with(prefix))
    }

    /// The pieces in `range`, which share the bytes before `at`, that have `byte` there.
    fn with_byte(&self, range: &Range<usize>, at: usize, byte: u8) -> Range<usize> {
        // Shorter pieces sort before longer ones that share their bytes.
        let low = self.partition(range.clone(), |piece| piece.get(at).is_none_or(|&other| other < byte));
        low..self.partition(low..range.end, |piece| piece.get(at).is_some_and(|&other| other == byte))
    }

    /// [`Pieces::with_byte`] for each byte.
    fn by_byte(&self, range: &Range<usize>, at: usize) -> Vec<Range<usize>> {
        (0..=u8::MAX).map(|byte| self.with_byte(range, at, byte)).collect()
    }

    /// Adds every piece whose bytes after the first `skip` are a prefix of `text`, among pieces that share those `skip` and
    /// are given by the byte that follows.
    fn prefixes(&self, by_byte: &[Range<usize>], skip: usize, text: &[u8], found: &mut Vec<usize>) {
        let Some((&first, rest)) = text.split_first() else { return };
        let mut range = by_byte[usize::from(first)].clone();
        let mut bytes = rest.iter();
        for at in skip.. {
            if range.is_empty() {
                return;
            }
            if self.text_of(range.start).len() == at + 1 {
                found.push(range.start);
            }
            let Some(&byte) = bytes.next() else { return };
            range = self.with_byte(&range, at + 1, byte);
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(taken)
    }

    fn u32(&mut self) -> Option<usize> {
        let bytes = self.take(4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
    }
}

fn embedding_error(reason: impl std::fmt::Display) -> Error {
    Error::Embedding { reason: reason.to_string() }
}
