//! Files of real tools, ingested by the program: their sentences are whole, and each stands where it says.

use std::collections::BTreeSet;

use footnote::Footnote;
use footnote::passage::{CitedPlace, Document, Span};

use crate::harness::{Workspace, config, data};

/// A file, a sentence in it, and its place.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("office/zh-tw-libreoffice.docx", "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼。", ""),
    ("office/zh-tw-libreoffice.docx", "月份: 3月; 幅度: 25個基點; 機率: 62%", ""),
    ("office/contract-python-docx.docx", "本合約由買方與賣方於二〇二六年一月九日簽訂。", ""),
    ("office/zh-tw-libreoffice.odt", "油價若站上每桶95美元,第三次降息可能取消。", ""),
    ("office/rules-odfpy.odt", "Die Ruhezeit beginnt um 22 Uhr.", ""),
    ("office/zh-tw-libreoffice.rtf", "時間落在3月、6月與9月。", ""),
    ("office/zh-tw-libreoffice.pptx", "講者備註:強調就業數據。", "slide 1, notes"),
    ("office/training-python-pptx.pptx", "Check the oil level.", "slide 2"),
    ("office/training-python-pptx.pptx", "Show the video here.", "slide 2, notes"),
    ("office/training-python-pptx.pptx", "Quantity: Pressure; Warning: 6 bar; Stop: 8 bar", "slide 3"),
    ("office/zh-tw-libreoffice.xlsx", "日期: 2026-03-18; 利率: 3.75%; 說明: 三月會議", "利率!A2:C2"),
    (
        "office/sales-xlsxwriter.xlsx",
        "Question: Who pays for the return shipment?; Answer: The seller, if the pump fails within thirty days.",
        "FAQ!A3:B3",
    ),
    ("office/stock-xlwt.xls", "品名: 水泵; 數量: 12; 單價: 1500.5; 進貨日: 2026-01-09", "庫存!A2:D2"),
    ("office/prices-odfpy.ods", "Artikel: Pumpe; Preis: 1.500,50 €; Lager: 12", "Preise!A2:C2"),
    ("office/stations.csv", "站名: 台南車站; 地址: 台南市東區北門路二段4號; 電話: 06-226-1314", "row 4"),
    (
        "pdf/zh-tw-headings-table-libreoffice.pdf",
        "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼。",
        "p. 1",
    ),
    ("pdf/en-two-columns-hyphens-typst.pdf", "Vandermeer says the money lasts for 20 months.", "p. 1"),
    (
        "pdf/en-two-columns-hyphens-typst.pdf",
        "It earns money from the difference in price between its two ends, and in 2025 the difference was wide: congestion revenue came to £212 million, up from £148 million the year before.",
        "p. 1",
    ),
    ("pdf/en-two-columns-chromium.pdf", "Neither limit has been reached so far.", "p. 1"),
    (
        "pdf/en-running-heads-weasyprint.pdf",
        "On the evening of 14 January the wind over Scotland fell away, and for eleven hours the Skerry Link ran at 96% of its capacity, carrying Norwegian hydropower west beneath the North Sea.",
        "p. 2",
    ),
    ("pdf/en-one-column-fpdf2.pdf", "Copper cannot do that over more than two meters, and it runs hot.", "p. 1"),
    (
        "pdf/en-rotated-page-tika.pdf",
        "The Apache Tika project was formally started when the Tika proposal was accepted by the Apache Incubator PMC.",
        "p. 1",
    ),
    ("pdf/en-table-without-rules-chromium.pdf", "Farm 41 | 2417 | 14.3 % | Tom Wu", "p. 1"),
    ("pdf/zh-tw-cid-not-embedded-reportlab.pdf", "公司沒有關門,反而接到成立以來最大的合約:一家電信業者", "p. 1"),
    ("pdf/ja-vertical-cmap-pdfjs.pdf", "あいうえお", "p. 1"),
    (
        "epub/ja-ebooklib.epub",
        "大手行の普通預金金利は現在0.3％だが、次の利上げ後は0.4％になると同研究所はみる。",
        "ch. 1",
    ),
    ("epub/zh-tw-libreoffice.epub", "油價若站上每桶95美元,第三次降息可能取消。", "ch. 3"),
    (
        "web/en-mkdocs.html",
        "A second writer gets an error that names the first; footnote ingest and rm hand their documents to a server of the same user instead.",
        "",
    ),
    ("web/en-sphinx.html", "Name: b; Value: 2", ""),
    ("mail/en-aspose.msg", "This message is created by Aspose.Email", ""),
    ("mail/zh-outlook-tika.msg", "四、應出席人數：理事 9 人、監事 3 人；實際出席：12 人", "quoted message"),
    ("mail/ko-euc-kr-quoted-printable.eml", "시장은 7월 인하를 예상한다.", ""),
    ("subtitles/zh-tw.srt", "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次。", "0:01"),
    ("subtitles/zh-tw.vtt", "油價若站上每桶95美元, 第三次降息可能取消。", "1:02"),
    ("json/articles.jsonl", "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼。", "line 1"),
    ("markup/zh-tw.rst", "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼,時間落在3月、6月與9月。", ""),
    ("markup/zh-tw.org", "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次,每次一碼,時間落在3月、6月與9月。", ""),
    ("text/zh-tw.big5.txt", "公司沒有關門,反而接到成立以來最大的合約:一家電信業者", ""),
    ("text/ja.shift_jis.txt", "日銀は昨年12月に政策金利を0.75％へ引き上げた。", ""),
    ("text/ko.euc-kr.txt", "한국남해철도는 침대차 여덟 량을 새로 도입했으며", ""),
    ("text/ru.windows-1251.txt", "Ночной поезд снова ходит каждую пятницу.", ""),
    ("text/zh-tw.utf-16le-no-bom.txt", "公司沒有關門,反而接到成立以來最大的合約:一家電信業者", ""),
    ("text/zh-cn.gb18030.txt", "马玉宁不太参与争论。", ""),
];

