"""The tagged facts of one XBRL document, inline (XHTML) or classic (an instance), read as a stream.

Expat hands over one element at a time and no tree is built, so memory holds the facts and not the page. Entities of
any kind are refused where they are declared: neither an expansion bomb nor an address outside the document is ever
followed. Contexts and units may stand before or after the facts; they are put together at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO
from xml.parsers import expat

from transforms.filings.shown_text import hides, raises, shown
from transforms.filings.xbrl_document import Context, Document, Fact, Fault, Passage, Unreadable
from transforms.filings.xbrl_values import UNSTATED, decimals_of, number_of, plain_number

CHUNK = 1 << 16
INLINE = ("http://www.xbrl.org/2013/inlineXBRL", "http://www.xbrl.org/2008/inlineXBRL")
INSTANCE = "http://www.xbrl.org/2003/instance"
DIMENSIONS = "http://xbrl.org/2006/xbrldi"
NIL = "http://www.w3.org/2001/XMLSchema-instance nil"
XHTML = "http://www.w3.org/1999/xhtml"
SUPERSCRIPT = f"{XHTML} sup"
UNSEEN = frozenset({"header", "hidden"})
LONGEST_NAME = 64
BLOCKS = frozenset(f"{XHTML} {name}" for name in ("p", "div", "td", "th", "tr", "li", "table", "h1", "h2", "h3", "br"))
# The year in the address of a public taxonomy changes, its prefix is conventional: us-gaap for .../us-gaap/2024.
PUBLIC = re.compile(r"http://(?:fasb\.org|xbrl\.us|xbrl\.sec\.gov|xbrl\.fasb\.org)/([a-z-]+)/[0-9-]+")


@dataclass(slots=True)
class _Raw:
    """A fact as it stood, before its context is known."""

    concept: str
    context_id: str
    unit_id: str
    kind: str  # nonFraction, nonNumeric, fraction; item in a classic instance
    attributes: dict[str, str]
    excluded: int
    parts: list[str] = field(default_factory=list)
    raised: bool = False  # a superscript stands in it: 69,632 with a footnote's 1 reads as another number


@dataclass(slots=True)
class _Parts:
    """A context or a unit while it is being read."""

    identifier: str = ""
    members: list[str] = field(default_factory=list)
    start: str = ""
    end: str = ""
    unread: str = ""  # what makes it say more than can be read here
    measures: list[str] = field(default_factory=list)
    denominator: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Shared:
    """What the documents of one filing may refer to in each other."""

    contexts: dict[str, Context | None] = field(default_factory=dict)
    units: dict[str, _Parts] = field(default_factory=dict)
    continuations: dict[str, _Raw] = field(default_factory=dict)


def read_document(stream: BinaryIO, wanted_text: Callable[[str], bool], phrase: str) -> Document:
    """All numbers, the texts of wanted concepts (prefix:Name), and the passages of an inline page with the phrase.

    Raises Unreadable for what is not well-formed XML (a page cut off, plain HTML), has entities, or holds no
    XBRL at all. A single fact that cannot be read is a fault and the others stand.
    """
    return read_filed_together([stream], wanted_text, phrase)[0]


def read_filed_together(streams: Sequence[BinaryIO], wanted_text: Callable[[str], bool], phrase: str) -> list[Document]:
    """The documents of one filing, which are one report: what a fact refers to may stand in any. See read_document."""
    readers = []
    for index, stream in enumerate(streams):
        try:
            readers.append(_gathered(stream, _Reader(wanted_text, phrase)))
        except Unreadable as error:
            error.document = index
            raise
    shared = _Shared()
    for reader in readers:
        reader.share(shared)
    return [reader.document(shared) for reader in readers]


def _gathered(stream: BinaryIO, reader: _Reader) -> _Reader:
    """The reader once it has met every element. Raises Unreadable."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartNamespaceDeclHandler = reader.namespace
    parser.EntityDeclHandler = _no_entity
    parser.ExternalEntityRefHandler = _no_entity
    # Behind a DOCTYPE whose declarations lie elsewhere, expat leaves an entity out in silence: 1&period;5 would be 15.
    parser.SkippedEntityHandler = _no_entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable(f"not whole, well-formed XML: {error}") from error
    except (LookupError, UnicodeError) as error:
        raise Unreadable(f"its encoding cannot be read: {error}") from error
    reader.finish()
    return reader


def _no_entity(*_: object) -> int:
    raise Unreadable("it has XML entities, which no filing may")


