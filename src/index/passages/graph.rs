//! A graph over the vectors of a large segment (HNSW, Malkov and Yashunin 2018). usearch builds it; it is kept in a file of
//! its own and searched here, since usearch checks nothing that it reads. The only file that names usearch.

use std::collections::BinaryHeap;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::path::Path;

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use super::columns::{u32_of, u64_of};
use super::file::{FileTable, HashedFile, HashingWriter};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

pub(super) const EXTENSION: &str = "graph";

/// Neighbours of a node above the lowest level. 16 is the usual choice of HNSW's M; 384 dimensions gain a little from more.
const CONNECTIVITY: usize = 24;
/// Neighbours of a node on the lowest level.
const BASE: usize = 2 * CONNECTIVITY;
/// Nodes that are kept at hand when one is added. With 128, a graph of 100,000 real vectors that were disturbed needs searches
/// half as wide again for the same recall.
const EXPANSION_ADD: usize = 256;
/// Stands for a neighbour that is not there.
const NONE: u32 = u32::MAX;
/// Numbers before the nodes: how many there are, where the search begins, how many levels lie above the lowest, and the
/// number of nodes of each.
const HEADER: usize = 2 * size_of::<u64>();
/// Vectors between two looks at whether the work was cancelled.
const STRIDE: usize = 256;

/// The graph of a segment. Its nodes are the numbers of passages.
pub(super) struct Graph {
    file: HashedFile,
    entry: u32,
    nodes: u32,
    /// For each level above the lowest, its number of nodes and where they begin.
    levels: Vec<(usize, usize)>,
}

/// Bytes of a node above the lowest level: its number and its neighbours.
const UPPER: usize = size_of::<u32>() * (1 + CONNECTIVITY);

