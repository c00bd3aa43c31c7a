//! Finds the cues of a file: what is shown, from when to when.

use super::{markup, separator};
use crate::lines::contents;
use crate::passage::Format;

/// A text that is shown for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    /// On one line, without markup.
    pub(super) text: String,
    /// Whether another person speaks than before.
    pub(super) is_new_speaker: bool,
}

/// The cues of a text, without what rolling captions show twice.
pub(super) fn parse(format: Format, text: &str) -> Vec<Cue> {
    let mut cues = Vec::new();
    let mut shown: Vec<String> = Vec::new();
    let mut speaker: Option<String> = None;
    for block in blocks(format, text) {
        let markup::Spoken { lines, speaker: named } = markup::plain(&block.lines);
        let is_new_speaker = named.is_some() && named != speaker;
        if named.is_some() {
            speaker.clone_from(&named);
        }
        let new: Vec<&String> = lines.iter().skip_while(|line| shown.contains(line)).collect();
        let mut is_first = true;
        for (text, is_dialogue) in turns(&new) {
            let name = speaker.as_deref().filter(|_| is_new_speaker && is_first);
            let text = name.map_or_else(|| text.clone(), |name| format!("{name}: {text}"));
            let is_new_speaker = is_new_speaker && is_first || is_dialogue;
            cues.push(Cue { start_ms: block.start_ms, end_ms: block.end_ms, text, is_new_speaker });
            is_first = false;
        }
        shown = lines;
    }
    cues
}

/// The language that the head of a WebVTT file names.
pub(super) fn language(text: &str) -> Option<String> {
    let head = contents(text).take_while(|line| !line.trim().is_empty()).take(20);
    head.filter_map(|line| line.strip_prefix("Language:")).map(|tag| tag.trim().to_owned()).next()
}

/// The lines under a line of times.
struct Block<'a> {
    start_ms: u64,
    end_ms: u64,
    lines: Vec<&'a str>,
}

fn blocks(format: Format, text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for line in contents(text) {
        if let Some((start_ms, end_ms)) = times(line) {
            if let Some(last) = blocks.last_mut().filter(|_| is_open) {
                drop_number(&mut last.lines);
            }
            blocks.push(Block { start_ms, end_ms: end_ms.max(start_ms), lines: Vec::new() });
            is_open = true;
        } else if line.trim().is_empty() && format == Format::Vtt {
            is_open = false;
        } else if let Some(last) = blocks.last_mut().filter(|_| is_open) {
            last.lines.push(line.trim());
        }
    }
    blocks
}

/// Drops the number of the next cue, which stands on the line before its times, and empty lines.
fn drop_number(lines: &mut Vec<&str>) {
    if lines.last().is_some_and(|line| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit())) {
        lines.pop();
    }
}

/// The times of a line such as `00:00:01,000 --> 00:00:04,200 align:start`.
fn times(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    Some((milliseconds(start.trim())?, milliseconds(rest.split_whitespace().next()?)?))
}

/// `[[HH:]MM:]SS[,mmm]` in milliseconds.
fn milliseconds(time: &str) -> Option<u64> {
    let (whole, fraction) = time.split_once([',', '.']).unwrap_or((time, ""));
    let mut seconds = 0_u64;
    for part in whole.splitn(3, ':') {
        seconds = seconds.checked_mul(60)?.checked_add(u64::from(part.trim().parse::<u32>().ok()?))?;
    }
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    seconds.checked_mul(1_000)?.checked_add(digits.parse().ok()?)
}

/// The lines of a cue, joined for each speaker: a line that begins with a dash is another's.
fn turns(lines: &[&String]) -> Vec<(String, bool)> {
    let mut turns: Vec<(String, bool)> = Vec::new();
    let begins = |line: &str| line.starts_with(['-', '–', '—', '‐', '－']) && lines.len() > 1;
    for line in lines.iter().filter(|line| !line.is_empty()) {
        match turns.last_mut().filter(|_| !begins(line)) {
            Some((text, _)) => {
                text.push_str(separator(text, line));
                text.push_str(line);
            }
            None => turns.push(((*line).clone(), begins(line))),
        }
    }
    turns
}
