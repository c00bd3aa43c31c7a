"""Examples to train on and questions to measure with, read from the question sets."""
from typing import NamedTuple

import numpy as np

from sets import ANYTHING, ANYTHING_HELD_OUT, ANYTHING_IN, LIMITS, NEAR_MISSES, SETS, is_held_out
from texts import NO_SENTENCE, Passages, Questions, sentence_at

NEAREST, NEGATIVES = 24, 12  # Passages looked at for hard negatives, and the most that are kept.
TRAIN, HELD_OUT = "train", "held-out"


class Example(NamedTuple):
    passages: Passages
    questions: Questions
    question: int
    passage: int  # The one that answers.
    sentence: int
    negatives: list  # Passages that resemble it and do not answer, nearest first.


class NearMiss(NamedTuple):
    questions: Questions
    question: int
    passages: Passages
    near: list


class Data:
    """One part of the sets: `TRAIN` or `HELD_OUT`. The other part's documents are not read.

    only    names of SETS and NEAR_MISSES to use; all if empty
    limit   the most documents of a corpus
    mine    parameters whose vectors find the hard negatives; the base model's if None
    """

    def __init__(self, tools, folder, part, only=(), limit=None, mine=None):
        self.tools, self.folder, self.part, self.limit, self.mine = tools, folder, part, limit, mine
        unknown = set(only) - {*SETS, *NEAR_MISSES, "mkqa"}
        if unknown:
            raise SystemExit(f"there is no set {', '.join(sorted(unknown))}; there are {', '.join({**SETS, **NEAR_MISSES})}")
        self.sets = {name: s for name, s in SETS.items() if not only or name in only}
        self.near = {name: s for name, s in NEAR_MISSES.items() if not only or name in only}
        self.corpora, self.vectors, self.left_out = {}, {}, {}
        self.anything = {language: self.questions_about_anything(language) for language in ANYTHING_IN}

    def questions_about_anything(self, language):
        name = ANYTHING.format(language)
        rows = self.folder.rows(name)
        mine = rows[-ANYTHING_HELD_OUT:] if self.part == HELD_OUT else rows[:-ANYTHING_HELD_OUT]
        self.left_out[name] = len(rows) - len(mine)
        return Questions(self.tools, f"{name}.{self.part}", mine)

    def passages(self, corpus):
        if corpus not in self.corpora:
            rows = self.folder.rows(corpus)
            mine = [d for d in rows if is_held_out(d) == (self.part == HELD_OUT)]
            self.left_out[corpus] = len(rows) - len(mine)
            limit = min(self.limit or len(mine), LIMITS.get(corpus, len(mine)))
            kept = self.kept(corpus, [d["id"] for d in mine], limit)
            self.corpora[corpus] = Passages(self.tools, f"{corpus}.{self.part}", [d for d in mine if d["id"] in kept])
        return self.corpora[corpus]

    def kept(self, corpus, documents, limit):
        """At most `limit` documents: those first that questions were written about, then others that questions are about."""
        if len(documents) <= limit:
            return set(documents)
        written, asked = [], []
        for s in [*self.sets.values(), *self.near.values()]:
            if s.corpus == corpus:
                pairs = self.folder.judgements(getattr(s, "judgements", None) or s.pairs)
                of = written if s.questions.startswith("asked/") else asked
                languages = [l for l in s.languages.split() if self.folder.has(s.questions.format(l))]
                questions = {q["id"] for l in languages for q in self.folder.rows(s.questions.format(l))}
                of += [d for q, judged in pairs.items() if q in questions for d in judged]
        kept = []
        for wanted in (written, asked, documents):
            wanted = sorted(set(wanted) & set(documents) - set(kept))
            room = limit - len(kept)
            kept += wanted[:: max(1, len(wanted) // max(1, room))][:room]
        return set(kept)

    def questions(self, s, language, about):
        """The questions of a file about documents that were read; None if there is no such file."""
        name = s.questions.format(language)
        if not self.folder.has(name):
            return None
        rows = self.folder.rows(name)
        mine = [q for q in rows if q["id"] in about]
        self.left_out[name] = len(rows) - len(mine)
        return Questions(self.tools, f"{name}.{self.part}", mine)

    def answerable(self, name):
        """Of a set: for each language its passages, its questions, and the documents that answer, by question."""
        s = self.sets[name]
        passages = self.passages(s.corpus)
        judged = self.folder.judgements(s.judgements)
        about = {q: list(documents) for q, documents in judged.items() if next(iter(documents)) in passages.of}
        for language in s.languages.split():
            questions = self.questions(s, language, about)
            if questions is not None and len(questions):
                yield language, passages, questions, about

    def near_misses(self, name):
        """Of a set: for each language its near misses."""
        s = self.near[name]
        passages = self.passages(s.corpus)
        near = {}
        for q, documents in self.folder.judgements(s.pairs).items():
            found = [i for d in documents for i in passages.of.get(d, [])]
            if found:
                near[q] = found
        for language in s.languages.split():
            questions = self.questions(s, language, near)
            if questions is not None and len(questions):
                yield language, [NearMiss(questions, i, passages, near[q]) for i, q in enumerate(questions.ids)]

    def examples(self, name):
        s = self.sets[name]
        evidence = {}
        for row in self.folder.rows(s.evidence) if s.evidence else []:
            evidence[row["query_id"]] = row.get("sentences") or [row.get("sentence", "")]
        made = []
        for _, passages, questions, about in self.answerable(name):
            near = self.nearest(passages, questions)
            for i, q in enumerate(questions.ids):
                answers = evidence.get(q) or questions.answers[i]
                # Laws have no answers: the question is the first clause in English.
                hit = locate(passages, about[q], answers) if answers or s.evidence else (passages.of[next(iter(about[q]))][0], NO_SENTENCE)
                if hit is None:
                    continue
                answers_too = lambda p: passages.document[p] in about[q] and (not answers or any(a and a in passages.texts[p] for a in answers))
                negatives = [int(p) for p in near[i] if p != hit[0] and not answers_too(p)][:NEGATIVES]
                if negatives:
                    made.append(Example(passages, questions, i, *hit, negatives))
        return made

    def nearest(self, passages, questions):
        if self.mine is None:
            asked, told = questions.pooled, passages.pooled
        else:
            asked = questions.encode(self.mine)[1]
            if id(passages) not in self.vectors:
                self.vectors[id(passages)] = passages.encode(self.mine)[1]
            told = self.vectors[id(passages)]
        return [np.argsort(-(told @ question), kind="stable")[:NEAREST] for question in asked]

    def translated(self):
        """Pairs of files that ask the same in two languages, with how often each is drawn."""
        chinese = self.anything["zh-Hant"]
        pairs = [(3, self.anything["en"], chinese), (2, self.anything["ja"], chinese), (2, self.anything["ko"], chinese)]
        if "xquad" in self.sets:
            files = {language: questions for language, _, questions, _ in self.answerable("xquad")}
            pairs += [(1, files[l], files["zh-Hant"]) for l in ("en", "de", "es", "ru", "vi") if l in files and "zh-Hant" in files]
        for _, a, b in pairs:
            if a.ids != b.ids:
                raise SystemExit("two files that ask the same in two languages have different questions")
        return pairs


def locate(passages, documents, answers):
    """The passage and the sentence in which one of the answers stands."""
    for answer in answers:
        start = answer.strip()[:40]  # The end of a long sentence may be in the next passage.
        for p in [p for d in documents for p in passages.of.get(d, [])] if start else []:
            at = passages.texts[p].find(start)
            if at >= 0:
                return p, sentence_at(passages.sentences[p], at)
    return None
