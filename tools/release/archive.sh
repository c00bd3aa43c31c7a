#!/usr/bin/env bash
# Makes an archive for Linux that runs wherever it is unpacked: the program, the libraries it needs beyond the C library,
# the models, and what is to be read. Beside it, a list of what is in it (CycloneDX) and checksums.
#
#   tools/release/archive.sh DIST                      builds the program, and fetches the models
#   tools/release/archive.sh DIST PROGRAM MODELS       takes a program and a folder of models that are there already
#
# Run it on the oldest Linux that the archive is for, since it needs that system's C library or a newer one. It needs the
# Rust toolchain, a C++ compiler and Python 3.11 with pip. The same commit gives the same archive on the same machine.
set -euo pipefail
dist="$(mkdir -p "$1" && cd "$1" && pwd)"
program="${2:+$(realpath "$2")}"
models="${3:+$(realpath "$3")}"
cd "$(dirname "$0")/../.."

target="$(rustc -vV | sed -n 's/^host: //p')"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
name="footnote-$version-$target"
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
root="$stage/$name"
mkdir -p "$root"/{bin,lib,share/footnote,share/doc/footnote,share/man/man1}

if [ -z "$program" ]; then
    # The libraries are looked for beside the program, wherever it is.
    RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-Wl,-rpath,\$ORIGIN/../lib" cargo build --release --locked
    program="${CARGO_TARGET_DIR:-target}/release/footnote"
fi
install -m 755 "$program" "$root/bin/footnote"

# Of the C++ runtime, which minimal systems lack. The C library is the system's own.
ldd "$program" | awk '$1 ~ /^lib(stdc\+\+|gcc_s)\.so/ { print $3 }' | while read -r library; do
    install -m 644 "$(realpath "$library")" "$root/lib/$(basename "$library")"
done

if [ -n "$models" ]; then
    cp -r "$models" "$root/share/footnote/models"
else
    export FOOTNOTE_MODEL_DIR="$root/share/footnote/models"
    "$root/bin/footnote" models pull
    # PDFium comes with the first PDF.
    printf '%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n' > "$stage/empty.pdf"
    "$root/bin/footnote" --index "$stage/index" ingest "$stage/empty.pdf" || true
    unset FOOTNOTE_MODEL_DIR
fi

cp -r examples/corpus "$root/share/doc/footnote/corpus"
cp README.md CHANGELOG.md LICENSE NOTICE config.toml models/trained/README.md "$root/share/doc/footnote/" 2>/dev/null || \
    cp README.md CHANGELOG.md LICENSE NOTICE config.toml "$root/share/doc/footnote/"
cp -r docs "$root/share/doc/footnote/docs"
install -m 644 examples/deploy/footnote.service examples/deploy/grafana.json "$root/share/doc/footnote/"
"$root/bin/footnote" man --dir "$root/share/man/man1"
mkdir -p "$root/share/bash-completion/completions" "$root/share/zsh/site-functions" "$root/share/fish/vendor_completions.d"
"$root/bin/footnote" completions bash > "$root/share/bash-completion/completions/footnote"
"$root/bin/footnote" completions zsh > "$root/share/zsh/site-functions/_footnote"
"$root/bin/footnote" completions fish > "$root/share/fish/vendor_completions.d/footnote.fish"
python3 tools/release/sbom.py "$target" > "$root/share/doc/footnote/sbom.cdx.json"

# Nothing of this machine and of the time goes into the archive.
time="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
tar --create --directory "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mode='u+w,go-w,a+rX' --mtime="@$time" "$name" |
    gzip -n -6 > "$dist/$name.tar.gz"
cp "$root/share/doc/footnote/sbom.cdx.json" "$dist/$name.cdx.json"
(cd "$dist" && sha256sum "$name.tar.gz" "$name.cdx.json" > "$name.sha256")
echo "$dist/$name.tar.gz"
