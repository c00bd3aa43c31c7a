//! What a sentence is about, as far as its names tell: two banks that expect cuts are no versions of one statement.

use std::collections::HashSet;

use super::condense::is_unspaced;
use super::versions::without_quantities;
use crate::terms::{fold, is_question_word, names_nothing};

/// Characters at the start of two sentences without spaces that have one subject.
const COMMON: usize = 4;
/// So many are enough if words follow that end a subject, folded.
const COMMON_SUBJECT: usize = 3;
const ENDING: &str = "为是已的将会在は が の も を に 达约共";
/// Words that begin a sentence with a capital and are no names, folded.
const OPENING: [&str; 30] = [
    "the", "a", "an", "in", "on", "at", "of", "by", "from", "since", "for", "it", "its", "this", "these", "their",
    "about", "der", "die", "das", "ein", "eine", "im", "am", "le", "la", "les", "el", "los", "un",
];

/// The names of a sentence, and how it begins.
#[derive(Debug)]
pub(super) struct Subject {
    /// Words with a capital or with digits, folded.
    names: HashSet<String>,
    /// All its words, folded.
    words: HashSet<String>,
    /// The letters of a sentence without spaces, folded.
    unspaced: Option<Vec<char>>,
}

impl Subject {
    pub(super) fn of(sentence: &str) -> Self {
        let rest = without_quantities(sentence);
        let words: Vec<&str> = words(&rest).collect();
        let is_name = |word: &&&str| {
            let has_digit = word.contains(|c: char| c.is_ascii_digit());
            (has_digit || word.starts_with(char::is_uppercase)) && word.contains(char::is_alphabetic)
        };
        // A single letter is a name: "model A". At the start it is an article.
        let is_opening = |at: usize, word: &str| at == 0 && (OPENING.contains(&word) || names_nothing(word));
        let names = words.iter().enumerate().filter(|(_, word)| is_name(word)).map(|(at, word)| (at, fold(word)));
        let names = names.filter(|(at, word)| !is_opening(*at, word)).map(|(_, word)| word).collect();
        let unspaced = is_unspaced(&rest).then(|| fold(&rest).chars().filter(|c| c.is_alphanumeric()).collect());
        Self { names, words: words.into_iter().map(fold).collect(), unspaced }
    }

    /// Whether no name tells that two sentences are about different things.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is_part_of(other) && other.is_part_of(self)
    }

    /// Whether the other sentence has all names of this one, and begins alike if names cannot be told.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        let begins_alike = match (&self.unspaced, &other.unspaced) {
            (None, None) => true,
            (Some(one), Some(other)) => begin_alike(one, other),
            _ => false,
        };
        begins_alike && self.names.is_subset(&other.words)
    }
}

fn begin_alike(one: &[char], other: &[char]) -> bool {
    let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let ends = |letters: &[char]| letters.get(common).is_some_and(|c| ENDING.contains(*c));
    common >= COMMON || common >= COMMON_SUBJECT && ends(one) && ends(other)
}

/// Words of alphabets, without their genitive "s".
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() || is_unspaced_letter(c));
    words.filter(|word| !word.is_empty())
}

fn is_unspaced_letter(c: char) -> bool {
    crate::terms::language::is_han(c) || crate::terms::language::is_kana(c)
}

/// The names that a question has after its first word, folded: runs of words with a capital.
pub(super) fn names_asked_for(question: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut is_open = false;
    let own: Vec<&str> = words(question).collect();
    for (at, word) in own.iter().enumerate() {
        let folded = fold(word);
        let asks = is_question_word(&folded) || OPENING.contains(&folded.as_str()) || names_nothing(&folded);
        // The first word has a capital anyway, but not a second one behind it.
        let is_sure = at > 0 || own.get(1).is_none_or(|next| next.starts_with(char::is_uppercase));
        let is_name = word.starts_with(char::is_uppercase) && !asks && (is_sure || is_unspaced(question));
        match names.last_mut().filter(|_| is_open && is_name) {
            Some(last) => *last = format!("{last} {folded}"),
            None if is_name => names.push(folded),
            None => {}
        }
        is_open = is_name;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_with_other_names_are_about_something_else() {
        for (one, other, is_same) in [
            ("The Tannis Bridge is 412 m long.", "The Tannis Bridge is 421 m long.", true),
            ("The Tannis Bridge is 412 m long.", "The Harbour Bridge is 421 m long.", false),
            ("JPMorgan expects two cuts.", "UBS expects three cuts.", false),
            ("Model A costs £20.", "Model B costs £20.", false),
            ("Repairs cost £20 from May.", "The repairs cost £30 from June.", true),
            ("高盛預期降息三次。", "瑞銀預期降息兩次。", false),
            ("漏水率為18%。", "漏水率已降到15%。", true),
            ("中國石油獲利三億元。", "中國石化獲利兩億元。", false),
            ("日銀は7月31日、政策金利を0.75％に据え置いた。", "日銀は10月30日、政策金利を1.0％に引き上げた。", true),
        ] {
            assert_eq!(Subject::of(one).is_same(&Subject::of(other)), is_same, "{one} | {other}");
        }
    }

    #[test]
    fn a_question_has_names() {
        assert_eq!(names_asked_for("How long is the Tannis Bridge in Hull?"), ["tannis bridge", "hull"]);
        assert_eq!(names_asked_for("Tannis Bridge有多長?"), ["tannis bridge"]);
        assert_eq!(names_asked_for("Repairs?"), ["repairs"]);
        assert!(names_asked_for("Who is it?").is_empty());
    }
}
