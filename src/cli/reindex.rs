//! `footnote reindex`: embeds the stored documents again, beside the old index.

use std::time::{Duration, Instant};

use clap::Args;
use indicatif::BinaryBytes;

use super::interrupt::{self, Interrupt};
use super::passages_bar::PassagesBar;
use super::server::Server;
use super::{Exit, Session};
use crate::cli::facts::counted;
use crate::footnote::{Footnote, Progress, Reindex};
use crate::model::{ModelChoice, ModelIdentity};
use crate::{Error, Result};

/// How long to wait for another process, other than a server, that writes to the index. Most commands end by then.
const WAIT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(500);
/// How far the priority of this process is lowered, so that questions of other processes come first.
#[cfg(unix)]
const NICENESS: i32 = 10;

const AFTER_HELP: &str = "\
Examples:
  footnote reindex                                     after changing the model or the passage size
  footnote reindex --model bge-m3                      to a model of `footnote models list`
  FOOTNOTE_INGEST_PASSAGE_TOKENS=120 footnote reindex  with a setting from the environment
  footnote reindex --abandon                           drop a reindex that was interrupted

The texts come from the index; the files are not needed. Until it is done, questions are answered from the old index, and \
documents can be added, changed and deleted, also through a running server; the new index has them too. Then the new one \
takes the place of the old one, all of it or nothing. If it is interrupted, run it again: what was embedded is kept. A running \
server goes over to the new index without a restart.";

/// Embed all stored documents again, with another model or passage size
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ReindexArgs {
    /// The model [default: that of a reindex that was interrupted, else the configured one]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Drop a reindex that was interrupted, and what was embedded for it
    #[arg(long, conflicts_with = "model")]
    abandon: bool,
}

pub(crate) fn run(args: &ReindexArgs, session: &Session) -> anyhow::Result<Exit> {
    if args.abandon {
        return abandon(session);
    }
    let interrupt = Interrupt::watch();
    let since = Instant::now();
    lower_priority();
    let footnote = open(session)?;
    let begun = footnote.begin_reindex(args.model.as_deref(), &mut |notice| session.warn(&notice))?;
    let (model, choice) = (begun.model(), begun.choice());
    let (kept, lacking) = (begun.done()?, begun.survey()?);
    plan(&begun, kept, lacking, session)?;

    let mut bar = PassagesBar::on(&session.screen);
    bar.expect(lacking.passages);
    bar.show(&Progress::Planned { passages: lacking.passages });
    let mut embedded = 0;
    let mut show = |progress: Progress<'_>| {
        if let Progress::Embedded { passages, .. } = progress {
            embedded += passages;
        }
        bar.show(&progress);
        if interrupt.is_pressed() {
            bar.finish();
            session.warn("interrupted; what was embedded is kept: run `footnote reindex` again to go on");
            interrupt::end();
        }
    };
    begun.embed(&mut show)?;
    // Whoever ends it takes it over from here.
    drop(begun);
    let ended = finish(&footnote, session, &mut show);
    bar.finish();
    let server = ended.inspect_err(|_| {
        session.note("all that was embedded is kept: `footnote reindex` goes on with it");
    })?;
    if footnote.model()? != model {
        return Err(Error::Server {
            reason: format!(
                "the program at {} says that it changed the index, but did not",
                session.config.server.listen
            ),
            hint: "stop it, and run `footnote reindex` again".into(),
        }
        .into());
    }
    let documents = counted(footnote.status()?.documents, "document");
    let (now, before) = (counted(embedded, "passage"), counted(kept.1, "passage"));
    let kept = if kept.1 > 0 { format!(", {before} kept from before") } else { String::new() };
    session.print(&format!(
        "{documents} embedded again with {model} · {now}{kept} · {:.1} s\n",
        since.elapsed().as_secs_f64()
    ))?;
    advise(&model, &choice, server, session);
    Ok(Exit::Done)
}

/// The collection, to read it. That of an earlier version is converted first.
fn open(session: &Session) -> Result<Footnote> {
    match session.open_to_read() {
        Err(Error::Incompatible { .. }) => {
            drop(session.open_to_change()?);
            session.open_to_read()
        }
        opened => opened,
    }
}

