//! All collections under one directory, each opened when first asked for, over one loaded model.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{Config, IndexConfig, check_collection_name};
use crate::engine::{Engine, OnPull};
use crate::error::{Error, Result};
use crate::footnote::Footnote;
use crate::index::Collection;
use crate::suggest::nearest;

/// Collections side by side. Its methods may be called from many threads at once.
pub struct Library {
    engine: Arc<Engine>,
    read_only: bool,
    open: Mutex<BTreeMap<String, Arc<Footnote>>>,
}

/// A collection, and how much is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionInfo {
    /// Its name.
    pub name: String,
    /// Documents in it.
    pub documents: usize,
    /// Passages in it.
    pub passages: usize,
}

impl Library {
    /// The collections under the configured directory. The configured one is opened, and created if need be.
    pub fn open(config: &Config, on_pull: OnPull) -> Result<Self> {
        let engine = Arc::new(Engine::new(config, on_pull));
        let library = Self { engine, read_only: false, open: Mutex::default() };
        library.create(&config.index.collection)?;
        Ok(library)
    }

    /// The same for reading only, whoever else reads or writes them. The configured one is empty while it is not there.
    pub fn open_read_only(config: &Config, on_pull: OnPull) -> Result<Self> {
        let engine = Arc::new(Engine::new(config, on_pull));
        let library = Self { engine, read_only: true, open: Mutex::default() };
        library.collection(None)?;
        Ok(library)
    }

    /// The name of the configured collection.
    pub fn configured(&self) -> &str {
        &self.engine.config().index.collection
    }

    /// The names of all collections, in order.
    pub fn names(&self) -> Result<Vec<String>> {
        names(&self.engine.config().index.dir)
    }

    /// The collection of this name, or the configured one. [`Error::NotFound`] if there is none.
    pub fn collection(&self, name: Option<&str>) -> Result<Arc<Footnote>> {
        let name = name.unwrap_or(self.configured());
        let mut open = self.lock();
        if let Some(footnote) = open.get(name) {
            // What another process deleted is not read any more.
            if !self.read_only || Collection::exists(footnote.dir()) {
                return Ok(Arc::clone(footnote));
            }
            open.remove(name);
        }
        if check_collection_name(name).is_err() {
            return Err(not_found(name));
        }
        let dir = self.config_of(name).index.collection_dir();
        if Collection::exists(&dir) {
            return self.open_into(&mut open, name);
        }
        if self.read_only && name == self.configured() {
            // Not kept, so that it is found once another process has made it.
            return Ok(Arc::new(Footnote::over(Arc::clone(&self.engine), name, Collection::open_read_only(&dir)?)));
        }
        Err(not_found(name))
    }

    /// The collection of this name, created if it is not there.
    pub fn create(&self, name: &str) -> Result<Arc<Footnote>> {
        check_collection_name(name)?;
        self.writable()?;
        let mut open = self.lock();
        match open.get(name) {
            Some(footnote) => Ok(Arc::clone(footnote)),
            None => self.open_into(&mut open, name),
        }
    }

    /// Removes a collection with all that is in it. [`Error::Busy`] while it is in use.
    pub fn delete(&self, name: &str) -> Result<()> {
        self.writable()?;
        if name == self.configured() {
            return Err(Error::Input {
                reason: format!("`{name}` is the configured collection, which always exists"),
                hint: "delete its documents, or configure another with [index] collection".into(),
            });
        }
        drop(self.collection(Some(name))?);
        let mut open = self.lock();
        let Some(footnote) = open.remove(name) else { return Err(not_found(name)) };
        let footnote = match Arc::try_unwrap(footnote) {
            Ok(footnote) => footnote,
            Err(in_use) => {
                open.insert(name.to_owned(), in_use);
                return Err(Error::Busy);
            }
        };
        let dir = footnote.dir().to_owned();
        footnote.discard();
        // Out of sight first, so that a crash leaves either all of it or none.
        let gone = dir.with_file_name(format!(".deleted-{name}"));
        remove(&gone)?;
        std::fs::rename(&dir, &gone).map_err(Error::io("remove", &dir))?;
        drop(open);
        remove(&gone)
    }

