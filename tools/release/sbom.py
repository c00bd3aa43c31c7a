#!/usr/bin/env python3
"""Writes a software bill of materials (CycloneDX 1.5, JSON) of what an archive holds: the crates that the program is built
from, as Cargo.lock pins them, and the models and libraries beside it, as models/manifest.toml pins them.

Usage: sbom.py TARGET > sbom.cdx.json        (in the root of the repository)
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path


def crates(target):
    """The root package and the crates that reach the program: no test and no build dependencies."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    found, queue = {}, [root]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        linked = [dep["pkg"] for dep in nodes[name]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
        found[name] = linked
        queue += linked
    return packages[root], {name: (packages[name], linked) for name, linked in found.items()}


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package):
    entry = {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package.get("license"):
        entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if package.get("description"):
        entry["description"] = " ".join(package["description"].split())
    return entry


def data():
    """What models/manifest.toml downloads: names, with the hashes of the files."""
    manifest = tomllib.loads(Path("models/manifest.toml").read_text(encoding="utf-8"))

    def hashes(value):
        if isinstance(value, dict):
            for name, part in value.items():
                if name.endswith("file_sha256") and isinstance(part, str):
                    yield part
                else:
                    yield from hashes(part)
        elif isinstance(value, list):
            for part in value:
                yield from hashes(part)

    for kind, tables in manifest.items():
        for table in tables if isinstance(tables, list) else [tables]:
            if not isinstance(table, dict):
                continue
            name = table.get("name", kind)
            is_data = kind in ("models", "lexicons")
            entry = {"type": "data" if is_data else "library", "bom-ref": f"manifest:{kind}/{name}", "name": name}
            if "version" in table:
                entry["version"] = str(table["version"])
            if "licence" in table:
                entry["licenses"] = [{"expression": table["licence"]}]
            if "source" in table:
                entry["description"] = table["source"]
            found = sorted(set(hashes(table)))
            if found:
                entry["hashes"] = [{"alg": "SHA-256", "content": content} for content in found]
            yield entry


def main():
    root, found = crates(sys.argv[1])
    components = {reference(package): component(package) for package, _ in found.values() if package["id"] != root["id"]}
    for entry in data():
        components[entry["bom-ref"]] = entry
    names = {name: reference(package) for name, (package, _) in found.items()}
    depends = {}
    for name, (_, linked) in found.items():
        depends.setdefault(names[name], set()).update(names[other] for other in linked)
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**component(root), "type": "application"}},
        "components": [components[name] for name in sorted(components)],
        "dependencies": [{"ref": name, "dependsOn": sorted(depends[name])} for name in sorted(depends)],
    }
    json.dump(bom, sys.stdout, indent=2, ensure_ascii=False)
    print()


main()
