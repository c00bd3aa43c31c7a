//! What `footnote --version` says beyond the number.

use std::env::consts::{ARCH, OS};

use crate::Config;
use crate::model_store;

/// The program, the model and the runtime that it comes with, and what it was compiled for.
pub(crate) fn long() -> String {
    let runtime = model_store::runtime_version().unwrap_or_else(|_| "unknown".to_owned());
    let model = Config::default().model.name;
    format!("{}\nmodel         {model}\nONNX Runtime  {runtime}\ntarget        {ARCH}-{OS}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_names_what_a_report_of_a_problem_should_have() {
        let version = super::long();
        assert!(version.starts_with(env!("CARGO_PKG_VERSION")), "{version}");
        assert!(version.contains("footnote-e5-small") && !version.contains("unknown"), "{version}");
    }
}
