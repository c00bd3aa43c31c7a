//! Progress on standard error: a display on a terminal, a line for each step elsewhere, nothing when quiet.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::footnote::Progress;
use crate::model_store::{Fetched, PullEvent};
use indicatif::{BinaryBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::facts::counted;
use super::interrupt;
use crate::display::one_line;

const TICK: Duration = Duration::from_millis(120);
const REDRAWS_PER_SECOND: u8 = 8;

/// Standard error as a place to draw on. Clones draw on the same place.
#[derive(Clone)]
pub(crate) struct Screen {
    bars: MultiProgress,
    quiet: bool,
}

impl Screen {
    /// Standard error, left alone if `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        let target = match quiet {
            true => ProgressDrawTarget::hidden(),
            // A target that is no terminal draws nothing.
            false => ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND),
        };
        Self { bars: MultiProgress::with_draw_target(target), quiet }
    }

    /// Runs `write` with the bars out of the way.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bars.suspend(write)
    }

    /// A display for an ingest. It appears once there is something to embed.
    pub(crate) fn passages_bar(&self) -> PassagesBar {
        PassagesBar {
            screen: self.clone(),
            bar: None,
            documents: 0,
            passages: 0,
            tokens: 0,
            title: String::new(),
            since: Instant::now(),
        }
    }

    /// A display of the model being fetched, for as long as events come.
    pub(crate) fn on_pull(&self) -> Box<dyn FnMut(PullEvent) + Send> {
        let mut display = PullDisplay { screen: self.clone(), bar: None, page: None };
        Box::new(move |event| display.show(&event))
    }

    fn bar(&self, length: u64, template: &str) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new(length));
        // A template that does not parse costs the look, not the command.
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(TICK);
        bar
    }
}

/// Shows what an ingest has done: documents, passages, tokens per second, the last document. How much is left is not
/// known, because files are read as the work goes on.
pub(crate) struct PassagesBar {
    screen: Screen,
    bar: Option<ProgressBar>,
    documents: usize,
    passages: usize,
    tokens: usize,
    title: String,
    since: Instant,
}

impl PassagesBar {
    /// Brings the display up to date.
    pub(crate) fn show(&mut self, progress: &Progress<'_>) {
        match progress {
            Progress::Planned { passages: 0 } => return,
            Progress::Planned { .. } => {
                if self.bar.is_none() {
                    self.since = Instant::now();
                    self.bar = Some(self.screen.bar(0, "{spinner} {wide_msg}"));
                }
            }
            Progress::Embedded { passages, tokens } => {
                self.passages += passages;
                self.tokens += tokens;
            }
            Progress::Done(document) => {
                self.documents += 1;
                self.title = one_line(&document.title);
            }
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.message());
        }
    }

    fn message(&self) -> String {
        let done = format!("{}, {}", counted(self.documents, "document"), counted(self.passages, "passage"));
        match self.tokens {
            0 => done,
            tokens => format!("{done}, {:.0} tokens/s  {}", rate(tokens, self.since.elapsed()), self.title),
        }
    }

    /// Removes the display.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `count` per second.
fn rate(count: usize, elapsed: Duration) -> f64 {
    let seconds = elapsed.as_secs_f64();
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

struct PullDisplay {
    screen: Screen,
    bar: Option<ProgressBar>,
    /// The page that is being recognised.
    page: Option<ProgressBar>,
}

impl PullDisplay {
    fn show(&mut self, event: &PullEvent) {
        match event {
            PullEvent::Waiting { dir } => {
                self.step(&format!("Another process is fetching models into {}; waiting for it", dir.display()));
            }
            PullEvent::Downloading { what, done_bytes, total_bytes } => {
                if self.bar.is_none() {
                    self.step(&format!("Downloading {} ({})", named(*what), BinaryBytes(*total_bytes)));
                }
                let bar = self.bar(*total_bytes);
                bar.set_length(*total_bytes);
                bar.set_position(*done_bytes);
            }
            PullEvent::Checking { file } => self.step(&format!("Checking {}", one_line(file))),
            PullEvent::Converting { name } => self.step(&format!("Converting {} to ONNX", one_line(name))),
            PullEvent::Compiling { name } => self.step(&format!("Compiling the dictionary {}", one_line(name))),
            PullEvent::Recognising { page, pages } => self.recognising(*page, *pages),
            PullEvent::Recognised => {
                if let Some(page) = self.page.take() {
                    page.finish_and_clear();
                }
            }
            PullEvent::Done { what, name } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                if !self.screen.quiet {
                    self.screen.suspend(|| {
                        let _ = writeln!(io::stderr().lock(), "{}", ready(*what, name));
                    });
                }
            }
        }
    }

    /// Shows which page is being recognised, on a terminal. Reading says nothing else for seconds or minutes.
    fn recognising(&mut self, page: u32, pages: u32) {
        if interrupt::is_pressed() {
            interrupt::end();
        }
        let bar = self.page.insert(self.screen.bar(0, "{spinner} {wide_msg}"));
        bar.set_message(format!("Recognising the text of page {page} of {pages}"));
    }

    fn step(&mut self, step: &str) {
        if self.screen.bars.is_hidden() {
            // The bar marks the step as reported; a hidden bar draws nothing.
            self.bar(0);
            if !self.screen.quiet {
                // Standard error may be closed, which is no reason to stop.
                let _ = writeln!(io::stderr().lock(), "{step}");
            }
            return;
        }
        self.bar(0).set_message(step.to_owned());
    }

    fn bar(&mut self, total_bytes: u64) -> &ProgressBar {
        self.bar.get_or_insert_with(|| {
            let template = "{spinner} {wide_msg}  {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}";
            self.screen.bar(total_bytes, template)
        })
    }
}

fn named(what: Fetched) -> &'static str {
    match what {
        Fetched::Model => "the model",
        Fetched::Runtime => "ONNX Runtime",
        Fetched::Dictionary => "the dictionary",
        Fetched::Pdfium => "PDFium, which reads PDF",
        Fetched::Recogniser => "the models that recognise characters",
    }
}

fn ready(what: Fetched, name: &str) -> String {
    let kind = match what {
        Fetched::Model | Fetched::Runtime | Fetched::Recogniser => "Model",
        Fetched::Dictionary => "Dictionary",
        Fetched::Pdfium => "Library",
    };
    format!("{kind} {} is ready", one_line(name))
}

impl Drop for PullDisplay {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
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
    fn a_dictionary_is_not_called_a_model() {
        assert_eq!(named(Fetched::Dictionary), "the dictionary");
        assert_eq!(ready(Fetched::Dictionary, "cc-cedict"), "Dictionary cc-cedict is ready");
        assert_eq!(ready(Fetched::Model, "e5"), "Model e5 is ready");
    }

    #[test]
    fn an_ingest_shows_what_is_done_and_no_guess_of_what_is_left() {
        let mut bar = Screen::new(true).passages_bar();
        bar.show(&Progress::Planned { passages: 0 });
        assert!(bar.bar.is_none(), "nothing is shown before there is anything to embed");
        bar.show(&Progress::Planned { passages: 3 });
        let message = |bar: &PassagesBar| bar.bar.as_ref().unwrap().message();
        assert_eq!(message(&bar), "0 documents, 0 passages");
        bar.show(&Progress::Embedded { passages: 4, tokens: 100 });
        assert!(message(&bar).starts_with("0 documents, 4 passages, "), "{}", message(&bar));
        bar.finish();
    }
}
