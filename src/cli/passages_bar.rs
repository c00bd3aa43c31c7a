//! The progress of an ingest: on a terminal a line that is kept up to date, elsewhere a line from time to time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::estimate::{self, Estimate};
use super::facts::counted;
use super::progress::Screen;
use crate::display::one_line;
use crate::footnote::Progress;
use crate::ingest::Found;

/// When the first line is written where nothing can be drawn, and the longest time between two.
const FIRST_LINE: Duration = Duration::from_secs(10);
const MAX_PAUSE: Duration = Duration::from_mins(1);
/// Kinds of files that are named.
const MAX_KINDS: usize = 6;

/// Shows what an ingest has done and what is left: documents, passages, tokens per second, the time, the last document.
pub(crate) struct PassagesBar {
    screen: Screen,
    bar: Option<ProgressBar>,
    documents: usize,
    passages: usize,
    tokens: usize,
    title: String,
    since: Option<Instant>,
    next_line: Duration,
    survey: Survey,
}

impl PassagesBar {
    /// A display that appears once there is something to embed.
    pub(crate) fn on(screen: &Screen) -> Self {
        Self {
            screen: screen.clone(),
            bar: None,
            documents: 0,
            passages: 0,
            tokens: 0,
            title: String::new(),
            since: None,
            next_line: FIRST_LINE,
            survey: Survey::default(),
        }
    }

    /// What takes the files that are to be read. The time left is shown once it has been told of all.
    pub(crate) fn survey(&self) -> Survey {
        self.survey.clone()
    }

    /// That so many passages are going to be embedded in all.
    pub(crate) fn expect(&self, passages: usize) {
        self.survey.estimate().read(Path::new(""), 0, passages);
        self.survey.finish();
    }

    /// Brings the display up to date.
    pub(crate) fn show(&mut self, progress: &Progress<'_>) {
        match progress {
            Progress::Planned { passages: 0 } => return,
            Progress::Planned { .. } => {
                self.since.get_or_insert_with(Instant::now);
                if self.bar.is_none() && self.screen.is_drawn() {
                    self.bar = Some(self.screen.bar(0, "{spinner} {wide_msg}"));
                }
            }
            Progress::Read { file, bytes, passages } => {
                self.survey.estimate().read(Path::new(file), *bytes, *passages);
            }
            Progress::Embedded { passages, tokens } => {
                self.passages += passages;
                self.tokens += tokens;
                self.survey.estimate().embedded(*passages, self.elapsed());
            }
            Progress::Done(document) => {
                self.documents += 1;
                self.title = one_line(&document.title);
            }
        }
        self.draw();
    }

    fn elapsed(&self) -> Duration {
        self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn draw(&mut self) {
        let elapsed = self.elapsed();
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{}  {}", self.message(elapsed), self.title));
        } else if !self.screen.is_quiet() && !self.screen.is_drawn() && elapsed >= self.next_line {
            self.next_line = elapsed + elapsed.min(MAX_PAUSE);
            // Standard error may be closed, which is no reason to stop.
            let _ = writeln!(io::stderr().lock(), "{}", self.message(elapsed));
        }
    }

    fn message(&self, elapsed: Duration) -> String {
        let mut estimate = self.survey.estimate();
        let left = if self.survey.is_finished() { estimate.left(elapsed) } else { None };
        let all = estimate.passages();
        drop(estimate);
        let passages = match left {
            Some(_) => format!("{} of {}", self.passages, counted_roughly(all, self.passages)),
            None => counted(self.passages, "passage"),
        };
        let mut message = format!("{}, {passages}", counted(self.documents, "document"));
        if self.tokens > 0 {
            let _ = write!(message, ", {:.0} tokens/s", rate(self.tokens, elapsed));
        }
        if let Some(left) = left {
            let _ = write!(message, ", {} left", estimate::words(left));
        }
        message
    }

