"""Hand-entered events: what happened or was said on a day, coded in one word, told by one document or several.

One YAML file, config/analyst/events_<subject>.yml. Claims read the code and the numbers, never the sentences; the
vocabulary of topics and codes is declared in the file itself, so that a slip of a code is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from config.contracts import EVENT, Capture, Parsed
from config.declared import Spec
from config.errors import Refused
from config.load import build
from config.parsing import parse_yaml
from config.specs import Catalog
from transforms.entered.documents import NEW_YORK, Document, form_of, known_at, known_zone, rank_of


class Event(Spec):
    """One thing that happened, in two sentences of ours, with its number if it has one."""

    topic: str
    subject: str
    code: str
    day: date = Field(description="the day, or the first on which it can have happened")
    until: date | None = Field(
        None, description="the last day on which it can have happened, where the day is not exact"
    )
    told_by: tuple[str, ...] = Field(min_length=1, description="the documents that tell it")
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    en: str = Field(min_length=15)
    zh: str = Field(min_length=6)
    status: Literal["reported", "estimated", "withdrawn"] = "reported"
    revision: int = Field(0, ge=0, description="raise by one whenever an event already loaded is corrected")
    note: str = ""

    @model_validator(mode="after")
    def _holds_together(self) -> Event:
        numbers = [number for number in (self.low, self.value, self.high) if number is not None]
        if numbers != sorted(numbers):
            raise ValueError("low, value and high are not in order")
        if bool(numbers) != (self.unit is not None):
            raise ValueError("a number has a unit, and a unit a number")
        if self.until is not None and self.until < self.day:
            raise ValueError("until lies before day")
        if self.status == "withdrawn" and not (self.revision and self.note):
            raise ValueError("a withdrawn event needs a revision above 0 and a note that says why")
        return self


class EventFile(Spec):
    """config/analyst/events_<subject>.yml."""

    entered_by: str
    entered_on: date
    zone: str = Field(NEW_YORK, description="zone of articles' dates")
    topics: Mapping[str, tuple[str, ...]] = Field(min_length=1, description="topic -> the codes it knows")
    documents: Mapping[str, Document] = Field(min_length=1)
    events: Mapping[str, Event] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return known_zone(zone)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:  # noqa: ARG001  one signature for all sources
    """Rows of event, one for each event and document; capture.scope is the file's name.

    Raises Refused, naming the file and the key, for an unknown topic, code or document, and for a document that tells
    an event before it can have happened.
    """
    place = capture.scope
    file = build(EventFile, parse_yaml(payload, place), place)
    rows = [_row(file, name, event, document, place) for name, event, document in _told(file, place)]
    told = {document for event in file.events.values() for document in event.told_by}
    if unused := set(file.documents) - told:
        raise _refused(place, f"documents that tell nothing: {sorted(unused)}", "remove them or name them in told_by")
    return Parsed(EVENT.frame(rows))


def _told(file: EventFile, place: str) -> Iterator[tuple[str, Event, str]]:
    for name, event in file.events.items():
        at = f"{place}#/events/{name}"
        if event.code not in file.topics.get(event.topic, ()):
            raise _refused(at, f"{event.topic}: {event.code} is not under topics", "declare it there, or mend the word")
        for document in event.told_by:
            if document not in file.documents:
                raise _refused(at, f"document {document!r} is not under documents", "describe it there")
            if file.documents[document].published_on < event.day and event.code != "announced":
                raise _refused(at, f"{document} was published before {event.day}", "mend the dates")
            yield name, event, document


def _row(file: EventFile, name: str, event: Event, document_id: str, place: str) -> dict[str, Any]:
    document = file.documents[document_id]
    instant, basis = known_at(document, file.zone)
    return {
        "event": name,
        "topic": event.topic,
        "subject": event.subject,
        "code": event.code,
        "happened_on": event.day,
        "happened_until": event.until or event.day,
        "unit": event.unit,
        "statement_en": event.en,
        "statement_zh": event.zh,
        "form": form_of(document),
        "value": _float(event.value),
        "value_exact": None if event.value is None else format(event.value, "f"),
        "value_low": _float(event.low),
        "value_high": _float(event.high),
        "status": event.status,
        "known_at": instant,
        "known_at_basis": basis,
        "form_rank": rank_of(document, event.revision),
        "document_id": document_id,
        "locator": f"{place}#/events/{name}/{document_id}",
        "source_url": document.url or None,
        "evidence_tier": document.tier,
        "note": " ".join(part for part in (event.note, document.note, f"Entered by {file.entered_by}.") if part),
    }


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _refused(place: str, message: str, remedy: str) -> Refused:
    return Refused(message, source="analyst_events", place=place, remedy=remedy)
