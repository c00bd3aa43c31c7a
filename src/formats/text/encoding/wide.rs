//! UTF-16 without a byte order mark, and UTF-32.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Letters that are among the most frequent of their language, so that text in another encoding has few of them.
const FREQUENT: &str =
    "的一是不了在人有我他這这中大來来上國国個个到說说們们為为和年이다는의을가고에한оеаинтсرοαιτνاليمنที่";

/// The text of bytes that begin with a byte order mark of UTF-32, and the name of the encoding.
pub(super) fn utf_32(bytes: &[u8]) -> Option<(String, &'static str)> {
    let is_little = bytes.starts_with(&[0xFF, 0xFE, 0, 0]);
    if !is_little && !bytes.starts_with(&[0, 0, 0xFE, 0xFF]) || !bytes.len().is_multiple_of(4) {
        return None;
    }
    let (characters, _) = bytes.get(4..)?.as_chunks::<4>();
    let code = |four: &[u8; 4]| if is_little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) };
    let text = characters.iter().map(|four| char::from_u32(code(four))).collect::<Option<String>>()?;
    Some((text, if is_little { "UTF-32LE" } else { "UTF-32BE" }))
}

/// The text of bytes that look like UTF-16, and the name of the encoding.
///
/// Nearly any two bytes are a character of UTF-16, so the text must also look like one: its characters are of the common
/// blocks, and some of them are spaces, punctuation or frequent letters.
pub(super) fn without_mark(bytes: &[u8]) -> Option<(String, &'static str)> {
    if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let best = [UTF_16LE, UTF_16BE].into_iter().filter_map(|encoding| Some((frequent(bytes, encoding)?, encoding)));
    let (_, encoding) = best.max_by_key(|(count, _)| *count)?;
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Some((text.into_owned(), encoding.name()))
}

/// How many characters of the bytes in this encoding are frequent ones; `None` if they do not look like text.
fn frequent(bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let (mut all, mut common, mut frequent) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        common += usize::from(is_common(c));
        frequent += usize::from(is_frequent(c));
    }
    (common * 100 > all * 97 && frequent >= 3 && frequent * 50 > all).then_some(frequent)
}

fn is_common(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{A0}'..='\u{24F}' | '\u{370}'..='\u{52F}'
        | '\u{590}'..='\u{6FF}' | '\u{900}'..='\u{DFF}' | '\u{E01}'..='\u{E5B}' | '\u{1E00}'..='\u{1EFF}'
        | '\u{2010}'..='\u{205E}' | '\u{20A0}'..='\u{20BF}' | '\u{2100}'..='\u{22FF}' | '\u{2460}'..='\u{25FF}'
        | '\u{3000}'..='\u{30FF}' | '\u{3105}'..='\u{312F}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF01}'..='\u{FFE6}')
}

fn is_frequent(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '\n' | ' ' | '.' | ',' | '\u{3000}'..='\u{3002}' | '\u{3041}'..='\u{3093}'
            | '\u{300C}' | '\u{300D}' | '，' | '：' | '；' | '？' | '！')
        || !c.is_ascii() && FREQUENT.contains(c)
}
