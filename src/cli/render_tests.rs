//! Tests of the rendering of answers and passages.

use crate::passage::{CitedPlace, DocumentInfo, Mode, Note, NoteAbout, Notice, Reason, Span};

use super::*;
use crate::cli::fixture::{answer_of, document, passage};

const PLAIN: Style = Style::PLAIN;

fn shown(found: &Answer, style: Style) -> String {
    answer(found, Footnotes::Cited, &DocumentLinks::default(), style)
}

fn listed(passages: &[FoundPassage], style: Style) -> String {
    search(passages, 0, &DocumentLinks::default(), style)
}

#[test]
fn an_answer_is_its_sentences_and_then_its_footnotes() {
    let chinese = passage("通膨降溫。高盛預期降息兩次。市場觀望。", "高盛預期降息兩次。");
    let english = passage("Rates held.\nThe Fed will cut. Then wait.", "The Fed will cut.");
    let expected = "\
高盛預期降息兩次。[1]
The Fed will cut.[2]
Very likely answered (confidence 0.90)

[1] 聯準會展望 — Macro Desk, 2025-12-20
    line 1, bytes 15-42 · news-7
    通膨降溫。»高盛預期降息兩次。«市場觀望。

[2] 聯準會展望 — Macro Desk, 2025-12-20
    line 2, bytes 12-29 · news-7
    Rates held. »The Fed will cut.« Then wait.
";
    assert_eq!(shown(&answer_of(vec![chinese, english], Mode::Extract), PLAIN), expected);
}

#[test]
fn passages_alone_have_no_answer_above_them() {
    let text = shown(&answer_of(vec![passage("a b", "a")], Mode::Passages), PLAIN);
    assert!(text.starts_with("[1] "), "{text}");
}

#[test]
fn nothing_found_is_nothing_printed() {
    assert_eq!(shown(&answer_of(vec![], Mode::Extract), PLAIN), "");
    assert_eq!(listed(&[], PLAIN), "");
}

#[test]
fn what_is_not_known_of_a_document_leaves_no_gap() {
    let mut found = passage("a", "a");
    found.document =
        DocumentInfo { source: None, published: None, uri: Some("https://example.org/7".into()), ..document() };
    let text = shown(&answer_of(vec![found], Mode::Passages), PLAIN);
    assert_eq!(text, "[1] 聯準會展望\n    line 1, bytes 0-1 · https://example.org/7\n    »a«\n");
}

#[test]
fn a_place_in_the_original_stands_instead_of_the_line_and_is_linked() {
    let mut found = passage("a", "a");
    found.document = DocumentInfo { uri: Some("https://example.org/7.pdf".into()), ..document() };
    found.place = Some(CitedPlace { pages: Some((3, 3)), ..CitedPlace::default() });
    let text = shown(&answer_of(vec![found.clone()], Mode::Passages), PLAIN);
    assert!(text.contains("\n    p. 3, bytes 0-1 · https://example.org/7.pdf\n"), "{text}");
    let links = DocumentLinks::default();
    assert_eq!(links.address_of(&found).as_deref(), Some("https://example.org/7.pdf#page=3"));
}

#[test]
fn a_search_result_is_ranked_and_shows_its_whole_passage() {
    let first = passage("通膨降溫。高盛預期降息。", "高盛預期降息。");
    let expected = "\
1.  聯準會展望 — Macro Desk, 2025-12-20 · score 0.877
    line 1, bytes 0-36 · news-7
    通膨降溫。»高盛預期降息。«
";
    assert_eq!(listed(std::slice::from_ref(&first), PLAIN), expected);
    assert!(listed(&[first.clone(), first], PLAIN).contains("\n\n2.  聯準會展望"));
}

#[test]
fn a_quote_outside_its_passage_is_no_panic() {
    let mut found = passage("通膨降溫。", "通膨");
    for (start, end) in [(1, 2), (90, 95), (0, 90)] {
        found.quote.location.bytes = Span::new(start, end);
        assert!(listed(std::slice::from_ref(&found), PLAIN).contains("通膨降溫。"));
    }
}

#[test]
fn colour_takes_the_place_of_the_marks_around_a_quote() {
    let found = answer_of(vec![passage("a b c", "b")], Mode::Extract);
    let coloured = shown(&found, Style { colour: true, ..Style::PLAIN });
    assert!(coloured.contains("\u{1b}[1;32mb\u{1b}[0m") && !coloured.contains('»'), "{coloured}");
    assert!(!shown(&found, PLAIN).contains('\u{1b}'));
}

