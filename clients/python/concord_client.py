"""A small client of Concord's API: one file, the standard library, Python 3.9 or newer.

    from concord_client import Concord

    concord = Concord("https://reviews.example.org", token="concord_…")
    review = concord.review("care")
    job = review.upload("pubmed.nbib", source="PubMed")
    review.wait(job)
    for report in review.reports(place="abstract-conflict"):
        print(report["id"], report["title"])

Lists are iterators that fetch page after page. A request that found the server busy is sent again,
a write only with the key that makes the server carry it out once. What the API refuses is raised as
`Refused` with its sentence. Every address has a method here or is one call of `get`, `post`, `put`,
`patch`, `delete` away: `review.get("agreement/", stage="abstract")`.
"""

from __future__ import annotations

import json
import mimetypes
import time
import uuid
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

Json = dict  # what a JSON object becomes
BUSY = {429, 502, 503, 504}
__version__ = "1"


class Refused(Exception):
    """The API said no. `status` is HTTP's, `said` what it answered, `str()` its sentence."""

    def __init__(self, status: int, said: Any) -> None:
        self.status, self.said = status, said
        super().__init__(f"{status}: {_sentence(said)}")


def _sentence(said: Any) -> str:
    if isinstance(said, Mapping):
        if "detail" in said:
            return str(said["detail"])
        return "; ".join(f"{name}: {_sentence(each)}" for name, each in said.items())
    if isinstance(said, list):
        return " ".join(_sentence(each) for each in said)
    return str(said)


class Failed(Exception):
    """A job that did not end well; `job` is what it says of itself."""

    def __init__(self, job: Json) -> None:
        self.job = job
        super().__init__(f"job {job['id']} is {job['state']}: {job['error'] or 'no reason given'}")


