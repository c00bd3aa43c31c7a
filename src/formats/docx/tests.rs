use proptest::prelude::*;

use super::super::package::tests::packed;
use super::*;
use crate::passage::At;

const OPTIONS: Options = Options::new(1_000_000);

const STYLES: &str = "<w:styles><w:style w:styleId='H'><w:name w:val='heading 2'/></w:style>\
    <w:style w:styleId='T'><w:name w:val='Title'/></w:style><w:style w:styleId='C'><w:name w:val='toc 1'/></w:style></w:styles>";

const RELATIONS: &str = "<Relationships>\
    <Relationship Id='r1' Type='x/styles' Target='styles.xml'/><Relationship Id='r2' Type='x/footnotes' Target='footnotes.xml'/>\
    <Relationship Id='r3' Type='x/comments' Target='comments.xml'/><Relationship Id='r4' Type='x/aFChunk' Target='chunk.html'/>\
    </Relationships>";

fn package(body: &str) -> Vec<u8> {
    packed(&[
        ("word/document.xml", &format!("<w:document><w:body>{body}</w:body></w:document>")),
        ("word/_rels/document.xml.rels", RELATIONS),
        ("word/styles.xml", STYLES),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote w:id='-1' w:type='separator'><w:p/></w:footnote>\
             <w:footnote w:id='7'><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
        (
            "word/comments.xml",
            "<w:comments><w:comment w:id='0' w:author='王'><w:p><w:r><w:t>Why?</w:t></w:r></w:p></w:comment></w:comments>",
        ),
        ("word/chunk.html", "<p>chunk</p>"),
    ])
}

fn read_body(body: &str) -> Extracted {
    read(&package(body), &OPTIONS).unwrap().documents.remove(0)
}

/// The text of a body, without the comment that all have.
fn text(body: &str) -> String {
    read_body(body).text.trim_end_matches("[comment by 王] Why?").trim_end().to_owned()
}

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>")
}

fn paragraph(text: &str) -> String {
    format!("<w:p>{}</w:p>", run(text))
}

fn cell(text: &str) -> String {
    format!("<w:tc><w:tcPr/>{}</w:tc>", paragraph(text))
}

#[test]
fn headings_paragraphs_and_notes_come_in_order_with_their_numbers() {
    let document = read_body(&format!(
        "<w:p><w:pPr><w:pStyle w:val='T'/></w:pPr>{}</w:p><w:p/><w:p><w:pPr><w:pStyle w:val='H'/></w:pPr>{}</w:p>\
         <w:p>{}<w:r><w:footnoteReference w:id='7'/></w:r>{}</w:p>",
        run("Title"),
        run("Head"),
        run("One"),
        run(" two.")
    ));
    assert_eq!(document.text, "Title\n\nHead\n\nOne two.\n\n[1] A note.\n\n[comment by 王] Why?");
    assert_eq!(document.title.as_deref(), Some("Title"));
    let levels: Vec<_> = document.layout.headings.iter().map(|heading| (heading.level, &*heading.text)).collect();
    assert_eq!(levels, [(1, "Title"), (2, "Head")]);
    assert_eq!(document.layout.places[2].at, At::Paragraph(3));
    assert_eq!(document.notes, ["has comments, which stand at the end of its text (1)"]);
}

#[test]
fn hidden_runs_and_tracked_deletions_are_left_out_and_counted() {
    let document = read_body(
        "<w:p><w:r><w:t>A</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>\
         <w:r><w:rPr><w:vanish w:val='false'/></w:rPr><w:t>B</w:t></w:r>\
         <w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>C</w:t></w:r></w:ins>\
         <w:moveFrom><w:r><w:t>m</w:t></w:r></w:moveFrom></w:p>",
    );
    assert!(document.text.starts_with("ABC\n"));
    assert_eq!(document.notes[0], "has hidden text, which was left out (6 characters)");
    assert_eq!(document.notes[1], "has tracked changes: deleted text was left out (5 characters)");
}

#[test]
fn a_deleted_paragraph_end_joins_two_paragraphs() {
    let body =
        format!("<w:p><w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>{}</w:p>{}", run("One "), paragraph("two."));
    assert_eq!(text(&body), "One two.");
}

#[test]
fn a_text_box_comes_once_and_behind_its_paragraph() {
    let content = format!("<w:txbxContent>{}</w:txbxContent>", paragraph("Box"));
    let body = format!(
        "<w:p>{}<w:r><mc:AlternateContent><mc:Choice><w:drawing>{content}</w:drawing></mc:Choice>\
         <mc:Fallback><w:pict>{content}</w:pict></mc:Fallback></mc:AlternateContent></w:r>{}</w:p>",
        run("Before "),
        run("after.")
    );
    assert_eq!(text(&body), "Before after.\n\nBox");
}

