//! A lexical query: concepts, each a group of synonyms.

use std::collections::HashSet;

use super::{fold, stem, terms_of_folded};

/// Question words: folded words that phrase a question and need not occur in an answer. English ones are whole words;
/// Chinese ones may stand anywhere.
const ENGLISH: &[&str] = &[
    "a", "about", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "could", "did", "do", "does",
    "for", "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "many",
    "me", "much", "of", "on", "or", "our", "she", "should", "so", "some", "tell", "than", "that", "the", "their",
    "them", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "when", "where", "which",
    "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
];
const CHINESE: &[&str] = &[
    "为什么",
    "什么时候",
    "什么",
    "哪一个",
    "哪一",
    "哪些",
    "哪个",
    "哪里",
    "哪位",
    "哪家",
    "哪种",
    "多少",
    "如何",
    "怎么样",
    "怎么",
    "怎样",
    "为何",
    "何时",
    "何种",
    "何地",
    "是否",
    "有没有",
    "请问",
    "谁",
    "几个",
    "吗",
    "呢",
];

/// One part of a question: a group of synonyms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    /// The synonyms. Each is a conjunction of index terms, which occurs in a passage as often as its rarest term. None
    /// is empty.
    pub alternatives: Vec<Vec<String>>,
}

/// A question for the lexical index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexicalQuery {
    /// Its concepts, without duplicates.
    pub concepts: Vec<Concept>,
}

impl Concept {
    /// A concept with a single synonym of a single term.
    pub fn term(term: String) -> Self {
        Self { alternatives: vec![vec![term]] }
    }
}

impl LexicalQuery {
    /// The query of the question's own terms, each a concept.
    pub fn literal(question: &str) -> Self {
        Self { concepts: question_terms(question).into_iter().map(Concept::term).collect() }
    }
}

/// Whether a folded word is an English question word.
pub(crate) fn is_question_word(word: &str) -> bool {
    ENGLISH.binary_search(&word).is_ok()
}

/// The folded question with Chinese question words replaced by spaces.
pub(crate) fn without_question_words(folded: &str) -> String {
    CHINESE.iter().fold(folded.to_owned(), |text, word| text.replace(word, " "))
}

/// The distinct terms of a question without question words; all its terms if no others are left.
pub fn question_terms(question: &str) -> Vec<String> {
    let folded = fold(question);
    let stop: HashSet<String> = ENGLISH.iter().map(|word| stem(word)).collect();
    let mut seen = HashSet::new();
    let mut terms: Vec<String> = terms_of_folded(&without_question_words(&folded));
    terms.retain(|term| !stop.contains(term) && seen.insert(term.clone()));
    if terms.is_empty() {
        terms = terms_of_folded(&folded);
        terms.retain(|term| seen.insert(term.clone()));
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_words_are_not_searched_for() {
        assert_eq!(question_terms("Who expects the Fed to cut in 2026?"), ["expect", "fed", "cut", "2026"]);
        assert_eq!(question_terms("誰預期聯準會會降息?"), ["预期", "期联", "联准", "准会", "会会", "会降", "降息"]);
        assert_eq!(question_terms("為什麼?"), ["为什", "什么", "为什么"]);
        assert_eq!(question_terms("cut, cut and cut"), ["cut"]);
    }

    #[test]
    fn the_list_of_english_words_is_sorted_for_binary_search() {
        assert!(ENGLISH.is_sorted());
    }
}
