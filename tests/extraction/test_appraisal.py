"""Appraisal tools: which study has which, blind judging, consensus, plots and files."""

import csv
import io
import re
import xml.etree.ElementTree as ET

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction import (
    actions,
    adjudicating,
    appraisal,
    appraising,
    codebook,
    judgements,
    lights,
    lights_files,
    progress,
)
from extraction.comparing import compare
from extraction.models import Codebook, Extraction, Field
from extraction.tools import TOOLS
from reviews.models import AuditEvent
from reviews.refusal import Clash, Refused

SVG = "{http://www.w3.org/2000/svg}"


def url(path, review="one"):
    return f"/r/{review}/{path}"


@pytest.fixture
def casp(cast, review, book):
    tool = appraising.add_tool(review, by=cast.ada, kind="casp-qualitative")
    return codebook.publish(tool, by=cast.ada)


@pytest.fixture
def rob(cast, review, book):
    tool = appraising.add_tool(review, by=cast.ada, kind="rob-2")
    return codebook.publish(tool, by=cast.ada)


@pytest.fixture
def judge():
    """`judge(study, tool, user, "Yes")` hands in a form whose every judgement says so."""

    def judge(study, tool, user, word, **others):
        form = actions.begin(study, by=user, tool=tool)
        for field in tool.fields.on_the_form():
            if field.is_judgement and field.required:
                told = others.get(field.label.split(" ")[0], word)
                actions.save_value(form, field, told, by=user, quote=f"{user} read it", page="4")
        return actions.submit(form, by=user)

    return judge


@pytest.mark.parametrize("kind", TOOLS)
def test_every_tool_of_the_library_can_be_added_published_and_drawn(cast, review, book, kind):
    tool = codebook.publish(appraising.add_tool(review, by=cast.ada, kind=kind), by=cast.ada)
    judged = [field for field in tool.fields.all() if field.is_judgement]
    assert judged
    assert all(len(each.lights) == len(each.choices) for each in judged)
    assert tool.source
    assert not tool.with_score
    assert not judgements.sheet(review, tool).studies


def test_the_library_has_the_structure_that_the_tools_publish():
    def labels(kind, letter):
        return [
            each.label
            for each in TOOLS[kind].questions
            if re.match(rf"{letter}\d", each.label) and each.kind == Field.Kind.JUDGEMENT
        ]

    assert len(labels("rob-2", "D")) == 5
    assert len(labels("robins-i", "D")) == 7
    assert (len(labels("quadas-2", "D")), len(labels("quadas-2", "A"))) == (4, 3)
    assert (
        len([q for q in TOOLS["mmat-2018"].questions if re.match(r"[1-5]\.[1-5] ", q.label)]) == 25
    )
    stars = [len(labels("nos-cohort", letter)) for letter in "SCO"]
    assert stars == [4, 1, 3]
    assert len(TOOLS["casp-qualitative"].questions) == 10


def test_a_mixed_study_answers_seventeen_questions_of_mmat(cast, review, book, study):
    tool = codebook.publish(appraising.add_tool(review, by=cast.ada, kind="mmat-2018"), by=cast.ada)
    appraising.choose(tool, study, wanted=True, by=cast.ada)
    form = actions.begin(study, by=cast.bo, tool=tool)
    strands = tool.fields.get(kind="multiple")
    actions.save_value(
        form, strands, ["1 Qualitative", "2 Randomised", "5 Mixed methods"], by=cast.bo
    )
    answers = {strands.pk: ["1 Qualitative", "2 Randomised", "5 Mixed methods"]}
    asked = [each for each in tool.fields.on_the_form() if each.is_asked(answers)]
    assert sum(each.is_judgement for each in asked) == 2 + 15


def test_a_tool_is_chosen_by_the_settled_design_and_by_hand(
    cast, review, make_study, casp, field, handed_in
):
    qualitative, trial, bare = (make_study(review, name) for name in ("Qual", "Trial", "Bare"))
    handed_in(qualitative, ("bo", {"Design": "Qualitative"}), ("cy", {"Design": "Qualitative"}))
    handed_in(trial, ("bo", {"Design": "Quantitative"}), ("cy", {"Design": "Quantitative"}))
    assert appraisal.studies_of(casp) == set()
    casp = appraising.set_designs(casp, field("Design"), ["qualitative"], by=cast.ada)
    assert appraisal.studies_of(casp) == {qualitative.pk}
    appraising.choose(casp, bare, wanted=True, by=cast.ada)
    appraising.choose(casp, qualitative, wanted=False, by=cast.ada, reason="A protocol")
    assert appraisal.studies_of(casp) == {bare.pk}
    with pytest.raises(Refused, match="none of its answers"):
        appraising.set_designs(casp, field("Design"), ["Cohort"], by=cast.ada)
    with pytest.raises(Refused, match="not chosen for this study"):
        actions.begin(trial, by=cast.bo, tool=casp)


