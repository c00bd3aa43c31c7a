//! The command line under test: the real binary in a temporary folder, with the project's models.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) const QUESTION: &str = "who expects the Fed to cut in 2026";
/// What answers [`QUESTION`] in [`ARTICLE`].
pub(crate) const SENTENCE: &str = "Anna Lindqvist expects the Fed to cut rates twice in 2026.";
pub(crate) const ARTICLE: &str = "\
The bakery on Mill Street opens at seven. Anna Lindqvist expects the Fed to cut rates twice in 2026. \
Rain is forecast for the weekend.
";

/// A folder to run `footnote` in, with an index directory of its own. Removed when dropped.
pub(crate) struct Workspace {
    folder: TempDir,
}

/// How a run of `footnote` ended.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit status; 128 and the signal's number if a signal ended it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder can be made") }
    }

    /// A workspace with `text` in its index, as the document `memo` with a web address.
    pub(crate) fn with(text: &str) -> Self {
        let workspace = Self::new();
        let arguments = ["ingest", "-", "--id", "memo", "--title", "Rates", "--uri", "https://example.org/a b"];
        let output = workspace.run_with_input(&arguments, text.as_bytes());
        assert_eq!(output.code, 0, "{output:?}");
        workspace
    }

    /// The folder that commands run in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, content).expect("the temporary folder can be written to");
        path
    }

    /// `footnote` with these arguments, in the folder, with no settings except the index and model directories.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footnote"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("FOOTNOTE_") {
                command.env_remove(name);
            }
        }
        command
            .env("FOOTNOTE_INDEX_DIR", self.folder().join("index"))
            .env("FOOTNOTE_MODEL_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/models"))
            .env("XDG_CONFIG_HOME", self.folder().join("home/config"))
            .env("XDG_DATA_HOME", self.folder().join("home/data"))
            .env_remove("NO_COLOR")
            .env_remove("FORCE_HYPERLINK")
            .current_dir(self.folder())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A program in the environment of [`Workspace::command`], started by another: its name and first arguments.
    pub(crate) fn command_under(&self, starter: &[&str], program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(starter[0]);
        for (name, value) in self.command(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(&starter[1..]).arg(program).args(arguments).current_dir(self.folder()).stdin(Stdio::null());
        command
    }

    /// Runs `footnote` with nothing on standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_input(arguments, b"")
    }

    /// Runs `footnote` with these variables set and nothing on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        Output::of(self.command(arguments).envs(variables.iter().copied()).output().expect("footnote runs"))
    }

    /// Runs `footnote` with `input` on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("footnote starts");
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read its input may be gone already.
            let _ = stdin.write_all(input);
        }
        Output::of(child.wait_with_output().expect("footnote ends"))
    }
}

impl Output {
    fn of(output: std::process::Output) -> Self {
        Self {
            code: exit_code(output.status),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }
}

#[cfg(unix)]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

#[cfg(not(unix))]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}
