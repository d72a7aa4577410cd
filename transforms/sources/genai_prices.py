"""genai-prices (Pydantic): USD per million tokens, with tiers by context, dated changes and hours of the day. A second opinion.

A model's `prices` is one object, or a list: the first without a condition, later ones from a `start_date` on or between
two times of day. Where a list has hours, the cheaper are read as off-peak. A price without a day beside one that
already holds has ended on no known day and is left out. A kind that a later step does not state has ended with that step.
`price_variants` are tiers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import (
    ENDED,
    PER_MILLION,
    Key,
    Stated,
    changed,
    context_size,
    context_tier,
    one_price,
    parsed_of,
    pointer,
    read_json,
)
from transforms.prices.hours import WEEK, hours_a_week, minutes_of

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
    "output_image_mtok", "input_video_mtok", "output_video_mtok", "output_citation_mtok", "storage_searches_kcount",
    "audio_hours", "input_audio_hours", "input_document_kpages", "input_annotated_document_kpages", "input_mchars",
    "input_text_messages_kcount",
})  # fmt: skip
VARIANTS = "price_variants"
# What describes a model and changes no price.
ABOUT_THE_MODEL = frozenset({
    "id", "name", "match", "prices", VARIANTS, "description", "context_window", "price_comments", "prices_checked",
    "price_discrepancies", "deprecated", "collapse",
})  # fmt: skip
# What is said of a seller: how its answers are read, and where its prices stand.
ABOUT_THE_SELLER = frozenset({
    "id", "name", "pricing_urls", "api_pattern", "models", "extractors", "provider_match", "model_match", "price_comments",
    "fallback_model_providers", "description",
})  # fmt: skip
_Condition = tuple[Key, str, dict[str, Any]]


class _Told(NamedTuple):
    """What is met on the way: the day of the list, what is wrong, and keys that nobody declared."""

    on: date
    issues: list[Issue]
    unknown: Counter[str]


_UTC = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9])(?::[0-5][0-9](?:\.[0-9]{1,6})?)?Z")
_CONTEXT = re.compile(r"above_[0-9]+k")  # what a tier begins with that is of so much context
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
    told = _Told(on, issues, unknown)
    for number, provider in enumerate(providers):
        unknown.update(provider.keys() - ABOUT_THE_SELLER)
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
            unknown.update(model.keys() - ABOUT_THE_MODEL)
            own = Key(seller, listing, "")
            for key, where, costs in (
                *_conditions(own, prices, f"{place}/prices", told),
                *_variants(own, model.get(VARIANTS), f"{place}/{VARIANTS}", told),
            ):
                yield from _priced(key, where, costs, unknown)
    issues += [Issue("unknown cost key", "", f"{key!a} in {n} prices", "notice") for key, n in unknown.items()]


def _variants(key: Key, stated: Any, place: str, told: _Told) -> Iterator[_Condition]:
    """(series, place, costs) of each variant of a model's prices: batch, flex, priority, fast, a region.

    What is said of one tier is a list of conditions, as a model's own prices are: a variant may hold from a day on.
    """
    tiers: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for position, one in enumerate(stated if isinstance(stated, list) else [stated] if stated is not None else []):
        where = f"{place}/{position}"
        when, costs = (one.get("when"), one.get("prices")) if isinstance(one, dict) else (None, None)
        if not isinstance(when, dict) or not when or not all(type(value) is str for value in when.values()):
            told.issues.append(Issue("unknown condition of a price", where, ascii(one)[:200]))
            continue
        told.unknown.update(one.keys() - {"when", "prices", "constraint"})
        tier = "_".join(_tier(name, value) for name, value in sorted(when.items()))
        steps = costs if isinstance(costs, list) else [{"prices": costs, "constraint": one.get("constraint")}]
        at = f"{where}/prices" if isinstance(costs, list) else where
        tiers.setdefault(tier, []).extend(
            (f"{at}/{n}" if isinstance(costs, list) else at, step) for n, step in enumerate(steps)
        )
    for tier, steps_of in tiers.items():
        for held, at, prices in _of_steps(key, steps_of, place, told):
            context = _CONTEXT.match(held.price_tier)
            own = held.price_tier[context.end() :].strip("_") if context else held.price_tier
            named = [context and context[0], tier, own if own != "standard" else ""]
            yield held._replace(price_tier="_".join(filter(None, named))), at, prices


def _tier(name: str, value: str) -> str:
    """`region: eu` and `route: mistral/eu` are a region; any other condition is called by its value."""
    return f"region_{value.rpartition('/')[2]}" if name in {"region", "route"} else value.replace("-", "_")


def _conditions(key: Key, prices: Any, place: str, told: _Told) -> Iterator[_Condition]:
    """(series, place, costs) for each condition of a model."""
    if isinstance(prices, dict):
        yield key._replace(price_tier="standard"), place, prices
        return
    steps = [(f"{place}/{position}", one) for position, one in enumerate(prices)]
    yield from _of_steps(key, steps, place, told)


def _of_steps(key: Key, stated: list[tuple[str, Any]], place: str, told: _Told) -> Iterator[_Condition]:
    """The same of (place, what is said there), in any order: a price without a condition, dated ones, some by the hour."""
    read = []
    for where, one in stated:
        costs = one.get("prices") if isinstance(one, dict) else None
        held = _held(key, one.get("constraint")) if isinstance(one, dict) else None
        if held is None or not isinstance(costs, dict):
            told.issues.append(Issue("unknown condition of a price", where, ascii(one)[:200]))
            return
        told.unknown.update(one.keys() - {"when", "prices", "constraint"})
        read.append((held, f"{where}/prices", costs))
    timed = [one for one in read if one[0].hours_utc]
    steps = sorted((one for one in read if not one[0].hours_utc), key=lambda one: one[0].valid_from or date.min)
    held_now = [costs for held, _, costs in steps if not held.valid_from or held.valid_from <= told.on]
    tiers = _tiers(timed, held_now[-1] if held_now else {})
    began = [held.valid_from for held, _, _ in steps if held.valid_from and held.valid_from <= told.on]
    for number, (held, where, costs) in enumerate(steps):
        if held.valid_from is None and began:
            continue
        tiered = held._replace(price_tier=tiers[1])
        yield tiered, where, costs
        if number and held.valid_from:
            yield from _ended(tiered, where, steps[number - 1][2], costs)
    joined = _joined(timed)
    if timed and joined is None:
        told.issues.append(Issue("several prices for hours of a day", place, ascii([one for _, one in stated])[:200]))
    elif joined:
        hours, where, costs = joined
        yield key._replace(price_tier=tiers[0], hours_utc=hours, valid_from=max(began, default=None)), where, costs


def _ended(held: Key, where: str, before: dict[str, Any], costs: dict[str, Any]) -> Iterator[_Condition]:
    """What the step before asked for and this one does not, as ended: a kind, or a price above so much context."""
    for name in sorted(before.keys() & KINDS.keys()):
        if name not in costs:
            yield held, where, {name: ENDED}
        for size in sorted(_bands(before[name]) - _bands(costs.get(name))):
            yield held._replace(price_tier=_of_context(size, held.price_tier)), where, {name: ENDED}


def _bands(content: Any) -> set[int]:
    """The sizes of context above which there is another price; those that are unreadable are told where they are read."""
    tiers = content.get("tiers") if isinstance(content, dict) else None
    steps = tiers if isinstance(tiers, list) else []
    sizes = (context_size(step.get("start")) for step in steps if isinstance(step, dict))
    return {size for size in sizes if size is not None}


def _of_context(tokens: int, tier: str) -> str:
    return context_tier(tokens) if tier == "standard" else f"{context_tier(tokens)}_{tier}"


def _joined(timed: list[_Condition]) -> tuple[str, str, dict[str, Any]] | None:
    """Windows of one day that ask the same: (their hours, place of the first, costs). None where they ask differently."""
    if not timed or any(costs != timed[0][2] for _, _, costs in timed[1:]):
        return None
    return ", ".join(sorted(held.hours_utc or "" for held, _, _ in timed)), *timed[0][1:]


def _tiers(timed: list[_Condition], otherwise: dict[str, Any]) -> tuple[str, str]:
    """(tier of the stated hours, tier of all others): the cheaper is off-peak, and the dearer the plain price, unless it holds for
    less than half of the day.

    DeepSeek's discount of 2025 left sixteen hours at the plain price; its peak pricing of 2026 names seven dear ones.
    """
    if not timed:
        return "standard", "standard"
    minutes = minutes_of((held.hours_utc or "", WEEK) for held, _, _ in timed)
    hours = hours_a_week(minutes) if minutes else 168.0
    if _is_cheaper(timed[0][2], otherwise):
        return "off_peak", "peak" if 168.0 - hours < 84 else "standard"
    return "peak" if hours < 84 else "standard", "off_peak"


def _is_cheaper(costs: dict[str, Any], otherwise: dict[str, Any]) -> bool:
    """Whether the first price that both state differently is lower in the one."""
    for name in sorted(costs.keys() & otherwise.keys() & KINDS.keys()):
        one, other = (
            one_price(said.get("base") if isinstance(said, dict) else said, PER_MILLION).value
            for said in (costs[name], otherwise[name])
        )
        if one is not None and other is not None and one != other:
            return one < other
    return False


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
        unknown.update(content.keys() - {"base", "tiers"})
        yield Stated(kind, f"{place}/{name}/base", content.get("base", "no base"))
        tiers = content.get("tiers") or []
        for position, step in enumerate(tiers if isinstance(tiers, list) else [tiers]):
            start = context_size(step.get("start")) if isinstance(step, dict) else None
            where = f"{place}/{name}/tiers/{position}"
            unknown.update(step.keys() - {"start", "price"} if isinstance(step, dict) else [])
            if start is not None:
                of_context = kind._replace(price_tier=_of_context(start, key.price_tier))
                yield Stated(of_context, f"{where}/price", step.get("price", "no price"))
            else:
                yield Stated(kind, where, step)  # an object is no price: quarantined as such
