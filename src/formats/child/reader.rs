//! The parent's side: has files read, by readers of this process or by a child.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::{Extracted, Failure, Options, Recognise, RecognisedLine, Result, Scan, read};
use super::end::{Allowed, End};
use super::limits::Enforced;
use super::process::Process;
use super::protocol::{Reply, Request, Task};
use super::{ARGUMENT, CAN_SERVE};
use crate::cancel::Cancel;
use crate::passage::Format;

/// Files after which a child is replaced, lest what one of them did to it spreads.
const FILES_OF_A_CHILD: u32 = 200;
/// Children that are kept while no file is read.
const IDLE: usize = 4;
/// The part of the time by the clock that a file may take of a processor, and what is added for each MiB of it: a machine
/// that is busy takes longer by the clock.
const CPU_PART: u64 = 6;
const CPU_SECONDS_OF_A_MEGABYTE: u64 = 2;
/// The message with a file's documents: their text several times over, for the places in it, and some more.
const REPLY_BYTES_OF_A_TEXT_BYTE: usize = 8;
const REPLY_BYTES: usize = 16 << 20;
/// No picture of a page is larger.
const PICTURE_BYTES: usize = 64 << 20;
/// After PDFium could not be fetched, nobody tries again for so long.
const PAUSE: Duration = Duration::from_mins(1);

/// What reading one file may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReaderLimits {
    /// Seconds by the clock.
    pub(crate) timeout_seconds: u64,
    /// Address space in MiB, the program itself included.
    pub(crate) max_memory_mb: u64,
}

/// Finds the library of PDFium, or fetches it.
pub(super) type FindPdfium = dyn Fn() -> Result<PathBuf> + Send + Sync;
/// Recognises the text of a page.
pub(super) type Recogniser = dyn Fn(&Scan) -> Result<Vec<RecognisedLine>> + Send + Sync;
/// Makes the command that starts a child with this much memory in bytes and this library of PDFium.
pub(super) type Start = fn(u64, Option<&Path>) -> Result<Command>;

