#!/usr/bin/env python3
"""Makes the pairs that the check is measured on: sentences, true and altered, with the documents that they are checked against.

    python3 tools/check/pairs.py ../shared/eval tests/data/check

Reads XQuAD-R and DRCD, only articles that the model was not trained on. The same input gives the same output. The pairs of
the half `tune` may be looked at while rules are written; those of the half `held` are only measured.
"""

import json
import random
import re
import sys
from pathlib import Path

TRUE, NUMBER, DATE, UNIT, SOURCE, NAME, NEGATION, STITCHED = (
    "true", "number", "date", "unit", "source", "name", "negation", "stitched")
# Of each half.
WANTED = {TRUE: 50, NUMBER: 22, DATE: 14, UNIT: 10, SOURCE: 16, NAME: 12, NEGATION: 12, STITCHED: 14}


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def half_of(document):
    """Articles, not passages, are divided, so that no half is about the other's subjects."""
    if document.startswith("xq-"):
        return "tune" if int(document[3:5]) % 4 == 1 else "held"
    return "tune" if int(document.split("-")[2]) // 5 % 2 else "held"


def is_measured(document):
    if document.startswith("xq-"):
        return int(document[3:5]) % 2 == 1
    return int(document.split("-")[2]) % 5 == 0


def change_digit(number, random):
    """Another number of the same length: one digit is changed, not the last of a long one."""
    places = [at for at, c in enumerate(number) if c.isdigit()]
    place = random.choice(places[:2])
    old = number[place]
    lowest = "1" if place == 0 and len(places) > 1 else "0"
    new = random.choice([digit for digit in "123456789" + ("0" if lowest == "0" and len(places) > 1 else "") if digit != old])
    return number[:place] + new + number[place + 1:]


YEAR = re.compile(r"(?<![\d.,])(1[0-9]{3}|20[0-2][0-9])(?![\d.,%])")
FIGURE = re.compile(r"(?<![\w.,\-–/])(\d{1,3}(?:,\d{3})+|\d+\.\d+|\d{2,})(?![\d\w])(?!\.\d)")
FIGURE_HAN = re.compile(r"(?<![A-Za-z0-9.,\-–/])(\d{1,3}(?:,\d{3})+|\d+\.\d+|\d{2,})(?![\d,A-Za-z]|\.\d)")
MONTHS = ["January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December"]


def number_changed(sentence, random):
    pattern = FIGURE_HAN if is_chinese(sentence) else FIGURE
    found = [m for m in pattern.finditer(sentence) if not YEAR.fullmatch(m.group(1)) and not sentence[m.end():].lstrip().startswith("年")]
    if not found:
        return None
    match = random.choice(found)
    return sentence[:match.start(1)] + change_digit(match.group(1), random) + sentence[match.end(1):]


def date_changed(sentence, random):
    found = list(YEAR.finditer(sentence))
    months = [m for m in re.finditer("|".join(MONTHS), sentence)]
    han = list(re.finditer(r"(?<!\d)(\d{1,2})月", sentence))
    choice = random.random()
    if months and choice < .4:
        match = random.choice(months)
        return sentence[:match.start()] + random.choice([m for m in MONTHS if m != match.group()]) + sentence[match.end():]
    if han and choice < .5:
        match = random.choice(han)
        month = random.choice([m for m in range(1, 13) if str(m) != match.group(1)])
        return sentence[:match.start(1)] + str(month) + sentence[match.end(1):]
    if not found:
        return None
    match = random.choice(found)
    year = int(match.group(1)) + random.choice([-21, -10, -7, -3, -2, -1, 1, 2, 4, 9])
    return sentence[:match.start(1)] + str(year) + sentence[match.end(1):]


UNITS = [
    ("公里", "英里"), ("平方公里", "公頃"), ("公尺", "公里"), ("公噸", "公斤"), ("億", "萬"), ("萬", "億"), ("美元", "歐元"),
    ("%", "個百分點"), ("小時", "分鐘"), ("歲", "個月"), ("天", "年"), ("million", "billion"), ("billion", "million"),
    ("percent", "percentage points"), ("%", " kilometers"), ("miles", "kilometers"), ("kilometers", "miles"), ("km", "miles"),
    ("feet", "meters"), ("meters", "feet"), ("metres", "feet"), ("years old", "months old"), ("years", "months"),
    ("hours", "days"), ("days", "weeks"), ("months", "weeks"), ("minutes", "hours"), ("acres", "square miles"),
    ("pounds", "kilograms"), ("tonnes", "kilograms"), ("centuries", "decades"), ("degrees Celsius", "degrees Fahrenheit"),
    ("°C", "°F"), ("公尺", "英尺"), ("公分", "公尺"), ("公斤", "磅"), ("年", "個月"), ("元", "美元"), ("hectares", "acres"),
    ("feet tall", "meters tall"), ("week", "month"), ("inches", "feet"), ("mm", "cm"), ("cm", "mm"), ("m", "km"), ("ft", "mi"),
]


def unit_changed(sentence, random):
    found = []
    for unit, other in UNITS:
        if is_chinese(unit) != is_chinese(sentence) and unit != "%":
            continue
        if is_chinese(other) != is_chinese(sentence) and unit == "%":
            continue
        for match in re.finditer(r"(\d[\d,.]*\s?)(" + re.escape(unit) + r")(?![A-Za-z代\d])", sentence):
            if unit == "年" and len(match.group(1).strip()) > 2:
                continue
            found.append(sentence[:match.start(2)] + other + sentence[match.end(2):])
    return random.choice(found) if found else None


