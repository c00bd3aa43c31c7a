//! The command line: one file for each command. `term`, `wrap`, `table` and `render` turn plain data into text, and touch
//! no terminal themselves.

mod answer_source;
mod ask;
mod asked;
mod backup;
mod check;
mod collections;
mod completions;
mod config;
mod doctor;
mod documents;
mod estimate;
mod eval;
mod excerpt;
mod exchange;
mod exit;
mod explain;
mod export;
mod facts;
#[cfg(test)]
mod fixture;
mod format;
mod get;
mod global;
mod history;
mod import;
mod index;
mod ingest;
mod input_document;
mod interrupt;
mod keys;
mod link;
mod ls;
mod man;
mod markdown;
mod marked;
mod mcp;
mod memory;
mod models;
mod pages;
mod passages_bar;
mod paths;
mod progress;
mod prompt;
mod question;
mod questions;
mod reindex;
mod render;
mod rm;
mod search;
mod serve;
mod server;
mod session;
mod starter;
mod statements;
mod status;
mod table;
mod tally;
mod term;
mod unmatched;
mod verify;
mod version;
mod watch;
mod wrap;
mod writer;

use std::io::Write;
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};

use crate::suggest::nearest;

pub(crate) use exit::{Exit, report};
pub(crate) use session::{Session, write_out};

/// The whole program: reads the command line, runs the command and returns the exit status.
pub fn run() -> ExitCode {
    crate::reader_main();
    std::panic::set_hook(Box::new(report_panic));
    let cli = Cli::try_parse().unwrap_or_else(|error| with_nearest_command(error).exit());
    cli.run().unwrap_or_else(|error| report(&error)).into()
}

/// Replaces clap's suggestion for a misspelt command, which is by similar letters, with the one that takes the fewest slips.
fn with_nearest_command(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    let command = Cli::command();
    if let Some(meant) = nearest(name, command.get_subcommands().map(clap::Command::get_name)) {
        let meant = ContextValue::Strings(vec![meant.to_owned()]);
        error.insert(ContextKind::SuggestedSubcommand, meant);
    }
    error
}

/// Prints where it panicked, but not the message, which can quote a document.
fn report_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    // `eprintln!` would panic again if standard error is closed.
    let _ = writeln!(std::io::stderr(), "footnote: panicked at {location}; this is a bug in footnote");
}

const AFTER_HELP: &str = "\
Examples:
  footnote ingest ~/articles                       add a folder of documents
  footnote ask who expects the Fed to cut in 2026  answer a question from them, with footnotes
  footnote ask --json '誰預期聯準會降息？' | jq .answer
  footnote serve                                   start the HTTP server and the web page

Exit status:
   0  success
   1  nothing found: no answer, no passage or no such document; or a checked sentence is not supported
   2  wrong command line or configuration
   3  model missing or unusable
   4  index locked, damaged, or built with another model
   5  some documents failed; the others were added
  10  any other error
 130  interrupted";

/// Answer questions from your own documents; every sentence is quoted word for word with its source.
#[derive(Debug, Parser)]
#[command(name = "footnote", version, long_version = version::long(), arg_required_else_help = true)]
#[command(max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: global::GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    fn run(&self) -> anyhow::Result<Exit> {
        if self.global.collection.len() > 1 && !matches!(self.command, Command::Ask(_) | Command::Search(_)) {
            return Err(several(&self.global.collection).into());
        }
        if let Some(done) = self.command.run_without_settings(&self.global) {
            return done;
        }
        let config = self.global.settings()?;
        self.global.start_logging(&config.log)?;
        let session = Session::new(config, &self.global);
        self.command.run(&session)
    }
}

