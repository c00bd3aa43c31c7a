"""The question sets: their files and licences, and which articles are held out.

Names of files are relative to the folder of sets and have no suffix: corpora and questions are `.jsonl`, judgements
`.tsv`. Several sets may share a corpus, or ask about it in other languages.
"""
import hashlib
import json
import re
from dataclasses import dataclass

LICENCES = {
    "xquad_r": "CC BY-SA 4.0",
    "drcd": "CC BY-SA 3.0",
    "cmrc2018": "CC BY-SA 4.0",
    "jaquad": "CC BY-SA 3.0",
    "clapnq": "Apache-2.0",
    "nomiracl": "Apache-2.0",
    "mkqa": "CC BY-SA 3.0",
    "mojlaw": "no copyright",
    "asked": "CC BY-SA 4.0",
}


@dataclass(frozen=True)
class QuestionSet:
    """Questions that a passage answers."""

    corpus: str
    questions: str  # `{}` stands for the language.
    languages: str
    judgements: str
    evidence: str | None  # Where the sentences that answer are; without it the answers are searched for.
    share: float  # Of the draws for a batch.


SETS = {
    "xquad": QuestionSet("xquad_r/corpus.zh-Hant", "xquad_r/queries.{}", "en zh-Hant de es ar ru hi th tr vi el", "xquad_r/qrels", "xquad_r/evidence.zh-Hant", 0.20),
    "xquad.en": QuestionSet("xquad_r/corpus.en", "xquad_r/queries.{}", "en zh-Hant de es", "xquad_r/qrels", "xquad_r/evidence.en", 0.06),
    "drcd": QuestionSet("drcd/corpus.zh-Hant", "drcd/queries.{}.dev", "zh-Hant", "drcd/qrels.dev", "drcd/evidence.zh-Hant", 0.13),
    "drcd.asked": QuestionSet("drcd/corpus.zh-Hant", "asked/drcd.queries.{}", "en ja ko de fr es vi", "drcd/qrels.dev", "drcd/evidence.zh-Hant", 0.16),
    "cmrc": QuestionSet("cmrc2018/corpus.zh-Hant", "cmrc2018/queries.{}", "zh-Hant", "cmrc2018/qrels", None, 0.06),
    "cmrc.asked": QuestionSet("cmrc2018/corpus.zh-Hant", "asked/cmrc.queries.{}", "en ja ko de fr es vi", "cmrc2018/qrels", "asked/cmrc.evidence", 0.06),
    "jaquad": QuestionSet("jaquad/corpus.ja", "jaquad/queries.{}", "ja", "jaquad/qrels", None, 0.10),
    "jaquad.asked": QuestionSet("jaquad/corpus.ja", "asked/jaquad.queries.{}", "en zh-Hant", "jaquad/qrels", None, 0.05),
    "clapnq": QuestionSet("clapnq/corpus.en", "clapnq/queries.{}", "en", "clapnq/qrels", "clapnq/evidence.en", 0.04),
    "clapnq.asked": QuestionSet("clapnq/corpus.en", "asked/clapnq.queries.{}", "zh-Hant ja de ko", "clapnq/qrels", "clapnq/evidence.en", 0.04),
    "law": QuestionSet("mojlaw/corpus.finance.zh-Hant", "mojlaw/queries.firstclause.{}", "en", "mojlaw/qrels.articles", None, 0.04),
    "law.asked": QuestionSet("asked/law.corpus.zh-Hant", "asked/law.queries.{}", "en zh-Hant ja", "asked/law.qrels", "asked/law.evidence", 0.05),
    "news": QuestionSet("asked/news.corpus.zh-Hant", "asked/news.queries.{}", "en zh-Hant ja ko de fr es vi id", "asked/news.qrels", "asked/news.evidence", 0.14),
    "newsen": QuestionSet("asked/newsen.corpus.en", "asked/newsen.queries.{}", "zh-Hant ja en de ko", "asked/newsen.qrels", "asked/newsen.evidence", 0.06),
}


@dataclass(frozen=True)
class NearMisses:
    """Questions that come close to passages without being answered there."""

    corpus: str
    questions: str
    languages: str
    pairs: str


