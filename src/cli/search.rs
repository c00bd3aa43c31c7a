//! `footnote search`: finds passages.

use crate::footnote::{MAX_REACHED, Question, SearchResults};
use crate::library::AskedOf;
use crate::passage::{Facet, Mode};
use crate::wire;
use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::answer_source::AnswerSource;
use super::format::{self, Format};
use super::link::DocumentLinks;
use super::question::QuestionArgs;
use super::{Exit, Session, explain, markdown, render};

const AFTER_HELP: &str = "\
Examples:
  footnote search interest rate cuts in 2026
  footnote search --top-k 20 --json '降息' | jq '.passages[].document.id'
  footnote search --language zh --since 2026-01 rate cuts
  footnote search --format ndjson rate cuts | jq -r .quote
  footnote search --explain rate cuts
  footnote search --top-k 10 --skip 10 rate cuts          the second page
  footnote search --facets '\"rate cut\" source:Reuters'   an exact phrase, of one source

Scores order the passages of one question. They are not probabilities, and scores of different questions cannot be \
compared. The exit status is 1 if nothing was found. With --format ndjson each line holds one passage and has the type \
`passage`; with --facets, a last line of the type `facets` has the counts.

Conditions can stand in the question, in single quotes for the shell: footnote search 'rate cuts \"higher for longer\" \
source:Reuters -rumour before:2026-02'. See docs/search.md. Pages are of the moment: documents that are added between two \
pages can move passages. At most 200 passages are reached.

A running server for the same index answers if there is one: see `footnote ask --help`.";

/// Find passages for a question, best first, with the best sentence of each marked
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SearchArgs {
    /// Show how the passages were ranked: the scores of each retriever, and the search terms with their synonyms
    #[arg(long, conflicts_with_all = ["json", "format"])]
    explain: bool,
    /// Leave out the first N passages, for the next page: --top-k 10 --skip 10
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, conflicts_with = "explain", value_parser = RangedU64ValueParser::<usize>::new().range(0..MAX_REACHED as u64))]
    skip: usize,
    /// Also count the sources, years, tags, languages and formats of the documents that were found
    #[arg(long, conflicts_with = "explain")]
    facets: bool,
    #[command(flatten)]
    question: QuestionArgs,
}

pub(crate) fn run(args: &SearchArgs, session: &Session) -> anyhow::Result<Exit> {
    let facets = if args.facets { Facet::ALL.to_vec() } else { Vec::new() };
    let question = Question { skip: args.skip, facets, ..args.question.question(Some(Mode::Passages))? };
    if args.explain {
        return explain(&question, &session.asked_of(args.question.asks_all())?, session);
    }
    let source = AnswerSource::new(session, session.asked_of(args.question.asks_all())?, !args.question.no_server);
    let Some((results, model)) = source.search(&question)? else { return Ok(Exit::NothingFound) };
    let found = !results.passages.is_empty();
    if matches!(args.question.format.format(), Format::Cli | Format::Md) {
        results.notes.iter().for_each(|note| session.note(&note.text));
    }
    match args.question.format.format() {
        Format::Cli => {
            let links = links(&results, session);
            let facets =
                results.facets.as_ref().map(|facets| render::facets(facets, session.style)).unwrap_or_default();
            session.print(&(render::search(&results.passages, args.skip, &links, session.style) + &facets))?;
        }
        Format::Md => {
            let links = links(&results, session);
            let facets = results.facets.as_ref().map(markdown::facets).unwrap_or_default();
            session.print(&(markdown::search(&results.passages, args.skip, &links) + &facets))?;
        }
        Format::Json => session.print_json(&wire::search(results, model))?,
        Format::Ndjson => {
            let (head, passages) = format::split(wire::search(results, model), "passages", "passage");
            let facets = head.get("facets").map(|facets| format::typed("facets", facets.clone()));
            session.print_lines(passages.iter().chain(&facets))?;
        }
    }
    if !found {
        session.note_nothing_found(&args.question)?;
        return Ok(Exit::NothingFound);
    }
    Ok(Exit::Done)
}

fn links(results: &SearchResults, session: &Session) -> DocumentLinks {
    session.links_to(results.passages.iter())
}

fn explain(question: &Question, asked: &AskedOf, session: &Session) -> anyhow::Result<Exit> {
    let ranking = session.open_to_ask(asked)?.with(|collections| match session.are_empty(collections)? {
        true => Ok(None),
        false => collections.rank(question).map(Some),
    })?;
    let Some(ranking) = ranking else { return Ok(Exit::NothingFound) };
    session.print(&explain::ranking(&question.text, &ranking, None, session.style))?;
    Ok(if ranking.passages.is_empty() { Exit::NothingFound } else { Exit::Done })
}
