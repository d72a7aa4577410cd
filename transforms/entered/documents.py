"""What every hand-entered file shares: the documents a person read, and when each of them was public."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from config.declared import Spec

NEW_YORK = "America/New_York"

Medium = Literal["earnings_release", "earnings_call", "filing", "article"]

# A release is furnished to the SEC, and a filing accepted, by 17:30; Microsoft's calls begin at 17:30 and last an hour.
PROVEN_AT: Mapping[str, time] = {
    "earnings_release": time(17, 30),
    "filing": time(17, 30),
    "earnings_call": time(18, 30),
}
FORMS: Mapping[str, str] = {"earnings_release": "release", "earnings_call": "call", "article": "article"}
# Among documents known at one instant the audited one speaks last. A revision outranks every kind of document.
RANKS: Mapping[str, int] = {"filing": 3, "earnings_release": 2, "earnings_call": 1, "article": 0}
REVISION_RANK = 10


class Document(Spec):
    """One document that was read. `published_on` is a date in the place of publication."""

    medium: Medium
    published_on: date
    tier: int = Field(ge=1, le=3)
    url: str = Field("", description="address a person can open; empty where there is none, and `note` says so")
    form: str = Field("", description="kind of filing (10-K, 10-Q, 8-K); required for a filing")
    note: str = ""

    @field_validator("url")
    @classmethod
    def _opens(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s()]+", url):
            raise ValueError("not an address a person can open; leave it empty and say so in note")
        return url

    @model_validator(mode="after")
    def _complete(self) -> Document:
        if not self.url and not self.note:
            raise ValueError("without an address the note must say where the document was read")
        if (self.medium == "filing") != bool(self.form):
            raise ValueError("a filing names its form, other media do not")
        return self


def known_zone(zone: str) -> str:
    """The name of an IANA time zone, or ValueError."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{zone!r} is not an IANA time zone") from error
    return zone


def form_of(document: Document) -> str:
    """The kind of document as the store calls it: 10-K, call, release, article."""
    return document.form or FORMS[document.medium]


def rank_of(document: Document, revision: int) -> int:
    """form_rank of what the document states; a raised revision wins over every document."""
    return RANKS[document.medium] + REVISION_RANK * revision


def known_at(document: Document, zone: str) -> tuple[datetime, str]:
    """When the public could know it, as naive UTC, and the sentence that says how that is proved."""
    clock = PROVEN_AT.get(document.medium)
    if clock is None:
        return end_of_day(document.published_on, zone), f"{document.medium}: end of published_on, {zone}"
    local = datetime.combine(document.published_on, clock, ZoneInfo(NEW_YORK))
    return _naive_utc(local), f"{document.medium}: published_on {clock:%H:%M}, {NEW_YORK}"


def end_of_day(day: date, zone: str) -> datetime:
    """The end of a day in a zone, as naive UTC: only the day is proved, so nothing was known before it was over."""
    return _naive_utc(datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)))


def _naive_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