class _Reader:
    """The handlers of the parser, and what they have gathered."""

    def __init__(self, wanted_text: Callable[[str], bool], phrase: str) -> None:
        self._wanted_text = wanted_text
        self._phrase = phrase
        self._prefixes: dict[str, str] = {}
        self._namespaces: dict[str, str] = {}
        self._contexts: dict[str, _Parts] = {}
        self._own: dict[str, Context | None] = {}
        self._units: dict[str, _Parts] = {}
        self._raw: list[_Raw] = []
        self._open: list[_Raw] = []
        self._ends: list[_Raw | None] = []  # for each open element the fact it ends, if any
        self._continuations: dict[str, _Raw] = {}
        self._excluded = 0
        self._part: _Parts | None = None
        self._in_denominator = False
        self._axis = ""
        self._words: list[str] = []
        self._text: list[str] = []
        self._block = 0
        self._unseen_from: int | None = None  # how many elements were open when one began that no browser shows
        self._tagged = False
        self._known = False
        self._inline = False
        self._document = Document()

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        """Canonical prefixes for public taxonomies, the document's own for the company's."""
        found = PUBLIC.fullmatch(uri or "")
        self._namespaces[prefix or ""] = uri or ""
        self._prefixes[uri or ""] = found[1] if found else prefix or ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        uri, _, local = name.rpartition(" ")
        style = attributes.get("style", "")
        raised = name == SUPERSCRIPT or (style != "" and raises(style, local))
        if self._unseen_from is None and (raised or (style and hides(style)) or (uri in INLINE and local in UNSEEN)):
            self._unseen_from = len(self._ends)
        if raised:
            for fact in self._open:
                fact.raised = True
        if uri in INLINE:
            self._start_inline(local, attributes)
        elif uri in {INSTANCE, DIMENSIONS}:
            self._start_instance(local, attributes)
        elif "contextRef" in attributes:
            self._fact("item", self._canonical(uri, local), attributes)
        else:
            if self._part is not None and not self._axis:
                self._part.unread = f"{local} is no dimension"
            elif name in BLOCKS:
                self._flush()
            self._ends.append(None)

    def end(self, name: str) -> None:
        fact = self._ends.pop()
        if self._unseen_from == len(self._ends):
            self._unseen_from = None
        if fact is not None:
            self._open.remove(fact)
        uri, _, local = name.rpartition(" ")
        if name in BLOCKS:
            self._flush()
        elif uri in INLINE and local == "exclude":
            self._excluded -= 1
        elif self._part is not None:
            self._end_part(uri, local)

    def data(self, text: str) -> None:
        if self._part is not None:
            self._text.append(text)
            return
        for fact in self._open:
            if fact.excluded == self._excluded:
                fact.parts.append(text)
        if (
            self._inline and self._unseen_from is None
        ):  # a classic instance holds its pages as escaped text, which is not read
            self._words.append(text)

    def finish(self) -> None:
        """The end of the document. Raises Unreadable when there was no XBRL."""
        if not self._known:
            raise Unreadable("it holds no XBRL: neither inline tags nor an instance")
        self._flush()
        self._document.inline = self._inline

    def share(self, shared: _Shared) -> None:
        """Lays out what other documents may refer to; of one name the first document's counts."""
        self._own = {ident: self._context(ident, parts) for ident, parts in self._contexts.items()}
        shared.contexts |= self._own | shared.contexts
        shared.units |= self._units | shared.units
        shared.continuations |= self._continuations | shared.continuations

    def document(self, shared: _Shared) -> Document:
        """Everything put together; its own contexts, units and continuations come before the others'."""
        contexts = shared.contexts | self._own
        self._units = shared.units | self._units
        self._continuations = shared.continuations | self._continuations
        for index, raw in enumerate(self._raw):
            ident = raw.attributes.get("id", "")
            # Some tools write names of three hundred letters: the fact's place among the facts read is as good.
            place = ident if 0 < len(ident) <= LONGEST_NAME else f"@{index}"
            locator = f"{raw.context_id}#{raw.concept}#{place}"
            try:
                fact = self._resolved(raw, contexts, locator)
            except ValueError as error:
                self._document.faults.append(Fault(locator, str(error)))
            else:
                if fact is not None:
                    self._document.facts.append(fact)
        return self._document

    def _start_inline(self, local: str, attributes: dict[str, str]) -> None:
        self._known = self._inline = True
        if local in {"nonFraction", "nonNumeric", "fraction"}:
            self._fact(local, self._name(attributes.get("name", "")), attributes)
            return
        if local == "exclude":
            self._excluded += 1
        if local == "continuation":
            # Only chains of wanted texts are read in the end, but a chain may be met before its beginning.
            raw = _Raw("", "", "", local, attributes, self._excluded)
            self._continuations[attributes.get("id", "")] = raw
            self._open.append(raw)
            self._ends.append(raw)
        else:
            self._ends.append(None)

    def _start_instance(self, local: str, attributes: dict[str, str]) -> None:
        self._ends.append(None)
        self._text = []
        if local in {"xbrl", "context", "unit"}:
            self._known = True
        if local in {"context", "unit"}:
            self._part = _Parts()
            (self._contexts if local == "context" else self._units)[attributes.get("id", "")] = self._part
        elif local in {"explicitMember", "typedMember"}:
            self._axis = self._name(attributes.get("dimension", ""))
        elif local == "unitDenominator":
            self._in_denominator = True
        elif local == "forever" and self._part is not None:
            self._part.unread = "its period is forever"
        elif local == "numerator" and self._open:
            self._open[-1].kind = "fraction"

    def _end_part(self, uri: str, local: str) -> None:
        part, text = self._part, "".join(self._text).strip()
        if part is None or uri not in {INSTANCE, DIMENSIONS}:
            return  # the element inside a typed member: its text is kept for the member's end
        match local:
            case "context" | "unit":
                self._part = None
            case "identifier":
                part.identifier = text
            case "explicitMember":
                part.members.append(f"{self._axis}={self._name(text)}")
                self._axis = ""
            case "typedMember":
                part.members.append(f"{self._axis}={text}")
                self._axis = ""
            case "instant" | "endDate":
                part.end = text
            case "startDate":
                part.start = text
            case "measure":
                (part.denominator if self._in_denominator else part.measures).append(text.rpartition(":")[2])
            case "unitDenominator":
                self._in_denominator = False
        self._text = []

    def _fact(self, kind: str, concept: str, attributes: dict[str, str]) -> None:
        raw = _Raw(
            concept, attributes.get("contextRef", ""), attributes.get("unitRef", ""), kind, attributes, self._excluded
        )
        numeric = kind in {"nonFraction", "fraction"} or (kind == "item" and raw.unit_id != "")
        if not (numeric or self._wanted_text(concept)):
            self._ends.append(None)
            return
        self._tagged |= numeric
        self._raw.append(raw)
        self._open.append(raw)
        self._ends.append(raw)

    def _flush(self) -> None:
        """The end of a block of text: it is kept when it holds the phrase."""
        if self._words:
            text = "".join(self._words)
            if self._phrase in text:
                self._document.passages.append(Passage(self._block, shown(text), self._tagged))
            if text.strip():
                self._block += 1
            self._words = []
            self._tagged = False

    def _canonical(self, uri: str, local: str) -> str:
        prefix = self._prefixes.get(uri, "")
        return f"{prefix}:{local}" if prefix else local

    def _name(self, qualified: str) -> str:
        """us-gaap:Revenues, whatever prefix the document binds to that taxonomy."""
        prefix, _, local = qualified.strip().rpartition(":")
        uri = self._namespaces.get(prefix)
        return self._canonical(uri, local) if uri is not None else qualified.strip()

    def _context(self, ident: str, parts: _Parts) -> Context | None:
        if parts.unread:
            self._document.faults.append(Fault(ident, parts.unread))
            return None
        try:
            start = date.fromisoformat(parts.start) if parts.start else None
            end = date.fromisoformat(parts.end)
        except ValueError:
            self._document.faults.append(Fault(ident, f"the period {parts.start}..{parts.end} is not in dates"))
            return None
        if start is not None and start > end:
            self._document.faults.append(Fault(ident, f"the period {start}..{end} ends before it starts"))
            return None
        return Context(parts.identifier, ";".join(sorted(parts.members)), start, end)

    def _resolved(self, raw: _Raw, contexts: dict[str, Context | None], locator: str) -> Fact | None:
        """The fact with its context and value, or None for a nil. Raises ValueError."""
        if raw.attributes.get(NIL) in {"true", "1"}:
            return None
        if raw.kind == "fraction":
            raise ValueError("fractions are not read")
        context = contexts.get(raw.context_id)
        if context is None:
            raise ValueError(f"the context {raw.context_id} is missing or cannot be read")
        text = "".join(self._chain(raw))
        given = raw.attributes
        format_name = given.get("format", "")
        if raw.kind == "nonNumeric" or not raw.unit_id:
            return Fact(raw.concept, context, "", None, " ".join(text.split()), format_name, UNSTATED, locator)
        if raw.kind == "nonFraction":
            if raw.raised:
                raise ValueError(f"a superscript stands in the number {text[:40]!r}")
            value = number_of(text, format_name, given.get("scale", ""), given.get("sign", ""))
        else:
            value = plain_number(text)
        decimals = decimals_of(given.get("decimals", ""))
        return Fact(raw.concept, context, self._unit(raw.unit_id), value, "", format_name, decimals, locator)

    def _chain(self, raw: _Raw) -> Iterator[str]:
        """The text of a fact and of its continuations. Raises ValueError when the chain breaks or runs in a circle."""
        seen: set[str] = set()
        link: _Raw = raw
        while True:
            yield from link.parts
            following = link.attributes.get("continuedAt", "")
            if not following:
                return
            if following in seen or following not in self._continuations:
                raise ValueError(f"the continuation {following} is missing or repeated")
            seen.add(following)
            link = self._continuations[following]

    def _unit(self, ident: str) -> str:
        """USD, shares, USD/shares, pure: as company facts name units. Raises ValueError."""
        unit = self._units.get(ident)
        if unit is None or not unit.measures:
            raise ValueError(f"the unit {ident} is missing")
        above, below = "*".join(unit.measures), "*".join(unit.denominator)
        return f"{above}/{below}" if below else above
