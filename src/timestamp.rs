//! Moments as records and the API write them: RFC 3339 in UTC, to the second. As text they sort by time.

use jiff::Timestamp;

/// Now.
pub(crate) fn now() -> String {
    written(Timestamp::now())
}

/// A moment.
pub(crate) fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_to_the_second_and_read_again() {
        assert_eq!(written("2026-01-31T19:30:00.5+01:00".parse().unwrap()), "2026-01-31T18:30:00Z");
        assert!(now().parse::<Timestamp>().is_ok_and(|moment| moment <= Timestamp::now()));
    }
}
