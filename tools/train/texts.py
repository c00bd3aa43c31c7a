"""Texts as the frozen layers put them out, cached on disk: they are computed once and trained on many times."""
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parents[2]
LENGTH = {"query": 40, "passage": 160}  # The most tokens of a text.
BATCH = {"query": 64, "passage": 16}
NO_SENTENCE = -1


class Texts:
    """Texts of one role.

    hidden      [n, length, width] half floats, mapped from disk
    mask        whether there is a token
    content     whether it is the text's own: not of the prefix, and no special token
    sentence    the number of its sentence
    pooled      the vector of the whole text by the base model
    """

    FIELDS = ("mask", "content", "sentence", "pooled")

    def __init__(self, tools, name, role, texts, sentences=None):
        self.tools, self.role, self.texts, self.sentences = tools, role, texts, sentences
        key = json.dumps([tools.hashes, role, LENGTH, texts, sentences], ensure_ascii=False)
        folder = tools.work / f"{name.replace('/', '.')}.{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        if not (folder / "complete").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self.compute(folder)
            (folder / "complete").touch()
            tools.say(f"{name}: {len(texts)} texts")
        self.hidden = np.load(folder / "hidden.npy", mmap_mode="r")
        for field in self.FIELDS:
            setattr(self, field, np.load(folder / f"{field}.npy"))

    def __len__(self):
        return len(self.texts)

    def compute(self, folder):
        model, length = self.tools.model, LENGTH[self.role]
        ids = self.tokenize(length)
        shape = len(self), length, model.width
        hidden = np.lib.format.open_memmap(folder / "hidden.npy", "w+", np.float16, shape)
        self.pooled = np.zeros((len(self), model.width), np.float32)
        by_length = np.argsort(self.mask.sum(1), kind="stable")
        for picked, full in batches(by_length, BATCH[self.role]):
            # Few different widths, since each is compiled.
            width = min(length, -(-int(self.mask[picked].sum(1).max()) // 32) * 32)
            mask = self.mask[full, :width]
            out = model.lower(model.words[ids[full, :width]], mask)
            hidden[picked, :width] = np.asarray(out)[: len(picked)]
            self.pooled[picked] = np.asarray(model.upper(model.start, out, mask)[1])[: len(picked)]
        hidden.flush()
        for field in self.FIELDS:
            np.save(folder / f"{field}.npy", getattr(self, field))

    def tokenize(self, length):
        tokenizer, prefix = self.tools.tokenizer, f"{self.role}: "
        shape = len(self), length
        ids = np.full(shape, tokenizer.token_to_id("<pad>"), np.int32)
        self.mask, self.content = np.zeros(shape, bool), np.zeros(shape, bool)
        self.sentence = np.full(shape, NO_SENTENCE, np.int16)
        for i, tokens in enumerate(tokenizer.encode_batch([prefix + text for text in self.texts])):
            n = min(length, len(tokens.ids))
            ids[i, :n], self.mask[i, :n] = tokens.ids[:n], True
            ids[i, n - 1] = tokenizer.token_to_id("</s>")  # A text that is cut off ends like any other.
            for t, (start, end) in enumerate(tokens.offsets[: n - 1]):
                end -= len(prefix)
                self.content[i, t] = end > 0 and end + len(prefix) > start
                if self.content[i, t] and self.sentences is not None:
                    self.sentence[i, t] = sentence_at(self.sentences[i], end - 1)
        return ids

    def encode(self, parameters, picked=None):
        """Token vectors (half floats) and text vectors by these parameters."""
        picked = np.arange(len(self)) if picked is None else np.asarray(picked)
        tokens, pooled = [], []
        for part, full in batches(picked, BATCH[self.role]):
            t, v = self.tools.model.upper(parameters, self.hidden[full], self.mask[full])
            tokens.append(np.asarray(t)[: len(part)].astype(np.float16))
            pooled.append(np.asarray(v)[: len(part)])
        return np.concatenate(tokens), np.concatenate(pooled)


def batches(order, size):
    """Parts of `order`, each also filled up to one size, so that one shape is compiled."""
    for at in range(0, len(order), size):
        part = order[at : at + size]
        yield part, np.concatenate([part, np.repeat(part[-1:], size - len(part))])


def sentence_at(spans, character):
    """The number of the sentence that a character is in."""
    return next((i for i, (start, stop) in enumerate(spans) if start <= character < stop), NO_SENTENCE)


class Passages(Texts):
    """The passages of documents, as Footnote makes them."""

    def __init__(self, tools, name, documents):
        self.document, texts, sentences = [], [], []
        for made in split(tools, name, documents):
            for passage in made["passages"]:
                self.document.append(made["id"])
                texts.append(passage["text"])
                sentences.append(passage["sentences"])
        super().__init__(tools, name, "passage", texts, sentences)
        self.of = {}
        for i, document in enumerate(self.document):
            self.of.setdefault(document, []).append(i)


class Questions(Texts):
    def __init__(self, tools, name, questions):
        self.ids = [q["id"] for q in questions]
        self.answers = [q.get("answers") or [] for q in questions]
        self.index = {q: i for i, q in enumerate(self.ids)}
        super().__init__(tools, name, "query", [q["text"] for q in questions])


def split(tools, name, documents):
    """The output of tools/train/passages.rs for these documents, cached."""
    corpus = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents).encode()
    key = hashlib.sha256(corpus + tools.hashes["passages"].encode()).hexdigest()[:12]
    file = tools.work / f"{name.replace('/', '.')}.{key}.passages.jsonl"
    if not file.exists():
        source = file.with_suffix(".corpus")
        source.write_bytes(corpus)
        done = subprocess.run([tools.passages, source], stdout=subprocess.PIPE, cwd=PROJECT)
        if done.returncode != 0:
            raise SystemExit(f"{tools.passages} could not split {name}: see its message above")
        source.unlink()
        replace(file, lambda out: out.write(done.stdout))
    return [json.loads(line) for line in file.read_bytes().decode().split("\n") if line]


def replace(path, write):
    """Writes a file at once: after a crash the old one or the new one is there."""
    temporary = path.with_name(f"{path.name}.new")
    with open(temporary, "wb") as out:
        write(out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Tools:
    """What texts are made with."""

    model: object
    tokenizer: object
    passages: Path  # The program of passages.rs.
    work: Path
    hashes: dict  # Of the weights, the tokenizer and the program.
    say: object
