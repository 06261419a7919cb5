"""Bring the fields of a citation to a form in which two exports of one record look alike.

Everything here looks at one record alone: what a record becomes never depends on its
neighbours, so that matching in parts gives what matching at once gives.
"""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Kinds of publication that share a title with the article they belong to. Bits of one number.
ERRATUM, REPLY, RETRACTION, EDITORIAL = 1, 2, 4, 8

_LETTERS = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−⁃﹘﹣－…·•/\\|_", " "),
        **dict.fromkeys("'’‘‛`´ʼʹ", ""),
        **dict(zip("øłđħıßæœþ", ["o", "l", "d", "h", "i", "ss", "ae", "oe", "th"], strict=True)),
        **dict(zip("ØŁĐĦÆŒÞ", ["o", "l", "d", "h", "ae", "oe", "th"], strict=True)),
        "&": " and ",
    }
)
_GREEK_NAMES = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa",
    "λ": "lambda", "μ": "micro", "ω": "omega",
}  # fmt: skip
_GREEK_LETTER = re.compile("[αβγδεκλμω]")
_GREEK_WORD = re.compile("[\u0370-\u03ff]{3}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,40}>")
_NOT_WORD = re.compile(r"[^\w]+")
_ASCII_NOT_WORD = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """Lower case, no accents, no punctuation, one space between words; any script is kept."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        if not text.isascii():
            text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
        if _GREEK_LETTER.search(text) and not _GREEK_WORD.search(text):
            # "α-synuclein" meets "alpha-synuclein"; a title written in Greek stays Greek.
            text = _GREEK_LETTER.sub(lambda m: _GREEK_NAMES[m.group(0)], text)
        if not text.isascii():
            return " ".join(_NOT_WORD.sub(" ", text).split())
    text = text.replace("'", "").replace("`", "").replace("&", " and ")
    return _ASCII_NOT_WORD.sub(" ", text.lower()).strip()


def unescape(text: str) -> str:
    """Undo HTML entities (some exports escape twice) and drop tags."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub("", text)
    return text


_KINDS = (
    (
        ERRATUM,
        re.compile(
            r"\b(errat(um|a)|corrigend(um|a)|correction(s)? (to|of|for)|^correction|addendum)\b",
            re.I,
        ),
    ),
    (
        REPLY,
        re.compile(
            r"^\W*(re|reply|response|in reply|comment(ary)?|letter|author.?s? (reply|response)|letter regarding|letters?)\b.{0,25}?[:,\"“]"
            r"|(^\W*|[:.\-–—]\s*[\"“(\[]?)(reply|response|rejoinder|comments?|commentary) (to|by|from|on)\b"
            r"|[:.\-–—]\s+(reply|response|rejoinder)\W*$"
            r"|\bauthor.?s.? (reply|response)\b|^\W*(in reply|reply|response|commentary|comment)\W*$",
            re.I,
        ),
    ),
    (RETRACTION, re.compile(r"\b(retract(ed|ion)|expression of concern|withdrawn)\b", re.I)),
    (EDITORIAL, re.compile(r"^\W*(editorial|introduction|preface|foreword|book review)\b", re.I)),
)
_KIND_HINT = re.compile(
    r"errat|corrigend|correction|addend|repl|respon|rejoin|comment|letter|\bre\b|retract|concern|withdrawn|editorial|introduct|preface|foreword|book review",
    re.I,
)
# "[Erratum appears in ...]" behind an article's title speaks of another publication.
_POINTS_ELSEWHERE = re.compile(
    r"[\[(]\s*(published )?(erratum|retraction|corrected|comment|see comment|letter|summary for patients|retracted)[^\])]*[\])]?\.?\s*$"
    r"|\.\s*\[?erratum appears.*$",
    re.I,
)
_LANGUAGES = (
    "german|french|spanish|italian|chinese|japanese|russian|portuguese|polish|dutch|korean|turkish|"
    "danish|swedish|norwegian|hungarian|czech|english|finnish|hebrew|arabic|persian|ukrainian|greek|croatian|serbian|romanian"
)
_TAIL = re.compile(
    rf"\s*(?:[\[(](?:(?:{_LANGUAGES})(?:[ ,/]+(?:and )?(?:{_LANGUAGES}))*|review|\d+ refs?|review\W+\d+ refs?|abstract(?: only)?|"
    r"vol\.? \d[^\])]*|no title[^\])]*|letter|editorial|comment|article in[^\])]*)[\])]"
    r"|\s-\s*escholarship)\W*$",
    re.I,
)
# "... N Engl J Med. 2009 Jan 29;360(5):544-6" behind a letter's title is the article it answers;
# "(multiple letters) [1]" is how one index marks a correspondence.
_ANSWERED = re.compile(
    r"\s*(?:\.{2,}|…)\s*[A-Z][^;]{2,80}\b(?:19|20)\d\d\b[^;]{0,12};\s*\d+[^a-z]{0,30}$"
    r"|\s*\(multiple letters\)\s*(?:\[\d{1,2}\])?\W*$",
)
_HEAD = re.compile(
    r"^\W*(?:original articles?|short report|brief report|review article|research article|research|case report|"
    r"original investigation|original research|original paper)\s*[:.]\s+",
    re.I,
)
_SPELLING = (
    ("haem", "hem"),
    ("paed", "ped"),
    ("oedema", "edema"),
    ("tumour", "tumor"),
    ("behaviour", "behavior"),
    ("oestr", "estr"),
    ("isation", "ization"),
    ("ising", "izing"),
    ("ised", "ized"),
    ("ise ", "ize "),
    ("randomis", "randomiz"),
    ("labour", "labor"),
    ("colour", "color"),
    ("centre", "center"),
    ("programme", "program"),
)


