//! Phrases: words that stand one after the other.

use super::language::{is_han, is_hangul, is_kana};
use super::{Concept, LexicalQuery, Script, bigrams, fold, runs, terms_of_folded};

/// Pairs of characters from which a Chinese word is looked for by either half: one of the two has no line break in it.
const HALVED_FROM: usize = 4;

/// A phrase that is looked for word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// With its white space, which may separate words that a passage writes together.
    folded: String,
    comparable: String,
}

impl Phrase {
    /// The phrase of these words.
    pub fn new(words: &str) -> Self {
        Self { folded: fold(words), comparable: comparable(words) }
    }

    /// Whether a text, in the form that [`comparable`] gives, has it: as whole words, where words are separated by spaces.
    pub fn is_in(&self, comparable: &str) -> bool {
        let phrase = self.comparable.as_str();
        let (Some(first), Some(last)) = (phrase.chars().next(), phrase.chars().next_back()) else { return false };
        let mut from = 0;
        while let Some(at) = comparable[from..].find(phrase) {
            let (start, end) = (from + at, from + at + phrase.len());
            let goes_on = |inside: char, outside: Option<char>| is_spelt(inside) && outside.is_some_and(is_spelt);
            let is_whole = !goes_on(first, comparable[..start].chars().next_back())
                && !goes_on(last, comparable[end..].chars().next());
            if is_whole {
                return true;
            }
            from = start + first.len_utf8();
        }
        false
    }

    /// The concepts that a passage with the phrase has, all of them; none if its terms do not tell.
    pub fn query(&self) -> LexicalQuery {
        let mut concepts: Vec<Concept> = Vec::new();
        for run in runs(&self.folded) {
            let concept = match run.script {
                Script::Han | Script::Hangul => {
                    let mut pairs = Vec::new();
                    bigrams(run.text, &mut pairs);
                    // Inside a passage a single character is in pairs with its neighbours.
                    if run.text.chars().nth(1).is_none() {
                        continue;
                    }
                    let behind = pairs.split_off(if pairs.len() < HALVED_FROM { pairs.len() } else { pairs.len() / 2 });
                    let alternatives = [pairs, behind].into_iter().filter(|terms| !terms.is_empty()).map(distinct);
                    Concept { alternatives: alternatives.collect() }
                }
                // How such a word is cut depends on what stands around it.
                Script::Unspaced => continue,
                Script::Alphabetic | Script::Number => Concept { alternatives: vec![terms_of_folded(run.text)] },
            };
            let has_terms = concept.alternatives.iter().all(|terms| !terms.is_empty());
            if has_terms && !concepts.contains(&concept) {
                concepts.push(concept);
            }
        }
        LexicalQuery { concepts }
    }
}

fn distinct(mut terms: Vec<String>) -> Vec<String> {
    terms.sort();
    terms.dedup();
    terms
}

/// A text in the form in which phrases are compared: folded, with one form of quotation marks and dashes, a space for any white
/// space, and none between characters of Chinese and Japanese.
pub fn comparable(text: &str) -> String {
    let folded = fold(text);
    let mut comparable = String::with_capacity(folded.len());
    let mut is_apart = false;
    for c in folded.chars() {
        if c.is_whitespace() {
            is_apart = true;
            continue;
        }
        let c = match c {
            '\u{2018}' | '\u{2019}' | '\u{2BC}' => '\'',
            '\u{201C}'..='\u{201F}' | '\u{AB}' | '\u{BB}' => '"',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c => c,
        };
        let before = comparable.chars().next_back();
        if is_apart && before.is_some_and(|before| !(is_wide(before) && is_wide(c))) {
            comparable.push(' ');
        }
        is_apart = false;
        comparable.push(c);
    }
    comparable
}

fn is_wide(c: char) -> bool {
    is_han(c) || is_kana(c)
}

/// Whether a character is part of a word that spaces separate from others.
fn is_spelt(c: char) -> bool {
    c.is_alphanumeric()
        && !is_wide(c)
        && !is_hangul(c)
        && !matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::super::terms;
    use super::*;

    fn is_in(phrase: &str, text: &str) -> bool {
        Phrase::new(phrase).is_in(&comparable(text))
    }

    #[test]
    fn a_phrase_is_found_word_for_word_whatever_its_form() {
        for (phrase, text) in [
            ("rate cuts", "Two RATE\n  cuts, they say"),
            ("聯準會降息", "今年联准\n会降息兩次"),
            ("don't stop", "“Don’t stop”"),
            ("Zürich", "ZU\u{308}RICH"),
            ("ＡＩ法案", "AI法案"),
            ("a b", "xa b, a b"),
            ("연준", "연준이 금리를"),
            ("2026年", "在2026年底"),
        ] {
            assert!(is_in(phrase, text), "{phrase} in {text}");
        }
        for (phrase, text) in [
            ("rate cut", "rate cuts"),
            ("rate cuts", "rate, cuts"),
            ("cut rate", "rate cut"),
            ("降息", "降利息"),
            ("降息", "下降。息差"),
            ("", "anything"),
            ("…", ""),
        ] {
            assert!(!is_in(phrase, text), "{phrase} in {text}");
        }
    }

    /// Whether a passage with these terms is compared with the phrase at all.
    fn is_narrowed_to(phrase: &str, text: &str) -> bool {
        let found: HashSet<String> = terms(text).into_iter().collect();
        let query = Phrase::new(phrase).query();
        query
            .concepts
            .iter()
            .all(|concept| concept.alternatives.iter().any(|all| all.iter().all(|term| found.contains(term))))
    }

    #[test]
    fn a_line_break_in_a_chinese_phrase_does_not_hide_the_passage() {
        assert!(is_narrowed_to("國際貨幣基金", "國際貨\n幣基金"));
        assert!(!is_narrowed_to("國際貨幣基金", "國際貿易"));
    }

    proptest! {
        #[test]
        fn the_terms_of_a_phrase_are_among_those_of_every_passage_that_has_it(
            words in proptest::collection::vec("(cuts|rates|Fed|the|2026|1,000|Q3|降息|聯準會|國際貨幣基金組織|年|금리|กลาง|É)", 1..6),
            before in "(today |今年|)", behind in "( again|了|)", space in "( |\n)"
        ) {
            let phrase = words.join(" ");
            let text = format!("{before}{}{behind}", words.join(&space));
            if is_in(&phrase, &text) {
                prop_assert!(is_narrowed_to(&phrase, &text), "{phrase:?} in {text:?}");
            }
        }
    }
}
