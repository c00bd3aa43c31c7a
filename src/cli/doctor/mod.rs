//! `footnote doctor`: checks settings, model, index and machine. It downloads nothing and only reads the index.

mod check;
mod index;
mod machine;
mod models;
mod writer;

use crate::Config;
use clap::Args;

use super::global::GlobalArgs;
use super::{Exit, Session};
use check::Check;

const AFTER_HELP: &str = "\
Examples:
  footnote doctor
  footnote doctor --json | jq '.checks[] | select(.state != \"ok\")'
  footnote -c news doctor                     about another collection

Each line has a mark: ✓ is fine, ! is a remark, ✗ is a problem, with what to do below it. It downloads nothing and only \
reads the index; `footnote verify` checks the contents. If a language model is configured, its server is asked for the \
list of its models. If there is a problem, the exit status says where: 2 settings, \
3 model, 4 index, 10 anything else.";

/// Check settings, model, index and machine, and say how to solve problems
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DoctorArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs without valid settings, since it checks them first.
pub(crate) fn run(args: &DoctorArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let (mut checks, config) = settings(global);
    if let Some(config) = &config {
        checks.extend(models::checks(config));
        checks.extend(index::checks(config));
        checks.push(machine::reader(config));
        checks.extend(machine::disk(config));
        checks.push(machine::port(config));
        checks.extend(writer::check(config));
    }
    checks.push(machine::locale());
    let session = Session::new(config.unwrap_or_default(), global);
    match args.json {
        true => session.print_json(&check::json(&checks))?,
        false => session.print(&check::render(&checks, machine::has_unicode(), session.style))?,
    }
    Ok(check::exit(&checks))
}

/// The settings, if they are valid; without them nothing else is checked.
fn settings(global: &GlobalArgs) -> (Vec<Check>, Option<Config>) {
    let from = Config::file(global.config.as_deref());
    let from = from.map_or_else(
        || "the defaults: there is no config.toml; `footnote config paths` shows where".to_owned(),
        |file| file.display().to_string(),
    );
    let config = global.settings();
    let logged = config.as_ref().map_or(Ok(()), |config| global.start_logging(&config.log));
    match (config, logged) {
        (Ok(config), Ok(())) => (vec![Check::well("settings", from)], Some(config)),
        (Err(error), _) => (vec![wrong(&error)], None),
        (_, Err(error)) => match error.downcast_ref::<crate::Error>() {
            Some(error) => (vec![wrong(error)], None),
            None => (vec![Check::wrong("settings", Exit::Other, error.to_string(), "correct that first")], None),
        },
    }
}

fn wrong(error: &crate::Error) -> Check {
    let hint = error.hint().unwrap_or_else(|| {
        "correct that first; nothing else was checked. `footnote config --default` prints all settings".to_owned()
    });
    Check::wrong("settings", Exit::Usage, error.to_string(), hint)
}
