"""The SEC's document of one company's facts, from bytes to columns: every taxonomy, tag and unit, exactly as it stands.

A document that holds what they all hold is read into declared types, some thousand facts at a time: without a dictionary for
each fact, and while they are in the processor's cache. Any other (a field that was never there, a text where a number was) is
read as it comes, and says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl
from msgspec import UNSET, UnsetType

from config.contracts import Capture
from config.errors import SourceChanged
from config.parsing import parse_json

TEXTS = ("start", "end", "accn", "form", "filed")
IGNORED = ("fy", "fp", "frame")
ROW_KEYS = frozenset({"val", *TEXTS, *IGNORED})
OPTIONAL = ("start", "frame")  # no instant has a start, and one filing of a period a frame
TOP_KEYS = frozenset({"cik", "entityName", "facts"})
TAG_KEYS = frozenset({"label", "description", "units"})
KEY = re.compile(rb'(?<!\\)(?:\\\\)*"[ \t\r\n]*:')
SPACES = b" \t\r\n"
BATCH = 2_000


class _Digits(str):
    """A number with a fraction as it stands in the JSON text: 1.10 stays 1.10."""

    __slots__ = ()


NUMBERS: frozenset[type] = frozenset({int, _Digits})
COLUMNS = pl.Schema(
    {"value_exact": pl.String, "is_number": pl.Boolean, "has_start": pl.Boolean, **dict.fromkeys(TEXTS, pl.String)}
)


class _Fact(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One figure of one filing, with the names of the document; what is left out is UNSET (OPTIONAL)."""

    end: str | None
    val: Any
    accn: str | None
    form: str | None
    filed: str | None
    fy: int | None
    fp: str | None
    start: str | UnsetType | None = UNSET
    frame: str | UnsetType | None = UNSET


class _Tag(msgspec.Struct, forbid_unknown_fields=True):
    label: str | None
    description: str | None
    units: dict[str, msgspec.Raw]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    cik: int | str
    entityName: str | None  # noqa: N815  the document's own name
    facts: dict[str, dict[str, _Tag]]


# They hand over a fraction's digits, as orjson cannot, in a third of the standard reader's time.
AS_IT_COMES = msgspec.json.Decoder(float_hook=_Digits)
DECLARED = msgspec.json.Decoder(_Document)
DECLARED_FACTS = msgspec.json.Decoder(list[_Fact], float_hook=_Digits)


