"""The page on which reviewers decide, one report at a time; the same for both stages.

It works as plain forms. With JavaScript (static/js/screening/) the next reports are here already
and answers go out in the background: `following` and `decide` are its two doors.
"""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from citations.models import FullText, Report
from reviews.access import abilities, member
from reviews.models import Membership, Review, Stage, StageRules
from reviews.refusal import Clash, Refused

from ..desk import by_criterion, keymap, labels, leases, queue, submitting, words
from ..forms import AnswerForm, LabelForm
from ..listing import number_in
from ..models import Decision
from ..reasons import criteria_by_kind, reasons_in_use
from ..relevance import explaining

HELD_AHEAD = 10  # reports that the browser holds, so that the next one is there at once
LISTED_AHEAD = 40  # the same for a list of titles
TAKEN_ALONG = 200  # the same for a time without network
HELD_AT_MOST = 500  # ids that a request may name: a long time offline included
UNDO_REACHES_BACK = 5  # answers of earlier visits that undo can go back to

PAGES = {Stage.ABSTRACT: "screening:screen", Stage.FULLTEXT: "screening:screen_fulltext"}


def address(review: Review, stage: Stage, report: int | None = None) -> str:
    page = reverse(PAGES[stage], args=[review.slug])
    return f"{page}?{urlencode({'report': report})}" if report else page


def _stage(name: str) -> Stage:
    if name not in (Stage.ABSTRACT, Stage.FULLTEXT):
        raise Http404("No such stage.")
    return Stage(name)


def _asked_for(
    who: Membership, stage: Stage, number: str, served: queue.Serving
) -> tuple[Report | None, Decision | None]:
    """The report that the address names, when `who` may decide on it or has; and that decision."""
    report = Report.objects.filter(review_id=who.review_id, pk__in=_ids_in(number)).first()
    if report is None:
        return None, None
    standing = Decision.objects.current().independent().on(report).at_stage(stage)
    mine = standing.filter(by_id=who.user_id).first()
    if mine is None and not queue.still_asked(who, stage, [report.pk], served):
        return None, None
    return report, mine


def _files(report: Report) -> list[FullText]:
    """The full texts that stand, the newest first."""
    return list(report.files)


