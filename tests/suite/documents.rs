//! The project's Markdown files: every relative link leads to a file, every fragment to a heading, and every source file
//! that they name exists.

use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::harness::project;

/// Folders with the project's documentation; of the root only its own files.
const FOLDERS: [&str; 4] = ["", "docs", "examples", "index"];

fn markdown_files() -> Vec<PathBuf> {
    let files = FOLDERS.iter().flat_map(|folder| std::fs::read_dir(project().join(folder)).unwrap());
    files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "md")).collect()
}

/// The anchors that GitHub gives the headings of a Markdown text.
fn anchors(markdown: &str) -> Vec<String> {
    let mut anchors = Vec::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let text = heading.take().unwrap_or_default().to_lowercase().replace(' ', "-");
                anchors.push(text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect());
            }
            _ => {}
        }
    }
    anchors
}

/// The targets of a text's links and images, those in HTML included.
fn targets(markdown: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                targets.push(dest_url.to_string());
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let quoted = |name| html.split(name).skip(1).filter_map(|rest: &str| Some(rest.split_once('"')?.0));
                targets.extend(quoted("src=\"").chain(quoted("href=\"")).map(str::to_owned));
            }
            _ => {}
        }
    }
    targets
}

fn broken_links(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let is_broken = |target: &String| {
        let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
        let linked = if path.is_empty() { file.to_path_buf() } else { file.parent().unwrap().join(path) };
        if !linked.exists() {
            return true;
        }
        let has_headings = linked.extension().is_some_and(|it| it == "md");
        let found = || anchors(&std::fs::read_to_string(&linked).unwrap()).iter().any(|anchor| anchor == fragment);
        !(fragment.is_empty() || has_headings && found())
    };
    let relative =
        targets(&text).into_iter().filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    relative.filter(is_broken).map(|target| format!("{}: {target}", file.display())).collect()
}

#[test]
fn every_relative_link_in_the_documentation_leads_somewhere() {
    let files = markdown_files();
    assert!(files.len() > 10, "{files:?}");
    let broken: Vec<_> = files.iter().flat_map(|file| broken_links(file)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The files and folders that Markdown names as code: `ask/cite.rs`, `late/`.
fn paths_in_code(markdown: &str) -> Vec<String> {
    let is_path = |code: &str| {
        let is_plain = code.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
        is_plain
            && code.starts_with(|c: char| c.is_ascii_lowercase())
            && (Path::new(code).extension().is_some_and(|it| it == "rs") || code.ends_with('/'))
    };
    let code = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Code(code) => Some(code.to_string()),
        _ => None,
    });
    code.filter(|code| is_path(code)).collect()
}

#[test]
fn every_source_file_that_the_documentation_names_exists() {
    let folders = ["src", "tests", "benches", "examples", "tools", "fuzz"].map(|folder| project().join(folder));
    let entries = folders.iter().flat_map(walkdir::WalkDir::new).map(Result::unwrap);
    let existing: Vec<PathBuf> =
        entries.map(|entry| entry.path().strip_prefix(project()).unwrap().to_path_buf()).collect();
    let mut missing = Vec::new();
    for file in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let named = paths_in_code(&std::fs::read_to_string(project().join(file)).unwrap());
        assert!(named.len() > 10, "{file} names {named:?}");
        let absent = named.into_iter().filter(|path| !existing.iter().any(|known| known.ends_with(path)));
        missing.extend(absent.map(|path| format!("{file}: {path}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_link_to_a_missing_file_or_heading_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.md");
    let text = "# One `two`: three\n[a](a.md#one-two-three) [b](#none) [c](b.md)\n<img src=\"d.png\"> [e](https://example.com)";
    std::fs::write(&file, text).unwrap();
    let broken = broken_links(&file).join("\n");
    assert_eq!(broken.lines().count(), 3, "{broken}");
    for target in ["#none", "b.md", "d.png"] {
        assert!(broken.contains(target), "{broken}");
    }
}
