//! The `footnote` command: arguments in, an answer with its footnotes out, and an exit status that means something.

mod cli;

use std::io::Write;
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Exit, Session};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(tell_of_panic));
    run(&Cli::parse()).unwrap_or_else(|error| cli::report(&error)).into()
}

/// Says where it panicked, and not what with: that may quote a document.
fn tell_of_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    // Where nobody reads standard error, a panic here would end the process.
    let _ = writeln!(std::io::stderr(), "footnote: panicked at {place}; this is a bug in footnote");
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
