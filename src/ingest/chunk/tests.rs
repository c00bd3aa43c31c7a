//! Tests of [`super`].

use proptest::prelude::*;

use super::*;
use crate::ingest::extract;
use crate::ingest::sentences::Part;
use crate::passage::Format;
use crate::terms::is_blank;

fn headings_of(text: &str, format: Format) -> Vec<Heading> {
    if format == Format::Markdown { extract::headings(text) } else { Vec::new() }
}

#[expect(clippy::unnecessary_wraps, reason = "a sizer's counter may fail")]
fn characters(text: &str) -> Result<usize> {
    Ok((text.chars().count() * 2).div_ceil(3))
}

fn chunked(text: &str, format: Format, target_tokens: usize, max_tokens: usize) -> Vec<Chunk> {
    let sizer = Sizer { count: &characters, target_tokens, max_tokens, title: "Title", whole_lines: false };
    let chunks = chunk(text, &headings_of(text, format), &sizer).unwrap();
    check(text, format, &chunks, &sizer);
    chunks
}

/// The promises for any text.
fn check(text: &str, format: Format, chunks: &[Chunk], sizer: &Sizer<'_>) {
    let headings = headings_of(text, format);
    let starts = [0].into_iter().chain(headings.iter().map(|heading| heading.span.start));
    let ends = headings.iter().map(|heading| heading.span.start).chain([text.len()]);
    let parts_of = |(start, end): (usize, usize)| parts(&text[start..end]).into_iter().map(move |part| (start, part));
    let all_parts: Vec<(usize, Part)> = starts.zip(ends).flat_map(parts_of).collect();
    let is_table_header =
        |at: usize| all_parts.iter().any(|(start, part)| part.role == Role::Header && start + part.span.start == at);
    // Between sentences stand white space, headings, headers of tables and lines of markup.
    let only_headings_in = |gap: std::ops::Range<usize>| {
        let in_heading = |at: usize| headings.iter().any(|heading| heading.span.range().contains(&at));
        crate::lines::lines(&text[gap.clone()]).all(|line| {
            let content = &text[gap.clone()][line.start..line.end];
            let at = gap.start + line.end - content.trim_start().len();
            in_heading(at) || is_table_header(at) || parts(content).iter().all(Part::is_markup)
        })
    };
    let mut end = 0;
    let mut quoted = 0;
    for chunk in chunks {
        assert_eq!(chunk.span.start, end, "passages tile the text");
        end = chunk.span.end;
        assert!(!chunk.sentences.is_empty());
        for sentence in &chunk.sentences {
            assert!(chunk.span.contains(*sentence) && sentence.start >= quoted && !sentence.is_empty());
            assert!(only_headings_in(quoted..sentence.start), "{:?} is in no sentence", &text[quoted..sentence.start]);
            assert_eq!(text[sentence.range()].trim(), &text[sentence.range()]);
            quoted = sentence.end;
        }
        let content = Span::new(chunk.sentences[0].start, quoted);
        let embedded = format!("{}{}", sizer.context(&chunk.headings).unwrap(), &text[content.range()]);
        let tokens = characters(&embedded).unwrap();
        let is_single_char = text[content.range()].chars().count() == 1;
        assert!(tokens <= sizer.max_tokens || is_single_char, "{tokens} tokens: {embedded:?}");
    }
    assert!(only_headings_in(quoted..text.len()));
    assert_eq!(end, if is_blank(text) { 0 } else { text.len() });
}

#[test]
fn a_text_that_shows_nothing_has_no_passages() {
    assert_eq!(chunked("", Format::Plain, 100, 400), []);
    assert_eq!(chunked(" \n\u{A0}\u{3000}\n\u{FEFF}\u{200B}", Format::Markdown, 100, 400), []);
}

#[test]
fn a_little_over_the_target_gives_two_halves_and_not_a_passage_and_a_rest() {
    let text = "市場正在等待聯準會的決定。".repeat(13);
    let chunks = chunked(&text, Format::Plain, 104, 400);
    let sizes: Vec<usize> = chunks.iter().map(|chunk| chunk.sentences.len()).collect();
    assert!(sizes == [6, 7] || sizes == [7, 6], "{sizes:?}");
}

