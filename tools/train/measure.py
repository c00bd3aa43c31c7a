#!/usr/bin/env python3
"""Measures layers on articles and questions that training never sees.

    measure.py WEIGHTS TOKENIZER SETS WORK [--trained TRAINED.npz]

Without --trained it measures the base model. The figures are of the model alone, before the compression of token vectors
and without words, so they compare one model with another; `footnote eval` measures the product.

    late        recall of the right document, by the tokens of the forty passages nearest by their text vectors
    dense       the same by text vectors alone
    gone        AUROC of the first passage's score, against questions of which the document was taken away
    anything    AUROC against questions that no document answers
    judged      AUROC over ten candidates, against questions of which people judged that none answers
    written     AUROC against questions that name the same things and are not answered, by languages of question and text
"""
import json
from pathlib import Path

import numpy as np

from data import HELD_OUT, TRAIN, Data
from run import arguments, say, tools
from sets import Folder
from texts import Passages, Questions

TOP = 40
GONE_EVERY = 3  # One of so many questions is asked again without its document.
RANKED = (("xquad", ("en", "de", "zh-Hant")), ("drcd", ("zh-Hant",)))
ANYTHING = (("drcd", "zh-Hant", "zh-Hant"), ("xquad", "en", "en"), ("xquad", "ja", "en"))  # Set, asked in, answerable in.
JUDGED = ("ko", "fr")


class Pool:
    """Passages that questions are asked of, by these parameters."""

    def __init__(self, parameters, parts):
        self.parameters = parameters
        self.document = [d for part in parts for d in part.document]
        self.content = np.concatenate([part.content for part in parts])
        tokens, vectors = zip(*(part.encode(parameters) for part in parts))
        self.tokens, self.vectors = np.concatenate(tokens), np.concatenate(vectors)

    def ask(self, questions, picked=None, allowed=None):
        """For each question its passages by tokens, the score of the first, and its passages by text vectors.

        allowed     whether a question may find a passage [question, passage]
        """
        picked = np.arange(len(questions)) if picked is None else np.asarray(picked)
        tokens, vectors = questions.encode(self.parameters, picked)
        dense = vectors @ self.vectors.T
        if allowed is not None:
            dense = np.where(allowed, dense, -2.0)
        nearest = np.argsort(-dense, axis=1, kind="stable")[:, :TOP]
        late, first = [], []
        for n, i in enumerate(picked):
            there = nearest[n][dense[n][nearest[n]] > -2.0]
            if not len(there):
                late.append(there)
                first.append(-1.0)
                continue
            best = self.best(there, tokens[n][questions.content[i]])
            score = best.mean(1)
            # Tokens that tell the candidates apart count more for their order.
            weight = np.maximum(best.max(0) - score.mean(), 0) + 1e-9
            order = np.argsort(-(score + best @ (weight / weight.sum())), kind="stable")
            late.append(there[order])
            first.append(score[order[0]])
        return late, np.array(first), nearest

    def best(self, passages, question):
        """The best match of each of the question's tokens [passage, token]."""
        similarity = self.tokens[passages].astype(np.float32) @ question.astype(np.float32).T
        return np.where(self.content[passages][..., None], similarity, -1.0).max(1)

    def recall(self, ranked, wanted, k):
        """The share of questions with a wanted document among the first k."""
        firsts = [list(dict.fromkeys(self.document[p] for p in passages))[:k] for passages in ranked]
        return float(np.mean([any(d in right for d in first) for first, right in zip(firsts, wanted)]))


def auroc(yes, no):
    yes, no = np.asarray(yes)[:, None], np.asarray(no)[None]
    return float((yes > no).mean() + 0.5 * (yes == no).mean())


class Figures:
    def __init__(self):
        self.all = {}

    def add(self, name, **figures):
        self.all[name] = figures
        say(name, *(f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items()))


