"""YAML and JSON as plain values, strictly: a key that is written twice is refused, for the second would silently win.

YAML aliases are refused, too: a few lines of them are a billion values when written out.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from config.errors import Refused

SHOWN = 300


class _Strict(yaml.CSafeLoader):
    """A safe loader that takes every key once, and no alias. libyaml reads a seventh as long as Python does, and every command waits for it."""

    def get_single_node(self) -> Any:
        node = super().get_single_node()
        seen, waiting = set[int](), [node] if node is not None else []
        while waiting:
            one = waiting.pop()
            if id(one) in seen:  # what an alias stands for is the node itself
                raise yaml.composer.ComposerError(
                    None, None, "used again by an alias, which is not read: write it out", one.start_mark
                )
            seen.add(id(one))
            if isinstance(one, yaml.SequenceNode):
                waiting += one.value
            elif isinstance(one, yaml.MappingNode):
                waiting += [part for pair in one.value for part in pair]
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is written twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def parse_yaml(text: str | bytes, place: str) -> Any:
    """YAML text as plain values; Refused names the place when it is not YAML, or not plain."""
    try:
        return yaml.load(text, Loader=_Strict)  # noqa: S506  a SafeLoader
    except RecursionError as error:
        raise Refused("nested too deeply", place=place, remedy="mend the file and run again") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:  # not a day, not a number, a list as a key
        raise Refused(f"not valid YAML: {error}"[:SHOWN], place=place, remedy="mend the file and run again") from error


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object (an object_pairs_hook). Raises ValueError where one key has two values; the same value again is none."""
    body = dict(pairs)
    if (
        len(body) < len(pairs)
        and (twice := next((key for key, value in pairs if body[key] != value), None)) is not None
    ):
        raise ValueError(f"the key {ascii(twice)[:100]} is written twice, with two values")
    return body


def parse_json(payload: bytes) -> Any:
    """RFC 8259 JSON as plain values. Raises ValueError also for NaN and Infinity, a key with two values, and deep nesting."""
    try:
        return json.loads(payload.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")
