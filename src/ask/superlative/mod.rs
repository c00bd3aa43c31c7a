//! Questions for the most or the least of something, answered by the row of a table that has it: "Which programme uses the least
//! water?" Every row resembles the question as much, so neither vectors nor words can tell. In doubt no row is chosen.

mod table;
mod words;

use super::kind::numbers;
use crate::quantities::Kind;
use crate::terms::{fold, is_of_small_letters, mentions_one, whole};
pub(super) use table::{Figure, Table};
use words::superlatives;

/// What a question wants most or least of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Superlative {
    pub(super) wants_most: bool,
    /// The quantities that its word names by itself: "cheapest".
    pub(super) named: Vec<Named>,
    /// The word behind "most" or "least", which must name the column: "most beds", and not "most recent".
    pub(super) object: Option<String>,
}

/// Quantities that a superlative can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Money,
    Mass,
    Extent,
    Speed,
}

impl Named {
    pub(super) fn is(self, kind: Kind) -> bool {
        match self {
            Self::Money => matches!(kind, Kind::Money(_)),
            Self::Mass => kind == Kind::Mass,
            Self::Extent => matches!(kind, Kind::Duration | Kind::Length),
            Self::Speed => kind == Kind::Speed,
        }
    }

    /// Names of columns that have it.
    pub(super) fn columns(self) -> &'static str {
        let file = superlatives();
        match self {
            Self::Money => &file.money_columns,
            Self::Mass => &file.mass_columns,
            Self::Extent => &file.extent_columns,
            Self::Speed => &file.speed_columns,
        }
    }
}

/// Words that say how much of something, and not what it is like.
const OF_SOMETHING: [&str; 8] = ["most", "least", "fewest", "meisten", "meiste", "wenigsten", "wenigste", "maximum"];

impl Superlative {
    /// That of a question; `None` if it has none, or wants more than one thing: "the highest and the lowest", "the three cheapest".
    pub(super) fn of(question: &str) -> Option<Self> {
        let file = superlatives();
        let folded = file.names.split('|').fold(fold(question), |text, name| text.replace(name, " "));
        let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let spaced = format!(" {} ", words.join(" "));
        let longest = |list: &'static str| {
            list.split('|').filter(|word| has(&folded, &spaced, word)).max_by_key(|word| word.len())
        };
        let (wants_most, word) = match (longest(&file.most), longest(&file.least)) {
            // "Le plus petit" and "el más barato" want the least.
            (Some(most), Some(least)) if overlap(&folded, &spaced, most, least) => {
                if least.len() > most.len() {
                    (false, least)
                } else {
                    (true, most)
                }
            }
            (Some(most), None) => (true, most),
            (None, Some(least)) => (false, least),
            _ => return None,
        };
        if !numbers(question).is_empty() {
            return None;
        }
        let names = |list: &str| list.split('|').any(|word| has(&folded, &spaced, word));
        let all = [
            (&file.money, Named::Money),
            (&file.mass, Named::Mass),
            (&file.extent, Named::Extent),
            (&file.speed, Named::Speed),
        ];
        let named = all.into_iter().filter(|(list, _)| names(list)).map(|(_, named)| named).collect();
        let behind = spaced.split_once(&format!(" {word} ")).map(|(_, behind)| behind);
        let object = behind.and_then(|behind| behind.split(' ').next()).filter(|_| OF_SOMETHING.contains(&word));
        Some(Self { wants_most, named, object: object.map(str::to_owned) })
    }

    /// Whether a sentence says of something that it is this.
    pub(super) fn is_said_in(&self, sentence: &str) -> bool {
        Self::of(sentence).is_some_and(|said| said.wants_most == self.wants_most)
    }
}

/// Whether two words stand over one another where they first stand.
fn overlap(folded: &str, spaced: &str, one: &str, other: &str) -> bool {
    let find = |text: &str| Some((text.find(one)?, text.find(other)?));
    let places = find(spaced).or_else(|| find(folded));
    places.is_some_and(|(a, b)| a < b + other.len() && b < a + one.len())
}

/// Whether a question has a word, and it is no bound: "at least two".
fn has(folded: &str, spaced: &str, word: &str) -> bool {
    if !is_of_small_letters(word) {
        return mentions_one(folded, [word]);
    }
    whole(spaced, word).any(|at| {
        let before = spaced[..at].trim_end().rsplit(' ').next().unwrap_or_default();
        !superlatives().bounding.split('|').any(|bound| bound == before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_superlative_is_told_in_many_languages() {
        for (question, wants_most) in [
            ("Welches Programm braucht am wenigsten Wasser?", false),
            ("哪一個方案保費最便宜?", false),
            ("哪家銀行利率最高?", true),
            ("一番安いプランはどれですか", false),
            ("Quel est le plus petit bateau ?", false),
            ("Quel bateau est le plus long ?", true),
            ("¿Cuál es el más barato?", false),
        ] {
            assert_eq!(Superlative::of(question).map(|found| found.wants_most), Some(wants_most), "{question}");
        }
        for question in [
            "How many people came at least twice?",
            "Mais quel bateau part à midi ?",
            "最高法院怎麼判?",
            "¿Qué refugios tienen más de diez camas?",
            "哪三家銀行利率最高?",
            "What is the minimum wage?",
        ] {
            assert_eq!(Superlative::of(question), None, "{question}");
        }
    }

    #[test]
    fn every_word_is_folded() {
        let file = superlatives();
        for list in [
            &file.most,
            &file.least,
            &file.names,
            &file.totals,
            &file.money_columns,
            &file.mass_columns,
            &file.extent_columns,
            &file.speed_columns,
            &file.money,
            &file.mass,
            &file.extent,
            &file.speed,
        ] {
            let changed: Vec<&str> = list.split('|').filter(|word| word.is_empty() || fold(word) != **word).collect();
            assert!(changed.is_empty(), "{changed:?}");
        }
    }
}