#[test]
fn signs_fields_ruby_and_equations_are_what_a_reader_sees() {
    let body = "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:softHyphen/><w:t>d</w:t></w:r>\
        <w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>\
        <w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>7</w:t></w:r></w:p>\
        <w:p><w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>\
        <w:p><m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>\
        <m:r><m:t>=</m:t></m:r><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>c</m:t></m:r></m:den></m:f></m:oMath></w:p>";
    assert_eq!(text(body), "a\tb\nc-d7\n\n漢\n\nx^2=(a+b)/c");
}

#[test]
fn tables_come_row_by_row_with_their_headers() {
    let row = |cells: &[&str]| format!("<w:tr>{}</w:tr>", cells.iter().map(|text| cell(text)).collect::<String>());
    let body = format!(
        "<w:tbl><w:tblPr/>{}{}<w:tr><w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr>{}</w:tc>{}</w:tr>\
         <w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>{}</w:tr></w:tbl>{}",
        row(&["Region", "Sales"]),
        row(&["East", "1"]),
        paragraph("West"),
        cell("2"),
        cell("3"),
        paragraph("End.")
    );
    assert_eq!(text(&body), "Region: East; Sales: 1\nRegion: West; Sales: 2\nRegion: West; Sales: 3\n\nEnd.");
    let document = read_body(&body);
    let end = document.layout.places.iter().find(|place| &document.text[place.span.range()] == "End.").unwrap();
    assert_eq!(end.at, At::Paragraph(5));
}

#[test]
fn tables_of_contents_are_left_out_and_embedded_documents_are_handed_on() {
    let body = format!(
        "<w:p><w:pPr><w:pStyle w:val='C'/></w:pPr>{}</w:p><w:altChunk r:id='r4'/>{}",
        run("1. A\t3"),
        paragraph("A")
    );
    let contents = read(&package(&body), &OPTIONS).unwrap();
    assert!(contents.documents[0].text.starts_with("A\n"));
    assert_eq!(contents.files, [InnerFile { name: "word/chunk.html".into(), bytes: b"<p>chunk</p>".to_vec() }]);
    assert_eq!(contents.documents[0].notes.len(), 3);
}

#[test]
fn a_document_of_libreoffice_is_read() {
    let bytes = include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.docx");
    let document = read(bytes, &OPTIONS).unwrap().documents.remove(0);
    let expected = "2026債市展望\n\n一、利率\n\n岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼。\n\n1.1 時間表\n\n\
        時間落在3月、6月與9月。\n\n月份: 3月; 幅度: 25個基點; 機率: 62%\n月份: 6月; 幅度: 25個基點; 機率: 48%\n\n二、風險\n\n\
        油價若站上每桶95美元,第三次降息可能取消。\n\n- 第一點\n- 第二點";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden text, which was left out (13 characters)"]);
}

#[test]
fn a_document_of_python_docx_is_read() {
    let bytes = include_bytes!("../../../tests/data/formats/office/contract-python-docx.docx");
    let document = read(bytes, &OPTIONS).unwrap().documents.remove(0);
    let expected = "採購合約\n\n總則\n\n本合約由買方與賣方於二〇二六年一月九日簽訂。\n\n1. 交貨期限為三十日。\n2. 逾期每日罰款千分之一。\n\
        - 水泵\n- 閥門\n\n品名: 水泵; 數量: 12; 單價: 1,500\n品名: 閥門; 數量: 7; 單價: 320\n\nSigned by both parties.\n\nVisible";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden text, which was left out (6 characters)"]);
    assert_eq!((document.title.as_deref(), document.author.as_deref()), (Some("採購合約"), Some("編輯室")));
}

#[test]
fn hostile_files_are_refused() {
    let reason = |body: &str| read(&package(body), &OPTIONS).unwrap_err().reason;
    assert!(reason(&"<w:tbl><w:tr><w:tc>".repeat(60_000)).contains("nested deeper"));
    let bomb = packed(&[("word/document.xml", "<!DOCTYPE d [<!ENTITY a 'b'>]><w:document>&a;</w:document>")]);
    assert!(read(&bomb, &OPTIONS).unwrap_err().reason.contains("document type"));
    assert_eq!(
        read(&packed(&[("a", "")]), &OPTIONS).unwrap_err().reason,
        "is not a Word document (no word/document.xml)"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_damage_never_panics(position in 0usize..12_000, byte: u8, cut in 0usize..12_000) {
        let mut bytes = include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.docx").to_vec();
        let length = bytes.len();
        bytes[position % length] = byte;
        let _ = read(&bytes, &OPTIONS);
        bytes.truncate(cut % length);
        let _ = read(&bytes, &OPTIONS);
    }

    #[test]
    fn random_elements_never_panic(
        names in prop::collection::vec(prop::sample::select(vec!["p", "r", "t", "tbl", "tr", "tc", "del", "pPr", "tcPr", "num", "d"]), 0..20),
    ) {
        let mut body = String::new();
        names.iter().for_each(|name| body.extend(["<w:", name, ">x"]));
        names.iter().rev().for_each(|name| body.extend(["</w:", name, ">"]));
        let _ = read(&package(&body), &OPTIONS).unwrap();
    }
}
