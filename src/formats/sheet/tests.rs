use super::super::package::tests::packed;
use super::*;

const OPTIONS: Options = Options::new(1_000_000);

fn read_one(format: Format, bytes: &[u8]) -> Extracted {
    read(format, bytes, &OPTIONS).unwrap().documents.remove(0)
}

/// A workbook of one sheet with this XML, the shared strings `Name` and `Wang`, and the styles General, date and hidden.
fn workbook(sheet: &str) -> Vec<u8> {
    packed(&[
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='S' sheetId='1' r:id='r1'/><sheet name='Chart' sheetId='2' r:id='r9'/>\
             <sheet name='Secret' sheetId='3' state='veryHidden' r:id='r1'/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/>\
             <Relationship Id='r2' Type='x/sharedStrings' Target='sharedStrings.xml'/>\
             <Relationship Id='r3' Type='x/styles' Target='/xl/styles.xml'/></Relationships>",
        ),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>Name</t></si><si><r><t>Wa</t></r><r><t>ng</t></r><rPh><t>reading</t></rPh></si></sst>",
        ),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy&quot;年&quot;m&quot;月&quot;'/></numFmts>\
             <cellXfs><xf numFmtId='0'/><xf numFmtId='164'/></cellXfs></styleSheet>",
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

#[test]
fn a_workbook_of_libreoffice_is_read() {
    let document = read_one(Format::Xlsx, include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.xlsx"));
    let expected = "利率\n\n日期: 2026-03-18; 利率: 3.75%; 說明: 三月會議; 0.0025\n\
        日期: 2026-06-17 14:30:00; 利率: 3.50%; 說明: 六月會議 第二行\n\n合併儲存格";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden sheets, which were left out (1: 隱藏)"]);
    assert_eq!(document.author.as_deref(), Some("openpyxl"));
    assert_eq!(document.published.as_deref(), Some("2026-11-26T06:40:07Z"));
    assert_eq!(document.language, None);
    let place = document.layout.places.iter().find(|place| &document.text[place.span.range()] == "3.50%").unwrap();
    assert_eq!(place.at, At::Cell { sheet: "利率".into(), row: 3, column: 2 });
}

#[test]
fn binary_workbooks_of_excel_are_read() {
    let sheets = read_one(Format::Xlsb, include_bytes!("../../../tests/data/formats/office/sheets-excel.xlsb"));
    let expected =
        "Visible\n\n1; 2\n3; 4\n5; 6\n\nThis workbook contains 4 sheets: Visible, Hidden, VeryHidden and Chart";
    assert_eq!(sheets.text.trim_end(), expected);
    assert_eq!(sheets.notes, ["has hidden sheets, which were left out (2: Hidden, VeryHidden)"]);
    assert_eq!(sheets.published.as_deref(), Some("2023-07-28T16:31:46Z"));
    let dates = read_one(Format::Xlsb, include_bytes!("../../../tests/data/formats/office/dates-excel.xlsb"));
    assert_eq!(dates.text.trim_end(), "Sheet1\n\n2021-01-01; 15\n2021-01-02; 16\n255:10:10; 17");
    let place = dates.layout.places.iter().find(|place| &dates.text[place.span.range()] == "16").unwrap();
    assert_eq!(place.at, At::Cell { sheet: "Sheet1".into(), row: 2, column: 2 });
}

#[test]
fn cells_of_every_type_are_read_and_hidden_ones_left_out() {
    let document = read_one(
        Format::Xlsx,
        &workbook(
            "<worksheet><cols><col min='4' max='4' hidden='1'/></cols><sheetData>\
             <row r='1'><c r='A1' t='s'><v>0</v></c><c t='inlineStr'><is><t>Since</t></is></c><c t='str'><f>A1</f><v>Ok</v></c>\
             <c r='D1' t='s'><v>0</v></c></row>\
             <row><c t='s'><v>1</v></c><c s='1'><v>46031</v></c><c t='b'><v>1</v></c><c r='D2'><v>5</v></c></row>\
             <row r='3' hidden='1'><c r='A3'><v>7</v></c></row>\
             <row r='4'><c r='B4'><v>0.1</v></c><c r='C4' t='e'><v>#N/A</v></c><c r='XFE9999999'><v/></c></row>\
             </sheetData><mergeCells><mergeCell ref='A2:A4'/><mergeCell ref='C1:A1'/></mergeCells></worksheet>",
        ),
    );
    assert_eq!(document.text, "S\n\nName: Wang; Since: 2026年1月; Ok: TRUE\n\nName: Wang; Since: 0.1; Ok: #N/A");
    assert_eq!(
        document.notes,
        [
            "has hidden sheets, which were left out (1: Secret)",
            "has hidden rows or columns, which were left out (3 cells)"
        ]
    );
}

#[test]
fn numbers_are_shown_as_xlsxwriter_formats_them_below_two_rows_of_headers() {
    let document = read_one(Format::Xlsx, include_bytes!("../../../tests/data/formats/office/sales-xlsxwriter.xlsx"));
    let expected = "Sales\n\nRegional sales 2026\n\nRegion: North; 2025 Revenue: 12,345.50 €; 2025 Margin: 12.3%; \
        2026 Revenue: 13,000.00 €; 2026 Margin: 15.0%; Since: 01/03/2019\n\nRegion: Total; 2026 Revenue: 22,100.25 €\n\n\
        FAQ\n\nQuestion: How long is the warranty of the pump?; Answer: Two years from the date of delivery, for parts and labour.\n\
        Question: Who pays for the return shipment?; Answer: The seller, if the pump fails within thirty days.";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden rows or columns, which were left out (7 cells)"]);
    assert_eq!(document.tags, ["sales", "regions"]);
    assert_eq!(document.title.as_deref(), Some("Sales report"));
}

#[test]
fn a_workbook_of_xlwt_is_read() {
    let document = read_one(Format::Xls, include_bytes!("../../../tests/data/formats/office/stock-xlwt.xls"));
    let expected = "庫存\n\n品名: 水泵; 數量: 12; 單價: 1500.5; 進貨日: 2026-01-09\n\
        品名: 閥門; 數量: 7; 單價: 0.0375; 進貨日: 2026-02-10\n\n以上為一月盤點結果";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden sheets, which were left out (1: hidden)"]);
}

#[test]
fn a_spreadsheet_of_odfpy_is_read() {
    let document = read_one(Format::Ods, include_bytes!("../../../tests/data/formats/office/prices-odfpy.ods"));
    let expected = "Preise\n\nArtikel: Pumpe; Preis: 1.500,50 €; Lager: 12\nArtikel: Ventil; Preis: 320,00 €; Lager: 7";
    assert_eq!(document.text, expected);
    let notes = [
        "has hidden sheets, which were left out (1: Geheim)",
        "has hidden rows or columns, which were left out (3 cells)",
    ];
    assert_eq!(document.notes, notes);
    let place = document.layout.places.iter().find(|place| &document.text[place.span.range()] == "320,00 €").unwrap();
    assert_eq!(place.at, At::Cell { sheet: "Preise".into(), row: 3, column: 2 });
}

#[test]
fn repeated_cells_of_a_spreadsheet_are_bounded() {
    let cell = "<table:table-cell table:number-columns-repeated='16384' office:value-type='string'><text:p>x</text:p></table:table-cell>";
    let rows = format!("<table:table-row table:number-rows-repeated='1048576'>{cell}</table:table-row>").repeat(50);
    let content = format!(
        "<office:body><office:spreadsheet><table:table table:name='S'>{rows}</table:table></office:spreadsheet></office:body>"
    );
    let document = read_one(Format::Ods, &packed(&[("content.xml", &content)]));
    assert!(document.text.len() < 1_000_000);
    let spanned = "<office:body><table:table table:name='S'><table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>a</text:p>\
        </table:table-cell><table:covered-table-cell/><table:table-cell/></table:table-row><table:table-row table:number-rows-repeated='3'/>\
        <table:table-row><table:table-cell table:number-columns-repeated='2'/><table:table-cell office:value-type='float'><text:p>7 %</text:p>\
        <office:annotation><text:p>comment</text:p></office:annotation></table:table-cell></table:table-row></table:table></office:body>";
    let document = read_one(Format::Ods, &packed(&[("content.xml", spanned)]));
    assert_eq!(document.text, "S\n\na\n\n7 %");
    assert_eq!(document.layout.places[1].at, At::Cell { sheet: "S".into(), row: 5, column: 3 });
}

#[test]
fn far_and_many_cells_are_no_burden() {
    let document = read_one(Format::Xlsx, include_bytes!("../../../tests/data/formats/office/far-cell.xlsx"));
    assert_eq!(document.layout.places.len(), 2);
    let cells = "<c><v>1</v></c>".repeat(16_384);
    let document =
        read_one(Format::Xlsx, &workbook(&format!("<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>")));
    assert_eq!(document.notes[1], "has rows that are too wide: 15384 cells were left out");
    let merges = "<mergeCell ref='A1:XFD1048576'/>".repeat(10_000);
    let rows = "<row><c t='s'><v>1</v></c><c><v>2</v></c></row>".repeat(10_000);
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData><mergeCells>{merges}</mergeCells></worksheet>");
    assert_eq!(read_one(Format::Xlsx, &workbook(&sheet)).text.lines().count(), 10_002);
}

#[test]
fn files_that_are_no_workbooks_are_refused() {
    let reason = |format, bytes: &[u8]| read(format, bytes, &OPTIONS).unwrap_err().reason;
    assert_eq!(reason(Format::Xlsx, &packed(&[("a", "")])), "is not an Excel workbook (no xl/workbook.xml)");
    assert!(reason(Format::Xls, b"nothing").contains("is not an Excel workbook"));
    assert!(reason(Format::Xlsb, &packed(&[("a", "")])).contains("is not an Excel workbook"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn random_damage_never_panics(position in 0usize..6_000, byte: u8, cut in 0usize..6_000) {
        let mut bytes = include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.xlsx").to_vec();
        let length = bytes.len();
        bytes[position % length] = byte;
        let _ = read(Format::Xlsx, &bytes, &OPTIONS);
        bytes.truncate(cut % length);
        let _ = read(Format::Xlsx, &bytes, &OPTIONS);
    }
}

#[test]
fn formulas_without_a_stored_value_and_comments_are_told() {
    let sheet = "<worksheet><sheetData><row r='1'><c r='A1'><f>SUM(B1:B9)</f></c><c r='B1'><f>1+1</f><v>2</v></c>\
                 <c r='C1' t='str'><f>\"\"</f><v></v></c></row></sheetData></worksheet>";
    let plain = workbook(sheet);
    let mut archive = zip::ZipWriter::new_append(std::io::Cursor::new(plain)).unwrap();
    let relations =
        "<Relationships><Relationship Id='r1' Type='x/comments' Target='../comments1.xml'/></Relationships>";
    let comments = "<comments><commentList><comment ref='B1'/><comment ref='C1'/></commentList></comments>";
    for (name, content) in [("xl/worksheets/_rels/sheet1.xml.rels", relations), ("xl/comments1.xml", comments)] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, content.as_bytes()).unwrap();
    }
    let document = read_one(Format::Xlsx, &archive.finish().unwrap().into_inner());
    assert_eq!(document.text, "S\n\n2");
    let notes = document.notes.join("\n");
    assert!(notes.contains("formulas whose values were not stored, which were left out (1 cells)"), "{notes}");
    assert!(notes.contains("has comments on cells, which were left out (2)"), "{notes}");
}
