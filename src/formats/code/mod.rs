//! The source code of programs, which is kept line for line.

use super::{Contents, Extracted, Options, Result, text};
use crate::passage::Format;

/// Reads a file of source code.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    let decoded = text::decode(bytes, options)?;
    let notes = decoded.notes();
    Ok(Contents::one(Extracted { format: Format::Code, text: decoded.text, notes, ..Extracted::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_kept_as_it_is() {
        let code = "fn main() {\r\n\tlet a = 1;  \n\n\n}\n";
        let document = read(code.as_bytes(), &Options::new(100)).unwrap().documents.remove(0);
        assert_eq!((document.text.as_str(), document.format), (code, Format::Code));
        assert!(document.layout.is_empty());
    }
}
