//! `footnote search`: passages, best first.

use clap::Args;
use footnote::passage::Mode;
use footnote::wire;

use super::question::QuestionArgs;
use super::{Exit, Session, explain, render};

const AFTER_HELP: &str = "\
Examples:
  footnote search interest rate cuts in 2026
  footnote search --top-k 20 --json '降息' | jq '.passages[].document.id'
  footnote search --language zh --since 2026-01 rate cuts
  footnote search --explain rate cuts

Scores order the passages of one question; they are no probabilities, and those of two questions do not compare.
The exit status is 1 if nothing was found.";

/// Find passages for a question, best first, with the best sentence of each marked
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SearchArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// Show how the passages came to their places: each leg's part, and what the question's words were looked for as
    #[arg(long, conflicts_with = "json")]
    explain: bool,
}

pub(crate) fn run(args: &SearchArgs, session: &Session) -> anyhow::Result<Exit> {
    let question = args.question.question(Mode::Passages)?;
    let footnote = session.open_to_ask()?;
    if session.is_empty(&footnote)? {
        return Ok(Exit::NothingFound);
    }
    if args.explain {
        let ranking = footnote.rank(&question)?;
        session.print(&explain::ranking(&question.text, &ranking, None, session.style))?;
        return Ok(if ranking.passages.is_empty() { Exit::NothingFound } else { Exit::Done });
    }
    let results = footnote.search(&question)?;
    let found = !results.passages.is_empty();
    if args.question.json {
        session.print_json(&wire::search(results, footnote.model()?))?;
    } else {
        session.print(&render::search(&results.passages, session.style))?;
    }
    if !found {
        session.note("Nothing was found for this question.");
        return Ok(Exit::NothingFound);
    }
    Ok(Exit::Done)
}
