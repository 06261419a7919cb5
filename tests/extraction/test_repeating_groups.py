"""Questions that are asked once for each arm: the form, the comparison, agreement, the tables."""

import pytest

from extraction import actions, adjudicating, agreeing, codebook, items
from extraction import progress as standing
from extraction.comparing import compare
from extraction.models import AdjudicatedValue, Extraction, Field, Value
from extraction.tabling import Held
from reviews.refusal import Clash, Refused

pytestmark = pytest.mark.django_db
Kind = Field.Kind


@pytest.fixture
def arms(cast, book):
    """A group "Arms" with a number, a yes-no and a text that depends on it."""
    group = codebook.add_field(
        book, by=cast.ada, section="Arms", label="Arms", kind=Kind.REPEATING, each="arm",
        choices=["Intervention", "Control"],
    )  # fmt: skip
    codebook.add_field(
        book, by=cast.ada, section="x", label="Allocated", kind=Kind.INTEGER, part_of_id=group.pk,
        tolerance=10, unit="people", required=True,
    )  # fmt: skip
    kept = codebook.add_field(
        book, by=cast.ada, section="x", label="Kept up", kind=Kind.YES_NO_UNCLEAR,
        part_of_id=group.pk,
    )  # fmt: skip
    codebook.add_field(
        book, by=cast.ada, section="x", label="Why not", kind=Kind.TEXT, part_of_id=group.pk,
        shown_if_id=kept.pk, shown_values=["no"],
    )  # fmt: skip
    codebook.publish(book, by=cast.ada)
    return group


@pytest.fixture
def say(field):
    """`say(form, ["Intervention"], {("Allocated", "Intervention"): "12"})`."""

    def say(form, names, answers):
        actions.save_value(form, field("Country"), "Canada", by=form.by)
        actions.save_value(form, field("Arms"), names, by=form.by, quote="Two arms.", page="2")
        for (label, item), given in answers.items():
            actions.save_value(
                form, field(label), given, by=form.by, item=item, quote=f"{label}.", page="3"
            )
        return form

    return say


@pytest.fixture
def two(cast, study, arms, say):
    """`two((names, answers), (names, answers))`: Bo's and Cy's forms, handed in."""

    def two(*forms):
        made = [
            say(actions.begin(study, by=by), *said)
            for by, said in zip([cast.bo, cast.cy], forms, strict=True)
        ]
        for each in made:
            actions.submit(each, by=each.by)
        return made

    return two


def lines_of(study):
    return {
        (each.field.label, each.item): each
        for each in compare(study).lines
        if each.group or each.item
    }


def held(study):
    found = AdjudicatedValue.objects.current().filter(study=study).select_related("field")
    return {(each.field.label, each.item): (each.value, each.side) for each in found}


class TestTheBuilder:
    def test_a_part_stands_in_the_section_of_its_group(self, arms, field):
        assert field("Allocated").section == "Arms"
        assert field("Allocated").part_of == arms

    def test_groups_and_components_are_not_parts_of_a_group(self, cast, book, arms):
        for kind in (Kind.REPEATING, Kind.COMPONENT_GROUP):
            with pytest.raises(Refused, match="asked once a study"):
                codebook.add_field(
                    book, by=cast.ada, section="x", label="New", kind=kind, part_of_id=arms.pk
                )

    def test_only_a_group_has_parts(self, cast, book, field):
        with pytest.raises(Refused, match="repeating groups"):
            codebook.add_field(
                book, by=cast.ada, section="x", label="New", kind=Kind.TEXT,
                part_of_id=field("Country").pk,
            )  # fmt: skip

    def test_a_part_decides_about_nothing_outside(self, cast, book, arms, field):
        with pytest.raises(Refused, match="only about others of that group"):
            codebook.add_field(
                book, by=cast.ada, section="x", label="New", kind=Kind.TEXT,
                shown_if_id=field("Kept up").pk, shown_values=["no"],
            )  # fmt: skip

    def test_parts_leave_the_form_with_their_group(self, cast, book, arms):
        codebook.retire_field(arms, by=cast.ada)
        asked = set(book.fields.on_the_form().values_list("label", flat=True))
        assert not asked & {"Arms", "Allocated", "Kept up", "Why not"}

    def test_its_page_makes_a_group_and_a_part(self, cast, review, book, signed_in):
        ada = signed_in(cast.ada)
        said = {"label": "Time points", "kind": "repeating", "section": "When", "each": "time_point",
                "choices": "Baseline\nEnd", "help": "", "shown_values": ""}  # fmt: skip
        assert ada.post("/r/one/codebook/add/", said).status_code == 302
        group = book.fields.get(label="Time points")
        assert (group.each, group.choices) == ("time_point", ["Baseline", "End"])
        said = {"label": "Weeks", "kind": "integer", "section": "When", "part_of": group.pk,
                "tolerance": "2.5", "choices": "", "help": "", "shown_values": ""}  # fmt: skip
        assert ada.post("/r/one/codebook/add/", said).status_code == 302
        part = book.fields.get(label="Weeks")
        assert (part.part_of, part.tolerance) == (group, 2.5)
        page = ada.get("/r/one/codebook/preview/").content.decode()
        assert "Baseline" in page
        assert "Weeks" in page
        assert "For each time point of" in ada.get("/r/one/codebook/").content.decode()


