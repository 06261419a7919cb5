"""Measures the citation readers: scores, hostile files, speed and memory, in one run.

    python bench/imports.py [CORPUS] [--quick]

CORPUS is the folder of real exports (default: ../shared/corpus/imports beside the checkout).
Scores come from its score.py. Speed is CPU time of parse, map and normalise without database,
against the best library for the format on the same bytes in the same process, alternating. The
verdict is the median of the ratios of all rounds, which a busy machine moves least; the ratio of
the best rounds stands beside it. Memory is the growth of the resident set in a process of its own.
Takes about four minutes; `--quick` leaves speed and memory out. Each goal is printed with its figure;
the exit code is 1 when one of accuracy is missed (speed depends on who else uses the machine).
"""

import argparse
import importlib.util
import io
import itertools
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from citations.formats import ParsedRecord, Unreadable, read  # noqa: E402

ROUNDS = 9
RECORDS_TIMED = 12_000
RECORDS_FOR_MEMORY = 100_000
LARGEST_GROWTH = 64  # MB


GOALS = []  # (label, met, accuracy?) of each goal that was measured


def goal(label, figure, met, wanted, *, accuracy=True, note=""):
    """Print one goal of the import with its figure; a missed goal of accuracy fails the run."""
    GOALS.append((label, met, accuracy))
    verdict = "met" if met else "MISSED"
    print(f"  {label:36} {figure:>10}   {verdict:6} (goal {wanted}){note}")


def load_score(corpus):
    spec = importlib.util.spec_from_file_location("corpus_score", corpus / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parse(path):
    return [item for item in read(path, name=path.name) if isinstance(item, ParsedRecord)]


def scores(corpus, manifest):
    score = load_score(corpus)
    fields, dialects = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0, 0])
    whole, counts, invented, written = [0, 0], [0, 0], [], set()
    for entry in manifest["files"]:
        gold = [json.loads(line) for line in (corpus / entry["gold"]).open(encoding="utf-8")]
        try:
            ours = [record.as_json() for record in parse(corpus / entry["file"])]
        except Unreadable:
            ours = []
        counts[0] += len(ours) == entry["records"]
        counts[1] += 1
        found, right = score.score_file(gold, ours)
        whole[0] += right
        whole[1] += len(gold)
        dialect = dialects[f"{entry['format']} {entry['dialect']}"]
        dialect[2] += len(gold)
        for name, (good, all_) in found.items():
            fields[name][0] += good
            fields[name][1] += all_
            dialect[0] += good
            dialect[1] += all_
        for wanted, got in score.align(gold, ours):
            for name in ("year", "doi", "pmid", "abstract", "authors"):
                given = wanted.get(name) or wanted.get(f"{name}_accept")
                if name in wanted["absent"] and not given and got and got.get(name):
                    value = (name, str(got[name]))
                    invented.append(value)
                    # Read out of the file and not made up: its letters stand in the record's raw.
                    raw = json.dumps(got["raw"], ensure_ascii=False)
                    if _letters(value[1]) in _letters(raw):
                        written.add(value)
    good, all_ = (sum(pair[i] for pair in fields.values()) for i in (0, 1))
    print("accuracy on real exports")
    goal(
        "files with the right record count",
        f"{counts[0]}/{counts[1]}",
        counts[0] == counts[1],
        "all",
    )
    share, whole_share = good / all_, whole[0] / whole[1]
    goal("fields right", f"{share:.4f}", share >= 0.997, ">= 0.997")
    goal("whole records right", f"{whole_share:.4f}", whole_share >= 0.985, ">= 0.985")
    low = {k: round(g / a, 4) for k, (g, a, n) in dialects.items() if n >= 20 and g / a < 0.98}
    goal("dialects of 20 records below 0.98", str(len(low)), not low, "none", note=f"  {low or ''}")
    unread = {value for value in invented if value not in written}
    goal("values invented", str(len(unread)), not unread, "none", note=f"  {sorted(unread) or ''}")
    print(
        f"    {len(invented)} more than the gold has, each written so in the file (docs/formats.md)"
    )
    for name, (good, all_) in fields.items():
        print(f"    {name:9} {good}/{all_} {good / all_:.4f}")


def _letters(text):
    """The text without case, percent signs and all that is no letter or digit."""
    return re.sub(r"[\W_]+", "", unquote(text)).casefold()


