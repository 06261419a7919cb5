"""Quotes found again in a re-typeset copy: how many are kept, and whether one is kept wrongly.

    python bench/anchors.py [--papers 10] [--quotes 100] [--seed 1]

Sets each invented paper twice as a PDF: other lengths of lines and pages, and words broken at line
ends. Sentences come back in it, word for word or with another figure. Quotes selected in the one
are looked for in the other, both as pdfium reads them. A second re-typeset copy has one word in
fifty exchanged: a quote that was touched must not be kept there.

Prints how many were kept, doubtful and lost in either copy, and how many were kept wrongly.
"""

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.fulltexts import WORDS  # noqa: E402
from citations import documents  # noqa: E402
from citations.documents import anchors  # noqa: E402
from synthesis.demo.pdf import pdf  # noqa: E402

FIGURES = ["0.3", "-0.3", "12.5 %", "2.5 %", "95% CI 1.2-3.4", "p = 0.04", "p = 0.004", "n = 112"]
_FOOT = re.compile(r"Fictional document for demonstration, page \d+ of \d+")


def paper(dice: random.Random, many: int = 4000) -> list[str]:
    """Words; every eighth sentence says again what an earlier one said, half with another figure."""
    out: list[str] = []
    while len(out) < many:
        sentence = [dice.choice(WORDS) for _ in range(dice.randint(6, 20))]
        sentence.insert(dice.randint(2, len(sentence)), dice.choice(FIGURES))
        if out and dice.random() < 0.12:
            at = dice.randrange(max(1, len(out) - 30))
            sentence = out[at : at + 14]
            if dice.random() < 0.5:
                sentence[dice.randrange(len(sentence))] = dice.choice(FIGURES)
        out += sentence
    return out


def lines(words: list[str], across: int, broken: float, dice: random.Random) -> list[str]:
    """The words in lines of at most `across` letters; a share of those at an end is broken."""
    out, line = [], ""
    for word in words:
        if len(line) + len(word) + 1 > across:
            half = len(word) // 2
            if half > 2 and word.isalpha() and dice.random() < broken:
                out.append(f"{line} {word[:half]}-".strip())
                line = word[half:]
                continue
            out.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*out, line]


def read(data: bytes, folder: Path) -> str:
    path = folder / "a.pdf"
    path.write_bytes(data)
    return documents.read(path).text


def places(text: str, words: list[str]) -> list[int]:
    """Where each word begins in `text`, running feet passed over."""
    squeezed = anchors.squeeze(text)
    feet = {at for match in _FOOT.finditer(text) for at in range(*match.span())}
    kept = [at for at, place in enumerate(squeezed.places) if place not in feet]
    letters = "".join(squeezed.letters[at] for at in kept)
    found, at = [], 0
    for word in words:
        of_word = anchors.squeeze(word).letters
        at = letters.index(of_word, at)
        found.append(squeezed.places[kept[at]])
        at += len(of_word)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--papers", type=int, default=10)
    asked.add_argument("--quotes", type=int, default=100)
    asked.add_argument("--seed", type=int, default=1)
    said = asked.parse_args()
    dice, tally, seconds = random.Random(said.seed), Counter(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(said.papers):
            words = paper(dice)
            touched = [word if dice.random() > 0.02 else dice.choice(FIGURES) for word in words]
            old = read(pdf("", lines(words, 84, 0, dice)), Path(folder))
            copies = {
                "re-typeset": (words, read(pdf("", lines(words, 47, 0.5, dice), down=34), Path(folder))),
                "changed": (touched, read(pdf("", lines(touched, 58, 0.5, dice), down=44), Path(folder))),
            }  # fmt: skip
            begins = places(old, words)
            there = {name: places(text, of) for name, (of, text) in copies.items()}
            for _ in range(said.quotes):
                first = dice.randrange(len(words) - 40)
                last = first + dice.randint(4, 28)
                start, end = begins[first], begins[last] + len(words[last])
                if "\f" in old[start:end]:
                    continue  # a selection is of one page
                page, shift = old.count("\f", 0, start) + 1, old.rfind("\f", 0, start) + 1
                anchor = anchors.make(old, page, start - shift, end - shift)
                for name, (of, text) in copies.items():
                    began = time.perf_counter()
                    found = anchors.find(anchor, text, old=old)
                    seconds += time.perf_counter() - began
                    tally[name, found.state] += 1
                    if found.state != anchors.KEPT:
                        if name == "re-typeset":
                            print(f"  {found.state}: {found.why}: {anchor.quote!r}")
                        continue
                    same = of[first : last + 1] == words[first : last + 1]
                    if not same or offset(text, found.anchor) != there[name][first]:
                        tally[name, "KEPT WRONGLY"] += 1
                        print(f"  kept wrongly ({name}): {anchor.quote!r}")
    for name in ("re-typeset", "changed"):
        made = sum(tally[name, state] for state in (anchors.KEPT, anchors.DOUBTFUL, anchors.LOST))
        states = ", ".join(f"{state} {tally[name, state]}" for state in (anchors.KEPT, anchors.DOUBTFUL, anchors.LOST))  # fmt: skip
        share = 100 * tally[name, anchors.KEPT] / made
        print(f"{name}: {made} quotes, {states} ({share:.1f} % kept), kept wrongly {tally[name, 'KEPT WRONGLY']}")  # fmt: skip
        searched = made
    print(f"{1000 * seconds / (2 * searched):.1f} ms a quote")


def offset(text: str, anchor: anchors.Anchor | None) -> int:
    assert anchor
    start = 0
    for _ in range(anchor.page - 1):
        start = text.index("\f", start) + 1
    first = anchor.quote.split("\n")[0]  # a quote may run over a page's end
    return text.index(anchor.before + first, start) + len(anchor.before)


if __name__ == "__main__":
    main()
