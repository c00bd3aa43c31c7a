//! Tests of splitting, citations and verdicts, without a model.

use std::sync::Arc;

use proptest::prelude::*;

use super::evidence::Evidence;
use super::judge::{Judgement, WordsKnown, judge};
use super::{Sources, cited_in, definitions, plain, spans, statements};
use crate::passage::{DifferenceKind, DocumentInfo, Span, Verdict};

fn evidence(id: &str, text: &str, score: f32, is_cited: bool) -> Evidence {
    let all = Span::new(0, text.len());
    let info = DocumentInfo {
        id: id.into(),
        title: "Report".into(),
        size_bytes: text.len(),
        passages: 1,
        ..DocumentInfo::default()
    };
    Evidence {
        member: 0,
        info,
        text: Arc::from(text),
        passage: all,
        window: all,
        headings: Vec::new(),
        score,
        cosine: 0.8,
        is_cited,
    }
}

const NOTHING_KNOWN: WordsKnown<'_> = WordsKnown { other_names: &|_| Vec::new(), share_in: &|_| 0.0 };

fn judged(said: &str, stands: &str) -> Judgement {
    judge(said, false, &[evidence("a", stands, 0.85, false)], NOTHING_KNOWN)
}

fn cited(text: &str, numbered: &[&str]) -> Vec<(String, Vec<String>)> {
    let numbered: Vec<String> = numbered.iter().map(|id| (*id).to_owned()).collect();
    let known = ["minutes", "notes-2026", "https://example.com/a", "The report"];
    let resolve = |name: &str| Ok(known.iter().filter(|id| **id == name).map(|id| (*id).to_owned()).collect());
    let sources = Sources { definitions: definitions(text), numbered: &numbered, resolve: &resolve };
    let found = statements(text);
    let cited = found.iter().flat_map(|found| cited_in(&text[found.span.range()], &sources).unwrap());
    cited.map(|cited| (cited.mark, cited.documents)).collect()
}

