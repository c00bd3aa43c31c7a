#!/usr/bin/env python3
"""Makes the question sets that the confidence is fitted to and measured on.

    sets.py SETS OUT

SETS holds the public sets `xquad_r`, `drcd`, `mkqa` and `nomiracl` and the questions `asked` that were written for
Footnote, all in the form of `footnote eval`. OUT gets two folders, `fit` and `measure`, with sets about different articles.
Each file of questions has answerable ones and one kind of unanswerable ones:

    gone        the passage that answers was left out, the rest of its article was kept
    near        questions that come close to a passage and are not answered there (invented news, in two languages)
    off-topic   questions about anything (MKQA), or about other documents in languages that MKQA here lacks
    judged      questions of which people judged that no passage answers them (NoMIRACL, in `measure` alone)

Every language that has unanswerable questions in `fit` has answerable ones, too: else the language itself would count as
a sign. The model was not trained on the articles of XQuAD and DRCD. It was on the invented news, which no public set
replaces; of these, `measure` has the clusters that `tools/train/sets.py` holds out.
"""
import argparse
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from sets import is_held_out

# Languages of the questions over XQuAD's passages in Chinese, English, German and Spanish.
OVER_CHINESE = ("en", "de", "es", "ru", "vi", "th", "ar", "hi", "tr", "el", "zh-Hant", "zh-Hans")
OVER_ENGLISH = ("en", "zh-Hant", "de", "es")
OVER_GERMAN = ("de", "en")
OVER_SPANISH = ("es", "en")
OVER_NEWS = {"news": ("en", "zh-Hant", "ja", "ko", "de", "fr", "es"), "newsen": ("en", "zh-Hant", "ja", "ko", "de")}
ANYTHING = ("en", "zh-Hant", "ja", "ko")
EVERY = 4  # One of so many paragraphs is left out.
PER_KIND = 150  # Off-topic questions of a file.


def rows(path):
    return [json.loads(line) for line in open(path, encoding="utf8")]


def write(path, items):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf8")


def judgements(path):
    return dict(line.rstrip("\n").split("\t")[:2] for line in open(path, encoding="utf8"))


def part(document):
    """Which part an article belongs to: `fit`, `measure`, or None if the model was trained on it."""
    kind, number = document.split("-")[0], int(re.search(r"\d+", document[document.index("-") :]).group())
    if kind == "xq":
        return {1: "fit", 3: "measure"}.get(number % 4)
    return {0: "fit", 5: "measure"}.get(number % 10)


class Anything:
    """Questions that no document answers; a half of those that were kept from training for each part."""

    def __init__(self, folder):
        kept = {language: rows(folder / f"queries.{language}.jsonl")[-300:] for language in ANYTHING}
        self.of = {"fit": {l: q[::2] for l, q in kept.items()}, "measure": {l: q[1::2] for l, q in kept.items()}}

    def get(self, part, language):
        return [{"id": f"mkqa-{q['id']}", "text": q["text"], "lang": language, "answerable": False} for q in self.of[part][language]][:PER_KIND]


def about_news(out, asked, name, corpus_name, languages, anything):
    """Invented news and working documents, whose clusters of passages resemble one another."""
    corpus = rows(asked / f"{name}.corpus.{corpus_name}.jsonl")
    qrels, evidence = judgements(asked / f"{name}.qrels.tsv"), rows(asked / f"{name}.evidence.jsonl")
    near_of = judgements(asked / f"{name}.near.tsv")
    for half in ("fit", "measure"):
        mine = {d["id"] for d in corpus if is_held_out(d) == (half == "measure")}
        folder = out / half / name
        write(folder / f"corpus.{corpus_name}.jsonl", corpus)
        write(folder / f"evidence.{corpus_name}.jsonl", evidence)
        lines = set()
        for language in languages:
            asked_here = [q for q in rows(asked / f"{name}.queries.{language}.jsonl") if qrels.get(q["id"]) in mine]
            here = [{"id": q["id"], "text": q["text"], "lang": language} for q in asked_here]
            lines |= {f"{q['id']}\t{qrels[q['id']]}\t1\n" for q in here}
            near = asked / f"{name}.near.{language}.jsonl"
            if near.exists():
                close = [q | {"answerable": False} for q in rows(near) if near_of.get(q["id"]) in mine]
                write(folder / f"queries.{language}-near.jsonl", here + close)
            away = anything.get(half, language) if language in ANYTHING else elsewhere(asked, half, language)
            write(folder / f"queries.{language}-off-topic.jsonl", here + away)
        (folder / "qrels.tsv").write_text("".join(sorted(lines)), encoding="utf8")


