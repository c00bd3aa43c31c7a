//! `footnote ingest --watch`: ingests again whenever files change.
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

/// Calls `ingest_once` now and after every change of the files at `paths`, until Ctrl-C is pressed, which is the only end
/// and so the exit status, whatever was going on. Its argument says whether it is the first time.
pub(super) fn run(
    paths: &[PathBuf],
    max_file_bytes: usize,
    interrupt: &Interrupt,
    session: &Session,
    ingest_once: &mut dyn FnMut(bool) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let mut ingested = ingest::state_of(paths, max_file_bytes);
    ingest_once(true)?;
    let mut warned = None;
    session.note("watching for changes; Ctrl-C ends it");
    loop {
        let began = Instant::now();
        let mut state = ingest::state_of(paths, max_file_bytes);
        let pause = INTERVAL.max(began.elapsed() * SHARE);
        if state == ingested {
            if !sleep(pause, interrupt) {
                return Ok(Exit::Interrupted);
            }
            continue;
        }
        // A file that is written to all the time must not keep the others waiting.
        for _ in 0..MAX_WAITS {
            if !sleep(SETTLED.max(began.elapsed()), interrupt) {
                return Ok(Exit::Interrupted);
            }
            let before = std::mem::replace(&mut state, ingest::state_of(paths, max_file_bytes));
            if before == state {
                break;
            }
        }
        match ingest_once(false) {
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
