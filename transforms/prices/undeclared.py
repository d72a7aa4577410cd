"""Names that no model is entered for, beside the price of the developer that sells them.

Of an entered model its developer's price is known to be within nine times of whoever resells it (doubts.py). Of any other name the
list alone speaks, and hosts of open weights do differ by ten, and more for one of the two prices. So a host is doubted a
hundred times off, or where both of its prices are off by the same power of ten; the developer where two hosts or more agree
against one of its prices a hundred times off, or against both of them ten times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import log10
from statistics import median

from transforms.prices.offers import FACTOR, PLAIN, Doubt, Offer, apart, bare, slip_of_two

ALIKE = FACTOR**0.5
FEWEST_HOSTS, FAR_FACTOR = 2, 100.0
OF_HOST = "far off the developer's own price in the same list"
OF_DEVELOPER = "far off what other sellers agree on in the same list"
_SAME = 0.005  # of a power of ten: 10 within a hundredth
_NEAR = 9.0  # below what is a power of ten apart, or further

_Asked = dict[str, dict[str, float]]  # token kind -> seller -> price


def of_undeclared(nameless: Sequence[Offer], developers: Collection[str]) -> Iterator[Doubt]:
    """The doubts among plain prices of names that no model is entered for and one declared developer sells."""
    names: dict[tuple[str, str], list[Offer]] = {}
    for offer in nameless:
        names.setdefault((bare(offer.listing), offer.currency), []).append(offer)
    for offers in names.values():
        sellers = {offer.provider for offer in offers}
        makers = sellers & {*developers}
        if len(makers) == 1 and len(sellers) > 1:
            yield from _beside_maker(offers, *makers)


def _beside_maker(offers: Sequence[Offer], maker: str) -> Iterator[Doubt]:
    asked: _Asked = {kind: _by_seller(offers, kind) for kind in PLAIN}
    if all(max(prices.values()) < min(prices.values()) * _NEAR for prices in asked.values() if prices):
        return
    outvoted = _outvoted(asked, maker)
    for offer in offers:
        sellers = asked[offer.token_kind]
        hosts = [price for seller, price in sellers.items() if seller != maker]
        if maker not in sellers or not hosts:
            continue
        own = sellers[maker]
        maker_slipped = offer.token_kind in outvoted or (len(hosts) == 1 and slip_of_two(own, hosts[0]))
        if offer.provider == maker and maker_slipped:
            yield Doubt(offer, OF_DEVELOPER, median(hosts), "other sellers")
        far = apart(offer.value, own) >= FAR_FACTOR or _by_a_power(asked, offer.provider, maker)
        if offer.provider != maker and not maker_slipped and far:
            yield Doubt(offer, OF_HOST, own, maker)


def _by_seller(offers: Sequence[Offer], kind: str) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for offer in offers:
        if offer.token_kind == kind:
            found.setdefault(offer.provider, []).append(offer.value)
    return {seller: median(prices) for seller, prices in found.items()}


def _outvoted(asked: _Asked, maker: str) -> set[str]:
    """The kinds in which the other sellers agree on another price than the maker's."""
    against: dict[str, float] = {}
    for kind, sellers in asked.items():
        hosts = [price for seller, price in sellers.items() if seller != maker]
        if maker in sellers and len(hosts) >= FEWEST_HOSTS and max(hosts) < min(hosts) * ALIKE:
            against[kind] = min(apart(sellers[maker], price) for price in hosts)
    far = {kind for kind, times in against.items() if times >= FAR_FACTOR}
    return {*PLAIN} if len(against) == len(PLAIN) and min(against.values()) >= FACTOR else far


def _by_a_power(asked: _Asked, seller: str, maker: str) -> bool:
    """Both prices of a seller are the maker's times the same power of ten."""
    if not all(seller in prices and maker in prices for prices in asked.values()):
        return False
    powers = [log10(prices[seller] / prices[maker]) for prices in asked.values()]
    return abs(round(powers[0])) >= 1 and all(abs(power - round(powers[0])) < _SAME for power in powers)
