"""`manage.py dedupe`: a file in, clusters and pairs out, no database."""

import csv
import gzip
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from citations.matching.tables import COLUMNS

ROWS = [
    {
        "record_id": "m1",
        "source": "medline",
        "title": "Low-dose aspirin in the prevention of preeclampsia",
        "authors": "Okafor, Ada; Brandt, Lena",
        "year": "2016",
        "journal": "Midwifery",
        "volume": "41",
        "pages": "659-72",
        "doi": "10.1234/m.41",
    },
    {
        "record_id": "e1",
        "source": "embase",
        "title": "LOW DOSE ASPIRIN IN THE PREVENTION OF PREECLAMPSIA.",
        "authors": "Okafor A.; Brandt L.",
        "year": "2016",
        "journal": "Midwifery",
        "volume": "41",
        "pages": "659-672",
        "doi": "",
    },
    {"record_id": "m2", "title": "Sleep in shift workers of a northern port", "year": "2016"},
]


def table(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as lines:
        rows = csv.DictWriter(lines, COLUMNS)
        rows.writeheader()
        rows.writerows(ROWS)
    return path


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
def test_it_writes_clusters_and_pairs(tmp_path, name):
    out, pairs, said = tmp_path / "out.csv", tmp_path / "pairs.csv", StringIO()
    call_command("dedupe", str(table(tmp_path / name)), str(out), pairs=pairs, stdout=said)
    clusters = {row["record_id"]: row["cluster_id"] for row in read(out)}
    assert list(clusters) == ["m1", "e1", "m2"]
    assert clusters["m1"] == clusters["e1"] != clusters["m2"]
    (pair,) = read(pairs)
    assert list(pair) == ["id_a", "id_b", "prob", "zone", "why"]
    assert {pair["id_a"], pair["id_b"]} == {"m1", "e1"}
    assert pair["zone"] == "auto"
    assert float(pair["prob"]) >= 0.95
    assert "3 records, 1 duplicates joined, 0 questions." in said.getvalue()


def test_it_refuses_the_same_record_twice(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("record_id,title\na,x\na,y\n")
    with pytest.raises(CommandError, match="'a' stands there twice"):
        call_command("dedupe", str(path), str(tmp_path / "out.csv"))


def test_it_refuses_a_damaged_file(tmp_path):
    path = tmp_path / "in.csv.gz"
    path.write_bytes(b"not gzip")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("dedupe", str(path), str(tmp_path / "out.csv"))


def test_it_reads_a_reference_file(tmp_path):
    pytest.importorskip("citations.formats")
    path = tmp_path / "in.ris"
    record = "TY  - JOUR\nTI  - Low-dose aspirin in preeclampsia\nAU  - Okafor, Ada\nPY  - 2016\nDO  - 10.1234/m.41\nER  - \n"
    path.write_text(record * 2)
    call_command("dedupe", str(path), str(tmp_path / "out.csv"), stdout=StringIO())
    assert [row["cluster_id"] for row in read(tmp_path / "out.csv")] == ["1", "1"]
