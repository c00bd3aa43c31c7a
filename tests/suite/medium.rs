//! Media that refuse: read-only, full, or failing once. Each has a message of its own, and the index stays sound.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Resource, Workspace, needs};

/// A small file system in memory.
struct Medium(tempfile::TempDir);

impl Medium {
    fn mount(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()).output();
        let mounted = match mounted {
            Ok(output) if output.status.success() => Ok(Self(folder)),
            other => Err(format!("nothing can be mounted here: {other:?}")),
        };
        needs(Resource::Mount, mounted)
    }

    fn make_read_only(&self) {
        let status = Command::new("mount").args(["-o", "remount,ro"]).arg(self.0.path()).status().unwrap();
        assert!(status.success());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Drop for Medium {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn an_index_on_a_read_only_medium_is_asked_listed_and_verified() {
    let Some(medium) = Medium::mount("size=20m") else { return };
    let workspace = Workspace::with("The lighthouse was repainted in May.");
    // A name that has to be escaped in an address.
    let index = medium.path("an index #1?");
    copy(&workspace.folder().join("index"), &index);
    medium.make_read_only();
    let variables = [("FOOTNOTE_INDEX_DIR", index.to_str().unwrap())];
    for (arguments, expected) in [
        (&["ask", "When was the lighthouse painted?"][..], "repainted in May"),
        (&["ls"], ""),
        (&["status"], ""),
        (&["verify"], "no problems"),
    ] {
        let output = workspace.run_with(arguments, &variables);
        assert!(
            output.code == 0 && output.stdout.contains(expected),
            "{arguments:?}: {}{}",
            output.stdout,
            output.stderr
        );
    }
    let refused = workspace.run_with(&["rm", "anything"], &variables);
    assert!(refused.code != 0 && !refused.stderr.contains("panicked"), "{refused:?}");
}

#[test]
fn a_full_disk_is_named_and_once_there_is_room_again_the_same_works() {
    let Some(medium) = Medium::mount("size=8m") else { return };
    let workspace = Workspace::new();
    let index = medium.path("index");
    let variables = [("FOOTNOTE_INDEX_DIR", index.to_str().unwrap())];
    workspace.write("first.txt", "The lighthouse was repainted in May.\n");
    workspace.write("second.txt", "The ferry sails at noon.\n");
    let first = workspace.run_with(&["ingest", "first.txt"], &variables);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let filler = medium.path("filler");
    // Writes until nothing goes in any more.
    let _ = std::fs::write(&filler, vec![1; 9 * 1024 * 1024]);
    for arguments in [&["ingest", "second.txt"][..], &["rm", "first.txt"]] {
        let output = workspace.run_with(arguments, &variables);
        assert!(output.code != 0, "{arguments:?}: {}", output.stdout);
        assert!(output.stderr.contains("disk is full"), "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains("free some space"), "{arguments:?}: {}", output.stderr);
    }
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(workspace.run_with(&["ingest", "second.txt"], &variables).code, 0);
    assert_eq!(workspace.run_with(&["ls"], &variables).stdout.lines().count(), 2, "both documents are there");
    assert_eq!(workspace.run_with(&["verify"], &variables).code, 0);
}

#[test]
fn a_read_that_fails_once_is_not_called_damage() {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let works = match traced {
        Ok(output) if output.status.success() => Ok(()),
        other => Err(format!("strace does not work here: {other:?}")),
    };
    let Some(()) = needs(Resource::Strace, works) else { return };
    let workspace = Workspace::with("The lighthouse was repainted in May.");
    let store = workspace.folder().join("index/default/store.db");
    for when in 1..=4 {
        let inject = format!("inject=pread64:error=EIO:when={when}");
        let tracer = ["strace", "-f", "-o", "/dev/null", "-P", store.to_str().unwrap(), "-e", &inject];
        let output = workspace.command_under(&tracer, env!("CARGO_BIN_EXE_footnote"), &["ls"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("damaged") && !said.contains("panicked"), "read {when}: {said}");
        if !output.status.success() {
            assert!(said.contains("store.db") && said.contains("footnote: "), "read {when}: {said}");
        }
    }
    assert_eq!(workspace.run(&["verify"]).code, 0);
}
