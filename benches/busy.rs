//! A busy neighbour: another process that takes a core.

use std::process::{Child, Command};

/// Set for the child process.
pub(crate) const VARIABLE: &str = "BENCH_BUSY";

/// A process that takes one core until this is dropped.
pub(crate) struct BusyCore(Child);

impl BusyCore {
    pub(crate) fn start() -> Self {
        let program = std::env::current_exe().expect("this program");
        Self(Command::new(program).env(VARIABLE, "1").spawn().expect("this program runs"))
    }
}

impl Drop for BusyCore {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Takes a core for as long as the process runs.
pub(crate) fn child() {
    let mut value = 1_u64;
    loop {
        value = std::hint::black_box(value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}
