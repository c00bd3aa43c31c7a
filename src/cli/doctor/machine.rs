//! What the machine has to offer: Python with pip, room on its disks, a port, a locale.

use std::net::{TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::wire::ServerInfo;
use crate::{Config, model_store};
use indicatif::BinaryBytes;

use super::check::Check;
use crate::cli::Exit;
use crate::cli::server::{self, Found, Server};

/// Fetching the default model needs half of it for a moment.
const LITTLE_ROOM_BYTES: u64 = 1024 * 1024 * 1024;
const ELSEWHERE: &str = "`footnote serve --listen` and [server] listen choose another address";

/// What models are fetched with, where something has to be.
pub(super) fn fetcher() -> Check {
    match model_store::fetcher() {
        Ok(told) => Check::well("pip", told),
        Err(error) => Check::failed("pip", &error),
    }
}

/// Room where the index and the models are; nothing where the system does not tell.
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
    let told = format!("{} free at {}", BinaryBytes(least), folder.display());
    Some(if least < LITTLE_ROOM_BYTES {
        Check::note("disk", told, "free some space: a write that finds none is refused, and nothing is lost")
    } else {
        Check::well("disk", told)
    })
}

/// The folder, or the nearest one above it that is there.
pub(super) fn existing(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    folder.ancestors().find(|folder| folder.is_dir()).map(Path::to_owned)
}

/// As `df` of POSIX tells it.
fn free_bytes(folder: &Path) -> Option<u64> {
    let output =
        Command::new("df").arg("-Pk").arg("--").arg(folder).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    parse_df(&String::from_utf8_lossy(&output.stdout))
}

/// The available blocks: the number before the one with a percent sign.
fn parse_df(table: &str) -> Option<u64> {
    let words: Vec<&str> = table.lines().nth(1)?.split_whitespace().collect();
    let share =
        words.iter().position(|word| word.strip_suffix('%').is_some_and(|share| share.parse::<u8>().is_ok()))?;
    words.get(share.checked_sub(1)?)?.parse::<u64>().ok()?.checked_mul(1024)
}

/// Who answers at the address that `footnote serve` listens at.
pub(super) fn port(config: &Config) -> Check {
    let listen = &config.server.listen;
    if let Err(error) = listen.to_socket_addrs() {
        let told = format!("[server] listen is `{listen}`: {error}");
        return Check::wrong("server", Exit::Usage, told, "give an address and a port, such as 127.0.0.1:8642");
    }
    match server::probe(config) {
        Found::Nothing => match TcpListener::bind(listen) {
            Ok(_) => Check::well("server", format!("none at {listen}; the port is free")),
            Err(error) => {
                Check::note("server", format!("none at {listen}, nor could one listen there: {error}"), ELSEWHERE)
            }
        },
        Found::Footnote(ServerInfo { version, answers_alike: true }) => {
            let use_made = use_made_of_server(config);
            Check::well("server", format!("Footnote {version} serves this index at {listen}; {use_made}"))
        }
        Found::Footnote(ServerInfo { version, .. }) => Check::note(
            "server",
            format!(
                "Footnote {version} at {listen} serves another index, or has other settings, another build or user; ask and \
                 search do without"
            ),
            "start it with the same program, settings and index, or give one of them another address with [server] listen",
        ),
        Found::Other => Check::note(
            "server",
            format!("another program answers at {listen}, or a server that is too busy to"),
            ELSEWHERE,
        ),
    }
}

/// What ask and search do with a server that would answer alike.
fn use_made_of_server(config: &Config) -> String {
    if !config.ask.use_server {
        "[ask] use_server says not to use it".to_owned()
    } else if Server::find(config).is_some() {
        "ask and search use it".to_owned()
    } else {
        format!("it is not ready, or does not hold {}, so ask and search do without", config.index.collection)
    }
}

/// The character set of the terminal.
pub(super) fn locale() -> Check {
    match (named_locale(), has_unicode()) {
        (Some(locale), true) => Check::well("locale", locale),
        (None, true) => Check::well("locale", "the system's own"),
        (locale, false) => Check::note(
            "locale",
            format!("{} is not UTF-8, so documents may look wrong", locale.as_deref().unwrap_or("none is set, and C")),
            "set LANG to a locale of UTF-8, such as C.UTF-8 or en_US.UTF-8",
        ),
    }
}

/// Whether marks beyond ASCII can be shown.
pub(super) fn has_unicode() -> bool {
    // Where no locale is named there are systems with terminals that know UTF-8 all the same.
    named_locale().map_or(cfg!(any(windows, target_os = "macos")), |locale| is_utf8(&locale))
}

/// The locale for characters, by the variable that counts (POSIX).
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

    #[test]
    fn free_room_is_read_from_what_df_says() {
        let table = "Filesystem     1024-blocks      Used Available Capacity Mounted on\n\
                     /dev/my disk     263174212 101112408 148619312      41% /a folder\n";
        assert_eq!(parse_df(table), Some(148_619_312 * 1024));
        for other in ["", "df: no such file", "Filesystem\n/dev/x - - - - /\n", "Filesystem\n 41% /\n"] {
            assert_eq!(parse_df(other), None, "{other}");
        }
    }

    #[test]
    fn the_nearest_folder_that_is_there_is_found() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(existing(&folder.path().join("a/b")), Some(std::path::absolute(folder.path()).unwrap()));
    }
}