def hostile(corpus, manifest):
    right = 0
    entries = manifest["hostile"] + manifest["real_malformed"]
    for entry in entries:
        path = corpus / entry["file"]
        lines, records, began = [], 0, time.perf_counter()
        try:
            for item in read(path, name=path.name):
                if isinstance(item, ParsedRecord):
                    records += 1
                else:
                    lines.append(item.line)
        except Unreadable as refusal:
            lines.append(refusal.line)
        took = time.perf_counter() - began
        faults = []
        if entry["records"] not in (None, records):
            faults.append(f"{records} records for {entry['records']}")
        for report in entry["reports"]:
            optional = "if not imported" in report["reason"]
            told = report["line"] in lines if report["line"] else bool(lines)
            if not told and not optional:
                faults.append(f"nothing said about line {report['line']}: {report['reason']}")
        if took > entry.get("limits", {}).get("seconds", 5):
            faults.append(f"{took:.1f} s")
        right += not faults
        if faults:
            print(f"  {path.name}: {'; '.join(faults)}")
    goal("hostile files that behave", f"{right}/{len(entries)}", right == len(entries), "all")


def repeated(pieces, count):
    """`count` records out of real ones, each with a title of its own; as text."""
    out = []
    for number in range(count):
        piece = pieces[number % len(pieces)]
        out.append(
            re.sub(r"(?m)^(T[I1] (?: -)? ?|\s*title = \{)", rf"\g<1>{number} ", piece, count=1)
        )
    return "".join(out)