def test_a_tool_somebody_rates_with_stays_on_the_study(cast, study, casp):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    form = actions.begin(study, by=cast.bo, tool=casp)
    with pytest.raises(Refused, match="set that form aside first"):
        appraising.choose(casp, study, wanted=False, by=cast.ada)
    actions.set_aside(form, by=cast.bo, reason="Somebody else does")
    appraising.choose(casp, study, wanted=False, by=cast.ada)
    assert appraisal.studies_of(casp) == set()


def test_two_rate_blind_and_find_a_consensus_without_touching_the_extraction(
    cast, review, study, casp, judge, handed_in, signed_in
):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    judge(study, casp, cast.bo, "Yes", **{"3": "No"})
    bo, cy = signed_in(cast.bo), signed_in(cast.cy)
    page = url(f"extraction/{study.pk}/?tool={casp.pk}")
    assert "bo read it" not in cy.get(page).content.decode()
    assert "No</td>" not in cy.get(page).content.decode()
    judge(study, casp, cast.cy, "Yes")
    assert "Bo read it" in cy.get(page).content.decode()
    comparison = compare(study, casp)
    assert [line.field.label for line in comparison.open_lines] == ["3 Design and aims"]
    assert progress.included(review).get(pk=study.pk).stage == "free"  # the extraction
    line = comparison.open_lines[0]
    al = signed_in(cast.al)
    shown = al.get(url(f"extraction/{study.pk}/adjudicate/?tool={casp.pk}")).content.decode()
    assert "Design and aims" in shown
    assert "Bo read it" in shown
    assert "Cy read it" in shown
    al.post(
        url(f"extraction/{study.pk}/adjudicate/{line.field.pk}/"),
        {"side": "first", "basis": "-".join(map(str, line.basis)), "seen": "0"},
    )
    assert compare(study, casp).is_done
    assert progress.included(review, casp).get(pk=study.pk).stage == "settled"
    # The extraction of the same study goes its own way.
    handed_in(study, ("bo", {"Fidelity": "yes"}), ("cy", {"Fidelity": "yes"}))
    assert compare(study).is_done
    assert bo.get(url("appraisal/")).status_code == 200


def test_the_form_of_a_tool_is_the_extractors_form(cast, study, casp, signed_in):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    bo = signed_in(cast.bo)
    answer = bo.post(url(f"extraction/{study.pk}/begin/?tool={casp.pk}"))
    assert answer["Location"].endswith(f"/form/?tool={casp.pk}")
    page = bo.get(answer["Location"]).content.decode()
    assert "1 Aims" in page
    assert "CASP" in page
    assert "Country" not in page
    field = casp.fields.first()
    said = bo.post(
        url(f"extraction/{study.pk}/form/{field.pk}/"),
        {
            f"f{field.pk}-value": "Yes",
            f"f{field.pk}-quote": "We aimed to",
            f"f{field.pk}-seen": "0",
        },
        headers={"HX-Request": "true"},
    )
    assert said.status_code == 200
    form = Extraction.objects.get(codebook=casp)
    value = form.values.get()
    assert (value.value, value.quote) == ("Yes", "We aimed to")
    # Not in the form of the extraction, which Bo has not begun.
    assert bo.get(url(f"extraction/{study.pk}/form/")).status_code == 302
    typed = {f"f{field.pk}-value": "No", f"f{field.pk}-seen": str(value.pk)}
    saved = bo.post(url(f"extraction/{study.pk}/form/?tool={casp.pk}"), typed)
    assert saved["Location"].endswith(f"?tool={casp.pk}")
    # Handing in asks for the needed ones, and says which.
    refused = bo.post(
        url(f"extraction/{study.pk}/form/?tool={casp.pk}"),
        typed | {f"f{field.pk}-seen": str(form.values.current().get().pk), "submit": "yes"},
    )
    assert refused.status_code == 422
    assert "Still empty: “2 Whether qualitative methods fit”" in refused.content.decode()


