//! Tests of the whole: a registry of made-up packages, fetched by a made-up pip.

use super::fixture::Registry;
use super::*;

fn config(registry: &Registry) -> ModelConfig {
    ModelConfig { name: "tiny".into(), dir: registry.models_dir(), ..crate::Config::default().model }
}

fn ensured(registry: &Registry, config: &ModelConfig) -> Result<ModelFiles> {
    ensure_with(config, &registry.manifest, registry.pip(), &mut |_| {})
}

#[test]
fn the_first_call_fetches_and_the_second_finds_everything_there() {
    let registry = Registry::new();
    let config = config(&registry);
    let files = ensured(&registry, &config).unwrap();
    assert_eq!(files.identity.name, "tiny");
    assert_eq!((files.query_prefix.as_str(), files.max_tokens), ("query: ", 4));
    assert!(files.runtime.ends_with("onnxruntime-9.9/libonnxruntime.so.9.9"));
    for path in [&files.onnx, &files.tokenizer, &files.config, &files.special_tokens_map, &files.tokenizer_config] {
        assert!(!files.read(path).unwrap().is_empty());
    }
    files.check(&files.runtime).unwrap();

    let offline = ModelConfig { offline: true, ..config };
    assert_eq!(ensured(&registry, &offline).unwrap(), files);
    assert_eq!(registry.pip_runs(), 1);
}

#[test]
fn offline_a_missing_model_is_an_error_and_nothing_is_run() {
    let registry = Registry::new();
    let config = ModelConfig { offline: true, ..config(&registry) };
    let error = ensured(&registry, &config).unwrap_err();
    assert!(error.to_string().contains("offline forbids"), "{error}");
    assert!(error.hint().unwrap().contains("copy the models directory"));
    assert_eq!(registry.pip_runs(), 0);
    assert!(!config.dir.exists());
}

#[test]
fn altered_bytes_are_refused_when_they_are_read() {
    let registry = Registry::new();
    let config = config(&registry);
    let files = ensured(&registry, &config).unwrap();
    for path in [&files.onnx, &files.runtime] {
        let mut bytes = std::fs::read(path).unwrap();
        bytes[0] ^= 1;
        std::fs::write(path, bytes).unwrap();
        for error in [files.read(path).unwrap_err(), files.check(path).unwrap_err()] {
            assert!(error.to_string().contains("altered or damaged"), "{error}");
            assert_eq!(error.hint().unwrap(), "run `footnote models pull --force tiny`");
        }
    }
}

#[test]
fn verify_tells_intact_altered_and_missing_files_apart() {
    let registry = Registry::new();
    let config = config(&registry);
    let verified = || verify_with(&config, &registry.manifest, "tiny");
    assert!(verified().unwrap_err().hint().unwrap().contains("models pull tiny"));
    let files = ensured(&registry, &config).unwrap();
    assert!(verified().unwrap().iter().all(|check| check.state == FileState::Intact));

    std::fs::write(&files.tokenizer, "{").unwrap();
    std::fs::remove_file(&files.config).unwrap();
    let checks = verified().unwrap();
    let state = |path: &Path| checks.iter().find(|check| check.path == path).unwrap().state;
    assert_eq!(state(&files.tokenizer), FileState::Altered);
    assert_eq!(state(&files.config), FileState::Missing);
    assert_eq!(state(&files.runtime), FileState::Intact);
}

#[test]
fn a_model_of_another_recipe_is_fetched_anew() {
    let mut registry = Registry::new();
    let config = config(&registry);
    let before = ensured(&registry, &config).unwrap();
    registry.manifest.models[0].passage_prefix = "text: ".into();
    let after = ensured(&registry, &config).unwrap();
    assert_ne!(before.identity.fingerprint, after.identity.fingerprint);
    assert_eq!(registry.last_pins(), ["tiny-weights", "tiny-tokenizer"]);
}

