//! Removes the documents of files that are gone, but not those of a disk that is only not mounted.

use std::path::Path;

use super::failed;
use super::mounts::{is_gone, is_mount};
use super::pipeline::Item;
use super::read::document_error;
use crate::error::Result;
use crate::index::store::Store;

/// So many files seldom go at once by intention, if they are most of a folder.
pub(super) const MANY: usize = 1_000;

/// What to do for the files below the folder `root` that are gone, which the user named as `path`. `has_files` says whether
/// a file was found in it. With `all`, their documents go whatever the reason seems to be.
///
/// # Errors
///
/// [`Error::Document`](crate::Error::Document) if it is more likely that a disk is missing; then nothing is removed.
pub(super) fn prune(store: &Store, path: &Path, root: &Path, has_files: bool, all: bool) -> Result<Vec<Item>> {
    if !root.is_dir() {
        return Ok(Vec::new());
    }
    let folder = root.display().to_string();
    let snapshot = store.snapshot()?;
    let origins = snapshot.origins_below(&folder)?;
    let count = origins.len();
    let mut gone: Vec<String> = origins.into_iter().filter(is_gone).collect();
    let mut items = Vec::new();
    let missing: Vec<String> = match all {
        true => Vec::new(),
        false => snapshot.mounts_below(&folder)?.into_iter().filter(|mount| !is_mount(Path::new(mount))).collect(),
    };
    if !all {
        let refused = |reason: String, hint: &str| Err(document_error(&path.display().to_string(), reason, hint));
        if !gone.is_empty() && gone.len() == count && !has_files {
            let reason = format!("has no files any more; the documents of {count} files that were in it stay");
            return refused(
                reason,
                "if it is a disk, mount it; `--prune --prune-all` removes the documents all the same",
            );
        }
        for mount in &missing {
            let before = gone.len();
            gone.retain(|origin| !Path::new(origin).starts_with(mount));
            let kept = before - gone.len();
            if kept > 0 {
                let reason = format!("was another disk, which is not mounted; the documents of {kept} files stay");
                let hint = "mount it; `--prune --prune-all` removes the documents all the same";
                items.push(Item::Report(failed(mount.clone(), document_error(mount, reason, hint))));
            }
        }
        if gone.len() >= MANY && gone.len() * 2 > count {
            let reason = format!("has lost {} of {count} files; their documents stay", gone.len());
            return refused(reason, "if that is right, `--prune --prune-all` removes the documents");
        }
    }
    // Their documents of an earlier state stay like the others.
    let is_on_missing = |origin: &String| missing.iter().any(|mount| Path::new(origin).starts_with(mount));
    let unread = snapshot.unread_below(&folder)?.into_iter().filter(is_gone).filter(|origin| !is_on_missing(origin));
    items.extend(gone.into_iter().chain(unread).map(|origin| Item::End(origin, None)));
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::store::{FileStamp, NotedFile, UnreadFile};

    fn store_of(folder: &Path, files: usize) -> Store {
        let store = Store::open(&folder.join("store.db")).unwrap();
        for number in 0..files {
            let path = folder.join(format!("{number}.txt")).display().to_string();
            let document = crate::ingest::store::tests::document_of(&number.to_string(), &path);
            store.put(&document).unwrap();
        }
        store
    }

    #[test]
    fn most_files_of_a_large_folder_do_not_go_at_once_unless_that_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let store = store_of(&root, MANY + 10);
        std::fs::write(root.join("0.txt"), "It is still there.").unwrap();
        let error = prune(&store, &root, &root, true, false).err().unwrap();
        assert!(error.to_string().contains("has lost 1009 of 1010 files"), "{error}");
        assert!(error.hint().unwrap().contains("--prune-all"));
        assert_eq!(prune(&store, &root, &root, true, true).unwrap().len(), MANY + 9);
        (20..MANY).for_each(|number| std::fs::write(root.join(format!("{number}.txt")), "").unwrap());
        assert_eq!(prune(&store, &root, &root, true, false).unwrap().len(), 29);
    }

    #[test]
    fn a_file_that_failed_and_is_gone_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let store = store_of(&root, 0);
        let stamp = FileStamp { size_bytes: 1, modified_ns: 2, hash: [3; 32], reading: String::new() };
        let file = UnreadFile { stamp, is_failure: true, reason: "is encrypted".into(), hint: String::new() };
        let gone = root.join("gone.pdf").display().to_string();
        store.note_files(&[NotedFile::unread(gone.clone(), file.clone())]).unwrap();
        assert_eq!(store.snapshot().unwrap().unread_file(&gone).unwrap(), Some(file));
        assert!(
            matches!(&prune(&store, &root, &root, true, false).unwrap()[..], [Item::End(origin, None)] if *origin == gone)
        );
        let noted = store.snapshot().unwrap().noted(&gone, None).unwrap().unwrap();
        store.note_files(&[noted]).unwrap();
        assert_eq!(store.snapshot().unwrap().unread_file(&gone).unwrap(), None);
    }
}