def test_a_third_rater_is_told(cast, study, casp):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    for user in (cast.bo, cast.cy):
        actions.begin(study, by=user, tool=casp)
    with pytest.raises(Clash):
        actions.begin(study, by=cast.ed, tool=casp)
    actions.begin(study, by=cast.ed)  # the extraction is free


def test_own_tools_have_scales_with_lights(cast, review, book, signed_in):
    ada = signed_in(cast.ada)
    ada.post(url("appraisal/tools/add/"), {"name": "Our checklist"})
    tool = Codebook.objects.get(name="Our checklist")
    address = url(f"codebook/add/?tool={tool.pk}")
    words = {"label": "D1 Trust", "kind": "judgement", "section": "All"}
    refused = ada.post(address, words | {"choices": "High\nLow"})
    assert refused.status_code == 422
    assert "with its light behind a bar" in refused.content.decode()
    assert "High\nLow" in refused.content.decode()  # what was typed stays
    made = ada.post(address, words | {"choices": "High | good\nLow | bad"})
    assert made["Location"].endswith(f"?tool={tool.pk}")
    field = tool.fields.get()
    assert (field.choices, field.lights) == (["High", "Low"], ["good", "bad"])
    ada.post(url(f"codebook/publish/?tool={tool.pk}"))
    tool.refresh_from_db()
    assert tool.version == 1
    assert review.codebooks.get(purpose="extraction").version == 1
    again = ada.post(url("appraisal/tools/add/"), {"name": "our CHECKLIST"}, follow=True)
    assert "already" in again.content.decode()


def test_wording_is_pasted_under_the_questions(cast, review, rob):
    number = appraising.paste_wording(
        rob,
        "1.1 Was the sequence random?\nTick one.\n\n2.3 Were there deviations?\nX9 no",
        by=cast.ada,
    )
    assert number == 2
    assert (
        rob.fields.get(label="1.1 Signalling question").help
        == "Was the sequence random?\nTick one."
    )
    with pytest.raises(Refused, match="No line begins"):
        appraising.paste_wording(rob, "Words without numbers", by=cast.ada)


def test_there_is_no_score_unless_the_lead_asks_for_one(
    cast, review, study, casp, judge, signed_in
):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    judge(study, casp, cast.bo, "Yes")
    judge(study, casp, cast.cy, "Yes")
    obi = signed_in(cast.obi)
    page, file = url(f"appraisal/{casp.pk}/"), url(f"appraisal/{casp.pk}/files/judgements.csv")
    assert "avourable</th>" not in obi.get(page).content.decode()
    assert "favourable" not in obi.get(file).content.decode()
    signed_in(cast.ada).post(url(f"appraisal/tools/{casp.pk}/score/"), {"wanted": "yes"})
    assert "10 of 10" in obi.get(page).content.decode()
    assert "favourable" in obi.get(file).content.decode()
    assert AuditEvent.objects.filter(verb="changed whether a tool is scored").exists()