    /// Removes the display.
    pub(crate) fn finish(&self) {
        self.survey.stop();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// What is found before it is read.
#[derive(Clone, Default)]
pub(crate) struct Survey {
    estimate: Arc<Mutex<Estimate>>,
    left_out: Arc<Mutex<BTreeMap<String, usize>>>,
    is_finished: Arc<AtomicBool>,
    is_stopped: Arc<AtomicBool>,
}

impl Survey {
    /// Takes what was found; whether more is wanted.
    pub(crate) fn take(&self, found: &Found<'_>) -> bool {
        match found {
            Found::ToRead(file, bytes) => self.estimate().expect(file, *bytes),
            Found::LeftOut(file) => {
                tracing::info!("not read as a document: {}", one_line(&file.display().to_string()));
                let kind = file.extension().map(|kind| format!(".{}", kind.to_string_lossy().to_lowercase()));
                let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
                *left_out.entry(kind.unwrap_or_default()).or_default() += 1;
            }
        }
        !self.is_stopped.load(Ordering::Relaxed)
    }

    /// That all was found.
    pub(crate) fn finish(&self) {
        self.is_finished.store(!self.is_stopped.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::Relaxed)
    }

    fn estimate(&self) -> MutexGuard<'_, Estimate> {
        self.estimate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which kinds of files are not read as documents, and how many; `None` if all files are.
    pub(crate) fn left_out(&self) -> Option<String> {
        let left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kinds: Vec<(&str, usize)> = left_out.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        let all: usize = kinds.iter().map(|(_, count)| count).sum();
        if all == 0 {
            return None;
        }
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let others: usize = kinds.iter().skip(MAX_KINDS).map(|(_, count)| count).sum();
        let named = kinds.iter().take(MAX_KINDS).map(|(kind, count)| match kind.is_empty() {
            true => format!("{count} without an ending"),
            false => format!("{count} {}", one_line(kind)),
        });
        let named: Vec<String> = named.chain((others > 0).then(|| format!("{others} others"))).collect();
        let (files, verb) = if all == 1 { ("1 file", "is") } else { (&*format!("{all} files"), "are") };
        Some(format!("{files} in the folders {verb} no documents and left out: {} (-v lists them)", named.join(", ")))
    }
}

/// `412 passages`, or `about 9800 passages` if some are only expected.
fn counted_roughly(all: usize, known: usize) -> String {
    let step = match all {
        0..100 => 1,
        100..1_000 => 10,
        _ => 100,
    };
    match all.div_ceil(step) * step {
        all if all > known && step > 1 => format!("about {}", counted(all, "passage")),
        _ => counted(all, "passage"),
    }
}

/// `count` per second.
fn rate(count: usize, elapsed: Duration) -> f64 {
    let seconds = elapsed.as_secs_f64();
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_finite_before_any_time_has_passed() {
        assert!(rate(10, Duration::ZERO).abs() < f64::EPSILON);
        assert!((rate(10, Duration::from_secs(2)) - 5.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_done_is_shown_and_what_is_left_once_all_files_are_known() {
        let mut bar = PassagesBar::on(&Screen::new(true));
        let at = Duration::from_secs(4);
        bar.show(&Progress::Planned { passages: 8 });
        assert_eq!(bar.message(at), "0 documents, 0 passages");
        bar.show(&Progress::Read { file: "a.md", bytes: 4_500, passages: 10 });
        bar.show(&Progress::Embedded { passages: 10, tokens: 1_000 });
        assert_eq!(bar.message(at), "0 documents, 10 passages, 250 tokens/s");
        let survey = bar.survey();
        for number in 0..10 {
            assert!(survey.take(&Found::ToRead(Path::new(&format!("{number}.md")), 4_500)));
        }
        survey.finish();
        let message = bar.message(at);
        assert!(message.starts_with("0 documents, 10 of about 100 passages, 250 tokens/s, "), "{message}");
        assert!(message.ends_with(" left"), "{message}");
        bar.finish();
        assert!(!survey.take(&Found::ToRead(Path::new("late.md"), 1)), "it is over");
    }

    #[test]
    fn files_that_are_no_documents_are_counted_by_kind() {
        let survey = Survey::default();
        assert_eq!(survey.left_out(), None);
        for name in ["a.JPG", "b.jpg", "c.png", "Makefile"] {
            survey.take(&Found::LeftOut(Path::new(name)));
        }
        assert_eq!(
            survey.left_out().unwrap(),
            "4 files in the folders are no documents and left out: 2 .jpg, 1 without an ending, 1 .png (-v lists them)"
        );
    }
}
