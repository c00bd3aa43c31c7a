//! Tests of both sides: the child is this test binary, started again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;

use super::super::{Extracted, Failure, Options, Pixels, Recognise, RecognisedLetter, RecognisedLine, Result, Scan};
use super::end::Allowed;
use super::process::Process;
use super::protocol::{self, REQUEST_BYTES, Reply, Request, Task};
use super::reader::{FindPdfium, Reader, ReaderLimits, Start};
use super::serve::{Launch, Skills, serve};
use crate::cancel::Cancel;
use crate::passage::{At, Format, Heading, Layout, Line, Page, Place, Row, Span};

const OPTIONS: Options = Options::new(1 << 20);
const LIMITS: ReaderLimits = ReaderLimits { timeout_seconds: 20, max_memory_mb: 512 };
/// Set in the child to its memory in bytes, or to `none`.
const MEMORY: &str = "FOOTNOTE_TEST_READER_MEMORY";
/// Set in the child to the path of PDFium, if there is one.
const PDFIUM: &str = "FOOTNOTE_TEST_READER_PDFIUM";

/// In the child, where it writes its answers.
static OUTPUT: OnceLock<File> = OnceLock::new();

/// Draws the second of two pages.
fn page_number(_: &[u8], page: u32, _: f32) -> Result<Vec<u8>> {
    if page == 2 { Ok(b"picture".to_vec()) } else { Err(Failure::new("has no such page", "ask for page 2")) }
}

/// Obeys the words in a file.
fn obey(_: Format, bytes: &[u8], _: &Options, recognise: &mut Recognise<'_>) -> Result<Vec<Extracted>> {
    let words = String::from_utf8_lossy(bytes);
    let (word, rest) = words.split_once(' ').unwrap_or((&words, ""));
    let number = || rest.trim().parse::<usize>().unwrap_or_default();
    let told = |what: &dyn std::fmt::Debug| Ok(vec![Extracted { text: format!("{what:?}"), ..Extracted::default() }]);
    match word {
        "say" => Ok(vec![Extracted { text: rest.to_owned(), ..Extracted::default() }]),
        "repeat" => Ok(vec![Extracted { text: "x".repeat(number()), ..Extracted::default() }]),
        "attachment" if std::env::var_os(PDFIUM).is_some() => told(&"read"),
        "attachment" => {
            super::missed::miss_pdfium();
            told(&"missed")
        }
        // A page with a pixel for each byte of the rest.
        "recognise" => {
            let rgb = rest.bytes().flat_map(|byte| [byte; 3]).collect();
            let pixels = Pixels::new(rest.len(), 1, rgb).ok_or_else(|| Failure::new("has no pixels", ""))?;
            let lines = recognise(&Scan { page: 2, pages: 3, pixels })?;
            told(&lines.iter().map(RecognisedLine::text).collect::<Vec<_>>())
        }
        "fail" => Err(Failure::new("is not what it seems", "look again")),
        "panic" => panic!("{rest}"),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(3),
        "print" => {
            use std::io::Write as _;
            OUTPUT.get().map(|mut file| file.write_all(&[b'?'; 100]));
            told(&"printed")
        }
        "loop" => loop {
            std::hint::black_box(word);
        },
        "work" => {
            let start = std::time::Instant::now();
            while start.elapsed() < Duration::from_millis(number() as u64) {
                std::hint::black_box(word);
            }
            told(&"worked")
        }
        "sleep" => {
            std::thread::sleep(Duration::from_secs(100));
            told(&"slept")
        }
        "descend" => told(&descend(number())),
        "allocate" => {
            let mut bytes = vec![1_u8; number() << 20];
            std::hint::black_box(&mut bytes);
            told(&bytes.len())
        }
        "open" => told(&std::fs::read(rest).map(|bytes| bytes.len()).map_err(|error| error.kind())),
        "list" => told(&std::fs::read_dir(rest).map(Iterator::count).map_err(|error| error.kind())),
        "append" => told(&File::options().append(true).open(rest).map(|_| ()).map_err(|error| error.kind())),
        "write" => told(&std::fs::write(rest, "x").map_err(|error| error.kind())),
        "connect" => told(&std::net::TcpStream::connect(rest).map(|_| ()).map_err(|error| error.kind())),
        "run" => told(&Command::new(rest).output().map(|_| ()).map_err(|error| error.kind())),
        "thread" => {
            told(&std::thread::Builder::new().spawn(|| ()).map(|thread| thread.join().is_ok()).map_err(|e| e.kind()))
        }
        other => Err(Failure::new(format!("has the unknown word {other}"), "")),
    }
}

