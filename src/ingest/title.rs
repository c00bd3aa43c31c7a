//! The title of a document.

use std::path::Path;

use crate::lines::contents;
use crate::passage::Heading;
use crate::passage::NewDocument;
use crate::terms::is_blank;

/// A longer line is not a title, and a longer title is cut, in characters.
pub(super) const MAX_TITLE_CHARS: usize = 200;

/// The title of a document with these headings: the given one, the first heading, the name of its file, its first line,
/// or its id.
pub(super) fn title_of(document: &NewDocument, headings: &[Heading], id: &str) -> String {
    let given = document.title.as_deref().filter(|title| !is_blank(title));
    let heading = || headings.first().map(|heading| heading.text.as_str());
    let name = || document.origin.as_deref().and_then(|origin| stem(Path::new(file_of(origin))));
    let first_line =
        || contents(&document.text).map(|line| line.trim().trim_start_matches('#').trim()).find(|l| !is_blank(l));
    let title = match given.or_else(heading) {
        Some(title) => title.to_owned(),
        None => name().or_else(|| first_line().map(str::to_owned)).unwrap_or_else(|| id.to_owned()),
    };
    let title = title.trim();
    match title.char_indices().nth(MAX_TITLE_CHARS) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

/// Whether a line is a title: short, without the end of a sentence, and not continued on the next line.
pub(super) fn is_title(line: &str, next: Option<&str>) -> bool {
    let ends_like_a_sentence = line.ends_with(|c: char| ".。．!！?？;；…,，、:：".contains(c));
    let continues = next.is_some_and(|next| next.starts_with(char::is_lowercase));
    line.chars().nth(MAX_TITLE_CHARS).is_none() && !ends_like_a_sentence && !continues && !is_logged(line)
}

/// Whether a line is one of a log: it begins with a time to the second, maybe behind a date and in brackets.
fn is_logged(line: &str) -> bool {
    let words = line.split([' ', 'T', '[', ']', '(', ')', ',', '.', 'Z', '+']).filter(|word| !word.is_empty());
    let is_time = |word: &str| {
        let mut parts = word.split(':');
        let has_two_digits = |part: Option<&str>| {
            part.is_some_and(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        has_two_digits(parts.next())
            && has_two_digits(parts.next())
            && has_two_digits(parts.next())
            && parts.next().is_none()
    };
    words.take(4).any(is_time)
}

/// The origin of documents from an uploaded file is this and the file's name.
pub(super) const UPLOAD: &str = "upload:";

/// The file that an origin names.
pub(super) fn file_of(origin: &str) -> &str {
    origin.strip_prefix(UPLOAD).unwrap_or(origin)
}

/// The name of a file without its extension.
pub(super) fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::extract::headings;

    #[test]
    fn a_line_of_a_log_is_no_title() {
        for line in [
            "2026-01-31 09:30:00 INFO started",
            "2026-01-31T09:30:00.123Z server started",
            "[09:30:00] started",
            "Jan 31 09:30:00 host sshd[1]: session opened",
        ] {
            assert!(!is_title(line, None), "{line}");
        }
        for line in ["Night train 09:30 to Trieste", "Minutes of 31 January", "Ratio 3:2:1 explained"] {
            assert!(is_title(line, None), "{line}");
        }
    }

    fn title(document: &NewDocument) -> String {
        title_of(document, &headings(&document.text), "the-id")
    }

    fn of(text: &str, origin: Option<&str>) -> NewDocument {
        NewDocument { text: text.to_owned(), origin: origin.map(str::to_owned), ..NewDocument::default() }
    }

    #[test]
    fn a_title_is_given_or_a_heading_or_the_files_name_or_the_first_line_or_the_id() {
        assert_eq!(title(&NewDocument { title: Some(" Given ".into()), ..of("# Heading", None) }), "Given");
        assert_eq!(title(&NewDocument { title: Some(" ".into()), ..of("Text\n\n## *Heading*\n", None) }), "Heading");
        assert_eq!(title(&of("Text\n", Some("/notes/a.md"))), "a");
        assert_eq!(title(&of("Text\n", Some("upload:a.md"))), "a");
        assert_eq!(title(&of("\n#First line\rmore", None)), "First line");
        assert_eq!(title(&of("\n\u{FEFF}", None)), "the-id");
    }

    #[test]
    fn a_long_title_is_cut() {
        assert_eq!(title(&of(&"長".repeat(500), None)).chars().count(), MAX_TITLE_CHARS + 1);
    }
}
