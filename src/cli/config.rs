//! `footnote config`: prints the settings in effect, as a settings file, and where the files are.

use crate::Config;
use crate::config::DEFAULT_CONFIG;
use anyhow::Context;
use clap::{Args, Subcommand};

use super::paths::{self, PathsArgs};
use super::{Exit, Session};

const AFTER_HELP: &str = "\
Examples:
  footnote config                             the settings of file, environment and options together
  footnote config --default > config.toml     a file with all defaults, explained
  footnote config paths                       where settings, index, models and history are";

/// Print the settings in effect
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct ConfigArgs {
    /// Print the defaults with comments
    #[arg(long)]
    default: bool,
    #[command(subcommand)]
    command: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Paths(PathsArgs),
}

pub(crate) fn run(args: &ConfigArgs, session: &Session) -> anyhow::Result<Exit> {
    match (&args.command, args.default) {
        (Some(ConfigCommand::Paths(args)), _) => return paths::run(args, session),
        (None, true) => session.print(DEFAULT_CONFIG)?,
        (None, false) => session.print(&in_force(&session.config)?)?,
    }
    Ok(Exit::Done)
}

/// The settings as the text of a file.
fn in_force(config: &Config) -> anyhow::Result<String> {
    toml::to_string(config).context("these settings cannot be written as TOML")
}

#[cfg(test)]
mod tests {
    use crate::config::Pooling;

    use super::*;

    #[test]
    fn what_is_printed_reads_back_as_the_settings_in_force() {
        let mut config = Config::default();
        config.ask.top_k = 9;
        config.index.dir = "a \"quoted\"\\dir".into();
        config.model.offline = true;
        config.model.pooling = Pooling::Cls;
        let printed: toml::Table = in_force(&config).unwrap().parse().unwrap();
        assert_eq!(printed.try_into::<Config>().unwrap(), config);
    }
}
