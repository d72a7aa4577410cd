"""What an XBRL document says: facts with their contexts, passages of its text, and what of it could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Unreadable(Exception):
    """Not a whole, well-formed XBRL document. The message says what is wrong; `document`: which of several it is."""

    document = 0


class Context(NamedTuple):
    """Whom, which part and which period a fact is about."""

    identifier: str
    dimensions: str
    start: date | None
    end: date | None


class Fact(NamedTuple):
    """One number (value set) or one wanted text (text set) with the context and unit it refers to."""

    concept: str
    context: Context
    unit: str
    value: Decimal | None
    text: str
    format_name: str
    decimals: int
    locator: str


class Passage(NamedTuple):
    """One block of text of an inline page. `tagged`: some of its numbers are facts."""

    block: int
    text: str
    tagged: bool


class Fault(NamedTuple):
    """A fact that could not be read, and why."""

    locator: str
    reason: str


@dataclass(slots=True)
class Document:
    """What a document holds. `passages`: the blocks of text with the phrase asked for."""

    facts: list[Fact] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    inline: bool = False
