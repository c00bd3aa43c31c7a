//! One reader process, seen from its parent.

use std::io::{ErrorKind, Read};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::{Failure, Recognise};
use super::end::End;
use super::limits;
use super::protocol::{self, GREETING_BYTES, Greeting, LINES_BYTES, Lines, PIXELS_BYTES, Reply, Request};

/// How often a child's memory is looked at while it reads.
const LOOK: Duration = Duration::from_millis(20);
/// How long a child that has closed its pipes may take to end.
const GRACE: Duration = Duration::from_secs(2);
/// Pages of one file, all files inside it included, whose text a child may ask for.
const MAX_RECOGNISED: usize = 10_000;
/// Recognising the pages of one file takes at most so long: thousands of ordinary pages.
const MAX_RECOGNITION: Duration = Duration::from_hours(2);
/// How much of a child's standard error is kept: the end of it.
const SAID_BYTES: usize = 4 * 1024;

/// A child that reads files. It is killed when its owner drops it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// The end of its standard error, when that ends.
    said: Receiver<String>,
    pub(super) greeting: Greeting,
    /// Whether PDFium was to be loaded.
    pub(super) has_pdfium: bool,
    /// Files that it has read.
    pub(super) files: u32,
    peak_bytes: u64,
}

impl Process {
    /// Starts a child and waits until its limits hold.
    pub(super) fn start(mut command: Command, has_pdfium: bool, timeout: Duration) -> super::super::Result<Self> {
        let failure = |what: &str| {
            Failure::passing(
                format!("cannot be read, because its reader process cannot start: {what}"),
                "check the limits on processes and memory of this user or container, and try again",
            )
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| failure(&error.to_string()))?;
        let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failure("it has no pipes"));
        };
        let (sender, said) = mpsc::channel();
        let listener = std::thread::Builder::new().name("reader-errors".into()).spawn(move || {
            // The receiver is gone if nobody wants to know.
            let _ = sender.send(listen(errors));
        });
        let greeting = Greeting { enforced: limits::Enforced::default(), pdfium: Ok(()) };
        let mut process = Self { child, input, output, said, greeting, has_pdfium, files: 0, peak_bytes: 0 };
        listener.map_err(|error| failure(&error.to_string()))?;
        let greeting = process.exchange(None::<(&Request, &[u8])>, (GREETING_BYTES, 0), timeout);
        process.greeting = greeting.map(|(greeting, _)| greeting).map_err(|end| match end {
            End::Timeout => failure("it does not answer"),
            End::Garbage | End::Panicked => failure("it is another program"),
            End::Exited { status, .. } => failure(&status.to_string()),
        })?;
        Ok(process)
    }

    /// Has something done with a file. `recognise` gives the text of pages, and the time that this takes does not count.
    /// After an error the child is dead.
    pub(super) fn read(
        &mut self,
        request: &Request,
        bytes: &[u8],
        timeout: Duration,
        recognise: &mut Recognise<'_>,
    ) -> Result<Reply, End> {
        self.files = self.files.saturating_add(1);
        let limits = (request.reply_bytes, PIXELS_BYTES);
        let mut answer = self.exchange(Some((request, bytes)), limits, timeout)?;
        let mut recognised = 0;
        let mut spent = Duration::ZERO;
        loop {
            match answer {
                (Reply::Panicked, _) => return Err(End::Panicked),
                (reply @ (Reply::Read { .. } | Reply::Drawn(_)), _) => return Ok(reply),
                (Reply::Recognise(page), pixels) => {
                    recognised += 1;
                    let Some(scan) = page.with(pixels).filter(|_| recognised <= MAX_RECOGNISED) else {
                        kill(&mut self.child);
                        return Err(End::Garbage);
                    };
                    let started = Instant::now();
                    let mut lines: Lines = match spent < MAX_RECOGNITION {
                        true => recognise(&scan),
                        false => Err(Failure::new(
                            format!("takes more than {} hours to recognise", MAX_RECOGNITION.as_secs() / 3600),
                            "split it into smaller files",
                        )),
                    };
                    spent += started.elapsed();
                    drop(scan);
                    if protocol::encode(&lines).map_or(usize::MAX, |bytes| bytes.len()) > LINES_BYTES {
                        lines = Ok(Vec::new());
                    }
                    answer = self.exchange(Some((&lines, &[][..])), limits, timeout)?;
                }
            }
        }
    }

    /// The largest address space that it has had, in bytes, as far as the system tells it.
    pub(super) fn peak_bytes(&mut self) -> u64 {
        self.peak_bytes = limits::address_space(self.child.id()).unwrap_or(0).max(self.peak_bytes);
        self.peak_bytes
    }

    /// Sends a request and waits for a message. Another thread does both, since either can block for ever.
    fn exchange<T: DeserializeOwned + Send>(
        &mut self,
        request: Option<(&(impl Serialize + Sync), &[u8])>,
        (message_bytes, body_bytes): (usize, usize),
        timeout: Duration,
    ) -> Result<(T, Vec<u8>), End> {
        let (child, peak_bytes) = (&mut self.child, &mut self.peak_bytes);
        let (input, output) = (&mut self.input, &mut self.output);
        let answer = std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let talk = move || {
                let answer = match request {
                    Some((request, bytes)) => protocol::send(input, request, bytes),
                    None => Ok(()),
                };
                let answer = answer.and_then(|()| protocol::receive(output, message_bytes, body_bytes));
                let _ = sender.send(answer);
            };
            if std::thread::Builder::new().spawn_scoped(scope, talk).is_err() {
                return None;
            }
            let deadline = Instant::now().checked_add(timeout);
            loop {
                let left = deadline.map_or(LOOK, |deadline| deadline.saturating_duration_since(Instant::now()));
                match receiver.recv_timeout(left.min(LOOK)) {
                    Ok(answer) => return Some(answer),
                    Err(RecvTimeoutError::Disconnected) => return Some(Ok(None)),
                    Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                        // Its pipes close, so that the other thread ends.
                        kill(child);
                        return None;
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        *peak_bytes = limits::address_space(child.id()).unwrap_or(0).max(*peak_bytes);
                    }
                }
            }
        });
        match answer {
            Some(Ok(Some(answer))) => Ok(answer),
            None => {
                kill(&mut self.child);
                Err(End::Timeout)
            }
            Some(Err(error)) if error.kind() == ErrorKind::InvalidData => {
                kill(&mut self.child);
                Err(End::Garbage)
            }
            Some(Ok(None) | Err(_)) => Err(self.end()),
        }
    }

    /// The end of a child that has closed its pipes.
    fn end(&mut self) -> End {
        let deadline = Instant::now() + GRACE;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    let said = self.said.recv_timeout(GRACE).unwrap_or_default();
                    return End::Exited { status, said, peak_bytes: self.peak_bytes };
                }
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
                _ => {
                    kill(&mut self.child);
                    return End::Garbage;
                }
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

fn kill(child: &mut Child) {
    // Both fail only if it was waited for already.
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads all that comes and keeps the end of it.
fn listen(mut errors: ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; SAID_BYTES];
    loop {
        match errors.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                kept.extend_from_slice(&buffer[..length]);
                let surplus = kept.len().saturating_sub(SAID_BYTES);
                kept.drain(..surplus);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