#[test]
fn a_title_leads_to_its_document_where_the_terminal_has_links() {
    let mut found = answer_of(vec![passage("a b c", "b")], Mode::Extract);
    let linked = Style { links: true, ..PLAIN };
    assert_eq!(shown(&found, linked), shown(&found, PLAIN), "it is nowhere to be found");
    found.citations[0].passage.document.uri = Some("https://example.org/降".into());
    let link = "\u{1b}]8;;https://example.org/%E9%99%8D\u{1b}\\聯準會展望\u{1b}]8;;\u{1b}\\ — Macro Desk";
    for text in [shown(&found, linked), listed(&[found.citations[0].passage.clone()], linked)] {
        assert!(text.contains(link), "{text:?}");
    }
    assert!(!shown(&found, PLAIN).contains('\u{1b}'));
    found.citations[0].passage.document.uri = Some("https://e.org/\u{1b}\\\u{7}".into());
    assert!(!shown(&found, linked).contains('\u{1b}'), "what could end the sequence is no link");
}

#[test]
fn escapes_in_a_document_do_not_reach_the_terminal() {
    let mut found = passage("a\u{1b}[31m b\u{9b}2J c", "b\u{9b}2J");
    found.document.title = "t\u{1b}]0;x\u{7}".into();
    found.document.source = Some("s\u{8}".into());
    found.document.published = Some("2026\u{1b}".into());
    found.document.id = "i\u{1b}".into();
    let found = answer_of(vec![found], Mode::Extract);
    for text in [shown(&found, PLAIN), listed(&[found.citations[0].passage.clone()], PLAIN)] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    }
}

#[test]
fn escapes_in_a_question_do_not_reach_the_terminal_in_a_note() {
    let text = "Not answered by the documents: a\u{1b}]52;c;x\u{7}b.".to_owned();
    let note = Note { about: NoteAbout::Parts, language: "en".into(), text };
    let found = Answer { notes: vec![note], ..answer_of(vec![passage("Rates held.", "Rates held.")], Mode::Extract) };
    assert!(!shown(&found, PLAIN).contains(['\u{1b}', '\u{7}']));
}

#[test]
fn on_a_terminal_no_line_is_wider_than_it_and_all_of_a_footnote_is_indented() {
    let long = "高盛預期聯準會將於二〇二六年降息兩次。".repeat(5) + &"The market waits for the Fed. ".repeat(5);
    let found = answer_of(vec![passage(&long, "The market waits for the Fed.")], Mode::Extract);
    let text = shown(&found, Style { width: Some(40), ..Style::PLAIN });
    assert!(text.lines().all(|line| line.width() <= 40), "{text}");
    let footnote: Vec<_> = text.lines().skip_while(|line| !line.starts_with("[1]")).skip(1).collect();
    assert!(footnote.len() > 5 && footnote.iter().all(|line| line.starts_with("    ")), "{text}");
}

#[test]
fn a_footnote_with_a_long_mark_keeps_a_space_before_its_title() {
    let mut found = answer_of(vec![passage("a", "a")], Mode::Passages);
    found.citations[0].id = 100;
    assert!(shown(&found, PLAIN).starts_with("[100] 聯準會展望"));
}

#[test]
fn passages_that_are_near_but_not_cited_come_last_or_are_counted() {
    let mut found = answer_of(vec![passage("a", "a"), passage("b c", "b"), passage("d", "d")], Mode::Extract);
    found.sentences.retain(|sentence| sentence.citations == [2]);
    let text = shown(&found, PLAIN);
    assert!(text.contains("\n[2] ") && !text.contains("\n[1] "), "{text}");
    assert!(text.ends_with("\n\n2 more passages are near, but not cited; --all shows them.\n"), "{text}");
    let all = answer(&found, Footnotes::All, &DocumentLinks::default(), PLAIN);
    let order: Vec<_> = all.lines().filter_map(|line| line.get(..4)).filter(|mark| mark.starts_with('[')).collect();
    assert_eq!(order, ["[2] ", "[1] ", "[3] "], "{all}");
    assert!(all.contains("\n\nNear, but not cited:\n\n[1] "), "{all}");
}

#[test]
fn the_confidence_is_said_in_words() {
    let mut found = answer_of(vec![passage("a", "a")], Mode::Extract);
    for (confidence, words) in
        [(0.8, "Very likely answered (confidence 0.80)"), (0.5, "Likely answered"), (0.3, "Perhaps answered")]
    {
        found.confidence = confidence;
        assert!(shown(&found, PLAIN).contains(words), "{confidence}");
    }
    found.sentences.clear();
    (found.answerable, found.confidence) = (false, 0.2);
    let notice = Notice { reason: Reason::Unanswered, language: "zh-Hant".into(), text: "沒有答案。".into() };
    found.notice = Some(notice.clone());
    assert!(shown(&found, PLAIN).starts_with("沒有答案 (confidence 0.20)。最接近的段落：\n\n[1] "));
    found.citations.clear();
    assert_eq!(shown(&found, PLAIN), "", "a note says that nothing was found");
    found.notice = Some(Notice { reason: Reason::NoQuestion, ..notice });
    assert_eq!(shown(&found, PLAIN), "沒有答案。\n");
}
