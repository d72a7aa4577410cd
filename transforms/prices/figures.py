"""What every price list needs: a figure read from its text, one price for each series, and the rows made of them.

Figures are read with Decimal from the text of the payload and rounded once, to USD (or the quoted currency) per million
tokens; `value_exact` keeps the text. Zero, null and the sentinels a list declares are no price: the row is `absent`.
Two different prices for one series are no price either, and one quarantined issue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from config.contracts import TOKEN_PRICE, Capture, Issue, Parsed
from config.errors import SourceChanged, writable
from config.parsing import once
from config.specs import SourceSpec

PER_TOKEN = 1
PER_THOUSAND = 1_000
PER_MILLION = 1_000_000
_COUNT = re.compile(r"[0-9]{1,12}")


class Number(str):
    """The text of a number as written, told apart from other text."""

    __slots__ = ()


class Price(NamedTuple):
    """One price to be: `value` per million tokens, `exact` as written; `problem` when it is quarantined."""

    value: float | None
    exact: str | None
    note: str | None = None
    problem: str = ""


# Stands for a price from the day on which it is not asked any more, by the list's own word.
ENDED = Price(None, None, "ended by the list's own word")


class Key(NamedTuple):
    """A series, and the day from which a list documents the price to hold (None: it is shown as holding)."""

    provider: str
    listing: str
    token_kind: str
    price_tier: str = "standard"
    currency: str = "USD"
    valid_from: date | None = None
    hours_utc: str | None = None
    weekdays: str | None = None


class Stated(NamedTuple):
    """One price as written: which series, where it stands, and what stands there."""

    key: Key
    locator: str
    content: Any
    note: str | None = None


def read_json(payload: bytes, source: str) -> Any:
    """The payload as JSON, its numbers kept as text. Raises SourceChanged when it is not JSON, or states a key twice."""
    try:
        return json.loads(
            payload.decode("utf-8-sig"),
            parse_float=Number,
            parse_int=Number,
            parse_constant=Number,
            object_pairs_hook=once,
        )
    except (ValueError, RecursionError) as error:
        raise changed(f"not readable as JSON: {error}", source) from error


def changed(message: str, source: str, place: str = "") -> SourceChanged:
    """The payload is not the price list it should be."""
    remedy = "open the address: a moved file, another page or an error page must not be read as a price list"
    return SourceChanged(message, source=source, place=place, remedy=remedy)


def pointer(*parts: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


@lru_cache(maxsize=65536)
def per_mtok(text: str, tokens: int) -> Price:
    """The price of a million tokens from that of `tokens`, as written. Exact arithmetic, rounded once to a float."""
    try:
        figure = Decimal(text)
        if not figure.is_finite():
            return Price(None, None, problem="not a finite number")
        if figure < 0:
            return Price(None, None, problem="negative price")
        if figure == 0:
            return Price(None, None, "stated as zero: free or unknown")
        value = float(figure * (PER_MILLION // tokens))
    except ArithmeticError:
        return Price(None, None, problem="not a finite number")
    if not 0 < value < float("inf"):
        return Price(None, None, problem="not a finite number")
    return Price(value, text)


def one_price(content: Any, tokens: int) -> Price:
    """The price that stands in one place. Only a Number is a price; null states that there is none."""
    if type(content) is Number:
        return per_mtok(str(content), tokens)
    if content is None:
        return Price(None, None, "stated as null")
    if isinstance(content, Price):
        return content
    return Price(None, None, problem="not a number")


def settle(contents: list[Any], tokens: int) -> Price:
    """The one price of a series from everything stated for it; differing statements are a problem, not a choice."""
    first = one_price(contents[0], tokens)
    if all(one_price(other, tokens)[::3] == first[::3] for other in contents[1:]):
        return first
    return Price(None, None, problem="several prices for one token kind")


def parsed_of(stated: Iterable[Stated], issues: list[Issue], capture: Capture, spec: SourceSpec, tokens: int) -> Parsed:
    """Rows of token_price, one for each series and documented day. Quarantined prices are issues and `absent` rows."""
    series: dict[Key, list[Stated]] = {}
    for one in stated:
        named = (one.key.provider, one.key.listing, one.key.price_tier)
        if all(name and name.isprintable() for name in named):
            series.setdefault(one.key, []).append(one)
        else:
            issues.append(Issue("unreadable listing", one.locator[:200], ascii(" ".join(named))[:200]))
    if not series:
        raise changed("nothing in it is a token price", spec.id)
    rows = [_row(key, found, tokens, issues) for key, found in series.items()]
    frame = pl.DataFrame(rows, schema_overrides=_types(rows), infer_schema_length=None).with_columns(
        source_url=pl.lit(capture.url), evidence_tier=pl.lit(spec.tier, dtype=pl.Int32)
    )
    return Parsed(TOKEN_PRICE.complete(frame), tuple(issues))


def _types(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: dtype for name, dtype in TOKEN_PRICE.stated_schema.items() if name in rows[0]}


def _row(key: Key, found: list[Stated], tokens: int, issues: list[Issue]) -> dict[str, Any]:
    value, exact, note, problem = settle([one.content for one in found], tokens)
    if problem:
        written = ", ".join(_written(one.content) for one in found[:5])
        issues.append(Issue(problem, found[0].locator, f"{key.provider} {key.listing} {key.token_kind}: {written}"))
        note = f"quarantined: {problem}"
    return {
        **key._asdict(),
        "valid_from_basis": "documented" if key.valid_from else "first_seen",
        "value": value,
        "value_exact": None if problem else exact,
        "status": "absent" if value is None else "reported",
        "absence": "quarantined"
        if problem
        else "ended"
        if found[0].content is ENDED
        else "no_price"
        if value is None
        else None,
        "locator": writable(found[0].locator),
        "note": note or found[0].note,
    }


def _written(content: Any) -> str:
    """What stands in one place, for a person to read; of a price with a problem, what the problem is of."""
    if isinstance(content, Price):
        return content.exact or content.note or ""
    return ascii(content)[:60]


def context_tier(tokens: int) -> str:
    """The name of the tier above so many tokens of context: 272000 gives above_272k."""
    return f"above_{tokens // 1000}k"


def context_size(stated: Any) -> int | None:
    """So many tokens of context, as a list states them; None where that is no count."""
    return int(stated) if type(stated) is Number and _COUNT.fullmatch(stated) else None
