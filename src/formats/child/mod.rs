//! The reader process: a child of this program in which other people's parsers run.
//!
//! A parser can overflow the stack, abort when memory runs out, or loop, and Rust cannot catch any of these. So it runs in
//! a child that gives up its rights before it reads a byte, and whose parent watches the clock:
//!
//! - `serve` is the child's side: it reads files from standard input until that ends.
//! - `limits` takes from the child what it does not need: memory, time, files, the network, other programs.
//! - `reader` is the parent's side: a pool of children. `process` is one of them, `end` says why one ended.
//! - `protocol` is what they say to each other. The parent believes none of it.

mod end;
mod limits;
mod missed;
mod process;
mod protocol;
mod reader;
mod serve;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

pub(super) use missed::miss_pdfium;
pub(super) use protocol::json_text;
pub(crate) use reader::{Reader, ReaderLimits};

/// The first argument of a child. The memory that it may use in bytes and the path of PDFium, if there is one, follow it.
const ARGUMENT: &str = "__read";

/// Whether this program serves when it is started with [`ARGUMENT`]. Another program would do something else.
static CAN_SERVE: AtomicBool = AtomicBool::new(false);

/// Serves if this process was started as a child, and returns whether it did. Otherwise the program is recorded as one that
/// can be started as a child.
///
/// It is called first in `main`: before any thread starts and before anything is read or opened.
pub(crate) fn main() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != ARGUMENT) {
        CAN_SERVE.store(true, Ordering::Relaxed);
        return false;
    }
    let memory_bytes = arguments.next().and_then(|bytes| bytes.to_str()?.parse().ok());
    let pdfium = arguments.next().map(std::path::PathBuf::from);
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let launch = serve::Launch { memory_bytes, pdfium: pdfium.as_deref() };
    let skills = serve::Skills { bind: super::pdf::bind, read: super::read::read, draw: super::pdf::draw };
    // An error is that the parent is gone, and nobody is left to be told.
    let _ = serve::serve(&mut input, &mut output, launch, skills);
    true
}
