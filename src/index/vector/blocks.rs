//! Vectors in blocks that clones share: what is compared one by one.

use std::sync::Arc;

use half::f16;
use half::slice::HalfFloatSliceExt;

/// Vectors in a block, at most. Changing one copies its block if a clone shares it.
const MAX_VECTORS: usize = 256;

/// Vectors by key, in ascending order of keys, in half precision, which holds the vectors of the
/// store to within their rounding to 8 bits.
#[derive(Clone)]
pub(super) struct Blocks {
    dimensions: usize,
    blocks: Vec<Arc<Block>>,
}

/// At least one vector.
#[derive(Clone)]
struct Block {
    keys: Vec<u64>,
    values: Vec<f16>,
}

impl Blocks {
    /// No vectors, of this length.
    pub(super) fn new(dimensions: usize) -> Self {
        Self { dimensions, blocks: Vec::new() }
    }

    /// Number of vectors.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.keys.len()).sum()
    }

    /// The index of the block that has this key, if any has.
    fn block_of(&self, key: u64) -> usize {
        self.blocks.partition_point(|block| block.keys[0] <= key).saturating_sub(1)
    }

    /// The vector with this key.
    pub(super) fn get(&self, key: u64) -> Option<&[f16]> {
        let block = self.blocks.get(self.block_of(key))?;
        let position = block.keys.binary_search(&key).ok()?;
        Some(&block.values[position * self.dimensions..][..self.dimensions])
    }

    /// Adds a vector whose key is not there.
    pub(super) fn insert(&mut self, key: u64, vector: &[f32]) {
        let mut values = vec![f16::ZERO; self.dimensions];
        values.convert_from_f32_slice(vector);
        let at = self.block_of(key);
        let full = self.blocks.get(at).is_none_or(|block| block.keys.len() >= MAX_VECTORS);
        let last = self.blocks.last().and_then(|block| block.keys.last());
        if full && last.is_none_or(|last| *last < key) {
            // The usual case: keys ascend.
            self.blocks.push(Arc::new(Block { keys: vec![key], values }));
            return;
        }
        let block = Arc::make_mut(&mut self.blocks[at]);
        let position = block.keys.partition_point(|other| *other < key);
        block.keys.insert(position, key);
        let start = position * self.dimensions;
        block.values.splice(start..start, values);
        if block.keys.len() > MAX_VECTORS {
            let middle = block.keys.len() / 2;
            let (keys, values) = (block.keys.split_off(middle), block.values.split_off(middle * self.dimensions));
            self.blocks.insert(at + 1, Arc::new(Block { keys, values }));
        }
    }

    /// Removes a vector; `false` if it was not there.
    pub(super) fn remove(&mut self, key: u64) -> bool {
        let at = self.block_of(key);
        let Some(position) = self.blocks.get(at).and_then(|block| block.keys.binary_search(&key).ok()) else {
            return false;
        };
        if self.blocks[at].keys.len() == 1 {
            self.blocks.remove(at);
            return true;
        }
        let block = Arc::make_mut(&mut self.blocks[at]);
        block.keys.remove(position);
        block.values.drain(position * self.dimensions..(position + 1) * self.dimensions);
        true
    }

    /// Calls `each` with every key and vector, in ascending order of keys.
    pub(super) fn each(&self, mut each: impl FnMut(u64, &[f32])) {
        let mut vector = vec![0.0; self.dimensions];
        for block in &self.blocks {
            for (key, stored) in block.keys.iter().zip(block.values.chunks_exact(self.dimensions.max(1))) {
                widen(stored, &mut vector);
                each(*key, &vector);
            }
        }
    }

    /// Appends all vectors to `bytes`, each as its key and its values, little-endian.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        for block in &self.blocks {
            for (key, values) in block.keys.iter().zip(block.values.chunks_exact(self.dimensions.max(1))) {
                bytes.extend(key.to_le_bytes());
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            }
        }
    }

    /// Reads what [`Blocks::write`] wrote.
    pub(super) fn read(dimensions: usize, bytes: &[u8]) -> Self {
        let mut read = Self::new(dimensions);
        let mut records = bytes.chunks_exact(size_of::<u64>() + dimensions * size_of::<f16>()).peekable();
        while records.peek().is_some() {
            let mut block = Block { keys: Vec::new(), values: Vec::new() };
            for record in records.by_ref().take(MAX_VECTORS) {
                let (key, values) = record.split_at(size_of::<u64>());
                block.keys.extend(words(key));
                block.values.extend(values.as_chunks().0.iter().map(|value| f16::from_le_bytes(*value)));
            }
            read.blocks.push(Arc::new(block));
        }
        read
    }
}

/// Half precision to single, exactly.
pub(super) fn widen(stored: &[f16], vector: &mut [f32]) {
    stored.convert_to_f32_slice(vector);
}

/// Little-endian 64-bit words.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word))
}