def is_chinese(text):
    return sum("\u4e00" <= c <= "\u9fff" for c in text) * 3 > len(text)


NEGATIONS = [(" is ", " is not "), (" was ", " was not "), (" are ", " are not "), (" were ", " were not "), (" can ", " cannot "),
             (" will ", " will not "), (" had ", " had not "), (" not ", " ")]
NEGATIONS_HAN = [("並不", "並"), ("不是", "是"), ("沒有", "有"), ("不能", "能"), ("可以", "不可以"), ("會", "不會"), ("是", "不是"), ("能", "不能")]


def negation_changed(sentence, _random):
    for word, other in NEGATIONS_HAN if is_chinese(sentence) else NEGATIONS:
        if sentence.count(word) == 1 and not (word == "會" and re.search("議會|社會|協會|委員會|國會|大會|教會|機會", sentence)):
            return sentence.replace(word, other)
    return None


def is_name(answer):
    if is_chinese(answer):
        return "·" in answer or "‧" in answer
    words = answer.split()
    return 1 <= len(words) <= 4 and all(word[:1].isupper() for word in words) and not any(c.isdigit() for c in answer)


def stitched(one, other):
    """The beginning of a sentence and the end of another, as one quote."""
    if is_chinese(one):
        return f"文中寫道:「{one[:len(one) // 2].strip('，,。')}{other[len(other) // 2:].strip('，,。')}」"
    words, others = one.split(), other.split()
    return f"It says: \"{' '.join(words[:len(words) // 2])} {' '.join(others[len(others) // 2:])}\""


def main(source, target):
    documents = {}
    evidence = []
    for name, languages in (("xquad_r", ("en", "zh-Hant")), ("drcd", ("zh-Hant",))):
        corpus = source / name / "corpus.zh-Hant.jsonl"
        for document in lines(corpus):
            if is_measured(document["id"]):
                documents[document["id"]] = document
        for language in languages:
            path = source / name / f"evidence.{language}.jsonl"
            path = path if path.exists() else source / name / "evidence.jsonl"
            if not path.exists():
                continue
            for found in lines(path):
                sentence = " ".join(found["sentence"].split()) if language == "en" else found["sentence"].strip()
                if found["doc_id"] in documents and 20 <= len(sentence) <= 300 and not sentence.endswith(("?", "？")):
                    evidence.append((found["doc_id"], sentence, found["answer"], language))
    evidence = sorted(set(evidence))
    pairs = []
    for half in ("tune", "held"):
        chance = random.Random(f"pairs of the half {half}")
        own = [item for item in evidence if half_of(item[0]) == half]
        chance.shuffle(own)
        translated = [item for item in own if item[3] == "en"]
        verbatim = [item for item in own if item[3] != "en"]
        # Two of three are in another language than their documents.
        mixed = [item for three in zip(translated[::2], translated[1::2], verbatim) for item in three]
        mixed += [item for item in own if item not in set(mixed)]
        names = sorted({answer for _, _, answer, _ in own if is_name(answer)})
        used = set()
        for kind, count in WANTED.items():
            made = 0
            for document, sentence, answer, language in mixed:
                if made == count:
                    break
                if sentence in used:
                    continue
                cited = document
                if kind == TRUE:
                    text = sentence
                elif kind == SOURCE:
                    others = sorted(other for other in documents if half_of(other) == half and other[:5] != document[:5])
                    text, cited = sentence, chance.choice(others)
                elif kind == STITCHED:
                    other = chance.choice([item for item in mixed if item[0] != document and item[3] == language])
                    text = stitched(sentence, other[1])
                elif kind == NAME:
                    if not is_name(answer) or answer not in sentence:
                        continue
                    rest = [name for name in names if is_chinese(name) == is_chinese(answer) and name not in sentence]
                    if not rest:
                        continue
                    text = sentence.replace(answer, chance.choice(rest))
                else:
                    change = {NUMBER: number_changed, DATE: date_changed, UNIT: unit_changed, NEGATION: negation_changed}[kind]
                    text = change(sentence, chance)
                    if text is None or text == sentence:
                        continue
                used.add(sentence)
                made += 1
                pairs.append({"half": half, "kind": kind, "language": language, "text": text, "cited": cited, "source": document})
    # The documents that pairs are about or cite.
    needed = {pair[key] for pair in pairs for key in ("cited", "source")}
    kept = sorted(needed)
    with open(target / "documents.jsonl", "w", encoding="utf-8") as file:
        for id in kept:
            document = documents[id]
            file.write(json.dumps({"id": id, "title": document["title"] or id, "text": document["text"]}, ensure_ascii=False) + "\n")
    with open(target / "pairs.jsonl", "w", encoding="utf-8") as file:
        for pair in pairs:
            file.write(json.dumps(pair, ensure_ascii=False) + "\n")
    for half in ("tune", "held"):
        counts = {kind: sum(pair["half"] == half and pair["kind"] == kind for pair in pairs) for kind in WANTED}
        print(half, counts)
    print(len(kept), "documents")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
