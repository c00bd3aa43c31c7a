//! Progress on standard error: a display on a terminal, a line for each step elsewhere, nothing when quiet.

use std::io::{self, Write};
use std::time::Duration;

use crate::model_store::{Fetched, PullEvent};
use indicatif::{BinaryBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

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

    /// Whether it can be drawn on.
    pub(super) fn is_drawn(&self) -> bool {
        !self.bars.is_hidden()
    }

    /// Whether nothing is to be written on it.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A display of the model being fetched, for as long as events come.
    pub(crate) fn on_pull(&self) -> Box<dyn FnMut(PullEvent) + Send> {
        let mut display = PullDisplay { screen: self.clone(), bar: None, page: None };
        Box::new(move |event| display.show(&event))
    }

    pub(super) fn bar(&self, length: u64, template: &str) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new(length));
        // A template that does not parse costs the look, not the command.
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(TICK);
        bar
    }
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
    fn a_dictionary_is_not_called_a_model() {
        assert_eq!(named(Fetched::Dictionary), "the dictionary");
        assert_eq!(ready(Fetched::Dictionary, "cc-cedict"), "Dictionary cc-cedict is ready");
        assert_eq!(ready(Fetched::Model, "e5"), "Model e5 is ready");
    }
}
