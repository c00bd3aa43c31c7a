//! The id of a request, which its client, the log and the problems of the request have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that has it, both ways.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MAX_CHARS: usize = 128;

/// The id of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestId(Arc<str>);

impl RequestId {
    /// The one that the client or a proxy gave the request, if it can be in a log and a header as it is; else a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_sane(id));
        Self(given.map_or_else(new, str::to_owned).into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// As a header's value; `None` never happens, since every id is plain.
    pub(super) fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// Letters, digits and the marks of usual ids: nothing that ends a line or starts a field.
fn is_sane(id: &str) -> bool {
    (1..=MAX_CHARS).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'+' | b'='))
}

/// Thirty-two hexadecimal digits, random.
fn new() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut bytes = [0; 16];
    // Without random bytes a number tells the requests of this process apart.
    if getrandom::fill(&mut bytes).is_err() {
        bytes[8..].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    }
    format!("{:032x}", u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_given_is_kept_if_it_is_plain() {
        let of = |value: &str| RequestId::of(&[(HEADER, value.parse().unwrap())].into_iter().collect()).0.to_string();
        for id in ["a", "01JABC.x_y", "Root=1-67891233-abcdef012345678912345678", &"x".repeat(128)] {
            assert_eq!(of(id), *id);
        }
        for id in ["", "a b", "a\"b", "a,b", &"x".repeat(129)] {
            let made = of(id);
            assert!(made != *id && made.len() == 32, "{id}");
        }
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
