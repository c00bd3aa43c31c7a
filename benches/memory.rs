//! Peak resident memory of the real program. Linux only, where the system keeps count.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

const DOCUMENTS: usize = 96;
const QUESTIONS: usize = 200;

pub(crate) fn run() {
    if !cfg!(target_os = "linux") {
        println!("skipped: peak memory is read from Linux's /proc");
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
        peak = peak_mebibytes(&ingest).max(peak);
    }
    ingest.wait().expect("it ends");
    crate::row(&format!("peak memory of ingest, {} KB of text, MiB", bytes / 1024), &format!("{peak:.0}"));

    let mut server = command(&["serve", "--listen", "127.0.0.1:0"]).spawn().expect("footnote runs");
    let mut line = String::new();
    let mut output = BufReader::new(server.stdout.take().expect("its output"));
    output.read_line(&mut line).expect("it says where it listens");
    let address = line.trim().rsplit('/').next().unwrap_or_default().to_owned();
    for number in 0..QUESTIONS {
        ask(&address, &format!("Who expects {number} cuts in 2026?"));
    }
    let peak = peak_mebibytes(&server);
    server.kill().expect("it can be stopped");
    server.wait().expect("it ends");
    crate::row(&format!("peak memory of serve after {QUESTIONS} questions, MiB"), &format!("{peak:.0}"));
}

fn ask(address: &str, question: &str) {
    let body = serde_json::json!({ "question": question }).to_string();
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let head = format!(
        "POST /v1/ask HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).expect("it is sent");
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).expect("it answers");
    assert!(status.contains("200"), "{status}");
}

/// The high-water mark of a process's resident memory; 0 when it has ended.
fn peak_mebibytes(process: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
