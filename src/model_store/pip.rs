//! Fetches pinned wheels with pip, which uses the mirror, proxy and certificates that the user has set up for it.
//!
//! pip downloads a wheel to a file of the same name below `TMPDIR` and copies it to the destination after checking its
//! hash. It reports no progress to programs, so `TMPDIR` is a folder of ours, and the size of its files is the progress.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::model::manifest::PackagedFile;

const INTERPRETERS: [&str; 2] = ["python3", "python"];
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The Python version that wheels are chosen for. No code in them runs, so the host's version does not matter.
const TARGET_PYTHON: &str = "3.11";

/// pip of the first Python on `search_path` that has it.
#[derive(Debug, Clone)]
pub(super) struct Pip {
    search_path: OsString,
}

impl Pip {
    /// Searches `PATH`.
    pub(super) fn from_environment() -> Self {
        Self { search_path: std::env::var_os("PATH").unwrap_or_default() }
    }

    #[cfg(test)]
    pub(super) fn on_path(search_path: impl Into<OsString>) -> Self {
        Self { search_path: search_path.into() }
    }

    /// Fetches the wheels of `files` into a folder below `staging`, an empty folder, and returns it.
    ///
    /// `progress` is called a few times a second with the bytes that have arrived. `model` is for errors.
    pub(super) fn download(
        &self,
        files: &[&PackagedFile],
        staging: &Path,
        model: &str,
        progress: &mut dyn FnMut(u64),
    ) -> Result<PathBuf> {
        let failed =
            |failure: Failure| Error::Model { model: model.to_owned(), reason: failure.reason, hint: failure.hint };
        let (wheels, temporary) = (staging.join("wheels"), staging.join("tmp"));
        for folder in [&wheels, &temporary] {
            std::fs::create_dir(folder).map_err(Error::io("create", folder))?;
        }
        let pins = staging.join("pins.txt");
        let requirements: String = files.iter().map(|file| file.requirement() + "\n").collect();
        std::fs::write(&pins, requirements).map_err(Error::io("write", &pins))?;

        let mut python_without_pip = None;
        for python in INTERPRETERS.iter().filter_map(|name| self.find(name)) {
            let mut command = Command::new(&python);
            command
                .args(["-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"])
                .args(["--progress-bar", "off", "--no-deps", "--require-hashes", "--only-binary=:all:"])
                .args(["--implementation", "cp", "--python-version", TARGET_PYTHON]);
            // The hashes choose among the platforms, so all of them may be given for all packages.
            for platform in files.iter().flat_map(|file| &file.platforms) {
                command.args(["--platform", platform]);
            }
            command.arg("-d").arg(&wheels).arg("-r").arg(&pins);
            // `python -m` would import a `pip` that lies in the current folder.
            command.current_dir(&temporary).env("TMPDIR", &temporary).env("PATH", &self.search_path);

            let (status, log) = run(&mut command, &python, staging, progress)?;
            if status.success() {
                return Ok(wheels);
            }
            if !log.contains("No module named pip") {
                return Err(failed(Failure::of(&log, status)));
            }
            python_without_pip.get_or_insert(python);
        }
        Err(failed(Failure::no_pip(python_without_pip.as_deref())))
    }

    /// The version of pip and the Python that has it. Nothing is fetched.
    pub(super) fn version(&self) -> Result<String> {
        let failed =
            |failure: Failure| Error::Model { model: "pip".to_owned(), reason: failure.reason, hint: failure.hint };
        let mut python_without_pip = None;
        for python in INTERPRETERS.iter().filter_map(|name| self.find(name)) {
            let mut command = Command::new(&python);
            command.args(["-m", "pip", "--version"]).current_dir(std::env::temp_dir()).env("PATH", &self.search_path);
            let output = command.stdin(Stdio::null()).output().map_err(Error::io("run", &python))?;
            if output.status.success() {
                // `pip 25.1 from /usr/lib/… (python 3.13)`
                let stdout = String::from_utf8_lossy(&output.stdout);
                let version: Vec<_> = stdout.split_whitespace().take(2).collect();
                return Ok(format!("{} of {}", version.join(" "), python.display()));
            }
            python_without_pip.get_or_insert(python);
        }
        Err(failed(Failure::no_pip(python_without_pip.as_deref())))
    }

    fn find(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.search_path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(program))
            .find(|path| path.is_file())
    }
}

