"""What `parse_citations` prints, without Django's settings."""

import io
import json

from citations.formats.json_lines import print_citations

KEYS = {
    "type", "line", "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid",
    "isbn", "abstract", "keywords", "entry_type", "url", "raw",
}  # fmt: skip


def run(path, **how):
    out, errors = io.StringIO(), io.StringIO()
    code = print_citations(path, out, errors, **how)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], errors.getvalue()


def test_it_prints_records_problems_and_a_summary(tmp_path):
    path = tmp_path / "a.ris"
    path.write_bytes(b"TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nER  - \n")
    code, (record, problem, summary), errors = run(path)
    assert (code, errors) == (0, "")
    assert set(record) >= KEYS
    assert (record["title"], record["year"], record["authors"]) == ("A", None, [])
    assert (problem["type"], problem["line"]) == ("problem", 4)
    assert (summary["type"], summary["records"], summary["problems"]) == ("summary", 1, 1)


def test_it_refuses_a_file_with_one_sentence(tmp_path):
    path = tmp_path / "a.ris"
    path.write_bytes(b"%PDF-1.4")
    code, printed, errors = run(path)
    assert code == 2
    assert errors == "This is a PDF, not a citation export.\n"
    assert [p["type"] for p in printed] == ["problem"]
    assert run(tmp_path / "missing.ris")[0] == 2


def test_the_format_can_be_forced(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"@article{a, title={x}}")
    assert run(path, format="ris")[1][-1]["records"] == 0
