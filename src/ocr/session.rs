//! The networks on ONNX Runtime.

use ort::environment::Environment;
use ort::ep::CPU;
use ort::session::Session as Network;
use ort::value::TensorRef;

use super::decode::{Alphabet, Decoded};
use super::page::Networks;
use super::strip::Input;
use crate::embed;
use crate::error::{Error, Result};
use crate::model::RecogniserFiles;

/// The key under which the reading network has its characters.
const CHARACTERS: &str = "character";

/// Both networks, loaded.
pub(super) struct Session {
    detector: Network,
    reader: Network,
    alphabet: Alphabet,
}

impl Session {
    pub(super) fn load(files: &RecogniserFiles, threads: usize) -> Result<Self> {
        files.check(&files.runtime)?;
        let environment = embed::environment(&files.runtime, threads)?;
        let network = |bytes: &[u8]| network(&environment, bytes).map_err(|error| unusable(files, &error));
        let detector = network(&files.read(&files.detector)?)?;
        let reader = network(&files.read(&files.reader)?)?;
        let list = reader.metadata().ok().and_then(|metadata| metadata.custom(CHARACTERS));
        let list = list.ok_or_else(|| unusable(files, &"it does not name its characters"))?;
        Ok(Self { detector, reader, alphabet: Alphabet::new(&list) })
    }
}

/// Pages and lines differ in size, so memory that one left behind is of no use to the next and is given back.
fn network(environment: &Environment, bytes: &[u8]) -> ort::Result<Network> {
    Network::builder(environment)?
        .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?
        .with_memory_pattern(false)?
        .commit_from_memory(bytes)
}

impl Networks for Session {
    type Error = Error;

    fn detect(&mut self, input: &Input) -> Result<Vec<f32>> {
        run(&mut self.detector, input, |shape, values| {
            let fits = shape.last() == Some(&(input.width as i64)) && values.len() == input.width * input.height;
            fits.then(|| values.to_vec())
        })
    }

    fn read(&mut self, input: &Input) -> Result<Decoded> {
        let alphabet = &self.alphabet;
        run(&mut self.reader, input, |shape, values| {
            (shape.last() == Some(&(alphabet.classes() as i64))).then(|| alphabet.decode(values))
        })
    }
}

/// Runs a network and makes something of its output; `None` if that has another shape than expected.
fn run<T>(network: &mut Network, input: &Input, take: impl FnOnce(&[i64], &[f32]) -> Option<T>) -> Result<T> {
    let failed = |reason: &dyn std::fmt::Display| Error::Embedding {
        reason: format!("the recogniser of characters failed: {reason}"), //
    };
    let shape = [1, 3, input.height, input.width];
    let tensor = TensorRef::from_array_view((shape, input.values.as_slice())).map_err(|error| failed(&error))?;
    let outputs = network.run(ort::inputs![tensor]).map_err(|error| failed(&error))?;
    let output = outputs.values().next().ok_or_else(|| failed(&"it returned nothing"))?;
    let (shape, values) = output.try_extract_tensor::<f32>().map_err(|error| failed(&error))?;
    take(shape, values).ok_or_else(|| failed(&"its output has another shape than expected"))
}

fn unusable(files: &RecogniserFiles, reason: &dyn std::fmt::Display) -> Error {
    Error::Model {
        model: files.name.clone(),
        reason: format!("it cannot be loaded: {reason}"),
        hint: "run `footnote models pull --force`".into(),
    }
}
