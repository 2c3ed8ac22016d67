"""The text of a Caffe network: its layers, as a prototxt file lists them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from colorizer.engines.base import Blob
from colorizer.errors import EngineError

# What a token is: a comment or white space (thrown away), a quoted text, one of the signs, a word or number.
_TOKEN = re.compile(r"""#[^\n]*|[\s,;]+|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([{}:<>])|([^\s{}:<>"'#,;]+)""")
_CLOSING = {"{": "}", "<": ">"}
_DEEPEST = 50
_Number = TypeVar("_Number", int, float)

Message: TypeAlias = "dict[str, list[str | Message]]"


@dataclass(frozen=True)
class Layer:
    """One layer of a network: what it is called, what it does, what goes in and out, and its weights."""

    name: str
    kind: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    settings: Message = field(default_factory=dict)  # those of all its ..._param blocks together
    blobs: tuple[Blob, ...] = ()

    def word(self, name: str, default: str) -> str:
        """The setting as the file writes it. Raises EngineError when it is a whole block."""
        found = self.settings.get(name, [default])[-1]
        if not isinstance(found, str):
            raise EngineError(f"layer {self.name} of the network: its setting {name} is not a single value")
        return found

    def number(self, name: str, default: float) -> float:
        """The setting as a number. Raises EngineError for anything else."""
        return self._read(float, name, self.word(name, str(default)))

    def whole(self, name: str, default: int) -> int:
        """The setting as a whole number. Raises EngineError for anything else."""
        return self._read(int, name, self.word(name, str(default)))

    def pair(self, name: str, default: int, kind: str = "") -> tuple[int, int]:
        """Height and width of a setting that may be given once, twice, or as kernel_h and kernel_w, by `kind`."""
        base = kind or name
        if f"{base}_h" in self.settings or f"{base}_w" in self.settings:
            return self.whole(f"{base}_h", default), self.whole(f"{base}_w", default)
        values = [self._read(int, name, value) for value in self.settings.get(name, [str(default)])]
        return values[0], values[-1]

    def _read(self, kind: type[_Number], name: str, value: "str | Message") -> _Number:
        try:
            return kind(str(value))
        except ValueError as error:
            what = "a whole number" if kind is int else "a number"
            raise EngineError(f"layer {self.name} of the network: {name} must be {what}, and is {value}") from error


def read_prototxt(text: str) -> tuple[Layer, ...]:
    """The layers in the order of the file, without their weights. Raises EngineError for a text that is no network."""
    tokens = _tokens(text)
    found = _message(tokens, "", 0).get("layer", [])
    layers = tuple(_layer(message) for message in found if isinstance(message, dict))
    if not layers:
        raise EngineError("the prototxt of the network lists no layers in the form that can be exported")
    return layers


def source_of(layers: Sequence[Layer], name: str) -> Layer | None:
    """The layer that makes what the layer of this name takes in, the last one where several work in place.

    None where that is the network's input, or where there is no such layer.
    """
    last: dict[str, Layer] = {}
    for layer in layers:
        if layer.name == name:
            source = last.get(layer.bottoms[0]) if layer.bottoms else None
            return None if source is None or source.kind == "Input" else source
        last |= dict.fromkeys(layer.tops, layer)
    return None


def _layer(message: Message) -> Layer:
    settings: Message = {}
    for name, values in message.items():
        for value in values:
            if name.endswith("_param") and isinstance(value, dict):
                settings.update(value)
    names, kinds = _words(message, "name"), _words(message, "type")
    if len(names) != 1 or len(kinds) != 1:
        raise EngineError("the prototxt of the network has a layer without a name or a type")
    return Layer(names[0], kinds[0], _words(message, "bottom"), _words(message, "top"), settings)


def _words(message: Message, name: str) -> tuple[str, ...]:
    return tuple(value for value in message.get(name, []) if isinstance(value, str))


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise EngineError(f"the prototxt of the network is not in Caffe's text format at character {place}")
        place = match.end()
        if match[1]:
            yield '"' + match[1][1:-1]  # the mark of a text, so that no text is taken for a sign
        elif match[2] or match[3]:
            yield match[0]


def _message(tokens: Iterator[str], closing: str, depth: int) -> Message:
    """Everything up to the closing sign; without one, up to the end of the text."""
    if depth > _DEEPEST:
        raise EngineError("the prototxt of the network is nested too deeply")
    message: Message = {}
    for name in tokens:
        if name == closing:
            return message
        value = next(tokens, "")
        if value == ":":
            value = next(tokens, "")
        if name in "{}:<>" or not value or value in "}:>":
            raise EngineError(f"the prototxt of the network is not in Caffe's text format near {name!r}")
        inner = _message(tokens, _CLOSING[value], depth + 1) if value in _CLOSING else value.removeprefix('"')
        message.setdefault(name, []).append(inner)
    if closing:
        raise EngineError("the prototxt of the network ends inside a block")
    return message