#[test]
fn a_model_of_the_earlier_layout_is_converted_in_place_and_nothing_is_fetched() {
    let registry = Registry::new();
    let config = ModelConfig { offline: true, ..config(&registry) };
    let installer = Installer { manifest: &registry.manifest, dir: &config.dir, pip: registry.pip() };
    installer
        .begin(&mut |_| {})
        .unwrap()
        .install(registry.manifest.models.first(), "tiny", false, &mut |_| {})
        .unwrap();
    let folder = config.dir.join("tiny");
    let installed: Vec<_> =
        ["model.onnx", "model.onnx.data"].map(|name| std::fs::read(folder.join(name)).unwrap()).to_vec();

    let make_earlier = || {
        let weights = super::weights::Weights::parse(&super::fixture::weights_file())
            .map(|weights| super::graph::build(&weights, None, registry.manifest.models[0].linear_weights).unwrap());
        std::fs::write(folder.join("model.onnx"), prost::Message::encode_to_vec(&weights.unwrap())).unwrap();
        for name in ["model.onnx.data", "checksums.json"] {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
        Record::write(&folder, &Folder::of_earlier_model(&registry.manifest.models[0]).recipe, None).unwrap();
    };
    make_earlier();
    let files = ensured(&registry, &config).unwrap();
    assert_eq!(files.external_data, [folder.join("model.onnx.data")]);
    assert_eq!(std::fs::read(&files.onnx).unwrap(), installed[0]);
    assert_eq!(std::fs::read(folder.join("model.onnx.data")).unwrap(), installed[1]);
    assert_eq!(registry.pip_runs(), 1);

    make_earlier();
    std::fs::write(folder.join("tokenizer.json"), "[]").unwrap();
    let error = ensured(&registry, &config).unwrap_err();
    assert!(error.to_string().contains("offline forbids"), "a damaged one is fetched again: {error}");
}

#[test]
fn what_belongs_to_no_single_model_is_repaired_if_it_was_altered() {
    let registry = Registry::new();
    let config = config(&registry);
    let runtime = ensured(&registry, &config).unwrap().runtime;
    let pdfium = || pdfium::ensure_with(&config, &registry.manifest, registry.pip(), &mut |_| {});
    let library = pdfium().unwrap();
    let installer = Installer { manifest: &registry.manifest, dir: &config.dir, pip: registry.pip() };
    let forced = || {
        let installation = installer.begin(&mut |_| {}).unwrap();
        install_runtime(&installation, "of a hub", true, &mut |_| {}).unwrap();
        repair_shared(&installation, &mut |_| {});
    };
    let (runs, intact) = (registry.pip_runs(), std::fs::read(&runtime).unwrap());
    forced();
    assert_eq!(registry.pip_runs(), runs, "all is as it was installed");
    for damaged in [&runtime, &library] {
        let mut bytes = std::fs::read(damaged).unwrap();
        bytes[0] ^= 1;
        std::fs::write(damaged, bytes).unwrap();
    }
    pdfium().unwrap_err();
    forced();
    assert_eq!(registry.pip_runs(), runs + 2);
    assert_eq!((std::fs::read(&runtime).unwrap(), pdfium().unwrap()), (intact, library));
}

#[test]
fn for_a_directory_of_the_users_only_the_runtime_is_fetched() {
    let registry = Registry::new();
    let folder = tempfile::tempdir().unwrap();
    for name in names::REQUIRED {
        std::fs::write(folder.path().join(name), r#"{"model_max_length": 64}"#).unwrap();
    }
    let config = ModelConfig { path: folder.path().into(), ..config(&registry) };
    let files = ensured(&registry, &config).unwrap();
    assert_eq!(registry.last_pins(), ["onnxruntime"]);
    assert_eq!(files.onnx, folder.path().join("model.onnx"));
    assert_eq!((files.max_tokens, files.compiled_tokenizer.as_deref()), (64, None));
    assert_eq!(files.checksums.keys().collect::<Vec<_>>(), ["libonnxruntime.so.9.9"]);
    std::fs::write(&files.onnx, "another").unwrap();
    assert_eq!(files.read(&files.onnx).unwrap(), b"another", "the user's own files may change");
}

#[test]
fn the_list_says_which_models_are_there_and_which_is_configured() {
    let registry = Registry::new();
    let mut config = config(&registry);
    config.name = "multilingual-e5-small".into();
    let models = list(&config).unwrap();
    let default = models.iter().find(|model| model.name == config.name).unwrap();
    assert!(default.configured && !default.is_present());
    assert_eq!((default.licence.as_str(), default.download_bytes), ("MIT", Some(91_165_692 + 4_010_197)));
    config.path = "elsewhere".into();
    assert!(list(&config).unwrap().iter().all(|model| !model.configured));
    assert!(path(&config, "multilingual-e5-small").unwrap_err().to_string().contains("not installed"));
    assert!(pull(&config, "e6", false, false, &mut |_| {}).unwrap_err().to_string().contains("no model of this name"));
}
