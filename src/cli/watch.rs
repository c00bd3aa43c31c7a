//! `footnote ingest --watch`: ingests again whenever files change, and pages of the web at intervals.
//!
//! The folders are looked through at intervals. Notices of the operating system would come sooner, but they get lost under
//! load, do not exist for network folders, and are limited in number.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use super::{Exit, Session};
use crate::ingest;

/// How often the folders are looked through, at most.
const INTERVAL: Duration = Duration::from_secs(2);
/// Looking through the folders takes at most this part of the time.
const SHARE: u32 = 20;
/// How long the files must stay as they are before they are ingested, so that a file is not read while it is written.
const SETTLED: Duration = Duration::from_secs(1);
/// After so many looks at files that still change, they are ingested as they are.
const MAX_WAITS: usize = 10;
/// How soon Ctrl-C is noticed.
const STEP: Duration = Duration::from_millis(100);

/// What is ingested at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// Whether nothing was ingested before.
    pub(super) is_first: bool,
    pub(super) files: bool,
    pub(super) pages: bool,
}

/// Calls `ingest_once` now, after every change of the files at `paths`, and for pages of the web after each `interval`, until
/// Ctrl-C is pressed, which is the only end and so the exit status, whatever was going on.
pub(super) fn run(
    paths: &[PathBuf],
    interval: Option<Duration>,
    max_file_bytes: usize,
    interrupt: &Interrupt,
    session: &Session,
    ingest_once: &mut dyn FnMut(Round) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let mut ingested = ingest::state_of(paths, max_file_bytes);
    ingest_once(Round { is_first: true, files: true, pages: true })?;
    let mut visited = Instant::now();
    let mut warned = None;
    session.note("watching for changes; Ctrl-C ends it");
    loop {
        let began = Instant::now();
        let mut state = ingest::state_of(paths, max_file_bytes);
        let pause = INTERVAL.max(began.elapsed() * SHARE);
        let left = interval.map(|interval| interval.saturating_sub(visited.elapsed()));
        let pages = left.is_some_and(|left| left.is_zero());
        if state == ingested && !pages {
            if !sleep(left.map_or(pause, |left| left.min(pause)), interrupt) {
                return Ok(Exit::Interrupted);
            }
            continue;
        }
        let files = state != ingested;
        // A file that is written to all the time must not keep the others waiting.
        for _ in 0..if files { MAX_WAITS } else { 0 } {
            if !sleep(SETTLED.max(began.elapsed()), interrupt) {
                return Ok(Exit::Interrupted);
            }
            let before = std::mem::replace(&mut state, ingest::state_of(paths, max_file_bytes));
            if before == state {
                break;
            }
        }
        let done = ingest_once(Round { is_first: false, files, pages });
        if pages {
            visited = Instant::now();
        }
        match done {
            Ok(_) => (ingested, warned) = (state, None),
            // Another process may hold the index for a while.
            Err(error) => {
                let warning = format!("{error:#}; trying again");
                if warned.as_ref() != Some(&warning) {
                    session.warn(&warning);
                }
                warned = Some(warning);
                if !sleep(pause, interrupt) {
                    return Ok(Exit::Interrupted);
                }
            }
        }
    }
}

/// Whether the time passed without Ctrl-C.
fn sleep(duration: Duration, interrupt: &Interrupt) -> bool {
    let end = Instant::now() + duration;
    while Instant::now() < end {
        if interrupt.is_pressed() {
            return false;
        }
        std::thread::sleep(STEP);
    }
    !interrupt.is_pressed()
}
