//! Decodes text of any encoding.
//!
//! What is certain comes first: a byte order mark, a declaration, escape sequences, valid UTF-8. Only then is the encoding
//! guessed from the text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};

use super::super::{Failure, Result};
use crate::lines::count_breaks;

mod wide;

/// The most characters that may be undecodable, as one in this many.
const TOLERATED: usize = 200;

/// What is known of an encoding besides the bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Hint<'a> {
    /// The label that a header, a `meta` element or an XML declaration gives.
    pub(crate) declared: Option<&'a str>,
    /// The language of the text as a BCP 47 tag. It helps to guess.
    pub(crate) language: Option<&'a str>,
}

impl<'a> Hint<'a> {
    /// An encoding with this label is declared.
    pub(crate) fn declared(label: Option<&'a str>) -> Self {
        Self { declared: label, language: None }
    }
}

/// A decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Without a byte order mark. It has no NUL.
    pub(crate) text: String,
    /// The name of its encoding.
    pub(crate) encoding: &'static str,
    /// Whether nothing but the text itself speaks for the encoding.
    pub(crate) guessed: bool,
    /// How many characters were undecodable and became U+FFFD.
    pub(crate) undecodable: usize,
}

impl Decoded {
    fn new(text: String, encoding: &'static str) -> Self {
        Self { text, encoding, guessed: false, undecodable: 0 }
    }

    /// What a user should know.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.guessed {
            notes.push(format!("was read as {}: its encoding was guessed", self.encoding));
        }
        if self.undecodable > 0 {
            let characters = if self.undecodable == 1 { "character that is" } else { "characters that are" };
            notes.push(format!("has {} {characters} not {}", self.undecodable, self.encoding));
        }
        notes
    }
}

/// The text of `bytes`.
///
/// # Errors
/// If they are not text, or if no encoding fits: more than one character in 200 would be undecodable.
pub(crate) fn decode(bytes: &[u8], hint: Hint) -> Result<Decoded> {
    let mut tried = Vec::new();
    if let Some(decoded) = by_mark(bytes, &mut tried).or_else(|| declared(bytes, hint.declared, &mut tried)) {
        return text_only(decoded);
    }
    if is_iso_2022(bytes) {
        return iso_2022(bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return Ok(Decoded::new(text.to_owned(), UTF_8.name()));
    }
    if let Some((text, encoding)) = wide::without_mark(bytes) {
        return text_only(Decoded { guessed: true, ..Decoded::new(text, encoding) });
    }
    not_binary(bytes)?;
    if let Some(decoded) = damaged_utf_8(bytes) {
        return Ok(decoded);
    }
    tried.push(UTF_8.name());
    guess(bytes, hint.language, tried)
}

/// By a byte order mark.
fn by_mark(bytes: &[u8], tried: &mut Vec<&'static str>) -> Option<Decoded> {
    if let Some(decoded) = wide::utf_32(bytes) {
        return Some(Decoded::new(decoded.0, decoded.1));
    }
    let (encoding, length) = Encoding::for_bom(bytes)?;
    fitting(encoding, bytes.get(length..)?, tried)
}

/// By a declaration. One that does not fit is ignored; so is Latin-1 for what is UTF-8, which many programs declare unasked.
fn declared(bytes: &[u8], label: Option<&str>, tried: &mut Vec<&'static str>) -> Option<Decoded> {
    let encoding = for_label(label?)?;
    let is_utf_8 = || !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    if encoding == WINDOWS_1252 && is_utf_8() {
        return None;
    }
    fitting(encoding, bytes, tried)
}

/// The encoding of a label, also of some that the web's standard does not know.
fn for_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.trim().as_bytes()).or_else(|| {
        match label.trim().to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
            "cp950" | "big5-eten" | "ms950" | "windows-950" => Some(BIG5),
            "cp936" | "ms936" | "windows-936" => Some(GB18030),
            "cp949" | "ms949" | "uhc" => Some(EUC_KR),
            "cp932" | "windows-932" => Some(SHIFT_JIS),
            "eucjp" => Some(EUC_JP),
            "utf-7" => None,
            other => {
                other.strip_prefix("cp").and_then(|page| Encoding::for_label(format!("windows-{page}").as_bytes()))
            }
        }
    })
}

