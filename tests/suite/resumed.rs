//! An ingest of a folder that is killed again and again, and goes on each time, makes the index of one that was never
//! disturbed: each document, text, place, passage and vector, byte for byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::harness::{Dice, Workspace, data, project};

/// How often it must have been killed, at least, before it may end.
const KILLS: usize = 12;
const MAX_KILLS: usize = 60;

/// What the index says of each thing in it, apart from keys and the time of ingest.
const THINGS: [(&str, &str); 7] = [
    (
        "documents",
        "SELECT id, title, source, uri, published, language, tags, metadata, format, origin, size_bytes, passages, hash,
         text_checksum, aliases_checksum FROM documents",
    ),
    ("texts", "SELECT d.id, t.text FROM texts t JOIN documents d ON d.key = t.document"),
    ("layouts", "SELECT d.id, l.layout FROM layouts l JOIN documents d ON d.key = l.document"),
    (
        "passages",
        "SELECT d.id, p.ordinal, p.span_start, p.span_end, p.tokens, p.headings, p.sentences, p.vector, p.compressed
         FROM passages p JOIN documents d ON d.key = p.document",
    ),
    ("aliases", "SELECT d.id, a.name, a.other FROM aliases a JOIN documents d ON d.key = a.document"),
    ("originals", "SELECT d.id, o.name, o.hash, o.size_bytes, o.format FROM originals o JOIN documents d ON d.key = o.document"),
    ("files", "SELECT origin, size_bytes, modified_ns, hash, reading, documents FROM files"),
];

/// Every row of [`THINGS`], with how often it is there.
fn content(workspace: &Workspace) -> BTreeMap<String, usize> {
    let store = Connection::open(workspace.folder().join("index/default/store.db")).unwrap();
    let mut rows = BTreeMap::new();
    for (thing, query) in THINGS {
        let mut query = store.prepare(query).unwrap();
        let columns = query.column_count();
        let mut found = query.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let mut line = thing.to_owned();
            for column in 0..columns {
                let _ = write!(line, " | {:?}", row.get::<_, Value>(column).unwrap());
            }
            *rows.entry(line).or_default() += 1;
        }
    }
    for copy in std::fs::read_dir(workspace.folder().join("index/default/originals")).unwrap() {
        let copy = copy.unwrap();
        let hash = blake3::hash(&std::fs::read(copy.path()).unwrap());
        *rows.entry(format!("copy {} {hash}", copy.file_name().display())).or_default() += 1;
    }
    rows
}

/// A folder of files of many kinds, a minute old.
fn write_folder(folder: &Path) {
    let write = |name: String, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_mins(1)).unwrap();
    };
    let samples = [
        "office/zh-tw-libreoffice.docx",
        "office/training-python-pptx.pptx",
        "office/sales-xlsxwriter.xlsx",
        "office/rules-odfpy.odt",
        "office/stations.csv",
        "office/zh-tw-libreoffice.rtf",
        "mail/zh-tw-big5-alternative-attachment.eml",
        "mail/three-charsets.mbox",
        "epub/zh-tw-pandoc.epub",
        "json/articles.jsonl",
        "subtitles/harbour.srt",
        "archive/infozip.zip",
        "web/en-mkdocs.html",
    ];
    for sample in samples {
        write(sample.to_owned(), &std::fs::read(data("formats").join(sample)).unwrap());
    }
    for article in std::fs::read_dir(project().join("examples/corpus")).unwrap().flatten() {
        let name = article.file_name().into_string().unwrap();
        write(format!("articles/{name}"), &std::fs::read(article.path()).unwrap());
    }
    for number in 0..40 {
        let text = format!("Station {number} (abbreviated ST{number}) measured {} millimetres of rain.", number * 7);
        write(format!("notes/{number:02}.txt"), text.as_bytes());
    }
}

#[test]
fn an_ingest_that_is_killed_at_random_and_resumed_makes_the_index_of_an_undisturbed_one() {
    let undisturbed = Workspace::new();
    let folder = undisturbed.folder().join("folder");
    write_folder(&folder);
    let folder = folder.to_str().unwrap();
    let whole = undisturbed.run(&["ingest", "--json", folder]);
    assert_eq!(whole.code, 0, "{}{}", whole.stdout, whole.stderr);
    let documents = whole.stdout.lines().count();
    let expected = content(&undisturbed);

    let killed = Workspace::new();
    let mut dice = Dice::new(12);
    let mut kills = 0;
    loop {
        assert!(kills < MAX_KILLS, "it does not come to an end");
        let mut child = killed.command(&["ingest", "--json", folder]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Before anything is stored, or some way into what is left. Those of earlier runs come first, and fast.
        let stored = if kills == 0 { 0 } else { documents * kills / (KILLS + 4) };
        let wait = if kills == KILLS { documents * 2 } else { dice.below(stored + documents / KILLS + 1) };
        let read = lines.by_ref().take(wait).flatten().count();
        if read == wait {
            std::thread::sleep(Duration::from_millis(dice.below(300) as u64));
            // It may have ended by itself.
            let _ = child.kill();
        }
        // Read to the end, so that it never writes to a closed pipe.
        let _rest = lines.count();
        if child.wait().unwrap().success() {
            break;
        }
        kills += 1;
    }
    assert!(kills >= KILLS / 2, "it was killed only {kills} times");
    // What was only just written when it was last killed is read once more.
    let last = killed.run(&["ingest", "--json", folder]);
    assert_eq!(last.code, 0, "{}{}", last.stdout, last.stderr);
    let found = content(&killed);
    let lost: Vec<_> = expected.iter().filter(|(row, count)| found.get(*row) != Some(count)).map(short).collect();
    let extra: Vec<_> = found.iter().filter(|(row, count)| expected.get(*row) != Some(count)).map(short).collect();
    assert!(lost.is_empty() && extra.is_empty(), "after {kills} kills\nlost: {lost:#?}\nextra: {extra:#?}");
    let verified = killed.run(&["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

/// The start of a row, enough to recognise it.
fn short((row, count): (&String, &usize)) -> String {
    format!("{count} × {}", row.chars().take(300).collect::<String>())
}
