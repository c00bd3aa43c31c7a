//! ONNX Runtime: one library and one environment for all models of the process.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ort::environment::{Environment, GlobalThreadPoolOptions};

use super::pool::LoadFailure;
use crate::error::Error;

/// How many threads `[model] threads` stands for: 0 is one for each core.
pub(super) fn threads(configured: usize) -> usize {
    match configured {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

/// [`environment`] for other models than those of this module.
pub(crate) fn shared(path: &Path, configured_threads: usize) -> Result<Environment, Error> {
    Ok(environment(path, threads(configured_threads))?)
}

/// Loads the library at `path` and creates the environment, with a pool of threads that all sessions share. Only success
/// is kept: after a failure the next call tries again. The first call decides how many threads there are.
///
/// Waiting threads sleep instead of spinning. Spinning saves no time that can be measured on an idle machine, and on a
/// busy one it takes the core from threads that have work to do, this process's own included.
pub(super) fn environment(path: &Path, threads: usize) -> Result<Environment, LoadFailure> {
    static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = environment.as_ref() {
        return Ok(environment.clone());
    }
    let failed = |reason: &dyn std::fmt::Display| LoadFailure {
        model: path.display().to_string(),
        reason: format!("ONNX Runtime cannot be loaded: {reason}"),
        hint: "run `footnote models pull --force`".into(),
    };
    let library = ort::init_from(path).map_err(|error| failed(&error))?;
    let built = GlobalThreadPoolOptions::default()
        .with_intra_threads(threads)
        .and_then(|options| options.with_inter_threads(1))
        .and_then(|options| options.with_spin_control(false))
        .and_then(|options| library.with_global_thread_pool(options).build())
        .map_err(|error| failed(&error))?;
    *environment = Some(built.clone());
    Ok(built)
}
