//! The part of a model hub's protocol that fetching a file needs: `GET /OWNER/NAME/resolve/REVISION/FILE`.
//!
//! The hub answers with the file or a redirect to where it lies, and says in headers which commit it took and, for a large file,
//! its size and SHA-256. Both are checked.

use std::fs::File;
use std::io::{Read, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use sha2::{Digest, Sha256};
use ureq::http::{HeaderMap, Response, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::config::is_commit;
use crate::error::{Error, Result};
use crate::model_store::wheel::hexadecimal;

/// The variable that names another hub or a mirror.
const ENDPOINT: &str = "HF_ENDPOINT";
/// The variable that holds a token.
const TOKEN: &str = "HF_TOKEN";
const USUAL_ENDPOINT: &str = "https://huggingface.co";

const COMMIT: &str = "x-repo-commit";
const LINKED_ETAG: &str = "x-linked-etag";
const LINKED_SIZE: &str = "x-linked-size";

const CONNECT: Duration = Duration::from_secs(15);
/// Time for the hub to begin its answer, and between two pieces of it.
const SILENCE: Duration = Duration::from_mins(1);
const MAX_REDIRECTS: usize = 5;
/// More than any model that Footnote lists.
const MAX_BYTES: u64 = 16 << 30;
const PIECE_BYTES: usize = 1 << 16;
/// Bytes between two reports of progress.
const REPORT_BYTES: u64 = 1 << 20;

/// A model hub.
pub(super) struct Hub {
    agent: Agent,
    /// Without a slash at its end.
    endpoint: String,
    /// The same for errors, without a name and a password.
    shown: String,
    token: Option<String>,
    /// The model that is fetched, for errors.
    label: String,
}

/// A file on a hub.
pub(super) struct Remote<'a> {
    /// `owner/name`
    pub(super) repository: &'a str,
    /// A commit, or a name of one.
    pub(super) revision: &'a str,
    /// Its path in the repository.
    pub(super) file: &'a str,
}

/// What the headers of a hub say of a file.
#[derive(Default)]
struct Told {
    commit: Option<String>,
    sha256: Option<String>,
    size_bytes: Option<u64>,
}

impl Hub {
    /// The hub that the environment names, else the usual one. Nothing is connected to yet.
    pub(super) fn from_environment(label: &str) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().map(|value| value.trim().to_owned());
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        Self::at(variable(ENDPOINT).as_deref().unwrap_or(USUAL_ENDPOINT), variable(TOKEN), label)
    }

    pub(super) fn at(endpoint: &str, token: Option<String>, label: &str) -> Result<Self> {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let failed =
            |reason: String, hint: &str| Error::Model { model: label.to_owned(), reason, hint: hint.to_owned() };
        let shown = without_credentials(&endpoint);
        if origin(&endpoint).is_none() {
            let reason = format!("{ENDPOINT} is `{shown}`, which is not the address of a model hub");
            return Err(failed(reason, "it begins with https:// or http://, and a host follows"));
        }
        let certificates = rustls_native_certs::load_native_certs().certs;
        if certificates.is_empty() && endpoint.starts_with("https://") {
            let reason = "the model hub cannot be reached: this machine has no certificates of authorities";
            return Err(failed(reason.to_owned(), "install ca-certificates"));
        }
        let roots: Vec<Certificate<'static>> =
            certificates.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .root_certs(RootCerts::from(roots))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(concat!("footnote/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            // Redirects are followed here: their headers count, and the token is for the hub alone.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE));
        if token.is_some() && is_readable_on_the_way(&shown) {
            tracing::warn!(
                "{TOKEN} is sent to {shown} without encryption, so others on the way can read it; use an https:// address"
            );
        }
        Ok(Self { agent: config.build().into(), endpoint, shown, token, label: label.to_owned() })
    }

    /// Writes a file to `to` and returns the commit that it is from. `progress` gets the bytes received and the size, if known.
    pub(super) fn fetch(
        &self,
        remote: &Remote<'_>,
        to: &Path,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<String> {
        let Remote { repository, revision, file } = remote;
        let (mut told, body) = self.find(remote)?;
        let commit = told.commit.take().filter(|commit| is_commit(commit));
        let commit = commit.ok_or_else(|| self.unreachable("its answer names no commit, as a model hub's does"))?;
        if is_commit(revision) && commit != *revision {
            let reason = format!("the hub answered with commit {commit} of {repository}, not {revision}");
            return Err(self.failed(reason, "try again, or name another hub in HF_ENDPOINT"));
        }
        told.size_bytes = told.size_bytes.or(body.content_length());
        let (received, sha256) = self.receive(body, to, told.size_bytes, progress)?;
        let is_whole = told.size_bytes.is_none_or(|expected| expected == received);
        if !is_whole || told.sha256.is_some_and(|expected| expected != sha256) {
            let reason = format!("{file} of {repository} came from the hub incomplete or damaged");
            return Err(self.failed(reason, "try again; nothing was installed"));
        }
        Ok(commit)
    }

    /// Follows redirects to the body of a file.
    fn find(&self, remote: &Remote<'_>) -> Result<(Told, Body)> {
        let Remote { repository, revision, file } = remote;
        let mut url = format!("{}/{repository}/resolve/{revision}/{file}", self.endpoint);
        let mut told = Told::default();
        for _ in 0..=MAX_REDIRECTS {
            let is_hub = origin(&url) == origin(&self.endpoint);
            let response =
                self.request(&url, is_hub).map_err(|error| self.unreachable(&self.without_own_credentials(&error)))?;
            if is_hub {
                told.add(response.headers());
            }
            match response.status().as_u16() {
                200 => return Ok((told, response.into_body())),
                301 | 302 | 303 | 307 | 308 => {
                    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
                    let next = location.and_then(|location| redirected(&url, location));
                    url = next.ok_or_else(|| self.unreachable("it redirects to an address that is not followed"))?;
                }
                401 | 403 => {
                    let reason =
                        format!("the hub refuses {file} of {repository} (status {})", response.status().as_u16());
                    let hint = match self.token.is_some() {
                        true => {
                            "the token in HF_TOKEN may have expired, or its account may still have to accept the model's \
                             terms"
                        }
                        false => {
                            "the model may need an account that accepted its terms: set HF_TOKEN to a token of that \
                             account"
                        }
                    };
                    return Err(self.failed(reason, hint));
                }
                404 => {
                    let reason = format!("{} has no {file} of {repository} at revision {revision}", self.shown);
                    return Err(self.failed(reason, "check HF_ENDPOINT and [model] revision, or set [model] path"));
                }
                status => return Err(self.unreachable(&format!("it answers with status {status}"))),
            }
        }
        Err(self.unreachable("it redirects without end"))
    }

    fn request(&self, url: &str, is_hub: bool) -> Result<Response<Body>, ureq::Error> {
        let mut request = self.agent.get(url).header(header::ACCEPT_ENCODING, "identity");
        if let Some(token) = self.token.as_ref().filter(|_| is_hub) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request.call()
    }

    /// An error may name the address that was asked.
    fn without_own_credentials(&self, error: &ureq::Error) -> String {
        let told = error.to_string();
        match (origin(&self.endpoint), origin(&self.shown)) {
            (Some(own), Some(shown)) => told.replace(own, shown),
            _ => told,
        }
    }

    /// Writes a body to a file. Returns its size and SHA-256.
    fn receive(
        &self,
        body: Body,
        to: &Path,
        size_bytes: Option<u64>,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(u64, String)> {
        let mut reader = body.into_with_config().limit(MAX_BYTES).reader();
        let mut file = File::create(to).map_err(Error::io("create", to))?;
        let (mut piece, mut sha256) = (vec![0; PIECE_BYTES], Sha256::new());
        let (mut received, mut reported) = (0_u64, 0_u64);
        progress(0, size_bytes);
        loop {
            let read = reader
                .read(&mut piece)
                .map_err(|error| self.unreachable(&format!("the download broke off: {error}")))?;
            if read == 0 {
                break;
            }
            file.write_all(&piece[..read]).map_err(Error::io("write", to))?;
            sha256.update(&piece[..read]);
            received += read as u64;
            if received - reported >= REPORT_BYTES {
                reported = received;
                progress(received, size_bytes);
            }
        }
        progress(received, size_bytes);
        Ok((received, hexadecimal(&sha256.finalize())))
    }

    fn failed(&self, reason: String, hint: &str) -> Error {
        Error::Model { model: self.label.clone(), reason, hint: hint.to_owned() }
    }

    fn unreachable(&self, why: &str) -> Error {
        let reason = format!("it cannot be downloaded from the model hub {}: {why}", self.shown);
        self.failed(
            reason,
            &format!(
                "check the network, or name another hub or a mirror in {ENDPOINT}; without a hub, copy the folder {} of the \
                 models directory from a machine that has it, or give the directory of a model as `path` instead of `name`",
                self.label
            ),
        )
    }
}

impl Told {
    /// What the first answer that says something says of it.
    fn add(&mut self, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_sha256 = |etag: &&str| etag.len() == 64 && etag.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sha256 = text(LINKED_ETAG).map(|etag| etag.trim_matches('"')).filter(is_sha256);
        self.commit = self.commit.take().or_else(|| text(COMMIT).map(str::to_owned));
        self.sha256 = self.sha256.take().or_else(|| sha256.map(str::to_lowercase));
        self.size_bytes = self.size_bytes.or_else(|| text(LINKED_SIZE).and_then(|size| size.parse().ok()));
    }
}

/// `scheme://host:port` of an address; `None` if it has none.
fn origin(url: &str) -> Option<&str> {
    let start = ["https://", "http://"].into_iter().find(|scheme| url.starts_with(scheme))?.len();
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |length| start + length);
    (end > start).then(|| &url[..end])
}

/// An address without the name and the password that may stand before its host.
fn without_credentials(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |length| start + length);
    match url[start..end].rfind('@') {
        Some(at) => format!("{}{}", &url[..start], &url[start + at + 1..]),
        None => url.to_owned(),
    }
}

/// Whether what is sent to this address, which has no credentials, leaves this machine without encryption.
fn is_readable_on_the_way(url: &str) -> bool {
    let Some(authority) = origin(url).and_then(|origin| origin.strip_prefix("http://")) else { return false };
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    !is_loopback && !host.eq_ignore_ascii_case("localhost")
}

/// Where a redirect leads; `None` if it is not followed: from a secure address to one that is not, or not to a web address.
fn redirected(from: &str, location: &str) -> Option<String> {
    let base = origin(from)?;
    let to = match location {
        location if location.starts_with("//") => format!("{}:{location}", base.split_once(':')?.0),
        location if location.starts_with('/') => format!("{base}{location}"),
        location => location.to_owned(),
    };
    let is_weaker = from.starts_with("https://") && !to.starts_with("https://");
    (origin(&to).is_some() && !is_weaker).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_followed_to_web_addresses_that_are_as_secure() {
        let from = "https://hub.example/a/b/resolve/main/c";
        assert_eq!(redirected(from, "/api/c?x").as_deref(), Some("https://hub.example/api/c?x"));
        assert_eq!(redirected(from, "https://far.example/c").as_deref(), Some("https://far.example/c"));
        assert_eq!(redirected(from, "//far.example/c").as_deref(), Some("https://far.example/c"));
        for refused in ["http://hub.example/c", "file:///etc/passwd", "c", "", "https://"] {
            assert_eq!(redirected(from, refused), None, "{refused}");
        }
        assert_eq!(redirected("http://127.0.0.1:1/a", "/c").as_deref(), Some("http://127.0.0.1:1/c"));
    }

    #[test]
    fn an_endpoint_that_is_no_web_address_is_refused_with_the_name_of_the_variable() {
        for wrong in ["hub.example", "ftp://hub.example", "https://", "/models"] {
            let error = Hub::at(wrong, None, "m").err().unwrap();
            assert!(error.to_string().contains("HF_ENDPOINT"), "{wrong}: {error}");
        }
        assert_eq!(Hub::at("http://127.0.0.1:1/hub/", None, "m").unwrap().endpoint, "http://127.0.0.1:1/hub");
    }

    #[test]
    fn a_name_and_a_password_in_the_address_are_not_shown() {
        assert_eq!(without_credentials("https://me:pass@hub.example/a@b"), "https://hub.example/a@b");
        assert_eq!(without_credentials("https://hub.example/a@b"), "https://hub.example/a@b");
        let hub = Hub::at("http://me:pass@127.0.0.1:1", None, "m").unwrap();
        assert_eq!(hub.endpoint, "http://me:pass@127.0.0.1:1");
        let wrong = Hub::at("me:pass@hub.example", None, "m").err().unwrap();
        for error in [wrong, hub.unreachable("it is off")] {
            assert!(!error.to_string().contains("pass"), "{error}");
        }
    }

    #[test]
    fn a_token_can_be_read_on_the_way_to_another_machine_without_encryption() {
        for open in ["http://hub.example", "http://10.0.0.1:80/hub", "http://[2001:db8::1]:80"] {
            assert!(is_readable_on_the_way(open), "{open}");
        }
        for closed in ["https://hub.example", "http://127.0.0.1:1/hub", "http://[::1]:1", "http://LocalHost:1", "hub"] {
            assert!(!is_readable_on_the_way(closed), "{closed}");
        }
    }
}
