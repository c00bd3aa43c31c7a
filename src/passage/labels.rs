//! What is said of a passage to people, in a few words: its place, and where else it stands.

use super::FoundPassage;

/// A longer path of headings loses its outer ones, in characters.
const MAX_PATH_CHARS: usize = 80;

impl FoundPassage {
    /// Where the quote stands in the original, in a few words; `None` if nobody would look for it by such words.
    pub fn place_label(&self) -> Option<String> {
        let place = self.place.as_ref()?;
        let label = place.label();
        if !label.is_empty() {
            return Some(label);
        }
        // A paragraph is found by the headings above it.
        place.paragraph?;
        let path = self.headings.join(" › ");
        let start = path.char_indices().rev().nth(MAX_PATH_CHARS - 1).map_or(0, |(start, _)| start);
        Some(path[start..].to_owned()).filter(|path| !path.is_empty())
    }

    /// `also in 4 other documents: Minutes, Report, Summary, …`; `None` if there are no copies. Copies with the title of this
    /// document are only counted.
    pub fn copies_label(&self) -> Option<String> {
        const NAMED: usize = 3;
        let count = self.copies.len();
        let mut label = match count {
            0 => return None,
            1 => "also in 1 other document".to_owned(),
            _ => format!("also in {count} other documents"),
        };
        let mut titles: Vec<&str> = Vec::with_capacity(NAMED);
        for title in self.copies.iter().map(|copy| copy.title.as_str()) {
            if titles.len() < NAMED && title != self.document.title && !titles.contains(&title) {
                titles.push(title);
            }
        }
        if !titles.is_empty() {
            label = format!("{label}: {}", titles.join(", "));
            if count > titles.len() {
                label.push_str(", …");
            }
        }
        Some(label)
    }
}