fn is_iso_2022(bytes: &[u8]) -> bool {
    let shifts = |pair: &[u8]| pair == b"\x1B$";
    bytes.contains(&0x1B) && bytes.is_ascii() && bytes.windows(2).any(shifts)
}

/// Text in which escape sequences switch between sets of characters. It is valid UTF-8, so it must be known by them.
fn iso_2022(bytes: &[u8]) -> Result<Decoded> {
    match fitting(ISO_2022_JP, bytes, &mut Vec::new()) {
        Some(decoded) => text_only(decoded),
        None => Err(Failure::new(
            "is text of an encoding with escape sequences that cannot be read (ISO-2022-KR, ISO-2022-CN)",
            "convert it to UTF-8: iconv -f ISO-2022-KR -t UTF-8",
        )),
    }
}

/// UTF-8 in which few sequences are broken: a log that two programs wrote, a line cut in a character.
fn damaged_utf_8(bytes: &[u8]) -> Option<Decoded> {
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if broken.saturating_mul(20) > sound {
        return None;
    }
    fitting(UTF_8, bytes, &mut Vec::new())
}

fn guess(bytes: &[u8], language: Option<&str>, mut tried: Vec<&'static str>) -> Result<Decoded> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(language.and_then(country), Utf8Detection::Deny);
    if let Some(decoded) = fitting(encoding, bytes, &mut tried) {
        return Ok(Decoded { guessed: true, ..decoded });
    }
    let at = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
    let line = count_breaks(&String::from_utf8_lossy(bytes.get(..at).unwrap_or_default())) + 1;
    let reason = format!(
        "is text of an unknown encoding (not valid {}; the first byte that is not UTF-8 is byte {at}, line {line})",
        tried.join(", ")
    );
    Err(Failure::new(reason, "convert it to UTF-8 from its encoding: iconv -f ENCODING -t UTF-8"))
}

/// The country whose web pages are likely to be in a language's encodings, as the detector wants it.
fn country(language: &str) -> Option<&'static [u8]> {
    let tag = language.to_ascii_lowercase().replace('_', "-");
    let (main, rest) = tag.split_once('-').unwrap_or((&tag, ""));
    Some(match main {
        "zh" if ["hant", "tw", "hk", "mo"].iter().any(|part| rest.contains(part)) => b"tw",
        "zh" => b"cn",
        "ja" => b"jp",
        "ko" => b"kr",
        "ru" => b"ru",
        "uk" => b"ua",
        "pl" => b"pl",
        "cs" => b"cz",
        "hu" => b"hu",
        "tr" => b"tr",
        "el" => b"gr",
        "he" => b"il",
        "th" => b"th",
        "vi" => b"vn",
        _ => return None,
    })
}

/// The text if the bytes are of this encoding but for few.
fn fitting(encoding: &'static Encoding, bytes: &[u8], tried: &mut Vec<&'static str>) -> Option<Decoded> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let undecodable = if had_errors { text.matches('\u{FFFD}').count() } else { 0 };
    if undecodable.saturating_mul(TOLERATED) > text.chars().count() {
        tried.push(encoding.name());
        return None;
    }
    Some(Decoded { undecodable, ..Decoded::new(text.into_owned(), encoding.name()) })
}

/// Refuses decoded text with a NUL.
fn text_only(decoded: Decoded) -> Result<Decoded> {
    match decoded.text.find('\0') {
        Some(at) => Err(binary("NUL", decoded.text[..at].len())),
        None => Ok(decoded),
    }
}

/// Refuses bytes that are not of a text in any encoding that extends ASCII.
fn not_binary(bytes: &[u8]) -> Result<()> {
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(binary("NUL", at));
    }
    let is_control = |byte: &u8| matches!(byte, 0x01..=0x08 | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F);
    let controls = bytes.iter().filter(|byte| is_control(byte)).count();
    if controls.saturating_mul(TOLERATED) > bytes.len() {
        return Err(binary("control character", bytes.iter().position(is_control).unwrap_or(0)));
    }
    Ok(())
}

fn binary(what: &str, at: usize) -> Failure {
    Failure::new(format!("is not text ({what} at byte {at})"), "export it as text, or convert it to UTF-8")
}

#[cfg(test)]
mod tests;
