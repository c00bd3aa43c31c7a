//! All collections in one directory, opened when they are first needed, with one loaded model.

mod asked;
mod backup;
mod known;
mod open;
mod reach;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{Config, IndexConfig, check_collection_name};
use crate::engine::{Engine, OnPull};
use crate::error::{Error, Result};
use crate::footnote::{Footnote, Question, SearchResults, Status};
use crate::index::Collection;
use crate::passage::Answer;
use crate::suggest::nearest;
#[cfg(feature = "server")]
pub(crate) use asked::OF_LIBRECHAT;
pub use asked::{ALL, AskedOf, MAX_ASKED};
pub use backup::{Backup, backup, restore};
#[cfg(feature = "cli")]
pub(crate) use known::left_over;
pub use known::{Holding, backups_with};
use open::{OpenCollections, close};
pub(crate) use reach::Reach;

/// The collections in one directory. Its methods may be called from many threads at once.
pub struct Library {
    engine: Arc<Engine>,
    read_only: bool,
    open: Arc<Mutex<OpenCollections>>,
    /// Which of them can be used through it.
    reach: Reach,
}

/// A collection and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CollectionInfo {
    /// Its name.
    pub name: String,
    /// Documents in it.
    pub documents: usize,
    /// Passages in it.
    pub passages: usize,
}

impl Library {
    /// The collections in the configured directory. The configured one is opened for writing, and created if it does
    /// not exist; the others are opened for reading, and held for writing from the first write on.
    pub fn open(config: &Config, on_pull: OnPull) -> Result<Self> {
        let library = Self::new(config, on_pull, false);
        library.create(&config.index.collection)?;
        Ok(library)
    }

    /// The same for reading only, even while other processes write. The configured one is empty while it does not exist.
    pub fn open_read_only(config: &Config, on_pull: OnPull) -> Result<Self> {
        let library = Self::new(config, on_pull, true);
        library.collection(None)?;
        Ok(library)
    }

    fn new(config: &Config, on_pull: OnPull, read_only: bool) -> Self {
        Self { engine: Arc::new(Engine::new(config, on_pull)), read_only, open: Arc::default(), reach: Reach::All }
    }

    /// The same collections, of which only those within `reach` can be used. All others seem not to exist.
    #[cfg(feature = "server")]
    pub(crate) fn within(&self, reach: &Reach) -> Self {
        let Self { engine, read_only, open, reach: _ } = self;
        Self { engine: Arc::clone(engine), read_only: *read_only, open: Arc::clone(open), reach: reach.clone() }
    }

    /// The name of the configured collection; if that is out of reach, of the first one that is not.
    pub fn configured(&self) -> &str {
        self.reach.first(self.home())
    }

    /// The name of the configured collection, within reach or not.
    fn home(&self) -> &str {
        &self.engine.config().index.collection
    }

    /// The configured collection's directory, which this library alone writes to.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the library is open for reading only.
    #[cfg(feature = "server")]
    pub(crate) fn held_dir(&self) -> Result<std::path::PathBuf> {
        self.writable()?;
        Ok(self.engine.config().index.collection_dir())
    }

