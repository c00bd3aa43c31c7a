use proptest::prelude::*;

use std::convert::Infallible;

use super::*;

const FED: &str = "Who expects the Fed to cut in 2026?";

fn text(earlier: &[&str], question: &str) -> String {
    condense_question(earlier, question).text
}

#[test]
fn a_fragment_takes_the_place_of_what_the_question_before_was_about() {
    for (before, question, expected) in [
        ("What is the ECB deposit rate?", "What about the BOJ?", "What is the BOJ deposit rate?"),
        (FED, "And the ECB?", "Who expects the ECB to cut in 2026?"),
        (FED, "What about the Bank of Japan?", "Who expects the Bank of Japan to cut in 2026?"),
        (FED, "And in 2027?", "Who expects the Fed to cut in 2027?"),
        (FED, "and the BOJ in 2027?", "Who expects the BOJ to cut in 2027?"),
        (
            "What was TSMC revenue in the third quarter?",
            "What about MediaTek?",
            "What was MediaTek revenue in the third quarter?",
        ),
        ("What was TSMC revenue in the third quarter?", "Nvidia?", "What was Nvidia revenue in the third quarter?"),
        (
            "What was TSMC revenue in the third quarter?",
            "And the gross margin?",
            "What was TSMC gross margin in the third quarter?",
        ),
        ("What is Nvidia's revenue?", "how about Intel?", "What is Intel's revenue?"),
        ("Wie hoch ist der Einlagensatz der EZB?", "Und die Fed?", "Wie hoch ist der Einlagensatz der Fed?"),
        ("Wie hoch ist der Umsatz von Siemens?", "Was ist mit Bosch?", "Wie hoch ist der Umsatz von Bosch?"),
        ("¿Cuál es la tasa del BCE?", "¿Y la Fed?", "¿Cuál es la tasa del Fed?"),
        ("¿Quién dirige Iberia?", "¿Y Vueling?", "¿Quién dirige Vueling?"),
        ("Quel est le taux de la BCE ?", "Et la Fed ?", "Quel est le taux de la Fed ?"),
        ("歐洲央行的存款利率是多少?", "日銀呢?", "日銀的存款利率是多少?"),
        ("歐洲央行的存款利率是多少?", "那聯準會呢?", "聯準會的存款利率是多少?"),
        ("欧洲央行的存款利率是多少？", "那美联储呢？", "美联储的存款利率是多少？"),
        ("聯發科第二季營收多少?", "那鴻海七月呢?", "鴻海七月營收多少?"),
        ("聯發科第二季營收多少?", "第三季呢?", "聯發科第三季營收多少?"),
        ("聯發科營收多少?", "那鴻海七月呢?", "鴻海七月營收多少?"),
        ("聯發科第二季營收多少?", "毛利率呢?", "聯發科第二季毛利率多少?"),
        ("台積電的營收是多少?", "TSMC的對手Intel呢?", "TSMC的對手Intel的營收是多少?"),
        ("新渡輪航程多久?", "舊渡輪呢?", "舊渡輪航程多久?"),
        ("誰預期聯準會2026年會降息?", "日銀呢?", "誰預期日銀2026年會降息?"),
        ("欧州中央銀行の預金金利は何％ですか？", "日銀は？", "日銀の預金金利は何％ですか？"),
        ("トヨタの営業利益はいくらですか？", "では、ホンダはどうですか？", "ホンダの営業利益はいくらですか？"),
        ("What is the ECB deposit rate?", "日銀呢?", "What is the 日銀 deposit rate?"),
        ("歐洲央行的存款利率是多少?", "What about the BOJ?", "BOJ的存款利率是多少?"),
    ] {
        let found = condense_question(&[before], question);
        assert_eq!(found.text, expected, "{before} {question}");
        assert!(found.about.is_some_and(|about| !about.is_empty()), "{before} {question}");
    }
}

#[test]
fn what_is_replaced_is_told() {
    let found = condense_question(&["歐洲央行的存款利率是多少?"], "日銀呢?");
    assert_eq!((found.about.as_deref(), found.instead_of.as_deref()), (Some("日銀"), Some("歐洲央行")));
    let found = condense_question(&["What is the ECB deposit rate?"], "What about the BOJ?");
    assert_eq!((found.about.as_deref(), found.instead_of.as_deref()), (Some("BOJ"), Some("ECB")));
    let found = condense_question(&["新渡輪航程多久?"], "船長是誰?");
    assert_eq!((found.about.as_deref(), found.instead_of.as_deref()), (Some("船長是誰?"), None));
    assert_eq!(condense_question(&[FED], "Why?").about, None);
}

