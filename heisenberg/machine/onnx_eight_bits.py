"""Networks whose weights are stored in 8 bits, made to compute in 8 bits.

Such a file turns its weights into 32 bits before it multiplies, which saves space and no time.
Here the graph is changed so that ONNX Runtime multiplies in 8 bits (its operator
``DynamicQuantizeMatMul``); what surrounds that is written shorter where it is the same.
The format is that of ``onnx.proto``, read and written by its few fields that matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_MODEL_GRAPH: Final = 7
_MODEL_OPSET: Final = 8
_GRAPH_NODE: Final = 1
_GRAPH_TENSOR: Final = 5
_NODE_INPUT: Final = 1
_NODE_OUTPUT: Final = 2
_NODE_NAME: Final = 3
_NODE_KIND: Final = 4
_NODE_DOMAIN: Final = 7
_TENSOR_DIMENSION: Final = 1
_TENSOR_TYPE: Final = 2
_TENSOR_NAME: Final = 8
_INT8: Final = 3

_RUNTIME: Final = b"com.microsoft"
"""The domain of ONNX Runtime's own operators."""


def computing_in_8_bits(model: bytes) -> bytes:
    """``model`` with every product by weights of 8 bits computed in 8 bits.

    The model as it is where there are none. Raises ``IndexError`` or ``ValueError`` for what is no
    model.
    """
    parts = [(number, value) for number, value in _fields(model)]
    graph = next((value for number, value in parts if number == _MODEL_GRAPH), None)
    if not isinstance(graph, bytes):
        return model
    changed = _Graph.read(graph).changed()
    if changed is None:
        return model
    kept = [(number, changed if value is graph else value) for number, value in parts]
    opset = _message([(1, _RUNTIME), (2, 1)])
    return _message([*kept, (_MODEL_OPSET, opset)])


_Value = int | bytes
"""A number, or what has a length; fixed-width numbers do not occur outside of what is copied."""


@dataclass(slots=True, eq=False)
class _Node:
    inputs: list[bytes]
    outputs: list[bytes]
    kind: bytes
    rest: list[tuple[int, _Value]] = field(default_factory=list)

    def become(self, kind: bytes, inputs: Sequence[bytes], outputs: Sequence[bytes]) -> None:
        """One of ONNX Runtime's own operators."""
        self.kind, self.inputs, self.outputs = kind, list(inputs), list(outputs)
        self.rest = [(_NODE_DOMAIN, _RUNTIME)]