fn several(names: &[String]) -> crate::Error {
    crate::Error::Input {
        reason: format!("the collections {} are named, and this command takes one", names.join(", ")),
        hint: "run it for each of them; `footnote ask` and `footnote search` take several".into(),
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ask(ask::AskArgs),
    Search(search::SearchArgs),
    Check(check::CheckArgs),
    Ingest(ingest::IngestArgs),
    Ls(ls::LsArgs),
    Get(get::GetArgs),
    Rm(rm::RmArgs),
    Status(status::StatusArgs),
    Verify(verify::VerifyArgs),
    Reindex(reindex::ReindexArgs),
    Index(index::IndexArgs),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Collections(collections::CollectionsArgs),
    Serve(serve::ServeArgs),
    Keys(keys::KeysArgs),
    Questions(questions::QuestionsArgs),
    Mcp(mcp::McpArgs),
    Eval(eval::EvalArgs),
    Models(models::ModelsArgs),
    Config(config::ConfigArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Command {
    /// Runs a command that needs no settings; `None` for the others.
    ///
    /// # Errors
    ///
    /// A [`Error`](crate::Error), or the [`std::io::Error`] of standard output.
    pub(crate) fn run_without_settings(&self, global: &global::GlobalArgs) -> Option<anyhow::Result<Exit>> {
        match self {
            Self::Doctor(args) => Some(doctor::run(args, global)),
            Self::Completions(args) => Some(completions::run(args)),
            Self::Man(args) => Some(man::run(args)),
            _ => None,
        }
    }

    /// Runs the command and returns the exit status.
    ///
    /// # Errors
    ///
    /// A [`Error`](crate::Error), or the [`std::io::Error`] of standard output.
    pub(crate) fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        match self {
            Self::Ask(args) => ask::run(args, session),
            Self::Search(args) => search::run(args, session),
            Self::Check(args) => check::run(args, session),
            Self::Ingest(args) => ingest::run(args, session),
            Self::Ls(args) => ls::run(args, session),
            Self::Get(args) => get::run(args, session),
            Self::Rm(args) => rm::run(args, session),
            Self::Status(args) => status::run(args, session),
            Self::Verify(args) => verify::run(args, session),
            Self::Reindex(args) => reindex::run(args, session),
            Self::Index(args) => index::run(args, session),
            Self::Backup(args) => backup::backup(args, session),
            Self::Restore(args) => backup::restore(args, session),
            Self::Export(args) => export::run(args, session),
            Self::Import(args) => import::run(args, session),
            Self::Collections(args) => collections::run(args, session),
            Self::Serve(args) => serve::run(args, session),
            Self::Keys(args) => keys::run(args, session),
            Self::Questions(args) => questions::run(args, session),
            Self::Mcp(args) => mcp::run(args, session),
            Self::Eval(args) => eval::run(args, session),
            Self::Models(args) => models::run(args, session),
            Self::Config(args) => config::run(args, session),
            // Done by `run_without_settings`.
            Self::Doctor(_) | Self::Completions(_) | Self::Man(_) => Ok(Exit::Done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples_in_its_help() {
        for command in Cli::command().get_subcommands_mut() {
            let leaves: Vec<_> = match command.has_subcommands() {
                true => command.get_subcommands().cloned().collect(),
                false => vec![command.clone()],
            };
            for mut leaf in leaves {
                let help = leaf.render_long_help().to_string();
                assert!(help.contains("Examples:\n  footnote "), "`{}` has no example:\n{help}", leaf.get_name());
            }
        }
    }

    #[test]
    fn the_examples_in_the_help_parse() {
        fn examples(command: &clap::Command) -> Vec<String> {
            let own = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let lines = own.lines().filter_map(|line| line.strip_prefix("  footnote ")).map(str::to_owned);
            lines.chain(command.get_subcommands().flat_map(examples)).collect()
        }
        let all = examples(&Cli::command());
        assert!(all.len() > 20, "there is an example for every command: {all:?}");
        for example in all {
            // Two spaces set the explanation apart; a pipe or redirection ends what footnote itself is given.
            let command = example.split("  ").next().unwrap_or_default();
            let command = command.split([';', '|', '<', '>']).next().unwrap_or_default();
            let words = command.split_whitespace().map(|word| word.trim_matches(['\'', '"']));
            let parsed = Cli::try_parse_from(std::iter::once("footnote").chain(words));
            assert!(parsed.is_ok(), "`footnote {command}`: {}", parsed.unwrap_err());
        }
    }

    #[test]
    fn an_unknown_flag_is_refused_and_a_misspelt_command_gets_a_suggestion() {
        let unknown = Cli::try_parse_from(["footnote", "ask", "why", "--topk", "3"]).unwrap_err();
        assert_eq!(unknown.kind(), clap::error::ErrorKind::UnknownArgument);
        assert!(unknown.to_string().contains("--top-k"), "{unknown}");
        let misspelt = Cli::try_parse_from(["footnote", "serach", "why"]).unwrap_err();
        assert!(misspelt.to_string().contains("search"), "{misspelt}");
        let misspelt = with_nearest_command(Cli::try_parse_from(["footnote", "aks", "why"]).unwrap_err()).to_string();
        assert!(misspelt.contains("'ask'") && !misspelt.contains("'keys'"), "{misspelt}");
    }
}