# "https://journal.org/the-title-of-the-article.html", where an export puts the address for the title.
_ADDRESS = re.compile(r"\s*https?://\S*?/([^/?#\s]+?)(?:\.\w{2,5})?/?(?:[?#]\S*)?\s*$", re.I)


def title(raw: str) -> tuple[str, int]:
    """(folded title, kinds): without language notes, "[53 refs]" and the like, in one spelling."""
    text = unescape(raw)
    if "://" in text and (address := _ADDRESS.match(text)) and address.group(1).count("-") > 1:
        text = address.group(1).replace("-", " ")
    if "[" in text or "(" in text or "rratum" in text:
        text = _POINTS_ELSEWHERE.sub("", text) or text
    kinds = 0
    if _KIND_HINT.search(text):
        for bit, pattern in _KINDS:
            if pattern.search(text):
                kinds |= bit
    if "[" in text or "(" in text or "cholarship" in text:
        shorter = _TAIL.sub("", text)
        while shorter and shorter != text:
            text, shorter = shorter, _TAIL.sub("", shorter)
    if ";" in text or "multiple letters" in text:
        text = _ANSWERED.sub("", text) or text
    if ":" in text or "." in text:
        text = _HEAD.sub("", text) or text
    text = fold(text)
    for british, american in _SPELLING:
        if british in text:
            text = text.replace(british, american)
    return text, kinds


def is_cut(raw: str) -> bool:
    """Does the title end with "..."? Web searches cut long ones."""
    return raw.rstrip().endswith(("...", "…"))


_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PERCENT = re.compile(r"%([0-9a-f]{2})")


def doi(raw: str) -> str:
    """The bare DOI in lower case without brackets; "" if there is none or it names a journal."""
    text = raw.lower()
    if "%" in text:
        text = _PERCENT.sub(lambda m: chr(int(m.group(1), 16)), text)
    if "&" in text:
        text = html.unescape(text)
    found = _DOI.search(text)
    if not found or "(issn)" in text:
        return ""
    return re.sub(r"[()<>\[\]{}\"']", "", found.group(0)).rstrip(".,;:/")


_PMID = re.compile(r"(?<!\d)(\d{4,8})(?!\d)")


def pmid(raw: str) -> int:
    """PubMed identifier, 0 if unknown. Longer numbers are accession numbers of other databases."""
    text = raw.strip()
    if not text or text.upper().startswith("PMC"):
        return 0
    if text.isdecimal() and text.isascii():
        return int(text) if 4 <= len(text) <= 8 else 0
    found = _PMID.search(text) if re.match(r"(?i)\W*(pmid|pubmed|medline|https?:)", text) else None
    return int(found.group(1)) if found else 0


_NUMBER = re.compile(r"[0-9]+")
_PAGE = re.compile(r"([a-z]*)\s*([0-9]+)")


def number(raw: str, *, last: bool) -> int:
    """The last (volume) or the first (issue) number of a field, 0 if there is none."""
    if raw.isdecimal() and raw.isascii():
        return int(raw[:9])
    found = _NUMBER.findall(raw)
    return int(found[-1 if last else 0][:9]) if found else 0


