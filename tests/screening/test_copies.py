"""The copies of a report: a better one comes, reports join and part, each keeps what it had brought."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citations.models import Merge
from screening import actions
from screening.flow import Place
from synthesis.demo.pdf import pdf

pytestmark = pytest.mark.django_db
SENTENCES = [
    f"Finding number {n} was that group {n} gained {n}.5 points in all." for n in range(60)
]


def paper(lines):
    """The same sentences as another publisher sets them: other bytes, the same words."""
    paragraphs = [" ".join(SENTENCES[at : at + lines]) for at in range(0, len(SENTENCES), lines)]
    return pdf("A program described", paragraphs)


PREPRINT, ARTICLE, BETTER = paper(3), paper(4), paper(5)


class Desk:
    """What Ada does with reports and their files, by the addresses of the pages."""

    def __init__(self, client, make_report, review, cast):
        self.client, self.make_report, self.review, self.cast = client, make_report, review, cast

    def post(self, act, *args, **data):
        answer = self.client.post(reverse(f"screening:{act}", args=["one", *args]), data)
        assert answer.status_code == 302, answer.content
        return answer

    def report(self, title, data=None):
        report = self.make_report(self.review, title)
        for user in (self.cast.bo, self.cast.cy):
            actions.decide(report, "abstract", "include", by=user)
        if data:
            self.attach(report, data, f"{title}.pdf")
        return report

    def attach(self, report, data, name="better.pdf"):
        file = SimpleUploadedFile(name, data, content_type="application/pdf")
        self.post("attach", report.pk, file=file)

    def join(self, first, second):
        """(the report that stands, the one that was absorbed, the join)"""
        self.post("duplicate_of", first.pk, other=second.pk)
        made = Merge.objects.filter(undone_at=None).latest("pk")
        return made.keep, made.absorb, made

    def part(self, made):
        self.post("unmerge", made.pk)

    def served(self, report, name="document", *more):
        answer = self.client.get(reverse(f"screening:{name}", args=["one", report.pk, *more]))
        return b"".join(answer.streaming_content) if answer.status_code == 200 else None

    def page(self, report):
        return self.client.get(reverse("screening:read", args=["one", report.pk])).content.decode()

    def marks(self, report):
        answer = self.client.get(reverse("screening:highlights", args=["one", report.pk]))
        found = answer.json()["highlights"]
        return [(" ".join(each["quote"].split()), each["state"]) for each in found]

    def mark(self, report, quote):
        sha256 = report.files.first().sha256
        data = {"sha256": sha256, "page": 1, "quote": quote}
        answer = self.client.post(reverse("screening:add_highlight", args=["one", report.pk]), data)
        assert answer.status_code == 201, answer.content


@pytest.fixture
def desk(cast, review, make_report, signed_in):
    return Desk(signed_in(cast.ada), make_report, review, cast)


def test_a_better_copy_on_a_joined_report_leaves_each_its_own_when_they_part(desk):
    first, second = desk.report("Preprint", PREPRINT), desk.report("Article", ARTICLE)
    keep, absorb, made = desk.join(first, second)
    own = {first.pk: PREPRINT, second.pk: ARTICLE}
    assert desk.served(keep) == ARTICLE  # the newest of the two
    desk.attach(keep, BETTER)
    assert desk.served(keep) == BETTER
    desk.part(made)
    assert desk.served(absorb) == own[absorb.pk]  # its own, back
    assert desk.served(keep) == BETTER
    listed = list(keep.fulltexts.order_by("pk"))
    assert [desk.served(keep, "copy", each.pk) for each in listed] == [own[keep.pk], BETTER]
    assert "better.pdf" in desk.page(keep)
    assert "Copies" in desk.page(keep)
    assert "better.pdf" not in desk.page(absorb)
    for report in (keep, absorb):
        report.refresh_from_db()
        assert report.place == Place.FULLTEXT_OPEN


def test_a_report_that_had_no_file_keeps_the_better_copy_and_the_other_its_own(desk):
    first, second = desk.report("Preprint"), desk.report("Article", ARTICLE)
    _, _, made = desk.join(first, second)
    desk.attach(made.keep, BETTER)
    desk.part(made)
    with_file, without = (second, first)
    expected = {without.pk: None, with_file.pk: ARTICLE} | {made.keep_id: BETTER}
    assert {each.pk: desk.served(each) for each in (first, second)} == expected


@pytest.mark.parametrize("inner_first", [True, False])
def test_joins_on_joins_undone_in_any_order_lose_no_file(desk, inner_first):
    one, two = desk.report("One", PREPRINT), desk.report("Two", ARTICLE)
    three = desk.report("Three", paper(6))
    inner = desk.join(two, three)[2]
    desk.attach(two, BETTER)
    outer = desk.join(one, two)[2]
    assert (inner.keep, inner.absorb, outer.keep, outer.absorb) == (two, three, one, two)
    desk.attach(one, paper(7), "still better.pdf")
    for made in (inner, outer) if inner_first else (outer, inner):
        desk.part(made)
    read = [desk.served(each) for each in (one, two, three)]
    assert read == [paper(7), BETTER, paper(6)]


def test_a_file_that_a_person_took_away_stays_away(desk):
    first, second = desk.report("Preprint", PREPRINT), desk.report("Article", ARTICLE)
    desk.post("detach", second.pk)
    keep, absorb, made = desk.join(first, second)
    desk.attach(keep, BETTER)
    desk.part(made)
    assert desk.served(second) is (BETTER if keep.pk == second.pk else None)
    assert (keep.pk, absorb.pk) == (first.pk, second.pk)


def test_what_was_marked_is_found_in_the_copy_that_is_read_after_each_step(desk):
    first, second = desk.report("Preprint", PREPRINT), desk.report("Article", ARTICLE)
    quotes = [f"group {n} gained {n}.5 points" for n in (1, 2, 3)]
    desk.mark(first, quotes[0])
    desk.mark(second, quotes[1])
    keep, absorb, made = desk.join(first, second)
    both = [(quote, "kept") for quote in quotes[:2]]
    assert sorted(desk.marks(keep)) == both
    desk.mark(keep, quotes[2])  # in the file that the other had brought
    desk.attach(keep, BETTER)
    assert len(desk.marks(keep)) == 3
    desk.part(made)
    own = {first.pk: both[0], second.pk: both[1]}
    assert desk.marks(absorb) == [own[absorb.pk]]
    assert sorted(desk.marks(keep)) == sorted([own[keep.pk], (quotes[2], "kept")])


def test_an_earlier_copy_is_read_again_by_a_click(desk, cast, signed_in):
    report = desk.report("Article", ARTICLE)
    desk.mark(report, "group 2 gained 2.5 points")
    desk.attach(report, BETTER)
    earlier = report.fulltexts.earliest("pk")
    desk.post("take_up_copy", report.pk, earlier.pk)
    assert desk.served(report) == ARTICLE
    assert desk.marks(report) == [("group 2 gained 2.5 points", "kept")]
    again = reverse("screening:take_up_copy", args=["one", report.pk, earlier.pk])
    assert desk.client.post(again).status_code == 409  # it is the one that is read
    assert report.files.count() == 1


def test_the_second_file_of_a_joined_report_can_be_the_one_that_is_read(desk):
    first, second = desk.report("Preprint", PREPRINT), desk.report("Article", ARTICLE)
    keep, _, made = desk.join(first, second)
    behind = list(keep.files)[1]
    desk.post("take_up_copy", keep.pk, behind.pk)
    assert desk.served(keep) == PREPRINT
    desk.part(made)
    assert {each.pk: desk.served(each) for each in (first, second)} == {
        first.pk: PREPRINT,
        second.pk: ARTICLE if keep.pk == first.pk else PREPRINT,
    }


def test_the_api_lists_the_copies_and_takes_one_up(desk):
    report = desk.report("Article", ARTICLE)
    desk.attach(report, BETTER)
    url = f"/api/v1/reviews/one/reports/{report.pk}/copies/"

    def listed():
        return desk.client.get(url).json()["results"]

    better, earlier = listed()
    assert (better["read"], earlier["read"]) == (True, False)
    assert (earlier["replaced_by"], better["replaced_by"]) == (better["id"], None)
    one = f"{url}{earlier['id']}/"
    assert b"".join(desk.client.get(one).streaming_content) == ARTICLE
    assert desk.client.post(one).status_code == 201
    assert [each["read"] for each in listed()] == [True, False, False]
    assert desk.served(report) == ARTICLE
