//! The Prefer header (RFC 7240): whether a client waits for a write.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

const PREFER: &str = "prefer";

/// The preferences of a request that Footnote knows. Others are ignored, as the RFC asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    /// `respond-async`: to be answered before the work is done.
    pub(super) respond_async: bool,
    /// `wait=N`: how long the client waits for the work.
    pub(super) wait: Option<Duration>,
}

impl Preferences {
    fn of(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        for preference in values.flat_map(|value| value.split(',')) {
            // Parameters of a preference follow a semicolon.
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => preferences.respond_async = true,
                "wait" => {
                    let seconds = value.trim().trim_matches('"').parse().ok();
                    preferences.wait = preferences.wait.or(seconds.map(Duration::from_secs));
                }
                _ => {}
            }
        }
        preferences
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Preferences {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_in_the_forms_of_the_rfc_and_others_are_ignored() {
        let of = |values: &[&str]| {
            Preferences::of(&values.iter().map(|value| (PREFER.parse().unwrap(), value.parse().unwrap())).collect())
        };
        let both = Preferences { respond_async: true, wait: Some(Duration::from_secs(10)) };
        for values in [
            &["respond-async, wait=10"][..],
            &["Respond-Async; x=1, WAIT = \"10\""],
            &["respond-async", "wait=10"],
            &["wait=10, wait=20, respond-async, return=minimal"],
        ] {
            assert_eq!(of(values), both, "{values:?}");
        }
        for values in [&[][..], &["wait=soon"], &["wait=-1"], &["respond-asynchronously"], &["x=\"respond-async\""]] {
            assert_eq!(of(values), Preferences::default(), "{values:?}");
        }
    }
}