/// Uses the stack, in a way that no compiler turns into a loop.
fn descend(depth: usize) -> usize {
    let frame = std::hint::black_box([depth; 64]);
    if depth == 0 { 0 } else { descend(depth - 1) + frame[1] - frame[2] + 1 }
}

/// The child. Its answers go to a pipe of its own, since the test harness writes to standard output.
#[test]
#[ignore = "the child of the tests below"]
fn child() {
    let memory = std::env::var(MEMORY).ok();
    let Some(memory) = memory else { return };
    let pdfium = std::env::var(PDFIUM).ok().map(PathBuf::from);
    let launch = Launch { memory_bytes: memory.parse().ok(), pdfium: pdfium.as_deref() };
    let bind = |path: &Path| match path.ends_with("good") {
        true => Ok(()),
        false => Err(Failure::new("is a PDF, but PDFium cannot be loaded", "fetch it again")),
    };
    let mut output = File::options().write(true).open("/dev/fd/3").unwrap();
    OUTPUT.set(output.try_clone().unwrap()).unwrap();
    let done = serve(&mut std::io::stdin().lock(), &mut output, launch, Skills { bind, read: obey, draw: page_number });
    std::process::exit(i32::from(done.is_err()));
}

fn test_program(memory: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "exec \"$0\" \"$@\" 3>&1 1>&2"]).arg(std::env::current_exe().unwrap());
    let name = concat!(module_path!(), "::child").split_once("::").unwrap().1;
    command.args([name, "--exact", "--ignored", "--nocapture", "--test-threads=1"]).env(MEMORY, memory);
    command
}

fn no_pdfium() -> Box<FindPdfium> {
    Box::new(|| Err(Failure::new("needs PDFium", "fetch it")))
}

fn reader_with(limits: ReaderLimits) -> Reader {
    Reader::started_by(limits, no_pdfium(), |memory, _| Ok(test_program(&memory.to_string())))
}

fn reader() -> Reader {
    reader_with(LIMITS)
}

fn ask(reader: &Reader, words: &str) -> Result<String> {
    let mut documents = reader.read("test", Format::Html, words.as_bytes(), &OPTIONS, &Cancel::default())?;
    Ok(documents.remove(0).text)
}

fn reason(reader: &Reader, words: &str) -> String {
    ask(reader, words).unwrap_err().reason
}

#[test]
fn one_child_reads_many_files_and_a_failure_is_its_own_files() {
    let reader = reader();
    assert_eq!(ask(&reader, "say 甲").unwrap(), "甲");
    assert_eq!(reason(&reader, "fail"), "is not what it seems");
    for _ in 0..500 {
        assert_eq!(ask(&reader, "say yes").unwrap(), "yes");
    }
}

#[test]
fn several_threads_read_at_once() {
    let reader = reader();
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let reader = &reader;
            scope.spawn(move || {
                for number in 0..50 {
                    let text = format!("{thread}.{number}");
                    assert_eq!(ask(reader, &format!("say {text}")).unwrap(), text);
                }
            });
        }
    });
}

