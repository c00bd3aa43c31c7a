//! Which questions are several.

use proptest::prelude::*;

use super::super::names::names;
use super::*;
use crate::lexicon::{Lexicon, Synonyms};

fn plan_of(question: &str) -> Plan {
    plan(question, || names(question, &Lexicon::empty().with_bundled(), &Synonyms::default()))
}

fn parts_of(question: &str) -> Vec<String> {
    match plan_of(question) {
        Plan::Parts(parts) => parts.parts.into_iter().map(|part| part.text).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn names_that_are_joined_are_asked_about_one_by_one() {
    for (question, parts) in [
        ("ECB and BOJ?", vec!["ECB?", "BOJ?"]),
        ("What do the ECB and the BOJ expect?", vec!["What do the ECB expect?", "What do the BOJ expect?"]),
        ("高盛和摩根士丹利預期降息幾次?", vec!["高盛預期降息幾次?", "摩根士丹利預期降息幾次?"]),
        ("日銀とECBの金利は?", vec!["日銀の金利は?", "ECBの金利は?"]),
        ("Was erwarten die UBS und JPMorgan?", vec!["Was erwarten die UBS?", "Was erwarten die JPMorgan?"]),
        (
            "What do HSBC, UBS and JPMorgan expect?",
            vec!["What do HSBC expect?", "What do UBS expect?", "What do JPMorgan expect?"],
        ),
        (
            "What did Brightwell Glass and Mayfield Steel announce?",
            vec!["What did Brightwell Glass announce?", "What did Mayfield Steel announce?"],
        ),
    ] {
        assert_eq!(parts_of(question), parts, "{question}");
    }
}

#[test]
fn a_comparison_has_its_sides() {
    for (question, parts) in [
        (
            "What is the difference between the 2025 and the 2026 parking rules?",
            vec!["the 2025 parking rules?", "the 2026 parking rules?"],
        ),
        ("高盛與摩根士丹利對金價的看法有什麼不同?", vec!["高盛對金價的看法?", "摩根士丹利對金價的看法?"]),
        ("JPMorgan vs UBS on oil", vec!["JPMorgan on oil", "UBS on oil"]),
        ("How do the 2025 and the 2026 rules differ?", vec!["the 2025 rules ?", "the 2026 rules ?"]),
    ] {
        assert_eq!(parts_of(question), parts, "{question}");
        assert!(matches!(plan_of(question), Plan::Parts(parts) if parts.is_comparison), "{question}");
    }
}

#[test]
fn questions_and_clauses_that_ask_are_parts() {
    for (question, count) in [
        ("How long is the Tannis Bridge? When was it opened?", 2),
        ("When will the museum open and who is its director?", 2),
        ("青溪市圖書館的館長是誰?藏書多少?", 2),
        ("稻埕唱片博物館的全票多少錢,每天限多少人入場?", 2),
        ("白砂町の人口は何人ですか。町長は誰ですか。", 2),
        ("Was kostet der Strom und wie viele Haushalte sind betroffen?", 2),
    ] {
        assert_eq!(parts_of(question).len(), count, "{question}: {:?}", parts_of(question));
    }
    assert_eq!(parts_of("How long are the Tannis Bridge and the Skerry Link?").len(), 2);
    let parts = parts_of("How long is the Tannis Bridge? When was it opened?");
    assert_eq!(parts[1], "When was Tannis Bridge opened?");
    let parts = parts_of("How many employees does Halden Pharma have, and who is its chief executive?");
    assert_eq!(parts[1], "who is Halden Pharma’s chief executive?");
    let parts = parts_of("Was kostet Strom in Lindenau? Wer ist dort Bürgermeister?");
    assert_eq!(parts[1], "Wer ist in Lindenau Bürgermeister?");
}

#[test]
fn what_only_looks_like_several_things_is_one() {
    for question in [
        "How much is spent on research and development?",
        "Whom did Kettle and Crane advise?",
        "Does the town allow buses and bicycles?",
        "What was agreed between the ECB and the BOJ?",
        "Who leads Johnson and Johnson?",
        "松浦市只准公車與腳踏車通行嗎?",
        "牛乳と野菜を何トン運びますか",
        "What is the Bank of England?",
        "How did it happen, and why?",
        "When will Trump and Xi Jinping meet?",
        "What did the ECB and the BOJ agree?",
        "川普和習近平何時會面?",
        "高盛和摩根士丹利何時合併?",
        "Which ship left Hull and was sunk in 1942?",
        "Who is the man who founded the bank and who led the club?",
        "¿Qué banco dice que habrá recortes y que subirá el oro?",
        "Which report explains why rates fall and how banks react?",
        "請問一下，圖書館幾點開門?",
        "無論如何，圖書館幾點開門?",
        "不知道為什麼，我的帳號無法登入，怎麼辦?",
        "幾年前我買了保險，現在怎麼理賠?",
        "How much is a hotel in London, UK?",
        "What is the time difference between Taiwan and Japan?",
        "Who won Germany vs France?",
        "Can you help me? How long is the Tannis Bridge?",
        "Who wrote “Where are we? What is this?” in 1990?",
        "What is at https://a.example/?q=what is it?",
        "Who?",
        "",
    ] {
        assert_eq!(plan_of(question), Plan::One, "{question}");
    }
}

#[test]
fn documents_are_counted_of_what_is_asked() {
    for (question, counted) in [
        ("How many documents mention the Tannis Bridge?", "Tannis Bridge"),
        ("In how many documents is the Skylark Museum mentioned?", "Skylark Museum"),
        ("有多少份文件提到日銀?", "日銀"),
        ("「白砂町」に言及している文書はいくつありますか", "白砂町"),
        ("Wie viele Dokumente erwähnen die EZB?", "EZB"),
        ("In wie vielen Dokumenten kommt Grünau vor?", "Grünau"),
    ] {
        assert_eq!(plan_of(question), Plan::Count(counted.into()), "{question}");
    }
    for question in [
        "How many banks expect a cut?",
        "How many documents mention the Fed or the ECB?",
        "How many documents mention rates but not oil?",
        "How many documents mention the Fed and how many mention oil?",
        "How many documents mention the Fed since March 2026?",
        "有多少份文件提到日銀或高盛?",
    ] {
        assert!(!matches!(plan_of(question), Plan::Count(_)), "{question}: {:?}", plan_of(question));
    }
}

#[test]
fn a_question_for_each_is_a_list() {
    for question in [
        "Which banks expect a cut?",
        "Which law firms have advised it?",
        "List the companies that build here.",
        "哪些銀行預期降息?",
        "Welche Banken erwarten eine Senkung?",
        "利下げを予想する銀行を列挙してください",
    ] {
        assert_eq!(plan_of(question), Plan::List, "{question}");
    }
    for question in [
        "Which bank expects the cut?",
        "Which bank expects rates to fall?",
        "Welche Bank erwartet das?",
        "Which is it?",
        "What happens to it?",
        "哪家銀行?",
        "Which bus goes to the museum?",
        "Which bus stops at the museum?",
        "Which virus caused it?",
        "Which savings account pays the highest interest?",
        "Which sports club is the oldest?",
        "Which lens does the camera need?",
        "Welche Größe hat das Zimmer?",
        "Welche Straße führt zum Hafen?",
        "List price of the car?",
        "Name the capital of France.",
        "Which of the two is longer?",
        "港北体育館はどのような建物ですか",
        "一番長い橋はどれですか",
        "兩座橋分別多長?",
        "¿Qué autobús va al museo?",
    ] {
        assert_eq!(plan_of(question), Plan::One, "{question}");
    }
}

proptest! {
    #[test]
    fn any_question_is_planned(question in "\\PC{0,60}|(ECB|BOJ| and |和|、|2025|\\?|who |compare |difference between | differ|,){0,12}") {
        if let Plan::Parts(parts) = plan_of(&question) {
            prop_assert!((2..=MOST_PARTS).contains(&parts.parts.len()));
            prop_assert!(parts.parts.iter().all(|part| !part.label.is_empty()));
        }
    }
}

#[test]
fn a_long_text_is_one_question_and_quickly_planned() {
    let started = std::time::Instant::now();
    assert_eq!(plan_of(&"and who is it ".repeat(600)), Plan::One);
    assert!(started.elapsed().as_millis() < 500, "{:?}", started.elapsed());
}

#[test]
fn a_question_that_may_ask_for_several_things_is_recognised() {
    for question in ["有哪些銀行預期降息?", "List the banks", "What are the risks?"] {
        assert!(may_have_several(question), "{question}");
    }
    for question in ["誰預期降息?", "Who expects a cut?", "Which specialist called theirs?"] {
        assert!(!may_have_several(question), "{question}");
    }
}
