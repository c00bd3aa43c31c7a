//! Processor time for each file. The system limits only what a process uses in its whole life, so the limit is moved.

use std::time::Duration;

/// The processor time that this process has used and may use.
#[derive(Debug)]
pub(in super::super) struct ProcessorTime {
    /// The kernel's count for this thread, opened before files are closed to the process.
    #[cfg(target_os = "linux")]
    counted: Option<std::fs::File>,
    /// Time that passed while files were read: an upper bound where there is no count.
    passed: Duration,
}

impl ProcessorTime {
    pub(in super::super) fn watch() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            counted: std::fs::File::open("/proc/thread-self/schedstat").ok(),
            passed: Duration::ZERO,
        }
    }

    /// Allows this much more time than was used so far.
    pub(in super::super) fn allow(&mut self, seconds: u64) {
        let used = self.counted().unwrap_or(self.passed);
        #[cfg(unix)]
        super::unix::limit_processor_time(used.as_secs().saturating_add(1).saturating_add(seconds));
        #[cfg(not(unix))]
        let _ = (used, seconds);
    }

    /// Adds the time that some work took.
    pub(in super::super) fn took(&mut self, time: Duration) {
        self.passed = self.passed.saturating_add(time);
    }

    /// What the kernel has counted: nanoseconds on a processor, a space, and numbers of no use here.
    #[cfg(target_os = "linux")]
    fn counted(&self) -> Option<Duration> {
        use std::os::unix::fs::FileExt as _;
        let mut line = [0; 128];
        let length = self.counted.as_ref()?.read_at(&mut line, 0).ok()?;
        let line = std::str::from_utf8(line.get(..length)?).ok()?;
        Some(Duration::from_nanos(line.split_whitespace().next()?.parse().ok()?))
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "on Linux it has a use")]
    fn counted(&self) -> Option<Duration> {
        None
    }
}
