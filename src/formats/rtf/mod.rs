//! Rich Text Format (RTF).

mod blocks;
mod charset;
mod interpreter;
mod lexer;
mod state;

use interpreter::Interpreter;

use super::flow::Flow;
use super::{Contents, Extracted, Failure, Options, Result, versions};
use crate::passage::Format;

/// Reads a file. Headers and footers are left out; footnotes and comments follow the text.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if !bytes.starts_with(b"{\\rtf") && !bytes.starts_with(b"{\\urtf") {
        return Err(Failure::new("is not RTF (bad magic)", "check that its extension fits its content"));
    }
    let mut flow = Flow::new(versions::RTF, options);
    let mut document = Extracted { format: Format::Rtf, ..Extracted::default() };
    Interpreter::new(&mut flow).read(bytes, &mut document)?;
    (document.text, document.layout) = flow.finish();
    Ok(Contents::one(document))
}

#[cfg(test)]
mod tests;