#[test]
fn a_file_that_crashes_its_reader_fails_alone() {
    let reader = reader();
    for (words, expected) in [
        ("abort", "makes its reader crash (signal 6)"),
        ("exit", "makes its reader crash (exit status: 3)"),
        ("panic 甲乙丙", "makes its reader crash (panic)"),
        ("descend 100000000", "is nested too deeply to read"),
        ("print", "makes its reader answer nonsense"),
    ] {
        assert_eq!(ask(&reader, "say before").unwrap(), "before");
        assert_eq!(reason(&reader, words), expected);
        assert_eq!(ask(&reader, "say after").unwrap(), "after");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_limited_and_without_the_limit_there_is_enough() {
    let reader = reader();
    assert_eq!(ask(&reader, "allocate 100").unwrap(), (100 << 20).to_string());
    assert_eq!(reason(&reader, "allocate 600"), "needs more than 512 MB of memory to read");
    let unlimited = Reader::started_by(LIMITS, no_pdfium(), |_, _| Ok(test_program("none")));
    assert_eq!(ask(&unlimited, "allocate 600").unwrap(), (600 << 20).to_string());
    assert!(!unlimited.enforced().unwrap().memory);
}

#[test]
fn a_file_that_takes_too_long_by_the_clock_fails() {
    let reader = reader_with(ReaderLimits { timeout_seconds: 1, ..LIMITS });
    assert_eq!(reason(&reader, "sleep"), "took more than 1 s to read");
    assert_eq!(ask(&reader, "say after").unwrap(), "after");
}

#[cfg(target_os = "linux")]
#[test]
fn processor_time_is_limited_for_each_file() {
    let request = |seconds| Request {
        task: Task::Read { format: Format::Html, options: Box::new(OPTIONS) },
        cpu_seconds: seconds,
        reply_bytes: 1024,
    };
    let mut child = Process::start(test_program("none"), false, Duration::from_secs(20)).unwrap();
    // The time of one file is not taken from the next.
    for _ in 0..3 {
        child.read(&request(1), b"work 700", Duration::from_mins(1), &mut |_| Ok(Vec::new())).unwrap();
    }
    let end = child.read(&request(1), b"loop", Duration::from_mins(1), &mut |_| Ok(Vec::new())).unwrap_err();
    let allowed = Allowed { seconds: 60, cpu_seconds: 1, memory_mb: 512 };
    assert_eq!(end.failure(allowed).reason, "took more than 1 s of processor time to read");
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_can_open_no_file_no_connection_and_no_program() {
    let reader = reader();
    let enforced = reader.enforced().unwrap();
    assert!(enforced.memory && enforced.processor_time);
    if !enforced.calls {
        println!("skipped: this system has no seccomp");
        return;
    }
    let denied = "Err(PermissionDenied)";
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display();
    for words in [
        "open /etc/passwd".to_owned(),
        "open /proc/self/environ".to_owned(),
        format!("write {path}"),
        format!("connect {}", server.local_addr().unwrap()),
        "run /bin/true".to_owned(),
        "thread".to_owned(),
    ] {
        assert_eq!(ask(&reader, &words).unwrap(), denied, "{words}");
        // Without the limits it can be done.
        let free = obey(Format::Html, words.as_bytes(), &OPTIONS, &mut |_| Ok(Vec::new())).unwrap();
        assert!(free[0].text.starts_with("Ok("), "{words}: {}", free[0].text);
    }
    assert_eq!(ask(&reader, "say it lives").unwrap(), "it lives");
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_can_read_the_fonts_of_the_system_and_change_nothing_there() {
    let reader = reader();
    let enforced = reader.enforced().unwrap();
    let fonts = walkdir::WalkDir::new("/usr/share/fonts").into_iter().flatten();
    let font = fonts.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).next();
    let Some(font) = font else {
        println!("skipped: this system has no fonts");
        return;
    };
    let found = ask(&reader, &format!("open {}", font.display())).unwrap();
    let denied = "Err(PermissionDenied)";
    if enforced.files {
        assert_eq!(found, format!("Ok({})", std::fs::metadata(&font).unwrap().len()));
        assert!(ask(&reader, "list /usr/share/fonts").unwrap().starts_with("Ok("));
    } else {
        assert_eq!(found, denied);
    }
    if enforced.files || enforced.calls {
        for words in [
            "open /usr/share/fonts/../../../etc/passwd",
            "list /usr/share",
            "list /",
            "write /usr/share/fonts/footnote-test",
            "append /usr/share/fonts/footnote-test",
        ] {
            assert_eq!(ask(&reader, words).unwrap(), denied, "{words}");
        }
    }
}

#[test]
fn an_answer_beyond_the_limit_is_a_failure_that_says_so() {
    let reader = reader();
    let options = Options::new(0);
    let read = |words: &str| reader.read("test", Format::Html, words.as_bytes(), &options, &Cancel::default());
    assert_eq!(read("repeat 16000000").unwrap()[0].text.len(), 16_000_000);
    assert_eq!(read("repeat 17000000").unwrap_err().reason, "has more than 16 MB of text and places");
}

#[test]
fn a_program_that_is_no_reader_is_told_from_one() {
    for (script, expected) in [
        ("echo Usage: something; exit 2", "it is another program"),
        ("exit 2", "exit status: 2"),
        ("yes", "it is another program"),
        ("kill -9 $$", "signal: 9"),
        ("exec 1>&-; sleep 60", "it is another program"),
    ] {
        let start = |script: &str| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]);
            Process::start(command, false, Duration::from_secs(5)).unwrap_err().reason
        };
        let reason = start(script);
        assert!(reason.contains("cannot start") && reason.contains(expected), "{script}: {reason}");
    }
}

