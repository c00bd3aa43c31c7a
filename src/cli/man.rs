//! `footnote man`: manual pages, one for each command.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::suggest::did_you_mean;
use anyhow::Context;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::{Cli, Exit, write_out};

const AFTER_HELP: &str = "\
Examples:
  footnote man | man -l -                                     read the program's page
  footnote man models-pull | man -l -                         read the page of a command
  footnote man --dir ~/.local/share/man/man1                  write all of them

Then `man footnote` and `man footnote-ask` work; if they do not, add ~/.local/share/man to MANPATH.";

/// Print a manual page, or write all of them to a folder
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ManArgs {
    /// The command, such as `ask` or `models-pull` [default: the program]
    #[arg(conflicts_with = "dir")]
    command: Option<String>,
    /// Write all pages to DIR, which is created if necessary
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<Exit> {
    let pages = pages()?;
    if let Some(dir) = &args.dir {
        write_all(dir, &pages)?;
        return Ok(Exit::Done);
    }
    let name = args.command.as_ref().map_or_else(|| "footnote".to_owned(), |command| format!("footnote-{command}"));
    let Some((_, page)) = pages.iter().find(|(known, _)| *known == name) else {
        let command = args.command.clone().unwrap_or_default();
        let known: Vec<&str> = pages.iter().filter_map(|(known, _)| known.strip_prefix("footnote-")).collect();
        let reason = format!("there is no page for `{command}`{}", did_you_mean(&command, known.iter().copied()));
        return Err(Error::Input { reason, hint: format!("there are pages for {}", known.join(", ")) }.into());
    };
    write_out(page)?;
    Ok(Exit::Done)
}

fn write_all(dir: &Path, pages: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    for (name, page) in pages {
        let path = dir.join(format!("{name}.1"));
        std::fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Each page with its name, the program's first.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
        let mut page = Vec::new();
        // Dated, it would differ from one day to the next.
        Man::new(command.clone()).date("").manual("Footnote").render(&mut page)?;
        pages.push((name, page));
        command.get_subcommands().filter(|command| !command.is_hide_set()).try_for_each(|sub| collect(sub, pages))
    }
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_examples() {
        let pages = pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "footnote");
        for expected in ["footnote-ask", "footnote-doctor", "footnote-models-pull", "footnote-man"] {
            assert!(names.contains(&expected), "{names:?}");
        }
        for (name, page) in &pages {
            let page = String::from_utf8(page.clone()).unwrap();
            assert!(
                page.contains(".TH")
                    && (page.contains("Examples:")
                        || ["footnote-models", "footnote-keys", "footnote-index"].contains(&name.as_str())),
                "{name}: {page}"
            );
        }
    }
}
