//! `footnote ingest`: adds documents.

use std::io;
use std::path::{Path, PathBuf};

use crate::footnote::{Footnote, IngestOptions, Ingested, Metadata, Outcome, Progress};
use crate::passage::NewDocument;
use crate::{Error, wire};
use clap::Args;

use super::facts::counted;
use super::input_document::DocumentArgs;
use super::interrupt::{self, Interrupt};
use super::pages::{PageArgs, PageSource};
use super::passages_bar::{PassagesBar, Survey};
use super::tally::Tally;
use super::watch::{self, Round};
use super::writer::Writer;
use super::{Exit, Session, question};
use crate::display::{clean, clean_json, one_line};
use crate::ingest::Item;

const AFTER_HELP: &str = "\
Examples:
  footnote ingest report.md ~/articles         files, and folders with everything in them
  footnote ingest --prune --dry-run ~/articles what would be added, updated and removed
  footnote ingest --prune --watch ~/articles   keep the index like the folder
  footnote ingest --reread ~/articles          read everything anew, whether it changed or not
  footnote ingest --meta source=Desk ~/desk    with metadata for all documents
  footnote ingest --json ~/articles            one JSON object per document and line
  footnote ingest https://example.org/report   a page; likewise a PDF, a sitemap or a feed with the pages that it lists
  footnote ingest --watch --prune https://example.org/sitemap.xml
                                               keep the index like the site
  curl -s https://example.org/report.pdf | footnote ingest - --name report.pdf
  footnote ingest - --id memo-7 --title 'Memo 7' --published 2026-01-31 < memo.txt

Text, Markdown, PDF, Office and OpenDocument files, web pages, mail, books, spreadsheets and more are read; the format comes from the content. A file that has not changed is not read again, so ingesting a folder again is fast. Each document is stored as a whole or \
not at all, and is safe on disk when its line is printed; Ctrl-C loses none of these. The exit status is 5 if some \
documents failed; the others were added.

Of the web, only what robots.txt allows is read, one page after the other, and pages that have not changed are not sent \
again. A redirect or a sitemap cannot lead to this machine or a private network; only an address that you name can. The \
section [web] of config.toml has the limits.

While `footnote serve` holds the index, the documents go to that server, if it has the same user, program and settings; \
the result is the same. --no-server turns this off.";

/// Add documents to the index
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct IngestArgs {
    /// Files, folders and addresses of the web, or only `-` for one document on standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Also remove the documents of files that are gone from the folders, and of pages that are gone from a sitemap
    #[arg(long)]
    prune: bool,
    /// With --prune: remove them even if a disk seems to be missing, or most files of a large folder are
    #[arg(long, requires = "prune")]
    prune_all: bool,
    /// Read all files, even those that have not changed; damaged documents are replaced
    #[arg(long, conflicts_with = "watch")]
    reread: bool,
    /// Only show what would be added, updated and removed
    #[arg(long, conflicts_with = "watch")]
    dry_run: bool,
    /// Go on until interrupted: ingest again whenever files change, and ask for pages again every 15 minutes
    #[arg(long)]
    watch: bool,
    /// Metadata of all documents, such as source=Reuters or tags=a,b; replaces what the files say. Can be repeated
    #[arg(long = "meta", value_name = "KEY=VALUE")]
    metadata: Vec<String>,
    /// Print one JSON object per document and line
    #[arg(long)]
    json: bool,
    /// Write in this process, even if a server for the same index is running
    #[arg(long)]
    no_server: bool,
    #[command(flatten)]
    pages: PageArgs,
    #[command(flatten)]
    document: DocumentArgs,
}

/// What to ingest.
enum Input<'a> {
    /// Files and folders, and pages of the web.
    Sources(&'a [PathBuf], Option<&'a PageSource>),
    /// A text on standard input.
    Text(Box<NewDocument>),
    /// A file on standard input, with its name.
    OtherFile(String, Vec<u8>),
}