/// Runs pip to its end and returns what it wrote to its standard error.
fn run(
    command: &mut Command,
    python: &Path,
    staging: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(ExitStatus, String)> {
    // A file and not a pipe, which would have to be read while pip runs.
    let log_path = staging.join("pip.log");
    let log = File::create(&log_path).map_err(Error::io("create", &log_path))?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut running = Running(command.spawn().map_err(Error::io("run", python))?);
    let status = loop {
        if let Some(status) = running.0.try_wait().map_err(Error::io("wait for", python))? {
            break status;
        }
        progress(bytes_of_wheels(staging));
        std::thread::sleep(POLL_INTERVAL);
    };
    progress(bytes_of_wheels(staging));
    let log = std::fs::read(&log_path).map_err(Error::io("read", &log_path))?;
    Ok((status, String::from_utf8_lossy(&log).into_owned()))
}

/// A child process that is killed when its owner drops it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Bytes of the wheels below `folder`. A wheel that is being copied is there twice and counts once.
fn bytes_of_wheels(folder: &Path) -> u64 {
    let mut sizes: HashMap<OsString, u64> = HashMap::new();
    // Files appear and disappear during the walk; the next one counts them again.
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        if entry.path().extension().is_some_and(|extension| extension == "whl") {
            let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
            let size = sizes.entry(entry.file_name().to_owned()).or_default();
            *size = bytes.max(*size);
        }
    }
    sizes.values().sum()
}

/// Why pip failed, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    reason: String,
    hint: String,
}

impl Failure {
    fn no_pip(python_without_pip: Option<&Path>) -> Self {
        let reason = match python_without_pip {
            Some(python) => format!("it is fetched with pip, which {} does not have", python.display()),
            None => "it is fetched with pip, but there is no python3 on PATH".to_owned(),
        };
        let hint = format!("install Python 3 with pip (Debian, Ubuntu: `apt install python3-pip`), {COPY_HINT}");
        Self { reason, hint }
    }

    /// Classifies a failure by pip's messages.
    fn of(log: &str, status: ExitStatus) -> Self {
        const NETWORK: [&str; 7] = [
            "connection broken by",
            "NewConnectionError",
            "ConnectTimeout",
            "ReadTimeout",
            "Read timed out",
            "ProxyError",
            "ConnectionError",
        ];
        let said = |words: &str| log.contains(words);
        let (what, hint) = if said("DO NOT MATCH THE HASHES") {
            (
                "a package is not the one that was pinned, and was refused",
                "the package index, mirror or proxy that pip uses delivers another file; find out why, and do not use \
                 that file"
                    .to_owned(),
            )
        } else if said("No space left on device") || said("Errno 28") {
            ("the disk is full", "free some space (about 500 MB are needed for a moment) and try again".to_owned())
        } else if said("CERTIFICATE_VERIFY_FAILED") || said("SSLError") {
            (
                "the package index could not be reached securely",
                "give pip the certificate of your proxy (PIP_CERT) and try again".to_owned(),
            )
        } else if NETWORK.iter().any(|words| said(words)) {
            (
                "the package index could not be reached",
                format!("check the network and pip's settings (PIP_INDEX_URL, HTTPS_PROXY) and try again, {COPY_HINT}"),
            )
        } else if said("No matching distribution") {
            (
                "the package index does not have it",
                format!(
                    "if pip is old, update it (`python3 -m pip install --upgrade pip`); if it uses a mirror \
                     (`python3 -m pip config list`), choose one that has the package, {COPY_HINT}"
                ),
            )
        } else if said("no such option") {
            ("pip is too old", "update it: `python3 -m pip install --upgrade pip`".to_owned())
        } else {
            ("pip failed", super::RETRY_HINT.to_owned())
        };
        let quoted = last_lines(log);
        let reason =
            if quoted.is_empty() { format!("{what} ({status})") } else { format!("{what}; pip says: {quoted}") };
        Self { reason, hint }
    }
}

const COPY_HINT: &str = "or copy the models directory from a machine that has fetched it";

/// The most useful lines of the log, joined into one.
fn last_lines(log: &str) -> String {
    const LINES: usize = 4;
    const CHARS: usize = 240;
    let line = |line: &str| {
        let line = without_credentials(line.trim());
        let cut = line.char_indices().nth(CHARS).map(|(at, _)| at);
        cut.map_or_else(|| line.clone(), |at| format!("{}...", &line[..at]))
    };
    let noise = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with("[notice]")
    };
    // From the first line that pip calls an error, else the last lines.
    let lines: Vec<_> = log.lines().filter(|line| !noise(line)).collect();
    let from = lines.iter().position(|line| line.starts_with("ERROR"));
    let from = from.unwrap_or_else(|| lines.len().saturating_sub(LINES));
    lines[from..].iter().take(LINES).map(|text| line(text)).collect::<Vec<_>>().join(" | ")
}

