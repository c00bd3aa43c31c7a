//! Ctrl-C during long work: stops between two steps.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Exit;
use crate::cancel::Cancel;

/// Whether Ctrl-C was pressed in any command that watches for it. One process runs one command.
static PRESSED: AtomicBool = AtomicBool::new(false);

/// Whether Ctrl-C was pressed.
///
/// The first press stops after the current step, the second at once. Neither loses anything that was reported.
#[derive(Clone)]
pub(crate) struct Interrupt {
    pressed: Arc<AtomicBool>,
    cancel: Cancel,
}

impl Interrupt {
    /// Watches for Ctrl-C. If that is not possible, Ctrl-C ends the process.
    pub(crate) fn watch() -> Self {
        let pressed = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&pressed);
        let cancel = Cancel::default();
        let cancelled = cancel.clone();
        let spawned = std::thread::Builder::new().name("interrupt".into()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
            runtime.block_on(async {
                while tokio::signal::ctrl_c().await.is_ok() {
                    PRESSED.store(true, Ordering::Relaxed);
                    cancelled.cancel();
                    if watched.swap(true, Ordering::Relaxed) {
                        end();
                    }
                }
            });
        });
        if let Err(error) = spawned {
            tracing::debug!(%error, "cannot watch for Ctrl-C");
        }
        Self { pressed, cancel }
    }

    /// What is cancelled when Ctrl-C is pressed.
    pub(crate) fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// Whether to stop.
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }
}

/// Whether Ctrl-C was pressed in a command that watches for it.
pub(crate) fn is_pressed() -> bool {
    PRESSED.load(Ordering::Relaxed)
}

/// Ends the process as interrupted.
pub(crate) fn end() -> ! {
    process::exit(Exit::Interrupted.code().into())
}
