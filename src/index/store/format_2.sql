-- A store of format 2 with one document, as that version made it.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    key       INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    title     TEXT NOT NULL,
    source    TEXT,
    uri       TEXT,
    published TEXT,
    language  TEXT,
    tags      TEXT NOT NULL,  -- JSON array
    metadata  TEXT NOT NULL,  -- JSON object
    format    TEXT NOT NULL,
    origin    TEXT,           -- the file it was read from
    text      TEXT NOT NULL,
    hash      BLOB NOT NULL,  -- BLAKE3 of all that was given
    ingested  TEXT NOT NULL
) STRICT;
CREATE INDEX documents_by_origin ON documents (origin);
CREATE INDEX documents_by_uri ON documents (uri);
CREATE INDEX documents_by_language ON documents (language);
CREATE TABLE passages (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    document   INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    span_start INTEGER NOT NULL,
    span_end   INTEGER NOT NULL,
    headings   TEXT NOT NULL, -- JSON array
    tokens     INTEGER NOT NULL,
    vector     BLOB NOT NULL, -- f16, little-endian
    UNIQUE (document, ordinal)
) STRICT;
CREATE TABLE sentences (
    passage    INTEGER NOT NULL REFERENCES passages (key) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    span_start INTEGER NOT NULL,
    span_end   INTEGER NOT NULL,
    vector     BLOB NOT NULL, -- f16, little-endian
    tokens     BLOB NOT NULL, -- its token vectors, as late::Codec compresses them
    PRIMARY KEY (passage, ordinal)
) STRICT; -- with row ids: such rows then fit in a page, where an index of its own kind would spill each
CREATE TABLE aliases (
    name     TEXT NOT NULL, -- both as lexicon::key gives them
    other    TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    PRIMARY KEY (name, other, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_document ON aliases (document);
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    passage  INTEGER NOT NULL,
    added    INTEGER NOT NULL -- 1 added, 0 removed
) STRICT;
INSERT INTO settings VALUES ('model_name', 'm'), ('changes_forgotten_through', '5');
INSERT INTO documents VALUES (1, 'a', 'Title', NULL, NULL, NULL, 'en', '["x"]', '{}', 'plain', '/a.txt',
    'One sentence. Another one.', zeroblob(32), '2026-01-01T00:00:00Z');
INSERT INTO passages VALUES (4, 1, 0, 0, 26, '[]', 9, zeroblob(64));
INSERT INTO passages VALUES (9, 1, 1, 0, 26, '[]', 9, zeroblob(64));
DELETE FROM passages WHERE key = 9;
INSERT INTO sentences VALUES (4, 0, 0, 13, zeroblob(64), zeroblob(10)), (4, 1, 14, 26, zeroblob(64), zeroblob(10));
INSERT INTO aliases VALUES ('a1', 'b1', 1), ('b1', 'a1', 1);
INSERT INTO changes VALUES (5, 4, 1);
DELETE FROM changes;
PRAGMA application_id = 1181708148;
PRAGMA user_version = 2;
