//! Pictures of pages, the last of which are kept in memory.

use std::sync::{Arc, Mutex, PoisonError};

/// Pictures that are kept in memory, in bytes.
const MAX_PICTURES_BYTES: usize = 32 << 20;

/// The pictures that were drawn last.
#[derive(Debug, Default)]
pub(super) struct Pictures(Mutex<Vec<(PictureKey, Arc<Vec<u8>>)>>);

/// The hash of a file, the number of its page, and the scale in thousandths.
pub(super) type PictureKey = ([u8; 32], u32, u32);

impl Pictures {
    /// The picture, if it is kept.
    pub(super) fn find(&self, key: &PictureKey) -> Option<Arc<Vec<u8>>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|(of, _)| of == key)?;
        let found = known.remove(at);
        let picture = Arc::clone(&found.1);
        known.push(found);
        Some(picture)
    }

    /// Keeps a picture in place of those that nobody asked for the longest.
    pub(super) fn keep(&self, key: PictureKey, picture: &Arc<Vec<u8>>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(of, _)| *of != key);
        known.push((key, Arc::clone(picture)));
        let mut bytes: usize = known.iter().map(|(_, picture)| picture.len()).sum();
        let surplus = known.iter().take_while(|(_, picture)| {
            let is_surplus = bytes > MAX_PICTURES_BYTES;
            bytes = bytes.saturating_sub(picture.len());
            is_surplus
        });
        let surplus = surplus.count();
        known.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures_drawn_last_are_kept_up_to_a_size() {
        let pictures = Pictures::default();
        let picture = Arc::new(vec![0; MAX_PICTURES_BYTES / 2]);
        for page in 1..=2 {
            pictures.keep(([0; 32], page, 1), &picture);
        }
        assert!(pictures.find(&([0; 32], 1, 1)).is_some());
        pictures.keep(([0; 32], 3, 1), &picture);
        let kept = [1, 2, 3].map(|page| pictures.find(&([0; 32], page, 1)).is_some());
        assert_eq!(kept, [true, false, true], "the one that nobody asked for again is gone");
        pictures.keep(([0; 32], 4, 1), &Arc::new(vec![0; MAX_PICTURES_BYTES * 2]));
        assert!(pictures.find(&([0; 32], 1, 1)).is_none());
    }
}
