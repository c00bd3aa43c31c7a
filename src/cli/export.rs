//! `footnote export`: writes the documents of a collection as JSON lines.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exchange::{End, Line};
use super::facts::counted;
use super::{Exit, Session, documents, exit};
use crate::Error;

const AFTER_HELP: &str = "\
Examples:
  footnote export documents.jsonl
  footnote -c news export | gzip > news.jsonl.gz
  footnote export | jq -r .title

Each document is a line with its text, metadata and places in its file; there are no vectors. It can run while a server \
writes. `footnote import` reads it, with any later version and any model. Copies of original files are not in it: \
`footnote backup` copies them.

A damaged document is left out and reported; the exit status is then 4.";

/// Write all documents as JSON lines
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ExportArgs {
    /// The file to write; - is standard output
    #[arg(default_value = "-")]
    file: PathBuf,
}

pub(crate) fn run(args: &ExportArgs, session: &Session) -> anyhow::Result<Exit> {
    if args.file == Path::new("-") {
        return write(session, &mut |line| Ok(session.print(line)?));
    }
    let before = args.file.metadata().ok();
    if is_device(&args.file) || before.as_ref().is_some_and(|found| !found.is_file() && !found.is_dir()) {
        let mut file = File::options().append(true).open(&args.file).map_err(Error::io("open", &args.file))?;
        return write(session, &mut |line| {
            Ok(file.write_all(line.as_bytes()).map_err(Error::io("write", &args.file))?)
        });
    }
    let failed = Error::io("write", &args.file);
    // The file that a symbolic link names is replaced, and not the link.
    let target = args.file.canonicalize().unwrap_or_else(|_| args.file.clone());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Under its name only once all of it is there.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Error::io("create a file in", folder))?;
    let exit = {
        let mut buffer = std::io::BufWriter::new(file.as_file_mut());
        let exit = write(session, &mut |line| Ok(buffer.write_all(line.as_bytes())?))?;
        buffer.flush().map_err(Error::io("write", &args.file))?;
        exit
    };
    file.as_file().sync_all().map_err(Error::io("write", &args.file))?;
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions()).map_err(Error::io("write", &args.file))?;
    }
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(exit)
}

/// Whether a path is one of the system's, such as /dev/stdout. What is behind it is written to and not replaced, even if it is
/// a file.
fn is_device(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|system| path.starts_with(system))
}

/// Passes all lines of the export to `put`.
fn write(session: &Session, put: &mut dyn FnMut(&str) -> anyhow::Result<()>) -> anyhow::Result<Exit> {
    let footnote = session.open_to_read()?;
    put(&Line::head(footnote.name()).write())?;
    let (mut count, mut exit) = (0, Exit::Done);
    for info in documents::all(&footnote)? {
        match footnote.document(&info.id) {
            Ok(document) => {
                put(&Line::Document(Box::new(document.into())).write())?;
                count += 1;
            }
            // It was removed meanwhile.
            Err(Error::NotFound { .. }) => {}
            Err(error @ Error::Damaged { .. }) => {
                session.warn(exit::describe(&error).trim_end());
                exit = Exit::Index;
            }
            Err(error) => return Err(error.into()),
        }
    }
    put(&Line::End(End { documents: count }).write())?;
    session.note(&format!("exported {}", counted(count, "document")));
    Ok(exit)
}
