"""Tiny language models with random weights, written as GGUF files that the real engine loads."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

_ALIGNMENT: Final = 32
_WIDTH: Final = 32
_INNER: Final = 64
_HEAD_WIDTH: Final = 16
_KEPT: Final = 3
"""How many inputs a convolution looks back."""
_KV_HEADS: Final = (0, 1, 0)
"""Per layer; a layer without any is a convolution and has a recurrent state."""
_SPECIAL: Final = ("<|startoftext|>", "<|im_start|>", "<|im_end|>")
_NORMAL_TOKEN, _CONTROL_TOKEN = 1, 3


def write_tiny_lfm2(path: Path, *, seed: int = 7) -> None:
    """A model like LFM2, whose state can't be rolled back; its tokens are bytes.

    It has no chat template, begins every sequence with a token and writes nonsense; ``seed`` draws
    its weights.
    """
    tokens = [*_byte_letters(), *_SPECIAL]
    kinds = [_NORMAL_TOKEN] * (len(tokens) - len(_SPECIAL)) + [_CONTROL_TOKEN] * len(_SPECIAL)
    _write(
        path,
        {
            "general.architecture": "lfm2",
            "lfm2.block_count": len(_KV_HEADS),
            "lfm2.context_length": 4096,
            "lfm2.embedding_length": _WIDTH,
            "lfm2.feed_forward_length": _INNER,
            "lfm2.attention.head_count": _WIDTH // _HEAD_WIDTH,
            "lfm2.attention.head_count_kv": _KV_HEADS,
            "lfm2.attention.layer_norm_rms_epsilon": 1e-5,
            "lfm2.shortconv.l_cache": _KEPT,
            "lfm2.vocab_size": len(tokens),
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": "lfm2",
            "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": kinds,
            "tokenizer.ggml.merges": ["a b"],
            "tokenizer.ggml.bos_token_id": tokens.index(_SPECIAL[0]),
            "tokenizer.ggml.eos_token_id": tokens.index(_SPECIAL[2]),
            "tokenizer.ggml.add_bos_token": True,
        },
        _weights(len(tokens), seed),
    )


def _weights(tokens: int, seed: int) -> dict[str, npt.NDArray[np.float32]]:
    random = np.random.default_rng(seed)

    def matrix(*shape: int) -> npt.NDArray[np.float32]:
        return random.normal(0.0, 1.0, shape).astype(np.float32)

    def ones(size: int) -> npt.NDArray[np.float32]:
        return np.ones(size, np.float32)

    weights = {"token_embd.weight": matrix(tokens, _WIDTH), "token_embd_norm.weight": ones(_WIDTH)}
    for layer, kv_heads in enumerate(_KV_HEADS):
        if kv_heads:
            kv_width = kv_heads * _HEAD_WIDTH
            block = {
                "attn_q": matrix(_WIDTH, _WIDTH),
                "attn_k": matrix(kv_width, _WIDTH),
                "attn_v": matrix(kv_width, _WIDTH),
                "attn_output": matrix(_WIDTH, _WIDTH),
                "attn_q_norm": ones(_HEAD_WIDTH),
                "attn_k_norm": ones(_HEAD_WIDTH),
            }
        else:
            block = {
                "shortconv.conv": matrix(_WIDTH, _KEPT),
                "shortconv.in_proj": matrix(3 * _WIDTH, _WIDTH),
                "shortconv.out_proj": matrix(_WIDTH, _WIDTH),
            }
        block |= {
            "attn_norm": ones(_WIDTH),
            "ffn_norm": ones(_WIDTH),
            "ffn_gate": matrix(_INNER, _WIDTH),
            "ffn_up": matrix(_INNER, _WIDTH),
            "ffn_down": matrix(_WIDTH, _INNER),
        }
        weights |= {f"blk.{layer}.{name}.weight": weight for name, weight in block.items()}
    return weights


def _byte_letters() -> list[str]:
    """A letter for each byte, as GPT-2 writes them: printable ones stand for themselves."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [*map(chr, printable), *(chr(256 + at) for at in range(len(others)))]


def _write(
    path: Path, metadata: Mapping[str, object], tensors: Mapping[str, npt.NDArray[np.float32]]
) -> None:
    """A GGUF file of version 3 (ggml's docs/gguf.md)."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, value in metadata.items():
        kind, data = _value(value)
        head += _text(key) + struct.pack("<I", kind) + data
    body = b""
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]
        head += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(body))
        body += _padded(tensor.tobytes())
    path.write_bytes(_padded(head) + body)


def _value(value: object) -> tuple[int, bytes]:
    match value:
        case bool():
            return 7, struct.pack("<?", value)
        case int():
            return 4, struct.pack("<I", value)
        case float():
            return 6, struct.pack("<f", value)
        case str():
            return 8, _text(value)
        case [str(), *_]:
            return 9, struct.pack("<IQ", 8, len(value)) + b"".join(
                _text(str(item)) for item in value
            )
        case [int(), *_]:
            return 9, struct.pack(f"<IQ{len(value)}i", 5, len(value), *value)
    raise TypeError(value)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNMENT)
