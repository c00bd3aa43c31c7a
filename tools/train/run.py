"""The command line that training and measuring share: where the model, the sets and the cache are."""
import argparse
import time
from pathlib import Path

from tokenizers import Tokenizer

from model import Model
from texts import PROJECT, Tools, sha256

PASSAGES = PROJECT / "target/release/examples/passages"
START = time.monotonic()


def arguments(description):
    cli = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("weights", type=Path, help="the base model's weights, which models/manifest.toml names")
    cli.add_argument("tokenizer", type=Path, help="its tokenizer.json")
    cli.add_argument("sets", type=Path, help="the folder of question sets")
    cli.add_argument("work", type=Path, help="keeps what the frozen layers put out, some 3 GB")
    cli.add_argument("--passages", type=Path, default=PASSAGES, help="the program that splits documents (default: %(default)s)")
    cli.add_argument("--only", type=lambda names: names.split(","), default=[], help="sets to use, joined by commas")
    cli.add_argument("--limit", type=int, help="the most documents of a corpus")
    return cli


def tools(a):
    if not a.passages.exists():
        raise SystemExit(f"{a.passages} is missing: run `cargo build --release --example passages`")
    tokenizer = Tokenizer.from_file(str(a.tokenizer))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    a.work.mkdir(parents=True, exist_ok=True)
    hashes = {name: sha256(getattr(a, name)) for name in ("weights", "tokenizer", "passages")}
    return Tools(Model(a.weights), tokenizer, a.passages.resolve(), a.work, hashes, say)


def say(*what):
    print(f"{time.monotonic() - START:6.0f} s", *what, flush=True)
