//! The last key of each kind that was ever used. SQLite's own AUTOINCREMENT keeps them without a checksum.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::checksum::{self, Checksum};
use super::failure::Failure;
use super::{set, setting};

/// The setting that holds them.
const COUNTERS: &str = "counters";

/// The last document key, passage key and change number that were used; none is ever used twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) document: i64,
    pub(super) passage: i64,
    pub(super) change: i64,
}

impl Counters {
    pub(super) fn read(connection: &Connection) -> Result<Self, Failure> {
        let text = setting(connection, COUNTERS)?.unwrap_or_default();
        let mut numbers = text.split(' ').map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(document)), Some(Ok(passage)), Some(Ok(change))) => Ok(Self { document, passage, change }),
            _ => Err(Failure::DamagedFile("the setting that counts keys is missing".into())),
        }
    }

    pub(super) fn save(self, connection: &Connection) -> rusqlite::Result<()> {
        let Self { document, passage, change } = self;
        set(connection, COUNTERS, &format!("{document} {passage} {change}"))
    }

    pub(super) fn next_document(&mut self) -> i64 {
        self.document += 1;
        self.document
    }

    pub(super) fn next_passage(&mut self) -> i64 {
        self.passage += 1;
        self.passage
    }

    /// Adds a row to `changes`.
    pub(super) fn note(&mut self, connection: &Connection, passage: i64, added: bool) -> rusqlite::Result<()> {
        self.change += 1;
        let checksum = of_change(self.change, passage, added.into());
        let mut insert = connection.prepare_cached("INSERT INTO changes VALUES (?1, ?2, ?3, ?4)")?;
        insert.execute(params![self.change, passage, added, checksum]).map(drop)
    }
}

/// The passage of the change with this number, and whether it was added, from the first columns of `changes`; `None` if
/// the row is not what was stored.
pub(super) fn read_change(row: &Row<'_>, number: i64) -> rusqlite::Result<Option<(i64, bool)>> {
    let values = (row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?);
    let (ValueRef::Integer(stored), ValueRef::Integer(passage), ValueRef::Integer(added)) = values else {
        return Ok(None);
    };
    let sound = stored == number && row.get_ref(3)? == ValueRef::Blob(&of_change(number, passage, added));
    Ok(sound.then_some((passage, added == 1)))
}

/// The checksum of a row of `changes`.
fn of_change(sequence: i64, passage: i64, added: i64) -> Checksum {
    checksum::of_values(&[ValueRef::Integer(sequence), ValueRef::Integer(passage), ValueRef::Integer(added)])
}
