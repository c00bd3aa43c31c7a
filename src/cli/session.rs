//! What commands share: settings, output and access to the collection.

use std::cell::OnceCell;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::display;
use crate::footnote::{DocumentQuery, Progress};
use crate::library::check_exists;
use crate::model_store;
use crate::{Config, Footnote};

use super::global::GlobalArgs;
use super::link::DocumentLinks;
use super::passages_bar::PassagesBar;
use super::progress::Screen;
use super::question::QuestionArgs;
use super::tally::Tally;
use super::term::{self, Style};
use super::{documents, starter};
use crate::passage::{Answer, DocumentInfo};

/// Writes bytes to standard output.
pub(crate) fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// One run of the program.
pub(crate) struct Session {
    /// The settings in effect.
    pub(crate) config: Config,
    /// The settings file that the command line names, if it does.
    pub(crate) named_config: Option<PathBuf>,
    /// The collection that the command line names, if it does.
    pub(crate) collection: Option<String>,
    /// Whether the command line names an index or a collection.
    names_index: bool,
    /// The layout of standard output.
    pub(crate) style: Style,
    /// Whether notes and progress are turned off.
    pub(crate) quiet: bool,
    /// Standard error, where progress is drawn.
    pub(crate) screen: Screen,
}

impl Session {
    /// A run with these settings and options.
    pub(crate) fn new(config: Config, global: &GlobalArgs) -> Self {
        let terminal = io::stdout().is_terminal();
        let style =
            Style { colour: global.colours(terminal), links: global.links(), width: terminal.then(term::columns) };
        Self {
            config,
            named_config: global.config.clone(),
            collection: global.collection.clone(),
            names_index: global.index.is_some() || global.collection.is_some(),
            style,
            quiet: global.quiet,
            screen: Screen::new(global.quiet),
        }
    }

    /// Writes to standard output, without disturbing the progress display.
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        self.print_bytes(text.as_bytes())
    }

    /// Writes bytes to standard output.
    pub(crate) fn print_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        self.screen.suspend(|| write_out(bytes))
    }

    /// Writes one indented JSON value to standard output.
    pub(crate) fn print_json(&self, value: &serde_json::Value) -> io::Result<()> {
        self.print(&format!("{}\n", display::clean_json(&format!("{value:#}"))))
    }

    /// Writes JSON values to standard output, one per line.
    pub(crate) fn print_lines<'v>(&self, values: impl IntoIterator<Item = &'v serde_json::Value>) -> io::Result<()> {
        let line = |value: &serde_json::Value| format!("{}\n", display::clean_json(&value.to_string()));
        self.print(&values.into_iter().map(line).collect::<String>())
    }

    /// Writes a note to standard error, unless quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Writes a warning to standard error, even if quiet.
    pub(crate) fn warn(&self, text: &str) {
        // If standard error is closed, nobody can be warned.
        let _ = self.screen.suspend(|| writeln!(io::stderr().lock(), "{}", display::clean(text)));
    }

    /// Opens the collection for reading.
    pub(crate) fn open_to_read(&self) -> crate::Result<Footnote> {
        check_exists(&self.config.index)?;
        Footnote::open_read_only_with(&self.config, self.screen.on_pull())
    }

    /// Opens the collection for changing what is in it.
    pub(crate) fn open_to_change(&self) -> crate::Result<Footnote> {
        check_exists(&self.config.index)?;
        self.open_to_write()
    }

    /// Opens the collection for reading and writing. If it does not exist, the model is fetched first, so that a failure
    /// leaves no empty collection behind.
    pub(crate) fn open_to_write(&self) -> crate::Result<Footnote> {
        if !self.config.index.collection_dir().exists() {
            model_store::ensure(&self.config.model, &mut self.screen.on_pull())?;
        }
        Footnote::open_with(&self.config, self.screen.on_pull())
    }

    /// Opens the collection for questions. If there is no index yet and the example corpus is in the current folder, it is
    /// ingested first, so that the first question has an answer.
    pub(crate) fn open_to_ask(&self) -> crate::Result<Footnote> {
        let footnote = self.open_to_read()?;
        // A name that has no index yet is more likely a slip than a place for the examples.
        match starter::corpus().filter(|_| !self.names_index) {
            Some(folder) if footnote.is_new()? => self.open_with_starter(&folder),
            _ => Ok(footnote),
        }
    }

    fn open_with_starter(&self, folder: &Path) -> crate::Result<Footnote> {
        self.note(&format!(
            "No index yet: reading the example corpus in {} (delete {} to start over with your own documents) ...",
            folder.display(),
            self.config.index.collection_dir().display()
        ));
        let footnote = self.open_to_write()?;
        let mut tally = Tally::new();
        let mut bar = PassagesBar::on(&self.screen);
        let ingested = footnote.ingest_paths(&[folder.to_owned()], &mut |progress| {
            bar.show(&progress);
            if let Progress::Done(document) = progress {
                tally.count(document);
            }
        });
        bar.finish();
        ingested?;
        self.note(&tally.summary());
        Ok(footnote)
    }

    /// Links to the documents of a result. Where there are none of files, the collection is not opened.
    pub(crate) fn links<'d>(&self, documents: impl Iterator<Item = &'d DocumentInfo>) -> DocumentLinks {
        let opened = OnceCell::new();
        DocumentLinks::to(documents, |document| {
            let footnote = opened.get_or_init(|| self.open_to_read().ok());
            footnote.as_ref().is_some_and(|footnote| footnote.is_own_file(document))
        })
    }

    /// Links to the documents that an answer cites.
    pub(crate) fn links_of(&self, answer: &Answer) -> DocumentLinks {
        self.links(answer.citations.iter().map(|citation| &citation.passage.document))
    }

    /// Says that a question found nothing and, if no document meets its conditions, why not.
    pub(crate) fn note_nothing_found(&self, asked: &QuestionArgs) -> crate::Result<()> {
        let mut lines = Vec::new();
        if asked.is_limited() && !self.quiet {
            lines = unmatched(&self.open_to_read()?, asked)?;
        }
        match lines.is_empty() {
            true => self.note("Nothing was found for this question."),
            false => lines.iter().for_each(|line| self.note(&format!("Nothing was found: {line}"))),
        }
        Ok(())
    }

    /// Whether the collection is empty. If so, says what to do.
    pub(crate) fn is_empty(&self, footnote: &Footnote) -> crate::Result<bool> {
        let empty = footnote.documents(None, 1)?.is_empty();
        if empty {
            self.warn(&format!(
                "footnote: the index in {} is empty\n  hint: `footnote ingest PATH` reads files and folders into it",
                self.config.index.collection_dir().display()
            ));
        }
        Ok(empty)
    }
}

/// Why no document meets the conditions of a question: a line for each value that none has, or one for all conditions.
fn unmatched(footnote: &Footnote, asked: &QuestionArgs) -> crate::Result<Vec<String>> {
    let mut facets = asked.facets();
    let (mut count, mut undated) = (0, 0);
    for document in documents::all(footnote)? {
        facets.count(&document);
        count += 1;
        undated += usize::from(document.published.is_none());
    }
    let lines = facets.unmatched();
    let query = DocumentQuery { filter: Some(asked.conditions()?), ..DocumentQuery::default() };
    if !lines.is_empty() || !footnote.list(&query, None, 1)?.documents.is_empty() {
        return Ok(lines);
    }
    let dates = match undated {
        0 => String::new(),
        _ if asked.is_dated() => {
            format!("; {undated} of {count} documents have no date, and match neither --since nor --until")
        }
        _ => String::new(),
    };
    Ok(vec![format!("no document meets all conditions{dates}")])
}