class _NoRedirects(HTTPRedirectHandler):
    """A token is for one server: it is not carried to where another address leads."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Concord:
    """A server and the token with which to speak to it.

    `tries`: how often a request is sent at the most; `timeout`: seconds for one of them.
    """

    def __init__(self, base: str, token: str, *, tries: int = 5, timeout: float = 60) -> None:
        if urlsplit(base).scheme not in ("http", "https"):
            raise ValueError("The address of the server begins with https:// or http://.")
        self.base, self.token = base.rstrip("/") + "/api/v1/", token
        self.tries, self.timeout = tries, timeout
        self._opener = build_opener(_NoRedirects)

    def reviews(self) -> Iterator[Json]:
        """The reviews that the token's owner takes part in."""
        return self.pages("reviews/")

    def review(self, slug: str) -> Review:
        return Review(self, slug)

    def make_review(self, title: str, **about: Any) -> Review:
        """A new review; `about`: slug, framework, question."""
        return Review(self, self.post("reviews/", {"title": title, **about})["slug"])

    # --- One request ------------------------------------------------------------------------

    def get(self, path: str, **query: Any) -> Any:
        return self._json(self.send("GET", path, query=query))

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """`key` makes the request one that is carried out once; one is made when none is given."""
        return self._json(self.send("POST", path, body=body, key=key or str(uuid.uuid4())))

    def put(self, path: str, body: Any) -> Any:
        return self._json(self.send("PUT", path, body=body))

    def patch(self, path: str, body: Any) -> Any:
        return self._json(self.send("PATCH", path, body=body))

    def delete(self, path: str, **query: Any) -> Any:
        return self._json(self.send("DELETE", path, query=query))

    def file(self, path: str, **query: Any) -> bytes:
        """What an address answers, as it comes: an export, a figure, a full text."""
        return self.send("GET", path, query=query)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Each result of a list, fetched page by page as they are asked for."""
        page = 1
        while True:
            found = self.get(path, **{"page_size": 500, **query, "page": page})
            yield from found["results"]
            if not found["next"]:
                return
            page += 1

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        files: list[tuple[str, Path]] | None = None,
        key: str | None = None,
    ) -> bytes:
        """One request, sent again while the server is busy or away if that can do no harm."""
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = self.base + path.lstrip("/") + (f"?{urlencode(asked)}" if asked else "")
        headers = {
            "Authorization": f"Token {self.token}",
            "Accept": "*/*",
            "User-Agent": f"concord-client/{__version__}",
        }
        data = None
        if files is not None:
            data, headers["Content-Type"] = _multipart(body or {}, files)
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if key:
            headers["Idempotency-Key"] = key
        # Only these addresses keep the answer to a key; elsewhere a second POST would act twice.
        keyed = path.rstrip("/").rsplit("/", 1)[-1] in {"uploads", "decisions", "final", "labels"}
        harmless = method != "POST" or (keyed and bool(key))
        for left in reversed(range(self.tries)):
            request = Request(url, data=data, headers=headers, method=method)  # noqa: S310
            try:
                with self._opener.open(request, timeout=self.timeout) as answer:
                    return answer.read()
            except HTTPError as error:
                text = error.read()
                # 429 was not carried out, whatever it asked.
                if not left or error.code not in BUSY or not (harmless or error.code == 429):
                    raise Refused(error.code, _plain(text)) from None
                pause = error.headers.get("Retry-After", "")
            except (URLError, HTTPException, OSError):
                if not left or not harmless:
                    raise
                pause = ""
            time.sleep(int(pause) if pause.isdigit() else 2 ** (self.tries - left - 1) / 2)
        raise AssertionError("tries is 1 at the least")

    @staticmethod
    def _json(answer: bytes) -> Any:
        return json.loads(answer) if answer else None


class Review:
    """One review. Its methods are the API's addresses below `reviews/<slug>/`."""

    def __init__(self, concord: Concord, slug: str) -> None:
        self.concord, self.slug, self.path = concord, slug, f"reviews/{slug}/"

    def get(self, path: str = "", **query: Any) -> Any:
        return self.concord.get(self.path + path, **query)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.concord.post(self.path + path, body, key=key)

    def put(self, path: str, body: Any) -> Any:
        return self.concord.put(self.path + path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.concord.patch(self.path + path, body)

    def delete(self, path: str, **query: Any) -> Any:
        return self.concord.delete(self.path + path, **query)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        return self.concord.pages(self.path + path, **query)

    # --- Import and jobs --------------------------------------------------------------------

    def upload(
        self, file: str | Path, *, source: str = "", key: str | None = None, **how: Any
    ) -> int:
        """Import a citation file; the number of the job. `how`: kind, format, encoding, columns."""
        said = {"source": source, **how}
        if isinstance(said.get("columns"), Mapping):
            said["columns"] = json.dumps(said["columns"])
        answer = self.concord.send(
            "POST",
            self.path + "uploads/",
            body={name: value for name, value in said.items() if value},
            files=[("file", Path(file))],
            key=key or str(uuid.uuid4()),
        )
        return int(json.loads(answer)["job"])

    def job(self, number: int) -> Json:
        return self.get(f"jobs/{number}/")

    def wait(self, number: int, *, seconds: float = 3600, pause: float = 1) -> Json:
        """The job once it is done. Failed when it failed or was stopped; TimeoutError after that."""
        until = time.monotonic() + seconds
        while True:
            job = self.job(number)
            if job["state"] == "done":
                return job
            if job["state"] in ("failed", "cancelled"):
                raise Failed(job)
            if time.monotonic() > until:
                raise TimeoutError(f"job {number} is still {job['state']}")
            time.sleep(pause)

    # --- Reports and decisions --------------------------------------------------------------

    def reports(self, **filters: Any) -> Iterator[Json]:
        """`filters`: place, box, reason, source, q."""
        return self.pages("reports/", **filters)

    def report(self, number: int) -> Json:
        return self.get(f"reports/{number}/")

    def records(self, **filters: Any) -> Iterator[Json]:
        """`filters`: report, search, upload."""
        return self.pages("records/", **filters)

    def decisions(self, **filters: Any) -> Iterator[Json]:
        """Those that the token's owner may see. `filters`: stage, report, by."""
        return self.pages("decisions/", **filters)

    def queue(self, stage: str = "abstract", limit: int = 5) -> Json:
        """The next reports for the token's owner: `records`, and how many are `left`."""
        return self.get("queue/", stage=stage, limit=limit)

    def decide(
        self,
        report: int,
        verdict: str,
        stage: str = "abstract",
        *,
        key: str | None = None,
        **more: Any,
    ) -> Json:
        """include, maybe or exclude; `more`: reason, others, note."""
        said = {"stage": stage, "verdict": verdict, **more}
        return self.post(f"reports/{report}/decisions/", said, key=key)

    def final_word(
        self,
        report: int,
        verdict: str,
        stage: str = "abstract",
        *,
        key: str | None = None,
        **more: Any,
    ) -> Json:
        said = {"stage": stage, "verdict": verdict, **more}
        return self.post(f"reports/{report}/final/", said, key=key)

    def conflicts(self, stage: str = "abstract") -> Iterator[Json]:
        return self.pages("conflicts/", stage=stage)

    # --- What comes out ---------------------------------------------------------------------

    def prisma(self, **when: Any) -> Json:
        """`when`: on="2026-03-31" for the numbers as they stood at the end of that day."""
        return self.get("prisma/", **when)

    def agreement(self, stage: str = "abstract") -> Json:
        return self.get("agreement/", stage=stage)

    def studies(self, **filters: Any) -> Iterator[Json]:
        """`filters`: box, program."""
        return self.pages("studies/", **filters)

    def export(self, to: str | Path, format: str = "ris", **filters: Any) -> Path:
        """References with decisions as a file; `filters` as those of `reports`."""
        return self._kept("export/", to, format=format, **filters)

    def figure(self, to: str | Path, format: str = "svg", **choices: Any) -> Path:
        """PRISMA's diagram as svg, png, pdf, docx, html, csv or json."""
        return self._kept("prisma/figure/", to, format=format, **choices)

    def _kept(self, path: str, to: str | Path, **query: Any) -> Path:
        kept = Path(to)
        kept.write_bytes(self.concord.file(self.path + path, **query))
        return kept


def _plain(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode("utf-8", "replace")[:500]


def _multipart(fields: Mapping[str, Any], files: list[tuple[str, Path]]) -> tuple[bytes, str]:
    """A form with files (RFC 7578), and its Content-Type."""
    line = uuid.uuid4().hex
    parts: list[bytes] = []
    for name, value in fields.items():
        head = f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts += [head.encode(), str(value).encode(), b"\r\n"]
    for name, path in files:
        shown = path.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        head = (
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"; filename="{shown}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        )
        parts += [head.encode(), path.read_bytes(), b"\r\n"]
    parts.append(f"--{line}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={line}"