/// Reads files. It can be used from several threads, each of which has a child of its own while it reads.
pub(crate) struct Reader {
    limits: ReaderLimits,
    find_pdfium: Box<FindPdfium>,
    /// PDFium's library, or why it could not be had and when.
    pdfium: Mutex<Option<(Instant, Result<PathBuf>)>>,
    idle: Mutex<Vec<Process>>,
    start: Start,
    /// What gives the text of pages that have none of their own.
    recogniser: Option<Box<Recogniser>>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Reader {
    /// A reader with these limits. `find_pdfium` is called when the first PDF comes.
    pub(crate) fn new(limits: ReaderLimits, find_pdfium: impl Fn() -> Result<PathBuf> + Send + Sync + 'static) -> Self {
        Self::started_by(limits, Box::new(find_pdfium), this_program)
    }

    pub(super) fn started_by(limits: ReaderLimits, find_pdfium: Box<FindPdfium>, start: Start) -> Self {
        Self { limits, find_pdfium, pdfium: Mutex::default(), idle: Mutex::default(), start, recogniser: None }
    }

    /// What a file may take.
    pub(crate) fn limits(&self) -> ReaderLimits {
        self.limits
    }

    /// Also reads pages that have no text of their own, whose text `recogniser` gives. Without it they are only reported.
    pub(crate) fn with_recogniser(
        mut self,
        recogniser: impl Fn(&Scan) -> Result<Vec<RecognisedLine>> + Send + Sync + 'static,
    ) -> Self {
        self.recogniser = Some(Box::new(recogniser));
        self
    }

    /// Whether it reads pages that have no text of their own.
    pub(crate) fn recognises(&self) -> bool {
        self.recogniser.is_some()
    }

    /// The documents of a file. `name` is for the log. Once `cancel` says so, no more of its pages are recognised.
    pub(crate) fn read(
        &self,
        name: &str,
        format: Format,
        bytes: &[u8],
        options: &Options,
        cancel: &Cancel,
    ) -> Result<Vec<Extracted>> {
        let options = &Options { recognise: self.recogniser.is_some(), ..options.clone() };
        let mut recognise = |scan: &Scan| self.recognise(scan, cancel);
        if is_read_here(format) {
            // A fault of ours in one file must not end the reading of the others.
            let read = std::panic::AssertUnwindSafe(|| read::read(format, bytes, options, &mut recognise));
            return std::panic::catch_unwind(read).unwrap_or_else(|_| {
                Err(Failure::new("makes its reader fail", "please report it, with the file if you can"))
            });
        }
        let pdfium = match format {
            Format::Pdf => Some(self.pdfium()?),
            _ => self.known_pdfium(),
        };
        let mut read = |pdfium: Option<&Path>| self.read_in_child(name, format, bytes, options, pdfium, &mut recognise);
        let (documents, wants_pdfium) = read(pdfium.as_deref())?;
        // There is a PDF in the file, such as an attachment.
        if wants_pdfium && let Ok(pdfium) = self.pdfium() {
            return read(Some(&pdfium))?.0;
        }
        documents
    }

    /// The text of a page of a file that is being read.
    fn recognise(&self, scan: &Scan, cancel: &Cancel) -> Result<Vec<RecognisedLine>> {
        if cancel.check().is_err() {
            return Err(Failure::passing("was not read to its end, since the work was cancelled", "ingest it again"));
        }
        self.recogniser.as_ref().map_or_else(|| Ok(Vec::new()), |recogniser| recogniser(scan))
    }

    /// A PNG of a page of a PDF, from 1. At a `scale` of 1 a point is a pixel. `name` is for the log.
    pub(crate) fn draw(&self, name: &str, bytes: &[u8], page: u32, scale: f32) -> Result<Vec<u8>> {
        let pdfium = self.pdfium()?;
        let task = Task::Draw { page, scale };
        match self.work_in_child(name, task, bytes, PICTURE_BYTES, Some(&pdfium), &mut |_| Ok(Vec::new()))? {
            Reply::Drawn(picture) => picture,
            Reply::Read { .. } | Reply::Panicked | Reply::Recognise(_) => {
                Err(End::Garbage.failure(self.allowed(self.limits.timeout_seconds)))
            }
        }
    }

    /// Which limits a child has on this system. It starts one.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only `footnote doctor` tells it"))]
    pub(crate) fn enforced(&self) -> Result<Enforced> {
        self.child(None).map(|child| child.greeting.enforced)
    }

    /// The documents, and whether a PDF among them wants PDFium.
    fn read_in_child(
        &self,
        name: &str,
        format: Format,
        bytes: &[u8],
        options: &Options,
        pdfium: Option<&Path>,
        recognise: &mut Recognise<'_>,
    ) -> Result<(Result<Vec<Extracted>>, bool)> {
        let reply_bytes = options.max_text_bytes.saturating_mul(REPLY_BYTES_OF_A_TEXT_BYTE).saturating_add(REPLY_BYTES);
        let task = Task::Read { format, options: Box::new(options.clone()) };
        match self.work_in_child(name, task, bytes, reply_bytes, pdfium, recognise)? {
            Reply::Read { documents, wants_pdfium } => Ok((documents, wants_pdfium)),
            Reply::Drawn(_) | Reply::Panicked | Reply::Recognise(_) => {
                Err(End::Garbage.failure(self.allowed(self.limits.timeout_seconds)))
            }
        }
    }

    fn work_in_child(
        &self,
        name: &str,
        task: Task,
        bytes: &[u8],
        reply_bytes: usize,
        pdfium: Option<&Path>,
        recognise: &mut Recognise<'_>,
    ) -> Result<Reply> {
        let ReaderLimits { timeout_seconds, max_memory_mb } = self.limits;
        let megabytes = (bytes.len() >> 20) as u64;
        let cpu_seconds = timeout_seconds.div_ceil(CPU_PART) + CPU_SECONDS_OF_A_MEGABYTE * megabytes;
        let cpu_seconds = cpu_seconds.min(timeout_seconds);
        let memory_bytes = usize::try_from(max_memory_mb << 20).unwrap_or(usize::MAX);
        let is_of_pdf = task.is_of_pdf();
        let request = Request { task, cpu_seconds, reply_bytes: reply_bytes.min(memory_bytes) };
        let mut child = self.child(pdfium)?;
        loop {
            if is_of_pdf && let Err(failure) = &child.greeting.pdfium {
                return Err(failure.clone());
            }
            let had_read = child.files > 0;
            match child.read(&request, bytes, Duration::from_secs(timeout_seconds), recognise) {
                Ok(reply @ (Reply::Read { .. } | Reply::Drawn(_))) => {
                    if !reply.is_sound() {
                        return Err(End::Garbage.failure(self.allowed(cpu_seconds)));
                    }
                    self.keep(child);
                    return Ok(reply);
                }
                // An earlier file may have damaged it, or the system stopped it meanwhile.
                Err(End::Panicked | End::Exited { .. } | End::Garbage) if had_read => {
                    child = self.new_child(pdfium)?;
                }
                Ok(Reply::Panicked | Reply::Recognise(_)) => {
                    return Err(End::Panicked.failure(self.allowed(cpu_seconds)));
                }
                Err(end) => {
                    tracing::debug!(name, ?end, "the reader process ended");
                    return Err(end.failure(self.allowed(cpu_seconds)));
                }
            }
        }
    }

    fn allowed(&self, cpu_seconds: u64) -> Allowed {
        Allowed { seconds: self.limits.timeout_seconds, cpu_seconds, memory_mb: self.limits.max_memory_mb }
    }

    /// A child that waits for work, or a new one.
    fn child(&self, pdfium: Option<&Path>) -> Result<Process> {
        while let Some(child) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            if child.has_pdfium || pdfium.is_none() {
                return Ok(child);
            }
        }
        self.new_child(pdfium)
    }

