//! The child's side: gives up its rights, then reads the files that its parent sends.

use std::io::{Read, Result, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use super::super::{Extracted, Failure, Options, Recognise, RecognisedLine, Scan};
use super::limits::{self, ProcessorTime};
use super::missed;
use super::protocol::{self, Greeting, LINES_BYTES, Lines, Page, REQUEST_BYTES, Reply, Request, Task};
use crate::passage::Format;

/// How a child is started.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Launch<'a> {
    /// The address space that it may have; `None` for any.
    pub(super) memory_bytes: Option<u64>,
    /// PDFium's library. Nothing can be loaded any more once the limits hold.
    pub(super) pdfium: Option<&'a Path>,
}

/// What a child can do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skills<B, R, D> {
    /// Loads PDFium.
    pub(super) bind: B,
    /// Reads a file.
    pub(super) read: R,
    /// Draws a page of a PDF.
    pub(super) draw: D,
}

/// Reads files until the input ends or a reader panics.
pub(super) fn serve<B, R, D>(
    input: &mut impl Read,
    output: &mut impl Write,
    launch: Launch<'_>,
    skills: Skills<B, R, D>,
) -> Result<()>
where
    B: FnOnce(&Path) -> super::super::Result<()>,
    R: Fn(Format, &[u8], &Options, &mut Recognise<'_>) -> super::super::Result<Vec<Extracted>>,
    D: Fn(&[u8], u32, f32) -> super::super::Result<Vec<u8>>,
{
    // A panic's message can quote the document, and the parent says that there was one.
    std::panic::set_hook(Box::new(|_| {}));
    let pdfium = launch.pdfium.map_or(Ok(()), skills.bind);
    let mut time = ProcessorTime::watch();
    let enforced = limits::enforce(launch.memory_bytes);
    protocol::send(output, &Greeting { enforced, pdfium }, &[])?;

    while let Some((request, bytes)) = protocol::receive::<Request>(input, REQUEST_BYTES, usize::MAX)? {
        time.allow(request.cpu_seconds);
        missed::forget_pdfium();
        let mut recognise = |scan: &Scan| {
            let lines = ask(input, output, scan);
            // Each page may take as much of the processor as a file.
            time.allow(request.cpu_seconds);
            lines
        };
        let start = Instant::now();
        let work = AssertUnwindSafe(|| match &request.task {
            Task::Read { format, options } => {
                let documents = (skills.read)(*format, &bytes, options, &mut recognise);
                Reply::Read { documents, wants_pdfium: launch.pdfium.is_none() && missed::pdfium() }
            }
            Task::Draw { page, scale } => Reply::Drawn((skills.draw)(&bytes, *page, *scale)),
        });
        let result = catch_unwind(work);
        time.took(start.elapsed());
        drop(bytes);
        let Ok(reply) = result else {
            return protocol::send(output, &Reply::Panicked, &[]);
        };
        let mut encoded = protocol::encode(&reply)?;
        if encoded.len() > request.reply_bytes {
            let megabytes = request.reply_bytes.div_ceil(1024 * 1024);
            let failure = Failure::new(
                format!("has more than {megabytes} MB of text and places"),
                "split it, or raise [ingest] max_document_bytes in config.toml",
            );
            encoded = protocol::encode(&Reply::Read { documents: Err(failure), wants_pdfium: false })?;
        }
        protocol::send_encoded(output, &encoded, &[])?;
    }
    Ok(())
}

/// Has the parent recognise the text of a page.
fn ask(input: &mut impl Read, output: &mut impl Write, scan: &Scan) -> super::super::Result<Vec<RecognisedLine>> {
    let answer = protocol::send(output, &Reply::Recognise(Page::of(scan)), scan.pixels.rgb())
        .and_then(|()| protocol::receive::<Lines>(input, LINES_BYTES, 0));
    match answer {
        Ok(Some((lines, _))) => lines,
        // The parent is gone, and nobody is left to be told.
        Ok(None) | Err(_) => Err(Failure::new("has pages that nobody recognises", "")),
    }
}
