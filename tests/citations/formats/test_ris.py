"""RIS: what is missing is noticed, what is repeated is kept, what only looks like a tag is text."""

from citations.formats import ParsedRecord, Problem, read

ONE = "TY  - JOUR\nTI  - One\nAU  - Reyes, Ana\nPY  - 2015\nER  - \n\n"
TWO = "TY  - BOOK\nTI  - Two\nER  - \n"


def parse(text, **how):
    data = text if isinstance(text, bytes) else text.encode()
    items = list(read(data, **how))
    return (
        [i for i in items if isinstance(i, ParsedRecord)],
        [i for i in items if isinstance(i, Problem)],
    )


def test_it_reads_plain_records_with_their_lines():
    records, problems = parse(ONE + TWO)
    assert [(r.number, r.line, r.end_line) for r in records] == [(1, 1, 5), (2, 7, 9)]
    assert [(r.title, r.line) for r in records] == [("One", 1), ("Two", 7)]
    assert problems == []


def test_it_keeps_every_repetition_in_raw():
    records, _ = parse("TY  - JOUR\nTI  - A\nN1  - x\nAB  - first\nN1  - y\nAB  - second\nER  - \n")
    assert records[0].raw["N1"] == ["x", "y"]
    assert records[0].raw["AB"] == ["first", "second"]
    assert records[0].abstract == "first second"


def test_a_missing_er_neither_merges_nor_loses():
    records, problems = parse(ONE.replace("ER  - \n", "") + TWO)
    assert [r.title for r in records] == ["One", "Two"]
    assert [p.line for p in problems] == [6]


def test_a_file_cut_in_its_last_record_says_where_that_began():
    records, problems = parse(ONE + TWO.replace("ER  - \n", ""))
    assert [r.title for r in records] == ["One", "Two"]
    assert [(p.line, "cut short" in p.message) for p in problems] == [(7, True)]


def test_a_record_without_ty_is_not_merged_into_its_neighbour():
    records, problems = parse(ONE + "TI  - Lost\nAU  - Lind, B.\nER  - \n\n" + TWO)
    assert [r.title for r in records] == ["One", "Lost", "Two"]
    assert records[1].entry_type == ""
    assert [p.line for p in problems] == [7]


def test_tags_after_er_that_open_nothing_belong_to_the_record_before():
    records, _ = parse("TY  - JOUR\nTI  - One\nER  - \nNL  - J Care\n\n2. \n" + TWO)
    assert [r.title for r in records] == ["One", "Two"]
    assert records[0].raw["NL"][0].startswith("J Care")


def test_a_record_without_any_field_is_reported_not_stored():
    records, problems = parse(ONE + "TY  - JOUR\n%%garbage%%\nER  - \n\n" + TWO)
    assert [r.title for r in records] == ["One", "Two"]
    assert [p.line for p in problems] == [7]


def test_lines_that_only_resemble_tags_stay_in_the_abstract():
    text = "TY  - JOUR\nTI  - A\nAB  - first\nER in the emergency room\nTI-tanium\nSP  500 no tag\nER  - \n"
    records, problems = parse(text)
    assert records[0].abstract == "first ER in the emergency room TI-tanium SP  500 no tag"
    assert problems == []


def test_noise_between_records_is_skipped_and_other_text_reported():
    records, problems = parse(
        "1.\n" + ONE + "Record #2 of 18\nProvider: X\n" + TWO + "what is this\n"
    )
    assert len(records) == 2
    assert [p.excerpt for p in problems] == ["what is this"]


def test_other_ways_to_write_a_tag():
    records, _ = parse("TY  -  JOUR\nTI  -  Two spaces\nC3  -  PUBMED 37362617\nER  -  \n")
    assert (records[0].title, records[0].pmid) == ("Two spaces", "37362617")
    records, _ = parse("TY - JOUR\nTI - One space\nER - \n")
    assert records[0].title == "One space"
    records, _ = parse("TY  - GEN\nT1\t- Tab\nER  -\n")
    assert records[0].title == "Tab"


def test_keyword_lines_under_one_kw_are_keywords_of_their_own():
    records, _ = parse("TY  - JOUR\nTI  - A\nKW  - one\ntwo\nKW  - three\nER  - \n")
    assert records[0].keywords == ["one", "two", "three"]


def test_a_lone_cr_inside_an_lf_file_ends_a_line():
    records, _ = parse(b"TY  - JOUR\nTI  - A\nAD  - x\rPU  - y\nER  - \n")
    assert records[0].raw["PU"] == ["y"]


def test_unicode_separators_end_no_line():
    records, _ = parse("TY  - JOUR\nTI  - A\u2028B\x85C\x0bD\nER  - \n")
    assert records[0].raw["TI"] == ["A\u2028B\x85C\x0bD"]


def test_pages_doi_and_year_are_put_into_shape():
    records, _ = parse(
        "TY  - JOUR\nTI  - A\nPY  - 1988/00/00/Spring\nSP  - 10\nEP  - 19\nDO  - https://doi.org/10.5555/X.\nER  - \n"
    )
    assert (records[0].year, records[0].pages, records[0].doi) == (1988, "10-19", "10.5555/x")


def test_entities_and_inline_tags_are_shown_as_meant_and_text_is_left_alone():
    records, _ = parse(
        "TY  - JOUR\nTI  - Care &amp; <i>trauma</i> &#8211; II\nER  - \n"
        "TY  - JOUR\nTI  - R&D <0.05 AND x>3\nER  - \n"
    )
    assert [r.title for r in records] == ["Care & trauma – II", "R&D <0.05 AND x>3"]
    assert records[0].raw["TI"] == ["Care &amp; <i>trauma</i> &#8211; II"]


def test_nul_is_removed_and_reported_at_its_line():
    records, problems = parse(b"TY  - JOUR\nTI  - A\0B\nER  - \n")
    assert records[0].title == "AB"
    assert "\0" not in "".join(records[0].raw["TI"])
    assert [p.line for p in problems] == [2]


def test_every_tag_is_accounted_for_in_raw():
    lines = [f"{tag}  - value {n}" for n, tag in enumerate(("AU", "ZZ", "U1", "AU", "N9", "ZZ"))]
    records, _ = parse("TY  - JOUR\n" + "\n".join(lines) + "\nER  - \n")
    said = [
        f"{tag}  - {v}" for tag, values in records[0].raw.items() for v in values if tag != "TY"
    ]
    assert sorted(said) == sorted(lines)


def test_a_record_longer_than_the_limit_is_cut_and_reported_and_the_others_stay(monkeypatch):
    monkeypatch.setattr("citations.formats.blocks.MAX_BLOCK", 10_000)
    monkeypatch.setattr("citations.formats.ris.MAX_BLOCK", 10_000)
    monkeypatch.setattr("citations.formats.source.CHUNK", 4096)
    big = "TY  - JOUR\nTI  - Big\nAB  - " + "a " * 50_000 + "\nER  - \n"
    records, problems = parse(ONE + big + TWO)
    assert [r.title for r in records] == ["One", "Big", "Two"]
    assert len(records[1].abstract) < 10_000
    assert any("longer than" in p.message for p in problems)
    assert records[2].line == 11
