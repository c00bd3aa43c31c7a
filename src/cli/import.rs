//! `footnote import`: takes in what `footnote export` wrote.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;

use super::exchange::Line;
use super::ingest::Report;
use super::interrupt::{self, Interrupt};
use super::passages_bar::PassagesBar;
use super::writer::Writer;
use super::{Exit, Session};
use crate::config::IngestConfig;
use crate::error::{Error, Result};
use crate::footnote::Progress;
use crate::ingest::Item;

const AFTER_HELP: &str = "\
Examples:
  footnote import documents.jsonl
  gunzip -c news.jsonl.gz | footnote -c news import -
  footnote export | ssh elsewhere footnote import -

Documents are split and embedded anew, with the configured model. One that is stored as it was exported is unchanged, so an \
import that was interrupted can be run again; another with the same id is replaced. It stays the document of its file as \
long as its text is the same.

While `footnote serve` holds the index, the server takes them in: see `footnote ingest --help`.";

/// Documents that are ingested in one turn.
const TURN: usize = 64;
/// A longer line is not of an export: the places of a long document take more than its text.
const MAX_LINE_BYTES: u64 = 1024 * 1024 * 1024;

/// Add the documents of an export
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ImportArgs {
    /// A file that `footnote export` wrote; - is standard input
    file: PathBuf,
    /// Print one JSON object for each document
    #[arg(long)]
    json: bool,
    /// Write in this process, even if a server for the same index is running
    #[arg(long)]
    no_server: bool,
}

pub(crate) fn run(args: &ImportArgs, session: &Session) -> anyhow::Result<Exit> {
    let mut lines = Lines::open(&args.file)?;
    lines.head()?;
    let interrupt = Interrupt::watch();
    let writer = Writer::find(session, !args.no_server)?;
    let mut report = Report::new(args.json, session);
    let mut bar = PassagesBar::on(&session.screen);
    let imported = import(writer, lines, &session.config.ingest, &mut |progress| {
        bar.show(&progress);
        if let Progress::Done(document) = progress {
            report.document(document);
        }
        if interrupt.is_pressed() {
            bar.finish();
            session.warn(&format!("interrupted; the reported documents are stored: {}", report.summary()));
            interrupt::end();
        }
    });
    bar.finish();
    imported?;
    report.end()
}

/// Takes in all documents. What comes before an invalid line is stored.
fn import(
    writer: Writer,
    mut lines: Lines,
    config: &IngestConfig,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<()> {
    match writer {
        Writer::Here(footnote) => {
            let mut failed = None;
            let turns = std::iter::from_fn(|| {
                if let Some(error) = failed.take() {
                    return Some(Err(error));
                }
                let documents =
                    lines.by_ref().take(TURN).map_while(|line| line.map_err(|error| failed = Some(error)).ok());
                let turn: Vec<Result<Item>> = documents.map(Ok).collect();
                match (turn.is_empty(), failed.take()) {
                    (true, Some(error)) => Some(Err(error)),
                    (true, None) => None,
                    // What comes before an error is a turn of its own, which is stored.
                    (false, error) => {
                        failed = error;
                        Some(Ok(turn.into_iter()))
                    }
                }
            });
            footnote.ingest_turns(turns, progress)
        }
        Writer::There(server) => {
            let failed = Arc::new(Mutex::new(None));
            let noted = Arc::clone(&failed);
            let send = move |send: &mut dyn FnMut(Item) -> bool| {
                for line in lines {
                    match line {
                        Ok(item) => {
                            if !send(item) {
                                return;
                            }
                        }
                        Err(error) => *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(error),
                    }
                }
            };
            server.ingest(send, config, progress)?;
            let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
            failed.map_or(Ok(()), Err)
        }
    }
}

/// The documents of an export, as they are read.
struct Lines {
    reader: Box<dyn BufRead + Send>,
    number: usize,
    documents: usize,
    has_ended: bool,
}

impl Lines {
    fn open(path: &Path) -> Result<Self> {
        let reader: Box<dyn BufRead + Send> = match path == Path::new("-") {
            true => Box::new(BufReader::new(std::io::stdin())),
            false => Box::new(BufReader::new(File::open(path).map_err(Error::io("open", path))?)),
        };
        Ok(Self { reader, number: 0, documents: 0, has_ended: false })
    }

    /// Reads the first line, and refuses what is no export.
    fn head(&mut self) -> Result<()> {
        match self.line()? {
            Some(Line::Head(head)) => head.check(),
            _ => Err(Error::Input {
                reason: "it does not begin as an export of Footnote does".into(),
                hint: "give a file that `footnote export` wrote; `footnote ingest` reads all others".into(),
            }),
        }
    }

    fn line(&mut self) -> Result<Option<Line>> {
        let mut line = Vec::new();
        let reader = &mut self.reader;
        let read = reader.take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
        read.map_err(Error::io("read", "the export"))?;
        self.number += 1;
        if line.len() as u64 == MAX_LINE_BYTES {
            return Err(Error::Input {
                reason: format!("line {} is longer than {MAX_LINE_BYTES} bytes", self.number),
                hint: "give a file that `footnote export` wrote".into(),
            });
        }
        if line.is_empty() { Ok(None) } else { Line::read(&line, self.number).map(Some) }
    }

    /// The next document; `None` at the end of the export.
    fn document(&mut self) -> Result<Option<Item>> {
        match self.line()? {
            Some(Line::Document(document)) => {
                self.documents += 1;
                Ok(Some(Item::Imported(Box::new((*document).into()))))
            }
            Some(Line::End(end)) if end.documents == self.documents => Ok(None),
            found => Err(Error::Input {
                reason: match found {
                    None => format!("the export is cut off behind line {}", self.number - 1),
                    Some(_) => format!("line {} is not where it belongs", self.number),
                },
                hint: "the documents before it are stored; make the export again, and import it".into(),
            }),
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Result<Item>> {
        if self.has_ended {
            return None;
        }
        let next = self.document().transpose();
        self.has_ended = !matches!(next, Some(Ok(_)));
        next
    }
}