#[test]
fn a_program_that_cannot_be_a_child_is_never_started_as_one() {
    let reader = Reader::new(LIMITS, || Ok(PathBuf::from("libpdfium.so")));
    let failure = reader.read("a.html", Format::Html, b"", &OPTIONS, &Cancel::default()).unwrap_err();
    assert!(failure.reason.contains("process of its own") && failure.hint.contains("reader_main"), "{failure:?}");
    assert!(reader.read("a.txt", Format::Plain, b"text", &OPTIONS, &Cancel::default()).is_ok());
}

#[test]
fn without_pdfium_a_pdf_fails_with_what_to_do_and_it_is_asked_for_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let reader = Reader::started_by(
        LIMITS,
        Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Err(Failure::new("needs PDFium", "fetch it"))
        }),
        |memory, _: Option<&Path>| Ok(test_program(&memory.to_string())),
    );
    for _ in 0..3 {
        let failure = reader.read("a.pdf", Format::Pdf, b"say it", &OPTIONS, &Cancel::default()).unwrap_err();
        assert_eq!(failure.reason, "needs PDFium");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(ask(&reader, "say other formats are read").unwrap(), "other formats are read");
}

#[test]
fn a_pdf_inside_a_file_has_pdfium_fetched_and_the_file_read_again() {
    let start: Start = |memory, pdfium| {
        let mut command = test_program(&memory.to_string());
        command.envs(pdfium.map(|path| (PDFIUM, path)));
        Ok(command)
    };
    let reader = Reader::started_by(LIMITS, Box::new(|| Ok(PathBuf::from("/good"))), start);
    assert_eq!(ask(&reader, "attachment").unwrap(), "\"read\"");
    let without = Reader::started_by(LIMITS, no_pdfium(), start);
    assert_eq!(ask(&without, "attachment").unwrap(), "\"missed\"");
    let bad = Reader::started_by(LIMITS, Box::new(|| Ok(PathBuf::from("/bad"))), start);
    let failure = bad.read("a.pdf", Format::Pdf, b"say it", &OPTIONS, &Cancel::default()).unwrap_err();
    assert_eq!(failure.reason, "is a PDF, but PDFium cannot be loaded");
    assert_eq!(ask(&bad, "say other formats are read").unwrap(), "other formats are read");
}

