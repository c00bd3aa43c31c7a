//! The language model in `[writer]`: whether its server can be reached and has the model.

use super::check::Check;
use crate::Config;
use crate::writer::Writer;

const NAME: &str = "writer";
/// Models that are named, at most.
const NAMED: usize = 8;

/// The check, if a language model is configured. A model that fails is a remark: questions are answered without it.
pub(super) fn check(config: &Config) -> Option<Check> {
    let writer = Writer::new(config)?;
    let model = writer.model();
    Some(match writer.models() {
        Err(failure) => {
            let told = format!("{model} cannot be used, so that answers are quoted: {}", failure.detail);
            Check::note(NAME, told, "start its server, or correct [writer] url, model and key_env")
        }
        Ok(None) => Check::well(NAME, format!("the server of {model} answers; it does not list its models")),
        Ok(Some(models)) if models.iter().any(|listed| is_same(listed, model)) => {
            Check::well(NAME, format!("the server answers and has {model}"))
        }
        Ok(Some(models)) => {
            let listed: Vec<&str> = models.iter().take(NAMED).map(String::as_str).collect();
            let more = if models.len() > NAMED { ", …" } else { "" };
            let told = format!("the server has no {model}; it has {}{more}", listed.join(", "));
            Check::note(NAME, told, "set [writer] model to one of them, or add the model to the server")
        }
    })
}

/// Whether a listed model is the configured one. Ollama lists `name:latest` for `name`.
fn is_same(listed: &str, model: &str) -> bool {
    listed == model || listed.strip_suffix(":latest") == Some(model)
}
