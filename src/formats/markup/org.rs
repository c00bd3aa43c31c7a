//! Org: headings begin with stars, and keywords such as `#+TITLE:` describe the document.

use super::{Markup, heading, numbered, some};

pub(super) fn read(text: &str) -> Markup {
    let mut markup = Markup::default();
    let mut kept = String::with_capacity(text.len());
    let mut block: Option<String> = None;
    let mut is_drawer = false;
    for (line, content) in numbered(text) {
        let start = kept.len();
        let trimmed = content.trim();
        let lower = trimmed.get(..64).unwrap_or(trimmed).to_ascii_lowercase();
        // Each line of a drawer with properties is one, `:KEY: value`.
        is_drawer = block.is_none() && (is_drawer && trimmed.starts_with(':') || lower == ":properties:");
        if is_drawer {
            is_drawer = lower != ":end:";
        } else {
            kept.push_str(content);
        }
        kept.push_str(text.get(line.end..line.next).unwrap_or_default());
        if let Some(name) = &block {
            if lower == format!("#+end_{name}") {
                block = None;
            }
        } else if let Some(name) = lower.strip_prefix("#+begin_").and_then(|rest| rest.split_whitespace().next()) {
            block = Some(name.to_owned());
        } else if let Some((name, value)) = trimmed.strip_prefix("#+").and_then(|rest| rest.split_once(':')) {
            keyword(name, value, &mut markup);
        } else if let Some((level, title)) = title(content) {
            markup.headings.extend(heading(start, start + content.len(), level, title));
        }
    }
    markup.text = Some(kept);
    markup
}

/// Level and title of a heading without its state, priority and tags.
fn title(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('*');
    let level = line.len() - title.len();
    let mut title = title.strip_prefix(' ').filter(|_| level > 0)?.trim();
    for state in ["TODO ", "DONE "] {
        title = title.strip_prefix(state).map_or(title, str::trim_start);
    }
    if let Some((_, rest)) =
        title.strip_prefix("[#").and_then(|rest| rest.split_once("] ")).filter(|(p, _)| p.len() == 1)
    {
        title = rest.trim_start();
    }
    if let Some((rest, tags)) = title.rsplit_once(char::is_whitespace)
        && tags.len() > 2
        && tags.starts_with(':')
        && tags.ends_with(':')
    {
        title = rest.trim_end();
    }
    Some((level, title))
}

fn keyword(name: &str, value: &str, markup: &mut Markup) {
    match name.to_ascii_lowercase().as_str() {
        "title" => markup.title = markup.title.take().or_else(|| some(value)),
        "author" => markup.author = markup.author.take().or_else(|| some(value)),
        // `<2026-01-09 Fri>` is a time stamp.
        "date" => {
            markup.published =
                markup.published.take().or_else(|| some(value.trim().trim_matches(['<', '>', '[', ']'])));
        }
        "language" => markup.language = markup.language.take().or_else(|| some(value)),
        "filetags" | "keywords" => {
            markup.tags = value.split([':', ',']).flat_map(str::split_whitespace).filter_map(some).collect();
        }
        _ => {}
    }
}
