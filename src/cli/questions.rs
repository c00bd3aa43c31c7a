//! `footnote questions`: what was asked and not answered, and the feedback on answers.

use clap::{Args, Subcommand};

use super::facts::counted;
use super::format::{self, Format, FormatArgs};
use super::table::{numbers, table, words};
use super::{Exit, Session, markdown};
use crate::Footnote;
use crate::cancel::Cancel;
use crate::config::LogQuestions;
use crate::feedback::{QuestionGroup, grouped, since};
use crate::wire;

const AFTER_HELP: &str = "\
Examples:
  footnote questions                            what was asked, most often first
  footnote questions --declined                 only what was not answered
  footnote questions --json | jq '.questions[].missing'
  footnote questions export > feedback.jsonl    what people said about answers, for `footnote eval --from`
  footnote questions clear

Questions are kept only if [ask] log_questions says so: \"declined\" keeps those that were not answered, or with a \
confidence below 0.6, \"all\" keeps all. Questions with nearly the same words are one line: how often they were asked, how \
often not answered, the highest confidence, when last, the names that no document has, and the most frequent wording. The \
log is limited to some megabytes; the oldest questions leave.

A running server need not be stopped: both use the same files.";

const CLEAR_HELP: &str = "\
Examples:
  footnote questions clear
  footnote questions clear --before 2026-01-31
  footnote questions clear --feedback           also what people said about answers";

const EXPORT_HELP: &str = "\
Examples:
  footnote questions export > feedback.jsonl
  footnote eval --from feedback.jsonl

Each record is a line of JSON as in GET /v1/feedback, with the words of its passage as `quote`. If the document has changed \
and does not have them any more, `bytes` and `quote` are null.";

/// Show what was asked and not answered; clear it; export feedback
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct QuestionsArgs {
    #[command(subcommand)]
    command: Option<QuestionsCommand>,
    /// Only questions that were not answered
    #[arg(long)]
    declined: bool,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Subcommand)]
enum QuestionsCommand {
    /// Remove logged questions
    #[command(after_help = CLEAR_HELP)]
    Clear {
        /// Only those from before this day (in UTC) or time
        #[arg(long, value_name = "DATE")]
        before: Option<String>,
        /// Also remove feedback
        #[arg(long)]
        feedback: bool,
    },
    /// Write the feedback on answers as JSON lines
    #[command(after_help = EXPORT_HELP)]
    Export,
}

pub(crate) fn run(args: &QuestionsArgs, session: &Session) -> anyhow::Result<Exit> {
    let footnote = session.open_to_read()?;
    match &args.command {
        None => list(&footnote, args.declined, args.format.format(), session),
        Some(QuestionsCommand::Clear { before, feedback }) => clear(&footnote, before.as_deref(), *feedback, session),
        Some(QuestionsCommand::Export) => export(&footnote, session),
    }
}

fn list(footnote: &Footnote, declined: bool, format: Format, session: &Session) -> anyhow::Result<Exit> {
    let mut logged = footnote.logged_questions()?;
    logged.retain(|question| !(declined && question.answered));
    if logged.is_empty() && matches!(format, Format::Cli | Format::Md) {
        session.note(nothing(session.config.ask.log_questions, declined));
        return Ok(Exit::Done);
    }
    let groups = grouped(&logged, &Cancel::default())?;
    let columns = [
        numbers("COUNT"),
        numbers("DECLINED"),
        numbers("CONFIDENCE"),
        words("LATEST"),
        words("MISSING"),
        words("QUESTION"),
    ];
    match format {
        Format::Cli => session.print(&table(&columns, &rows(groups), session.style))?,
        Format::Md => session.print(&markdown::table(&columns.map(|column| column.header), &rows(groups)))?,
        Format::Json => session.print_json(&wire::questions(groups, &logged))?,
        Format::Ndjson => {
            let (_, lines) = format::split(wire::questions(groups, &logged), "questions", "question");
            session.print_lines(&lines)?;
        }
    }
    Ok(Exit::Done)
}

fn rows(groups: Vec<QuestionGroup>) -> Vec<Vec<String>> {
    let row = |group: QuestionGroup| {
        vec![
            group.count.to_string(),
            group.declined.to_string(),
            format!("{:.2}", group.confidence),
            group.latest,
            group.missing.join(", "),
            group.question,
        ]
    };
    groups.into_iter().map(row).collect()
}

/// Why there are no questions.
fn nothing(setting: LogQuestions, declined: bool) -> &'static str {
    match setting {
        LogQuestions::None => {
            "No questions are kept. [ask] log_questions = \"declined\" keeps those that are not answered, or doubtfully."
        }
        LogQuestions::All if declined => "No question that was not answered has been kept.",
        LogQuestions::Declined | LogQuestions::All => "No questions have been kept so far.",
    }
}

fn clear(footnote: &Footnote, before: Option<&str>, feedback: bool, session: &Session) -> anyhow::Result<Exit> {
    let before = before.map(since).transpose()?;
    let is_early = |time: &str| before.as_deref().is_none_or(|before| time < before);
    let questions = match before {
        None => footnote.clear_questions()?,
        Some(_) => footnote.remove_questions(&mut |question| is_early(&question.time))?,
    };
    let removed = counted(questions, "question");
    if feedback {
        let records = match before {
            None => footnote.clear_feedback()?,
            Some(_) => footnote.remove_feedback(&mut |feedback| is_early(&feedback.created))?,
        };
        session.note(&format!("Removed {removed} and {} of feedback.", counted(records, "record")));
    } else {
        session.note(&format!("Removed {removed}."));
    }
    Ok(Exit::Done)
}

fn export(footnote: &Footnote, session: &Session) -> anyhow::Result<Exit> {
    let mut gone = 0;
    let mut lines = Vec::new();
    for feedback in footnote.feedback()? {
        let had_words = feedback.quote.is_some();
        let words = footnote.words_of(&feedback)?;
        gone += usize::from(had_words && words.is_none());
        let mut line = wire::feedback(feedback);
        let (bytes, quote) = words.unzip();
        line["bytes"] = bytes.into();
        line["quote"] = quote.into();
        lines.push(line);
    }
    if lines.is_empty() {
        session.note("There is no feedback. People give it on the web page, and programs with POST /v1/feedback.");
        return Ok(Exit::Done);
    }
    session.print_lines(&lines)?;
    if gone > 0 {
        session
            .note(&format!("{} about a sentence that its document does not have any more.", counted(gone, "record")));
    }
    Ok(Exit::Done)
}
