"""PubMed XML: articles and book chapters."""

from collections.abc import Iterable, Iterator

from lxml import etree

from citations.formats import dates, identifiers, pages
from citations.formats.record import Item, ParsedRecord, Problem, excerpt
from citations.formats.text import one_line, readable
from citations.formats.xml_records import pieces, text_in


def records(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every record and problem, in file order."""
    for piece in pieces(chunks, ("PubmedArticle", "PubmedBookArticle")):
        yield from piece.problems
        if piece.element is None:
            continue
        record = record_of(piece.element, piece.line, piece.end_line)
        if not (record.title or record.pmid or record.abstract):
            yield Problem(
                piece.line,
                "This record has no title and no other field; it was not imported.",
                excerpt(" ".join(piece.element.itertext())),
                lost=True,
            )
            continue
        yield record


def record_of(element: etree._Element, line: int, end_line: int) -> ParsedRecord:
    """The record that one PubmedArticle or PubmedBookArticle describes."""
    citation = element.find("MedlineCitation")
    if citation is None:
        citation = element.find("BookDocument")
    if citation is None:
        citation = element
    article = citation.find("Article")
    if article is None:
        article = citation
    issue = article.find("Journal/JournalIssue")
    return ParsedRecord(
        0,
        line,
        end_line,
        title=_text(article, "ArticleTitle", "VernacularTitle", "Book/BookTitle"),
        authors=_authors(article),
        year=_year(article),
        journal=_journal(article, citation),
        volume=_text(issue, "Volume") if issue is not None else _text(article, "Book/Volume"),
        issue=_text(issue, "Issue") if issue is not None else "",
        pages=_pages(article),
        doi=_doi(article, element),
        pmid=identifiers.pmid_of(_text(citation, "PMID")),
        isbn=_text(article, "Book/Isbn"),
        abstract=_abstract(article),
        keywords=_keywords(citation),
        entry_type=_text(article, "PublicationTypeList/PublicationType", "PublicationType"),
        url="",
        language=_text(article, "Language"),
        raw=_raw(element),
    )


def _text(element: etree._Element | None, *paths: str) -> str:
    for path in paths:
        found = element.find(path) if element is not None else None
        if found is not None and (shown := readable(text_in(found))):
            return shown
    return ""


def _authors(article: etree._Element) -> list[str]:
    """The authors, not the editors, of an article or a chapter; institutions by their name."""
    lists = [
        one for one in article.findall("AuthorList") if one.get("Type", "authors") == "authors"
    ]
    if not lists:
        lists = [
            one
            for one in article.findall("Book/AuthorList")
            if one.get("Type", "authors") == "authors"
        ]
    names = []
    for author in (author for one in lists for author in one.findall("Author")):
        family = _text(author, "LastName")
        given = _text(author, "ForeName", "FirstName", "Initials")
        if family:
            names.append(f"{family}, {given}" if given else family)
        elif group := _text(author, "CollectiveName"):
            names.append(group)
    return names


def _year(article: etree._Element) -> int | None:
    paths = (
        "Journal/JournalIssue/PubDate/Year",
        "Journal/JournalIssue/PubDate/MedlineDate",
        "Book/PubDate/Year",
        "Book/PubDate/MedlineDate",
        "ArticleDate/Year",
        "ContributionDate/Year",
    )
    return dates.first_year(*(_text(article, path) for path in paths))


def _journal(article: etree._Element, citation: etree._Element) -> str:
    if title := _text(article, "Journal/Title", "Journal/ISOAbbreviation"):
        return title
    book = _text(article, "Book/BookTitle")
    if book and article.find("ArticleTitle") is not None:
        return book
    return _text(citation, "MedlineJournalInfo/MedlineTA")


def _pages(article: etree._Element) -> str:
    whole = _text(article, "Pagination/MedlinePgn")
    if whole:
        return pages.tidy(whole)
    return pages.span(_text(article, "Pagination/StartPage"), _text(article, "Pagination/EndPage"))


def _doi(article: etree._Element, element: etree._Element) -> str:
    found = [node for node in article.iter("ELocationID") if node.get("EIdType") == "doi"]
    for path in ("PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId"):
        found += [node for node in element.findall(path) if node.get("IdType") == "doi"]
    found += [
        node for node in article.findall("ArticleIdList/ArticleId") if node.get("IdType") == "doi"
    ]
    return next((doi for node in found if (doi := identifiers.doi_of(text_in(node)))), "")


def _abstract(article: etree._Element) -> str:
    parts = []
    for node in article.findall("Abstract/AbstractText"):
        text = readable(text_in(node))
        label = node.get("Label", "")
        if text:
            parts.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return " ".join(parts)


def _keywords(citation: etree._Element) -> list[str]:
    headings = citation.iterfind("MeshHeadingList/MeshHeading/DescriptorName")
    words = [readable(text_in(node)) for node in headings]
    words += [readable(text_in(node)) for node in citation.iterfind("KeywordList/Keyword")]
    return [word for word in words if word]


def _raw(element: etree._Element) -> dict[str, list[str]]:
    """Every text by its path; attributes as `path@name`."""
    raw: dict[str, list[str]] = {}
    _collect(element, "", raw)
    return raw


_MIXED = frozenset(
    {
        "ArticleTitle",
        "VernacularTitle",
        "BookTitle",
        "AbstractText",
        "Affiliation",
        "Keyword",
        "CollectiveName",
        "Citation",
    }
)


def _collect(element: etree._Element, path: str, raw: dict[str, list[str]]) -> None:
    for name, value in element.attrib.items():
        raw.setdefault(f"{path}@{name}", []).append(str(value))
    if len(element) == 0 or element.tag in _MIXED:
        if text := one_line(text_in(element)):
            raw.setdefault(path, []).append(text)
        return
    if element.text and not element.text.isspace():
        raw.setdefault(path, []).append(element.text.strip())
    for child in element:
        _collect(child, f"{path}/{child.tag}" if path else str(child.tag), raw)
        if child.tail and not child.tail.isspace():
            raw.setdefault(path, []).append(child.tail.strip())