#[test]
fn citations_are_followed_in_every_form() {
    for (text, numbered, expected) in [
        ("It rose.[1]", vec!["a"], vec![("[1]", vec!["a"])]),
        ("It rose.[1, 2]", vec!["a", "b"], vec![("[1, 2]", vec!["a", "b"])]),
        ("It rose.[1-3]", vec!["a", "b", "c"], vec![("[1-3]", vec!["a", "b", "c"])]),
        ("It rose.[7]", vec!["a"], vec![("[7]", vec![])]),
        ("It rose.[^1]\n\n[^1]: minutes", vec![], vec![("[^1]", vec!["minutes"])]),
        ("It rose.[1]\n\n[1]: https://example.com/a \"A\"", vec!["x"], vec![("[1]", vec!["https://example.com/a"])]),
        ("It rose.[1]\n\n[1] The report, 2026", vec![], vec![("[1]", vec!["The report"])]),
        (
            "It [rose](https://example.com/a).",
            vec![],
            vec![("[rose](https://example.com/a)", vec!["https://example.com/a"])],
        ),
        ("It rose (https://example.com/a).", vec![], vec![("https://example.com/a", vec!["https://example.com/a"])]),
        ("利率上升。[notes-2026]", vec![], vec![("[notes-2026]", vec!["notes-2026"])]),
        ("利率上升。【1†source】", vec!["a"], vec![("【1†source】", vec!["a"])]),
        ("It [sic] rose.", vec![], vec![]),
    ] {
        let found = cited(text, &numbered);
        let found: Vec<(&str, Vec<&str>)> =
            found.iter().map(|(mark, ids)| (mark.as_str(), ids.iter().map(String::as_str).collect())).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_statement_is_plain_words_without_markup_and_marks() {
    for (sentence, expected) in [
        ("- The pier is **1.5 km** long.[^1]", "The pier is 1.5 km long."),
        ("1. It `rose` by [5 %](https://a.example/b) [2, 3].", "It rose by 5 % ."),
        ("> snake_case is _a_ name", "snake_case is a name"),
        ("利率上升。[notes-2026]", "利率上升。"),
        ("| a | 5 |", "a 5"),
        ("It <b>rose</b><br/> by <a href=\"x\">5 %</a>.", "It rose by 5 %."),
        ("It rose <b and he was arrested>.", "It rose <b and he was arrested>."),
        ("利率上升【鮑爾被捕】。", "利率上升【鮑爾被捕】。"),
    ] {
        assert_eq!(plain(sentence), expected);
    }
}

#[test]
fn verdicts_follow_from_what_stands() {
    for (said, stands, verdict, kind) in [
        ("It rose by 5 percent.", "It rose by 5%.", Verdict::Supported, None),
        ("It rose by 5 percent.", "It rose by 3%.", Verdict::Contradicted, Some(DifferenceKind::Number)),
        ("It rose by 5 percent.", "It rose.", Verdict::Partly, Some(DifferenceKind::Number)),
        ("營收1.2兆元。", "Revenue was NT$1.2 trillion.", Verdict::Supported, None),
        ("It opened in 2025.", "It opened in 2024.", Verdict::Contradicted, Some(DifferenceKind::Date)),
        ("It ran 5 miles.", "It ran 5 kg.", Verdict::Contradicted, Some(DifferenceKind::Unit)),
        ("Then Anna Lee left.", "Then Bert Moss left.", Verdict::Partly, Some(DifferenceKind::Name)),
        (
            "The bank did not cut its rate.",
            "The bank did cut its rate.",
            Verdict::Contradicted,
            Some(DifferenceKind::Negation),
        ),
        (
            "Prices rose in the city.",
            "Prices fell in the city.",
            Verdict::Contradicted,
            Some(DifferenceKind::Direction),
        ),
        ("5 people died.", "It is said that 35 people died.", Verdict::Contradicted, Some(DifferenceKind::Number)),
        (
            "According to Ann it rose.",
            "According to the planned report it rose.",
            Verdict::Partly,
            Some(DifferenceKind::Name),
        ),
        ("He said \"we will cut this year\".", "He said we may cut.", Verdict::Partly, Some(DifferenceKind::Quote)),
        (
            "From 2000 until 2000 it stood there.",
            "From 1991 until 2000 it stood there.",
            Verdict::Contradicted,
            Some(DifferenceKind::Date),
        ),
    ] {
        let judgement = judged(said, stands);
        assert_eq!(judgement.verdict, verdict, "{said} of {stands}: {judgement:?}");
        assert_eq!(judgement.differences.first().map(|difference| difference.kind), kind, "{said} of {stands}");
    }
    let nothing = judge("It rose.", false, &[], NOTHING_KNOWN);
    assert_eq!((nothing.verdict, nothing.support.len()), (Verdict::Unsupported, 0));
    let unrelated = judge("It rose.", false, &[evidence("a", "Bread is baked.", 0.5, false)], NOTHING_KNOWN);
    assert_eq!(unrelated.verdict, Verdict::Unsupported);
}

#[test]
fn a_sentence_in_another_script_needs_a_better_match_if_it_shares_no_words() {
    let verdict = |share: f32, score: f32, cosine: f32| {
        let evidence = Evidence { cosine, ..evidence("a", "咖啡葉變成棕色。", score, false) };
        let share_in = move |_: &Evidence| share;
        let words = WordsKnown { share_in: &share_in, ..NOTHING_KNOWN };
        judge("The leaves turn brown.", false, &[evidence], words).verdict
    };
    assert_eq!(verdict(0.5, 0.69, 0.7), Verdict::Supported);
    assert_eq!(verdict(0.0, 0.69, 0.8), Verdict::Unsupported);
    assert_eq!(verdict(0.0, 0.72, 0.7), Verdict::Unsupported);
    assert_eq!(verdict(0.0, 0.72, 0.8), Verdict::Supported);
}

#[test]
fn a_name_that_shares_a_title_with_another_is_another() {
    for said in ["Mayor Astrid Bergen opened the bridge.", "In 1931 Mayor Astrid Bergen opened the bridge."] {
        let judgement = judged(said, "In 1931 Mayor Ingrid Solheim opened the bridge.");
        assert_ne!(judgement.verdict, Verdict::Supported, "{said}: {judgement:?}");
    }
}

#[test]
fn support_of_another_document_than_the_cited_one_is_a_misattribution() {
    let cited = evidence("a", "Bread is baked at noon in the town.", 0.5, true);
    let other = evidence("b", "The bridge opened in 1931.", 0.9, false);
    let judgement = judge("The bridge opened in 1931.", true, &[cited, other], NOTHING_KNOWN);
    assert_eq!((judgement.verdict, judgement.support[0]), (Verdict::Misattributed, 1));
}

#[test]
fn an_exchanged_number_is_found_though_it_stands_in_the_passage() {
    let text = "Ann won 11 games. Bob won 5 games.";
    let window = Span::new(0, "Ann won 11 games.".len());
    let passage = Evidence { window, ..evidence("a", text, 0.85, false) };
    let judgement = judge("Ann won 5 games.", false, &[passage], NOTHING_KNOWN);
    assert_eq!(judgement.verdict, Verdict::Contradicted, "{judgement:?}");
}

proptest! {
    #[test]
    fn statements_of_any_text_lie_in_it_in_order(
        text in "\\PC{0,80}|([a-z0-9。.!?「」“”\"\\[\\]()^:*_`~|#<>\\n 不千年%-]|\\[1\\]|\\[\\^a\\]|```\\n|https://a\\.b|not |rose ){0,60}"
    ) {
        let mut end = 0;
        for span in spans(&text) {
            prop_assert!(span.start >= end && text.get(span.range()).is_some());
            end = span.end;
        }
    }

    #[test]
    fn every_sentence_gets_a_verdict(
        said in "\\PC{0,60}|([a-z0-9.「」“”\" 不千年%]|not |rose |[A-Z][a-z]+ ){0,30}",
        stands in "\\PC{0,60}|([a-z0-9.「」“”\" 不千年%]|not |fell |[A-Z][a-z]+ ){0,30}",
        score in -1.0_f32..2.0,
    ) {
        let judgement = judge(&said, false, &[evidence("a", &stands, score, false)], NOTHING_KNOWN);
        prop_assert!((0.0..=1.0).contains(&judgement.score));
        prop_assert_eq!(judgement.support, vec![0]);
    }
}

#[test]
fn a_mark_inside_a_number_divides_no_clause() {
    let stands = "逾期放款比率從1.4%升至1.7%。";
    assert_eq!(judged("逾期放款比率從1.4%降至1.7%。", stands).verdict, Verdict::Contradicted);
    assert_eq!(judged("逾期放款比率從1.4%升至1.7%。", stands).verdict, Verdict::Supported);
    let stands = "Operating profit fell to £1.1 million from £1.6 million.";
    assert_eq!(
        judged("Operating profit rose to £1.1 million from £1.6 million.", stands).verdict,
        Verdict::Contradicted
    );
}

#[test]
fn none_denies_only_of_something() {
    let stands = "The board approved the Remontowa bid by four votes to none.";
    assert_eq!(judged("The board approved the Remontowa bid.", stands).verdict, Verdict::Supported);
    let stands = "None of the members approved the Remontowa bid.";
    let found = judged("All of the members approved the Remontowa bid.", stands);
    assert_eq!(found.differences.first().map(|difference| difference.kind), Some(DifferenceKind::Negation));
}

#[test]
fn german_words_of_direction_are_told_apart() {
    let stands = "Die Stadtwerke senken den Grundpreis zum 1. Januar.";
    assert_eq!(judged("Die Stadtwerke erhöhen den Grundpreis zum 1. Januar.", stands).verdict, Verdict::Contradicted);
    assert_eq!(judged("Die Stadtwerke senken den Grundpreis zum 1. Januar.", stands).verdict, Verdict::Supported);
}
