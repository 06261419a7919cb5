"""Small repairs that every format needs: entities, inline tags, spaces, surrogates."""

import html
import re

# Tags that databases leave in titles and abstracts. Anything else in angle brackets is text
# ("R&D <0.05 AND x>3").
_INLINE_TAG = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|p|br|span|div|h[1-6]|scp|inf|italic|bold|jats:[a-z-]+|mml:[a-z-]+)"
    r"(?:\s[^<>]{0,300})?\s?/?>",
    re.IGNORECASE,
)
# A line that does not begin with a letter or digit; the newline first makes the search quick.
_UNTIDY_LINE = re.compile(r"\n(?:[\W_]|\Z)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SPACED_TAG = re.compile(r"</?(?:p|br|div|h[1-6]|jats:p|jats:title)\b[^<>]{0,300}>", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """Text as the reader should see it: entities decoded once, known inline tags removed."""
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "<" in text and ">" in text and ("</" in text or "/>" in text or _has_lone_tag(text)):
        text = _INLINE_TAG.sub("", _SPACED_TAG.sub(" ", text))
    return one_line(text)


def prose(text: str) -> str:
    """As `readable`, for abstracts: line ends become spaces, other spaces stay as they are."""
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "<" in text and ">" in text and ("</" in text or "/>" in text or _has_lone_tag(text)):
        return one_line(_INLINE_TAG.sub("", _SPACED_TAG.sub(" ", text)))
    if "\n" in text:
        return text.replace("\n", " ").strip()
    return text.strip()


def _has_lone_tag(text: str) -> bool:
    return "<br" in text or "<p>" in text or "<BR" in text or "<P>" in text


def _entity(match: re.Match[str]) -> str:
    return html.unescape(match[0]).replace("\0", "")


def one_line(text: str) -> str:
    """Runs of white space become one space."""
    if "\n" in text or "  " in text or "\t" in text:
        return " ".join(text.split())
    return text.strip()


def storable(text: str) -> str:
    """Without NUL and lone surrogates, which PostgreSQL and UTF-8 can't hold."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def split_list(values: list[str], separators: str = r"[;\n]") -> list[str]:
    """Single values out of fields that hold lists, empty ones dropped."""
    if len(separators) == 1:  # then it is no pattern
        return words("\n".join(values).replace(separators, "\n").split("\n"))
    split = re.compile(separators).split
    return words([part for value in values for part in split(value)])


def words(values: list[str]) -> list[str]:
    """Keywords, one a line, without those that hold no letter or digit."""
    text = "\n".join(values)
    if (
        text[:1].isalnum()
        and "  " not in text
        and " \n" not in text
        and "\t" not in text
        and _UNTIDY_LINE.search(text) is None
    ):
        return text.rstrip().split("\n")
    found = []
    for value in text.split("\n"):
        word = one_line(value)
        if word and (word[0].isalnum() or any(map(str.isalnum, word))):
            found.append(word)
    return found
