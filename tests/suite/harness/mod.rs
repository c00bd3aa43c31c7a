//! What the tests share: the real program, the real model, and corpora that are ingested once.

mod browser;
mod clients;
mod cross_encoder;
mod library;
mod server;
mod workspace;

pub(crate) use browser::{Browser, ENTER, ESCAPE, TAB};
pub(crate) use clients::client_python;
pub(crate) use cross_encoder::cross_encoder;
pub(crate) use library::{
    EvalSet, config, embedder, example_questions, examples, model_dir, optional_data, project, seed, temporary,
};
pub(crate) use server::{ANY_PORT, Reply, Server};
pub(crate) use workspace::{ARTICLE, Output, QUESTION, SENTENCE, Workspace};
