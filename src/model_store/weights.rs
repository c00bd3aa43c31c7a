//! Reads the `E5S1` weights file: an encoder's dimensions and its tensors, in `f32` or in 4-bit blocks.
//!
//! Everything is little-endian. Although the file is pinned by hash, nothing in it is trusted: every length is checked
//! against the bytes that are there before anything is allocated.

use std::collections::HashMap;

/// Weights in one block of [`FourBit`].
pub(super) const BLOCK: usize = 32;

/// Bytes of one block in the file: an `f16` scale and [`BLOCK`] nibbles.
const BLOCK_BYTES: usize = 2 + BLOCK / 2;

const MAGIC: &[u8] = b"E5S1";
const VERSION: u32 = 1;
const DTYPE_F32: u8 = 0;
const DTYPE_Q4_0: u8 = 1;

/// Far above any real encoder, and small enough that the product of two does not overflow.
const LARGEST_DIMENSION: usize = 1 << 24;

/// The sizes that the graph is built from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dimensions {
    pub(super) hidden: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) feed_forward: usize,
    pub(super) vocabulary: usize,
    pub(super) positions: usize,
    pub(super) token_types: usize,
    pub(super) layer_norm_epsilon: f32,
}

/// A parsed file, borrowing its bytes.
#[derive(Debug)]
pub(super) struct Weights<'a> {
    pub(super) dimensions: Dimensions,
    tensors: HashMap<&'a str, Tensor<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Tensor<'a> {
    dtype: u8,
    elements: usize,
    bytes: &'a [u8],
}

/// A matrix (rows x columns) in 4-bit blocks along its rows, laid out as ONNX Runtime's block-quantised operators
/// expect. The value of a weight is `(nibble - 8) * scale`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FourBit {
    /// rows x columns / 2 bytes; weight 2j is in the low nibble of byte j, weight 2j + 1 in the high one.
    pub(super) nibbles: Vec<u8>,
    /// rows x columns / 32.
    pub(super) scales: Vec<f32>,
}

impl<'a> Weights<'a> {
    /// Parses the header and the table of tensors. The error says what is wrong with the file.
    pub(super) fn parse(file: &'a [u8]) -> Result<Self, String> {
        let mut reader = Reader { file, at: 0 };
        if reader.take(4)? != MAGIC {
            return Err("it does not begin with `E5S1`".into());
        }
        let version = reader.u32()?;
        if version != VERSION {
            return Err(format!("it is of version {version}, and {VERSION} is the one known"));
        }
        let dimensions = Dimensions {
            hidden: reader.dimension("hidden size")?,
            layers: reader.dimension("number of layers")?,
            heads: reader.dimension("number of heads")?,
            feed_forward: reader.dimension("feed-forward size")?,
            vocabulary: reader.dimension("vocabulary size")?,
            positions: reader.dimension("number of positions")?,
            token_types: reader.dimension("number of token types")?,
            layer_norm_epsilon: f32::from_le_bytes(reader.array()?),
        };
        let block = reader.dimension("block size")?;
        if block != BLOCK {
            return Err(format!("its blocks have {block} weights, and {BLOCK} is what is known"));
        }
        dimensions.check()?;
        reader.skip_tokenizer()?;
        let count = reader.u32()?;
        let mut tensors = HashMap::new();
        for _ in 0..count {
            let (name, tensor) = reader.tensor()?;
            if tensors.insert(name, tensor).is_some() {
                return Err(format!("it has two tensors called `{name}`"));
            }
        }
        Ok(Self { dimensions, tensors })
    }

    /// Whether there is a tensor called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The `f32` tensor called `name`, which must have `elements` elements.
    pub(super) fn floats(&self, name: &str, elements: usize) -> Result<Vec<f32>, String> {
        let tensor = self.tensor(name, DTYPE_F32, elements)?;
        let (values, _) = tensor.bytes.as_chunks::<4>();
        Ok(values.iter().map(|value| f32::from_le_bytes(*value)).collect())
    }

    /// The 4-bit tensor called `name`, which must have `rows` x `columns` weights, repacked.
    pub(super) fn four_bit(&self, name: &str, rows: usize, columns: usize) -> Result<FourBit, String> {
        if !columns.is_multiple_of(BLOCK) {
            return Err(format!("a row of `{name}` has {columns} weights, which do not fill blocks of {BLOCK}"));
        }
        let tensor = self.tensor(name, DTYPE_Q4_0, rows * columns)?;
        let (blocks, _) = tensor.bytes.as_chunks::<BLOCK_BYTES>();
        let mut nibbles = Vec::with_capacity(blocks.len() * BLOCK / 2);
        let mut scales = Vec::with_capacity(blocks.len());
        for block in blocks {
            let [low, high, packed @ ..] = block;
            scales.push(half::f16::from_le_bytes([*low, *high]).to_f32());
            nibbles.extend_from_slice(&consecutive_pairs(packed));
        }
        Ok(FourBit { nibbles, scales })
    }

