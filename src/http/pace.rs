//! How many requests a key may send.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Names that are remembered. Beyond that, those that have not sent anything for a while are forgotten.
const MANY_NAMES: usize = 10_000;

/// A limit on the requests of each caller: so many at once, and as many a minute in the long run (the generic cell rate
/// algorithm).
pub(super) struct Pace {
    limiter: Option<DefaultKeyedRateLimiter<String>>,
}

impl Pace {
    /// So many requests a minute; 0 for no limit.
    pub(super) fn new(requests_per_minute: u32) -> Self {
        let quota = NonZeroU32::new(requests_per_minute).map(Quota::per_minute);
        Self { limiter: quota.map(RateLimiter::keyed) }
    }

    /// Counts a request.
    ///
    /// # Errors
    ///
    /// The time after which the next request will be accepted, if this one is too much.
    pub(super) fn check(&self, name: &str) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if limiter.len() > MANY_NAMES {
            limiter.retain_recent();
        }
        limiter.check_key(&name.to_owned()).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_its_own_limit() {
        let pace = Pace::new(2);
        assert!(pace.check("a").is_ok() && pace.check("a").is_ok());
        let wait = pace.check("a").unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(30), "{wait:?}");
        assert!(pace.check("b").is_ok());
    }

    #[test]
    fn without_a_limit_everything_passes() {
        let pace = Pace::new(0);
        assert!((0..1000).all(|_| pace.check("a").is_ok()));
    }
}
