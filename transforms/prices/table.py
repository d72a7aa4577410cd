"""The price-table schema of litellm, which other tables copy: one JSON object for each listing.

The schema states USD per single token. Rows carry `value` in USD per million tokens (that divisor is the
dataset's implicit unit) and `value_exact` as the text of the file, still per token.

What the files do, from 2023 (three keys an entry) to 2026 (150 keys):
- 0 means free or unknown, never a price: the row is `absent`.
- one listing may be written twice, and one price under two keys; where they differ no price is taken.
- most keys price something else (images, seconds, calls): those are named here and left; an unnamed key
  about cost is reported once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from config.contracts import TOKEN_PRICE, Capture, Issue, Parsed
from config.errors import SourceChanged
from config.specs import SourceSpec
from transforms.prices import listing_terms as terms
from transforms.prices.figures import ENDED, PER_TOKEN, Number, pointer, settle
from transforms.prices.hours import Hours
from transforms.prices.listing_keys import (
    ALIAS,
    OTHER_MODES,
    PROVIDER,
    TEXT_MODES,
    is_unknown_cost,
    price_key,
    provider_of,
)
from transforms.prices.listing_terms import END, OFF_PEAK, by_the_token, lifted
from transforms.prices.listing_text import Found, Written, read_listings, versions_of

ROW = (
    "provider", "listing", "token_kind", "price_tier", "valid_from", "hours_utc", "weekdays", "alias_of",
    "value", "value_exact", "status", "absence", "locator", "note",
)  # fmt: skip
# Rules for names that the list does not have, told by a pattern: which seller is meant, and what the model can do.
RULES = "fallback_generalizations"
NOT_A_LISTING = frozenset({"sample_spec", RULES})
OF_A_RULE = frozenset({"name", "pattern", "description", "model_info", "fill_missing_for_providers"})
# Prices by parameter count, for any model a listing does not name: they belong to no model.
SIZE_CLASS = ("together-ai-", "fireworks-ai-")
UNREAD = Hours(None, None)
# An uplift multiplies every token's price of a call, whatever its context and its hour. Whether a service (batch, flex, priority)
# is sold with it no list says: those are left.
LIFTED = re.compile(r"standard|(above_\d+[km])?_?(peak|off_peak)?")


class Stated(NamedTuple):
    """One price as written: which kind and tier it prices, where it stands, and what stands there."""

    token_kind: str
    price_tier: str
    pointer: str
    content: Any
    hours: Hours = Hours(None, None)


class Series(NamedTuple):
    """What one row is about; `valid_from` is the day of an end that the list states ahead."""

    provider: str
    listing: str
    token_kind: str
    price_tier: str
    valid_from: date | None = None
    hours_utc: str | None = None
    weekdays: str | None = None
    alias_of: str | None = None


class Named(NamedTuple):
    """The name that rows are under; of an alias also the listing it stands for, and the end that is the alias's own."""

    listing: str
    alias_of: str | None = None
    end: date | None = None

    def ends_on(self, written: Written) -> date | None:
        """The day from which it is not sold: its own end, or that of what it stands for."""
        if self.end is None or written.end is None:
            return self.end or written.end
        return min(self.end, written.end)


def _band(body: Any) -> str | None:
    """The tier of one step of `tiered_pricing`; its range counts context tokens. None when it is unreadable."""
    low = body.get("range", [None])[:1] if isinstance(body, dict) and isinstance(body.get("range"), list) else []
    if not (low and isinstance(low[0], Number)):
        return None
    try:
        thousands, rest = divmod(Decimal(low[0]), 1000)
    except ArithmeticError:
        return None
    if rest or thousands < 0:
        return None
    return f"above_{int(thousands)}k" if thousands else "standard"


def _stated_in_bands(at: str, bands: Any) -> Iterator[Stated]:
    for position, body in enumerate(bands if isinstance(bands, list) else [bands]):
        tier = _band(body)
        if tier is None:
            yield Stated("input", "standard", f"{at}/{position}", body)  # an object is no price: quarantined as such
            continue
        for key in body:
            meaning = price_key(key)
            if meaning and meaning[1] == "standard":
                where = f"{at}/{position}/{key}"
                yield from (Stated(meaning[0], tier, where, content) for content in versions_of(body, key))


def _stated(listing: str, entry: dict[str, Any]) -> Iterator[Stated]:
    at = pointer(listing)
    for key in entry:
        meaning = price_key(key)
        if meaning:  # such a key has no character a pointer escapes
            for content in versions_of(entry, key):
                yield Stated(*meaning, f"{at}/{key}", by_the_token(entry, key, content))
        elif key == "tiered_pricing":
            for bands in versions_of(entry, key):
                yield from _stated_in_bands(f"{at}/{key}", bands)