/// Says what is going to be done, and refuses it if the disk has no room for it.
fn plan(
    begun: &Reindex<'_>,
    (documents, passages): (usize, usize),
    lacking: crate::footnote::Lacking,
    session: &Session,
) -> Result<()> {
    let room = begun.room(lacking)?;
    let kept = match documents {
        0 => String::new(),
        _ => format!("; {} and {} are kept from before", counted(documents, "document"), counted(passages, "passage")),
    };
    let (free, needed) = (room.free_bytes.map(BinaryBytes), BinaryBytes(room.needed_bytes));
    let free_of = free.as_ref().map_or_else(String::new, |free| format!(" of {free}"));
    session.note(&format!(
        "{} and {} to embed with {}{kept}; needs about {needed}{free_of} free on the disk",
        counted(lacking.documents, "document"),
        counted(lacking.passages, "passage"),
        begun.model(),
    ));
    match (room.free_bytes, free) {
        (Some(bytes), Some(free)) if bytes < room.needed_bytes => Err(Error::NoRoom {
            path: session.config.index.collection_dir(),
            free: free.to_string(),
            needed: needed.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Puts the new index in the place of the old one: here or, if a server holds the collection, there. Whether a server did it.
fn finish(footnote: &Footnote, session: &Session, progress: &mut dyn FnMut(Progress<'_>)) -> Result<bool> {
    let since = Instant::now();
    let mut has_said = false;
    loop {
        let locked = match footnote.held() {
            Ok(held) => return held.finish_reindex(progress).map(|_| false),
            Err(locked @ Error::Locked { .. }) => locked,
            Err(error) => return Err(error),
        };
        if session.config.ask.use_server
            && let Some(server) = Server::find_holder(&session.config)
        {
            match server.finish_reindex(progress) {
                Ok(()) => return Ok(true),
                // It may hold another collection only.
                Err(Error::Server { reason, hint }) if since.elapsed() > WAIT => {
                    return Err(Error::Server { reason, hint });
                }
                Err(Error::Server { reason, .. }) => tracing::info!("{reason}"),
                Err(error) => return Err(error),
            }
        }
        if since.elapsed() > WAIT {
            return Err(locked);
        }
        if !has_said {
            session.note(&format!("everything is embedded; waiting: {locked}"));
            has_said = true;
        }
        // Shows nothing, but ends if Ctrl-C was pressed.
        progress(Progress::Planned { passages: 0 });
        std::thread::sleep(PAUSE);
    }
}

/// What to do about settings that do not fit the new index.
fn advise(model: &ModelIdentity, choice: &ModelChoice, server: bool, session: &Session) {
    let listen = &session.config.server.listen;
    let has_other_settings = server && Server::find_for_writing(&session.config).is_none();
    if !choice.is_chosen_by(&session.config.model) {
        session.note(&format!(
            "The settings still name {}. This index is used with {} whatever they name. For new collections, and for a later \
             `footnote reindex` without --model, set [model] name = \"{}\"",
            session.config.model.label(),
            model.name,
            choice.name
        ));
    }
    if has_other_settings {
        session.note(&format!(
            "The server at {listen} uses the new index. It was started with other settings: restart it when convenient, so \
             that it splits new documents by the present ones"
        ));
    }
}

fn abandon(session: &Session) -> anyhow::Result<Exit> {
    let footnote = session.open_to_read()?;
    let unfinished = footnote.unfinished_reindex().ok().flatten();
    let text = match (footnote.abandon_reindex()?, unfinished) {
        (false, _) => "no reindex was begun\n".to_owned(),
        (true, None) => "dropped what was left of a reindex\n".to_owned(),
        (true, Some(unfinished)) => format!(
            "dropped a reindex to {} with {} and {}\n",
            unfinished.plan.identity(),
            counted(unfinished.documents, "document"),
            counted(unfinished.passages, "passage")
        ),
    };
    session.print(&text)?;
    Ok(Exit::Done)
}

#[cfg(unix)]
fn lower_priority() {
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the priority stays as it is");
    }
}

#[cfg(not(unix))]
fn lower_priority() {}
