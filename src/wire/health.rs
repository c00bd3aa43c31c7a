//! The JSON of `GET /healthz` and `GET /readyz`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The server's state and identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    pub(crate) status: String,
    /// The program's version.
    #[schema(example = "0.1.0")]
    pub(crate) version: String,
    /// The configured collection, which requests use if they name none.
    #[schema(example = "default")]
    pub(crate) collection: String,
    /// The answer to the request's `nonce`, if it has one: a keyed hash of the index directory, its writer, the settings
    /// and the server's address, which only the server's own user can compute. A program that computes the same hash
    /// gets the same answers from the server as it would give itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    pub(crate) proof: Option<String>,
}
