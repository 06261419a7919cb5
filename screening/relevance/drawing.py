"""The recall curve as a picture: places on paper for what a table beside it says in numbers."""

from dataclasses import dataclass

from .stopping import Evidence

WIDTH, HEIGHT = 560, 240  # of the field in which curves are drawn
LEFT, TOP = 48, 12


@dataclass(frozen=True)
class Drawing:
    evidence: Evidence

    def _at(self, screened: float, found: float) -> str:
        across = screened / self.evidence.of if self.evidence.of else 0
        up = found / self.evidence.certificate.found if self.evidence.certificate.found else 0
        return f"{LEFT + WIDTH * across:.1f},{TOP + HEIGHT * (1 - up):.1f}"

    @property
    def found(self) -> str:
        return " ".join(self._at(*point) for point in self.evidence.curve)

    @property
    def ideal(self) -> str:
        """Every relevant report first."""
        found, of = self.evidence.certificate.found, self.evidence.of
        return " ".join(self._at(*point) for point in [(0, 0), (found, found), (of, found)])

    @property
    def random(self) -> str:
        found, of = self.evidence.certificate.found, self.evidence.of
        return f"{self._at(0, 0)} {self._at(of, found)}"

    @property
    def rows(self) -> list[tuple[int, int, int, int]]:
        """(screened, found, an ideal order, a random one) at ten places of the curve."""
        curve = self.evidence.curve
        step = max(1, len(curve) // 10)
        picked = [*curve[step::step]] if len(curve) > 1 else []
        if picked and picked[-1] != curve[-1]:
            picked.append(curve[-1])
        found = self.evidence.certificate.found
        return [(n, hits, min(n, found), round(self.evidence.at_random(n))) for n, hits in picked]