pub(crate) fn run(args: &IngestArgs, session: &Session) -> anyhow::Result<Exit> {
    let options = IngestOptions {
        prune: args.prune,
        prune_all: args.prune_all,
        reread: args.reread,
        metadata: Metadata::parse(&args.metadata)?,
    };
    let interrupt = Interrupt::watch();
    let mut paths = args.paths.clone();
    let pages = PageSource::take(&mut paths, &args.pages, (args.reread, args.watch), &interrupt, session)?;
    let input = input(args, &paths, pages.as_ref(), &options.metadata, session)?;
    match input {
        Input::Text(_) | Input::OtherFile(..) if args.dry_run || args.watch || args.prune => {
            let reason = "--dry-run, --watch and --prune are for files, folders and pages".into();
            Err(Error::Input { reason, hint: "name the files instead of `-`".into() }.into())
        }
        Input::Sources(paths, pages) if args.dry_run => preview(args, paths, pages, &options, session),
        Input::Sources(paths, pages) if args.watch => {
            let max_file_bytes = session.config.ingest.max_file_bytes;
            let interval = pages.map(PageSource::interval);
            watch::run(paths, interval, max_file_bytes, &interrupt, session, &mut |round: Round| {
                let (paths, pages) = (if round.files { paths } else { &[] }, pages.filter(|_| round.pages));
                once(args, Input::Sources(paths, pages), &options, !round.is_first, &interrupt, session)
            })
        }
        input => once(args, input, &options, false, &interrupt, session),
    }
}

/// Ingests once. `only_changes` leaves out what has not changed.
fn once(
    args: &IngestArgs,
    input: Input<'_>,
    options: &IngestOptions,
    only_changes: bool,
    interrupt: &Interrupt,
    session: &Session,
) -> anyhow::Result<Exit> {
    let writer = Writer::find(session, !args.no_server)?;
    let mut report = Report { only_changes, ..Report::new(args.json, session) };
    let mut bar = PassagesBar::on(&session.screen);
    let survey = bar.survey();
    let interrupted = |bar: &mut PassagesBar, report: &Report<'_>| {
        if interrupt.is_pressed() {
            bar.finish();
            session.warn(&format!("interrupted; the reported documents are stored: {}", report.summary()));
            interrupt::end();
        }
    };
    let ingested = ingest(writer, input, args, options, session, &survey, &mut |progress| {
        bar.show(&progress);
        if let Progress::Done(document) = progress {
            report.document(document);
        }
        interrupted(&mut bar, &report);
    });
    // Pages are no longer fetched then, and there may have been nothing to report.
    interrupted(&mut bar, &report);
    bar.finish();
    ingested?;
    if let Some(left_out) = survey.left_out().filter(|_| !only_changes) {
        session.note(&left_out);
    }
    report.end()
}

/// Shows what an ingest would do.
fn preview(
    args: &IngestArgs,
    paths: &[PathBuf],
    pages: Option<&PageSource>,
    options: &IngestOptions,
    session: &Session,
) -> anyhow::Result<Exit> {
    let footnote = session.open_to_read()?;
    let mut report = Report::new(args.json, session);
    let survey = Survey::default();
    footnote.survey_paths(paths, options, &mut |found| survey.take(&found));
    let visit = pages.map(|pages| pages.visit(true));
    footnote.preview_sources(paths, visit, options, &mut |ingested| report.document(&ingested))?;
    if let Some(left_out) = survey.left_out() {
        session.note(&left_out);
    }
    session.note("nothing was changed: --dry-run only shows what would be");
    report.end()
}