def _terms(listing: str, entry: dict[str, Any], issues: list[Issue]) -> Iterator[Stated]:
    """The prices of an entry: plain ones, those of its hours, and those of its uplifts."""
    at, block = pointer(listing), entry.get(OFF_PEAK)
    stated = list(_stated(listing, entry))
    if block is not None:
        hours = terms.off_peak_hours(block) if isinstance(block, dict) and any(map(price_key, block)) else None
        if hours is None:
            issues.append(Issue("unknown hours of a price", f"{at}/{OFF_PEAK}", ascii(block)[:200]))
        if isinstance(block, dict):
            stated = list(_by_hours(stated, hours, f"{at}/{OFF_PEAK}", block))
    yield from stated
    for tier, key, multiplier in terms.uplifts(entry):
        for one in stated:
            if found := LIFTED.fullmatch(one.price_tier):
                named = "_".join(filter(None, (found[1], tier, found[2])))
                yield one._replace(price_tier=named, content=lifted(one.content, multiplier, key))


def _by_hours(
    plain: list[Stated], hours: tuple[Hours, Hours] | None, at: str, block: dict[str, Any]
) -> Iterator[Stated]:
    """Off-peak hours replace the prices that they state; what they do not state costs the same in them.

    Where they are all hours of the week their prices are the plain ones. Where they are unreadable, the two prices stand
    without their hours: neither is that of the whole day.
    """
    off_peak, peak = hours or (UNREAD, UNREAD)
    all_hours = hours is not None and peak.hours_utc is None
    replaced = {meaning: key for key in block if (meaning := price_key(key))}
    for one in plain:
        if one[:2] in replaced:
            if not all_hours:
                yield one._replace(price_tier=_of_hours(one.price_tier, "peak"), hours=peak)
        elif one.price_tier != "standard" or all_hours:
            yield one
        else:
            yield one._replace(price_tier="peak", hours=peak)
            if replaced:
                yield one._replace(price_tier="off_peak", hours=off_peak)
    for (kind, tier), key in replaced.items():
        if all_hours:
            yield Stated(kind, tier, f"{at}/{key}", block[key])
        else:
            yield Stated(kind, _of_hours(tier, "off_peak"), f"{at}/{key}", block[key], off_peak)


def _of_hours(tier: str, hours: str) -> str:
    return hours if tier == "standard" else f"{tier}_{hours}"


def _aliased(body: Mapping[str, list[Written]], issues: list[Issue]) -> Iterator[tuple[Named, Written]]:
    """Each alias with the entry of the listing that it stands for in the end. One that leads nowhere, or in a circle, is told."""
    for listing, written in body.items():
        if not written[-1].is_alias or not listing.isprintable():
            continue
        target, passed = written[-1].alias_of, {listing}
        while isinstance(target, str) and target in body and body[target][-1].is_alias and target not in passed:
            passed.add(target)
            target = body[target][-1].alias_of
        meant = body[target][-1] if isinstance(target, str) and target in body else None
        if meant is None or meant.is_alias:
            stated = ascii(written[-1].alias_of)[:200]
            issues.append(Issue("alias of no listing", pointer(listing, ALIAS), stated, "notice"))
        elif meant.mode in TEXT_MODES:
            issues.extend(_unreadable_end(listing, written[-1]))
            if written[-1].is_priced:
                told = f"it costs what it is an alias of: {target}"
                issues.append(Issue("an alias with prices of its own", pointer(listing), told, "notice"))
            yield Named(listing, str(target), written[-1].end), meant


def _unreadable_end(listing: str, written: Written) -> Iterator[Issue]:
    stated = written.entry().get(END) if written.end is None else None
    if stated:
        yield Issue("unreadable end of a listing", pointer(listing, END), ascii(stated)[:200], "notice")


def _taken(body: Mapping[str, list[Written]], issues: list[Issue]) -> Iterator[tuple[str, Written]]:
    """The entries that price text tokens. Early files state no mode at all; later a missing mode is reported."""
    early = not any(written[-1].mode for written in body.values())
    missing, strange = list[str](), Counter[str]()
    for listing, written in body.items():
        for entry in written:
            mode = entry.mode
            if mode in OTHER_MODES or listing in NOT_A_LISTING:
                continue
            if not listing.isprintable():
                issues.append(Issue("unreadable listing", "", ascii(listing)))
                break
            if listing.startswith(SIZE_CLASS):
                continue
            if mode in TEXT_MODES or (early and not mode):
                yield listing, entry
            elif mode:
                strange[mode] += 1
            elif entry.is_priced:
                missing.append(listing)
    issues += [Issue("mode unknown", "", f"{mode!a}: {n} entries left out", "notice") for mode, n in strange.items()]
    if missing:
        issues.append(Issue("mode missing", pointer(missing[0]), f"left out: {', '.join(missing)}", "notice"))


def _unknown_costs(body: Mapping[str, list[Written]]) -> Iterator[Issue]:
    seen: dict[str, list[str]] = {}
    for listing, written in body.items():
        for key in written[-1].unknown_costs:
            seen.setdefault(key, []).append(listing)
    for key, listings in seen.items():
        yield Issue(
            "unknown cost key", pointer(listings[0], *key.split("/")), f"{key!a} in {len(listings)} entries", "notice"
        )


