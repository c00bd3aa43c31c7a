//! The messages between a reader process and its parent.
//!
//! A frame is the length of a message (4 bytes), the length of a body (8 bytes), the message in postcard's format and the
//! body. Numbers are little-endian.

use std::io::{Error, ErrorKind, Read, Result, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::{Extracted, Failure, MAX_PIXELS, Options, Pixels, RecognisedLine, Scan};
use super::limits::Enforced;
use crate::passage::Format;

/// No message of the parent is longer: settings of the user's are in it.
pub(super) const REQUEST_BYTES: usize = 1 << 20;
/// The first message of a child is not longer.
pub(super) const GREETING_BYTES: usize = 64 * 1024;

/// The first message of a child.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Greeting {
    pub(super) enforced: Enforced,
    /// Why PDFium could not be loaded, if it was asked for.
    pub(super) pdfium: std::result::Result<(), Failure>,
}

/// Asks a child to do something with a file, whose bytes are the body.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) task: Task,
    /// Processor time that the child may take.
    pub(super) cpu_seconds: u64,
    /// The longest message that the parent takes.
    pub(super) reply_bytes: usize,
}

/// What to do with a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Task {
    Read {
        format: Format,
        options: Box<Options>,
    },
    /// Draws a page of a PDF, from 1.
    Draw {
        page: u32,
        scale: f32,
    },
}

impl Task {
    /// Whether it needs PDFium.
    pub(super) fn is_of_pdf(&self) -> bool {
        matches!(self, Self::Read { format: Format::Pdf, .. } | Self::Draw { .. })
    }
}

/// The pixels of a page are not more.
pub(super) const PIXELS_BYTES: usize = 3 * MAX_PIXELS;
/// The lines of a page, or why there are none, are not more.
pub(super) const LINES_BYTES: usize = 16 << 20;

/// The text of a page, which a child has asked for.
pub(super) type Lines = std::result::Result<Vec<RecognisedLine>, Failure>;

/// A child's answer to a request. Only pixels are a body.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    Read {
        documents: std::result::Result<Vec<Extracted>, Failure>,
        /// Whether a PDF could not be read because PDFium was not loaded.
        wants_pdfium: bool,
    },
    /// A PNG.
    Drawn(std::result::Result<Vec<u8>, Failure>),
    /// The reader panicked. The child ends.
    Panicked,
    /// Asks for the text of a page, whose pixels are the body. The answer is [`Lines`], and then the child goes on.
    Recognise(Page),
}

/// A page whose text a child asks for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Page {
    number: u32,
    count: u32,
    width: usize,
    height: usize,
}

impl Page {
    pub(super) fn of(scan: &Scan) -> Self {
        Self { number: scan.page, count: scan.pages, width: scan.pixels.width(), height: scan.pixels.height() }
    }

    /// The page with its pixels; `None` if they are not as many as it says.
    pub(super) fn with(self, rgb: Vec<u8>) -> Option<Scan> {
        Some(Scan { page: self.number, pages: self.count, pixels: Pixels::new(self.width, self.height, rgb)? })
    }
}

impl Reply {
    /// Whether it can be what a reader found.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Read { documents, .. } => documents.iter().flatten().all(Extracted::is_sound),
            Self::Drawn(_) | Self::Panicked | Self::Recognise(_) => true,
        }
    }
}

/// Writes a frame.
pub(super) fn send(output: &mut impl Write, message: &impl Serialize, body: &[u8]) -> Result<()> {
    send_encoded(output, &encode(message)?, body)
}

/// A message's bytes.
pub(super) fn encode(message: &impl Serialize) -> Result<Vec<u8>> {
    postcard::to_stdvec(message).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

/// Writes a frame with a message that is encoded already.
pub(super) fn send_encoded(output: &mut impl Write, message: &[u8], body: &[u8]) -> Result<()> {
    let length =
        u32::try_from(message.len()).map_err(|_| Error::new(ErrorKind::InvalidData, "the message is too long"))?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(&(body.len() as u64).to_le_bytes())?;
    output.write_all(message)?;
    output.write_all(body)?;
    output.flush()
}

/// Reads a frame of at most these lengths; `None` if the input ends before it.
pub(super) fn receive<T: DeserializeOwned>(
    input: &mut impl Read,
    message_bytes: usize,
    body_bytes: usize,
) -> Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0; 12];
    let mut filled = 0;
    while filled < lengths.len() {
        match input.read(&mut lengths[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let [a, b, c, d, body @ ..] = lengths;
    let message = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    let body = usize::try_from(u64::from_le_bytes(body)).unwrap_or(usize::MAX);
    if message > message_bytes || body > body_bytes {
        return Err(Error::new(ErrorKind::InvalidData, "the frame is too long"));
    }
    let message = receive_bytes(input, message)?;
    let message = postcard::from_bytes(&message).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
    Ok(Some((message, receive_bytes(input, body)?)))
}

/// Takes memory as the bytes come, not as their length claims.
fn receive_bytes(input: &mut impl Read, length: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// JSON as text, since postcard's format does not say of what type a value is.
pub(in super::super) mod json_text {
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    type Map = serde_json::Map<String, serde_json::Value>;

    pub(in super::super::super) fn serialize<S: Serializer>(map: &Map, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&serde_json::to_string(map).map_err(S::Error::custom)?)
    }

    pub(in super::super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Map, D::Error> {
        serde_json::from_str(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