/// Ingests once. What is in the folders goes to `survey` meanwhile.
fn ingest(
    writer: Writer,
    input: Input<'_>,
    args: &IngestArgs,
    options: &IngestOptions,
    session: &Session,
    survey: &Survey,
    progress: &mut dyn FnMut(Progress<'_>),
) -> crate::Result<()> {
    let config = &session.config.ingest;
    match (writer, input) {
        (Writer::Here(footnote), Input::Sources(paths, pages)) => std::thread::scope(|scope| {
            scope.spawn(|| look_ahead(&footnote, paths, options, survey));
            footnote.ingest_sources(paths, pages.map(|pages| pages.visit(false)), options, progress)
        }),
        (Writer::Here(footnote), Input::Text(document)) => footnote.ingest(vec![*document], progress).map(drop),
        (Writer::There(server), Input::Sources(paths, pages)) => {
            // Only to read: the server writes.
            let footnote = session.open_to_read()?;
            let (options, survey, paths) = (options.clone(), survey.clone(), paths.to_owned());
            let visit = pages.map(|pages| pages.visit(false));
            let send = move |send: &mut dyn FnMut(Item) -> bool| {
                std::thread::scope(|scope| {
                    scope.spawn(|| look_ahead(&footnote, &paths, &options, &survey));
                    footnote.read_sources(&paths, visit, &options, send);
                });
            };
            server.ingest(send, config, progress)
        }
        (Writer::Here(footnote), Input::OtherFile(name, bytes)) => {
            footnote.ingest(file_of_input(&footnote, &name, &bytes, args, options)?, progress).map(drop)
        }
        (Writer::There(server), Input::OtherFile(name, bytes)) => {
            let mut documents = file_of_input(&session.open_to_read()?, &name, &bytes, args, options)?;
            // The server could not find the file.
            documents.iter_mut().for_each(|document| document.original = None);
            let send = move |send: &mut dyn FnMut(Item) -> bool| {
                let _all = crate::ingest::with_ends(documents.into_iter()).all(send);
            };
            server.ingest(send, config, progress)
        }
        (Writer::There(server), Input::Text(document)) => {
            let send = move |send: &mut dyn FnMut(Item) -> bool| {
                send(Item::Document(document));
            };
            server.ingest(send, config, progress)
        }
    }
}

/// The documents in a file on standard input.
fn file_of_input(
    footnote: &Footnote,
    name: &str,
    bytes: &[u8],
    args: &IngestArgs,
    options: &IngestOptions,
) -> crate::Result<Vec<NewDocument>> {
    let mut documents = footnote.read_upload(name, bytes)?;
    documents.iter_mut().for_each(|document| options.metadata.replace(document));
    args.document.complete(&mut documents)?;
    Ok(documents)
}

/// Looks through the folders ahead of the ingest.
fn look_ahead(footnote: &Footnote, paths: &[PathBuf], options: &IngestOptions, survey: &Survey) {
    footnote.survey_paths(paths, options, &mut |found| survey.take(&found));
    survey.finish();
}

fn input<'a>(
    args: &IngestArgs,
    paths: &'a [PathBuf],
    pages: Option<&'a PageSource>,
    metadata: &Metadata,
    session: &Session,
) -> crate::Result<Input<'a>> {
    let is_dash = |path: &PathBuf| path == Path::new("-");
    let refused = |reason: &str, hint: &str| Err(Error::Input { reason: reason.into(), hint: hint.into() });
    if !args.paths.iter().any(is_dash) {
        if args.document.is_given() {
            return refused(
                "--id, --title and similar options describe a document on standard input, but there are paths",
                "use --meta KEY=VALUE for all documents of the paths, put front matter into the files, or give `-` as the only path",
            );
        }
        return Ok(Input::Sources(paths, pages));
    }
    if args.paths.len() > 1 {
        return refused("`-` is given with other paths", "ingest standard input and files in separate commands");
    }
    let limits = &session.config.ingest;
    let bytes = question::bytes(io::stdin().lock(), limits.max_file_bytes as u64)?;
    let by_content = || name_by_content(&bytes).filter(|_| args.document.format.is_none());
    if let Some(name) = args.document.name.clone().or_else(by_content) {
        if args.document.format.is_some() {
            return refused("--format is for text, and standard input is a file", "leave it out");
        }
        return Ok(Input::OtherFile(name, bytes));
    }
    let text = question::read(&bytes[..], limits.max_document_bytes as u64)?;
    let mut document = args.document.document(text);
    metadata.replace(&mut document);
    Ok(Input::Text(Box::new(document)))
}

/// A name for a file whose content says that it is not just text. Other files get other names.
pub(super) fn name_by_content(bytes: &[u8]) -> Option<String> {
    let format = crate::formats::by_content(bytes)?;
    Some(format!("stdin-{}.{}", &blake3::hash(bytes).to_hex()[..8], format.as_str()))
}

/// Prints the outcomes of an ingest.
pub(super) struct Report<'a> {
    json: bool,
    session: &'a Session,
    tally: Tally,
    /// Whether documents that have not changed are left out.
    only_changes: bool,
    /// The first failure to print. The ingest goes on all the same.
    unprinted: Option<io::Error>,
}

