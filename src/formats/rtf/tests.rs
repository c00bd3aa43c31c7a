use proptest::prelude::*;

use super::*;
use crate::passage::At;

const OPTIONS: Options = Options::new(1_000_000);

fn read_one(bytes: &[u8]) -> Extracted {
    read(bytes, &OPTIONS).unwrap().documents.remove(0)
}

fn text(body: &str) -> String {
    read_one(format!("{{\\rtf1\\ansi\\ansicpg1252 {body}}}").as_bytes()).text
}

#[test]
fn a_document_of_libreoffice_is_read() {
    let document = read_one(include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.rtf"));
    let expected = "2026債市展望\n\n一、利率\n\n岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼。\n\n1.1 時間表\n\n\
        時間落在3月、6月與9月。\n\n月份: 3月; 幅度: 25個基點; 機率: 62%\n月份: 6月; 幅度: 25個基點; 機率: 48%\n\n二、風險\n\n\
        油價若站上每桶95美元,第三次降息可能取消。\n\n- 第一點\n- 第二點";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden text, which was left out (13 characters)"]);
    assert_eq!(document.title.as_deref(), Some("潮間帶財經:2026債市展望"));
    assert_eq!((document.author.as_deref(), document.published.as_deref()), (Some("陸以寧"), Some("2013-12-23")));
    let levels: Vec<_> = document.layout.headings.iter().map(|heading| heading.level).collect();
    assert_eq!(levels, [1, 1, 2, 1]);
    assert_eq!(document.layout.places[2].at, At::Paragraph(3));
}

#[test]
fn characters_come_from_unicode_or_the_charset_of_the_font() {
    assert_eq!(text("\\u20013?\\u25991\\'3f\\uc0\\u-10179\\u-8704 x"), "中文😀x");
    assert_eq!(text("\\uc2\\u20013\\'a4\\'a4."), "中.");
    assert_eq!(text("{\\fonttbl{\\f0 Times;}{\\f1\\fcharset136 Ming;}}\\f1\\'a4\\'a4\\'a4\\'e5\\f0\\'e9"), "中文é");
    assert_eq!(text("{\\fonttbl{\\f1\\fcharset128 Gothic;}}\\loch\\af0 a\\dbch\\af1\\'93\\'fa"), "a日");
    assert_eq!(text("a\\~b\\_c\\-d\\emdash\\lquote e\\rquote\\tab f\\line g\\{\\}\\\\"), "a\u{a0}b-cd—‘e’\tf\ng{}\\");
}

#[test]
fn only_what_a_reader_sees_is_text() {
    let body = "{\\info{\\title T}{\\author A}}{\\header head}{\\*\\unknown x}{\\pict 89504e}a{\\v secret}{\\field{\\*\\fldinst HYPERLINK \"x\"}\
        {\\fldrslt link}}{\\deleted gone}{\\object{\\*\\objdata 00}{\\result r}}{\\shp{\\*\\shpinst{\\sp{\\sn n}{\\sv v}}{\\shptxt box}}{\\shprslt twice}}\\bin3 {{{b";
    let document = read_one(format!("{{\\rtf1 {body}}}").as_bytes());
    assert_eq!(document.text, "alinkrboxb");
    assert_eq!(document.notes.len(), 2);
    assert_eq!((document.title.as_deref(), document.author.as_deref()), (Some("T"), Some("A")));
}

#[test]
fn headings_lists_notes_and_comments_are_known() {
    let body = "{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel1 Mine;}{\\s2 heading 3;}{\\*\\cs9 Char;}}\
        {\\pard\\s1 One\\par}{\\pard\\s2 Two\\par}{\\pard{\\listtext\\'b7\\tab}item\\par}{\\pard{\\pntext 2.\\tab}item\\par}\
        \\pard Text{\\footnote\\pard\\plain{\\chftn} A note.}{\\*\\atnauthor Mei}{\\*\\annotation{\\*\\atndate 1}Why?}.\\par";
    let document = read_one(format!("{{\\rtf1 {body}}}").as_bytes());
    assert_eq!(document.text, "One\n\nTwo\n\n- item\n2. item\n\nText.\n\n[1] A note.\n\n[comment by Mei] Why?");
    let levels: Vec<_> = document.layout.headings.iter().map(|heading| heading.level).collect();
    assert_eq!(levels, [2, 3]);
}

#[test]
fn tables_come_row_by_row() {
    let row = |a: &str, b: &str| format!("\\trowd\\cellx1\\cellx2\\pard\\intbl {a}\\cell {b}\\cell\\row");
    let merged = "\\trowd\\clvmrg\\cellx1\\cellx2\\pard\\intbl\\cell 2\\cell\\row";
    let body = format!("{}{}{merged}\\pard After.\\par", row("Item", "Price"), row("Tea\\par green", "1"));
    assert_eq!(text(&body), "Item: Tea green; Price: 1\nItem: Tea green; Price: 2\n\nAfter.");
    assert_eq!(text("\\trowd\\pard\\intbl a\\cell b\\cell\\row"), "a: b");
}

#[test]
fn what_is_no_rtf_or_nested_too_deep_is_refused() {
    assert_eq!(read(b"PK", &OPTIONS).unwrap_err().reason, "is not RTF (bad magic)");
    let deep = format!("{{\\rtf1{}", "{".repeat(100_000));
    assert!(read(deep.as_bytes(), &OPTIONS).unwrap_err().reason.contains("nested deeper"));
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(body in "(\\\\(u-?[0-9]{1,5}|'[a-f0-9]{2}|cell|row|par|trowd|clvmrg|cellx|intbl|v|upr|ud|title|footnote|listtext|uc2|f1|dbch|bin2|\\*) ?|[{}a-c\u{e9}]){0,40}") {
        let _ = text(&body);
    }

    #[test]
    fn random_damage_never_panics(position in 0usize..24_000, byte: u8, cut in 0usize..24_000) {
        let mut bytes = include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.rtf").to_vec();
        let length = bytes.len();
        bytes[position % length] = byte;
        let _ = read(&bytes, &OPTIONS);
        bytes.truncate(cut % length);
        let _ = read(&bytes, &OPTIONS);
    }
}