    /// All collections by name. Those that cannot be opened are left out, and logged.
    pub fn list(&self) -> Result<Vec<CollectionInfo>> {
        let mut found = Vec::new();
        for name in names(&self.engine.config().index.dir)? {
            // Those that are not open stay closed, so that other processes may write to them.
            let open = self.lock().get(&name).cloned();
            let counted = match open {
                Some(footnote) => footnote.status(),
                None => Footnote::open_read_only(&self.config_of(&name)).and_then(|footnote| footnote.status()),
            };
            match counted {
                Ok(status) => {
                    found.push(CollectionInfo { name, documents: status.documents, passages: status.passages });
                }
                Err(error) => tracing::warn!("collection {name}: {error}"),
            }
        }
        Ok(found)
    }

    /// Whether a question would be answered without loading the model first.
    pub fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Writes the derived indexes of all open collections to disk. Also done on drop.
    pub fn checkpoint(&self) -> Result<()> {
        let open: Vec<Arc<Footnote>> = self.lock().values().cloned().collect();
        open.iter().try_for_each(|footnote| footnote.checkpoint())
    }

    fn open_into(&self, open: &mut BTreeMap<String, Arc<Footnote>>, name: &str) -> Result<Arc<Footnote>> {
        let dir = self.config_of(name).index.collection_dir();
        let collection = if self.read_only { Collection::open_read_only(&dir)? } else { Collection::open(&dir)? };
        let footnote = Arc::new(Footnote::over(Arc::clone(&self.engine), name, collection));
        open.insert(name.to_owned(), Arc::clone(&footnote));
        Ok(footnote)
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

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Footnote>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names of the collections in a directory, in order.
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

/// Refuses the configured collection if it is not there and others are, since then it is another that is meant.
///
/// # Errors
///
/// [`Error::Input`], with the names that there are.
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
    use super::*;

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
        let again = library.create("news").unwrap();
        assert_eq!(names_of(&library), ["default", "news"]);
        assert!(matches!(library.delete("news"), Err(Error::Busy)), "it is in use");
        drop(again);
        library.delete("news").unwrap();
        assert_eq!(names_of(&library), ["default"]);
        assert!(matches!(library.collection(Some("news")), Err(Error::NotFound { .. })));
        assert!(!dir.path().join("news").exists() && !dir.path().join(".deleted-news").exists());
    }

    #[test]
    fn a_reader_sees_what_a_writer_makes_and_deletes_and_does_neither_itself() {
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
    fn a_collection_that_is_not_there_is_told_with_those_that_are() {
        let (dir, library) = library();
        let config = |collection: &str| IndexConfig { dir: dir.path().into(), collection: collection.into() };
        let refused = |collection: &str| check_exists(&config(collection)).unwrap_err().to_string();
        assert!(check_exists(&config("default")).is_ok());
        assert_eq!(refused("x"), "no collection `x`; there is `default`");
        library.create("news").unwrap();
        assert_eq!(refused("newz"), "no collection `newz`; there is `news`");
        assert_eq!(refused("weather"), "no collection `weather`; there are `default`, `news`");
        let elsewhere = IndexConfig { dir: dir.path().join("elsewhere"), collection: "newz".into() };
        assert!(check_exists(&elsewhere).is_ok(), "where there is none, it is the first");
    }

    #[test]
    fn the_configured_collection_and_names_that_are_none_are_refused() {
        let (_dir, library) = library();
        assert!(library.delete("default").unwrap_err().hint().unwrap().contains("[index]"));
        for name in ["", "..", "a/b", "a b"] {
            assert!(library.create(name).is_err(), "{name:?}");
            assert!(matches!(library.collection(Some(name)), Err(Error::NotFound { .. })), "{name:?}");
        }
    }
}
