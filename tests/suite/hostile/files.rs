//! Files that are made to hurt their reader.

use std::fmt::Write as _;
use std::io::Write as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const MEGABYTE: usize = 1 << 20;

/// A ZIP archive of these members.
fn archive<'a>(members: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A member that unpacks to this many megabytes of spaces between two strings.
fn inflated(start: &str, megabytes: usize, end: &str) -> Vec<u8> {
    let mut bytes = start.as_bytes().to_vec();
    bytes.resize(bytes.len() + megabytes * MEGABYTE, b' ');
    bytes.extend(end.as_bytes());
    bytes
}

/// A Word file with this main part.
pub(super) fn docx(document: Vec<u8>) -> Vec<u8> {
    const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
    archive([("[Content_Types].xml", TYPES.into()), ("_rels/.rels", RELATIONS.into()), ("word/document.xml", document)])
}

const WORD: &str = r#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#;

/// A main part of 300 MB in 300 kB.
pub(super) fn inflated_docx() -> Vec<u8> {
    docx(inflated(WORD, 300, "</w:body></w:document>"))
}

/// Tables in tables in tables.
pub(super) fn deep_docx() -> Vec<u8> {
    let (open, close) = ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>");
    let text = "<w:p><w:r><w:t>deep</w:t></w:r></w:p>";
    let depth = 60_000;
    docx(format!("{WORD}{}{text}{}</w:body></w:document>", open.repeat(depth), close.repeat(depth)).into())
}

