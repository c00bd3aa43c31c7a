//! `[web]`: fetching pages, sitemaps and feeds.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// `[web]`
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Pause between two requests to one host.
    pub pause_seconds: usize,
    /// The longest pause that a host may ask for.
    pub max_wait_seconds: usize,
    /// Time limit on one page.
    pub timeout_seconds: usize,
    /// The most pages of one address that is named.
    pub max_pages: usize,
    /// Pause between two rounds of `footnote ingest --watch`.
    pub watch_seconds: usize,
    /// Hosts that may have an address of a private network.
    pub private_hosts: Vec<String>,
}

impl WebConfig {
    /// Refuses values that parse but cannot work.
    pub(super) fn check(&self) -> Result<()> {
        for host in &self.private_hosts {
            let has_mark = host.contains(['/', '@', '*', '?', '#']) || host.contains(char::is_whitespace);
            let is_bare_v6 = host.matches(':').count() > 1 && !host.starts_with('[');
            if has_mark || is_bare_v6 || host.is_empty() {
                let wanted =
                    "a host such as \"wiki.example\", \"10.0.0.7:8080\" or \"[fd00::1]\", without a scheme and a path";
                let reason = format!("[web] private_hosts has `{host}`; it must be {wanted}");
                return Err(Error::Config { reason });
            }
        }
        Ok(())
    }
}
