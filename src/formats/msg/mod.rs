//! Messages of Outlook (MSG).

use super::{Contents, Failure, Options, Result};

/// Reads a file.
pub(super) fn read(_bytes: &[u8], _options: &Options) -> Result<Contents> {
    Err(Failure::new("is of a format that cannot be read yet", "convert it to text"))
}