/// Entities of entities: a gigabyte of laughter.
pub(super) fn entities_docx() -> Vec<u8> {
    let mut document = String::from("<?xml version=\"1.0\"?><!DOCTYPE w:document [<!ENTITY a \"ha\">");
    for (name, of) in ('b'..='k').zip('a'..) {
        write!(document, "<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10)).unwrap();
    }
    document += "]>";
    document += &WORD["<?xml version=\"1.0\"?>".len()..];
    document += "<w:p><w:r><w:t>&k;</w:t></w:r></w:p></w:body></w:document>";
    docx(document.into())
}

fn odt(content: Vec<u8>) -> Vec<u8> {
    archive([("mimetype", "application/vnd.oasis.opendocument.text".into()), ("content.xml", content)])
}

const OFFICE: &str = r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>"#;
const OFFICE_END: &str = "</office:text></office:body></office:document-content>";

pub(super) fn inflated_odt() -> Vec<u8> {
    odt(inflated(OFFICE, 300, OFFICE_END))
}

pub(super) fn deep_odt() -> Vec<u8> {
    let depth = 200_000;
    let (open, close) = ("<text:span>".repeat(depth), "</text:span>".repeat(depth));
    odt(format!("{OFFICE}<text:p>{open}deep{close}</text:p>{OFFICE_END}").into())
}

/// A book with a chapter of 300 MB.
pub(super) fn inflated_epub() -> Vec<u8> {
    const CONTAINER: &str = r#"<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="a.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;
    const PACKAGE: &str = r#"<?xml version="1.0"?><package version="3.0" xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>"#;
    archive([
        ("mimetype", "application/epub+zip".into()),
        ("META-INF/container.xml", CONTAINER.into()),
        ("a.opf", PACKAGE.into()),
        ("c.xhtml", inflated("<html><body><p>", 300, "</p></body></html>")),
    ])
}

/// A value in the first cell and one in the last: a table of 17 thousand million cells.
pub(super) fn far_cell_xlsx() -> Vec<u8> {
    const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
    const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    const BOOK_RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    const SHEET: &str = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>first cell</t></is></c></row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>last cell</t></is></c></row></sheetData></worksheet>"#;
    archive([
        ("[Content_Types].xml", TYPES.into()),
        ("_rels/.rels", RELATIONS.into()),
        ("xl/workbook.xml", BOOK.into()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELATIONS.into()),
        ("xl/worksheets/sheet1.xml", SHEET.into()),
    ])
}

/// A text of 300 MB in an archive.
pub(super) fn inflated_zip() -> Vec<u8> {
    archive([("large.txt", inflated("", 300, "")), ("small.txt", "A small text beside a large one.".into())])
}

/// An archive in an archive, fifty times.
pub(super) fn nested_zip() -> Vec<u8> {
    (0..50).fold(archive([("a.txt", "the innermost".into())]), |inner, _| archive([("inner.zip", inner)]))
}

/// An archive of more files than anybody reads.
pub(super) fn crowded_zip() -> Vec<u8> {
    let names: Vec<String> = (0..40_000).map(|number| format!("{number}.txt")).collect();
    archive(names.iter().map(|name| (name.as_str(), b"x".to_vec())))
}

/// Parts in parts in parts.
pub(super) fn deep_eml() -> Vec<u8> {
    let mut mail = String::from("From: a@example.org\r\nSubject: deep\r\nMIME-Version: 1.0\r\n");
    for depth in 0..20_000 {
        write!(mail, "Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n").unwrap();
    }
    mail += "Content-Type: text/plain\r\n\r\nThe innermost part.\r\n";
    mail.into()
}

pub(super) fn deep_html() -> Vec<u8> {
    let depth = 200_000;
    format!("<html><body>{}deep{}</body></html>", "<div>".repeat(depth), "</div>".repeat(depth)).into()
}

/// Formatting that is never closed, which a parser has to open again in each paragraph.
pub(super) fn unclosed_html() -> Vec<u8> {
    let mut page = String::from("<html><body>");
    for number in 0..2_000 {
        write!(page, "<b id={number}><i><p>text {number}").unwrap();
    }
    (page + "</body></html>").into()
}

/// One row of two million cells.
pub(super) fn wide_csv() -> Vec<u8> {
    let mut row = "a,".repeat(2_000_000);
    row += "b\n";
    format!("{row}{row}").into()
}

/// A row for each of 300,000 numbers.
pub(super) fn tall_csv() -> Vec<u8> {
    let mut rows = String::new();
    for number in 0..300_000 {
        writeln!(rows, "{number},{number}").unwrap();
    }
    rows.into()
}

/// A compound file (Excel 97, Outlook) with one stream, whose sectors follow one another in a circle, as do those of the
/// directory.
pub(super) fn circular_compound_file(stream: &str) -> Vec<u8> {
    const SECTOR: usize = 512;
    const FREE: u32 = 0xffff_ffff;
    const END: u32 = 0xffff_fffe;
    let put = |to: &mut [u8], at: usize, value: u32| to[at..at + 4].copy_from_slice(&value.to_le_bytes());
    let mut file = vec![0; SECTOR * 4];
    file[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    // Version 3, little-endian, sectors of 512 bytes and small ones of 64.
    file[24..34].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    // One sector has the table of sectors, the directory starts in sector 1, larger streams than 4 kB have sectors.
    for (at, value) in [(44, 1), (48, 1), (56, 4096), (60, END), (68, END)] {
        put(&mut file, at, value);
    }
    file[80..SECTOR].fill(0xff);
    let table = &mut file[SECTOR..SECTOR * 2];
    table.fill(0xff);
    for (sector, next) in [(0, 0xffff_fffd), (1, 1), (2, 2)] {
        put(table, sector * 4, next);
    }
    let directory = &mut file[SECTOR * 2..SECTOR * 3];
    for (at, name, kind, child, start, size) in [(0, "Root Entry", 5, 1, END, 0), (128, stream, 2, FREE, 2, 1 << 30)] {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        directory[at..at + units.len()].copy_from_slice(&units);
        directory[at + 64] = units.len() as u8 + 2;
        directory[at + 66] = kind;
        directory[at + 67] = 1;
        for (field, value) in [(68, FREE), (72, FREE), (76, child), (116, start), (120, size)] {
            put(directory, at + field, value);
        }
    }
    file
}

/// A PDF of these objects, numbered from 1; the first is the catalogue.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    file.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

const CATALOGUE: &[u8] = b"<< /Type /Catalog /Pages 2 0 R >>";
const PAGES: &[u8] = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const FONT: &[u8] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

/// A content stream of 300 MB, packed twice, in 3 kB.
pub(super) fn inflated_pdf() -> Vec<u8> {
    let deflated = |bytes: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let content = deflated(&deflated(&b"BT /F 9 Tf (A) Tj ET\n".repeat(15 * MEGABYTE)));
    let filter = "/Filter [/FlateDecode /FlateDecode]";
    let mut stream = format!("<< /Length {} {filter} >>\nstream\n", content.len()).into_bytes();
    stream.extend(content);
    stream.extend(b"\nendstream");
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>";
    pdf(&[CATALOGUE.into(), PAGES.into(), page.to_vec(), stream, FONT.into()])
}

/// A page that a picture covers.
fn picture_pdf(picture: &str, data: &[u8]) -> Vec<u8> {
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>";
    let draw = "612 0 0 792 0 0 cm /X Do";
    let content = format!("<< /Length {} >>\nstream\n{draw}\nendstream", draw.len());
    let mut object =
        format!("<< /Type /XObject /Subtype /Image {picture} /Length {} >>\nstream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    pdf(&[CATALOGUE.into(), PAGES.into(), page.to_vec(), content.into(), object])
}

/// A picture of 900 million pixels in a few kilobytes.
pub(super) fn inflated_picture_pdf() -> Vec<u8> {
    let deflated = |bytes: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let zeros = deflated(&deflated(&vec![0; 900 * MEGABYTE]));
    let form = "/Width 30000 /Height 30000 /ColorSpace /DeviceGray /BitsPerComponent 8";
    picture_pdf(&format!("{form} /Filter [/FlateDecode /FlateDecode]"), &zeros)
}

/// A picture that claims more pixels than fit into any memory.
pub(super) fn endless_picture_pdf() -> Vec<u8> {
    let form = "/Width 2000000000 /Height 2000000000 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    picture_pdf(form, b"nothing of it")
}

/// A picture in JPEG that ends within its header.
pub(super) fn cut_off_picture_pdf() -> Vec<u8> {
    let form = "/Width 1000 /Height 1000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode";
    picture_pdf(form, b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xFF\xC0\x00\x11\x08")
}

/// A page of a square kilometre with a picture on it.
pub(super) fn huge_page_pdf() -> Vec<u8> {
    let small =
        String::from_utf8_lossy(&picture_pdf("/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"a"))
            .replace("[0 0 612 792]", "[0 0 2834645 2834645]")
            .replace("612 0 0 792 0 0 cm", "2834645 0 0 2834645 0 0 cm");
    small.into_bytes()
}

/// A form that draws itself twice.
pub(super) fn self_drawing_pdf() -> Vec<u8> {
    let draw = "/X Do /X Do";
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>";
    let content = format!("<< /Length {} >>\nstream\n{draw}\nendstream", draw.len());
    let form = format!(
        "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Length {} >>\n\
         stream\n{draw}\nendstream",
        draw.len()
    );
    pdf(&[CATALOGUE.into(), PAGES.into(), page.to_vec(), content.into(), form.into()])
}

/// Pages that are their own children.
pub(super) fn circular_pdf() -> Vec<u8> {
    pdf(&[CATALOGUE.into(), b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2000000000 >>".to_vec()])
}

/// Arrays in arrays in arrays.
pub(super) fn deep_pdf() -> Vec<u8> {
    let depth = 200_000;
    let catalogue = format!("<< /Type /Catalog /Pages 2 0 R /Deep {}{} >>", "[".repeat(depth), "]".repeat(depth));
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>";
    pdf(&[catalogue.into(), PAGES.into(), page.to_vec()])
}

/// The start of a PDF and then nothing.
pub(super) fn cut_off_pdf() -> Vec<u8> {
    let whole = self_drawing_pdf();
    whole[..whole.len() / 2].to_vec()
}
