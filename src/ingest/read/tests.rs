//! Tests of [`super`].

use std::fs;

use super::*;

/// One line for each path: `file NAME`, `skipped NAME: REASON`, or the error with its hint.
fn read_all(root: &Path, paths: &[&str]) -> Vec<String> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
    let name = |path: &Path| path.file_name().unwrap().display().to_string();
    files(&paths, 100)
        .map(|reading| match reading {
            Reading::File(file) => format!("file {}", name(&file.path)),
            Reading::Skipped { path, reason } => format!("skipped {}: {reason}", name(&path)),
            Reading::Failed(error) => {
                assert!(matches!(error, Error::Document { .. }));
                format!("{error}; {}", error.hint().unwrap_or_default())
            }
        })
        .collect()
}

#[test]
fn a_folder_gives_its_texts_in_order_without_hidden_and_unknown_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sub")).unwrap();
    fs::create_dir_all(root.join(".git")).unwrap();
    for name in ["b.txt", "a.MD", "sub/c.markdown", ".hidden.txt", ".git/d.txt", "e.pdf"] {
        fs::write(root.join(name), "Text.").unwrap();
    }
    assert_eq!(read_all(root, &[""]), ["file a.MD", "file b.txt", "file c.markdown"]);
}

#[test]
fn no_file_is_read_twice_however_the_paths_overlap() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sub/.hidden")).unwrap();
    for name in ["a.txt", "sub/b.txt", "sub/.hidden/c.txt"] {
        fs::write(root.join(name), "Text.").unwrap();
    }
    assert_eq!(read_all(root, &["a.txt", "", "a.txt", "sub"]), ["file a.txt", "file b.txt"]);
    assert_eq!(read_all(root, &["sub", "", "sub/b.txt"]), ["file b.txt", "file a.txt"]);
    assert_eq!(
        read_all(root, &["", "sub/.hidden"]),
        ["file a.txt", "file b.txt", "file c.txt"],
        "it was left out above"
    );
    assert_eq!(read_all(root, &["sub/../a.txt", "./a.txt"]), ["file a.txt"]);
}

#[cfg(unix)]
#[test]
fn links_do_not_leave_the_folder_that_was_named() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (root, outside) = (folder.path().join("notes"), folder.path().join("outside"));
    fs::create_dir_all(root.join(".private")).unwrap();
    fs::create_dir_all(root.join("sub")).unwrap();
    fs::create_dir(&outside).unwrap();
    for name in ["notes/a.txt", "notes/.private/b.txt", "notes/data.bin", "outside/c.txt", "outside/secret.key"] {
        fs::write(folder.path().join(name), "Text.").unwrap();
    }
    symlink(outside.join("secret.key"), root.join("readme.txt")).unwrap();
    symlink(outside.join("c.txt"), root.join("sub/d.png")).unwrap();
    symlink(&outside, root.join("shared")).unwrap();
    symlink("..", root.join("sub/up")).unwrap();
    symlink("a.txt", root.join("again.txt")).unwrap();
    symlink(".private/b.txt", root.join("shown.txt")).unwrap();
    symlink("data.bin", root.join("text.txt")).unwrap();
    symlink(outside.join("secret.key"), root.join("picture.png")).unwrap();
    symlink(&outside, root.join(".hidden")).unwrap();
    symlink("nowhere", root.join("gone.txt")).unwrap();
    symlink("nowhere", root.join("gone.png")).unwrap();
    let leaves = "is a link that leaves the folder; name its target to read it";
    let found = read_all(&root, &[""]);
    assert_eq!(found.iter().filter(|line| line.starts_with("file ")).collect::<Vec<_>>(), ["file a.txt"]);
    for expected in [
        format!("skipped readme.txt: {leaves}"),
        format!("skipped d.png: {leaves}"),
        format!("skipped shared: {leaves}"),
        "skipped shown.txt: is a link to a hidden file or folder".to_owned(),
        "skipped text.txt: is a link to a file that is not .txt, .md, .markdown".to_owned(),
    ] {
        assert!(found.contains(&expected), "{expected}: {found:?}");
    }
    assert!(found.iter().any(|line| line.contains("gone.txt: no such file")), "{found:?}");
    assert_eq!(found.len(), 7, "{found:?}");
}

#[cfg(unix)]
#[test]
fn a_link_that_is_named_itself_is_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("far/sub")).unwrap();
    fs::write(root.join("far/sub/a.txt"), "Text.").unwrap();
    fs::write(root.join("far/object"), "Text.").unwrap();
    symlink("far", root.join("near")).unwrap();
    symlink("far/sub/a.txt", root.join("b.md")).unwrap();
    symlink("far/object", root.join("c.txt")).unwrap();
    assert_eq!(read_all(root, &["near"]), ["file a.txt"]);
    assert_eq!(read_all(root, &["b.md", "near"]), ["file a.txt"], "one file under two names");
    assert_eq!(read_all(root, &["c.txt"]), ["file object"]);
    let paths = [root.join("b.md")];
    let Some(Reading::File(file)) = files(&paths, 100).next() else { panic!() };
    assert_eq!(file.format, Format::Plain, "the extension of the target counts");
}

#[test]
fn every_problem_names_its_file_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, bytes, expected) in [
        (
            "big.txt",
            &[b'a'; 101][..],
            "is 101 bytes; the limit is 100 bytes; split it, or raise ingest.max_document_bytes",
        ),
        ("latin.txt", b"a\r\xC3\xA4\nb\xE9c", "is not UTF-8 text (invalid UTF-8 at byte 6, line 3); convert it"),
        ("wide.txt", b"\xFF\xFEa\0", "is UTF-16 text; UTF-8 is required; convert it: iconv -f UTF-16"),
        ("nul.txt", b"ab\0c", "is not text (NUL at byte 2)"),
        ("paper.pdf", b"%PDF", "`.pdf` files cannot be read; these can be read: .txt, .md, .markdown"),
    ] {
        fs::write(root.join(name), bytes).unwrap();
        let found = read_all(root, &[name]).join("");
        assert!(found.contains(name) && found.contains(expected), "{found}");
    }
    let found = read_all(root, &["no.txt", "big.txt", "gone/"]);
    assert!(found.len() == 3 && found[0].contains("no such file"), "{found:?}");
    assert_eq!(megabytes(50 * 1024 * 1024), "50.0 MB");
}

#[test]
fn a_folder_without_texts_is_skipped_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read_all(folder.path(), &["."])[0].ends_with("holds no .txt, .md, .markdown file"));
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_text() {
    let text = decode(b"\xEF\xBB\xBFText".to_vec(), "a.txt").unwrap();
    assert_eq!(text, "Text");
}
