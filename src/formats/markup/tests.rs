//! Tests of [`super`].

use proptest::prelude::*;

use super::*;

fn document(format: Format, text: &str) -> Extracted {
    read(format, text.as_bytes(), &Options::new(100_000)).unwrap().documents.remove(0)
}

/// The level and text of each heading, and the text that it covers.
fn headings(document: &Extracted) -> Vec<(usize, &str, &str)> {
    let found = document.layout.headings.iter();
    found.map(|heading| (heading.level, heading.text.as_str(), &document.text[heading.span.range()])).collect()
}

const TITLE: &str = "2026債市展望:先看薪資,再看點陣圖";

#[test]
fn restructured_text_has_headings_and_fields() {
    let text = include_str!("../../../tests/data/formats/markup/zh-tw.rst");
    let found = document(Format::Rst, text);
    assert_eq!(found.text, text);
    assert_eq!((found.title.as_deref(), found.author.as_deref()), (Some(TITLE), Some("陸以寧")));
    assert_eq!(found.published.as_deref(), Some("2026-01-09"));
    let levels: Vec<_> = headings(&found).iter().map(|(level, text, _)| (*level, *text)).collect();
    assert_eq!(levels, [(1, TITLE), (2, "一、利率"), (3, "1.1 時間表"), (2, "二、風險")]);
    assert_eq!(headings(&found)[1].2, "一、利率\n========");
    assert_eq!(headings(&found)[0].2.lines().count(), 3);
}

#[test]
fn rules_tables_and_indented_lines_of_restructured_text_are_no_headings() {
    let text = "Text.\n\n-----\n\nMore.\n\n::\n\n  Code\n  ====\n\n=== ===\nA   B\n=== ===\n\nreal\n~~~~\n";
    assert_eq!(headings(&document(Format::Rst, text)), [(1, "real", "real\n~~~~")]);
}

#[test]
fn asciidoc_has_headings_and_a_header() {
    let text = "= The *Port*\nAnn Lee <ann@example.org>; Bo\nv1.0, 2026-01-09: first\n:lang: en\n:keywords: sea, port\n\n\
                == One ==\n\nText.\n\n----\n== no\n----\n\n=== Two\n";
    let found = document(Format::Asciidoc, text);
    assert_eq!((found.title.as_deref(), found.author.as_deref()), (Some("The *Port*"), Some("Ann Lee, Bo")));
    assert_eq!((found.published.as_deref(), found.language.as_deref()), (Some("2026-01-09"), Some("en")));
    assert_eq!(found.tags, ["sea", "port"]);
    assert_eq!(headings(&found), [(1, "The *Port*", "= The *Port*"), (2, "One", "== One =="), (3, "Two", "=== Two")]);
}

#[test]
fn org_has_headings_and_keywords_and_no_drawers() {
    let text = include_str!("../../../tests/data/formats/markup/zh-tw.org");
    let found = document(Format::Org, text);
    assert_eq!((found.title.as_deref(), found.author.as_deref()), (Some(TITLE), Some("陸以寧")));
    assert_eq!(found.published.as_deref(), Some("2026-01-09"));
    let levels: Vec<_> = headings(&found).iter().map(|(level, text, _)| (*level, *text)).collect();
    assert_eq!(levels, [(1, "一、利率"), (2, "1.1 時間表"), (1, "二、風險")]);
    assert!(!found.text.contains("CUSTOM_ID") && found.text.contains("#+begin_quote"));
    assert_eq!(found.text.lines().count(), text.lines().count());
    let text = "* TODO [#A] Call *Ann*   :work:now:\n#+begin_src org\n* no\n#+end_src\n** DONE Two\n";
    assert_eq!(
        document(Format::Org, text).layout.headings.iter().map(|h| h.text.as_str()).collect::<Vec<_>>(),
        ["Call *Ann*", "Two"]
    );
}

