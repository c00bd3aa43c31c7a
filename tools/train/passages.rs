//! Prints the passages of a corpus as Footnote makes them, for training: a line of JSON for each document.
//!
//! ```sh
//! cargo run --release --example passages -- corpus.zh-Hant.jsonl > passages.jsonl
//! ```
//!
//! A passage has `text`, which is what the model reads, and `sentences`: their start and end in it, in characters.

use std::error::Error;
use std::io::{self, BufWriter, Write};

use footnote::Config;
use footnote::internals::embed::{OnnxEmbedder, PassageInput};
use footnote::internals::{ingest, model_store};
use footnote::passage::DocumentInfo;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let path =
        std::env::args().nth(1).ok_or("name a file of documents, one line of JSON each: passages CORPUS.jsonl")?;
    let corpus = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let config = Config::load(None)?;
    let files = model_store::ensure(&config.model, &mut |_| {})?;
    let embedder = OnnxEmbedder::start(files, &config.model, config.ingest.batch_tokens)?;
    let mut out = BufWriter::new(io::stdout().lock());
    for (line, document) in (1..).zip(corpus.lines()) {
        let document: Value = serde_json::from_str(document).map_err(|error| format!("{path}:{line}: {error}"))?;
        let field = |name: &str| document[name].as_str().ok_or_else(|| format!("{path}:{line}: `{name}` is missing"));
        let (id, text) = (field("id")?, field("text")?);
        let title = document["title"].as_str().unwrap_or_default();
        let info = DocumentInfo { id: id.to_owned(), title: title.to_owned(), ..DocumentInfo::default() };
        // Like every plain text, these have no headings and no rows that a reader marked.
        let (_, inputs) = ingest::passages(&info, text, &[], &[], &embedder, &config.ingest)?;
        let passages: Vec<Value> = inputs.iter().map(passage).collect();
        writeln!(out, "{}", json!({ "id": id, "passages": passages }))?;
    }
    Ok(out.flush()?)
}

fn passage(input: &PassageInput) -> Value {
    let characters = |byte: usize| input.text[..byte].chars().count();
    let sentences: Vec<_> = input.sentences.iter().map(|s| [characters(s.start), characters(s.end)]).collect();
    json!({ "text": input.text, "sentences": sentences })
}
