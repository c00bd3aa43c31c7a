//! Subtitles (SRT, WebVTT).

use super::{Contents, Failure, Options, Result};
use crate::passage::Format;

/// Reads a file of one of these formats.
pub(super) fn read(_format: Format, _bytes: &[u8], _options: &Options) -> Result<Contents> {
    Err(Failure::new("is of a format that cannot be read yet", "convert it to text"))
}
