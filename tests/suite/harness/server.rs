//! `footnote serve` under test: the real program on a free port, with an index of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Workspace;

/// More than loading the model takes, even on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(2);

pub(crate) const ANY_PORT: &str = "127.0.0.1:0";

/// An address with any free port that no other test takes once the port is free again.
///
/// On Linux every address that starts with 127 is this machine's, so each call gives one of its own.
pub(crate) fn exclusive_address() -> String {
    static TAKEN: AtomicU8 = AtomicU8::new(1);
    if cfg!(target_os = "linux") {
        let [.., high, low] = std::process::id().to_be_bytes();
        format!("127.{}.{low}.{}:0", high.max(1), TAKEN.fetch_add(1, Ordering::Relaxed))
    } else {
        ANY_PORT.to_owned()
    }
}

/// A `footnote serve` of its own, killed on drop.
pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    process: Child,
    /// Held so that the program never writes to a closed pipe.
    stdout: BufReader<ChildStdout>,
    command: Command,
    log: PathBuf,
    /// Kept until the server ends, if it was made for it.
    _workspace: Option<Workspace>,
    agent: ureq::Agent,
}

/// A response, whatever its status.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The body; empty if it is not text.
    pub(crate) text: String,
    pub(crate) body: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Server {
    /// Starts a server that holds `corpus`: pairs of an id and a text. Returns once it can answer questions.
    ///
    /// # Panics
    ///
    /// If the program does not start, does not get ready or does not take in a document; with its log.
    pub(crate) fn start(corpus: &[(&str, &str)]) -> Self {
        Self::start_with("", corpus)
    }

    /// Like [`start`](Self::start), with `settings` as they stand in config.toml.
    pub(crate) fn start_with(settings: &str, corpus: &[(&str, &str)]) -> Self {
        let workspace = Workspace::new();
        workspace.write("config.toml", settings);
        let variables = [("FOOTNOTE_MODEL_OFFLINE", "true"), ("FOOTNOTE_LOG_LEVEL", "info,footnote=trace")];
        let (command, log) = serving(&workspace, ANY_PORT, &variables);
        let server = Self::spawned(command, log, Some(workspace));
        if !corpus.is_empty() {
            server.ingest(corpus);
        }
        server
    }

    /// Starts a server over the index of `workspace`, like [`start`](Self::start).
    pub(crate) fn over(workspace: &Workspace, listen: &str, variables: &[(&str, &str)]) -> Self {
        let (command, log) = serving(workspace, listen, variables);
        Self::spawned(command, log, None)
    }

    /// Like [`over`](Self::over), but does not wait until it is ready, since something keeps it from that.
    pub(crate) fn unready(workspace: &Workspace, variables: &[(&str, &str)]) -> Self {
        let (command, log) = serving(workspace, ANY_PORT, variables);
        Self::launched(command, log, None)
    }

    fn spawned(command: Command, log: PathBuf, workspace: Option<Workspace>) -> Self {
        let server = Self::launched(command, log, workspace);
        server.wait_until_ready();
        server
    }

    fn launched(mut command: Command, log: PathBuf, workspace: Option<Workspace>) -> Self {
        let (process, stdout, url) = spawn(&mut command, &log);
        // The server is on this machine, so no proxy of the environment may be used.
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(READY_WITHIN)).proxy(None);
        let agent = config.build().new_agent();
        Self { url, process, stdout, command, log, _workspace: workspace, agent }
    }

    /// Where it listens, `127.0.0.1:PORT`.
    /// The folder that it runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.log.parent().unwrap()
    }

    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub(crate) fn wait_until_ready(&self) {
        let started = Instant::now();
        while self.get("/readyz").status != 200 {
            assert!(started.elapsed() < READY_WITHIN, "it does not get ready; its log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn ingest(&self, corpus: &[(&str, &str)]) {
        let documents: Vec<_> = corpus.iter().map(|(id, text)| json!({"id": id, "text": text})).collect();
        let reply = self.post("/v1/documents", &json!({"documents": documents}));
        assert_eq!(reply.status, 200, "{}\n{}", reply.text, self.log());
        for document in reply.json()["documents"].as_array().unwrap() {
            assert_eq!(document["status"], "added", "{document}");
        }
    }

    /// Kills the program as a power cut would, and starts it again over the same index.
    pub(crate) fn kill_and_restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.stdout, self.url) = spawn(&mut self.command, &self.log);
        self.wait_until_ready();
    }

    /// Asks the program to stop, and waits for it.
    #[cfg(unix)]
    pub(crate) fn terminate(&mut self) -> std::process::ExitStatus {
        let sent = Command::new("kill").arg("-TERM").arg(self.process.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.process.wait().unwrap()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, b"")
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// Posts files, pairs of a name and its bytes, as a form.
    pub(crate) fn upload(&self, path: &str, files: &[(&str, &[u8])]) -> Reply {
        self.upload_with(path, &[], files)
    }

    pub(crate) fn upload_with(&self, path: &str, headers: &[(&str, &str)], files: &[(&str, &[u8])]) -> Reply {
        let boundary = "a-boundary-that-no-file-holds";
        let mut form = Vec::new();
        for (name, bytes) in files {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            form.extend_from_slice(head.as_bytes());
            form.extend_from_slice(bytes);
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send("POST", path, &[&[("Content-Type", kind.as_str())], headers].concat(), &form)
    }

    /// Sends any request.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        let response = sent.unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.log()));
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(64 << 20).read_to_vec().unwrap();
        let text = String::from_utf8(body.clone()).unwrap_or_default();
        Reply { status: parts.status.as_u16(), headers: parts.headers, text, body }
    }
}

/// The command that serves the index of `workspace`, and where its log goes.
fn serving(workspace: &Workspace, listen: &str, variables: &[(&str, &str)]) -> (Command, PathBuf) {
    let mut command = workspace.command(&["serve", "--listen", listen]);
    command.envs(variables.iter().copied());
    (command, workspace.folder().join("log"))
}

/// Starts the program, and reads where it listens.
fn spawn(command: &mut Command, log: &Path) -> (Child, BufReader<ChildStdout>, String) {
    let file = File::options().create(true).append(true).open(log).unwrap();
    let mut process = command.stderr(file).spawn().unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let Some(url) = line.trim().strip_prefix("listening on ") else {
        let _ = process.kill();
        let _ = process.wait();
        panic!("it printed {line:?}; its log:\n{}", std::fs::read_to_string(log).unwrap());
    };
    (process, stdout, url.to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header's value; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a problem with this status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        problem
    }
}
