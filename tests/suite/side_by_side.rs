//! Readers and writers at the same time: every answer is one that some committed state of the index gives, and a reader
//! that stays open keeps up with a writer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use footnote::passage::{Citation, NewDocument};
use footnote::{Footnote, Question, SearchResults};

use crate::harness::{config, temporary};

const STATIONS: usize = 6;
const VERSIONS: usize = 7;
const ASKERS: usize = 4;

fn id(station: usize) -> String {
    format!("station-{station}")
}

/// What the document of a station says in one of its versions; `None` in those in which it does not exist.
fn text_of(station: usize, version: usize) -> Option<String> {
    let name = ["Skerry", "Gotland", "Mistral", "Harbour", "Lantern", "Quay"][station];
    // The first version is missing, and so is every third one after it.
    (!version.is_multiple_of(3))
        .then(|| format!("The {name} lighthouse keeper earned {} crowns in May.", station * 1_000 + version))
}

fn write(footnote: &Footnote, station: usize, version: usize) {
    match text_of(station, version) {
        Some(text) => {
            let document = NewDocument { id: Some(id(station)), text, ..NewDocument::default() };
            footnote.ingest(vec![document], &mut |_| {}).unwrap();
        }
        None if version > 0 => footnote.delete(&id(station)).unwrap(),
        None => {}
    }
}

/// What askers and the writer tell one another.
#[derive(Default)]
struct Shared {
    /// The newest version of each document that a write has started with.
    started: [AtomicUsize; STATIONS],
    /// The newest version of each document whose write was acknowledged.
    acknowledged: [AtomicUsize; STATIONS],
    /// Quotes checked.
    quotes: AtomicUsize,
    /// The first thing that was wrong, or that the writer is done; either ends all threads.
    end: Mutex<Option<Result<(), String>>>,
}

impl Shared {
    fn load(versions: &[AtomicUsize; STATIONS]) -> Vec<usize> {
        versions.iter().map(|version| version.load(Ordering::SeqCst)).collect()
    }

    fn finish(&self, how: Result<(), String>) {
        self.end.lock().unwrap().get_or_insert(how);
    }

    fn is_finished(&self) -> bool {
        self.end.lock().unwrap().is_some()
    }

    /// Asks once, and compares the answer with what may have been stored at the time.
    fn ask(&self, footnote: &Footnote) -> Result<(), String> {
        let oldest = Self::load(&self.acknowledged);
        let text = "How much did the lighthouse keeper earn in May?".to_owned();
        let asked = Question { text, top_k: Some(20), ..Question::default() };
        let answer = footnote.ask(&asked).map_err(|error| error.to_string())?;
        let newest = Self::load(&self.started);
        for station in 0..STATIONS {
            let possible: Vec<_> =
                (oldest[station]..=newest[station]).map(|version| text_of(station, version)).collect();
            let of_station = |citation: &&Citation| citation.passage.document.id == id(station);
            let found: Vec<_> = answer.citations.iter().filter(of_station).collect();
            for citation in &found {
                let quote = Some(citation.passage.quote.text.clone());
                if !possible.contains(&quote) {
                    return Err(format!("{quote:?} is none of {possible:?}"));
                }
                self.quotes.fetch_add(1, Ordering::SeqCst);
            }
            if found.len() > 1 || (found.is_empty() && !possible.contains(&None)) {
                return Err(format!("{} is there {} times; it was {possible:?}", id(station), found.len()));
            }
        }
        Ok(())
    }
}

