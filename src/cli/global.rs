//! The options of every command, and the settings and the log that they determine.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use crate::config::{LogConfig, LogFormat, check_collection_name};
use crate::{Config, Error};
use clap::{ArgAction, Args, ValueEnum};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Read settings from FILE instead of ./config.toml or your own file (`footnote config paths`)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use the index in DIR instead of the configured one
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) index: Option<PathBuf>,
    /// Use the collection NAME instead of the configured one; `ask` and `search` take several, as in -c news,work
    #[arg(short = 'c', long, global = true, value_name = "NAME", value_delimiter = ',')]
    pub(crate) collection: Vec<String>,
    /// Never download anything, not even the model
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    /// Colours and links: auto uses them on a terminal unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
    /// Log more: -v for steps, -vv for details
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Print only results and errors, no progress and no notes
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

impl GlobalArgs {
    /// The settings of the file and the environment, overridden by the options.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the file or a variable cannot be used.
    pub(crate) fn settings(&self) -> crate::Result<Config> {
        let mut config = Config::load(self.config.as_deref()).map_err(|error| match error {
            // The user has named a file that cannot be read.
            Error::Io { .. } => Error::Config {
                reason: format!(
                    "{error}; check --config and FOOTNOTE_CONFIG, or write a new file with `footnote config --default`"
                ),
            },
            other => other,
        })?;
        if let Some(dir) = &self.index {
            config.index.dir.clone_from(dir);
        }
        self.collection.iter().try_for_each(|name| check_collection_name(name))?;
        if let Some(name) = self.collection.first() {
            config.index.collection.clone_from(name);
        }
        config.model.offline |= self.offline;
        Ok(config)
    }

    /// Starts the log on standard error.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if `[log] level` is not a filter.
    pub(crate) fn start_logging(&self, config: &LogConfig) -> anyhow::Result<()> {
        let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        let layer = match config.format {
            LogFormat::Text => {
                let ansi = self.colours(io::stderr().is_terminal());
                layer.with_ansi(ansi).with_target(self.verbose > 1).boxed()
            }
            LogFormat::Json => layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        };
        let filter = log_filter(&config.level, self.verbose, self.quiet)?;
        tracing_subscriber::registry().with(filter).with(layer).try_init().map_err(|error: TryInitError| error.into())
    }

    /// Whether titles on standard output are links.
    pub(crate) fn links(&self) -> bool {
        let wanted = self.color == ColorWhen::Always || (self.color == ColorWhen::Auto && !is_dumb());
        wanted && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
    }

    /// Whether to colour a stream that is a terminal or is not.
    pub(crate) fn colours(&self, is_terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        colours(self.color, is_terminal, set("NO_COLOR") || is_dumb())
    }
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn colours(when: ColorWhen, is_terminal: bool, declined: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => is_terminal && !declined,
    }
}

/// The log filter: by the options if there are any, else by the configured level.
fn log_filter(level: &str, verbose: u8, quiet: bool) -> crate::Result<Targets> {
    let level = match (quiet, verbose) {
        (true, _) => "error",
        (false, 0) => level,
        (false, 1) => "warn,footnote=info",
        (false, _) => "info,footnote=debug",
    };
    let known = "error, warn, info, debug, trace, off, or a list such as `warn,footnote=debug`";
    let refused = |why: String| Error::Config { reason: format!("[log] level is `{level}`: {why}; it takes {known}") };
    if level.trim().is_empty() {
        return Err(refused("it is blank".into()));
    }
    // `Targets` would take a misspelt level for the name of a target and log all of it.
    for part in level.split(',').map(str::trim).filter(|part| !part.contains('=')) {
        part.parse::<tracing_subscriber::filter::LevelFilter>()
            .map_err(|_| refused(format!("`{part}` is not a level")))?;
    }
    let filter: Targets =
        level.parse().map_err(|error: tracing_subscriber::filter::ParseError| refused(error.to_string()))?;
    // At lower levels rmcp logs whole messages, with questions and documents in them.
    Ok(if level.contains("rmcp") { filter } else { filter.with_target("rmcp", tracing::Level::ERROR) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_unless_it_is_asked_for_or_declined() {
        assert!(colours(ColorWhen::Auto, true, false));
        assert!(!colours(ColorWhen::Auto, true, true));
        assert!(!colours(ColorWhen::Auto, false, false));
        assert!(colours(ColorWhen::Always, false, true));
        assert!(!colours(ColorWhen::Never, true, false));
    }

    #[test]
    fn verbosity_flags_override_the_configured_level() {
        let debug = |filter: &Targets| filter.would_enable("footnote::ask", &tracing::Level::DEBUG);
        let info = |filter: &Targets| filter.would_enable("footnote::ask", &tracing::Level::INFO);
        let warn = |filter: &Targets| filter.would_enable("footnote::ask", &tracing::Level::WARN);
        let plain = log_filter("warn", 0, false).unwrap();
        assert!(warn(&plain) && !info(&plain));
        let verbose = log_filter("warn", 1, false).unwrap();
        assert!(info(&verbose) && !debug(&verbose));
        assert!(debug(&log_filter("warn", 2, false).unwrap()));
        assert!(!warn(&log_filter("debug", 0, true).unwrap()));
    }

    #[test]
    fn the_messages_that_the_mcp_library_logs_are_asked_for_by_name() {
        let warns = |filter: Targets| filter.would_enable("rmcp::service", &tracing::Level::WARN);
        assert!(!warns(log_filter("trace", 0, false).unwrap()));
        assert!(!warns(log_filter("warn", 2, false).unwrap()));
        assert!(warns(log_filter("warn,rmcp=debug", 0, false).unwrap()));
    }

    #[test]
    fn a_level_that_is_none_is_refused_with_the_known_ones() {
        for level in ["loud", "warn,loud", "footnote=loud", " "] {
            let message = log_filter(level, 0, false).unwrap_err().to_string();
            assert!(message.contains(level) && message.contains("debug"), "{message}");
        }
        assert!(log_filter("warn, footnote=debug", 0, false).is_ok());
    }
}
