"""Writes the pruned model as a folder that sentence-transformers loads without conversion."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from knowledge.model.packed import PackedModel
from knowledge.model.tokenizer import BEGIN, END, MASK, PAD, UNKNOWN, build_tokenizer

EPSILON = 1e-12
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}
# Name in sentence-transformers' BertModel, name in the packed file; rows and columns as (output, input).
MATRICES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
NORMS = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}


def write_folder(model: PackedModel, kept: list[int], folder: Path) -> None:
    """Writes configuration, tokenizer and 16-bit weights; the folder exists and is empty."""
    half = {name: values.astype(np.float16) for name, values in _weights(model, kept).items()}
    save_file(half, folder / "model.safetensors", metadata={"format": "pt"})
    build_tokenizer(model, kept).save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    for name, content in _configuration(model, kept).items():
        (folder / name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")


def _weights(model: PackedModel, kept: list[int]) -> dict[str, NDArray[np.float32]]:
    shape, hidden = model.shape, model.shape.hidden
    words = model.weights("emb.word", shape.vocabulary, hidden)[kept]
    weights = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": model.floats("emb.pos", shape.positions, hidden),
        "embeddings.token_type_embeddings.weight": model.floats("emb.type", shape.types, hidden),
        "embeddings.LayerNorm.weight": model.floats("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": model.floats("emb.ln.b", hidden),
    }
    for layer in range(shape.layers):
        weights |= _layer_weights(model, layer)
    return weights


def _layer_weights(model: PackedModel, layer: int) -> dict[str, NDArray[np.float32]]:
    hidden, wide = model.shape.hidden, model.shape.feed_forward
    weights: dict[str, NDArray[np.float32]] = {}
    for name, short in MATRICES.items():
        rows = wide if short == "fi" else hidden
        columns = wide if short == "fo" else hidden
        at = f"encoder.layer.{layer}.{name}"
        weights[f"{at}.weight"] = model.weights(f"l{layer}.{short}.w", rows, columns)
        weights[f"{at}.bias"] = model.floats(f"l{layer}.{short}.b", rows)
    for name, short in NORMS.items():
        at = f"encoder.layer.{layer}.{name}"
        weights[f"{at}.weight"] = model.floats(f"l{layer}.{short}.w", hidden)
        weights[f"{at}.bias"] = model.floats(f"l{layer}.{short}.b", hidden)
    return weights


def _configuration(model: PackedModel, kept: list[int]) -> dict[str, Any]:
    shape = model.shape
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": len(kept),
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": EPSILON,
            "hidden_act": "gelu",
            "pad_token_id": kept.index(model.special.pad),
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": BEGIN,
            "eos_token": END,
            "cls_token": BEGIN,
            "sep_token": END,
            "unk_token": UNKNOWN,
            "pad_token": PAD,
            "mask_token": MASK,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    }
