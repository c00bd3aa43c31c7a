//! A text's own citations: `[1]`, `[^note]`, `[2, 3]`, `[4-6]`, links, addresses and ids of documents.

use std::collections::BTreeMap;

use crate::lines::lines;
use crate::passage::{Cited, Span};

/// A longer range of numbers is no citation.
const LONGEST_RANGE: usize = 50;
/// A longer label is no citation, in bytes.
const MAX_LABEL: usize = 300;

/// Where citations lead.
pub(crate) struct Sources<'a> {
    /// What the text itself says of its marks, by label.
    pub(crate) definitions: BTreeMap<String, Vec<String>>,
    /// Ids of the documents that `[1]`, `[2]` … denote where the text defines no marks.
    pub(crate) numbered: &'a [String],
    /// Ids of the documents that an id, an address or a title denotes.
    pub(crate) resolve: &'a dyn Fn(&str) -> crate::Result<Vec<String>>,
}

/// A citation as it is written.
struct Mark<'t> {
    written: &'t str,
    targets: Vec<Target<'t>>,
}

enum Target<'t> {
    Label(String),
    Address(&'t str),
}

/// The definitions of a text's marks: what stands behind `[1]:`, `[^1]:` or, at the start of a line, `[1]`.
pub(crate) fn definitions(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines(text) {
        let Some((label, content)) = definition(&text[line.start..line.end]) else { continue };
        let candidates = found.entry(label).or_default();
        for mark in marks(content) {
            candidates.extend(mark.targets.iter().filter_map(|target| match target {
                Target::Address(address) => Some((*address).to_owned()),
                Target::Label(_) => None,
            }));
        }
        candidates.extend(link_labels(content));
        // `[1]: address "title"`, `[1] title, source`, `[1]: id`
        candidates.push(content.trim().trim_end_matches(['.', '。']).to_owned());
        candidates.extend(content.split_whitespace().next().map(str::to_owned));
        let title = content.split(['"', '“', '”', '《', '》', '「', '」', '—', ',', '，']).map(str::trim);
        candidates.extend(title.filter(|part| !part.is_empty()).map(str::to_owned));
        candidates.truncate(MAX_CANDIDATES);
    }
    found
}

/// Whether the sentence at `span` defines a mark or is part of such a line.
pub(super) fn is_definition(text: &str, span: Span) -> bool {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.start..].find('\n').map_or(text.len(), |at| span.start + at);
    definition(&text[start..end]).is_some()
}

/// Names of a document that are tried for a mark, at most.
const MAX_CANDIDATES: usize = 16;

/// The label and the content of a line that defines a mark.
fn definition(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start().trim_start_matches(['-', '*']).trim_start();
    let rest = line.strip_prefix('[')?;
    let (label, content) = rest.split_once(']')?;
    let is_note = label.starts_with('^');
    let label = label.trim_start_matches('^').trim();
    if label.is_empty() || label.len() > MAX_LABEL {
        return None;
    }
    if let Some(content) = content.strip_prefix(':') {
        return Some((label.to_owned(), content));
    }
    // `[1] Title of the source`, but not `[1](address)`.
    let is_number = label.bytes().all(|byte| byte.is_ascii_digit());
    (!is_note && is_number && content.starts_with(' ') && !content.trim().is_empty())
        .then(|| (label.to_owned(), content))
}

/// Texts of links.
fn link_labels(content: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = content;
    while let Some(open) = rest.find('[') {
        let inside = &rest[open + 1..];
        let Some(close) = inside.find(']') else { break };
        if inside[close + 1..].starts_with('(') {
            found.push(inside[..close].to_owned());
        }
        rest = &inside[close + 1..];
    }
    found
}

/// What a sentence cites.
///
/// # Errors
///
/// Those of looking documents up.
pub(crate) fn cited_in(sentence: &str, sources: &Sources<'_>) -> crate::Result<Vec<Cited>> {
    let mut cited: Vec<Cited> = Vec::new();
    for mark in marks(sentence) {
        let mut documents: Vec<String> = Vec::new();
        let mut is_certain = false;
        for target in &mark.targets {
            let found = match target {
                Target::Address(address) => {
                    is_certain = true;
                    (sources.resolve)(address)?
                }
                Target::Label(label) => {
                    is_certain |= is_number(label) || is_id(label) || mark.written.starts_with("[^");
                    resolve_label(label, sources)?
                }
            };
            documents.extend(found);
        }
        documents.sort();
        documents.dedup();
        // `[sic]` is no citation; `[7]` is one, even if it leads nowhere.
        if is_certain || !documents.is_empty() {
            cited.push(Cited { mark: mark.written.to_owned(), documents });
        }
    }
    Ok(cited)
}

