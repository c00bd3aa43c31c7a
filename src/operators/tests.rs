use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::filter::{Comparison, Field};

/// The kinds, values and outcomes of a question's operators.
fn operators(text: &str) -> Vec<(OperatorKind, String, bool, OperatorOutcome)> {
    parse(text).operators.into_iter().map(|found| (found.kind, found.value, found.excludes, found.outcome)).collect()
}

#[test]
fn sentences_of_people_have_no_operators() {
    for text in [
        "What does “Skerry Link” mean?",
        "What do COVID-19 and e-mail have in common - if anything - at -40 degrees?",
        "- item\n- another item\n* -1 point",
        "see http://example.com:8080/a and https://b.c at 10:30, ratio 2:1",
        "Note: the bank said: wait. source: unknown, title : none",
        "「降息」是什麼意思？《昨日》說了什麼",
        "a 5\" pipe and a 6\" pipe, 6'2\" tall",
        "grep -r pattern; tar --list -- x",
        "He said \" nothing \" at all, \"\" and an open \"quote",
        "std::vector and fe80::1 and a:b:c",
        "Überblick: Zinsen, résumé:x",
        "text:x data:1 time:now",
        "",
        "  \n",
    ] {
        let parsed = parse(text);
        assert_eq!(parsed, Parsed { text: text.to_owned(), ..Parsed::default() }, "{text:?}");
    }
}

#[test]
fn a_phrase_stays_in_the_question_and_other_operators_leave_it() {
    let parsed = parse("who said \"higher for longer\" source:\"Goldman Sachs\" -rumour -\"no cut\" in 2026");
    assert_eq!(parsed.text, "who said \"higher for longer\" in 2026");
    assert_eq!(parsed.passages.phrases, ["higher for longer"]);
    assert_eq!(parsed.passages.without, ["rumour", "no cut"]);
    assert_eq!(parsed.filter, Filter::All(vec![Filter::Is(Field::Source, Comparison::Like, json!("Goldman Sachs"))]));
    assert_eq!(parsed.operators.len(), 4);
    assert_eq!(parsed.operators[1].written, "source:\"Goldman Sachs\"");
}

#[test]
fn a_phrase_in_a_text_without_spaces_is_one_too() {
    assert_eq!(parse("什麼是\"殖利率倒掛\"？").passages.phrases, ["殖利率倒掛"]);
    assert_eq!(parse("降息 -通膨。").passages.without, ["通膨"]);
}

#[test]
fn each_operator_about_documents_becomes_its_condition() {
    let one = |text: &str| match parse(text).filter {
        Filter::All(mut conditions) if conditions.len() == 1 => conditions.remove(0),
        other => panic!("{text}: {other:?}"),
    };
    let is = |field, comparison, value: &str| Filter::Is(field, comparison, json!(value));
    for (text, expected) in [
        ("Source:Reuters", is(Field::Source, Comparison::Like, "Reuters")),
        ("tag:rates", is(Field::Tags, Comparison::Same, "rates")),
        ("title:展望", is(Field::Title, Comparison::Like, "展望")),
        ("language:zh-Hant", is(Field::Language, Comparison::Equal, "zh-Hant")),
        ("lang:Japanese", is(Field::Language, Comparison::Equal, "ja")),
        ("type:PDF", is(Field::Format, Comparison::Equal, "pdf")),
        ("format:word", is(Field::Format, Comparison::Equal, "docx")),
        ("before:2026-01", is(Field::Published, Comparison::Less, "2026-01")),
        ("after:2026/1/5,", is(Field::Published, Comparison::GreaterOrEqual, "2026-01-05")),
        ("since:2026", is(Field::Published, Comparison::GreaterOrEqual, "2026")),
        ("until:2026-02", is(Field::Published, Comparison::LessOrEqual, "2026-02")),
    ] {
        assert_eq!(one(text), expected, "{text}");
        assert_eq!(one(&format!("-{text}")), Filter::Not(Box::new(expected)), "-{text}");
    }
}

#[test]
fn of_several_values_of_a_field_one_is_enough_and_dates_all_hold() {
    let filter = parse("source:a source:b since:2025 before:2026").filter;
    let is = |field, comparison, value: &str| Filter::Is(field, comparison, json!(value));
    let sources = ["a", "b"].map(|source| is(Field::Source, Comparison::Like, source));
    let dates =
        [is(Field::Published, Comparison::GreaterOrEqual, "2025"), is(Field::Published, Comparison::Less, "2026")];
    assert_eq!(filter, Filter::All([Filter::Any(sources.to_vec())].into_iter().chain(dates).collect()));
}

#[test]
fn what_is_nearly_an_operator_stays_in_the_question_and_says_what_was_meant() {
    for (text, kind) in [
        ("sorce:Reuters cuts", OperatorKind::Source),
        ("cuts before:yesterday", OperatorKind::Before),
        ("cuts since:2026-13", OperatorKind::Since),
        ("lang:klingonese", OperatorKind::Language),
        ("type:error", OperatorKind::Format),
    ] {
        let parsed = parse(text);
        assert_eq!(parsed.text, text);
        assert_eq!(parsed.filter, Filter::default(), "{text}");
        assert_eq!(operators(text)[0].0, kind, "{text}");
        assert_eq!(operators(text)[0].3, OperatorOutcome::AsWords, "{text}");
    }
}

#[test]
fn a_question_has_a_bounded_number_of_operators_of_bounded_length() {
    let many = "source:a ".repeat(200);
    assert_eq!(parse(&many).operators.len(), MAX_OPERATORS);
    parse(&many).filter.check().unwrap();
    let long = format!("source:{} \"{}\"", "x".repeat(5_000), "y ".repeat(3_000));
    assert_eq!(parse(&long), Parsed { text: long.clone(), ..Parsed::default() });
}

#[test]
fn operators_alone_leave_a_blank_question() {
    assert_eq!(parse("source:Reuters -rumour").text.trim(), "");
    assert_eq!(parse("source:Reuters \"rate cut\"").text.trim(), "\"rate cut\"");
}

proptest! {
    #[test]
    fn any_text_can_be_parsed_and_the_operators_stand_in_it(
        text in "(\\PC|source:|-|\"|before:2026-01|tag:\"|[ \\n]|降息|\\(|lang:|:){0,40}"
    ) {
        let parsed = parse(&text);
        for operator in &parsed.operators {
            prop_assert!(text.contains(&operator.written));
            prop_assert!(!operator.value.trim().is_empty());
        }
        prop_assert!(parsed.filter.check().is_ok());
        if parsed.operators.is_empty() {
            prop_assert_eq!(&parsed.text, &text);
        }
        prop_assert!(parsed.text.len() <= text.len());
    }

    #[test]
    fn a_text_of_words_and_marks_of_sentences_stays_as_it_is(text in "([a-zA-Z聯準會0-9]{1,8}[ ,.;!?。，]{1,2}){0,20}") {
        prop_assert_eq!(parse(&text), Parsed { text: text.clone(), ..Parsed::default() });
    }
}
