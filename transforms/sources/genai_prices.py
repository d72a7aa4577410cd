"""genai-prices (Pydantic): USD per million tokens, with tiers by context, dated changes and hours of the day. A second opinion.

A model's `prices` is one object, or a list: the first without a condition, later ones from a `start_date` on or between
two times of day. Of DeepSeek the first is the off-peak price and the one with hours the standard one, so where a list
has hours the first is read as off-peak. A price without a day beside one that already holds has ended on no known day
and is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.price_figures import (
    PER_MILLION,
    Key,
    Stated,
    changed,
    context_size,
    context_tier,
    parsed_of,
    pointer,
    read_json,
)

KINDS = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_5m_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "audio_input",
    "output_audio_mtok": "audio_output",
}
OTHER_COSTS = frozenset({
    "web_searches_kcount", "requests_kcount", "cache_audio_read_mtok", "input_image_mtok", "cache_image_read_mtok",
    "output_image_mtok", "input_video_mtok", "output_video_mtok", "output_citation_mtok",
})  # fmt: skip
_UTC = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9])(?::[0-5][0-9](?:\.[0-9]{1,6})?)?Z")
PROVIDERS = {
    "aws": "bedrock",
    "fireworks": "fireworks-ai",
    "moonshotai": "moonshot",
    "together": "together-ai",
    "x-ai": "xai",
    "zai": "zhipu",
    "zhipuai": "zhipu-cn",
}


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is not the built list of providers."""
    spec = catalog.sources[capture.source]
    body = read_json(payload, spec.id)
    if not isinstance(body, list) or not all(
        isinstance(one, dict) and isinstance(one.get("models"), list) for one in body
    ):
        raise changed("it is not a list of providers with models", spec.id)
    issues: list[Issue] = []
    return parsed_of(_stated(body, issues, capture.taken_at.date()), issues, capture, spec, PER_MILLION)


def _stated(providers: list[dict[str, Any]], issues: list[Issue], on: date) -> Iterator[Stated]:
    unknown = Counter[str]()
    for number, provider in enumerate(providers):
        named = provider.get("id")
        if type(named) is not str:  # a Number is text, too
            issues.append(Issue("provider without id", pointer(str(number)), ascii(named)[:200]))
            continue
        seller = PROVIDERS.get(named, named.replace("_", "-"))
        for position, model in enumerate(provider["models"]):
            place = pointer(str(number), "models", str(position))
            listing, prices = (model.get("id"), model.get("prices")) if isinstance(model, dict) else (None, None)
            if type(listing) is not str or not isinstance(prices, dict | list):
                issues.append(Issue("model without id or prices", place, ascii(listing)[:200]))
                continue
            for key, where, costs in _conditions(Key(seller, listing, ""), prices, f"{place}/prices", issues, on):
                yield from _priced(key, where, costs, unknown)
    issues += [Issue("unknown cost key", "", f"{key!a} in {n} prices", "notice") for key, n in unknown.items()]


def _conditions(
    key: Key, prices: Any, place: str, issues: list[Issue], on: date
) -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """(series, place, costs) for each condition of a model."""
    if isinstance(prices, dict):
        yield key, place, prices
        return
    read = []
    for position, one in enumerate(prices):
        where = f"{place}/{position}"
        costs = one.get("prices") if isinstance(one, dict) else None
        held = _held(key, one.get("constraint")) if isinstance(one, dict) else None
        if held is None or not isinstance(costs, dict):
            issues.append(Issue("unknown condition of a price", where, ascii(one)[:200]))
            return
        read.append((held, f"{where}/prices", costs))
    hours = any(held.hours_utc for held, _, _ in read)
    superseded = any(held.valid_from is not None and held.valid_from <= on for held, _, _ in read)
    for held, where, costs in read:
        plain = held.valid_from is None and held.hours_utc is None
        if plain and superseded:
            continue
        yield (held._replace(price_tier="off_peak") if plain and hours else held), where, costs


def _held(key: Key, constraint: Any) -> Key | None:
    """The series a condition makes of `key`; None for a condition nobody has declared."""
    if constraint is None:
        return key
    if not isinstance(constraint, dict):
        return None
    match constraint:
        case {"start_date": str(day), **rest} if not rest:
            return key._replace(valid_from=_day(day)) if _day(day) else None
        case {"start_time": str(start), "end_time": str(end), **rest} if not rest:
            begins, ends = _UTC.fullmatch(start), _UTC.fullmatch(end)
            return key._replace(hours_utc=f"{begins[1]}-{ends[1]}") if begins and ends else None
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _priced(key: Key, place: str, costs: dict[str, Any], unknown: Counter[str]) -> Iterator[Stated]:
    for name, content in costs.items():
        if name not in KINDS:
            unknown.update([name] if name not in OTHER_COSTS else [])
            continue
        kind = key._replace(token_kind=KINDS[name])
        if not isinstance(content, dict):
            yield Stated(kind, f"{place}/{name}", content)
            continue
        yield Stated(kind, f"{place}/{name}/base", content.get("base", "no base"))
        tiers = content.get("tiers") or []
        for position, step in enumerate(tiers if isinstance(tiers, list) else [tiers]):
            start = context_size(step.get("start")) if isinstance(step, dict) else None
            where = f"{place}/{name}/tiers/{position}"
            if start is not None:
                tier = context_tier(start)
                if key.price_tier != "standard":
                    tier = f"{tier}_{key.price_tier}"
                yield Stated(kind._replace(price_tier=tier), f"{where}/price", step.get("price", "no price"))
            else:
                yield Stated(kind, where, step)  # an object is no price: quarantined as such
