//! Passages made by disturbing real ones: as many as are wanted, the same on every run.

use footnote::internals::embed::{PassageInput, PassageVectors};
use footnote::internals::index::store::{EmbeddedPassage, PreparedDocument};
use footnote::passage::{Chunk, DocumentInfo, Format, Layout, Span};

pub(crate) const PER_DOCUMENT: usize = 20;
/// The length of what is added to a vector in a random direction. Its cosine with what it was is about 0.98.
const NOISE: f32 = 0.2;

/// A tag, whether the document of a number has it, and how many have it.
type Tag = (&'static str, fn(usize) -> bool, &'static str);
pub(crate) const TAGS: [Tag; 3] = [
    ("permille", |number| number % 1_000 == 1, "0.1 %"),
    ("tenth", |number| number % 10 == 3, "10 %"),
    ("most", |number| number % 10 != 5, "90 %"),
];

/// Real passages with their vectors.
pub(crate) struct Scattered {
    texts: Vec<PassageInput>,
    real: Vec<PassageVectors>,
}

impl Scattered {
    pub(crate) fn new(texts: Vec<PassageInput>, real: Vec<PassageVectors>) -> Self {
        Self { texts, real }
    }

    /// The vector of a passage: between those of two real passages, and off that line.
    pub(crate) fn vector(&self, passage: usize) -> Vec<f32> {
        let mut random = Random(passage as u64);
        let [one, other] = [(); 2].map(|()| &self.real[random.below(self.real.len())].passage);
        let share = random.unit() * 0.6;
        let scale = NOISE * (12.0 / one.len() as f32).sqrt();
        let moved: Vec<f32> =
            one.iter().zip(other).map(|(a, b)| a + share * (b - a) + (random.unit() - 0.5) * scale).collect();
        let norm = moved.iter().map(|value| value * value).sum::<f32>().sqrt();
        moved.into_iter().map(|value| value / norm).collect()
    }

    /// A document of passages, each with a sentence of several real ones and a number of its own.
    pub(crate) fn document(&self, number: usize) -> PreparedDocument {
        let (mut text, mut passages) = (String::new(), Vec::new());
        for passage in number * PER_DOCUMENT..(number + 1) * PER_DOCUMENT {
            let mut random = Random(!(passage as u64));
            let (start, mut sentences, mut compressed) = (text.len(), Vec::new(), Vec::new());
            for _ in 0..2 {
                let source = random.below(self.texts.len());
                let (input, real) = (&self.texts[source], &self.real[source]);
                let sentence = random.below(input.sentences.len());
                let from = text.len();
                text.push_str(&input.text[input.sentences[sentence].range()]);
                sentences.push(Span::new(from, text.len()));
                compressed.push(real.compressed[sentence].clone());
                text.extend([" ", &random.below(50_000).to_string(), " "]);
            }
            passages.push(EmbeddedPassage {
                chunk: Chunk { span: Span::new(start, text.len()), sentences, headings: Vec::new() },
                tokens: 100,
                vector: self.vector(passage),
                sentences: compressed,
            });
        }
        let info = DocumentInfo {
            title: format!("Document {number}"),
            id: number.to_string(),
            source: None,
            uri: None,
            published: None,
            language: None,
            tags: TAGS.iter().filter(|(_, has, _)| has(number)).map(|(tag, ..)| (*tag).to_owned()).collect(),
            metadata: serde_json::Map::new(),
            format: Format::Plain,
            size_bytes: text.len(),
            passages: passages.len(),
            ingested: "2026-01-01T00:00:00Z".into(),
        };
        PreparedDocument {
            hash: *blake3::hash(info.id.as_bytes()).as_bytes(),
            info,
            text,
            layout: Layout::default(),
            origin: None,
            original: None,
            aliases: Vec::new(),
            passages,
        }
    }
}

/// The inner product, in a form that is fast.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    for (a, b) in a.chunks(16).zip(b.chunks(16)) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum()
}

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
        (self.next() % bound.max(1) as u64) as usize
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }
}