class Pages(NamedTuple):
    first: int  # 0 = unknown
    last: int
    letter: int  # code of the letter before the first page ("S12", "e45806"), 0 = none


def pages(raw: str) -> Pages:
    """Numbers of the first and the last page; "659-72" ends at 672."""
    if not raw:
        return Pages(0, 0, 0)
    found = _PAGE.findall(raw.lower())
    if not found:
        return Pages(0, 0, 0)
    letters, first = found[0]
    last = found[1][1] if len(found) > 1 else first
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    letter = ord(letters[0]) if letters and letters[0] != "p" else 0
    return Pages(int(first[:9]), int(last[:9]), letter)


_YEAR = re.compile(r"(?<!\d)(1[5-9]|20)\d\d(?!\d)")


def year(raw: int | str | None) -> int:
    """The year as a number, 0 if unknown."""
    if isinstance(raw, int):
        return raw if 1400 <= raw <= 2200 else 0
    found = _YEAR.search(raw or "")
    return int(found.group(0)) if found else 0


_INITIALS = re.compile(r"(?:[A-Z]\.?[- ]?){1,4}")
_GLUED = re.compile(r"\.(?=[A-Z][a-z])")
MAX_AUTHORS = 40  # names that are compared; a consortium of thousands is told by its first forty


class Authors(NamedTuple):
    families: tuple[str, ...]  # folded family names, at most MAX_AUTHORS
    names: str  # all their names with two letters or more: some exports swap given and family
    initial: str  # of the first author's given name
    total: int


def authors(raw: tuple[str, ...] | list[str]) -> Authors:
    """Family names in order, from any of the shapes in which exports write them."""
    families: list[str] = []
    names: list[str] = []
    initial = ""
    total = 0
    for entry in raw:
        if len(families) >= MAX_AUTHORS:
            total += 1
            continue
        for name in _split_names(unescape(entry)):
            family, given = _family_given(name)
            if family:
                initial = initial or (given[:1] if not families else "")
                families.append(family)
                names += [w for w in f"{family} {given}".split() if len(w) > 1]
                total += 1
    families = families[:MAX_AUTHORS]
    return Authors(tuple(families), " ".join(names[: 2 * MAX_AUTHORS]), initial, total)


def _split_names(entry: str) -> list[str]:
    # Most entries are one name; some exports put the whole list into one field.
    entry = entry.strip()
    if not entry or entry.lower().startswith(("et al", "anon", "null", "[anonymous")):
        return []
    if ";" in entry:
        return [part for part in entry.split(";") if part.strip()]
    if " and " in entry:
        return [part for part in entry.split(" and ") if part.strip()]
    if entry.count(",") > 1 and (". ," in entry or ".," in entry):
        return [part for part in re.split(r"(?<=\.)\s?,", entry) if part.strip()]
    if entry.count(".") > 2 and "," not in entry:
        return _GLUED.sub(".\n", entry).split("\n")
    return [entry]


def _family_given(name: str) -> tuple[str, str]:
    name = name.strip()
    if "," in name:
        family, given = name.split(",", 1)
    else:
        words = name.split()
        if len(words) < 2:
            family, given = name, ""
        elif _INITIALS.fullmatch(words[0]):
            k = 1
            while k < len(words) - 1 and _INITIALS.fullmatch(words[k]):
                k += 1
            family, given = " ".join(words[k:]), words[0]
        elif _INITIALS.fullmatch(words[-1]):
            k = len(words) - 1
            while k > 1 and _INITIALS.fullmatch(words[k - 1]):
                k -= 1
            family, given = " ".join(words[:k]), words[k]
        else:
            family, given = words[-1], words[0]
    return fold(family), fold(given)


_JOURNAL_STOP = frozenset(
    [
        "of",
        "the",
        "and",
        "in",
        "for",
        "on",
        "a",
        "an",
        "der",
        "die",
        "das",
        "und",
        "de",
        "la",
        "le",
        "et",
        "london",
        "england",
        "online",
        "print",
    ]
)
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|:.*$")


def journal(raw: str) -> str:
    """Folded journal name without filler words, bracketed places and subtitles."""
    text = unescape(raw)
    if len(text) > 6 and ("(" in text or "[" in text or ":" in text):
        text = _BRACKETS.sub(" ", text) or text
    folded = fold(text)
    return " ".join(w for w in folded.split() if w not in _JOURNAL_STOP)


