//! reStructuredText: headings are underlined, and a list of fields under the title describes the document.

use super::{Markup, heading, numbered, some};

/// The shortest underline that may be shorter than its title, in columns.
const SHORT_UNDERLINE: usize = 4;

pub(super) fn read(text: &str) -> Markup {
    let lines = numbered(text);
    let line = |at: usize| lines.get(at).map_or("", |(_, content)| *content);
    let mut markup = Markup::default();
    // The style of a heading has the level at which it first occurs.
    let mut styles: Vec<(char, bool)> = Vec::new();
    let mut is_head = true;
    let mut at = 0;
    while let Some((first, content)) = lines.get(at) {
        let is_after_blank = at == 0 || line(at - 1).trim().is_empty() || adornment(line(at - 1)).is_some();
        let found = match adornment(content) {
            Some((mark, _)) => overlined(mark, line(at + 1), line(at + 2)).then_some((mark, true, at + 1, at + 2)),
            None => (is_after_blank && underlined(content, line(at + 1)))
                .then(|| adornment(line(at + 1)).map(|(mark, _)| (mark, false, at, at + 1)))
                .flatten(),
        };
        let Some((mark, is_overlined, title_at, last)) = found else {
            is_head = is_head && describes(content, &mut markup);
            at += 1;
            continue;
        };
        let style = (mark, is_overlined);
        let level = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
            styles.push(style);
            styles.len() - 1
        });
        let end = lines.get(last).map_or(first.end, |(line, _)| line.end);
        let title = line(title_at).replace(['`', '*'], "");
        if is_head && markup.title.is_none() {
            markup.title = some(&title);
        } else {
            is_head = false;
        }
        markup.headings.extend(heading(first.start, end, level + 1, &title));
        at = last + 1;
    }
    markup
}

/// The mark of an underline and how long it is.
fn adornment(line: &str) -> Option<(char, usize)> {
    let line = line.trim_end();
    let mark = line.chars().next().filter(char::is_ascii_punctuation)?;
    let length = line.len();
    (length >= 2 && line.chars().all(|c| c == mark)).then_some((mark, length))
}

fn underlined(title: &str, under: &str) -> bool {
    let Some((_, length)) = adornment(under) else { return false };
    let is_title = !title.trim().is_empty() && !title.starts_with([' ', '\t']);
    is_title && length >= columns(title.trim_end()).min(SHORT_UNDERLINE)
}

fn overlined(mark: char, title: &str, under: &str) -> bool {
    !title.trim().is_empty() && adornment(title).is_none() && adornment(under).is_some_and(|(found, _)| found == mark)
}

/// How wide a text is in a terminal: characters of East Asia take two columns.
fn columns(text: &str) -> usize {
    let is_wide = |c| {
        matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{20000}'..='\u{3FFFD}')
    };
    text.chars().map(|c| 1 + usize::from(is_wide(c))).sum()
}

/// Reads a line of the document's head: a field, a comment, a label or a blank line. Other lines end it.
fn describes(line: &str, markup: &mut Markup) -> bool {
    let Some((name, value)) = line.strip_prefix(':').and_then(|rest| rest.split_once(':')) else {
        return line.trim().is_empty() || line.starts_with("..") || line.starts_with([' ', '\t']);
    };
    let target = match name.trim().to_ascii_lowercase().as_str() {
        "title" => &mut markup.title,
        "author" | "authors" => &mut markup.author,
        "date" => &mut markup.published,
        "language" | "lang" => &mut markup.language,
        _ => return true,
    };
    if target.is_none() {
        *target = some(value);
    }
    true
}
