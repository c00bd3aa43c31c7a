//! Turns a question's words into concepts: its known words and phrases, each with all of its synonyms.

use std::collections::{HashMap, HashSet};

use super::words::{self, Word};
use super::{Names, is_abbreviation};
use crate::terms::{self, Concept, LexicalQuery, Run, Script, fold, runs};

/// Words of an alphabet in one phrase, at most.
pub(super) const MOST_WORDS: usize = 6;
/// Characters of Chinese or Japanese in one word, at most.
pub(super) const MOST_CHARS: usize = 12;
/// Concepts of one question, at most. A question with more is a pasted text, of which the first part says enough.
const MAX_CONCEPTS: usize = 512;
/// Keys of one question that are looked up, at most.
const MAX_LOOKUPS: usize = 4_096;

/// The concepts of a question, with synonyms in every language that has them. All concepts differ, and each has a term.
///
/// A phrase that people chose, in the glossary or in a document, stands for its words, which are not searched by themselves.
/// A phrase of a dictionary is searched beside them: "global trade" must not hide the "trade war" in "global trade war", and
/// its translation may be one of many. Of a Chinese text the longest known words are taken. Unknown words are searched
/// literally.
pub(super) fn query(question: &str, names: &Names<'_>) -> LexicalQuery {
    let mut query = Builder::default();
    let plain = words::without_points(question);
    for part in parts(&terms::without_question_words(&fold(&plain)), &words::capitals(&plain)) {
        match part {
            Part::Words(mut words) => {
                words.retain(|word| !word.is_question_word() || word.is_known_abbreviation(names));
                phrases(&words, names, &mut query);
            }
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
    for part in parts(&terms::without_question_words(&fold(&words::without_points(question))), &HashSet::new()) {
        match part {
            Part::Words(words) => {
                let stems: Vec<&str> = words.iter().map(|word| word.stem.as_str()).collect();
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
pub(super) enum Part<'q> {
    /// Consecutive words without question words, but with those that are in capitals.
    Words(Vec<Word>),
    /// Chinese or Japanese, whose words nothing separates.
    Han(&'q str),
    /// Terms of scripts that no dictionary is looked up for.
    Other(Vec<String>),
}

pub(super) fn parts<'q>(folded: &'q str, capitals: &HashSet<String>) -> Vec<Part<'q>> {
    let mut parts = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    for Run { text, script, .. } in runs(folded) {
        if matches!(script, Script::Alphabetic | Script::Number) {
            if capitals.contains(text) || !terms::is_question_word(text) {
                words.extend(terms::terms_of_folded(text).into_iter().map(|stem| Word::new(text, stem, capitals)));
            }
            continue;
        }
        if !words.is_empty() {
            parts.push(Part::Words(std::mem::take(&mut words)));
        }
        parts.push(match script {
            Script::Han => Part::Han(text),
            _ => Part::Other(terms::terms_of_folded(text)),
        });
    }
    if !words.is_empty() {
        parts.push(Part::Words(words));
    }
    parts
}

/// A run of words that is listed, or a single word that is not.
struct Phrase {
    first: usize,
    end: usize,
    keys: Vec<String>,
}

impl Phrase {
    /// Whether it has all words of another phrase, and more.
    fn contains(&self, other: &Self) -> bool {
        self.first <= other.first && other.end <= self.end && self.end - self.first > other.end - other.first
    }
}

fn phrases(words: &[Word], names: &Names<'_>, query: &mut Builder) {
    // More words than there may be concepts are not looked up.
    let words = &words[..words.len().min(MAX_CONCEPTS)];
    let mut listed: Vec<Phrase> = Vec::new();
    for first in 0..words.len() {
        for end in first + 1..=(first + MOST_WORDS).min(words.len()) {
            let keys = words::keys(&words[first..end], names);
            if end == first + 1 || !keys.is_empty() {
                listed.push(Phrase { first, end, keys });
            }
        }
    }
    let is_chosen = |phrase: &&Phrase| phrase.keys.iter().any(|key| names.is_chosen(key));
    let chosen: Vec<&Phrase> = listed.iter().filter(is_chosen).collect();
    let is_hidden = |phrase: &Phrase| chosen.iter().any(|chosen| chosen.contains(phrase));
    let is_part = |phrase: &Phrase| listed.iter().any(|other| other.contains(phrase));
    for phrase in listed.iter().filter(|phrase| !is_hidden(phrase)) {
        if phrase.keys.is_empty() && is_part(phrase) {
            // An unknown word of a known phrase.
            continue;
        }
        let own = words[phrase.first..phrase.end].iter().map(|word| word.stem.clone()).collect();
        query.push(concept(&phrase.keys, own, names));
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
        query.push(concept(&[word.to_owned()], conjunction(word), names));
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
                let concept = concept(&[word.to_owned()], conjunction(word), names);
                query.replace(concept);
            }
        }
    }
}

/// Where the characters of a text start, and its end.
pub(super) fn boundaries(text: &str) -> Vec<usize> {
    text.char_indices().map(|(start, _)| start).chain([text.len()]).collect()
}

/// What keys mean: the question's own terms for them, the keys' terms, and those of all their names.
pub(super) fn concept(keys: &[String], own: Vec<String>, names: &Names<'_>) -> Concept {
    let mut alternatives = vec![own];
    let mut add = |name: &str| {
        let terms = conjunction(name);
        let same = |known: &Vec<String>| known.len() == terms.len() && terms.iter().all(|term| known.contains(term));
        if !terms.is_empty() && !alternatives.iter().any(same) {
            alternatives.push(terms);
        }
    };
    for key in keys {
        names.each_name(key, &mut add);
    }
    // "led" is listed as "lead", and a passage may have either.
    keys.iter().filter(|key| !is_abbreviation(key)).for_each(|key| add(key));
    Concept { alternatives }
}

/// The terms that a passage has if it has this name, which is a [`key`](super::key).
pub(super) fn conjunction(name: &str) -> Vec<String> {
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

    use super::super::{Dictionary, Lexicon, SourceFormat, Synonyms, compile, key};
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
    fn an_english_question_asks_in_chinese_too_by_its_phrases_and_its_words() {
        assert_eq!(
            concepts("Who expects the Fed to lower interest rates in 2026?"),
            [
                vec!["expect", "预期", "期待"],
                vec!["fed", "美联+联储", "准会+联准"],
                vec!["lower+interest+rate", "降息"],
                vec!["interest+rate", "利率"],
                vec!["rate", "比率"],
                vec!["2026"]
            ]
        );
        assert_eq!(concepts("rates"), [["rate", "比率"]]);
    }

    #[test]
    fn a_phrase_of_a_dictionary_does_not_hide_its_parts_and_a_chosen_name_does() {
        let source = "global trade\t全球貿易\ntrade war\t貿易戰\nbank\t銀行\namerica\t美洲\n";
        let dictionary = Dictionary::from_bytes(compile(source.as_bytes(), SourceFormat::Tsv).unwrap()).unwrap();
        let glossary = BTreeMap::from([("Bank of America".to_owned(), vec!["美銀".to_owned()])]);
        let lexicon = Lexicon::empty().with_dictionary(dictionary).with_glossary(&glossary);
        let own = |question: &str| {
            let query = lexicon.query(question, &Synonyms::default());
            query.concepts.into_iter().map(|concept| concept.alternatives[0].join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(own("a global trade war"), ["global trade", "trade war"]);
        assert_eq!(own("Bank of America economists"), ["bank america", "economist"]);
        assert_eq!(own("banks in America"), ["bank america"], "words between are left out on both sides");
    }

    /// The synonyms that Footnote's own list gives for one concept of a question.
    fn synonyms(question: &str, concept: usize) -> Vec<Vec<String>> {
        let query = Lexicon::empty().with_bundled().query(question, &Synonyms::default());
        query.concepts.into_iter().nth(concept).map(|concept| concept.alternatives).unwrap_or_default()
    }

    fn finds(question: &str, concept: usize, name: &str) -> bool {
        synonyms(question, concept).contains(&conjunction(&key(name)))
    }

    #[test]
    fn words_of_news_have_the_translations_of_news() {
        for (question, translation) in [
            ("two", "2"),
            ("does the brokerage", "券商"),
            ("is overweight", "加碼"),
            ("yields", "殖利率"),
            ("will the Fed", "聯準會"),
            ("rate cuts", "降息"),
            ("rate-cuts", "降息"),
            ("what will Foxconn", "鴻海"),
            ("MediaTek's", "聯發科"),
            ("Goldman Sachs\u{2019}s", "高盛"),
            ("the third quarter", "第三季"),
            ("ceasefires", "停火"),
        ] {
            assert!(finds(question, 0, translation), "{question}: {:?}", synonyms(question, 0));
        }
    }

    #[test]
    fn an_abbreviation_is_told_from_the_word_with_its_letters() {
        for american in ["the U.S.", "the US", "America's", "the U.S.\u{2019}s", "Americans"] {
            assert!(finds(american, 0, "美國"), "{american}: {:?}", synonyms(american, 0));
        }
        assert_eq!(synonyms("tell us", 0), [["us"]]);
        assert!(finds("uk", 0, "英國"), "no word has these letters");
        assert!(finds("the WHO", 0, "世衛"), "not the question word");
        assert_eq!(synonyms("who", 0), [["who"]]);
    }

    #[test]
    fn forms_that_the_stemmer_does_not_join_are_looked_up_by_the_plain_word() {
        for (question, translation) in [
            ("led", "領先"),
            ("rose", "上漲"),
            ("fell", "下跌"),
            ("bought", "買進"),
            ("utilisation", "稼動率"),
            ("hawks", "鷹派"),
            ("slower", "放緩"),
        ] {
            assert!(finds(question, 0, translation), "{question}: {:?}", synonyms(question, 0));
        }
        assert!(finds("led", 0, "lead"), "English documents may have it, too");
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