impl Graph {
    /// Builds the graph of these vectors, each of `dimensions` steps, and writes it.
    ///
    /// One thread builds it: with several, usearch loses nodes. What counts is the angle between two vectors, so that their
    /// scales need not be known.
    pub(super) fn write<'v>(
        vectors: impl ExactSizeIterator<Item = Result<&'v [u8]>>,
        dimensions: usize,
        dir: &Path,
        stem: &str,
        cancel: &Cancel,
    ) -> Result<FileTable> {
        let count = vectors.len();
        let options = IndexOptions {
            dimensions,
            metric: MetricKind::Cos,
            quantization: ScalarKind::I8,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION_ADD,
            expansion_search: EXPANSION_ADD,
            multi: false,
        };
        let index = Index::new(&options).map_err(vector_error)?;
        index.reserve_capacity_and_threads(count.max(1), 1).map_err(vector_error)?;
        let mut steps = vec![0_i8; dimensions];
        for (key, vector) in (0_u64..).zip(vectors) {
            if (key as usize).is_multiple_of(STRIDE) {
                cancel.check()?;
            }
            steps.iter_mut().zip(vector?).for_each(|(step, byte)| *step = byte.cast_signed());
            index.add(key, &steps).map_err(vector_error)?;
        }
        let mut file = HashingWriter::create(dir, stem, EXTENSION)?;
        write_nodes(&index, count, &mut file)?;
        file.finish()
    }

    pub(super) fn open(file: HashedFile, passages: usize) -> Result<Self> {
        let header = file.get(0..HEADER)?;
        let (nodes, entry, count) = (u64_of(header), u32_of(&header[8..]), u32_of(&header[12..]) as usize);
        if nodes != passages as u64 || entry >= passages as u32 || count > 64 {
            return Err(file.corrupt("its graph does not fit its passages"));
        }
        let sizes: Vec<usize> =
            file.get(HEADER..HEADER + 4 * count)?.chunks_exact(4).map(|size| u32_of(size) as usize).collect();
        let mut start = HEADER + 4 * count + passages * BASE * size_of::<u32>();
        let mut levels = Vec::new();
        for size in sizes {
            levels.push((size, start));
            start += size * UPPER;
        }
        if start != file.len() {
            return Err(file.corrupt("its graph does not have the length that it should have"));
        }
        Ok(Self { file, entry, nodes: passages as u32, levels })
    }

    pub(super) fn file(&self) -> &HashedFile {
        &self.file
    }

    /// About the `width` nodes with the highest similarity of those that `is_wanted` lets through. All nodes lead the way,
    /// the unwanted too. `compare` adds the similarities of nodes to a list, in their order.
    pub(super) fn search(
        &self,
        width: usize,
        compare: impl Fn(&[u32], &mut Vec<f32>) -> Result<()>,
        mut is_wanted: impl FnMut(u32) -> Result<bool>,
    ) -> Result<Vec<u32>> {
        let (mut nodes, mut similarities) = (vec![self.entry], Vec::new());
        compare(&nodes, &mut similarities)?;
        let mut nearest = near(&nodes, &similarities).next().ok_or_else(|| self.file.corrupt("it has no entry"))?;
        for level in (0..self.levels.len()).rev() {
            loop {
                let before = nearest;
                nodes.clear();
                nodes.extend(self.upper(level, before.node)?);
                similarities.clear();
                compare(&nodes, &mut similarities)?;
                nearest = near(&nodes, &similarities).fold(nearest, Near::max);
                if nearest.node == before.node {
                    break;
                }
            }
        }
        let mut seen: HashSet<u32, BuildHasherDefault<NodeHasher>> = HashSet::default();
        let mut open = BinaryHeap::from([nearest]);
        // The least similar is on top.
        let mut found: BinaryHeap<std::cmp::Reverse<Near>> = BinaryHeap::new();
        seen.insert(nearest.node);
        if is_wanted(nearest.node)? {
            found.push(std::cmp::Reverse(nearest));
        }
        while let Some(next) = open.pop() {
            let least = found.peek().map(|least| least.0).filter(|_| found.len() >= width);
            if least.is_some_and(|least| next < least) {
                break;
            }
            nodes.clear();
            nodes.extend(self.base(next.node)?.filter(|node| seen.insert(*node)));
            similarities.clear();
            compare(&nodes, &mut similarities)?;
            for near in near(&nodes, &similarities) {
                if found.len() >= width && found.peek().is_some_and(|least| near < least.0) {
                    continue;
                }
                open.push(near);
                if is_wanted(near.node)? {
                    found.push(std::cmp::Reverse(near));
                    if found.len() > width {
                        found.pop();
                    }
                }
            }
        }
        Ok(found.into_iter().map(|near| near.0.node).collect())
    }

    fn base(&self, node: u32) -> Result<impl Iterator<Item = u32>> {
        let start = HEADER + 4 * self.levels.len() + node as usize * BASE * size_of::<u32>();
        self.neighbours(start, BASE)
    }

    /// The neighbours of a node on the level after `level` from below; none if it is not there.
    fn upper(&self, level: usize, node: u32) -> Result<impl Iterator<Item = u32>> {
        let (size, start) = self.levels[level];
        let (mut low, mut high) = (0, size);
        while low < high {
            let middle = low + (high - low) / 2;
            let at = start + middle * UPPER;
            match u32_of(self.file.get(at..at + 4)?).cmp(&node) {
                std::cmp::Ordering::Equal => return self.neighbours(at + 4, CONNECTIVITY),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        self.neighbours(0, 0)
    }

    fn neighbours(&self, start: usize, count: usize) -> Result<impl Iterator<Item = u32>> {
        let nodes = self.nodes;
        let bytes = self.file.get(start..start + count * size_of::<u32>())?;
        Ok(bytes.chunks_exact(4).map(u32_of).take_while(move |node| *node < nodes))
    }
}

fn write_nodes(index: &Index, count: usize, file: &mut HashingWriter) -> Result<()> {
    let tops: Vec<usize> = (0..count as u64).map(|key| index.level_of_key(key)).collect();
    let highest = tops.iter().copied().max().unwrap_or_default();
    let entry = tops.iter().position(|top| *top == highest).unwrap_or_default();
    let of_level = |level: usize| tops.iter().enumerate().filter(move |(_, top)| **top >= level).map(|(node, _)| node);
    file.append(&(count as u64).to_le_bytes())?;
    file.append(&(entry as u32).to_le_bytes())?;
    file.append(&(highest as u32).to_le_bytes())?;
    for level in 1..=highest {
        file.append(&(of_level(level).count() as u32).to_le_bytes())?;
    }
    for node in 0..count {
        append_numbers(file, index.neighbors(node as u64, 0).map(|key| key as u32), BASE)?;
    }
    for level in 1..=highest {
        for node in of_level(level) {
            // In ascending order, each in front of its neighbours.
            file.append(&(node as u32).to_le_bytes())?;
            append_numbers(file, index.neighbors(node as u64, level).map(|key| key as u32), CONNECTIVITY)?;
        }
    }
    Ok(())
}

/// Writes up to `width` numbers, and fills up what is left.
fn append_numbers(file: &mut HashingWriter, numbers: impl Iterator<Item = u32>, width: usize) -> Result<()> {
    let numbers = numbers.chain(std::iter::repeat(NONE)).take(width);
    file.append(&numbers.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())
}

/// A node with its similarity; the most similar is the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Near {
    similarity: f32,
    node: u32,
}

fn near(nodes: &[u32], similarities: &[f32]) -> impl Iterator<Item = Near> {
    nodes.iter().zip(similarities).map(|(&node, &similarity)| Near { similarity, node })
}

impl Eq for Near {}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.similarity.total_cmp(&other.similarity).then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Numbers of nodes are spread well by one multiplication (Knuth).
#[derive(Default)]
struct NodeHasher(u64);

impl Hasher for NodeHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }
}

fn vector_error(reason: impl std::fmt::Display) -> Error {
    Error::Vector { reason: reason.to_string() }
}
