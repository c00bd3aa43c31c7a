//! Shared by all tests: the real program, the real model, corpora that are ingested once, and what a machine may lack.

mod browser;
pub(crate) mod chat_server;
mod clients;
mod cross_encoder;
mod dice;
mod encoder;
mod hub;
mod library;
mod needs;
mod onnx;
mod server;
mod site;
mod workspace;

pub(crate) use browser::{Browser, ENTER, ESCAPE, TAB};
pub(crate) use clients::{client_modules, client_python};
pub(crate) use cross_encoder::cross_encoder;
pub(crate) use dice::Dice;
pub(crate) use encoder::encoder;
pub(crate) use hub::Hub;
pub(crate) use library::{
    EvalSet, config, data, embedder, example_questions, examples, examples_with, model_dir, optional_data, project,
    scans_can_be_read, seed, temporary,
};
pub(crate) use needs::{Resource, needs};
pub(crate) use server::{ANY_PORT, Reply, Server, exclusive_address};
pub(crate) use site::{Asked, Pace, Page, Site};
pub(crate) use workspace::{ARTICLE, Output, QUESTION, SENTENCE, Workspace};
