//! How long the server waits for a client, and how much it holds for one. Tests use shorter ones.

use std::time::Duration;

/// Limits that are not settings: no deployment needs others.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// A new connection that has sent nothing after this long is closed.
    pub(super) first_byte: Duration,
    /// From the first byte of a request to the end of its headers.
    pub(super) head: Duration,
    /// A connection is closed this long after its last response.
    pub(super) keep_alive: Duration,
    /// A client that takes no bytes of a response for this long is disconnected.
    pub(super) write_stall: Duration,
    /// A body of which nothing arrives for this long is refused.
    pub(super) body_stall: Duration,
    /// A body may be slower than [`Limits::body_bytes_per_second`] at first.
    pub(super) body_grace: Duration,
    /// Least average speed of a body after the grace.
    pub(super) body_bytes_per_second: u64,
    /// The same for documents, which have no deadline and take more memory.
    pub(super) write_bytes_per_second: u64,
    /// How long a question or lookup waits for its turn.
    pub(super) read_patience: Duration,
    /// Connections at once. At the limit, the one that has been idle for longest is closed for a new one.
    pub(super) max_connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(5),
            head: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            write_stall: Duration::from_mins(1),
            body_stall: Duration::from_secs(10),
            body_grace: Duration::from_secs(10),
            body_bytes_per_second: 1024,
            write_bytes_per_second: 8 * 1024,
            read_patience: Duration::from_secs(10),
            max_connections: 2048,
        }
    }
}
