//! The prompt of `footnote ask`: questions on a terminal, with the model loaded once.

use std::thread::JoinHandle;

use crate::footnote::Question;
use crate::model::ModelIdentity;
use crate::passage::{Answer, Span};
use crate::{Error, model_store};
use anyhow::Context;
use rustyline::Editor;
use rustyline::config::Config;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;

use super::answer_source::AnswerSource;
use super::excerpt::excerpt;
use super::{Exit, Session, exit, history, render};

const PROMPT: &str = "> ";
const KEPT_QUESTIONS: usize = 1_000;
const HELP: &str = "\
Ask a question, in any language. Or:
  :N         show footnote N in its context
  :open N    show the whole document of footnote N
  :all       also show the passages that are near but not cited
  :help      show this help
  :quit      end, like Ctrl-D. Ctrl-C clears the line
";

/// A line of input.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Nothing,
    Help,
    Quit,
    Around(usize),
    Open(usize),
    All,
    Unknown(&'a str),
    Question(&'a str),
}

/// Prints an answer.
pub(super) type Show<'a> = &'a dyn Fn(&Answer, &ModelIdentity) -> anyhow::Result<Exit>;

/// Prompts for questions until the input ends. `keep` says whether they are saved.
pub(super) fn run(
    source: &AnswerSource<'_>,
    session: &Session,
    question: impl Fn(&str) -> Question,
    show: Show<'_>,
    keep: bool,
) -> anyhow::Result<Exit> {
    let warming = if source.has_server() {
        None
    } else if source.local()?.with(|collections| session.are_empty(collections))? {
        return Ok(Exit::NothingFound);
    } else {
        warm_up(source, session)?
    };
    let ended = ask_all(source, session, question, show, keep);
    // Ending the process while ONNX Runtime loads a model can crash it.
    let _ = warming.map(JoinHandle::join);
    ended
}

fn ask_all(
    source: &AnswerSource<'_>,
    session: &Session,
    question: impl Fn(&str) -> Question,
    show: Show<'_>,
    keep: bool,
) -> anyhow::Result<Exit> {
    let config = Config::builder().max_history_size(KEPT_QUESTIONS)?.history_ignore_space(true).build();
    let mut editor: Editor<(), FileHistory> =
        Editor::with_config(config).context("the terminal cannot be read from")?;
    let file = if keep { history::file() } else { None };
    if let Some(file) = &file {
        // It does not exist the first time.
        let _ = editor.load_history(file);
    }
    session.note("Type a question, or :help.");
    let mut last: Option<Answer> = None;
    loop {
        let line = match editor.readline(PROMPT) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(Exit::Done),
            Err(error) => return Err(error).context("the terminal cannot be read from"),
        };
        let done = match parse(&line) {
            Line::Nothing => Ok(()),
            Line::Quit => return Ok(Exit::Done),
            Line::Help => session.print(HELP).map_err(anyhow::Error::from),
            Line::Unknown(command) => {
                session.warn(&format!("Unknown command {command}; :help lists the commands."));
                Ok(())
            }
            Line::Around(number) => place(session, last.as_ref(), number, false),
            Line::Open(number) => place(session, last.as_ref(), number, true),
            Line::All => all(session, last.as_ref()),
            Line::Question(text) => {
                editor.add_history_entry(&line)?;
                if let Some(file) = &file
                    && let Err(error) = editor.append_history(file)
                {
                    tracing::info!("the question is not saved: {}: {error}", file.display());
                }
                source.ask(&question(text)).map_err(anyhow::Error::from).and_then(|found| {
                    if let Some((answer, model)) = found {
                        show(&answer, &model)?;
                        session.print("\n")?;
                        last = Some(answer);
                    }
                    Ok(())
                })
            }
        };
        match done {
            Ok(()) => {}
            // The next question can succeed.
            Err(error) if error.downcast_ref::<Error>().is_some() => {
                exit::report(&error);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Shows the last answer with all of its footnotes.
fn all(session: &Session, last: Option<&Answer>) -> anyhow::Result<()> {
    match last {
        Some(answer) => {
            let links = session.links_of(answer);
            session.print(&render::answer(answer, render::Footnotes::All, &links, session.style))?;
            session.print("\n")?;
        }
        None => session.warn("There is no answer yet."),
    }
    Ok(())
}

/// Loads the model while the first question is typed.
fn warm_up(source: &AnswerSource<'_>, session: &Session) -> crate::Result<Option<JoinHandle<crate::Result<()>>>> {
    let asked = source.local()?;
    if model_store::installed(&session.config.model)?.is_none() {
        // The progress of the download needs the terminal.
        asked.warm_up()?;
        return Ok(None);
    }
    Ok(Some(std::thread::spawn(move || asked.warm_up())))
}

fn parse(line: &str) -> Line<'_> {
    let line = line.trim();
    let Some(command) = line.strip_prefix(':') else {
        return if line.is_empty() { Line::Nothing } else { Line::Question(line) };
    };
    let mut words = command.split_whitespace();
    let number = |word: Option<&str>| word.and_then(|word| word.trim_matches(['[', ']']).parse().ok());
    match (words.next(), words.next(), words.next()) {
        (Some("help" | "h" | "?"), None, None) => Line::Help,
        (Some("quit" | "q" | "exit"), None, None) => Line::Quit,
        (Some("all" | "a"), None, None) => Line::All,
        (Some("open" | "o"), word, None) if number(word).is_some() => Line::Open(number(word).unwrap_or_default()),
        (word, None, None) if number(word).is_some() => Line::Around(number(word).unwrap_or_default()),
        _ => Line::Unknown(line),
    }
}

/// Prints footnote `number` of the last answer where it stands: between its neighbours, or in `all` of its document.
fn place(session: &Session, last: Option<&Answer>, number: usize, all: bool) -> anyhow::Result<()> {
    let citation = last.and_then(|answer| answer.citations.iter().find(|citation| citation.id == number));
    let Some(citation) = citation else {
        session.warn(&format!("There is no footnote {number}: ask a question first, and choose one of its footnotes."));
        return Ok(());
    };
    let (document, quote) = (&citation.passage.document, &citation.passage.quote);
    let footnote = session.open_to_read_of(&citation.passage)?;
    let stored = footnote.document(&document.id)?;
    let span = quote.location.bytes;
    if stored.text.get(span.range()) != Some(quote.text.as_str()) {
        session.warn("The document has changed since; ask again.");
        return Ok(());
    }
    let whole = Span::new(0, stored.text.len());
    let part = if all { whole } else { neighbours(&footnote.passages(&document.id)?, span).unwrap_or(whole) };
    let links = session.links_to(std::iter::once(&citation.passage));
    let head = render::heading(&format!("[{number}]"), &citation.passage, "", &links, session.style);
    let place = render::place(&citation.passage, &quote.location, session.style);
    session.print(&format!("{head}{place}\n{}", excerpt(&stored.text, part, span, session.style)))?;
    Ok(())
}

/// The passage that contains `quote`, with the ones before and after it.
fn neighbours(passages: &[Span], quote: Span) -> Option<Span> {
    let at = passages.iter().position(|passage| passage.contains(quote))?;
    let last = passages.get(at + 1).unwrap_or(&passages[at]);
    Some(Span::new(passages[at.saturating_sub(1)].start, last.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_question_unless_it_starts_with_a_colon() {
        for (line, meant) in [
            ("", Line::Nothing),
            ("  ", Line::Nothing),
            (" 誰? ", Line::Question("誰?")),
            (":help", Line::Help),
            (":q", Line::Quit),
            (" :2 ", Line::Around(2)),
            (":[2]", Line::Around(2)),
            (":open 12", Line::Open(12)),
            (":all", Line::All),
            (":open", Line::Unknown(":open")),
            (":2 3", Line::Unknown(":2 3")),
            (":", Line::Unknown(":")),
            (":-1", Line::Unknown(":-1")),
            (":open 99999999999999999999999", Line::Unknown(":open 99999999999999999999999")),
        ] {
            assert_eq!(parse(line), meant);
        }
    }

    #[test]
    fn a_quote_is_shown_with_the_passages_on_either_side() {
        let passages = [Span::new(0, 10), Span::new(10, 20), Span::new(20, 30), Span::new(30, 40)];
        let of = |start: usize, end: usize| neighbours(&passages, Span::new(start, end));
        assert_eq!(of(12, 15), Some(Span::new(0, 30)));
        assert_eq!(of(0, 3), Some(Span::new(0, 20)));
        assert_eq!(of(35, 40), Some(Span::new(20, 40)));
        assert_eq!(of(5, 15), None, "it lies in no passage");
    }
}
