"""Prices a list cannot mean: a seller's price ten times off what the same list says the model's own developer asks.

Lists mistake a unit for one seller at a time (a price by the character taken for one by the token, a nought lost), and
such a figure may lie well within the bounds of the source. Whoever resells a model asks between a seventh and nine times
its developer's price in everything seen so far, so a factor of ten is a slip. It may be the developer's price that is the
slip: it is doubted where more voices (resellers, other listings of the developer's for that model or a dated version of
it) agree on another than with it, itself counted. One against one, a thousand times apart, the price that is further from a
dollar is the slip, for units slip by thousands; a hundred times apart, the one above 99 USD. Where both
prices of a reseller's are as far apart, both must say so; where the other price is alike, the odd step from input to output
decides. Otherwise the reseller's is the slip.
Only one capture is looked at: what is doubted on a day rests on what the list said that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from config.contracts import Issue, Parsed
from config.specs import Catalog
from transforms.prices import model_names, undeclared
from transforms.prices.offers import (
    FACTOR,
    INPUT,
    OUTPUT,
    PLAIN,
    STANDARD,
    Doubt,
    Offer,
    apart,
    offers_of,
    slip_of_two,
    undated,
    within,
)
from transforms.prices.other_offers import OF_OTHERS, YUAN_BESIDE_OTHERS, YUAN_LABEL, against_others
from transforms.prices.slips import (
    TOO_CHEAP,
    TOO_DEAR,
    UNSUPPORTED,
    beyond_all,
    may_speak,
    outputs_below_inputs,
    slips,
    too_far_apart,
)

AGREEING = FACTOR**0.5
USUAL_STEP = 4.0  # the middle one of the listings asks so many inputs for an output, nine in ten one to eight
FAR = FACTOR * (1 - 1e-9)
OF_HOST = "ten times off the developer's own price in the same list"
OF_DEVELOPER = "ten times off what other sellers ask in the same list"
OF_LISTING = "input and output of its listing are ten times off"
# Reasons that are of the unit or currency, and so of a whole listing.
OF_UNITS = (
    OF_HOST,
    OF_DEVELOPER,
    TOO_CHEAP,
    TOO_DEAR,
    UNSUPPORTED,
    YUAN_LABEL,
    YUAN_BESIDE_OTHERS,
    OF_OTHERS,
    undeclared.OF_HOST,
    undeclared.OF_DEVELOPER,
)

_Priced = tuple[str, str, str]  # model or name, token kind, currency
_Asked = dict[tuple[str, str, str, str], float]  # by seller, listing, token kind and currency


class _Voice(NamedTuple):
    """What somebody asks for a model, beside the developer's row in question."""

    name: str
    asked_by: str
    price: float
    beside: float | None  # its other plain price: of an input the output


def without_doubted(parsed: Parsed, source: str, on: date, catalog: Catalog) -> Parsed:
    """The same rows, the doubted prices as `absent` with their reason, and an issue for each of them.

    Plain input and output prices of known models are compared, as they stand on the day of the capture.
    """
    rows = parsed.rows.with_row_index("row")
    doubted = _doubted(offers_of(rows), source, on, catalog)
    if not doubted:
        return parsed
    issues = [
        Issue(
            doubt.reason, rows.item(offer.row, "locator") or "",
            f"{offer.provider} {offer.listing} {offer.token_kind}: {offer.value:g} beside {doubt.other:g} of {doubt.asked_by}",
        )
        for doubt in doubted
        for offer in (doubt.offer,)
    ]  # fmt: skip
    reasons = {"row": [doubt.offer.row for doubt in doubted], "reason": [doubt.reason for doubt in doubted]}
    told = pl.LazyFrame(reasons, schema={"row": rows.schema["row"], "reason": pl.String})
    believed = pl.col("reason").is_null()
    kept = (
        rows.lazy()
        .join(told, on="row", how="left", maintain_order="left")
        .with_columns(
            pl.when(believed).then("value").alias("value"),
            pl.when(believed).then("value_exact").alias("value_exact"),
            pl.when(believed).then("status").otherwise(pl.lit("absent")).alias("status"),
            pl.when(believed).then("absence").otherwise(pl.lit("quarantined")).alias("absence"),
            pl.when(believed).then("note").otherwise(pl.lit("quarantined: ") + pl.col("reason")).alias("note"),
        )
        .drop("row", "reason")
    )
    return Parsed(kept.collect(), (*parsed.issues, *issues))


