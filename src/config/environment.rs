//! Settings from environment variables: `FOOTNOTE_SECTION_KEY`.

use super::{ENVIRONMENT_PREFIX, GLOSSARY, OTHER_VARIABLES};
use crate::error::{Error, Result};
use crate::suggest::did_you_mean;

/// Sets the key that `FOOTNOTE_SECTION_KEY` names. The value has the type of the key's default.
pub(super) fn override_table(table: &mut toml::Table, variable: &str, value: &str) -> Result<()> {
    let name = variable[ENVIRONMENT_PREFIX.len()..].to_lowercase();
    let known = |table: &toml::Table| {
        let keys = table.iter().filter(|(section, _)| *section != GLOSSARY).flat_map(|(section, values)| {
            let keys = values.as_table().into_iter().flat_map(toml::Table::keys);
            keys.map(move |key| format!("{ENVIRONMENT_PREFIX}{}_{}", section.to_uppercase(), key.to_uppercase()))
        });
        keys.chain(OTHER_VARIABLES.map(str::to_owned)).collect::<Vec<_>>()
    };
    let slot = name.split_once('_').filter(|(section, _)| *section != GLOSSARY).and_then(|(section, key)| {
        table.get_mut(section).and_then(toml::Value::as_table_mut).and_then(|section| section.get_mut(key))
    });
    let Some(slot) = slot else {
        let known = known(table);
        let meant = match did_you_mean(variable, known.iter().map(String::as_str)) {
            none if none.is_empty() => {
                "; `footnote config --default` prints all settings, and a setting's variable is \
                                        FOOTNOTE_SECTION_KEY, such as FOOTNOTE_SERVER_LISTEN"
                    .to_owned()
            }
            meant => meant,
        };
        return Err(Error::Config { reason: format!("unknown environment variable {variable}{meant}") });
    };
    let parsed = match slot {
        toml::Value::Integer(_) => value.trim().parse().ok().map(toml::Value::Integer),
        toml::Value::Float(_) => value.trim().parse().ok().map(toml::Value::Float),
        toml::Value::Array(_) => {
            let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(toml::Value::Array(items.map(toml::Value::from).collect()))
        }
        toml::Value::Boolean(_) => value.trim().parse().ok().map(toml::Value::Boolean),
        _ => Some(toml::Value::String(value.to_owned())),
    };
    *slot = parsed.ok_or_else(|| Error::Config {
        reason: format!("environment variable {variable} is `{value}`; it must be {}", type_name(slot)),
    })?;
    Ok(())
}

/// The type of a setting in words.
fn type_name(setting: &toml::Value) -> &'static str {
    match setting {
        toml::Value::Integer(_) => "a whole number",
        toml::Value::Float(_) => "a number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Array(_) => "a list, separated by commas",
        _ => "text",
    }
}
