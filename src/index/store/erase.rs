//! Erasing what deleted rows left in the database file and its log.

use std::time::Duration;

use super::{BUSY_TIMEOUT, Store};
use crate::error::{Error, Result};

/// How long to wait for readers that use the old state of the store. A question takes far less.
const READERS_TIMEOUT: Duration = Duration::from_secs(30);

impl Store {
    /// Writes the database anew without what deleted rows left, overwrites the old file with it, and empties the log.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if a reader keeps the log from being emptied.
    pub fn erase_traces(&self) -> Result<()> {
        let writer = self.writer()?;
        let rewrite = || {
            // New pages are filled with zeros. The copy on the way, which has only what is left, is a file without a name.
            writer.pragma_update(None, "secure_delete", true)?;
            writer.execute_batch("VACUUM")?;
            writer.busy_timeout(READERS_TIMEOUT)?;
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))
        };
        let rewritten = rewrite();
        // Later writes are as fast as before.
        let restored =
            writer.pragma_update(None, "secure_delete", false).and_then(|()| writer.busy_timeout(BUSY_TIMEOUT));
        match rewritten.and_then(|is_busy| restored.map(|()| is_busy)) {
            Ok(false) => Ok(()),
            Ok(true) => Err(Error::Busy),
            Err(error) => Err(self.error(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::index::store::tests::{Folder, document};

    #[test]
    fn nothing_of_a_deleted_text_is_left_in_the_database_or_its_log() {
        let folder = Folder::new();
        let store = folder.open();
        let secret = |number: usize| format!("The vault of house {number} opens with the word heliotrope-{number}. ");
        for number in 0..40 {
            store.put(&document(&format!("d{number}"), &secret(number).repeat(50))).unwrap();
        }
        for number in 0..40 {
            if number != 7 {
                store.delete(&format!("d{number}")).unwrap();
            }
        }
        let holds = |text: &str| {
            let files = std::fs::read_dir(folder.path().parent().unwrap()).unwrap().flatten();
            files
                .filter(|file| std::fs::read(file.path()).unwrap().windows(text.len()).any(|at| at == text.as_bytes()))
                .count()
        };
        assert!(holds("heliotrope-8.") > 0, "a deleted row stays in free pages");
        store.erase_traces().unwrap();
        for number in (0..40).filter(|number| *number != 7) {
            assert_eq!(holds(&format!("heliotrope-{number}.")), 0, "{number}");
        }
        assert!(holds("heliotrope-7.") > 0);
        assert!(store.document("d7").unwrap().unwrap().text.starts_with(&secret(7)));
    }

    #[test]
    fn a_reader_that_stays_in_the_old_state_keeps_nothing_alive_for_good() {
        let folder = Folder::new();
        let store = folder.open();
        store.put(&document("a", "The vault opens with heliotrope.")).unwrap();
        store.put(&document("b", "A bakery opens at seven.")).unwrap();
        store.delete("a").unwrap();
        let reader = store.snapshot().unwrap();
        assert_eq!(reader.passage_keys(0, 10).unwrap().len(), 3);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(200));
                drop(reader);
            });
            store.erase_traces().unwrap();
        });
        let held = |name: &str| {
            let bytes = std::fs::read(folder.path().with_file_name(name)).unwrap_or_default();
            bytes.windows(10).any(|at| at == b"heliotrope")
        };
        let file = folder.path().file_name().unwrap().to_string_lossy().into_owned();
        assert!(!held(&file) && !held(&format!("{file}-wal")));
    }
}
