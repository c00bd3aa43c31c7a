//! The statements of a text: its sentences without markup, headings, code, and definitions of notes.

use super::citations;
use crate::ingest::sentences::sentences;
use crate::passage::Span;

/// A sentence that states something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Where it stands in the text, in bytes.
    pub(crate) span: Span,
    /// Its words without markup and citation marks.
    pub(crate) plain: String,
}

/// The statements of `text`, in order.
pub(crate) fn statements(text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for span in sentences(text) {
        let sentence = &text[span.range()];
        let mark = ["```", "~~~"].into_iter().find(|mark| sentence.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => {
                fence = Some(mark).filter(|_| !sentence[3..].contains(mark));
                continue;
            }
            (Some(open), Some(mark)) if open == mark => {
                fence = None;
                continue;
            }
            (Some(_), _) => continue,
            (None, None) => {}
        }
        if sentence.starts_with('#') || citations::is_definition(text, span) {
            continue;
        }
        let plain = plain(sentence);
        if states_something(&plain) {
            found.push(Statement { span, plain });
        } else if !plain.contains(char::is_alphanumeric)
            && sentence.contains(['[', '【'])
            && let Some(last) = found.last_mut()
            && text[last.span.end..span.start].chars().all(|c| c.is_whitespace() && c != '\n')
        {
            // Marks behind the full stop cite for the sentence before.
            last.span = Span::new(last.span.start, span.end);
        }
    }
    found
}

/// The words of a sentence without marks of lists, quotations, emphasis, links, code and citations.
pub(crate) fn plain(sentence: &str) -> String {
    let mut plain = String::with_capacity(sentence.len());
    let mut rest = without_opening(sentence);
    while let Some(c) = rest.chars().next() {
        if let Some((label, length)) = citations::bracketed(rest) {
            plain.push_str(&label);
            rest = &rest[length..];
            continue;
        }
        let after = &rest[c.len_utf8()..];
        if c == '<'
            && let Some(end) = after.find('>')
            && is_tag(&after[..end])
        {
            rest = &after[end + 1..];
            continue;
        }
        let is_mark = match c {
            '*' | '`' => true,
            '_' => {
                let before = plain.chars().next_back();
                !(before.is_some_and(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric))
            }
            '~' => after.starts_with('~') || plain.ends_with('~'),
            '|' => {
                plain.push(' ');
                true
            }
            _ => false,
        };
        if !is_mark {
            plain.push(c);
        }
        rest = after;
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether what stands between `<` and `>` is a tag: a name, perhaps with attributes, and no words that say something.
fn is_tag(inside: &str) -> bool {
    let inside = inside.trim_start_matches('/').trim_end_matches('/');
    let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let is_name = name.len() <= 10 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name && !name.is_empty() && attributes.split_whitespace().next().is_none_or(|first| first.contains('='))
}

/// Without `- `, `1. `, `> ` and the like at the start.
fn without_opening(sentence: &str) -> &str {
    let mut rest = sentence;
    loop {
        let trimmed = rest.trim_start();
        let item =
            trimmed.strip_prefix(['-', '*', '+', '>', '•', '·']).filter(|rest| rest.starts_with(char::is_whitespace));
        let digits = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = (digits.len() < trimmed.len() && trimmed.len() - digits.len() <= 3)
            .then(|| digits.strip_prefix(['.', ')']).filter(|rest| rest.starts_with(char::is_whitespace)))
            .flatten();
        match item.or(numbered) {
            Some(next) => rest = next,
            None => return trimmed,
        }
    }
}

/// Whether there is anything to check: words, and no question.
fn states_something(plain: &str) -> bool {
    let letters = plain.chars().filter(|c| c.is_alphabetic()).count();
    let end = plain.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '?' | '？' | '؟'));
    letters >= 2 && !end.ends_with(['?', '？', '؟'])
}