#[test]
fn a_page_is_drawn_by_a_child_that_has_pdfium() {
    let start: Start = |memory, pdfium| {
        let mut command = test_program(&memory.to_string());
        command.envs(pdfium.map(|path| (PDFIUM, path)));
        Ok(command)
    };
    let reader = Reader::started_by(LIMITS, Box::new(|| Ok(PathBuf::from("/good"))), start);
    assert_eq!(reader.draw("a.pdf", b"%PDF", 2, 1.0).unwrap(), b"picture");
    assert_eq!(reader.draw("a.pdf", b"%PDF", 3, 1.0).unwrap_err().reason, "has no such page");
    let without = Reader::started_by(LIMITS, no_pdfium(), start);
    assert!(without.draw("a.pdf", b"%PDF", 2, 1.0).is_err());
}

/// A document with something in each field.
fn full() -> Extracted {
    let mut metadata = serde_json::Map::new();
    metadata.insert("to".into(), serde_json::json!(["甲", { "n": 1.5, "none": null }]));
    let line = Line { page: 1, x0: 0.5, y0: 1.0, x1: 2.0, y1: 3.0, vertical: true, advances: vec![0, 7, 255] };
    let places = [
        At::Line(line),
        At::Paragraph(1),
        At::Cell { sheet: "表".into(), row: 1, column: 2 },
        At::Slide { number: 1, notes: true },
        At::Chapter { number: 1, href: "a.xhtml".into() },
        At::Part { path: "1.2".into(), quoted: true },
        At::Time { start_ms: 1, end_ms: 2 },
        At::Item { line: 1, pointer: "/a".into() },
        At::Row(3),
    ];
    let places = places.into_iter().enumerate().map(|(n, at)| Place { span: Span::new(n, n + 1), at }).collect();
    Extracted {
        has_scans: true,
        incomplete: false,
        part: "a/b".into(),
        format: Format::Jsonl,
        text: "123456789".into(),
        layout: Layout {
            reader: "test 1".into(),
            headings: vec![Heading { span: Span::new(0, 1), level: 2, text: "1".into() }],
            pages: vec![Page { label: Some("iii".into()), width: 595.0, height: 842.0 }],
            places,
            rows: vec![Row { span: Span::new(2, 4), header: Some(Span::new(0, 1)) }],
        },
        title: Some("標題".into()),
        author: Some("作者".into()),
        published: Some("2026".into()),
        language: Some("zh-Hant".into()),
        url: Some("https://example.org".into()),
        tags: vec!["a".into()],
        metadata,
        notes: vec!["has 1 hidden sheet".into()],
    }
}

fn encoded(reply: &Reply) -> Vec<u8> {
    let mut bytes = Vec::new();
    protocol::send(&mut bytes, reply, &[]).unwrap();
    bytes
}

#[test]
fn a_document_arrives_as_it_was_sent() {
    let sent = vec![full(), Extracted::default()];
    let bytes = encoded(&Reply::Read { documents: Ok(sent.clone()), wants_pdfium: true });
    let (reply, _) = protocol::receive(&mut bytes.as_slice(), 1 << 20, 0).unwrap().unwrap();
    let Reply::Read { documents, wants_pdfium } = reply else { panic!("{reply:?}") };
    assert_eq!((documents, wants_pdfium), (Ok(sent), true));
}

#[test]
fn a_request_arrives_with_its_file() {
    let request = Request {
        task: Task::Read { format: Format::Zip, options: Box::new(OPTIONS) },
        cpu_seconds: u64::MAX,
        reply_bytes: usize::MAX,
    };
    let mut bytes = Vec::new();
    protocol::send(&mut bytes, &request, b"PK").unwrap();
    protocol::send(&mut bytes, &request, b"").unwrap();
    let mut input = bytes.as_slice();
    for body in [b"PK".as_slice(), b""] {
        let (arrived, file) = protocol::receive::<Request>(&mut input, REQUEST_BYTES, usize::MAX).unwrap().unwrap();
        let Task::Read { format, options } = arrived.task else { panic!("it reads") };
        assert_eq!((format, *options, arrived.cpu_seconds), (Format::Zip, OPTIONS, u64::MAX));
        assert_eq!(file, body);
    }
    assert!(protocol::receive::<Request>(&mut input, REQUEST_BYTES, usize::MAX).unwrap().is_none());
}

