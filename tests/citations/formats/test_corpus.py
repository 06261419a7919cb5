"""The open corpus of real exports, where it is present beside the repository."""

import importlib.util
import json
from collections import defaultdict
from pathlib import Path

import pytest

from citations.formats import ParsedRecord, Unreadable, read

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "imports"
pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus of real exports is not beside this checkout"
)


@pytest.fixture(scope="module")
def manifest():
    return json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def score():
    spec = importlib.util.spec_from_file_location("corpus_score", CORPUS / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parsed(path):
    return [item for item in read(path, name=path.name) if isinstance(item, ParsedRecord)]


def test_every_real_file_gives_its_records(manifest, score):
    fields, dialects, whole = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0, 0]), [0, 0]
    wrong_counts = []
    for entry in manifest["files"]:
        lines = (CORPUS / entry["gold"]).read_text(encoding="utf-8").split("\n")
        gold = [json.loads(line) for line in lines if line]
        ours = [record.as_json() for record in parsed(CORPUS / entry["file"])]
        if len(ours) != entry["records"]:
            wrong_counts.append((entry["file"], len(ours), entry["records"]))
        statistics, right = score.score_file(gold, ours)
        whole[0] += right
        whole[1] += len(gold)
        dialect = dialects[entry["format"], entry["dialect"]]
        dialect[2] += len(gold)
        for name, (good, all_) in statistics.items():
            fields[name][0] += good
            fields[name][1] += all_
            dialect[0] += good
            dialect[1] += all_
    assert wrong_counts == []
    assert sum(g for g, _ in fields.values()) / sum(a for _, a in fields.values()) >= 0.997
    assert whole[0] / whole[1] >= 0.985
    assert {name: g / a for name, (g, a) in fields.items() if g / a < 0.985} == {}
    assert {key: g / a for key, (g, a, n) in dialects.items() if n >= 20 and g / a < 0.98} == {}


def test_every_hostile_file_behaves(manifest, score):
    wrong = []
    for entry in manifest["hostile"] + manifest["real_malformed"]:
        path = CORPUS / entry["file"]
        lines, records = [], []
        try:
            for item in read(path, name=path.name):
                if isinstance(item, ParsedRecord):
                    records.append(item)
                else:
                    lines.append(item.line)
        except Unreadable as refusal:
            lines.append(refusal.line)
        if entry["records"] not in (None, len(records)):
            wrong.append((path.name, len(records), entry["records"]))
        for report in entry["reports"]:
            if "if not imported" in report["reason"]:
                continue
            if not lines or (report["line"] is not None and report["line"] not in lines):
                wrong.append((path.name, report, lines[:5]))
        if entry["expected"]:
            expected = json.loads((CORPUS / entry["expected"]).read_text(encoding="utf-8"))
            titles = [score.ws(gold["title"]) for gold in expected]
            if titles != [score.ws(record.title) for record in records]:
                wrong.append((path.name, "titles"))
    assert wrong == []
