//! One question at ten thousand passages against its embedding alone.

use footnote::internals::embed::{Embedder, OnnxEmbedder, PassageInput};
use footnote::internals::index::Collection;
use footnote::internals::index::store::{EmbeddedPassage, PreparedDocument};
use footnote::internals::ingest::sentences::sentences;
use footnote::internals::model_store;
use footnote::passage::{Chunk, DocumentInfo, Format, Layout, Span};
use footnote::{Footnote, Question};

const PASSAGES: usize = 10_000;
const PASSAGES_PER_DOCUMENT: usize = 20;
const QUESTIONS: usize = 120;

pub(crate) fn run() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = crate::config(dir.path());
    {
        let files = model_store::ensure(&config.model, &mut |_| {}).expect("the model is there");
        let embedder = OnnxEmbedder::start(files, &config.model, config.ingest.batch_tokens).expect("it starts");
        let collection = Collection::open(&config.index.collection_dir()).expect("the collection opens");
        collection.adopt_model(embedder.identity(), embedder.dimensions()).expect("it has no model yet");
        fill(&collection, &embedder);
    }
    let footnote = Footnote::open_read_only(&config).expect("the collection opens");
    let questions = std::fs::read_to_string(crate::project().join("examples/questions.jsonl")).expect("it is there");
    let questions: Vec<String> = questions
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("it is JSON"))
        .map(|line| line["question"].as_str().unwrap_or_default().to_owned())
        .collect();
    let (mut totals, mut embeds, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for (number, text) in questions.iter().cycle().take(QUESTIONS + 10).enumerate() {
        let took = footnote.ask(&Question { text: text.clone(), ..Question::default() }).expect("it answers").took;
        if number >= 10 {
            totals.push(took.total_ms);
            embeds.push(took.embed_ms);
            ratios.push(took.total_ms / took.embed_ms);
        }
    }
    crate::row(&format!("one question at {PASSAGES} passages, ms"), &format!("{:.2}", crate::median(totals)));
    crate::row("  its embedding alone, ms", &format!("{:.2}", crate::median(embeds)));
    crate::row("  ratio (aim: at most 1.2)", &format!("{:.2}", crate::median(ratios)));
    crate::filters::run(&footnote, &questions);
    crate::side_by_side::run(&footnote, &questions);
    crate::throughput::run(&config, &footnote, &questions);
    sizes(&footnote);
}

/// What each part of the index takes for one passage.
fn sizes(footnote: &Footnote) {
    let status = footnote.status().expect("it has a status");
    let each = |bytes: u64| format!("{}", bytes / status.passages as u64);
    let store = rusqlite::Connection::open(status.dir.join("store.db")).expect("the store opens");
    let sum = |column: &str, table: &str| -> u64 {
        let query = format!("SELECT sum(length({column})) FROM {table}");
        store.query_row(&query, [], |row| row.get::<_, i64>(0)).expect("it is counted") as u64
    };
    crate::row("bytes a passage: vectors of its sentences and tokens", &each(sum("compressed", "passages")));
    crate::row("  its own vector in the store", &each(sum("vector", "passages")));
    crate::row("  the store in all, text included", &each(status.store_bytes));
    crate::row("  vector index", &each(status.vector_bytes));
    crate::row("  lexical index", &each(status.lexical_bytes));
}

/// Passages with the texts of the example corpus and vectors scattered around real ones.
fn fill(collection: &Collection, embedder: &OnnxEmbedder) {
    let texts: Vec<String> = crate::texts().iter().map(|text| text.chars().take(260).collect()).collect();
    let inputs: Vec<PassageInput> =
        texts.iter().map(|text| PassageInput { text: text.clone(), sentences: sentences(text) }).collect();
    let real = embedder.embed_passages(&inputs).expect("they embed");
    let mut state = 0x1234_5678_9ABC_DEF1_u64;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5) * 0.04
    };
    let mut scattered = |vector: &[f32]| {
        let moved: Vec<f32> = vector.iter().map(|value| value + noise()).collect();
        let norm = moved.iter().map(|value| value * value).sum::<f32>().sqrt();
        moved.into_iter().map(|value| value / norm).collect::<Vec<f32>>()
    };
    for number in 0..PASSAGES / PASSAGES_PER_DOCUMENT {
        let (mut text, mut passages) = (String::new(), Vec::new());
        for passage in 0..PASSAGES_PER_DOCUMENT {
            let source = (number + passage) % texts.len();
            let start = text.len();
            text.push_str(&texts[source]);
            let place = |span: &Span| Span::new(start + span.start, start + span.end);
            passages.push(EmbeddedPassage {
                chunk: Chunk {
                    span: Span::new(start, text.len()),
                    sentences: inputs[source].sentences.iter().map(place).collect(),
                    headings: Vec::new(),
                },
                tokens: real[source].tokens,
                vector: scattered(&real[source].passage),
                sentences: real[source].compressed.clone(),
            });
        }
        let id = number.to_string();
        let hash = *blake3::hash(id.as_bytes()).as_bytes();
        let info = DocumentInfo {
            title: format!("Document {id}"),
            id,
            source: None,
            uri: None,
            published: None,
            language: None,
            tags: Vec::new(),
            metadata: serde_json::Map::new(),
            format: Format::Plain,
            size_bytes: text.len(),
            passages: passages.len(),
            ingested: "2026-01-01T00:00:00Z".into(),
        };
        collection
            .put(&PreparedDocument {
                info,
                text,
                layout: Layout::default(),
                origin: None,
                original: None,
                hash,
                aliases: Vec::new(),
                passages,
            })
            .expect("it is stored");
    }
    collection.checkpoint().expect("the vector index is written");
}
