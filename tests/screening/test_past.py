"""PRISMA of a past day: random histories, day by day, and what each day's page said."""

import datetime as the_calendar
import json

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from citations import sources, studies
from citations.models import DuplicatePair, Record, Report, StudyReport
from reviews import jobs
from reviews.models import EarlierState
from reviews.refusal import Refused
from screening import actions, flow, grouping, listing
from screening.arrival import updating
from screening.duplicates import answering, joining
from screening.models import Decision
from screening.reporting import days, past, prisma
from tests.screening.test_flow import History
from tests.screening.test_flow import history as history

pytestmark = pytest.mark.django_db

DAYS, ACTS_A_DAY = 9, 14


@pytest.fixture
def clock(monkeypatch):
    """Days pass when the test says so: `clock.days += 1`."""
    real = the_calendar.datetime

    class Clock:
        days = 0

    class Moved(real):
        @classmethod
        def now(cls, tz=None):
            return real.now(tz) + the_calendar.timedelta(days=Clock.days)

    monkeypatch.setattr("django.utils.timezone.datetime", Moved)
    cache.clear()
    return Clock


class Days(History):
    """The acts of every history, and those that change in place what the figure is made of."""

    def regroup(self):
        links = list(StudyReport.objects.filter(study__review=self.review).select_related("study"))
        if links:
            link = self.random.choice(links)
            other = self.random.choice(links).study
            studies.tell_of(link.report, other, by=self.person(), also=self.random.random() < 0.3)

    def split_a_study(self):
        links = list(StudyReport.objects.filter(study__review=self.review).select_related("study"))
        if links:
            link = self.random.choice(links)
            studies.split(link.report, link.study, by=self.person())

    def say_it_tells_no_more(self):
        links = list(StudyReport.objects.filter(study__review=self.review))
        if links:
            link = self.random.choice(links)
            grouping.stop_telling(link.report, link.study, by=self.person())

    def edit_a_source(self):
        search = self.random.choice(self.searches)
        number = self.random.randint(0, 9)
        told = {"removed_duplicates": number, "removed_why": "By hand"}
        sources.edit_search(search, by=self.person(), name=f"{search.name}'", **told)
        search.refresh_from_db()

    def declare(self):
        number = self.random.randint(0, 3)
        updating.declare_previous(self.review, by=self.person(), studies=number, reports=2 * number)
        self.review.refresh_from_db()

    def ask(self):
        standing = Report.objects.filter(review=self.review).standing()
        first, second = sorted(self.random.sample(list(standing), 2), key=lambda r: r.pk)
        DuplicatePair.objects.get_or_create(
            review=self.review,
            first=first,
            second=second,
            defaults={"probability": 0.7, "rule": "title", "why": "Alike", "zone": "ask"},
        )

    def answer(self):
        pairs = DuplicatePair.objects.filter(review=self.review, answer="")
        if pairs.exists():
            verdict = self.random.choice(["same", "different", "related"])
            answering.answer(self.random.choice(list(pairs)), verdict, by=self.person())
            self.merges = list(self.review.merges.filter(undone_at=None))
            self.world.look_again()

    MORE = [
        regroup, split_a_study, say_it_tells_no_more, edit_a_source, declare, ask, ask, answer
    ]  # fmt: skip

    def act(self):
        if self.random.random() < 0.75:
            return super().act()
        try:
            self.random.choice(self.MORE)(self)
        except Refused:
            return None
        return "more"


def opens_what_it_counts(review, day, numbers):
    """Every number of a past day opens a list of that many."""

    lead = review.memberships.get(user__username="ada")

    def listed(of, **asked):
        return of(review, {"on": day.isoformat(), **asked}, lead).count()

    past.ready(review, day.isoformat())
    then, boxes = days.kept(review, day), numbers["boxes"]
    for box in flow.REPORT_BOXES:
        n = listed(listing.reports, box=box) + listing.outside(review, box, then)
        assert n == boxes[box], box
    for box in flow.RECORD_BOXES:
        assert listed(listing.records, box=box) + listing.outside(review, box, then) == boxes[box]
    for box, column in (("D8", "reasons"), ("O8", "other_reasons")):
        for row in numbers[column]:
            asked = {"box": box, "reason": str(row["id"])}
            assert listed(listing.reports, **asked) == row["n"], row
    assert listed(listing.studies, box="I_studies") == boxes["I_studies"]


