//! Chooses the reader of a file, and reads the files inside it.

mod inner;

use super::{Contents, Extracted, Options, Recognise, Result};
use super::{code, csv, docx, epub, html, json, mail, markup, msg, odf, pdf, pptx, rtf, sheet, subtitles, text};
use crate::passage::Format;

/// The documents of a file of this format, and those of the files inside it.
pub(crate) fn read(
    format: Format,
    bytes: &[u8],
    options: &Options,
    recognise: &mut Recognise<'_>,
) -> Result<Vec<Extracted>> {
    inner::read(format, bytes, options, recognise)
}

/// What a file that is not an archive contains.
fn contents(format: Format, bytes: &[u8], options: &Options, recognise: &mut Recognise<'_>) -> Result<Contents> {
    match format {
        Format::Plain | Format::Markdown => text::read(format, bytes, options),
        Format::Pdf => pdf::read(bytes, options, recognise),
        Format::Docx => docx::read(bytes, options),
        Format::Pptx => pptx::read(bytes, options),
        Format::Xlsx | Format::Xls | Format::Xlsb | Format::Ods => sheet::read(format, bytes, options),
        Format::Odt | Format::Odp => odf::read(format, bytes, options),
        Format::Rtf => rtf::read(bytes, options),
        Format::Html => html::read(bytes, options),
        Format::Epub => epub::read(bytes, options),
        Format::Eml | Format::Mbox => mail::read(format, bytes, options),
        Format::Msg => msg::read(bytes, options),
        Format::Csv | Format::Tsv => csv::read(format, bytes, options),
        Format::Json | Format::Jsonl => json::read(format, bytes, options),
        Format::Srt | Format::Vtt => subtitles::read(format, bytes, options),
        Format::Rst | Format::Asciidoc | Format::Org | Format::Latex => markup::read(format, bytes, options),
        Format::Code => code::read(bytes, options),
        // Its files are read one by one.
        Format::Zip => Ok(Contents::default()),
    }
}