def pieces_of(corpus, names, pattern):
    found = []
    for name in names:
        text = (corpus / "files" / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        if "\r" not in text:
            found += [piece.rstrip() + "\n\n" for piece in re.findall(pattern, text)]
    return found


def timed(run):
    began = time.process_time()
    count = run()
    return count / (time.process_time() - began)


def ours(data):
    return sum(isinstance(item, ParsedRecord) for item in read(data))


def compare(label, data, library, theirs, wanted):
    rates = [(timed(lambda: ours(data)), timed(theirs)) for _ in range(ROUNDS)]
    ratios = sorted(a / b for a, b in rates)
    ratio = statistics.median(ratios)
    mine, other = (max(column) for column in zip(*rates, strict=True))
    goal(
        f"{label}, to {library}", f"{ratio:.2f}", ratio >= wanted, f">= {wanted}", accuracy=False,
        note=f"  {ratios[0]:.2f} to {ratios[-1]:.2f}; best rounds {mine:.0f}/s, {other:.0f}/s:"
        f" {mine / other:.2f}",
    )  # fmt: skip


def speed(corpus):
    import bibtexparser
    import rispy
    from lxml import etree

    print("speed (records a second of CPU time)")
    names = sorted(p.name for p in (corpus / "files").glob("ris__*") if p.stat().st_size > 150_000)
    text = repeated(pieces_of(corpus, names, r"(?ms)^TY  - .*?^ER  -[^\n]*"), RECORDS_TIMED)
    compare("RIS", text.encode(), "rispy, raw", lambda: len(rispy.loads(text)), 1.5)

    found = pieces_of(corpus, ["bibtex__zotero__zotero_export-0f06.b.bib"], r"(?ms)^@\w+\{.*?^\}")
    found = [piece for piece in found if len(bibtexparser.parse_string(piece).entries) == 1]
    keys = itertools.count()
    text = repeated(found, RECORDS_TIMED)
    text = re.sub(r"(?m)^@\w+\{", lambda match: f"{match[0]}n{next(keys)}", text)
    compare(
        "BibTeX", text.encode(), "bibtexparser 2 (no LaTeX)",
        lambda: len(bibtexparser.parse_string(text).entries), 1,
    )  # fmt: skip

    found = pieces_of(corpus, ["wos__wos-core__savedrecs-ff6c.b.txt"], r"(?ms)^PT [A-Z]\n.*?^ER$")
    text = "FN Clarivate\nVR 1.0\n" + repeated(found, 4000) + "EF\n"
    compare(
        "WoS", text.encode(), "rispy.WokParser",
        lambda: len(rispy.loads(text, implementation=rispy.WokParser, skip_unknown_tags=True)), 1,
    )  # fmt: skip

    data = (corpus / "files" / "endnote-xml__endnote__copper-9dca.xml").read_bytes()
    begin, end = data.index(b"<record>"), data.rindex(b"</record>") + len(b"</record>")
    data = data[:begin] + data[begin:end] * 6 + data[end:]
    compare("EndNote XML", data, "lxml iterparse, 10 fields", lambda: bare_lxml(etree, data), 0.8)

    found = pieces_of(
        corpus, ["nbib__pubmed__baseline_pubmed-eb14.ris"], r"(?ms)^PMID- .*?(?=^PMID-|\Z)"
    )
    data = repeated(found, 4000).encode()
    try:
        import nbib
    except ImportError:
        print(
            f"  MEDLINE      {timed(lambda: ours(data)):8.0f}/s   (nbib is not installed: no ratio)"
        )
    else:
        short = repeated(found, 400)
        compare("MEDLINE", data, "nbib", lambda: len(nbib.read(short)), 6)


def bare_lxml(etree, data):
    count = 0
    single = (
        "titles/title", "titles/secondary-title", "volume", "number", "pages", "abstract",
        "dates/year", "electronic-resource-num",
    )  # fmt: skip
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    for _, node in etree.iterparse(io.BytesIO(data), tag="record", recover=True, **options):
        fields = {
            path: "".join(child.itertext()) for path in single for child in node.iterfind(path)
        }
        for path in ("contributors/authors/author", "keywords/keyword"):
            fields[path] = ["".join(child.itertext()) for child in node.iterfind(path)]
        node.clear()
        while node.getprevious() is not None:
            del node.getparent()[0]
        count += bool(fields)
    return count


def many_records(corpus):
    """2,000 records in each of the other tagged formats, to be written fifty times over."""
    sources = {
        "BibTeX": ("bibtex__zotero__zotero_export-0f06.b.bib", r"(?ms)^@\w+\{.*?^\}"),
        "WoS": ("wos__wos-core__savedrecs-ff6c.b.txt", r"(?ms)^PT [A-Z]\n.*?^ER$"),
        "MEDLINE": ("nbib__pubmed__baseline_pubmed-eb14.ris", r"(?ms)^PMID- .*?(?=^PMID-|\Z)"),
    }
    return {
        label: repeated(pieces_of(corpus, [name], pattern), 2000)
        for label, (name, pattern) in sources.items()
    }


# The kernel's own peak, reset first (Linux): getrusage inherits the peak of the process before.
MEMORY = """
import re, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from citations.formats import Unreadable, read

def resident(name):
    return int(re.search(name + r":\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

Path("/proc/self/clear_refs").write_text("5")
before = resident("VmRSS")
began = time.process_time()
said = ""
try:
    reading = read(Path(sys.argv[2]))
    for item in reading:
        pass
    said = f"{reading.records} records, {reading.problems} problems"
except Unreadable as refusal:
    said = f"refused: {refusal}"
took = time.process_time() - began
print(f"{said}, {took:.1f} s, +{resident('VmHWM') - before:.0f} MB")
"""


def memory(corpus):
    print("memory (growth of the resident set while reading)")
    names = ["ris__zotero__zotero_export-71a7.ris"]
    text = repeated(pieces_of(corpus, names, r"(?ms)^TY  - .*?^ER  -[^\n]*"), 2000)
    big = "TY  - JOUR\nTI  - big\nAB  - " + "a " * 50_000_000 + "\nER  - \n"
    files = {
        "RIS, 100,000 records": (text, RECORDS_FOR_MEMORY // 2000),
        "RIS, one line of 100 MB": ("TY  - JOUR\nTI  - one\nER  - \n" + big, 1),
        "BibTeX, one line of 100 MB": ("@article{a, title={" + "a" * 100_000_000 + "}}", 1),
        "BibTeX, a million open braces": ("@article{a, title={" + "{" * 1_000_000, 1),
        "BibTeX, a million @": ("@" * 1_000_000 + "@a{" * 100_000, 1),
    }
    for label, text in many_records(corpus).items():
        files[f"{label}, 100,000 records"] = (text, RECORDS_FOR_MEMORY // 2000)
    for label, (content, times) in files.items():
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            for _ in range(times):
                file.write(content)
            file.flush()
            command = [sys.executable, "-c", MEMORY, str(ROOT), file.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout.strip() or done.stderr.strip().split("\n")[-1]
        grown = int(re.search(r"\+(-?\d+) MB", said)[1]) if " MB" in said else None
        met = grown is not None and grown <= LARGEST_GROWTH
        figure = f"+{grown} MB"
        goal(label, figure, met, f"<= {LARGEST_GROWTH} MB", accuracy=False, note=f"  {said}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = ROOT.parent / "shared" / "corpus" / "imports"
    parser.add_argument("corpus", nargs="?", type=Path, default=default)
    parser.add_argument("--quick", action="store_true", help="leave speed and memory out")
    options = parser.parse_args()
    if not (options.corpus / "manifest.json").exists():
        sys.exit(f"There is no corpus at {options.corpus}.")
    manifest = json.loads((options.corpus / "manifest.json").read_text(encoding="utf-8"))
    scores(options.corpus, manifest)
    hostile(options.corpus, manifest)
    if not options.quick:
        speed(options.corpus)
        memory(options.corpus)
    missed = [label for label, met, _ in GOALS if not met]
    print(f"{len(GOALS) - len(missed)} of {len(GOALS)} goals met")
    if missed:
        print(f"missed: {'; '.join(missed)}")
    print(f"peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return 1 if any(accuracy and not met for _, met, accuracy in GOALS) else 0


if __name__ == "__main__":
    sys.exit(main())
