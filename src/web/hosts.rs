//! One request at a time for each host, with the pauses that it asks for, and only for what its robots.txt allows
//! (RFC 9309).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant, SystemTime};

use robotxt::{BYTE_LIMIT, Robots};
use url::Url;

use super::Web;
use super::exchange::{Outgoing, Response, exchange};
use super::header::{Conditions, NAME, retry_after};
use super::trouble::{Kind, Trouble};
use crate::cancel::Cancel;

/// How long a robots.txt counts. The RFC allows a day.
const ROBOTS_FOR: Duration = Duration::from_hours(1);
/// How long it counts that one could not be read.
const FAILURE_FOR: Duration = Duration::from_mins(1);
/// The RFC asks for at least five.
const MAX_REDIRECTS: usize = 5;
/// So many hosts are remembered at once.
const MAX_HOSTS: usize = 500;
/// So many robots.txt of one host, which differ by scheme and port.
const MAX_SITES: usize = 8;
/// How often a request is sent whose server asks for patience.
const MAX_ATTEMPTS: usize = 3;
/// How soon a cancelled wait ends.
const STEP: Duration = Duration::from_millis(50);

/// All hosts that were asked for something.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Arc<Host>>>);

#[derive(Debug, Default)]
struct Host {
    /// Held while the host answers.
    turn: Mutex<Turn>,
    /// By scheme, host and port.
    robots: Mutex<HashMap<String, Known>>,
}

#[derive(Debug, Default)]
struct Turn {
    /// When the last request ended.
    ended: Option<Instant>,
    /// The pause that its robots.txt asks for.
    delay: Duration,
    /// Until when it wants no requests.
    closed: Option<Instant>,
}

/// A robots.txt, or why there is none.
#[derive(Debug, Clone)]
struct Known {
    rules: Result<Arc<Robots>, Trouble>,
    until: Instant,
}

impl Hosts {
    fn of(&self, url: &Url) -> Arc<Host> {
        let name = url.host_str().unwrap_or_default();
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MAX_HOSTS {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        Arc::clone(hosts.entry(name.to_owned()).or_default())
    }
}

impl Host {
    /// Waits until no other request to the host is under way.
    fn turn(&self, cancel: &Cancel) -> Result<MutexGuard<'_, Turn>, Trouble> {
        loop {
            match self.turn.try_lock() {
                Ok(turn) => return Ok(turn),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => wait(STEP, cancel)?,
            }
        }
    }
}

/// Waits, unless that is cancelled.
fn wait(duration: Duration, cancel: &Cancel) -> Result<(), Trouble> {
    let end = Instant::now() + duration;
    loop {
        cancel.check().map_err(|_| Trouble::cancelled())?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(STEP));
    }
}

impl Web {
    /// Refuses a page that the robots.txt of its host does not allow.
    pub(super) fn check_robots(&self, url: &Url, cancel: &Cancel) -> Result<(), Trouble> {
        if self.rules(url, cancel)?.is_url_allowed(url) {
            return Ok(());
        }
        let hint = "ask the owner of the site, or save the page in a browser and ingest the file";
        Err(Trouble::unwanted("may not be read, says the robots.txt of its site", hint))
    }

    /// The rules of a page's site for this program.
    fn rules(&self, url: &Url, cancel: &Cancel) -> Result<Arc<Robots>, Trouble> {
        let host = self.hosts.of(url);
        let site = url[..url::Position::AfterPort].to_owned();
        let known = host.robots.lock().unwrap_or_else(PoisonError::into_inner).get(&site).cloned();
        if let Some(Known { rules, .. }) = known.filter(|known| Instant::now() < known.until) {
            return rules;
        }
        let rules = self.fetch_rules(url, cancel).map(Arc::new);
        if matches!(&rules, Err(Trouble { kind: Kind::Cancelled, .. })) {
            return rules;
        }
        let lasts = if rules.is_ok() { ROBOTS_FOR } else { FAILURE_FOR };
        if let Ok(rules) = &rules {
            host.turn(cancel)?.delay = rules.crawl_delay().unwrap_or_default();
        }
        let known = Known { rules: rules.clone(), until: Instant::now() + lasts };
        let mut robots = host.robots.lock().unwrap_or_else(PoisonError::into_inner);
        if robots.len() >= MAX_SITES {
            robots.clear();
        }
        robots.insert(site, known);
        rules
    }

