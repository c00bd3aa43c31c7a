//! A text as folded characters, each with its place in the original: what the readers of quantities go through.

use unicode_normalization::char::is_combining_mark;

use crate::passage::Span;
use crate::terms::{fold, is_invisible};

/// A folded text with the places of its characters.
pub(crate) struct Characters {
    chars: Vec<char>,
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
    is_upper: bool,
}

impl Characters {
    /// Fractions such as `½`, raised digits and numbers in circles stay as they are: folded, `6½` would read as 61/2.
    pub(crate) fn new(text: &str) -> Self {
        let mut found = Self { chars: Vec::with_capacity(text.len()), places: Vec::with_capacity(text.len()) };
        let mut rest = text.char_indices().peekable();
        while let Some((start, c)) = rest.next() {
            let mut end = start + c.len_utf8();
            if is_invisible(c) {
                continue;
            }
            let is_upper = c.is_uppercase();
            if c.is_ascii() && rest.peek().is_none_or(|(_, next)| next.is_ascii()) {
                found.push(c.to_ascii_lowercase(), Place { start, end, is_upper });
                continue;
            }
            while let Some((at, mark)) = rest.next_if(|(_, next)| is_combining_mark(*next) || is_invisible(*next)) {
                end = at + mark.len_utf8();
            }
            let place = Place { start, end, is_upper };
            if vulgar_fraction(c).is_some() || is_raised(c) || is_enclosed(c) {
                found.push(c, place);
            } else {
                fold(&text[start..end]).chars().for_each(|c| found.push(c, place));
            }
        }
        found
    }

    fn push(&mut self, c: char, place: Place) {
        self.chars.push(c);
        self.places.push(place);
    }

    pub(crate) fn len(&self) -> usize {
        self.chars.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    /// The character before `at`.
    pub(crate) fn before(&self, at: usize) -> Option<char> {
        self.get(at.checked_sub(1)?)
    }

    pub(super) fn is_upper(&self, at: usize) -> bool {
        self.places.get(at).is_some_and(|place| place.is_upper)
    }

    /// Whether `word`, folded, stands at `at`.
    pub(crate) fn starts_with(&self, at: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(n, c)| self.get(at + n) == Some(c))
    }

    /// The end of `word` if it stands at `at`, as a whole word if it ends with a letter of an alphabet.
    pub(crate) fn word(&self, at: usize, word: &str) -> Option<usize> {
        let end = at + word.chars().count();
        let is_whole = || {
            let spelt = |c: Option<char>| c.is_some_and(is_spelt);
            !(spelt(self.before(end)) && spelt(self.get(end)))
        };
        (self.starts_with(at, word) && is_whole()).then_some(end)
    }

    /// The end of the first of `words` that stands at `at`.
    pub(super) fn any(&self, at: usize, words: &[&str]) -> Option<usize> {
        words.iter().find_map(|word| self.word(at, word))
    }

    /// Whether one of `words` ends at `at`, up to spaces; whole words of alphabets only.
    pub(super) fn ends_with(&self, at: usize, words: &[&str]) -> bool {
        let end = self.skip_back(at);
        words.iter().any(|word| {
            end.checked_sub(word.chars().count()).is_some_and(|start| {
                let whole = !(self.get(start).is_some_and(is_spelt) && self.before(start).is_some_and(is_spelt));
                self.starts_with(start, word) && whole
            })
        })
    }

    /// The first place from `at` on that is no space.
    pub(crate) fn skip(&self, at: usize) -> usize {
        (at..self.len()).find(|at| !self.get(*at).is_some_and(is_space)).unwrap_or(self.len())
    }

    /// The place behind the last character before `at` that is no space.
    pub(crate) fn skip_back(&self, mut at: usize) -> usize {
        while self.before(at).is_some_and(is_space) {
            at -= 1;
        }
        at
    }

    /// The end of the run of letters of an alphabet at `at`.
    pub(crate) fn word_end(&self, at: usize) -> usize {
        (at..self.len()).find(|at| !self.get(*at).is_some_and(is_spelt)).unwrap_or(self.len())
    }

    pub(crate) fn text(&self, start: usize, end: usize) -> String {
        self.chars.get(start..end).unwrap_or_default().iter().collect()
    }

    pub(crate) fn all(&self) -> String {
        self.chars.iter().collect()
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &[char] {
        self.chars.get(start..end).unwrap_or_default()
    }

    /// The characters whose places in the original lie from `start` to `end`.
    pub(super) fn between(&self, start: usize, end: usize) -> String {
        let first = self.places.partition_point(|place| place.start < start);
        let last = self.places.partition_point(|place| place.start < end);
        self.text(first, last)
    }

    /// The first character that does not start before `byte` in the original.
    pub(crate) fn at_byte(&self, byte: usize) -> usize {
        self.places.partition_point(|place| place.start < byte)
    }

    /// The place in the original of the characters from `start` to `end`.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let first = self.places.get(start).map_or(0, |place| place.start);
        let last = end.checked_sub(1).and_then(|last| self.places.get(last)).map_or(first, |place| place.end);
        Span::new(first, last.max(first))
    }
}

pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// Whether `c` is a letter of a script that writes words with spaces.
pub(crate) fn is_spelt(c: char) -> bool {
    c.is_alphabetic()
        && !crate::terms::language::is_unspaced(c)
        && !crate::terms::language::is_hangul(c)
        && !matches!(c, '\u{E00}'..='\u{EFF}')
}

/// The value of `½` and its kind.
pub(super) fn vulgar_fraction(c: char) -> Option<f64> {
    const FRACTIONS: [(char, u8, u8); 19] = [
        ('½', 1, 2),
        ('⅓', 1, 3),
        ('⅔', 2, 3),
        ('¼', 1, 4),
        ('¾', 3, 4),
        ('⅕', 1, 5),
        ('⅖', 2, 5),
        ('⅗', 3, 5),
        ('⅘', 4, 5),
        ('⅙', 1, 6),
        ('⅚', 5, 6),
        ('⅐', 1, 7),
        ('⅛', 1, 8),
        ('⅜', 3, 8),
        ('⅝', 5, 8),
        ('⅞', 7, 8),
        ('⅑', 1, 9),
        ('⅒', 1, 10),
        ('↉', 0, 3),
    ];
    let found = FRACTIONS.iter().find(|(sign, ..)| *sign == c)?;
    Some(f64::from(found.1) / f64::from(found.2))
}

fn is_raised(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '\u{2070}'..='\u{209F}')
}

fn is_enclosed(c: char) -> bool {
    matches!(c, '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' | '\u{3220}'..='\u{3247}' | '\u{3280}'..='\u{32B0}')
}
