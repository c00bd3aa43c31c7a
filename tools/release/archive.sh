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
    cargo rustc --release --locked --bin footnote -- -C 'link-arg=-Wl,-rpath,$ORIGIN/../lib'
    program="${CARGO_TARGET_DIR:-target}/release/footnote"
fi
install -m 755 "$program" "$root/bin/footnote"

# Of the C++ runtime, which minimal systems lack. The C library is the system's own.
ldd "$program" | awk '$1 ~ /^lib(stdc\+\+|gcc_s)\.so/ { print $3 }' | while read -r library; do
    install -m 644 "$(realpath "$library")" "$root/lib/$(basename "$library")"
done

# Of this machine's settings only those for its network count: neither variables nor a file of the user for Footnote.
network=()
for variable in $(compgen -e | grep -iE '^(pip_.*|(https?|all|no)_proxy|ssl_cert_(file|dir)|requests_ca_bundle)$' || true); do
    network+=("$variable=${!variable}")
done
footnote() {
    env -i PATH="$PATH" HOME="$HOME" "${network[@]}" FOOTNOTE_MODEL_DIR="$root/share/footnote/models" \
        FOOTNOTE_INDEX_DIR="$stage/index" "$root/bin/footnote" --config config.toml "$@"
}

if [ -n "$models" ]; then
    cp -r "$models" "$root/share/footnote/models"
else
    footnote models pull
fi
for needed in pdfium- onnxruntime-; do
    compgen -G "$root/share/footnote/models/$needed*" > /dev/null || { echo "the models lack $needed*: fetch them with footnote models pull" >&2; exit 1; }
done

cp -r examples/corpus "$root/share/doc/footnote/corpus"
cp README.md CHANGELOG.md LICENSE NOTICE config.toml "$root/share/doc/footnote/"
# The card of the trained layers, with their licence and what they were trained on.
cp models/trained/README.md "$root/share/doc/footnote/MODEL_CARD.md"
cp -r docs "$root/share/doc/footnote/docs"
install -m 644 examples/deploy/footnote.service examples/deploy/grafana.json "$root/share/doc/footnote/"
footnote man --dir "$root/share/man/man1"
mkdir -p "$root/share/bash-completion/completions" "$root/share/zsh/site-functions" "$root/share/fish/vendor_completions.d"
footnote completions bash > "$root/share/bash-completion/completions/footnote"
footnote completions zsh > "$root/share/zsh/site-functions/_footnote"
footnote completions fish > "$root/share/fish/vendor_completions.d/footnote.fish"
python3 tools/release/sbom.py "$target" > "$root/share/doc/footnote/sbom.cdx.json"

# Nothing of this machine and of the time goes into the archive.
time="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
tar --create --directory "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mode='u+w,go-w,a+rX' --mtime="@$time" "$name" |
    gzip -n -6 > "$dist/$name.tar.gz"
cp "$root/share/doc/footnote/sbom.cdx.json" "$dist/$name.cdx.json"
(cd "$dist" && sha256sum "$name.tar.gz" "$name.cdx.json" > "$name.sha256")
echo "$dist/$name.tar.gz"
