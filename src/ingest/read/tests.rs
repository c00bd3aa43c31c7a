//! Tests of [`super`].

use std::fs;

use super::*;

/// One line for each path: `file NAME`, `skipped NAME: REASON`, or the error with its hint.
fn read_all(root: &Path, paths: &[&str]) -> Vec<String> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
    let name = |path: &Path| path.file_name().unwrap().display().to_string();
    files(&paths)
        .map(|reading| match reading {
            Reading::Found(entry) => match entry.stat(100).and_then(|_| entry.read(100)) {
                Ok(file) => format!("file {}", name(&file.path)),
                Err(error) => format!("{error}; {}", error.hint().unwrap_or_default()),
            },
            Reading::Skipped { path, reason } => format!("skipped {}: {reason}", name(&path)),
            Reading::LeftOut(path) => format!("left out {}", name(&path)),
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
    for name in ["b.txt", "a.MD", "sub/c.markdown", ".hidden.txt", ".git/d.txt", "e.pdf", "f.exe"] {
        fs::write(root.join(name), "Text.").unwrap();
    }
    assert_eq!(read_all(root, &[""]), ["file a.MD", "file b.txt", "file e.pdf", "left out f.exe", "file c.markdown"]);
}

#[test]
fn collections_and_models_of_footnote_are_no_documents() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let collection = root.join("index/default");
    fs::create_dir_all(collection.join("originals")).unwrap();
    for name in ["store.db", "store.last", "checkpoint.json", "originals/a.txt"] {
        fs::write(collection.join(name), "Text.").unwrap();
    }
    fs::create_dir_all(root.join("models/cc-cedict")).unwrap();
    fs::write(root.join("models/cc-cedict/checksums.json"), r#"{"files": {"lexicon.bin": {"blake3": "f9"}}}"#).unwrap();
    fs::create_dir(root.join("downloads")).unwrap();
    fs::write(root.join("downloads/checksums.json"), r#"{"a.iso": "f9"}"#).unwrap();
    fs::write(root.join("notes.txt"), "Text.").unwrap();
    assert_eq!(read_all(root, &[""]), ["file checksums.json", "file notes.txt"]);
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
        "skipped text.txt: is a link to a file that is not read as a document".to_owned(),
    ] {
        assert!(found.contains(&expected), "{expected}: {found:?}");
    }
    assert!(found.contains(&"skipped gone.txt: is a link to nothing".to_owned()), "{found:?}");
    assert!(found.contains(&"left out data.bin".to_owned()), "{found:?}");
    assert_eq!(found.len(), 8, "{found:?}");
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
    assert_eq!(read_all(root, &["near"]), ["left out object", "file a.txt"]);
    assert_eq!(read_all(root, &["b.md", "near"])[0], "file a.txt");
    assert_eq!(read_all(root, &["b.md", "near"]).len(), 2, "one file under two names");
    assert_eq!(read_all(root, &["c.txt"]), ["file object"]);
}

#[test]
fn every_problem_names_its_file_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("big.txt"), [b'a'; 101]).unwrap();
    let found = read_all(root, &["big.txt"]).join("");
    assert!(
        found.contains("big.txt") && found.contains("is 101 bytes; the limit is 100 bytes; split it, or raise"),
        "{found}"
    );
    let found = read_all(root, &["no.txt", "big.txt", "gone/"]);
    assert!(found.len() == 3 && found[0].contains("no such file"), "{found:?}");
    assert_eq!(megabytes(50 * 1024 * 1024), "50.0 MB");
}

#[test]
fn a_folder_without_texts_is_skipped_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read_all(folder.path(), &["."])[0].ends_with("holds no file that is read as a document"));
    fs::write(folder.path().join("a.png"), "Picture.").unwrap();
    let found = read_all(folder.path(), &["."]);
    assert!(found.len() == 2 && found[1].ends_with("holds no file that is read as a document"), "{found:?}");
}
