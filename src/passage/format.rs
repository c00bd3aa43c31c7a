//! The formats of files that Footnote reads.

/// The format of a document's file. It decides how the text was made and what its places are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// Text without markup. The text is that of the file.
    #[default]
    Plain,
    /// `CommonMark`. The text is that of the file: headings give passages their heading path.
    Markdown,
    /// PDF.
    Pdf,
    /// Word.
    Docx,
    /// PowerPoint.
    Pptx,
    /// Excel, since 2007.
    Xlsx,
    /// Excel, up to 2003.
    Xls,
    /// Excel, binary.
    Xlsb,
    /// OpenDocument text.
    Odt,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument presentation.
    Odp,
    /// Rich Text Format.
    Rtf,
    /// A web page.
    Html,
    /// An electronic book.
    Epub,
    /// An e-mail message.
    Eml,
    /// A mailbox: messages one after the other.
    Mbox,
    /// A message of Outlook.
    Msg,
    /// Values separated by commas or semicolons.
    Csv,
    /// Values separated by tabs.
    Tsv,
    /// JSON.
    Json,
    /// One JSON value in each line.
    Jsonl,
    /// Subtitles of SubRip.
    Srt,
    /// Subtitles of the web (WebVTT).
    Vtt,
    /// reStructuredText.
    Rst,
    /// AsciiDoc.
    Asciidoc,
    /// Org mode.
    Org,
    /// LaTeX.
    Latex,
    /// The source code of a program.
    Code,
    /// An archive, which is read like a folder.
    Zip,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 29] = [
        Self::Plain,
        Self::Markdown,
        Self::Pdf,
        Self::Docx,
        Self::Pptx,
        Self::Xlsx,
        Self::Xls,
        Self::Xlsb,
        Self::Odt,
        Self::Ods,
        Self::Odp,
        Self::Rtf,
        Self::Html,
        Self::Epub,
        Self::Eml,
        Self::Mbox,
        Self::Msg,
        Self::Csv,
        Self::Tsv,
        Self::Json,
        Self::Jsonl,
        Self::Srt,
        Self::Vtt,
        Self::Rst,
        Self::Asciidoc,
        Self::Org,
        Self::Latex,
        Self::Code,
        Self::Zip,
    ];

    /// Its name in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Markdown => "markdown",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Pptx => "pptx",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Xlsb => "xlsb",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Odp => "odp",
            Self::Rtf => "rtf",
            Self::Html => "html",
            Self::Epub => "epub",
            Self::Eml => "eml",
            Self::Mbox => "mbox",
            Self::Msg => "msg",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Srt => "srt",
            Self::Vtt => "vtt",
            Self::Rst => "rst",
            Self::Asciidoc => "asciidoc",
            Self::Org => "org",
            Self::Latex => "latex",
            Self::Code => "code",
            Self::Zip => "zip",
        }
    }

    /// Whether a document of this format has a [`Layout`](super::Layout). The text of the others is that of their file.
    pub fn has_layout(self) -> bool {
        !matches!(self, Self::Plain | Self::Markdown)
    }

    /// Whether each line of a document of this format is a paragraph, an item or a row of its own. In the others a sentence
    /// may go on in the next line.
    pub fn has_whole_lines(self) -> bool {
        match self {
            Self::Pdf
            | Self::Docx
            | Self::Pptx
            | Self::Xlsx
            | Self::Xls
            | Self::Xlsb
            | Self::Odt
            | Self::Ods
            | Self::Odp
            | Self::Rtf
            | Self::Html
            | Self::Epub
            | Self::Csv
            | Self::Tsv
            | Self::Json
            | Self::Jsonl => true,
            Self::Plain
            | Self::Markdown
            | Self::Eml
            | Self::Mbox
            | Self::Msg
            | Self::Srt
            | Self::Vtt
            | Self::Rst
            | Self::Asciidoc
            | Self::Org
            | Self::Latex
            | Self::Code
            | Self::Zip => false,
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.as_str()), Some(format));
        }
        assert_eq!(Format::from_name("doc"), None);
    }
}
