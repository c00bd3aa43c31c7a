//! What commands share: settings, output and access to the collection.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::config::IndexConfig;
use crate::display;
use crate::footnote::{Collections, DocumentQuery, Progress};
use crate::library::{AskedOf, check_exists};
use crate::model_store;
use crate::{Config, Error, Footnote, Library};

use super::asked::Asked;
use super::global::GlobalArgs;
use super::link::DocumentLinks;
use super::passages_bar::PassagesBar;
use super::progress::Screen;
use super::question::QuestionArgs;
use super::tally::Tally;
use super::term::{self, Style};
use super::{documents, starter};
use crate::passage::{Answer, FoundPassage};

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
    /// The collection that the command line names, if it does: the first of several.
    pub(crate) collection: Option<String>,
    /// All that it names.
    collections: Vec<String>,
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
            collection: global.collection.first().cloned(),
            collections: global.collection.clone(),
            names_index: global.index.is_some() || !global.collection.is_empty(),
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

    /// The collections that a question is asked of: those that the command line names, `all`, or the configured one.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if `all` are wanted and some are named, or too many are.
    pub(crate) fn asked_of(&self, all: bool) -> crate::Result<AskedOf> {
        match (all, self.collections.as_slice()) {
            (true, []) => Ok(AskedOf::All),
            (true, _) => Err(Error::Input {
                reason: "--all-collections and --collection are given".into(),
                hint: "give one of them".into(),
            }),
            (false, [] | [_]) => Ok(AskedOf::One(self.config.index.collection.clone())),
            (false, several) => AskedOf::several(several.to_vec()),
        }
    }

    /// Opens collections for reading.
    pub(super) fn open_asked(&self, asked: &AskedOf) -> crate::Result<Asked> {
        let names = match asked {
            AskedOf::Several(names) => names.as_slice(),
            AskedOf::All => &[],
            AskedOf::Configured | AskedOf::One(_) => return Ok(Asked::One(Box::new(self.open_to_read()?))),
        };
        for name in names {
            check_exists(&IndexConfig { collection: name.clone(), ..self.config.index.clone() })?;
        }
        let library = Library::open_read_only(&self.config, self.screen.on_pull())?;
        Ok(Asked::Several(Box::new(library), asked.clone()))
    }

    /// Opens the collection that a passage is from, for reading.
    pub(crate) fn open_to_read_of(&self, passage: &FoundPassage) -> crate::Result<Footnote> {
        let mut config = self.config.clone();
        if let Some(collection) = &passage.collection {
            config.index.collection.clone_from(collection);
        }
        check_exists(&config.index)?;
        Footnote::open_read_only_with(&config, self.screen.on_pull())
    }

    /// Opens collections for questions. See [`Session::open_one_to_ask`] for one.
    pub(super) fn open_to_ask(&self, asked: &AskedOf) -> crate::Result<Asked> {
        match asked {
            AskedOf::Several(_) | AskedOf::All => self.open_asked(asked),
            AskedOf::Configured | AskedOf::One(_) => Ok(Asked::One(Box::new(self.open_one_to_ask()?))),
        }
    }

    /// Opens the collection for questions. If there is no index yet and the example corpus is in the current folder, it is
    /// ingested first, so that the first question has an answer.
    pub(crate) fn open_one_to_ask(&self) -> crate::Result<Footnote> {
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

    /// Links to the documents of passages, each of its own collection. Where there are none of files, no collection is opened.
    pub(crate) fn links_to<'p>(&self, passages: impl Iterator<Item = &'p FoundPassage>) -> DocumentLinks {
        let mut by_collection: BTreeMap<Option<&str>, Vec<&'p FoundPassage>> = BTreeMap::new();
        for passage in passages {
            by_collection.entry(passage.collection.as_deref()).or_default().push(passage);
        }
        let links = by_collection.into_values().map(|passages| {
            let opened = OnceCell::new();
            let footnote =
                || opened.get_or_init(|| passages.first().and_then(|first| self.open_to_read_of(first).ok()));
            DocumentLinks::to(passages.iter().map(|passage| &passage.document), |document| {
                footnote().as_ref().is_some_and(|footnote| footnote.is_own_file(document))
            })
        });
        links.fold(DocumentLinks::default(), DocumentLinks::and)
    }

    /// Links to the documents that an answer cites.
    pub(crate) fn links_of(&self, answer: &Answer) -> DocumentLinks {
        self.links_to(answer.citations.iter().map(|citation| &citation.passage))
    }

    /// Says that a question found nothing and, if no document meets its conditions, why not.
    pub(crate) fn note_nothing_found(&self, asked: &QuestionArgs) -> crate::Result<()> {
        let mut lines = Vec::new();
        if asked.is_limited() && !self.quiet {
            lines = self
                .open_asked(&self.asked_of(asked.asks_all())?)?
                .with(|collections| unmatched(collections, asked))?;
        }
        match lines.is_empty() {
            true => self.note("Nothing was found for this question."),
            false => lines.iter().for_each(|line| self.note(&format!("Nothing was found: {line}"))),
        }
        Ok(())
    }

    /// Whether the collection is empty. If so, says what to do.
    pub(crate) fn is_empty(&self, footnote: &Footnote) -> crate::Result<bool> {
        self.are_empty(&footnote.alone())
    }

    /// Whether all of the collections are empty. If so, says what to do.
    pub(crate) fn are_empty(&self, collections: &Collections<'_>) -> crate::Result<bool> {
        let empty = !collections.have_documents()?;
        if empty && collections.names().len() > 1 {
            self.warn(&format!(
                "footnote: the collections {} are empty\n  hint: `footnote ingest -c NAME PATH` reads files and folders into one",
                collections.names().join(", ")
            ));
        } else if empty {
            self.warn(&format!(
                "footnote: the index in {} is empty\n  hint: `footnote ingest PATH` reads files and folders into it",
                collections.dir().display()
            ));
        }
        Ok(empty)
    }
}

/// Why no document meets the conditions of a question: a line for each value that none has, or one for all conditions.
fn unmatched(collections: &Collections<'_>, asked: &QuestionArgs) -> crate::Result<Vec<String>> {
    let mut facets = asked.facets();
    let (mut count, mut undated, mut is_any) = (0, 0, false);
    let query = DocumentQuery { filter: Some(asked.conditions()?), ..DocumentQuery::default() };
    for footnote in collections.members() {
        for document in documents::all(footnote)? {
            facets.count(&document);
            count += 1;
            undated += usize::from(document.published.is_none());
        }
        is_any = is_any || !footnote.list(&query, None, 1)?.documents.is_empty();
    }
    let lines = facets.unmatched();
    if !lines.is_empty() || is_any {
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
