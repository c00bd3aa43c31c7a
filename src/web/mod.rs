//! Fetches documents from the web: pages, and what sitemaps and feeds list. Nothing is stored here.
//!
//! - [`visit`] goes from the addresses that somebody named to their pages, and reads each once.
//! - `follow` asks for one page, over its redirects; `hosts` keeps to what its host allows and how often.
//! - `exchange` is one request, to an address that [`address`] has judged.
//! - `listing` reads sitemaps and feeds, `header` what responses say besides their bodies.

mod address;
mod exchange;
mod follow;
mod header;
mod hosts;
mod listing;
mod named;
mod trouble;
pub(crate) mod visit;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use address::Reach;
pub(crate) use follow::Fetched;
pub(crate) use header::Conditions;
use hosts::Hosts;
#[cfg(feature = "cli")]
pub(crate) use named::is_address;
pub(crate) use named::{parse, same_site};
pub(crate) use trouble::{Kind, Trouble};
pub(crate) use url::Url;

use crate::config::Config;

/// What is kept of hosts while pages are fetched. All fetches of a process that may ask the same hosts share one.
#[derive(Debug)]
pub(crate) struct Web {
    limits: Limits,
    hosts: Hosts,
    reach: Reach,
    /// Until when pages are fresh, by the address that was asked for, with the one where they were found.
    fresh: Mutex<HashMap<String, (Instant, String)>>,
}

/// Limits of fetching.
#[derive(Debug, Clone)]
struct Limits {
    /// Between two requests to one host.
    pause: Duration,
    /// The longest pause that a host may ask for.
    max_wait: Duration,
    /// For one request, to the end of the response.
    timeout: Duration,
    /// The largest page.
    max_bytes: usize,
}

impl Web {
    /// Fetches by these settings.
    pub(crate) fn new(config: &Config) -> Self {
        let seconds = |seconds: usize| Duration::from_secs(seconds as u64);
        let web = &config.web;
        Self {
            limits: Limits {
                pause: seconds(web.pause_seconds),
                max_wait: seconds(web.max_wait_seconds),
                timeout: seconds(web.timeout_seconds),
                max_bytes: config.ingest.max_file_bytes,
            },
            hosts: Hosts::default(),
            reach: Reach::of_settings(&web.private_hosts),
            fresh: Mutex::default(),
        }
    }

    /// Where the page at an address is, if it is as fresh as its server said.
    fn fresh(&self, entry: &str) -> Option<String> {
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.get(entry).filter(|(until, _)| Instant::now() < *until).map(|(_, url)| url.clone())
    }

    /// Keeps for how long a page is fresh.
    fn keep_fresh(&self, entry: &str, url: &str, lasts: Duration) {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if lasts.is_zero() {
            fresh.remove(entry);
        } else {
            fresh.insert(entry.to_owned(), (Instant::now() + lasts, url.to_owned()));
        }
    }

    /// Lets the host of an address be one of this machine or of a private network, since the user named it.
    #[cfg(feature = "cli")]
    pub(crate) fn allow(&self, url: &Url) {
        self.reach.allow(url);
    }
}