#[test]
fn latex_has_headings_and_neither_preamble_nor_comments() {
    let text = "\\documentclass{article} % a class\n\\title{On \\emph{Ports}\\thanks{Money}}\n\\author{Ann Lee \\and Bo}\n\
                \\date{2026-01-09}\n\\begin{document}\n\\section*{One \\& \\textbf{two}}\\label{s}\n\
                50\\% of it. % a note\n\\begin{verbatim}\n\\section{no} % kept\n\\end{verbatim}\n\
                \\subsection[short]{A long\n  title}\n\\end{document}\nrest\n";
    let found = document(Format::Latex, text);
    assert_eq!((found.title.as_deref(), found.author.as_deref()), (Some("On Ports"), Some("Ann Lee, Bo")));
    assert_eq!(found.published.as_deref(), Some("2026-01-09"));
    let levels: Vec<_> = headings(&found).iter().map(|(level, text, _)| (*level, *text)).collect();
    assert_eq!(levels, [(2, "One & two"), (3, "A long title")]);
    assert_eq!(headings(&found)[0].2, "\\section*{One \\& \\textbf{two}}");
    let lines: Vec<&str> = found.text.lines().collect();
    assert_eq!(lines[..5], ["", "", "", "", ""]);
    assert_eq!(lines[6], "50\\% of it. ");
    assert_eq!(lines[8], "\\section{no} % kept");
    assert_eq!(lines.last(), Some(&""));
    assert_eq!(lines.len(), text.lines().count());
}

#[test]
fn what_pandoc_writes_is_described_and_has_its_headings() {
    const LUMEN: &str = "Lumen Quay wins its first U.S. order for optical chip links";
    const ECB: &str = "欧洲央行按兵不动：存款利率连续第五次维持在2%";
    let headings = |document: &Extracted| {
        let found = document.layout.headings.iter().map(|heading| heading.text.clone());
        found.filter(|text| text != LUMEN && text != ECB).collect::<Vec<_>>()
    };
    for (format, lumen, ecb) in [
        (
            Format::Rst,
            include_str!("../../../tests/data/formats/markup/lumen.rst"),
            include_str!("../../../tests/data/formats/markup/ecb.rst"),
        ),
        (
            Format::Org,
            include_str!("../../../tests/data/formats/markup/lumen.org"),
            include_str!("../../../tests/data/formats/markup/ecb.org"),
        ),
        (
            Format::Latex,
            include_str!("../../../tests/data/formats/markup/lumen.tex"),
            include_str!("../../../tests/data/formats/markup/ecb.tex"),
        ),
        (
            Format::Asciidoc,
            include_str!("../../../tests/data/formats/markup/lumen.adoc"),
            include_str!("../../../tests/data/formats/markup/ecb.adoc"),
        ),
    ] {
        let lumen = document(format, lumen);
        assert_eq!(lumen.title.as_deref(), Some(LUMEN), "{format:?}");
        assert_eq!(lumen.published.as_deref(), Some("2026-02-17"), "{format:?}");
        assert_eq!(headings(&lumen), ["Light instead of copper", "The hard part"], "{format:?}");
        assert!(!lumen.text.contains("usepackage") && !lumen.text.contains("PROPERTIES"), "{format:?}");
        let ecb = document(format, ecb);
        assert_eq!(ecb.title.as_deref(), Some(ECB), "{format:?}");
        assert_eq!(headings(&ecb), ["为什么不动", "下一步往哪里走", "分歧"], "{format:?}");
        assert!(ecb.text.contains("法兰克福的二月没有意外。"), "{format:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "([=*#~-]{1,9}|\\\\(section|title|begin\\{verbatim|end\\{document)|[{}\\[\\]%:字a \\\\]{0,5}|#\\+(begin_src|title:)|\
                 :properties:|\r?\n){0,20}"
    ) {
        for format in [Format::Rst, Format::Asciidoc, Format::Org, Format::Latex] {
            let found = document(format, &text);
            prop_assert_eq!(found.text.matches('\n').count(), text.matches('\n').count());
            let mut end = 0;
            for heading in &found.layout.headings {
                prop_assert!(found.text.get(heading.span.range()).is_some() && heading.span.start >= end);
                end = heading.span.end;
            }
        }
    }
}
