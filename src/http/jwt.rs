//! `LibreChat`'s tokens: JSON Web Tokens (RFC 7519) that it signs for each request with a secret that both sides know.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

/// Clocks of two machines may differ by so much, in seconds.
const LEEWAY: i64 = 30;

/// The secret.
#[derive(Clone)]
pub(super) struct Secret(Vec<u8>);

/// Not the secret itself.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    id: Option<String>,
    exp: Option<i64>,
    nbf: Option<i64>,
}

impl Secret {
    pub(super) fn new(secret: &str) -> Self {
        Self(secret.as_bytes().to_vec())
    }

    /// The user that a token names, if it names one.
    ///
    /// # Errors
    ///
    /// Why the token is not accepted at the time `now`, in seconds since 1970.
    pub(super) fn user(&self, token: &str, now: i64) -> Result<Option<String>, &'static str> {
        const SHAPE: &str = "is not a JSON Web Token";
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SHAPE);
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| SHAPE);
        let Header { alg } = serde_json::from_slice(&decode(header)?).map_err(|_| SHAPE)?;
        // Never what the token chooses: `none` would need no secret.
        if alg != "HS256" {
            return Err("is not signed with HS256");
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| SHAPE)?;
        mac.update(header.as_bytes());
        mac.update(b".");
        mac.update(claims.as_bytes());
        mac.verify_slice(&decode(signature)?).map_err(|_| "is signed with another secret")?;
        let Claims { id, exp, nbf } = serde_json::from_slice(&decode(claims)?).map_err(|_| SHAPE)?;
        if exp.is_none_or(|exp| exp.saturating_add(LEEWAY) < now) {
            return Err("has expired");
        }
        if nbf.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
            return Err("is not valid yet");
        }
        Ok(id)
    }

    /// A token for a user, as `LibreChat` signs it.
    #[cfg(test)]
    pub(super) fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    #[test]
    fn the_example_of_the_standard_for_signatures_is_accepted() {
        // RFC 7515, appendix A.1. Its claims have no `id`.
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = Secret(URL_SAFE_NO_PAD.decode(secret).unwrap());
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                     eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
                     dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(secret.user(token, 1_300_819_380), Ok(None));
        assert_eq!(secret.user(token, 1_300_819_380 + 3600), Err("has expired"));
    }

    #[test]
    fn a_token_of_another_secret_another_time_or_without_a_signature_is_refused() {
        let (ours, theirs) = (Secret::new("ours"), Secret::new("theirs"));
        let claims = r#"{"id":"u1","iat":1000,"exp":1300}"#;
        let token = ours.sign(HEADER, claims);
        assert_eq!(ours.user(&token, 1100), Ok(Some("u1".into())));
        assert_eq!(theirs.user(&token, 1100), Err("is signed with another secret"));
        assert_eq!(ours.user(&token, 1400), Err("has expired"));
        assert_eq!(ours.user(&ours.sign(HEADER, r#"{"nbf":2000,"exp":3000}"#), 1100), Err("is not valid yet"));
        let none = ours.sign(r#"{"alg":"none"}"#, claims);
        assert_eq!(ours.user(&none, 1100), Err("is not signed with HS256"));
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(
            ours.user(&unsigned, 1100).is_err() && ours.user("", 1100).is_err() && ours.user("fn-00", 1100).is_err()
        );
        assert!(!format!("{ours:?}").contains("ours"));
    }

    proptest! {
        #[test]
        fn no_token_makes_it_panic_and_none_but_ours_is_accepted(token in "[A-Za-z0-9_.=-]{0,60}|.{0,40}") {
            prop_assert!(Secret::new("s").user(&token, 0).is_err());
        }
    }
}