def _render(
    request: HttpRequest,
    review: Review,
    stage: Stage,
    *,
    number: str = "",
    form: AnswerForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    who: Membership = request.member  # type: ignore[attr-defined]
    served = queue.serving(who, stage)
    asked_for, mine = _asked_for(who, stage, number, served)
    reports = leases.hand_out(
        who, stage, HELD_AHEAD, without=[asked_for.pk] if asked_for is not None else [], at=served
    )
    if asked_for is not None:
        reports.insert(0, asked_for)
    reasons = reasons_in_use(review, stage)
    progress = queue.progress_of(who, stage, served)
    # What is left may all be in other people's hands for the moment.
    wait = leases.seconds_to_wait(who, stage) if progress.left and not reports else None
    earlier = submitting.last_decisions(who, stage, UNDO_REACHES_BACK)
    last = earlier[0] if earlier else None
    earlier = [each for each in earlier if not reports or each.report_id != reports[0].pk]
    cards = submitting.cards([*reports, *(each.report for each in earlier)], who, served)
    _say_why(cards, reports, who, served.rules)
    cards, cards_before = cards[: len(reports)], cards[len(reports) :]
    mine_keys = keymap.of(who.user)
    caps = mine_keys.caps()
    questions = by_criterion.asked(served.rules)
    before = by_criterion.given_with_each(earlier) if questions else {}
    answered = by_criterion.given_with(mine) if mine else {}
    context = {
        "step": "screen" if stage == Stage.ABSTRACT else "fulltexts",
        "stage": stage,
        "card": cards[0] if cards else None,
        "report": reports[0] if reports else None,
        "files": _files(reports[0]) if reports and stage == Stage.FULLTEXT else [],
        "mine": mine,
        "typed": form.data.get("note", "") if form else (mine.note if mine else ""),
        "form": form,
        "refused": refused,
        # The key beside a reason's button: the first nine have one.
        "reasons": [(each, caps.get(f"reason{n}", "")) for n, each in enumerate(reasons, 1)],
        "caps": caps,
        "labels": labels.in_use(review),
        "letters": mine_keys.letters,
        "criteria": questions or criteria_by_kind(review),
        "questions": [(each, answered.get(each.pk, "")) for each in questions],
        "progress": progress,
        "wait": wait,
        "pilot": served.pilot,
        "order": served.says,
        "shared": served.only is not None,
        "last": last,
        "oversees": "screen" not in abilities(who),
        "lost": bool(number) and asked_for is None and not refused,
        "data": {
            "user": request.user.pk,
            "review": review.slug,
            "stage": stage,
            "cards": cards,
            "left": progress.left,
            "wait": wait,
            "done": progress.done,
            "heldAhead": HELD_AHEAD,
            "listAhead": LISTED_AHEAD,
            "alongAhead": TAKEN_ALONG,
            "reasons": [{"id": reason.pk, "label": reason.full_label} for reason in reasons],
            "keymap": {"keys": mine_keys.keys, "letters": mine_keys.letters},
            "words": words.shown_to(who.user, review),
            "changing": {"verdict": mine.verdict} if mine else None,
            "earlier": [
                {
                    "card": card,
                    "verdict": decision.verdict,
                    "note": decision.note,
                    "criteria": before.get(decision.pk, {}),
                }
                for card, decision in zip(cards_before, earlier, strict=True)
            ],
            "urls": {
                "next": reverse("screening:screen_next", args=[review.slug, stage]),
                "decide": reverse("screening:screen_decide", args=[review.slug, stage]),
                "label": reverse("screening:screen_label", args=[review.slug, stage]),
                "undo": reverse("screening:screen_undo", args=[review.slug, stage]),
                "document": reverse("screening:screen_document", args=[review.slug, stage, 0]),
                "others": reverse("screening:find_duplicate", args=[review.slug, 0]),
                "duplicate": reverse("screening:duplicate_of", args=[review.slug, 0]),
                "part": reverse("screening:unmerge", args=[review.slug, 0]),
                "report": reverse("screening:report", args=[review.slug, 0]),
                "recuse": reverse("screening:declare_interest", args=[review.slug]),
                "takeBack": reverse("screening:withdraw_interest", args=[review.slug, 0]),
            },
        },
    }
    return render(request, "screening/screen.html", context, status=status)


def _say_why(
    cards: list[dict[str, Any]], reports: list[Report], who: Membership, rules: StageRules
) -> None:
    """Add to each card why it comes where it does, where the lead has it shown. 0 or 2 queries."""
    if rules.by_relevance and rules.show_why:
        told = explaining.explained(who, reports)
        for card in cards:
            card["why"] = told.get(card["id"])


@require_GET
@member("screen", "see_queue")
def page(request: HttpRequest, review: Review, stage: str) -> HttpResponse:
    return _render(request, review, _stage(stage), number=request.GET.get("report", ""))


@require_GET
@member("screen", "see_queue")
def following(request: HttpRequest, review: Review, stage: str) -> HttpResponse:
    """The next reports as JSON.

    `without` names those that the browser holds, `decided` those that it has decided on in answers
    that may still be on their way: neither is served, and the latter are not among what is left.
    Who does not say what he holds is handed what he was handed before, filled up by halves.
    """
    who: Membership = request.member  # type: ignore[attr-defined]
    at = _stage(stage)
    held, decided = (_ids_in(request.GET.get(name, "")) for name in ("without", "decided"))
    limit = number_in(request.GET.get("limit")) or HELD_AHEAD
    served = queue.serving(who, at)
    reports = leases.hand_out(
        who,
        at,
        min(limit, TAKEN_ALONG),
        without=held | decided,
        at=served,
        half_will_do="without" not in request.GET,
    )
    on_their_way = queue.still_asked(who, at, decided, served) if decided else set()
    records = submitting.cards(reports, who, served)
    _say_why(records, reports, who, served.rules)
    body: dict[str, Any] = {
        "records": records,
        "left": queue.left_for(who, at, served, on_their_way),
    }
    if not reports and not held and body["left"] > 0:
        body["wait"] = leases.seconds_to_wait(who, at)
    return JsonResponse(body)


def _ids_in(text: str) -> set[int]:
    """The ids in "3,14,15"; what is not a number is left out."""
    numbers = text.split(",")[:HELD_AT_MOST]
    return {int(each) for each in numbers if each.isdecimal() and each.isascii() and len(each) < 19}


@require_GET
@member("screen", "see_queue")
def document(request: HttpRequest, review: Review, stage: str, pk: int) -> HttpResponse:
    """The pane with a report's full text, as a piece."""
    _stage(stage)
    report = get_object_or_404(review.reports, pk=pk)
    return render(request, "screening/_document.html", {"report": report, "files": _files(report)})


def _sent(request: HttpRequest) -> tuple[dict[str, Any], bool]:
    """(what was sent, whether as JSON). Refused when it can't be read."""
    if request.content_type != "application/json":
        return request.POST.dict(), False
    try:
        sent = json.loads(request.body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise Refused("That was not a JSON object.")
    return sent, True


def _numbers(value: Any) -> list[int]:
    """The ids in a list that came from outside."""
    if not isinstance(value, list):
        return []
    return [each for each in value[:HELD_AT_MOST] if isinstance(each, int) and 0 < each < 2**63]


def _others(request: HttpRequest, sent: dict[str, Any], verdict: str, as_json: bool) -> list[int]:
    """The further reasons of an exclusion. Boxes that were ticked before the mind changed are none."""
    if as_json:
        return _numbers(sent.get("others"))
    ticked = _ids_in(",".join(request.POST.getlist("others")))
    return sorted(ticked) if verdict == Decision.Verdict.EXCLUDE else []


def _criteria(request: HttpRequest, sent: dict[str, Any], as_json: bool) -> dict[str, str] | None:
    """What was said of each criterion, {"12": "yes"}; None when nothing was."""
    if as_json:
        given = sent.get("criteria")
        if given is None or isinstance(given, dict):
            return given
        raise Refused("The answers to the criteria are an object: {criterion id: answer}.")
    named = [(name, text) for name, text in request.POST.items() if name.startswith("criterion-")]
    return {name.removeprefix("criterion-"): str(text) for name, text in named} or None


@require_POST
@member("screen")
def decide(request: HttpRequest, review: Review, stage: str) -> HttpResponse:
    """Take an answer. JSON gets 201, 409 or 422 with words; a form gets the next report."""
    who: Membership = request.member  # type: ignore[attr-defined]
    at = _stage(stage)
    try:
        sent, as_json = _sent(request)
    except Refused as refusal:
        return JsonResponse({"detail": str(refusal)}, status=422)
    form = AnswerForm(sent)
    if not form.is_valid():
        sentence = " ".join(str(error) for errors in form.errors.values() for error in errors)
        if as_json:
            return JsonResponse({"detail": sentence}, status=422)
        number = str(sent.get("report", ""))
        return _render(request, review, at, number=number, form=form, refused=sentence, status=422)
    given = form.cleaned_data
    try:
        status, body = submitting.submit(
            who,
            given["report"],
            stage=at,
            verdict=given["verdict"],
            reason=given["reason"],
            others=_others(request, sent, given["verdict"], as_json),
            note=given["note"],
            criteria=_criteria(request, sent, as_json),
            served_at=given["served_at"],
            key=request.headers.get("Idempotency-Key", ""),
        )
    except Clash as clash:
        status, body = 409, {"detail": str(clash)}
    except Refused as refusal:
        status, body = 422, {"detail": str(refusal)}
    if as_json:
        held = _numbers(sent.get("held"))
        if held:
            body = {**body, "gone": sorted(set(held) - queue.still_asked(who, at, held))}
        return JsonResponse(body, status=status)
    if status != 201:
        number = str(given["report"])
        return _render(
            request, review, at, number=number, form=form, refused=body["detail"], status=status
        )
    return redirect(address(review, at))


@require_POST
@member("screen")
def undo(request: HttpRequest, review: Review, stage: str) -> HttpResponse:
    """Withdraw my decision on a report and go back to it."""
    who: Membership = request.member  # type: ignore[attr-defined]
    at = _stage(stage)
    try:
        sent, _ = _sent(request)
        report = next(iter(_ids_in(str(sent.get("report", "")))), None)
        if report is None:
            raise Refused("Which report?")
        key = request.headers.get("Idempotency-Key", "")
        status, body = submitting.take_back(who, report, stage=at, key=key)
    except Clash as clash:
        status, body = 409, {"detail": str(clash)}
    except Refused as refusal:
        status, body = 422, {"detail": str(refusal)}
    if request.content_type == "application/json":
        return JsonResponse(body, status=status)
    if status != 200:
        messages.error(request, body["detail"])
        return redirect(address(review, at))
    messages.success(request, "Taken back. Here is the report again.")
    return redirect(address(review, at, report))


@require_POST
@member("screen")
def label(request: HttpRequest, review: Review, stage: str) -> HttpResponse:
    """Put a label of mine on a report or take it off. JSON gets JSON; a form gets the report again."""
    who: Membership = request.member  # type: ignore[attr-defined]
    at = _stage(stage)
    as_json = request.content_type == "application/json"
    form = LabelForm()
    try:
        sent, _ = _sent(request)
        form = LabelForm(sent)
        if not form.is_valid():
            sentences = [str(error) for errors in form.errors.values() for error in errors]
            raise Refused(" ".join(sentences))
        status, body = submitting.put_label(
            who,
            form.cleaned_data["report"],
            stage=at,
            label=form.cleaned_data["label"],
            on=form.cleaned_data["on"],
            key=request.headers.get("Idempotency-Key", ""),
        )
    except Clash as clash:
        status, body = 409, {"detail": str(clash)}
    except Refused as refusal:
        status, body = 422, {"detail": str(refusal)}
    if as_json:
        return JsonResponse(body, status=status)
    if status != 200:
        messages.error(request, body["detail"])
    number = next(iter(_ids_in(str(form.data.get("report", "")))), None)
    return redirect(address(review, at, number))