@dataclass(slots=True)
class Facts:
    """What a document states: `table` has a row for each fact, in its order, texts and numbers as they came (COLUMNS); `runs` says
    of each run of facts with one tag and unit how many they are: (concept, unit, JSON pointer to their list, number).
    """

    cik: str
    table: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COLUMNS))
    runs: list[tuple[str, str, str, int]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


def read_facts(payload: bytes, capture: Capture, admitted: Callable[[str], None]) -> Facts:
    """The facts of a document whose CIK is `admitted`. Raises SourceChanged for what is no such document, or states a key twice."""
    try:
        document = DECLARED.decode(payload)
        facts = Facts(_cik(document.cik))
        optional = _read_declared(document, facts)
    except (ValueError, RecursionError):
        return _as_it_comes(payload, capture, admitted)
    admitted(facts.cik)
    _refuse_repeated_keys(payload, _keys(document, facts.table.height) + optional, _words(document), capture)
    return facts


def _read_declared(document: _Document, facts: Facts) -> int:
    """Read the runs of a document into `facts`; returns how many keys are in them that a fact may leave out. Raises ValueError."""
    tables, optional = list[pl.DataFrame](), 0
    for batch in _batches(document, facts):
        tables.append(_declared_table(batch))
        optional += sum(row.frame is not UNSET for row in batch)
    facts.table = pl.concat(tables, rechunk=True)
    return optional + int(facts.table["has_start"].sum())


def _batches(document: _Document, facts: Facts) -> Iterator[list[_Fact]]:
    batch = list[_Fact]()
    for taxonomy, tags in document.facts.items():
        for name, tag in tags.items():
            for unit, run in tag.units.items():
                read = DECLARED_FACTS.decode(run)
                _add_run(facts, taxonomy, name, unit, len(read))
                batch += read
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
    yield batch


def _declared_table(rows: list[_Fact]) -> pl.DataFrame:
    starts = [row.start for row in rows]
    texts = [
        [None if start is UNSET else start for start in starts], [row.end for row in rows], [row.accn for row in rows],
        [row.form for row in rows], [row.filed for row in rows],
    ]  # fmt: skip
    return _table([row.val for row in rows], [start is not UNSET for start in starts], texts)


def _table(numbers: list[Any], has_start: list[bool], texts: Iterable[list[str | None]]) -> pl.DataFrame:
    """Facts as they came (COLUMNS)."""
    # Looking at each takes longer than asking which types there are, and all mostly are numbers.
    all_numbers = set(map(type, numbers)) <= NUMBERS
    told = [True] * len(numbers) if all_numbers else [type(number) in NUMBERS for number in numbers]
    columns: tuple[list[Any], ...] = ([*map(str, numbers)], told, has_start, *texts)
    # A dictionary of lists takes half as long again.
    return pl.DataFrame([pl.Series(*named, dtype=COLUMNS[named[0]]) for named in zip(COLUMNS, columns, strict=True)])


def _keys(document: _Document, rows: int) -> int:
    """How many keys were read, but for those that a fact may leave out."""
    tags = [tag for taxonomy in document.facts.values() for tag in taxonomy.values()]
    always = len(TOP_KEYS) + len(tags) * len(TAG_KEYS) + rows * (len(ROW_KEYS) - len(OPTIONAL))
    return always + len(document.facts) + len(tags) + sum(len(tag.units) for tag in tags)


def _words(document: _Document) -> Iterator[str | None]:
    yield document.entityName
    for taxonomy in document.facts.values():
        for tag in taxonomy.values():
            yield from (tag.label, tag.description)


def cik_of(payload: bytes) -> str:
    """The CIK that a document states, without leading zeros; empty where it states none, or is no document."""
    try:
        body = AS_IT_COMES.decode(payload)
    except (ValueError, RecursionError):
        return ""
    return _cik(body.get("cik", "")) if isinstance(body, dict) else ""


def read_document(payload: bytes, capture: Capture) -> dict[str, Any]:
    """A document as it comes. Raises SourceChanged for a notice, half a document, something without facts."""
    try:
        body = AS_IT_COMES.decode(payload)
    except (ValueError, RecursionError) as error:
        raise changed(f"not a JSON document: {error}", "", capture) from error
    if not isinstance(body, dict) or not isinstance(body.get("facts"), dict):
        raise changed("no object with facts", "/facts", capture)
    return body


def changed(message: str, place: str, capture: Capture) -> SourceChanged:
    """That a payload is not what the source's documents are."""
    return SourceChanged(
        message,
        source=capture.source,
        place=f"{capture.scope}{place}",
        remedy="fetch it again, and look at it: a refusal page, a cut transfer, or a new shape to be read",
    )


def _as_it_comes(payload: bytes, capture: Capture, admitted: Callable[[str], None]) -> Facts:
    body = read_document(payload, capture)
    facts = Facts(_cik(body.get("cik", "")))
    admitted(facts.cik)
    rows = list[dict[str, Any]]()
    for taxonomy, tag, unit, run in _units(body["facts"], facts, capture):
        if not isinstance(run, list) or not set(map(type, run)) <= {dict}:
            raise changed("not a list of facts", _pointer(taxonomy, tag, unit), capture)
        rows += run
        _add_run(facts, taxonomy, tag, unit, len(run))
    facts.unknown |= {f"fact/{key}" for key in set().union(*rows) - ROW_KEYS}
    facts.unknown |= {f"/{key}" for key in set(body) - TOP_KEYS}
    facts.table = _table(
        [row.get("val") for row in rows], ["start" in row for row in rows], [_texts(name, rows) for name in TEXTS]
    )
    tags = [tag for taxonomy in body["facts"].values() for tag in taxonomy.values()]
    keys = len(body) + len(body["facts"]) + sum(map(len, body["facts"].values())) + sum(map(len, rows))
    keys += sum(len(tag) + len(tag["units"]) for tag in tags)
    words = [body.get("entityName"), *(tag.get(name) for tag in tags for name in ("label", "description"))]
    _refuse_repeated_keys(payload, keys, words, capture)
    return facts


def _texts(name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """What is no text is null."""
    found = [row.get(name) for row in rows]
    return [text if type(text) is str else None for text in found]


def _units(taxonomies: dict[str, Any], facts: Facts, capture: Capture) -> Iterator[tuple[str, str, str, Any]]:
    for taxonomy, tags in taxonomies.items():
        if not isinstance(tags, dict):
            raise changed("not an object of tags", f"/facts/{_escaped(taxonomy)}", capture)
        for tag, body in tags.items():
            if not isinstance(body, dict) or not isinstance(body.get("units"), dict):
                raise changed("no units", f"/facts/{_escaped(taxonomy)}/{_escaped(tag)}", capture)
            facts.unknown |= {f"tag/{key}" for key in body.keys() - TAG_KEYS}
            for unit, rows in body["units"].items():
                yield taxonomy, tag, unit, rows


def _add_run(facts: Facts, taxonomy: str, tag: str, unit: str, number: int) -> None:
    if number:
        facts.runs.append((f"{taxonomy}:{tag}", unit, f"{_pointer(taxonomy, tag, unit)}/", number))


def _pointer(taxonomy: str, tag: str, unit: str) -> str:
    return f"/facts/{_escaped(taxonomy)}/{_escaped(tag)}/units/{_escaped(unit)}"


def _escaped(part: str) -> str:
    """One reference token of a JSON pointer (RFC 6901): the unit USD/shares holds a slash."""
    return part.replace("~", "~0").replace("/", "~1")


def _refuse_repeated_keys(payload: bytes, read: int, words: Iterable[Any], capture: Capture) -> None:
    """Raises SourceChanged for a key with two values: the second has silently won.

    Reading a document key by key takes ten times as long. So the keys that are written are counted against those that were
    `read`, and only where the numbers differ it is read so. Each key has a colon, and without escapes the others stand in the
    `words` of a filer and its tags as they were read.
    """
    if b"\\" not in payload:
        in_words = sum(text.count(":") for text in words if isinstance(text, str))
        if payload.count(b":") == read + in_words:
            return
    # Without an escaped quote every quote before a colon, spaces aside, ends a key.
    escaped = b"\\" in payload and b'\\"' in payload
    if read == (len(KEY.findall(payload)) if escaped else payload.translate(None, SPACES).count(b'":')):
        return
    try:
        parse_json(payload)
    except ValueError as error:
        raise changed(f"not a JSON document to read: {error}", "", capture) from error


def _cik(stated: Any) -> str:
    return str(stated).lstrip("0")
