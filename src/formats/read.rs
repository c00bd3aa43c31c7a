//! Chooses the reader of a file, and reads the files inside it.

use super::{Contents, Extracted, Options, Result};
use super::{
    archive, code, csv, docx, epub, html, json, mail, markup, msg, odf, pdf, pptx, rtf, sheet, subtitles, text,
};
use crate::passage::Format;

/// The documents of a file of this format.
pub(crate) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Vec<Extracted>> {
    contents(format, bytes, options).map(|contents| contents.documents)
}

fn contents(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    match format {
        Format::Plain | Format::Markdown => text::read(format, bytes, options),
        Format::Pdf => pdf::read(bytes, options),
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
        Format::Zip => archive::read(bytes, options),
    }
}
