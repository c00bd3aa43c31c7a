//! What is quoted: a rule with its exception, the row of a table that is asked for, and only what tells what is asked.

use footnote::passage::{Answer, NewDocument};
use footnote::{Footnote, Question};

use crate::harness::temporary;

const DISHWASHER: &str = "# Aquilo DW60\n\n## Programmes\n\n\
    | programme | temperature | duration | water |\n|---|---|---|---|\n\
    | Eco | 50 °C | 3 h 40 min | 9.5 l |\n| Intensive | 70 °C | 2 h 25 min | 14 l |\n| Auto | 55 °C | 1 h 50 min | 7–13 l |\n\
    | Glass | 40 °C | 1 h 30 min | 11 l |\n| Quick | 45 °C | 29 min | 8 l |\n\n\
    The Quick programme does not dry. Tablets do not dissolve fully in it; use powder instead.\n";
const RULES: &str = "Employees whose duties allow it may work from home for up to three days a week. Laboratory staff cannot.\n\n\
    Expenses are refunded within ten days. This does not apply to travel abroad.\n\n\
    The works council discussed whether to allow dogs in the office. It decided to allow them on Fridays.\n";
const LAW: &str = "公司應於事實發生之日起五日內向主管機關申報。但經主管機關核准延期者，不在此限。\n";

fn asked(footnote: &Footnote, question: &str) -> Answer {
    footnote.ask(&Question { text: question.into(), ..Question::default() }).unwrap()
}

fn collection() -> Footnote {
    let footnote = temporary(|_| {});
    let document = |id: &str, title: &str, text: &str| NewDocument {
        id: Some(id.into()),
        title: Some(title.into()),
        text: text.into(),
        ..NewDocument::default()
    };
    let documents = vec![
        document("dishwasher.md", "Aquilo DW60 dishwasher", DISHWASHER),
        document("rules.md", "Staff rules", RULES),
        document("law.txt", "申報辦法", LAW),
    ];
    footnote.ingest_quiet(documents).unwrap();
    footnote
}

#[test]
fn a_rule_is_quoted_with_its_exception_and_a_reported_question_with_its_answer() {
    let footnote = collection();
    for (question, quoted) in [
        ("May employees work from home?", "Laboratory staff cannot."),
        ("When are expenses refunded?", "This does not apply to travel abroad."),
        ("Are dogs allowed in the office?", "It decided to allow them on Fridays."),
        ("公司應於幾日內向主管機關申報?", "但經主管機關核准延期者，不在此限。"),
    ] {
        let answer = asked(&footnote, question);
        assert!(answer.text.contains(quoted), "{question}: {}", answer.text);
    }
}

#[test]
fn the_row_with_the_most_or_the_least_is_quoted_alone() {
    let footnote = collection();
    for (question, programme) in [
        ("Which programme uses the least water?", "Quick"),
        ("Which programme uses the most water?", "Intensive"),
        ("Which programme has the lowest temperature?", "Glass"),
        ("What is the longest programme of the dishwasher?", "Eco"),
        ("Welches Programm dauert am kürzesten?", "Quick"),
    ] {
        let answer = asked(&footnote, question);
        let first = answer.citations.first().map(|citation| citation.passage.quote.text.as_str()).unwrap_or_default();
        assert!(first.starts_with(&format!("| {programme} |")), "{question}: {first}");
        let rows = answer.sentences.iter().filter(|sentence| sentence.is_row).count();
        assert!(rows <= 2, "the header and the row: {question}: {}", answer.text);
    }
}

#[test]
fn a_question_for_a_loudness_or_a_count_is_not_answered_with_other_numbers() {
    let footnote = collection();
    for question in ["How loud is the Aquilo in the Quick programme?", "How many customers use the Quick programme?"] {
        let answer = asked(&footnote, question);
        assert!(!answer.answerable, "{question}: {}", answer.text);
    }
}