@pytest.mark.parametrize("seed", range(3))
def test_each_day_says_afterwards_what_it_said_then(history, make_report, clock, seed):
    story = history(seed)
    story.__class__ = Days
    said = []
    for day in range(DAYS):
        if day == DAYS // 2 and seed % 2:
            story.begin_update()
            story.review.refresh_from_db()
        for _ in range(ACTS_A_DAY):
            story.act()
        story.add_report(make_report)
        said.append((timezone.localdate(), prisma.report(story.review)))
        clock.days += 1
    assert len({json.dumps(numbers, sort_keys=True) for _, numbers in said}) > DAYS // 2
    for day, numbers in said:
        told = past.report(story.review, day)
        for part in numbers:
            assert told[part] == numbers[part], (day, part)
        assert all(each["holds"] for each in told["identities"])
    for day, numbers in said[:-1]:
        opens_what_it_counts(story.review, day, numbers)
        with flow.as_of(story.review, days.end_of(day)) as then:
            assert flow.misplaced(then) == []
    # The present is as it was, and stands where it should.
    assert prisma.report(story.review) == said[-1][1]
    assert flow.misplaced(story.review) == []


@pytest.fixture
def yesterday(review, cast, make_report, clock):
    """A day with one report that both excluded, and today, on which one of them changed their mind."""
    report = make_report(review, records=2)
    for by in (cast.bo, cast.cy):
        actions.decide(report, "abstract", "exclude", by=by)
    day = timezone.localdate()
    clock.days += 1
    actions.decide(report, "abstract", "include", by=cast.cy)
    return day


def test_the_page_shows_the_day_that_is_asked_for(client, cast, review, yesterday):
    client.force_login(cast.bo)
    address = f"/r/{review.slug}/prisma/"
    now = client.get(address).content.decode()
    then = client.get(address, {"on": yesterday.isoformat(), "tone": "plain"})
    shown = then.content.decode()
    assert "As of" in shown
    assert "As of" not in now.replace("As of the end", "")
    assert then.context["numbers"]["boxes"]["D4"] == 1
    assert client.get(address).context["numbers"]["boxes"]["D4"] == 0
    assert f"?box=D4&amp;on={yesterday.isoformat()}" in shown
    assert "?box=D4" in now
    assert f"on={yesterday.isoformat()}" in then.context["query"]
    today = client.get(address, {"on": timezone.localdate().isoformat()})
    assert today.context["day"] is None


@pytest.mark.parametrize(
    ("on", "says"),
    [("2999-01-01", "has not come"), ("1999-01-01", "began on"), ("x", "year-month-day")],
)
def test_a_day_without_numbers_is_refused_in_a_sentence(client, cast, review, on, says):
    client.force_login(cast.ada)
    answer = client.get(f"/r/{review.slug}/prisma/", {"on": on})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert client.get(f"/r/{review.slug}/prisma/download/csv/", {"on": on}).status_code == 404


def test_what_was_not_kept_is_said_and_not_guessed(client, cast, review, yesterday, make_report):
    joining.merge(make_report(review), make_report(review), by=cast.ada)
    EarlierState.objects.all().delete()  # as before it was kept
    with pytest.raises(Refused, match="merged duplicates” \\(1\\)"):
        past.report(review, yesterday)
    client.force_login(cast.ada)
    answer = client.get(f"/r/{review.slug}/prisma/", {"on": yesterday.isoformat()})
    assert answer.status_code == 422
    assert "cannot be told" in answer.content.decode()


def test_the_figure_of_a_day_and_the_api_say_the_same(client, cast, review, yesterday):
    client.force_login(cast.ada)
    asked = {"on": yesterday.isoformat()}
    made = client.get(f"/r/{review.slug}/prisma/download/json/", asked)
    assert yesterday.isoformat() in made["Content-Disposition"]
    boxes = json.loads(made.content)["boxes"]
    api = f"/api/v1/reviews/{review.slug}/prisma/"
    assert client.get(api, asked).json()["boxes"] == boxes
    assert client.get(api).json()["boxes"] != boxes
    assert client.get(api, {"on": "2999-01-01"}).status_code == 422
    assert client.get(api, {"on": "31.3."}).status_code == 400
    figure = client.get(f"{api}figure/", {"format": "json", **asked})
    assert json.loads(figure.content)["boxes"] == boxes


def test_looking_at_a_day_changes_nothing_and_asks_the_same_number_of_questions(
    cast, review, yesterday, make_report
):
    def cost():
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            past.report(review, yesterday)
        return len(asked)

    first = cost()
    rows = list(Report.objects.order_by("pk").values("pk", "place"))
    for _ in range(5):
        actions.decide(make_report(review), "abstract", "include", by=cast.bo)
    assert cost() == first
    assert list(Report.objects.filter(pk__in=[r["pk"] for r in rows]).values("pk", "place")) == rows
    assert (Decision.objects.count(), Record.objects.count()) == (8, 7)


