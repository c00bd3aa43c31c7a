//! English words that are written with a capital and name nothing.

/// Folded: months, days of the week, forms of address.
const WORDS: [&str; 24] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "i",
    "mr",
    "mrs",
    "ms",
    "dr",
];

/// Whether a folded word names nothing, although English writes it with a capital.
pub(crate) fn names_nothing(folded: &str) -> bool {
    WORDS.contains(&folded)
}
