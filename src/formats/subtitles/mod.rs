//! Subtitles (SRT, WebVTT).

mod cues;
mod markup;

use super::{Contents, Extracted, Failure, Options, Result, builder::Builder, text, versions};
use crate::passage::{At, Format};
use cues::Cue;

/// A longer pause in milliseconds ends a paragraph.
const PAUSE_MS: u64 = 2_000;

/// A longer pause ends it also within a sentence.
const LONG_PAUSE_MS: u64 = 10_000;

/// A paragraph of this many bytes ends with its sentence.
const PARAGRAPH_BYTES: usize = 1_000;

/// Reads a file of one of these formats.
pub(super) fn read(format: Format, bytes: &[u8], options: &Options) -> Result<Contents> {
    let decoded = text::decode(bytes, options)?;
    let notes = decoded.notes();
    let cues = cues::parse(format, &decoded.text);
    if cues.is_empty() {
        return Err(Failure::new("has no subtitles (no line with two times and `-->`)", "check its format"));
    }
    let (text, layout) = paragraphs(&cues, options)?;
    let language = cues::language(&decoded.text).filter(|_| format == Format::Vtt);
    Ok(Contents::one(Extracted { format, text, layout, language, notes, ..Extracted::default() }))
}

/// Joins the cues. A cue is a place of its own, so a quote has the time at which it is said.
fn paragraphs(cues: &[Cue], options: &Options) -> Result<(String, crate::passage::Layout)> {
    let mut builder = Builder::new(versions::SUBTITLES, options.max_text_bytes);
    let are_punctuated = are_punctuated(cues);
    let mut paragraph_start = 0;
    let mut before: Option<&Cue> = None;
    for cue in cues {
        let at = Some(At::Time { start_ms: cue.start_ms, end_ms: cue.end_ms });
        let is_new = before.is_none_or(|before| {
            let pause = cue.start_ms.saturating_sub(before.end_ms);
            let is_long = builder.text().len() - paragraph_start > PARAGRAPH_BYTES;
            let is_open = are_punctuated && !ends_sentence(&before.text);
            pause > LONG_PAUSE_MS || pause > PAUSE_MS && !is_open || is_long && !is_open || cue.is_new_speaker
        });
        if is_new {
            builder.begin("\n\n");
            paragraph_start = builder.text().len();
        } else if !are_punctuated {
            // Nothing else says where a sentence ends.
            builder.begin("\n");
        } else {
            builder.push(separator(builder.text(), &cue.text), None)?;
        }
        builder.push(&cue.text, at)?;
        before = Some(cue);
    }
    Ok(builder.finish())
}

/// What joins two pieces of a sentence.
fn separator(before: &str, after: &str) -> &'static str {
    let is_unspaced = |c: Option<char>| {
        c.is_some_and(|c| {
            matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}'
            | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
        })
    };
    if is_unspaced(before.chars().next_back()) && is_unspaced(after.chars().next()) { "" } else { " " }
}

/// Whether a sentence ends here, and not in the next cue.
fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', ')', ']', '」', '』', '”', '’', '）', '》', '♪', ' ']);
    text.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।'])
}

/// Whether the subtitles have marks at the ends of sentences. Chinese ones often have none.
fn are_punctuated(cues: &[Cue]) -> bool {
    let ends = cues.iter().filter(|cue| ends_sentence(&cue.text)).count();
    ends * 6 >= cues.len()
}

#[cfg(test)]
mod tests;