def test_a_number_of_a_past_day_opens_its_list_and_the_list_exports(
    client, cast, review, yesterday
):
    client.force_login(cast.ada)
    asked = {"box": "D4", "on": yesterday.isoformat()}
    page = client.get(f"/r/{review.slug}/reports/", asked)
    assert page.context["page"].paginator.count == 1
    shown = page.content.decode()
    assert "Place today" in shown
    assert "Act on these" not in shown
    assert (
        client.get(f"/r/{review.slug}/reports/", {"box": "D4"}).context["page"].paginator.count == 0
    )
    file = client.get(f"/r/{review.slug}/reports/export/csv/", asked)
    assert len(b"".join(file.streaming_content).decode().strip().splitlines()) == 2
    acting = client.post(f"/r/{review.slug}/reports/act/?box=D4&on={yesterday}", {"kind": "label"})
    assert acting.status_code == 422
    api = f"/api/v1/reviews/{review.slug}"
    assert client.get(f"{api}/reports/", asked).json()["count"] == 1
    records = client.get(f"{api}/records/", {"box": "D2_dup", "on": yesterday.isoformat()})
    assert records.json()["count"] == 1
    records = client.get(f"/r/{review.slug}/records/", {"on": yesterday.isoformat()})
    assert records.context["page"].paginator.count == 2


def test_lists_of_a_day_that_tell_what_others_said_are_closed(
    client, cast, review, yesterday, make_report
):
    # Two had excluded it; now a third person is to answer, blind.
    report = Report.objects.get(review=review)
    actions.decide(report, "abstract", "exclude", by=cast.cy)
    actions.set_rules(review, "abstract", by=cast.ada, screeners=3, maybe="advances")
    report.refresh_from_db()
    assert report.place == flow.Place.ABSTRACT_HALF
    asked, address = {"on": yesterday.isoformat()}, f"/r/{review.slug}"
    client.force_login(cast.bo)
    page = client.get(f"{address}/prisma/", asked).content.decode()
    assert "closed to whoever decides blind" in page
    assert "?box=D4" not in page
    for box in ("D4", "D3", "D5", "D_Q"):
        listed = client.get(f"{address}/reports/", {"box": box, **asked})
        assert (listed.status_code, report.title in listed.content.decode()) == (422, False)
        api = client.get(f"/api/v1/reviews/{review.slug}/reports/", {"box": box, **asked})
        assert api.status_code == 422
    assert client.get(f"{address}/studies/", asked).status_code == 422
    assert client.get(f"{address}/records/", asked).status_code == 200
    client.force_login(cast.ada)
    listed = client.get(f"{address}/reports/", {"box": "D4", **asked})
    assert listed.context["page"].paginator.count == 1


def test_before_the_first_record_nothing_is_called_final(client, cast, review, clock, make_report):
    day = timezone.localdate()
    client.force_login(cast.ada)
    now = client.get(f"/r/{review.slug}/prisma/").content.decode()
    clock.days += 1
    make_report(review)
    then = client.get(f"/r/{review.slug}/prisma/", {"on": day.isoformat()}).content.decode()
    for shown, says in ((now, "No record has come in"), (then, "no record had come in")):
        assert says in shown
        assert "Final." not in shown
        assert "Draft – no records yet" in shown
    api = f"/api/v1/reviews/{review.slug}/prisma/"
    numbers = client.get(api, {"on": day.isoformat()}).json()
    assert (numbers["empty"], numbers["draft"]) == (True, True)
    assert client.get(api).json()["empty"] is False


def test_in_a_large_review_a_job_counts_the_day(client, cast, review, yesterday, monkeypatch):
    monkeypatch.setattr(past, "MANY", 1)
    client.force_login(cast.bo)
    asked, address = {"on": yesterday.isoformat()}, f"/r/{review.slug}/prisma/"
    waiting = client.get(address, asked)
    assert waiting.status_code == 202
    assert "is being counted" in waiting.content.decode()
    api = f"/api/v1/reviews/{review.slug}/prisma/"
    for again in (client.get(api, asked), client.get(f"{api}figure/", asked)):
        assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert client.get(f"{address}download/csv/", asked)["Location"].endswith(f"?on={yesterday}")
    assert client.get(f"/r/{review.slug}/reports/", {"box": "D4", **asked}).status_code == 422
    job = review.jobs.get(kind="past-day")
    while jobs.run_one():
        pass
    job.refresh_from_db()
    assert job.state == "done", job.error
    assert job.result["url"] == f"{address}?on={yesterday}"
    assert client.get(address, asked).context["numbers"]["boxes"]["D4"] == 1
    assert client.get(f"/r/{review.slug}/reports/", {"box": "D4", **asked}).status_code == 200
    assert client.get(api, asked).status_code == 200
    assert review.jobs.filter(kind="past-day").count() == 1


def test_ids_come_back_as_they_were_packed():
    for ids in ([], [7], [3, 1, 2**40], range(0, 5000, 7)):
        assert days.unpacked(days.packed(ids)) == sorted(ids)