/// A pip index may be configured with a password in its address; it must not get into logs.
fn without_credentials(line: &str) -> String {
    let mut parts = line.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let authority_end = part.find(['/', ' ', '\'', '"']).unwrap_or(part.len());
        let host = part[..authority_end].rfind('@').map_or(0, |at| at + 1);
        clean.push_str("://");
        clean.push_str(&part[host..]);
    }
    clean
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::fixture::{fake_python, packaged};
    use super::*;

    fn failure(scripts: &[(&str, &str)]) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        for (name, script) in scripts {
            fake_python(folder.path(), name, script);
        }
        let staging = tempfile::tempdir().unwrap();
        let pinned = packaged("some-package", "a.bin", b"");
        let error = Pip::on_path(folder.path()).download(&[&pinned], staging.path(), "m", &mut |_| {}).unwrap_err();
        (error.to_string(), error.hint().unwrap())
    }

    #[test]
    fn without_any_python_the_error_says_what_to_install() {
        let (message, hint) = failure(&[]);
        assert!(message.contains("no python3 on PATH"), "{message}");
        assert!(hint.contains("apt install python3-pip"), "{hint}");
    }

    #[test]
    fn a_python_without_pip_is_passed_over_for_the_next_and_named_when_there_is_none() {
        let without = "echo \"$0: No module named pip\" >&2; exit 1";
        let (message, _) = failure(&[("python3", without)]);
        assert!(message.contains("/python3 does not have"), "{message}");
        let (message, _) = failure(&[("python3", without), ("python", "echo 'ERROR: the second one' >&2; exit 1")]);
        assert!(message.contains("ERROR: the second one"), "{message}");
    }

    #[test]
    fn the_version_is_that_of_the_first_python_that_has_pip() {
        let folder = tempfile::tempdir().unwrap();
        let pip = Pip::on_path(folder.path());
        assert!(pip.version().unwrap_err().to_string().contains("no python3 on PATH"));
        fake_python(folder.path(), "python3", "exit 1");
        assert!(pip.version().unwrap_err().to_string().contains("/python3 does not have"));
        fake_python(folder.path(), "python", "echo 'pip 25.1 from /usr/lib (python 3.13)'");
        assert_eq!(pip.version().unwrap(), format!("pip 25.1 of {}/python", folder.path().display()));
    }

    #[test]
    fn an_unreachable_index_a_wrong_hash_and_a_missing_package_are_told_apart() {
        let (message, hint) = failure(&[(
            "python3",
            "echo \"WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(x)'\" >&2
             echo 'ERROR: No matching distribution found for some-package==1.0' >&2; exit 1",
        )]);
        assert!(message.contains("could not be reached") && message.contains("No matching distribution"), "{message}");
        assert!(hint.contains("network"), "{hint}");

        let (message, hint) = failure(&[(
            "python3",
            "echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you' >&2
             echo '    some-package==1.0 from a mirror:' >&2
             echo '        Expected sha256 aa' >&2; echo '             Got        bb' >&2; exit 1",
        )]);
        assert!(message.contains("not the one that was pinned") && message.contains("Got        bb"), "{message}");
        assert!(hint.contains("do not use"), "{hint}");

        let (message, hint) = failure(&[("python3", "echo 'ERROR: No matching distribution found for x' >&2; exit 1")]);
        assert!(message.contains("does not have it"), "{message}");
        assert!(hint.contains("update"), "{hint}");
    }

    #[test]
    fn a_full_disk_and_a_silent_failure_say_so() {
        let full = "echo 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device' >&2";
        let (message, hint) = failure(&[("python3", &format!("{full}; exit 1"))]);
        assert!(message.contains("disk is full") && hint.contains("free some space"), "{message} {hint}");
        let (message, _) = failure(&[("python3", "exit 7")]);
        assert!(message.contains("pip failed (exit status: 7)"), "{message}");
    }

    #[test]
    fn a_password_in_the_address_of_an_index_is_not_repeated() {
        let line = "Looking in https://me:secret@host/simple, 'http://u:p@other/x' and me@example.org";
        let clean = without_credentials(line);
        assert_eq!(clean, "Looking in https://host/simple, 'http://other/x' and me@example.org");
    }

    #[test]
    fn pip_is_asked_for_the_pins_alone_and_its_progress_is_the_size_of_its_wheels() {
        let folder = tempfile::tempdir().unwrap();
        fake_python(
            folder.path(),
            "python3",
            "echo \"$@\" > \"$TMPDIR/arguments\"
             mkdir \"$TMPDIR/pip-unpack\"; echo 12345 > \"$TMPDIR/pip-unpack/a-1.whl\"; cp \"$TMPDIR/pip-unpack/a-1.whl\" ../wheels
             sleep 0.3",
        );
        let staging = tempfile::tempdir().unwrap();
        let pinned = packaged("some-package", "a.bin", b"");
        let mut seen = Vec::new();
        let pip = Pip::on_path(format!("{}:/usr/bin:/bin", folder.path().display()));
        let wheels = pip.download(&[&pinned], staging.path(), "m", &mut |bytes| seen.push(bytes)).unwrap();
        assert!(wheels.join("a-1.whl").is_file());
        assert_eq!(seen.last(), Some(&6), "the copy is not counted twice");
        let arguments = std::fs::read_to_string(staging.path().join("tmp/arguments")).unwrap();
        for expected in ["-m pip download", "--require-hashes", "--only-binary=:all:", "--no-deps"] {
            assert!(arguments.contains(expected), "{arguments}");
        }
        let pins = std::fs::read_to_string(staging.path().join("pins.txt")).unwrap();
        assert_eq!(pins, format!("some-package==1.0 --hash=sha256:{}\n", pinned.wheel_sha256));
    }
}