ABSTRACT_READ = 700  # characters of an abstract that the engine looks at
_ABSTRACT_HEAD = re.compile(
    r"^(?:(?:english|abstract|background|objectives?|aims?|purpose|introduction|context|summary|importance) )+"
)


def abstract(raw: str) -> str:
    """The first 400 folded characters without a heading; "" if too short to tell anything."""
    if len(raw) < 60:
        return ""
    text = fold(unescape(raw[:ABSTRACT_READ]))
    return _ABSTRACT_HEAD.sub("", text)[:400]


_ISSN = re.compile(r"(?<![\dX])(\d{4})-?(\d{3}[\dxX])(?![\dX])")


def issns(raw: str) -> tuple[int, int]:
    """Up to two ISSN as numbers in base 11 (0 = none); a journal has one on paper and one online."""
    if not raw:
        return (0, 0)
    found = [
        int(a + b[:3]) * 11 + (10 if b[3] in "xX" else int(b[3])) for a, b in _ISSN.findall(raw)
    ]
    return (found[0], found[1] if len(found) > 1 else 0) if found else (0, 0)


# UPDATED: a series that updates its articles, as Cochrane reviews. CUT: the title is cut off.
CONFERENCE, PREPRINT, REGISTRY, UPDATED, SUPPLEMENT, CUT = 1, 2, 4, 8, 16, 32
_SUPPLEMENT = re.compile(r"suppl|\bs\d", re.I)
_FORMS = (
    (CONFERENCE, re.compile(r"confer|proceed|inproc|meeting|abstract|symposi")),
    (PREPRINT, re.compile(r"preprint|rxiv|ssrn|\bosf\b|research square|egusphere")),
    (UPDATED, re.compile(r"cochrane database")),
    (REGISTRY, re.compile(r"clinicaltrials|who\.int/trial|isrctn|trial registr|ictrp")),
)
# Cold Spring Harbor's own journals share the prefix 10.1101 with bioRxiv and medRxiv.
_PREPRINT_DOI = re.compile(
    r"10\.1101/(\d{4}\.\d\d\.\d\d\.)?\d{6,8}|10\.(31234|31219|21203|48550|2139)/"
)


def form(entry_type: str, journal_name: str, doi_text: str, issue: str, pages_text: str) -> int:
    """Bits of CONFERENCE...; `issue` is volume and issue, all as they were written."""
    bits = _named_form(entry_type, journal_name)
    # What names a journal and pages of it is the printed article, even under the preprint's DOI.
    if _PREPRINT_DOI.match(doi_text) and not (journal_name.strip() and pages_text.strip()):
        bits |= PREPRINT
    if _SUPPLEMENT.search(f"{issue} {pages_text}"):
        bits |= SUPPLEMENT
    return bits


@lru_cache(maxsize=50_000)
def _named_form(entry_type: str, journal_name: str) -> int:
    text = f"{entry_type} {journal_name}".lower()
    return sum(bit for bit, pattern in _FORMS if pattern.search(text))


_ROMAN = {
    r: str(k)
    for k, r in enumerate(
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], 1
    )
}
_SERIES = frozenset(("part", "phase", "study", "volume", "chapter"))
_SPELLED = {w: str(k) for k, w in enumerate(["one", "two", "three", "four", "five", "six"], 1)}


def numbers(words: list[str]) -> frozenset[str]:
    """The numbers that a title names, roman ones included, spelled ones behind "part" or "phase"."""
    out = set()
    before = ""
    for word in words:
        if word.isdecimal():
            out.add(word.lstrip("0") or "0")
        elif word in _ROMAN:
            out.add(_ROMAN[word])
        elif before in _SERIES:
            if word in _SPELLED:
                out.add(_SPELLED[word])
            elif len(word) == 1:
                out.add(word)
        before = word
    return frozenset(out)


def part(words: list[str]) -> str:
    """The number with which a title of a series ends ("... Part 2", "... II"), "" if none."""
    if len(words) < 2:
        return ""
    last = words[-1]
    number = _ROMAN.get(last) or (last.lstrip("0") if last.isdecimal() and len(last) < 3 else "")
    if not number and words[-2] in _SERIES:
        number = _SPELLED.get(last) or (last if len(last) == 1 else "")
    return number
