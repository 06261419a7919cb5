"""`manage.py simulate`: a labelled dataset in the order it is screened."""

import csv
import gzip

import pytest
from django.core.management import CommandError, call_command

ROWS = [
    (str(i), "Trees in streets" if i % 4 == 0 else "Fish in rivers", f"word{i % 7}", i % 4 == 0)
    for i in range(40)
]


@pytest.fixture
def dataset(tmp_path):
    def write(
        rows=ROWS, header=("record_id", "title", "abstract", "label_included"), name="set.csv.gz"
    ):
        opener = gzip.open if name.endswith(".gz") else open
        with opener(tmp_path / name, "wt", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(header)
            writer.writerows([*row[:3], int(row[3])] if len(row) > 3 else row for row in rows)
        return tmp_path / name

    return write


def simulate(data, out, *options):
    call_command("simulate", str(data), "--order", str(out), *options)
    with out.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def test_it_writes_every_record_once_and_the_relevant_ones_first(dataset, tmp_path, capsys):
    found = simulate(
        dataset(), tmp_path / "order.csv", "--prior-included", "1", "--prior-excluded", "1"
    )
    assert found[0] == ["record_id"]
    ids = [row[0] for row in found[1:]]
    assert sorted(ids, key=int) == [row[0] for row in ROWS]
    assert all(int(pk) % 4 == 0 for pk in (ids[0], *ids[2:11]))
    assert int(ids[1]) % 4
    assert "95 % of them among the first 9" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_order(dataset, tmp_path):
    options = ["--seed", "7", "--prior-included", "2", "--prior-excluded", "2"]
    first = simulate(dataset(), tmp_path / "one.csv", *options)
    assert first == simulate(dataset(), tmp_path / "two.csv", *options)
    other = simulate(dataset(), tmp_path / "three.csv", "--seed", "8", *options[2:])
    assert first[1:5] != other[1:5]


def test_a_question_needs_no_label_to_begin(dataset, tmp_path):
    rows = [*ROWS[1:4], *ROWS]
    rows = [(str(i), *row[1:]) for i, row in enumerate(rows)]
    found = simulate(dataset(rows), tmp_path / "order.csv", "--question", "Do trees cool streets?")
    assert rows[int(found[1][0])][3]


@pytest.mark.parametrize(
    ("rows", "header", "says"),
    [
        (ROWS, ("id", "title", "abstract", "label_included"), "no column record_id"),
        ([("1", "a", "b", 1), ("1", "c", "d", 0)], None, "same record_id twice"),
        ([("1", "a", "b", 3)], None, "not 0 or 1"),
    ],
)
def test_what_is_no_such_table_is_refused_in_a_sentence(dataset, tmp_path, rows, header, says):
    data = dataset(rows, *([header] if header else []))
    with pytest.raises(CommandError, match=says):
        simulate(data, tmp_path / "order.csv")


def test_more_priors_than_there_are_is_refused(dataset, tmp_path):
    with pytest.raises(CommandError, match="has 10 included records, not 11"):
        simulate(dataset(), tmp_path / "order.csv", "--prior-included", "11")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "set.csv.gz").write_bytes(b"\x00\x01not gzip")
    with pytest.raises(CommandError, match="cannot be read"):
        simulate(tmp_path / "set.csv.gz", tmp_path / "order.csv")


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS[:3], [(*row[:2], "", row[3]) for row in ROWS]])
def test_few_records_and_none_with_an_abstract_still_give_an_order(dataset, tmp_path, rows):
    found = simulate(dataset(rows), tmp_path / "order.csv")
    assert len(found) == len(rows) + 1
