//! Footnote as a library: take in documents, ask in another language, and show where each sentence was quoted from.
//!
//! ```sh
//! cargo run --release --example ask
//! ```

use footnote::passage::NewDocument;
use footnote::{Config, Footnote, Question};

fn main() -> footnote::Result<()> {
    // An index of its own, gone with the program. `Config::load(None)` reads config.toml and the environment instead.
    let index = tempfile::tempdir().expect("the system has a temporary folder");
    let mut config = Config::default();
    config.index.dir = index.path().into();
    let footnote = Footnote::open(&config)?;

    let document = NewDocument {
        id: Some("ferry".into()),
        title: Some("渡輪時刻".into()),
        text: "往龜尾的渡輪上午九點開船。末班船在傍晚六點半,颱風天停駛。".into(),
        source: Some("港務公告".into()),
        published: Some("2026-02-01".into()),
        ..NewDocument::default()
    };
    for ingested in footnote.ingest(vec![document], &mut |_| {})? {
        println!("{}: {:?}", ingested.id, ingested.outcome);
    }

    let answer = footnote.ask(&Question { text: "When does the last ferry leave?".into(), ..Question::default() })?;
    println!("{} (confidence {:.2})", answer.text, answer.confidence);
    for citation in &answer.citations {
        let quote = &citation.passage.quote;
        let document = footnote.document(&citation.passage.document.id)?;
        // Every quote is a slice of the stored text, to the byte.
        assert_eq!(document.text[quote.location.bytes.range()], quote.text);
        println!("[{}] {}, bytes {:?}", citation.id, document.info.title, quote.location.bytes.range());
    }
    Ok(())
}