class _Graph:
    def __init__(
        self,
        nodes: Sequence[_Node],
        tensors: Mapping[bytes, Sequence[tuple[int, _Value]]],
        rest: Sequence[tuple[int, _Value]],
    ) -> None:
        self._nodes = nodes
        self._tensors = dict(tensors)
        self._rest = rest
        self._makers = {name: node for node in nodes for name in node.outputs}
        self._users: dict[bytes, list[_Node]] = defaultdict(list)
        for node in nodes:
            for name in node.inputs:
                self._users[name].append(node)
        self._gone: set[int] = set()
        self._instead: dict[int, Sequence[_Node]] = {}

    @classmethod
    def read(cls, graph: bytes) -> _Graph:
        nodes, tensors, rest = [], {}, []
        for number, value in _fields(graph):
            if number == _GRAPH_NODE and isinstance(value, bytes):
                nodes.append(_read_node(value))
            elif number == _GRAPH_TENSOR and isinstance(value, bytes):
                parts = list(_fields(value))
                tensors[next(part for at, part in parts if at == _TENSOR_NAME)] = parts
            else:
                rest.append((number, value))
        return cls(nodes, tensors, rest)  # type: ignore[arg-type]

    def changed(self) -> bytes | None:
        """The graph, changed; ``None`` where there is nothing to change."""
        products = [node for node in self._nodes if self._multiply_in_8_bits(node)]
        if not products:
            return None
        renamed = dict(filter(None, map(self._without_check, self._nodes)))
        for node in self._nodes:
            self._shorten_gelu(node)
            self._look_up_in_8_bits(node)
        kept = [
            one
            for node in self._nodes
            if id(node) not in self._gone
            for one in self._instead.get(id(node), (node,))
        ]
        written = [(_GRAPH_NODE, _write_node(node, renamed)) for node in kept]
        tensors = [(_GRAPH_TENSOR, _message(parts)) for parts in self._tensors.values()]
        return _message([*written, *tensors, *self._rest])

    def _multiply_in_8_bits(self, node: _Node) -> bool:
        """x · (weights of 8 bits · scale) [+ bias], as one operator."""
        if node.kind != b"MatMul":
            return False
        scaled = self._made_by(node.inputs[1], b"Mul")
        widened = scaled and self._made_by(scaled.inputs[0], b"Cast")
        if not scaled or not widened:
            return False
        weights, scale = widened.inputs[0], scaled.inputs[1]
        if self._type_of(weights) != _INT8 or scale not in self._tensors:
            return False
        self._flatten(scale)
        inputs, outputs = [node.inputs[0], weights, scale], node.outputs
        added = self._only_user(outputs[0], b"Add")
        if added:
            bias = next(name for name in added.inputs if name != outputs[0])
            if bias in self._tensors:
                inputs += [b"", bias]
                outputs = added.outputs
                self._gone.add(id(added))
        node.become(b"DynamicQuantizeMatMul", inputs, outputs)
        self._gone |= {id(scaled), id(widened)}
        return True

    def _look_up_in_8_bits(self, node: _Node) -> None:
        """Rows of (a table of 8 bits · a scale for each row): only those that are looked up are
        widened. ONNX Runtime would keep the whole table in 32 bits."""
        scaled = self._made_by(node.inputs[0], b"Mul") if node.kind == b"Gather" else None
        widened = scaled and self._made_by(scaled.inputs[0], b"Cast")
        if not scaled or not widened or len(self._users[scaled.outputs[0]]) != 1:
            return
        table, scale = widened.inputs[0], scaled.inputs[1]
        if self._type_of(table) != _INT8 or self._sizes_of(scale)[1:] != [1]:
            return
        rows, out = node.inputs[1], node.outputs[0]
        stored, wide, scales = (out + part for part in (b"_stored", b"_wide", b"_scale"))
        self._instead[id(node)] = (
            _Node([table, rows], [stored], b"Gather", _unnamed(node)),
            _Node([stored], [wide], b"Cast", _unnamed(widened)),
            _Node([scale, rows], [scales], b"Gather", _unnamed(node)),
            _Node([wide, scales], [out], b"Mul", _unnamed(scaled)),
        )
        self._gone |= {id(scaled), id(widened)}

    def _without_check(self, node: _Node) -> tuple[bytes, bytes] | None:
        """Which name stands for another when rows that are no numbers are not looked for: there are
        none where every text has a token."""
        check = self._made_by(node.inputs[0], b"IsNaN") if node.kind == b"Where" else None
        if check is None or check.inputs[0] != node.inputs[2]:
            return None
        self._gone |= {id(node), id(check)}
        return node.outputs[0], node.inputs[2]

    def _shorten_gelu(self, node: _Node) -> None:
        """x · (0.5 · (1 + erf(x / √2))), as one operator."""
        if node.kind != b"Erf":
            return
        divided = self._made_by(node.inputs[0], b"Div")
        raised = self._only_user(node.outputs[0], b"Add")
        halved = raised and self._only_user(raised.outputs[0], b"Mul")
        last = halved and self._only_user(halved.outputs[0], b"Mul")
        if divided and raised and halved and last and divided.inputs[0] in last.inputs:
            last.become(b"Gelu", [divided.inputs[0]], last.outputs)
            self._gone |= {id(one) for one in (node, divided, raised, halved)}

    def _made_by(self, name: bytes, kind: bytes) -> _Node | None:
        node = self._makers.get(name)
        return node if node is not None and node.kind == kind else None

    def _only_user(self, name: bytes, kind: bytes) -> _Node | None:
        users = self._users[name]
        return users[0] if len(users) == 1 and users[0].kind == kind else None

    def _type_of(self, name: bytes) -> _Value | None:
        parts = self._tensors.get(name, ())
        return next((value for number, value in parts if number == _TENSOR_TYPE), None)

    def _sizes_of(self, name: bytes) -> list[_Value]:
        parts = self._tensors.get(name, ())
        return [value for number, value in parts if number == _TENSOR_DIMENSION]

    def _flatten(self, name: bytes) -> None:
        """Give a tensor of one row the one dimension that the operator expects."""
        parts, sizes = self._tensors[name], self._sizes_of(name)
        others = [part for part in parts if part[0] != _TENSOR_DIMENSION]
        self._tensors[name] = [(_TENSOR_DIMENSION, sizes[-1]), *others]


def _unnamed(node: _Node) -> list[tuple[int, _Value]]:
    """What else it says: a name may be there once."""
    return [part for part in node.rest if part[0] != _NODE_NAME]


def _read_node(data: bytes) -> _Node:
    node = _Node([], [], b"")
    for number, value in _fields(data):
        if number == _NODE_INPUT and isinstance(value, bytes):
            node.inputs.append(value)
        elif number == _NODE_OUTPUT and isinstance(value, bytes):
            node.outputs.append(value)
        elif number == _NODE_KIND and isinstance(value, bytes):
            node.kind = value
        else:
            node.rest.append((number, value))
    return node


def _write_node(node: _Node, renamed: Mapping[bytes, bytes]) -> bytes:
    inputs = [(_NODE_INPUT, renamed.get(name, name)) for name in node.inputs]
    outputs = [(_NODE_OUTPUT, name) for name in node.outputs]
    return _message([*inputs, *outputs, (_NODE_KIND, node.kind), *node.rest])


def _fields(data: bytes) -> Iterator[tuple[int, _Value]]:
    """The fields of a message: their numbers and values."""
    at = 0
    while at < len(data):
        key, at = _read_number(data, at)
        if key & 7 == 0:
            value, at = _read_number(data, at)
            yield key >> 3, value
        elif key & 7 == 2:
            length, at = _read_number(data, at)
            yield key >> 3, data[at : at + length]
            at += length
        else:
            raise ValueError("not a model")


def _message(fields: Iterable[tuple[int, _Value]]) -> bytes:
    written = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            written += _number(number << 3) + _number(value)
        else:
            written += _number(number << 3 | 2) + _number(len(value)) + value
    return bytes(written)


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _number(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
