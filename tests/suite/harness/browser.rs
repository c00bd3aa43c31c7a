//! A real browser: headless Chromium, controlled through chromedriver with the W3C `WebDriver` protocol.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::needs::{Resource, needs};

/// More than any step of a page takes, even on a busy machine.
const WITHIN: Duration = Duration::from_mins(1);

/// Among others, these keep Chromium from using the network for anything that a test does not ask for.
const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
];

/// The name of the member that identifies an element in `WebDriver`'s JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys, as the code points that `WebDriver` assigns to them.
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const ESCAPE: char = '\u{e00c}';

/// A browser with its own profile and one window, closed on drop.
pub(crate) struct Browser {
    driver: Child,
    /// Held so that the driver never writes to a closed pipe.
    _stdout: BufReader<ChildStdout>,
    /// `http://127.0.0.1:PORT/session/ID`
    session: String,
    agent: ureq::Agent,
    profile: TempDir,
}

/// Attempts to click something.
const CLICKS: usize = 10;

impl Browser {
    /// A browser with one empty window; `None` if there is none that starts.
    pub(crate) fn start() -> Option<Self> {
        needs(Resource::Browser, Self::try_to_start())
    }

    fn try_to_start() -> Result<Self, String> {
        let (Some(chromium), Some(chromedriver)) = (on_path("chromium"), on_path("chromedriver")) else {
            return Err("chromium and chromedriver are not on PATH".into());
        };
        let profile = tempfile::tempdir().unwrap();
        let own = |name: &str| profile.path().join(name);
        let mut driver = Command::new(chromedriver)
            .arg("--port=0")
            // It does not start if it cannot write to its user's folders.
            .envs([("HOME", own("home")), ("XDG_CONFIG_HOME", own("config")), ("XDG_CACHE_HOME", own("cache"))])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(driver.stdout.take().unwrap());
        let url = format!("http://127.0.0.1:{}", port(&mut stdout));
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(WITHIN * 2)).proxy(None);
        let mut browser = Self { driver, _stdout: stdout, session: url, agent: config.build().new_agent(), profile };

