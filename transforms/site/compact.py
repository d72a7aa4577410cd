"""Frames as compact scripts: a page opened from disk may fetch nothing, but it may load a script.

A script hands one named thing to the page: `CS.put("name", {...})`. A frame goes column by column: days as whole days and
instants as minutes since 1970, repeated text once with places into it. The same frame gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import polars as pl

from transforms.site.words import Bilingual

ORDER = orjson.OPT_SORT_KEYS
MINUTE = 60_000_000


def script(name: str, content: Mapping[str, Any]) -> bytes:
    """The script that hands `content` to the page under `name`."""
    return b"CS.put(" + orjson.dumps(name) + b"," + orjson.dumps(content, option=ORDER) + b");\n"


Reads = Callable[[str, str], Bilingual | None]  # column and value: how it reads; None: as it stands


def columns(frame: pl.DataFrame, reads: Reads | None = None) -> dict[str, Any]:
    """The frame by columns: each {k: kind, v: values} and for text also {d: the distinct values}, and {w: [[Chinese, English]]},
    how each of these reads, where that is not as it stands."""
    found = {name: _column(frame[name]) for name in frame.columns}
    for name, column in found.items():
        if reads and column["k"] == "text":
            told = [reads(name, value) for value in column["d"]]
            if any(told):
                column["w"] = [one and ([one.zh, one.en] if one.zh != one.en else [one.zh]) for one in told]
    return found


def _column(values: pl.Series) -> dict[str, Any]:
    kind = values.dtype
    if kind == pl.Date:
        return {"k": "day", "v": values.cast(pl.Int32).to_list()}
    if isinstance(kind, pl.Datetime):
        return {"k": "instant", "v": (values.cast(pl.Datetime("us")).cast(pl.Int64) // MINUTE).to_list()}
    if kind == pl.Boolean:
        return {"k": "flag", "v": values.cast(pl.Int8).to_list()}
    if kind.is_numeric():
        return {"k": "number", "v": [_shortest(value) for value in values.to_list()]}
    return _text(values, _listed if isinstance(kind, pl.List) else _plain)


def _shortest(value: float | None) -> float | int | None:
    """Whole numbers without a point: the page reads both alike."""
    if value is None or value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  not a number
        return None
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else value


def _plain(value: Any) -> str:
    return str(value)


def _listed(value: Any) -> str:
    return " ".join(str(one) for one in value)


def _text(values: pl.Series, said: Callable[[Any], str]) -> dict[str, Any]:
    places: dict[str, int] = {}
    found = [None if value is None else places.setdefault(said(value), len(places)) for value in values.to_list()]
    return {"k": "text", "d": list(places), "v": found}