def elsewhere(asked, half, language):
    """Questions about articles of an encyclopedia, which no news answers."""
    about = rows(asked / f"cmrc.queries.{language}.jsonl")[half == "measure" :: 2]
    return [{"id": f"cmrc-{q['id']}", "text": q["text"], "lang": language, "answerable": False} for q in about][:PER_KIND]


def make(out, name, corpus_name, corpus, qrels, evidence, questions, anything):
    """Writes a set for each part. `questions`: by language."""
    for half in ("fit", "measure"):
        mine = [d for d in corpus if part(d["id"]) == half]
        gone = {d["id"] for d in mine[::EVERY]}
        folder = out / half / name
        write(folder / f"corpus.{corpus_name}.jsonl", [d for d in corpus if d["id"] not in gone])
        write(folder / f"evidence.{corpus_name}.jsonl", evidence)
        judged, all_languages = [], []
        for language, asked in questions.items():
            asked = [q for q in asked if q["id"] in qrels and part(qrels[q["id"]]) == half]
            here = [{"id": q["id"], "text": q["text"], "lang": language} for q in asked if qrels[q["id"]] not in gone]
            without = [{"id": q["id"], "text": q["text"], "lang": language, "answerable": False} for q in asked if qrels[q["id"]] in gone]
            write(folder / f"queries.{language}-gone.jsonl", here + without)
            if language in ANYTHING:
                write(folder / f"queries.{language}-off-topic.jsonl", here + anything.get(half, language))
            all_languages += here[len(all_languages) % 7 :: 7]
            judged += [(q["id"], qrels[q["id"]]) for q in here]
        if len(questions) > 1:
            away = [q for language in ANYTHING for q in anything.get(half, language)[::2]]
            write(folder / "queries.all-off-topic.jsonl", [{**q, "id": f"{q['id']} {q['lang']}"} for q in all_languages + away])
            judged += [(f"{q['id']} {q['lang']}", qrels[q["id"]]) for q in all_languages]
        lines = sorted({f"{question}\t{document}\t1\n" for question, document in judged})
        (folder / "qrels.tsv").write_text("".join(lines), encoding="utf8")


def judged_by_people(out, sets):
    """NoMIRACL: questions with ten passages each that a search found; for a half, people judged that none answers."""
    for language in ("ko", "fr"):
        folder = out / "measure" / f"nomiracl-{language}"
        pairs = [line.rstrip("\n").split("\t") for line in open(sets / f"candidates.{language}.tsv", encoding="utf8")]
        right = [(question, document) for question, document, relevance in pairs if relevance != "0"]
        answerable = {question for question, _ in right}
        asked = [q | {"answerable": q["id"] in answerable} for q in rows(sets / f"queries.{language}.jsonl")]
        write(folder / f"corpus.{language}.jsonl", rows(sets / f"corpus.{language}.jsonl"))
        write(folder / f"queries.{language}-judged.jsonl", asked)
        (folder / "qrels.tsv").write_text("".join(f"{q}\t{d}\t1\n" for q, d in right), encoding="utf8")


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("sets", type=Path)
    cli.add_argument("out", type=Path)
    a = cli.parse_args()
    anything = Anything(a.sets / "mkqa")
    xquad = a.sets / "xquad_r"
    queries = lambda languages: {language: rows(xquad / f"queries.{language}.jsonl") for language in languages}
    for name, corpus, languages in (("xquad-zh", "zh-Hant", OVER_CHINESE), ("xquad-en", "en", OVER_ENGLISH), ("xquad-de", "de", OVER_GERMAN), ("xquad-es", "es", OVER_SPANISH)):
        evidence = xquad / f"evidence.{corpus}.jsonl"
        make(a.out, name, corpus, rows(xquad / f"corpus.{corpus}.jsonl"), judgements(xquad / "qrels.tsv"), rows(evidence) if evidence.exists() else [], queries(languages), anything)
    judged_by_people(a.out, a.sets / "nomiracl")
    asked, drcd = a.sets / "asked", a.sets / "drcd"
    corpus = rows(drcd / "corpus.zh-Hant.jsonl")
    kept = [d for n, d in enumerate(corpus) if part(d["id"]) or n % 4 == 0]
    make(a.out, "drcd", "zh-Hant", kept, judgements(drcd / "qrels.dev.tsv"), rows(drcd / "evidence.zh-Hant.jsonl"), {"zh-Hant": rows(drcd / "queries.zh-Hant.dev.jsonl")}, anything)
    for name, corpus_name in (("news", "zh-Hant"), ("newsen", "en")):
        about_news(a.out, asked, name, corpus_name, OVER_NEWS[name], anything)


if __name__ == "__main__":
    main()
