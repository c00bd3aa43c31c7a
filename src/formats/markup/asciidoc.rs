//! AsciiDoc: headings begin with `=`, and the lines under the title name its author, date and attributes.

use super::{Markup, heading, numbered, some};

pub(super) fn read(text: &str) -> Markup {
    let mut markup = Markup::default();
    let mut open: Option<&str> = None;
    // The header ends at the first blank line after the title.
    let mut header_line: Option<usize> = None;
    for (line, content) in numbered(text) {
        let content = content.trim_end();
        if let Some(delimiter) = open {
            open = Some(delimiter).filter(|delimiter| content != *delimiter);
            continue;
        }
        if is_delimiter(content) {
            open = Some(content);
            continue;
        }
        if attribute(content, &mut markup) {
            continue;
        }
        if content.is_empty() {
            header_line = None;
        } else if let Some((level, title)) = title(content) {
            if level == 1 && markup.title.is_none() {
                markup.title = some(title);
                header_line = Some(0);
            }
            markup.headings.extend(heading(line.start, line.end, level, title));
        } else if let Some(number) = header_line.filter(|_| !content.starts_with("//")) {
            match number {
                0 => markup.author = markup.author.or_else(|| some(&authors(content))),
                1 => markup.published = markup.published.or_else(|| revision_date(content)),
                _ => {}
            }
            header_line = Some(number + 1);
        }
    }
    markup
}

/// Whether the line opens a block whose lines are not markup: a listing, a literal, a comment, a table.
fn is_delimiter(line: &str) -> bool {
    let is_run = |mark: char| line.len() >= 4 && line.chars().all(|c| c == mark);
    ['-', '.', '/', '+'].into_iter().any(is_run) || line.starts_with("```") || matches!(line, "|===" | ",===" | ":===")
}

/// Level and title of a heading, which may end with the marks it begins with.
fn title(line: &str) -> Option<(usize, &str)> {
    let mark = line.chars().next().filter(|c| matches!(c, '=' | '#'))?;
    let title = line.trim_start_matches(mark);
    let level = line.len() - title.len();
    let title = title.strip_prefix(' ').filter(|_| level <= 6)?;
    Some((level, title.trim_end_matches(mark).trim()))
}

/// Reads `:name: value`.
fn attribute(line: &str, markup: &mut Markup) -> bool {
    let Some((name, value)) = line.strip_prefix(':').and_then(|rest| rest.split_once(':')) else { return false };
    if name.is_empty() || name.contains(' ') {
        return false;
    }
    match name.to_ascii_lowercase().as_str() {
        "author" | "authors" => markup.author = some(value).or(markup.author.take()),
        "date" | "revdate" => markup.published = some(value).or(markup.published.take()),
        "lang" | "language" => markup.language = some(value).or(markup.language.take()),
        "title" | "doctitle" => markup.title = some(value).or(markup.title.take()),
        "keywords" => markup.tags = value.split(',').filter_map(some).collect(),
        _ => {}
    }
    true
}

/// `Ann Lee <ann@example.org>; Bo` without the addresses.
fn authors(line: &str) -> String {
    let names = line.split(';').map(|author| author.split('<').next().unwrap_or_default().trim());
    names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The date in `v1.0, 2026-01-09: first version`.
fn revision_date(line: &str) -> Option<String> {
    let revision = line.split(':').next().unwrap_or_default();
    let date = revision.rsplit_once(',').map_or(revision, |(_, date)| date);
    some(date).filter(|date| date.bytes().next().is_some_and(|b| b.is_ascii_digit()))
}
