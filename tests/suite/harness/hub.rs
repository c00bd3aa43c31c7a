//! A model hub on this machine, with the headers and redirects of the real one: large files lie on another host, small ones at
//! another path.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Asked, Page, Site};

/// Files of these names are large: the hub redirects to another host, and says their size and SHA-256.
const LARGE: [&str; 2] = [".onnx", ".onnx_data"];

/// A hub, which lives as long as the test.
pub(crate) struct Hub {
    pub(crate) hub: Site,
    /// The host of large files.
    pub(crate) storage: Site,
}

impl Hub {
    pub(crate) fn start() -> Self {
        Self { hub: Site::start(), storage: Site::start() }
    }

    /// Makes `commit` the newest of a repository, with these files.
    pub(crate) fn push(&self, repository: &str, commit: &str, files: &[(String, Vec<u8>)]) {
        for (file, content) in files {
            self.put(repository, commit, &["main", commit], file, content);
        }
    }

    /// Puts a file where these revisions name it. Whatever was there is gone.
    pub(crate) fn put(&self, repository: &str, commit: &str, revisions: &[&str], file: &str, content: &[u8]) {
        let told = |page: Page| page.with("X-Repo-Commit", commit);
        let page = if is_large(file) {
            let mut sha256 = String::new();
            Sha256::digest(content).iter().for_each(|byte| write!(sha256, "{byte:02x}").unwrap());
            self.storage.put(&stored_at(repository, commit, file), Page::new("binary/octet-stream", content));
            told(Page::redirect(302, &self.storage.at(&stored_at(repository, commit, file))))
                .with("X-Linked-Etag", &format!("\"{sha256}\""))
                .with("X-Linked-Size", &content.len().to_string())
        } else {
            let path = format!("/api/resolve-cache/models/{repository}/{commit}/{file}");
            self.hub.put(&path, told(Page::new("text/plain", content)).with("ETag", "\"a-git-blob\""));
            told(Page::redirect(307, &path))
        };
        for revision in revisions {
            self.hub.put(&format!("/{repository}/resolve/{revision}/{file}"), page.clone());
        }
    }

    /// Lets the connection end in the midst of a large file.
    pub(crate) fn cut(&self, repository: &str, commit: &str, file: &str, content: &[u8]) {
        let cut = Page::new("binary/octet-stream", content).cut_to(content.len() / 2);
        self.storage.put(&stored_at(repository, commit, file), cut);
    }

    /// What the hub was asked for since this was called last: the paths below a repository's `resolve`.
    pub(crate) fn resolved(&self) -> Vec<String> {
        let asked = self.hub.asked().into_iter().map(|Asked { path, .. }| path);
        asked.filter_map(|path| path.split_once("/resolve/").map(|(_, file)| file.to_owned())).collect()
    }
}

fn is_large(file: &str) -> bool {
    LARGE.iter().any(|end| file.ends_with(end))
}

fn stored_at(repository: &str, commit: &str, file: &str) -> String {
    format!("/{repository}/{commit}/{file}")
}
