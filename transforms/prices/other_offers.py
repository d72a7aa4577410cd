"""Prices that the other offers of one capture speak against: other sellers of the same name, the same model's longer sibling.

A seller whose every price is 6.5 to 7.5 times the developer's, or whose counterpart in China asks several times what it
asks abroad, states yuan under a dollar label; so does one who asks so many times what two others ask alike, by one factor in
both prices. A price that is a hundred times off what two other sellers of the same name agree on, or ten times off what four
agree on, is a slip (hosts of open weights do differ by ten), and so is an input ten times below that of the sibling with more
context where both outputs are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from statistics import median

from transforms.prices.offers import FACTOR, INPUT, OUTPUT, PLAIN, Doubt, Offer, bare, times

ALIKE = FACTOR**0.5
YUAN = (6.5, 7.5)
IN_CHINA, DEARER_IN_CHINA = "-cn", 2.5
ONE_FACTOR = 0.01
FEWEST_OTHERS, FAR_FACTOR = 2, 100.0
FEWEST_FOR_TEN = 4
YUAN_LABEL = "yuan under a dollar label: so many times the developer's own price"
YUAN_BESIDE_OTHERS = "yuan under a dollar label: so many times what others ask"
OF_OTHERS = "far off what the other sellers of the same name agree on"
OF_SIBLING = "ten times off its sibling with more context, with the other price alike"
_ROUNDING = 1e-9

_Priced = tuple[str, str, str]  # name, token kind, currency


def against_others(plain: Sequence[Offer], developers: Collection[str]) -> Iterator[Doubt]:
    """The plain input and output prices of a capture that its other offers of the same name speak against.

    Prices that are dated, or of another listing's name, are left alone.
    """
    current = [offer for offer in plain if offer.valid_from is None and offer.alias_of is None]
    own = [offer for offer in current if offer.provider in developers]
    by_price, asked = _by_price(current), _by_price(own)
    yield from _yuan(by_price, asked)
    yield from _yuan_beside_others(by_price)
    yield from _others(by_price, {(name, currency) for name, _, currency in asked})


def _by_price(offers: Iterable[Offer]) -> dict[_Priced, list[Offer]]:
    found: dict[_Priced, list[Offer]] = {}
    for offer in offers:
        found.setdefault((bare(offer.listing), offer.token_kind, offer.currency), []).append(offer)
    return found


def _yuan(by_price: dict[_Priced, list[Offer]], own: dict[_Priced, list[Offer]]) -> Iterator[Doubt]:
    """Offers all of whose prices are of one factor that is a rate of the yuan, or dear in China alone."""
    beside: dict[tuple[str, str], list[tuple[Offer, Offer]]] = {}
    for priced, asked in own.items():
        if priced[2] != "USD" or any(offer.value != asked[0].value for offer in asked):
            continue
        for offer in by_price[priced]:
            if offer.provider != asked[0].provider:
                beside.setdefault((offer.provider, offer.listing), []).append((offer, asked[0]))
    for found in beside.values():
        if len(found) > 1 and all(_like_yuan(offer, developer) for offer, developer in found):
            yield from (Doubt(offer, YUAN_LABEL, developer.value, developer.provider) for offer, developer in found)


def _yuan_beside_others(by_price: dict[_Priced, list[Offer]]) -> Iterator[Doubt]:
    """The same without a developer's price beside it: dear in China alone, or of one factor beside what two sellers ask alike."""
    for (name, kind, currency), offers in by_price.items():
        if kind != INPUT or currency != "USD" or len(offers) < FEWEST_OTHERS:
            continue
        values = [offer.value for offer in offers]
        if times(max(values), min(values)) < DEARER_IN_CHINA:
            continue
        pairs = {
            (bought.provider, bought.listing): (bought, given)
            for bought in offers
            for given in by_price.get((name, OUTPUT, currency), ())
            if (bought.provider, bought.listing) == (given.provider, given.listing)
        }
        for (provider, _), pair in pairs.items():
            others = {seller: (own[0].value, own[1].value) for (seller, _), own in pairs.items() if seller != provider}
            abroad = others.get(provider.removesuffix(IN_CHINA))
            agreed, sellers = max(
                Counter(others.values()).items(), key=lambda found: found[::-1], default=((0.0, 0.0), 0)
            )
            if abroad and all(
                times(offer.value, asked) >= DEARER_IN_CHINA for offer, asked in zip(pair, abroad, strict=True)
            ):
                yield from _of_yuan(pair, abroad, provider.removesuffix(IN_CHINA))
            elif sellers >= FEWEST_OTHERS and _one_factor(pair, agreed):
                yield from _of_yuan(pair, agreed, "other sellers")


