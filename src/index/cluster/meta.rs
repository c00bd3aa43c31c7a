//! What a collection of the cluster says of itself, in a point without vectors.

/// The version of the form of points.
pub(in crate::index) const FORMAT: i64 = 1;

/// What a collection says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) struct Meta {
    pub(in crate::index) format: i64,
    /// The fingerprint of the model that made the vectors.
    pub(in crate::index) model: String,
    /// Values in each vector.
    pub(in crate::index) dimensions: u64,
    /// The version of the rules by which passages became points.
    pub(in crate::index) rules: i64,
    /// A random number that each process writes before it writes points, so that another that writes too is noticed.
    pub(in crate::index) token: String,
}
