#!/usr/bin/env python3
"""Trains a tiny random model on a few sentences: needs no data and takes about a minute.

    python tools/train/test_train.py
"""
import contextlib
import io
import json
import stat
import struct
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, processors

sys.path.insert(0, str(Path(__file__).parent))
import checkpoint
import export
import sets
import train
from loss import sentence
from model import Weights

WIDTH, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 2, 64, 160
WORDS = ["<s>", "<pad>", "</s>", "<unk>", "query", "passage", ":", ".", *(f"w{i}" for i in range(120))]
DOCUMENTS = 20

# Stands for the program of passages.rs: a document is one passage.
SPLITTER = """#!{python}
import json, sys
for line in open(sys.argv[1], encoding="utf8"):
    d = json.loads(line)
    middle = d["text"].index(".") + 2
    print(json.dumps({{"id": d["id"], "passages": [{{"text": d["text"], "sentences": [[0, middle], [middle, len(d["text"])]]}}]}}))
"""


def write_weights(path):
    """A random model in the format of the base model's weights."""
    random, table, blob = np.random.default_rng(1), [], b""

    def add(name, data):
        table.append((name, len(blob), len(data)))
        return blob + data

    def matrix(rows, columns):
        scales = np.full((rows, columns // 32, 1), 0.02, np.float16).view(np.uint8)
        steps = random.integers(0, 256, (rows, columns // 32, 16), dtype=np.uint8)
        return np.concatenate([scales, steps], axis=2).tobytes()

    floats = lambda n, mean=0.0: (mean + 0.1 * random.standard_normal(n)).astype(np.float32).tobytes()
    blob = add("emb.word", matrix(len(WORDS), WIDTH))
    blob = add("emb.pos", floats(POSITIONS * WIDTH))
    blob = add("emb.type", floats(WIDTH))
    norms = ["emb.ln", *(f"l{i}.{n}" for i in range(LAYERS) for n in ("aln", "oln"))]
    for name in norms:
        blob = add(f"{name}.w", floats(WIDTH, 1.0))
        blob = add(f"{name}.b", floats(WIDTH))
    for i in range(LAYERS):
        for name, rows, columns in [*((n, WIDTH, WIDTH) for n in ("q", "k", "v", "ao")), ("fi", INNER, WIDTH), ("fo", WIDTH, INNER)]:
            blob = add(f"l{i}.{name}.w", matrix(rows, columns))
            blob = add(f"l{i}.{name}.b", floats(rows))
    head = b"E5S1" + bytes(4) + struct.pack("<7i", WIDTH, LAYERS, HEADS, INNER, len(WORDS), POSITIONS, 0) + bytes(8)
    head += struct.pack("<i", 0) + bytes(16) + struct.pack("<Q", 0) + bytes(4) + struct.pack("<iI", 0, 0) + struct.pack("<i", len(table))
    size = len(head) + sum(23 + len(name) for name, _, _ in table)
    size += -size % 4
    for name, offset, length in table:
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, size + offset, length)
    path.write_bytes(head.ljust(size, b"\0") + blob)


def write_tokenizer(path):
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.save(str(path))


def write_sets(folder):
    random = np.random.default_rng(2)
    words = lambda n: " ".join(f"w{i}" for i in random.integers(0, 120, n))
    write = lambda name, rows: (folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (folder / "xquad_r").mkdir(parents=True)
    (folder / "mkqa").mkdir()
    documents = [{"id": f"xq-{i:02}-00", "title": "", "text": f"{words(6)} . {words(6)} ."} for i in range(2 * DOCUMENTS)]
    write("xquad_r/corpus.zh-Hant", documents)
    answers = [d["text"].split(" . ")[i % 2].strip(" .") for i, d in enumerate(documents)]
    write("xquad_r/evidence.zh-Hant", [{"query_id": f"q{i}", "doc_id": d["id"], "sentence": answers[i]} for i, d in enumerate(documents)])
    (folder / "xquad_r/qrels.tsv").write_text("".join(f"q{i}\t{d['id']}\t1\n" for i, d in enumerate(documents)))
    for language in ("en", "zh-Hant"):
        write(f"xquad_r/queries.{language}", [{"id": f"q{i}", "text": words(4)} for i in range(len(documents))])
    for language in sets.ANYTHING_IN:
        write(f"mkqa/queries.{language}", [{"id": f"m{i}", "text": words(4)} for i in range(sets.ANYTHING_HELD_OUT + 20)])


class Interrupted(Exception):
    pass


class Training(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = folder = Path(cls.temporary.name)
        write_weights(folder / "weights.bin")
        write_tokenizer(folder / "tokenizer.json")
        write_sets(folder / "sets")
        (folder / "split").write_text(SPLITTER.format(python=sys.executable))
        (folder / "split").chmod(stat.S_IRWXU)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def train(self, out, *more):
        names = ("weights.bin", "tokenizer.json", "sets", "work", out)
        fixed = ["--passages", str(self.folder / "split"), "--only", "xquad", "--steps", "6", "--every", "2", "--rate", "1e-3"]
        with contextlib.redirect_stdout(io.StringIO()):
            train.main([str(self.folder / name) for name in names] + fixed + list(more))
        return dict(np.load(self.folder / out))

    def test_an_interrupted_run_that_goes_on_ends_like_one_that_was_not_interrupted(self):
        whole = self.train("whole.npz")
        save = checkpoint.save

        def save_and_stop(path, settings, step, *rest):
            save(path, settings, step, *rest)
            if step == 4:
                raise Interrupted

        checkpoint.save = save_and_stop
        try:
            with self.assertRaises(Interrupted):
                self.train("parts.npz")
        finally:
            checkpoint.save = save
        self.assertFalse((self.folder / "parts.npz").exists())
        parts = self.train("parts.npz")
        self.assertEqual(whole.keys(), parts.keys())
        for name in whole:
            np.testing.assert_array_equal(whole[name], parts[name], name)
        other = self.train("other.npz", "--seed", "6")
        self.assertTrue(any((whole[name] != other[name]).any() for name in whole), "the seed changes nothing")
        with self.assertRaisesRegex(SystemExit, "another settings"):
            self.train("whole.npz", "--seed", "6")

        record = json.loads((self.folder / "whole.json").read_text())
        self.assertEqual(record["left_out"]["xquad_r/corpus.zh-Hant"], DOCUMENTS)
        self.assertEqual(record["left_out"]["mkqa/queries.en"], sets.ANYTHING_HELD_OUT)
        self.assertEqual(record["examples"]["xquad"], 2 * DOCUMENTS)  # In two languages.
        self.assertEqual(record["sets"]["mkqa/queries.ja.jsonl"]["licence"], "CC BY-SA 3.0")

    def test_an_exported_matrix_is_the_trained_one_within_half_a_step(self):
        matrix = np.random.default_rng(3).standard_normal((64, 32)).astype(np.float16)  # Inputs x outputs.
        found = export.tensors({"l1.q.w": matrix, "slope": np.float32(1)})
        self.assertEqual(set(found), {"l1.q.w", "l1.q.w.scales"})
        scales = np.repeat(found["l1.q.w.scales"].astype(np.float32), 32, axis=1)
        restored = found["l1.q.w"] * scales
        self.assertTrue((np.abs(restored - matrix.T.astype(np.float32)) <= 0.51 * scales).all())

    def test_weights_are_read_as_they_were_written(self):
        w = Weights(self.folder / "weights.bin")
        self.assertEqual((w.hidden, w.layers, w.heads, w.inner, w.words), (WIDTH, LAYERS, HEADS, INNER, len(WORDS)))
        matrix = w.matrix("l1.fo.w", WIDTH, INNER)
        self.assertEqual(matrix.shape, (WIDTH, INNER))
        self.assertTrue(np.isclose(np.unique(np.rint(matrix / 0.02)), np.arange(-8, 8)).all())
        self.assertAlmostEqual(float(w.floats("l1.oln.w").mean()), 1.0, delta=0.1)


class Sentence(unittest.TestCase):
    def test_the_loss_is_small_where_the_right_sentence_matches_best_and_nothing_where_none_is_known(self):
        tokens = np.eye(4, dtype=np.float32)[None]  # A passage of four tokens, two in each sentence.
        question, content = np.eye(4, dtype=np.float32)[None, 2:], np.ones((1, 2), bool)
        of = np.array([[0, 0, 1, 1]])
        value = lambda right: float(sentence(question, content, tokens, of, np.array([right]), 10.0))
        self.assertLess(value(1), 0.01)
        self.assertGreater(value(0), 1.0)
        self.assertEqual(value(-1), 0.0)


class HeldOut(unittest.TestCase):
    def test_no_article_or_cluster_is_on_both_sides(self):
        for form in ("news-3-07-{}", "docs-1-03-{}", "newsen-0-12-{}", "law-G0380032-{}", "drcd-dev-1147-{}", "ja-03-{}", "xq-07-{}"):
            title = lambda part: "手塚治虫" if form.startswith("ja") else f"title of {part}"
            sides = {sets.is_held_out({"id": form.format(part), "title": title(part)}) for part in ("1", "2", "31", "a")}
            self.assertEqual(len(sides), 1, form)

    def test_the_rules_by_number_hold_and_a_tenth_of_the_rest_is_held_out(self):
        held = lambda name: sets.is_held_out({"id": name})
        self.assertTrue(held("xq-07-03") and held("drcd-dev-1145-2") and held("law-G0380035-4"))
        self.assertFalse(held("xq-08-03") or held("nm-en-7004944#45"))
        share = np.mean([held(f"docs-{i // 40}-{i % 40:02}-a") for i in range(2000)])
        self.assertTrue(0.07 < share < 0.13, share)


if __name__ == "__main__":
    unittest.main()