    fn fetch_rules(&self, url: &Url, cancel: &Cancel) -> Result<Robots, Trouble> {
        let mut url = url.clone();
        url.set_path("/robots.txt");
        url.set_query(None);
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(&url, &Conditions::default(), Some(BYTE_LIMIT + 1), cancel)?;
            match response.status {
                200 => return Ok(Robots::parse(&response.body, NAME)),
                300..=399 => match super::follow::location(&url, &response.headers) {
                    Some(target) => url = target,
                    None => return Ok(Robots::allow_all()),
                },
                // Of a host whose rules cannot be read, nothing may be.
                status @ 500.. => {
                    let reason = format!("is not fetched: the robots.txt of its site cannot be read (status {status})");
                    return Err(Trouble::failed(reason, "try again later"));
                }
                _ => return Ok(Robots::allow_all()),
            }
        }
        Ok(Robots::allow_all())
    }

    /// Sends a request when it is the host's turn. `cut_at` is for the beginning of a larger body.
    pub(super) fn send(
        &self,
        url: &Url,
        conditions: &Conditions,
        cut_at: Option<usize>,
        cancel: &Cancel,
    ) -> Result<Response, Trouble> {
        let host = self.hosts.of(url);
        let mut turn = host.turn(cancel)?;
        let (max_bytes, cuts) = (cut_at.unwrap_or(self.limits.max_bytes), cut_at.is_some());
        let outgoing = Outgoing { url, conditions, max_bytes, cuts, timeout: self.limits.timeout };
        for attempt in 1.. {
            if let Some(left) = turn.closed.and_then(|until| until.checked_duration_since(Instant::now())) {
                return Err(busy(left));
            }
            let pause = self.limits.pause.max(turn.delay.min(self.limits.max_wait));
            if let Some(ended) = turn.ended {
                wait((ended + pause).saturating_duration_since(Instant::now()), cancel)?;
            }
            // A query may have a secret in it.
            tracing::debug!("GET {}", &url[..url::Position::AfterPath]);
            let response = exchange(&outgoing, &self.reach, cancel);
            turn.ended = Some(Instant::now());
            let response = response?;
            if !matches!(response.status, 429 | 503) {
                return Ok(response);
            }
            match retry_after(&response.headers, SystemTime::now()) {
                Some(asked) if asked <= self.limits.max_wait && attempt < MAX_ATTEMPTS => wait(asked, cancel)?,
                Some(asked) => {
                    turn.closed = Instant::now().checked_add(asked);
                    return Err(busy(asked));
                }
                None => {
                    let reason =
                        format!("cannot be fetched now: its server has too much to do (status {})", response.status);
                    return Err(Trouble::failed(reason, "try again later"));
                }
            }
        }
        Err(Trouble::cancelled())
    }
}

fn busy(left: Duration) -> Trouble {
    let reason = format!("cannot be fetched now: its server asks to come again in {} s", left.as_secs().max(1));
    Trouble::failed(
        reason,
        "try again later; [web] max_wait_seconds in config.toml says how long Footnote waits itself",
    )
}

#[cfg(test)]
mod tests {
    use robotxt::Robots;
    use url::Url;

    use super::NAME;

    /// The examples of RFC 9309, section 5.
    #[test]
    fn rules_are_read_as_the_rfc_says() {
        let simple = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
                      User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
                      User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\n\
                      User-Agent: quxbot\n";
        let allowed = |text: &str, name: &str, path: &str| {
            let url = Url::parse(&format!("https://site.example{path}")).unwrap();
            Robots::parse(text.as_bytes(), name).is_url_allowed(&url)
        };
        for (name, path, expected) in [
            ("foobot", "/", false),
            ("foobot", "/example/page.html", true),
            ("foobot", "/example/allowed.gif", true),
            ("barbot", "/example/page.html", false),
            ("barbot", "/example/other.html", true),
            ("bazbot", "/example/page.html", false),
            ("quxbot", "/anything", true),
            (NAME, "/a.gif", false),
            (NAME, "/a.gif?b", true),
            (NAME, "/example/page.html", false),
            (NAME, "/publications/", true),
        ] {
            assert_eq!(allowed(simple, name, path), expected, "{name} {path}");
        }
        // The longest match, and of equals the one that allows.
        let longest = "User-Agent: Footnote\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n";
        assert!(!allowed(longest, NAME, "/example/page/disallowed.gif"));
        assert!(allowed(longest, NAME, "/example/page/other"));
        assert!(allowed("user-agent: *\nallow: /a\ndisallow: /a\n", NAME, "/a"));
        // Escapes mean the same as the characters (section 2.2.2).
        let escapes = "User-Agent: *\nDisallow: /foo/bar/ツ\nDisallow: /a%2fb\nDisallow: /%62ook\n";
        for (path, expected) in
            [("/foo/bar/%E3%83%84", false), ("/a%2Fb", false), ("/a/b", true), ("/book", false), ("/boo", true)]
        {
            assert_eq!(allowed(escapes, NAME, path), expected, "{path}");
        }
    }
}
