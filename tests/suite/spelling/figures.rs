//! How many misspelt words are corrected, how many right ones are not left alone, and what is found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use footnote::passage::NewDocument;
use footnote::{Footnote, Question};
use serde_json::Value;

use super::generate::{has_katakana, with_homophone, with_typing_error, with_wrong_kana};
use crate::harness::{Dice, data, optional_data, temporary};

/// Questions of a pair of languages that are misspelt.
const QUESTIONS: usize = 300;
/// Right questions of a set that are looked at.
const MOST_RIGHT: usize = 500;
/// The first article of the Japanese set that is left out.
const JAPANESE_UNTIL: &str = "ja-04";

/// What became of the questions of a set.
#[derive(Debug, Default)]
struct Figures {
    questions: usize,
    /// Questions whose misspelt words all became the right ones.
    corrected: usize,
    /// Questions in which a word became another wrong one.
    wrong: usize,
    /// The right passage is the first: of the right questions, and of the misspelt ones with and without correction.
    right: [usize; 3],
    /// Corrections of right questions.
    false_corrections: Vec<String>,
    /// Questions that the error takes the right passage from, misspelt, and as they were searched for.
    lost: Vec<String>,
    /// Misspelt questions that find the right passage though the right ones do not.
    won: usize,
}

impl Figures {
    /// The share of the questions whose first passage is right: as they are, misspelt, and misspelt and not corrected.
    fn recall(&self) -> [f64; 3] {
        self.right.map(|right| right as f64 / self.questions as f64)
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn collection(path: &Path) -> Footnote {
    collection_of(path, |_| true)
}

/// The documents in `path` whose ids are wanted, ingested.
fn collection_of(path: &Path, is_wanted: impl Fn(&str) -> bool) -> Footnote {
    let footnote = temporary(|_| {});
    let document = |line: Value| NewDocument {
        id: Some(line["id"].as_str().unwrap().to_owned()),
        title: line["title"].as_str().map(str::to_owned),
        text: line["text"].as_str().unwrap().to_owned(),
        ..NewDocument::default()
    };
    footnote
        .ingest_quiet(
            lines(path).into_iter().filter(|line| is_wanted(line["id"].as_str().unwrap())).map(document).collect(),
        )
        .unwrap();
    footnote
}

/// The first document for a question, and the question without its misspelt words. `None` corrects them.
fn first(footnote: &Footnote, text: &str, corrections: Option<Vec<footnote::passage::Correction>>) -> (String, String) {
    let question = Question { text: text.to_owned(), corrections, top_k: Some(1), ..Question::default() };
    let found = footnote.search(&question).unwrap();
    let mut corrected = text.to_owned();
    for correction in found.corrections.iter().rev() {
        corrected.replace_range(correction.span.start..correction.span.end, &correction.to);
    }
    (found.passages.first().map(|passage| passage.document.id.clone()).unwrap_or_default(), corrected)
}

/// `questions` are texts with the ids of the documents that answer them.
fn measure(
    footnote: &Footnote,
    questions: &[(String, BTreeSet<String>)],
    mut misspell: impl FnMut(&str) -> Option<String>,
) -> Figures {
    let mut figures = Figures::default();
    for (question, relevant) in questions {
        let Some(misspelt) = misspell(question) else { continue };
        let (clean, same) = first(footnote, question, None);
        if same != *question {
            figures.false_corrections.push(format!("{question} -> {same}"));
        }
        let (corrected, text) = first(footnote, &misspelt, None);
        let (left, _) = first(footnote, &misspelt, Some(Vec::new()));
        if relevant.contains(&clean) && !relevant.contains(&corrected) {
            figures.lost.push(format!("{question} -> {misspelt} -> {text}"));
        }
        figures.won += usize::from(!relevant.contains(&clean) && relevant.contains(&corrected));
        figures.questions += 1;
        figures.corrected += usize::from(text == *question);
        figures.wrong += usize::from(text != *question && text != misspelt);
        for (right, found) in figures.right.iter_mut().zip([clean, corrected, left]) {
            *right += usize::from(relevant.contains(&found));
        }
    }
    figures
}

/// Questions that a wanted document answers, evenly taken from all of them.
fn questions(
    queries: &Path,
    qrels: &Path,
    is_wanted: impl Fn(&str) -> bool,
    can_be_misspelt: impl Fn(&str) -> bool,
) -> Vec<(String, BTreeSet<String>)> {
    let mut relevant: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in std::fs::read_to_string(qrels).unwrap().lines() {
        let mut fields = line.split('\t');
        if let (Some(query), Some(document)) = (fields.next(), fields.next()) {
            relevant.entry(query.to_owned()).or_default().insert(document.to_owned());
        }
    }
    let queries = lines(queries).into_iter().filter_map(|line| {
        let relevant = relevant.remove(line["id"].as_str().unwrap())?;
        Some((line["text"].as_str().unwrap().to_owned(), relevant))
    });
    let wanted: Vec<_> =
        queries.filter(|(text, relevant)| relevant.iter().any(|id| is_wanted(id)) && can_be_misspelt(text)).collect();
    let taken = wanted.len().min(QUESTIONS);
    (0..taken).map(|at| wanted[at * wanted.len() / taken].clone()).collect()
}

#[test]
fn misspelt_english_questions_about_chinese_passages_do_not_fall_below_the_figures() {
    let corpus = data("xquad-r/corpus.zh-Hant.jsonl");
    let footnote = collection(&corpus);
    let questions: Vec<(String, BTreeSet<String>)> = lines(&data("xquad-r/queries.en.jsonl"))
        .into_iter()
        .map(|line| (line["text"].as_str().unwrap().to_owned(), BTreeSet::new()))
        .collect();
    let mut dice = Dice::new(1);
    let figures = measure(&footnote, &questions, |question| with_typing_error(question, &mut dice));
    assert!(figures.questions >= 70 && figures.corrected >= 37 && figures.wrong <= 2, "{figures:?}");
    // Of the questions as they are, people misspelt three themselves: "ctenohore", "beriods", "consts".
    assert!(figures.false_corrections.len() <= 3, "{figures:?}");
}

/// Prints the figures of the articles of XQuAD-R with an odd or even number, for each pair of languages.
fn print_figures(remainder: u32, seed: u64) {
    let Some(eval) = optional_data("eval") else { return };
    let is_wanted = |document: &str| {
        document
            .split('-')
            .nth(1)
            .is_some_and(|article| article.parse::<u32>().is_ok_and(|number| number % 2 == remainder))
    };
    let xquad = |name: &str| eval.join("xquad_r").join(name);
    for (corpus, languages) in
        [("en", ["en", "zh-Hant"].as_slice()), ("zh-Hant", &["en", "de", "zh-Hant"]), ("de", &["de"])]
    {
        let footnote = collection(&xquad(&format!("corpus.{corpus}.jsonl")));
        for asked in languages {
            let questions =
                questions(&xquad(&format!("queries.{asked}.jsonl")), &xquad("qrels.tsv"), is_wanted, |_| true);
            let characters: BTreeSet<char> = questions.iter().flat_map(|(question, _)| question.chars()).collect();
            let characters: Vec<char> =
                characters.into_iter().filter(|c| ('\u{4E00}'..='\u{9FFF}').contains(c)).collect();
            let mut dice = Dice::new(seed);
            let figures = measure(&footnote, &questions, |question| match *asked {
                "zh-Hant" => with_homophone(question, &characters, &mut dice),
                _ => with_typing_error(question, &mut dice),
            });
            print(&format!("{asked} over {corpus}"), &figures);
        }
    }
}

fn print(name: &str, figures: &Figures) {
    let [right, misspelt, left] = figures.recall();
    println!(
        "{name}: {} questions, recall@1 right {right:.3}, misspelt {misspelt:.3}, not corrected {left:.3}; {} corrected, {} wrongly; false: {} {:?}; lost {} {:#?}, won {}",
        figures.questions,
        figures.corrected,
        figures.wrong,
        figures.false_corrections.len(),
        figures.false_corrections,
        figures.lost.len(),
        figures.lost,
        figures.won,
    );
}

/// The articles with an odd number were not looked at while the rules were made.
#[test]
#[ignore = "takes minutes and prints figures; it needs the larger question sets"]
fn figures_of_the_articles_held_out() {
    print_figures(1, 7);
}

/// What fails here may be looked at to mend the rules.
#[test]
#[ignore = "takes minutes and prints figures; it needs the larger question sets"]
fn figures_of_the_articles_that_the_rules_were_made_on() {
    print_figures(0, 11);
}

/// Katakana of Japanese questions about Japanese articles.
#[test]
#[ignore = "takes minutes and prints figures; it needs the larger question sets"]
fn figures_of_japanese() {
    let Some(eval) = optional_data("eval") else { return };
    let jaquad = |name: &str| eval.join("jaquad").join(name);
    let is_article = |article: &str| article < JAPANESE_UNTIL;
    let footnote = collection_of(&jaquad("corpus.ja.jsonl"), is_article);
    let questions = questions(&jaquad("queries.ja.jsonl"), &jaquad("qrels.tsv"), is_article, has_katakana);
    let mut dice = Dice::new(7);
    let figures = measure(&footnote, &questions, |question| with_wrong_kana(question, &mut dice));
    print("ja over ja", &figures);
}

/// Corrections of right questions of other sets. All of them are printed: each is an error of Footnote, or of the set.
#[test]
#[ignore = "takes minutes and prints figures; it needs the larger question sets"]
fn figures_of_right_questions() {
    let Some(eval) = optional_data("eval") else { return };
    for (queries, corpus) in [
        ("mkqa/queries.en.jsonl", "xquad_r/corpus.zh-Hant.jsonl"),
        ("clapnq/queries.en.jsonl", "clapnq/corpus.en.jsonl"),
        ("asked/drcd.queries.en.jsonl", "xquad_r/corpus.zh-Hant.jsonl"),
        ("asked/drcd.queries.de.jsonl", "xquad_r/corpus.zh-Hant.jsonl"),
        ("asked/cmrc.queries.de.jsonl", "xquad_r/corpus.de.jsonl"),
        ("drcd/queries.zh-Hant.dev.jsonl", "xquad_r/corpus.zh-Hant.jsonl"),
        ("mkqa/queries.zh-Hant.jsonl", "xquad_r/corpus.en.jsonl"),
        ("mkqa/queries.ja.jsonl", "xquad_r/corpus.en.jsonl"),
        ("nomiracl/queries.ja.jsonl", "nomiracl/corpus.ja.jsonl"),
    ] {
        let footnote = collection(&eval.join(corpus));
        let mut asked = lines(&eval.join(queries));
        asked.truncate(MOST_RIGHT);
        let texts = asked.iter().map(|line| line["text"].as_str().unwrap());
        let changed: Vec<String> = texts
            .filter_map(|text| {
                let (_, corrected) = first(&footnote, text, None);
                (corrected != text).then(|| format!("{text} -> {corrected}"))
            })
            .collect();
        println!("{queries} over {corpus}: {} of {} questions changed: {changed:#?}", changed.len(), asked.len());
    }
}
