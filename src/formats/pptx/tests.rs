use super::super::package::tests::packed;
use super::*;
use crate::passage::At;

const OPTIONS: Options = Options::new(1_000_000);

fn shape(placeholder: &str, text: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id='1'/><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:rPr lang='zh-TW'/>\
         <a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
}

fn slide(attributes: &str, shapes: &str) -> String {
    format!("<p:sld {attributes}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>")
}

#[test]
fn slides_come_in_the_order_of_the_presentation_and_hidden_ones_are_left_out() {
    let first = slide(
        "",
        &[
            shape("<p:ph type='sldNum'/>", "7"),
            shape("<p:ph idx='1'/>", "內文"),
            shape("<p:ph type='title'/>", "標題"),
            shape("", "x").replace("id='1'", "id='1' hidden='1'"),
            "<p:graphicFrame><a:tbl><a:tblPr firstRow='1'/><a:tr><a:tc><a:txBody><a:p><a:r><a:t>K</a:t></a:r></a:p></a:txBody></a:tc>\
             <a:tc><a:txBody><a:p><a:r><a:t>V</a:t></a:r></a:p></a:txBody></a:tc></a:tr><a:tr><a:tc><a:txBody><a:p><a:r><a:t>a</a:t></a:r>\
             </a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>b</a:t><a:br/><a:fld type='slidenum'><a:t>1</a:t></a:fld></a:r></a:p>\
             </a:txBody></a:tc></a:tr></a:tbl></p:graphicFrame>"
                .to_owned(),
            "<p:graphicFrame><dgm:relIds r:dm='r7'/></p:graphicFrame>".to_owned(),
        ]
        .concat(),
    );
    let notes = slide("", &(shape("<p:ph type='sldNum'/>", "2") + &shape("<p:ph type='body'/>", "備忘")));
    let bytes = packed(&[
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='r2'/><p:sldId id='257' r:id='r1'/></p:sldIdLst></p:presentation>",
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            "<Relationships><Relationship Id='r1' Type='x/slide' Target='slides/slide1.xml'/>\
             <Relationship Id='r2' Type='x/slide' Target='slides/slide2.xml'/></Relationships>",
        ),
        ("ppt/slides/slide2.xml", &slide("show='0'", &shape("", "hidden"))),
        ("ppt/slides/slide1.xml", &first),
        (
            "ppt/slides/_rels/slide1.xml.rels",
            "<Relationships><Relationship Id='r3' Type='x/notesSlide' Target='../notes/n1.xml'/>\
             <Relationship Id='r7' Type='x/diagramData' Target='../diagrams/data1.xml'/></Relationships>",
        ),
        ("ppt/notes/n1.xml", &notes),
        (
            "ppt/diagrams/data1.xml",
            "<dgm:dataModel><dgm:pt><dgm:t><a:p><a:r><a:t>Step</a:t></a:r></a:p></dgm:t></dgm:pt>\
             <dgm:pt type='pres'><dgm:t><a:p><a:r><a:t>no</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>",
        ),
    ]);
    let document = read(&bytes, &OPTIONS).unwrap().documents.remove(0);
    assert_eq!(document.text, "標題\n\n內文\n\nK: a; V: b\n\nStep\n\n備忘");
    assert!(document.layout.places[..4].iter().all(|place| place.at == At::Slide { number: 2, notes: false }));
    assert_eq!(document.layout.places.last().unwrap().at, At::Slide { number: 2, notes: true });
    assert_eq!(
        document.notes,
        ["has hidden slides, which were left out (1)", "has hidden text, which was left out (1 characters)"]
    );
}

#[test]
fn a_presentation_of_libreoffice_is_read() {
    let bytes = include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.pptx");
    let document = read(bytes, &OPTIONS).unwrap().documents.remove(0);
    let expected =
        "債市展望\n\n聯準會2026年降息三次\n每次一碼\n\n講者備註:強調就業數據。\n\n時間表\n\n月份: 3月; 機率: 62%";
    assert_eq!(document.text, expected);
    let headings: Vec<_> = document.layout.headings.iter().map(|heading| heading.text.as_str()).collect();
    assert_eq!(headings, ["債市展望", "時間表"]);
}

#[test]
fn a_presentation_of_python_pptx_is_read() {
    let bytes = include_bytes!("../../../tests/data/formats/office/training-python-pptx.pptx");
    let document = read(bytes, &OPTIONS).unwrap().documents.remove(0);
    let expected = "Pump maintenance\n\nTraining, January 2026\n\nEvery week\n\nCheck the oil level.\nListen for unusual noise.\n\n\
        Show the video here.\n\nLimits\n\nQuantity: Temperature; Warning: 80 °C; Stop: 95 °C\n\
        Quantity: Pressure; Warning: 6 bar; Stop: 8 bar";
    assert_eq!(document.text, expected);
    assert_eq!(document.notes, ["has hidden slides, which were left out (1)"]);
    let notes =
        document.layout.places.iter().find(|place| &document.text[place.span.range()] == "Show the video here.");
    assert_eq!(notes.unwrap().at, At::Slide { number: 2, notes: true });
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    #[test]
    fn random_damage_never_panics(position in 0usize..50_000, byte: u8, cut in 0usize..50_000) {
        let mut bytes = include_bytes!("../../../tests/data/formats/office/zh-tw-libreoffice.pptx").to_vec();
        let length = bytes.len();
        bytes[position % length] = byte;
        let _ = read(&bytes, &OPTIONS);
        bytes.truncate(cut % length);
        let _ = read(&bytes, &OPTIONS);
    }
}