#[test]
fn a_question_without_its_subject_takes_that_of_the_question_before() {
    for (before, question, expected) in [
        ("新渡輪航程多久?", "船長是誰?", "新渡輪船長是誰?"),
        ("新渡輪航程多久?", "誰說的?", "新渡輪 誰說的?"),
        ("為什麼電池廠擴建被駁回?", "誰支持這個決定?", "電池廠擴建 誰支持這個決定?"),
        ("歐洲央行的存款利率是多少?", "它什麼時候開會?", "歐洲央行什麼時候開會?"),
        ("歐洲央行的存款利率是多少?", "那為什麼歐元升值?", "歐洲央行 為什麼歐元升值?"),
        ("How long does the new ferry take?", "Who is the captain?", "new ferry Who is the captain?"),
        (FED, "What did it say in March?", "Fed What did it say in March?"),
        (FED, "How much did it earn in Q3?", "Fed How much did it earn in Q3?"),
        (FED, "And why did inflation fall?", "Fed why did inflation fall?"),
        ("Wie hoch ist der Umsatz von Siemens?", "Wann erscheint ihr Bericht?", "Siemens Wann erscheint ihr Bericht?"),
        ("欧州中央銀行の預金金利は何％ですか？", "総裁は誰？", "欧州中央銀行総裁は誰？"),
    ] {
        assert_eq!(text(&[before], question), expected, "{before} {question}");
    }
}

#[test]
fn a_bare_question_word_and_a_person_who_was_asked_for_take_the_whole_question() {
    for question in [
        "Why?",
        "And when?",
        "and how often?",
        "Why not?",
        "How often does he expect it?",
        "Und wann?",
        "¿Por qué?",
        "Pourquoi ?",
        "他預期降幾次？",
        "為什麼？",
        "什麼時候?",
        "那為什麼呢？",
        "なぜ？",
    ] {
        assert_eq!(text(&[FED], question), format!("{FED} {question}"));
    }
}

#[test]
fn a_complete_question_is_not_changed() {
    for question in [
        "Why did the Bank of Japan raise rates in December?",
        "誰預期聯準會2026年降息？",
        "When was the ferry line to Skerry Point opened?",
        "哪些公司應該受惠於其他國家的關稅？",
        "Welche Bank erwartet eine Zinssenkung?",
        "那斯達克為何下跌？",
        "Which banks said that Nvidia is overvalued?",
        "When did Apple publish its report?",
        "Können Sie die Zinsentscheidung erklären?",
        "Quel temps fait-il demain à Paris?",
        "去哪裡學吉他比較好？",
        "How tall is the Eiffel Tower?",
        "What is the capital of Mongolia?",
        "圖書館幾點關門?",
        "Où se trouve Peterhead ?",
        "O que é o matcha?",
        "O trem noturno para Trieste voltou?",
        "É verdade que o trem volta?",
        "È vero che il treno torna?",
        "Did inflation rise this year?",
        "matcha prices",
        "Trieste train",
        "黃金價格",
        "彼得森說了什麼?",
        "謝謝",
        "Thanks!",
        "ok",
    ] {
        let found = condense_question(&[FED], question);
        assert_eq!(found, FollowUp { text: question.into(), ..FollowUp::default() });
    }
    assert_eq!(text(&[], "And the ECB?"), "And the ECB?");
}

#[test]
fn a_chain_of_follow_ups_is_followed_from_a_complete_question() {
    let earlier = ["When does the ferry sail?", FED, "thanks", "And the ECB?"];
    assert_eq!(text(&earlier, "Why?"), "Who expects the ECB to cut in 2026? Why?");
    assert_eq!(text(&earlier, "And the BOJ?"), "Who expects the BOJ to cut in 2026?");
    assert_eq!(text(&["聯發科第二季營收多少?", "那鴻海呢?"], "七月呢?"), "鴻海七月營收多少?");
}

#[test]
fn long_questions_are_not_taken_along() {
    let long = "a long story ".repeat(200);
    assert_eq!(text(&[&long], "Why?"), "Why?");
}

#[test]
fn a_pronoun_after_a_message_that_names_nothing_stays_as_it_is() {
    assert_eq!(condense_question(&["的"], "它").text, "它");
}

proptest! {
    #[test]
    fn no_conversation_makes_it_fail_and_no_question_is_lost(
        earlier in proptest::collection::vec("\\PC{0,30}|[A-Za-z ?]{0,30}|(歐洲央行|的|存款利率|是|多少|第二季|誰|會|呢|は|[a-z]|\\?| ){0,9}", 0..4),
        question in "\\PC{0,30}|(what about|and|the|BOJ|it|who|why|那|日銀|呢|船長|誰|它|七月|の|は| |\\?){0,6}",
    ) {
        let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
        let found = condense_question(&earlier, &question);
        prop_assert!(question.trim().is_empty() || !found.text.is_empty());
    }
}

#[test]
fn an_earlier_question_is_taken_as_it_was_searched_for_and_no_further_back_than_needed() {
    let earlier = ["Who runs Quay Works?", "What is the ECB depsit rate?"];
    let mut asked = Vec::new();
    let mut condense = |last: &str| {
        let searched = |text: String| {
            asked.push(text.clone());
            Ok::<_, Infallible>(text.replace("depsit", "deposit"))
        };
        let Ok(found) = condense_searched(&earlier, last, searched);
        (found.text, std::mem::take(&mut asked))
    };
    let (text, asked) = condense("What about the BOJ?");
    assert_eq!((text.as_str(), asked.len()), ("What is the BOJ deposit rate?", 1), "{asked:?}");
    let (text, asked) = condense("Who wrote the annual report of Harlow Mill?");
    assert_eq!((text.as_str(), asked.len()), ("Who wrote the annual report of Harlow Mill?", 0), "{asked:?}");
}
