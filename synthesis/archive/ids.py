"""What a row that travels is called where it arrives."""

from collections.abc import Mapping

from reviews.refusal import Refused

PERSON = "reviews.User"


class Ids:
    """Rows of a model keep their order and move together: `shifts[model]` is by how much.

    `ranges[model]` is (lowest, highest) id in the archive; a reference to anything beyond is refused,
    so that nothing of an archive can hang itself on another review. People go one by one.
    """

    def __init__(
        self,
        shifts: Mapping[str, int],
        people: Mapping[int, int],
        ranges: Mapping[str, tuple[int, int]],
    ) -> None:
        self.shifts, self.people, self.ranges = shifts, people, ranges

    def __call__(self, model: str, pk: int | None) -> int | None:
        """The id here of row `pk` of `model` there; None stays None."""
        if pk is None:
            return None
        if model == PERSON:
            if pk not in self.people:
                raise Refused(f"The archive speaks of person {pk}, who is not among its people.")
            return self.people[pk]
        lowest, highest = self.ranges.get(model, (0, -1))
        if not lowest <= pk <= highest:
            raise Refused(f"The archive speaks of {model} {pk}, which it does not hold.")
        return pk + self.shifts[model]

    def shift(self, model: str) -> int:
        return self.shifts.get(model, 0)


class Gathering(Ids):
    """On the way out nothing changes its name; who is named is remembered."""

    def __init__(self) -> None:
        super().__init__({}, {}, {})
        self.met: set[int] = set()

    def __call__(self, model: str, pk: int | None) -> int | None:
        if model == PERSON and pk is not None:
            self.met.add(pk)
        return pk