def _unread_rules(body: Mapping[str, list[Written]]) -> Iterator[Issue]:
    """What a rule says beside what it is declared to say: a price in it is of no listing, and whose it is nobody can say."""
    for written in body.get(RULES, ()):
        rules = written.entry().get("rules")
        seen = Counter(key for rule in (rules if isinstance(rules, list) else [rules]) for key in _unread_of(rule))
        for key, count in seen.items():
            yield Issue("unknown cost key", pointer(RULES, "rules"), f"{key!a} in {count} rules", "notice")


def _unread_of(rule: Any) -> list[str]:
    said = rule.get("model_info") if isinstance(rule, dict) else None
    if not isinstance(said, dict):
        return ["model_info"]
    return [
        *(key for key in rule if key not in OF_A_RULE),
        *(key for key in said if price_key(key) or is_unknown_cost(key)),
    ]


def parse_price_table(payload: bytes, capture: Capture, spec: SourceSpec) -> Parsed:
    """Rows of token_price from one file. Quarantined prices are issues and also `absent` rows.

    Raises SourceChanged when the payload is not an object of objects or prices no token at all.
    """
    body = read_listings(payload, spec.id)
    issues: list[Issue] = [*_unknown_costs(body), *_unread_rules(body)]
    on = capture.taken_at.date()
    aliased = [*_aliased(body, issues)]
    aliases = {named.listing for named, _ in aliased}
    taken: dict[str, list[Written]] = {}
    for listing, one in _taken(body, issues):
        if listing not in aliases:
            taken.setdefault(listing, []).append(one)
    entries = [
        *((Named(listing), versions) for listing, versions in taken.items()),
        *((named, [one]) for named, one in aliased),
    ]
    rows, ended = list[tuple[Any, ...]](), list[str]()
    for named, versions in entries:
        end = named.ends_on(versions[-1])
        past = end is not None and end <= on
        found, told = _rows_of(named, versions, on, past=past)
        rows += found
        issues += told
        if past:
            ended.append(named.listing)
    for versions in body.values():
        for one in versions:
            one.let_go()
    if not rows:
        raise SourceChanged("no entry states a token price", source=spec.id, remedy="compare the keys with the parser")
    if ended:
        told_of = f"{len(ended)} listings past the end they state: {', '.join(ended[:20])}"
        issues.append(Issue("past its own end", pointer(ended[0], END), told_of, "notice"))
    return Parsed(_frame(rows, capture, spec), tuple(issues))


def _rows_of(named: Named, versions: list[Written], on: date, *, past: bool) -> Found:
    """The rows of one listing, and what is wrong with them; as they were last read where what is written is the same."""
    if len(versions) > 1:
        return _rows_said(named, versions, on)
    [entry] = versions
    said = (named, past)
    found = entry.found.get(said)
    if found is None:
        found = entry.found[said] = _rows_said(named, versions, on)
    return found


def _rows_said(named: Named, versions: list[Written], on: date) -> Found:
    listing, target, _ = named
    issues: list[Issue] = []
    series: dict[Series, list[Stated]] = {}
    for written in versions:
        entry, end = written.entry(), named.ends_on(written)
        provider = provider_of(target or listing, entry.get(PROVIDER))
        if provider == "unknown":
            issues.append(Issue("provider unknown", pointer(listing), "no litellm_provider", "notice"))
        if target is None:
            issues.extend(_unreadable_end(listing, written))
        for stated in _terms(target or listing, entry, issues):
            key = Series(provider, listing, *stated[:2], None, *stated.hours, target)
            if not end or end > on:
                series.setdefault(key, []).append(stated)
            if end:
                dated = end if end > on else None
                series.setdefault(key._replace(valid_from=dated, hours_utc=None, weekdays=None), []).append(
                    stated._replace(content=ENDED)
                )
    return tuple(_row(key, found, issues) for key, found in series.items()), tuple(issues)


def _row(key: Series, stated: list[Stated], issues: list[Issue]) -> tuple[Any, ...]:
    value, exact, note, problem = settle([one.content for one in stated], PER_TOKEN)
    at = stated[0].pointer
    ended = stated[0].content is ENDED
    if problem:
        written = ", ".join(ascii(getattr(one.content, "exact", one.content))[:60] for one in stated)
        issues.append(Issue(problem, at, f"{' '.join(key[:4])}: {written}"))
        note = f"quarantined: {problem}"
    absence = "quarantined" if problem else "ended" if ended else "no_price" if value is None else None
    return (*key, value, exact, "absent" if value is None else "reported", absence, at, note)


def _frame(rows: list[tuple[Any, ...]], capture: Capture, spec: SourceSpec) -> pl.DataFrame:
    schema = {name: TOKEN_PRICE.stated_schema[name] for name in ROW}
    columns = dict(zip(ROW, zip(*rows, strict=True), strict=True))
    frame = pl.DataFrame(columns, schema=schema).with_columns(
        currency=pl.lit("USD"),
        valid_from_basis=pl.when(pl.col("valid_from").is_null())
        .then(pl.lit("first_seen"))
        .otherwise(pl.lit("documented")),
        source_url=pl.lit(capture.url),
        evidence_tier=pl.lit(spec.tier, dtype=pl.Int32),
    )
    return TOKEN_PRICE.complete(frame)
