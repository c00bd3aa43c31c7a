//! The `footnote` program. All of it is in the library, under the feature `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    footnote::run_cli()
}
