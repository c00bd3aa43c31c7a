//! LaTeX: headings are commands, and the preamble describes the document.

use super::{Markup, heading, numbered, some};

/// A longer argument is none, in bytes: its brace is not closed.
const MAX_ARGUMENT_BYTES: usize = 2_000;

const SECTIONS: [(&str, usize); 6] =
    [("part", 1), ("chapter", 1), ("section", 2), ("subsection", 3), ("subsubsection", 4), ("paragraph", 5)];

/// Environments whose text is not markup.
const VERBATIM: [&str; 4] = ["verbatim", "lstlisting", "minted", "Verbatim"];

/// Commands whose argument is not part of a title.
const ASIDE: [&str; 4] = ["thanks", "footnote", "label", "index"];

pub(super) fn read(text: &str) -> Markup {
    let text = without_comments(text);
    let mut markup = Markup {
        title: argument_of(&text, "title").and_then(some_plain),
        author: argument_of(&text, "author").and_then(|names| some_plain(&names.replace("\\and", ","))),
        published: argument_of(&text, "date").filter(|date| !date.contains("\\today")).and_then(some_plain),
        ..Markup::default()
    };
    let text = body(&text);
    let mut verbatim: Option<&str> = None;
    for (line, content) in numbered(&text) {
        let trimmed = content.trim_start();
        if let Some(name) = verbatim {
            verbatim = Some(name).filter(|name| !trimmed.starts_with(&format!("\\end{{{name}}}")));
            continue;
        }
        verbatim = VERBATIM.into_iter().find(|name| trimmed.starts_with(&format!("\\begin{{{name}}}")));
        let Some(command) = trimmed.strip_prefix('\\') else { continue };
        let name_bytes = command.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, rest) = command.split_at(name_bytes);
        let Some((_, level)) = SECTIONS.iter().find(|(known, _)| *known == name) else { continue };
        // A title may run over several lines.
        let from = line.end - rest.len();
        let Some((title, length)) = text.get(from..).and_then(argument) else { continue };
        markup.headings.extend(heading(line.start, from + length, *level, &plain(title)));
    }
    markup.text = Some(text);
    markup
}

/// The text without comments, line for line.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut verbatim: Option<&str> = None;
    for (line, content) in numbered(text) {
        let trimmed = content.trim_start();
        let is_verbatim = verbatim.is_some();
        match verbatim {
            Some(name) => verbatim = Some(name).filter(|name| !trimmed.starts_with(&format!("\\end{{{name}}}"))),
            None => verbatim = VERBATIM.into_iter().find(|name| trimmed.starts_with(&format!("\\begin{{{name}}}"))),
        }
        let end = if is_verbatim { content.len() } else { comment(content) };
        kept.push_str(content.get(..end).unwrap_or(content));
        kept.push_str(text.get(line.end..line.next).unwrap_or_default());
    }
    kept
}

/// Where a line's comment begins: at a percent sign without a backslash before it.
fn comment(line: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            '%' if !is_escaped => return at,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    line.len()
}

/// The text with the lines before `\begin{document}` and after `\end{document}` emptied.
fn body(text: &str) -> String {
    const BEGIN: &str = "\\begin{document}";
    let start = text.find(BEGIN).map_or(0, |at| at + BEGIN.len());
    let end = text.get(start..).and_then(|rest| rest.find("\\end{document}")).map_or(text.len(), |at| start + at);
    let breaks = |part: &str| -> String {
        numbered(part).into_iter().map(|(line, _)| part.get(line.end..line.next).unwrap_or_default()).collect()
    };
    let (before, rest) = text.split_at(start);
    let (inside, after) = rest.split_at(end - start);
    [&breaks(before), inside, &breaks(after)].concat()
}

/// The argument of the first such command.
fn argument_of<'t>(text: &'t str, command: &str) -> Option<&'t str> {
    let command = format!("\\{command}");
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(&command) {
        let after = from + at + command.len();
        let rest = text.get(after..)?;
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return argument(rest).map(|(argument, _)| argument);
        }
        from = after;
    }
    None
}

/// The argument in braces behind a command's name, star and option, and where it ends.
fn argument(text: &str) -> Option<(&str, usize)> {
    let mut rest = text.strip_prefix('*').unwrap_or(text).trim_start();
    if let Some(option) = rest.strip_prefix('[') {
        rest = option.split_once(']').filter(|(option, _)| option.len() < MAX_ARGUMENT_BYTES)?.1.trim_start();
    }
    let start = text.len() - rest.strip_prefix('{')?.len();
    let mut depth = 1_usize;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(start).take(MAX_ARGUMENT_BYTES) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some((text.get(start..at)?, at + 1)),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn some_plain(markup: &str) -> Option<String> {
    some(&plain(markup))
}

/// A title without commands.
fn plain(markup: &str) -> String {
    let mut plain = String::new();
    let mut rest = markup;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = after;
        match c {
            '{' | '}' | '$' => {}
            '~' => plain.push(' '),
            '\\' => {
                let name = after.get(..after.bytes().take_while(u8::is_ascii_alphabetic).count()).unwrap_or_default();
                rest = after.get(name.len()..).unwrap_or_default();
                if ASIDE.contains(&name) {
                    rest = argument(rest).and_then(|(_, end)| rest.get(end..)).unwrap_or(rest);
                } else if let Some(sign) = after.chars().next().filter(|_| name.is_empty()) {
                    rest = after.get(sign.len_utf8()..).unwrap_or_default();
                    // `\\` breaks the line, `\'` puts an accent on the next letter.
                    plain.push_str(match sign {
                        '\\' => " ",
                        '%' => "%",
                        '&' => "&",
                        '_' => "_",
                        '#' => "#",
                        '$' => "$",
                        _ => "",
                    });
                }
            }
            other => plain.push(other),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",")
}