    /// The names of all collections, in order.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names = names(&self.engine.config().index.dir)?;
        names.retain(|name| self.reach.includes(name));
        Ok(names)
    }

    /// The collection of this name, or the configured one. Reading it takes no lock; the first write through it does, and
    /// fails with [`Error::Locked`] if another process holds it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it does not exist.
    pub fn collection(&self, name: Option<&str>) -> Result<Arc<Footnote>> {
        let name = name.unwrap_or(self.configured());
        if check_collection_name(name).is_err() || !self.reach.includes(name) {
            return Err(not_found(name));
        }
        let dir = self.config_of(name).index.collection_dir();
        let mut open = self.lock();
        if let Some(footnote) = open.get(name, &dir) {
            return Ok(footnote);
        }
        let is_empty_until_created = self.read_only && name == self.home();
        if !Collection::exists(&dir) && !is_empty_until_created {
            return Err(not_found(name));
        }
        let collection =
            if self.read_only { Collection::open_read_only(&dir)? } else { Collection::open_unlocked(&dir)? };
        if collection.store().is_none() {
            // It is not kept, so that it is found once another process has created it.
            return Ok(self.over(name, collection));
        }
        Ok(self.insert(&mut open, name, collection))
    }

    /// Answers a question with quoted sentences of several collections: one ranking, and each citation names its collection.
    ///
    /// # Errors
    ///
    /// Those of [`Library::together`] and of [`Footnote::ask`].
    pub fn ask(&self, collections: &[&str], question: &Question) -> Result<Answer> {
        self.together(&several(collections)?, |collections| collections.ask(question))
    }

    /// Finds passages of several collections for a question, as [`Library::ask`].
    ///
    /// # Errors
    ///
    /// Those of [`Library::ask`].
    pub fn search(&self, collections: &[&str], question: &Question) -> Result<SearchResults> {
        self.together(&several(collections)?, |collections| collections.search(question))
    }

    /// The collection of this name, created if it does not exist.
    pub fn create(&self, name: &str) -> Result<Arc<Footnote>> {
        check_collection_name(name)?;
        if !self.reach.includes(name) {
            return Err(Error::Input {
                reason: format!("this key is not for a collection `{name}`"),
                hint: "name one of the collections that it is for, or use another key".into(),
            });
        }
        self.writable()?;
        let dir = self.config_of(name).index.collection_dir();
        let mut open = self.lock();
        match open.get(name, &dir) {
            Some(footnote) => Ok(footnote),
            None => Ok(self.insert(&mut open, name, Collection::open(&dir)?)),
        }
    }

    /// Removes a collection with everything in it. Questions under way are answered.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] while documents are being ingested into it, here or by another process.
    pub fn delete(&self, name: &str) -> Result<()> {
        self.writable()?;
        if name == self.home() && self.reach.includes(name) {
            return Err(Error::Input {
                reason: format!("`{name}` is the configured collection, which always exists"),
                hint: "delete its documents, or configure another with [index] collection".into(),
            });
        }
        let footnote = self.collection(Some(name))?;
        footnote.discard()?;
        footnote.leave_cluster();
        let mut open = self.lock();
        open.by_name.remove(name);
        let dir = footnote.dir();
        // Renamed first, so that a crash leaves either all of it or none.
        let gone = dir.with_file_name(format!(".deleted-{name}"));
        remove(&gone)?;
        std::fs::rename(dir, &gone).map_err(Error::io("remove", dir))?;
        drop(open);
        remove(&gone)
    }

    /// All collections by name. Those that cannot be opened are logged and left out.
    pub fn list(&self) -> Result<Vec<CollectionInfo>> {
        let info = |status: Status| CollectionInfo {
            name: status.collection,
            documents: status.documents,
            passages: status.passages,
        };
        Ok(self.statuses()?.into_iter().map(info).collect())
    }

    /// What all collections contain. Those that cannot be opened are logged and left out.
    pub(crate) fn statuses(&self) -> Result<Vec<Status>> {
        let mut found = Vec::new();
        for name in self.names()? {
            let dir = self.config_of(&name).index.collection_dir();
            let open = self.lock().get(&name, &dir);
            let counted = match open {
                Some(footnote) => footnote.status(),
                // It stays closed: a list should not fill the memory.
                None => Footnote::open_read_only(&self.config_of(&name)).and_then(|footnote| footnote.status()),
            };
            match counted {
                Ok(status) => found.push(status),
                Err(error) => tracing::warn!("collection {name}: {error}"),
            }
        }
        Ok(found)
    }

    /// Whether the model is loaded.
    pub fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Counts what the collections are used for.
    #[cfg(feature = "server")]
    pub(crate) fn meter(&self) -> &crate::meter::Meter {
        self.engine.meter()
    }

    /// Writes the passage indexes of all open collections to disk. Also done on drop.
    pub fn checkpoint(&self) -> Result<()> {
        let open = self.lock().by_name.values().map(|open| Arc::clone(&open.footnote)).collect::<Vec<_>>();
        open.iter().try_for_each(|footnote| footnote.checkpoint())
    }

    fn over(&self, name: &str, collection: Collection) -> Arc<Footnote> {
        Arc::new(Footnote::over(Arc::clone(&self.engine), name, collection))
    }

    fn insert(&self, open: &mut OpenCollections, name: &str, collection: Collection) -> Arc<Footnote> {
        let footnote = self.over(name, collection);
        open.insert(name, Arc::clone(&footnote));
        if let Some((idle, closing)) = open.idle(self.home()) {
            let all = Arc::clone(&self.open);
            // Writing its indexes to disk can take a while, which nobody should wait for.
            std::thread::spawn(move || close(&all, &idle, closing));
        }
        footnote
    }

    fn writable(&self) -> Result<()> {
        if self.read_only {
            return Err(Error::Input {
                reason: "the collections are open for reading only".into(),
                hint: "open them with Library::open".into(),
            });
        }
        Ok(())
    }

    fn config_of(&self, name: &str) -> Config {
        let mut config = self.engine.config().clone();
        name.clone_into(&mut config.index.collection);
        config
    }

    fn lock(&self) -> MutexGuard<'_, OpenCollections> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn several(names: &[&str]) -> Result<AskedOf> {
    AskedOf::several(names.iter().map(|&name| name.to_owned()).collect())
}

