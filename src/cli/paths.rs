//! `footnote config paths`: where Footnote reads and keeps its files.

use std::fmt::Write;
use std::path::PathBuf;

use crate::Config;
use crate::config::Home;
use clap::Args;
use serde_json::{Map, Value};

use super::format::{Format, FormatArgs, typed};
use super::term::{Role, Style};
use super::{Exit, Session, history, markdown};
use crate::display::one_line;

const AFTER_HELP: &str = "\
Examples:
  footnote config paths
  footnote config paths --json | jq -r .index

The settings are those of --config, else of FOOTNOTE_CONFIG, else of config.toml in the current folder, else your own.";

/// Show where settings, index, models and history are
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct PathsArgs {
    #[command(flatten)]
    format: FormatArgs,
}

/// A file or folder of Footnote's.
struct Row {
    name: &'static str,
    path: PathBuf,
    /// Whether it is there.
    exists: bool,
}

pub(crate) fn run(args: &PathsArgs, session: &Session) -> anyhow::Result<Exit> {
    let rows = rows(&session.config, Config::file(session.named_config.as_deref()));
    match args.format.format() {
        Format::Cli => session.print(&render(&rows, session.style))?,
        Format::Md => {
            let cells: Vec<_> = rows.iter().map(|row| vec![row.name.to_owned(), told(row)]).collect();
            session.print(&markdown::table(&["WHAT", "PATH"], &cells))?;
        }
        Format::Json => session.print_json(&json(&rows))?,
        Format::Ndjson => session.print_lines([&typed("paths", json(&rows))])?,
    }
    Ok(Exit::Done)
}

fn rows(config: &Config, settings: Option<PathBuf>) -> Vec<Row> {
    let settings = settings.or_else(|| Some(Home::of_user()?.config_file()));
    let paths = [
        ("settings", settings),
        ("index", Some(config.index.dir.clone())),
        ("models", Some(config.model.dir.clone())),
        ("history", history::path()),
    ];
    let row = |(name, path): (_, Option<PathBuf>)| {
        let path = std::path::absolute(path?).ok()?;
        Some(Row { name, exists: path.exists(), path })
    };
    paths.into_iter().filter_map(row).collect()
}

fn render(rows: &[Row], style: Style) -> String {
    rows.iter().fold(String::new(), |mut text, row| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {}", style.paint(Role::Context, &format!("{:<8}", row.name)), one_line(&told(row)));
        text
    })
}

fn told(row: &Row) -> String {
    let path = row.path.display();
    match (row.exists, row.name) {
        (true, _) => path.to_string(),
        (false, "settings") => format!("{path} (not there: the defaults hold)"),
        (false, _) => format!("{path} (not there yet)"),
    }
}

fn json(rows: &[Row]) -> Value {
    Value::Object(
        rows.iter().map(|row| (row.name.to_owned(), row.path.to_string_lossy().into())).collect::<Map<_, _>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_is_a_line_that_says_whether_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.index.dir = folder.path().to_owned();
        config.model.dir = folder.path().join("models");
        let rows = rows(&config, Some(folder.path().join("config.toml")));
        let text = render(&rows, Style::PLAIN);
        let root = folder.path().display();
        let expected = format!(
            "settings  {root}/config.toml (not there: the defaults hold)\nindex     {root}\n\
             models    {root}/models (not there yet)\n"
        );
        assert!(text.starts_with(&expected), "{text}");
        assert_eq!(json(&rows)["index"], root.to_string());
    }
}
