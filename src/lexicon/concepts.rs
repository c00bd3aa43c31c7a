//! Turns a question's words into concepts: the longest known phrases, each with all of its synonyms.

use std::collections::HashMap;

use super::Names;
use crate::terms::{self, Concept, LexicalQuery, Run, Script, fold, runs};

/// Words of an alphabet in one phrase, at most.
const MOST_WORDS: usize = 6;
/// Characters of Chinese or Japanese in one word, at most.
const MOST_CHARS: usize = 12;
/// Concepts of one question, at most. A question with more is a pasted text, of which the first part says enough.
const MAX_CONCEPTS: usize = 512;
/// Keys of one question that are looked up, at most.
const MAX_LOOKUPS: usize = 4_096;

/// The concepts of a question, with synonyms in every language that has them. All concepts differ, and each has a term.
///
/// The longest known phrase wins, and its words are not searched again by themselves. Unknown words are searched
/// literally.
pub(super) fn query(question: &str, names: &Names<'_>) -> LexicalQuery {
    let mut query = Builder::default();
    for part in parts(&terms::without_question_words(&fold(question))) {
        match part {
            Part::Words(stems) => phrases(&stems, names, &mut query),
            Part::Han(run) => chinese(run, names, &mut query),
            Part::Other(terms) => terms.into_iter().for_each(|term| query.push(Concept::term(term))),
        }
    }
    if query.concepts.is_empty() {
        let mut literal = LexicalQuery::literal(question);
        literal.concepts.truncate(MAX_CONCEPTS);
        return literal;
    }
    LexicalQuery { concepts: query.concepts }
}

