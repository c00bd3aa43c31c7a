"""Draws the batches of a run."""
import numpy as np

# Of one step: questions with a passage that answers, near misses, questions about anything, questions in two languages.
ANSWERABLE, NEAR, ANYTHING, TRANSLATED = 14, 4, 2, 16
DEPTH = 2.5  # The mean rank of a hard negative.
TRIES = 200  # To find questions about different documents.


class Batches:
    """`random` is all that changes from one batch to the next."""

    def __init__(self, data, seed):
        self.random = np.random.default_rng(seed)
        examples = {name: data.examples(name) for name in data.sets}
        self.examples = {name: found for name, found in examples.items() if found}
        if not self.examples:
            raise SystemExit("there is nothing to train on: no set has a question whose answer stands in a passage")
        share = np.array([data.sets[name].share for name in self.examples])
        self.share = share / share.sum()
        self.near = [miss for name in data.near for _, misses in data.near_misses(name) for miss in misses]
        self.anything = list(data.anything.values())
        weights, *_ = zip(*(pairs := data.translated()))
        self.pairs, self.pair_share = [(a, b) for _, a, b in pairs], np.array(weights) / sum(weights)

    def counts(self):
        return {name: len(found) for name, found in self.examples.items()} | {"near misses": len(self.near)}

    def next(self):
        picked = self.answerable()
        questions = [(e.questions, e.question) for e in picked]
        passages = [(e.passages, e.passage) for e in picked]
        for e in picked:
            rank = int(self.random.exponential(DEPTH))
            passages.append((e.passages, e.negatives[min(rank, len(e.negatives) - 1)]))
        for _ in range(NEAR if self.near else 0):
            miss = self.draw(self.near)
            questions.append((miss.questions, miss.question))
            passages.append((miss.passages, self.draw(miss.near)))
        for _ in range(ANYTHING):
            asked = self.draw(self.anything)
            questions.append((asked, int(self.random.integers(len(asked)))))
        right = np.array([e.sentence for e in picked])
        return columns(questions), columns(passages), right, self.translated()

    def draw(self, items):
        return items[int(self.random.integers(len(items)))]

    def answerable(self):
        """Questions of two sets, so that the other passages of the batch are of the same language and kind."""
        picked, seen, tries = [], set(), 0
        two = self.random.choice(list(self.examples), 2, p=self.share)
        while len(picked) < ANSWERABLE:
            e = self.draw(self.examples[two[len(picked) % 2]])
            document, tries = e.passages.document[e.passage], tries + 1
            if document not in seen or tries >= TRIES:
                seen.add(document)
                picked.append(e)
        return picked

    def translated(self):
        """Two questions and the nearest neighbours of each, in two languages."""
        a, b = self.pairs[int(self.random.choice(len(self.pairs), p=self.pair_share))]
        group = []
        for i in self.random.choice(len(b), 2, replace=False):
            near = np.argsort(-(b.pooled @ b.pooled[i]), kind="stable")[:TRANSLATED]
            group += [int(j) for j in near if j not in group][: TRANSLATED // 2]
        return columns([(a, i) for i in group]), columns([(b, i) for i in group])


def columns(items):
    """Texts side by side: hidden, mask, content, sentence, pooled."""
    stack = lambda field: np.stack([getattr(texts, field)[i] for texts, i in items])
    return tuple(stack(field) for field in ("hidden", "mask", "content", "sentence", "pooled"))
