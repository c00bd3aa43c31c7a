//! Finds the words of a text that match a lexical query, where they stand.

use std::collections::{HashMap, HashSet};

use super::language::{is_han, is_hangul, is_kana};
use super::located::Located;
use super::{LexicalQuery, Script, question_terms, runs, stem, words};
use crate::passage::Span;

/// Words that may stand between the words of a name or phrase: "cut its key interest rate".
const MOST_BETWEEN: usize = 3;

/// The ways of saying the concepts of a question.
#[derive(Debug, Default)]
pub struct Matcher {
    /// Of one term.
    single: HashSet<String>,
    /// Of several, which stand near one another.
    several: Vec<Vec<String>>,
}

/// A term of a text, and where it stands in the folded text.
struct Token {
    term: String,
    start: usize,
    end: usize,
}

impl Matcher {
    /// For a question and its concepts. A word that is only a part of a concept, such as "rate" in "rate cuts", matches by itself,
    /// too; of writing without spaces only whole words do.
    pub fn new(question: &str, query: &LexicalQuery) -> Self {
        let mut own = question_terms(question);
        own.retain(|term| !term.chars().any(|c| is_han(c) || is_kana(c) || is_hangul(c)));
        let mut matcher = Self { single: own.into_iter().collect(), several: Vec::new() };
        let mut known = HashSet::new();
        for terms in query.concepts.iter().flat_map(|concept| &concept.alternatives) {
            match terms.as_slice() {
                [] => {}
                [term] => {
                    matcher.single.insert(term.clone());
                }
                terms if known.insert(terms) => matcher.several.push(terms.to_vec()),
                _ => {}
            }
        }
        matcher
    }

    /// The parts of `text` that match, in order and disjoint, on character boundaries.
    pub fn find(&self, text: &str) -> Vec<Span> {
        let located = Located::new(text);
        let tokens = tokens(&located.folded);
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, token) in tokens.iter().enumerate() {
            places.entry(&token.term).or_default().push(at);
        }
        let mut found: Vec<usize> = tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| self.single.contains(&token.term))
            .map(|(at, _)| at)
            .collect();
        for terms in &self.several {
            let of_terms: Option<Vec<&Vec<usize>>> = terms.iter().map(|term| places.get(term.as_str())).collect();
            if let Some(of_terms) = of_terms {
                found.extend(near_one_another(&of_terms));
            }
        }
        found.sort_unstable();
        found.dedup();
        let mut spans: Vec<Span> = Vec::new();
        for token in found.into_iter().map(|at| &tokens[at]) {
            let span = located.original(token.start, token.end);
            match spans.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => spans.push(span),
            }
        }
        spans
    }
}

/// Of the places of several terms those with a place of each other term near them.
fn near_one_another(of_terms: &[&Vec<usize>]) -> Vec<usize> {
    let reach = of_terms.len() + MOST_BETWEEN;
    let mut all: Vec<(usize, usize)> =
        of_terms.iter().enumerate().flat_map(|(term, places)| places.iter().map(move |place| (*place, term))).collect();
    all.sort_unstable();
    let mut found = Vec::new();
    for (first, (start, _)) in all.iter().enumerate() {
        let within = all[first..].iter().take_while(|(place, _)| place - start < reach);
        let terms: HashSet<usize> = within.clone().map(|(_, term)| *term).collect();
        if terms.len() == of_terms.len() {
            found.extend(within.map(|(place, _)| *place));
        }
    }
    found
}

/// The terms that the concepts of questions have, with their places.
fn tokens(folded: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for run in runs(folded) {
        let mut add = |term: String, start: usize, end: usize| {
            tokens.push(Token { term, start: run.start + start, end: run.start + end });
        };
        match run.script {
            Script::Han | Script::Hangul => {
                let bounds: Vec<usize> =
                    run.text.char_indices().map(|(start, _)| start).chain([run.text.len()]).collect();
                if bounds.len() == 2 {
                    add(run.text.to_owned(), 0, run.text.len());
                }
                for pair in bounds.windows(3) {
                    add(run.text[pair[0]..pair[2]].to_owned(), pair[0], pair[2]);
                }
            }
            Script::Unspaced => {
                let mut start = 0;
                for word in words(run.text) {
                    add(word.to_owned(), start, start + word.len());
                    start += word.len();
                }
            }
            Script::Alphabetic => add(stem(run.text), 0, run.text.len()),
            Script::Number => add(run.text.replace(',', ""), 0, run.text.len()),
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Concept;
    use super::*;

    fn matcher(ways: &[&[&str]]) -> Matcher {
        let terms = |way: &&[&str]| way.iter().map(|term| (*term).to_owned()).collect();
        Matcher::new("", &LexicalQuery { concepts: vec![Concept { alternatives: ways.iter().map(terms).collect() }] })
    }

    fn found<'t>(ways: &[&[&str]], text: &'t str) -> Vec<&'t str> {
        matcher(ways).find(text).into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn words_are_found_in_any_form_and_script() {
        assert_eq!(found(&[&["cut"]], "Cuts: it CUT, cutting — shortcut"), ["Cuts", "CUT", "cutting"]);
        assert_eq!(found(&[&["联准", "准会"], &["降息"]], "聯準會今年降息，標準會議"), ["聯準會", "降息"]);
        assert_eq!(found(&[&["1000"]], "It costs 1,000 or １０００."), ["1,000", "１０００"]);
        assert_eq!(found(&[&["cafe"]], "Der Cafe\u{301}-Besuch"), ["Cafe\u{301}"]);
        assert_eq!(found(&[&["금리"]], "연준의 금리를"), ["금리"]);
    }

    #[test]
    fn the_words_of_a_phrase_are_found_near_one_another_only() {
        let phrase: &[&[&str]] = &[&["interest", "lower", "rate"]];
        assert_eq!(found(phrase, "to lower its key interest rates"), ["lower", "interest", "rates"]);
        let apart = "interest in art is lower; many years and many more words later comes a heart rate";
        assert_eq!(found(phrase, apart), Vec::<&str>::new());
    }

    #[test]
    fn a_word_of_a_phrase_matches_by_itself_too() {
        let concept = Concept { alternatives: vec![vec!["rate".into(), "cut".into()], vec!["降息".into()]] };
        let matcher = Matcher::new("will there be rate cuts?", &LexicalQuery { concepts: vec![concept] });
        let text = "There rates stay; 降息";
        let found: Vec<&str> = matcher.find(text).into_iter().map(|span| &text[span.range()]).collect();
        assert_eq!(found, ["rates", "降息"]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_in_order_and_lies_in_the_text(text in "(\\PC|cut|降息|聯準會|é|\u{301}| ){0,40}") {
            let spans = matcher(&[&["cut"], &["降息"], &["联准", "准会"], &["e"]]).find(&text);
            let mut last = 0;
            for span in spans {
                prop_assert!(span.start >= last && span.start < span.end);
                prop_assert!(text.get(span.range()).is_some());
                last = span.end;
            }
        }
    }
}