class TestTheForm:
    def test_an_answer_needs_an_item_that_is_on_the_list(self, cast, study, arms, field):
        form = actions.begin(study, by=cast.bo)
        with pytest.raises(Refused, match="Say which item"):
            actions.save_value(form, field("Allocated"), "12", by=cast.bo)
        with pytest.raises(Clash, match="not on the list"):
            actions.save_value(form, field("Allocated"), "12", by=cast.bo, item="Control")
        with pytest.raises(Refused, match="once a study"):
            actions.save_value(form, field("Country"), "Canada", by=cast.bo, item="Control")

    def test_names_are_told_apart_whatever_their_case(self, cast, study, arms):
        form = actions.begin(study, by=cast.bo)
        items.add(form, arms, " Arm   one ", by=cast.bo)
        with pytest.raises(Refused, match="is there already"):
            items.add(form, arms, "ARM ONE", by=cast.bo)
        assert Value.objects.current().get(field=arms).value == ["Arm one"]

    def test_every_item_needs_what_is_needed(self, cast, study, arms, say):
        form = say(actions.begin(study, by=cast.bo), ["A", "B"], {("Allocated", "A"): "1"})
        assert [str(each) for each in actions.missing(form)] == ["“Allocated” of B"]
        with pytest.raises(Refused, match="“Allocated” of B"):
            actions.submit(form, by=cast.bo)

    def test_a_removed_item_keeps_its_answers_until_the_form_is_handed_in(
        self, cast, study, arms, say, field
    ):
        said = {("Allocated", "A"): "1", ("Allocated", "B"): "2"}
        form = say(actions.begin(study, by=cast.bo), ["A", "B"], said)
        items.remove(form, arms, "B", by=cast.bo)
        assert actions.missing(form) == []
        items.add(form, arms, "b", by=cast.bo)
        assert actions.missing(form) == []  # the answer of "B" is that of "b"
        items.remove(form, arms, "b", by=cast.bo)
        actions.submit(form, by=cast.bo)
        current = Value.objects.current().filter(extraction=form, field=field("Allocated"))
        assert [(each.item, each.value) for each in current] == [("A", "1")]
        assert Value.objects.filter(extraction=form, value="2").exists()

    def test_renaming_takes_the_answers_along(self, cast, study, arms, say, field):
        form = say(actions.begin(study, by=cast.bo), ["A", "B"], {("Allocated", "A"): "1"})
        items.rename(form, arms, "A", "Intervention", by=cast.bo)
        now = Value.objects.current().get(extraction=form, field=field("Allocated"))
        assert (now.item, now.value, now.quote, now.page) == (
            "Intervention",
            "1",
            "Allocated.",
            "3",
        )
        assert Value.objects.current().get(field=arms).quote == "Two arms."
        with pytest.raises(Refused, match="is there already"):
            items.rename(form, arms, "B", "intervention", by=cast.bo)

    def test_conditions_hold_item_by_item(self, cast, study, arms, say, field):
        said = {("Allocated", "A"): "1", ("Allocated", "B"): "2", ("Kept up", "A"): "no",
                ("Kept up", "B"): "yes", ("Why not", "A"): "Moved", ("Why not", "B"): "?"}  # fmt: skip
        form = say(actions.begin(study, by=cast.bo), ["A", "B"], said)
        actions.submit(form, by=cast.bo)
        kept = Value.objects.current().filter(extraction=form, field=field("Why not"))
        assert [(each.item, each.value) for each in kept] == [("A", "Moved")]

    def test_the_page_adds_saves_renames_and_removes(self, cast, study, arms, field, signed_in):
        actions.begin(study, by=cast.bo)
        bo, form = signed_in(cast.bo), f"/r/one/extraction/{study.pk}/form/"
        there = f"{form}{arms.pk}/item/"
        answer = bo.post(there, {"name": "Control"}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "Allocated" in answer.content.decode()
        again = bo.post(there, {"name": "control"}, headers={"HX-Request": "true"})
        assert again.status_code == 422
        assert "is there already" in again.content.decode()
        page = bo.get(form).content.decode()
        name = page.split(f'name="f{field("Allocated").pk}-')[1].split("-value")[0]
        saved = bo.post(
            f"{form}{field('Allocated').pk}/",
            {"item": "Control", f"f{field('Allocated').pk}-{name}-value": "twelve"},
            headers={"HX-Request": "true"},
        )
        assert saved.status_code == 422
        assert "whole number" in saved.content.decode()
        said = {f"f{arms.pk}-value": "Control", f"f{field('Allocated').pk}-{name}-value": "12",
                f"f{arms.pk}-seen": str(Value.objects.current().get(field=arms).pk)}  # fmt: skip
        assert bo.post(form, said).status_code == 302
        assert Value.objects.current().get(field=field("Allocated")).value == "12"
        # Another window removes the item: what is typed here stays on the screen with the reason.
        bo.post(there, {"item": "Control", "remove": "yes"})
        said[f"f{field('Allocated').pk}-{name}-value"] = "13"
        lost = bo.post(form, said)
        assert lost.status_code == 422
        assert 'value="13"' in lost.content.decode()
        assert "add it again" in lost.content.decode()


class TestComparingAndSettling:
    def test_items_of_one_name_are_compared(self, study, two):
        two(
            (["Intervention", "Control"], {("Allocated", "Intervention"): "12",
                                           ("Allocated", "Control"): "10"}),
            (["control", "intervention"], {("Allocated", "intervention"): "12.0"[:2],
                                           ("Allocated", "control"): "11"}),
        )  # fmt: skip
        assert held(study)["Arms", ""][1] == "agreed"
        assert held(study)["Allocated", "Intervention"] == ("12", "agreed")
        open_ = [(each.field.label, each.item) for each in compare(study).open_lines]
        assert open_ == [("Allocated", "Control")]

    def test_an_item_of_one_waits_until_it_is_settled_whether_it_holds(
        self, cast, study, two, field
    ):
        two(
            (["A", "Wait list"], {("Allocated", "A"): "1", ("Allocated", "Wait list"): "2"}),
            (["A"], {("Allocated", "A"): "1"}),
        )
        line = lines_of(study)["Allocated", "Wait list"]
        assert line.is_open
        assert line.waits
        with pytest.raises(Refused, match="Settle first"):
            adjudicating.settle_value(
                study, field("Allocated"), "first", by=cast.al, item="Wait list"
            )
        assert standing.included(study.review).get(pk=study.pk).stage == "to-settle"
        adjudicating.settle_value(study, field("Arms"), "second", by=cast.al)
        assert held(study)["Allocated", "Wait list"] == (None, "left-out")
        assert compare(study).is_done
        assert standing.included(study.review).get(pk=study.pk).stage == "settled"
        # On second thoughts it holds: its answers are to be settled again.
        adjudicating.settle_value(
            study, field("Arms"), "first", by=cast.al, seen=lines_of_arms(study).settled.pk
        )
        assert lines_of(study)["Allocated", "Wait list"].is_open
        adjudicating.settle_value(study, field("Allocated"), "first", by=cast.al, item="wait list")
        assert held(study)["Allocated", "Wait list"] == ("2", "first")
        assert compare(study).is_done

    def test_two_names_of_one_arm_are_put_together(self, cast, study, two, field):
        two(
            (["Harbour Steps", "Control"], {("Allocated", "Harbour Steps"): "12",
                                            ("Allocated", "Control"): "9"}),
            (["Intervention", "Control"], {("Allocated", "Intervention"): "12",
                                           ("Allocated", "Control"): "9"}),
        )  # fmt: skip
        assert len(compare(study).open_lines) == 3
        with pytest.raises(Refused, match="not items that one of them has each"):
            adjudicating.settle_value(
                study, field("Arms"), "first", by=cast.al, same_as={"Intervention": "Control"}
            )
        adjudicating.settle_value(
            study, field("Arms"), "first", by=cast.al, same_as={"intervention": "harbour steps"}
        )
        assert compare(study).is_done
        assert held(study)["Allocated", "Harbour Steps"] == ("12", "agreed")
        lines = {each.field.label: each for each in agreeing.board(study.review)}
        assert lines["Arms"].sets.mean_jaccard == 1
        assert (lines["Allocated"].answers.n, lines["Allocated"].answers.agreements) == (2, 2)

    def test_a_reopened_form_makes_the_item_stale(self, cast, study, two, field):
        one, _ = two((["A"], {("Allocated", "A"): "1"}), (["A"], {("Allocated", "A"): "1"}))
        assert compare(study).is_done
        actions.reopen(one, by=cast.bo, reason="A slip")
        actions.save_value(one, field("Allocated"), "2", by=cast.bo, item="A")
        assert lines_of(study)["Allocated", "A"].is_stale
        items.rename(one, field("Arms"), "A", "B", by=cast.bo)
        actions.submit(one, by=cast.bo)
        assert not compare(study).is_done
        adjudicating.settle_value(
            study, field("Arms"), "second", by=cast.al, seen=lines_of_arms(study).settled.pk
        )
        adjudicating.settle_value(
            study, field("Allocated"), "second", by=cast.al, item="A",
            seen=lines_of(study)["Allocated", "A"].settled.pk,
        )  # fmt: skip
        assert compare(study).is_done

    def test_the_page_shows_what_waits_and_how_names_are_paired(
        self, cast, study, two, field, signed_in
    ):
        two(
            (["Harbour Steps"], {("Allocated", "Harbour Steps"): "12"}),
            (["Intervention"], {("Allocated", "Intervention"): "12"}),
        )
        al, page = signed_in(cast.al), f"/r/one/extraction/{study.pk}/adjudicate/"
        shown = al.get(page).content.decode()
        assert "2 more answers follow once it is settled which items hold." in shown
        assert "B’s “Intervention” is" in shown
        line = lines_of_arms(study)
        answer = al.post(
            f"{page}{field('Arms').pk}/",
            {"side": "first", "basis": "-".join(map(str, line.basis)), "seen": "0",
             "b": ["Intervention"], "a": ["Harbour Steps"]},
            headers={"HX-Request": "true"},
        )  # fmt: skip
        assert answer.status_code == 200
        assert answer["HX-Refresh"] == "true"
        assert compare(study).is_done
        seen = al.get(f"/r/one/extraction/{study.pk}/").content.decode()
        assert "Harbour Steps" in seen


def lines_of_arms(study):
    return next(each for each in compare(study).lines if each.field.label == "Arms")


class TestWhatComesOut:
    def test_agreement_counts_items_that_both_have_within_the_tolerance_of_the_question(
        self, study, two
    ):
        two(
            (["A", "B", "C"], {("Allocated", "A"): "100", ("Allocated", "B"): "100",
                               ("Allocated", "C"): "1"}),
            (["A", "B"], {("Allocated", "A"): "95", ("Allocated", "B"): "80"}),
        )  # fmt: skip
        lines = {each.field.label: each for each in agreeing.board(study.review)}
        assert lines["Arms"].sets.mean_jaccard == pytest.approx(2 / 3)
        assert lines["Arms"].sets.option_kappa is None
        figures = lines["Allocated"].answers
        assert (figures.n, figures.agreements) == (2, 1)  # 95 is within 10 % of 100, 80 is not

    def test_the_tables_have_a_row_or_a_set_of_columns_an_item(self, study, two, make_study):
        said = {("Allocated", "A"): "12", ("Allocated", "B"): "10", ("Kept up", "B"): "yes"}
        two((["A", "B"], said), (["A", "B"], said))
        make_study(study.review, "Zeta 2020")
        found = Held(study.review)
        wide = found.wide()
        rows = [dict(zip(wide.head, row, strict=True)) for row in wide.rows]
        assert rows[0]["Arms"] == "A; B"
        assert (rows[0]["arm [1]"], rows[0]["Allocated (people) [1]"]) == ("A", "12")
        assert (rows[0]["arm [2]"], rows[0]["Kept up [2]"]) == ("B", "Yes")
        assert rows[1]["arm [1]"] == ""
        long = found.long()
        answers = [dict(zip(long.head, row, strict=True)) for row in long.rows]
        told = [(r["item"], r["value"]) for r in answers if r["question"] == "Allocated"]
        assert told == [("A", "12"), ("B", "10")]
        assert {r["repeating group"] for r in answers if r["item"]} == {"Arms"}
        (items_,) = found.repeated()
        assert items_.head == [
            "study",
            "program",
            "arm",
            "Allocated (people)",
            "Kept up",
            "Why not",
        ]
        assert [row[2:5] for row in items_.rows] == [["A", "12", ""], ["B", "10", "Yes"]]
        assert found.sections()[-1].rows[0][-1] == ""

    def test_the_api_answers_and_renames_an_item(self, cast, study, arms, field, signed_in):
        form = actions.begin(study, by=cast.bo)
        bo, there = signed_in(cast.bo), f"/api/v1/reviews/one/extractions/{form.pk}/"
        put = {"content_type": "application/json"}
        bo.put(f"{there}values/", {"field": arms.pk, "value": ["A", "B"]}, **put)
        told = bo.put(
            f"{there}values/", {"field": field("Allocated").pk, "item": "A", "value": "3"}, **put
        )
        assert told.status_code == 200
        said = {"field": arms.pk, "item": "A", "name": "Intervention"}
        told = bo.post(f"{there}items/", said, **put).json()
        assert [(v["item"], v["value"]) for v in told["values"]] == [
            ("", ["Intervention", "B"]), ("Intervention", "3")
        ]  # fmt: skip
        assert bo.post(f"{there}items/", said | {"what": 1}, **put).status_code == 400
        assert Extraction.objects.get(pk=form.pk).values.count() == 4