/// All documents in an index of everything in tests/data/formats.
fn documents() -> Vec<Document> {
    let workspace = Workspace::new();
    let output = workspace.run(&["ingest", "--json", data("formats").to_str().unwrap()]);
    let failed: BTreeSet<&str> = output
        .stdout
        .lines()
        .filter(|line| line.contains("\"status\":\"failed\""))
        .filter_map(|line| line.split("\"id\":\"").nth(1)?.split("formats/").nth(1)?.split('"').next())
        .collect();
    let unreadable = ["pdf/no-tounicode.pdf", "pdf/password-needed.pdf", "pdf/scanned-image-only.pdf"];
    assert_eq!(failed.into_iter().collect::<Vec<_>>(), unreadable, "{}", output.stdout);
    let footnote = Footnote::open_read_only(&config(&workspace.folder().join("index"))).unwrap();
    let listed = footnote.documents(None, 1_000).unwrap();
    listed.iter().map(|info| footnote.document(&info.id).unwrap()).collect()
}

#[test]
fn a_row_of_a_pdf_is_quoted_under_the_header_of_its_table() {
    let workspace = Workspace::new();
    let file = data("formats").join("pdf/en-table-without-rules-chromium.pdf");
    assert_eq!(workspace.run(&["ingest", file.to_str().unwrap()]).code, 0);
    let answer = workspace.run(&["ask", "litres of Farm 41"]).stdout;
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines[..2], ["Farm | Litres | Rate | Inspector[1]", "Farm 41 | 2417 | 14.3 % | Tom Wu[1]"], "{answer}");
}

#[test]
fn the_sentences_of_every_format_are_whole_and_stand_where_their_place_says() {
    let documents = documents();
    let mut problems = Vec::new();
    for (file, sentence, place) in SENTENCES {
        let mut of_file =
            documents.iter().filter(|document| document.info.uri.as_deref().is_some_and(|uri| uri.contains(file)));
        let found = of_file.find_map(|document| Some((document, document.text.find(sentence)?)));
        let Some((document, start)) = found else {
            problems.push(format!("{file} lacks {sentence:?}"));
            continue;
        };
        let span = Span::new(start, start + sentence.len());
        let label = CitedPlace::of(&document.layout, &document.text, span).map(|place| place.label());
        if label.as_deref().unwrap_or_default() != *place {
            problems.push(format!("{file}: {sentence:?} stands at {label:?}, not at {place:?}"));
        }
    }
    assert_eq!(problems, [""; 0]);
}
