//! The models of a model hub that are known by name: what fastembed knows of them, and what it does not.
//!
//! fastembed names the repository, the files, the pooling and the length of the vectors. The tables below add what is in the
//! cards of the models: the texts that they were trained to see before a question and a passage, how much they read, and the
//! licence. Models with dynamic quantisation are left out: their vectors depend on the batch. So are those that fastembed runs
//! without ONNX (Qwen3 Embedding), and those whose vector is not made of the outputs of the tokens (`EmbeddingGemma`, CLIP).

use fastembed::{EmbeddingModel, RerankerModel, TextEmbedding, TextRerank};

use crate::config::Pooling;
use crate::error::{Error, Result};
use crate::suggest::did_you_mean;

/// A model that embeds.
#[derive(Debug)]
pub(crate) struct HubEmbedder {
    /// Its short name, which is also that of its folder.
    pub(crate) name: &'static str,
    /// Its authors and the name that they gave it: `owner/name`.
    pub(crate) publication: &'static str,
    /// An SPDX identifier, from its card.
    pub(crate) licence: &'static str,
    /// The most tokens of one text that its card names.
    pub(crate) max_tokens: usize,
    pub(crate) query_prefix: &'static str,
    pub(crate) passage_prefix: &'static str,
    model: EmbeddingModel,
}

/// A cross-encoder.
#[derive(Debug)]
pub(crate) struct HubReranker {
    pub(crate) name: &'static str,
    pub(crate) publication: &'static str,
    pub(crate) licence: &'static str,
    model: RerankerModel,
}

/// Where the files of a model are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// `owner/name` on the hub: that of the authors, or of somebody who converted the model to ONNX.
    pub(crate) repository: String,
    /// The path of the graph in it.
    pub(crate) graph: String,
    /// The paths of the files that the graph refers to.
    pub(crate) weights: Vec<String>,
}

/// What the vectors of a model are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) pooling: Pooling,
    pub(crate) dimensions: usize,
}

/// What a model was trained to see before a question and before a passage.
type Prefixes = (&'static str, &'static str);
const NONE: Prefixes = ("", "");
const E5: Prefixes = ("query: ", "passage: ");
const NOMIC: Prefixes = ("search_query: ", "search_document: ");
/// BGE's English models, Arctic Embed and mxbai.
const BGE: Prefixes = ("Represent this sentence for searching relevant passages: ", "");
const BGE_ZH: Prefixes = ("为这个句子生成表示以用于检索相关文章：", "");
const APACHE: &str = "Apache-2.0";
const MIT: &str = "MIT";

const fn embedder_of(
    name: &'static str,
    publication: &'static str,
    licence: &'static str,
    max_tokens: usize,
    (query_prefix, passage_prefix): Prefixes,
    model: EmbeddingModel,
) -> HubEmbedder {
    HubEmbedder { name, publication, licence, max_tokens, query_prefix, passage_prefix, model }
}

