//! Hostile files, read by the real program: each fails alone, by its name and with the limit that it met, or is read right,
//! and all others are ingested.

mod files;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Output, Resource, Workspace, data, model_dir, needs, scans_can_be_read};

/// What must become of a file.
enum Fate {
    /// It fails, and the reason has one of these words in it.
    Fails(&'static [&'static str]),
    /// It is read.
    Read,
}
use Fate::{Fails, Read};

/// Limits that are low, so that they are met soon. What is left of a text after them is embedded.
const LIMITS: [(&str, &str); 3] = [
    ("FOOTNOTE_READER_TIMEOUT_SECONDS", "20"),
    ("FOOTNOTE_READER_MAX_MEMORY_MB", "512"),
    ("FOOTNOTE_INGEST_MAX_DOCUMENT_BYTES", "100000"),
];

/// Files that are fine, first, in the middle and last.
const NEIGHBOURS: [&str; 3] = ["0-neighbour.md", "m-neighbour.html", "z-neighbour.md"];

/// Ingests the files with neighbours, and returns what became of each: `None` if it was read, else the reason.
fn ingested(
    workspace: &Workspace,
    files: &[(&str, Vec<u8>)],
    settings: &[(&str, &str)],
) -> (BTreeMap<String, Option<String>>, Output) {
    let folder = workspace.folder().join("files");
    std::fs::create_dir_all(&folder).unwrap();
    for name in NEIGHBOURS {
        std::fs::write(folder.join(name), format!("# {name}\n\nIt is read, whatever is beside it: {name}.\n")).unwrap();
    }
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let variables = [&LIMITS[..], settings].concat();
    let output = workspace.run_with(&["ingest", "--json", "files"], &variables);
    let mut failed = BTreeMap::new();
    for line in output.stdout.lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        if document["status"] == "failed" {
            let name = Path::new(document["id"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
            // The name comes first.
            let (_, reason) = document["error"]["detail"].as_str().unwrap().split_once(": ").unwrap();
            failed.insert(name, reason.to_owned());
        }
    }
    let names = files.iter().map(|(name, _)| *name).chain(NEIGHBOURS);
    let fates = names.map(|name| (name.to_owned(), failed.get(name).cloned())).collect();
    (fates, output)
}

fn check(files: &[(&str, Vec<u8>, Fate)]) {
    check_with(files, &[]);
}

fn check_with(files: &[(&str, Vec<u8>, Fate)], settings: &[(&str, &str)]) {
    let workspace = Workspace::new();
    let named: Vec<_> = files.iter().map(|(name, bytes, _)| (*name, bytes.clone())).collect();
    let (found, output) = ingested(&workspace, &named, settings);
    let mut problems = Vec::new();
    for (name, _, fate) in files {
        match (&found[*name], fate) {
            (None, Read) => {}
            (Some(reason), Fails(words)) if words.iter().any(|word| reason.contains(word)) => {}
            (found, _) => problems.push(format!("{name}: {found:?}")),
        }
    }
    problems.extend(NEIGHBOURS.iter().filter_map(|name| found[*name].clone()));
    assert!(problems.is_empty(), "{problems:#?}\n{}", output.stderr);
    assert_eq!(output.code, if files.iter().any(|(_, _, fate)| matches!(fate, Fails(_))) { 5 } else { 0 });
}

#[test]
fn archives_and_office_files_that_unpack_without_end_fail_alone() {
    check(&[
        ("inflated.docx", files::inflated_docx(), Fails(&["MB"])),
        ("inflated.odt", files::inflated_odt(), Fails(&["MB"])),
        ("inflated.epub", files::inflated_epub(), Fails(&["MB"])),
        ("inflated.zip", files::inflated_zip(), Read),
        ("nested.zip", files::nested_zip(), Fails(&["inside more than 5 files"])),
        ("crowded.zip", files::crowded_zip(), Fails(&["more than 10000 entries"])),
    ]);
}

#[test]
fn files_that_are_nested_too_deeply_or_refer_to_themselves_fail_alone() {
    check(&[
        ("deep.docx", files::deep_docx(), Fails(&["deep", "nest"])),
        ("deep.odt", files::deep_odt(), Fails(&["deep", "nest"])),
        ("entities.docx", files::entities_docx(), Fails(&["a document type, which such a file must not have"])),
        (
            "circular.xls",
            files::circular_compound_file("Workbook"),
            Fails(&["more than 512 MB of memory", "took more"]),
        ),
        (
            "circular.msg",
            files::circular_compound_file("__properties_version1.0"),
            Fails(&["is not an Outlook message"]),
        ),
        ("deep.html", files::deep_html(), Read),
        ("unclosed.html", files::unclosed_html(), Read),
        ("deep.eml", files::deep_eml(), Read),
    ]);
}

#[test]
fn tables_of_too_many_cells_are_cut_or_fail_and_those_that_only_claim_them_are_read() {
    check(&[
        ("far-cell.xlsx", files::far_cell_xlsx(), Read),
        ("wide.csv", files::wide_csv(), Read),
        ("tall.csv", files::tall_csv(), Fails(&["of text"])),
    ]);
}

#[test]
fn hostile_pdfs_fail_alone_with_the_limit_that_they_met() {
    let installed = model_dir().join("pdfium-8149").is_dir() || Workspace::new().run(&["models", "pull"]).code == 0;
    let found = if installed { Ok(()) } else { Err("PDFium is not installed and cannot be fetched".to_owned()) };
    let Some(()) = needs(Resource::Network, found) else { return };
    let sample = |name: &str| std::fs::read(data("formats/pdf").join(name)).unwrap();
    check(&[
        ("inflated.pdf", files::inflated_pdf(), Fails(&["more than 512 MB of memory", "took more than", "of text"])),
        ("self-drawing.pdf", files::self_drawing_pdf(), Fails(&["more than 512 MB of memory", "took more than"])),
        ("circular.pdf", files::circular_pdf(), Fails(&["damaged", "no text", "no pages"])),
        ("deep.pdf", files::deep_pdf(), Fails(&["damaged", "no text"])),
        ("cut-off.pdf", files::cut_off_pdf(), Fails(&["damaged"])),
        ("password.pdf", sample("password-needed.pdf"), Fails(&["password"])),
        ("scan.pdf", sample("scanned-image-only.pdf"), Fails(&["pictures"])),
        ("no-unicode.pdf", sample("no-tounicode.pdf"), Fails(&["Unicode"])),
        (
            "really-a-page.pdf",
            b"<!doctype html><html><body><p>A page with a wrong name.</p></body></html>".into(),
            Read,
        ),
    ]);
}

#[test]
fn hostile_pictures_fail_alone_when_their_text_is_to_be_recognised() {
    let Some(()) = scans_can_be_read() else { return };
    let settings = [("FOOTNOTE_READER_OCR", "scans")];
    check_with(
        &[
            (
                "inflated.pdf",
                files::inflated_picture_pdf(),
                Fails(&["MB of memory", "took more than", "no text could be recognised", "damaged"]),
            ),
            (
                "endless.pdf",
                files::endless_picture_pdf(),
                Fails(&["MB of memory", "no text could be recognised", "damaged"]),
            ),
            ("cut-off.pdf", files::cut_off_picture_pdf(), Fails(&["no text could be recognised", "damaged"])),
            ("huge.pdf", files::huge_page_pdf(), Fails(&["no text could be recognised", "damaged"])),
        ],
        &settings,
    );
}
