//! The `footnote` command: arguments in, an answer with its footnotes out, and an exit status that means something.

mod cli;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Exit, Session};

fn main() -> ExitCode {
    run(&Cli::parse()).unwrap_or_else(|error| cli::report(&error)).into()
}

fn run(cli: &Cli) -> anyhow::Result<Exit> {
    if let Some(done) = cli.command.run_without_settings(&cli.global) {
        return done;
    }
    let config = cli.global.settings()?;
    cli.global.start_logging(&config.log)?;
    let session = Session::new(config, &cli.global);
    cli.command.run(&session)
}
