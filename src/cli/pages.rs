//! The addresses of the web that `footnote ingest` was given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::Session;
use super::interrupt::Interrupt;
use crate::Error;
use crate::web::visit::{Order, Visit};
use crate::web::{Web, is_address, parse};

/// How pages are fetched.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pages of the web")]
pub(super) struct PageArgs {
    /// Also read pages to which a page links, so many links away, on the same host and below the same folder
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// Read at most so many pages of each address [default: 1000, or what the settings say]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_pages: Option<u32>,
    /// Also read the pages of other hosts that a sitemap or feed lists
    #[arg(long)]
    other_hosts: bool,
}

/// The pages to ingest. What is known of their hosts is kept from one visit to the next.
pub(super) struct PageSource {
    web: Arc<Web>,
    order: Order,
    interval: Duration,
    interrupt: Interrupt,
}

impl PageSource {
    /// Takes the addresses of the web out of `given`, which stays with files and folders. `None` if there are none. They are
    /// visited `anew`, or over and over, where `keeps_fresh` leaves out those that cannot have changed.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an address that cannot be fetched, and for options without one.
    pub(super) fn take(
        given: &mut Vec<PathBuf>,
        args: &PageArgs,
        (anew, keeps_fresh): (bool, bool),
        interrupt: &Interrupt,
        session: &Session,
    ) -> crate::Result<Option<Self>> {
        let mut urls = Vec::new();
        for path in given.extract_if(.., |path| path.to_str().is_some_and(is_address)) {
            urls.push(parse(&path.to_string_lossy())?);
        }
        if urls.is_empty() {
            if args.depth.is_some() || args.max_pages.is_some() || args.other_hosts {
                let reason = "--depth, --max-pages and --other-hosts are for pages of the web".into();
                return Err(Error::Input { reason, hint: "give an address such as https://example.org/".into() });
            }
            return Ok(None);
        }
        let web = Web::new(&session.config);
        urls.iter().for_each(|url| web.allow(url));
        let order = Order {
            urls,
            depth: args.depth.unwrap_or(0),
            max_pages: args.max_pages.map_or(session.config.web.max_pages, |pages| pages as usize),
            other_hosts: args.other_hosts,
            anew,
            keeps_fresh,
            ..Order::default()
        };
        let interval = Duration::from_secs(session.config.web.watch_seconds as u64);
        Ok(Some(Self { web: Arc::new(web), order, interval, interrupt: interrupt.clone() }))
    }

    /// The pause between two visits.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// A visit to all of them, which ends early when Ctrl-C is pressed. One that `only_looks` reads what is named, to learn
    /// what would be fetched.
    pub(super) fn visit(&self, only_looks: bool) -> Visit {
        let order = Order { only_looks, ..self.order.clone() };
        Visit::new(Arc::clone(&self.web), order, self.interrupt.cancel())
    }
}
