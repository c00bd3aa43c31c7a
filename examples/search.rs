//! Footnote as a library: read a folder into a collection, then search it with a filter.
//!
//! ```sh
//! cargo run --release --example search -- examples/corpus "rate cuts" zh
//! ```

use std::path::PathBuf;

use footnote::filter::{Comparison, Field, Filter};
use footnote::{Config, Library, Question};

fn main() -> footnote::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "examples/corpus".into());
    let question = arguments.next().unwrap_or_else(|| "who expects the Fed to cut in 2026".into());
    let language = arguments.next().unwrap_or_else(|| "zh".into());

    let index = tempfile::tempdir().expect("the system has a temporary folder");
    let mut config = Config::default();
    index.path().clone_into(&mut config.index.dir);
    // Collections of one library share the model.
    let library = Library::open(&config, Box::new(|_| {}))?;
    let news = library.create("news")?;
    let ingested = news.ingest_paths(&[PathBuf::from(folder)], &mut |_| {})?;
    println!("{} documents added, {} failed", ingested.added, ingested.failed);

    let filter = Filter::is(Field::Language, Comparison::Equal, language.into())?;
    let results = news.search(&Question { text: question, top_k: Some(3), filter, ..Question::default() })?;
    for passage in results.passages {
        let (line, _) = passage.quote.location.lines;
        println!("{:.2}  {}, line {line}: {}", passage.relevance, passage.document.title, passage.quote.text);
    }
    Ok(())
}