# By the set whose passages they come close to.
NEAR_MISSES = {
    "clapnq": NearMisses("clapnq/corpus.en", "clapnq/queries.{}", "en", "clapnq/near_miss"),
    "clapnq.asked": NearMisses("clapnq/corpus.en", "asked/clapnq.near.{}", "zh-Hant", "clapnq/near_miss"),
    "nomiracl.en": NearMisses("nomiracl/corpus.en", "nomiracl/queries.{}", "en", "nomiracl/near_miss.en"),
    "nomiracl.ja": NearMisses("nomiracl/corpus.ja", "nomiracl/queries.{}", "ja", "nomiracl/near_miss.ja"),
    "drcd.asked": NearMisses("drcd/corpus.zh-Hant", "asked/drcd.near.{}", "en zh-Hant", "asked/drcd.near"),
    "cmrc.asked": NearMisses("cmrc2018/corpus.zh-Hant", "asked/cmrc.near.{}", "en zh-Hant", "asked/cmrc.near"),
    "jaquad.asked": NearMisses("jaquad/corpus.ja", "asked/jaquad.near.{}", "en ja zh-Hant", "asked/jaquad.near"),
    "law.asked": NearMisses("asked/law.corpus.zh-Hant", "asked/law.near.{}", "en zh-Hant", "asked/law.near"),
    "news": NearMisses("asked/news.corpus.zh-Hant", "asked/news.near.{}", "en zh-Hant", "asked/news.near"),
    "newsen": NearMisses("asked/newsen.corpus.en", "asked/newsen.near.{}", "en zh-Hant", "asked/newsen.near"),
}

# Questions about anything, which no passage of the sets answers; the same in each language.
ANYTHING, ANYTHING_IN = "mkqa/queries.{}", ("en", "ja", "ko", "zh-Hant")
ANYTHING_HELD_OUT = 300  # The last.

LIMITS = {"jaquad/corpus.ja": 1600, "mojlaw/corpus.finance.zh-Hant": 1300}  # Documents used, to save time.

# Kinds of documents that questions were written about; a tenth of their articles is held out.
WRITTEN_ABOUT = ("drcd", "cmrc", "ja", "clapnqp", "law", "news", "newsen", "docs")

CLUSTERED = ("news", "newsen", "docs")  # Invented passages that resemble one another: news-0-01-a to -d.

RULE = (
    "Held out: XQuAD articles with an odd number; DRCD articles and laws whose number divides by five; of the articles, "
    "laws and clusters of passages that questions were written about (DRCD, CMRC, JaQuAD, CLAPnq, law, news) those whose "
    "SHA-256 divides by ten; the last 300 questions of MKQA. NoMIRACL ko and fr and the seed questions are never read."
)


def article(document):
    """The article, law or cluster of passages that a document is of. It is never split between training and measuring."""
    name = document["id"]
    kind, *rest = name.split("-")
    if kind in ("xq", "law"):
        return f"{kind}-{rest[0]}"
    if kind == "drcd":
        return f"{kind}-{rest[0]}-{rest[1]}"
    if kind in CLUSTERED:
        return name.rsplit("-", 1)[0]
    return f"{kind} {document['title']}" if document.get("title") else name


def is_held_out(document):
    """Whether a document is for measuring: see `RULE`."""
    mine = article(document)
    kind = document["id"].split("-")[0]
    if kind == "xq":
        return int(mine.split("-")[1]) % 2 == 1
    if kind in ("drcd", "law") and int(re.sub(r"\D", "", mine)) % 5 == 0:
        return True
    return kind in WRITTEN_ABOUT and int.from_bytes(hashlib.sha256(mine.encode()).digest()) % 10 == 0


class Folder:
    """The folder of sets. Remembers the hash of every file that was read."""

    def __init__(self, path):
        self.path, self.hashes = path, {}

    def has(self, name):
        return (self.path / f"{name}.jsonl").exists()

    def rows(self, name):
        return [json.loads(line) for line in self.lines(f"{name}.jsonl")]

    def judgements(self, name):
        """Documents by question, in the order of the file."""
        judged = {}
        for line in self.lines(f"{name}.tsv"):
            question, document, relevance = line.split("\t")[:3]
            judged.setdefault(question, {})[document] = int(relevance)
        return judged

    def lines(self, name):
        try:
            data = (self.path / name).read_bytes()
        except FileNotFoundError:
            raise SystemExit(f"{self.path / name} is missing; --only trains on some sets alone") from None
        self.hashes[name] = hashlib.sha256(data).hexdigest()
        return [line for line in data.decode().split("\n") if line]
