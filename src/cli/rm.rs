//! `footnote rm`: documents out.

use crate::{Error, Footnote};
use clap::Args;

use crate::display::one_line;
use super::{Exit, Session, exit};

const AFTER_HELP: &str = "\
Examples:
  footnote rm news-7
  footnote ls | grep 2019- | cut -f 1 | xargs footnote rm

Each document is removed by itself; the exit status is 1 if any of them was not there.";

/// Remove documents
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RmArgs {
    /// Their ids as `footnote ls` shows them, their uris, or files they were read from
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

pub(crate) fn run(args: &RmArgs, session: &Session) -> anyhow::Result<Exit> {
    let footnote = session.open_to_change()?;
    let mut exit = Exit::Done;
    for id in &args.ids {
        match remove(&footnote, id) {
            Ok(_) if session.quiet => {}
            Ok(removed) => {
                for id in removed {
                    session.print(&format!("removed  {}\n", one_line(&id)))?;
                }
            }
            Err(error @ Error::NotFound { .. }) => {
                session.warn(exit::describe(&error).trim_end());
                exit = Exit::NothingFound;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(exit)
}

fn remove(footnote: &Footnote, name: &str) -> crate::Result<Vec<String>> {
    let ids = footnote.resolve(name)?;
    ids.iter().try_for_each(|id| footnote.delete(id))?;
    Ok(ids)
}
