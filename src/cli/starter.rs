//! The example corpus, which is ingested for the first question if there is no index yet.

use std::path::{Path, PathBuf};

/// The folder of the corpus, from the project's own folder.
const FOLDER: &str = "examples/corpus";

/// BLAKE3 hashes of the corpus's files. Another project may have a folder of the same name.
const HASHES: [&str; 12] = [
    "0dd7c4e14bfd7f865e0c1974a109ad2a325173fb1e959996ceee92ae4bc27b57",
    "16d00cdaa93ad86e1ea84a798817742e1bb298638846c264406b8f2aa1974729",
    "3d3b1fee6dd73e21aabd6c960a362faf7e0833ab02aec4396beb6d03adcc824b",
    "3f6a58d585a988968f0e93704abd139e6eb6005378eca2c4312ac84608031f94",
    "4e8ffd40d276093f58d492a53afc077477a5a4e14b9263e0a0962f57578f42ff",
    "52ca4613c4d43005de665724238983642c183f9b80a6768cafb2b186b4357ad5",
    "60414ed2cd9af76c988eaac566b410af6ad272b7f00191dc8cd8791cde00347d",
    "dbc22a4cba4774654203e1ddb61da6d93661c6a5fd7093d98197ad811dfe6bcb",
    "dce2a85625a3788901b7a5639500c10fd3cb478b726ff79ad57e48400999254a",
    "df48ef6a6682c30bec06d94b97a8cc8e6a988198b0b2bb09f5df8c9b73340d7b",
    "df712506179327036722f093ac9a7879bfbdfe8b08d581255fa89a6367e8d710",
    "e5122a0c1ec2bf58d6e1e963eb062827356fb5b52333bdc064439b0f5163147a",
];

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
