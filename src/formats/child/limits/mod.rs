//! The limits that a process sets itself. Each holds for the rest of its life and cannot be taken back.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod linux;
mod time;
#[cfg(unix)]
mod unix;

use serde::{Deserialize, Serialize};

pub(super) use time::ProcessorTime;

/// Which limits a reader process has on this system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Enforced {
    /// It cannot take more memory than it may.
    pub(crate) memory: bool,
    /// It cannot take more processor time than it may.
    pub(crate) processor_time: bool,
    /// It can open no files but the system's fonts, and no connections (Landlock).
    pub(crate) files: bool,
    /// It cannot make the system calls that it has no use for (seccomp).
    pub(crate) calls: bool,
}

/// Sets all limits that this system has. Where one is missing, as in an old kernel or some containers, the others hold.
pub(super) fn enforce(memory_bytes: Option<u64>) -> Enforced {
    #[cfg(unix)]
    let (memory, processor_time) = unix::enforce(memory_bytes);
    #[cfg(not(unix))]
    let (memory, processor_time) = (false, false);
    #[cfg(target_os = "linux")]
    let files = linux::close_files();
    #[cfg(target_os = "linux")]
    let calls = linux::close_calls(files);
    #[cfg(not(target_os = "linux"))]
    let (files, calls) = (false, false);
    Enforced { memory: memory && memory_bytes.is_some(), processor_time, files, calls }
}

/// The largest address space that another process has had so far, in bytes, if the system tells it.
pub(super) fn address_space(process: u32) -> Option<u64> {
    #[cfg(target_os = "linux")]
    return linux::address_space(process);
    #[cfg(not(target_os = "linux"))]
    None
}