#[test]
fn a_paragraph_is_a_better_place_to_break_than_a_sentence() {
    let paragraph = |sentences| "The market waits for the decision. ".repeat(sentences);
    let text = format!("{}\n\n{}", paragraph(5), paragraph(7));
    let sizes: Vec<usize> = chunked(&text, Format::Plain, 160, 400).iter().map(|chunk| chunk.sentences.len()).collect();
    assert_eq!(sizes, [5, 7]);
}

#[test]
fn a_sentence_is_divided_only_when_it_alone_is_more_than_the_model_reads() {
    let sentence = format!("{}.", "word ".repeat(100).trim_end());
    assert_eq!(chunked(&sentence, Format::Plain, 100, 400)[0].sentences.len(), 1, "over the target");
    let chunks = chunked(&sentence, Format::Plain, 50, 200);
    assert!(chunks.len() > 5, "over the maximum");
    let parts = chunks.iter().flat_map(|chunk| &chunk.sentences).map(|span| &sentence[span.range()]);
    assert!(parts.clone().all(|part| part.starts_with("word")), "{:?}", parts.collect::<Vec<_>>());
}

#[test]
fn a_document_of_nothing_but_headings_is_quoted_by_its_headings() {
    for text in ["# a```\n# ", "# One\n## Two\n", "#\n"] {
        let chunks = chunked(text, Format::Markdown, 16, 17);
        assert!(chunks.iter().all(|chunk| !chunk.sentences.is_empty()), "{text:?}");
    }
}

#[test]
fn a_heading_starts_a_passage_and_gives_it_its_path() {
    let body = "The market waits for the decision. ".repeat(6);
    let text = format!("# Title\n\n## Rates\n\n{body}\n\n```\n# no heading\n```\n\n## Bonds\n\n{body}");
    let chunks = chunked(&text, Format::Markdown, 120, 400);
    let paths: Vec<_> = chunks.iter().map(|chunk| chunk.headings.join("/")).collect();
    assert_eq!(paths, ["Title/Rates", "Title/Rates", "Title/Bonds", "Title/Bonds"]);
    assert!(text[chunks[0].span.range()].starts_with("# Title\n\n## Rates"));
    assert!(text[chunks[2].span.range()].starts_with("## Bonds"));
    let quoted = chunks.iter().flat_map(|chunk| &chunk.sentences).map(|span| &text[span.range()]);
    assert!(quoted.clone().all(|sentence| !sentence.starts_with("## ")), "a heading is context, not a statement");
    assert_eq!(quoted.filter(|sentence| sentence.starts_with("The market")).count(), 12);
}

#[test]
fn rules_fences_and_delimiter_rows_are_never_quoted() {
    let body = "The market waits for the decision. ".repeat(6);
    let text = format!(
        "---\n\n# Plan\n\n---\n\n{body}\n\n* * *\n\n| a | b |\n|---|---|\n| c | d |\n\n```\n{body}\n```\n---\n"
    );
    for format in [Format::Plain, Format::Markdown] {
        let chunks = chunked(&text, format, 60, 200);
        for quoted in chunks.iter().flat_map(|chunk| &chunk.sentences).map(|span| &text[span.range()]) {
            assert!(quoted.contains(char::is_alphanumeric), "{quoted:?} as {format:?}");
        }
    }
    assert_eq!(chunked("---\n\n***\n", Format::Markdown, 60, 200).len(), 1, "there is nothing else");
}

#[test]
fn small_sections_of_one_parent_share_a_passage_under_the_parent() {
    let text = "# Words\n\nA glossary.\n\n## Fed\n\nA bank.\n\n## Cut\n\nA lower rate.\n\n# Other\n\nText.\n";
    let chunks = chunked(text, Format::Markdown, 120, 400);
    let paths: Vec<_> = chunks.iter().map(|chunk| chunk.headings.join("/")).collect();
    assert_eq!(paths, ["Words", "Other"]);
}

