"""Documents are read in a child, each in a process of its own: what one does harms no other."""

import os
import signal
from pathlib import Path

import pytest

from citations.documents import NotReadable, Reader, child
from synthesis.demo.pdf import pdf


def test_one_reader_reads_many_and_a_bad_one_between_them_harms_none(tmp_path):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(pdf("A program", ["Words that can be found."]))
    bad.write_bytes(b"%PDF-1.4 and then rubbish")
    with Reader() as reader:
        assert "can be found" in reader.read(good).text
        with pytest.raises(NotReadable, match="broken"):
            reader.read(bad)
        assert reader.read(good).pages == 1
    assert reader.child.returncode is not None


def test_a_child_that_is_killed_costs_one_file(tmp_path):
    good = tmp_path / "good.pdf"
    good.write_bytes(pdf("A program", ["Words that can be found."]))
    with Reader() as reader:
        reader.child.kill()
        reader.child.wait()
        with pytest.raises(NotReadable, match="broken"):
            reader.read(good)
        assert reader.read(good).pages == 1


def hang(_path):
    while True:
        pass


def swallow(_path):
    kept = []
    while True:
        kept.append(bytearray(4 << 30))


def crash(_path):
    os.kill(os.getpid(), signal.SIGKILL)


def write(path):
    with Path(path).open("wb") as file:
        file.write(b"x" * 10)
    return {}


@pytest.mark.parametrize(
    ("does", "says"),
    [(hang, b"takes more than"), (swallow, b"broken"), (crash, b"broken"), (write, b"broken")],
)
def test_a_file_that_exhausts_the_computer_is_one_sentence(monkeypatch, tmp_path, does, says):
    monkeypatch.setattr(child, "SECONDS", 1)
    monkeypatch.setitem(child.READERS, "bad", does)
    assert says in child._read_alone("bad", str(tmp_path / "x"))
