//! Plain text and Markdown in any encoding.

pub(crate) mod encoding;

use super::{Contents, Extracted, Failure, Options, Result};
use crate::passage::Format;
use encoding::{Decoded, Hint};

/// Reads a file of one of these formats. Its text is that of the file, with the line ends that the file has.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    let decoded = decode(bytes, options)?;
    let notes = decoded.notes();
    Ok(Contents::one(Extracted { format, text: decoded.text, notes, ..Extracted::default() }))
}

/// The text of a file that declares no encoding and is all text.
pub(super) fn decode(bytes: &[u8], options: &Options) -> Result<Decoded> {
    let decoded = encoding::decode(bytes, Hint::default())?;
    if decoded.text.len() > options.max_text_bytes {
        return Err(Failure::too_much_text(options.max_text_bytes));
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: Options = Options::new(100);

    #[test]
    fn a_utf_8_file_is_its_text_to_the_byte() {
        let text = "---\ntitle: 甲\n---\r\n\r\n# 甲  \n\ttext\u{85}\n\n\n";
        let contents = read(Format::Markdown, text.as_bytes(), &OPTIONS).unwrap();
        let document = &contents.documents[0];
        assert_eq!((document.text.as_str(), document.format), (text, Format::Markdown));
        assert!(document.layout.is_empty() && document.notes.is_empty());
    }

    #[test]
    fn a_text_that_grows_beyond_the_limit_when_it_is_decoded_is_refused() {
        let mut bytes = vec![0xFE, 0xFF];
        bytes.extend("字".repeat(40).encode_utf16().flat_map(u16::to_be_bytes));
        assert!(read(Format::Plain, &bytes, &OPTIONS).unwrap_err().reason.contains("more than 1 MB of text"));
    }
}