def _one_factor(pair: tuple[Offer, Offer], asked: tuple[float, float]) -> bool:
    bought, given = (times(offer.value, price) for offer, price in zip(pair, asked, strict=True))
    return all(YUAN[0] <= factor <= YUAN[1] for factor in (bought, given)) and abs(bought / given - 1) < ONE_FACTOR


def _of_yuan(pair: tuple[Offer, Offer], asked: tuple[float, float], seller: str) -> Iterator[Doubt]:
    return (Doubt(offer, YUAN_BESIDE_OTHERS, price, seller) for offer, price in zip(pair, asked, strict=True))


def _like_yuan(offer: Offer, developer: Offer) -> bool:
    factor = times(offer.value, developer.value)
    if offer.provider == developer.provider + IN_CHINA:
        return factor >= DEARER_IN_CHINA
    return YUAN[0] <= factor <= YUAN[1]


def _others(by_price: dict[_Priced, list[Offer]], sold: Collection[tuple[str, str]]) -> Iterator[Doubt]:
    """Prices of names that no developer sells itself (`sold`, with the currency), far from what the other sellers agree on."""
    for (name, _, currency), hosted in by_price.items():
        if len(hosted) <= FEWEST_OTHERS or (name, currency) in sold:
            continue
        values = [offer.value for offer in hosted]
        if times(max(values), min(values)) < FACTOR * (1 - _ROUNDING):
            continue
        asked: dict[str, list[float]] = {}
        for offer in hosted:
            asked.setdefault(offer.provider, []).append(offer.value)
        sellers = {provider: median(prices) for provider, prices in asked.items()}
        for offer in hosted:
            others = [price for provider, price in sellers.items() if provider != offer.provider]
            if len(others) < FEWEST_OTHERS or max(others) >= min(others) * ALIKE:
                continue
            agreed = median(others)
            least = FACTOR if len(others) >= FEWEST_FOR_TEN else FAR_FACTOR
            if max(times(offer.value, agreed), times(agreed, offer.value)) >= least * (1 - _ROUNDING):
                yield Doubt(offer, OF_OTHERS, agreed, "other sellers")


def siblings(plain: Sequence[Offer], developers: Collection[str]) -> Iterator[Doubt]:
    """One of the two prices of a developer's listing is far below the sibling's, the other is alike."""
    sellers = {
        offer.provider for offer in plain if offer.provider in developers and _before_context(offer.listing) is not None
    }
    listings: dict[tuple[str, str], list[Offer]] = {}
    for offer in plain if sellers else ():
        if offer.provider in sellers and offer.valid_from is None and offer.alias_of is None:
            listings.setdefault((offer.provider, offer.listing), []).append(offer)
    both = {
        listing: {offer.token_kind: offer for offer in found}
        for listing, found in listings.items()
        if sorted(offer.token_kind for offer in found) == [*PLAIN]
    }
    for (provider, listing), longer in both.items():
        for shorter in _without_context(provider, listing, both):
            asked = both[shorter]
            for kind, other in (PLAIN, PLAIN[::-1]):
                far = longer[kind].value >= FACTOR * asked[kind].value * (1 - _ROUNDING)
                if far and 1 / ALIKE < times(longer[other].value, asked[other].value) < ALIKE:
                    yield Doubt(asked[kind], OF_SIBLING, longer[kind].value, f"its sibling {listing}")


def _without_context(provider: str, listing: str, listings: Collection[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same name without its size of context (gpt-4-32k: gpt-4), or that name with a day's four digits."""
    base = _before_context(listing)
    if base is None:
        return
    for seller, name in listings:
        if seller == provider and (name == base or (name.startswith(f"{base}-") and name[len(base) + 1 :].isdigit())):
            yield seller, name


@lru_cache(maxsize=16384)
def _before_context(listing: str) -> str | None:
    parts = listing.split("-")
    sized = next((at for at, part in enumerate(parts) if part[:-1].isdigit() and part.endswith("k")), None)
    return None if sized is None else "-".join(parts[:sized])
