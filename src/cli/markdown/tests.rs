//! Tests of Markdown: what it looks like, and that a document is never more than text in it.

use crate::passage::{Format, Layout, Mode, Notice, Reason};
use proptest::prelude::*;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use super::*;
use crate::cli::fixture::{answer_of, document as info, passage};

fn shown(found: &Answer) -> String {
    answer(found, &DocumentLinks::default())
}

fn listed(passages: &[FoundPassage]) -> String {
    search(passages, 0, &DocumentLinks::default())
}

#[test]
fn an_answer_is_sentences_with_footnotes_that_say_all_of_their_origin() {
    let chinese = passage("通膨降溫。高盛預期降息兩次。市場觀望。", "高盛預期降息兩次。");
    let mut english = passage("Rates held.\nThe Fed will cut. Then wait.", "The Fed will cut.");
    english.document.uri = Some("https://example.org/7".into());
    let mut unused = passage("*a*", "*a*");
    unused.document.title = "# [b]".into();
    let mut found = answer_of(vec![chinese, english, unused], Mode::Extract);
    found.sentences.pop();
    let expected = "\
高盛預期降息兩次。[^1]
The Fed will cut.[^2]

See also[^3]

[^1]: 通膨降溫。»高盛預期降息兩次。«市場觀望。 — 聯準會展望, Macro Desk, 2025-12-20, line 1, bytes 15-42, news-7

[^2]: Rates held. »The Fed will cut.« Then wait. — [聯準會展望](<https://example.org/7>), Macro Desk, 2025-12-20, \
line 2, bytes 12-29

[^3]: »\\*a\\*« — \\# \\[b\\], Macro Desk, 2025-12-20, line 1, bytes 0-3, news-7
";
    assert_eq!(shown(&found), expected);
}

#[test]
fn what_is_not_answered_says_so_above_what_is_nearest() {
    let mut found = answer_of(vec![passage("a b c", "b")], Mode::Passages);
    assert_eq!(shown(&found), "1. 聯準會展望, Macro Desk, 2025-12-20, line 1, bytes 2-3, news-7\n\n   > a »b« c\n");
    (found.answerable, found.confidence) = (false, 0.125);
    let notice = Notice { reason: Reason::Unanswered, language: "en".into(), text: "No answer.".into() };
    found.notice = Some(notice.clone());
    let text = shown(&found);
    assert!(text.starts_with("No answer (confidence 0.12). The nearest passages:\n\n1. "), "{text}");
    let mut empty = answer_of(vec![], Mode::Extract);
    empty.notice = Some(Notice { reason: Reason::NoQuestion, ..notice });
    assert_eq!(shown(&empty), "No answer.\n");
    assert_eq!(shown(&answer_of(vec![], Mode::Extract)), "");
}

#[test]
fn a_search_is_a_list_with_whole_passages() {
    let found = passage("通膨降溫。高盛預期降息。", "高盛預期降息。");
    let expected = "\
1. 聯準會展望, Macro Desk, 2025-12-20, line 1, bytes 0-36, news-7, score 0.877

   > 通膨降溫。»高盛預期降息。«
";
    assert_eq!(listed(&[found]), expected);
}

#[test]
fn a_table_has_its_columns_whatever_is_in_its_cells() {
    let rows = [vec!["a|b".to_owned(), "c\nd".to_owned()]];
    assert_eq!(table(&["ID", "TITLE"], &rows), "| ID | TITLE |\n| --- | --- |\n| a\\|b | c d |\n");
}

#[test]
fn a_document_is_its_title_what_is_known_and_its_text() {
    let mut info = info();
    (info.uri, info.format) = (Some("https://example.org/7".into()), Format::Markdown);
    let text =
        document(&Document { info, text: "# A\n\n- b\n".into(), layout: Layout::default() }, &DocumentLinks::default());
    assert!(
        text.starts_with("# 聯準會展望\n\n- id: news-7\n- source: Macro Desk\n- uri: <https://example.org/7>\n"),
        "{text}"
    );
    assert!(text.ends_with("\n\n---\n\n\\# A\n\n\\- b\n"), "{text}");
}

/// The links of `markdown`; fails on any construct beside `expected`.
fn links(markdown: &str, expected: fn(&Tag) -> bool) -> Vec<String> {
    let mut links = Vec::new();
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                assert!(matches!(link_type, LinkType::Inline | LinkType::Autolink), "{markdown:?}");
                links.push(dest_url.to_string());
            }
            Event::Start(tag) => assert!(expected(&tag), "{tag:?} in {markdown:?}"),
            Event::End(_) | Event::Text(_) | Event::SoftBreak | Event::Rule => {}
            Event::FootnoteReference(id) => assert_eq!(id.as_ref(), "1", "{markdown:?}"),
            other => panic!("{other:?} in {markdown:?}"),
        }
    }
    links
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_a_document_holds_its_markdown_has_the_shape_that_it_should(
        pieces in prop::collection::vec("[ -~\\n\\t]{0,6}|\\PC{0,3}|[`*_\\[\\]<>#|$~\\\\!()-]{1,4}", 5),
        uri in "https?://[ -~]{1,20}|file:///[ -~]{1,20}|[ -~]{0,20}",
    ) {
        let [text, title, source, id, published] = pieces.as_slice() else { unreachable!("five are made") };
        let mut found = passage(&format!("{text}Quote.{text}"), "Quote.");
        found.document.title.clone_from(title);
        found.document.source = Some(source.clone());
        found.document.published = Some(published.clone());
        found.document.id.clone_from(id);
        found.document.uri = Some(uri.clone());
        let all = DocumentLinks::to(std::iter::once(&found.document), |_| true);
        let address = all.address(&found.document);
        let stored = Document { info: found.document.clone(), text: text.clone(), layout: Layout::default() };
        let answered = answer_of(vec![found.clone()], Mode::Extract);

        let of_answer = links(&answer(&answered, &all), |tag| matches!(tag, Tag::Paragraph | Tag::FootnoteDefinition(_)));
        let of_search = links(&search(&[found], 0, &all), |tag| {
            matches!(tag, Tag::Paragraph | Tag::List(Some(1)) | Tag::Item | Tag::BlockQuote(None))
        });
        let of_document = links(&document(&stored, &all), |tag| {
            matches!(tag, Tag::Paragraph | Tag::List(None) | Tag::Item | Tag::Heading { id: None, .. })
        });
        for links in [of_answer, of_search, of_document] {
            // Nothing but the document's own address is a link. Markdown reads `&amp;` in one as `&`.
            prop_assert_eq!(links.len(), usize::from(address.is_some()), "{:?} {:?}", links, address);
            let is_address = |link: &String| link.split_once("://").is_some_and(|(_, rest)| !rest.is_empty());
            prop_assert!(links.iter().all(is_address), "{:?}", links);
        }
        let table = table(&["A", "B"], &[vec![text.clone(), title.clone()]]);
        let cells = Parser::new_ext(&table, Options::all()).filter(|event| *event == Event::Start(Tag::TableCell)).count();
        prop_assert_eq!(cells, 4, "{:?}", table);
    }
}
