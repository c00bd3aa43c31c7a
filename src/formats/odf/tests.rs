use super::super::package::tests::packed;
use super::*;
use crate::passage::At;

const OPTIONS: Options = Options::new(1_000_000);

fn read_one(format: Format, bytes: &[u8]) -> Extracted {
    read(format, bytes, &OPTIONS).unwrap().documents.remove(0)
}

fn file(styles: &str, body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body>{body}</office:body></office:document-content>"
    );
    packed(&[
        ("content.xml", &content),
        (
            "meta.xml",
            "<office:document-meta><office:meta><meta:initial-creator>Wang</meta:initial-creator><dc:creator>Li</dc:creator>\
             <dc:date>2026-01-02T03:04:05</dc:date><meta:creation-date>2025-01-01</meta:creation-date>\
             <meta:keyword>a</meta:keyword><meta:keyword>b</meta:keyword></office:meta></office:document-meta>",
        ),
        ("META-INF/manifest.xml", "<!DOCTYPE manifest PUBLIC 'x' 'y'><manifest/>"),
    ])
}

#[test]
fn a_text_of_libreoffice_is_read() {
    let document = read_one(Format::Odt, include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.odt"));
    let expected = "2026債市展望\n\n一、利率\n\n岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼。\n\n1.1 時間表\n\n\
        時間落在3月、6月與9月。\n\n月份: 3月; 幅度: 25個基點; 機率: 62%\n月份: 6月; 幅度: 25個基點; 機率: 48%\n\n二、風險\n\n\
        油價若站上每桶95美元,第三次降息可能取消。\n\n- 第一點\n- 第二點";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden text, which was left out (13 characters)"]);
    assert_eq!(document.author.as_deref(), Some("陸以寧"));
    let levels: Vec<_> = document.layout.headings.iter().map(|heading| heading.level).collect();
    assert_eq!(levels, [1, 1, 2, 1]);
}

#[test]
fn a_text_of_odfpy_is_read() {
    let document = read_one(Format::Odt, include_bytes!("../../../tests/data/formats/office/rules-odfpy.odt"));
    let expected = "Hausordnung\n\nDie Ruhezeit beginnt um 22 Uhr.\n\n- Keine Fahrräder im Flur.\n- Müll am Montag.\n\n\
        [1] An Feiertagen um 20 Uhr.";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden text, which was left out (7 characters)"]);
    assert_eq!(document.language.as_deref(), Some("de-DE"));
}

#[test]
fn spaces_notes_comments_boxes_and_hidden_text_are_where_they_belong() {
    let document = read_one(
        Format::Odt,
        &file(
            "<style:style style:name='H'><style:text-properties text:display='none'/></style:style>",
            "<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes>\
             <text:p>  One <text:s text:c='2'/>two<text:span text:style-name='H'>secret</text:span>\n three\
             <text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body><text:p>A note.</text:p>\
             </text:note-body></text:note>.<office:annotation><dc:creator>Mei</dc:creator><dc:date>2026</dc:date><text:p>Why?</text:p>\
             </office:annotation><draw:frame><draw:text-box><text:p>Box</text:p></draw:text-box><svg:title>alt</svg:title></draw:frame></text:p>\
             <text:p text:style-name='H'>hidden</text:p><text:table-of-content><text:p>Contents</text:p></text:table-of-content>\
             <text:p><text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>かん</text:ruby-text></text:ruby></text:p></office:text>",
        ),
    );
    assert_eq!(document.text, "One   two three.\n\nBox\n\n漢\n\n[1] A note.\n\n[comment by Mei] Why?");
    assert_eq!(document.notes.len(), 3);
    assert_eq!(document.notes[2], "has hidden text, which was left out (12 characters)");
    assert_eq!(
        (document.author.as_deref(), document.published.as_deref()),
        (Some("Wang"), Some("2026-01-02T03:04:05"))
    );
    assert_eq!(document.tags, ["a", "b"]);
    assert_eq!(document.layout.places[2].at, At::Paragraph(3));
}

#[test]
fn lists_are_numbered_and_nested() {
    let item = |text: &str, more: &str| format!("<text:list-item><text:p>{text}</text:p>{more}</text:list-item>");
    let inner = format!("<text:list>{}</text:list>", item("b", ""));
    let document = read_one(
        Format::Odt,
        &file(
            "<text:list-style style:name='L'><text:list-level-style-number text:level='1' style:num-format='1' style:num-suffix='.'/>\
             <text:list-level-style-bullet text:level='2'/></text:list-style>",
            &format!(
                "<office:text><text:list text:style-name='L'>{}{}</text:list></office:text>",
                item("a", &inner),
                item("c", "<text:p>more</text:p>")
            ),
        ),
    );
    assert_eq!(document.text, "1. a\n- b\n2. c\nmore");
}

#[test]
fn slides_have_titles_tables_and_notes() {
    let document = read_one(
        Format::Odp,
        &file(
            "<style:style style:name='P'><style:drawing-page-properties presentation:visibility='hidden'/></style:style>",
            "<office:presentation><draw:page draw:style-name='P'><draw:frame><draw:text-box><text:p>hidden</text:p></draw:text-box></draw:frame></draw:page>\
             <draw:page><draw:frame presentation:class='page-number'><draw:text-box><text:p>7</text:p></draw:text-box></draw:frame>\
             <draw:frame><draw:text-box><text:list><text:list-item><text:p>Point</text:p></text:list-item></text:list></draw:text-box></draw:frame>\
             <draw:frame presentation:class='title'><draw:text-box><text:p>Title</text:p></draw:text-box></draw:frame>\
             <draw:frame presentation:class='notes' presentation:placeholder='true'/>\
             <draw:frame><table:table><table:table-row><table:table-cell><text:p>K</text:p></table:table-cell><table:table-cell><text:p>V</text:p></table:table-cell></table:table-row>\
             <table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>1</text:p></table:table-cell></table:table-row></table:table></draw:frame>\
             <presentation:notes><draw:frame presentation:class='notes'><draw:text-box><text:p>Say so.</text:p></draw:text-box></draw:frame></presentation:notes>\
             </draw:page></office:presentation>",
        ),
    );
    assert_eq!(document.text, "Title\n\nPoint\n\nK: a; V: 1\n\nSay so.");
    assert_eq!(document.notes, ["has hidden slides, which were left out (1)"]);
    assert_eq!(document.layout.places[0].at, At::Slide { number: 2, notes: false });
}

#[test]
fn a_presentation_of_odfpy_is_read() {
    let document = read_one(Format::Odp, include_bytes!("../../../tests/data/formats/office/zh-tw-odfpy.odp"));
    let expected = "第二碼頭\n\n起重機五月到港。\n施工期間請走北門。\n\n先說明時程。\n\n吞吐量\n\n\
        年度: 2024; 貨櫃: 31萬\n年度: 2025; 貨櫃: 34萬";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden slides, which were left out (1)"]);
    let place = |text: &str| {
        let at = document.layout.places.iter().find(|place| document.text[place.span.range()].contains(text));
        at.unwrap().at.clone()
    };
    assert_eq!(place("先說明"), At::Slide { number: 1, notes: true });
    assert_eq!(place("2025"), At::Slide { number: 3, notes: false });
    assert_eq!((document.title.as_deref(), document.author.as_deref()), (Some("港務簡報"), Some("林海")));
}

#[test]
fn an_encrypted_file_is_named() {
    let manifest = "<manifest><file-entry full-path='content.xml'><encryption-data/></file-entry></manifest>";
    let bytes = packed(&[("content.xml", "\u{1}"), ("META-INF/manifest.xml", manifest)]);
    assert_eq!(read(Format::Odt, &bytes, &OPTIONS).unwrap_err().reason, "is encrypted");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn random_damage_never_panics(position in 0usize..19_000, byte: u8, cut in 0usize..19_000) {
        let mut bytes = include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.odt").to_vec();
        let length = bytes.len();
        bytes[position % length] = byte;
        let _ = read(Format::Odt, &bytes, &OPTIONS);
        bytes.truncate(cut % length);
        let _ = read(Format::Odt, &bytes, &OPTIONS);
    }
}