    fn new_child(&self, pdfium: Option<&Path>) -> Result<Process> {
        let command = (self.start)(self.limits.max_memory_mb << 20, pdfium)?;
        Process::start(command, pdfium.is_some(), Duration::from_secs(self.limits.timeout_seconds))
    }

    /// Keeps a child for the next file, unless it has read many or has taken half of its memory.
    fn keep(&self, mut child: Process) {
        if child.files < FILES_OF_A_CHILD && child.peak_bytes() < self.limits.max_memory_mb << 19 {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(child);
            }
        }
    }

    /// PDFium's library, fetched if need be. One thread fetches it and the others wait.
    fn pdfium(&self) -> Result<PathBuf> {
        let mut known = self.pdfium.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((_, Ok(path))) => return Ok(path.clone()),
            Some((when, Err(failure))) if when.elapsed() < PAUSE => return Err(failure.clone()),
            _ => {}
        }
        let found = (self.find_pdfium)();
        *known = Some((Instant::now(), found.clone()));
        found
    }

    fn known_pdfium(&self) -> Option<PathBuf> {
        // While another thread fetches it, nothing is known of it.
        let known = self.pdfium.try_lock().ok()?;
        known.as_ref().and_then(|(_, found)| found.clone().ok())
    }
}

/// Whether a format's reader is small and rests on no large library, so that it needs no child.
fn is_read_here(format: Format) -> bool {
    match format {
        Format::Plain
        | Format::Markdown
        | Format::Code
        | Format::Srt
        | Format::Vtt
        | Format::Rst
        | Format::Asciidoc
        | Format::Org
        | Format::Latex
        | Format::Json
        | Format::Jsonl
        | Format::Rtf => true,
        Format::Pdf
        | Format::Docx
        | Format::Pptx
        | Format::Xlsx
        | Format::Xls
        | Format::Xlsb
        | Format::Odt
        | Format::Ods
        | Format::Odp
        | Format::Html
        | Format::Epub
        | Format::Eml
        | Format::Mbox
        | Format::Msg
        | Format::Csv
        | Format::Tsv
        | Format::Zip => false,
    }
}

/// Starts this program as a child.
fn this_program(memory_bytes: u64, pdfium: Option<&Path>) -> Result<Command> {
    if !CAN_SERVE.load(Ordering::Relaxed) {
        return Err(Failure::passing(
            "is read in a process of its own, which this program cannot be",
            "call footnote::reader_main() first in the program's main function",
        ));
    }
    let failure = |error: std::io::Error| {
        Failure::passing(
            format!("is read in a process of its own, but this program does not know its path: {error}"),
            "start the program by its path",
        )
    };
    let own = std::env::current_exe().map_err(failure)?;
    // The very program that runs, even if its file was replaced since.
    let running = Path::new("/proc/self/exe");
    let mut command = Command::new(if running.exists() { running } else { &own });
    command.arg(ARGUMENT).arg(memory_bytes.to_string());
    if let Some(pdfium) = pdfium {
        command.arg(std::path::absolute(pdfium).map_err(failure)?);
    }
    command.env_clear().current_dir("/");
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        if let Some(name) = own.file_name() {
            command.arg0(name);
        }
        // Ctrl-C is for the parent, which finishes what it has begun.
        command.process_group(0);
    }
    Ok(command)
}