    fn tensor(&self, name: &str, dtype: u8, elements: usize) -> Result<Tensor<'a>, String> {
        let tensor = self.tensors.get(name).copied().ok_or_else(|| format!("it has no tensor `{name}`"))?;
        if tensor.dtype != dtype || tensor.elements != elements {
            return Err(format!(
                "tensor `{name}` has {} elements of type {}, and {elements} of type {dtype} are needed",
                tensor.elements, tensor.dtype
            ));
        }
        Ok(tensor)
    }
}

impl Dimensions {
    fn check(&self) -> Result<(), String> {
        if !self.hidden.is_multiple_of(self.heads) {
            return Err(format!("its hidden size {} does not divide among {} heads", self.hidden, self.heads));
        }
        if !(self.layer_norm_epsilon.is_finite() && self.layer_norm_epsilon > 0.0) {
            return Err(format!("its layer-norm epsilon is {}", self.layer_norm_epsilon));
        }
        Ok(())
    }
}

impl FourBit {
    /// The matrix in `f32`, transposed: columns x rows.
    pub(super) fn dequantised_transposed(&self, rows: usize, columns: usize) -> Vec<f32> {
        let mut values = vec![0.0; rows * columns];
        for (at, &byte) in self.nibbles.iter().enumerate() {
            let (row, column) = (2 * at / columns, 2 * at % columns);
            let scale = self.scales[2 * at / BLOCK];
            values[column * rows + row] = (f32::from(byte & 15) - 8.0) * scale;
            values[(column + 1) * rows + row] = (f32::from(byte >> 4) - 8.0) * scale;
        }
        values
    }
}

/// Nibbles of one block from the file's order (byte j holds weights j and j + 16) to pairs (byte j holds weights 2j
/// and 2j + 1), the earlier weight in the low nibble in both.
fn consecutive_pairs(packed: &[u8; BLOCK / 2]) -> [u8; BLOCK / 2] {
    std::array::from_fn(|j| {
        let from = (2 * j) % (BLOCK / 2);
        if j < BLOCK / 4 {
            (packed[from] & 15) | (packed[from + 1] << 4)
        } else {
            (packed[from] >> 4) | (packed[from + 1] & 0xf0)
        }
    })
}

