//! `footnote reindex`: embeds the stored documents again.

use std::time::Instant;

use clap::Args;

use super::interrupt::{self, Interrupt};
use super::passages_bar::PassagesBar;
use super::{Exit, Session};
use crate::cli::facts::counted;

const AFTER_HELP: &str = "\
Examples:
  footnote reindex                                     after changing the model or the passage size
  FOOTNOTE_INGEST_PASSAGE_TOKENS=120 footnote reindex  with a setting from the environment

The texts come from the index; the files are not needed. Until it is done, the index stays as it was.";

/// Embed all stored documents again with the configured model
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ReindexArgs {}

pub(crate) fn run(_: &ReindexArgs, session: &Session) -> anyhow::Result<Exit> {
    let interrupt = Interrupt::watch();
    let since = Instant::now();
    let footnote = session.open_to_change()?;
    let mut bar = PassagesBar::on(&session.screen);
    let reindexed = footnote.reindex(&mut |progress| {
        bar.show(&progress);
        if interrupt.is_pressed() {
            bar.finish();
            session.warn("interrupted; no document is lost: run it again to go on");
            interrupt::end();
        }
    });
    bar.finish();
    let documents = counted(reindexed?, "document");
    let model = footnote.model()?;
    session.print(&format!("{documents} embedded again with {model} · {:.1} s\n", since.elapsed().as_secs_f64()))?;
    Ok(Exit::Done)
}
