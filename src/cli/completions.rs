//! `footnote completions`: shell completion.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Exit, write_out};

const AFTER_HELP: &str = "\
Examples:
  footnote completions bash > ~/.local/share/bash-completion/completions/footnote
  footnote completions zsh > ~/.zfunc/_footnote
  footnote completions fish > ~/.config/fish/completions/footnote.fish
  footnote completions elvish >> ~/.config/elvish/rc.elv
  footnote completions powershell >> $PROFILE

Create the folder first if it does not exist, and open a new shell afterwards. For zsh, put `fpath+=~/.zfunc` before `compinit` \
in ~/.zshrc.";

/// Print a shell completion script
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "footnote", &mut script);
    write_out(&script)?;
    Ok(Exit::Done)
}
