//! Questions about several things, for a list or a count, and answers that differ.

use footnote::Question;
use footnote::passage::Answer;
use serde_json::Value;

use super::{Figures, ask, says};
use crate::harness::{example_questions, examples, examples_with};

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn differs_wrongly(question: &Value, answer: &Answer) -> Option<String> {
    let wanted = texts(&question["values"]);
    let shown = |found: &footnote::passage::Disagreement| {
        wanted.iter().all(|value| found.values.iter().any(|found| found.text.contains(value)))
    };
    let is_right = if wanted.is_empty() { answer.differences.is_empty() } else { answer.differences.iter().any(shown) };
    (!is_right).then(|| format!("{} {:?}", answer.text, answer.differences))
}

fn parted_wrongly(question: &Value, answer: &Answer) -> Option<String> {
    let wanted = question["parts"].as_array().unwrap();
    let labels: Vec<&str> = answer.parts.iter().map(|part| part.question.as_str()).collect();
    if answer.parts.len() != wanted.len() {
        return Some(format!("its parts are {labels:?}"));
    }
    if wanted.is_empty() {
        let is_right = question.get("evidence").is_none_or(|evidence| says(answer, evidence));
        return (!is_right).then(|| answer.text.clone());
    }
    answer.parts.iter().zip(wanted).find_map(|(part, wanted)| {
        let sentences = &answer.sentences[part.sentences.0..part.sentences.1];
        let is_right = match wanted {
            Value::Null => !part.answerable && sentences.is_empty(),
            evidence => sentences.iter().any(|said| texts(evidence).iter().any(|text| said.text.contains(text))),
        };
        (!is_right).then(|| format!("{}: {sentences:?}", part.question))
    })
}

fn listed_wrongly(question: &Value, answer: &Answer) -> Option<String> {
    if let Some(count) = question["count"].as_u64() {
        let counted = answer.count.as_ref().map(|count| count.documents as u64);
        return (counted != Some(count)).then(|| format!("counted {counted:?}"));
    }
    let wanted = texts(&question["items"]);
    if wanted.is_empty() {
        return answer.answerable.then(|| answer.text.clone());
    }
    let is_item = |text: &str| wanted.iter().any(|item| text.contains(item));
    let others = answer.sentences.iter().filter(|sentence| !is_item(&sentence.text)).count();
    let has_all = wanted.iter().all(|item| answer.sentences.iter().any(|sentence| sentence.text.contains(item)));
    (!has_all || others > 1).then(|| answer.text.clone())
}

#[test]
fn what_the_sources_say_differently_is_shown() {
    Figures::of("differences", differs_wrongly).hold(18, 17);
}

#[test]
fn each_of_several_things_is_answered_or_declined_by_itself() {
    Figures::of("parts", parted_wrongly).hold(30, 32);
}

#[test]
fn lists_have_their_items_and_counts_are_of_the_index() {
    Figures::of("lists", listed_wrongly).hold(24, 23);
}

#[test]
fn parts_of_an_answer_cite_real_passages_and_its_text_is_their_sentences() {
    let answer = ask("What do HSBC, UBS and JPMorgan expect of the Fed in 2027?");
    assert_eq!(answer.parts.len(), 3);
    for (number, citation) in (1..).zip(&answer.citations) {
        assert_eq!(citation.id, number);
    }
    for sentence in &answer.sentences {
        assert_eq!(&answer.text[sentence.span.range()], sentence.text);
        let cited = &answer.citations[sentence.citations[0] - 1].passage;
        assert_eq!(cited.quote.text, sentence.text);
    }
    let ends: Vec<(usize, usize)> = answer.parts.iter().map(|part| part.sentences).collect();
    assert!(ends.windows(2).all(|pair| pair[0].1 == pair[1].0) && ends[2].1 == answer.sentences.len(), "{ends:?}");
}

#[test]
fn a_comparison_is_a_table_whose_cells_are_sentences() {
    let answer = ask("What is the difference between the 2025 and the 2026 parking rules in Westhaven?");
    let comparison = answer.comparison.unwrap();
    assert_eq!(comparison.columns, ["2025", "2026"]);
    let is_both = |row: &&Vec<Option<usize>>| row.iter().all(Option::is_some);
    let row = comparison.rows.iter().find(is_both).unwrap();
    let text = |column: usize| &answer.sentences[row[column].unwrap()].text;
    assert!(text(0).contains("2025 rules") && text(1).contains("2026 rules"), "{comparison:?}");
}

/// What a question asks besides its subject is understood only if it asks that. `[ask] interpret = false` answers without.
#[test]
fn plain_questions_are_answered_as_without_what_questions_may_ask() {
    let plain = examples_with(|config| config.ask.interpret = false);
    for question in example_questions() {
        let question = Question { text: question["question"].as_str().unwrap().into(), ..Question::default() };
        let (answer, expected) = (examples().ask(&question).unwrap(), plain.ask(&question).unwrap());
        let cited = |answer: &Answer| -> Vec<String> {
            answer.citations.iter().map(|citation| citation.passage.quote.text.clone()).collect()
        };
        let text = &question.text;
        assert_eq!(answer.text, expected.text, "{text}");
        assert_eq!(cited(&answer), cited(&expected), "{text}");
        assert_eq!((answer.answerable, answer.confidence), (expected.answerable, expected.confidence), "{text}");
        assert!(answer.parts.is_empty() && !answer.is_list && answer.count.is_none(), "{text}");
        assert_eq!((&answer.notes, &answer.differences), (&vec![], &vec![]), "{text}");
        assert_eq!(examples().search(&question).unwrap().notes, [], "{text}");
    }
}

#[test]
fn a_count_of_other_names_is_less_certain() {
    let counted = |text: &str| {
        let answer = ask(text);
        (answer.count.unwrap().documents, answer.confidence)
    };
    assert_eq!(counted("How many documents mention the Tannis Bridge?"), (2, 1.0));
    assert_eq!(counted("How many documents mention unicorns?"), (0, 1.0));
    let (documents, confidence) = counted("How many documents mention the BOJ?");
    assert_eq!((documents, confidence), (3, 0.5), "all of them write 日銀");
}
