//! Takes the markup out of subtitles.

/// The longest tag in bytes; a longer one is text.
const MAX_TAG_BYTES: usize = 200;

/// What is said in a cue.
pub(super) struct Spoken {
    /// Its lines without markup, none of them empty.
    pub(super) lines: Vec<String>,
    /// The name in a voice tag, `<v Name>`.
    pub(super) speaker: Option<String>,
}

/// The lines of a cue without tags, style codes and the readings of ruby text.
pub(super) fn plain(lines: &[&str]) -> Spoken {
    let mut speaker = None;
    let lines = lines.iter().map(|line| plain_line(line, &mut speaker)).filter(|line| !line.is_empty()).collect();
    Spoken { lines, speaker }
}

fn plain_line(line: &str, speaker: &mut Option<String>) -> String {
    let mut plain = String::new();
    let mut rest = line;
    let mut is_reading = false;
    while let Some(c) = rest.chars().next() {
        let end = match c {
            '<' => tag_end(rest, '>'),
            '{' if rest.starts_with("{\\") => tag_end(rest, '}'),
            _ => None,
        };
        if let Some(end) = end {
            let (tag, after) = rest.split_at(end);
            let name = tag.trim_matches(['<', '>']).to_ascii_lowercase();
            match name.as_str() {
                "rt" => is_reading = true,
                "/rt" | "/ruby" => is_reading = false,
                _ if name.starts_with("v ") || name.starts_with("v.") => *speaker = voice(tag).or(speaker.take()),
                _ => {}
            }
            rest = after;
            continue;
        }
        let (text, length) = entity(rest).unwrap_or((c, c.len_utf8()));
        if !is_reading {
            plain.push(text);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a tag ends that starts here. `a < b` is no tag.
fn tag_end(text: &str, close: char) -> Option<usize> {
    let first = text.chars().nth(1)?;
    if close == '>' && !(first.is_ascii_alphanumeric() || first == '/') {
        return None;
    }
    let start = text.as_bytes().get(..MAX_TAG_BYTES).unwrap_or(text.as_bytes());
    start.iter().position(|byte| *byte == close as u8).map(|at| at + 1)
}

/// The name in a voice tag, `<v.loud Name>`.
fn voice(tag: &str) -> Option<String> {
    let (_, name) = tag.trim_matches(['<', '>']).split_once(' ')?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn entity(text: &str) -> Option<(char, usize)> {
    let known =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&nbsp;", ' '), ("&lrm;", '\u{200E}'), ("&rlm;", '\u{200F}')];
    known.iter().find(|(name, _)| text.starts_with(name)).map(|(name, c)| (*c, name.len()))
}
