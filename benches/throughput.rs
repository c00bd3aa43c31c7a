//! Many questions at once at ten thousand passages, through the library and over HTTP, against bare ONNX sessions that
//! only embed them; without added load, and while another process takes one core.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use footnote::internals::embed::tokenizer::TextTokenizer;
use footnote::internals::model_store;
use footnote::{Config, Footnote, Question};

use crate::bare;
use crate::busy::BusyCore;

const CLIENTS: [usize; 3] = [1, 8, 32];
const QUESTIONS: usize = 192;
const RUNS: usize = 3;
/// More than loading the model takes, even on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(2);

pub(crate) fn run(config: &Config, footnote: &Footnote, questions: &[String]) {
    let questions: Vec<&str> = questions.iter().cycle().take(QUESTIONS).map(String::as_str).collect();
    let batches = embeddings_of(config, &questions);
    let server = Server::start(config);
    // All sessions are loaded before anything is measured.
    ask_all(footnote, &questions, 32);
    server.ask_all(&questions, 32);
    for beside in ["", ", beside a busy core"] {
        let _busy = (!beside.is_empty()).then(BusyCore::start);
        for clients in CLIENTS {
            let parallel = clients.min(std::thread::available_parallelism().map_or(1, usize::from));
            let (mut library, mut http, mut embedding) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..RUNS {
                library.push(ask_all(footnote, &questions, clients));
                http.push(server.ask_all(&questions, clients));
                embedding.push(bare::run(&batches, parallel).passes_per_second);
            }
            let ratio = |ours: &[f64]| {
                let ratios = ours.iter().zip(&embedding).map(|(ours, embedding)| ours / embedding).collect();
                format!("{:.2}", crate::median(ratios))
            };
            let (library_ratio, http_ratio) = (ratio(&library), ratio(&http));
            crate::row(&format!("questions per second, clients: {clients}{beside}"), &per_second(library));
            crate::row("  over HTTP", &per_second(http));
            crate::row("  embedded by bare sessions", &per_second(embedding));
            let aim = if clients == 1 { "0.83" } else { "0.9" };
            crate::row(&format!("  ratio (aim: at least {aim})"), &library_ratio);
            crate::row("  ratio over HTTP", &http_ratio);
        }
    }
}

fn per_second(values: Vec<f64>) -> String {
    format!("{:.1}", crate::median(values))
}

/// Questions per second with this many clients, each of which asks one after the other.
fn ask_all(footnote: &Footnote, questions: &[&str], clients: usize) -> f64 {
    share(questions, clients, || {
        |text: &str| drop(footnote.ask(&Question { text: text.into(), ..Question::default() }).expect("it answers"))
    })
}

/// Has `clients` threads take the questions in turn; `client` makes what each of them asks with.
fn share<F: FnMut(&str)>(questions: &[&str], clients: usize, client: impl Fn() -> F + Sync) -> f64 {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut ask = client();
                while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                    ask(question);
                }
            });
        }
    });
    questions.len() as f64 / started.elapsed().as_secs_f64()
}

/// The token ids of each question, as the model reads them.
fn embeddings_of(config: &Config, questions: &[&str]) -> Vec<bare::Batch> {
    let files = model_store::ensure(&config.model, &mut |_| {}).expect("the model is there");
    let compiled = files.compiled_tokenizer.as_ref().expect("the default model's tokenizer is compiled");
    let tokenizer = TextTokenizer::from_compiled(std::fs::read(compiled).expect("it is there")).expect("it is sound");
    let ids = |question: &&str| {
        let input = format!("{}{question}", files.query_prefix);
        let scope = tokenizer.scope([input.as_str()]).expect("it tokenizes");
        vec![scope.encode(&input).expect("it tokenizes").ids]
    };
    questions.iter().map(ids).collect()
}

/// A server over the same index, ended with the bench.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(config: &Config) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footnote"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--index"])
            .arg(&config.index.dir)
            .env("FOOTNOTE_MODEL_DIR", &config.model.dir)
            .stdout(Stdio::piped());
        let mut process = command.spawn().expect("footnote runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let url = line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        let server = Self { process, url };
        let started = Instant::now();
        while agent().get(format!("{}/readyz", server.url)).call().is_err() {
            assert!(started.elapsed() < READY_WITHIN, "the server does not get ready");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn ask_all(&self, questions: &[&str], clients: usize) -> f64 {
        share(questions, clients, || {
            let agent = agent();
            move |text: &str| {
                let body = serde_json::json!({ "question": text });
                let mut response = agent.post(format!("{}/v1/ask", self.url)).send_json(&body).expect("it answers");
                response.body_mut().read_to_vec().expect("an answer");
            }
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).timeout_global(Some(READY_WITHIN)).build().new_agent()
}