/// The models that embed: multilingual ones first, then Chinese, then English ones. Names, licences, prefixes and limits are from
/// the cards of the publications.
static EMBEDDERS: [HubEmbedder; 27] = [
    embedder_of("bge-m3", "BAAI/bge-m3", MIT, 8192, NONE, EmbeddingModel::BGEM3),
    embedder_of(
        "multilingual-e5-small-f32",
        "intfloat/multilingual-e5-small",
        MIT,
        512,
        E5,
        EmbeddingModel::MultilingualE5Small,
    ),
    embedder_of(
        "multilingual-e5-base",
        "intfloat/multilingual-e5-base",
        MIT,
        512,
        E5,
        EmbeddingModel::MultilingualE5Base,
    ),
    embedder_of(
        "multilingual-e5-large",
        "intfloat/multilingual-e5-large",
        MIT,
        512,
        E5,
        EmbeddingModel::MultilingualE5Large,
    ),
    embedder_of(
        "paraphrase-multilingual-minilm-l12-v2",
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        APACHE,
        128,
        NONE,
        EmbeddingModel::ParaphraseMLMiniLML12V2,
    ),
    embedder_of(
        "paraphrase-multilingual-mpnet-base-v2",
        "sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
        APACHE,
        128,
        NONE,
        EmbeddingModel::ParaphraseMLMpnetBaseV2,
    ),
    embedder_of("bge-small-zh-v1.5", "BAAI/bge-small-zh-v1.5", MIT, 512, BGE_ZH, EmbeddingModel::BGESmallZHV15),
    embedder_of("bge-large-zh-v1.5", "BAAI/bge-large-zh-v1.5", MIT, 512, BGE_ZH, EmbeddingModel::BGELargeZHV15),
    embedder_of("bge-small-en-v1.5", "BAAI/bge-small-en-v1.5", MIT, 512, BGE, EmbeddingModel::BGESmallENV15),
    embedder_of("bge-base-en-v1.5", "BAAI/bge-base-en-v1.5", MIT, 512, BGE, EmbeddingModel::BGEBaseENV15),
    embedder_of("bge-large-en-v1.5", "BAAI/bge-large-en-v1.5", MIT, 512, BGE, EmbeddingModel::BGELargeENV15),
    embedder_of("gte-base-en-v1.5", "Alibaba-NLP/gte-base-en-v1.5", APACHE, 8192, NONE, EmbeddingModel::GTEBaseENV15),
    embedder_of(
        "gte-large-en-v1.5",
        "Alibaba-NLP/gte-large-en-v1.5",
        APACHE,
        8192,
        NONE,
        EmbeddingModel::GTELargeENV15,
    ),
    embedder_of(
        "snowflake-arctic-embed-xs",
        "Snowflake/snowflake-arctic-embed-xs",
        APACHE,
        512,
        BGE,
        EmbeddingModel::SnowflakeArcticEmbedXS,
    ),
    embedder_of(
        "snowflake-arctic-embed-s",
        "Snowflake/snowflake-arctic-embed-s",
        APACHE,
        512,
        BGE,
        EmbeddingModel::SnowflakeArcticEmbedS,
    ),
    embedder_of(
        "snowflake-arctic-embed-m",
        "Snowflake/snowflake-arctic-embed-m",
        APACHE,
        512,
        BGE,
        EmbeddingModel::SnowflakeArcticEmbedM,
    ),
    embedder_of(
        "snowflake-arctic-embed-m-long",
        "Snowflake/snowflake-arctic-embed-m-long",
        APACHE,
        2048,
        BGE,
        EmbeddingModel::SnowflakeArcticEmbedMLong,
    ),
    embedder_of(
        "snowflake-arctic-embed-l",
        "Snowflake/snowflake-arctic-embed-l",
        APACHE,
        512,
        BGE,
        EmbeddingModel::SnowflakeArcticEmbedL,
    ),
    embedder_of(
        "nomic-embed-text-v1",
        "nomic-ai/nomic-embed-text-v1",
        APACHE,
        8192,
        NOMIC,
        EmbeddingModel::NomicEmbedTextV1,
    ),
    embedder_of(
        "nomic-embed-text-v1.5",
        "nomic-ai/nomic-embed-text-v1.5",
        APACHE,
        8192,
        NOMIC,
        EmbeddingModel::NomicEmbedTextV15,
    ),
    embedder_of(
        "modernbert-embed-large",
        "lightonai/modernbert-embed-large",
        APACHE,
        8192,
        NOMIC,
        EmbeddingModel::ModernBertEmbedLarge,
    ),
    embedder_of(
        "mxbai-embed-large-v1",
        "mixedbread-ai/mxbai-embed-large-v1",
        APACHE,
        512,
        BGE,
        EmbeddingModel::MxbaiEmbedLargeV1,
    ),
    embedder_of(
        "jina-embeddings-v2-base-en",
        "jinaai/jina-embeddings-v2-base-en",
        APACHE,
        8192,
        NONE,
        EmbeddingModel::JinaEmbeddingsV2BaseEN,
    ),
    embedder_of(
        "jina-embeddings-v2-base-code",
        "jinaai/jina-embeddings-v2-base-code",
        APACHE,
        8192,
        NONE,
        EmbeddingModel::JinaEmbeddingsV2BaseCode,
    ),
    embedder_of(
        "all-minilm-l6-v2",
        "sentence-transformers/all-MiniLM-L6-v2",
        APACHE,
        256,
        NONE,
        EmbeddingModel::AllMiniLML6V2,
    ),
    embedder_of(
        "all-minilm-l12-v2",
        "sentence-transformers/all-MiniLM-L12-v2",
        APACHE,
        128,
        NONE,
        EmbeddingModel::AllMiniLML12V2,
    ),
    embedder_of(
        "all-mpnet-base-v2",
        "sentence-transformers/all-mpnet-base-v2",
        APACHE,
        384,
        NONE,
        EmbeddingModel::AllMpnetBaseV2,
    ),
];

