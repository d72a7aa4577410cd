"""Price announcements typed in by a person: what a seller said a token costs, and from which day on.

One YAML file holds one seller: the documents read, and the prices each of them states, per million tokens. The file is
the project's own, so a slip in it is Refused whole. A price that was called off stands with status `withdrawn`, and the
document that calls it off states the price that goes on, too: a document says nothing of days it does not name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from config.contracts import TOKEN_PRICE, Capture, Issue, Parsed
from config.declared import Spec
from config.load import build
from config.parsing import parse_yaml
from config.specs import Catalog

BASIS = "document_date_end"


class Price(Spec):
    """The prices of one listing from `valid_from` on (a date in the seller's zone), each as it is written."""

    listing: str
    valid_from: date
    currency: Literal["USD", "CNY", "EUR"]
    tier: str = "standard"
    hours_utc: str | None = None
    weekdays: str | None = Field(None, description="weekdays (UTC) of those hours, Mon-Fri; None: every day")
    status: Literal["reported", "withdrawn", "absent"] = "reported"
    note: str | None = None
    per_mtok: dict[str, str] = Field(description="token kind -> price per million tokens, digit for digit")

    @field_validator("per_mtok")
    @classmethod
    def _are_prices(cls, stated: dict[str, str]) -> dict[str, str]:
        for kind, price in stated.items():
            try:
                if not (Decimal(price).is_finite() and Decimal(price) > 0):
                    raise ValueError(f"{kind}: {price} is no price")
            except InvalidOperation as error:
                raise ValueError(f"{kind}: {price!r} is not a number") from error
        return stated


class Document(Spec):
    """One document: `published_on` is the day by which the public could read it, in the seller's zone."""

    published_on: date
    tier: int = Field(ge=1, le=3)
    url: str
    note: str | None = None
    promised_until: date | None = Field(
        None, description="the day until which at least the prices hold; what follows is not announced"
    )
    prices: tuple[Price, ...] = Field(min_length=1)


class Announcements(Spec):
    """One file of config/announcements."""

    provider: str
    zone: str
    documents: dict[str, Document]

    @field_validator("zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {zone!r}") from error
        return zone


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:  # noqa: ARG001  every parser's signature
    """Rows of token_price, per million tokens in the currency quoted; known_at is the end of the document's day.

    A price that is promised for a time and has no announced end stays in force, and is told in a notice.
    """
    place = capture.url or capture.scope
    stated = build(Announcements, parse_yaml(payload, place), place)
    return Parsed(TOKEN_PRICE.frame(list(_rows(stated))), tuple(_promises(stated)))


def _promises(stated: Announcements) -> Iterator[Issue]:
    for document_id, document in stated.documents.items():
        if document.promised_until:
            listings = ", ".join(dict.fromkeys(price.listing for price in document.prices))
            yield Issue(
                "a promised price without an announced end", document_id,
                f"{stated.provider} {listings}: promised until {document.promised_until} at least; the price stays in force until a list "
                "shows another or what follows is announced", "notice",
            )  # fmt: skip


def _rows(stated: Announcements) -> Iterator[dict[str, Any]]:
    for document_id, document in stated.documents.items():
        known_at = _end_of_day(document.published_on, stated.zone)
        for price in document.prices:
            for kind, written in price.per_mtok.items():
                yield {
                    "provider": stated.provider, "listing": price.listing, "token_kind": kind, "price_tier": price.tier,
                    "currency": price.currency, "valid_from": price.valid_from, "valid_from_basis": "documented",
                    "hours_utc": price.hours_utc, "weekdays": price.weekdays, "value": float(Decimal(written)), "value_exact": written,
                    "status": price.status, "known_at": known_at, "known_at_basis": BASIS, "document_id": document_id,
                    "locator": f"{document_id}: {price.listing} {price.valid_from} {price.tier} {price.currency} {kind}",
                    "source_url": document.url, "evidence_tier": document.tier, "note": price.note or document.note,
                }  # fmt: skip


def _end_of_day(day: date, zone: str) -> datetime:
    following = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return following.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)
