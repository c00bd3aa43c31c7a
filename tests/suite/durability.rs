//! What was acknowledged survives a power cut: before each acknowledgement, and before each file is put in the place of
//! another, the program has told the disk to write what it depends on. The system calls of a real run show it.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Resource, Workspace, needs};

/// One system call that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Call {
    Write(String),
    /// A file or directory that is on disk when the call returns.
    Sync(String),
    Rename {
        from: String,
        to: String,
    },
    /// A line on standard output that reports a document as added.
    Acknowledge,
}

/// Reads what `strace -f -y` prints.
fn calls(trace: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    // The path of a sync that another thread's call interrupts in the trace, by thread.
    let mut unfinished = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.trim_start().split_once(' ') else { continue };
        let call = call.trim_start();
        let path = |call: &str| call.split_once('<')?.1.split_once('>').map(|(path, _)| path.to_owned());
        if call.starts_with("<... fsync resumed>") || call.starts_with("<... fdatasync resumed>") {
            calls.extend(unfinished.remove(thread).map(Call::Sync));
        } else if call.starts_with("fsync(") || call.starts_with("fdatasync(") {
            let Some(path) = path(call) else { continue };
            if call.contains("<unfinished ...>") {
                unfinished.insert(thread, path);
            } else {
                calls.push(Call::Sync(path));
            }
        } else if call.starts_with("write(1<") {
            if call.contains(r#"\"added\""#) {
                calls.push(Call::Acknowledge);
            }
        } else if call.starts_with("write(") || call.starts_with("pwrite64(") {
            calls.extend(path(call).map(Call::Write));
        } else if call.starts_with("rename") {
            // Every second part is between quotation marks.
            let names: Vec<_> = call.split('"').skip(1).step_by(2).map(str::to_owned).collect();
            if let [from, to] = names.as_slice() {
                calls.push(Call::Rename { from: from.clone(), to: to.clone() });
            }
        }
    }
    calls
}

/// What a power cut could lose although the program relies on it, one sentence each.
fn problems(calls: &[Call]) -> BTreeSet<String> {
    let mut problems = BTreeSet::new();
    // Files written to, and directories in which a file was renamed, since they were last synced.
    let (mut written, mut renamed) = (BTreeSet::new(), BTreeSet::new());
    for call in calls {
        match call {
            Call::Write(path) => {
                if is_of_segment(path) {
                    // It may just have been created.
                    renamed.extend(path.rsplit_once('/').map(|(directory, _)| directory.to_owned()));
                }
                written.insert(path.clone());
            }
            Call::Sync(path) => {
                written.remove(path);
                renamed.remove(path);
            }
            Call::Rename { from, to } => {
                if written.remove(from) {
                    problems.insert(format!("{to} was put in place before its content was on disk"));
                }
                let directory = to.rsplit_once('/').map_or("", |(directory, _)| directory);
                let is_checkpoint = to.ends_with("checkpoint.json");
                for path in written.iter().filter(|path| is_checkpoint && is_of_segment(path)) {
                    problems.insert(format!("{to} was put in place before the content of {path} was on disk"));
                }
                if is_checkpoint && renamed.contains(directory) {
                    problems.insert(format!("{to} was put in place before the files that it names"));
                }
                renamed.insert(directory.to_owned());
            }
            Call::Acknowledge => {
                for path in written.iter().filter(|path| is_store(path)) {
                    problems.insert(format!("a document was acknowledged before {path} was on disk"));
                }
            }
        }
    }
    problems.extend(written.iter().filter(|path| is_store(path)).map(|path| format!("{path} was never on disk")));
    problems.extend(renamed.iter().map(|directory| format!("a file's name in {directory} was never on disk")));
    problems
}

fn is_of_segment(path: &str) -> bool {
    path.contains("/segment-")
}

fn is_store(path: &str) -> bool {
    path.ends_with("/store.db") || path.ends_with("/store.db-wal")
}

#[test]
fn a_document_is_acknowledged_and_a_file_replaced_only_after_what_they_depend_on_is_on_disk() {
    let traced = std::process::Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let works = match traced {
        Ok(output) if output.status.success() => Ok(()),
        other => Err(format!("strace does not work here: {other:?}")),
    };
    let Some(()) = needs(Resource::Strace, works) else { return };
    let workspace = Workspace::new();
    let trace = workspace.folder().join("trace");
    let tracer = [
        "strace",
        "-f",
        "-y",
        "-s",
        "400",
        "-e",
        "signal=none",
        "-e",
        "trace=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2",
        "-o",
        trace.to_str().unwrap(),
    ];
    let mut all = Vec::new();
    for run in ["first", "second"] {
        std::fs::create_dir_all(workspace.folder().join("corpus")).unwrap();
        for number in 0..4 {
            let text = format!("Station {number} measured {} millimetres of rain, {run} reading.\n", number * 7);
            workspace.write(&format!("corpus/{run}-{number}.txt"), text);
        }
        let arguments = ["ingest", "--json", "corpus"];
        let output = workspace.command_under(&tracer, env!("CARGO_BIN_EXE_footnote"), &arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let calls = calls(&std::fs::read_to_string(&trace).unwrap());
        let acknowledged = calls.iter().filter(|call| **call == Call::Acknowledge).count();
        assert_eq!(acknowledged, 4, "{calls:#?}");
        assert_eq!(problems(&calls), BTreeSet::new());
        all.extend(calls);
    }
    // Each of these syncs is needed: without it a problem is found.
    for what in ["store.db-wal", ".vectors", ".idx", ".table", "checkpoint.json.tmp", "/default"] {
        let is_of = |path: &String| if what == "/default" { path.ends_with(what) } else { path.contains(what) };
        let without: Vec<_> =
            all.iter().filter(|call| !matches!(call, Call::Sync(path) if is_of(path))).cloned().collect();
        assert!(
            without.len() < all.len() && !problems(&without).is_empty(),
            "{what}: no problem is found without its syncs"
        );
    }
}
