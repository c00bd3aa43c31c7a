//! How fast the reader process reads PDF: pages in a second of its processor time, which other work on the machine
//! disturbs little. The files are the samples of the tests.

use std::path::PathBuf;

use footnote::internals::formats::PdfReader;
use footnote::internals::model_store;

/// How often each file is read.
const ROUNDS: usize = 40;

pub(crate) fn run() {
    let samples = crate::project().join("tests/data/formats/pdf");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(samples).expect("samples").flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "pdf"));
    files.sort();
    let config = crate::config(&std::env::temp_dir());
    let library = match model_store::ensure_pdfium(&config.model, &mut |_| {}) {
        Ok(library) => library,
        Err(error) => return println!("skipped: {error}"),
    };
    if !std::path::Path::new("/proc/self/stat").exists() {
        return println!("skipped: processor time is read from Linux's /proc");
    }
    let (mut all_pages, mut all_seconds) = (0, 0.0);
    for file in files {
        let bytes = std::fs::read(&file).expect("it is read");
        // The start of a child is not measured.
        let started = measure(&library, &bytes, 1);
        let Some((pages, whole)) = started.0.map(|pages| (pages, measure(&library, &bytes, ROUNDS + 1).1)) else {
            continue;
        };
        let seconds = (whole - started.1).max(f64::EPSILON);
        let name = file.file_name().map(|name| name.display().to_string()).unwrap_or_default();
        crate::row(&format!("{name}, pages a second"), &format!("{:.0}", (pages * ROUNDS) as f64 / seconds));
        all_pages += pages * ROUNDS;
        all_seconds += seconds;
    }
    crate::row("all, pages in a second of one core (aim: 300)", &format!("{:.0}", all_pages as f64 / all_seconds));
}

/// The pages of a file, and the processor time of a child that reads it so often.
fn measure(library: &std::path::Path, bytes: &[u8], rounds: usize) -> (Option<usize>, f64) {
    let before = of_children();
    let reader = PdfReader::new(library);
    let pages = (0..rounds).map(|_| reader.pages(bytes)).last().flatten();
    drop(reader);
    (pages, of_children() - before)
}

/// Seconds of processor time of the children that have ended.
fn of_children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // Behind the name, which is in parentheses: the fields 16 and 17, in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[13..15].iter().map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / 100.0
}
