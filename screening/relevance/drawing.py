"""The recall curve as a picture: places on paper for what a table beside it says in numbers."""

from dataclasses import dataclass

WIDTH, HEIGHT = 560, 240  # of the field in which curves are drawn
LEFT, TOP = 48, 12


@dataclass(frozen=True)
class Drawing:
    """`curve`: (screened, found) at some places of an order of `of` reports; `found` by its end."""

    curve: list[tuple[int, int]]
    of: int
    found_in_all: int

    def _at(self, screened: float, found: float) -> str:
        across = screened / self.of if self.of else 0
        up = found / self.found_in_all if self.found_in_all else 0
        return f"{LEFT + WIDTH * across:.1f},{TOP + HEIGHT * (1 - up):.1f}"

    @property
    def screened(self) -> int:
        return self.curve[-1][0] if self.curve else 0

    @property
    def found(self) -> str:
        return " ".join(self._at(*point) for point in self.curve)

    @property
    def ideal(self) -> str:
        """Every relevant report first."""
        found = self.found_in_all
        return " ".join(self._at(*point) for point in [(0, 0), (found, found), (self.of, found)])

    @property
    def random(self) -> str:
        return f"{self._at(0, 0)} {self._at(self.of, self.found_in_all)}"

    @property
    def rows(self) -> list[tuple[int, int, int, int]]:
        """(screened, found, in an ideal order, in a random one) at some ten places of the curve."""
        step = max(1, len(self.curve) // 10)
        picked = [*self.curve[step::step]]
        if picked and picked[-1] != self.curve[-1]:
            picked.append(self.curve[-1])
        all_ = self.found_in_all
        return [
            (n, hits, min(n, all_), round(all_ * n / self.of) if self.of else 0)
            for n, hits in picked
        ]
