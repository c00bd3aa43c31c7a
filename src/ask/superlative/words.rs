//! The words of superlatives, as `words.toml` holds them.

use std::sync::OnceLock;

use serde::Deserialize;

/// The words of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Superlatives {
    pub(super) most: String,
    pub(super) least: String,
    pub(super) bounding: String,
    pub(super) names: String,
    pub(super) money: String,
    pub(super) mass: String,
    pub(super) extent: String,
    pub(super) speed: String,
    pub(super) money_columns: String,
    pub(super) mass_columns: String,
    pub(super) extent_columns: String,
    pub(super) speed_columns: String,
    pub(super) totals: String,
}

/// The words.
///
/// # Panics
///
/// Never: a test reads the file.
pub(super) fn superlatives() -> &'static Superlatives {
    static WORDS: OnceLock<Superlatives> = OnceLock::new();
    WORDS
        .get_or_init(|| toml::from_str(include_str!("words.toml")).expect("words.toml, which is compiled in, is valid"))
}
