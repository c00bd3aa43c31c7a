//! Misspelt words of questions: what was meant is found, the answer says so, and right questions stay as they are.

mod figures;
mod generate;

use footnote::passage::{Answer, NewDocument, NoteAbout};
use footnote::{Config, Footnote, Question};
use serde_json::Value;

use crate::harness::{Workspace, temporary};

/// Documents in four languages.
const DOCUMENTS: [(&str, &str); 5] = [
    ("harbour", "The harbour fee of Maris is 40 crowns a day. Inflation reached 3 percent in the spring of 2026."),
    ("glass", "Der Leitzins stieg im Frühjahr auf vier Prozent. Die Glaserei Brandt in Maris fertigt Kirchenfenster."),
    ("cut", "聯準會昨日宣布降息一碼。通貨膨脹率降至百分之二,市場並不意外。"),
    ("tea", "マリス港のレストランでは、インフレーションのために紅茶の値段が上がった。"),
    ("bank", "The engineer Wielandt built the widgetron of Maris in 1931."),
];

fn with(settings: impl FnOnce(&mut Config)) -> Footnote {
    let footnote = temporary(settings);
    let document = |(id, text): &(&str, &str)| NewDocument {
        id: Some((*id).to_owned()),
        text: (*text).to_owned(),
        ..NewDocument::default()
    };
    footnote.ingest_quiet(DOCUMENTS.iter().map(document).collect()).unwrap();
    footnote
}

fn ask(footnote: &Footnote, text: &str) -> Answer {
    footnote.ask(&Question { text: text.into(), ..Question::default() }).unwrap()
}

fn corrections(answer: &Answer) -> Vec<(&str, &str)> {
    answer.corrections.iter().map(|correction| (correction.from.as_str(), correction.to.as_str())).collect()
}

#[test]
fn a_misspelt_question_in_each_script_finds_what_was_meant_and_says_so() {
    let footnote = with(|_| {});
    for (question, from, to, document, note) in [
        (
            "What did the Infaltion reach in 2026?",
            "Infaltion",
            "Inflation",
            "harbour",
            "Searched for “Inflation” instead of “Infaltion”.",
        ),
        (
            "How high is the harbuor fee?",
            "harbuor",
            "harbour",
            "harbour",
            "Searched for “harbour” instead of “harbuor”.",
        ),
        (
            "Who built the widgertron?",
            "widgertron",
            "widgetron",
            "bank",
            "Searched for “widgetron” instead of “widgertron”.",
        ),
        ("Wie hoch ist der Leitizns?", "Leitizns", "Leitzins", "glass", "Gesucht wurde „Leitzins“ statt „Leitizns“."),
        ("聯準會什麼時候江息?", "江息", "降息", "cut", "已改為搜尋「降息」，而非「江息」。"),
        (
            "インフレションで何が上がりましたか?",
            "インフレション",
            "インフレーション",
            "tea",
            "「インフレション」ではなく「インフレーション」で検索しました。",
        ),
    ] {
        let answer = ask(&footnote, question);
        assert_eq!(corrections(&answer), [(from, to)], "{question}");
        let span = answer.corrections[0].span;
        assert_eq!(&question[span.start..span.end], from);
        assert_eq!(answer.citations[0].passage.document.id, document, "{question}");
        assert_eq!((answer.notes[0].about, answer.notes[0].text.as_str()), (NoteAbout::Spelling, note));
        let found = footnote.search(&Question { text: question.into(), ..Question::default() }).unwrap();
        assert_eq!((found.corrections, &found.notes[0]), (answer.corrections, &answer.notes[0]), "{question}");
    }
}

#[test]
fn names_codes_quoted_words_and_other_languages_stay_as_they_are() {
    let footnote = with(|_| {});
    for question in [
        "What did the inflation reach in 2026?",
        "Who is Weltmann Harborow?",
        "What does error INFLTN-40 mean?",
        "How high is the \"harbuor\" fee?",
        "What do kubectl, numpy and PyTorch cost?",
        "What is the organisation's favourite colour?",
        "Was macht die Kirchenfensterglaserei Brandt?",
        "Wie hoch war die Mehrwertsteuererhöhung?",
        "¿Cuánto cuesta la tarifa del puerto de Maris?",
        "Quel est le taux d'inflasion ?",
        "聯準會何時降息?",
        "「江息」是什麼?",
        "台積電的董事長魏哲家說了什麼?",
        "インフレーションで何が上がりましたか?",
        "スターバックスはどこですか?",
    ] {
        let answer = ask(&footnote, question);
        assert_eq!(corrections(&answer), [], "{question}");
        assert!(answer.notes.iter().all(|note| note.about != NoteAbout::Spelling), "{question}");
    }
}

#[test]
fn each_of_two_settings_turns_correction_off() {
    let off: [fn(&mut Config); 2] =
        [|config| config.ask.interpret = false, |config| config.ask.correct_spelling = false];
    for settings in off {
        let footnote = with(settings);
        let answer = ask(&footnote, "How high is the harbuor fee?");
        assert!(answer.corrections.is_empty() && answer.notes.is_empty());
    }
}

#[test]
fn a_misspelt_word_is_corrected_in_questions_for_several_things_lists_counts_and_times() {
    let footnote = with(|_| {});
    for question in [
        "How many documents mention infaltion?",
        "What are the harbour fee and the infaltion?",
        "List everything about infaltion",
        "What is the lastest infaltion?",
    ] {
        let answer = ask(&footnote, question);
        assert!(corrections(&answer).contains(&("infaltion", "inflation")), "{question}: {:?}", answer.corrections);
        let notes = answer.notes.iter().filter(|note| note.about == NoteAbout::Spelling).count();
        assert_eq!(notes, 1, "{question}: {:?}", answer.notes);
    }
}

#[test]
fn the_command_line_shows_the_note_and_the_place_of_the_word() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run_with_input(&["ingest", "-"], DOCUMENTS[0].1.as_bytes()).code, 0);
    let found = workspace.run(&["search", "what is the infaltion"]);
    assert!(found.stderr.contains("Searched for “inflation” instead of “infaltion”."), "{}", found.stderr);
    let answer = workspace.run(&["ask", "--json", "what is the infaltion"]);
    let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
    let expected = serde_json::json!([{"from": "infaltion", "to": "inflation", "start": 12, "end": 21}]);
    assert_eq!(answer["answer"]["corrections"], expected);
}

#[test]
fn a_word_that_only_a_deleted_document_had_is_not_offered() {
    let footnote = with(|_| {});
    let question = "Who built the widgertron?";
    assert_eq!(corrections(&ask(&footnote, question)), [("widgertron", "widgetron")]);
    footnote.delete("bank").unwrap();
    assert_eq!(corrections(&ask(&footnote, question)), []);
}
