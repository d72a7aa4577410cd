"""Prices that the rest of their own listing, or the same model elsewhere in the same list, speaks against.

Dear is no slip by itself: GPT-5.5 pro is 180 USD a million wherever it is sold. A price above DEAR is doubted where
neither the developer's own listing of that model nor the listing's own input price is of its magnitude. What is cheaper than
any model ever was, or dearer than any of its size, is none. And a cache that
is cheaper to write than to pass by, or dearer to read, is a price under the wrong key, as is one by the hour; an input and an
output that no listing had so far apart are not of one unit; and what costs half to answer of what it costs to ask has slipped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from math import log10
from operator import attrgetter
from typing import NamedTuple

from config.errors import SourceChanged
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
    bare,
    family,
    undated,
    within,
)

# Llama 3.2 1B is sold at 0.005 USD a million; no text model in any list so far was truly cheaper.
CHEAPEST = 0.004
UNSUPPORTED = (
    "above 99 USD per million tokens, and nothing in the same list is of that magnitude; the table mistook the unit"
)
# A name states the size of open weights: of 20 billion parameters or fewer none was ever dearer than 5 USD a million anywhere.
SMALL_BILLIONS, DEAR_FOR_SMALL = 20.0, 20.0
TOO_DEAR = "above 20 USD per million tokens for a model of 20 billion parameters or fewer; the table mistook the unit"
TOO_CHEAP = "below 0.004 USD per million tokens, which no text model ever cost; the table mistook the unit"
WRITE_BELOW_INPUT = "a cache write below the input price: a price under the wrong key"
READ_ABOVE_INPUT = "a cache read above the input price: a price under the wrong key"
# Token kind: the kind beside it, whether it is to be dearer than that, and what is said where it is not.
CACHES = {
    **dict.fromkeys(("cache_write", "cache_write_1h", "cache_write_12h"), (INPUT, True, WRITE_BELOW_INPUT)),
    **dict.fromkeys(("cache_read", "cache_read_explicit"), (INPUT, False, READ_ABOVE_INPUT)),
    "audio_cache_read": ("audio_input", False, READ_ABOVE_INPUT),
}
# In every list so far a write cost twice the input at the most (of twelve hours too), a read a 125th at the least; an output a
# sixteenth (guards answer in a word), and 120 times (of models that draw) unless one of the two had slipped.
WRITE_AT_MOST, READ_AT_LEAST, OUTPUT_AT_LEAST, OUTPUT_AT_MOST = 10.0, 1 / 500, 1 / 100, 200.0
OF_CACHE = "far off the input price of its own listing"
OF_PLAIN = "input and output too far apart, and this one further from a dollar"
# What asks less for an output than for an input asks more than half of it in every list so far (Clarifai's Ministral, GPT-5 image
# mini), save what answers in a word. Below that one of the two had slipped, or they were exchanged.
OUTPUT_OF_CHAT_AT_LEAST = 1 / 2
ANSWERS_IN_A_WORD = re.compile(r"guard|moderat|classif|shield")
FEWEST_EXCHANGED = 4  # of so many, and of more than half of all, no list so far asked less for the output
OUTPUT_BELOW_INPUT = "an output far below its input: one of them slipped, or they are exchanged"
# Batches cost half in every list so far, priority up to 2.5 times as much. Other tiers are a twelfth or twelve times at the most:
# Qwen3 coder plus above 256k (60 after 5), GPT-6 at its fastest.
SERVICES, BEYOND_TIERS = ("batch", "flex", "priority"), 100.0
ROUNDED_UP = 1 + 1e-9
OF_TIERS = "far off the plain price of its own listing"
# The ceiling of the sources' own checks (config/sources), above which they quarantine.
NEVER = 1000.0
# Sellers that state prices of their own making above DEAR: o1-pro, GPT-4.5, the GPT-5 pros; Luminous. Of those with but one
# listing of each model in a list nothing could confirm them.
DEAR_LINE = "pro"
DEAR_SELLERS, UNCONFIRMED_SELLERS = ("openai", "azure", "azure-ai", "aleph-alpha"), ("aleph-alpha",)
Figure = tuple[str, str, str, float]  # token kind, tier, bare name, price
_BySeries = dict[tuple[str, ...], Offer]
_series = attrgetter("provider", "listing", "price_tier", "currency")
_BILLIONS = re.compile(r"(?:^|[^0-9a-z.])(\d{1,3}(?:\.\d+)?)b(?:[^a-z0-9]|$)")


def slips(offers: Sequence[Offer], figures: Iterable[Figure], *, own_word: bool = False) -> Iterator[Doubt]:
    """The prices of a family that their own listing speaks against, and the dear ones that neither it nor `figures` speak for.

    `own_word`: it is the seller's own page, which has each model once, and speaks for itself.
    """
    by_kind = _by_kind(offers)
    beyond = not all(map(may_speak, offers))
    speaking = _by_kind(filter(may_speak, offers)) if beyond else by_kind
    asked = {kind: _asked(speaking.get(kind, ())) for kind in {INPUT, *(beside for beside, _, _ in CACHES.values())}}
    for kind, (beside, write, reason) in CACHES.items():
        for offer in by_kind.get(kind, ()):
            for value in asked[beside].get(_series(offer), ()):
                if offer.value < value if write else offer.value > value:
                    yield Doubt(offer, reason, value, f"its own {beside.replace('_', ' ')}")
                elif offer.value >= WRITE_AT_MOST * value or offer.value < READ_AT_LEAST * value:
                    yield Doubt(offer, OF_CACHE, value, f"its own {beside.replace('_', ' ')}")
    for kind, offers_of_kind in by_kind.items():
        yield from _of_tiers(offers_of_kind, speaking.get(kind, ()))
    yield from _of_dear([*chain.from_iterable(by_kind.values())], asked[INPUT], figures, own_word=own_word)


def _by_kind(offers: Iterable[Offer]) -> dict[str, list[Offer]]:
    """The prices that are no promise of a later day, by their kind."""
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        if offer.valid_from is None:
            found.setdefault(offer.token_kind, []).append(offer)
    return found


def _asked(offers: Iterable[Offer]) -> dict[tuple[str, ...], list[float]]:
    found: dict[tuple[str, ...], list[float]] = {}
    for offer in offers:
        found.setdefault(_series(offer), []).append(offer.value)
    return found


def may_speak(offer: Offer) -> bool:
    """Whether a price says anything of those beside it: one above what anything ever cost, or below nothing, is itself the slip."""
    return offer.value >= 0 and (offer.value <= NEVER or offer.currency != "USD")


def _of_tiers(offers: Sequence[Offer], speaking: Iterable[Offer]) -> Iterator[Doubt]:
    """The prices of a tier that are further from the plain price of their listing than a tier ever was."""
    tiered = [offer for offer in offers if offer.price_tier != STANDARD]
    plain = (
        {
            (offer.provider, offer.listing, offer.currency): offer.value
            for offer in speaking
            if offer.price_tier == STANDARD
        }
        if tiered
        else {}
    )
    for offer in tiered:
        asked = plain.get((offer.provider, offer.listing, offer.currency), offer.value)
        if not within((FACTOR if offer.price_tier in SERVICES else BEYOND_TIERS) * ROUNDED_UP, offer.value, asked):
            yield Doubt(offer, OF_TIERS, asked, "its own plain price")


def beyond_all(plain: Sequence[Offer]) -> Iterator[Doubt]:
    """The plain prices that no text model, or none of its size, was ever sold at."""
    for offer in plain:
        if CHEAPEST <= offer.value <= DEAR_FOR_SMALL or offer.valid_from is not None or offer.currency != "USD":
            continue
        if offer.value < CHEAPEST:
            yield Doubt(offer, TOO_CHEAP, CHEAPEST, "any list so far")
        elif _is_small(offer.alias_of or offer.listing):
            yield Doubt(offer, TOO_DEAR, DEAR_FOR_SMALL, "any list so far")


def too_far_apart(plain: Sequence[Offer]) -> Iterator[Doubt]:
    """Of an input and an output of one listing that are too far apart, the one that no other listing of the name has the like of,
    where one has the like of the other; else the one further from a dollar: units slip by thousands.
    """
    bought, answered = _by_series(plain, INPUT, ()), _by_series(plain, OUTPUT, ())
    pairs = [(given, bought[series]) for series, given in answered.items() if series in bought]
    far = [
        pair for pair in pairs if not OUTPUT_AT_LEAST * pair[1].value < pair[0].value < OUTPUT_AT_MOST * pair[1].value
    ]
    sound = [pair for pair in pairs if pair not in far] if far else []
    for given, asked in far:
        others = [pair for pair in sound if family(pair[0]) == family(given)]
        of_output, of_input = (any(_alike(one, pair[at]) for pair in others) for at, one in enumerate((given, asked)))
        slipped, other = sorted((given, asked), key=lambda offer: -abs(log10(offer.value)))
        if of_output != of_input:
            slipped, other = (asked, given) if of_output else (given, asked)
        yield Doubt(slipped, OF_PLAIN, other.value, "its own other price")


class Outputs(NamedTuple):
    """How many listings ask less for an output than for an input, how many more, and the doubts of that."""

    low: int
    above: int
    doubts: tuple[Doubt, ...]


def outputs_below_inputs(offers: Iterable[Offer], doubted: Collection[Offer]) -> Outputs:
    """Outputs at half of the input or less, with that input unless other listings of the name say which of the two it is. Where
    the plain output of the listing is above its input, any output of a tier below it, or the input: the one further from its own.

    What answers in a word costs less to answer, and so does what another seller of the same name sells so. Where one of the
    two is `doubted` already, it is the slip. `offers` are those of a family.
    """
    of_input, of_output = _by_series(offers, INPUT, doubted), _by_series(offers, OUTPUT, doubted)
    low = [
        (given, asked)
        for series, given in of_output.items()
        if (asked := of_input.get(series)) and given.value < asked.value
    ]
    above = sum(given.value > of_input[series].value for series, given in of_output.items() if series in of_input)
    return Outputs(len(low), above, tuple(_too_low(low, of_input, of_output)))


def refuse_exchanged(found: Iterable[Outputs], source: str) -> None:
    """Raises SourceChanged where most listings ask less for an output than for an input: their columns are exchanged."""
    low, above = (sum(counts) for counts in zip(*(one[:2] for one in found), strict=True))
    if low >= FEWEST_EXCHANGED and low > above:
        raise SourceChanged(
            f"{low:,} of {low + above:,} listings ask less for an output than for an input: the two are exchanged",
            source=source,
            remedy="compare the columns of input and output with what the reader takes them for",
        )


def _too_low(low: Sequence[tuple[Offer, Offer]], of_input: _BySeries, of_output: _BySeries) -> Iterator[Doubt]:
    for given, asked in low:
        series = (given.provider, given.listing, STANDARD, given.currency)
        own = of_output.get(series), of_input.get(series)
        if own[0] and own[1] and own[0].value >= own[1].value:
            steps = apart(given.value, own[0].value), apart(asked.value, own[1].value)
            slipped, other = (given, asked) if steps[0] > steps[1] else (asked, given)
            yield Doubt(slipped, OUTPUT_BELOW_INPUT, other.value, "its own other price")
        elif given.value <= OUTPUT_OF_CHAT_AT_LEAST * asked.value * ROUNDED_UP:
            name = family(given)
            also = any(one.provider != given.provider and family(one) == name for one, _ in low)
            if not also and not ANSWERS_IN_A_WORD.search(name):
                others = [
                    (one, of_input[series])
                    for series, one in of_output.items()
                    if one.price_tier == STANDARD and series in of_input and family(one) == name and one.value >= of_input[series].value
                ]  # fmt: skip
                yield from _slipped_of(given, asked, others)


def _by_series(offers: Iterable[Offer], kind: str, doubted: Collection[Offer]) -> _BySeries:
    return {
        _series(offer): offer
        for offer in offers
        if offer.token_kind == kind and offer.valid_from is None and offer not in doubted and may_speak(offer)
    }


def _slipped_of(given: Offer, asked: Offer, others: Sequence[tuple[Offer, Offer]]) -> Iterator[Doubt]:
    """Of an output below its input the one that no other listing of the name has the like of; both where they are exchanged, or
    nobody has the like of either.
    """
    exchanged = any(_alike(given, one[1]) and _alike(asked, one[0]) for one in others)
    of_output = any(_alike(given, one) for one, _ in others) and not exchanged
    of_input = any(_alike(asked, one) for _, one in others) and not exchanged
    if not of_output or of_input:
        yield Doubt(given, OUTPUT_BELOW_INPUT, asked.value, "its own input")
    if not of_input or of_output:
        yield Doubt(asked, OUTPUT_BELOW_INPUT, given.value, "its own output")


def _alike(one: Offer, other: Offer) -> bool:
    return within(FACTOR**0.5, one.value, other.value)


@lru_cache(maxsize=4096)
def _is_small(listing: str) -> bool:
    sizes = _BILLIONS.findall(listing.lower().rpartition("/")[2])
    return len(sizes) == 1 and float(sizes[0]) <= SMALL_BILLIONS


def _of_dear(
    found: Sequence[Offer],
    inputs: dict[tuple[str, ...], list[float]],
    figures: Iterable[Figure],
    *,
    own_word: bool,
) -> Iterator[Doubt]:
    believed = DEAR_SELLERS if own_word else UNCONFIRMED_SELLERS
    dear = [offer for offer in found if offer.value > DEAR and offer.provider not in believed]
    twins: dict[tuple[str, str, str], list[Offer]] | None = None
    for offer in dear:
        if offer.provider in DEAR_SELLERS:
            if not (_is_of_no_dear_line(offer) and may_speak(offer)):
                continue
            twins = _by_name(found) if twins is None else twins
            elsewhere = _has_twin(offer, twins)
        else:
            name = bare(offer.alias_of or offer.listing)
            elsewhere = any(
                (kind, tier) == (offer.token_kind, offer.price_tier)
                and name.endswith(model)
                and within(FACTOR, offer.value, value)
                for kind, tier, model, value in figures
            )
        for asked in inputs.get(_series(offer)) or (None,):
            beside = asked is not None and asked <= DEAR and offer.value < FACTOR * asked
            if not beside and not elsewhere:
                yield Doubt(offer, UNSUPPORTED, asked or offer.value, "its own input")


def _is_of_no_dear_line(offer: Offer) -> bool:
    """What OpenAI sold above 99 USD under one name alone was called pro, or was audio, or text at the fastest with much context."""
    plain = offer.token_kind in PLAIN and offer.price_tier == STANDARD
    return plain and DEAR_LINE not in bare(offer.alias_of or offer.listing).split("-")


def _by_name(offers: Iterable[Offer]) -> dict[tuple[str, str, str], list[Offer]]:
    """The dear prices by kind, tier and name without the day of a version. What an alias costs confirms nothing."""
    found: dict[tuple[str, str, str], list[Offer]] = {}
    for offer in offers:
        if offer.value > DEAR / FACTOR and offer.alias_of is None:
            found.setdefault((offer.token_kind, offer.price_tier, undated(bare(offer.listing))), []).append(offer)
    return found


def _has_twin(offer: Offer, twins: dict[tuple[str, str, str], list[Offer]]) -> bool:
    """Another listing of the same name, or of a dated one of it, whoever sells it, has a price of its magnitude."""
    name, own = offer.alias_of or offer.listing, {offer.listing, offer.alias_of}
    return any(
        within(FACTOR, one.value, offer.value) and not (one.provider == offer.provider and one.listing in own)
        for one in twins.get((offer.token_kind, offer.price_tier, undated(bare(name))), ())
    )


def figures_of_sellers(offers: Iterable[Offer]) -> tuple[Figure, ...]:
    """The dear prices of those who sell dear models of their own making, and what is of their magnitude."""
    return tuple(
        (offer.token_kind, offer.price_tier, bare(offer.listing), offer.value)
        for offer in offers
        if offer.value > DEAR / FACTOR and offer.provider in DEAR_SELLERS and offer.valid_from is None
    )
