//! What was fetched from the web as a file: its name, from which its format comes, and its bytes in an encoding that the text says.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::formats;
use crate::passage::Format;
use crate::web::Url;

/// The longest name of a page's file.
const MAX_NAME_CHARS: usize = 100;

/// A name for what was fetched, from which its format and, if nothing else does, its title come.
pub(super) fn name_of(url: &Url, media_type: Option<&str>) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let last = percent_decode_str(last).decode_utf8_lossy();
    let last: String = last.chars().filter(|c| !c.is_control() && *c != '/').take(MAX_NAME_CHARS).collect();
    let (stem, is_host) = match last.as_str() {
        "" => (url.host_str().unwrap_or("page").to_owned(), true),
        last => (last.to_owned(), false),
    };
    let bare = || match stem.rsplit_once('.').filter(|(before, _)| !is_host && !before.is_empty()) {
        Some((before, _)) => before.to_owned(),
        None => stem.clone(),
    };
    match media_type.and_then(extension_of) {
        // Markdown, source code and other texts are often sent as plain text.
        Some("txt")
            if !is_host && formats::by_name(&stem).is_some_and(|format| format.media_type().starts_with("text/")) =>
        {
            stem
        }
        Some(extension) => format!("{}.{extension}", bare()),
        None => stem,
    }
}

/// The extension of files of a media type; `None` if the type says too little.
fn extension_of(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "text/html" | "application/xhtml+xml" => "html",
        "text/plain" => "txt",
        "text/markdown" => "md",
        "application/pdf" | "application/x-pdf" => "pdf",
        "application/json" => "json",
        "application/jsonl" | "application/x-ndjson" => "jsonl",
        "text/csv" => "csv",
        "text/tab-separated-values" => "tsv",
        "application/rtf" | "text/rtf" => "rtf",
        "application/epub+zip" => "epub",
        "message/rfc822" => "eml",
        "text/vtt" => "vtt",
        "application/x-subrip" => "srt",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "pptx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.oasis.opendocument.text" => "odt",
        "application/vnd.oasis.opendocument.spreadsheet" => "ods",
        "application/vnd.oasis.opendocument.presentation" => "odp",
        _ => return None,
    })
}

/// The bytes of a text in UTF-8 with a byte order mark, if its server names their encoding and they are in it. It counts
/// more than what the text says itself.
pub(super) fn decoded<'b>(name: &str, bytes: &'b [u8], charset: Option<&str>) -> Cow<'b, [u8]> {
    const MARK: &str = "\u{feff}";
    let is_text = |format: Format| format == Format::Html || format.media_type().starts_with("text/");
    let encoding = charset.and_then(|charset| encoding_rs::Encoding::for_label(charset.as_bytes()));
    let is_marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    match (encoding, formats::format_of(name, bytes)) {
        (Some(encoding), Ok(format)) if is_text(format) && !is_marked && !bytes.is_empty() => {
            match encoding.decode_without_bom_handling(bytes) {
                (text, false) => Cow::Owned([MARK.as_bytes(), text.as_bytes()].concat()),
                // The server says something wrong.
                (_, true) => Cow::Borrowed(bytes),
            }
        }
        _ => Cow::Borrowed(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(url: &str, media_type: Option<&str>) -> String {
        name_of(&Url::parse(url).unwrap(), media_type)
    }

    #[test]
    fn the_type_of_a_page_decides_its_format_and_where_it_says_nothing_the_address() {
        assert_eq!(name("https://a.example/news/story.php?id=7", Some("text/html")), "story.html");
        assert_eq!(name("https://a.example/", Some("text/html")), "a.example.html");
        assert_eq!(name("https://a.example/get", Some("application/pdf")), "get.pdf");
        assert_eq!(name("https://a.example/README.md", Some("text/plain")), "README.md");
        assert_eq!(name("https://a.example/get", Some("text/plain")), "get.txt");
        assert_eq!(name("https://a.example/report.docx", Some("application/octet-stream")), "report.docx");
        assert_eq!(name("https://a.example/%E6%96%B0%E8%81%9E.html", None), "新聞.html");
        assert_eq!(name("https://a.example/a%2Fb", None), "ab");
    }

    #[test]
    fn the_encoding_that_a_server_names_counts_unless_it_is_wrong() {
        let page = "<html><meta charset=utf-8><p>元月的債市";
        let (big5, ..) = encoding_rs::BIG5.encode(page);
        assert_eq!(&*decoded("a.html", &big5, Some("Big5")), format!("\u{feff}{page}").as_bytes());
        assert_eq!(&*decoded("a.html", &big5, Some("utf-8")), &*big5, "they are not UTF-8");
        assert_eq!(&*decoded("a.html", &big5, Some("no-such")), &*big5);
        assert_eq!(&*decoded("a.html", &big5, None), &*big5);
        let marked = "\u{feff}a".as_bytes();
        assert_eq!(&*decoded("a.txt", marked, Some("big5")), marked);
        assert_eq!(&*decoded("a.pdf", b"%PDF-1.7", Some("utf-8")), b"%PDF-1.7");
    }
}