/// Every key under which a question's words and phrases could be known.
pub(super) fn lookups(question: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for part in parts(&terms::without_question_words(&fold(question))) {
        match part {
            Part::Words(stems) => {
                for start in 0..stems.len() {
                    let longest = MOST_WORDS.min(stems.len() - start);
                    keys.extend((1..=longest).map(|count| stems[start..start + count].join(" ")));
                }
            }
            Part::Han(run) => {
                let starts = boundaries(run);
                for start in 0..starts.len() - 1 {
                    let longest = MOST_CHARS.min(starts.len() - 1 - start);
                    keys.extend((2..=longest).map(|count| run[starts[start]..starts[start + count]].to_owned()));
                }
            }
            Part::Other(_) => {}
        }
        if keys.len() >= MAX_LOOKUPS {
            keys.truncate(MAX_LOOKUPS);
            break;
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A stretch of a question in which phrases are looked for.
enum Part<'q> {
    /// Stems of consecutive words, without question words.
    Words(Vec<String>),
    /// Chinese or Japanese, whose words nothing separates.
    Han(&'q str),
    /// Terms of scripts that no dictionary is looked up for.
    Other(Vec<String>),
}

fn parts(folded: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut stems: Vec<String> = Vec::new();
    for Run { text, script, .. } in runs(folded) {
        if matches!(script, Script::Alphabetic | Script::Number) {
            if !terms::is_question_word(text) {
                stems.extend(terms::terms_of_folded(text));
            }
            continue;
        }
        if !stems.is_empty() {
            parts.push(Part::Words(std::mem::take(&mut stems)));
        }
        parts.push(match script {
            Script::Han => Part::Han(text),
            _ => Part::Other(terms::terms_of_folded(text)),
        });
    }
    if !stems.is_empty() {
        parts.push(Part::Words(stems));
    }
    parts
}

fn phrases(stems: &[String], names: &Names<'_>, query: &mut Builder) {
    let mut rest = stems;
    while !rest.is_empty() {
        let longest = (1..=rest.len().min(MOST_WORDS)).rev().find(|&count| names.knows(&rest[..count].join(" ")));
        let (phrase, behind) = rest.split_at(longest.unwrap_or(1));
        query.push(concept(&phrase.join(" "), phrase.to_vec(), names));
        rest = behind;
    }
}

fn chinese(run: &str, names: &Names<'_>, query: &mut Builder) {
    let starts = boundaries(run);
    let chars = starts.len() - 1;
    let (mut at, mut unknown) = (0, 0);
    while at < chars {
        let most = MOST_CHARS.min(chars - at);
        let known = (2..=most).rev().find(|&count| names.knows_word(&run[starts[at]..starts[at + count]]));
        let Some(count) = known else {
            at += 1;
            continue;
        };
        literal(&run[starts[unknown]..starts[at]], query);
        let word = &run[starts[at]..starts[at + count]];
        query.push(concept(word, conjunction(word), names));
        at += count;
        unknown = at;
    }
    literal(&run[starts[unknown]..], query);
    aliases(run, &starts, names, query);
}

/// Adds the aliases of parts of a Chinese question to its words. Aliases do not segment the question, since the start of
/// an alias in running text is a guess.
fn aliases(run: &str, starts: &[usize], names: &Names<'_>, query: &mut Builder) {
    for first in 0..starts.len() - 1 {
        for end in first + 2..=(first + MOST_CHARS).min(starts.len() - 1) {
            let word = &run[starts[first]..starts[end]];
            if names.is_only_alias(word) {
                let concept = concept(word, conjunction(word), names);
                query.replace(concept);
            }
        }
    }
}

/// Where the characters of a text start, and its end.
fn boundaries(text: &str) -> Vec<usize> {
    text.char_indices().map(|(start, _)| start).chain([text.len()]).collect()
}

/// What a key means: the question's own terms for it, and those of all its names.
fn concept(key: &str, own: Vec<String>, names: &Names<'_>) -> Concept {
    let mut alternatives = vec![own];
    names.each_name(key, |name| {
        let terms = conjunction(name);
        if !terms.is_empty() && !alternatives.contains(&terms) {
            alternatives.push(terms);
        }
    });
    Concept { alternatives }
}

/// The terms that a passage has if it has this name, which is a [`key`](super::key).
fn conjunction(name: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for run in runs(name) {
        match run.script {
            Script::Han | Script::Hangul => terms::bigrams(run.text, &mut terms),
            // A key's words are stems already.
            Script::Alphabetic | Script::Number => terms.push(run.text.to_owned()),
            Script::Unspaced => terms.extend(terms::terms_of_folded(run.text)),
        }
    }
    terms.sort();
    terms.dedup();
    terms
}

/// Adds each pair of neighbouring characters of a run that is in no known word.
fn literal(run: &str, query: &mut Builder) {
    if run.chars().nth(1).is_some() {
        let mut pairs = Vec::new();
        terms::bigrams(run, &mut pairs);
        pairs.into_iter().for_each(|pair| query.push(Concept::term(pair)));
    }
}

/// The concepts of a question so far, no two equal.
#[derive(Default)]
struct Builder {
    concepts: Vec<Concept>,
    /// Indexes into `concepts`, by the question's own terms for them.
    by_own_terms: HashMap<Vec<String>, Vec<usize>>,
}

impl Builder {
    /// Adds a concept that is not there yet.
    fn push(&mut self, concept: Concept) {
        let Some(own) = concept.alternatives.first().filter(|_| self.concepts.len() < MAX_CONCEPTS) else { return };
        let same = self.by_own_terms.entry(own.clone()).or_default();
        if same.iter().all(|&index| self.concepts[index] != concept) {
            same.push(self.concepts.len());
            self.concepts.push(concept);
        }
    }

    /// Puts a concept in the place of the first with the same terms of the question, or adds it.
    fn replace(&mut self, concept: Concept) {
        let same = concept.alternatives.first().and_then(|own| self.by_own_terms.get(own)?.first());
        match same {
            Some(&index) => self.concepts[index] = concept,
            None => self.push(concept),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::{Dictionary, Lexicon, SourceFormat, Synonyms, compile};
    use super::*;

    fn lexicon() -> Lexicon {
        let source = "to lower interest rates\t降息\ninterest rates\t利率\nrates\t比率\nexpects\t預期\nexpects\t期待\n";
        let dictionary = Dictionary::from_bytes(compile(source.as_bytes(), SourceFormat::Tsv).unwrap()).unwrap();
        let glossary = BTreeMap::from([("Fed".to_owned(), vec!["聯準會".to_owned(), "美联储".to_owned()])]);
        Lexicon::empty().with_dictionary(dictionary).with_glossary(&glossary)
    }

    fn concepts(question: &str) -> Vec<Vec<String>> {
        let query = lexicon().query(question, &Synonyms::default());
        query.concepts.iter().map(|c| c.alternatives.iter().map(|terms| terms.join("+")).collect()).collect()
    }

    #[test]
    fn an_english_question_asks_in_chinese_too_the_longest_phrase_first() {
        assert_eq!(
            concepts("Who expects the Fed to lower interest rates in 2026?"),
            [
                vec!["expect", "预期", "期待"],
                vec!["fed", "美联+联储", "准会+联准"],
                vec!["lower+interest+rate", "降息"],
                vec!["2026"]
            ]
        );
        assert_eq!(concepts("rates"), [["rate", "比率"]]);
    }

    #[test]
    fn a_chinese_question_asks_in_english_too_and_for_unknown_names_by_their_pairs() {
        assert_eq!(
            concepts("誰預期美聯儲降息"),
            [vec!["预期", "expect"], vec!["美联+联储", "fed", "准会+联准"], vec!["降息", "interest+lower+rate"]]
        );
        assert_eq!(concepts("澤平宏觀利率"), [vec!["泽平"], vec!["平宏"], vec!["宏观"], vec!["利率", "interest+rate"]]);
    }

    #[test]
    fn without_a_lexicon_a_question_asks_for_its_own_terms() {
        let query = Lexicon::empty().query("Fed cuts 降息", &Synonyms::default());
        assert_eq!(query, LexicalQuery::literal("Fed cuts 降息"));
    }

    #[test]
    fn what_the_documents_call_a_name_is_found_under_every_key_it_could_have() {
        let question = "How will the GAIN AI Act affect 輝達?";
        let lookups = lexicon().lookups(question);
        for key in ["gain ai act", "gain", "affect", "辉达"] {
            assert!(lookups.contains(&key.to_owned()), "{key} is not among {lookups:?}");
        }
        let aliases = [("gain ai act".to_owned(), "国家创新法案".to_owned())].into_iter().collect();
        let query = lexicon().query(question, &aliases);
        assert!(query.concepts[0].alternatives[1].contains(&"创新".to_owned()), "{query:?}");
    }

    #[test]
    fn what_documents_call_a_part_of_a_chinese_question_is_looked_for_beside_its_words() {
        let aliases = [("预期美联储".to_owned(), "fed".to_owned()), ("辉达".to_owned(), "nvidia".to_owned())];
        let query = lexicon().query("誰預期美聯儲降息輝達", &aliases.into_iter().collect());
        let named: Vec<String> = query.concepts.iter().map(|concept| concept.alternatives[0].join("+")).collect();
        assert_eq!(named, ["预期", "美联+联储", "降息", "辉达", "期美+美联+联储+预期"], "{query:?}");
        assert!(query.concepts[3].alternatives.contains(&vec!["nvidia".to_owned()]), "{query:?}");
    }

    #[test]
    fn a_pasted_text_becomes_a_bounded_number_of_concepts_and_lookups() {
        let text: String = (0..8_192_u32).filter_map(|n| char::from_u32(0x4E00 + n)).collect();
        assert_eq!(concepts(&text).len(), MAX_CONCEPTS);
        assert_eq!(lexicon().lookups(&text).len(), MAX_LOOKUPS);
        assert_eq!(Lexicon::empty().query(&text, &Synonyms::default()).concepts.len(), MAX_CONCEPTS);
    }

    proptest! {
        #[test]
        fn no_question_makes_an_empty_way_of_saying(question: String) {
            for concept in lexicon().query(&question, &Synonyms::default()).concepts {
                prop_assert!(!concept.alternatives.is_empty());
                prop_assert!(concept.alternatives.iter().all(|terms| !terms.is_empty()));
            }
        }
    }
}
