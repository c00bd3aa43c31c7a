//! `footnote keys`: makes, lists and revokes API keys.

use clap::{Args, Subcommand};

use super::table::{table, words};
use super::{Exit, Session};
use crate::config::check_collection_name;
use crate::keys::{Key, KeyFile, NewKey, Rights, Scope};
use crate::library;

const NEW_HELP: &str = "\
Examples:
  footnote keys new phone                                  may ask, in all collections
  footnote keys new laptop --scope ask,write               may also add and delete documents
  footnote keys new monitoring --scope admin               may do everything
  footnote keys new reader --only news,work                only in these two collections
  footnote keys new open-webui > open-webui.key            the key goes only to standard output
  footnote keys new ci --entry                             prints an entry for [server] keys, and keeps nothing

A server that runs accepts the key at once.";

const LS_HELP: &str = "\
Examples:
  footnote keys ls
  footnote keys ls --json";

const REVOKE_HELP: &str = "\
Examples:
  footnote keys revoke phone

A server that runs refuses the key at once.";

/// Make, list and revoke API keys for the server
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a key
    ///
    /// The key is printed once. What is kept, in keys.txt in the index directory, is a hash of it.
    #[command(after_help = NEW_HELP)]
    New {
        /// Name of the key's holder: letters, digits, - _ . and @
        name: String,
        /// What it allows: ask, write (add and delete documents), admin (everything)
        #[arg(long, value_name = "SCOPES", value_delimiter = ',', default_value = "ask")]
        scope: Vec<Scope>,
        /// Only for these collections; they need not exist yet
        #[arg(long, value_name = "COLLECTIONS", value_delimiter = ',')]
        only: Vec<String>,
        /// Print an entry for [server] keys in config.toml instead of keeping the key with the index
        #[arg(long)]
        entry: bool,
    },
    /// List the keys
    #[command(after_help = LS_HELP)]
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key
    #[command(after_help = REVOKE_HELP)]
    Revoke {
        /// Its name
        name: String,
    },
}

pub(crate) fn run(args: &KeysArgs, session: &Session) -> anyhow::Result<Exit> {
    match &args.command {
        KeysCommand::New { name, scope, only, entry } => make(name, scope, only, *entry, session),
        KeysCommand::Ls { json } => list(*json, session),
        KeysCommand::Revoke { name } => revoke(name, session),
    }
}

fn make(name: &str, scopes: &[Scope], only: &[String], as_entry: bool, session: &Session) -> anyhow::Result<Exit> {
    only.iter().try_for_each(|collection| check_collection_name(collection))?;
    let rights = Rights::new(scopes.to_vec(), only.to_vec())?;
    let NewKey { key, entry } = NewKey::with(name, rights.clone())?;
    if as_entry {
        session.print(&format!("{key}\n"))?;
        session.warn(&format!(
            "The key is shown only once. Add its entry to the settings, after the entries of other keys:\n\n[server]\nkeys = [\"{entry}\"]"
        ));
        return Ok(Exit::Done);
    }
    if of_settings(session)?.iter().any(|key| key.name == name) {
        return Err(crate::Error::Input {
            reason: format!("[server] keys has a key `{name}` already"),
            hint: "give this one another name".into(),
        }
        .into());
    }
    let file = KeyFile::of(&session.config.index.dir);
    file.add(entry.parse()?)?;
    let known = library::names(&session.config.index.dir)?;
    for name in only.iter().filter(|name| !known.contains(name)) {
        session.note(&format!("There is no collection `{name}` yet."));
    }
    session.print(&format!("{key}\n"))?;
    session.note(&format!(
        "The key is shown only once. It allows {}, in {}. `footnote keys revoke {name}` revokes it.",
        rights.scopes().replace('+', " and "),
        collections(&rights)
    ));
    Ok(Exit::Done)
}

fn list(json: bool, session: &Session) -> anyhow::Result<Exit> {
    let of_file = KeyFile::of(&session.config.index.dir).read()?;
    let of_settings = of_settings(session)?;
    let keys = of_file.iter().map(|key| (key, "index")).chain(of_settings.iter().map(|key| (key, "settings")));
    let keys: Vec<(&Key, &str)> = keys.collect();
    if json {
        let shown = keys.iter().map(|(key, kept)| {
            serde_json::json!({
                "name": key.name,
                "scopes": key.rights.scopes().split('+').collect::<Vec<_>>(),
                "collections": key.rights.collections(),
                "kept_in": kept,
            })
        });
        session.print_json(&serde_json::json!({"keys": shown.collect::<Vec<_>>()}))?;
        return Ok(Exit::Done);
    }
    if keys.is_empty() {
        session.note("There are no keys. `footnote keys new NAME` makes one.");
        return Ok(Exit::Done);
    }
    let row = |(key, kept): &(&Key, &str)| {
        vec![key.name.clone(), key.rights.scopes().replace('+', ", "), collections(&key.rights), (*kept).to_owned()]
    };
    let rows: Vec<Vec<String>> = keys.iter().map(row).collect();
    let columns = [words("NAME"), words("SCOPES"), words("COLLECTIONS"), words("KEPT IN")];
    session.print(&table(&columns, &rows, session.style))?;
    Ok(Exit::Done)
}

fn revoke(name: &str, session: &Session) -> anyhow::Result<Exit> {
    if KeyFile::of(&session.config.index.dir).remove(name)? {
        session.note(&format!("The key `{name}` is revoked."));
        return Ok(Exit::Done);
    }
    let hint = match of_settings(session)?.iter().any(|key| key.name == name) {
        true => format!("its entry is in the settings: remove it from [server] keys and restart the server ({name})"),
        false => "`footnote keys ls` lists the keys".to_owned(),
    };
    session.warn(&format!("footnote: no key `{name}` is kept with the index\n  hint: {hint}"));
    Ok(Exit::NothingFound)
}

fn of_settings(session: &Session) -> crate::Result<Vec<Key>> {
    Key::parse_all(&session.config.server.keys)
}

fn collections(rights: &Rights) -> String {
    rights.collections().map_or_else(|| "all collections".to_owned(), |names| names.join(", "))
}