static RERANKERS: [HubReranker; 4] = [
    HubReranker {
        name: "bge-reranker-v2-m3",
        publication: "BAAI/bge-reranker-v2-m3",
        licence: APACHE,
        model: RerankerModel::BGERerankerV2M3,
    },
    HubReranker {
        name: "bge-reranker-base",
        publication: "BAAI/bge-reranker-base",
        licence: MIT,
        model: RerankerModel::BGERerankerBase,
    },
    HubReranker {
        name: "jina-reranker-v2-base-multilingual",
        publication: "jinaai/jina-reranker-v2-base-multilingual",
        licence: "CC-BY-NC-4.0",
        model: RerankerModel::JINARerankerV2BaseMultilingual,
    },
    HubReranker {
        name: "jina-reranker-v1-turbo-en",
        publication: "jinaai/jina-reranker-v1-turbo-en",
        licence: APACHE,
        model: RerankerModel::JINARerankerV1TurboEn,
    },
];

/// The models that embed.
pub(crate) fn embedders() -> impl Iterator<Item = &'static HubEmbedder> {
    EMBEDDERS.iter()
}

/// The cross-encoders.
pub(crate) fn rerankers() -> impl Iterator<Item = &'static HubReranker> {
    RERANKERS.iter()
}

/// The model that embeds with this name: its short name, or `owner/name`.
pub(crate) fn embedder(name: &str) -> Option<&'static HubEmbedder> {
    embedders().find(|known| is_name(name, known.name, known.publication))
}

/// The cross-encoder with this name, likewise.
///
/// # Errors
///
/// [`Error::Model`] that suggests a name if there is none.
pub(crate) fn reranker(name: &str) -> Result<&'static HubReranker> {
    let found = rerankers().find(|known| is_name(name, known.name, known.publication));
    found.ok_or_else(|| Error::Model {
        model: name.to_owned(),
        reason: format!(
            "there is no reranker of this name{}",
            did_you_mean(name, rerankers().flat_map(|known| [known.name, known.publication]))
        ),
        hint: format!(
            "the rerankers are {}; any other cross-encoder is used by giving its directory as [reranker] path",
            rerankers().map(|known| known.name).collect::<Vec<_>>().join(", ")
        ),
    })
}

/// The name under which a model is kept and recorded: the short one.
pub(crate) fn canonical(name: &str) -> &str {
    embedder(name).map_or(name, |known| known.name)
}

/// Whether a licence forbids commercial use.
pub(crate) fn is_non_commercial(licence: &str) -> bool {
    licence.contains("-NC-")
}

fn is_name(name: &str, short: &str, publication: &str) -> bool {
    name.eq_ignore_ascii_case(short) || name.eq_ignore_ascii_case(publication)
}

