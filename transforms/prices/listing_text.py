"""The text of a price table of litellm's schema: its listings one by one, each as it is written.

Most files write most listings as the file before did. What such a listing says is kept with its text, so that it is not read
again; what it holds besides is let go as soon as it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from config.contracts import Issue
from config.errors import SourceChanged
from transforms.prices.figures import Number
from transforms.prices.listing_keys import ALIAS, is_unknown_cost, price_key
from transforms.prices.listing_terms import OFF_PEAK, end_of, unread_of_hours, unread_uplifts

Found = tuple[tuple[tuple[Any, ...], ...], tuple[Issue, ...]]


class _Object(dict[str, Any]):
    """A JSON object where a key is written twice, of which more is kept than its last values."""

    versions: Mapping[str, list[Any]] = MappingProxyType({})  # every value of each key


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) == len(pairs):
        return body
    repeated = _Object(body)
    versions: dict[str, list[Any]] = {key: [] for key in body}
    for key, content in pairs:
        versions[key].append(content)
    repeated.versions = versions
    return repeated


def versions_of(body: dict[str, Any], key: str) -> list[Any]:
    """Every value that is written under a key."""
    versions = body.versions.get(key) if isinstance(body, _Object) else None
    return versions or [body[key]]


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number, object_pairs_hook=_object)
_SPACE = r"[ \t\n\r]*"
_BEGIN, _NO_MORE = re.compile(rf"{_SPACE}\{{{_SPACE}"), re.compile(rf"{_SPACE}\Z")
_NAME = re.compile(rf'("(?:[^"\\\x00-\x1f]|\\.)*"){_SPACE}:{_SPACE}')
_NEXT = re.compile(rf"{_SPACE}(?:,{_SPACE}|(\}}))")


class Written:
    """The text of a listing's entry, and what it says."""

    __slots__ = ("_entry", "alias_of", "end", "found", "is_alias", "is_priced", "mode", "text", "unknown_costs")

    def __init__(self, text: str, entry: dict[str, Any]) -> None:
        self.text = text
        self._entry: dict[str, Any] | None = entry
        mode, beside_hours = entry.get("mode"), unread_of_hours(entry.get(OFF_PEAK))
        self.mode = "" if mode is None else str(mode)
        self.end = end_of(entry)
        self.is_alias, self.alias_of = ALIAS in entry, entry.get(ALIAS)
        self.is_priced = any(map(price_key, entry))
        self.unknown_costs = (
            *filter(is_unknown_cost, entry),
            *(f"{OFF_PEAK}/{key}" for key in filter(is_unknown_cost, beside_hours)),
            *unread_uplifts(entry),
        )
        # Its rows and issues, by the name they are under and whether that is past its end.
        self.found: dict[tuple[Any, bool], Found] = {}

    def entry(self) -> dict[str, Any]:
        """What is written, read again where it has been let go."""
        entry = self._entry
        return _DECODER.decode(self.text) if entry is None else entry

    def let_go(self) -> None:
        """Keep the text alone: as objects it takes ten times the room."""
        self._entry = None


# source -> listing -> what the last file read has of it.
_LAST: dict[str, dict[str, Written]] = {}


def read_listings(payload: bytes, source: str) -> dict[str, list[Written]]:
    """Each listing with what is written for it: one entry, or several where it is written more than once.

    Raises SourceChanged when the payload is not an object of objects.
    """
    remedy = "open the address: a moved file or an error page must not be read as a price table"
    body, last = dict[str, list[Written]](), dict[str, Written]()
    try:
        text = payload.decode("utf-8-sig")
        if not _BEGIN.match(text):
            _DECODER.decode(text)
            raise SourceChanged("the top level is not an object of listings", source=source, remedy=remedy)
        for listing, written in _entries(text, _LAST.get(source, {})):
            if written is None:
                raise SourceChanged("an entry is not an object", source=source, place=f"/{listing!a}", remedy=remedy)
            body.setdefault(listing, []).append(written)
            last[listing] = written
    except (ValueError, RecursionError) as error:
        raise SourceChanged(f"not readable as JSON: {error}", source=source, remedy=remedy) from error
    _LAST[source] = last
    return body


def _entries(text: str, last: Mapping[str, Written]) -> Iterator[tuple[str, Written | None]]:
    """The members of the object that the text is; None for one that is no object itself. What stands there letter by letter as
    in the file before is not read again: the text of a whole object is no other object's beginning.
    """
    begin = _due(_BEGIN.match(text), "an object", text, 0)
    at, more = begin.end(), not text.startswith("}", begin.end())
    at += not more
    while more:
        name = _due(_NAME.match(text, at), "a name in double quotes and a colon", text, at)
        listing: str = json.loads(name[1]) if "\\" in name[1] else name[1][1:-1]
        written, end = last.get(listing), name.end()
        if written is None or not text.startswith(written.text, end):
            entry, end = _DECODER.raw_decode(text, end)
            written = Written(text[name.end() : end], entry) if isinstance(entry, dict) else None
        else:
            end += len(written.text)
        yield listing, written
        following = _due(_NEXT.match(text, end), "a comma or the end of the object", text, end)
        at, more = following.end(), following[1] is None
    _due(_NO_MORE.match(text, at), "nothing", text, at)


def _due(found: re.Match[str] | None, what: str, text: str, at: int) -> re.Match[str]:
    if found is None:
        raise json.JSONDecodeError(f"{what} is due", text, at)
    return found
