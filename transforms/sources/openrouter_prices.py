"""OpenRouter's model list (/api/v1/models): USD for one token, as strings. The seller's own interface.

-1 marks a router whose price depends on where it sends the request; `:free` variants state zero. Neither is a price.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import (
    ENDED,
    PER_TOKEN,
    Key,
    Number,
    Price,
    Stated,
    changed,
    context_size,
    context_tier,
    parsed_of,
    pointer,
    read_json,
)
from transforms.prices.hours import WEEK, minutes_of, rest_of
from transforms.prices.hours import stated as hours_as_text

PROVIDER = "openrouter"
KINDS = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "internal_reasoning": "reasoning",
    "audio": "audio_input",
}
OTHER_COSTS = frozenset({"image", "image_output", "image_token", "request", "web_search", "discount", "audio_output"})
VARIES = Price(None, None, "stated as -1: the price varies")
END = "expiration_date"
OVERRIDES = "overrides"  # prices above so many tokens of context, or in hours of the day (UTC, as HHMM)
# What describes a model and changes no price. `created` is no day of a price; of `top_provider` only sizes are told.
ABOUT_THE_MODEL = frozenset({
    "id", "canonical_slug", "name", "created", "pricing", END, "description", "context_length", "architecture",
    "top_provider", "per_request_limits", "supported_parameters", "default_parameters", "hugging_face_id", "knowledge_cutoff",
    "links", "supported_voices", "benchmarks", "reasoning", "permaslug", "endpoints", "alias_of",
})  # fmt: skip
UNNAMED = (None, *range(1, 1000))  # tiers are named by thousands of tokens
CONDITIONS = frozenset({"min_prompt_tokens", "utc_start", "utc_end"})
# Figures come as strings; long ones are refused before they are read as numbers.
_SENTINEL = re.compile(r"-1(\.0+|000000)?")
_FIGURE = re.compile(r"[-+0-9.eE]{1,40}")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is not the model list."""
    spec = catalog.sources[capture.source]
    body = read_json(payload, spec.id)
    models = body.get("data") if isinstance(body, dict) else None
    if not isinstance(models, list) or not all(isinstance(model, dict) for model in models):
        raise changed("there is no list `data` of models", spec.id)
    issues: list[Issue] = []
    return parsed_of(_stated(models, issues, capture.taken_at.date()), issues, capture, spec, PER_TOKEN)


def _stated(models: list[dict[str, Any]], issues: list[Issue], on: date) -> Iterator[Stated]:
    unknown = Counter[str]()
    gone = list[str]()
    for position, model in enumerate(models):
        at, listing, pricing = pointer("data", str(position)), model.get("id"), model.get("pricing")
        if type(listing) is not str or not isinstance(pricing, dict):
            issues.append(Issue("model without id or pricing", at, ascii(listing)[:200]))
            continue
        unknown.update(model.keys() - ABOUT_THE_MODEL)
        prices = list(_priced(listing, pricing, f"{at}/pricing", issues, unknown))
        stated, end = model.get(END), _day(model.get(END))
        if stated and end is None:
            issues.append(Issue("unreadable end of a listing", f"{at}/{END}", ascii(stated)[:200], "notice"))
        if end and end <= on:
            gone.append(listing)
        else:
            yield from prices
        if end:
            for key, first in {one.key: one for one in reversed(prices)}.items():
                dated = key._replace(valid_from=end if end > on else None, hours_utc=None)
                yield Stated(dated, first.locator, ENDED)
    if gone:
        issues.append(Issue("past its own end", "/data", f"{len(gone)} models: {', '.join(gone[:20])}", "notice"))
    issues += [Issue("unknown cost key", "/data", f"{key!a} in {n} models", "notice") for key, n in unknown.items()]


