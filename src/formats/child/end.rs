//! Why a reader process ended without an answer, as its user is told.

use std::process::ExitStatus;

use super::super::Failure;

const CONVERT: &str = "open it in its own program and save it again, or convert it to text";

/// How a child came to its end.
#[derive(Debug)]
pub(super) enum End {
    /// It took too long and was stopped.
    Timeout,
    /// Its answer was not one, and it was stopped.
    Garbage,
    /// It said that its reader panicked.
    Panicked,
    /// It ended by itself.
    Exited {
        status: ExitStatus,
        /// The last that it wrote to its standard error.
        said: String,
        /// The largest address space that was seen, in bytes.
        peak_bytes: u64,
    },
}

/// What a child was allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed {
    pub(super) seconds: u64,
    pub(super) cpu_seconds: u64,
    pub(super) memory_mb: u64,
}

impl End {
    /// What it means for the file that was being read.
    pub(super) fn failure(&self, allowed: Allowed) -> Failure {
        let memory = || {
            Failure::new(
                format!("needs more than {} MB of memory to read", allowed.memory_mb),
                "split it, or raise [reader] max_memory_mb in config.toml if you trust its origin",
            )
        };
        let slow = |seconds: u64, of: &str| {
            Failure::new(
                format!("took more than {seconds} s{of} to read"),
                "split it, or raise [reader] timeout_seconds in config.toml if you trust its origin",
            )
        };
        let crash = |how: &str| Failure::new(format!("makes its reader crash ({how})"), CONVERT);
        match self {
            // On a quiet machine it may take less.
            Self::Timeout => Failure { is_passing: true, ..slow(allowed.seconds, "") },
            Self::Garbage => Failure::new("makes its reader answer nonsense", CONVERT),
            Self::Panicked => crash("panic"),
            Self::Exited { said, .. } if said.contains("has overflowed its stack") => {
                Failure::new("is nested too deeply to read", CONVERT)
            }
            Self::Exited { said, .. } if ran_out_of_memory(said) => memory(),
            Self::Exited { status, peak_bytes, .. } => match signal(*status) {
                Some(signal::OUT_OF_TIME) => slow(allowed.cpu_seconds, " of processor time"),
                // By the system, when its own memory runs out: this program sends it only after a timeout.
                Some(signal::KILLED) => Failure::passing(
                    "made the system stop its reader, most likely for lack of memory",
                    "free memory, or lower [reader] max_memory_mb in config.toml, and try again",
                ),
                // C++ libraries end themselves without a word when they cannot double what they have.
                Some(_) if *peak_bytes >= allowed.memory_mb << 19 => memory(),
                Some(signal) => crash(&format!("signal {signal}")),
                None => crash(&status.to_string()),
            },
        }
    }
}

/// What Rust and C++ say when they can allocate no more.
fn ran_out_of_memory(said: &str) -> bool {
    ["memory allocation of", "std::bad_alloc", "Out of memory", "out of memory"]
        .iter()
        .any(|words| said.contains(words))
}

/// Signals by their numbers, which are the same on all systems that Footnote runs on.
mod signal {
    pub(super) const KILLED: i32 = 9;
    /// `SIGXCPU`.
    pub(super) const OUT_OF_TIME: i32 = 24;
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
