//! Puts the text of inline elements together as a browser shows it: white space collapses, lines do not wrap.

/// The text of a paragraph that is being read.
#[derive(Debug, Default)]
pub(super) struct Flow {
    text: String,
    /// White space that has not been written, since what follows decides about it.
    space: Option<Space>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Blank,
    LineEnd,
}

impl Flow {
    /// Adds text in which white space collapses.
    pub(super) fn push(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '\n' | '\r' => self.space = Some(Space::LineEnd),
                ' ' | '\t' | '\u{c}' => self.space = self.space.or(Some(Space::Blank)),
                // Neither is visible: a place where a word may be broken, and a byte order mark.
                '\u{ad}' | '\u{feff}' | '\0' => {}
                _ => {
                    self.write_space(character);
                    self.text.push(character);
                }
            }
        }
    }

    /// Adds text as it is.
    pub(super) fn push_verbatim(&mut self, text: &str) {
        let shown = text.chars().filter(|character| !matches!(character, '\u{ad}' | '\u{feff}' | '\0'));
        self.text.extend(shown);
    }

    /// Adds a line break; two of them end a paragraph.
    pub(super) fn line_break(&mut self) {
        self.space = None;
        let shown = self.text.trim_end_matches(' ').len();
        self.text.truncate(shown);
        self.text.push('\n');
    }

    /// Whether the last thing was a line break.
    pub(super) fn ends_line(&self) -> bool {
        self.text.ends_with('\n')
    }

    /// The last character that is not collapsed white space.
    pub(super) fn last(&self) -> Option<char> {
        if self.space.is_some() { None } else { self.text.chars().next_back() }
    }

    /// The text, which starts anew.
    pub(super) fn take(&mut self) -> String {
        self.space = None;
        std::mem::take(&mut self.text)
    }

    fn write_space(&mut self, next: char) {
        let Some(space) = self.space.take() else { return };
        let Some(last) = self.text.chars().next_back() else { return };
        let is_wrapped = space == Space::LineEnd && is_unspaced(last) && is_unspaced(next);
        if last != '\n' && last != ' ' && !is_wrapped {
            self.text.push(' ');
        }
    }
}

/// Whether no space belongs beside it where a line was wrapped: Han, kana and their punctuation, but not Hangul.
pub(in crate::formats) fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{2e80}'..='\u{30ff}' | '\u{31c0}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(parts: &[&str]) -> String {
        let mut flow = Flow::default();
        parts.iter().for_each(|part| flow.push(part));
        flow.take()
    }

    #[test]
    fn white_space_collapses_over_elements() {
        assert_eq!(flow(&["  a \n b", " ", " c"]), "a b c");
        assert_eq!(flow(&["half", "way"]), "halfway");
        assert_eq!(flow(&["no\u{a0}break soft\u{ad}hyphen"]), "no\u{a0}break softhyphen");
    }

    #[test]
    fn a_wrapped_line_of_chinese_has_no_space_but_one_of_korean_has() {
        assert_eq!(flow(&["元月的債市\n  像一間戲院,\n觀眾"]), "元月的債市像一間戲院, 觀眾");
        assert_eq!(flow(&["戲院，\n觀眾 都"]), "戲院，觀眾 都");
        assert_eq!(flow(&["시장은\n극장"]), "시장은 극장");
    }
}
