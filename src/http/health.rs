//! `GET /healthz` and `GET /readyz`: for service managers, monitoring, and the command line on the same machine.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::body::Parameters;
use super::problem::Problem;
use super::schema::{LivenessProblems, ReadinessProblems};
use super::serve::ReachedAt;
use crate::config::Config;
use crate::identity::{self, Identity};
use crate::wire::Health;

/// A challenge to the server.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Challenge {
    /// Random hexadecimal digits. The response then has a `proof`.
    #[param(pattern = "^[0-9a-f]{1,64}$")]
    nonce: Option<String>,
}

/// What the health routes report; the same as long as the server runs.
pub(super) struct HealthInfo {
    version: &'static str,
    collection: String,
    identity: Option<Identity>,
}

impl HealthInfo {
    /// The report of a server with these settings.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            collection: config.index.collection.clone(),
            identity: identity::of(config),
        }
    }

    fn report(&self, status: &str, nonce: Option<&str>, at: Option<ReachedAt>) -> Result<Health, Problem> {
        if nonce.is_some_and(|nonce| !identity::is_nonce(nonce)) {
            let longest = identity::MAX_NONCE_DIGITS;
            return Err(Problem::bad_request(
                "`nonce` is not valid",
                format!("send 1 to {longest} lower-case hexadecimal digits"),
            ));
        }
        let prove = |nonce| Some(self.identity.as_ref()?.proof(nonce, at?.0).to_hex().to_string());
        Ok(Health {
            status: status.to_owned(),
            version: self.version.to_owned(),
            collection: self.collection.clone(),
            proof: nonce.and_then(prove),
        })
    }
}

/// Check liveness
///
/// Succeeds as long as the server runs.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "get_liveness",
    tag = "health",
    params(Challenge),
    responses((status = 200, description = "The server runs", body = Health), LivenessProblems)
)]
pub(super) async fn alive(
    State(app): State<Arc<App>>,
    at: Option<Extension<ReachedAt>>,
    Parameters(Challenge { nonce }): Parameters<Challenge>,
) -> Result<axum::Json<Health>, Problem> {
    app.health.report("ok", nonce.as_deref(), at.map(|Extension(at)| at)).map(axum::Json)
}

/// Check readiness
///
/// Succeeds once the model is loaded and the index is open.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readiness",
    tag = "health",
    params(Challenge),
    responses((status = 200, description = "Questions can be answered", body = Health), ReadinessProblems)
)]
pub(super) async fn ready(
    State(app): State<Arc<App>>,
    at: Option<Extension<ReachedAt>>,
    Parameters(Challenge { nonce }): Parameters<Challenge>,
) -> Result<axum::Json<Health>, Problem> {
    let ready = app.health.report("ready", nonce.as_deref(), at.map(|Extension(at)| at))?;
    if app.library.is_ready() { Ok(axum::Json(ready)) } else { Err(Problem::not_ready()) }
}