#[test]
fn every_answer_beside_a_writer_quotes_a_version_that_was_stored_while_it_was_asked() {
    let footnote = temporary(|_| {});
    // The first document decides the model; before it there are no answers.
    let first = NewDocument { text: "The bakery opens at seven.".into(), ..NewDocument::default() };
    footnote.ingest(vec![first], &mut |_| {}).unwrap();
    let shared = Shared::default();
    let (answered, answers) = mpsc::channel();
    std::thread::scope(|scope| {
        for answered in vec![answered; ASKERS] {
            let (shared, footnote) = (&shared, &footnote);
            scope.spawn(move || {
                while !shared.is_finished() {
                    if let Err(problem) = shared.ask(footnote) {
                        shared.finish(Err(problem));
                    }
                    let _ = answered.send(());
                }
            });
        }
        for version in 1..VERSIONS {
            for station in 0..STATIONS {
                shared.started[station].store(version, Ordering::SeqCst);
                write(&footnote, station, version);
                shared.acknowledged[station].store(version, Ordering::SeqCst);
                if station == 0 {
                    footnote.checkpoint().unwrap();
                }
                // However fast the machine writes, it waits for answers to questions about this state.
                while answers.try_recv().is_ok() {}
                answers.iter().take(2).for_each(drop);
            }
        }
        shared.finish(Ok(()));
    });
    assert_eq!(shared.end.into_inner().unwrap(), Some(Ok(())));
    assert!(shared.quotes.into_inner() > STATIONS * VERSIONS);
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
}

/// What a search finds, without how long it took.
fn found(footnote: &Footnote) -> Vec<(String, String, String)> {
    let text = "How much did the lighthouse keeper earn in May?".to_owned();
    let SearchResults { passages, .. } =
        footnote.search(&Question { text, top_k: Some(20), ..Question::default() }).unwrap();
    let scores = |passage: &footnote::passage::FoundPassage| format!("{:?}", passage.scores);
    passages.iter().map(|passage| (passage.document.id.clone(), passage.text.clone(), scores(passage))).collect()
}

#[test]
fn a_reader_that_stays_open_finds_what_a_new_one_finds_past_every_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let writer = Footnote::open(&config).unwrap();
    for station in 0..STATIONS {
        write(&writer, station, 1);
    }
    writer.checkpoint().unwrap();
    let reader = Footnote::open_read_only(&config).unwrap();
    assert_eq!(found(&reader).len(), STATIONS);
    for version in 2..6 {
        for station in 0..STATIONS {
            write(&writer, station, version);
            // Some changes are seen one by one, some several at a time, some only after a checkpoint has put them away.
            if station % 2 == version % 2 {
                writer.checkpoint().unwrap();
            }
            if station % 3 == 0 {
                assert_eq!(found(&reader), found(&writer), "station {station}, version {version}");
            }
        }
        let new = Footnote::open_read_only(&config).unwrap();
        assert_eq!(found(&reader), found(&new), "version {version}");
    }
}

#[test]
fn a_document_of_fifteen_megabytes_is_cited_where_its_sentences_stand() {
    const LINES: usize = 300;
    let line = |number: usize| format!("Keeper {number} of the Skerry lighthouse earned {} crowns.", number * 7);
    let space = "\u{3000}".repeat(15_000_000 / LINES / 3);
    let text = (0..LINES).map(|number| line(number) + &space + "\n").collect::<String>();
    assert!(text.len() > 15_000_000);
    let footnote = temporary(|_| {});
    let document = NewDocument { id: Some("keepers".into()), text: text.clone(), ..NewDocument::default() };
    footnote.ingest(vec![document], &mut |_| {}).unwrap();
    let asked = "What did keeper 217 of the Skerry lighthouse earn?".to_owned();
    let answer = footnote.ask(&Question { text: asked, top_k: Some(100), ..Question::default() }).unwrap();
    assert_eq!(answer.citations.len(), 100);
    assert!(answer.citations[..5].iter().any(|citation| citation.passage.quote.text == line(217)));
    for citation in &answer.citations {
        let (quote, at) = (&citation.passage.quote.text, citation.passage.quote.location);
        assert_eq!(&text[at.bytes.range()], quote);
        let number: usize = quote.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(*quote, line(number));
        assert_eq!(at.lines, (number + 1, number + 1));
        assert_eq!(at.chars.start, text[..at.bytes.start].chars().count());
    }
}
