//! One writer beside eight readers: what adding a document takes, and how long questions wait for the index.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use footnote::internals::ask::{self, Context, EmbeddedQuestion};
use footnote::internals::embed::OnnxEmbedder;
use footnote::internals::index::{Collection, Snapshots};
use footnote::internals::model_store;
use footnote::{Cancel, Config, Question};

use crate::scale::{bytes_written, percentile, question_texts};
use crate::scattered::{PER_DOCUMENT, Scattered};

const READERS: usize = 8;
const ADDED: usize = 500;
/// The number of the first document that is added, behind all others.
const FIRST: usize = 1_000_000;

/// Adds documents while readers ask whole questions, which were embedded before, without a pause.
pub(crate) fn run(config: &Config, embedder: &OnnxEmbedder, scattered: &Scattered) {
    let collection = Collection::open(&config.index.collection_dir()).expect("the collection opens");
    let (lexicon, cancel) = (model_store::lexicon(config).expect("it is there"), Cancel::default());
    let context = Context {
        embedder,
        lexicon: &lexicon,
        use_aliases: true,
        reranker: None,
        config: &config.ask,
        cancel: &cancel,
    };
    let embedded = |text: String| {
        let question = Question { text, ..Question::default() };
        let embedded =
            ask::embed(context, &question, jiff::Zoned::now().date(), || Ok(false), || Ok(None)).expect("it embeds");
        (question, embedded)
    };
    let questions: Vec<_> = question_texts().into_iter().take(60).map(embedded).collect();
    // The index is loaded, and what the questions need is in memory.
    let ask = |(question, embedded): &(Question, EmbeddedQuestion)| {
        let started = Instant::now();
        let index = collection.snapshot().expect("the index loads").expect("there is one");
        let waited = started.elapsed().as_secs_f64() * 1e3;
        ask::search(context, &Snapshots::new(vec![(None, index)]), question, embedded).expect("it answers");
        (waited, started.elapsed().as_secs_f64() * 1e3)
    };
    let alone: Vec<f64> = questions.iter().chain(&questions).map(|question| ask(question).1).skip(60).collect();
    let (done, written) = (AtomicBool::new(false), bytes_written());
    let (mut adds, mut waits, mut took) = (Vec::new(), Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let read = |reader: usize| {
            let (done, questions, ask) = (&done, &questions, &ask);
            move || {
                let mut times = Vec::new();
                for question in questions.iter().cycle().skip(7 * reader) {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    times.push(ask(question));
                }
                times
            }
        };
        let readers: Vec<_> = (0..READERS).map(|reader| scope.spawn(read(reader))).collect();
        for number in FIRST..FIRST + ADDED {
            let document = scattered.document(number);
            let started = Instant::now();
            collection.put(&document).expect("it is stored");
            adds.push(started.elapsed().as_secs_f64() * 1e3);
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            for (waited, all) in reader.join().expect("it ends") {
                waits.push(waited);
                took.push(all);
            }
        }
    });
    println!("  one writer beside {READERS} readers");
    crate::row(&format!("    adding a document of {PER_DOCUMENT} passages, median, ms"), &percentile(&adds, 0.5));
    crate::row("      99th percentile, ms", &percentile(&adds, 0.99));
    crate::row("      longest, ms", &percentile(&adds, 1.0));
    crate::row("    a question waits for the index, median, ms", &percentile(&waits, 0.5));
    crate::row("      99th percentile, ms", &percentile(&waits, 0.99));
    crate::row("      longest, ms", &percentile(&waits, 1.0));
    crate::row("    a question, without its embedding, median, ms", &percentile(&took, 0.5));
    crate::row("      99th percentile, ms", &percentile(&took, 0.99));
    crate::row("      one reader and no writer, median, ms", &percentile(&alone, 0.5));
    let passages = (ADDED * PER_DOCUMENT) as u64;
    crate::row("    bytes written for a passage", &format!("{}", (bytes_written() - written) / passages));
    for number in FIRST..FIRST + ADDED {
        collection.delete(&number.to_string()).expect("it is deleted");
    }
}