def _doubted(offers: Sequence[Offer], source: str, on: date, catalog: Catalog) -> list[Doubt]:
    """The doubts of a capture, one for each row: of what speaks against it, the first."""
    developers = {model.developer for model in catalog.models.values()}
    spec = catalog.sources.get(source)
    own_word = spec is not None and spec.tier == 1
    plain = [offer for offer in offers if offer.price_tier == STANDARD and offer.token_kind in PLAIN]
    slipped: dict[int, Doubt] = {}
    for doubt in (
        *slips(offers, own_word=own_word),
        *against_others(plain, developers),
        *beyond_all(plain),
        *too_far_apart(plain),
    ):
        slipped.setdefault(doubt.offer.row, doubt)
    # A slip within a listing is no voice about what others ask.
    meant = model_names.meant_on(source, on, catalog)
    offered: dict[_Priced, list[Offer]] = {}
    nameless = list[Offer]()
    for offer in plain:
        if offer.row not in slipped and _holds(offer, on):
            models = meant(offer.listing, offer.provider)
            for model in models:
                offered.setdefault((model, offer.token_kind, offer.currency), []).append(offer)
            if not models and offer.valid_from is None and offer.alias_of is None:
                nameless.append(offer)
    of_developer = {model.id: model.developer for model in catalog.models.values()}
    asked = {(one.provider, one.listing, one.token_kind, one.currency): one.value for one in plain if _holds(one, on)}
    beside = (*_beside_each_other(offered, of_developer, asked), *undeclared.of_undeclared(nameless, developers))
    doubted = [*sorted(slipped.values()), *sorted(beside)]
    doubted += outputs_below_inputs(offers, {doubt.offer.row for doubt in doubted}, source)
    doubted += _whole_listings(offers, plain, doubted)
    return [*doubted, *_of_aliases(offers, doubted)]


def _holds(offer: Offer, on: date) -> bool:
    return offer.valid_from is None or offer.valid_from <= on


def _beside_each_other(
    offered: dict[_Priced, list[Offer]], of_developer: dict[str, str], asked: _Asked
) -> Iterator[Doubt]:
    """Offers of a model that its developer's speak against, and the developer's that more others speak against."""
    family: dict[_Priced, list[Offer]] = {}
    for (model, kind, currency), offers in offered.items():
        for one in offers:
            if one.provider == of_developer[model]:
                family.setdefault((undated(one.listing), kind, currency), []).append(one)
    for (model, kind, currency), offers in offered.items():
        developer = of_developer[model]
        own = [one for one in offers if one.provider == developer]
        heard = {one.row: family[undated(one.listing), kind, currency] for one in own}
        if not own or _are_near(
            *(one.value for one in offers), *(one.value for found in heard.values() for one in found)
        ):
            continue
        hosts = [one for one in offers if one.provider != developer]
        believed = list[float]()
        for one in own:
            voices = [_voice(found.listing, found, asked) for found in heard[one.row]]
            voices += [_voice(found.provider, found, asked) for found in hosts]
            outvoted = _outvoted(one, _beside(one, asked), voices)
            if outvoted:
                yield outvoted
            else:
                believed.append(one.value)
        for one in hosts if believed else ():
            other = min(believed) if one.value < min(believed) else max(believed)
            if not within(FAR, one.value, other):
                yield Doubt(one, OF_HOST, other, developer)


def _beside(one: Offer, asked: _Asked) -> float | None:
    """The other plain price of its listing, also one that is doubted by itself."""
    return asked.get((one.provider, one.listing, OUTPUT if one.token_kind == INPUT else INPUT, one.currency))