        let own = format!("--user-data-dir={}", browser.profile.path().join("profile").display());
        let arguments: Vec<_> = ARGUMENTS.iter().copied().chain([own.as_str()]).collect();
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "binary": chromium},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let made = browser.try_to_send("POST", "/session", Some(&capabilities));
        let made =
            made.map_err(|why| format!("chromium does not start: {}", why.lines().next().unwrap_or_default()))?;
        browser.session = format!("{}/session/{}", browser.session, made["sessionId"].as_str().unwrap());
        browser.resize(1280, 800);
        // Forget what the new window itself has logged and requested.
        browser.open("about:blank");
        browser.log();
        browser.requests();
        Ok(browser)
    }

    pub(crate) fn open(&self, url: &str) {
        self.command("/url", &json!({"url": url}));
    }

    /// Sets the size of the page, in CSS pixels.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Sets the preferred languages, such as `zh-TW,en`.
    pub(crate) fn prefer_languages(&self, languages: &str) {
        let agent = self.evaluate("navigator.userAgent");
        let wanted = json!({"userAgent": agent, "acceptLanguage": languages});
        self.devtools("Emulation.setUserAgentOverride", &wanted);
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.command("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// Runs the body of a function in the page, and waits for a promise that it returns.
    pub(crate) fn run(&self, script: &str, arguments: &Value) -> Value {
        self.command("/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// The value of an expression in the page.
    pub(crate) fn evaluate(&self, expression: &str) -> Value {
        self.run(&format!("return ({expression})"), &json!([]))
    }

    /// The value of an expression in the page, which must be text.
    pub(crate) fn text(&self, expression: &str) -> String {
        self.evaluate(expression).as_str().unwrap_or_else(|| panic!("`{expression}` is not text")).to_owned()
    }

    /// Waits until an expression in the page is true in the sense of JavaScript.
    #[track_caller]
    pub(crate) fn wait_for(&self, expression: &str) {
        let started = Instant::now();
        while self.evaluate(&format!("Boolean({expression})")) != json!(true) {
            let in_time = started.elapsed() < WITHIN;
            assert!(in_time, "never true: `{expression}`\n{}\n{:#?}", self.text("document.body.innerText"), self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn find(&self, selector: &str) -> String {
        let found = self.command("/element", &json!({"using": "css selector", "value": selector}));
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("no element `{selector}`")).to_owned()
    }

    /// Clicks in the middle of an element.
    pub(crate) fn click(&self, selector: &str) {
        // What is being drawn anew may be replaced between finding and clicking it.
        for _ in 0..CLICKS {
            let element = self.find(selector);
            match self.try_to_send("POST", &format!("/element/{element}/click"), Some(&json!({}))) {
                Ok(_) => return,
                Err(why) if why.contains("stale element") => {}
                Err(why) => panic!("a click on {selector}: {why}"),
            }
        }
        panic!("{selector} is replaced whenever it is clicked");
    }

    /// Types into an element. A file field takes paths, one per line.
    pub(crate) fn type_into(&self, selector: &str, text: &str) {
        self.command(&format!("/element/{}/value", self.find(selector)), &json!({"text": text}));
    }

    /// Drops files and folders in the middle of the page, as a file manager does.
    pub(crate) fn drop_files(&self, paths: &[&Path]) {
        let (width, height) = (self.evaluate("innerWidth / 2"), self.evaluate("innerHeight / 2"));
        let data = json!({"items": [], "files": paths, "dragOperationsMask": 1});
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.devtools("Input.dispatchDragEvent", &json!({"type": kind, "x": width, "y": height, "data": data}));
        }
    }

    /// Presses a key in the element that has the focus.
    pub(crate) fn press(&self, key: char) {
        let down_and_up = ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key}));
        self.command("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": down_and_up}]}));
    }

    /// The console's messages since the last call: script errors, policy violations, failed requests.
    pub(crate) fn log(&self) -> Vec<String> {
        self.entries("browser")
    }

    /// The URLs requested since the last call, including refused ones.
    pub(crate) fn requests(&self) -> Vec<String> {
        let sent = |entry: String| -> Option<String> {
            let event: Value = serde_json::from_str(&entry).ok()?;
            let message = &event["message"];
            let url = message["params"]["request"]["url"]
                .as_str()
                .filter(|_| message["method"] == "Network.requestWillBeSent");
            url.map(str::to_owned)
        };
        self.entries("performance").into_iter().filter_map(sent).filter(|url| !url.starts_with("chrome:")).collect()
    }

    fn entries(&self, kind: &str) -> Vec<String> {
        let entries = self.command("/se/log", &json!({"type": kind}));
        entries.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The visible part of the page, as a PNG.
    pub(crate) fn screenshot(&self) -> Vec<u8> {
        use base64::Engine as _;
        let shot = self.send("GET", "/screenshot", None);
        base64::engine::general_purpose::STANDARD.decode(shot.as_str().unwrap()).unwrap()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.send("POST", path, Some(body))
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.try_to_send(method, path, body).unwrap_or_else(|why| panic!("{method} {path}: {why}"))
    }

    fn try_to_send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.session));
        let sent = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = sent.map_err(|error| error.to_string())?;
        let reply: Value = response.body_mut().with_config().limit(64 << 20).read_json().unwrap();
        let value = &reply["value"];
        if response.status().is_success() { Ok(value.clone()) } else { Err(value["message"].to_string()) }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Killing only the driver would leave Chromium running.
        let request = ureq::http::Request::builder().method("DELETE").uri(&self.session);
        let _ = self.agent.run(request.body(()).unwrap());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that chromedriver prints.
fn port(stdout: &mut BufReader<ChildStdout>) -> u16 {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "chromedriver ended without naming its port");
        let port = line.trim().trim_end_matches('.').rsplit_once("on port ").map(|(_, port)| port);
        if let Some(port) = port.and_then(|port| port.parse().ok()).filter(|port| *port > 0) {
            return port;
        }
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| Path::is_file(file))
}
