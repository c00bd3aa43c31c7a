//! Limits of resources (`setrlimit`).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files. Those that are open already stay open.
const OPEN_FILES: u64 = 16;

/// Limits memory and what else can be counted. Returns whether the limits of memory and of processor time hold.
pub(super) fn enforce(memory_bytes: Option<u64>) -> (bool, bool) {
    for resource in [Resource::Core, Resource::Nproc, Resource::Fsize] {
        lower(resource, 0);
    }
    lower(Resource::Nofile, OPEN_FILES);
    // macOS takes the limit of the address space, but does not hold to it.
    let memory = memory_bytes.is_some_and(|bytes| lower(Resource::As, bytes)) && cfg!(target_os = "linux");
    (memory, true)
}

/// Lets the process use this much processor time since its start, in seconds. More ends it with SIGXCPU.
pub(super) fn limit_processor_time(seconds: u64) {
    let maximum = getrlimit(Resource::Cpu).maximum;
    let current = Some(maximum.map_or(seconds, |maximum| maximum.min(seconds)));
    // It fails on no system that has the limit; the parent's clock holds without it.
    let _ = setrlimit(Resource::Cpu, Rlimit { current, maximum });
}

/// Lowers a limit for good.
fn lower(resource: Resource, to: u64) -> bool {
    let to = getrlimit(resource).maximum.map_or(to, |maximum| maximum.min(to));
    setrlimit(resource, Rlimit { current: Some(to), maximum: Some(to) }).is_ok()
}
