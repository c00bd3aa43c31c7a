//! `footnote config`: the settings in force, as a file that would give them.

use std::path::Path;

use clap::Args;
use footnote::Config;
use footnote::config::{
    AskConfig, DEFAULT_CONFIG, IndexConfig, IngestConfig, LogConfig, ModelConfig, Pooling, ServerConfig,
};
use toml::Value;

use super::{Exit, Session};

const AFTER_HELP: &str = "\
Examples:
  footnote config                             what holds, once file, environment and flags are taken together
  footnote config --default > config.toml     the defaults with what each means, to start from";

/// Print the settings in force
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ConfigArgs {
    /// Print the commented defaults instead
    #[arg(long)]
    default: bool,
}

pub(crate) fn run(args: &ConfigArgs, session: &Session) -> anyhow::Result<Exit> {
    match args.default {
        true => session.print(DEFAULT_CONFIG)?,
        false => session.print(&in_force(&session.config))?,
    }
    Ok(Exit::Done)
}

/// The settings as the text of a file. Every struct is taken apart field by field, so that none can be forgotten.
fn in_force(config: &Config) -> String {
    let Config { index, model, ingest, ask, server, log } = config;
    let IndexConfig { dir, collection } = index;
    let index = [("dir", path(dir)), ("collection", text(collection))];
    let ModelConfig { name, dir, path: at, query_prefix, passage_prefix, pooling, max_tokens, offline, threads } =
        model;
    let pooling = match pooling {
        Pooling::Mean => "mean",
        Pooling::Cls => "cls",
    };
    let model = [
        ("name", text(name)),
        ("dir", path(dir)),
        ("path", path(at)),
        ("query_prefix", text(query_prefix)),
        ("passage_prefix", text(passage_prefix)),
        ("pooling", text(pooling)),
        ("max_tokens", number(*max_tokens as u64)),
        ("offline", Value::Boolean(*offline)),
        ("threads", number(*threads as u64)),
    ];
    let IngestConfig { passage_tokens, max_document_bytes, batch_tokens } = ingest;
    let ingest = [
        ("passage_tokens", number(*passage_tokens as u64)),
        ("max_document_bytes", number(*max_document_bytes as u64)),
        ("batch_tokens", number(*batch_tokens as u64)),
    ];
    let AskConfig { top_k, candidates, sentences, context_sentences } = ask;
    let ask = [
        ("top_k", number(*top_k as u64)),
        ("candidates", number(*candidates as u64)),
        ("sentences", number(*sentences as u64)),
        ("context_sentences", number(*context_sentences as u64)),
    ];
    let ServerConfig { listen, max_body_bytes, max_concurrent, request_timeout_seconds, shutdown_seconds } = server;
    let server = [
        ("listen", text(listen)),
        ("max_body_bytes", number(*max_body_bytes as u64)),
        ("max_concurrent", number(*max_concurrent as u64)),
        ("request_timeout_seconds", number(*request_timeout_seconds)),
        ("shutdown_seconds", number(*shutdown_seconds)),
    ];
    let LogConfig { level } = log;
    let log = [("level", text(level))];
    let sections: [(&str, &[(&str, Value)]); 6] =
        [("index", &index), ("model", &model), ("ingest", &ingest), ("ask", &ask), ("server", &server), ("log", &log)];
    let section = |(name, values): &(&str, &[(&str, Value)])| {
        let lines = values.iter().map(|(key, value)| format!("{key} = {value}\n"));
        format!("[{name}]\n{}", lines.collect::<String>())
    };
    sections.iter().map(section).collect::<Vec<_>>().join("\n")
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn path(value: &Path) -> Value {
    Value::String(value.to_string_lossy().into_owned())
}

fn number(value: u64) -> Value {
    // TOML's integers are signed; a larger setting is as good as none.
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back_as_the_settings_in_force() {
        let mut config = Config::default();
        config.ask.top_k = 9;
        config.index.dir = "a \"quoted\"\\dir".into();
        config.model.offline = true;
        config.model.pooling = Pooling::Cls;
        let printed: toml::Table = in_force(&config).parse().unwrap();
        assert_eq!(printed.try_into::<Config>().unwrap(), config);
    }
}
