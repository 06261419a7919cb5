"""An archive of a review: a sealed zip whose rows are of nouns that are known here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reviews.refusal import Refused

from ..sealed.reading import Sealed, checked
from .ids import PERSON
from .nouns import LEFT_OUT
from .writing import ARCHIVE, noun_called


class Archive(Sealed):
    """An open archive that has passed every check."""

    @property
    def nouns(self) -> dict[str, dict[str, Any]]:
        """{noun: what the manifest says of its rows}."""
        return {each["noun"]: each for each in self.manifest["members"] if "noun" in each}

    @property
    def title(self) -> str:
        return str(self.manifest["review"]["title"])

    @property
    def slug(self) -> str:
        return str(self.manifest["review"]["slug"])

    @property
    def rows_total(self) -> int:
        return sum(int(each["rows"]) for each in self.nouns.values())

    def ranges(self) -> dict[str, tuple[int, int]]:
        """{noun: (lowest id, highest id)} of those that have rows."""
        return {
            name: (each["first"], each["last"]) for name, each in self.nouns.items() if each["rows"]
        }

    def rows(self, noun: str) -> Iterator[dict[str, Any]]:
        """The rows of `noun` as the archive has them; none where an older one knows no such noun."""
        about = self.nouns.get(noun)
        return self.lines(about["name"]) if about else iter(())


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at `path`, checked; Refused with the reason when anything is wrong with it."""
    with checked(path, ARCHIVE) as sealed:
        for each in sealed.manifest["members"]:
            _check_noun(each.get("noun"))
        yield Archive(sealed.packed, sealed.manifest, sealed.sha256)


def _check_noun(noun: str | None) -> None:
    if noun not in (None, PERSON) and noun_called(str(noun)) is None and noun not in LEFT_OUT:
        raise Refused(
            f"The archive was made by a newer Concord: it holds {noun}, which this one does not "
            "know. Upgrade Concord, then restore it."
        )
