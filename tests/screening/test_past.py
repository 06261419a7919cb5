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
from reviews.models import EarlierState
from reviews.refusal import Refused
from screening import actions, flow
from screening.arrival import updating
from screening.duplicates import answering, joining
from screening.models import Decision
from screening.reporting import past, prisma
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

    MORE = [regroup, split_a_study, edit_a_source, declare, ask, ask, answer]

    def act(self):
        if self.random.random() < 0.75:
            return super().act()
        try:
            self.random.choice(self.MORE)(self)
        except Refused:
            return None
        return "more"


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
    for day, _ in said[:-1]:
        with flow.as_of(story.review, past.end_of(day)) as then:
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
    assert "?box=D4" not in shown
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
