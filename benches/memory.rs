//! Resident memory of the real program: at its peak, at rest, and while it is written to and asked at once. Linux only,
//! where the system keeps count.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DOCUMENTS: usize = 96;
const QUESTIONS: usize = 200;
const WRITERS: usize = 3;
const ASKERS: usize = 6;
const UNDER_LOAD: Duration = Duration::from_secs(12);

pub(crate) fn run() {
    if !cfg!(target_os = "linux") {
        println!("skipped: memory is read from Linux's /proc");
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary folder");
    let corpus = dir.path().join("corpus");
    std::fs::create_dir(&corpus).expect("a folder");
    let mut bytes = 0;
    for document in crate::ingest::documents(DOCUMENTS, 0) {
        bytes += document.text.len();
        let name = document.id.unwrap_or_default() + ".txt";
        std::fs::write(corpus.join(name), document.text).expect("it is written");
    }
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footnote"));
        command
            .args(arguments)
            .env("FOOTNOTE_MODEL_DIR", crate::project().join("models"))
            .env("FOOTNOTE_INDEX_DIR", dir.path().join("index"))
            .stderr(Stdio::null())
            .stdout(Stdio::piped());
        command
    };
    let mut ingest = command(&["ingest", corpus.to_str().unwrap_or_default()]).spawn().expect("footnote runs");
    let mut peak = 0.0;
    // The last look before it ends counts; one line comes for each document.
    for _ in BufReader::new(ingest.stdout.take().expect("its output")).lines() {
        peak = Memory::of(&ingest).peak.max(peak);
    }
    ingest.wait().expect("it ends");
    crate::row(&format!("peak memory of ingest, {} KB of text, MiB", bytes / 1024), &format!("{peak:.0}"));

    let mut server = command(&["serve", "--listen", "127.0.0.1:0"]).spawn().expect("footnote runs");
    let mut line = String::new();
    let mut output = BufReader::new(server.stdout.take().expect("its output"));
    output.read_line(&mut line).expect("it says where it listens");
    let url = line.trim().trim_start_matches("listening on ").to_owned();
    let agent = agent();
    for number in 0..QUESTIONS {
        ask(&agent, &url, &format!("Who expects {number} cuts in 2026?"));
    }
    let rest = Memory::of(&server);
    crate::row(&format!("memory of serve after {QUESTIONS} questions, MiB"), &rest.shown());
    crate::row("  at its peak", &format!("{:.0}", rest.peak));
    write_and_ask(&url);
    let load = Memory::of(&server);
    crate::row(
        &format!("  after {WRITERS} writers beside {ASKERS} askers for {} s", UNDER_LOAD.as_secs()),
        &load.shown(),
    );
    crate::row("  at its peak", &format!("{:.0}", load.peak));
    crate::row("  ratio to memory at rest", &format!("{:.2}", load.own / rest.own));
    server.kill().expect("it can be stopped");
    server.wait().expect("it ends");
}

fn write_and_ask(url: &str) {
    let until = Instant::now() + UNDER_LOAD;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let agent = agent();
                let mut run = 1;
                while Instant::now() < until {
                    for mut document in crate::ingest::documents(4, run) {
                        let id = format!("{writer}-{}", document.id.take().unwrap_or_default());
                        let body = serde_json::json!({ "documents": [{ "id": id, "text": document.text }] });
                        let response = agent.post(format!("{url}/v1/documents")).send_json(&body);
                        response.and_then(|mut response| response.body_mut().read_to_vec()).expect("it is stored");
                    }
                    run += 1;
                }
            });
        }
        for asker in 0..ASKERS {
            scope.spawn(move || {
                let agent = agent();
                while Instant::now() < until {
                    ask(&agent, url, &format!("Who expects {asker} cuts in 2026?"));
                }
            });
        }
    });
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().new_agent()
}

fn ask(agent: &ureq::Agent, url: &str, question: &str) {
    let body = serde_json::json!({ "question": question });
    let response = agent.post(format!("{url}/v1/ask")).send_json(&body);
    response.and_then(|mut response| response.body_mut().read_to_vec()).expect("it answers");
}

/// A process's resident memory in MiB, as `/proc/PID/status` gives it; 0 when the process has ended.
struct Memory {
    /// What is its own: anonymous pages.
    own: f64,
    /// Pages of files, such as the model's weights, which it shares with the system's cache.
    of_files: f64,
    /// The most that both were together.
    peak: f64,
}

impl Memory {
    fn of(process: &Child) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok()).unwrap_or_default() / 1024.0
        };
        Self { own: mebibytes("RssAnon:"), of_files: mebibytes("RssFile:"), peak: mebibytes("VmHWM:") }
    }

    fn shown(&self) -> String {
        format!("{:.0} + files {:.0}", self.own, self.of_files)
    }
}
