//! The encoding of a page: a byte order mark, what the sender says, what the page says, or a guess.

use crate::formats::Result;
use crate::formats::text::encoding::{self, Decoded, Hint};

/// How far into a page its declaration may stand. Browsers look at 1,024 bytes; some pages have long comments before.
const DECLARATION_BYTES: usize = 4_096;

/// Decodes a page. `label` is the encoding that its sender names.
pub(in crate::formats) fn decode(bytes: &[u8], label: Option<&str>) -> Result<Decoded> {
    let head = bytes.get(..DECLARATION_BYTES).unwrap_or(bytes).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let declared = label.map(str::to_owned).or_else(|| in_xml(&head)).or_else(|| in_meta(&head));
    // A page whose declaration can be read in ASCII is not UTF-16, whatever it says.
    let declared = declared.map(|label| if label.starts_with("utf-16") { "utf-8".to_owned() } else { label });
    let language = attribute(&head, "lang");
    let declared = declared.filter(|_| !is_surely_utf_8(bytes));
    let hint = Hint { declared: declared.as_deref(), language: language.as_deref() };
    encoding::decode(bytes, hint)
}

/// Whether text is UTF-8 whatever it declares: many programs save a page as UTF-8 and leave its declaration. A few
/// characters of a Chinese encoding can look like UTF-8 by chance, but not with characters of three bytes.
fn is_surely_utf_8(bytes: &[u8]) -> bool {
    const ENOUGH: usize = 6;
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    text.chars().filter(|character| *character >= '\u{800}').nth(ENOUGH - 1).is_some()
}

fn in_xml(head: &str) -> Option<String> {
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    attribute(declaration, "encoding")
}

/// The label in a `meta` element, as `charset=big5` or in `content="text/html; charset=big5"`.
fn in_meta(head: &str) -> Option<String> {
    let mut rest = head;
    while let Some((_, after)) = rest.split_once("<meta") {
        let tag = after.split('>').next().unwrap_or_default();
        if let Some(value) = attribute(tag, "charset").filter(|value| !value.is_empty()) {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// The value after `name=`, with or without quotes.
fn attribute(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(name) {
        rest = after;
        let is_name = !before.ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let Some(value) = after.trim_start().strip_prefix('=').filter(|_| is_name) else { continue };
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        let end = value.find(|c: char| matches!(c, '"' | '\'' | '>' | ';' | '/') || c.is_whitespace());
        let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
        return Some(value.to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_of_a_page_is_found_in_every_form() {
        assert_eq!(in_meta("<head><meta charset=big5>").as_deref(), Some("big5"));
        assert_eq!(in_meta("<meta name=a><meta charset = 'gbk' />").as_deref(), Some("gbk"));
        let old = "<meta http-equiv=content-type content=\"text/html; charset=shift_jis\">";
        assert_eq!(in_meta(old).as_deref(), Some("shift_jis"));
        assert_eq!(in_xml("<?xml version='1.0' encoding='euc-kr'?><html>").as_deref(), Some("euc-kr"));
        assert_eq!(in_meta("<meta name=\"accept-charset\">charset=x"), None);
    }

    #[test]
    fn a_page_that_declares_the_wrong_encoding_is_read_all_the_same() {
        let page = "<meta charset=utf-8><html lang=zh-TW><p>元月的債市像一間剛熄燈的戲院，觀眾都坐好了，沒有人知道下一場演什麼。";
        let (bytes, ..) = encoding_rs::BIG5.encode(page);
        assert_eq!(decode(&bytes, None).unwrap().text, page);
        assert_eq!(decode(&bytes, Some("big5")).unwrap().text, page);
    }
}
