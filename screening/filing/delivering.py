"""A drop of many files: store them, read them, attach those that are sure."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from citations import blobs, documents
from citations.actions import drop_file
from citations.documents import Document, kinds, unpacking
from citations.documents.knowing import Guess, Library, Wanted
from citations.documents.links import Reference, linked
from citations.formats import Unreadable, read
from citations.formats.record import ParsedRecord
from citations.models import Delivery, FullText, LooseFile
from reviews import audit, jobs
from reviews.jobs import Run, make_way, work
from reviews.models import Job, Review, User
from reviews.refusal import Refused
from reviews.waiting import noun

from .. import flow, retrieval
from ..actions import locked

KIND = "read-full-texts"
AT_ONCE = 2  # files that are read at the same time
DOCUMENTS = (kinds.PDF, kinds.DOCX, kinds.HTML)
Files = Iterable[tuple[str, Iterable[bytes]]]  # (name, its bytes in pieces)


def deliver(
    review: Review, files: Files, *, by: User, delivery: Delivery | None = None
) -> Delivery:
    """Store the files and queue the job that reads them; `delivery` takes them with earlier ones.

    A file that is refused has its row with the sentence, and nothing is stored of it.
    """
    if delivery is None:
        with transaction.atomic():
            delivery = Delivery.objects.create(review=review, by=by)
            audit.record(review, "sent full texts", by=by, target=delivery)
    for name, chunks in files:
        receive(delivery, unpacking.clean_path(name) or "file", chunks)
    begin(delivery, by=by)
    return delivery


def begin(delivery: Delivery, *, by: User | None) -> None:
    """Queue the job that reads the delivery, unless it waits already."""
    review = delivery.review
    with transaction.atomic():
        running = Job.objects.filter(review=review, kind=KIND, state=Job.State.QUEUED)
        if not running.filter(payload__delivery=delivery.pk).exists():
            jobs.enqueue(review, KIND, by=by, delivery=delivery.pk)


def match_again(review: Review, *, by: User) -> Job:
    """Compare the files of the tray with the reports that are sought by now."""
    return jobs.enqueue(review, KIND, by=by, delivery=None)


def receive(
    delivery: Delivery, name: str, chunks: Iterable[bytes], inside: LooseFile | None = None,
    number: int = 0, reference: Reference | None = None,
) -> LooseFile:  # fmt: skip
    """Store one file of a delivery; `reference` is what is said of it by who gave it."""
    row = LooseFile(
        review=delivery.review, delivery=delivery, inside=inside, number=number, name=name[-500:]
    )
    if reference:
        row.told = {"reference": asdict(reference)}
    try:
        with blobs.received(chunks) as draft:
            row.kind = kinds.kind_of(draft.path, name)
            if row.kind == kinds.ZIP and inside is not None:
                raise kinds.Refusal("A zip inside a zip is not opened; send it by itself.")
            if known := _known_as(delivery.review, draft.sha256):
                raise kinds.Refusal(known)
            row.sha256, row.size = draft.sha256, draft.size
            draft.keep()
            row.save()
    except (kinds.Refusal, Refused) as refusal:
        row.refused, row.read_at = str(refusal), timezone.now()
        row.save()
    return row


def _known_as(review: Review, sha256: str) -> str:
    """Where this very file is already, as a sentence; "" for a new one."""
    filed = FullText.objects.filter(report__review=review, sha256=sha256, removed_at=None)
    if held := filed.select_related("report").first():
        return f"The same file is attached already, to “{held.report}”."
    came = Q(sha256=sha256, fulltext=None) | Q(kind=kinds.ZIP, told__opened=sha256)
    loose = review.loose_files.filter(came).first()
    return f"The same file came before, as “{loose.name}”." if loose else ""


# --- The job ------------------------------------------------------------------------------------


@work(KIND, needs="retrieve")
def read_delivery(run: Run) -> dict[str, Any]:
    """Unpack, read, match. Each file is settled in a transaction of its own, so a job that is
    killed goes on with the files that have no `read_at` yet."""
    review = run.job.review
    chosen = run.payload.get("delivery")
    if chosen is None:
        return _match_tray(run, review)
    delivery = Delivery.objects.select_related("review", "by").get(pk=chosen, review=review)
    for parcel in _unread(delivery, [kinds.ZIP]):
        run.step(0, doing=f"Opening {parcel.short_name}"[:120])
        _unpack(parcel)
    references = _references(delivery, run)
    library = library_of(review)
    files = list(_unread(delivery, DOCUMENTS))
    run.step(0, total=len(files), doing="Reading the files")
    attached = 0
    for done, (loose, found) in enumerate(_read_all(files), start=1):
        with transaction.atomic():
            run.step(done)
            attached += _settle(loose, found, library, references.get(loose.pk), delivery.by)
        make_way()
    attached += _told_later(run, delivery, library, references, done=len(files))
    tray = _guess_again(run, delivery, library, done=len(files))
    refused = delivery.files.exclude(refused="").count()
    said = f"{attached} {noun(attached, 'file')} attached, {tray} in the tray, {refused} not taken."
    return {"attached": attached, "tray": tray, "refused": refused, "text": said}


def _unread(delivery: Delivery, of: Iterable[str]) -> list[LooseFile]:
    unread = delivery.files.filter(read_at=None, kind__in=of).exclude(sha256="")
    return list(unread.select_related("review"))


def waiting(review: Review) -> Any:
    """The files that a person has to look at."""
    read = review.loose_files.filter(read_at__isnull=False, refused="", kind__in=DOCUMENTS)
    return read.filter(fulltext=None, aside_at=None)


def _unpack(parcel: LooseFile) -> None:
    """Store what is in the zip, each file by itself. The zip is not kept beside them."""
    sha256 = parcel.sha256
    try:
        known = set(parcel.files.values_list("number", flat=True))
        limit = settings.UPLOAD_LIMIT_MB << 20
        for member in unpacking.members(blobs.path_of(sha256), limit=limit):
            if member.number not in known:
                receive(parcel.delivery, member.name, _bytes_of(member), parcel, member.number)
        parcel.told["opened"] = sha256  # so that the same zip is known when it comes again
    except kinds.Refusal as refusal:
        parcel.refused = str(refusal)
    parcel.sha256, parcel.read_at = "", timezone.now()
    parcel.save(update_fields=["read_at", "refused", "sha256", "told"])
    drop_file(sha256)


def _bytes_of(member: unpacking.Member) -> Iterator[bytes]:
    if member.refused:
        raise kinds.Refusal(member.refused)
    yield from member.chunks()


def _references(delivery: Delivery, run: Run) -> dict[int, Reference]:
    """{loose file: what the libraries of this delivery say it holds}."""
    names = dict(delivery.files.filter(kind__in=DOCUMENTS).values_list("pk", "name"))
    found: dict[int, Reference] = {}
    for library in delivery.files.filter(kind=kinds.LIBRARY, refused=""):
        run.step(0, doing=f"Reading {library.short_name}"[:120])
        try:
            items = read(blobs.path_of(library.sha256), name=library.short_name)
            records = [item for item in items if isinstance(item, ParsedRecord)]
        except Unreadable as problem:
            library.refused = str(problem)
        else:
            found |= linked(records, library.short_name, names)
        library.read_at = timezone.now()
        library.save(update_fields=["read_at", "refused"])
    return found


def _read_all(files: list[LooseFile]) -> Iterator[tuple[LooseFile, Document | str]]:
    """Each file with its document, or with the sentence why there is none; in their order."""

    readers: SimpleQueue[documents.Reader] = SimpleQueue()

    def one(loose: LooseFile) -> Document | str:
        reader = readers.get()
        try:
            return reader.read(blobs.path_of(loose.sha256), loose.kind)
        except documents.NotReadable as problem:
            return str(problem)
        finally:
            readers.put(reader)

    with ExitStack() as stack:
        for _ in range(min(AT_ONCE, len(files))):
            readers.put(stack.enter_context(documents.Reader()))
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        # A few at a time: the texts of 2,000 files need not be held at once.
        for first in range(0, len(files), 4 * AT_ONCE):
            piece = files[first : first + 4 * AT_ONCE]
            yield from zip(piece, pool.map(one, piece), strict=True)


def library_of(review: Review) -> Library:
    """The reports that a file may belong to: those that passed title and abstract."""
    reports = review.reports.filter(place__in=flow.ADVANCED)
    filed = FullText.objects.filter(report__in=reports, removed_at=None)
    with_file = set(filed.values_list("report", flat=True))
    columns = reports.values_list("pk", "title", "authors", "year", "doi", "pmid", "pages")
    return Library(
        Wanted(pk, title, tuple(map(str, authors)), year, doi, pmid, pages, pk in with_file)
        for pk, title, authors, year, doi, pmid, pages in columns.iterator()
    )


def _settle(
    loose: LooseFile, found: Document | str, library: Library, reference: Reference | None, by: User
) -> bool:
    """Keep what was read; attach it if that is sure. True when it was attached."""
    loose = LooseFile.objects.select_for_update().select_related("review").get(pk=loose.pk)
    if loose.read_at:
        return False  # another worker was here
    loose.read_at = timezone.now()
    if isinstance(found, str):
        refused, loose.refused, loose.sha256 = loose.sha256, found, ""
        loose.save(update_fields=["refused", "sha256", "read_at"])
        transaction.on_commit(lambda: drop_file(refused))  # nothing is kept of it
        return False
    loose.text, loose.pages = found.text, found.pages
    given = loose.told.get("reference")
    loose.told = {
        key: value for key, value in asdict(found).items() if key not in ("text", "pages")
    }
    if reference or given:
        loose.told["reference"] = asdict(reference) if reference else given
    loose.save(update_fields=["text", "pages", "told", "read_at"])
    return _matched(loose, library, by)


def _told_later(
    run: Run,
    delivery: Delivery,
    library: Library,
    references: dict[int, Reference],
    *,
    done: int,
) -> int:
    """Files of the tray whose reference came after them, in the last file of a folder; how many of
    them are attached now."""
    fresh = waiting(delivery.review).filter(delivery=delivery, told__reference__isnull=True)
    attached = 0
    for pk in fresh.filter(pk__in=references).values_list("pk", flat=True):
        with transaction.atomic():
            run.step(done)
            loose = fresh.select_for_update(of=("self",)).filter(pk=pk).first()
            if loose is not None:
                loose.told["reference"] = asdict(references[pk])
                loose.save(update_fields=["told"])
                attached += _matched(loose, library, delivery.by)
    return attached


def _guess_again(run: Run, delivery: Delivery, library: Library, *, done: int) -> int:
    """Now that the sure ones have their files, what is left may be guessed better; how many wait.

    It attaches nothing: that others are settled is no sign that a file belongs somewhere.
    """
    pks = list(waiting(delivery.review).filter(delivery=delivery).values_list("pk", flat=True))
    for pk in pks:
        with transaction.atomic():
            run.step(done)
            loose = waiting(delivery.review).select_for_update(of=("self",)).filter(pk=pk).first()
            if loose is not None:
                _guess(loose, library)
    return len(pks)


def _matched(loose: LooseFile, library: Library, by: User) -> bool:
    """Store the guesses; attach the file when the first one is sure."""
    guesses = _guess(loose, library)
    if guesses and guesses[0].sure:
        report = locked(loose.review.reports.get(pk=guesses[0].id))
        if report.merged_into_id or report.fulltexts.filter(removed_at=None).exists():
            return False  # somebody was faster; it waits with its guesses
        file(loose, report, by=by)
        library.filed(report.pk)
        return True
    return False


def _guess(loose: LooseFile, library: Library) -> list[Guess]:
    """Whose it may be, kept with the file."""
    told = dict(loose.told)
    reference = told.pop("reference", None)
    document = Document(pages=loose.pages, text=loose.text, **told)
    if reference:
        reference = Reference(**{**reference, "authors": tuple(reference["authors"])})
    guesses = library.guesses(document, loose.name, reference)
    loose.guesses = [_stored(guess) for guess in guesses]
    loose.save(update_fields=["guesses"])
    return guesses


def _stored(guess: Guess) -> dict[str, Any]:
    return {"report": guess.id, "points": guess.points, "why": guess.why, "sure": guess.sure}


def file(loose: LooseFile, report: Any, *, by: User) -> FullText:
    """Attach a loose file to `report`; the caller holds the row."""
    loose.fulltext = retrieval.attach(
        report,
        by=by,
        name=loose.short_name[:255],
        sha256=loose.sha256,
        size=loose.size,
        content_type=kinds.CONTENT_TYPES[loose.kind],
        text=loose.text,
        pages=loose.pages,
        holds=loose.told.get("holds", []),
    )
    loose.text = ""  # the full text has it
    loose.aside_at = None
    loose.save(update_fields=["fulltext", "text", "aside_at"])
    return loose.fulltext


def _match_tray(run: Run, review: Review) -> dict[str, Any]:
    library = library_of(review)
    pks = list(waiting(review).values_list("pk", flat=True))
    attached = 0
    run.step(0, total=len(pks), doing="Comparing with the reports that are sought")
    for done, pk in enumerate(pks, start=1):
        with transaction.atomic():
            run.step(done)
            loose = waiting(review).select_for_update(of=("self",)).filter(pk=pk).first()
            if loose is not None and run.job.by is not None:
                attached += _matched(loose, library, run.job.by)
        make_way()
    tray = len(pks) - attached
    return {
        "attached": attached,
        "text": f"{attached} {noun(attached, 'file')} attached, {tray} in the tray.",
    }
