"""Exports a sentence-transformers folder with a BERT inside to ONNX: token ids in, unit vectors out.

The graph is written node by node from the weights, so it needs no torch, and the same weights give the same bytes.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

OPSET, IR_VERSION = 20, 9  # read by onnxruntime 1.17 and later
FAR_BELOW = -1e9  # added to the attention scores of padding

Array = NDArray[Any]


def export_onnx(folder: Path, target: Path) -> None:
    """Writes `target` (8-bit weights), computing what sentence-transformers computes with `folder`."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    weights = {name: w.astype(np.float32) for name, w in load_file(folder / "model.safetensors").items()}
    exact = target.with_suffix(".fp32.onnx")
    onnx.save(BertGraph(config, weights).build(), exact)
    # 7 bits (reduce_range), because 8 overflow on processors without VNNI: measured cosine .997 instead of .995,
    # the same speed, and the same vectors on every processor.
    quantize_dynamic(
        exact,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )
    exact.unlink()


class BertGraph:
    """Builds the graph; every method adds nodes and returns the name of their result."""

    def __init__(self, config: dict[str, Any], weights: dict[str, Array]) -> None:
        self.config = config
        self.weights = weights
        self.heads: int = config["num_attention_heads"]
        self.hidden: int = config["hidden_size"]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def build(self) -> onnx.ModelProto:
        """The whole model: `input_ids`, `attention_mask` (batch, tokens) to `vector` (batch, hidden)."""
        hidden = self._embed()
        unmasked = self._op("Cast", "attention_mask", to=TensorProto.FLOAT)
        below = self._op(
            "Mul", self._op("Sub", self._constant(np.float32(1)), unmasked), self._number(FAR_BELOW)
        )
        below = self._op("Unsqueeze", below, self._constant(np.array([1, 2])))
        for layer in range(self.config["num_hidden_layers"]):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, below)
        self._pool(hidden, unmasked)
        both = ["batch", "tokens"]
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, both)
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", self.hidden])
        graph = helper.make_graph(self.nodes, "sentence_encoder", inputs, [output], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return model

    def _op(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        name = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def _constant(self, value: Array | np.float32) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(
            numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        )
        return name

    def _number(self, value: float) -> str:
        return self._constant(np.float32(value))

    def _embed(self) -> str:
        """Words as one byte and a scale for each row: rare rows keep their precision beside large ones."""
        table = self.weights["embeddings.word_embeddings.weight"]
        scale = np.maximum(np.abs(table).max(axis=1, keepdims=True) / 127, 1e-12).astype(np.float32)
        bytes_ = np.rint(table / scale).astype(np.int8)
        rows = self._op("Cast", self._op("Gather", self._constant(bytes_), "input_ids"), to=TensorProto.FLOAT)
        words = self._op("Mul", rows, self._op("Gather", self._constant(scale), "input_ids"))
        places = self.weights["embeddings.position_embeddings.weight"]
        places = places + self.weights["embeddings.token_type_embeddings.weight"][0]
        length = self._op("Shape", "input_ids", start=1, end=2)
        zero = self._constant(np.array([0]))
        here = self._op("Slice", self._constant(places), zero, length, zero)
        return self._norm("embeddings.LayerNorm", self._op("Add", words, here))

    def _norm(self, name: str, value: str) -> str:
        weight, bias = (self._constant(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        epsilon = self.config["layer_norm_eps"]
        return self._op("LayerNormalization", value, weight, bias, axis=-1, epsilon=epsilon)

    def _linear(self, value: str, weight: Array, bias: Array) -> str:
        return self._op("Add", self._op("MatMul", value, self._constant(weight.T)), self._constant(bias))

    def _dense(self, name: str, value: str) -> str:
        return self._linear(value, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _layer(self, name: str, hidden: str, below: str) -> str:
        attended = self._dense(
            f"{name}.attention.output.dense", self._attend(f"{name}.attention.self", hidden, below)
        )
        hidden = self._norm(f"{name}.attention.output.LayerNorm", self._op("Add", hidden, attended))
        wide = self._op("Gelu", self._dense(f"{name}.intermediate.dense", hidden))
        narrow = self._dense(f"{name}.output.dense", wide)
        return self._norm(f"{name}.output.LayerNorm", self._op("Add", hidden, narrow))

    def _attend(self, name: str, hidden: str, below: str) -> str:
        query, key, value = (
            self._heads(self._dense(f"{name}.{part}", hidden)) for part in ("query", "key", "value")
        )
        root = float(np.sqrt(self.hidden / self.heads))
        turned = self._op("Transpose", key, perm=[0, 1, 3, 2])
        scores = self._op("Div", self._op("MatMul", query, turned), self._number(root))
        shares = self._op("Softmax", self._op("Add", scores, below), axis=-1)
        mixed = self._op("Transpose", self._op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self._op("Reshape", mixed, self._constant(np.array([0, 0, self.hidden])))

    def _heads(self, value: str) -> str:
        shape = self._constant(np.array([0, 0, self.heads, self.hidden // self.heads]))
        return self._op("Transpose", self._op("Reshape", value, shape), perm=[0, 2, 1, 3])

    def _pool(self, hidden: str, unmasked: str) -> str:
        """Mean over the tokens that are no padding, then to length one."""
        last, tokens = self._constant(np.array([-1])), self._constant(np.array([1]))
        total = self._op(
            "ReduceSum", self._op("Mul", hidden, self._op("Unsqueeze", unmasked, last)), tokens, keepdims=0
        )
        mean = self._op("Div", total, self._op("ReduceSum", unmasked, tokens))
        return self._op("Div", mean, self._op("ReduceL2", mean, last), output="vector")
