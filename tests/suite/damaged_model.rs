//! Files of a model that were damaged after they were installed: an error that says what to do, until they are repaired.

use std::path::{Path, PathBuf};

use crate::harness::{ARTICLE, QUESTION, Server, Workspace, model_dir};

/// A workspace with a document in its index, and a models directory of its own.
fn workspace() -> (Workspace, PathBuf) {
    let workspace = Workspace::with(ARTICLE);
    let models = workspace.folder().join("models");
    for folder in std::fs::read_dir(model_dir()).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        let copy = models.join(folder.file_name());
        std::fs::create_dir_all(&copy).unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
            std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
    }
    (workspace, models)
}

/// Changes one byte of a file and not its length.
fn damage(path: &Path) -> Vec<u8> {
    let whole = std::fs::read(path).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
    whole
}

/// The files that an answer depends on.
fn files(models: &Path) -> Vec<PathBuf> {
    let mut files = vec![models.join("cc-cedict/lexicon.bin"), models.join("cc-cedict/checksums.json")];
    for name in ["model.onnx", "model.onnx.data", "config.json", "tokenizer_config.json", "tokenizer.bin"] {
        files.push(models.join("footnote-e5-small").join(name));
    }
    let runtime = std::fs::read_dir(models)
        .unwrap()
        .flatten()
        .find(|entry| entry.file_name().to_string_lossy().starts_with("onnxruntime"));
    let library = std::fs::read_dir(runtime.unwrap().path())
        .unwrap()
        .flatten()
        .find(|file| file.file_name().to_string_lossy().contains("libonnxruntime"));
    files.push(library.unwrap().path());
    files
}

#[test]
fn a_changed_byte_in_any_file_is_an_error_of_the_model_that_says_how_to_repair_it() {
    let (workspace, models) = workspace();
    let ask = || {
        let mut command = workspace.command(&["ask", "--offline", QUESTION]);
        command.env("FOOTNOTE_MODEL_DIR", &models).output().unwrap()
    };
    assert!(ask().status.success());
    for path in files(&models) {
        let whole = damage(&path);
        let output = ask();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{}: {stderr}", path.display());
        assert!(stderr.contains("hint: run `footnote models pull"), "{}: {stderr}", path.display());
        std::fs::write(&path, whole).unwrap();
    }
    assert!(ask().status.success());
}

#[test]
fn a_server_answers_again_once_the_damaged_file_is_repaired() {
    let (workspace, models) = workspace();
    let body = serde_json::json!({ "question": QUESTION });
    let variables = [("FOOTNOTE_MODEL_DIR", models.to_str().unwrap()), ("FOOTNOTE_MODEL_OFFLINE", "true")];
    for name in ["footnote-e5-small/model.onnx.data", "cc-cedict/lexicon.bin"] {
        let path = models.join(name);
        let whole = damage(&path);
        let server = Server::unready(&workspace, &variables);
        let refused = server.post("/v1/ask", &body);
        assert_eq!(refused.status, 503, "{name}: {}", refused.text);
        assert!(refused.text.contains("model-unavailable"), "{name}: {}", refused.text);
        assert_eq!(server.get("/readyz").status, 503, "{name}");

        std::fs::write(&path, &whole).unwrap();
        let answered = server.post("/v1/ask", &body);
        assert_eq!(answered.status, 200, "{name}: {}", answered.text);
        assert_eq!(server.get("/readyz").status, 200, "{name}");
        drop(server);

        damage(&path);
        let server = Server::unready(&workspace, &variables);
        assert_eq!(server.post("/v1/ask", &body).status, 503, "{name}");
        std::fs::write(&path, &whole).unwrap();
        server.wait_until_ready();
    }
}
