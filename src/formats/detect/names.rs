//! What a file's name says of its format.

use super::super::Failure;
use crate::passage::Format;

/// The extensions of documents.
const DOCUMENTS: &[(Format, &[&str])] = &[
    (Format::Plain, &["txt", "text", "log"]),
    (Format::Markdown, &["md", "markdown", "mdown", "mkd", "mkdn", "mdx", "qmd", "rmd"]),
    (Format::Pdf, &["pdf"]),
    (Format::Docx, &["docx", "docm", "dotx", "dotm"]),
    (Format::Pptx, &["pptx", "pptm", "ppsx", "ppsm", "potx"]),
    (Format::Xlsx, &["xlsx", "xlsm", "xltx", "xltm"]),
    (Format::Xls, &["xls", "xlt"]),
    (Format::Xlsb, &["xlsb"]),
    (Format::Odt, &["odt", "ott"]),
    (Format::Ods, &["ods", "ots"]),
    (Format::Odp, &["odp", "otp"]),
    (Format::Rtf, &["rtf"]),
    (Format::Html, &["html", "htm", "xhtml", "xht"]),
    (Format::Epub, &["epub"]),
    (Format::Eml, &["eml"]),
    (Format::Mbox, &["mbox", "mbx"]),
    (Format::Msg, &["msg", "oft"]),
    (Format::Csv, &["csv"]),
    (Format::Tsv, &["tsv", "tab"]),
    (Format::Json, &["json"]),
    (Format::Jsonl, &["jsonl", "ndjson"]),
    (Format::Srt, &["srt"]),
    (Format::Vtt, &["vtt"]),
    (Format::Rst, &["rst", "rest"]),
    (Format::Asciidoc, &["adoc", "asciidoc", "asc"]),
    (Format::Org, &["org"]),
    (Format::Latex, &["tex", "ltx", "latex"]),
    (Format::Code, CODE),
    (Format::Zip, &["zip"]),
];

/// The extensions of source code.
const CODE: &[&str] = &[
    "bash", "bat", "c", "cc", "clj", "cljs", "cpp", "cs", "cxx", "dart", "el", "erl", "ex", "exs", "f90", "fish", "fs",
    "go", "groovy", "h", "hh", "hpp", "hs", "hxx", "java", "jl", "js", "jsx", "kt", "kts", "lisp", "lua", "m", "mjs",
    "ml", "mli", "mm", "nim", "php", "pl", "pm", "proto", "ps1", "py", "pyi", "r", "rb", "rs", "scala", "scm", "sh",
    "sql", "svelte", "swift", "ts", "tsx", "vb", "vue", "zig", "zsh",
];

/// The extensions of configuration, styles and data, which are read as code if they are named, but are rarely what a folder
/// is walked for.
const OTHER_TEXTS: &[&str] = &[
    "cfg",
    "cmake",
    "conf",
    "css",
    "gradle",
    "ini",
    "less",
    "lock",
    "plist",
    "properties",
    "sass",
    "scss",
    "tf",
    "toml",
    "xml",
    "yaml",
    "yml",
];

/// Names of texts that have no extension.
const BARE: &[&str] = &["readme", "changelog", "changes", "history", "news", "notes", "todo"];

/// Names of JSON and text files that programs write for programs.
const FOR_PROGRAMS: &[&str] = &[
    "cmakelists.txt",
    "composer.json",
    "deno.json",
    "package-lock.json",
    "package.json",
    "requirements.txt",
    "robots.txt",
    "tsconfig.json",
];

/// What ends the names of generated files.
const GENERATED: &[&str] = &[
    ".min.js",
    ".min.mjs",
    ".bundle.js",
    ".chunk.js",
    ".pb.go",
    ".pb.cc",
    ".pb.h",
    "_pb2.py",
    "_pb2_grpc.py",
    ".d.ts",
];

/// What cannot be read, and what to do about it.
const UNREADABLE: &[(&[&str], &str, &str)] = &[
    (&["doc", "dot"], "is a Word 97 file", "save it as .docx"),
    (&["ppt", "pps", "pot"], "is a PowerPoint 97 file", "save it as .pptx"),
    (&["pages"], "is a Pages file", "export it as PDF or Word"),
    (&["numbers"], "is a Numbers file", "export it as Excel or CSV"),
    (&["key"], "is a Keynote file or a key", "export it as PDF or PowerPoint, if it is a presentation"),
    (&["wpd", "wps", "hwp", "hwpx"], "is of a word processor whose files cannot be read", "save it as .docx or PDF"),
    (&["mobi", "azw", "azw3", "fb2", "djvu", "chm"], "is a book of a format that cannot be read", "convert it to EPUB"),
    (&["pst", "ost"], "is an Outlook data file", "export its messages as .msg or .eml"),
    (&["mht", "mhtml"], "is a web archive", "save the page as HTML or PDF"),
    (&["tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar"], "is an archive that cannot be read", "unpack it"),
    (
        &["png", "jpg", "jpeg", "gif", "tif", "tiff", "webp", "heic", "bmp", "svg"],
        "is a picture, whose text cannot be read",
        "add its text as a file",
    ),
    (
        &["mp3", "m4a", "wav", "flac", "ogg", "mp4", "mkv", "mov", "avi", "webm"],
        "is a recording, whose words cannot be read",
        "add its subtitles (.srt, .vtt)",
    ),
];

/// The format of a document of this name.
pub(super) fn of_documents(name: &str) -> Option<Format> {
    let Some(extension) = extension(name) else {
        return BARE.contains(&file_name(name).to_lowercase().as_str()).then_some(Format::Plain);
    };
    DOCUMENTS.iter().find(|(_, known)| known.contains(&extension.as_str())).map(|(format, _)| *format)
}

/// The format of other text of this name.
pub(super) fn of_other_texts(name: &str) -> Option<Format> {
    OTHER_TEXTS.contains(&extension(name)?.as_str()).then_some(Format::Code)
}

/// Whether a program writes files of this name for programs.
pub(super) fn is_generated(name: &str) -> bool {
    let name = file_name(name).to_lowercase();
    // Office writes files that begin with `~$` beside those that are open.
    name.starts_with("~$") || FOR_PROGRAMS.contains(&name.as_str()) || GENERATED.iter().any(|end| name.ends_with(end))
}

/// Why a file of this name cannot be read.
pub(super) fn unreadable(name: &str) -> Option<Failure> {
    let extension = extension(name)?;
    let (_, reason, hint) = UNREADABLE.iter().find(|(known, ..)| known.contains(&extension.as_str()))?;
    Some(Failure::new(*reason, *hint))
}

/// The extension of a name in lower case, without its dot.
pub(super) fn extension(name: &str) -> Option<String> {
    let (stem, extension) = file_name(name).rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty()).then(|| extension.to_lowercase())
}

fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Whether no file of a format is text.
pub(super) fn is_binary(format: Format) -> bool {
    use Format::{Docx, Epub, Msg, Odp, Ods, Odt, Pdf, Pptx, Xls, Xlsb, Xlsx, Zip};
    matches!(format, Docx | Epub | Msg | Odp | Ods | Odt | Pdf | Pptx | Xls | Xlsb | Xlsx | Zip)
}

#[cfg(test)]
pub(super) fn all_extensions() -> impl Iterator<Item = &'static str> {
    let documents = DOCUMENTS.iter().flat_map(|(_, extensions)| extensions.iter());
    documents.chain(OTHER_TEXTS).chain(UNREADABLE.iter().flat_map(|(extensions, ..)| extensions.iter())).copied()
}