def _priced(
    listing: str, pricing: dict[str, Any], at: str, issues: list[Issue], unknown: Counter[str]
) -> Iterator[Stated]:
    """The plain prices of a model, those above so much context, and those of peak and off-peak hours."""
    overrides = pricing.get(OVERRIDES, [])
    if not isinstance(overrides, list) or not all(_is_condition(one) for one in overrides):
        issues.append(Issue("unknown condition of a price", f"{at}/{OVERRIDES}", ascii(overrides)[:200]))
        overrides = []
    timed = [(f"{at}/{OVERRIDES}/{number}", one) for number, one in enumerate(overrides) if "utc_start" in one]
    unknown.update(pricing.keys() - KINDS.keys() - OTHER_COSTS - {OVERRIDES})
    for place, prices in ((at, pricing), *_of_all_contexts(overrides, at)):
        for key in (key for key in prices if key in KINDS):
            plain = Stated(Key(PROVIDER, listing, KINDS[key]), f"{place}/{key}", _content(prices[key]))
            yield from _by_hours(plain, key, timed) if timed else [plain]
    for place, one in timed:
        for key in sorted(one.keys() & KINDS.keys() - pricing.keys()):
            issues.append(
                Issue("a price of some hours and none of the others", f"{place}/{key}", ascii(one[key])[:200])
            )
    for number, one in enumerate(overrides):
        tokens = context_size(one.get("min_prompt_tokens"))
        unknown.update(one.keys() - KINDS.keys() - CONDITIONS)
        if tokens:
            for key in sorted(one.keys() & KINDS.keys()):
                own = Key(PROVIDER, listing, KINDS[key], context_tier(tokens))
                yield Stated(own, f"{at}/{OVERRIDES}/{number}/{key}", _content(one[key]))


def _of_all_contexts(overrides: list[dict[str, Any]], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What holds from no token at all is another word for the plain price: where the two differ, neither is believed."""
    for number, one in enumerate(overrides):
        if context_size(one.get("min_prompt_tokens")) == 0:
            yield f"{at}/{OVERRIDES}/{number}", one


def _by_hours(plain: Stated, key: str, timed: list[tuple[str, dict[str, Any]]]) -> Iterator[Stated]:
    """The plain price is that of the hours in which no other is stated; the dearer hours are the peak."""
    differing: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for place, one in timed:
        if key in one and one[key] != plain.content:
            differing.setdefault(str(one[key]), []).append((place, one))
    if not differing:
        yield plain
        return
    if len(differing) > 1:
        stated = ", ".join([str(plain.content), *differing])
        yield plain._replace(content=Price(None, stated, problem="more than two prices a day"))
        return
    (found,) = differing.values()
    minutes = minutes_of((_hours(one), WEEK) for _, one in found)
    other = Stated(plain.key, f"{found[0][0]}/{key}", _content(found[0][1][key]))
    if minutes is None:
        hours = ", ".join(_hours(one) for _, one in found)
        yield plain._replace(content=Price(None, hours, problem="unreadable hours of a price"))
        return
    try:
        dearer = Decimal(str(other.content)) > Decimal(str(plain.content))
    except ArithmeticError:
        dearer = True
    for price, held, peak in ((other, minutes, dearer), (plain, rest_of(minutes), not dearer)):
        tier = "peak" if peak else "off_peak"
        yield price._replace(key=price.key._replace(price_tier=tier, hours_utc=hours_as_text(held).hours_utc))


def _is_condition(one: Any) -> bool:
    """Whether it is an override that says of which context, or of which hours, it is, and no more: figures are texts, and what
    is none under a key that nobody declared is another condition.
    """
    return (
        isinstance(one, dict)
        and all(key in KINDS or key in CONDITIONS or type(content) is str for key, content in one.items())
        and (context_size(one.get("min_prompt_tokens")) not in UNNAMED)
        != (type(one.get("utc_start")) is Number and type(one.get("utc_end")) is Number)
    )


def _hours(one: dict[str, Any]) -> str:
    """1000 and 100, as the list writes hours, as 10:00-01:00."""
    begins, ends = (str(one[name]).zfill(4) for name in ("utc_start", "utc_end"))
    return f"{begins[:2]}:{begins[2:]}-{ends[:2]}:{ends[2:]}"


def _day(stated: Any) -> date | None:
    try:
        return date.fromisoformat(stated[:10]) if isinstance(stated, str) else None
    except ValueError:
        return None


def _content(content: Any) -> Any:
    if isinstance(content, str) and _SENTINEL.fullmatch(content):
        return VARIES
    return Number(content) if isinstance(content, str) and _FIGURE.fullmatch(content) else content