#[test]
fn a_frame_that_claims_to_be_long_takes_no_memory() {
    let mut claims = u32::MAX.to_le_bytes().to_vec();
    claims.extend(u64::MAX.to_le_bytes());
    assert!(protocol::receive::<Reply>(&mut claims.as_slice(), 1 << 20, 0).is_err());
    let mut claims = (1_u32 << 30).to_le_bytes().to_vec();
    claims.extend([0; 8]);
    let error = protocol::receive::<Reply>(&mut claims.as_slice(), 1 << 31, 0).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}

proptest! {
    #[test]
    fn no_bytes_make_the_parent_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = protocol::receive::<Reply>(&mut bytes.as_slice(), 1 << 20, 0);
        let mut framed = (bytes.len() as u32).to_le_bytes().to_vec();
        framed.extend([0; 8]);
        framed.extend(&bytes);
        let _ = protocol::receive::<Reply>(&mut framed.as_slice(), 1 << 20, 0);
    }

    #[test]
    fn no_change_of_an_answer_makes_the_parent_panic(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut bytes = encoded(&Reply::Read { documents: Ok(vec![full()]), wants_pdfium: false });
        let at = at.index(bytes.len());
        bytes[at] = value;
        let _ = protocol::receive::<Reply>(&mut bytes.as_slice(), 1 << 20, 0);
    }
}

fn recognised(text: &str) -> RecognisedLine {
    let letters = (0_u8..).zip(text.chars()).map(|(n, c)| RecognisedLetter { c, at: f32::from(n) }).collect();
    RecognisedLine { center: (1.0, 1.0), length: 2.0, thickness: 1.0, angle: 0.0, confidence: 0.5, letters }
}

/// A reader whose recogniser reads each pixel as the character of its value.
fn recognising() -> Reader {
    reader().with_recogniser(|scan| {
        assert_eq!((scan.page, scan.pages), (2, 3));
        let text: String = scan.pixels.rgb().chunks(3).map(|pixel| char::from(pixel[0])).collect();
        match text.as_str() {
            "bad" => Err(Failure::new("is a scan that cannot be read", "try again")),
            _ => Ok(vec![recognised(&text)]),
        }
    })
}

#[test]
fn a_child_has_pages_recognised_by_its_parent_and_goes_on_with_the_text() {
    let reader = recognising();
    assert_eq!(ask(&reader, "recognise abc").unwrap(), "[\"abc\"]");
    assert_eq!(reason(&reader, "recognise bad"), "is a scan that cannot be read");
    assert_eq!(ask(&reader, "say after").unwrap(), "after");
}

#[test]
fn no_page_is_recognised_once_the_work_is_cancelled() {
    let (reader, cancel) = (recognising(), Cancel::default());
    cancel.cancel();
    let failure = reader.read("test", Format::Html, b"recognise abc", &OPTIONS, &cancel).unwrap_err();
    assert!(failure.reason.contains("cancelled"), "{failure:?}");
}

#[test]
fn a_page_of_another_size_than_its_pixels_is_nonsense() {
    let page = protocol::Page::of(&Scan { page: 1, pages: 1, pixels: Pixels::new(2, 1, vec![0; 6]).unwrap() });
    assert!(page.with(vec![0; 6]).is_some());
    assert!(page.with(vec![0; 5]).is_none());
    assert!(Pixels::new(usize::MAX, usize::MAX, Vec::new()).is_none());
    assert!(Pixels::new(8_000, 8_000, vec![0; 8_000 * 8_000 * 3]).is_none());
}