impl HubEmbedder {
    /// Where its files are.
    pub(crate) fn source(&self) -> Result<Source> {
        let info = TextEmbedding::get_model_info(&self.model).map_err(|_| unknown(self.name))?;
        Ok(Source {
            repository: info.model_code.clone(),
            graph: info.model_file.clone(),
            weights: info.additional_files.clone(),
        })
    }

    /// How its vectors are made.
    pub(crate) fn shape(&self) -> Result<Shape> {
        let info = TextEmbedding::get_model_info(&self.model).map_err(|_| unknown(self.name))?;
        let pooling = match TextEmbedding::get_default_pooling_method(&self.model) {
            Some(fastembed::Pooling::Mean) => Pooling::Mean,
            Some(fastembed::Pooling::Cls) => Pooling::Cls,
            None => return Err(unknown(self.name)),
        };
        Ok(Shape { pooling, dimensions: info.dim })
    }
}

impl HubReranker {
    /// Where its files are.
    pub(crate) fn source(&self) -> Result<Source> {
        let info = TextRerank::list_supported_models().into_iter().find(|info| info.model == self.model);
        let info = info.ok_or_else(|| unknown(self.name))?;
        Ok(Source { repository: info.model_code, graph: info.model_file, weights: info.additional_files })
    }
}

fn unknown(name: &str) -> Error {
    Error::Model {
        model: name.to_owned(),
        reason: "it is listed, but nothing says where its files are".into(),
        hint: "update Footnote, or give its directory as a path".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::manifest::{Manifest, is_plain_name};

    #[test]
    fn fastembed_knows_every_model_and_names_plain_paths() {
        let sources = embedders().map(|known| known.source().unwrap()).chain(rerankers().map(|k| k.source().unwrap()));
        for source in sources {
            let (owner, name) = source.repository.split_once('/').unwrap();
            assert!(is_plain_name(owner) && is_plain_name(name), "{source:?}");
            for path in source.weights.iter().chain([&source.graph]) {
                assert!(path.split('/').all(is_plain_name), "{source:?}");
            }
            assert_eq!(std::path::Path::new(&source.graph).extension().unwrap(), "onnx", "{source:?}");
        }
        for known in embedders() {
            let shape = known.shape().unwrap();
            assert!((256..=4096).contains(&shape.dimensions), "{}", known.name);
        }
    }

    #[test]
    fn no_two_models_share_a_name_and_no_name_is_a_path() {
        let manifest = Manifest::bundled().unwrap();
        let mut names = BTreeSet::new();
        for name in manifest.models.iter().map(|model| model.name.to_lowercase()) {
            assert!(names.insert(name));
        }
        let known = embedders().map(|k| (k.name, k.publication)).chain(rerankers().map(|k| (k.name, k.publication)));
        for (name, publication) in known {
            assert!(is_plain_name(name), "{name}");
            assert!(publication.split('/').count() == 2 && publication.split('/').all(is_plain_name), "{publication}");
            assert!(names.insert(name.to_lowercase()), "{name}");
            assert!(names.insert(publication.to_lowercase()), "{publication}");
        }
    }

    #[test]
    fn both_names_are_accepted_and_the_short_one_is_kept() {
        assert_eq!(canonical("BAAI/bge-m3"), "bge-m3");
        assert_eq!(canonical("baai/BGE-M3"), "bge-m3");
        assert_eq!(canonical("footnote-e5-small"), "footnote-e5-small");
        assert_eq!(reranker("jinaai/jina-reranker-v2-base-multilingual").unwrap().licence, "CC-BY-NC-4.0");
        for other in ["../bge-m3", "bge-m3/..", "models/bge-m3", ""] {
            assert!(embedder(other).is_none() && reranker(other).is_err(), "{other}");
        }
    }

    #[test]
    fn an_unknown_reranker_gets_a_suggestion() {
        let error = reranker("bge-reranker-v2-m4").unwrap_err();
        assert!(error.to_string().contains("did you mean `bge-reranker-v2-m3`?"), "{error}");
    }
}