fn resolve_label(label: &str, sources: &Sources<'_>) -> crate::Result<Vec<String>> {
    if let Some(candidates) = sources.definitions.get(label) {
        for candidate in candidates {
            let found = (sources.resolve)(candidate)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        return Ok(Vec::new());
    }
    if let Ok(number) = label.parse::<usize>() {
        return Ok(number.checked_sub(1).and_then(|at| sources.numbered.get(at)).cloned().into_iter().collect());
    }
    (sources.resolve)(label)
}

/// The citation marks of a sentence.
fn marks(sentence: &str) -> Vec<Mark<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < sentence.len() {
        let rest = &sentence[at..];
        let Some(c) = rest.chars().next() else { break };
        if let Some((mark, length)) = bracket_mark(rest) {
            found.extend(mark);
            at += length;
        } else if rest.starts_with("http://") || rest.starts_with("https://") {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | ')' | ']' | '"' | '，' | '。' | '」'));
            let address = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ';', ':']);
            found.push(Mark { written: address, targets: vec![Target::Address(address)] });
            at += address.len().max(1);
        } else {
            at += c.len_utf8();
        }
    }
    found
}

/// The mark in brackets that `text` starts with, and its length; no mark for brackets that cite nothing.
fn bracket_mark(text: &str) -> Option<(Option<Mark<'_>>, usize)> {
    let (open, close) = match text.chars().next()? {
        '[' => ('[', ']'),
        '［' => ('［', '］'),
        '【' => ('【', '】'),
        _ => return None,
    };
    let inside = &text[open.len_utf8()..];
    let end = inside.find(close).filter(|end| *end <= MAX_LABEL && !inside[..*end].contains('\n'))?;
    let label = &inside[..end];
    let length = open.len_utf8() + end + close.len_utf8();
    let behind = &text[length..];
    if let Some(address) = behind.strip_prefix('(')
        && let Some(close) = address.find(')')
    {
        let target = address[..close].trim().trim_start_matches('<');
        let target = target.split(['>', ' ']).next().unwrap_or_default();
        let length = length + 1 + close + 1;
        let mark = Mark { written: &text[..length], targets: vec![Target::Address(target)] };
        return Some((Some(mark).filter(|_| !target.is_empty()), length));
    }
    let labels = labels(label);
    let mark = Mark { written: &text[..length], targets: labels.into_iter().map(Target::Label).collect() };
    Some((Some(mark).filter(|mark| !mark.targets.is_empty()), length))
}

fn is_number(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a label looks like an id: one word with figures and a mark between them, such as `minutes-2026` or `a/b.md`.
fn is_id(label: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '#');
    label.chars().all(is_part)
        && label.contains(|c: char| c.is_alphabetic())
        && label.contains(['-', '_', '.', '/', ':', '#'])
        && label.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | '/'))
}

/// What a mark's brackets say: `1`, `^note`, `2, 3`, `4-6`, `4†source`.
fn labels(inside: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in inside.split([',', ';', '，', '、']) {
        let part = part.trim().trim_start_matches('^').trim();
        let part = part.split('†').next().unwrap_or(part).trim();
        if part.is_empty() {
            continue;
        }
        let range = part.split_once(['-', '–', '—', '~']).and_then(|(first, last)| {
            let (first, last) =
                (first.trim().parse::<usize>().ok()?, last.trim().trim_start_matches('^').parse::<usize>().ok()?);
            (first <= last && last - first < LONGEST_RANGE).then_some(first..=last)
        });
        match range {
            Some(range) => found.extend(range.map(|number| number.to_string())),
            None => found.push(part.to_owned()),
        }
    }
    found
}

/// What brackets at the start of `text` stand for in plain words, and their length: the text of a link, nothing for a mark.
pub(super) fn bracketed(text: &str) -> Option<(String, usize)> {
    let image = usize::from(text.starts_with("!["));
    let (mark, length) = bracket_mark(&text[image..])?;
    let inside = text[image..].trim_start_matches(['[', '［', '【']);
    let label = inside.split([']', '］', '】']).next().unwrap_or_default();
    let is_link = mark.as_ref().is_some_and(|mark| matches!(mark.targets.first(), Some(Target::Address(_))));
    let is_mark = label.starts_with('^') && !label.contains(char::is_whitespace)
        || labels(label).iter().all(|label| is_number(label) || is_id(label));
    if is_link {
        return Some((if image == 1 { String::new() } else { label.to_owned() }, image + length));
    }
    is_mark.then(|| (String::new(), image + length))
}
