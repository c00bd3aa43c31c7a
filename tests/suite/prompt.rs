//! `footnote ask` without a question, on a terminal of its own.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{ARTICLE, Output, QUESTION, Resource, SENTENCE, Server, Workspace, exclusive_address, needs};

/// Types `lines` at `footnote ask` on a terminal of its own, each once the prompt is there. At the line `PAUSE` it makes the
/// file `paused` and waits for the file `resumed`. What does not end by itself is killed.
const TYPIST: &str = r#"
import os, pty, select, signal, sys, time
argv, *lines = [given.split("\x1f") for given in sys.argv[1:]]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(argv[0], argv)
seen, deadline = b"", time.time() + 120
over = False
def read(seconds):
    global over, seen
    if not select.select([terminal], [], [], seconds)[0]:
        return False
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        chunk = b""
    over = over or not chunk
    seen += chunk
    return bool(chunk)
for line in sum(lines, []):
    # The prompt is the last that was written, and nothing more comes.
    while time.time() < deadline and not over:
        more = read(0.3)
        if not more and b"> " in seen[seen.rfind(b"\n") + 1:] and b"\n" in seen:
            break
    if line == "PAUSE":
        open("paused", "w").close()
        while time.time() < deadline and not os.path.exists("resumed"):
            time.sleep(0.05)
        continue
    seen += b"\n"
    os.write(terminal, line.encode())
while time.time() < deadline and not over:
    read(1)
ended, status = os.waitpid(pid, os.WNOHANG)
while not ended and time.time() < deadline:
    time.sleep(0.05)
    ended, status = os.waitpid(pid, os.WNOHANG)
if not ended:
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(status))
"#;

/// What was seen on the terminal, without escape sequences.
fn typed(workspace: &Workspace, arguments: &[&str], lines: &[&str], variables: &[(&str, &str)]) -> Option<Output> {
    let footnote = workspace.command(arguments);
    let mut command = Command::new("python3");
    for (name, value) in footnote.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let program = [&[env!("CARGO_BIN_EXE_footnote")], arguments].concat().join("\u{1f}");
    let typed = if lines.is_empty() { Vec::new() } else { vec![lines.join("\u{1f}")] };
    command.args(["-c", TYPIST, &program]).args(typed).current_dir(workspace.folder());
    command.env("TERM", "xterm").env("COLUMNS", "90").env("XDG_STATE_HOME", workspace.folder().join("state"));
    let output = command.envs(variables.iter().copied()).output();
    let output = needs(Resource::Python, output.map_err(|error| format!("python3 does not run: {error}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "");
    Some(Output {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    })
}

#[cfg(unix)]
#[test]
fn on_a_terminal_that_has_links_titles_are_links() {
    let workspace = Workspace::with(ARTICLE);
    let link = "\u{1b}]8;;https://example.org/a%20b\u{1b}\\";
    for (arguments, variables, linked) in [
        (&["ask", QUESTION][..], &[("TERM", "xterm-kitty")][..], true),
        (&["ask", "--color", "never", QUESTION], &[("TERM", "xterm-kitty")], false),
        (&["ask", QUESTION], &[("TERM", "xterm-kitty"), ("FORCE_HYPERLINK", "0")], false),
        (&["ask", "--format", "md", QUESTION], &[("TERM", "xterm-kitty")], false),
        (&["ask", QUESTION], &[("TERM", "dumb"), ("FORCE_HYPERLINK", "1")], false),
    ] {
        let Some(output) = typed(&workspace, arguments, &[], variables) else { return };
        assert_eq!(output.code, 0, "{output:?}");
        assert_eq!(output.stdout.contains(link), linked, "{arguments:?} {variables:?}: {:?}", output.stdout);
    }
}

#[cfg(unix)]
#[test]
fn at_the_prompt_questions_are_answered_one_after_the_other_and_kept_for_the_next_time() {
    use std::os::unix::fs::PermissionsExt;

    let workspace = Workspace::with(ARTICLE);
    let lines = [
        ":help\r",
        "half a line\u{3}",
        "who expects the Fed to cut in 2026\r",
        ":1\r",
        ":open 1\r",
        ":7\r",
        ":nope\r",
        "\u{4}",
    ];
    let Some(output) = typed(&workspace, &["ask", "--color", "never"], &lines, &[]) else { return };
    assert_eq!(output.code, 0, "{output:?}");
    let seen = &output.stdout;
    for expected in [
        ":open N",
        &format!("{SENTENCE}[1]"),
        "There is no footnote 7",
        "Unknown command :nope",
        "The bakery on Mill Street opens at seven. »",
    ] {
        assert!(seen.contains(expected), "{expected}: {seen}");
    }
    assert!(!seen.contains("half a line[") && seen.matches("[1] Rates").count() >= 3, "{seen}");

    let file = workspace.folder().join("state/footnote/history");
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.contains(QUESTION) && !kept.contains("half") && !kept.contains(":help"), "{kept}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "nobody else may read it");
    // Up, and Enter: the question of last time.
    let again = typed(&workspace, &["ask", "--color", "never"], &["\u{1b}[A\r", ":quit\r"], &[]).unwrap();
    assert!(again.code == 0 && again.stdout.contains(&format!("{SENTENCE}[1]")), "{again:?}");
}

#[test]
fn a_history_that_is_not_wanted_is_not_kept() {
    let workspace = Workspace::with(ARTICLE);
    let lines = ["when does the bakery open\r", "\u{4}"];
    for (arguments, variables) in [
        (&["ask", "--no-history", "--color", "never"][..], &[][..]),
        (&["ask", "--color", "never"], &[("FOOTNOTE_HISTORY", "")]),
    ] {
        let Some(output) = typed(&workspace, arguments, &lines, variables) else { return };
        assert!(output.code == 0 && output.stdout.contains("opens at seven."), "{output:?}");
        assert!(!workspace.folder().join("state").exists());
    }
}

#[test]
fn at_the_prompt_another_server_at_the_address_is_not_asked() {
    let workspace = Workspace::with(ARTICLE);
    let foreign = Workspace::with("Carl Berg expects the Fed to cut rates nine times in 2026.\n");
    let serving = Server::over(&workspace, &exclusive_address(), &[]);
    let address = serving.address().to_owned();
    let question = format!("{QUESTION}\r");
    let lines = [question.as_str(), "PAUSE", question.as_str(), "\u{4}"];
    let variables = [("FOOTNOTE_SERVER_LISTEN", address.as_str()), ("FOOTNOTE_LOG_LEVEL", "warn,footnote=info")];
    std::thread::scope(|scope| {
        let prompt = scope.spawn(|| typed(&workspace, &["ask", "--color", "never"], &lines, &variables));
        while !prompt.is_finished() && !workspace.folder().join("paused").exists() {
            std::thread::sleep(Duration::from_millis(50));
        }
        drop(serving);
        let _other = Server::over(&foreign, &address, &[]);
        workspace.write("resumed", "");
        let Some(output) = prompt.join().unwrap() else { return };
        assert_eq!(output.code, 0, "{output:?}");
        let seen = &output.stdout;
        assert!(seen.contains("asking the server at") && seen.contains("serves another index"), "{seen}");
        assert!(seen.matches(&format!("{SENTENCE}[1]")).count() == 2 && !seen.contains("Carl Berg"), "{seen}");
    });
}

#[test]
fn what_is_piped_in_is_one_question_and_no_prompt() {
    let workspace = Workspace::with(ARTICLE);
    let mut child = workspace.command(&["ask"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(QUESTION.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && stdout.starts_with(SENTENCE), "{stdout}");
}
