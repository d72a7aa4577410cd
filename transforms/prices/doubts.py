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

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import polars as pl

from config.contracts import Issue, Parsed
from config.specs import Catalog
from transforms.prices import model_names, undeclared
from transforms.prices.offers import (
    DEAR,
    FACTOR,
    INPUT,
    OUTPUT,
    PLAIN,
    STANDARD,
    Doubt,
    Offer,
    apart,
    family,
    offers_of,
    slip_of_two,
    undated,
    within,
)
from transforms.prices.other_offers import OF_OTHERS, YUAN_BESIDE_OTHERS, YUAN_LABEL, against_others, siblings
from transforms.prices.slips import (
    TOO_CHEAP,
    TOO_DEAR,
    UNSUPPORTED,
    Figure,
    Outputs,
    beyond_all,
    figures_of_sellers,
    may_speak,
    outputs_below_inputs,
    refuse_exchanged,
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
    numbers, offers = offers_of(parsed.rows)
    doubted = _doubted(offers, source, on, catalog)
    if not doubted:
        return parsed
    told = {row: doubted[offer] for row, offer in zip(numbers, offers, strict=True) if offer in doubted}
    places = parsed.rows["locator"]
    issues = [
        Issue(
            doubt.reason, places[row] or "",
            f"{offer.provider} {offer.listing} {offer.token_kind}: {offer.value:g} beside {doubt.other:g} of {doubt.asked_by}",
        )
        for row, doubt in told.items()
        for offer in (doubt.offer,)
    ]  # fmt: skip
    reasons: list[str | None] = [None] * parsed.rows.height
    for row, doubt in told.items():
        reasons[row] = doubt.reason
    reason = pl.lit(pl.Series("reason", reasons, pl.String))
    believed = reason.is_null()
    kept = parsed.rows.with_columns(
        pl.when(believed).then("value").alias("value"),
        pl.when(believed).then("value_exact").alias("value_exact"),
        pl.when(believed).then("status").otherwise(pl.lit("absent")).alias("status"),
        pl.when(believed).then("absence").otherwise(pl.lit("quarantined")).alias("absence"),
        pl.when(believed).then("note").otherwise(pl.lit("quarantined: ") + reason).alias("note"),
    )
    return Parsed(kept, (*parsed.issues, *issues))


class _Family(NamedTuple):
    """What the prices of one family say of each other. `first` comes before what siblings of other names say, `last` after it."""

    offers: tuple[Offer, ...]
    plain: tuple[Offer, ...]
    first: tuple[Doubt, ...]
    last: tuple[Doubt, ...]
    outputs: Outputs  # where nothing is doubted
    beyond: bool  # a plain price is above what anything ever cost


# Hardly a family asks what it did not ask in the list before, and no list has more than some thousand.
@lru_cache(maxsize=2048)
def _of_family(
    offers: tuple[Offer, ...], figures: tuple[Figure, ...], developers: frozenset[str], own_word: bool
) -> _Family:
    plain = tuple(offer for offer in offers if offer.price_tier == STANDARD and offer.token_kind in PLAIN)
    first = (*slips(offers, figures, own_word=own_word), *against_others(plain, developers))
    last = (*beyond_all(plain), *too_far_apart(plain))
    return _Family(offers, plain, first, last, outputs_below_inputs(offers, ()), not all(map(may_speak, plain)))


def _families(offers: Sequence[Offer], source: str, catalog: Catalog) -> dict[str, _Family]:
    named: dict[str, list[Offer]] = {}
    for offer in offers:
        named.setdefault(family(offer), []).append(offer)
    dear, figures = {family(offer) for offer in offers if offer.value > DEAR}, figures_of_sellers(offers)
    spec, developers = catalog.sources.get(source), model_names.developers_of(catalog)
    own_word = spec is not None and spec.tier == 1
    return {
        name: _of_family(tuple(found), figures if name in dear else (), developers, own_word)
        for name, found in named.items()
    }


def _doubted(offers: Sequence[Offer], source: str, on: date, catalog: Catalog) -> dict[Offer, Doubt]:
    """The doubted offers of a capture: of what speaks against each, the first."""
    if not offers:
        return {}
    families, developers = _families(offers, source, catalog), model_names.developers_of(catalog)
    plain = [offer for found in families.values() for offer in found.plain]
    doubted: dict[Offer, Doubt] = {}
    _add(doubted, (doubt for found in families.values() for doubt in found.first))
    _add(doubted, siblings(plain, developers))
    _add(doubted, (doubt for found in families.values() for doubt in found.last))
    # A slip within a listing is no voice about what others ask.
    loud = {family(offer) for offer in doubted}
    believed = chain.from_iterable(
        (offer for offer in found.plain if offer not in doubted) if name in loud else found.plain
        for name, found in families.items()
    )
    _add(doubted, [*_beside_others(plain, [*believed], source, on, catalog)])
    loud = {family(offer) for offer in doubted}
    outputs = [
        outputs_below_inputs(found.offers, doubted) if name in loud else found.outputs
        for name, found in families.items()
    ]
    refuse_exchanged(outputs, source)
    _add(doubted, (doubt for found in outputs for doubt in found.doubts))
    loud = {family(offer) for offer in doubted}
    whole = (_whole_listings(found, doubted) for name, found in families.items() if found.beyond or name in loud)
    _add(doubted, [*chain.from_iterable(whole)])
    _add(doubted, [*_of_aliases(offers, doubted)])
    return doubted


def _add(doubted: dict[Offer, Doubt], doubts: Iterable[Doubt]) -> None:
    for doubt in doubts:
        doubted.setdefault(doubt.offer, doubt)


def _beside_others(
    plain: Sequence[Offer], believed: Iterable[Offer], source: str, on: date, catalog: Catalog
) -> Iterator[Doubt]:
    """What the sellers of a model, or of a name that no model is entered for, say of each other's `believed` prices."""
    meant = model_names.meant_on(source, on, catalog)
    offered: dict[_Priced, list[Offer]] = {}
    nameless = list[Offer]()
    for offer in believed:
        if _holds(offer, on):
            models = meant(offer.listing, offer.provider)
            for model in models:
                offered.setdefault((model, offer.token_kind, offer.currency), []).append(offer)
            if not models and offer.valid_from is None and offer.alias_of is None:
                nameless.append(offer)
    of_developer = {model.id: model.developer for model in catalog.models.values()}
    asked = {(one.provider, one.listing, one.token_kind, one.currency): one.value for one in plain if _holds(one, on)}
    yield from _beside_each_other(offered, of_developer, asked)
    yield from undeclared.of_undeclared(nameless, model_names.developers_of(catalog))


def _holds(offer: Offer, on: date) -> bool:
    return offer.valid_from is None or offer.valid_from <= on


def _beside_each_other(
    offered: dict[_Priced, list[Offer]], of_developer: dict[str, str], asked: _Asked
) -> Iterator[Doubt]:
    """Offers of a model that its developer's speak against, and the developer's that more others speak against."""
    kin: dict[_Priced, list[Offer]] = {}
    for (model, kind, currency), offers in offered.items():
        for one in offers:
            if one.provider == of_developer[model]:
                kin.setdefault((undated(one.listing), kind, currency), []).append(one)
    for (model, kind, currency), offers in offered.items():
        developer = of_developer[model]
        own = [one for one in offers if one.provider == developer]
        heard = {one: kin[undated(one.listing), kind, currency] for one in own}
        if not own or _are_near(
            *(one.value for one in offers), *(one.value for found in heard.values() for one in found)
        ):
            continue
        hosts = [one for one in offers if one.provider != developer]
        believed = list[float]()
        for one in own:
            voices = [_voice(found.listing, found, asked) for found in heard[one]]
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


def _of_aliases(offers: Sequence[Offer], doubted: Mapping[Offer, Doubt]) -> Iterator[Doubt]:
    """The doubted prices under the other names of their listing: what an alias costs is what that costs."""
    told = {offer._replace(value=0.0): doubt for offer, doubt in doubted.items()}
    for offer in offers:
        if offer.alias_of is not None and offer not in doubted:
            meant = offer._replace(value=0.0, listing=offer.alias_of, alias_of=None)
            if meant in told:
                yield told[meant]._replace(offer=offer)


def _whole_listings(found: _Family, doubted: Mapping[Offer, Doubt]) -> Iterator[Doubt]:
    """The other prices of a listing whose input and output are both doubted, or both above what anything ever cost: a slip of
    the unit is one of them all.
    """
    units: dict[tuple[str, str], list[Offer]] = {}
    slipped = (offer for offer in found.offers if offer in doubted and doubted[offer].reason in OF_UNITS)
    for offer in (*slipped, *(offer for offer in found.plain if not may_speak(offer))):
        units.setdefault((offer.provider, offer.listing), []).append(offer)
    both = {
        listing: slips[0].value for listing, slips in units.items() if {offer.token_kind for offer in slips} == {*PLAIN}
    }
    for offer in found.offers if both else ():
        if offer not in doubted and may_speak(offer) and (offer.provider, offer.listing) in both:
            yield Doubt(offer, OF_LISTING, both[offer.provider, offer.listing], "its own input or output, doubted too")
