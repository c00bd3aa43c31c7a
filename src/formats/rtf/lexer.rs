//! Splits an RTF file into groups, control words and bytes.

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// `\par`, `\fs24`.
    Word(&'a str, Option<i32>),
    /// `\~`: a backslash with a character that is no letter.
    Symbol(u8),
    /// A byte of text, given as it is or as `\'hh`.
    Byte(u8),
}

/// The pieces of a file.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Passes over bytes that are no text.
    pub(super) fn pass_over(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.bytes.len());
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.at += 1;
        }
        if self.at == start {
            let symbol = self.peek()?;
            self.at += 1;
            if symbol != b'\'' {
                return Some(Token::Symbol(symbol));
            }
            let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
            let high = digit(self.bytes.get(self.at));
            let low = digit(self.bytes.get(self.at + 1));
            return Some(match (high, low) {
                (Some(high), Some(low)) => {
                    self.at += 2;
                    Token::Byte((high * 16 + low) as u8)
                }
                _ => Token::Symbol(b'\''),
            });
        }
        let word = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
        let number_start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let number = std::str::from_utf8(self.bytes.get(number_start..self.at)?).ok()?;
        let value = number.parse::<i64>().ok().map(|value| value.clamp(i32::MIN.into(), i32::MAX.into()) as i32);
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        Some(Token::Word(word, value))
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                other => return Some(Token::Byte(other)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_words_symbols_and_bytes_are_told_apart() {
        let tokens: Vec<_> = Lexer::new(b"{\\u-10179?\\b0 x\r\n\\'a5\\~\\zz\\par}\\").collect();
        let expected = [
            Token::Open,
            Token::Word("u", Some(-10_179)),
            Token::Byte(b'?'),
            Token::Word("b", Some(0)),
            Token::Byte(b'x'),
            Token::Byte(0xA5),
            Token::Symbol(b'~'),
            Token::Word("zz", None),
            Token::Word("par", None),
            Token::Close,
        ];
        assert_eq!(tokens, expected);
    }
}