def ranking(figures, held, rest, parameters):
    """Questions about held-out articles over whole corpora, and questions about anything."""
    for name, languages in RANKED:
        if name not in held.sets:
            continue
        corpus = held.sets[name].corpus
        pool = Pool(parameters, [held.passages(corpus), rest.passages(corpus)])
        scores = {}
        for language, _, questions, about in held.answerable(name):
            if language not in languages:
                continue
            wanted = [about[q] for q in questions.ids]
            late, scores[language], dense = pool.ask(questions)
            again = np.arange(len(questions))[::GONE_EVERY]
            allowed = np.array([[d not in wanted[i] for d in pool.document] for i in again])
            gone = pool.ask(questions, again, allowed)[1]
            figures.add(
                f"{name} {language}", questions=len(questions), late_1=pool.recall(late, wanted, 1), late_5=pool.recall(late, wanted, 5),
                dense_1=pool.recall(dense, wanted, 1), dense_30=pool.recall(dense, wanted, 30), gone=auroc(scores[language], gone),
            )
        for of, asked_in, answerable_in in ANYTHING:
            if of == name:
                away = pool.ask(held.anything[asked_in])[1]
                figures.add(f"anything, {asked_in} over {name}", questions=len(away), auroc=auroc(scores[answerable_in], away))


def judged(figures, shared, folder, parameters):
    for language in JUDGED:
        pool = Pool(parameters, [Passages(shared, f"nomiracl/corpus.{language}", folder.rows(f"nomiracl/corpus.{language}"))])
        candidates = folder.judgements(f"nomiracl/candidates.{language}")
        questions = Questions(shared, f"nomiracl/queries.{language}", folder.rows(f"nomiracl/queries.{language}"))
        allowed = np.array([[d in candidates[q] for d in pool.document] for q in questions.ids])
        scores = pool.ask(questions, allowed=allowed)[1]
        answered = np.array([any(candidates[q].values()) for q in questions.ids])
        figures.add(f"judged {language}", questions=len(questions), auroc=auroc(scores[answered], scores[~answered]))


def written(figures, held, parameters):
    """Written near misses against answerable questions about the same held-out articles, in one pair of languages each."""
    pools, pairs = {}, {}
    for name, misses in held.near.items():
        if not misses.questions.startswith("asked/") or name not in held.sets:
            continue
        corpus = misses.corpus
        if corpus not in pools:
            pools[corpus] = Pool(parameters, [held.passages(corpus)])
        pool, text = pools[corpus], corpus.rsplit(".", 1)[1]
        near = {language: found[0].questions for language, found in held.near_misses(name)}
        answerable = {}
        for other, s in held.sets.items():
            if s.corpus == corpus:
                for language, _, questions, _ in held.answerable(other):
                    answerable.setdefault(language, questions)
        for language in [l for l in near if l in answerable]:
            yes, no = pool.ask(answerable[language])[1], pool.ask(near[language])[1]
            value = auroc(yes, no)
            figures.add(f"written {name}, {language} over {text}", answerable=len(yes), near=len(no), auroc=value)
            pairs.setdefault(f"{language} over {text}", []).append((value, len(no)))
    for pair, values in pairs.items():
        mean = sum(value * n for value, n in values) / sum(n for _, n in values)
        figures.add(f"written, mean of {len(values)} sets, {pair}", near=sum(n for _, n in values), auroc=mean)


def main(given=None):
    cli = arguments(__doc__)
    cli.add_argument("--trained", type=Path, help="layers that train.py wrote")
    cli.add_argument("--json", type=Path, help="also write the figures to this file")
    a = cli.parse_args(given)
    shared, folder, figures = tools(a), Folder(a.sets), Figures()
    parameters = shared.model.load(a.trained) if a.trained else shared.model.start
    held, rest = (Data(shared, folder, part, a.only, a.limit) for part in (HELD_OUT, TRAIN))
    written(figures, held, parameters)
    ranking(figures, held, rest, parameters)
    if not a.only:
        judged(figures, shared, folder, parameters)
    if a.json:
        a.json.write_text(json.dumps(figures.all, indent=2) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
