//! The example corpus, which is ingested for the first question if there is no index yet.

use std::path::{Path, PathBuf};

/// The folder of the corpus, from the project's own folder.
const FOLDER: &str = "examples/corpus";

/// BLAKE3 hashes of the corpus's files. Another project may have a folder of the same name.
const HASHES: [&str; 12] = ["", "", "", "", "", "", "", "", "", "", "", ""];

/// The example corpus, if it is in the current folder and holds only files of this project.
pub(super) fn corpus() -> Option<PathBuf> {
    corpus_in(Path::new(""))
}

fn corpus_in(folder: &Path) -> Option<PathBuf> {
    let corpus = folder.join(FOLDER);
    let mut files = 0;
    for entry in std::fs::read_dir(&corpus).ok()? {
        let content = std::fs::read(entry.ok()?.path()).ok()?;
        if !HASHES.contains(&blake3::hash(&content).to_hex().as_str()) {
            return None;
        }
        files += 1;
    }
    (files > 0).then_some(corpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_s_own_corpus_is_recognised() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(corpus_in(folder), Some(folder.join(FOLDER)));
        let files = std::fs::read_dir(folder.join(FOLDER)).unwrap();
        let mut hashes: Vec<_> = files
            .map(|file| blake3::hash(&std::fs::read(file.unwrap().path()).unwrap()).to_hex().to_string())
            .collect();
        hashes.sort();
        assert_eq!(hashes, HASHES, "update HASHES when a file of the corpus changes");
    }

    #[test]
    fn a_folder_of_the_same_name_in_another_project_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(corpus_in(folder.path()), None);
        let corpus = folder.path().join(FOLDER);
        std::fs::create_dir_all(&corpus).unwrap();
        assert_eq!(corpus_in(folder.path()), None, "it is empty");
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join("boj-next-step.md");
        std::fs::copy(own, corpus.join("copy.md")).unwrap();
        assert_eq!(corpus_in(folder.path()), Some(corpus.clone()));
        std::fs::write(corpus.join("private.md"), "A private note.").unwrap();
        assert_eq!(corpus_in(folder.path()), None, "one file is not of this project");
    }
}