impl<'a> Report<'a> {
    pub(super) fn new(json: bool, session: &'a Session) -> Self {
        Self { json, session, tally: Tally::new(), only_changes: false, unprinted: None }
    }

    pub(super) fn document(&mut self, document: &Ingested) {
        if self.only_changes && matches!(document.outcome, Outcome::Unchanged) {
            return;
        }
        self.tally.count(document);
        let failed = matches!(document.outcome, Outcome::Failed(_));
        let line = match (self.json, self.session.quiet && !failed) {
            (true, _) => format!("{}\n", clean_json(&wire::ingested(document).to_string())),
            (false, true) => return,
            (false, false) => line(document),
        };
        if self.unprinted.is_none() {
            self.unprinted = self.session.print(&line).err();
        }
    }

    /// How many documents had which outcome so far.
    pub(super) fn summary(&self) -> String {
        self.tally.summary()
    }

    pub(super) fn end(self) -> anyhow::Result<Exit> {
        let summary = self.tally.summary() + "\n";
        match self.unprinted {
            Some(error) => return Err(error.into()),
            None if self.json => self.session.note(summary.trim_end()),
            None => self.session.print(&summary)?,
        }
        Ok(if self.tally.has_failures() { Exit::SomeFailed } else { Exit::Done })
    }
}

/// The line of one document: outcome, id, title.
fn line(document: &Ingested) -> String {
    let id = one_line(&document.id);
    let titled = match one_line(&document.title) {
        title if title.is_empty() || title == id => id.clone(),
        title => format!("{id}  {title}"),
    };
    let mut line = match &document.outcome {
        Outcome::Added(passages) => format!("added      {titled} ({})\n", counted(*passages, "passage")),
        Outcome::Updated(passages) => format!("updated    {titled} ({})\n", counted(*passages, "passage")),
        Outcome::Unchanged => format!("unchanged  {titled}\n"),
        Outcome::Removed => format!("removed    {titled}\n"),
        Outcome::Skipped(reason) => format!("skipped    {id}: {}\n", one_line(reason)),
        Outcome::Failed(error) => {
            let message = one_line(&error.to_string());
            let named = if message.starts_with(&id) { message } else { format!("{id}: {message}") };
            let hint = error.hint().map(|hint| format!("           hint: {}\n", clean(&hint))).unwrap_or_default();
            format!("failed     {named}\n{hint}")
        }
    };
    for note in &document.notes {
        line.push_str("           note: ");
        line.push_str(&one_line(note));
        line.push('\n');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(outcome: Outcome) -> Ingested {
        Ingested::new("news/1".into(), "降息".into(), outcome)
    }

    fn failure() -> Outcome {
        let (document, reason, hint) = ("news/1".into(), "not UTF-8".into(), "convert it".into());
        Outcome::Failed(Error::Document { document, reason, hint })
    }

    #[test]
    fn a_line_has_the_outcome_of_a_document() {
        assert_eq!(line(&document(Outcome::Added(12))), "added      news/1  降息 (12 passages)\n");
        assert_eq!(line(&document(Outcome::Updated(1))), "updated    news/1  降息 (1 passage)\n");
        assert_eq!(line(&document(Outcome::Unchanged)), "unchanged  news/1  降息\n");
        assert_eq!(line(&document(Outcome::Skipped("empty".into()))), "skipped    news/1: empty\n");
        let noted = Ingested { notes: vec!["no date".into()], ..document(Outcome::Added(1)) };
        assert_eq!(line(&noted), "added      news/1  降息 (1 passage)\n           note: no date\n");
    }

    #[test]
    fn a_failure_names_its_document_once_and_says_what_to_do() {
        assert_eq!(line(&document(failure())), "failed     news/1: not UTF-8\n           hint: convert it\n");
        let busy = line(&document(Outcome::Failed(Error::Busy)));
        assert!(busy.starts_with("failed     news/1: too many requests"), "{busy}");
    }

    #[test]
    fn a_line_cannot_drive_the_terminal() {
        let hostile = Ingested::new("a\u{1b}[2J".into(), "b\nc\u{7}".into(), Outcome::Unchanged);
        assert_eq!(line(&hostile), "unchanged  a\u{fffd}[2J  b c\u{fffd}\n");
    }
}
