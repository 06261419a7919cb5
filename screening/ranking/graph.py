"""The network of a sentence encoder as an ONNX graph, built from the weights that its package holds.

BERT (Devlin et al. 2019) with as many layers as there are weights for: each record's words in, one
vector of length 1 out, the mean of the last layer's states (Reimers and Gurevych 2019). It is written
for one text at a time: nothing is padded, so a text's vector does not depend on what stands beside it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 20
IR = 10
TINY = 1e-12  # in the normalisation of layers, as the network was trained

Weights = dict[str, NDArray[Any]]


@dataclass
class _Drawing:
    """Nodes in the order of their making, and the constants that they use."""

    weights: Weights
    nodes: list[Any] = field(default_factory=list)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)

    def constant(self, name: str, value: Any) -> str:
        self.constants[name] = np.ascontiguousarray(value)
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def linear(self, states: str, layer: str) -> str:
        matrix = self.constant(f"{layer}.weight", self.weights[f"{layer}.weight"].T)
        bias = self.constant(f"{layer}.bias", self.weights[f"{layer}.bias"])
        return self.node("Add", self.node("MatMul", states, matrix), bias)

    def normalised(self, states: str, layer: str) -> str:
        scale = self.constant(f"{layer}.weight", self.weights[f"{layer}.weight"])
        bias = self.constant(f"{layer}.bias", self.weights[f"{layer}.bias"])
        return self.node("LayerNormalization", states, scale, bias, axis=-1, epsilon=TINY)

    def embedded(self, tokens: str) -> str:
        words = self.constant("words", self.weights["embeddings.word_embeddings.weight"])
        # All words belong to the first of two sentences that the network could tell apart.
        placed = self.weights["embeddings.position_embeddings.weight"]
        placed = placed + self.weights["embeddings.token_type_embeddings.weight"][0]
        length = self.node("Shape", tokens, start=1, end=2)
        first, along = self.constant("first", np.array([0])), self.constant("along", np.array([0]))
        positions = self.node("Slice", self.constant("positions", placed), first, length, along)
        return self.normalised(
            self.node("Add", self.node("Gather", words, tokens), positions), "embeddings.LayerNorm"
        )

    def attended(self, states: str, layer: str, heads: int, size: int) -> str:
        apart = self.constant("apart", np.array([0, 0, heads, size // heads]))
        whole = self.constant("whole", np.array([0, 0, size]))
        part = {}
        for name, turned in (
            ("query", [0, 2, 1, 3]),
            ("key", [0, 2, 3, 1]),
            ("value", [0, 2, 1, 3]),
        ):
            found = self.node("Reshape", self.linear(states, f"{layer}.self.{name}"), apart)
            part[name] = self.node("Transpose", found, perm=turned)
        scale = self.constant("scale", np.float32((size // heads) ** -0.5))
        alike = self.node("Mul", self.node("MatMul", part["query"], part["key"]), scale)
        seen = self.node("MatMul", self.node("Softmax", alike, axis=-1), part["value"])
        seen = self.node("Reshape", self.node("Transpose", seen, perm=[0, 2, 1, 3]), whole)
        seen = self.linear(seen, f"{layer}.output.dense")
        return self.normalised(self.node("Add", seen, states), f"{layer}.output.LayerNorm")

    def thought(self, states: str, layer: str) -> str:
        more = self.node("Gelu", self.linear(states, f"{layer}.intermediate.dense"))
        less = self.linear(more, f"{layer}.output.dense")
        return self.normalised(self.node("Add", less, states), f"{layer}.output.LayerNorm")


def write(weights: Weights, heads: int, to: Path) -> None:
    """Write the network of `weights` (names of the layers of BERT: arrays float32) to the file `to`."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    drawing = _Drawing(weights)
    size = int(weights["embeddings.LayerNorm.weight"].shape[0])
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder."))
    states = drawing.embedded("tokens")
    for number in range(layers):
        layer = f"encoder.layer.{number}"
        states = drawing.attended(states, f"{layer}.attention", heads, size)
        states = drawing.thought(states, layer)
    mean = drawing.node("ReduceMean", states, drawing.constant("over", np.array([1])), keepdims=0)
    drawing.nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=1, p=2))
    graph = helper.make_graph(
        drawing.nodes,
        "encoder",
        [helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "words"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, size])],
        [numpy_helper.from_array(value, name) for name, value in drawing.constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    onnx.save(model, str(to))