/// A cursor that never leaves the file.
struct Reader<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(bytes).filter(|end| *end <= self.file.len());
        let end = end.ok_or_else(|| format!("it ends at byte {}, in the middle of its header", self.file.len()))?;
        let taken = &self.file[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| format!("{N} bytes were not to be had at byte {}", self.at))
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    fn length(&mut self) -> Result<usize, String> {
        let length = self.array().map(u64::from_le_bytes)?;
        usize::try_from(length).map_err(|_| format!("a length of {length} bytes is more than memory"))
    }

    fn dimension(&mut self, what: &str) -> Result<usize, String> {
        let value = i32::from_le_bytes(self.array()?);
        usize::try_from(value)
            .ok()
            .filter(|value| (1..=LARGEST_DIMENSION).contains(value))
            .ok_or_else(|| format!("its {what} is {value}"))
    }

    /// The file has a tokenizer of its own; Footnote uses the model's original one.
    fn skip_tokenizer(&mut self) -> Result<(), String> {
        let pieces = self.dimension("number of pieces")?;
        self.take(4 * 4)?; // The ids of bos, eos, pad and unk.
        let blob_bytes = self.length()?;
        self.take(4 * (pieces + 1))?; // Where each piece starts in the blob.
        self.take(4 * pieces)?; // Its score.
        self.take(blob_bytes)?;
        self.take(4)?; // Entries of the normalisation map.
        let map_bytes = self.u32()?;
        self.take(map_bytes as usize)?;
        Ok(())
    }

    /// One row of the table of tensors, with the bytes it points to.
    fn tensor(&mut self) -> Result<(&'a str, Tensor<'a>), String> {
        let name_bytes = u16::from_le_bytes(self.array()?);
        let name = self.take(usize::from(name_bytes))?;
        let name = std::str::from_utf8(name).map_err(|_| "the name of a tensor is not UTF-8".to_owned())?;
        let [dtype] = self.array()?;
        let elements = self.u32()? as usize;
        let (offset, bytes) = (self.length()?, self.length()?);
        let stored = match dtype {
            DTYPE_F32 => elements.checked_mul(4),
            DTYPE_Q4_0 if elements.is_multiple_of(BLOCK) => (elements / BLOCK).checked_mul(BLOCK_BYTES),
            _ => return Err(format!("tensor `{name}` has {elements} elements of type {dtype}, which is not known")),
        };
        if stored != Some(bytes) {
            return Err(format!("tensor `{name}` has {elements} elements of type {dtype} in {bytes} bytes"));
        }
        let end = offset.checked_add(bytes).filter(|end| *end <= self.file.len());
        let end = end.ok_or_else(|| format!("tensor `{name}` lies beyond the file's end"))?;
        Ok((name, Tensor { dtype, elements, bytes: &self.file[offset..end] }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{FEED_FORWARD, HIDDEN, VOCABULARY, weights_file};
    use super::*;

    /// The value of weight `at` of a stored tensor, straight from the format's definition.
    fn by_definition(stored: &[u8], at: usize) -> f32 {
        let block = &stored[at / BLOCK * BLOCK_BYTES..][..BLOCK_BYTES];
        let scale = half::f16::from_le_bytes([block[0], block[1]]).to_f32();
        let byte = block[2 + at % BLOCK % 16];
        let nibble = if at % BLOCK < 16 { byte & 15 } else { byte >> 4 };
        (f32::from(nibble) - 8.0) * scale
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the values are copied, not computed")]
    fn a_valid_file_gives_its_dimensions_and_tensors() {
        let file = weights_file();
        let weights = Weights::parse(&file).unwrap();
        assert_eq!((weights.dimensions.hidden, weights.dimensions.vocabulary), (HIDDEN, VOCABULARY));
        assert_eq!((weights.dimensions.feed_forward, weights.dimensions.layers), (FEED_FORWARD, 1));
        assert_eq!(weights.floats("emb.type", HIDDEN).unwrap()[7], 1.0);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "both sides multiply the same two numbers")]
    fn repacked_and_unpacked_weights_have_the_values_that_the_format_defines() {
        let file = weights_file();
        let weights = Weights::parse(&file).unwrap();
        let (rows, columns) = (HIDDEN, FEED_FORWARD);
        let stored = weights.tensors["l0.fo.w"].bytes;
        let packed = weights.four_bit("l0.fo.w", rows, columns).unwrap();
        let transposed = packed.dequantised_transposed(rows, columns);
        for at in 0..rows * columns {
            let nibble = packed.nibbles[at / 2] >> (4 * (at % 2)) & 15;
            let expected = by_definition(stored, at);
            assert_eq!((f32::from(nibble) - 8.0) * packed.scales[at / BLOCK], expected, "weight {at}");
            assert_eq!(transposed[at % columns * rows + at / columns], expected, "weight {at}");
        }
    }

    #[test]
    fn a_tensor_of_another_size_or_type_is_refused_by_name() {
        let file = weights_file();
        let weights = Weights::parse(&file).unwrap();
        for result in [weights.floats("emb.type", 1).err(), weights.floats("emb.word", VOCABULARY * HIDDEN).err()] {
            assert!(result.unwrap().contains("tensor `emb."));
        }
        assert!(weights.four_bit("emb.word", VOCABULARY * HIDDEN / 8, 8).unwrap_err().contains("do not fill blocks"));
        assert!(weights.floats("emb.none", 1).unwrap_err().contains("no tensor `emb.none`"));
    }

    #[test]
    fn a_file_cut_off_anywhere_is_an_error() {
        let file = weights_file();
        for length in 0..file.len() {
            assert!(Weights::parse(&file[..length]).is_err(), "cut to {length} bytes");
        }
    }

    #[test]
    fn lengths_that_claim_more_than_there_is_are_errors() {
        let file = weights_file();
        for (at, what) in [(44, "pieces"), (64, "blob"), (68, "blob, upper half"), (90, "map")] {
            let mut hostile = file.clone();
            hostile[at..at + 4].copy_from_slice(&0x00ff_ffff_u32.to_le_bytes());
            assert!(Weights::parse(&hostile).is_err(), "{what}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Weights::parse(&[b"E5S1\x01\0\0\0", bytes.as_slice()].concat());
            let _ = Weights::parse(&bytes);
        }

        #[test]
        fn no_change_of_a_valid_file_makes_parsing_or_building_panic(
            changes in proptest::collection::vec((0_usize..1000, any::<u8>()), 1..6),
        ) {
            let mut file = weights_file();
            for (at, byte) in changes {
                file[at] = byte;
            }
            if let Ok(weights) = Weights::parse(&file) {
                let _ = super::super::graph::build(&weights, None, crate::model::manifest::LinearWeights::Float);
            }
        }

        #[test]
        fn repacking_keeps_every_weight(packed in any::<[u8; BLOCK / 2]>()) {
            let pairs = consecutive_pairs(&packed);
            for at in 0..BLOCK {
                let stored = if at < 16 { packed[at] & 15 } else { packed[at - 16] >> 4 };
                prop_assert_eq!(pairs[at / 2] >> (4 * (at % 2)) & 15, stored);
            }
        }
    }
}