#[test]
fn megabytes_without_punctuation_take_seconds() {
    let started = std::time::Instant::now();
    for text in ["字".repeat(300_000), "a".repeat(900_000), "ab ".repeat(300_000)] {
        assert!(chunked(&text, Format::Plain, 200, 500).len() > 1_000);
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn an_error_of_the_counter_is_returned() {
    let fails = |_: &str| Err(Error::Embedding { reason: "no tokenizer".into() });
    let sizer = Sizer { count: &fails, target_tokens: 100, max_tokens: 400, title: "", whole_lines: false };
    assert!(matches!(chunk("Text.", &[], &sizer), Err(Error::Embedding { .. })));
}

proptest! {
    #[test]
    fn any_text_is_tiled_within_the_maximum(
        text in "\\PC{0,400}|([ -~。！？\\n\\t字 ]|\\n\\n|# |## |```\\n|\\. |\\| |e\u{301}|👩‍👩‍👧){0,300}",
        target in 16..60_usize,
        spare in 1..5_usize,
        markdown: bool,
    ) {
        chunked(&text, if markdown { Format::Markdown } else { Format::Plain }, target, target * (spare + 1) / 2 + 16);
    }
}

#[test]
fn a_line_that_is_whole_is_not_joined_with_the_next() {
    let rows =
        "Bank: the European Central Bank; Rate: two percent and a bit\nbank: the Bank of Japan; Rate: one percent";
    let sentences = |whole_lines: bool| {
        let sizer = Sizer { count: &characters, target_tokens: 400, max_tokens: 800, title: "", whole_lines };
        let chunks = chunk(rows, &[], &sizer).unwrap();
        chunks.iter().map(|chunk| chunk.sentences.len()).sum::<usize>()
    };
    assert_eq!((sentences(true), sentences(false)), (2, 1));
}

#[test]
fn a_row_that_names_its_columns_is_one_sentence() {
    let rows = "站名: 台北車站; 電話: 02-2371-3558\n站名: 台南車站; 說明: 火車站。在東區。; 電話: 06-226-1314";
    let first = rows.find('\n').unwrap();
    let row = |start, end| Row { span: Span::new(start, end), header: None };
    let sentences = sentences_of(rows, &[row(0, first), row(first + 1, rows.len())]);
    assert_eq!(sentences, rows.lines().collect::<Vec<_>>());
    assert_eq!(sentences_of(rows, &[]).len(), 6, "its form does not make it a row");
}

/// What can be quoted of a text in which a reader marked these rows.
fn sentences_of<'t>(text: &'t str, rows: &[Row]) -> Vec<&'t str> {
    let sizer = Sizer { count: &characters, target_tokens: 400, max_tokens: 800, title: "", whole_lines: true };
    let (chunks, _) = chunk_with_rows(text, &[], rows, &sizer).unwrap();
    chunks.iter().flat_map(|chunk| &chunk.sentences).map(|sentence| &text[sentence.range()]).collect()
}

#[test]
fn a_row_is_measured_with_its_header_which_is_not_quoted() {
    let text = "Fuel by farm.\n\nFarm | Litres\nFarm 7. North | 120\nFarm 41 | 98\n\nAll paid.";
    let span = |line: &str| Span::new(text.find(line).unwrap(), text.find(line).unwrap() + line.len());
    let header = Some(span("Farm | Litres"));
    let rows = ["Farm 7. North | 120", "Farm 41 | 98"].map(|line| Row { span: span(line), header });
    assert_eq!(sentences_of(text, &rows), ["Fuel by farm.", "Farm 7. North | 120", "Farm 41 | 98", "All paid."]);
    let sizer = Sizer { count: &characters, target_tokens: 400, max_tokens: 800, title: "", whole_lines: true };
    let (_, read) = chunk_with_rows(text, &[], &rows, &sizer).unwrap();
    assert_eq!(read.read(text, rows[1].span), "Farm: Farm 41; Litres: 98");
    assert!(read.has_in_header(span("Litres").start) && !read.has_in_header(span("All").start));
}

#[test]
fn a_header_without_rows_that_follow_is_no_sentence_of_a_later_section() {
    let text = "A | B\n1 | 2\n\nNext\n\n3 | 4";
    let header = Some(Span::new(0, 5));
    let rows = [Row { span: Span::new(6, 11), header }, Row { span: Span::new(19, 24), header }];
    let heading = Heading { span: Span::new(13, 17), level: 1, text: "Next".into() };
    let sizer = Sizer { count: &characters, target_tokens: 400, max_tokens: 800, title: "", whole_lines: true };
    let (chunks, _) = chunk_with_rows(text, &[heading], &rows, &sizer).unwrap();
    let sentences: Vec<Span> = chunks.iter().flat_map(|chunk| chunk.sentences.clone()).collect();
    assert_eq!(sentences, [rows[0].span, rows[1].span]);
}
