//! Refuses tags with absurdly many attributes, on which the tokenizer takes quadratic time.

use crate::formats::{Failure, Result};

/// No sound page has more in one tag.
const MAX_ATTRIBUTES: usize = 1_024;

/// Elements whose content is no markup.
const RAW: [&[u8]; 8] = [b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes"];

/// Checks every tag of `html`.
pub(super) fn check(html: &str) -> Result<()> {
    let mut scan = Scan { bytes: html.as_bytes(), at: 0 };
    while scan.skip_past(|byte| byte == b'<') {
        if scan.rest().starts_with(b"!--") {
            scan.at += 1;
            scan.skip_past_sequence(b"-->");
        } else if scan.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            let start = scan.at;
            scan.skip_while(|byte| !is_space(byte) && byte != b'/' && byte != b'>');
            let name = scan.bytes.get(start..scan.at).unwrap_or_default();
            if scan.count_attributes() > MAX_ATTRIBUTES {
                return Err(Failure::new(
                    format!("has a tag with more than {MAX_ATTRIBUTES} attributes"),
                    "it is damaged or made to overload programs; save the page again",
                ));
            }
            if RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
                scan.skip_raw(name);
            }
        }
    }
    Ok(())
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_while(&mut self, is_skipped: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| !is_skipped(*byte)).unwrap_or(rest.len());
    }

    /// Moves behind the first such byte. `false` at the end.
    fn skip_past(&mut self, is_end: impl Fn(u8) -> bool) -> bool {
        self.skip_while(|byte| !is_end(byte));
        let found = self.at < self.bytes.len();
        self.at += usize::from(found);
        found
    }

    fn skip_past_sequence(&mut self, sequence: &[u8]) {
        let rest = self.rest();
        let found = rest.windows(sequence.len()).position(|window| window == sequence);
        self.at += found.map_or(rest.len(), |at| at + sequence.len());
    }

    /// Moves to the end tag of an element without markup inside.
    fn skip_raw(&mut self, name: &[u8]) {
        while self.skip_past(|byte| byte == b'<') {
            let rest = self.rest();
            let is_end = rest.first() == Some(&b'/')
                && rest.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
            if is_end {
                return;
            }
        }
    }

    /// Moves to the end of a tag.
    fn count_attributes(&mut self) -> usize {
        let mut count = 0;
        loop {
            self.skip_while(|byte| is_space(byte) || byte == b'/');
            match self.peek() {
                None | Some(b'>') => return count,
                Some(_) => self.at += 1,
            }
            count += 1;
            self.skip_while(|byte| !is_space(byte) && !matches!(byte, b'/' | b'>' | b'='));
            self.skip_while(is_space);
            if self.peek() != Some(b'=') {
                continue;
            }
            self.at += 1;
            self.skip_while(is_space);
            match self.peek() {
                Some(quote @ (b'"' | b'\'')) => {
                    self.at += 1;
                    self.skip_past(|byte| byte == quote);
                }
                _ => self.skip_while(|byte| !is_space(byte) && byte != b'>'),
            }
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize) -> String {
        (0..count).fold(String::new(), |all, n| format!("{all} a{n}"))
    }

    #[test]
    fn a_tag_with_thousands_of_attributes_is_refused() {
        assert!(check(&format!("<p{}>", many(2_000))).unwrap_err().reason.contains("attributes"));
        assert!(check(&format!("<p{}", many(2_000))).is_err());
    }

    #[test]
    fn long_texts_scripts_comments_and_values_are_no_attributes() {
        let words = many(2_000);
        for html in [
            format!("<p>{words}</p>"),
            format!("<script>if (a <b {words})</script>"),
            format!("<!-- <b {words} -->"),
            format!("<img src=\"{words}\">"),
        ] {
            assert_eq!(check(&html), Ok(()));
        }
    }
}