def test_plots_and_files_say_what_was_settled(
    cast, review, study, make_study, casp, judge, signed_in
):
    other = make_study(review, "=Baptiste <2020>")
    for each, word in ((study, "Yes"), (other, "No")):
        appraising.choose(casp, each, wanted=True, by=cast.ada)
        judge(each, casp, cast.bo, word, **{"2": "Can't tell"})
        judge(each, casp, cast.cy, word, **{"2": "Can't tell"})
    obi = signed_in(cast.obi)
    at = url(f"appraisal/{casp.pk}/files/")
    rows = list(csv.reader(io.StringIO(obi.get(at + "judgements.csv").content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["study", "program", "1 Aims", "2 Whether qualitative methods fit"]
    assert [row[2:4] for row in rows[1:]] == [["No", "Can't tell"], ["Yes", "Can't tell"]]
    assert rows[1][0].startswith("'=")  # no formula
    quotes = obi.get(at + "quotes.csv").content.decode()
    assert "Bo read it | Cy read it" in quotes
    assert obi.get(at + "judgements.xlsx").content[:2] == b"PK"
    for name, shapes in (("traffic-light.svg", "circle"), ("summary.svg", "rect")):
        for plain in ("", "?plain"):
            answer = obi.get(at + name + plain)
            assert answer["Content-Type"] == "image/svg+xml"
            drawn = ET.fromstring(answer.content)
            assert drawn.get("role") == "img"
            assert drawn.find(f"{SVG}title").text
            assert drawn.find(f"{SVG}desc").text
            assert len(drawn.findall(f".//{SVG}{shapes}")) >= 20
            if plain:
                fills = {each.get("fill") for each in drawn.iter() if each.get("fill")}
                assert not fills & (set(lights.COLOURS.values()) - {"#ffffff"})
    for name in ("traffic-light", "summary"):
        for plain in ("", "?plain"):
            document = pypdfium2.PdfDocument(obi.get(f"{at}{name}.pdf{plain}").content)
            words = document[0].get_textpage().get_text_range().replace("\xa0", " ")
            assert "Yes" in words
            assert "=Baptiste <2020>" in words or name == "summary"
            document.close()
            picture = obi.get(f"{at}{name}.png{plain}")
            assert picture["Content-Type"] == "image/png"
            assert picture.content.startswith(b"\x89PNG")
    assert obi.get(at + "nothing.csv").status_code == 404
    assert obi.get(url(f"appraisal/{casp.pk}/?plain")).status_code == 200


def test_a_plot_is_the_same_bytes_and_black_and_white_has_no_colour():
    cells = [lights.Cell(name, name) for name in lights.SIGNS]
    names = [f"{n} Judgement" for n in range(len(cells))]
    for draw in (lights.traffic, lights.summary):
        plot = draw("Plot", names, [("A study", cells), ("Another", cells[::-1])], plain=True)
        once, again = (lights_files.as_file(plot, "pdf") for _ in range(2))
        assert once == again
        document = pypdfium2.PdfDocument(once)
        seen = document[0].render(scale=2).to_numpy()
        document.close()
        # The ink is nearly black; nothing stands out as red, green, blue.
        spread = seen.max(axis=2).astype(int) - seen.min(axis=2)
        assert spread.max() <= 0x55 - 0x4B  # that of the notes
        assert (seen.min(axis=2) < 40).any()


@given(
    st.sampled_from("/\\-"),
    st.sampled_from([4.0, 6.0, 8.0]),
    *(st.floats(0, 500) for _ in range(2)),
    *(st.floats(0.5, 400) for _ in range(2)),
)
def test_hatching_stays_inside_and_leaves_no_gap(way, apart, x, y, width, height):
    lines = list(lights_files.hatching(way, apart, x, y, width, height))
    for line in lines:
        for across, down in line:
            assert x - 1e-6 <= across <= x + width + 1e-6
            assert y - 1e-6 <= down <= y + height + 1e-6
    room = height if way == "-" else width + height
    assert abs(len(lines) - room / apart) <= 1 + 1e-6


def test_each_light_has_a_sign_of_its_own():
    assert len(set(lights.SIGNS.values())) == len(lights.SIGNS) == len(lights.COLOURS)


def test_the_summary_counts_only_studies_that_were_judged():
    good, bad = lights.Cell("Low", "good"), lights.Cell("High", "bad")
    plot = lights.summary(
        "t", ["D1 a"], [("A", [good]), ("B", [bad]), ("C", [None]), ("D", [good])]
    )
    widths = [each.width for each in plot.bars[0].segments]
    assert [round(each / sum(widths), 2) for each in widths] == [0.67, 0.33]
    assert "2 of 3" in plot.bars[0].segments[0].title


def test_agreement_of_raters_is_their_own(cast, review, study, casp, judge, signed_in):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    judge(study, casp, cast.bo, "Yes", **{"3": "No"})
    judge(study, casp, cast.cy, "Yes")
    page = signed_in(cast.obi).get(url(f"extraction/agreement/?tool={casp.pk}")).content.decode()
    assert "0 of 1" in page
    assert "1 of 1" in page
    assert "raters" in page
    assert (
        "No study has been extracted"
        in signed_in(cast.obi).get(url("extraction/agreement/")).content.decode()
    )


def test_a_tool_of_another_review_is_not_found(cast, study, casp, signed_in):
    other = appraising.add_tool(cast.other, by=cast.zed, kind="rob-2")
    ada = signed_in(cast.ada)
    for path in (
        f"extraction/{study.pk}/?tool={other.pk}",
        f"codebook/?tool={other.pk}",
        f"codebook/?tool={'9' * 30}",
        "codebook/?tool=x",
        f"appraisal/{other.pk}/",
        f"appraisal/tools/{other.pk}/",
    ):
        assert ada.get(url(path)).status_code == 404, path
    assert ada.post(url(f"appraisal/studies/{study.pk}/"), {"tool": other.pk}).status_code == 404


def test_a_study_without_this_tool_has_no_page_of_it(cast, study, casp, signed_in):
    assert signed_in(cast.ada).get(url(f"extraction/{study.pk}/?tool={casp.pk}")).status_code == 404


def test_the_page_costs_the_same_however_many_studies(
    cast, review, make_study, casp, rob, judge, signed_in, django_assert_num_queries
):
    def add(name):
        study = make_study(review, name)
        for tool in (casp, rob):
            appraising.choose(tool, study, wanted=True, by=cast.ada)
        judge(study, casp, cast.bo, "Yes")

    add("One")
    obi = signed_in(cast.obi)
    obi.get(url("appraisal/"))
    with django_assert_num_queries(15):
        obi.get(url("appraisal/"))
    for name in ("Two", "Three", "Four"):
        add(name)
    with django_assert_num_queries(15):
        obi.get(url("appraisal/"))


def test_a_withdrawn_tool_keeps_what_was_judged(cast, review, study, casp, judge, signed_in):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    judge(study, casp, cast.bo, "Yes")
    judge(study, casp, cast.cy, "Yes")
    ada = signed_in(cast.ada)
    ada.post(url(f"appraisal/tools/{casp.pk}/withdraw/"), {"reason": "Another one fits"})
    casp.refresh_from_db()
    assert casp.withdrawn_at
    assert casp not in Codebook.objects.tools()
    assert len(judgements.sheet(review, casp).studies) == 1
    with pytest.raises(Refused, match="withdrawn"):
        appraising.choose(casp, study, wanted=False, by=cast.ada)
    ada.post(url(f"appraisal/tools/{casp.pk}/withdraw/"), {"again": "yes"})
    assert casp in Codebook.objects.tools()


def test_adjudication_by_a_third_person_is_a_setting_of_each_tool(cast, review, study, casp, judge):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    codebook.set_third_person(casp, True, by=cast.ada)
    judge(study, casp, cast.bo, "Yes", **{"3": "No"})
    judge(study, casp, cast.cy, "Yes")
    field = casp.fields.get(label__startswith="3 ")
    with pytest.raises(Refused, match="third person"):
        adjudicating.settle_value(study, field, "first", by=cast.bo)
    adjudicating.settle_value(study, field, "first", by=cast.al)


def test_a_study_stands_in_the_plots_once_all_of_it_is_settled(cast, review, study, casp, judge):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    judge(study, casp, cast.bo, "Yes", **{"3": "No"})
    judge(study, casp, cast.cy, "Yes")
    assert judgements.sheet(review, casp).waiting == [study]
    field = casp.fields.get(label__startswith="3 ")
    adjudicating.settle_value(study, field, "first", by=cast.al)
    sheet = judgements.sheet(review, casp)
    assert (sheet.studies, sheet.waiting) == ([study], [])
    assert [each.light for each in sheet.row(study)][:3] == ["good", "good", "bad"]


def test_the_api_and_the_home_page_say_the_same(cast, review, study, casp, judge, signed_in):
    appraising.choose(casp, study, wanted=True, by=cast.ada)
    judge(study, casp, cast.bo, "Yes")
    cy = signed_in(cast.cy)
    assert "0 of 1 appraisals settled" in cy.get(url("")).content.decode()
    assert "appraisal waits for you" in cy.get(url("")).content.decode()
    at = f"/api/v1/reviews/one/appraisal/{casp.pk}/"
    assert cy.get(at).json()["studies"] == []
    judge(study, casp, cast.cy, "Yes")
    told = cy.get(at).json()
    assert told["studies"][0]["judgements"][0] == {"word": "Yes", "light": "good"}
    assert "favourable" not in told["studies"][0]
    (tool,) = cy.get("/api/v1/reviews/one/appraisal/").json()["results"]
    assert (tool["name"], tool["raters"]) == ("CASP qualitative", 2)
    assert "1 of 1 appraisals settled" in cy.get(url("")).content.decode()
