"""Whose full text a file is: the evidence, the guesses, and whether it is sure.

`Wanted` are the reports that a file may belong to. A `Library` of them answers for each file with
guesses, the best first. Sure is only what two independent signs say and nothing contradicts; a
wrong file under a report would be read, decided on and extracted from before anybody notices.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from ..formats.identifiers import doi_of, pmid_of
from ..formats.pages import first_and_last
from ..matching import normal
from .links import Reference
from .reading import Document

FIRST_PAGES = 2
PAGE_LETTERS = 6000  # of a page that are looked at
TOP = 1600  # letters without spaces of a page in which its title stands
LEAST_TITLE = 28  # letters of a title that is telling by itself
NAME_AFTER_TITLE = 30  # letters between a title and the first author's family name
A_STAMP = 200  # letters on the first pages that a scan may have
SHORT_NAME = 3  # letters of a family name that other words hold
SHORTLIST = 15
GUESSES = 3
ON_PAGES = "on the first pages"
LEAST_POINTS = 20
LONGEST = 100  # pages of an article that are counted
SHORTEST = 3  # pages; shorter ones are as long as too many others
HAS_FILE = 12  # points that a report loses which has a full text already
_REFERENCES = re.compile(
    r"\n\s*(?:\d+\.?\s*)?(?:references|bibliography|literature cited)\s*\n", re.I
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PMID = re.compile(r"\bPMID:?\s*(\d{4,8})\b", re.I)
_DOI_START = re.compile(r"10\.\d{4,9}/")
# A document that speaks of another one bears its title, and often its DOI.
_ABOUT = re.compile(
    r"\b(errat(um|a)|corrigend(um|a)|correction|addendum|retract(ed|ion)|expression of concern"
    r"|comment(ary)? on|response to|repl(y|ies) to|letter to the editor|re:|editorial"
    r"|supplement(ary|al)? (materials?|files?|information|appendix|data)|supporting information"
    r"|online appendix|appendix)",
    re.I,
)
_SPAN = re.compile(r"(?<![\d.-])(\d{1,6})\s?[-–—]\s?(\d{1,6})(?![\d-])")
_JOINED = re.compile(r"([^\W\d_])(\d{4})\b")
_SQUEEZED_OUT = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Wanted:
    """A report that may get the file. `has_file` says that it has a full text already."""

    id: int
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    doi: str = ""
    pmid: str = ""
    pages: str = ""  # in its journal, as cited: "100-110"
    has_file: bool = False


@dataclass
class Guess:
    id: int
    points: float
    why: list[str]
    sure: bool = False


@dataclass
class _Known:
    """A wanted report in the form in which it is compared."""

    wanted: Wanted
    title: str  # folded, one space between words
    squeezed: str  # the same without spaces
    family: str  # of the first author, squeezed
    families: list[str]
    doi: str
    pmid: str
    about: bool
    span: tuple[int, int] | None  # its first and last page in the journal

    @property
    def length(self) -> int:
        """How many pages it has as cited; 0 where that says nothing."""
        long = self.span[1] - self.span[0] + 1 if self.span else 0
        return long if SHORTEST <= long <= LONGEST else 0


@dataclass
class _Top:
    """The top of a page, squeezed, and where in it lines begin."""

    text: str
    starts: set[int]


@dataclass
class _Seen:
    """A file in the form in which it is compared."""

    text: str  # the first pages
    folded: str
    squeezed: str
    tops: list[_Top]  # of each first page
    years: set[int]
    dois: dict[str, str]  # DOI: where it stands
    own: str  # the first DOI of the first pages, whether wanted or not
    pmids: set[str]
    spans: set[tuple[int, int]]  # "100-110" at the top of the first page
    length: int  # pages of the file, 0 for a saved page
    name: str  # of the file, folded, without its ending
    told_title: str  # by its metadata, squeezed
    about: bool
    reference: Reference | None = None
    words: Counter[str] = field(default_factory=Counter)

    @property
    def is_scan(self) -> bool:
        """Whether it says nothing but perhaps a stamp, and is no saved page."""
        return len(self.squeezed) < A_STAMP and not self.own and self.length > 0


def squeeze(text: str) -> str:
    """Letters and digits alone, folded: line breaks, hyphens and spacing make no difference."""
    return _SQUEEZED_OUT.sub("", normal.fold(text))


def _title(text: str) -> str:
    return normal.fold(normal.unescape(text))


class Library:
    """The wanted reports, indexed once for many files."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self.known = {each.id: _known(each) for each in wanted}
        self.by_doi: dict[str, list[int]] = {}
        self.by_pmid: dict[str, list[int]] = {}
        self.by_title: dict[str, list[int]] = {}
        self.by_word: dict[str, list[int]] = {}
        self.by_length: dict[int, list[int]] = {}
        self.starts: dict[str, list[str]] = {}  # the DOIs by what stands before their first "/"
        for pk, each in self.known.items():
            if each.doi:
                self.by_doi.setdefault(each.doi, []).append(pk)
            if each.pmid:
                self.by_pmid.setdefault(each.pmid, []).append(pk)
            if each.squeezed:
                self.by_title.setdefault(each.squeezed, []).append(pk)
            if each.length:
                self.by_length.setdefault(each.length, []).append(pk)
            for word in {*each.title.split(), *each.families, str(each.wanted.year)}:
                self.by_word.setdefault(word, []).append(pk)
        for doi in self.by_doi:
            self.starts.setdefault(doi.split("/")[0] + "/", []).append(doi)

    def filed(self, pk: int) -> None:
        """The report has a full text now: another file for it is asked about."""
        known = self.known[pk]
        known.wanted = replace(known.wanted, has_file=True)

    def guesses(
        self, document: Document, name: str, reference: Reference | None = None
    ) -> list[Guess]:
        """Whose full text `document` is, best first, at most GUESSES; at most one of them is sure.

        `name` is the file's; `reference` what a library that came with it says it holds.
        """
        seen = self._seen(document, name, reference)
        found = [self._judged(self.known[pk], seen) for pk in self._shortlist(seen)]
        found = [each for each in found if each.points >= LEAST_POINTS or each.sure]
        found.sort(key=lambda each: (-each.sure, -each.points, each.id))
        sure = [each for each in found if each.sure]
        if len(sure) > 1 and not self._one_of(sure, seen):
            for each in sure:
                each.sure = False
                each.why.append("another report fits as well")
        return found[:GUESSES]

    def _one_of(self, sure: list[Guess], seen: _Seen) -> bool:
        """Whether one of several that fit has its DOI in the file and the others have another."""
        named = [each for each in sure if self.known[each.id].doi in seen.dois]
        others = [self.known[each.id] for each in sure if each not in named]
        # One without a DOI may be the very same work.
        if len(named) != 1 or not all(other.doi for other in others):
            return False
        for each in sure:
            each.sure = each in named
        return True

    # --- A file in the form in which it is compared -------------------------------------------

    def _seen(self, document: Document, name: str, reference: Reference | None) -> _Seen:
        pages = [page[:PAGE_LETTERS] for page in document.text.split("\f")[:FIRST_PAGES]]
        text = _REFERENCES.split("\f".join(pages))[0]
        dois = {doi: ON_PAGES for doi in self._dois_in(text)}
        for told in document.dois:
            if doi := doi_of(told):
                dois[doi] = "in the file's own data"
        stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        if named := self._doi_in_name(stem):
            dois.setdefault(named, "in the file's name")
        pmids = {found[1] for found in _PMID.finditer(text[:PAGE_LETTERS])}
        pmids |= {pmid for pmid in (pmid_of(document.pmid), _pmid_name(stem)) if pmid}
        folded = normal.fold(text)
        seen = _Seen(
            text=text,
            folded=folded,
            squeezed=folded.replace(" ", ""),
            tops=[_top(page) for page in pages],
            years={int(year) for year in _YEAR.findall(text)},
            dois=dois,
            own=doi_of(text),
            pmids=pmids,
            spans={(int(first), int(last)) for first, last in _SPAN.findall(text[:TOP])},
            length=document.pages,
            name=normal.fold(stem.replace("_", " ")),
            told_title=squeeze(document.title),
            about=bool(_ABOUT.search(" ".join(text[:400].split()))),
            reference=reference,
        )
        told = f"{folded[:4000]} {seen.name} {normal.fold(document.title)} {normal.fold(document.author)}"
        if reference:
            told += " " + normal.fold(reference.title)
        # "Nguyen2009" is two words; a year finds the reports of that year.
        seen.words = Counter(_JOINED.sub(r"\1 \2", told).split())
        return seen

    def _dois_in(self, text: str) -> list[str]:
        """Every wanted DOI in the text, also one that a line break runs through."""
        places = [at for at, letter in enumerate(text) if not letter.isspace()]
        packed = "".join(text[at] for at in places).lower()
        if len(packed) != len(places):  # a letter whose lower case is two
            packed = "".join(text[at].lower()[:1] for at in places)
        found = []
        for match in _DOI_START.finditer(packed):
            here = [d for d in self.starts.get(match[0], []) if packed.startswith(d, match.start())]
            for doi in sorted(here, key=len, reverse=True)[:1]:
                last = places[match.start() + len(doi) - 1]
                rest = text[last + 1 : last + 3]
                goes_on = rest[:1].isalnum() or (rest[:1] in "-/_." and rest[1:2].isalnum())
                if not goes_on:
                    found.append(doi)
        return found

    def _doi_in_name(self, stem: str) -> str:
        """A wanted DOI as file names have it: "10.1000_abc.12" for 10.1000/abc.12."""
        if "10." not in stem:
            return ""
        plain = re.sub(r"[/_\-:% ]", "", stem.lower().replace("%2f", "/"))
        fits = [doi for doi in self.by_doi if re.sub(r"[/_\-:% ]", "", doi) in plain]
        return max(fits, key=len) if fits else ""

    def _shortlist(self, seen: _Seen) -> list[int]:
        """Reports worth a closer look: those that share an identifier, and rare words."""
        picked = [pk for doi in seen.dois for pk in self.by_doi.get(doi, [])]
        picked += [pk for pmid in seen.pmids for pk in self.by_pmid.get(pmid, [])]
        if seen.reference:
            picked += self._of_reference(seen.reference)
        scores: Counter[int] = Counter()
        many = len(self.known)
        for word in seen.words:
            having = self.by_word.get(word, [])
            if having and len(having) <= max(50, many // 4):
                weight = math.log(1 + many / len(having))
                for pk in having:
                    scores[pk] += weight  # type: ignore[assignment]
        picked += [pk for pk, _ in scores.most_common(SHORTLIST)]
        if seen.is_scan:
            picked += self._as_long(seen)
        return list(dict.fromkeys(picked))

    def _as_long(self, seen: _Seen) -> list[int]:
        """The reports still without a file that have as many pages as a scan, if they are few.

        A library puts a page of its own before the article.
        """
        lengths = (seen.length, seen.length - 1)
        fits = [pk for length in lengths for pk in self.by_length.get(length, [])]
        fits = [pk for pk in fits if not self.known[pk].wanted.has_file]
        return fits if len(fits) <= GUESSES else []

    def _of_reference(self, reference: Reference) -> list[int]:
        """The reports that are the reference: by its DOI or PMID, else by title and year."""
        if reference.doi and (found := self.by_doi.get(doi_of(reference.doi))):
            return found
        if reference.pmid and (found := self.by_pmid.get(reference.pmid)):
            return found
        alike = self.by_title.get(_title(reference.title).replace(" ", ""), [])
        return [pk for pk in alike if self.known[pk].wanted.year in (None, reference.year)]

    # --- One report against one file -----------------------------------------------------------

    def _judged(self, known: _Known, seen: _Seen) -> Guess:
        why: list[str] = []
        points = 0.0
        wanted = known.wanted
        alike = _alike(known.squeezed, seen)
        gap = _gap(known, seen)
        family = _stands(known.family, seen)
        year = wanted.year is not None and wanted.year in seen.years
        linked = seen.reference is not None and wanted.id in self._of_reference(seen.reference)
        if linked and seen.reference:
            points += 60
            why.append(f"named by {seen.reference.library}")
        doi = bool(known.doi) and known.doi in seen.dois
        if doi:
            points += 55
            why.append(f"DOI {wanted.doi} {seen.dois[known.doi]}")
        pmid = bool(known.pmid) and known.pmid in seen.pmids
        if pmid:
            points += 45
            why.append(f"PMID {wanted.pmid}")
        if alike >= 0.995:
            points += 45 if gap is not None and gap <= NAME_AFTER_TITLE else 28
            why.append("its title on the first pages")
        elif alike > 0.6:
            points += 45 * (alike - 0.4)
            why.append(f"a title that is {round(alike * 100)} % alike")
        told = len(known.squeezed) >= 15 and known.squeezed in seen.told_title
        if told:
            points += 20
            why.append("its title in the file's own data")
        if family:
            points += 8
            why.append(f"the name {_family(wanted.authors[0])}")
        points += 2 * sum(_stands(each, seen) for each in known.families[1:4])
        if year:
            points += 6
            why.append(f"the year {wanted.year}")
        paged = bool(known.span) and _is_paged(known, seen)
        if paged:
            points += 12
            why.append(f"the pages {wanted.pages}")
        elif known.length and known.length in (seen.length, seen.length - 1):
            points += 4 if known.length == seen.length else 2
            if seen.is_scan:
                points += LEAST_POINTS - 2
                why.append(f"{known.length} pages, as its citation says")
        named, by_name = _by_name(known, seen)
        points += by_name
        if named:
            why.append(named)
        if wanted.has_file:
            points -= HAS_FILE  # what is left is likelier to be of another one
        guess = Guess(wanted.id, round(points, 1), why)
        guess.sure = self._is_sure(
            known,
            seen,
            alike=alike,
            gap=gap,
            family=family,
            year=year,
            doi=doi,
            pmid=pmid,
            linked=linked,
        ) and not self._is_held_back(known, seen, why)
        return guess

    def _is_sure(
        self, known: _Known, seen: _Seen, *, alike: float, gap: int | None, family: bool,
        year: bool, doi: bool, pmid: bool, linked: bool,
    ) -> bool:  # fmt: skip
        """Whether two signs that do not depend on each other say so."""
        wanted = known.wanted
        # A scan, perhaps with a stamp on it: nothing inside speaks against what is said outside.
        if len(seen.squeezed) < A_STAMP and not seen.own:
            name = normal.fold(seen.name).replace(" ", "")
            whole = len(known.squeezed) >= LEAST_TITLE and known.squeezed in name
            dated = bool(wanted.year) and str(wanted.year) in seen.name
            by_person = linked and not (seen.reference and seen.reference.looked_up)
            if by_person or (whole and bool(known.family) and known.family in name and dated):
                return True
        # Another work's own DOI stands first: a preprint, a part of a series, a reply.
        foreign = bool(seen.own and known.doi and seen.own != known.doi and not doi)
        if linked:
            return not foreign and (doi or alike >= 0.8 or (family and year))
        if doi or pmid:
            if _heads(known, seen):
                return family or not known.family or any(_stands(n, seen) for n in known.families)
            rivals = [each for each in seen.dois if each in self.by_doi and each != known.doi]
            first = pmid or seen.own == known.doi or seen.dois[known.doi] != ON_PAGES
            return not rivals and first and family and (year or alike >= 0.8)
        if foreign or gap is None or len(known.squeezed) < LEAST_TITLE:
            return False
        dated = (
            not seen.years
            or wanted.year is None
            or any(abs(wanted.year - each) <= 1 for each in seen.years)
        )
        return gap <= NAME_AFTER_TITLE and dated

    def _is_held_back(self, known: _Known, seen: _Seen, why: list[str]) -> bool:
        """Whether something speaks against attaching it unasked; says so in `why`."""
        if known.wanted.has_file:
            why.append("the report has a full text already")
            return True
        if seen.about and not known.about:
            why.append("it may be about that report: a correction, a reply, a supplement")
            return True
        others = self.by_title.get(known.squeezed, [])
        if len(others) > 1 and known.doi not in seen.dois:
            why.append("another report has the same title")
            return True
        return False


def _known(each: Wanted) -> _Known:
    title = _title(each.title)
    families = [squeeze(_family(author)) for author in each.authors]
    families = [family for family in families if len(family) > 1]
    return _Known(
        each,
        title,
        title.replace(" ", ""),
        families[0] if families else "",
        families,
        doi_of(each.doi),
        each.pmid.strip(),
        bool(_ABOUT.search(each.title)),
        first_and_last(each.pages),
    )


def _family(author: str) -> str:
    return author.split(",")[0].strip()


def _is_paged(known: _Known, seen: _Seen) -> bool:
    """Whether the pages of its journal stand at the top, also as "123-31"."""
    if known.span is None:
        return False
    first, last = known.span
    short = {(first, int(str(last)[cut:])) for cut in range(len(str(last)))}
    return bool(short & seen.spans)


def _stands(family: str, seen: _Seen) -> bool:
    """Whether the name is on the first pages; a short one as a word of its own."""
    if len(family) <= SHORT_NAME:
        return bool(family) and family in seen.words
    return family in seen.squeezed[:2500]


def _alike(title: str, seen: _Seen) -> float:
    """How well the title is found at the top of a first page, 0 to 1; 1 is letter for letter."""
    if len(title) < 8:
        return 0.0
    best = 0.0
    for top in (each.text for each in seen.tops):
        if title in top:
            return 1.0
        best = max(best, fuzz.partial_ratio(title, top) / 100 if len(top) > len(title) else 0.0)
    return min(best, 0.99)


def _heads(known: _Known, seen: _Seen) -> bool:
    """Whether the title begins a line at the top of a page, as no title in running text does."""
    if len(known.squeezed) < 8:
        return False
    for top in seen.tops:
        at = top.text.find(known.squeezed)
        while at >= 0:
            if at in top.starts:
                return True
            at = top.text.find(known.squeezed, at + 1)
    return False


def _top(page: str) -> _Top:
    text, starts = "", {0}
    for line in page.splitlines():
        text += squeeze(line)
        starts.add(len(text))
        if len(text) > TOP:
            break
    return _Top(text[:TOP], starts)


def _gap(known: _Known, seen: _Seen) -> int | None:
    """Letters between the title at the top of a page and the first author's family name.

    None where they do not follow each other: then it may be the beginning of a longer title, or
    a title that is cited.
    """
    if len(known.family) <= SHORT_NAME or not known.squeezed:
        return None  # "li" stands in many words
    for top in seen.tops:
        at = top.text.find(known.squeezed)
        if at in top.starts:
            end = at + len(known.squeezed)
            name = top.text.find(known.family, end)
            return name - end if name >= 0 else None
    return None


def _by_name(known: _Known, seen: _Seen) -> tuple[str, float]:
    """(what the file's name says of the report, points)."""
    name = seen.name.replace(" ", "")
    if len(known.squeezed) >= 15 and known.squeezed in name:
        # Of two titles that begin alike the longer one says more of the name.
        return "its title in the file's name", 20 + 14 * len(known.squeezed) / len(name)
    points, said = 0.0, ""
    if len(name) >= 20 and len(known.squeezed) >= 20:
        # Names are cut off: "Abara 2019 Mentoring for young people who".
        part = fuzz.partial_ratio(name, known.squeezed) / 100
        if part > 0.75:
            points, said = 22 * part, "a file name like its title"
    words = set(seen.name.split())
    year = known.wanted.year
    dated = year is not None and (str(year) in words or str(year) in name)
    if known.family and (known.family in words or name.startswith(known.family)):
        points += 14 if dated else 7
        said = said or (
            "author and year in the file's name" if dated else "author in the file's name"
        )
        if dated and points < LEAST_POINTS:
            points = LEAST_POINTS
    return said, points


def _pmid_name(stem: str) -> str:
    """ "12345678" or "PMID 12345678" as a file's whole name."""
    match = re.fullmatch(r"(?:pmid|pubmed)?[ _\-]?(\d{6,8})", stem.strip(), re.I)
    return match[1] if match else ""
