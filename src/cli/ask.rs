//! `footnote ask`: an answer with its footnotes.

use clap::Args;
use footnote::passage::Mode;
use footnote::wire;

use super::question::QuestionArgs;
use super::{Exit, Session, render};

const AFTER_HELP: &str = "\
Examples:
  footnote ask who expects the Fed to cut in 2026
  footnote ask '誰預期聯準會2026年降息？'  question and documents need not share a language
  footnote ask --passages --context 2 rate cuts in 2026
  footnote ask --source 潮間帶財經 --language zh 誰預期降息
  echo 'Who expects a cut?' | footnote ask --json - | jq .citations

The answer goes to standard output, notes and progress to standard error. The exit status is 1 if the documents
do not answer the question; the nearest passages are then shown without an answer.";

/// Answer a question with sentences quoted from the documents
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// Give the passages found, without an answer above them
    #[arg(long)]
    passages: bool,
}

pub(crate) fn run(args: &AskArgs, session: &Session) -> anyhow::Result<Exit> {
    let mode = if args.passages { Mode::Passages } else { Mode::Extract };
    let question = args.question.question(mode)?;
    let footnote = session.open_to_ask()?;
    if session.is_empty(&footnote)? {
        return Ok(Exit::NothingFound);
    }
    let answer = footnote.ask(&question)?;
    let found = !answer.citations.is_empty();
    let answered = answer.answerable;
    if args.question.json {
        session.print_json(&wire::answer(answer, footnote.model()?))?;
    } else {
        session.print(&render::answer(&answer, session.style))?;
    }
    if !found {
        session.note("Nothing was found for this question.");
    }
    Ok(if answered { Exit::Done } else { Exit::NothingFound })
}
