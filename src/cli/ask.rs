//! `footnote ask`: answers a question, with footnotes.

use crate::cancel::Cancel;
use crate::footnote::Question;
use crate::library::AskedOf;
use crate::model::ModelIdentity;
use crate::passage::{Answer, Mode, Reason};
use crate::wire;
use clap::{Args, ValueEnum};

use super::answer_source::AnswerSource;
use super::format::{self, Format};
use super::question::QuestionArgs;
use super::render::{self, Footnotes};
use super::{Exit, Session, markdown, prompt};

const AFTER_HELP: &str = "\
Examples:
  footnote ask who expects the Fed to cut in 2026
  footnote ask '誰預期聯準會2026年降息？'  question and documents need not share a language
  footnote ask --passages --context 2 rate cuts in 2026
  footnote ask --source 潮間帶財經 --language zh 誰預期降息
  footnote ask 'who expects a cut source:Reuters before:2026-02'   conditions: see docs/search.md
  footnote ask --format md rate cuts >> notes.md
  echo 'Who expects a cut?' | footnote ask --json - | jq .citations
  footnote ask --mode write who expects a cut    answered by the language model in [writer]
  footnote ask                             an interactive prompt, on a terminal

With --mode write or translate, a language model at [writer] url writes the answer or translates the quotes. Each of its \
sentences is checked against the documents; what they do not support is left out. If it fails, the quotes are given. \
--dry-run shows what it would be sent.

The answer goes to standard output, notes and progress to standard error. If the documents do not answer the question, \
the nearest passages are shown without an answer and the exit status is 1.

With --format ndjson the first line has the type `answer` and holds the JSON without the citations. Each further line \
holds one citation, best first, and has the type `citation`.

If a server at [server] listen holds the same index with the same settings, it answers, because it has the model loaded; \
the answer is the same. -v shows which process answered. It needs no key for its own user. --no-server or \
FOOTNOTE_ASK_USE_SERVER=false never uses the server.

The prompt saves questions in a file that only you can read: footnote/history in XDG_STATE_HOME (~/.local/state), or the \
file in FOOTNOTE_HISTORY. --no-history or FOOTNOTE_HISTORY='' saves none.";

/// Answer a question with sentences quoted from the documents
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct AskArgs {
    /// Show only the passages found, without an answer
    #[arg(long)]
    passages: bool,
    /// Quote, or have the configured language model write or translate. Default: [writer] mode
    #[arg(long, value_enum, value_name = "MODE", conflicts_with = "passages")]
    mode: Option<AskMode>,
    /// Print what would be sent to the language model, one JSON object a line, and send nothing
    #[arg(long, conflicts_with = "passages")]
    dry_run: bool,
    /// Also show the passages that are near but that the answer does not cite
    #[arg(long)]
    all: bool,
    /// At the prompt, neither save questions nor offer saved ones
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    question: QuestionArgs,
}

/// The values of `--mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AskMode {
    /// Quote the sentences that answer
    Extract,
    /// Answer in the question's language, from the quotes
    Write,
    /// Translate the quotes into the question's language
    Translate,
}

impl From<AskMode> for Mode {
    fn from(mode: AskMode) -> Self {
        match mode {
            AskMode::Extract => Self::Extract,
            AskMode::Write => Self::Write,
            AskMode::Translate => Self::Translate,
        }
    }
}

pub(crate) fn run(args: &AskArgs, session: &Session) -> anyhow::Result<Exit> {
    let mode = if args.passages { Some(Mode::Passages) } else { args.mode.map(Into::into) };
    if args.dry_run {
        return dry_run(&args.question.question(mode)?, &session.asked_of(args.question.asks_all())?, session);
    }
    let format = args.question.format.format();
    let footnotes = if args.all { Footnotes::All } else { Footnotes::Cited };
    let show = |answer: &Answer, model: &ModelIdentity| {
        let exit = show(answer, model, format, footnotes, session)?;
        let asks_something = answer
            .notice
            .as_ref()
            .is_none_or(|notice| matches!(notice.reason, Reason::Unanswered | Reason::OutsideTime));
        if let Some(warning) = answer.writing.as_ref().and_then(render::writing_warning) {
            session.warn(&warning);
        }
        if answer.citations.is_empty() && asks_something {
            session.note_nothing_found(&args.question)?;
        }
        Ok(exit)
    };
    if args.question.is_open() {
        let settings = args.question.settings(mode)?;
        let question = |text: &str| Question { text: text.to_owned(), ..settings.clone() };
        let source = AnswerSource::new(session, session.asked_of(args.question.asks_all())?, !args.question.no_server);
        return prompt::run(&source, session, question, &show, !args.no_history);
    }
    let question = args.question.question(mode)?;
    match AnswerSource::new(session, session.asked_of(args.question.asks_all())?, !args.question.no_server)
        .ask(&question)?
    {
        Some((answer, model)) => show(&answer, &model),
        None => Ok(Exit::NothingFound),
    }
}

/// Prints the bodies of the requests that a question would send to the language model.
fn dry_run(question: &Question, asked: &AskedOf, session: &Session) -> anyhow::Result<Exit> {
    let requests = session.open_to_ask(asked)?.with(|collections| match session.are_empty(collections)? {
        true => Ok(None),
        false => collections.writer_requests(question, &Cancel::default()).map(Some),
    })?;
    let Some(requests) = requests else { return Ok(Exit::NothingFound) };
    if requests.is_empty() {
        session.note("Nothing would be sent: there is no answer, or it needs no translation.");
        return Ok(Exit::NothingFound);
    }
    session.print_lines(&requests)?;
    Ok(Exit::Done)
}

fn show(
    answer: &Answer,
    model: &ModelIdentity,
    format: Format,
    footnotes: Footnotes,
    session: &Session,
) -> anyhow::Result<Exit> {
    match format {
        Format::Cli => session.print(&render::answer(answer, footnotes, &session.links_of(answer), session.style))?,
        Format::Md => session.print(&markdown::answer(answer, &session.links_of(answer)))?,
        Format::Json => session.print_json(&wire::answer(answer.clone(), model.clone()))?,
        Format::Ndjson => {
            let whole = wire::answer(answer.clone(), model.clone());
            let (head, citations) = format::split(whole, "citations", "citation");
            let head = format::typed("answer", head);
            session.print_lines(std::iter::once(&head).chain(&citations))?;
        }
    }
    Ok(if answer.answerable { Exit::Done } else { Exit::NothingFound })
}