/// The names of the collections in `dir`, in order.
pub fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read", dir)(error)),
    };
    let name = |entry: std::fs::DirEntry| entry.file_name().into_string().ok();
    let mut names: Vec<String> =
        entries.flatten().filter(|entry| Collection::exists(&entry.path())).filter_map(name).collect();
    names.retain(|name| check_collection_name(name).is_ok());
    names.sort();
    Ok(names)
}

/// Refuses the configured collection if it does not exist but others do, since then its name is probably mistyped.
///
/// # Errors
///
/// [`Error::Input`], which lists those that exist.
pub fn check_exists(config: &IndexConfig) -> Result<()> {
    let name = &config.collection;
    if Collection::exists(&config.collection_dir()) {
        return Ok(());
    }
    let names = names(&config.dir)?;
    let there_is = match (nearest(name, names.iter().map(String::as_str)), names.as_slice()) {
        (_, []) => return Ok(()),
        (Some(meant), _) => format!("is `{meant}`"),
        (None, [one]) => format!("is `{one}`"),
        (None, several) => format!("are `{}`", several.join("`, `")),
    };
    Err(Error::Input {
        reason: format!("no collection `{name}`; there {there_is}"),
        hint: format!(
            "`footnote collections` lists them; `footnote ingest -c {name} PATH` makes it, and -c or [index] collection \
             choose another"
        ),
    })
}

fn remove(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", dir)(error)),
        _ => Ok(()),
    }
}

