//! Checks of the machine: Python with pip, free disk space, the server's port, the locale.

use std::net::{TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::footnote::free_bytes;
use crate::{Config, model_store};
use indicatif::BinaryBytes;

use super::check::Check;
use crate::cli::Exit;
use crate::cli::server::{self, Found, Server, ServerInfo};

/// Fetching the default model needs half of it for a moment.
const LITTLE_ROOM_BYTES: u64 = 1024 * 1024 * 1024;
const ELSEWHERE: &str = "`footnote serve --listen` and [server] listen choose another address";

/// Whether pip, which downloads models, works.
pub(super) fn fetcher() -> Check {
    match model_store::fetcher() {
        Ok(version) => Check::well("pip", version),
        Err(error) => Check::failed("pip", &error),
    }
}

/// Whether the process that reads files starts, and which limits this system sets it.
pub(super) fn reader(config: &Config) -> Check {
    let name = "reader";
    let reading = crate::engine::reader(config, Arc::new(Mutex::new(Box::new(|_| {}))));
    let enforced = match reading.enforced() {
        Ok(enforced) => enforced,
        Err(failure) => return Check::wrong(name, Exit::Other, failure.reason, failure.hint),
    };
    let limits = [
        ("memory", enforced.memory),
        ("processor time", enforced.processor_time),
        ("files and connections (Landlock)", enforced.files),
        ("system calls (seccomp)", enforced.calls),
    ];
    let named = |held: bool| limits.iter().filter(|limit| limit.1 == held).map(|limit| limit.0).collect::<Vec<_>>();
    let missing = named(false);
    if missing.is_empty() {
        return Check::well(name, format!("a process of its own, limited in {}", named(true).join(", ")));
    }
    let found = format!("a process of its own, but this system does not limit its {}", missing.join(", "));
    Check::note(name, found, "ingest PDF, Office files and mail from origins that you trust; the limit of time holds")
}

/// Free space where the index and the models are; `None` if the system does not report it.
pub(super) fn disk(config: &Config) -> Option<Check> {
    let folders = [&config.index.dir, &config.model.dir];
    let free: Vec<(PathBuf, u64)> = folders
        .into_iter()
        .filter_map(|folder| {
            let folder = existing(folder)?;
            let free = free_bytes(&folder)?;
            Some((folder, free))
        })
        .collect();
    let (folder, least) = free.into_iter().min_by_key(|(_, free)| *free)?;
    let found = format!("{} free at {}", BinaryBytes(least), folder.display());
    Some(if least < LITTLE_ROOM_BYTES {
        Check::note("disk", found, "free some space; a write to a full disk fails, but nothing that was stored is lost")
    } else {
        Check::well("disk", found)
    })
}

/// The folder, or its nearest ancestor that exists.
pub(super) fn existing(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    folder.ancestors().find(|folder| folder.is_dir()).map(Path::to_owned)
}

/// What answers at the address of `footnote serve`.
pub(super) fn port(config: &Config) -> Check {
    let listen = &config.server.listen;
    if let Err(error) = listen.to_socket_addrs() {
        let found = format!("[server] listen is `{listen}`: {error}");
        return Check::wrong("server", Exit::Usage, found, "give an address and a port, such as 127.0.0.1:8642");
    }
    match server::probe(config) {
        Found::Nothing => match TcpListener::bind(listen) {
            Ok(_) => Check::well("server", format!("none at {listen}; the port is free")),
            Err(error) => {
                Check::note("server", format!("none at {listen}, and the address cannot be used: {error}"), ELSEWHERE)
            }
        },
        Found::Footnote(ServerInfo { version, identity: Some(_) }) => {
            let use_made = use_made_of_server(config);
            Check::well("server", format!("Footnote {version} serves this index at {listen}; {use_made}"))
        }
        Found::Footnote(ServerInfo { version, .. }) => Check::note(
            "server",
            format!(
                "Footnote {version} at {listen} serves another index, or has other settings, another build or user; \
                 commands do not use it"
            ),
            "start it with the same program, settings and index, or give one of them another address with [server] listen",
        ),
        Found::Other => Check::note(
            "server",
            format!("another program listens at {listen}, or a server that is too busy to answer"),
            ELSEWHERE,
        ),
    }
}

/// Whether commands use a server that serves the same index with the same settings.
fn use_made_of_server(config: &Config) -> String {
    if !config.ask.use_server {
        "commands do not use it, by [ask] use_server".to_owned()
    } else if Server::find(config).is_some() {
        "ask, search, ingest and rm use it".to_owned()
    } else {
        format!("commands do not use it: it is not ready, or does not hold {}", config.index.collection)
    }
}

/// The character set of the terminal.
pub(super) fn locale() -> Check {
    match (named_locale(), has_unicode()) {
        (Some(locale), true) => Check::well("locale", locale),
        (None, true) => Check::well("locale", "the system's default"),
        (locale, false) => Check::note(
            "locale",
            format!("{} is not UTF-8, so documents may look wrong", locale.as_deref().unwrap_or("none is set, and C")),
            "set LANG to a locale of UTF-8, such as C.UTF-8 or en_US.UTF-8",
        ),
    }
}

/// Whether characters beyond ASCII can be shown.
pub(super) fn has_unicode() -> bool {
    // Terminals of these systems use UTF-8 even if no locale is set.
    named_locale().map_or(cfg!(any(windows, target_os = "macos")), |locale| is_utf8(&locale))
}

/// The locale for characters: the first of these variables that is set (POSIX).
fn named_locale() -> Option<String> {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set)
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_utf8_by_its_name() {
        assert!(is_utf8("C.UTF-8") && is_utf8("en_US.utf8"));
        assert!(!is_utf8("C") && !is_utf8("zh_TW.BIG5"));
    }

    #[cfg(unix)]
    #[test]
    fn free_room_is_what_the_system_reports() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_bytes(folder.path()).is_some_and(|free| free > 0 && free % 512 == 0));
        assert_eq!(free_bytes(&folder.path().join("missing")), None);
    }

    #[test]
    fn the_nearest_folder_that_is_there_is_found() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(existing(&folder.path().join("a/b")), Some(std::path::absolute(folder.path()).unwrap()));
    }
}
