"""Hand-entered guidance: what a company said of its own future, as a number, a date or a word.

One YAML file, config/analyst/guidance_<company>.yml. The outcome is not entered: the view `guidance` takes it from the
figures of the same metric, definition and period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from config.contracts import GUIDANCE, Capture, Parsed
from config.declared import Spec
from config.errors import Refused
from config.load import build
from config.parsing import parse_yaml
from config.specs import Catalog
from transforms.entered.documents import NEW_YORK, Document, form_of, known_at, known_zone, rank_of

NUMBERLESS = ("lower_growth", "higher_growth", "growth", "decline", "unchanged")
Bound = Literal["about", "at_least", "over", "range", "by", "lower_growth", "higher_growth", "growth", "decline", "unchanged"]  # fmt: skip


class Guide(Spec):
    """One thing guided: a number (value, or low and high), a date (earliest, latest), or a word (bound)."""

    metric: str
    definition: str
    unit: Literal["USD", "pct", "date", "words"]
    target: tuple[date, date] | None = Field(None, description="first and last day of the period guided")
    bound: Bound
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    earliest: date | None = None
    latest: date | None = None
    document: str
    en: str = Field(min_length=15)
    zh: str = Field(min_length=6)
    revision: int = Field(0, ge=0)
    note: str = ""

    @model_validator(mode="after")
    def _holds_together(self) -> Guide:
        numbers = [number for number in (self.low, self.value, self.high) if number is not None]
        if numbers != sorted(numbers):
            raise ValueError("low, value and high are not in order")
        if bool(numbers) != (self.unit in ("USD", "pct")):
            raise ValueError("a guide in USD or pct has a number, others have none")
        if (self.unit == "date") != (self.earliest is not None):
            raise ValueError("a guided date has its earliest day, others have none")
        if (self.unit == "words") != (self.bound in NUMBERLESS):
            raise ValueError(f"a guide in words says one of {', '.join(NUMBERLESS)}")
        if self.unit == "USD" and any(abs(number) < 1_000_000 for number in numbers):
            raise ValueError("write plain dollars: 30000000000")
        if self.earliest and self.latest and self.latest < self.earliest:
            raise ValueError("latest lies before earliest")
        return self


class GuidanceFile(Spec):
    """config/analyst/guidance_<company>.yml."""

    company: str
    entered_by: str
    entered_on: date
    zone: str = NEW_YORK
    documents: Mapping[str, Document] = Field(min_length=1)
    guides: tuple[Guide, ...] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return known_zone(zone)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of guidance; capture.scope is the file's name. Raises Refused, naming the file and the key."""
    place = capture.scope
    file = build(GuidanceFile, parse_yaml(payload, place), place)
    if file.company not in catalog.companies:
        raise _refused(place, f"company {file.company!r} is not in config/companies.yml", "add it there")
    seen: set[tuple[object, ...]] = set()
    for index, guide in enumerate(file.guides):
        at = f"{place}#/guides/{index}"
        if guide.document not in file.documents:
            raise _refused(at, f"document {guide.document!r} is not under documents", "describe it there")
        if guide.unit in ("USD", "pct") and guide.metric not in catalog.metrics:
            raise _refused(
                at, f"metric {guide.metric!r} is not in config/metrics.yml", "only what can come out is guided"
            )
        key = (guide.document, guide.metric, guide.definition, guide.target)
        if key in seen:
            raise _refused(at, "one document guides one thing once", "keep one; correct by `revision`")
        seen.add(key)
    return Parsed(GUIDANCE.frame([_row(file, index, guide, place) for index, guide in enumerate(file.guides)]))


def _row(file: GuidanceFile, index: int, guide: Guide, place: str) -> dict[str, Any]:
    document = file.documents[guide.document]
    instant, basis = known_at(document, file.zone)
    first, last = guide.target or (None, None)
    return {
        "company": file.company,
        "metric": guide.metric,
        "definition": guide.definition,
        "unit": guide.unit,
        "target_start": first,
        "target_end": last,
        "bound": guide.bound,
        "date_earliest": guide.earliest,
        "date_latest": guide.latest,
        "statement_en": guide.en,
        "statement_zh": guide.zh,
        "form": form_of(document),
        "value": _float(guide.value),
        "value_exact": None if guide.value is None else format(guide.value, "f"),
        "value_low": _float(guide.low),
        "value_high": _float(guide.high),
        "known_at": instant,
        "known_at_basis": basis,
        "form_rank": rank_of(document, guide.revision),
        "document_id": guide.document,
        "locator": f"{place}#/guides/{index}",
        "source_url": document.url or None,
        "evidence_tier": document.tier,
        "note": " ".join(part for part in (guide.note, document.note, f"Entered by {file.entered_by}.") if part),
    }


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _refused(place: str, message: str, remedy: str) -> Refused:
    return Refused(message, source="analyst_guidance", place=place, remedy=remedy)