fn not_found(name: &str) -> Error {
    Error::NotFound { kind: "collection", id: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::open::MAX_OPEN;
    use super::*;
    use crate::index;

    fn library() -> (tempfile::TempDir, Library) {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        dir.path().clone_into(&mut config.index.dir);
        let library = Library::open(&config, Box::new(|_| {})).unwrap();
        (dir, library)
    }

    fn names_of(library: &Library) -> Vec<String> {
        library.list().unwrap().into_iter().map(|collection| collection.name).collect()
    }

    #[test]
    fn a_collection_is_created_once_listed_and_deleted_for_good() {
        let (dir, library) = library();
        library.create("news").unwrap();
        let used = library.create("news").unwrap();
        assert_eq!(names_of(&library), ["default", "news"]);
        library.delete("news").unwrap();
        assert_eq!(names_of(&library), ["default"]);
        assert!(matches!(library.collection(Some("news")), Err(Error::NotFound { .. })));
        assert!(!dir.path().join("news").exists() && !dir.path().join(".deleted-news").exists());
        assert!(
            matches!(used.delete("x"), Err(Error::NotFound { kind: "collection", .. })),
            "nothing is written to it"
        );
        drop(used);
        assert!(!dir.path().join("news").exists());
        library.create("news").unwrap();
        assert_eq!(names_of(&library), ["default", "news"]);
    }

    #[test]
    fn reading_a_collection_leaves_its_lock_to_others_and_the_first_write_takes_it() {
        let (dir, library) = library();
        let news = dir.path().join("news");
        drop(Collection::open(&news).unwrap());
        let read = library.collection(Some("news")).unwrap();
        assert_eq!(read.documents(None, 1).unwrap(), []);
        assert_eq!(index::holder(&news).unwrap(), None);
        let elsewhere = Collection::open(&news).unwrap();
        assert!(matches!(library.collection(Some("news")).unwrap().delete("x"), Err(Error::Locked { .. })));
        assert!(matches!(library.delete("news"), Err(Error::Locked { .. })));
        drop(elsewhere);
        assert!(matches!(read.delete("x"), Err(Error::NotFound { kind: "document", .. })));
        assert!(index::holder(&news).unwrap().is_some() && read.is_held());
    }

    #[test]
    fn a_collection_that_another_process_replaced_is_opened_anew_and_the_old_one_writes_nothing() {
        let (dir, library) = library();
        let news = dir.path().join("news");
        let old = library.create("news").unwrap();
        std::fs::rename(&news, dir.path().join("moved")).unwrap();
        assert!(matches!(library.collection(Some("news")), Err(Error::NotFound { .. })));
        drop(Collection::open(&news).unwrap());
        let new = library.collection(Some("news")).unwrap();
        assert!(!Arc::ptr_eq(&old, &new));
        assert!(matches!(old.delete("x"), Err(Error::NotFound { kind: "collection", .. })));
    }

    #[test]
    fn idle_collections_are_closed_beyond_a_number_and_opened_again_when_needed() {
        let (_dir, library) = library();
        let name = |number: usize| format!("c{number:02}");
        let used = library.create(&name(0)).unwrap();
        for number in 1..MAX_OPEN + 8 {
            library.create(&name(number)).unwrap();
        }
        // They are closed by threads of their own.
        while library.lock().by_name.len() > MAX_OPEN + 1 {
            let idle = library.lock().idle("default");
            if let Some((name, closing)) = idle {
                close(&library.open, &name, closing);
            }
        }
        assert!(library.lock().by_name.contains_key("default") && library.lock().by_name.contains_key(&name(0)));
        assert!(Arc::ptr_eq(&used, &library.collection(Some(&name(0))).unwrap()));
        assert!((1..MAX_OPEN + 8).all(|number| library.collection(Some(&name(number))).is_ok()));
    }

    #[test]
    fn a_reader_sees_what_a_writer_creates_and_deletes_and_does_neither_itself() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        dir.path().clone_into(&mut config.index.dir);
        let reader = Library::open_read_only(&config, Box::new(|_| {})).unwrap();
        assert!(reader.collection(None).unwrap().is_new().unwrap());
        assert!(reader.create("news").is_err() && reader.delete("news").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

        let writer = Library::open(&config, Box::new(|_| {})).unwrap();
        writer.create("news").unwrap();
        assert_eq!(reader.names().unwrap(), ["default", "news"]);
        assert_eq!(reader.collection(Some("news")).unwrap().documents(None, 1).unwrap(), []);
        writer.delete("news").unwrap();
        assert!(matches!(reader.collection(Some("news")), Err(Error::NotFound { .. })));
    }

    #[test]
    fn a_reader_that_comes_while_a_collection_is_created_finds_it_later() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        dir.path().clone_into(&mut config.index.dir);
        let of_default = config.index.collection_dir();
        // The file is there before its first transaction is committed.
        std::fs::create_dir_all(&of_default).unwrap();
        std::fs::write(of_default.join(index::store::Store::FILE), "").unwrap();
        let reader = Library::open_read_only(&config, Box::new(|_| {})).unwrap();
        assert_eq!(reader.collection(None).unwrap().status().unwrap().model, None);
        let model = crate::model::ModelIdentity { name: "m".into(), fingerprint: "f".into() };
        Collection::open(&of_default).unwrap().adopt_model(&model, 8).unwrap();
        assert_eq!(reader.collection(None).unwrap().status().unwrap().model, Some(model));
    }

    #[test]
    fn a_missing_collection_is_refused_with_a_list_of_those_that_exist() {
        let (dir, library) = library();
        let default = || Config::default().index;
        let config =
            |collection: &str| IndexConfig { dir: dir.path().into(), collection: collection.into(), ..default() };
        let refused = |collection: &str| check_exists(&config(collection)).unwrap_err().to_string();
        assert!(check_exists(&config("default")).is_ok());
        assert_eq!(refused("x"), "no collection `x`; there is `default`");
        library.create("news").unwrap();
        assert_eq!(refused("newz"), "no collection `newz`; there is `news`");
        assert_eq!(refused("weather"), "no collection `weather`; there are `default`, `news`");
        let elsewhere = IndexConfig { dir: dir.path().join("elsewhere"), collection: "newz".into(), ..default() };
        assert!(check_exists(&elsewhere).is_ok(), "the first collection can have any name");
    }

    #[test]
    fn the_configured_collection_is_not_deleted_and_invalid_names_are_refused() {
        let (_dir, library) = library();
        assert!(library.delete("default").unwrap_err().hint().unwrap().contains("[index]"));
        for name in ["", "..", "a/b", "a b"] {
            assert!(library.create(name).is_err(), "{name:?}");
            assert!(matches!(library.collection(Some(name)), Err(Error::NotFound { .. })), "{name:?}");
        }
    }
}
