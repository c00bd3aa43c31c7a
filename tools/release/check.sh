#!/usr/bin/env bash
# Checks an archive: unpacks it into an empty folder and asks the README's question there, without a network, settings, or
# anything else of this machine. Then it asks again from another place, through a link to the program.
#
#   tools/release/check.sh DIST/footnote-VERSION-TARGET.tar.gz
set -euo pipefail
archive="$(realpath "$1")"
pdf="$(realpath "$(dirname "$0")/../../tests/data/formats/pdf/en-two-columns-chromium.pdf")"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
fail() { echo "failed: $1" >&2; exit 1; }

(cd "$(dirname "$archive")" && sha256sum --check --quiet "$(basename "$archive" .tar.gz).sha256") || fail "a checksum differs"
mkdir "$folder/home" "$folder/unpacked"
tar --extract --gzip --file "$archive" --directory "$folder/unpacked"
root="$(echo "$folder"/unpacked/*)"
grep -q '"bomFormat": "CycloneDX"' "$root/share/doc/footnote/sbom.cdx.json" || fail "there is no list of what is in it"
[ -s "$root/share/doc/footnote/MODEL_CARD.md" ] || fail "the card of the trained layers is not in it"
for library in "$root"/lib/*; do
    ldd "$root/bin/footnote" | grep -qF "$root/lib/$(basename "$library")" || fail "the program does not load lib/$(basename "$library")"
done

# No network, where the kernel lets users have a namespace without one.
alone=()
if unshare --user --map-root-user --net true 2>/dev/null; then alone=(unshare --user --map-root-user --net); fi
run() {
    (cd "$folder/home" && "${alone[@]}" env -i HOME="$folder/home" PATH=/usr/bin:/bin FOOTNOTE_MODEL_OFFLINE=true "$@")
}
run "$root/bin/footnote" ingest "$root/share/doc/footnote/corpus" > "$folder/ingested" || fail "it does not ingest"
answer="$(run "$root/bin/footnote" ask "who expects the Fed to cut in 2026")" || fail "it does not answer"
grep -q '陸以寧預期聯準會2026年將降息三次' <<< "$answer" || fail "it answers: $answer"
run "$root/bin/footnote" ingest "$pdf" > "$folder/ingested" || fail "it does not read a PDF"
grep -q '^added' "$folder/ingested" || fail "of a PDF it says: $(cat "$folder/ingested")"

mv "$root" "$folder/elsewhere"
mkdir "$folder/path"
ln -s "$folder/elsewhere/bin/footnote" "$folder/path/footnote"
answer="$(run env PATH="$folder/path:/usr/bin:/bin" footnote ask "who expects the Fed to cut in 2026")" || fail "it does not answer after it was moved"
grep -q '陸以寧預期聯準會2026年將降息三次' <<< "$answer" || fail "after it was moved it answers: $answer"
run "$folder/elsewhere/bin/footnote" verify > /dev/null || fail "the index is not sound"
echo "the archive answers the question and reads a PDF, in an empty folder and after it was moved"
