"""The API's description: what each request may ask, and every answer that it can get."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from .api import Detail, Wrong

WRITES = ("POST", "PUT", "PATCH", "DELETE")


class DoorSchema(AutoSchema):
    """Adds to each operation what the door itself reads and answers, so that no view repeats it."""

    def get_override_parameters(self) -> list[Any]:
        """The query that the view reads (`ReviewView.query`)."""
        query = getattr(self.view, "query", {}).get(self.method)
        return [query] if query and query().fields else []

    def get_tags(self) -> list[str]:
        """The word after the review: uploads, reports, duplicates …"""
        words = [word for word in self._tokenize_path() if word]
        return [words[1] if len(words) > 1 and words[0] == "reviews" else words[0]]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        found = super()._get_response_bodies(direction)
        for code, (shape, says) in self._answers_of_the_door().items():
            if code not in found:
                answer = OpenApiResponse(shape, description=says)
                found[code] = self._get_response_for_code(answer, code, ["application/json"])
        return dict(sorted(found.items()))

    def _answers_of_the_door(self) -> dict[str, tuple[Any, str]]:
        answers: dict[str, tuple[Any, str]] = {
            "401": (Detail, "Not signed in, or the token is unknown, revoked or expired."),
            "403": (Detail, "Your role, or the scope of the token, does not let you do this."),
            "406": (Detail, "The answer is not to be had in the media type that `Accept` wants."),
            "429": (
                Detail,
                "Too many requests in this minute; `Retry-After` says how long to wait.",
            ),
        }
        if hasattr(self.view, "query"):
            answers["400"] = (Wrong, "A field or parameter is unknown, missing or wrong; named.")
        if "{" in self.path:
            answers["404"] = (Detail, "There is no such thing, or it is not yours to see.")
        if "page" in self._asks():
            answers["404"] = (Detail, "There is no such thing, or no such page.")
        if self.method in WRITES:
            answers["409"] = (Detail, "Somebody was faster, or the state has changed.")
            answers["413"] = (Detail, "What was sent is too large.")
            answers["415"] = (Detail, "The media type of what was sent is not understood.")
            answers["422"] = (Detail, "The state of things does not allow it; says why.")
        return answers

    def _asks(self) -> set[str]:
        query = getattr(self.view, "query", {}).get(self.method)
        return set(query().fields) if query else set()