def _voice(name: str, one: Offer, asked: _Asked) -> _Voice:
    """What an offer says under a name, with the other plain price that its listing asks."""
    return _Voice(name, one.provider, one.value, _beside(one, asked))


def _are_near(*prices: float) -> bool:
    """No two of them are so far apart that one would be doubted."""
    return max(prices) < min(prices) * FAR


def _outvoted(own: Offer, beside: float | None, heard: Collection[_Voice]) -> Doubt | None:
    """The doubt of a developer's own row ten times off what more voices agree on than agree with the row, itself counted.

    A voice is another seller of that model, or another listing of the developer's for it or for a dated version of it. Of two that
    ask alike for the other plain price, `beside`, it is the one whose output is further from four times its input.
    """
    voices = [voice for voice in heard if voice.name != own.listing]
    against = {
        (voice.price, voice.asked_by, voice.beside) for voice in voices if not within(FAR, voice.price, own.value)
    }
    if not against:
        return None

    def agreeing(price: float) -> int:
        return len({voice.name for voice in voices if within(AGREEING, price, voice.price)})

    needed, best = 1 + agreeing(own.value), None
    for price, asked_by, other in sorted(against, key=lambda one: one[:2]):
        allies = agreeing(price)
        slipped = slip_of_two(own.value, price) if needed > 1 else _is_slip(own, beside, price, other, asked_by)
        enough = allies > needed or (allies == needed and slipped)
        if enough and (best is None or allies > best[0]):
            best = (allies, price, asked_by)
    return Doubt(own, OF_DEVELOPER, *best[1:]) if best else None


def _is_slip(own: Offer, beside: float | None, price: float, other: float | None, asked_by: str) -> bool:
    """Whether the listing of `own`, and not the other one of two, has slipped. Where they ask alike beside it, it is the one with an
    odd output for its input. Where a reseller's is as far apart there, a unit slipped, and it is one of them in both prices: the
    developer's where both say so. Of two listings of the developer's nothing says which, and each price is doubted by itself.
    """
    slipped = slip_of_two(own.value, price)
    if not beside or not other:
        return slipped
    if within(AGREEING, beside, other):
        steps = (beside / own.value, other / price) if own.token_kind == INPUT else (own.value / beside, price / other)
        return apart(steps[0], USUAL_STEP) > apart(steps[1], USUAL_STEP)
    as_far = not within(FAR, beside, other) and (beside < other) == (own.value < price)
    return slipped and (not as_far or asked_by == own.provider or slip_of_two(beside, other))


def _of_aliases(offers: Sequence[Offer], doubted: Sequence[Doubt]) -> Iterator[Doubt]:
    """The doubted prices under the other names of their listing: what an alias costs is what that costs."""
    rows = {doubt.offer.row for doubt in doubted}
    told = {doubt.offer._replace(row=0, value=0.0): doubt for doubt in doubted}
    for offer in offers:
        if offer.alias_of is not None and offer.row not in rows:
            meant = offer._replace(row=0, value=0.0, listing=offer.alias_of, alias_of=None)
            if meant in told:
                yield told[meant]._replace(offer=offer)


def _whole_listings(offers: Sequence[Offer], plain: Sequence[Offer], doubted: Sequence[Doubt]) -> Iterator[Doubt]:
    """The other prices of a listing whose input and output are both doubted, or both above what anything ever cost: a slip of
    the unit is one of them all.
    """
    units: dict[tuple[str, str], list[Offer]] = {}
    rows = {doubt.offer.row for doubt in doubted}
    beyond = (offer for offer in plain if not may_speak(offer))
    for offer in (*(doubt.offer for doubt in doubted if doubt.reason in OF_UNITS), *beyond):
        units.setdefault((offer.provider, offer.listing), []).append(offer)
    both = {
        listing: found[0].value for listing, found in units.items() if {offer.token_kind for offer in found} == {*PLAIN}
    }
    for offer in offers if both else ():
        if offer.row not in rows and may_speak(offer) and (offer.provider, offer.listing) in both:
            yield Doubt(offer, OF_LISTING, both[offer.provider, offer.listing], "its own input or output, doubted too")
