//! `footnote ask` through a server that has the model loaded: from process start to exit, less the question's own work.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use footnote::Footnote;

const RUNS: usize = 21;
/// More than loading the model takes, even on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(2);

/// A server, ended with the bench.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn run() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = crate::config(dir.path());
    let corpus = crate::project().join("examples/corpus");
    Footnote::open(&config)
        .and_then(|footnote| footnote.ingest_paths(&[corpus], &mut |_| {}).map(drop))
        .expect("the example corpus is ingested");
    let footnote = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footnote"));
        command.args(arguments).arg("--index").arg(dir.path()).env("FOOTNOTE_MODEL_DIR", &config.model.dir);
        command.stdout(Stdio::piped());
        command
    };
    let mut serve = footnote(&["serve", "--listen", "127.0.0.1:0"]);
    let mut server = Server(serve.stderr(Stdio::null()).spawn().expect("footnote runs"));
    let mut line = String::new();
    let stdout = server.0.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
    let url = line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
    let agent = ureq::Agent::config_builder().proxy(None).timeout_global(Some(READY_WITHIN)).build().new_agent();
    let started = Instant::now();
    while agent.get(format!("{url}/readyz")).call().is_err() {
        assert!(started.elapsed() < READY_WITHIN, "the server does not get ready");
        std::thread::sleep(Duration::from_millis(50));
    }
    let listen = url.trim_start_matches("http://").to_owned();
    let ask = || {
        let started = Instant::now();
        let output = footnote(&["ask", "-v", "--json", "who expects the Fed to cut in 2026"])
            .env("FOOTNOTE_SERVER_LISTEN", &listen)
            .output()
            .expect("footnote runs");
        let process = started.elapsed().as_secs_f64() * 1e3;
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(log.contains("asking the server") && !log.contains("answering here"), "no server was asked: {log}");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        (process, answer["took_ms"]["total"].as_f64().expect("it is timed"))
    };
    ask();
    let (processes, own): (Vec<f64>, Vec<f64>) = (0..RUNS).map(|_| ask()).unzip();
    let beyond = processes.iter().zip(&own).map(|(process, own)| process - own).collect();
    crate::row("ask beside a server, start to exit, ms", &format!("{:.1}", crate::median(processes)));
    crate::row("  beyond the question's own work (aim: at most 50), ms", &format!("{:.1}", crate::median(beyond)));
}
